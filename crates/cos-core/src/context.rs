//! [`Context`]: what every call shares: options, clock, randomness, ids, and what is awaited.
//!
//! A call asks the context for something and later gets an [`Event`] with the tag it gave. The
//! context knows what each id stands for, so that dropping a call drops all it waits for.

use crate::credential::Credentials;
use crate::digest::{PartDigest, PartSums};
use crate::effect::{Effect, Progress, Source};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Exchange, Traffic};
use crate::idmap::IdMap;
use crate::options::Options;
use crate::progress::Measure;
use crate::queue::Queue;
use crate::report::Report;
use crate::response::Reply;
use crate::sign::SigningKeyCache;
use crate::value::Value;

/// What a call wants to know when the answer comes: which of its questions it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The only question of its kind.
    Only,
    /// Concerns the part with this number, from 1.
    Part(u32),
    /// Whether an earlier part at COS has the bytes of the file.
    Verify(u32),
    /// Upload ids of the key.
    Uploads,
    /// Parts of an upload id.
    Parts,
    /// The object that is to be copied.
    Source,
    /// The copy of a whole object.
    Copy,
    /// A new upload id.
    Init,
    /// The completion of an upload.
    Complete,
    /// The object after a completion without an answer.
    Confirm,
    /// The index of resume records.
    Index,
    /// A progress report is due.
    Progress,
    /// A report on digesting is due.
    HashProgress,
}

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The call.
    pub call: u32,
    /// Its question.
    pub tag: Tag,
}

/// A file as the host sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stat {
    /// Bytes.
    pub size: f64,
    /// Last modification, in the host's unit; only compared, never computed with.
    pub modified: f64,
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Event {
    /// To `stat`.
    Stat(Result<Stat, Error>),
    /// To `read`: the id of the buffer and what its bytes sum up to.
    Read(Result<(u32, PartSums), Error>),
    /// To `write` and `rename`.
    Written(Result<(), Error>),
    /// To `load`.
    Record(Value),
    /// To `send`.
    Reply(Result<Reply, Error>),
    /// To `presign`: the authorization and what else goes into the URL.
    Grant(Result<Value, Error>),
    /// To `timer`.
    Timer,
}

/// What an id stands for.
#[derive(Clone, Debug)]
pub(crate) enum Waiter {
    Stat(Owner),
    Read(Owner),
    Write(Owner),
    Record(Owner),
    Timer(Owner),
    /// A request of this exchange is under way.
    Send(u32),
    /// This exchange pauses before its next attempt.
    Retry(u32),
    /// The application was asked for a credential.
    Credential,
    /// It has had this long to answer the question with this id.
    CredentialLimit(u32),
    /// What is held back is tried all the same.
    Probe,
}

/// See the module.
pub struct Context {
    /// The client's options. `clock_offset` follows the server's clock.
    pub options: Options,
    /// The host's clock at the current input, milliseconds since 1970.
    pub now: f64,
    pub(crate) events: Queue<(Owner, Event)>,
    pub(crate) waiting: IdMap<u32, Waiter>,
    pub(crate) exchanges: IdMap<u32, Exchange>,
    pub(crate) traffic: Traffic,
    /// Until when requests go to the standby host first.
    pub(crate) standby_until: f64,
    pub(crate) credentials: Credentials,
    pub(crate) signing_keys: SigningKeyCache,
    /// Upload ids and partial files that calls are working on; no other call may resume them.
    pub(crate) uploads_in_use: Vec<String>,
    /// Progress not yet entered into the task list.
    pub(crate) reports: Vec<(u32, Measure, Progress)>,
    /// What reporters will be told, by call.
    pub(crate) reports_of: IdMap<u32, Report>,
    effects: Queue<Effect>,
    /// What waits for room: reads, and exchanges whose answers need it.
    reads: Queue<(u32, Option<Effect>)>,
    /// Of each of them the call, 0 when nobody waits for it any more, and its bytes, negative as long
    /// as it has not begun.
    buffers: IdMap<u32, (u32, f64)>,
    /// Bytes of those that have begun.
    pub(crate) held: f64,
    /// Those of the other clients of the host.
    pub(crate) held_elsewhere: f64,
    digests: IdMap<u32, PartDigest>,
    last_id: u32,
    random: u32,
}

