//! The life of a call: admitted, queued as a task if it uploads, carried out, settled once.

mod batch;

pub(crate) use batch::Batch;

use crate::abort::Level;
use crate::catalogue::{self, Course, Operation, Permission};
use crate::check::check;
use crate::context::{Context, Event, Owner, Stat, Tag, Waiter};
use crate::copy::Source;
use crate::effect::{Effect, Progress};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::machine::{Machine, Step};
use crate::options::SimpleUpload;
use crate::progress::Measure;
use crate::record::name_of;
use crate::request::Draft;
use crate::single::Single;
use crate::task::{Task, TaskState, task_id};
use crate::value::Value;

/// Files looked at together before their turn.
const MOST_STATS: usize = 16;

/// How far a call is.
#[derive(Debug)]
enum Phase {
    /// Its file is measured, to choose its course or to know its size in the task list.
    Measuring,
    /// It waits for its turn, or is paused; what has been achieved so far waits with it.
    Queued(Option<Box<Machine>>),
    /// Its turn has come, and it looks at its file (again).
    Checking(Option<Box<Machine>>),
    /// It runs.
    Running(Box<Machine>),
}

/// A call that has not settled.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    pub(crate) params: Value,
    phase: Phase,
    /// The file, as long as nothing suggests that it may have changed.
    stat: Option<Stat>,
    /// The `uploadFiles` that it is a file of, 0 for none, and which one.
    batch: (u32, usize),
}

impl Call {
    /// A call that waits for its turn.
    pub(crate) fn queued(operation: &'static Operation, params: Value) -> Call {
        Call { operation, params, phase: Phase::Queued(None), stat: None, batch: (0, 0) }
    }

    /// A call that runs already.
    pub(crate) fn running(operation: &'static Operation, machine: Machine) -> Call {
        Call { phase: Phase::Running(Box::new(machine)), ..Call::queued(operation, Value::Null) }
    }

    /// The upload in parts that it is working on; empty when it has none.
    pub(crate) fn upload_id(&self, cx: &Context) -> Option<&str> {
        match &self.phase {
            Phase::Queued(Some(machine))
            | Phase::Checking(Some(machine))
            | Phase::Running(machine) => match &**machine {
                Machine::Parts(upload) => Some(upload.upload_id(cx)),
                _ => None,
            },
            _ => None,
        }
    }

    fn path(&self) -> String {
        self.params.get("FilePath").to_text()
    }

    /// Whether the bytes come from a file rather than from `Body`.
    fn reads_file(&self) -> bool {
        self.operation.course != Course::Download
            && self.params.get("Body").is_null()
            && !self.path().is_empty()
    }
}

impl Engine {
    /// Checks a new call and sets it going.
    pub(crate) fn admit(&mut self, call: u32, name: &str, params: Value) -> Result<(), Error> {
        let operation = catalogue::find(name)
            .ok_or_else(|| Error::usage(["there is no operation \"", name, "\""].concat()))?;
        match operation.course {
            Course::Abort => drop(Level::of(&params)?),
            Course::Batch => return self.admit_batch(call, params),
            _ => {}
        }
        let checked = check(operation, params, &self.cx.options)?;
        if operation.permission == Permission::Copy {
            Source::of(&checked.params)?;
        }
        for message in checked.warnings {
            self.cx.emit(Effect::Warn { message });
        }
        let mut admitted = Call::queued(operation, checked.params);
        match operation.course {
            Course::Request | Course::Presign | Course::Copy | Course::Abort | Course::Batch => {
                self.calls.insert(call, Box::new(admitted));
                self.start(call);
                return Ok(());
            }
            Course::AnyUpload | Course::PartUpload if admitted.path().is_empty() => {
                return Err(Error::missing("FilePath"));
            }
            // Only to refuse early, before the call becomes a task.
            Course::SimpleUpload => {
                let draft = Draft::new(operation, &admitted.params);
                Single::new(&self.cx, call, "", draft, &admitted.params, None)?;
            }
            Course::Download if admitted.path().is_empty() => {
                return Err(Error::missing("FilePath"));
            }
            // What goes up is the file.
            Course::AnyUpload | Course::PartUpload | Course::Download => {
                drop(admitted.params.take("Body"));
            }
        }
        let reads_file = admitted.reads_file();
        if operation.course != Course::AnyUpload {
            self.add_task(call, operation, &admitted.params, !reads_file);
        }
        if reads_file {
            admitted.phase = Phase::Measuring;
            self.unmeasured.push(call);
        }
        self.calls.insert(call, Box::new(admitted));
        Ok(())
    }

