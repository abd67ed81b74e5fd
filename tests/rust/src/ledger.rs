//! The rules that hold for every sequence of effects, whatever the input.

use std::collections::{BTreeMap, BTreeSet};

use cos_core::effect::{Body, Effect, HttpRequest, Source};

use crate::secret;
use crate::signature::header;

/// What the host still owes an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// Size and time of a file.
    Stat,
    /// Bytes.
    Read,
    /// A change of a file.
    Write,
    /// A stored record.
    Load,
    /// A credential.
    Authorize,
    /// That time has passed.
    Timer,
    /// An answer of COS.
    Send {
        /// The call it is for.
        call: u32,
    },
}

#[derive(Debug, Default)]
struct Call {
    task: String,
    body: u64,
    settled: bool,
    forgotten: bool,
    /// Paused: nothing is begun until it goes on.
    halted: bool,
}

#[derive(Debug)]
struct Buffer {
    call: u32,
    length: Option<u64>,
}

/// Follows the effects of one engine.
#[derive(Debug, Default)]
pub struct Ledger {
    calls: BTreeMap<u32, Call>,
    pending: BTreeMap<u32, Pending>,
    buffers: BTreeMap<u32, Buffer>,
    /// Sends whose answers' bodies the host keeps, with their calls.
    bodies: BTreeMap<u32, u32>,
    /// Bytes of files and objects that are in memory, or are going to be, by read or send.
    memory: BTreeMap<u32, u64>,
    tasks: BTreeSet<String>,
}

type Verdict = Result<(), String>;

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// How many bytes of an object a request asks for, when it says so.
fn wanted_of_a_range(request: &HttpRequest) -> Option<u64> {
    let (first, last) = header(request, "Range")?.strip_prefix("bytes=")?.split_once('-')?;
    Some(last.parse::<u64>().ok()? + 1 - first.parse::<u64>().ok()?)
}

impl Ledger {
    /// A call was accepted; its `Body` has this many bytes.
    pub fn submitted(&mut self, call: u32, body: u64) {
        self.calls.insert(call, Call { body, ..Call::default() });
    }

    /// A task goes on, under this call.
    pub fn restarted(&mut self, task: &str, call: u32) {
        let body = self.calls.values().find(|call| call.task == task).map_or(0, |call| call.body);
        self.calls.entry(call).or_insert(Call { task: task.to_owned(), body, ..Call::default() });
        self.halt(call, false);
    }

    /// A call is paused, or goes on.
    pub fn halt(&mut self, call: u32, halted: bool) {
        if let Some(call) = self.calls.get_mut(&call) {
            call.halted = halted;
        }
    }

    /// The host answers.
    pub fn answered(&mut self, id: u32) {
        self.pending.remove(&id);
    }

    /// A read was answered with this many bytes, or failed.
    pub fn read(&mut self, id: u32, length: Option<u64>) {
        self.answered(id);
        match (self.buffers.get_mut(&id), length) {
            (Some(buffer), Some(_)) => buffer.length = length,
            (Some(_), None) => {
                self.buffers.remove(&id);
                self.memory.remove(&id);
            }
            (None, _) => {}
        }
    }

    /// An answer has come; what the host keeps of it is read at once.
    pub fn received(&mut self, id: u32) {
        self.answered(id);
        self.memory.remove(&id);
    }

    /// Bytes of files and objects that are in memory, one buffer each.
    pub fn memory(&self) -> impl Iterator<Item = u64> {
        self.memory.values().copied()
    }

    /// Requests under way.
    pub fn sending(&self) -> Vec<u32> {
        let is_sent = |pending: &Pending| matches!(pending, Pending::Send { .. });
        self.pending.iter().filter(|(_, pending)| is_sent(pending)).map(|(id, _)| *id).collect()
    }

    /// What the host owes an answer to.
    pub fn pending(&self) -> &BTreeMap<u32, Pending> {
        &self.pending
    }

    /// Whether every call has settled.
    pub fn all_settled(&self) -> bool {
        self.calls.values().all(|call| call.settled)
    }

    /// Bytes in the body of a request.
    pub fn body_length(&self, call: u32, body: &Body) -> u64 {
        match body {
            Body::None | Body::Form { .. } => 0,
            Body::Text(text) => text.len() as u64,
            Body::Caller => self.calls.get(&call).map_or(0, |call| call.body),
            Body::Read(id) => self.buffers.get(id).and_then(|found| found.length).unwrap_or(0),
        }
    }

    /// Once every call has settled, nothing is left behind.
    ///
    /// # Errors
    /// What is left.
    pub fn close(&self) -> Verdict {
        let unsettled: Vec<_> =
            self.calls.iter().filter(|(_, call)| !call.settled).map(|(id, _)| id).collect();
        ensure(unsettled.is_empty(), || format!("calls {unsettled:?} have not settled"))?;
        let left: Vec<_> = self
            .pending
            .iter()
            .filter(|(_, pending)| matches!(pending, Pending::Send { .. } | Pending::Timer))
            .collect();
        ensure(left.is_empty(), || format!("{left:?} are left over"))?;
        let held: Vec<_> =
            self.buffers.iter().filter(|(_, buffer)| buffer.length.is_some()).collect();
        ensure(held.is_empty(), || format!("buffers {held:?} are never released"))
    }

