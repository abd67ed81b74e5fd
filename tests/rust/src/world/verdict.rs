//! What has to hold when a call settles, between inputs, and at the end.

use cos_core::error::{Error, ErrorKind};
use cos_core::value::Value;

use super::{Goal, State, Wanted, World};

/// Times that a client asks for a key when only its clock is wrong.
const MOST_QUESTIONS: u32 = 2;

impl World {
    pub(super) fn settled(
        &mut self,
        at: usize,
        call: u32,
        outcome: Result<Value, Error>,
        body: Option<u32>,
    ) -> Result<(), String> {
        let kept = body.and_then(|body| self.clients[at].kept.remove(&body));
        if call == self.clients[at].restoring {
            let found = outcome.map_err(|error| format!("nothing is restored: {error:?}"))?;
            return self.restored(at, &found);
        }
        let of_client = |wanted: &&Wanted| wanted.client == at;
        if self.wanted.iter().filter(of_client).any(|wanted| wanted.former.contains(&call)) {
            return match outcome {
                Ok(_) => Err(format!("call {call} succeeds, and its task was started again")),
                Err(_) => Ok(()),
            };
        }
        let mut wanted = self.wanted.iter();
        let Some(number) = wanted.position(|wanted| wanted.client == at && wanted.call == call)
        else {
            return Err(format!("call {call} is nobody's"));
        };
        let (operation, goal, state) = {
            let wanted = &self.wanted[number];
            (wanted.operation, wanted.goal, wanted.state)
        };
        let name = match &outcome {
            Ok(_) => "success",
            Err(error) => error.kind.name(),
        };
        *self.tally.calls.entry((operation, name)).or_default() += 1;
        let is_canceled = outcome.as_ref().is_err_and(|error| error.kind == ErrorKind::Canceled);
        if (state == State::Canceling) != is_canceled {
            return Err(format!("call {call}, which is {state:?}, settles with {name}"));
        }
        self.wanted[number].state = match outcome {
            Ok(_) => {
                self.check_success(number, kept.is_some())?;
                State::Over
            }
            Err(error) => match goal {
                _ if is_canceled || state == State::Dropped => State::Over,
                Goal::Plain => State::Over,
                _ if self.wanted[number].chances == 0 => {
                    return Err(format!("call {call} still fails: {error:?}"));
                }
                _ => State::Failed,
            },
        };
        Ok(())
    }

    /// COS has what it is said to have.
    fn check_success(&self, number: usize, kept: bool) -> Result<(), String> {
        let wanted = &self.wanted[number];
        let stored = self.cos.objects.get(&wanted.key).map_or(&[][..], Vec::as_slice);
        let is_shared = self.wanted.iter().filter(|other| other.key == wanted.key).count() > 1;
        match wanted.goal {
            Goal::Upload | Goal::UploadInBatch | Goal::Copy | Goal::Append => {
                // Of two uploads to one key, the other may have replaced it already, or somebody
                // may have deleted it.
                let stored = if is_shared { stored } else { &stored[stored.len().max(1) - 1..] };
                let is_there = stored
                    .iter()
                    .any(|object| wanted.versions.iter().any(|version| object.is(version)));
                let is_deleted = is_shared && stored.is_empty();
                if !is_there && !is_deleted {
                    return Err(format!("{} is reported as stored, and is not", wanted.key));
                }
                Ok(())
            }
            Goal::Download => {
                let path = wanted.params.get("FilePath").to_text();
                let file = self.disk.content(&path).cloned().unwrap_or_default();
                if !wanted.versions.iter().any(|version| file.is(version)) {
                    return Err(format!("{path} is reported as loaded, and is not: {file:?}"));
                }
                if self.disk.has_partial(&path) {
                    return Err(format!("something is left of the download to {path}"));
                }
                Ok(())
            }
            Goal::Plain if wanted.operation == "getObject" && !kept => {
                Err(format!("{} is reported as loaded, without bytes", wanted.key))
            }
            Goal::Plain | Goal::Batch(_) => Ok(()),
        }
    }

    /// No more bytes in memory than allowed, or a single buffer.
    pub(super) fn check_memory(&self) -> Result<(), String> {
        let buffers = self.clients.iter().flat_map(|client| client.ledger.memory());
        let (count, bytes) = buffers.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes));
        if count > 1 && bytes as f64 > self.memory {
            return Err(format!("{bytes} bytes in memory, not {}", self.memory));
        }
        Ok(())
    }

    /// No more under way than allowed.
    pub(super) fn check_limits(&self) -> Result<(), String> {
        for client in &self.clients {
            let tasks = client.engine.task_list();
            let is_running = |task: &&Value| {
                matches!(task.get("state").as_str(), Some("checking" | "uploading"))
            };
            let running = tasks.items().iter().filter(is_running).count();
            if running > client.limits[1] {
                return Err(format!("{running} files at a time, not {}", client.limits[1]));
            }
        }
        Ok(())
    }

    /// Everything has come to an end, and nothing is left over.
    pub(super) fn close(&mut self) -> Result<(), String> {
        let open = self.wanted.iter().position(|wanted| wanted.state != State::Over);
        if let Some(number) = open {
            return Err(format!("{} {number} never ends", self.wanted[number].operation));
        }
        for client in &self.clients {
            client.ledger.close()?;
            let questions = client.questions;
            if self.trouble == 0 && questions > MOST_QUESTIONS {
                return Err(format!("{questions} questions for a key, though all is well"));
            }
        }
        self.tally.worlds += 1;
        Ok(())
    }
}
