//! The project's only build path: `cargo xtask setup | build | demo | test | soak | bench`.

mod apt;
mod bench;
mod build;
mod debian;
mod demo;
mod glue;
mod lowering;
mod module_check;
mod ordering;
mod probes;
mod process;
mod setup;
mod soak;
mod suites;
mod toolchain;
mod trap;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

use crate::setup::Part;
use crate::workspace::Workspace;

/// Sets up, builds, demonstrates, tests and measures the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Install what is missing: the wasm target, tools, npm packages, a browser.
    ///
    /// The other commands do the same for the parts they need. WASM_TOOLCHAIN=debian insists on
    /// Debian's compiler; COS_CACHE_DIR moves the cache of tools.
    Setup {
        /// Only these parts.
        parts: Vec<Part>,
    },
    /// Build the core and the shim into js-shim/dist and js-shim/dist-dev, and check the module.
    Build,
    /// Upload a file from the demo mini program to a COS-compatible server, all on this machine.
    Demo {
        /// Drive the demo in a browser without a screen instead of serving it.
        #[arg(long)]
        headless: bool,
        /// A file to upload as well, after the generated one; may be repeated.
        #[arg(long = "file", value_name = "PATH", requires = "headless")]
        files: Vec<PathBuf>,
        /// The port of the web page on 127.0.0.1.
        #[arg(long, default_value_t = demo::DEFAULT_PORT, conflicts_with = "headless")]
        port: u16,
        /// Faults that cos-local injects, such as seed=7,drop=5,5xx=5; its --help names them all.
        #[arg(long, value_name = "SPEC")]
        faults: Option<String>,
    },
    /// Run every suite of tests, or only those whose name contains a given word.
    Test {
        /// Words to select suites by; all suites without one.
        #[arg(value_name = "SUITE")]
        filter: Vec<String>,
        /// Print the names of the suites and what they cover.
        #[arg(long)]
        list: bool,
    },
    /// Play simulated uploads, downloads and copies in which everything goes wrong, a seed each.
    ///
    /// The first seed that breaks a rule is printed with what happened and a line to replay it.
    Soak(soak::Soak),
    /// Compare speed, size, memory and what survives faults with cos-wx-sdk-v5.
    Bench {
        /// A measurement and its arguments; everything without one.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(action: Action) -> Result<ExitCode> {
    let workspace = Workspace::from_env()?;
    match action {
        Action::Setup { parts } => {
            let parts = if parts.is_empty() { Part::value_variants() } else { &parts };
            setup::ensure(&workspace, parts)?;
            setup::report(&workspace, parts)?;
        }
        Action::Build => {
            setup::ensure(&workspace, setup::FOR_BUILD)?;
            build::run(&workspace)?;
        }
        Action::Demo { headless: true, files, faults, .. } => {
            return demo::drive(&workspace, &files, faults.as_deref());
        }
        Action::Demo { port, faults, .. } => {
            return demo::serve(&workspace, port, faults.as_deref());
        }
        Action::Test { list: true, .. } => suites::list(),
        Action::Test { filter, .. } => return suites::run(&workspace, &filter),
        Action::Soak(soak) => return soak::run(&workspace, &soak),
        Action::Bench { arguments } => return bench::run(&workspace, &arguments),
    }
    Ok(ExitCode::SUCCESS)
}
