//! [`Dialogue`]: an engine driven by hand. Each input returns what the engine asks for after it,
//! a line each, so that a test reads as what passes between the engine, the device and COS.
//!
//! Ids have names in the lines: `c1` is the first call, `s1` the first request sent, `r1` the first
//! read, `t1` a timer, `a1` a question for a credential, `f1` a look at a file, `l1` a stored
//! record looked up. Files and records are served at once unless the device is held. Every request is
//! verified as COS verifies it, and every effect against the rules of [`Ledger`].

use std::collections::BTreeMap;

use cos_core::digest::{base64, md5};
use cos_core::effect::{Body, Effect, HttpRequest, Source};
use cos_core::engine::Engine;
use cos_core::value::Value;
use cos_core::{Stat, Usage};

use crate::answer::{self, Answer};
use crate::client::START;
use crate::device::{Device, WINDOW};
use crate::ledger::Ledger;
use crate::line::Names;
use crate::signature::{self, Signed};

/// What the engine asked for, to be compared.
#[must_use = "compare what was asked for"]
#[derive(Debug)]
pub struct Lines(Vec<String>);

impl Lines {
    /// It is exactly this, in this order.
    #[track_caller]
    pub fn are(self, expected: &[&str]) {
        if self.0 != expected {
            let spelled: String = self.0.iter().map(|line| format!("    {line:?},\n")).collect();
            panic!("the engine asked for\n{spelled}instead of\n{expected:#?}");
        }
    }

    /// There is nothing.
    #[track_caller]
    pub fn are_none(self) {
        self.are(&[]);
    }

    /// The last one is this; the others were compared elsewhere.
    #[track_caller]
    pub fn end_in(self, expected: &[&str]) {
        let from = self.0.len().saturating_sub(expected.len());
        Lines(self.0[from..].to_vec()).are(expected);
    }

    /// They were compared elsewhere.
    pub fn as_before(self) {}

    /// The lines, to take them apart.
    pub fn texts(&self) -> &[String] {
        &self.0
    }
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The call it was sent for.
    pub call: u32,
    /// The request.
    pub request: HttpRequest,
    /// Who signed it; `None` when the application did.
    pub signed: Option<Signed>,
}

/// See the module.
pub struct Dialogue {
    /// The engine, for inputs that have no method here.
    pub engine: Engine,
    /// Files and stored records.
    pub device: Device,
    /// The phone's clock, milliseconds since 1970.
    pub now: f64,
    ledger: Ledger,
    names: Names,
    /// What the device has not answered, when it is held.
    held: Vec<Effect>,
    holds: bool,
    sent: BTreeMap<u32, Sent>,
    due: BTreeMap<u32, f64>,
    buffers: BTreeMap<u32, Vec<u8>>,
    bodies: BTreeMap<u32, Vec<u8>>,
    /// Bodies of answers, by send.
    received: BTreeMap<u32, Vec<u8>>,
    tasks: Vec<String>,
    /// Authorizations that are not the engine's own; an empty one where the client has no key.
    foreign: Vec<String>,
    /// What the call that settled last gave.
    result: Value,
    /// The task list as of the last time the engine said that it changed.
    listed: Value,
}

impl Dialogue {
    /// A client with these options on an empty device.
    pub fn new(options: &Value) -> Dialogue {
        Dialogue::on(Device::default(), options, START)
    }

    /// A client on a device that has been used before.
    pub fn on(device: Device, options: &Value, now: f64) -> Dialogue {
        Dialogue {
            engine: Engine::new(options, 1, now),
            device,
            now,
            ledger: Ledger::default(),
            names: Names::default(),
            held: Vec::new(),
            holds: false,
            sent: BTreeMap::new(),
            due: BTreeMap::new(),
            buffers: BTreeMap::new(),
            bodies: BTreeMap::new(),
            received: BTreeMap::new(),
            tasks: Vec::new(),
            foreign: match (options.get("SecretKey"), options.get("getAuthorization")) {
                (Value::Null, Value::Null) => vec![String::new()],
                _ => Vec::new(),
            },
            result: Value::Null,
            listed: Value::List(Vec::new()),
        }
    }

    /// The app is killed: nothing it had under way is answered any more.
    pub fn kill(mut self) -> Device {
        self.ledger = Ledger::default();
        std::mem::take(&mut self.device)
    }

    // Commands.

    /// A call without a `Body`.
    pub fn call(&mut self, operation: &str, params: Value) -> Lines {
        self.call_with(operation, params, b"")
    }

