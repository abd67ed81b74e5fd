//! Worlds, thousands of them: see [`cos_tests::world`].

use cos_tests::soak::{play, soak};
use cos_tests::world::{Fault, Sabotage, World};

/// Worlds played, the seeds from 0 on; `cargo xtask soak --seeds N` plays any number.
const SEEDS: u64 = 20_000;

/// Seeds in which a rule was broken once, and what was wrong.
const FOUND: [(u64, &str); 3] = [
    (61, "whether an encrypted object is there was asked without its key"),
    (8670, "of two paused uploads with one upload id in turn, the first believed it was its own"),
    (254_008, "an upload canceled before its file was looked at was offered again"),
];

#[test]
fn whatever_happens() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    match soak(0..SEEDS, threads, |_| {}) {
        Ok(tally) => {
            println!("{tally}");
            for fault in Fault::ALL {
                assert!(tally.of(fault) > 0, "{fault:?} never happens");
            }
        }
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn what_was_found_stays_mended() {
    for (seed, what) in FOUND {
        let (_, outcome) = play(seed, false);
        assert_eq!(outcome, Ok(()), "seed {seed}: {what}");
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in 0..20 {
        let [(one, _), (other, _)] = [play(seed, true), play(seed, true)];
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.tally, other.tally, "seed {seed}");
        assert_eq!(play(seed, false).0.tally, one.tally, "seed {seed}, unobserved");
    }
}

#[test]
fn every_rule_can_be_broken() {
    for (sabotage, objection) in [
        (Sabotage::LosesByte, "is reported as stored, and is not"),
        (Sabotage::SendsAgain, "is sent again"),
        (Sabotage::SettlesTwice, "settles twice"),
        (Sabotage::KeepsBuffer, "held"),
        (Sabotage::NeverAborts, "under way"),
        (Sabotage::LosesQuestion, "never ends"),
        (Sabotage::HidesOthers, "requests at a time"),
        (Sabotage::HidesBuffers, "bytes in memory"),
        (Sabotage::ClaimsCancel, "which is Open, settles with Canceled"),
        (Sabotage::ForgetsKey, "sends no customer's key"),
        (Sabotage::NeverLooks, "appends blindly"),
        (Sabotage::TellsKey, "a secret left the core"),
        (Sabotage::GoesOn, "without running"),
    ] {
        let mut objections =
            (0..6000).filter_map(|seed| World::sabotaged(seed, sabotage).run().err());
        assert!(
            objections.any(|rule| rule.contains(objection)),
            "nobody objects to {sabotage:?} with \"{objection}\""
        );
    }
}
