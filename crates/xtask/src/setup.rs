//! What the commands stand on, as a list of parts that are checked and, where missing, installed.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;

use crate::toolchain::{Toolchain, active_cargo};
use crate::workspace::{WASM_PACK_VERSION, Workspace};
use crate::{apt, process};

/// The oldest Node that the tools and the suites run on.
const NODE_MAJOR: u32 = 20;

/// The browser, its driver for `wasm-pack test`, and a font with Chinese characters.
const BROWSER_PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-wqy-zenhei"];
const JSC_PACKAGES: [&str; 1] = ["libjavascriptcoregtk-4.0-bin"];
const PYTHON_PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// One part of the set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// git, Node and npm, which have to be there already.
    Base,
    /// The compiler's wasm32-unknown-unknown target.
    WasmTarget,
    /// The wasm-bindgen command line, in the version the workspace pins.
    WasmBindgen,
    /// wasm-pack, which runs the tests of cos-wasm in a browser.
    WasmPack,
    /// The npm packages of js-shim.
    ShimPackages,
    /// The npm packages of tests.
    TestPackages,
    /// Chromium, chromedriver and a Chinese font.
    Browser,
    /// JavaScriptCore's shell.
    Jsc,
    /// Python with venv, for the official Python client.
    Python,
}

/// For `cargo xtask build`.
pub(crate) const FOR_BUILD: &[Part] =
    &[Part::Base, Part::WasmTarget, Part::WasmBindgen, Part::ShimPackages];
/// For the demo on a local web page.
pub(crate) const FOR_DEMO: &[Part] =
    &[Part::Base, Part::WasmTarget, Part::WasmBindgen, Part::ShimPackages, Part::TestPackages];
/// For the demo driven without a screen.
pub(crate) const FOR_HEADLESS: &[Part] = &[
    Part::Base,
    Part::WasmTarget,
    Part::WasmBindgen,
    Part::ShimPackages,
    Part::TestPackages,
    Part::Browser,
];
/// For the measurements.
pub(crate) const FOR_BENCH: &[Part] = &[
    Part::Base,
    Part::WasmTarget,
    Part::WasmBindgen,
    Part::ShimPackages,
    Part::TestPackages,
    Part::Jsc,
];

struct Step {
    part: Part,
    name: &'static str,
    is_done: fn(&Workspace) -> Result<bool>,
    run: fn(&Workspace) -> Result<()>,
}

/// In the order in which they build on each other.
const STEPS: &[Step] = &[
    Step { part: Part::Base, name: "git, node, npm", is_done: base_is_done, run: nothing_to_run },
    Step {
        part: Part::WasmTarget,
        name: "the wasm target",
        is_done: |workspace| Ok(Toolchain::ready(workspace)?.is_some()),
        run: Toolchain::install,
    },
    Step {
        part: Part::WasmBindgen,
        name: "wasm-bindgen",
        is_done: |workspace| Ok(process::is_executable(&wasm_bindgen(workspace)?)),
        run: |workspace| {
            // Without its default TLS stack, which only a remote webdriver would need.
            let version = workspace.wasm_bindgen_version()?;
            cargo_install(workspace, "wasm-bindgen-cli", &version, &["--no-default-features"])
        },
    },
    Step {
        part: Part::WasmPack,
        name: "wasm-pack",
        is_done: |workspace| Ok(process::is_executable(&wasm_pack(workspace))),
        run: |workspace| cargo_install(workspace, "wasm-pack", WASM_PACK_VERSION, &[]),
    },
    Step {
        part: Part::ShimPackages,
        name: "npm packages of js-shim",
        is_done: |workspace| packages_are_current(&workspace.shim()),
        run: |workspace| npm_ci(&workspace.shim()),
    },
    Step {
        part: Part::TestPackages,
        name: "npm packages of tests",
        is_done: |workspace| packages_are_current(&workspace.tests()),
        run: |workspace| npm_ci(&workspace.tests()),
    },
    Step {
        part: Part::Browser,
        name: "Chromium",
        is_done: |_| Ok(chromium().is_ok() && chromedriver().is_ok() && has_chinese_font()),
        run: |_| apt::install(&BROWSER_PACKAGES),
    },
    Step {
        part: Part::Jsc,
        name: "JavaScriptCore's shell",
        is_done: |_| Ok(jsc().is_ok()),
        run: |_| apt::install(&JSC_PACKAGES),
    },
    Step {
        part: Part::Python,
        name: "Python",
        is_done: |_| Ok(has_python()),
        run: |_| apt::install(&PYTHON_PACKAGES),
    },
];

/// Makes sure of the given parts; says a word only about what was missing.
pub(crate) fn ensure(workspace: &Workspace, parts: &[Part]) -> Result<()> {
    fs::create_dir_all(&workspace.cache)
        .with_context(|| format!("{} cannot be created.", workspace.cache.display()))?;
    let lock = File::create(workspace.cache.join("lock"))?;
    if lock.try_lock().is_err() {
        process::announce("setup", "waiting for another set-up to end");
        lock.lock()?;
    }
    for step in STEPS.iter().filter(|step| parts.contains(&step.part)) {
        if (step.is_done)(workspace)? {
            continue;
        }
        (step.run)(workspace)?;
        if !(step.is_done)(workspace)? {
            bail!("{} could not be set up; see the messages above.", step.name);
        }
    }
    Ok(())
}

/// Says of every part given whether it is there.
pub(crate) fn report(workspace: &Workspace, parts: &[Part]) -> Result<()> {
    for step in STEPS.iter().filter(|step| parts.contains(&step.part)) {
        let detail = match step.part {
            Part::WasmTarget => format!(" ({})", crate::toolchain::describe(workspace)?),
            Part::WasmBindgen => format!(" {}", workspace.wasm_bindgen_version()?),
            Part::WasmPack => format!(" {WASM_PACK_VERSION}"),
            _ => String::new(),
        };
        process::announce("ready", &format!("{}{detail}", step.name));
    }
    Ok(())
}

