//! Simulated worlds by the million; the worlds themselves are in `tests/rust/src/world`.

use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Args;

use crate::process;
use crate::toolchain::active_cargo;
use crate::workspace::Workspace;

/// Which worlds.
#[derive(Args)]
pub(crate) struct Soak {
    /// How many seeds are played.
    #[arg(long, default_value_t = 1_000_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Print what happens in each world, line by line.
    #[arg(long)]
    trace: bool,
}

/// Plays the worlds on all processors, with a build of their own: optimized, and checked for
/// overflows. Passes the exit code on.
pub(crate) fn run(workspace: &Workspace, soak: &Soak) -> Result<ExitCode> {
    let mut cargo = Command::new(active_cargo());
    cargo
        .args(["run", "--quiet", "--locked", "--profile", "soak"])
        .args(["--package", "cos-tests", "--bin", "soak", "--"])
        .args([soak.first, soak.seeds].map(|number| number.to_string()))
        .args(soak.trace.then_some("--trace"))
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", &workspace.target);
    process::announce("soak", &format!("{} worlds from {}", soak.seeds, soak.first));
    process::pass_on(&mut cargo)
}
