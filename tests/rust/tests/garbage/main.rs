//! Whatever a host, an application, a network or a storage says: no panic, each call settles at
//! most once, and each input has few effects.

mod input;

use cos_core::Stat;
use cos_core::effect::{Effect, HttpRequest};
use cos_core::engine::Engine;
use cos_core::sign::SigningKeyCache;
use cos_core::value::Value;
use cos_tests::answer::{self, Answer, status, xml};
use cos_tests::client::{START, temporary};
use cos_tests::ledger::{Ledger, Pending};
use cos_tests::signature;
use proptest::collection::vec;
use proptest::prelude::*;

use input::{Id, Input, input, options, params};

/// The most effects that one input has, with as many calls as there are here.
const MOST_EFFECTS: usize = 400;

/// An engine, and who keeps count.
struct Run {
    engine: Engine,
    ledger: Ledger,
    now: f64,
    asked: Vec<Effect>,
    tasks: Vec<String>,
}

impl Run {
    /// The id that an input means, and whether the engine waits for such an answer under it.
    fn means(&self, id: Id, expected: impl Fn(&Pending) -> bool) -> (u32, bool) {
        let id = match id {
            Id::Any(id) => id,
            Id::Awaited(nth) => {
                let fitting: Vec<_> =
                    self.ledger.pending().iter().filter(|(_, pending)| expected(pending)).collect();
                fitting.get(nth % fitting.len().max(1)).map_or(0, |(id, _)| **id)
            }
        };
        (id, self.ledger.pending().get(&id).is_some_and(expected))
    }

    /// Notes an answer, if it is one that is awaited.
    fn answers(&mut self, id: Id, expected: impl Fn(&Pending) -> bool) -> u32 {
        let (id, awaited) = self.means(id, expected);
        if awaited {
            self.ledger.answered(id);
        }
        id
    }

    fn give(&mut self, input: Input) {
        let now = self.now;
        let sends = |pending: &Pending| matches!(pending, Pending::Send { .. });
        match input {
            Input::Submit(name, params) => {
                let files = match name {
                    "uploadFiles" => params.get("files").items().len() as u32,
                    _ => 0,
                };
                let call = self.engine.submit(name, params, now);
                for call in call..=call + files {
                    self.ledger.submitted(call, 5);
                }
            }
            Input::Pause(nth) => {
                self.engine.pause(&self.task(nth), now);
            }
            Input::Cancel(nth) => {
                if let Some(call) = self.engine.cancel(&self.task(nth), nth % 2 == 0, now)
                    && call > 0
                {
                    self.ledger.submitted(call, 0);
                }
            }
            Input::Restart(nth) => {
                let task = self.task(nth);
                let call = self.engine.restart(&task, now);
                if call > 0 {
                    self.ledger.restarted(&task, call);
                }
            }
            Input::Stat(id, answer) => {
                let id = self.answers(id, |pending| *pending == Pending::Stat);
                let answer = answer.map(|(size, modified)| Stat { size, modified });
                self.engine.handle_stat(id, answer, now);
            }
            Input::Window(id, bytes) => {
                let (id, _) = self.means(id, |pending| *pending == Pending::Read);
                self.engine.handle_window(id, &bytes);
            }
            Input::Read(id, answer) => {
                let (id, awaited) = self.means(id, |pending| *pending == Pending::Read);
                if awaited {
                    self.ledger.read(id, answer.as_ref().ok().map(|()| 0));
                }
                self.engine.handle_read(id, answer, now);
            }
            Input::Record(id, record) => {
                let id = self.answers(id, |pending| *pending == Pending::Load);
                self.engine.handle_record(id, record, now);
            }
            Input::Credential(id, answer) => {
                let id = self.answers(id, |pending| *pending == Pending::Authorize);
                self.engine.handle_credential(id, answer, now);
            }
            Input::Response(id, status, headers, body) => {
                let id = self.answers(id, sends);
                self.engine.handle_response(id, status, headers, body, now);
            }
            Input::Failure(id, message) => {
                let id = self.answers(id, sends);
                self.engine.handle_failure(id, &message, now);
            }
            Input::Timer(id) => {
                let id = self.answers(id, |pending| *pending == Pending::Timer);
                self.engine.handle_timer(id, now);
            }
            Input::Progress(id, sent, total) => {
                let (id, _) = self.means(id, sends);
                self.engine.handle_progress(id, sent, total, now);
            }
            Input::Sensible(nth) => self.sensible(nth),
            Input::Later(milliseconds) => self.now += milliseconds,
        }
    }