    /// A call with bytes as its `Body`.
    pub fn call_with(&mut self, operation: &str, params: Value, body: &[u8]) -> Lines {
        let params = if body.is_empty() {
            params
        } else {
            let size = body.len() as f64;
            params.with("Body", Value::map().with("kind", "buffer").with("size", size))
        };
        let files = match operation {
            "uploadFiles" => params.get("files").items().len() as u32,
            _ => 0,
        };
        let call = self.engine.submit(operation, params, self.now);
        self.bodies.insert(call, body.to_vec());
        // The files of `uploadFiles` are calls too.
        for call in call..=call + files {
            self.ledger.submitted(call, body.len() as u64);
            self.names.name('c', call);
        }
        self.heard()
    }

    /// The id of the nth task, from 1.
    pub fn task(&self, nth: usize) -> String {
        self.tasks[nth - 1].clone()
    }

    /// Pauses the nth task.
    pub fn pause(&mut self, task: usize) -> Lines {
        self.engine.pause(&self.task(task), self.now);
        self.heard()
    }

    /// Cancels the nth task.
    pub fn cancel(&mut self, task: usize) -> Lines {
        self.engine.cancel(&self.task(task), false, self.now);
        self.heard()
    }

    /// Cancels the nth task, and lets COS drop what it has of it.
    pub fn cancel_and_abort(&mut self, task: usize) -> Lines {
        let call = self.engine.cancel(&self.task(task), true, self.now).unwrap_or_default();
        if call > 0 {
            self.ledger.submitted(call, 0);
            self.names.name('c', call);
        }
        self.heard()
    }

    /// Cancels a call by its name.
    pub fn cancel_call(&mut self, call: &str) -> Lines {
        self.engine.cancel_call(self.names.id(call), self.now);
        self.heard()
    }

    /// Restarts the nth task.
    pub fn restart(&mut self, task: usize) -> Lines {
        let task = self.task(task);
        let call = self.engine.restart(&task, self.now);
        if call > 0 {
            self.ledger.restarted(&task, call);
            self.names.name('c', call);
        }
        self.heard()
    }

    /// The host has time to store what a later life may be offered, of so many uploads.
    pub fn keep(&mut self, most: usize) -> Lines {
        self.engine.keep(most, self.now);
        self.heard()
    }

    /// Looks for what former lives left, as the call `c<n>`.
    pub fn restore(&mut self) -> Lines {
        let keys = self.device.records.keys().map(|key| Value::from(key.as_str())).collect();
        let live = self.engine.unfinished();
        let call = self.engine.restore(&Value::List(keys), &live, self.now);
        self.ledger.submitted(call, 0);
        self.names.name('c', call);
        self.heard()
    }

    /// What the call that settled last gave.
    pub fn result(&self) -> &Value {
        &self.result
    }

    /// The task list: each task's state and what it has loaded.
    pub fn tasks(&self) -> String {
        let list = self.engine.task_list();
        let spelled = list.items().iter().map(|task| {
            let (loaded, size) = (task.get("loaded").to_text(), task.get("size").to_text());
            format!("{} {loaded}/{size}", task.get("state").to_text())
        });
        spelled.collect::<Vec<_>>().join(", ")
    }

    // Answers.

    /// COS answers a request.
    pub fn answer(&mut self, send: &str, answer: Answer) -> Lines {
        self.receive(send, answer);
        self.heard()
    }

    /// COS answers, and the host has no time yet to ask what to do next.
    pub fn receive(&mut self, send: &str, answer: Answer) {
        let id = self.names.id(send);
        if let Some((_, etag)) = answer.headers.iter().find(|(name, _)| name == "ETag") {
            self.names.know(etag, format!("etag({send})"));
        }
        self.ledger.answered(id);
        self.engine.handle_response(id, answer.status, answer.headers, answer.body, self.now);
    }

    /// COS answers with bytes.
    pub fn delivers(&mut self, send: &str, answer: Answer, bytes: &[u8]) -> Lines {
        self.received.insert(self.names.id(send), bytes.to_vec());
        self.answer(send, answer)
    }

    /// COS has stored the bytes that this request carries.
    pub fn stored(&mut self, send: &str) -> Lines {
        let answer = answer::stored(&self.carried(send));
        self.answer(send, answer)
    }

    /// A request gets no answer; the host says why.
    pub fn fails(&mut self, send: &str, message: &str) -> Lines {
        let id = self.names.id(send);
        self.ledger.answered(id);
        self.engine.handle_failure(id, message, self.now);
        self.heard()
    }