    fn add_task(
        &mut self,
        call: u32,
        operation: &'static Operation,
        params: &Value,
        measured: bool,
    ) {
        let id = task_id(std::array::from_fn(|_| self.cx.random()));
        let mut params = params.clone();
        let kept = params.take("Restored").as_str() == Some(&name_of(&params));
        let size = params.get("Body").get("size").as_number().unwrap_or(0.0);
        self.tasks.add(Task {
            id: id.clone(),
            call,
            operation,
            params,
            state: TaskState::Waiting,
            size,
            measured,
            progress: Progress::default(),
            hash_percent: 0.0,
            error: None,
            begun: self.cx.now,
            stat: None,
            kept,
        });
        self.cx.emit(Effect::TaskReady { call, task: id });
        self.cx.emit(Effect::TasksChanged);
        self.trim_tasks();
    }

    fn trim_tasks(&mut self) {
        for call in self.tasks.trim(self.cx.options.upload_queue_size) {
            self.cx.forget(call);
        }
    }

    /// Hands events to calls and starts tasks until nothing is left to do without the host.
    pub(crate) fn run(&mut self) {
        loop {
            if let Some((owner, event)) = self.cx.events.pop() {
                self.route(owner, event);
            } else if let Some(call) = self.tasks.next(self.cx.options.file_parallel_limit) {
                self.start(call);
            } else if !(self.cx.advance() || self.cx.start_reads()) {
                break;
            }
        }
        self.measure_next();
        self.enter_reports();
    }

    /// Looks at the next files, a few at a time.
    fn measure_next(&mut self) {
        while let Some(call) = self.unmeasured.front().copied() {
            let looked_at = self.cx.waiting.iter().filter(|(_, it)| matches!(it, Waiter::Stat(_)));
            if looked_at.count() >= MOST_STATS {
                break;
            }
            self.unmeasured.pop();
            if let Some(found) = self.calls.get(&call)
                && matches!(found.phase, Phase::Measuring)
            {
                let path = found.path();
                self.cx.stat(Owner { call, tag: Tag::Only }, &path);
            }
        }
    }

    /// Enters progress into the task list.
    fn enter_reports(&mut self) {
        for (call, measure, progress) in std::mem::take(&mut self.cx.reports) {
            let Some(task) = self.tasks.of_call(call) else { continue };
            match measure {
                Measure::Hash => task.hash_percent = progress.percent,
                Measure::Upload => {
                    task.progress = progress;
                    task.size = progress.total;
                    if task.state == TaskState::Checking {
                        self.tasks.set_state(call, TaskState::Uploading);
                    }
                }
            }
            self.cx.emit(Effect::TasksChanged);
            if measure == Measure::Upload {
                self.file_advanced(call, progress.loaded);
            }
        }
    }

    fn route(&mut self, owner: Owner, event: Event) {
        let Some(call) = self.calls.get_mut(&owner.call) else { return };
        let step = match (&mut call.phase, event) {
            (Phase::Measuring, Event::Stat(stat)) => return self.measured(owner.call, stat),
            (Phase::Checking(machine), Event::Stat(stat)) => {
                let machine = machine.take();
                return self.checked(owner.call, machine, stat);
            }
            (Phase::Running(machine), event) => machine.handle(&mut self.cx, owner, event),
            (Phase::Measuring | Phase::Checking(_) | Phase::Queued(_), _) => return,
        };
        self.step(owner.call, step);
    }

    pub(crate) fn step(&mut self, call: u32, step: Step) {
        match step {
            Step::Wait => {}
            Step::Done(outcome) => self.settle(call, outcome, None),
            Step::DoneWith(result, body) => self.settle(call, Ok(result), body),
        }
    }

