//! What there is at the beginning of a world, and what its user will do.

use std::sync::{Arc, LazyLock};

use cos_core::value::Value;

use super::dice::Dice;
use super::{CUSTOMER_KEY, Client, Event, Fault, Goal, Sabotage, State, Tally, Wanted, World};
use crate::client::{MIB, START, object, with_callback, with_key};
use crate::content::{Content, Version};
use crate::device::bytes;
use crate::line::HOST;
use crate::model::Cos;

/// Times a failed call is started again once the trouble is over; the last time has to succeed.
const LAST_CHANCES: u32 = 3;

/// The files of all worlds, twice: the second of each is what the first changes into.
static FILES: LazyLock<Vec<[Version; 2]>> = LazyLock::new(|| {
    let sizes =
        [0, 1, 700, 90_000, MIB, MIB + 1, MIB + 30_000, 2 * MIB + 9, 3 * MIB + 500, 6 * MIB];
    let file = |size: usize, seed: u64| Arc::new(bytes(size, seed));
    sizes.iter().zip(0..).map(|(size, seed)| [file(*size, seed), file(*size, seed + 99)]).collect()
});

impl World {
    /// The world of a seed; its trace is kept when `told` is set.
    pub fn new(seed: u64, told: bool) -> World {
        let mut dice = Dice::new(seed);
        let skew = match dice.below(10) {
            0 | 1 => dice.time(7_200_000) - 3_600_000.0,
            2 => dice.time(86_400_000) - 43_200_000.0,
            _ => 0.0,
        };
        let mut world = World {
            faults: dice.next() as u32,
            trouble: dice.pick(&[0, 3, 10, 25]),
            // Now and then little: less than a part, or two of them.
            memory: dice.pick(&[32.0, 32.0, 8.0, 2.5, 2.0, 0.5]) * MIB as f64,
            clients: Vec::new(),
            disk: Default::default(),
            cos: Cos::default(),
            now: 0.0,
            skew,
            network: "wifi",
            tells: dice.percent(85),
            hidden: false,
            asleep: None,
            queue: Default::default(),
            events: Vec::new(),
            life: 0,
            wanted: Vec::new(),
            confirmed: Default::default(),
            keys: 0,
            expiry: Default::default(),
            sabotage: None,
            spare: None,
            tally: Tally::default(),
            told,
            trace: Vec::new(),
            dice,
        };
        for _ in 0..world.dice.pick(&[1, 1, 1, 2, 3]) {
            let client = world.client();
            world.clients.push(client);
        }
        // Now and then there is more to do than the host has requests.
        let wishes = if world.dice.percent(4) { 14 } else { 1 + world.dice.below(4) };
        for _ in 0..wishes {
            world.want();
        }
        world.plan();
        world
    }

    /// The world of a seed, with something in it that breaks a rule.
    pub fn sabotaged(seed: u64, sabotage: Sabotage) -> World {
        let mut world = World::new(seed, false);
        world.cos.lossy = sabotage == Sabotage::LosesByte;
        world.sabotage = Some(sabotage);
        world
    }

    fn client(&mut self) -> Client {
        let dice = &mut self.dice;
        let limits = [1 + dice.below(4) as usize, 1 + dice.below(4) as usize];
        let mut options = if dice.percent(50) { with_callback() } else { with_key() };
        options.set("ChunkParallelLimit", limits[0] as f64);
        options.set("CopyChunkParallelLimit", limits[0] as f64);
        options.set("FileParallelLimit", limits[1] as f64);
        options.set("MemoryLimit", self.memory);
        options.set("AutoSwitchHost", dice.percent(30));
        if dice.percent(50) {
            options.set("SimpleUploadMethod", "putObject");
        }
        if dice.percent(10) {
            options.set("EnableReporter", true);
        }
        if dice.percent(10) {
            options.set("UploadCheckContentMd5", true);
        }
        Client::new(options, limits, dice.next() as u32, START + self.skew)
    }