    /// `wx.uploadFile` tells how far it is.
    pub fn sends(&mut self, send: &str, sent: usize, total: usize) -> Lines {
        let id = self.names.id(send);
        self.engine.handle_progress(id, sent as f64, total as f64, self.now);
        self.heard()
    }

    /// Time passes until this timer is due.
    pub fn wait(&mut self, timer: &str) -> Lines {
        let id = self.names.id(timer);
        let due = self.due.remove(&id).unwrap_or_else(|| panic!("{timer} is not running"));
        self.now = self.now.max(due);
        self.ledger.answered(id);
        self.engine.handle_timer(id, self.now);
        self.heard()
    }

    /// Time passes.
    pub fn after(&mut self, milliseconds: f64) -> &mut Dialogue {
        self.now += milliseconds;
        self
    }

    /// The application answers a question for a credential.
    pub fn grants(&mut self, question: &str, credential: impl Into<Value>) -> Lines {
        let credential = credential.into();
        if let Value::String(authorization) = &credential {
            self.foreign.push(authorization.clone());
        }
        let id = self.names.id(question);
        self.ledger.answered(id);
        self.engine.handle_credential(id, Ok(credential), self.now);
        self.heard()
    }

    /// The application's callback fails.
    pub fn refuses(&mut self, question: &str, message: &str) -> Lines {
        let id = self.names.id(question);
        self.ledger.answered(id);
        self.engine.handle_credential(id, Err(message.to_owned()), self.now);
        self.heard()
    }

    // What happens to the app.

    /// The app goes to the background.
    pub fn hide(&mut self) -> Lines {
        self.engine.handle_hide(self.now);
        self.heard()
    }

    /// The app is shown again.
    pub fn show(&mut self) -> Lines {
        self.engine.handle_show(self.now);
        self.heard()
    }

    /// The network changes.
    pub fn network(&mut self, kind: &str) -> Lines {
        self.engine.handle_network(kind, self.now);
        self.heard()
    }

    /// The other clients have so many requests under way, and maybe more that wait.
    pub fn beside(&mut self, requests: u32, waits: bool) -> Lines {
        self.engine.share(Usage { requests, waits, ..Usage::default() });
        self.engine.handle_room(self.now);
        self.heard()
    }

    // The device.

    /// From now on the device answers only when told to.
    pub fn hold(&mut self) -> &mut Dialogue {
        self.holds = true;
        self
    }

    /// The device answers everything again, beginning with what it held back.
    pub fn release(&mut self) -> Lines {
        self.holds = false;
        self.heard()
    }

    /// The device answers one thing, by its name.
    pub fn serve(&mut self, name: &str) -> Lines {
        let id = self.names.id(name);
        let at = self.held.iter().position(|effect| asked_under(effect) == Some(id));
        let effect = self.held.remove(at.unwrap_or_else(|| panic!("{name} is not held back")));
        self.perform(effect);
        self.heard()
    }

    /// The file that is asked about has this many bytes, says the device.
    pub fn measures(&mut self, name: &str, size: f64) -> Lines {
        let id = self.names.id(name);
        self.held.retain(|effect| asked_under(effect) != Some(id));
        self.ledger.answered(id);
        self.engine.handle_stat(id, Ok(Stat { size, modified: 1.0 }), self.now);
        self.heard()
    }

    // What is known of requests.

    /// A request that was sent.
    pub fn sent(&self, send: &str) -> &Sent {
        &self.sent[&self.names.id(send)]
    }

    /// The bytes that a request carries.
    pub fn carried(&self, send: &str) -> Vec<u8> {
        let sent = self.sent(send);
        match &sent.request.body {
            Body::None => Vec::new(),
            Body::Text(text) => text.clone().into_bytes(),
            Body::Caller => self.bodies[&sent.call].clone(),
            Body::Read(read) => self.buffers[read].clone(),
            Body::Form { path, .. } => self.device.files[path].bytes.to_vec(),
        }
    }

    /// The id behind a name, to misuse it.
    pub fn id(&self, name: &str) -> u32 {
        self.names.id(name)
    }

