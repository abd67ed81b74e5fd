//! The demo on one machine: cos-local, the web page that hosts the mini program, or the program that
//! drives that page.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::workspace::Workspace;
use crate::{build, process, setup, suites};

/// The port of the web page.
pub(crate) const DEFAULT_PORT: u16 = 8790;

/// The bucket that the demo uploads to.
const BUCKET: &str = "demo-1250000000";

/// The domain by which cos-local serves that bucket through its CDN.
const CDN_DOMAIN: &str = "cdn.example.com";

/// Serves the demo until Ctrl-C.
pub(crate) fn serve(workspace: &Workspace, port: u16, faults: Option<&str>) -> Result<ExitCode> {
    ensure_free(port)?;
    setup::ensure(workspace, setup::FOR_DEMO)?;
    let mut stage = Stage::open(workspace, faults)?;
    let mut host = Command::new(setup::node()?);
    host.arg("tests/wx-host/serve.mjs")
        .args(["--cos", &stage.cos_url, "--port", &port.to_string(), "--host", CDN_DOMAIN])
        .current_dir(&workspace.root);
    stage.equip(&mut host, workspace)?;
    let page = stage.start("The web page", host, Some("serving on "))?;
    println!("\nThe demo is at {page} (Ctrl-C stops it). Its objects lie in a fresh folder.\n");
    match stage.next_event()? {
        Event::Interrupted => {
            process::announce("demo", "stopping");
            Ok(ExitCode::SUCCESS)
        }
        Event::Ended(name) => bail!("{name} ended by itself; see its messages above."),
        Event::Ready(_) => bail!("A server reported twice that it is ready."),
    }
}

/// Lets `tests/e2e/drive.mjs` use the demo in a browser without a screen and passes its exit code on.
pub(crate) fn drive(
    workspace: &Workspace,
    files: &[PathBuf],
    faults: Option<&str>,
) -> Result<ExitCode> {
    let files = files.iter().map(|file| readable(file)).collect::<Result<Vec<_>>>()?;
    setup::ensure(workspace, setup::FOR_HEADLESS)?;
    let mut stage = Stage::open(workspace, faults)?;
    let mut driver = Command::new(setup::node()?);
    driver.arg("tests/e2e/drive.mjs").current_dir(&workspace.root);
    for file in files {
        driver.arg("--file").arg(file);
    }
    stage.equip(&mut driver, workspace)?;
    stage.start("The driver", driver, None)?;
    match stage.next_event()? {
        Event::Interrupted => Ok(ExitCode::from(130)),
        Event::Ended(_) => Ok(process::exit_code(stage.end_last()?)),
        Event::Ready(_) => bail!("A server reported twice that it is ready."),
    }
}

/// Writes what cos-local has to know of the CDN domain, whose URLs a random key signs; the path of
/// that file.
fn configure_cdn(folder: &Path) -> Result<PathBuf> {
    let key = random_hex()?;
    let path = folder.join("cdn.toml");
    let domain = format!(
        "[[domain]]\nname = \"{CDN_DOMAIN}\"\nbucket = \"{BUCKET}\"\nttl = 600\n\n\
         [domain.authentication]\ntype = \"A\"\nkey = \"{key}\"\nvalid = 1800\n"
    );
    fs::write(&path, domain).context("The configuration of the CDN cannot be written.")?;
    Ok(path)
}

/// Fails with a sentence if nothing can listen on the port.
fn ensure_free(port: u16) -> Result<()> {
    TcpListener::bind(("127.0.0.1", port)).map(drop).map_err(|_| {
        anyhow!("Port {port} of 127.0.0.1 is in use or not allowed; choose another with --port.")
    })
}

/// The absolute path of a file that exists.
fn readable(file: &Path) -> Result<PathBuf> {
    if !file.is_file() {
        bail!("{} is not a file that can be read.", file.display());
    }
    Ok(std::path::absolute(file)?)
}

