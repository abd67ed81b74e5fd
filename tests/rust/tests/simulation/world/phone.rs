//! The phone: carries out what the engine asks for, and checks what it claims.

use cos_core::effect::{Effect, Source};
use cos_core::error::{Error, ErrorKind};
use cos_core::value::Value;
use cos_tests::device::WINDOW;
use cos_tests::signature::verify;

use super::{Event, State, World};

impl World {
    /// A file or record has been looked at.
    pub(super) fn device_answers(&mut self, effect: &Effect) {
        let clock = self.clock();
        match effect {
            Effect::Stat { id, path } => {
                self.ledger.answered(*id);
                let answer = if self.goes_wrong() {
                    Err("stat:fail".to_owned())
                } else {
                    self.device.stat(path)
                };
                self.engine.handle_stat(*id, answer, clock);
            }
            Effect::Load { id, key } => {
                self.ledger.answered(*id);
                let record = self.device.records.get(key).cloned().unwrap_or_default();
                let record = if self.goes_wrong() { Value::Null } else { record };
                self.engine.handle_record(*id, record, clock);
            }
            Effect::Read { id, source: Source::File(path), offset, length, .. } => {
                let read = self.device.read(path, *offset, *length);
                let read = if self.goes_wrong() { Err("readFile:fail".to_owned()) } else { read };
                self.ledger.read(*id, read.as_ref().ok().map(|bytes| bytes.len() as u64));
                let answer = read.map(|bytes| {
                    for window in bytes.chunks(WINDOW) {
                        self.engine.handle_window(*id, window);
                    }
                });
                self.engine.handle_read(*id, answer, clock);
            }
            other => unreachable!("{other:?} is not for the device"),
        }
    }

    /// Carries out what the engine asks for.
    pub(super) fn drain(&mut self) -> Result<(), String> {
        while let Some(effect) = self.engine.poll_effect() {
            if self.told {
                let line = match &effect {
                    Effect::Send { id, request, .. } => {
                        let signed = verify(request, self.ledger.body_length(0, &request.body));
                        self.names.request(*id, request, signed.ok().as_ref())
                    }
                    effect => self.names.line(effect),
                };
                self.trace.push(format!("          {line}"));
            }
            self.ledger.note(&effect)?;
            self.carry_out(effect)?;
        }
        let tasks = self.engine.task_list();
        let running = tasks
            .items()
            .iter()
            .filter(|task| matches!(task.get("state").as_str(), Some("checking" | "uploading")));
        let running = running.count();
        if running > self.files_parallel {
            return Err(format!("{running} files at a time, not {}", self.files_parallel));
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), String> {
        match effect {
            Effect::Stat { .. } | Effect::Load { .. } | Effect::Read { .. } => {
                let delay = self.dice.below(20) as f64;
                self.schedule(delay, Event::Device(effect));
            }
            Effect::Timer { id, delay } => self.schedule(delay, Event::Timer(id)),
            Effect::Authorize { id, .. } => {
                // A callback that never comes is ended by a timer.
                let delay = self.dice.below(500) as f64;
                let comes = !self.goes_wrong();
                if comes {
                    self.schedule(delay, Event::Grant(id));
                }
            }
            Effect::Save { key, record } => {
                let is_kept = !self.goes_wrong();
                if is_kept {
                    self.device.records.insert(key, record);
                }
            }
            Effect::Remove { key } => drop(self.device.records.remove(&key)),
            Effect::TaskReady { call, task } => {
                if let Some(wanted) = self.wanted.iter_mut().find(|wanted| wanted.call == call) {
                    wanted.task = task;
                }
            }
            Effect::Abort { id } => drop(self.sending.remove(&id)),
            Effect::Send { id, call, request, .. } => self.send(id, call, request)?,
            Effect::Settle { call, outcome, .. } => self.settled(call, outcome)?,
            _ => {}
        }
        Ok(())
    }

    fn settled(&mut self, call: u32, outcome: Result<Value, Error>) -> Result<(), String> {
        let Some(number) = self.wanted.iter().position(|wanted| wanted.call == call) else {
            return Err(format!("call {call} is nobody's"));
        };
        let key = self.wanted[number].key.clone();
        let is_shared = self.wanted.iter().filter(|wanted| wanted.key == key).count() > 1;
        let wanted = &mut self.wanted[number];
        match outcome {
            Ok(_) => {
                let stored = self.cos.objects.get(&key).map_or(&[][..], Vec::as_slice);
                // Of two uploads to one key, the other may have replaced it already.
                let stored = if is_shared { stored } else { &stored[stored.len().max(1) - 1..] };
                if !stored.iter().any(|object| object.is(&wanted.file)) {
                    return Err(format!("{} is reported as stored, and is not", wanted.key));
                }
                wanted.state = State::Over;
            }
            Err(error) if error.kind == ErrorKind::Canceled => {
                if wanted.state != State::Canceling {
                    return Err(format!("call {call} was not cancelled"));
                }
                wanted.state = State::Over;
            }
            Err(error) => {
                if wanted.state == State::Canceling {
                    return Err(format!("call {call} was cancelled, not {error:?}"));
                }
                if wanted.chances == 0 {
                    return Err(format!("call {call} still fails: {error:?}"));
                }
                wanted.state = State::Failed;
            }
        }
        Ok(())
    }
}
