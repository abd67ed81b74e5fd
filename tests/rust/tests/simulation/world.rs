//! One simulated phone, its user, the network and COS.

mod dice;
mod network;
mod phone;
mod user;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::{Arc, LazyLock};

use cos_core::effect::{Effect, HttpRequest};
use cos_core::engine::Engine;
use cos_core::value::Value;
use cos_tests::answer::Answer;
use cos_tests::client::{MIB, START, object, with_callback, with_key};
use cos_tests::device::{Device, File, bytes};
use cos_tests::ledger::Ledger;
use cos_tests::line::{HOST, Names};
use cos_tests::model::{Cos, Slice};

use dice::Dice;

/// Events after which a world that has not come to an end never will.
const MOST_STEPS: u32 = 20_000;

/// Milliseconds after which nothing goes wrong any more.
const TROUBLE: f64 = 120_000.0;

/// Times a failed upload is started again after that; the last time has to succeed.
const LAST_CHANCES: u32 = 3;

/// The files of all worlds. Small ones are frequent, since bytes take the most time.
static FILES: LazyLock<Vec<Arc<Vec<u8>>>> = LazyLock::new(|| {
    let sizes = [0, 1, 700, 90_000, MIB, MIB + 1, MIB + 30_000, 2 * MIB + 9, 3 * MIB + 500];
    sizes.iter().zip(0..).map(|(size, seed)| Arc::new(bytes(*size, seed))).collect()
});

#[derive(Debug)]
enum Event {
    /// The device has done what was asked.
    Device(Effect),
    Timer(u32),
    /// A request reaches COS; the answer may get lost on its way.
    Arrive {
        id: u32,
        call: u32,
        request: Box<HttpRequest>,
        body: Option<Slice>,
        lost: bool,
    },
    Answer {
        id: u32,
        answer: Answer,
    },
    Fail {
        id: u32,
    },
    Grant(u32),
    Submit(usize),
    Pause(usize),
    Cancel(usize),
    Restart(usize),
    Kill,
    AbortUpload,
}

/// An upload that the user wants.
struct Wanted {
    operation: &'static str,
    params: Value,
    file: Arc<Vec<u8>>,
    key: String,
    call: u32,
    task: String,
    state: State,
    chances: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Open,
    Failed,
    Canceling,
    Over,
}

pub struct World {
    dice: Dice,
    engine: Engine,
    options: Value,
    device: Device,
    cos: Cos,
    ledger: Ledger,
    now: f64,
    /// Milliseconds that the phone's clock is ahead.
    skew: f64,
    /// Percent of things that go wrong.
    trouble: u64,
    parallel: usize,
    files_parallel: usize,
    queue: BinaryHeap<Reverse<(u64, u64, usize)>>,
    events: Vec<Option<(u32, Event)>>,
    /// Which engine runs: events for an earlier one are lost.
    life: u32,
    wanted: Vec<Wanted>,
    confirmed: BTreeSet<(String, String)>,
    sending: BTreeMap<u32, (u32, String, String)>,
    keys: u32,
    expiry: BTreeMap<String, f64>,
    told: bool,
    names: Names,
    pub trace: Vec<String>,
}

impl World {
    pub fn new(seed: u64, told: bool) -> World {
        let mut dice = Dice::new(seed);
        let parallel = 1 + dice.below(3) as usize;
        let files_parallel = 1 + dice.below(3) as usize;
        let mut options = if dice.percent(50) { with_callback() } else { with_key() };
        options.set("ChunkParallelLimit", parallel as f64);
        options.set("CopyChunkParallelLimit", parallel as f64);
        options.set("FileParallelLimit", files_parallel as f64);
        options.set("AutoSwitchHost", dice.percent(30));
        if dice.percent(50) {
            options.set("SimpleUploadMethod", "putObject");
        }
        let skew = if dice.percent(20) { dice.below(7_200_000) as f64 - 3_600_000.0 } else { 0.0 };
        let trouble = [0, 3, 10, 25][dice.below(4) as usize];
        let mut device = Device::default();
        let mut cos = Cos::default();
        let mut wanted = Vec::new();
        for number in 0..1 + dice.below(3) {
            let file = FILES[dice.below(FILES.len() as u64) as usize].clone();
            let path = format!("/{number}");
            let operation =
                ["uploadFile", "sliceUploadFile", "sliceUploadFile", "putObject", "sliceCopyFile"]
                    [dice.below(5) as usize];
            // Now and then the same file is to become the same object twice.
            let (path, file, key) = match wanted.first() {
                Some(Wanted { params, file, key, .. }) if dice.percent(15) => {
                    (params.get("FilePath").to_text(), file.clone(), key.clone())
                }
                _ => (path, file, format!("key {number}")),
            };
            device.files.insert(path.clone(), File { bytes: file.clone(), modified: 1.0 });
            cos.hold(&format!("source {number}"), &file);
            let mut params = object(&key).with("FilePath", path);
            if operation == "sliceCopyFile" {
                params.set("CopySource", format!("{HOST}/source%20{number}"));
                params.set("CopyChunkSize", MIB as f64);
                if dice.percent(80) {
                    params.set("CopySliceSize", 0.0);
                }
            }
            wanted.push(Wanted {
                operation,
                params,
                file,
                key,
                call: 0,
                task: String::new(),
                state: State::Open,
                chances: LAST_CHANCES,
            });
        }
        let mut world = World {
            engine: Engine::new(&options, seed as u32, START + skew),
            options,
            dice,
            device,
            cos,
            ledger: Ledger::default(),
            now: 0.0,
            skew,
            trouble,
            parallel,
            files_parallel,
            queue: BinaryHeap::new(),
            events: Vec::new(),
            life: 0,
            wanted,
            confirmed: BTreeSet::new(),
            sending: BTreeMap::new(),
            keys: 0,
            expiry: BTreeMap::new(),
            told,
            names: Names::default(),
            trace: Vec::new(),
        };
        world.plan();
        world
    }

