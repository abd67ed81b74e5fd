//! [`Engine`]: one COS client. Takes inputs, routes answers to calls, queues effects.

use crate::call::Call;
use crate::catalogue;
use crate::check::check;
use crate::context::{Context, Stat};
use crate::digest::PartSums;
use crate::effect::Effect;
use crate::error::Error;
use crate::exchange::Usage;
use crate::idmap::IdMap;
use crate::options::Options;
use crate::presign::{self, Presign};
use crate::queue::Queue;
use crate::record::{PREFIX, name_of};
use crate::restore::Offers;
use crate::task::{TaskState, Tasks};
use crate::value::Value;

/// One COS client.
///
/// Inputs are the methods that take `now`, the host's clock in milliseconds since 1970. After each
/// input, drain [`poll_effect`](Engine::poll_effect) until it is empty. Every call accepted by
/// [`submit`](Engine::submit) ends in exactly one [`Effect::Settle`]. Answers to ids that are not
/// awaited (any more) are ignored, whatever they say. The same inputs give the same effects.
pub struct Engine {
    pub(crate) cx: Context,
    /// In boxes: a long list is moved when one leaves it.
    pub(crate) calls: IdMap<u32, Box<Call>>,
    /// Calls whose files are to be measured.
    pub(crate) unmeasured: Queue<u32>,
    pub(crate) tasks: Tasks,
    pub(crate) offers: Offers,
}

impl Engine {
    /// A client with the options of `new COS(options)`. `seed` decides task ids and pauses.
    pub fn new(options: &Value, seed: u32, now: f64) -> Engine {
        Engine {
            cx: Context::new(Options::from_value(options), seed, now),
            calls: IdMap::default(),
            unmeasured: Queue::default(),
            tasks: Tasks::default(),
            offers: Offers::default(),
        }
    }

    /// The application has changed its options. What is under way goes on with the new ones; a clock
    /// that was corrected stays so unless its offset is what changed.
    pub fn configure(&mut self, options: &Value) {
        let mut changed = Options::from_value(options);
        let offset = |options: &Options| options.complete.get("SystemClockOffset").as_number();
        if offset(&changed) == offset(&self.cx.options) {
            changed.clock_offset = self.cx.options.clock_offset;
        }
        self.cx.options = changed;
    }

    /// The options as they were understood: with defaults and within limits.
    pub fn options(&self) -> &Value {
        &self.cx.options.complete
    }

