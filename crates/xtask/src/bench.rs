//! Measurements against cos-wx-sdk-v5; the programs themselves are in `tests/bench`.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{build, process, setup, suites};

/// Builds, then hands the arguments to `tests/bench/index.mjs` and passes its exit code on.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    setup::ensure(workspace, setup::FOR_BENCH)?;
    build::run(workspace)?;
    let cos_local = build::cos_local(workspace)?;
    let mut node = Command::new(setup::node()?);
    node.arg("tests/bench/index.mjs").args(arguments).current_dir(&workspace.root);
    suites::give_environment(&mut node, workspace, &cos_local)?;
    process::announce("bench", &format!("node tests/bench/index.mjs {}", arguments.join(" ")));
    process::pass_on(&mut node)
}
