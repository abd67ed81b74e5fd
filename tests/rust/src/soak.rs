//! Many worlds, on all processors: what happened in them, or the first one that broke a rule.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::world::{Tally, World};

/// Seeds that a thread takes at a time.
const BATCH: u64 = 64;

/// Lines of a trace that are printed, the last ones.
const TAIL: usize = 300;

/// A world in which a rule was broken.
#[derive(Debug)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// The rule.
    pub rule: String,
    /// What happened, a line each.
    pub trace: Vec<String>,
}

impl Display for Failure {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let hidden = self.trace.len().saturating_sub(TAIL);
        if hidden > 0 {
            writeln!(out, "({hidden} lines before)")?;
        }
        for line in &self.trace[hidden..] {
            writeln!(out, "{line}")?;
        }
        let Failure { seed, rule, .. } = self;
        writeln!(out, "\nseed {seed}: {rule}")?;
        write!(out, "replay: cargo xtask soak --first {seed} --seeds 1 --trace")
    }
}

/// Plays one world; what happened in it, and its trace when `told` is set.
///
/// # Errors
/// The rule that was broken, a panic of the engine being one.
pub fn play(seed: u64, told: bool) -> (World, Result<(), String>) {
    let mut world = World::new(seed, told);
    let outcome = catch_unwind(AssertUnwindSafe(|| world.run()));
    let outcome = outcome.unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| cause.downcast_ref::<String>().cloned());
        Err(format!("panicked: {}", text.unwrap_or_default()))
    });
    (world, outcome)
}

/// Plays the worlds of these seeds and tells `progress` now and then how many have ended.
///
/// # Errors
/// The failure with the lowest seed among those found before everybody stopped.
pub fn soak(
    seeds: Range<u64>,
    threads: usize,
    progress: impl Fn(u64) + Sync,
) -> Result<Tally, Box<Failure>> {
    let next = AtomicU64::new(seeds.start);
    let lowest = AtomicU64::new(u64::MAX);
    let total = Mutex::new(Tally::default());
    let work = || {
        let mut tally = Tally::default();
        loop {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            if first >= seeds.end || lowest.load(Ordering::Relaxed) < first {
                break;
            }
            for seed in first..(first + BATCH).min(seeds.end) {
                let (world, outcome) = play(seed, false);
                tally.add(&world.tally);
                if outcome.is_err() {
                    lowest.fetch_min(seed, Ordering::Relaxed);
                    break;
                }
            }
            progress((first + BATCH).min(seeds.end) - seeds.start);
        }
        total.lock().unwrap_or_else(PoisonError::into_inner).add(&tally);
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    match lowest.into_inner() {
        u64::MAX => Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner)),
        seed => {
            let (world, outcome) = play(seed, true);
            let rule = outcome.err().unwrap_or_else(|| {
                "it broke a rule, and the second time it did not: something is left to chance"
                    .to_owned()
            });
            Err(Box::new(Failure { seed, rule, trace: world.trace }))
        }
    }
}
