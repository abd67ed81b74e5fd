//! The phone: carries out what the engines ask for, and checks what they claim.

use cos_core::effect::{Effect, Source};
use cos_core::engine::Engine;
use cos_core::value::Value;

use super::network::INTERRUPTED;
use super::{Client, Event, Fault, State, World};
use crate::content::Content;
use crate::device::WINDOW;
use crate::ledger::Ledger;
use crate::line::Names;
use crate::signature::verify;

/// Milliseconds that a script goes on in the background.
const GRACE: f64 = 5000.0;

impl Client {
    pub(super) fn new(options: Value, limits: [usize; 2], seed: u32, now: f64) -> Client {
        Client {
            engine: Engine::new(&options, seed, now),
            options,
            limits,
            ledger: Ledger::default(),
            buffers: Default::default(),
            parts: Default::default(),
            kept: Default::default(),
            questions: 0,
            appending: Default::default(),
            uncertain: Default::default(),
            keeping: false,
            restoring: 0,
            names: Names::default(),
        }
    }
}

impl World {
    /// A file or record has been looked at.
    pub(super) fn device_answers(&mut self, at: usize, effect: &Effect) {
        let clock = self.clock();
        match effect {
            Effect::Stat { id, path } => {
                let answer = if self.strikes(Fault::StatFails) {
                    Err("stat:fail".to_owned())
                } else {
                    self.disk.stat(path)
                };
                self.clients[at].ledger.answered(*id);
                self.engine(at).handle_stat(*id, answer, clock);
            }
            Effect::Load { id, key } => {
                let lost = self.strikes(Fault::RecordLost);
                let record =
                    self.disk.records.get(key).filter(|_| !lost).cloned().unwrap_or_default();
                self.clients[at].ledger.answered(*id);
                self.engine(at).handle_record(*id, record, clock);
            }
            Effect::Read { id, call, source, offset, length, .. } => {
                let content = match source {
                    Source::File(path) => self.disk.content(path).cloned(),
                    Source::Answer(send) => self.clients[at].kept.remove(send),
                    Source::Caller => {
                        let is_of = |number: &usize| {
                            self.wanted[*number].client == at && self.wanted[*number].call == *call
                        };
                        let number = (0..self.wanted.len()).find(is_of);
                        let body = number.and_then(|number| self.wanted[number].versions.first());
                        body.map(Content::whole)
                    }
                };
                let wanted = if *length < 0.0 { usize::MAX } else { *length as usize };
                let found = content.map(|content| content.part(*offset as usize, wanted));
                let found = found.filter(|_| !self.strikes(Fault::ReadFails));
                // Bytes go through the engine now and then; sums are what takes no time.
                let in_windows = self.dice.below(500) == 0;
                self.clients[at]
                    .ledger
                    .read(*id, found.as_ref().map(|bytes| bytes.length() as u64));
                let Some(bytes) = found else {
                    return self.engine(at).handle_read(*id, Err("readFile:fail".into()), clock);
                };
                if in_windows {
                    for window in bytes.bytes().chunks(WINDOW) {
                        self.clients[at].engine.handle_window(*id, window);
                    }
                    self.clients[at].buffers.insert(*id, bytes);
                    self.engine(at).handle_read(*id, Ok(()), clock);
                } else {
                    let sums = bytes.sums();
                    self.clients[at].buffers.insert(*id, bytes);
                    self.engine(at).handle_sums(*id, sums, clock);
                }
            }
            Effect::Write { id, read, path, offset, size } => {
                let bytes = self.clients[at].buffers.get(read).cloned().unwrap_or_default();
                let answer = if self.strikes(Fault::WriteFails) {
                    // Half of it is there.
                    let half = bytes.part(0, bytes.length() / 2);
                    let _ = self.disk.write(path, &half, *offset, *size);
                    Err("write:fail no space".to_owned())
                } else {
                    self.disk.write(path, &bytes, *offset, *size)
                };
                self.clients[at].ledger.answered(*id);
                self.engine(at).handle_write(*id, answer, clock);
            }
            Effect::Rename { id, path, to } => {
                let answer = if self.strikes(Fault::WriteFails) {
                    Err("rename:fail".to_owned())
                } else {
                    self.disk.rename(path, to)
                };
                self.clients[at].ledger.answered(*id);
                self.engine(at).handle_write(*id, answer, clock);
            }
            other => unreachable!("{other:?} is not for the device"),
        }
    }

