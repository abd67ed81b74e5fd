//! The program: its command line, its start and end, and what it survives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use tempfile::TempDir;

use crate::client::*;

/// A running cos-local.
pub(crate) struct Program {
    child: Child,
    pub(crate) port: u16,
    /// Lines on standard output after the first.
    output: BufReader<std::process::ChildStdout>,
    log: BufReader<ChildStderr>,
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cos-local"));
    command.env_remove("COS_SECRET_ID").env_remove("COS_SECRET_KEY");
    command.args(["--listen", "127.0.0.1:0", "--bucket", BUCKET]).arg("--data").arg(data);
    command
}

pub(crate) fn with_keys(data: &Path) -> Command {
    let mut command = command(data);
    command.env("COS_SECRET_ID", SECRET_ID).env("COS_SECRET_KEY", SECRET_KEY);
    command
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a program");
        let mut output = BufReader::new(child.stdout.take().expect("an output"));
        let log = BufReader::new(child.stderr.take().expect("a log"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        let address = line.strip_prefix("listening on http://127.0.0.1:").expect("an address");
        let port = address.trim_end().parse().expect("a port");
        Self { child, port, output, log }
    }

    /// Ends it without a word to it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a program that can be killed");
        self.child.wait().expect("an end");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Begins a PUT of five bytes; when this returns the server waits for them.
    fn begin_put(&self, path: &str) -> TcpStream {
        let ask =
            Ask::new("PUT", path).header("Expect", "100-continue").header("Content-Length", "5");
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        stream.write_all(&ask.bytes()).expect("a request");
        let mut start = [0; 25];
        stream.read_exact(&mut start).expect("the start of an answer");
        assert_eq!(&start, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream
    }

    /// Ends by SIGTERM and returns the exit code and everything that was logged or printed.
    fn stop(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let mut text = String::new();
        self.output.read_to_string(&mut text).expect("the output");
        self.log.read_to_string(&mut text).expect("the log");
        (self.child.wait().expect("an end").code(), text)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}

#[test]
fn generated_keys_are_printed_once_and_kept() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::start(&mut command(folder.path()));
    let (code, text) = program.stop();
    assert_eq!(code, Some(0));
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='));
        line.expect("a printed key").to_owned()
    };
    let (id, key) = (value("COS_SECRET_ID"), value("COS_SECRET_KEY"));
    let program = Program::start(&mut command(folder.path()));
    assert_eq!(Ask::new("GET", "/").keys(&id, &key).send(program.port).status, 200);
    let (_, text) = program.stop();
    assert!(!text.contains(&key) && !text.contains("COS_SECRET_KEY"), "{text}");
}

#[test]
fn the_log_names_requests_and_no_secrets() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::start(with_keys(folder.path()).args(["--log", "debug"]));
    let sts = Ask::new("GET", "/sts").host("127.0.0.1").unsigned().send(program.port);
    let sts: serde_json::Value = serde_json::from_slice(&sts.body).expect("JSON");
    let text = |name: &str| sts["credentials"][name].as_str().expect("a text").to_owned();
    let (id, key, token) = (text("tmpSecretId"), text("tmpSecretKey"), text("sessionToken"));
    let ask = Ask::new("GET", &format!("/absent?x-cos-security-token={token}")).keys(&id, &key);
    let signature = ask.authorization().expect("a signature");
    let answer = ask.header("Authorization", &signature).send(program.port);
    assert_refused(&answer, 404, "NoSuchKey");
    let (_, log) = program.stop();
    assert!(
        log.contains("operation=\"GetObject\"")
            && log.contains("status=404")
            && log.contains("NoSuchKey"),
        "{log}"
    );
    assert!(log.contains(answer.header("x-cos-request-id").expect("an id")));
    for secret in [SECRET_KEY, &key, &token, "q-signature"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn a_ready_file_says_where_the_server_is() {
    let folder = TempDir::new().expect("a folder");
    let ready = folder.path().join("ready");
    let program = Program::start(with_keys(folder.path()).arg("--ready-file").arg(&ready));
    let (port, (code, _)) = (program.port, program.stop());
    assert_eq!(code, Some(0));
    let text = std::fs::read_to_string(ready).expect("the file");
    assert_eq!(text, format!("listening on http://127.0.0.1:{port}\n"));
}

#[test]
fn what_cannot_work_is_said_in_one_sentence() {
    let folder = TempDir::new().expect("a folder");
    let other = TempDir::new().expect("a folder");
    let program = Program::start(&mut with_keys(folder.path()));
    let run = |command: &mut Command| command.output().expect("a program");
    let taken = format!("127.0.0.1:{}", program.port);
    let mut same_port = Command::new(env!("CARGO_BIN_EXE_cos-local"));
    same_port.args(["--listen", &taken]).arg("--data").arg(other.path());
    assert!(refused(&run(&mut same_port)).contains("another program uses this port"));
    assert!(refused(&run(&mut with_keys(folder.path()))).contains("another server is using it"));
    let bad_name = run(with_keys(other.path()).args(["--bucket", "NoAccount"]));
    assert!(refused(&bad_name).contains("NoAccount"));
    let no_folder = run(&mut with_keys(Path::new("/proc/none")));
    assert!(refused(&no_folder).contains("/proc/none"));
    let foreign = TempDir::new().expect("a folder");
    std::fs::create_dir(foreign.path().join("blobs")).expect("a folder");
    std::fs::write(foreign.path().join("blobs/mine"), "x").expect("a file");
    assert!(refused(&run(&mut with_keys(foreign.path()))).contains("not of cos-local"));
    assert!(foreign.path().join("blobs/mine").exists());
    let half = run(command(other.path()).args(["--secret-id", "x"]));
    assert_eq!(half.status.code(), Some(2));
    let rain = run(with_keys(other.path()).args(["--faults", "drop=5,rain=5"]));
    assert_eq!(rain.status.code(), Some(2));
    let text = String::from_utf8_lossy(&rain.stderr).into_owned();
    assert!(text.contains("'--faults <SPEC>'") && text.contains("no fault \"rain\""), "{text}");
}

#[test]
fn requests_under_way_finish_before_the_end() {
    let folder = TempDir::new().expect("a folder");
    let mut program = Program::start(&mut with_keys(folder.path()));
    let mut put = program.begin_put("/late");
    program.signal("TERM");
    let mut line = String::new();
    while !line.contains("stopping") {
        line.clear();
        assert_ne!(program.log.read_line(&mut line).expect("a line"), 0, "the log ended");
    }
    put.write_all(b"hello").expect("a body");
    let mut answer = Vec::new();
    put.read_to_end(&mut answer).expect("an answer");
    assert_eq!(Answer::parse(&answer).status, 200);
    assert_eq!(program.child.wait().expect("an end").code(), Some(0));
    let program = Program::start(&mut with_keys(folder.path()));
    assert_eq!(Ask::new("GET", "/late").send(program.port).text(), "hello");
}

#[test]
fn a_crash_leaves_whole_objects_and_nothing_else() {
    let folder = TempDir::new().expect("a folder");
    let count = |part: &str| count_files(&folder.path().join(part));
    let program = Program::start(&mut with_keys(folder.path()));
    assert_eq!(Ask::new("PUT", "/whole").body("content").send(program.port).status, 200);
    let mut half = program.begin_put("/half");
    half.write_all(b"he").expect("half a body");
    assert_eq!((count("drafts"), count("blobs")), (1, 1));
    program.signal("KILL");
    drop(program);
    // As if it had ended between giving a file its name and referring to it.
    std::fs::write(folder.path().join("blobs/unreferenced"), "x").expect("a file");

    let program = Program::start(&mut with_keys(folder.path()));
    assert_eq!((count("drafts"), count("blobs")), (0, 1));
    assert_eq!(Ask::new("GET", "/whole").send(program.port).text(), "content");
    assert_refused(&Ask::new("GET", "/half").send(program.port), 404, "NoSuchKey");
    let usage = Ask::new("GET", &format!("/usage?bucket={BUCKET}")).host("127.0.0.1").unsigned();
    let usage: serde_json::Value =
        serde_json::from_slice(&usage.send(program.port).body).expect("JSON");
    assert_eq!(usage["storageBytes"], 7, "storage is computed from what is stored");
}

/// The most memory that a process has had, in KiB.
#[cfg(target_os = "linux")]
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_object() {
    const BLOCKS: usize = 300;
    let folder = TempDir::new().expect("a folder");
    let program = Program::start(&mut with_keys(folder.path()));
    assert_eq!(Ask::new("PUT", "/warm").body(content(1 << 20)).send(program.port).status, 200);
    let before = peak_memory(program.child.id());

    let block = content(1 << 20);
    let length = (BLOCKS << 20).to_string();
    let mut put = TcpStream::connect(("127.0.0.1", program.port)).expect("a connection");
    put.write_all(&Ask::new("PUT", "/large").header("Content-Length", &length).bytes())
        .expect("a request");
    for _ in 0..BLOCKS {
        put.write_all(&block).expect("a body");
    }
    let mut answer = Vec::new();
    put.read_to_end(&mut answer).expect("an answer");
    assert_eq!(Answer::parse(&answer).status, 200);

    let mut get = TcpStream::connect(("127.0.0.1", program.port)).expect("a connection");
    get.write_all(&Ask::new("GET", "/large").bytes()).expect("a request");
    let received = std::io::copy(&mut get, &mut std::io::sink()).expect("an answer");
    assert!(received > (BLOCKS << 20) as u64);
    let grown = peak_memory(program.child.id()) - before;
    assert!(grown < 32 << 10, "{grown} KiB more than before");
}
