//! `cargo xtask setup` as a process, on a machine made of stand-ins: shell scripts are the only
//! programs on `PATH`, and the cache is a folder of the test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One machine at a time: a script cannot run while another test's child still holds it open, which
/// the moment between fork and exec can bring about.
static ALONE: Mutex<()> = Mutex::new(());

struct Machine {
    folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Machine {
    fn new() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let machine = Self { folder: tempfile::tempdir().unwrap(), _alone: alone };
        fs::create_dir(machine.path("bin")).unwrap();
        fs::create_dir(machine.path("libdir")).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a program on `PATH`. Every call of it is logged; `$M` is the folder of the machine.
    fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        let folder = self.folder.path().display();
        let log = format!("echo \"{name} $*\" >> \"$M/log\"");
        fs::write(&path, format!("#!/bin/sh\nM='{folder}'\n{log}\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A compiler that has the wasm target as soon as `libdir` holds its core library.
    fn compiler(&self) {
        self.program(
            "rustc",
            "case \"$*\" in *target-libdir*) echo \"$M/libdir\";; *) echo 'rustc 1.2.3';; esac",
        );
    }

    fn setup(&self, part: &str, environment: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["setup", part])
            .env("PATH", self.path("bin"))
            .env("COS_CACHE_DIR", self.path("cache"))
            .env_remove("WASM_TOOLCHAIN")
            .env_remove("RUSTC")
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// The logged calls of one program.
    fn calls(&self, program: &str) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        log.lines().filter(|line| line.starts_with(program)).map(str::to_owned).collect()
    }
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

#[test]
fn a_target_that_is_present_is_used_as_it_is() {
    let machine = Machine::new();
    machine.compiler();
    machine.program("rustup", "exit 1");
    fs::write(machine.path("libdir/libcore-1.rlib"), "").unwrap();
    let output = machine.setup("wasm-target", &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("rustc 1.2.3"), "{}", said(&output));
    assert_eq!(machine.calls("rustup"), [""; 0]);
}

#[test]
fn rustup_adds_a_missing_target_once() {
    let machine = Machine::new();
    machine.compiler();
    machine.program("rustup", ": > \"$M/libdir/libcore-1.rlib\"");
    for _ in 0..2 {
        let output = machine.setup("wasm-target", &[]);
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(machine.calls("rustup"), ["rustup target add wasm32-unknown-unknown"]);
}

#[test]
fn rustup_that_adds_to_another_compiler_is_reported() {
    let machine = Machine::new();
    machine.compiler();
    machine.program("rustup", "exit 0");
    let output = machine.setup("wasm-target", &[]);
    assert!(!output.status.success());
    assert!(said(&output).contains("another compiler than the active one"), "{}", said(&output));
}

#[test]
fn without_rustup_debian_is_asked_for_its_packages() {
    let machine = Machine::new();
    machine.compiler();
    let output = machine.setup("wasm-target", &[]);
    assert!(!output.status.success());
    assert!(said(&output).contains("rustc-web cargo-web rust-web-src"), "{}", said(&output));
}

#[test]
fn debian_can_be_insisted_on() {
    let machine = Machine::new();
    machine.compiler();
    machine.program("rustup", "exit 1");
    fs::write(machine.path("libdir/libcore-1.rlib"), "").unwrap();
    let output = machine.setup("wasm-target", &[("WASM_TOOLCHAIN", "debian")]);
    assert!(said(&output).contains("rustc-web cargo-web rust-web-src"), "{}", said(&output));
    assert_eq!(machine.calls("rustup"), [""; 0]);
}

#[test]
fn an_unknown_toolchain_is_named() {
    let output = Machine::new().setup("wasm-target", &[("WASM_TOOLCHAIN", "gcc")]);
    assert!(!output.status.success());
    assert!(said(&output).contains("may be debian or unset, not gcc"), "{}", said(&output));
}

#[test]
fn a_missing_program_gets_one_sentence() {
    let machine = Machine::new();
    machine.program("git", "");
    machine.program("npm", "");
    let output = machine.setup("base", &[]);
    assert!(!output.status.success());
    assert_eq!(said(&output), "error: node was not found on PATH; install Node.js 20 or newer.\n");
}

#[test]
fn a_node_that_is_too_old_gets_one_sentence() {
    let machine = Machine::new();
    machine.program("git", "");
    machine.program("npm", "");
    machine.program("node", "echo v18.19.0");
    assert_eq!(
        said(&machine.setup("base", &[])),
        "error: Node.js 20 or newer is needed; the node on PATH is v18.19.0.\n"
    );
    machine.program("node", "echo v20.0.0");
    assert!(machine.setup("base", &[]).status.success());
}

#[test]
fn only_missing_packages_are_installed() {
    let machine = Machine::new();
    machine.program("dpkg-query", "exit 1");
    let jsc = machine.path("bin/jsc");
    let install = format!("case \"$*\" in *install*) : > '{}';; esac", jsc.display());
    machine.program("apt-get", &install);
    let output = machine.setup("jsc", &[]);
    let package = "libjavascriptcoregtk-4.0-bin";
    if rustix::process::geteuid().is_root() {
        assert_eq!(
            machine.calls("apt-get"),
            [
                "apt-get -q update".to_owned(),
                format!("apt-get -q install -y --no-install-recommends {package}")
            ]
        );
        // What was installed is no program: the step says that it did not help.
        assert!(said(&output).contains("could not be set up"), "{}", said(&output));
        machine.program("jsc", "");
        let calls = machine.calls("apt-get").len();
        assert!(machine.setup("jsc", &[]).status.success());
        assert_eq!(machine.calls("apt-get").len(), calls);
    } else {
        assert!(said(&output).contains(&format!("apt-get install -y {package}")));
        assert_eq!(machine.calls("apt-get"), [""; 0]);
    }
}
