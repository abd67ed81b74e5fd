//! The thread that owns the engine: hands it inputs and carries out its effects.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cos_core::Stat;
use cos_core::effect::{Body, Effect, HttpRequest, Progress, Source};
use cos_core::engine::Engine;
use cos_core::error::{Error, ErrorKind};
use cos_core::value::Value;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use super::records::Records;
use super::task::{Settled, Task};
use super::transport::{self, Answer, Failure, Response, Transport};
use super::{Settings, file};
use crate::credential::{self, Credential, Sts};

/// Bytes digested between two looks at what else has come.
const WINDOW: usize = 256 * 1024;

/// What the thread is told.
pub(super) enum Input {
    /// Begin a call.
    Begin { ticket: u64, operation: String, params: Value, task: Task },
    /// The caller of this ticket is gone.
    Cancel(u64),
    /// Cancel everything, begin nothing more, and say when that is done.
    Close(oneshot::Sender<()>),
    /// A file has been looked at.
    Stat(u32, Result<Stat, String>),
    /// Bytes of a file have been read.
    Read(u32, Result<Bytes, String>),
    /// A file has been changed.
    Written(u32, Result<(), String>),
    /// A request of a call has come to an end.
    Answer { id: u32, call: u32, outcome: Result<Response, Failure> },
    /// The credential, or why there is none.
    Credential(u32, Result<Value, String>),
    /// The time has come.
    Timer(u32),
}

/// See the module.
pub(super) struct Driver {
    engine: Engine,
    /// For answers. Weak, so that the thread ends with the last client.
    inputs: mpsc::WeakUnboundedSender<Input>,
    runtime: Handle,
    transport: Arc<Transport>,
    sts: Option<Sts>,
    records: Records,
    warn: Arc<dyn Fn(&str) + Send + Sync>,
    warned: HashSet<String>,
    calls: HashMap<u32, Task>,
    tickets: HashMap<u64, u32>,
    buffers: HashMap<u32, Bytes>,
    /// Requests and timers under way.
    running: HashMap<u32, AbortHandle>,
    /// Bodies of answers that wait to be asked for, with their calls.
    kept: HashMap<u32, (u32, Answer)>,
    /// Reads whose bytes the engine has not seen to their ends.
    digesting: VecDeque<(u32, Bytes)>,
    is_closed: bool,
}

impl Driver {
    /// Starts the thread. It ends when nobody can tell it anything any more.
    pub(super) fn start(
        options: &Value,
        settings: Settings,
        inputs: &mpsc::UnboundedSender<Input>,
        received: mpsc::UnboundedReceiver<Input>,
    ) -> Result<(), Error> {
        let internal = |message: String| Error::new(ErrorKind::Internal, "INTERNAL", message);
        let runtime = Handle::try_current().map_err(|error| internal(error.to_string()))?;
        let transport = Transport::new(settings.endpoint.as_deref())?;
        let sts = match settings.credential {
            Some(Credential::Sts(url)) => Some(Sts::new(url, transport::http(None)?)),
            _ => None,
        };
        let driver = Driver {
            engine: Engine::new(options, seed(), now()),
            inputs: inputs.downgrade(),
            runtime,
            transport: Arc::new(transport),
            sts,
            records: Records::new(settings.state),
            warn: settings.warn,
            warned: HashSet::new(),
            calls: HashMap::new(),
            tickets: HashMap::new(),
            buffers: HashMap::new(),
            running: HashMap::new(),
            kept: HashMap::new(),
            digesting: VecDeque::new(),
            is_closed: false,
        };
        let thread = thread::Builder::new().name("cos-engine".to_owned());
        thread
            .spawn(|| driver.run(received))
            .map(drop)
            .map_err(|error| internal(format!("no thread can be started: {error}")))
    }

