//! Where everything lies: the repository, what cargo builds, and the cache of tools.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

/// The version of wasm-pack that the tests run with.
pub(crate) const WASM_PACK_VERSION: &str = "0.15.1";

/// The folders all commands work in. Every path is absolute.
pub(crate) struct Workspace {
    /// The top of the repository.
    pub(crate) root: PathBuf,
    /// Cargo's target folder: `CARGO_TARGET_DIR`, or `target` at the top of the repository.
    pub(crate) target: PathBuf,
    /// Tools that outlive a `cargo clean`: `COS_CACHE_DIR`, or `cos-wx-wasm` in the user's cache folder.
    pub(crate) cache: PathBuf,
}

impl Workspace {
    /// Finds the folders from the environment that cargo gives to `cargo xtask`.
    pub(crate) fn from_env() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .ancestors()
            .nth(2)
            .filter(|root| root.join("crates/xtask").is_dir())
            .ok_or_else(|| anyhow!("Run this as `cargo xtask` inside the repository."))?
            .to_path_buf();
        let target = match set("CARGO_TARGET_DIR") {
            Some(folder) => absolute(folder)?,
            None => root.join("target"),
        };
        let cache = match (set("COS_CACHE_DIR"), set("XDG_CACHE_HOME"), set("HOME")) {
            (Some(folder), ..) => absolute(folder)?,
            (None, Some(folder), _) => absolute(folder)?.join("cos-wx-wasm"),
            (None, None, Some(home)) => absolute(home)?.join(".cache/cos-wx-wasm"),
            (None, None, None) => {
                return Err(anyhow!("Set COS_CACHE_DIR to a folder for tools; HOME is not set."));
            }
        };
        Ok(Self { root, target, cache })
    }

    /// The npm package under construction.
    pub(crate) fn shim(&self) -> PathBuf {
        self.root.join("js-shim")
    }

    /// The second npm root: suites, hosts and the clients they compare with.
    pub(crate) fn tests(&self) -> PathBuf {
        self.root.join("tests")
    }

    /// Exactly what a mini program ships.
    pub(crate) fn dist(&self) -> PathBuf {
        self.shim().join("dist")
    }

    /// The build for hosts without WXWebAssembly.
    pub(crate) fn dist_compat(&self) -> PathBuf {
        self.shim().join("dist-compat")
    }

    /// The same, readable and unpacked.
    pub(crate) fn dist_dev(&self) -> PathBuf {
        self.shim().join("dist-dev")
    }

    /// The build for tests whose core has an operation that traps, in a folder for each entry.
    pub(crate) fn dist_trap(&self) -> PathBuf {
        self.target.join("xtask/trap")
    }

    /// A program of an npm package installed in `js-shim`.
    pub(crate) fn npm_program(&self, name: &str) -> PathBuf {
        self.shim().join("node_modules/.bin").join(name)
    }

    /// A program that cargo installed into the cache.
    pub(crate) fn tool(&self, package: &str, version: &str, program: &str) -> PathBuf {
        self.tool_root(package, version).join("bin").join(program)
    }

    /// The `--root` that cargo installs a tool to; the version is part of the path, so that
    /// checkouts with different pins share one cache.
    pub(crate) fn tool_root(&self, package: &str, version: &str) -> PathBuf {
        self.cache.join("tools").join(format!("{package}-{version}"))
    }

    /// The version of wasm-bindgen that the workspace pins; its command line must be the same.
    pub(crate) fn wasm_bindgen_version(&self) -> Result<String> {
        let path = self.root.join("Cargo.toml");
        let manifest = fs::read_to_string(&path)
            .with_context(|| format!("Cannot read {}.", path.display()))?;
        pinned(&manifest, "wasm-bindgen").map(str::to_owned).ok_or_else(|| {
            anyhow!("Pin wasm-bindgen in the root Cargo.toml as wasm-bindgen = \"=X.Y.Z\".")
        })
    }
}

/// The exact version a manifest pins `package` to, in its `package = "=X.Y.Z"` line.
fn pinned<'a>(manifest: &'a str, package: &str) -> Option<&'a str> {
    manifest.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == package).then(|| value.trim().strip_prefix("\"=")?.strip_suffix('"'))?
    })
}

fn set(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn absolute(path: impl AsRef<Path>) -> Result<PathBuf> {
    std::path::absolute(path.as_ref())
        .with_context(|| format!("{} is not a usable path.", path.as_ref().display()))
}

#[cfg(test)]
mod tests {
    use super::pinned;

    #[test]
    fn an_exact_pin_is_read_and_a_range_is_not() {
        let manifest = "wasm-bindgen-test = \"=0.3.1\"\nwasm-bindgen = \"=0.2.130\"\nserde = \"1\"";
        assert_eq!(pinned(manifest, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(pinned(manifest, "serde"), None);
        assert_eq!(pinned(manifest, "js-sys"), None);
    }
}
