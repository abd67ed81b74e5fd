//! The command line of cos-materials.

mod command;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use crate::command::{Cli, Scene};
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.shared.json, cli.shared.quiet);
    let scene = Scene::new(cli.shared, output);
    let outcome = match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let outcome = runtime.block_on(command::run(cli.command, &scene));
            // A question that was interrupted is still being read.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(cos_materials::failure::Failure::Failed(error.to_string())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            scene.output.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