    /// The user wants something more.
    fn want(&mut self) {
        let goal = match self.dice.below(20) {
            0..=7 => Goal::Upload,
            8 | 9 => Goal::Download,
            10 | 11 => Goal::Batch(1 + self.dice.below(4) as usize),
            12..=14 => Goal::Copy,
            15 | 16 => Goal::Append,
            _ => Goal::Plain,
        };
        let client = self.dice.below(self.clients.len() as u64) as usize;
        if let Goal::Batch(files) = goal {
            self.add(goal, client, "uploadFiles", Value::map(), Vec::new());
            for _ in 0..files {
                self.want_file(Goal::UploadInBatch, client, "uploadFile");
            }
            return;
        }
        let number = self.wanted.len();
        let key = format!("key {number}");
        match goal {
            Goal::Copy => {
                let file = self.dice.pick(&FILES[..])[0].clone();
                self.cos.hold(&format!("source {number}"), Content::whole(&file));
                let mut params = object(&key)
                    .with("CopySource", format!("{HOST}/source%20{number}"))
                    .with("CopyChunkSize", MIB as f64);
                if self.dice.percent(80) {
                    params.set("CopySliceSize", 0.0);
                }
                self.add(goal, client, "sliceCopyFile", params, vec![file]);
            }
            Goal::Download => {
                let file = self.dice.pick(&FILES[..])[0].clone();
                self.cos.hold(&key, Content::whole(&file));
                let params = object(&key).with("FilePath", format!("/{number}"));
                self.add(goal, client, "downloadFile", params, vec![file]);
            }
            Goal::Append => {
                let file = self.dice.pick(&FILES[1..4])[0].clone();
                let body = Value::map().with("kind", "buffer").with("size", file.len() as f64);
                let params = object(&key).with("Body", body).with("Position", 0.0);
                self.add(goal, client, "appendObject", params, vec![file]);
            }
            Goal::Plain => {
                let operation = self.dice.pick(&[
                    "headObject",
                    "getObject",
                    "deleteObject",
                    "getBucket",
                    "multipartList",
                    "abortUploadTask",
                ]);
                let of = self.dice.below(number as u64 + 1);
                // What is to be downloaded stays.
                let is_source =
                    self.wanted.get(of as usize).is_some_and(|it| it.goal == Goal::Download);
                let operation = if is_source { "getObject" } else { operation };
                let params = object(&format!("key {of}")).with("Level", "file");
                self.add(goal, client, operation, params, Vec::new());
            }
            Goal::Upload | Goal::UploadInBatch | Goal::Batch(_) => {
                let operation = self.dice.pick(&[
                    "uploadFile",
                    "sliceUploadFile",
                    "sliceUploadFile",
                    "putObject",
                    "postObject",
                ]);
                self.want_file(goal, client, operation);
            }
        }
    }

    fn want_file(&mut self, goal: Goal, client: usize, operation: &'static str) {
        let number = self.wanted.len();
        // Now and then the same file is to become the same object twice.
        let is_twin = |wanted: &&Wanted| wanted.goal == Goal::Upload && wanted.client == client;
        let twin = self.wanted.iter().find(is_twin);
        let twin = twin.map(|wanted| (wanted.params.clone(), wanted.versions.clone()));
        let (params, versions) = match twin {
            Some((params, versions)) if goal == Goal::Upload && self.dice.percent(15) => {
                (params, versions)
            }
            _ => {
                let path = format!("/{number}");
                let file = self.dice.pick(&FILES[..])[0].clone();
                self.disk.put(&path, Content::whole(&file));
                (object(&format!("key {number}")).with("FilePath", path), vec![file])
            }
        };
        self.add(goal, client, operation, params, versions);
    }

