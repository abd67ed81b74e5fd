//! A server in this process, a bucket, and a folder for files and records.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use cos_core::digest::crc64;
use cos_core::error::Error;
use cos_core::value::Value;
use cos_local::{Config, Server};
use cos_materials::client::{Client, Settings};
use cos_materials::credential::{Credential, Secret};
use tempfile::TempDir;

pub const BUCKET: &str = "demo-1250000000";
pub const ID: &str = "AKIDexampleexampleexampleexample0001";
pub const KEY: &str = "a key that nobody is to be shown";

/// See the module.
pub struct Place {
    pub folder: TempDir,
    pub server: SocketAddr,
    pub warnings: Arc<Mutex<Vec<String>>>,
}

impl Place {
    pub async fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let server = serve(&folder.path().join("data"), 0).await;
        Place { folder, server, warnings: Arc::default() }
    }

    /// A file of `size` bytes that repeats nowhere.
    pub fn file(&self, name: &str, size: usize) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes(size)).unwrap();
        path
    }

    pub fn settings(&self, endpoint: SocketAddr) -> Settings {
        let warnings = Arc::clone(&self.warnings);
        Settings {
            credential: Some(keys(KEY)),
            endpoint: Some(format!("http://{endpoint}")),
            state: Some(self.folder.path().join("state")),
            warn: Arc::new(move |message| warnings.lock().unwrap().push(message.to_owned())),
        }
    }

    /// A client that reaches the server at `endpoint`.
    pub fn client(&self, endpoint: SocketAddr) -> Client {
        Client::new(&Value::map(), self.settings(endpoint)).unwrap()
    }

    /// CRC64 and size of an object, as the server tells them.
    pub async fn stored(&self, key: &str) -> (String, String) {
        let client = self.client(self.server);
        let head = client.call("headObject", object(key)).await.unwrap();
        let header = |name: &str| head.get("headers").get(name).to_text();
        (header("x-cos-hash-crc64ecma"), header("content-length"))
    }

    /// The names of the files under the folder that are not meant to be there.
    pub fn left_over(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.') || name.ends_with(".cos-download")).collect()
    }
}

/// This program again, at the test of this name in the module: for what is but once in a process, such
/// as its environment.
pub fn again(module: &str, test: &str) -> Command {
    let (_, module) = module.split_once("::").unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("{module}::{test}")]);
    command
}

/// Runs such a process to its end. Without a test of that name it would be successful, too.
pub fn passes(command: &mut Command) -> bool {
    let output = command.output().unwrap();
    output.status.success() && String::from_utf8(output.stdout).unwrap().contains(" 1 passed;")
}

/// A server; `ahead` is how many seconds its clock is ahead.
pub async fn serve(data: &Path, ahead: i64) -> SocketAddr {
    let mut config = Config::new(data);
    config.buckets.push(BUCKET.to_owned());
    config.credential =
        Some(cos_local::Credential { secret_id: ID.to_owned(), secret_key: KEY.to_owned() });
    config.clock_offset = ahead;
    let server = Server::bind(config).await.unwrap();
    let address = server.local_addr();
    tokio::spawn(server.serve(std::future::pending()));
    address
}

pub fn keys(key: &str) -> Credential {
    Credential::Keys { id: Secret::new(ID), key: Secret::new(key), token: None }
}

/// Bytes of which no window is like another.
pub fn bytes(size: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ size as u64;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

pub fn sum(bytes: &[u8]) -> String {
    crc64(bytes).to_string()
}

pub fn bucket() -> Value {
    Value::map().with("Bucket", BUCKET).with("Region", "ap-guangzhou")
}

pub fn object(key: &str) -> Value {
    bucket().with("Key", key)
}

/// Of an object and a file, either way.
pub fn transfer(key: &str, path: &Path) -> Value {
    object(key).with("FilePath", path.to_str().unwrap())
}

/// Everything that an error tells.
pub fn told(error: &Error) -> String {
    format!("{error:?} {}", error.hint())
}
