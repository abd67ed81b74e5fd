//! Uploads of files that outlive the program: what is stored of each while it has not ended, and
//! what of that a later life of the program is offered to continue.
//!
//! ```text
//! file known --> keep: Save offer --> ... --> succeeded, canceled: Remove
//! restore --> for one after the other: Load offer, Load record, Stat --> Settle
//! ```

use crate::call::Call;
use crate::catalogue::{self, Course, Operation};
use crate::context::{Context, Event, Owner, Stat, Tag};
use crate::effect::Effect;
use crate::engine::Engine;
use crate::machine::{Machine, Step};
use crate::options::MIB;
use crate::progress::share;
use crate::record::{LIFETIME, PREFIX, Record, name_of};
use crate::request::{headers, texts};
use crate::text::contains;
use crate::value::Value;

/// Before the name of a file's way to an object: the key of its offer.
pub const OFFER: &str = "cos-task-";

/// The most offers that a client keeps: storage is the application's too.
const MOST: usize = 10_000;

/// Words in names of headers and query parameters whose values must not be stored.
const SECRET: [&str; 3] = ["-customer-", "token", "authorization"];

/// The tasks of which an offer is stored, or has to be.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    /// Tasks whose files have been looked at since.
    fresh: Vec<u32>,
    /// How many of them are stored already.
    done: usize,
    /// Offers in storage.
    stored: usize,
}

/// Whether an operation uploads a file.
fn uploads(operation: &Operation, params: &Value) -> bool {
    matches!(operation.course, Course::SimpleUpload | Course::PartUpload | Course::AnyUpload)
        && params.get("Body").is_null()
        && params.get("FilePath").is_truthy()
}

/// Whether the value of a header or query parameter must not be stored.
fn is_secret((name, _): &(String, String)) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|word| contains(&name, word))
}

impl Engine {
    /// Stores what a later life of the program needs to continue uploads that have not ended, of at
    /// most `most` of them. Whether there is more to store: the host calls this some time after
    /// [`Effect::TasksChanged`], and again after a while, so that a long queue does not stop it.
    ///
    /// What cannot be stored costs the offer only. With `UploadIdCacheLimit` 0 nothing is stored.
    pub fn keep(&mut self, most: usize, now: f64) -> bool {
        self.cx.now = now;
        for _ in 0..most {
            let Some(serial) = self.offers.fresh.get(self.offers.done).copied() else { break };
            self.offers.done += 1;
            let Some(task) = self.tasks.get_mut(serial) else { continue };
            let params = &task.params;
            if let Some(stat) = task.stat
                && !task.state.is_over()
                && self.offers.stored < MOST
                && self.cx.options.upload_id_cache_limit > 0
                && !headers(params).iter().any(is_secret)
                && !texts(params.get("Query")).iter().any(is_secret)
            {
                self.offers.stored += usize::from(!task.kept);
                task.kept = true;
                let mut record = Value::map()
                    .with("operation", task.operation.name)
                    .with("size", stat.size)
                    .with("modified", stat.modified)
                    .with("begun", task.begun)
                    .with("params", params.clone());
                if let Some(params) = record.member_mut("params")
                    && task.operation.name == catalogue::UPLOAD_IN_PARTS.name
                {
                    // In parts again, whatever the options of the client that continues it.
                    params.set("SliceSize", 0.0);
                }
                self.cx.emit(Effect::Save { key: [OFFER, &name_of(params)].concat(), record });
            }
        }
        let is_left = self.offers.done < self.offers.fresh.len();
        if !is_left {
            self.offers.fresh.clear();
            self.offers.done = 0;
        }
        is_left
    }

    /// The file of a call is known, or known to be another.
    pub(crate) fn offer_later(&mut self, call: u32, stat: Option<Stat>) {
        if let Some((serial, task)) = self.tasks.entry(call)
            && task.stat != stat
            && uploads(task.operation, &task.params)
        {
            task.stat = stat;
            self.offers.fresh.push(serial);
        }
    }

    /// A call has succeeded or is canceled: nobody may continue it. What a former life has stored of
    /// the same file goes too.
    pub(crate) fn withdraw_offer(&mut self, call: u32) {
        let (operation, params) = if let Some((_, task)) = self.tasks.entry(call) {
            let was_kept = std::mem::take(&mut task.kept);
            self.offers.stored = self.offers.stored.saturating_sub(usize::from(was_kept));
            (task.operation, &task.params)
        } else if let Some(call) = self.calls.get(&call) {
            // No task yet: its file has not been looked at.
            (call.operation, &call.params)
        } else {
            return;
        };
        if uploads(operation, params) {
            let key = [OFFER, &name_of(params)].concat();
            self.cx.emit(Effect::Remove { key });
        }
    }

