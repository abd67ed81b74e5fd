//! The compiler for `wasm32-unknown-unknown`: the active one, rustup's, or Debian's.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::debian::{self, Debian};
use crate::process;
use crate::workspace::Workspace;

/// The target every wasm build names.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Code generation without the features that phones may lack. Two sources of std differ in theirs;
/// `lowering` evens that out and `module_check` makes sure.
const CODEGEN: [&str; 2] = ["-Ctarget-cpu=mvp", "-Ctarget-feature=-reference-types,-multivalue"];

/// Where the compiler for wasm comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The active compiler knows the target already.
    Active,
    /// rustup adds the target to the active compiler.
    Rustup,
    /// Debian's compiler, with std built from Debian's sources.
    Debian,
}

/// What the choice of a [`Source`] depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// `WASM_TOOLCHAIN=debian` is set.
    pub(crate) debian_wanted: bool,
    /// The active compiler has the target's core library.
    pub(crate) active_has_target: bool,
    /// The cache holds a sysroot for the Debian compiler that is installed now.
    pub(crate) sysroot_ready: bool,
    /// rustup is on `PATH`.
    pub(crate) rustup: bool,
}

impl Facts {
    /// The order of preference: what is there, then what is quickest to get.
    pub(crate) fn choose(self) -> Source {
        if self.debian_wanted {
            Source::Debian
        } else if self.active_has_target {
            Source::Active
        } else if self.sysroot_ready {
            Source::Debian
        } else if self.rustup {
            Source::Rustup
        } else {
            Source::Debian
        }
    }

    fn probe(debian: &Debian) -> Result<Self> {
        let debian_wanted = match env::var("WASM_TOOLCHAIN").as_deref() {
            Ok("debian") => true,
            Ok("") | Err(_) => false,
            Ok(other) => bail!("WASM_TOOLCHAIN may be debian or unset, not {other}."),
        };
        Ok(Self {
            debian_wanted,
            active_has_target: has_target(&active_rustc()),
            sysroot_ready: debian.is_ready(),
            rustup: process::find("rustup").is_some(),
        })
    }
}

/// A compiler that can build for wasm now.
pub(crate) struct Toolchain {
    /// The folder of Debian's wrappers, which has to come first on `PATH`.
    bin: Option<PathBuf>,
    flags: Vec<OsString>,
}

impl Toolchain {
    /// The compiler that `setup` left ready, if there is one.
    pub(crate) fn ready(workspace: &Workspace) -> Result<Option<Self>> {
        let debian = Debian::new(&workspace.cache);
        let facts = Facts::probe(&debian)?;
        let mut flags = flags(workspace);
        let bin = match facts.choose() {
            Source::Active => None,
            Source::Debian if facts.sysroot_ready => {
                flags.push(debian.metadata_flag()?);
                Some(debian.bin())
            }
            Source::Debian | Source::Rustup => return Ok(None),
        };
        Ok(Some(Self { bin, flags }))
    }

    /// The same, as the command that needs it sees it.
    pub(crate) fn require(workspace: &Workspace) -> Result<Self> {
        Self::ready(workspace)?
            .ok_or_else(|| anyhow!("There is no {TARGET} target; run `cargo xtask setup`."))
    }

    /// Gets the target onto this machine. A rustup that cannot (no network, say) is followed by
    /// Debian's sources.
    pub(crate) fn install(workspace: &Workspace) -> Result<()> {
        let debian = Debian::new(&workspace.cache);
        if Facts::probe(&debian)?.choose() == Source::Rustup {
            let what = format!("rustup target add {TARGET}");
            let mut rustup = Command::new("rustup");
            rustup.args(["target", "add", TARGET]).current_dir(&workspace.root);
            match process::quiet("setup", &what, &mut rustup) {
                Ok(_) if has_target(&active_rustc()) => return Ok(()),
                Ok(_) => bail!("rustup added {TARGET} to another compiler than the active one."),
                Err(error) => {
                    let next = "using Debian's compiler; WASM_TOOLCHAIN=debian skips this attempt";
                    process::announce("setup", &format!("{error} Next: {next}"));
                }
            }
        }
        debian.install()
    }