    /// What the user and the rest of the world will do.
    fn plan(&mut self) {
        for number in 0..self.wanted.len() {
            let at = self.dice.below(2000) as f64;
            self.schedule(at, Event::Submit(number));
            if self.trouble == 0 {
                continue;
            }
            for _ in 0..self.dice.below(4) {
                let at = self.dice.below(20_000) as f64;
                self.schedule(at, Event::Pause(number));
                let later = at + self.dice.below(10_000) as f64;
                self.schedule(later, Event::Restart(number));
            }
            if self.dice.percent(20) {
                let at = self.dice.below(20_000) as f64;
                self.schedule(at, Event::Cancel(number));
            }
        }
        if self.trouble > 0 {
            for (chance, event) in [(20, Event::Kill), (20, Event::AbortUpload)] {
                if self.dice.percent(chance) {
                    let at = self.dice.below(20_000) as f64;
                    self.schedule(at, event);
                }
            }
        }
    }

    fn schedule(&mut self, delay: f64, event: Event) {
        let due = (self.now + delay) as u64;
        self.queue.push(Reverse((due, self.events.len() as u64, self.events.len())));
        self.events.push(Some((self.life, event)));
    }

    fn goes_wrong(&mut self) -> bool {
        self.now < TROUBLE && self.dice.percent(self.trouble)
    }

    fn clock(&self) -> f64 {
        START + self.now + self.skew
    }

    /// Plays until everything has come to an end.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn run(&mut self) -> Result<(), String> {
        for _ in 0..MOST_STEPS {
            let Some(Reverse((due, _, at))) = self.queue.pop() else {
                if self.start_what_has_failed() {
                    self.drain()?;
                    continue;
                }
                let open = self.wanted.iter().position(|wanted| wanted.state != State::Over);
                if let Some(number) = open {
                    return Err(format!("upload {number} never ends"));
                }
                return self.ledger.close();
            };
            self.now = self.now.max(due as f64);
            let Some((life, event)) = self.events[at].take() else { continue };
            if self.told && (life == self.life || matches!(event, Event::Arrive { .. })) {
                let line = self.spell(&event);
                self.trace.push(format!("{:>7} {line}", self.now));
            }
            self.happen(life, event)?;
            self.drain()?;
        }
        Err(format!("no end after {MOST_STEPS} events"))
    }

    /// After the trouble, whatever is paused goes on and whatever failed gets another chance.
    fn start_what_has_failed(&mut self) -> bool {
        self.now = self.now.max(TROUBLE);
        let mut started = false;
        for number in 0..self.wanted.len() {
            let wanted = &mut self.wanted[number];
            match wanted.state {
                State::Failed if wanted.chances > 0 => wanted.chances -= 1,
                State::Open => {}
                State::Failed | State::Canceling | State::Over => continue,
            }
            started |= self.restart(number);
        }
        started
    }

    fn happen(&mut self, life: u32, event: Event) -> Result<(), String> {
        let alive = life == self.life;
        match event {
            Event::Arrive { id, call, request, body, lost } => {
                let answer = self.at_cos(call, &request, body)?;
                if !alive {
                } else if lost {
                    self.schedule(60_000.0, Event::Fail { id });
                } else {
                    let delay = 10.0 + self.dice.below(300) as f64;
                    if self.goes_wrong() {
                        let again = Event::Answer { id, answer: answer.clone() };
                        self.schedule(delay * 3.0, again);
                    }
                    self.schedule(delay, Event::Answer { id, answer });
                }
            }
            Event::Kill => self.kill(),
            Event::AbortUpload => self.cos.abort_one(),
            Event::Submit(number) => self.submit(number),
            Event::Pause(number) => {
                let task = self.wanted[number].task.clone();
                self.engine.pause(&task, self.clock());
            }
            Event::Cancel(number) => {
                let wanted = &mut self.wanted[number];
                if matches!(wanted.state, State::Open) && !wanted.task.is_empty() {
                    wanted.state = State::Canceling;
                }
                let task = wanted.task.clone();
                self.engine.cancel(&task, self.clock());
                if self.wanted[number].state == State::Failed {
                    self.wanted[number].state = State::Over;
                }
            }
            Event::Restart(number) => drop(self.restart(number)),
            _ if !alive => {}
            Event::Timer(id) => {
                self.ledger.answered(id);
                self.engine.handle_timer(id, self.clock());
            }
            Event::Answer { id, answer } => self.answered(id, answer),
            Event::Fail { id } => {
                self.ledger.answered(id);
                self.sending.remove(&id);
                self.engine.handle_failure(id, "request:fail timeout", self.clock());
            }
            Event::Grant(id) => self.grant(id),
            Event::Device(effect) => self.device_answers(&effect),
        }
        Ok(())
    }

    fn spell(&mut self, event: &Event) -> String {
        match event {
            Event::Device(effect) => format!("the device answers: {}", self.names.line(effect)),
            Event::Timer(id) => format!("{} is due", self.names.name('t', *id)),
            Event::Arrive { id, body, lost, .. } => {
                let lost = if *lost { ", its answer does not" } else { "" };
                format!("{} arrives with {body:?}{lost}", self.names.name('s', *id))
            }
            Event::Answer { id, answer } => {
                let name = self.names.name('s', *id);
                format!("{name} is answered {} {:?}", answer.status, answer.body)
            }
            Event::Fail { id } => format!("{} is lost", self.names.name('s', *id)),
            Event::Grant(id) => format!("{} is granted", self.names.name('a', *id)),
            other => format!("{other:?}"),
        }
    }
}