    /// The names of the uploads that have not ended, for [`restore`](Self::restore).
    pub fn unfinished(&self) -> String {
        let mut names = String::new();
        for (_, call) in self.calls.iter() {
            if uploads(call.operation, &call.params) {
                names += &name_of(&call.params);
            }
        }
        names
    }

    /// Begins a call, and returns its id, that looks for uploads which former lives of the program
    /// left unfinished, among the stored `keys`; `live` names those that run now. It settles with
    /// the list `uploads` of `{name, operation, Bucket, Region, Key, FilePath, params, size, begun,
    /// loaded, percent, uploadId, lost}`. Of those with `lost` the file is not there any more, or is
    /// another, and nothing is stored any more.
    pub fn restore(&mut self, keys: &Value, live: &str, now: f64) -> u32 {
        self.cx.now = now;
        let call = self.cx.next_id();
        let mut restore = Restore { call, ..Restore::default() };
        for key in keys.items() {
            if let Some(name) = key.as_str().and_then(|key| key.strip_prefix(OFFER))
                && !contains(live, name)
            {
                restore.names.push(name.to_owned());
            }
        }
        let step = restore.next(&mut self.cx);
        let running = Call::running(&catalogue::RESTORE_TASKS, Machine::Restore(restore));
        self.calls.insert(call, Box::new(running));
        self.step(call, step);
        call
    }
}

/// Looks for what can be continued.
#[derive(Debug, Default)]
pub(crate) struct Restore {
    call: u32,
    /// Names of what is stored, the one that is looked at last.
    names: Vec<String>,
    /// What is stored of that one.
    offer: Value,
    record: Value,
    found: Vec<Value>,
}

impl Restore {
    /// An answer arrived.
    pub(crate) fn handle(&mut self, cx: &mut Context, event: Event) -> Step {
        let Some(name) = self.names.last() else { return Step::Wait };
        let owner = Owner { call: self.call, tag: Tag::Only };
        match event {
            Event::Record(stored) if self.offer.is_null() => {
                let params = stored.get("params");
                let begun = stored.get("begun").as_number().unwrap_or(0.0);
                if name_of(params) == *name
                    && (cx.now - begun).abs() < LIFETIME
                    && catalogue::find(&stored.get("operation").to_text())
                        .is_some_and(|operation| uploads(operation, params))
                {
                    self.offer = stored;
                    cx.load(owner, &[PREFIX, name].concat());
                    return Step::Wait;
                }
                cx.emit(Effect::Remove { key: [OFFER, name].concat() });
            }
            Event::Record(stored) => {
                self.record = stored;
                cx.stat(owner, &self.offer.get("params").get("FilePath").to_text());
                return Step::Wait;
            }
            Event::Stat(stat) => {
                let offer = std::mem::take(&mut self.offer);
                let number = |name: &str| offer.get(name).as_number().unwrap_or(-1.0);
                let former = Stat { size: number("size"), modified: number("modified") };
                let is_lost = stat != Ok(former);
                let mut record = Record::new("", former, MIB);
                let upload_id = record.recall(&self.record, cx.now).unwrap_or_default();
                if is_lost {
                    for prefix in [OFFER, PREFIX] {
                        cx.emit(Effect::Remove { key: [prefix, name].concat() });
                    }
                }
                let loaded = record.confirmed();
                let mut upload = offer
                    .with("name", name.as_str())
                    .with("loaded", loaded)
                    .with("percent", share(loaded, former.size))
                    .with("uploadId", upload_id)
                    .with("lost", is_lost);
                for name in ["Bucket", "Region", "Key", "FilePath"] {
                    let value = upload.get("params").get(name).clone();
                    upload.set(name, value);
                }
                self.found.push(upload);
            }
            _ => return Step::Wait,
        }
        self.names.pop();
        self.next(cx)
    }

    /// Looks at the next one.
    fn next(&mut self, cx: &mut Context) -> Step {
        let Some(name) = self.names.last() else {
            let found = Value::List(std::mem::take(&mut self.found));
            return Step::Done(Ok(Value::map().with("uploads", found)));
        };
        cx.load(Owner { call: self.call, tag: Tag::Only }, &[OFFER, name].concat());
        Step::Wait
    }
}