    /// Collects what the engine asks for, the device answering as it does.
    #[track_caller]
    pub fn heard(&mut self) -> Lines {
        let mut lines = Vec::new();
        loop {
            while let Some(effect) = self.engine.poll_effect() {
                if let Err(rule) = self.ledger.note(&effect) {
                    panic!("{rule}: {effect:?} after {lines:#?}");
                }
                if effect == Effect::TasksChanged {
                    self.listed = self.engine.task_list();
                    continue;
                }
                if !self.is_idle(&effect) {
                    let line = self.line(&effect);
                    lines.push(line);
                }
                self.follow(effect);
            }
            assert_eq!(self.listed, self.engine.task_list(), "the task list changed in silence");
            if self.holds || self.held.is_empty() {
                return Lines(lines);
            }
            let effect = self.held.remove(0);
            self.perform(effect);
        }
    }

    /// Whether it removes an offer that is not there.
    fn is_idle(&self, effect: &Effect) -> bool {
        matches!(effect, Effect::Remove { key }
            if key.starts_with("cos-task-") && !self.device.records.contains_key(key))
    }

    fn line(&mut self, effect: &Effect) -> String {
        let Effect::Send { id, call, request, .. } = effect else {
            return self.names.line(effect);
        };
        let authorization = signature::header(request, "Authorization").unwrap_or_default();
        let signed = if self.foreign.iter().any(|foreign| foreign == authorization) {
            None
        } else {
            let length = self.ledger.body_length(*call, &request.body);
            Some(
                signature::verify(request, length)
                    .unwrap_or_else(|why| panic!("{why}: {request:?}")),
            )
        };
        let line = self.names.request(*id, request, signed.as_ref());
        self.sent.insert(*id, Sent { call: *call, request: request.clone(), signed });
        line
    }

    fn follow(&mut self, effect: Effect) {
        match effect {
            Effect::Stat { .. }
            | Effect::Read { .. }
            | Effect::Write { .. }
            | Effect::Rename { .. }
            | Effect::Load { .. } => self.held.push(effect),
            Effect::Release { id } => {
                self.buffers.remove(&id);
                self.received.remove(&id);
            }
            Effect::Unlink { path } => drop(self.device.files.remove(&path)),
            Effect::Timer { id, delay } => drop(self.due.insert(id, self.now + delay)),
            Effect::Abort { id } => drop(self.due.remove(&id)),
            Effect::Save { key, record } => drop(self.device.records.insert(key, record)),
            Effect::Remove { key } => drop(self.device.records.remove(&key)),
            Effect::TaskReady { task, .. } => self.tasks.push(task),
            Effect::Settle { outcome: Ok(data), .. } => self.result = data,
            _ => {}
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Stat { id, path } => {
                self.ledger.answered(id);
                self.engine.handle_stat(id, self.device.stat(&path), self.now);
            }
            Effect::Load { id, key } => {
                self.ledger.answered(id);
                let record = self.device.records.get(&key).cloned().unwrap_or_default();
                self.engine.handle_record(id, record, self.now);
            }
            Effect::Read { id, call, source, offset, length, .. } => {
                let read = match &source {
                    Source::File(path) => self.device.read(path, offset, length),
                    Source::Caller => Ok(self.bodies[&call].clone()),
                    Source::Answer(send) => Ok(self.received.remove(send).unwrap_or_default()),
                };
                self.ledger.read(id, read.as_ref().ok().map(|bytes| bytes.len() as u64));
                let answer = read.map(|bytes| {
                    for window in bytes.chunks(WINDOW) {
                        self.engine.handle_window(id, window);
                    }
                    let name = format!("md5({})", self.names.name('r', id));
                    self.names.know(&base64(&md5(&bytes)), name);
                    self.buffers.insert(id, bytes);
                });
                self.engine.handle_read(id, answer, self.now);
            }
            Effect::Write { id, read, path, offset, size } => {
                self.ledger.answered(id);
                // The call may have been given up, and its buffer with it.
                let bytes = self.buffers.get(&read).cloned().unwrap_or_default();
                let answer = self.device.change(&path, &bytes, offset, size, self.now);
                self.engine.handle_write(id, answer, self.now);
            }
            Effect::Rename { id, path, to } => {
                self.ledger.answered(id);
                let answer = self.device.rename(&path, &to);
                self.engine.handle_write(id, answer, self.now);
            }
            other => unreachable!("{other:?} is not held back"),
        }
    }
}

/// The id under which the device is to answer.
fn asked_under(effect: &Effect) -> Option<u32> {
    match effect {
        Effect::Stat { id, .. }
        | Effect::Read { id, .. }
        | Effect::Write { id, .. }
        | Effect::Rename { id, .. }
        | Effect::Load { id, .. } => Some(*id),
        _ => None,
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        if !std::thread::panicking()
            && let Err(left) = self.ledger.close()
        {
            panic!("{left}");
        }
    }
}
