//! SIGKILL in the middle of everything: what was acknowledged is there, nothing is half there, and
//! nothing else is left.
//!
//! Workers with keys of their own send one request after the other, and one server after the other is
//! killed under them. Each worker knows what it holds for certain, and what it would hold had its last
//! request, which nobody answered, been carried out. The next server has to have one or the other, to
//! the byte.

mod dice;
mod holdings;
mod worker;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use self::dice::Dice;
use self::worker::{VERSIONED_HOST, Worker};
use crate::client::*;
use crate::program::{Program, with_keys};

const KILLS: u32 = 100;
const WORKERS: usize = 5;
const VERSIONED: &str = "versions-1250000000";

/// Names another sequence of requests and kills than the usual one.
const SEED: &str = "COS_LOCAL_CRASH_SEED";

/// The most that is sent and answered before a server is killed, in [`Link::step`]s.
const STEPS: u64 = 150;
/// The most microseconds from there to the kill.
const PAUSE: u64 = 3000;
/// Bytes sent in a step.
const CHUNK: usize = 64 << 10;

/// The way to a server that will be killed.
struct Link {
    port: u16,
    /// How many steps are left to it.
    steps: AtomicI64,
    pause: Duration,
    program: Mutex<Program>,
}

impl Link {
    /// The answer to a request; `None` where it did not arrive whole.
    fn send(&self, ask: &Ask) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        for chunk in ask.bytes().chunks(CHUNK) {
            stream.write_all(chunk).ok()?;
            self.step();
        }
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        self.step();
        if !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
            return None;
        }
        let answer = Answer::parse(&bytes);
        let length = answer.header("Content-Length").map_or(Ok(0), str::parse);
        (length == Ok(answer.body.len())).then_some(answer)
    }

    fn step(&self) {
        if self.steps.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::thread::sleep(self.pause);
            self.program.lock().expect("a program").kill();
        }
    }
}

/// Bytes of all files in a folder.
fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder");
    files.map(|file| file.and_then(|file| file.metadata()).expect("a file").len()).sum()
}

/// Says how to come here again.
struct Replay(u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("again: {SEED}={} cargo test -p cos-local --test server crashes", self.0);
        }
    }
}

#[test]
fn a_hundred_kills_lose_nothing_that_was_acknowledged() {
    let seed = std::env::var(SEED).map_or(1, |seed| seed.parse().expect("a number"));
    let _replay = Replay(seed);
    let mut dice = Dice(seed);
    let data = TempDir::new().expect("a folder");
    let start = || {
        let mut command = with_keys(data.path());
        Program::start(command.args(["--bucket", VERSIONED, "--log", "error"]))
    };
    let mut workers: Vec<Worker> =
        (0..WORKERS).map(|number| Worker::new(format!("w{number}"), dice.next())).collect();
    let mut program = start();
    let body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let ask = Ask::new("PUT", "/?versioning").host(VERSIONED_HOST).body(body);
    assert_eq!(ask.send(program.port).status, 200);

    // How many of the requests under way at a kill were not carried out, and how many were.
    let mut outcomes = [0, 0];
    for kill in 0..KILLS {
        let link = Link {
            port: program.port,
            steps: AtomicI64::new(dice.below(STEPS) as i64 + 1),
            pause: Duration::from_micros(dice.below(PAUSE)),
            program: Mutex::new(program),
        };
        std::thread::scope(|scope| {
            workers.iter_mut().for_each(|worker| drop(scope.spawn(|| worker.work(&link))));
        });
        program = start();
        for worker in &mut workers {
            if let Some(carried_out) = worker.settle(program.port) {
                outcomes[usize::from(carried_out)] += 1;
            }
        }
        let held: u64 = workers.iter().map(|worker| worker.certain.size()).sum();
        assert_eq!(bytes_in(&data.path().join("blobs")), held, "after kill {kill}");
        assert_eq!(count_files(&data.path().join("drafts")), 0, "after kill {kill}");
    }
    assert!(outcomes.iter().all(|number| *number > 0), "{outcomes:?}");
    assert!(workers.iter().any(|worker| worker.certain.upload.is_some()));
    workers.iter_mut().for_each(|worker| worker.complete(program.port));
}
