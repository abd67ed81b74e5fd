//! Debian's compiler with a std for wasm built from Debian's own sources.
//!
//! Debian packages no `wasm32-unknown-unknown`, but it packages std's sources. std is built once into
//! a sysroot in the cache; small `rustc` and `rustdoc` scripts point Debian's compiler to it. The
//! sysroot remembers the compiler and the flags it was made with and is made again when they change.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::toolchain::{TARGET, registry_remaps};
use crate::{apt, process};

/// The compiler, cargo, std's sources and the linker's front end. The linker itself is added by its
/// LLVM version, which only the installed compiler tells.
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];

/// Bitcode lets std take part in link-time optimisation; the rest keeps it plain.
const FLAGS: [&str; 3] = [
    "-Cembed-bitcode=yes",
    "-Ctarget-cpu=mvp",
    "--remap-path-prefix=/usr/lib/rustlib/src/rust=rust",
];

/// The parts of std that programs, panics and the test harness need.
const CRATES: &str = "-Zbuild-std=std,panic_abort,proc_macro,test";

/// Environment variables that would redirect Debian's compiler to another one.
const FOREIGN: [&str; 8] = [
    "CARGO",
    "RUSTC",
    "RUSTDOC",
    "RUSTC_WRAPPER",
    "RUSTUP_TOOLCHAIN",
    "LD_LIBRARY_PATH",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
];

/// Debian's compiler and the sysroot made for it.
pub(crate) struct Debian {
    /// Where Debian's programs lie.
    programs: PathBuf,
    /// The sysroot in the cache.
    sysroot: PathBuf,
}

impl Debian {
    /// The compiler of this machine with its sysroot in `cache`.
    pub(crate) fn new(cache: &Path) -> Self {
        Self { programs: PathBuf::from("/usr/bin"), sysroot: cache.join("debian-sysroot") }
    }

    /// The folder with `rustc`, `rustdoc` and `cargo` for wasm.
    pub(crate) fn bin(&self) -> PathBuf {
        self.sysroot.join("bin")
    }

    /// Whether the sysroot belongs to the compiler that is installed now.
    pub(crate) fn is_ready(&self) -> bool {
        let made_for = fs::read_to_string(self.sysroot.join("made-for")).ok();
        made_for.is_some() && made_for == self.key().ok()
    }

    /// A flag that differs when std does: cargo would not notice by itself that crates compiled with
    /// an earlier sysroot no longer fit.
    pub(crate) fn metadata_flag(&self) -> Result<OsString> {
        let mut hasher = DefaultHasher::new();
        self.key()?.hash(&mut hasher);
        Ok(format!("-Cmetadata={:016x}", hasher.finish()).into())
    }

    /// Installs the packages and builds the sysroot.
    pub(crate) fn install(&self) -> Result<()> {
        apt::install(&PACKAGES)?;
        let version = self.rustc_version()?;
        let llvm = llvm_major(&version).ok_or_else(|| anyhow!("rustc names no LLVM version."))?;
        apt::install(&[&format!("lld-{llvm}")])?;
        self.build_sysroot()
    }

    fn build_sysroot(&self) -> Result<()> {
        let version = self.rustc_version()?;
        let host = field(&version, "host").ok_or_else(|| anyhow!("rustc names no host."))?;
        let parent = self.sysroot.parent().ok_or_else(|| anyhow!("The cache has no folder."))?;
        fs::create_dir_all(parent)?;
        let work = tempfile::Builder::new().prefix("debian-sysroot-").tempdir_in(parent)?;

        let project = work.path().join("project");
        fs::create_dir_all(project.join("src"))?;
        File::create(project.join("src/lib.rs"))?;
        fs::write(
            project.join("Cargo.toml"),
            "[package]\nname = \"sysroot\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
        )?;
        let mut flags: Vec<OsString> = FLAGS.iter().map(OsString::from).collect();
        flags.extend(registry_remaps());
        let mut cargo = Command::new(self.programs.join("cargo"));
        isolate(&mut cargo);
        cargo
            .args(["build", "--release", "--target", TARGET, CRATES])
            .current_dir(&project)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", self.programs.join("rustc"))
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join(OsStr::new("\x1f")))
            .env("CARGO_TARGET_DIR", work.path().join("target"));
        process::stream("setup", &format!("std for {TARGET} from Debian's sources"), &mut cargo)?;

        let root = work.path().join("root");
        let rustlib = root.join("lib/rustlib");
        let built = work.path().join("target").join(TARGET).join("release/deps");
        copy_libraries(&built, &rustlib.join(TARGET).join("lib"))?;
        let sysroot = self.ask(&["--print", "sysroot"])?;
        symlink(Path::new(sysroot.trim()).join("lib/rustlib").join(host), rustlib.join(host))?;
        self.write_wrappers(&root.join("bin"))?;
        fs::write(root.join("made-for"), self.key()?)?;