impl Context {
    /// A context; `seed` decides ids of tasks and the length of pauses.
    pub fn new(options: Options, seed: u32, now: f64) -> Context {
        Context {
            options,
            now,
            events: Queue::default(),
            waiting: IdMap::default(),
            exchanges: IdMap::default(),
            traffic: Traffic::default(),
            standby_until: 0.0,
            credentials: Credentials::default(),
            signing_keys: SigningKeyCache::default(),
            uploads_in_use: Vec::new(),
            reports: Vec::new(),
            reports_of: IdMap::default(),
            effects: Queue::default(),
            reads: Queue::default(),
            buffers: IdMap::default(),
            held: 0.0,
            held_elsewhere: 0.0,
            digests: IdMap::default(),
            last_id: 0,
            // Zero is the one state xorshift never leaves.
            random: seed.max(1),
        }
    }

    /// A fresh id.
    pub fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    /// 32 pseudo-random bits (xorshift32): for jitter and task ids, never for secrets.
    pub fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }

    /// The server's clock, milliseconds since 1970, as far as it is known.
    pub fn server_now(&self) -> f64 {
        self.now + self.options.clock_offset
    }

    /// Queues an effect.
    pub fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The next effect for the host.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop()
    }

    pub(crate) fn await_answer(&mut self, waiter: Waiter) -> u32 {
        let id = self.next_id();
        self.waiting.insert(id, waiter);
        id
    }

    /// Asks for size and modification time of a file.
    pub fn stat(&mut self, owner: Owner, path: &str) {
        let id = self.await_answer(Waiter::Stat(owner));
        self.emit(Effect::Stat { id, path: path.to_owned() });
    }

    /// Asks for `bytes` of a file, or of the caller's `Body`, which are there already; they are
    /// digested, with MD5 when `md5` is set. The buffer stays until [`release`](Self::release). All
    /// there are is asked for when `length` is negative. An answer has had its room since it was asked
    /// for.
    pub fn read(&mut self, owner: Owner, source: Source, range: [f64; 2], bytes: f64, md5: bool) {
        let id = self.await_answer(Waiter::Read(owner));
        let [offset, length] = range;
        self.digests.insert(id, PartDigest::new(md5));
        let call = owner.call;
        let is_here = bytes <= 0.0 || matches!(source, Source::Answer(_));
        let read = Effect::Read { id, call, source, offset, length, digest: true };
        if is_here {
            self.held += bytes;
            self.buffers.insert(id, (call, bytes));
            self.emit(read);
        } else {
            self.await_room(id, call, bytes, Some(read));
        }
    }

    /// Begins a read, or sends the exchange `id`, as soon as there is room for so many bytes.
    pub(crate) fn await_room(&mut self, id: u32, call: u32, bytes: f64, read: Option<Effect>) {
        self.buffers.insert(id, (call, -bytes));
        self.reads.push((id, read));
        self.start_reads();
    }

    /// Begins that for which there is room, in order. Whether that was anything.
    pub(crate) fn start_reads(&mut self) -> bool {
        let mut began = false;
        while let Some((id, _)) = self.reads.front()
            && let Some((_, bytes)) = self.buffers.get_mut(id)
        {
            let taken = self.held + self.held_elsewhere;
            if taken > 0.0 && taken - *bytes > self.options.memory_limit {
                break;
            }
            *bytes = bytes.abs();
            self.held += *bytes;
            began = true;
            match self.reads.pop() {
                Some((_, Some(read))) => self.emit(read),
                Some((id, None)) => self.enqueue(id),
                None => {}
            }
        }
        began
    }

    /// Whether something waits for room.
    pub(crate) fn awaits_room(&self) -> bool {
        !self.reads.is_empty()
    }

    /// Gives a buffer back.
    pub fn release(&mut self, read: u32) {
        if self.free(read) {
            self.emit(Effect::Release { id: read });
        }
    }

    /// There is no buffer of this read any more; whether there was.
    pub(crate) fn free(&mut self, read: u32) -> bool {
        self.digests.remove(&read);
        let freed = self.buffers.remove(&read);
        self.held -= freed.map_or(0.0, |(_, bytes)| bytes.max(0.0));
        freed.is_some()
    }

    /// Asks for a change of a file; `effect` makes it from the id of the answer.
    pub fn change(&mut self, owner: Owner, effect: impl FnOnce(u32) -> Effect) {
        let id = self.await_answer(Waiter::Write(owner));
        self.emit(effect(id));
    }

    /// Asks for a stored record.
    pub fn load(&mut self, owner: Owner, key: &str) {
        let id = self.await_answer(Waiter::Record(owner));
        self.emit(Effect::Load { id, key: key.to_owned() });
    }

    /// Asks to be woken after `delay` milliseconds.
    pub fn timer(&mut self, owner: Owner, delay: f64) -> u32 {
        let id = self.await_answer(Waiter::Timer(owner));
        self.emit(Effect::Timer { id, delay });
        id
    }

    /// Forgets everything a call waits for: requests and timers are aborted, buffers given back,
    /// later answers ignored. What the host has not been told yet is withdrawn.
    pub fn abandon(&mut self, call: u32) {
        let exchanges: Vec<u32> = self
            .exchanges
            .iter()
            .filter(|(_, exchange)| exchange.owner.call == call)
            .map(|(id, _)| *id)
            .collect();
        for exchange in &exchanges {
            self.exchanges.remove(exchange);
            self.dequeue(*exchange);
            self.withdraw(*exchange);
            self.free(*exchange);
        }
        let mut dropped = Vec::new();
        self.waiting.retain(|id, waiter| {
            let is_of_call = match waiter {
                Waiter::Stat(owner)
                | Waiter::Read(owner)
                | Waiter::Write(owner)
                | Waiter::Record(owner)
                | Waiter::Timer(owner) => owner.call == call,
                Waiter::Send(exchange) | Waiter::Retry(exchange) => exchanges.contains(exchange),
                Waiter::Credential | Waiter::CredentialLimit(_) | Waiter::Probe => false,
            };
            if is_of_call {
                dropped.push((*id, waiter.clone()));
            }
            !is_of_call
        });
        for (id, waiter) in dropped {
            if let Waiter::Send(_) = waiter {
                self.traffic.sending -= 1;
            }
            let told = !self.withdraw(id);
            match waiter {
                Waiter::Read(_) => match self.buffers.get_mut(&id) {
                    Some((call, _)) if told => *call = 0,
                    _ => drop(self.free(id)),
                },
                Waiter::Send(_) | Waiter::Timer(_) | Waiter::Retry(_) if told => {
                    self.emit(Effect::Abort { id });
                }
                _ => {}
            }
        }
        let buffers: Vec<u32> = self
            .buffers
            .iter()
            .filter(|(_, (owner, _))| *owner == call)
            .map(|(id, _)| *id)
            .collect();
        for read in buffers {
            self.release(read);
        }
        self.events.retain(|(owner, _)| owner.call != call);
    }

    /// A call does not work on this upload or partial file any more.
    pub fn leave(&mut self, name: &str) {
        self.uploads_in_use.retain(|used| used != name);
    }

    /// Takes back what the host has not been told yet; `false` when it knows already.
    fn withdraw(&mut self, id: u32) -> bool {
        self.effects.retain(|effect| effect.asks() != Some(id))
            || self.reads.retain(|(read, _)| *read != id)
    }

    /// Tells the caller and the task list how far an upload is.
    pub fn report(&mut self, call: u32, measure: Measure, progress: Progress) {
        self.reports.push((call, measure, progress));
        self.emit(match measure {
            Measure::Upload => Effect::Progress { call, progress },
            Measure::Hash => Effect::HashProgress { call, progress },
        });
    }

    /// Stops a timer or a request.
    pub fn stop(&mut self, id: u32) {
        if self.waiting.remove(&id).is_some() && !self.withdraw(id) {
            self.emit(Effect::Abort { id });
        }
    }

    /// See [`Engine::handle_stat`](crate::engine::Engine::handle_stat).
    pub(crate) fn handle_stat(&mut self, id: u32, answer: Result<Stat, String>) {
        if let Some(Waiter::Stat(owner)) = self.take(id, |waiter| matches!(waiter, Waiter::Stat(_)))
        {
            let answer = match answer {
                Ok(stat) if !(0.0..f64::INFINITY).contains(&stat.size) => {
                    Err(file_error("stat", "the host tells no size"))
                }
                Ok(stat) => Ok(stat),
                Err(message) => Err(file_error("stat", &message)),
            };
            self.events.push((owner, Event::Stat(answer)));
        }
    }

    pub(crate) fn handle_window(&mut self, id: u32, window: &[u8]) {
        if let Some(digest) = self.digests.get_mut(&id) {
            digest.update(window);
        }
    }

    pub(crate) fn handle_read(&mut self, id: u32, answer: Result<Option<PartSums>, String>) {
        if let Some((0, _)) = self.buffers.get(&id) {
            self.free(id);
            if answer.is_ok() {
                self.emit(Effect::Release { id });
            }
        }
        let owner =
            match self.take(id, |waiter| matches!(waiter, Waiter::Read(_) | Waiter::Write(_))) {
                Some(Waiter::Read(owner)) => owner,
                Some(Waiter::Write(owner)) => {
                    let answer = answer.map(drop).map_err(|message| file_error("write", &message));
                    return self.events.push((owner, Event::Written(answer)));
                }
                _ => return,
            };
        let event = match (answer, self.digests.remove(&id)) {
            (Ok(sums), Some(digest)) => Ok((id, sums.unwrap_or_else(|| digest.finish()))),
            (Ok(_), None) => {
                Err(Error::new(ErrorKind::Internal, "COS_INTERNAL", "read without digest"))
            }
            (Err(message), _) => {
                self.free(id);
                Err(file_error("readFile", &message))
            }
        };
        self.events.push((owner, Event::Read(event)));
    }

    pub(crate) fn handle_record(&mut self, id: u32, record: Value) {
        if let Some(Waiter::Record(owner)) =
            self.take(id, |waiter| matches!(waiter, Waiter::Record(_)))
        {
            self.events.push((owner, Event::Record(record)));
        }
    }

    pub(crate) fn handle_timer(&mut self, id: u32) {
        let timers = |waiter: &Waiter| {
            matches!(
                waiter,
                Waiter::Timer(_) | Waiter::Retry(_) | Waiter::CredentialLimit(_) | Waiter::Probe
            )
        };
        match self.take(id, timers) {
            Some(Waiter::Timer(owner)) => self.events.push((owner, Event::Timer)),
            Some(Waiter::Retry(exchange)) => self.enqueue(exchange),
            Some(Waiter::CredentialLimit(question)) => self.end_question(question),
            Some(Waiter::Probe) => self.probe(),
            _ => {}
        }
    }

    /// Removes and returns what `id` stands for, if it is of the expected sort: an answer of
    /// another sort is a host's mistake and changes nothing.
    pub(crate) fn take(&mut self, id: u32, expected: impl Fn(&Waiter) -> bool) -> Option<Waiter> {
        if !self.waiting.get(&id).is_some_and(expected) {
            return None;
        }
        let taken = self.waiting.remove(&id);
        if let Some(Waiter::Send(_)) = taken {
            self.traffic.sending -= 1;
        }
        taken
    }
}

/// A file operation that failed. Upstream reports the texts of `wx` as they are.
fn file_error(operation: &str, message: &str) -> Error {
    let mut error =
        Error::new(ErrorKind::Usage, "COS_FILE", [operation, " error, ", message].concat());
    if operation == "stat" {
        error.detail = Value::from(message);
    }
    error
}