/// Something that happened while the demo was waiting.
enum Event {
    /// A server printed its address.
    Ready(String),
    /// A program came to its end.
    Ended(&'static str),
    /// Ctrl-C, or a request to terminate.
    Interrupted,
}

/// The programs of one demo; dropping it stops them, the last started first.
struct Stage {
    programs: Vec<Child>,
    events: Receiver<Event>,
    reporter: Sender<Event>,
    cos_local: PathBuf,
    cos_url: String,
    secret_id: String,
    secret_key: String,
    /// Removed after the programs that use it have stopped.
    _data: tempfile::TempDir,
}

impl Stage {
    /// Builds everything and starts cos-local with an empty folder, and with these faults if any.
    fn open(workspace: &Workspace, faults: Option<&str>) -> Result<Self> {
        build::run(workspace)?;
        let cos_local = build::cos_local(workspace)?;
        let (reporter, events) = channel();
        let interrupted = reporter.clone();
        ctrlc::set_handler(move || drop(interrupted.send(Event::Interrupted)))
            .context("Ctrl-C cannot be handled.")?;
        let data = tempfile::Builder::new().prefix("cos-demo-").tempdir()?;
        let mut server = Command::new(&cos_local);
        server.args(["--listen", "127.0.0.1:0", "--bucket", BUCKET, "--log", "warn", "--data"]);
        server.arg(data.path().join("objects"));
        server.arg("--cdn-config").arg(configure_cdn(data.path())?);
        if let Some(faults) = faults {
            server.args(["--faults", faults]);
        }
        let mut stage = Self {
            programs: Vec::new(),
            events,
            reporter,
            cos_local,
            cos_url: String::new(),
            secret_id: format!("AKID{}", random_hex()?),
            secret_key: random_hex()?,
            _data: data,
        };
        stage.give_keys(&mut server);
        stage.cos_url = stage.start("cos-local", server, Some("listening on "))?;
        process::announce("demo", &format!("cos-local is listening on {}", stage.cos_url));
        stage.push_materials(workspace)?;
        Ok(stage)
    }

    /// Puts the demo's materials into its bucket, as the developer tools would.
    fn push_materials(&self, workspace: &Workspace) -> Result<()> {
        // The server is a new one each time: nothing about it is worth remembering.
        let records = tempfile::tempdir()?;
        let mut push = Command::new(build::cos_materials(workspace)?);
        push.args(["push", "--endpoint", &self.cos_url, "--project"])
            .arg(workspace.root.join("miniprogram-demo"))
            .env("XDG_STATE_HOME", records.path());
        self.give_keys(&mut push);
        process::stream("demo", "cos-materials push", &mut push)
    }

    fn give_keys(&self, command: &mut Command) {
        command.env("COS_SECRET_ID", &self.secret_id).env("COS_SECRET_KEY", &self.secret_key);
    }

    /// Tells a program of ours where everything is.
    fn equip(&self, command: &mut Command, workspace: &Workspace) -> Result<()> {
        self.give_keys(command);
        command.env("COS_LOCAL_URL", &self.cos_url);
        suites::give_environment(command, workspace, &self.cos_local)
    }

    /// Starts a program. With `ready`, waits for the line of its output that begins so and gives back
    /// the rest of that line.
    fn start(
        &mut self,
        name: &'static str,
        mut command: Command,
        ready: Option<&'static str>,
    ) -> Result<String> {
        // A group of its own: Ctrl-C reaches only this program, which then stops the others in order.
        command.stdin(Stdio::null()).process_group(0);
        if ready.is_some() {
            command.stdout(Stdio::piped());
        }
        let mut child = command.spawn().with_context(|| format!("{name} could not be started."))?;
        let (stdout, pid) = (child.stdout.take(), Pid::from_child(&child));
        self.programs.push(child);
        let reporter = self.reporter.clone();
        thread::spawn(move || {
            // Leaves the process for `Child::wait`, so that its id stays valid until then.
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let _ = reporter.send(Event::Ended(name));
        });
        let (Some(ready), Some(stdout)) = (ready, stdout) else { return Ok(String::new()) };
        let reporter = self.reporter.clone();
        thread::spawn(move || {
            let mut waiting = true;
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                match line.strip_prefix(ready).filter(|_| waiting) {
                    Some(address) => {
                        waiting = false;
                        let _ = reporter.send(Event::Ready(address.trim().to_owned()));
                    }
                    None => println!("{line}"),
                }
            }
        });
        match self.next_event()? {
            Event::Ready(address) => Ok(address),
            Event::Ended(_) => bail!("{name} could not be started; see its message above."),
            Event::Interrupted => bail!("Interrupted."),
        }
    }

    fn next_event(&self) -> Result<Event> {
        self.events.recv().context("Nothing is left to wait for.")
    }

    /// The exit status of the program that was started last and has ended.
    fn end_last(&mut self) -> Result<ExitStatus> {
        let mut child = self.programs.pop().ok_or_else(|| anyhow!("Nothing was started."))?;
        Ok(child.wait()?)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        while let Some(mut child) = self.programs.pop() {
            let _ = kill_process_group(Pid::from_child(&child), Signal::TERM);
            let _ = child.wait();
        }
    }
}

/// 128 random bits for keys that only this demo knows.
fn random_hex() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("There is no randomness: {error}."))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::{ensure_free, readable};
    use std::net::TcpListener;
    use std::path::Path;

    #[test]
    fn a_port_in_use_is_explained() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let sentence = ensure_free(port).unwrap_err().to_string();
        assert!(sentence.contains(&port.to_string()) && sentence.contains("--port"), "{sentence}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let sentence = readable(Path::new("no/such.bin")).unwrap_err().to_string();
        assert!(sentence.contains("no/such.bin"), "{sentence}");
    }
}
