//! A phone, its user, the network and COS, in virtual time. A seed decides everything: what is
//! transferred, what goes wrong, and when.
//!
//! Whatever happens, the rules of [`Ledger`] hold; a success means that COS has the bytes of the
//! file; a part that COS has confirmed is not sent again; and once the trouble is over, everything
//! that was not cancelled ends in a success.

mod dice;
mod disk;
mod fault;
mod network;
mod phone;
mod plan;
mod sabotage;
mod user;
mod verdict;

pub use fault::{Fault, Tally};
pub use sabotage::Sabotage;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use cos_core::Usage;
use cos_core::effect::{Effect, HttpRequest};
use cos_core::engine::Engine;
use cos_core::value::Value;

use crate::answer::Answer;
use crate::client::START;
use crate::content::{Content, Version};
use crate::ledger::Ledger;
use crate::line::Names;
use crate::model::Cos;

use dice::Dice;
use disk::Disk;

/// Events and effects after which a world that has not come to an end never will.
const MOST_STEPS: u64 = 60_000;

/// Milliseconds after which nothing goes wrong any more.
const TROUBLE: f64 = 120_000.0;

/// The parameter with the key that a customer encrypts objects with.
const CUSTOMER_KEY: &str = "SSECustomerKey";

/// The header that it is sent in.
const CUSTOMER_HEADER: &str = "x-cos-server-side-encryption-customer-key";

#[derive(Debug)]
enum Event {
    /// The device has done what was asked.
    Device(Effect),
    Timer(u32),
    /// A request reaches COS; the answer may get lost on its way.
    Arrive {
        id: u32,
        request: Box<HttpRequest>,
        body: Option<Content>,
        lost: bool,
    },
    Answer {
        id: u32,
        answer: Answer,
        bytes: Option<Content>,
    },
    Fail {
        id: u32,
        why: &'static str,
    },
    Grant(u32),
    Submit(usize),
    Pause(usize),
    Cancel(usize),
    Restart(usize),
    Change(usize),
    AbortUpload,
    Kill,
    /// The host stores what a later life of the app can continue.
    Keep,
    /// The app looks for what its former life has left unfinished.
    Restore,
    Hide,
    Sleep,
    Show,
    Network(&'static str),
}

/// What somebody wants of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// The file is the object.
    Upload,
    /// The same, as one of several files.
    UploadInBatch,
    /// The files of the next so many are.
    Batch(usize),
    /// The source is the object.
    Copy,
    /// The bytes are at the end of the object, once.
    Append,
    /// The object is the file.
    Download,
    /// Any answer.
    Plain,
}

/// Something that the user wants, from the first try to the last.
struct Wanted {
    goal: Goal,
    client: usize,
    operation: &'static str,
    params: Value,
    /// What the file, the source or the `Body` has been since it was first wanted.
    versions: Vec<Version>,
    key: String,
    call: u32,
    /// The call that it is a file of, 0 for none.
    batch: u32,
    /// Calls that were restarted before anybody heard of their end.
    former: Vec<u32>,
    task: String,
    state: State,
    chances: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Open,
    Failed,
    Canceling,
    /// It has failed, and was cancelled before anybody heard of that.
    Dropped,
    Over,
}

/// A part on its way: of which upload, and which bytes.
struct Part {
    call: u32,
    place: (String, String),
    body: Option<Content>,
}

/// One engine and what its host knows.
struct Client {
    engine: Engine,
    options: Value,
    ledger: Ledger,
    buffers: HashMap<u32, Content>,
    parts: BTreeMap<u32, Part>,
    /// Bodies that the host kept of answers, by send.
    kept: HashMap<u32, Content>,
    /// Parts at a time, files at a time.
    limits: [usize; 2],
    questions: u32,
    /// What is being appended, by send.
    appending: HashMap<u32, u32>,
    /// Calls whose bytes may have been appended, since no answer came.
    uncertain: HashSet<u32>,
    /// Whether the host is going to store what can be continued.
    keeping: bool,
    /// The call that looks for what can be continued.
    restoring: u32,
    names: Names,
}

/// See the module.
pub struct World {
    dice: Dice,
    /// Which faults there may be in this world, a bit each: each world has its own mixture.
    faults: u32,
    /// Percent of things that go wrong.
    trouble: u64,
    /// Bytes of files and objects that the clients may hold together.
    memory: f64,
    clients: Vec<Client>,
    disk: Disk,
    cos: Cos,
    now: f64,
    /// Milliseconds that the phone's clock is ahead.
    skew: f64,
    network: &'static str,
    /// Whether the host tells that the app is hidden or shown, and that the network is another.
    tells: bool,
    hidden: bool,
    /// What is for the phone while its script is stopped; `None` while it runs.
    asleep: Option<Vec<(usize, Event)>>,
    queue: BinaryHeap<Reverse<(u64, usize)>>,
    events: Vec<Option<(u32, usize, Event)>>,
    /// Which engines run: events for earlier ones are lost.
    life: u32,
    wanted: Vec<Wanted>,
    /// Parts that COS has confirmed, by upload id and number, and their bytes.
    confirmed: HashMap<(String, String), Content>,
    keys: u32,
    expiry: HashMap<String, f64>,
    sabotage: Option<Sabotage>,
    spare: Option<Effect>,
    /// What has happened.
    pub tally: Tally,
    told: bool,
    /// What has happened, a line each, if somebody wants to know.
    pub trace: Vec<String>,
}

