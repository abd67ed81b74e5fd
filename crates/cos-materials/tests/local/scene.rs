//! A project of a mini program, the program, and a server with the bucket.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::place::{BUCKET, ID, KEY, Place};

/// Keys of a CDN domain, as its console makes them.
pub const CDN_KEY: &str = "cdnkeythatnobodyistobeshown";

/// See the module.
pub struct Scene {
    pub place: Place,
    pub project: PathBuf,
}

/// What a run of the program left.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("no document: {}{}", self.stdout, self.stderr))
    }

    /// Fails unless the program was successful.
    pub fn done(self) -> Run {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless the program ended so, with one error that has these words in it.
    pub fn refused(self, code: i32, words: &[&str]) -> Run {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        let errors: Vec<_> =
            self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word} in {}", self.stderr);
        }
        self
    }
}

impl Scene {
    /// An empty project whose settings are those of the bucket and `more`.
    pub async fn new(more: &str) -> Scene {
        let place = Place::new().await;
        let project = place.folder.path().join("project");
        fs::create_dir_all(project.join("materials")).unwrap();
        let scene = Scene { place, project };
        scene.settings(more);
        scene
    }

    pub fn settings(&self, more: &str) {
        let bucket = format!("[bucket]\nname = \"{BUCKET}\"\nregion = \"ap-guangzhou\"\n");
        self.write("materials.toml", bucket + more);
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.project.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.project.join(path)).unwrap()
    }

    /// The program at this project, with keys and an environment of its own.
    pub fn command(&self, endpoint: SocketAddr, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cos-materials"));
        let home = self.place.folder.path();
        command
            .env_clear()
            .env("HOME", home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env("COS_SECRET_ID", ID)
            .env("COS_SECRET_KEY", KEY)
            .env("COS_CDN_KEY", CDN_KEY)
            .env("COS_MATERIALS_ENDPOINT", format!("http://{endpoint}"))
            .current_dir(&self.project)
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program with the server itself.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_at(self.place.server, arguments)
    }

    /// Runs the program with a server at this address.
    pub fn run_at(&self, endpoint: SocketAddr, arguments: &[&str]) -> Run {
        Run::of(self.command(endpoint, arguments).output().unwrap())
    }

    /// The keys of all objects, in order.
    pub async fn keys(&self) -> Vec<String> {
        let client = self.place.client(self.place.server);
        let page = client.call("getBucket", crate::place::bucket()).await.unwrap();
        page.get("Contents").items().iter().map(|object| object.get("Key").to_text()).collect()
    }

    /// The key of a material, as the manifest names it.
    pub fn key(&self, path: &str) -> String {
        let entry = self.entries().into_iter().find(|entry| entry["path"] == path);
        entry.expect(path)["key"].as_str().unwrap().to_owned()
    }

    /// The entries of the manifest.
    pub fn entries(&self) -> Vec<Value> {
        let module = self.read("materials.js");
        let lines = module.lines().filter_map(|line| line.trim().strip_suffix(','));
        lines.filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// The paths in a list of a document.
pub fn paths(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap()).collect()
}