/// The wasm-bindgen program in the cache.
pub(crate) fn wasm_bindgen(workspace: &Workspace) -> Result<PathBuf> {
    let version = workspace.wasm_bindgen_version()?;
    Ok(workspace.tool("wasm-bindgen-cli", &version, "wasm-bindgen"))
}

/// The wasm-pack program in the cache.
pub(crate) fn wasm_pack(workspace: &Workspace) -> PathBuf {
    workspace.tool("wasm-pack", WASM_PACK_VERSION, "wasm-pack")
}

/// Node.
pub(crate) fn node() -> Result<PathBuf> {
    process::require("node", &format!("install Node.js {NODE_MAJOR} or newer"))
}

/// The browser: `CHROMIUM`, or one on `PATH`.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM").filter(|path| !path.is_empty()).map(PathBuf::from) {
        return match process::is_executable(&path) {
            true => Ok(path),
            false => Err(anyhow!("CHROMIUM names {}, which is not a program.", path.display())),
        };
    }
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|name| process::find(name))
        .ok_or_else(|| anyhow!("Chromium was not found; set CHROMIUM to its path."))
}

/// The driver that `wasm-pack test` talks to.
pub(crate) fn chromedriver() -> Result<PathBuf> {
    process::require("chromedriver", "install it in the version of the browser")
}

/// JavaScriptCore's shell, the engine of iOS.
pub(crate) fn jsc() -> Result<PathBuf> {
    process::require("jsc", "install Debian's libjavascriptcoregtk-4.0-bin")
}

fn nothing_to_run(_: &Workspace) -> Result<()> {
    Ok(())
}

fn base_is_done(_: &Workspace) -> Result<bool> {
    process::require("git", "install git")?;
    process::require("npm", "install npm, which comes with Node.js")?;
    let version = process::answer(Command::new(node()?).arg("--version")).unwrap_or_default();
    if node_major(&version).is_none_or(|major| major < NODE_MAJOR) {
        let version = version.trim();
        bail!("Node.js {NODE_MAJOR} or newer is needed; the node on PATH is {version}.");
    }
    Ok(true)
}

fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs a program from crates.io into the cache, with the lock file it was published with. That
/// file can name a version that a registry no longer or not yet has, hence the second attempt.
fn cargo_install(
    workspace: &Workspace,
    package: &str,
    version: &str,
    options: &[&str],
) -> Result<()> {
    let root = workspace.tool_root(package, version);
    let install = |locked: &[&str]| {
        let mut cargo = Command::new(active_cargo());
        cargo
            .args(["install", package, "--version", &format!("={version}")])
            .args(options)
            .args(locked)
            .arg("--root")
            .arg(&root)
            .current_dir(&workspace.cache)
            .env("CARGO_TARGET_DIR", workspace.target.join("tools"));
        cargo
    };
    let what = format!("cargo install {package} {version} (a few minutes)");
    if process::stream("setup", &what, &mut install(&["--locked"])).is_ok() {
        return Ok(());
    }
    process::stream("setup", &format!("{what}, without its lock file"), &mut install(&[]))
}

/// Whether the packages in `node_modules` are those of the lock file.
fn packages_are_current(root: &Path) -> Result<bool> {
    let lock = lock_file(root)?;
    Ok(fs::read(stamp(root)).is_ok_and(|installed| installed == lock))
}

fn npm_ci(root: &Path) -> Result<()> {
    let what = format!("npm ci in {}", root.file_name().unwrap_or_default().display());
    let npm = process::require("npm", "install npm, which comes with Node.js")?;
    let mut command = Command::new(npm);
    command.args(["ci", "--no-audit", "--no-fund"]).current_dir(root);
    process::quiet("setup", &what, &mut command)?;
    Ok(fs::write(stamp(root), lock_file(root)?)?)
}

fn lock_file(root: &Path) -> Result<Vec<u8>> {
    let path = root.join("package-lock.json");
    fs::read(&path).with_context(|| format!("{} cannot be read.", path.display()))
}

/// A copy of the lock file that the installed packages came from.
fn stamp(root: &Path) -> PathBuf {
    root.join("node_modules/.installed-lock.json")
}

fn has_chinese_font() -> bool {
    match process::find("fc-list") {
        Some(fc_list) => process::answer(Command::new(fc_list).args([":lang=zh", "family"]))
            .is_some_and(|families| !families.trim().is_empty()),
        None => apt::has(&BROWSER_PACKAGES[2..]),
    }
}

fn has_python() -> bool {
    process::find("python3").is_some_and(|python| {
        process::succeeds(Command::new(python).args(["-c", "import ensurepip, venv"]))
    })
}

#[cfg(test)]
mod tests {
    use super::{node_major, packages_are_current, stamp};
    use std::fs;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(node_major("v20.20.0\n"), Some(20));
        assert_eq!(node_major("v8.1.0"), Some(8));
        assert_eq!(node_major("no version"), None);
    }

    #[test]
    fn packages_are_installed_again_when_the_lock_file_changes() {
        let root = tempfile::tempdir().unwrap();
        let lock = root.path().join("package-lock.json");
        fs::write(&lock, "one").unwrap();
        assert!(!packages_are_current(root.path()).unwrap());
        fs::create_dir(root.path().join("node_modules")).unwrap();
        fs::write(stamp(root.path()), "one").unwrap();
        assert!(packages_are_current(root.path()).unwrap());
        fs::write(&lock, "two").unwrap();
        assert!(!packages_are_current(root.path()).unwrap());
    }
}