    fn run(mut self, mut received: mpsc::UnboundedReceiver<Input>) {
        loop {
            let input = if self.digesting.is_empty() {
                received.blocking_recv()
            } else {
                match received.try_recv() {
                    Ok(input) => Some(input),
                    Err(mpsc::error::TryRecvError::Empty) => {
                        self.digest();
                        continue;
                    }
                    Err(mpsc::error::TryRecvError::Disconnected) => None,
                }
            };
            let Some(input) = input else { break };
            self.take(input);
        }
        for running in self.running.values() {
            running.abort();
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Begin { ticket, operation, params, mut task } => {
                if self.is_closed {
                    if let Some(settle) = task.settle.take() {
                        let _ = settle.send(Err(Error::canceled()));
                    }
                    return;
                }
                task.ticket = ticket;
                let call = self.engine.submit(&operation, params, now());
                self.calls.insert(call, task);
                self.tickets.insert(ticket, call);
            }
            Input::Cancel(ticket) => {
                if let Some(call) = self.tickets.remove(&ticket) {
                    self.engine.cancel_call(call, now());
                }
            }
            Input::Close(done) => {
                self.is_closed = true;
                for (_, call) in self.tickets.drain() {
                    self.engine.cancel_call(call, now());
                }
                self.drain();
                let _ = done.send(());
            }
            Input::Stat(id, answer) => self.engine.handle_stat(id, answer, now()),
            Input::Read(id, Ok(bytes)) => self.hold(id, bytes),
            Input::Read(id, Err(message)) => self.engine.handle_read(id, Err(message), now()),
            Input::Written(id, answer) => self.engine.handle_write(id, answer, now()),
            Input::Answer { id, call, outcome } => self.answered(id, call, outcome),
            Input::Credential(id, answer) => self.engine.handle_credential(id, answer, now()),
            Input::Timer(id) => {
                self.running.remove(&id);
                self.engine.handle_timer(id, now());
            }
        }
        self.drain();
    }

    /// Keeps a buffer from before the engine is told of it, so that it can be let go at once, and
    /// has it digested.
    fn hold(&mut self, id: u32, bytes: Bytes) {
        self.buffers.insert(id, bytes.clone());
        self.digesting.push_back((id, bytes));
    }

    /// Shows the engine one window of what has been read.
    fn digest(&mut self) {
        let Some((id, mut bytes)) = self.digesting.pop_front() else { return };
        let window = bytes.split_to(WINDOW.min(bytes.len()));
        self.engine.handle_window(id, &window);
        if bytes.is_empty() {
            self.engine.handle_read(id, Ok(()), now());
            self.drain();
        } else {
            self.digesting.push_front((id, bytes));
        }
    }