impl World {
    /// Plays until everything has come to an end.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn run(&mut self) -> Result<(), String> {
        while self.tally.steps < MOST_STEPS {
            self.tally.steps += 1;
            let Some(Reverse((due, at))) = self.queue.pop() else {
                if self.start_what_has_failed() {
                    self.drain()?;
                    continue;
                }
                return self.close();
            };
            self.now = self.now.max(due as f64);
            let Some((life, client, event)) = self.events[at].take() else { continue };
            if self.told && (life == self.life || matches!(event, Event::Arrive { .. })) {
                let line = self.spell(client, &event);
                self.trace.push(format!("{:>7} {line}", self.now));
            }
            self.happen(life, client, event)?;
            self.drain()?;
        }
        Err(format!("no end after {MOST_STEPS} steps"))
    }

    fn schedule(&mut self, delay: f64, client: usize, event: Event) {
        let due = (self.now + delay) as u64;
        self.queue.push(Reverse((due, self.events.len())));
        self.events.push(Some((self.life, client, event)));
    }

    /// Whether this goes wrong now.
    fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.now < TROUBLE
            && self.faults & (1 << fault as u32) != 0
            && self.dice.percent(self.trouble);
        if strikes {
            self.tally.count(fault);
        }
        strikes
    }

    /// A client, which has been told what the others have under way.
    fn engine(&mut self, at: usize) -> &mut Engine {
        let others = self.clients.iter().enumerate().filter(|(other, _)| *other != at);
        let others = others.map(|(_, client)| client.engine.usage());
        let others = others.fold(Usage::default(), Usage::and);
        let engine = &mut self.clients[at].engine;
        engine.share(match self.sabotage {
            Some(Sabotage::HidesOthers) => Usage { bytes: others.bytes, ..Usage::default() },
            Some(Sabotage::HidesBuffers) => Usage { bytes: 0.0, ..others },
            _ => others,
        });
        engine
    }

    /// What the phone's clock shows.
    fn clock(&self) -> f64 {
        START + self.now + self.skew
    }

    fn happen(&mut self, life: u32, client: usize, event: Event) -> Result<(), String> {
        let alive = life == self.life;
        if let Event::Arrive { id, request, body, lost } = event {
            return self.arrives(alive, client, id, &request, body, lost);
        }
        let is_for_phone = matches!(
            event,
            Event::Device(_)
                | Event::Timer(_)
                | Event::Answer { .. }
                | Event::Fail { .. }
                | Event::Grant(_)
                | Event::Submit(_)
                | Event::Pause(_)
                | Event::Cancel(_)
                | Event::Restart(_)
                | Event::Keep
                | Event::Restore
        );
        if is_for_phone && let Some(later) = &mut self.asleep {
            if alive {
                later.push((client, event));
            }
            return Ok(());
        }
        match event {
            Event::AbortUpload => {
                self.tally.count(Fault::UploadAborted);
                self.cos.abort_one();
            }
            Event::Change(number) => self.change(number),
            Event::Kill => self.kill(),
            Event::Submit(number) => self.submit(number),
            Event::Pause(number) => self.pause(number),
            Event::Cancel(number) => self.cancel(number),
            Event::Restart(number) => drop(self.restart(number)),
            Event::Hide => self.hide(),
            Event::Show => return self.show(),
            Event::Network(kind) => self.network(kind),
            _ if !alive => {}
            Event::Sleep => self.sleep(),
            Event::Keep => self.keep(client),
            Event::Restore => self.restore(client),
            Event::Timer(id) => {
                let clock = self.clock();
                self.clients[client].ledger.answered(id);
                self.engine(client).handle_timer(id, clock);
            }
            Event::Answer { id, answer, bytes } => self.answered(client, id, answer, bytes),
            Event::Fail { id, why } => {
                let clock = self.clock();
                self.clients[client].ledger.received(id);
                self.clients[client].parts.remove(&id);
                if let Some(call) = self.clients[client].appending.remove(&id) {
                    self.clients[client].uncertain.insert(call);
                }
                self.engine(client).handle_failure(id, why, clock);
            }
            Event::Grant(id) => self.grant(client, id),
            Event::Device(effect) => self.device_answers(client, &effect),
            Event::Arrive { .. } => {}
        }
        Ok(())
    }

    fn spell(&mut self, client: usize, event: &Event) -> String {
        let names = &mut self.clients[client].names;
        let line = match event {
            Event::Device(effect) => format!("the device answers: {}", names.line(effect)),
            Event::Timer(id) => format!("{} is due", names.name('t', *id)),
            Event::Arrive { id, body, lost, .. } => {
                let lost = if *lost { ", its answer does not" } else { "" };
                format!("{} arrives with {body:?}{lost}", names.name('s', *id))
            }
            Event::Answer { id, answer, .. } => {
                let name = names.name('s', *id);
                format!("{name} is answered {} {:?}", answer.status, answer.body)
            }
            Event::Fail { id, why } => format!("{}: {why}", names.name('s', *id)),
            Event::Grant(id) => format!("{} is granted", names.name('a', *id)),
            other => format!("{other:?}"),
        };
        format!("{client} {line}")
    }
}
