//! Every test there is, as a list of named suites.

use std::cell::OnceCell;
use std::fs;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use crate::setup::{self, Part};
use crate::toolchain::{Toolchain, active_cargo};
use crate::workspace::Workspace;
use crate::{build, process, trap};

/// Milliseconds after which a file of tests counts as hanging.
const HANG: u32 = 600_000;

struct Suite {
    name: &'static str,
    covers: &'static str,
    /// What it needs beyond the parts that a build needs.
    parts: &'static [Part],
    run: fn(&Run) -> Result<Counts>,
}

/// Quick suites first, then those that need the package.
const SUITES: &[Suite] = &[
    Suite { name: "fmt", covers: "cargo fmt --check", parts: &[], run: fmt },
    Suite { name: "clippy", covers: "cargo clippy, warnings denied", parts: &[], run: clippy },
    Suite { name: "prettier", covers: "the format of JS and TS", parts: &[], run: prettier },
    Suite { name: "rust", covers: "cargo test over the workspace", parts: &[], run: rust },
    Suite {
        name: "package",
        covers: "the build, the module check, ES2017 and the size budget",
        parts: &[],
        run: |run| run.package().map(|()| Counts { passed: 1, ..Counts::default() }),
    },
    Suite { name: "types", covers: "tsc --strict and the tests of types", parts: &[], run: types },
    Suite {
        name: "wasm",
        covers: "wasm-pack test of cos-wasm in headless Chromium",
        parts: &[Part::WasmPack, Part::Browser],
        run: wasm,
    },
    Suite {
        name: "shim",
        covers: "the package in a strict Node host and in jsc",
        parts: &[Part::TestPackages, Part::Jsc],
        run: |run| {
            run.package()?;
            trap::build(run.workspace)?;
            run.node("shim")
        },
    },
    Suite {
        name: "defects",
        covers: "each defect of cos-wx-sdk-v5, shown by it and not by the package",
        parts: &[Part::TestPackages],
        run: |run| run.node("defects"),
    },
    Suite {
        name: "wx-host",
        covers: "the stand-ins for the mini program runtime",
        parts: &[Part::TestPackages, Part::Browser],
        run: |run| run.node("wx-host"),
    },
    Suite {
        name: "clients",
        covers: "official COS clients against cos-local",
        parts: &[Part::TestPackages, Part::Python],
        run: |run| run.node("clients"),
    },
    Suite {
        name: "e2e",
        covers: "the demo clicked in headless Chromium",
        parts: &[Part::TestPackages, Part::Browser],
        run: |run| run.node("e2e"),
    },
];

/// What came out of a suite.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Prints the names of the suites.
pub(crate) fn list() {
    for suite in SUITES {
        println!("{:<10}{}", suite.name, suite.covers);
    }
}

/// Runs the selected suites, each to its end, and ends with the line `N passed, N failed`.
pub(crate) fn run(workspace: &Workspace, filter: &[String]) -> Result<ExitCode> {
    let selected = select(filter)?;
    let run = Run { workspace, package: OnceCell::new(), cos_local: OnceCell::new() };
    let mut total = Counts::default();
    let mut summary = String::new();
    for suite in selected {
        println!("\n== {}: {}", suite.name, suite.covers);
        let started = Instant::now();
        let counts = run.suite(suite);
        total += counts;
        summary += &format!(
            "{:<10}{:>8}{:>8}{:>9}{:>8.1} s\n",
            suite.name,
            counts.passed,
            counts.failed,
            counts.skipped,
            started.elapsed().as_secs_f64()
        );
    }
    println!("\n{:<10}{:>8}{:>8}{:>9}{:>10}", "suite", "passed", "failed", "skipped", "time");
    print!("{summary}");
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tells a program of ours where the package, the server and the other programs are.
pub(crate) fn give_environment(
    command: &mut Command,
    workspace: &Workspace,
    cos_local: &Path,
) -> Result<()> {
    command
        .env("COS_LOCAL_BIN", cos_local)
        .env("COS_DIST", workspace.dist())
        .env("COS_DIST_DEV", workspace.dist_dev())
        .env("COS_DIST_TRAP", workspace.dist_trap())
        .env("COS_CACHE_DIR", &workspace.cache);
    for (name, program) in [("CHROMIUM", setup::chromium()), ("JSC", setup::jsc())] {
        if let Ok(program) = program {
            command.env(name, program);
        }
    }
    Ok(())
}

/// The suites whose name contains one of the words; all of them without a word.
fn select(words: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(word) = words.iter().find(|word| !SUITES.iter().any(|s| s.name.contains(*word))) {
        bail!("No suite is called {word}; `cargo xtask test --list` prints their names.");
    }
    let wanted = |suite: &&Suite| {
        words.is_empty() || words.iter().any(|word| suite.name.contains(word.as_str()))
    };
    Ok(SUITES.iter().filter(wanted).collect())
}

/// One run of the suites and what they share.
struct Run<'a> {
    workspace: &'a Workspace,
    package: OnceCell<bool>,
    cos_local: OnceCell<Option<PathBuf>>,
}