    fn drain(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Stat { id, path } => {
                self.off_thread(move || Input::Stat(id, file::stat(&path)))
            }
            Effect::Read { id, call, source: Source::Caller, .. } => {
                let bytes = self.calls.get(&call).and_then(|task| task.body.clone());
                self.hold(id, bytes.unwrap_or_default());
            }
            Effect::Read { id, source: Source::File(path), offset, length, .. } => {
                self.off_thread(move || Input::Read(id, file::read(&path, offset, length)));
            }
            Effect::Read { id, source: Source::Answer(send), .. } => {
                let bytes = match self.kept.remove(&send) {
                    Some((_, Answer::Bytes(bytes))) => bytes,
                    _ => Bytes::new(),
                };
                self.hold(id, bytes);
            }
            Effect::Release { id } => {
                self.buffers.remove(&id);
                self.kept.remove(&id);
            }
            Effect::Write { id, read, path, offset, size } => {
                let bytes = self.buffers.get(&read).cloned().unwrap_or_default();
                self.off_thread(move || {
                    Input::Written(id, file::write(&path, &bytes, offset, size))
                });
            }
            Effect::Rename { id, path, to } => {
                self.off_thread(move || Input::Written(id, file::rename(&path, &to)));
            }
            Effect::Unlink { path } => file::remove(&path),
            Effect::Send { id, call, request, .. } => self.send(id, call, request),
            Effect::Abort { id } => {
                if let Some(running) = self.running.remove(&id) {
                    running.abort();
                }
            }
            Effect::Authorize { id, request } => self.authorize(id, &request),
            Effect::Load { id, key } => {
                let record = self.records.load(&key);
                self.engine.handle_record(id, record, now());
            }
            Effect::Save { key, record } => {
                if let Err(error) = self.records.save(&key, &record) {
                    let message = format!("an interrupted upload could not go on: {error}");
                    self.warn(message);
                }
            }
            Effect::Remove { key } => self.records.remove(&key),
            Effect::Timer { id, delay } => {
                let delay = Duration::from_secs_f64(delay.max(0.0) / 1000.0);
                let timer = async move {
                    tokio::time::sleep(delay).await;
                    Input::Timer(id)
                };
                let running = self.spawn(timer);
                self.running.insert(id, running);
            }
            Effect::Progress { call, progress } => self.progress(call, progress),
            Effect::Warn { message } => self.warn(message),
            Effect::Settle { call, outcome, body } => self.settle(call, outcome, body),
            // Nobody listens: see the module of the client.
            Effect::TaskReady { .. }
            | Effect::TaskStart { .. }
            | Effect::TasksChanged
            | Effect::HashProgress { .. }
            | Effect::Report { .. }
            | Effect::FileFinish { .. }
            | Effect::Forget { .. } => {}
        }
    }

    fn send(&mut self, id: u32, call: u32, request: HttpRequest) {
        let Some(task) = self.calls.get_mut(&call) else { return };
        task.verdict = None;
        let body = match &request.body {
            Body::None => Some(Bytes::new()),
            Body::Text(text) => Some(Bytes::from(text.clone())),
            Body::Caller => Some(task.body.clone().unwrap_or_default()),
            Body::Read(read) => self.buffers.get(read).cloned(),
            Body::Form { .. } => None,
        };
        let Some(body) = body else {
            return self.engine.handle_failure(id, "invalid url: a form cannot be sent", now());
        };
        let transport = Arc::clone(&self.transport);
        let sending = async move {
            let outcome = transport.send(&request, body).await;
            Input::Answer { id, call, outcome }
        };
        let running = self.spawn(sending);
        self.running.insert(id, running);
    }

    fn answered(&mut self, id: u32, call: u32, outcome: Result<Response, Failure>) {
        // An answer that crossed with its abort is nobody's.
        if self.running.remove(&id).is_none() {
            return;
        }
        match outcome {
            Ok(Response { status, headers, body }) => {
                let body = match body {
                    Answer::Value(value) => value,
                    kept => {
                        self.kept.insert(id, (call, kept));
                        Value::Null
                    }
                };
                self.engine.handle_response(id, status, headers, body, now());
            }
            Err(Failure::Network(message)) => self.engine.handle_failure(id, &message, now()),
            Err(Failure::Final(error)) => {
                self.decide(call, error);
                self.engine.cancel_call(call, now());
            }
        }
    }

    /// What the call is going to fail with, unless another attempt succeeds.
    fn decide(&mut self, call: u32, error: Error) {
        if let Some(task) = self.calls.get_mut(&call) {
            task.verdict = Some(error);
        }
    }

    fn authorize(&mut self, id: u32, request: &Value) {
        let Some(sts) = self.sts.clone() else {
            let message = "there is no STS endpoint".to_owned();
            return self.engine.handle_credential(id, Err(message), now());
        };
        let [bucket, region] = ["Bucket", "Region"].map(|name| request.get(name).to_text());
        self.spawn(async move { Input::Credential(id, sts.ask(&bucket, &region).await) });
    }

    fn progress(&mut self, call: u32, progress: Progress) {
        if let Some(Task { on_progress: Some(on_progress), .. }) = self.calls.get_mut(&call) {
            on_progress(progress);
        }
    }

    fn settle(&mut self, call: u32, outcome: Result<Value, Error>, body: Option<u32>) {
        let kept = body.and_then(|send| self.kept.remove(&send)).map(|(_, kept)| kept);
        self.kept.retain(|_, (of, _)| *of != call);
        let Some(task) = self.calls.remove(&call) else { return };
        self.tickets.remove(&task.ticket);
        let outcome = match outcome {
            Ok(data) => match kept {
                Some(Answer::Bytes(bytes)) => Ok(Settled { data, body: Some(bytes) }),
                Some(Answer::Value(_)) | None => Ok(Settled { data, body: None }),
            },
            Err(error) => Err(match task.verdict {
                Some(verdict) => Error { answer: error.answer, ..verdict },
                // The hint of the engine's code is about a callback, which there is not here.
                None if error.code == "COS_CREDENTIAL" => {
                    Error { code: credential::CODE.to_owned(), ..error }
                }
                None => error,
            }),
        };
        // Who does not wait any more has cancelled.
        let _ = task.settle.map(|settle| settle.send(outcome));
    }

    /// Once, though the engine says some things for each request.
    fn warn(&mut self, message: String) {
        if !self.warned.contains(&message) {
            (self.warn)(&message);
            self.warned.insert(message);
        }
    }

    fn off_thread(&self, work: impl FnOnce() -> Input + Send + 'static) {
        let inputs = self.inputs.clone();
        self.runtime.spawn_blocking(move || tell(&inputs, work()));
    }

    fn spawn(&self, doing: impl Future<Output = Input> + Send + 'static) -> AbortHandle {
        let inputs = self.inputs.clone();
        self.runtime.spawn(async move { tell(&inputs, doing.await) }).abort_handle()
    }
}

fn tell(inputs: &mpsc::WeakUnboundedSender<Input>, input: Input) {
    if let Some(inputs) = inputs.upgrade() {
        let _ = inputs.send(input);
    }
}

/// Milliseconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_millis() as f64)
}

/// A number that differs between runs and clients: it decides pauses and ids of tasks, no secrets.
fn seed() -> u32 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(std::process::id()) as u32
}
