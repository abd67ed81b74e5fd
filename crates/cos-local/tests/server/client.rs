//! A server to talk to, and a client that sends exactly what it is told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cos_local::{Clock, Config, Credential, Server};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::{Digest, Sha1};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const BUCKET: &str = "demo-1250000000";
pub(crate) const HOST: &str = "demo-1250000000.cos.ap-guangzhou.myqcloud.com";
pub(crate) const SECRET_ID: &str = "AKIDtest";
pub(crate) const SECRET_KEY: &str = "a secret for tests";

/// A server within the test's own process.
pub(crate) struct Local {
    pub(crate) port: u16,
    pub(crate) clock: Clock,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
    pub(crate) folder: TempDir,
}

impl Local {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(TempDir::new().expect("a folder"), change)
    }

    pub(crate) fn start_in(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(folder.path());
        config.buckets = vec![BUCKET.to_owned()];
        config.credential =
            Some(Credential { secret_id: SECRET_ID.into(), secret_key: SECRET_KEY.into() });
        change(&mut config);
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(Server::bind(config)).expect("a server");
        let (port, clock) = (server.local_addr().port(), server.clock());
        let (stop, stopped) = oneshot::channel();
        let task = runtime.spawn(server.serve(async move {
            let _ = stopped.await;
        }));
        Self { port, clock, runtime, stop: Some(stop), task: Some(task), folder }
    }

    /// Stops the server and starts another on the same folder.
    pub(crate) fn restart(self) -> Self {
        Self::start_in(self.stop(), |_| {})
    }

    pub(crate) fn stop(mut self) -> TempDir {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            self.runtime.block_on(task).expect("the server ends by itself");
        }
        self.folder
    }

    /// What a page of this machine is told at the server's own address.
    pub(crate) fn ask_json(&self, path: &str) -> (u16, serde_json::Value) {
        let answer = self.send(&Ask::new("GET", path).host("127.0.0.1").unsigned());
        let told = serde_json::from_slice(&answer.body).expect("JSON");
        (answer.status, told)
    }

    /// The usage of the bucket in this month.
    pub(crate) fn usage(&self) -> serde_json::Value {
        let (status, usage) = self.ask_json(&format!("/usage?bucket={BUCKET}"));
        assert_eq!(status, 200, "{usage}");
        usage
    }

    /// The number of files in a part of the data folder.
    pub(crate) fn files(&self, part: &str) -> usize {
        count_files(&self.folder.path().join(part))
    }

    pub(crate) fn send(&self, ask: &Ask) -> Answer {
        ask.send(self.port)
    }

    /// Stores an object.
    pub(crate) fn put(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let answer = self.send(&Ask::new("PUT", path).body(body));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }
}

pub(crate) fn count_files(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("a folder").count()
}

/// Now, in seconds since 1970.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    i64::try_from(elapsed.as_secs()).expect("a time of this age")
}

/// A request. It is signed, host, query and all headers, unless told otherwise.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// As on the wire, with its query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) keys: Option<(String, String)>,
    pub(crate) span: (i64, i64),
    /// The path to sign, where it differs.
    pub(crate) signed_path: Option<String>,
}

impl Ask {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            headers: vec![("Host".into(), HOST.into())],
            body: Vec::new(),
            keys: Some((SECRET_ID.into(), SECRET_KEY.into())),
            span: (now() - 60, now() + 600),
            signed_path: None,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.headers[0].1 = host.into();
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn keys(mut self, id: &str, key: &str) -> Self {
        self.keys = Some((id.into(), key.into()));
        self
    }

    pub(crate) fn unsigned(mut self) -> Self {
        self.keys = None;
        self
    }

    pub(crate) fn span(mut self, start: i64, end: i64) -> Self {
        self.span = (start, end);
        self
    }

    pub(crate) fn signing_path(mut self, path: &str) -> Self {
        self.signed_path = Some(path.into());
        self
    }

    /// The `Authorization` that goes with the request as it is.
    pub(crate) fn authorization(&self) -> Option<String> {
        let (id, key) = self.keys.as_ref()?;
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let path = self.signed_path.clone().unwrap_or_else(|| decode(path));
        let parameters = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        let headers = self.headers.iter().cloned();
        Some(authorization(id, key, self.span, &self.method, &path, parameters, headers))
    }

    /// The request as it goes over the wire; `Connection: close` lets the answer end with the
    /// connection.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        let named =
            |name: &str| self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let mut line = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        for (name, value) in &self.headers {
            line(name, value);
        }
        if let Some(authorization) = self.authorization().filter(|_| !named("authorization")) {
            line("Authorization", &authorization);
        }
        if !named("content-length") && !named("transfer-encoding") {
            line("Content-Length", &self.body.len().to_string());
        }
        if !named("connection") {
            line("Connection", "close");
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }

    pub(crate) fn send(&self, port: u16) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stream.write_all(&self.bytes()).expect("a request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        Answer::parse(&bytes)
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in the case they came in.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("the end of the headers");
        let head = std::str::from_utf8(&bytes[..end]).expect("text");
        let mut lines = head.split("\r\n");
        let status =
            lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    /// A header by its name in the exact case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of the first element of this name in the body.
    pub(crate) fn element(&self, name: &str) -> Option<String> {
        self.elements(name).into_iter().next()
    }

    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let text = self.text();
        text.split(&open)
            .skip(1)
            .filter_map(|rest| rest.split_once(&close))
            .map(|(inner, _)| inner.to_owned())
            .collect()
    }

    /// Status and error code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.element("Code").unwrap_or_default())
    }
}

/// Asserts status and code of a refusal.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.refusal(), (status, code.to_owned()), "{}", answer.text());
}

/// Signs as document 436/7778 says, in the plainest way.
pub(crate) fn authorization(
    id: &str,
    key: &str,
    (start, end): (i64, i64),
    method: &str,
    path: &str,
    parameters: impl Iterator<Item = (String, String)>,
    headers: impl Iterator<Item = (String, String)>,
) -> String {
    let (parameter_names, parameters) = canonical(parameters);
    let (header_names, headers) = canonical(headers);
    let time = format!("{start};{end}");
    let request = format!("{}\n{path}\n{parameters}\n{headers}\n", method.to_lowercase());
    let signature =
        hmac(&hmac(key, &time), &format!("sha1\n{time}\n{}\n", hex(&Sha1::digest(request))));
    format!(
        "q-sign-algorithm=sha1&q-ak={id}&q-sign-time={time}&q-key-time={time}&q-header-list={header_names}&\
         q-url-param-list={parameter_names}&q-signature={signature}"
    )
}

fn canonical(pairs: impl Iterator<Item = (String, String)>) -> (String, String) {
    let mut pairs: Vec<_> =
        pairs.map(|(name, value)| (encode(&name).to_lowercase(), encode(&value))).collect();
    pairs.sort();
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.clone()).collect();
    let text: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (names.join(";"), text.join("&"))
}

pub(crate) fn hmac(key: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key");
    mac.update(message.as_bytes());
    hex(&mac.finalize().into_bytes())
}

pub(crate) fn sha1(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

pub(crate) fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The value of `Content-MD5` for `bytes`.
pub(crate) fn content_md5(bytes: &[u8]) -> String {
    base64(&Md5::digest(bytes))
}

pub(crate) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// `length` bytes that are not all the same.
pub(crate) fn content(length: usize) -> Vec<u8> {
    (0..length)
        .map(|index| u8::try_from((index * 31 + index / 251) % 256).expect("a byte"))
        .collect()
}
