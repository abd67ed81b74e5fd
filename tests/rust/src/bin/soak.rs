//! `soak FIRST SEEDS [--trace]`: plays that many worlds from a seed on, for `cargo xtask soak`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use cos_tests::soak::{play, soak};

/// Worlds after which a line says how far it is.
const STRIDE: u64 = 100_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = arguments.iter().filter_map(|text| text.parse().ok()).collect();
    let &[first, seeds] = numbers.as_slice() else {
        eprintln!("usage: soak FIRST SEEDS [--trace]; `cargo xtask soak` calls it");
        return ExitCode::FAILURE;
    };
    if arguments.iter().any(|argument| argument == "--trace") {
        for seed in first..first + seeds {
            let (world, outcome) = play(seed, true);
            println!("{}\n", world.trace.join("\n"));
            match outcome {
                Ok(()) => println!("seed {seed}: every rule holds"),
                Err(rule) => {
                    println!("seed {seed}: {rule}");
                    return ExitCode::FAILURE;
                }
            }
        }
        return ExitCode::SUCCESS;
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let started = Instant::now();
    let told = AtomicU64::new(0);
    let outcome = soak(first..first + seeds, threads, |done| {
        let reached = done / STRIDE;
        if told.fetch_max(reached, Ordering::Relaxed) < reached {
            println!("{done} worlds after {:.0} s", started.elapsed().as_secs_f64());
        }
    });
    match outcome {
        Ok(tally) => {
            let seconds = started.elapsed().as_secs_f64();
            println!("\n{tally}");
            println!(
                "{seeds} seeds from {first} in {seconds:.1} s on {threads} threads, {:.0} seeds/s: \
                 every rule holds",
                seeds as f64 / seconds
            );
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