impl Run<'_> {
    /// Runs one suite. Whatever stops it counts as a failure, and so does a suite without tests.
    fn suite(&self, suite: &Suite) -> Counts {
        let outcome = setup::ensure(self.workspace, setup::FOR_BUILD)
            .and_then(|()| setup::ensure(self.workspace, suite.parts))
            .and_then(|()| (suite.run)(self));
        match outcome {
            Ok(Counts { passed: 0, failed: 0, .. }) => {
                eprintln!("error: {} ran no tests.", suite.name);
                Counts { failed: 1, ..Counts::default() }
            }
            Ok(counts) => counts,
            Err(error) => {
                eprintln!("error: {error:#}");
                Counts { failed: 1, ..Counts::default() }
            }
        }
    }

    /// Builds the package once a run.
    fn package(&self) -> Result<()> {
        let mut built_now = None;
        let good = *self.package.get_or_init(|| {
            let outcome = build::run(self.workspace);
            let good = outcome.is_ok();
            built_now = outcome.err();
            good
        });
        match (good, built_now) {
            (true, _) => Ok(()),
            (false, Some(error)) => Err(error),
            (false, None) => Err(anyhow!("Not run, since the package could not be built.")),
        }
    }

    fn cos_local(&self) -> Result<&Path> {
        let path = self.cos_local.get_or_init(|| match build::cos_local(self.workspace) {
            Ok(path) => Some(path),
            Err(error) => {
                eprintln!("error: {error:#}");
                None
            }
        });
        path.as_deref().ok_or_else(|| anyhow!("Not run, since cos-local could not be built."))
    }

    /// Runs the `*.test.mjs` files of a folder in `tests` with Node's test runner.
    fn node(&self, folder: &str) -> Result<Counts> {
        self.package()?;
        let cos_local = self.cos_local()?;
        let mut files = Vec::new();
        collect_test_files(&self.workspace.tests().join(folder), &mut files)?;
        files.sort();
        if files.is_empty() {
            return Ok(Counts::default());
        }
        let tap = self.workspace.target.join("xtask").join(format!("{folder}.tap"));
        let mut node = Command::new(setup::node()?);
        node.args(["--test", "--test-reporter=spec", "--test-reporter-destination=stdout"])
            .arg(format!("--test-timeout={HANG}"))
            .arg("--test-reporter=tap")
            .arg(format!("--test-reporter-destination={}", tap.display()))
            .args(files)
            .current_dir(self.workspace.tests());
        give_environment(&mut node, self.workspace, cos_local)?;
        let (status, _) = process::tee(&mut node)?;
        let tap = fs::read_to_string(&tap).context("Node's test runner left no report.")?;
        Ok(settled(status, counts_of_tap(&tap)))
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new(active_cargo());
        cargo.current_dir(&self.workspace.root).env("CARGO_TARGET_DIR", &self.workspace.target);
        cargo
    }
}