    /// Takes in an effect.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn note(&mut self, effect: &Effect) -> Verdict {
        ensure(!secret::is_told(effect), || "a secret left the core".to_owned())?;
        match effect {
            Effect::Stat { id, .. } => self.asks(*id, Pending::Stat),
            Effect::Load { id, .. } => self.asks(*id, Pending::Load),
            Effect::Authorize { id, .. } => self.asks(*id, Pending::Authorize),
            Effect::Timer { id, delay } => {
                ensure(*delay >= 0.0 && delay.is_finite(), || format!("waits {delay} ms"))?;
                self.asks(*id, Pending::Timer)
            }
            Effect::Read { id, call, source, length, .. } => {
                self.begins(*call, "reads")?;
                if *length > 0.0 && *source != Source::Caller {
                    self.memory.insert(*id, *length as u64);
                }
                match source {
                    Source::File(_) => {}
                    Source::Caller => {
                        let known = self.calls.contains_key(call);
                        ensure(known, || format!("reads for no call {call}"))?;
                    }
                    Source::Answer(send) => {
                        let kept = self.bodies.remove(send).is_some();
                        ensure(kept, || format!("reads the body of {send}, which is not kept"))?;
                    }
                }
                self.buffers.insert(*id, Buffer { call: *call, length: None });
                self.asks(*id, Pending::Read)
            }
            Effect::Release { id } => {
                self.memory.remove(id);
                let known = self.buffers.remove(id).is_some() || self.bodies.remove(id).is_some();
                ensure(known, || format!("releases {id}, which is no buffer"))
            }
            Effect::Write { id, read, offset, .. } => {
                let held = self.buffers.get(read).is_some_and(|read| read.length.is_some());
                ensure(held, || format!("writes buffer {read}, which is not held"))?;
                ensure(*offset >= 0.0, || format!("writes at {offset}"))?;
                self.asks(*id, Pending::Write)
            }
            Effect::Rename { id, .. } => self.asks(*id, Pending::Write),
            Effect::Send { id, call, task, request } => {
                self.begins(*call, "sends")?;
                let of_call = self.calls.get(call).map_or("", |call| &call.task);
                ensure(task == of_call, || format!("call {call} sends for task {task}"))?;
                if let Body::Read(read) = &request.body {
                    let held = self.buffers.get(read).is_some_and(|read| read.length.is_some());
                    ensure(held, || format!("sends buffer {read}, which is not held"))?;
                }
                if let Some(bytes) = wanted_of_a_range(request) {
                    self.memory.insert(*id, bytes);
                }
                if request.keep_body {
                    self.bodies.insert(*id, *call);
                }
                self.asks(*id, Pending::Send { call: *call })
            }
            Effect::Abort { id } => {
                self.memory.remove(id);
                let found = self.pending.remove(id);
                let stoppable = matches!(found, Some(Pending::Send { .. } | Pending::Timer));
                ensure(stoppable, || format!("aborts {id}, which is {found:?}"))
            }
            Effect::TaskReady { call, task } => {
                self.works(*call, "becomes a task")?;
                ensure(self.tasks.insert(task.clone()), || format!("task {task} twice"))?;
                if let Some(call) = self.calls.get_mut(call) {
                    call.task.clone_from(task);
                }
                Ok(())
            }
            Effect::TaskStart { call, .. } => self.works(*call, "starts"),
            Effect::Progress { call, progress } | Effect::HashProgress { call, progress } => {
                let share = progress.percent;
                ensure((0.0..=1.0).contains(&share), || format!("call {call} is {share} done"))?;
                self.works(*call, "tells progress")
            }
            Effect::Settle { call, .. } => self.settles(*call),
            Effect::FileFinish { call, .. } => self.works(*call, "finishes a file"),
            Effect::Forget { call } => {
                let found = self.calls.get_mut(call).ok_or(format!("forgets no call {call}"))?;
                ensure(found.settled, || format!("forgets call {call} before it settles"))?;
                ensure(!found.forgotten, || format!("forgets call {call} twice"))?;
                found.forgotten = true;
                Ok(())
            }
            Effect::Save { .. }
            | Effect::Remove { .. }
            | Effect::Unlink { .. }
            | Effect::TasksChanged
            | Effect::Report { .. }
            | Effect::Warn { .. } => Ok(()),
        }
    }

    fn asks(&mut self, id: u32, pending: Pending) -> Verdict {
        ensure(!self.pending.contains_key(&id), || format!("asks twice under {id}"))?;
        self.pending.insert(id, pending);
        Ok(())
    }

    fn works(&self, call: u32, does: &str) -> Verdict {
        let running = self.calls.get(&call).is_some_and(|call| !call.settled);
        ensure(running, || format!("call {call} {does} without running"))
    }

    fn begins(&self, call: u32, does: &str) -> Verdict {
        self.works(call, does)?;
        let halted = self.calls.get(&call).is_some_and(|call| call.halted);
        ensure(!halted, || format!("call {call} {does} while it is paused"))
    }

    fn settles(&mut self, call: u32) -> Verdict {
        let found = self.calls.get_mut(&call).ok_or(format!("settles no call {call}"))?;
        ensure(!found.settled, || format!("call {call} settles twice"))?;
        found.settled = true;
        let sending = Pending::Send { call };
        let left = self.pending.iter().find(|(_, pending)| **pending == sending);
        ensure(left.is_none(), || format!("call {call} settles with {left:?} under way"))?;
        let held =
            self.buffers.iter().find(|(_, buffer)| buffer.call == call && buffer.length.is_some());
        ensure(held.is_none(), || format!("call {call} settles with {held:?} held"))?;
        // The host lets go of bodies with their calls.
        self.bodies.retain(|_, of| *of != call);
        Ok(())
    }
}