    /// Carries out what the engines ask for.
    pub(super) fn drain(&mut self) -> Result<(), String> {
        let (mut quiet, mut started) = (false, false);
        while !quiet {
            quiet = true;
            for at in 0..self.clients.len() {
                while let Some(effect) = self.clients[at].engine.poll_effect() {
                    quiet = false;
                    started |= matches!(effect, Effect::TaskStart { .. });
                    self.tally.steps += 1;
                    for effect in self.tampered(at, effect) {
                        self.follow(at, effect)?;
                    }
                    if self.tally.steps > super::MOST_STEPS {
                        return Ok(());
                    }
                }
            }
            quiet = quiet && !self.give_room();
        }
        self.check_memory()?;
        if started { self.check_limits() } else { Ok(()) }
    }

    /// Lets a client go on that waits for the others; whether one does.
    fn give_room(&mut self) -> bool {
        let clock = self.clock();
        (0..self.clients.len()).any(|at| {
            let before = self.clients[at].engine.usage();
            before.waits && {
                self.engine(at).handle_room(clock);
                self.clients[at].engine.usage() != before
            }
        })
    }

    fn follow(&mut self, at: usize, effect: Effect) -> Result<(), String> {
        if self.told {
            let client = &mut self.clients[at];
            let line = match &effect {
                Effect::Send { id, request, .. } => {
                    let signed = verify(request, client.ledger.body_length(0, &request.body));
                    client.names.request(*id, request, signed.ok().as_ref())
                }
                effect => client.names.line(effect),
            };
            self.trace.push(format!("        {at} {line}"));
        }
        self.clients[at].ledger.note(&effect)?;
        self.carry_out(at, effect)
    }

    fn carry_out(&mut self, at: usize, effect: Effect) -> Result<(), String> {
        let callback = match &effect {
            Effect::TaskReady { call, .. }
            | Effect::TaskStart { call, .. }
            | Effect::Progress { call, .. }
            | Effect::HashProgress { call, .. }
            | Effect::FileFinish { call, .. }
            | Effect::Settle { call, .. } => Some(*call),
            _ => None,
        };
        match effect {
            // As the storage of phones does, which answers before it returns.
            Effect::Load { .. } if self.dice.percent(50) => self.device_answers(at, &effect),
            Effect::Stat { .. }
            | Effect::Load { .. }
            | Effect::Read { .. }
            | Effect::Write { .. }
            | Effect::Rename { .. } => {
                let delay = self.dice.time(20);
                self.schedule(delay, at, Event::Device(effect));
            }
            Effect::Release { id } => {
                self.clients[at].buffers.remove(&id);
                self.clients[at].kept.remove(&id);
            }
            Effect::Unlink { path } => self.disk.unlink(&path),
            Effect::Timer { id, delay } => self.schedule(delay, at, Event::Timer(id)),
            Effect::Authorize { id, .. } => {
                self.clients[at].questions += 1;
                if self.dice.percent(20) {
                    self.grant(at, id);
                } else if !self.strikes(Fault::CallbackSilent) {
                    let delay = self.dice.time(500);
                    self.schedule(delay, at, Event::Grant(id));
                }
            }
            Effect::Save { .. } if self.strikes(Fault::RecordNotSaved) => {}
            Effect::Save { key, record } => drop(self.disk.records.insert(key, record)),
            Effect::Remove { key } => drop(self.disk.records.remove(&key)),
            Effect::TasksChanged if !self.clients[at].keeping => {
                self.clients[at].keeping = true;
                let delay = self.dice.time(200);
                self.schedule(delay, at, Event::Keep);
            }
            Effect::TaskReady { call, task } => {
                let mut wanted = self.wanted.iter_mut();
                if let Some(wanted) =
                    wanted.find(|wanted| wanted.client == at && wanted.call == call)
                {
                    wanted.task = task;
                }
            }
            Effect::Abort { id } => drop(self.clients[at].parts.remove(&id)),
            Effect::Send { id, call, request, .. } => self.send(at, id, call, request)?,
            Effect::Settle { call, outcome, body } => self.settled(at, call, outcome, body)?,
            _ => {}
        }
        if let Some(call) = callback
            && self.strikes(Fault::Reentered)
        {
            self.interfere(at, call);
        }
        Ok(())
    }

