//! Uploads and copies on a bad network, a forgetful phone and an impatient user, in virtual time.
//!
//! A seed decides everything: what is uploaded, what goes wrong, and when. Whatever happens, the
//! rules of [`Ledger`](cos_tests::ledger::Ledger) hold, a success means that COS has the bytes of
//! the file, a part that COS has confirmed is not sent again, and once the trouble is over every
//! upload that was not cancelled ends in a success. `COS_SEED=7 cargo test -p cos-tests --test
//! simulation -- --nocapture` plays one seed and prints what happens.

mod world;

use world::World;

/// Seeds played, from 0; `COS_SEEDS=100000` plays more.
const SEEDS: u64 = 3000;

fn play(seed: u64, told: bool) -> Result<(), (String, Vec<String>)> {
    let mut world = World::new(seed, told);
    world.run().map_err(|rule| (rule, world.trace))
}

#[test]
fn whatever_happens() {
    if let Ok(seed) = std::env::var("COS_SEED") {
        let seed = seed.parse().expect("COS_SEED is a number");
        let mut world = World::new(seed, true);
        let outcome = world.run();
        println!("{}", world.trace.join("\n"));
        outcome.unwrap();
        return;
    }
    let seeds = std::env::var("COS_SEEDS")
        .map_or(SEEDS, |seeds| seeds.parse().expect("COS_SEEDS is a number"));
    let halves = [0, 1].map(|half| {
        std::thread::spawn(move || {
            (half..seeds).step_by(2).find(|seed| play(*seed, false).is_err())
        })
    });
    let failed = halves.map(|half| half.join().expect("no panic")).into_iter().flatten().min();
    if let Some(seed) = failed {
        let (rule, trace) = play(seed, true).expect_err("a seed decides everything");
        panic!(
            "{}\n{rule}\nreplay: COS_SEED={seed} cargo test -p cos-tests --test simulation",
            trace.join("\n")
        );
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in 0..20 {
        let [mut one, mut other] = [World::new(seed, true), World::new(seed, true)];
        assert_eq!(one.run(), other.run());
        assert_eq!(one.trace, other.trace, "seed {seed}");
    }
}