    /// The size of a file is known.
    fn measured(&mut self, call: u32, stat: Result<Stat, Error>) {
        let Some(found) = self.calls.get_mut(&call) else { return };
        found.phase = Phase::Queued(None);
        let batch = found.batch;
        let size = match stat {
            Ok(stat) => {
                found.stat = Some(stat);
                stat.size
            }
            // wx.uploadFile may reach files that the file system does not show.
            Err(_) if batch.0 > 0 || matches!(found.operation.body, catalogue::BodyShape::Form) => {
                0.0
            }
            Err(mut error) => {
                if found.operation.name == "putObject" {
                    error.detail = ["readFile error, ", &error.detail.to_text()].concat().into();
                }
                return self.settle(call, Err(error), None);
            }
        };
        if batch.0 > 0 {
            self.file_measured(batch, size);
        } else {
            self.enqueue(call, size);
        }
    }

    /// Chooses the course of `uploadFile`, and lets the task wait its turn.
    fn enqueue(&mut self, call: u32, size: f64) {
        let Some(found) = self.calls.get_mut(&call) else { return };
        let stat = found.stat;
        if found.operation.course == Course::AnyUpload {
            let given = found.params.get("SliceSize").as_number().filter(|size| !size.is_nan());
            found.operation = if size > given.unwrap_or(self.cx.options.slice_size) {
                &catalogue::UPLOAD_IN_PARTS
            } else if self.cx.options.simple_upload == SimpleUpload::Post {
                &catalogue::POST_OBJECT
            } else {
                &catalogue::PUT_OBJECT
            };
            let (operation, params) = (found.operation, found.params.clone());
            if let Some(report) = self.cx.reports_of.get_mut(&call) {
                report.chosen(operation.course == Course::PartUpload, size);
            }
            self.add_task(call, operation, &params, false);
        }
        self.tasks.measured(call, size);
        self.offer_later(call, stat);
        self.cx.emit(Effect::TasksChanged);
    }

    /// A call's turn has come.
    fn start(&mut self, call: u32) {
        let Some(found) = self.calls.get_mut(&call) else {
            // No call, nothing to run: such a task must not hold up the queue.
            return self.tasks.set_state(call, TaskState::Error);
        };
        let is_task = found.operation.is_task();
        if is_task {
            self.tasks.set_state(call, TaskState::Checking);
            if let Some(task) = self.tasks.of_call(call) {
                task.error = None;
                let info = task.to_value();
                self.cx.emit(Effect::TaskStart { call, info });
            }
            self.cx.emit(Effect::TasksChanged);
        }
        let machine = match std::mem::replace(&mut found.phase, Phase::Queued(None)) {
            Phase::Queued(machine) => machine,
            Phase::Measuring | Phase::Checking(_) | Phase::Running(_) => None,
        };
        if is_task && found.reads_file() && found.stat.is_none() {
            let path = found.path();
            found.phase = Phase::Checking(machine);
            self.cx.stat(Owner { call, tag: Tag::Only }, &path);
        } else {
            let stat = found.stat;
            self.launch(call, machine, stat);
        }
    }

    fn checked(&mut self, call: u32, machine: Option<Box<Machine>>, stat: Result<Stat, Error>) {
        let Some(found) = self.calls.get_mut(&call) else { return };
        match stat {
            Ok(stat) => {
                found.stat = Some(stat);
                self.offer_later(call, Some(stat));
                self.launch(call, machine, Some(stat));
            }
            Err(_) if matches!(found.operation.body, catalogue::BodyShape::Form) => {
                self.launch(call, None, None);
            }
            Err(error) => {
                found.phase = Phase::Queued(machine);
                self.settle(call, Err(error), None);
            }
        }
    }