        if self.sysroot.exists() {
            fs::remove_dir_all(&self.sysroot)?;
        }
        fs::rename(&root, &self.sysroot)
            .with_context(|| format!("{} cannot be written.", self.sysroot.display()))
    }

    fn write_wrappers(&self, bin: &Path) -> Result<()> {
        fs::create_dir_all(bin)?;
        for program in ["rustc", "rustdoc"] {
            let wrapper = bin.join(program);
            let real = self.programs.join(program);
            fs::write(
                &wrapper,
                format!(
                    "#!/bin/sh\nexec '{}' --sysroot '{}' \"$@\"\n",
                    real.display(),
                    self.sysroot.display()
                ),
            )?;
            fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
        }
        symlink(self.programs.join("cargo"), bin.join("cargo"))?;
        Ok(())
    }

    /// Everything the contents of the sysroot depend on.
    fn key(&self) -> Result<String> {
        Ok(format!("{}flags: {} {CRATES}\n", self.rustc_version()?, FLAGS.join(" ")))
    }

    fn rustc_version(&self) -> Result<String> {
        self.ask(&["-vV"])
    }

    fn ask(&self, question: &[&str]) -> Result<String> {
        let rustc = self.programs.join("rustc");
        let mut command = Command::new(&rustc);
        isolate(&mut command);
        process::answer(command.args(question))
            .ok_or_else(|| anyhow!("{} does not run.", rustc.display()))
    }
}

/// Makes a command forget the compiler that this program was started with.
pub(crate) fn isolate(command: &mut Command) {
    for name in FOREIGN {
        command.env_remove(name);
    }
}

/// Copies the compiled crates of std, and nothing of the project they were built through.
fn copy_libraries(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let mut copied = 0;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.ends_with(".rlib") && !name.starts_with("libsysroot-") {
            fs::copy(&path, to.join(name))?;
            copied += 1;
        }
    }
    if copied == 0 {
        bail!("Building std for {TARGET} left no libraries behind.");
    }
    Ok(())
}

/// A line of `rustc -vV`.
fn field<'a>(version: &'a str, name: &str) -> Option<&'a str> {
    version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The LLVM that a compiler was built with, which decides the package of its linker.
fn llvm_major(version: &str) -> Option<&str> {
    field(version, "LLVM version")?.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::Debian;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::Command;
    use std::sync::{Mutex, PoisonError};

    /// One test at a time: a script cannot run while another test's child still holds it open, which
    /// the moment between fork and exec can bring about.
    static ALONE: Mutex<()> = Mutex::new(());

    const VERSION: &str = "rustc 1.96.0\\nhost: x86_64-unknown-linux-gnu\\nLLVM version: 22.1.8\\n";

    fn program(folder: &Path, name: &str, script: &str) {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Debian's programs as stand-ins: cargo leaves two libraries behind, rustc answers questions and
    /// otherwise repeats its arguments.
    fn stand_in(folder: &Path) -> Debian {
        let host = folder.join("usr/lib/rustlib/x86_64-unknown-linux-gnu");
        fs::create_dir_all(&host).unwrap();
        fs::write(host.join("marker"), "host").unwrap();
        let programs = folder.join("programs");
        fs::create_dir(&programs).unwrap();
        let usr = folder.join("usr");
        program(
            &programs,
            "rustc",
            &format!(
                "case \"$1\" in -vV) printf '{VERSION}';; --print) echo '{}';; \
                 *) echo \"rustc $*\";; esac",
                usr.display()
            ),
        );
        program(
            &programs,
            "cargo",
            "test \"$RUSTC_BOOTSTRAP\" = 1 || exit 1\n\
             deps=\"$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/deps\"\n\
             mkdir -p \"$deps\"\n\
             for name in core-1 std-2 sysroot-3; do echo x > \"$deps/lib$name.rlib\"; done",
        );
        Debian { programs, sysroot: folder.join("cache/debian-sysroot") }
    }

    #[test]
    fn a_sysroot_is_built_and_remembers_its_compiler() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let debian = stand_in(folder.path());
        assert!(!debian.is_ready());
        debian.build_sysroot().unwrap();
        assert!(debian.is_ready());

        let rustlib = folder.path().join("cache/debian-sysroot/lib/rustlib");
        let wasm = rustlib.join("wasm32-unknown-unknown/lib");
        assert!(wasm.join("libcore-1.rlib").is_file() && wasm.join("libstd-2.rlib").is_file());
        assert!(!wasm.join("libsysroot-3.rlib").exists());
        let host = rustlib.join("x86_64-unknown-linux-gnu/marker");
        assert_eq!(fs::read_to_string(host).unwrap(), "host");

        let newer = VERSION.replace("1.96.0", "1.97.0");
        program(&debian.programs, "rustc", &format!("printf '{newer}'"));
        assert!(!debian.is_ready());
    }

    #[test]
    fn the_wrapper_points_the_compiler_to_the_sysroot() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let debian = stand_in(folder.path());
        debian.build_sysroot().unwrap();
        let output = Command::new(debian.bin().join("rustc")).args(["a b", "c"]).output().unwrap();
        let sysroot = debian.sysroot.display();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("rustc --sysroot {sysroot} a b c\n")
        );
        assert!(debian.bin().join("cargo").is_file());
    }

    #[test]
    fn a_failed_build_leaves_the_old_sysroot_alone() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let debian = stand_in(folder.path());
        debian.build_sysroot().unwrap();
        program(&debian.programs, "cargo", "echo broken >&2; exit 101");
        assert!(debian.build_sysroot().is_err());
        assert!(debian.is_ready());
    }

    #[test]
    fn the_linker_package_follows_the_compiler() {
        let version = VERSION.replace("\\n", "\n");
        assert_eq!(super::llvm_major(&version), Some("22"));
        assert_eq!(super::field(&version, "host"), Some("x86_64-unknown-linux-gnu"));
    }
}