    fn add(
        &mut self,
        goal: Goal,
        client: usize,
        operation: &'static str,
        mut params: Value,
        versions: Vec<Version>,
    ) {
        // To look for the type of a key takes as long as all the rest.
        if !versions.is_empty() && self.dice.percent(95) {
            params.set("ContentType", "text/plain");
        }
        let moves_file = params.get("FilePath").is_truthy();
        if moves_file && params.get(CUSTOMER_KEY).is_null() && self.dice.percent(10) {
            params.set("SSECustomerAlgorithm", "AES256");
            params.set(CUSTOMER_KEY, "secret of a customer");
            params.set("SSECustomerKeyMD5", "its sum");
        }
        self.wanted.push(Wanted {
            goal,
            client,
            operation,
            key: params.get("Key").to_text(),
            params,
            versions,
            call: 0,
            batch: 0,
            former: Vec::new(),
            task: String::new(),
            state: State::Open,
            chances: LAST_CHANCES,
        });
    }

    /// What the user and the rest of the world will do.
    fn plan(&mut self) {
        for number in 0..self.wanted.len() {
            if self.wanted[number].goal != Goal::UploadInBatch {
                let at = self.dice.time(2000);
                self.schedule(at, 0, Event::Submit(number));
            }
            if self.trouble == 0 {
                continue;
            }
            for _ in 0..self.dice.below(4) {
                let at = self.dice.time(20_000);
                self.schedule(at, 0, Event::Pause(number));
                let later = at + self.dice.time(10_000);
                self.schedule(later, 0, Event::Restart(number));
            }
            if self.dice.percent(20) {
                let at = self.dice.time(20_000);
                self.schedule(at, 0, Event::Cancel(number));
            }
        }
        if self.trouble == 0 {
            return;
        }
        for (chance, event) in [(20, Event::Kill), (20, Event::AbortUpload)] {
            if self.dice.percent(chance) {
                let at = self.dice.time(20_000);
                self.schedule(at, 0, event);
            }
        }
        for _ in 0..self.dice.below(3) {
            let at = self.dice.time(30_000);
            let until = at + self.dice.time(40_000);
            self.schedule(at, 0, Event::Hide);
            self.schedule(until, 0, Event::Show);
        }
        for _ in 0..self.dice.below(3) {
            let at = self.dice.time(30_000);
            let until = at + self.dice.time(30_000);
            let (during, after) =
                (self.dice.pick(&["none", "4g"]), self.dice.pick(&["wifi", "4g"]));
            self.schedule(at, 0, Event::Network(during));
            self.schedule(until, 0, Event::Network(after));
        }
        if self.faults & (1 << Fault::FileChanged as u32) != 0 {
            for number in 0..self.wanted.len() {
                if self.dice.percent(15) {
                    let at = self.dice.time(5_000);
                    self.schedule(at, 0, Event::Change(number));
                }
            }
        }
    }

    /// Another file is written in the place of one that is to be uploaded, or another object in the
    /// place of one that is to be downloaded.
    pub(super) fn change(&mut self, number: usize) {
        let wanted = &self.wanted[number];
        let Some(former) = wanted.versions.last().cloned() else { return };
        let (goal, key) = (wanted.goal, wanted.key.clone());
        let path = wanted.params.get("FilePath").to_text();
        if path.is_empty() {
            return;
        }
        self.tally.count(Fault::FileChanged);
        let is_other =
            |other: &&Version| other.len() == former.len() && !Arc::ptr_eq(other, &former);
        let same_size = FILES.iter().flatten().find(is_other);
        let version = match same_size.filter(|_| self.dice.percent(50)) {
            Some(version) => version.clone(),
            None => self.dice.pick(&FILES[..])[1].clone(),
        };
        if goal == Goal::Download {
            self.cos.hold(&key, Content::whole(&version));
        } else {
            self.disk.put(&path, Content::whole(&version));
        }
        for wanted in &mut self.wanted {
            if wanted.params.get("FilePath").as_str() == Some(&path) {
                wanted.versions.push(version.clone());
            }
        }
    }
}