fn fmt(run: &Run) -> Result<Counts> {
    check(run.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(run: &Run) -> Result<Counts> {
    check(
        run.cargo()
            .args(["clippy", "--quiet", "--workspace", "--all-targets", "--locked"])
            .args(["--", "-D", "warnings"]),
    )
}

fn prettier(run: &Run) -> Result<Counts> {
    let mut prettier = Command::new(run.workspace.npm_program("prettier"));
    prettier
        .args(["--check", "js-shim", "tests", "miniprogram-demo"])
        .current_dir(&run.workspace.root);
    check(&mut prettier)
}

fn rust(run: &Run) -> Result<Counts> {
    let (status, lines) =
        process::tee(run.cargo().args(["test", "--workspace", "--no-fail-fast", "--locked"]))?;
    Ok(settled(status, counts_of_libtest(&lines)))
}

/// The declarations against the package, then one check for each project of types.
fn types(run: &Run) -> Result<Counts> {
    let mut total = run.node("types")?;
    for project in ["js-shim", "tests/types", "tests/types/demo"] {
        let mut tsc = Command::new(run.workspace.npm_program("tsc"));
        tsc.args(["--noEmit", "--project", project]).current_dir(&run.workspace.root);
        total += check(&mut tsc)?;
    }
    Ok(total)
}

fn wasm(run: &Run) -> Result<Counts> {
    let workspace = run.workspace;
    let bindgen = setup::wasm_bindgen(workspace)?;
    let tools = bindgen.parent().context("wasm-bindgen has no folder.")?;
    let mut wasm_pack = Command::new(setup::wasm_pack(workspace));
    Toolchain::require(workspace)?.prepare(&mut wasm_pack, workspace, &[tools])?;
    wasm_pack
        .args([
            "--log-level",
            "error",
            "test",
            "--headless",
            "--chrome",
            "--mode",
            "no-install",
            "--chromedriver",
        ])
        .arg(setup::chromedriver()?)
        .arg("crates/cos-wasm");
    let (status, lines) = process::tee(&mut wasm_pack)?;
    Ok(settled(status, counts_of_libtest(&lines)))
}

/// A program whose exit code is the whole answer.
fn check(command: &mut Command) -> Result<Counts> {
    let (status, _) = process::tee(command)?;
    Ok(settled(status, Counts { passed: usize::from(status.success()), ..Counts::default() }))
}

/// Counts that agree with the exit code: a runner that fails without a failed test failed before it
/// could count.
fn settled(status: ExitStatus, counts: Counts) -> Counts {
    let failed = if status.success() { counts.failed } else { counts.failed.max(1) };
    Counts { failed, ..counts }
}

/// The sum of the `test result:` lines of `cargo test` and wasm-bindgen's runner.
fn counts_of_libtest(lines: &[String]) -> Counts {
    let mut total = Counts::default();
    for line in lines {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else { continue };
        for part in result.split(['.', ';']) {
            let Some((number, what)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            match what {
                "passed" => total.passed += number,
                "failed" => total.failed += number,
                "ignored" => total.skipped += number,
                _ => {}
            }
        }
    }
    total
}

/// The counts at the end of a TAP report of Node's test runner.
fn counts_of_tap(report: &str) -> Counts {
    let count = |name: &str| {
        report
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.trim().parse().ok())
            .unwrap_or(0)
    };
    Counts {
        passed: count("pass "),
        failed: count("fail ") + count("cancelled "),
        skipped: count("skipped ") + count("todo "),
    }
}

fn collect_test_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} cannot be read.", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "node_modules" {
            collect_test_files(&path, files)?;
        } else if name.ends_with(".test.mjs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn results_of_all_test_programs_add_up() {
        let lines = [
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test a ... ok",
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured",
        ];
        let counts = counts_of_libtest(&lines.map(str::to_owned));
        assert_eq!(counts, Counts { passed: 7, failed: 3, skipped: 1 });
    }

    #[test]
    fn a_tap_report_ends_with_its_counts() {
        let report = "TAP version 13\n# Subtest: pass 9\nok 1 - pass 9\n1..1\n# tests 7\n# suites 0\n\
                      # pass 4\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n# duration_ms 9\n";
        assert_eq!(counts_of_tap(report), Counts { passed: 4, failed: 2, skipped: 1 });
    }

    #[test]
    fn a_runner_that_fails_counts_as_failed() {
        let failure = ExitStatus::from_raw(0x100);
        assert_eq!(settled(failure, Counts::default()).failed, 1);
        assert_eq!(settled(failure, Counts { failed: 2, ..Counts::default() }).failed, 2);
        assert_eq!(settled(ExitStatus::default(), Counts::default()).failed, 0);
    }

    #[test]
    fn words_select_suites() {
        let names = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            select(&words).map(|suites| suites.iter().map(|suite| suite.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["e2e", "fmt"]).unwrap(), ["fmt", "e2e"]);
        assert_eq!(names(&[]).unwrap().len(), SUITES.len());
        assert!(names(&["nothing"]).unwrap_err().to_string().contains("--list"));
    }
}