    /// The next thing for the host to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.cx.poll_effect()
    }

    // Commands.

    /// Begins a call and returns its id. `params` are the operation's parameters without functions;
    /// a `Body` is described as `{kind: 'text' | 'buffer', size}`.
    ///
    /// `uploadFiles` begins a call for each of its `files` too, under the ids that follow its own, in
    /// their order. They settle with what became of the files; it settles after the last of them, with
    /// an empty map.
    pub fn submit(&mut self, name: &str, params: Value, now: f64) -> u32 {
        self.cx.now = now;
        let call = self.cx.next_id();
        if let Some(operation) = catalogue::find(name) {
            self.cx.report_on(call, operation.name, &params);
        }
        match self.admit(call, name, params) {
            Ok(()) => self.run(),
            Err(error) => self.settle(call, Err(error.of_operation(name)), None),
        }
        call
    }

    /// Pauses a task; unknown tasks and those that are over are left alone. Whether it was paused.
    pub fn pause(&mut self, task: &str, now: f64) -> bool {
        self.cx.now = now;
        let Some((call, state)) = self.tasks.find(task).map(|task| (task.call, task.state)) else {
            return false;
        };
        if state != TaskState::Waiting && !state.is_running() {
            return false;
        }
        self.tasks.set_state(call, TaskState::Paused);
        self.halt(call);
        self.cx.emit(Effect::TasksChanged);
        self.run();
        true
    }

    /// Cancels a task: its call settles as [`Canceled`](crate::error::ErrorKind::Canceled),
    /// whatever it was doing. With `abort` COS drops the parts that it has of it, too. `None` when
    /// there was nothing to cancel; else the call that ends when COS has dropped them, which is 0 when
    /// it had none.
    ///
    /// A completion that is under way may still make the object.
    pub fn cancel(&mut self, task: &str, abort: bool, now: f64) -> Option<u32> {
        self.cx.now = now;
        let found = self.tasks.find(task)?;
        let (call, state, params) = (found.call, found.state, &found.params);
        let upload_id = self.calls.get(&call).and_then(|call| call.upload_id(&self.cx));
        let upload_id =
            upload_id.or(found.error.as_ref().and_then(|error| error.upload_id.as_deref()));
        let doomed = upload_id.filter(|id| abort && !id.is_empty()).map(|upload_id| {
            let mut place = Value::map().with("UploadId", upload_id);
            for name in ["Bucket", "Region", "Key"] {
                place.set(name, params.get(name).clone());
            }
            ([PREFIX, &name_of(params)].concat(), place)
        });
        match state {
            TaskState::Canceled | TaskState::Success => return None,
            TaskState::Error => {
                // Its call has settled; only the task is still there to be restarted.
                self.tasks.set_state(call, TaskState::Canceled);
                self.withdraw_offer(call);
                self.cx.forget(call);
                self.cx.emit(Effect::TasksChanged);
            }
            TaskState::Waiting | TaskState::Checking | TaskState::Uploading | TaskState::Paused => {
                self.settle(call, Err(Error::canceled()), None);
            }
        }
        self.run();
        Some(doomed.map_or(0, |(key, place)| {
            self.cx.emit(Effect::Remove { key });
            self.submit(catalogue::ABORT.name, place, now)
        }))
    }

    /// Cancels a call, whether it is a task or not: it settles as
    /// [`Canceled`](crate::error::ErrorKind::Canceled), and so do the files of `uploadFiles`. Whether
    /// it had not settled before.
    pub fn cancel_call(&mut self, call: u32, now: f64) -> bool {
        self.cx.now = now;
        if self.calls.get(&call).is_none() {
            return false;
        }
        let mut doomed = self.cancel_batch(call);
        doomed.push(call);
        for call in doomed {
            if self.calls.get(&call).is_some() {
                self.settle(call, Err(Error::canceled()), None);
            }
        }
        self.run();
        true
    }

    /// Continues a paused task, or tries a failed one again. Returns the call it runs under now:
    /// a failed one gets a new call, so that each call settles once. 0 when there is nothing to
    /// restart.
    pub fn restart(&mut self, task: &str, now: f64) -> u32 {
        self.cx.now = now;
        let Some(found) = self.tasks.find(task) else { return 0 };
        let mut call = found.call;
        match found.state {
            TaskState::Paused => {}
            TaskState::Error => {
                let revived = Call::queued(found.operation, found.params.clone());
                let renewed = self.cx.next_id();
                self.calls.insert(renewed, Box::new(revived));
                self.tasks.rebind(call, renewed);
                if let Some(report) = self.cx.reports_of.remove(&call) {
                    self.cx.reports_of.insert(renewed, report);
                }
                self.file_restarted(call, renewed);
                call = renewed;
            }
            TaskState::Waiting
            | TaskState::Checking
            | TaskState::Uploading
            | TaskState::Success
            | TaskState::Canceled => return 0,
        }
        self.tasks.set_state(call, TaskState::Waiting);
        self.cx.emit(Effect::TasksChanged);
        self.run();
        call
    }

    /// The tasks as `getTaskList` returns them.
    pub fn task_list(&self) -> Value {
        self.tasks.to_value()
    }

    /// Whether an upload runs or waits.
    pub fn is_upload_running(&self) -> bool {
        self.tasks.is_busy()
    }

    /// The URL that `getObjectUrl` returns at once; see [`Presign::returned`].
    ///
    /// # Errors
    /// A parameter is missing or malformed.
    pub fn object_url(&self, params: Value, now: f64) -> Result<String, Error> {
        let checked = check(&catalogue::GET_OBJECT_URL, params, &self.cx.options)?;
        Ok(Presign::new(&checked.params, &self.cx.options).returned(&self.cx.options, now))
    }

    /// `getAuth`: [`crate::authorization`] by the client's clock, with its key where `description`
    /// has none.
    ///
    /// # Errors
    /// As there.
    pub fn authorization(&mut self, description: &str, now: f64) -> Result<String, Error> {
        let Options { secret_id, secret_key, clock_offset, .. } = &self.cx.options;
        let keys = &mut self.cx.signing_keys;
        presign::authorization(description, [secret_id, secret_key], now + clock_offset, keys)
    }

    // Answers.

    /// Answers [`Effect::Stat`]; the error is the host's text.
    pub fn handle_stat(&mut self, id: u32, answer: Result<Stat, String>, now: f64) {
        self.input(now, |cx| cx.handle_stat(id, answer));
    }

    /// The next bytes of an [`Effect::Read`], at most 256 KiB.
    pub fn handle_window(&mut self, id: u32, window: &[u8]) {
        self.cx.handle_window(id, window);
    }

    /// Answers [`Effect::Read`], after all windows, and [`Effect::Write`] and [`Effect::Rename`]; the
    /// error is the host's text.
    pub fn handle_read(&mut self, id: u32, answer: Result<(), String>, now: f64) {
        self.input(now, |cx| cx.handle_read(id, answer.map(|()| None)));
    }

    /// Answers [`Effect::Read`] by itself, without windows, where the host knows what the bytes sum
    /// up to: with MD5, and what is wrong is found out when COS answers.
    pub fn handle_sums(&mut self, id: u32, sums: PartSums, now: f64) {
        self.input(now, |cx| cx.handle_read(id, Ok(Some(sums))));
    }

    /// [`handle_read`](Self::handle_read), for hosts that keep reading and writing apart.
    pub fn handle_write(&mut self, id: u32, answer: Result<(), String>, now: f64) {
        self.handle_read(id, answer, now);
    }

    /// Answers [`Effect::Load`]; null when there is no such record.
    pub fn handle_record(&mut self, id: u32, record: Value, now: f64) {
        self.input(now, |cx| cx.handle_record(id, record));
    }

    /// Answers [`Effect::Authorize`] with what the application's callback gave, or why it failed.
    pub fn handle_credential(&mut self, id: u32, answer: Result<Value, String>, now: f64) {
        self.input(now, |cx| cx.handle_credential(id, answer));
    }

    /// Answers [`Effect::Send`]: `body` is the text, the object parsed from a JSON text, or null
    /// when the host keeps the body.
    pub fn handle_response(
        &mut self,
        id: u32,
        status: u16,
        headers: Vec<(String, String)>,
        body: Value,
        now: f64,
    ) {
        self.input(now, |cx| cx.handle_response(id, status, headers, body));
    }

    /// Answers [`Effect::Send`] when no answer came, with the host's text (`request:fail timeout`).
    pub fn handle_failure(&mut self, id: u32, message: &str, now: f64) {
        self.input(now, |cx| cx.handle_failure(id, message));
    }

    /// Answers [`Effect::Timer`].
    pub fn handle_timer(&mut self, id: u32, now: f64) {
        self.input(now, |cx| cx.handle_timer(id));
    }

    /// Bytes of a request under way, as `wx.uploadFile` tells them; what makes no sense is ignored.
    pub fn handle_progress(&mut self, id: u32, sent: f64, total: f64, now: f64) {
        self.cx.now = now;
        let is_share = total.is_finite() && (0.0..=total).contains(&sent);
        if is_share && let Some(call) = self.cx.handle_progress(id, sent) {
            self.sent(call, sent, total);
            self.run();
        }
    }

    // What happens to the app.

    /// The app has gone to the background, where the system may end it: no request is begun until it is
    /// shown, and all that a later life needs is stored.
    pub fn handle_hide(&mut self, now: f64) {
        self.input(now, Context::handle_hide);
        self.keep(usize::MAX, now);
    }

    /// The app is shown again. Requests that WeChat has ended meanwhile are sent again.
    pub fn handle_show(&mut self, now: f64) {
        self.input(now, Context::handle_show);
    }

    /// The network has changed to `kind`, as the host calls it: `none`, `wifi`, `4g` and so on. Without
    /// one, uploads, copies and downloads wait; with another one, what is under way is sent again.
    pub fn handle_network(&mut self, kind: &str, now: f64) {
        self.input(now, |cx| cx.handle_network(kind));
    }

    // Other clients of the same host.

    /// What this client has under way.
    pub fn usage(&self) -> Usage {
        self.cx.usage()
    }

    /// What the other clients of the host have under way, to be told before every input: together they
    /// send no more than the host's ten requests.
    pub fn share(&mut self, others: Usage) {
        self.cx.share(others);
    }

    /// Another client has less under way, so that there may be room for what waits here. Whether there
    /// was.
    pub fn handle_room(&mut self, now: f64) -> bool {
        let before = self.usage();
        self.input(now, |_| {});
        self.usage() != before
    }

    fn input(&mut self, now: f64, answer: impl FnOnce(&mut Context)) {
        self.cx.now = now;
        answer(&mut self.cx);
        self.run();
    }
}
