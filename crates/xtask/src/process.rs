//! Running other programs: one short line each, output kept back unless it is wanted.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Output, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};

/// Prints what is about to happen: the command of xtask it belongs to, then what runs.
pub(crate) fn announce(label: &str, what: &str) {
    println!("{label:>8}  {what}");
}

/// The absolute path of a program on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let directories = env::var_os("PATH")?;
    env::split_paths(&directories)
        .map(|directory| directory.join(program))
        .find(|path| is_executable(path))
        .and_then(|path| std::path::absolute(path).ok())
}

/// The absolute path of a program on `PATH`, or one sentence that says how to get it.
pub(crate) fn require(program: &str, remedy: &str) -> Result<PathBuf> {
    find(program).ok_or_else(|| anyhow!("{program} was not found on PATH; {remedy}."))
}

/// Whether `path` is a file that may be run.
pub(crate) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Runs a step whose output matters only when it fails, and gives back its standard output.
pub(crate) fn quiet(label: &str, what: &str, command: &mut Command) -> Result<String> {
    announce(label, what);
    let output = capture(command)?;
    if !output.status.success() {
        let mut stderr = io::stderr().lock();
        stderr.write_all(&output.stdout)?;
        stderr.write_all(&output.stderr)?;
        bail!("{what} failed ({}).", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a step that takes long enough for its own messages to be welcome.
pub(crate) fn stream(label: &str, what: &str, command: &mut Command) -> Result<()> {
    announce(label, what);
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("{what} failed ({status}).");
    }
    Ok(())
}

/// Runs a command, shows its output as it comes and also keeps the lines of its standard output.
pub(crate) fn tee(command: &mut Command) -> Result<(ExitStatus, Vec<String>)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    let stdout = child.stdout.take().ok_or_else(|| anyhow!("A pipe is missing."))?;
    let reader = thread::spawn(move || {
        let mut lines = Vec::new();
        for line in BufReader::new(stdout).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            lines.push(line);
        }
        lines
    });
    let status = child.wait().with_context(|| cannot_start(command))?;
    let lines = reader.join().map_err(|_| anyhow!("The output could not be read."))?;
    Ok((status, lines))
}

/// Runs a command without a word; for questions such as a version.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))
}

/// The standard output of a command, if it could be run and succeeded.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = capture(command).ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// Whether a command could be run and succeeded.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    capture(command).is_ok_and(|output| output.status.success())
}

/// `PATH` with `first` before everything else.
pub(crate) fn path_starting_with<'a>(first: impl Iterator<Item = &'a Path>) -> Result<OsString> {
    let rest = env::var_os("PATH").unwrap_or_default();
    let folders = first.map(Path::to_path_buf);
    env::join_paths(folders.chain(env::split_paths(&rest)))
        .context("A folder name with a colon cannot be put on PATH.")
}

/// Runs a command in the foreground and gives back its exit code as this program's own.
pub(crate) fn pass_on(command: &mut Command) -> Result<ExitCode> {
    Ok(exit_code(command.status().with_context(|| cannot_start(command))?))
}

/// The exit code of another program as this program's own.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, Into::into)
}

fn cannot_start(command: &Command) -> String {
    format!("{} could not be run.", Path::new(command.get_program()).display())
}