    // The app in the background.

    pub(super) fn hide(&mut self) {
        if !self.hidden {
            self.tally.count(Fault::Hidden);
            self.hidden = true;
            self.tell_all(Engine::handle_hide);
            self.schedule(GRACE, 0, Event::Sleep);
        }
    }

    /// The script is stopped, and with it whatever was under way.
    pub(super) fn sleep(&mut self) {
        if !self.hidden || self.asleep.is_some() {
            return;
        }
        let mut interrupted = Vec::new();
        for (at, client) in self.clients.iter().enumerate() {
            let fail = |id| (at, Event::Fail { id, why: INTERRUPTED });
            interrupted.extend(client.ledger.sending().into_iter().map(fail));
        }
        self.asleep = Some(interrupted);
    }

    /// The app is looked at again.
    pub(super) fn show(&mut self) -> Result<(), String> {
        self.hidden = false;
        let was_asleep = self.asleep.is_some();
        if self.dice.percent(50) {
            self.tell_all(Engine::handle_show);
            self.drain()?;
        }
        for (at, event) in self.asleep.take().unwrap_or_default() {
            if self.told {
                let line = self.spell(at, &event);
                self.trace.push(format!("{:>7} {line}", self.now));
            }
            self.happen(self.life, at, event)?;
            self.drain()?;
        }
        // Once more does no harm, and what happened while it was stopped is told now.
        self.tell_all(Engine::handle_show);
        if was_asleep {
            let network = self.network;
            self.tell_all(|engine, now| engine.handle_network(network, now));
        }
        Ok(())
    }

    fn tell_all(&mut self, tell: impl Fn(&mut Engine, f64)) {
        let clock = self.clock();
        for at in 0..self.clients.len() {
            if self.tells {
                tell(self.engine(at), clock);
            }
        }
    }

    /// The app is closed and opened again; the user asks for what is missing.
    pub(super) fn kill(&mut self) {
        self.tally.count(Fault::Killed);
        self.life += 1;
        self.hidden = false;
        self.asleep = None;
        if self.strikes(Fault::FileChanged) {
            self.disk.rot();
        }
        for at in 0..self.clients.len() {
            let seed = self.dice.next() as u32;
            let clock = self.clock();
            let former = &self.clients[at];
            let client = Client::new(former.options.clone(), former.limits, seed, clock);
            self.clients[at] = client;
        }
        for number in 0..self.wanted.len() {
            let wanted = &mut self.wanted[number];
            if wanted.state == State::Canceling || matches!(wanted.goal, super::Goal::Batch(_)) {
                wanted.state = State::Over;
            }
            wanted.call = 0;
            wanted.batch = 0;
            wanted.former.clear();
            wanted.task.clear();
            let at = self.dice.time(2000);
            self.schedule(at, 0, Event::Submit(number));
        }
        for at in 0..self.clients.len() {
            if self.dice.percent(50) {
                let delay = self.dice.time(1000);
                self.schedule(delay, at, Event::Restore);
            }
        }
    }

    pub(super) fn keep(&mut self, at: usize) {
        let clock = self.clock();
        let client = &mut self.clients[at];
        client.keeping = client.engine.keep(2, clock);
        if client.keeping {
            self.schedule(20.0, at, Event::Keep);
        }
    }
}