    /// Sets a call going, from where it was paused if its file is still the same.
    fn launch(&mut self, call: u32, machine: Option<Box<Machine>>, stat: Option<Stat>) {
        let (step, machine) =
            match machine.and_then(|machine| machine.still_good_for(&mut self.cx, stat)) {
                Some(mut machine) => (machine.resume(&mut self.cx, call), machine),
                None => match self.build(call, stat) {
                    Ok(mut machine) => (machine.start(&mut self.cx, call), machine),
                    Err(error) => return self.settle(call, Err(error), None),
                },
            };
        if let Some(found) = self.calls.get_mut(&call) {
            found.phase = Phase::Running(machine);
        }
        self.step(call, step);
    }

    fn build(&mut self, call: u32, stat: Option<Stat>) -> Result<Box<Machine>, Error> {
        let task = self.tasks.of_call(call).map(|task| task.id.clone()).unwrap_or_default();
        let Some(found) = self.calls.get(&call) else {
            return Err(Error::new(ErrorKind::Internal, "COS_INTERNAL", "call without a record"));
        };
        Machine::new(&self.cx, found.operation, call, &task, &found.params, stat).map(Box::new)
    }

    /// Stops what a call is doing, so that it can be continued.
    pub(crate) fn halt(&mut self, call: u32) {
        let Some(found) = self.calls.get_mut(&call) else { return };
        let machine = match std::mem::replace(&mut found.phase, Phase::Queued(None)) {
            // The size is still wanted for the task list.
            Phase::Measuring => {
                found.phase = Phase::Measuring;
                return;
            }
            Phase::Queued(machine) | Phase::Checking(machine) => machine,
            Phase::Running(machine) => Some(machine),
        };
        self.cx.abandon(call);
        found.stat = None;
        found.phase = Phase::Queued(machine.map(|mut machine| {
            machine.stop(&mut self.cx);
            machine
        }));
    }

    /// `wx.uploadFile` tells how many bytes it has sent.
    pub(crate) fn sent(&mut self, call: u32, sent: f64, total: f64) {
        if let Some(found) = self.calls.get_mut(&call)
            && let Phase::Running(machine) = &mut found.phase
            && let Machine::Single(single) = &mut **machine
        {
            single.handle_progress(&mut self.cx, sent, total);
        }
    }

    /// Ends a call: the only place where [`Effect::Settle`] is made.
    pub(crate) fn settle(
        &mut self,
        call: u32,
        mut outcome: Result<Value, Error>,
        body: Option<u32>,
    ) {
        self.cx.abandon(call);
        let batch = self.calls.get(&call).map_or((0, 0), |ended| ended.batch);
        if batch.0 > 0 {
            self.enter_reports();
        }
        let state = match &outcome {
            Ok(_) => TaskState::Success,
            Err(error) if error.kind == ErrorKind::Canceled => TaskState::Canceled,
            Err(_) => TaskState::Error,
        };
        if state == TaskState::Canceled && self.tasks.of_call(call).is_none() {
            self.withdraw_offer(call);
        }
        if let Some(ended) = self.calls.remove(&call)
            && let Phase::Queued(Some(mut machine))
            | Phase::Checking(Some(mut machine))
            | Phase::Running(mut machine) = ended.phase
            && let Some(upload_id) = machine.end(&mut self.cx, state == TaskState::Canceled)
            && let Err(error) = &mut outcome
        {
            error.upload_id = Some(upload_id.to_owned());
        }
        let is_task = self.tasks.of_call(call).is_some();
        if is_task {
            self.tasks.set_state(call, state);
            if let Some(task) = self.tasks.of_call(call) {
                task.error = outcome.as_ref().err().filter(|_| state == TaskState::Error).cloned();
            }
            if state.is_over() {
                self.withdraw_offer(call);
            }
            self.cx.emit(Effect::TasksChanged);
        }
        let now = self.cx.now;
        if state != TaskState::Canceled
            && let Some(report) = self.cx.reports_of.get_mut(&call)
            && let Some(fields) = report.finish(outcome.as_ref(), now)
        {
            self.cx.emit(Effect::Report { fields });
        }
        self.cx.emit(Effect::Settle { call, outcome, body });
        let ended = self.file_settled(batch);
        if !(is_task && state == TaskState::Error) {
            self.cx.forget(call);
        }
        self.trim_tasks();
        if let Some(outcome) = ended {
            self.settle(batch.0, outcome, None);
        }
    }
}