    fn task(&self, nth: usize) -> String {
        self.tasks.get(nth).cloned().unwrap_or_else(|| nth.to_string())
    }

    fn sensible(&mut self, nth: usize) {
        if self.asked.is_empty() {
            return;
        }
        let now = self.now;
        match self.asked.remove(nth % self.asked.len()) {
            Effect::Stat { id, .. } => self.give(Input::Stat(Id::Any(id), Ok((9.0, 1.0)))),
            Effect::Load { id, .. } => self.give(Input::Record(Id::Any(id), Value::Null)),
            Effect::Timer { id, .. } => self.give(Input::Timer(Id::Any(id))),
            Effect::Authorize { id, .. } => {
                self.give(Input::Credential(Id::Any(id), Ok(temporary("TMP1", START))));
            }
            Effect::Read { id, length, .. } => {
                let length = if length < 0.0 { 9 } else { length.min(4096.0) as usize };
                self.engine.handle_window(id, &vec![7; length]);
                self.give(Input::Read(Id::Any(id), Ok(())));
            }
            Effect::Write { id, .. } | Effect::Rename { id, .. } => {
                self.give(Input::Read(Id::Any(id), Ok(())));
            }
            Effect::Send { id, request, .. } => {
                let Answer { status, headers, body } = sensible_answer(&request);
                self.give(Input::Response(Id::Any(id), status, headers, body));
            }
            other => unreachable!("{other:?} at {now} asks for nothing"),
        }
    }

    /// Drains the engine; what it asks for is for `sensible` to answer.
    fn drain(&mut self) -> Result<(), TestCaseError> {
        let mut count = 0;
        while let Some(effect) = self.engine.poll_effect() {
            count += 1;
            prop_assert!(count <= MOST_EFFECTS, "{effect:?} is one effect too many");
            self.ledger.note(&effect).map_err(TestCaseError::fail)?;
            let _ = effect.to_value();
            match effect {
                Effect::TaskReady { task, .. } => self.tasks.push(task),
                Effect::Stat { .. }
                | Effect::Read { .. }
                | Effect::Write { .. }
                | Effect::Rename { .. }
                | Effect::Send { .. }
                | Effect::Load { .. }
                | Effect::Authorize { .. }
                | Effect::Timer { .. } => self.asked.push(effect),
                _ => {}
            }
        }
        self.engine.task_list();
        Ok(())
    }
}

fn sensible_answer(request: &HttpRequest) -> Answer {
    let has = |name: &str| request.url.contains(name);
    match request.method.as_str() {
        "GET" if has("?uploads") => answer::uploads("a", &["U1"]),
        "GET" if has("uploadId") => answer::parts([(1, "\"0\"", 9)]),
        "POST" if has("?uploads") => answer::initiated("U2"),
        "POST" if has("uploadId") => {
            xml("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
        }
        "HEAD" => status(200).header("Content-Length", "9"),
        "GET" if signature::header(request, "Range").is_some() => {
            status(206).header("Content-Range", "bytes 0-8/9").header("ETag", "\"0\"")
        }
        "PUT" if has("partNumber") => xml("<CopyPartResult><ETag>e</ETag></CopyPartResult>"),
        _ => status(200),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_input_in_any_order(options in options(), inputs in vec(input(), 1..80)) {
        let mut run = Run {
            engine: Engine::new(&options, 1, START),
            ledger: Ledger::default(),
            now: START,
            asked: Vec::new(),
            tasks: Vec::new(),
        };
        for input in inputs {
            run.give(input);
            run.drain()?;
        }
        // Whoever is cancelled is over.
        for nth in 0..run.tasks.len() {
            run.give(Input::Cancel(nth));
            run.drain()?;
        }
        let tasks = run.engine.task_list();
        for task in tasks.items() {
            let state = task.get("state").to_text();
            prop_assert!(state == "success" || state == "canceled", "a task is {}", state);
        }
    }

    #[test]
    fn any_parameters_of_what_is_answered_at_once(
        params in params(),
        options in options(),
        description in "(,\\PC{0,4}){0,40}|\\PC*",
    ) {
        let mut engine = Engine::new(&options, 1, START);
        let _ = engine.object_url(params, START);
        let _ = engine.authorization(&description, START);
        let mut keys = SigningKeyCache::default();
        let _ = cos_core::authorization(&description, ["id", "key"], START, &mut keys);
    }
}