    /// `cargo` for the host or, with `--target`, for wasm.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Result<Command> {
        let cargo = match &self.bin {
            Some(bin) => bin.join("cargo"),
            None => active_cargo(),
        };
        let mut command = Command::new(cargo);
        self.prepare(&mut command, workspace, &[])?;
        Ok(command)
    }

    /// Gives a command this compiler, with `tools` on `PATH` right behind it.
    pub(crate) fn prepare(
        &self,
        command: &mut Command,
        workspace: &Workspace,
        tools: &[&Path],
    ) -> Result<()> {
        if self.bin.is_some() {
            debian::isolate(command);
        }
        let path = process::path_starting_with(
            self.bin.iter().map(PathBuf::as_path).chain(tools.iter().copied()),
        )?;
        command
            .current_dir(&workspace.root)
            .env("PATH", path)
            .env("CARGO_TARGET_DIR", &workspace.target)
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags.join(&OsString::from("\x1f")));
        Ok(())
    }

    /// Adds arguments for the linker.
    pub(crate) fn with_link_args(mut self, arguments: &[&str]) -> Self {
        self.flags.extend(arguments.iter().map(|argument| format!("-Clink-arg={argument}").into()));
        self
    }
}

/// The cargo that started this program.
pub(crate) fn active_cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn active_rustc() -> PathBuf {
    env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from)
}

/// Whether a compiler has the core library of the wasm target.
pub(crate) fn has_target(rustc: &Path) -> bool {
    let mut question = Command::new(rustc);
    question.args(["--print", "target-libdir", "--target", TARGET]);
    process::answer(&mut question)
        .and_then(|folder| Path::new(folder.trim()).read_dir().ok())
        .is_some_and(|mut files| files.any(|file| file.is_ok_and(|file| is_core(&file.path()))))
}

fn is_core(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rlib")
        && path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|n| n.starts_with("libcore-"))
}

/// The flags of every wasm build.
fn flags(workspace: &Workspace) -> Vec<OsString> {
    let mut flags: Vec<OsString> = CODEGEN.iter().map(OsString::from).collect();
    flags.push(remap(&workspace.root, "."));
    flags.extend(registry_remaps());
    flags
}

/// The flag that keeps a path of this machine out of panic messages.
fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

/// The flags that shorten the paths of packages that cargo has unpacked.
pub(crate) fn registry_remaps() -> Vec<OsString> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let registries = home.and_then(|home| home.join("registry/src").read_dir().ok());
    let mut folders: Vec<_> =
        registries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.iter().map(|folder| remap(folder, "crates")).collect()
}

/// A short description of the compiler, for the log.
pub(crate) fn describe(workspace: &Workspace) -> Result<String> {
    let toolchain = Toolchain::require(workspace)?;
    let mut rustc = Command::new(match &toolchain.bin {
        Some(bin) => bin.join("rustc"),
        None => active_rustc(),
    });
    toolchain.prepare(&mut rustc, workspace, &[])?;
    let version = process::answer(rustc.arg("--version")).context("rustc gives no version.")?;
    Ok(version.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Facts, Source};

    const NOTHING: Facts = Facts {
        debian_wanted: false,
        active_has_target: false,
        sysroot_ready: false,
        rustup: false,
    };

    #[test]
    fn a_target_that_is_present_is_used() {
        let facts = Facts { active_has_target: true, rustup: true, ..NOTHING };
        assert_eq!(facts.choose(), Source::Active);
        let facts = Facts { sysroot_ready: true, rustup: true, ..NOTHING };
        assert_eq!(facts.choose(), Source::Debian);
    }

    #[test]
    fn rustup_comes_before_debian() {
        assert_eq!(Facts { rustup: true, ..NOTHING }.choose(), Source::Rustup);
        assert_eq!(NOTHING.choose(), Source::Debian);
    }

    #[test]
    fn the_environment_can_insist_on_debian() {
        let facts = Facts { debian_wanted: true, active_has_target: true, ..NOTHING };
        assert_eq!(facts.choose(), Source::Debian);
        let facts = Facts { debian_wanted: true, rustup: true, ..NOTHING };
        assert_eq!(facts.choose(), Source::Debian);
    }
}
