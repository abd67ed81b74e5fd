//! What may go wrong, and how often everything has happened.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// Something that goes wrong, or that a user does at a bad moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A request does not reach COS.
    RequestLost,
    /// A request reaches COS twice.
    RequestTwice,
    /// COS does what it is asked to, and its answer does not arrive.
    AnswerLost,
    /// An answer arrives twice.
    AnswerTwice,
    /// Half of an answer arrives.
    AnswerCut,
    /// COS answers with 500, or with an error inside a 200.
    ServerError,
    /// COS answers with 429 or 503, sometimes with `Retry-After`.
    Throttled,
    /// Other bytes arrive at COS than were sent.
    BodyDamaged,
    /// The key may not do this for now.
    PermissionLost,
    /// A temporary key ends before its time.
    KeyRevoked,
    /// Somebody aborts an upload.
    UploadAborted,
    /// The phone cannot look at a file.
    StatFails,
    /// The phone cannot read a file.
    ReadFails,
    /// The phone cannot write a file, or only half of what was to be written.
    WriteFails,
    /// A stored record is not there when it is looked for.
    RecordLost,
    /// A record cannot be stored.
    RecordNotSaved,
    /// The application's callback gives an error.
    CallbackFails,
    /// It never answers.
    CallbackSilent,
    /// It answers twice.
    CallbackTwice,
    /// A file is written while it is uploaded or waits for that.
    FileChanged,
    /// The app goes to the background.
    Hidden,
    /// There is no network for a while, or another one.
    NetworkChanged,
    /// The app is killed and opened again.
    Killed,
    /// A task is paused.
    Paused,
    /// A task or a call is cancelled.
    Canceled,
    /// The user pauses, cancels or restarts while effects are carried out.
    Reentered,
}

impl Fault {
    /// All of them, in the order of their numbers.
    pub const ALL: [Fault; 26] = [
        Fault::RequestLost,
        Fault::RequestTwice,
        Fault::AnswerLost,
        Fault::AnswerTwice,
        Fault::AnswerCut,
        Fault::ServerError,
        Fault::Throttled,
        Fault::BodyDamaged,
        Fault::PermissionLost,
        Fault::KeyRevoked,
        Fault::UploadAborted,
        Fault::StatFails,
        Fault::ReadFails,
        Fault::WriteFails,
        Fault::RecordLost,
        Fault::RecordNotSaved,
        Fault::CallbackFails,
        Fault::CallbackSilent,
        Fault::CallbackTwice,
        Fault::FileChanged,
        Fault::Hidden,
        Fault::NetworkChanged,
        Fault::Killed,
        Fault::Paused,
        Fault::Canceled,
        Fault::Reentered,
    ];
}

/// What has happened in one world or in many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Worlds that have come to their end.
    pub worlds: u64,
    /// Events and effects.
    pub steps: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Calls by operation and how they ended.
    pub calls: BTreeMap<(&'static str, &'static str), u64>,
    faults: [u64; Fault::ALL.len()],
}

impl Tally {
    pub(super) fn count(&mut self, fault: Fault) {
        self.faults[fault as usize] += 1;
    }

    /// How often something went wrong.
    pub fn of(&self, fault: Fault) -> u64 {
        self.faults[fault as usize]
    }

    /// Adds what has happened elsewhere.
    pub fn add(&mut self, other: &Tally) {
        self.worlds += other.worlds;
        self.steps += other.steps;
        self.requests += other.requests;
        for (mine, theirs) in self.faults.iter_mut().zip(other.faults) {
            *mine += theirs;
        }
        for (call, count) in &other.calls {
            *self.calls.entry(*call).or_default() += count;
        }
    }
}

impl Display for Tally {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let calls: u64 = self.calls.values().sum();
        writeln!(
            out,
            "{} worlds, {} steps, {calls} calls, {} requests",
            self.worlds, self.steps, self.requests
        )?;
        writeln!(out, "\n{:<20}{:>12}{:>14}", "fault", "times", "per world")?;
        for fault in Fault::ALL {
            let (times, worlds) = (self.of(fault), self.worlds.max(1));
            let name = format!("{fault:?}");
            writeln!(out, "{name:<20}{times:>12}{:>14.3}", times as f64 / worlds as f64)?;
        }
        writeln!(out, "\n{:<20}{:<14}{:>10}", "operation", "outcome", "calls")?;
        for ((operation, outcome), count) in &self.calls {
            writeln!(out, "{operation:<20}{outcome:<14}{count:>10}")?;
        }
        Ok(())
    }
}
