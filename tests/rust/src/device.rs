//! A phone as the engine sees it: files and stored records.

use std::collections::BTreeMap;
use std::sync::Arc;

use cos_core::Stat;
use cos_core::value::Value;

/// Bytes that the engine is shown at a time.
pub const WINDOW: usize = 256 * 1024;

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// What it contains.
    pub bytes: Arc<Vec<u8>>,
    /// When it was last written, in any unit.
    pub modified: f64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Files by path.
    pub files: BTreeMap<String, File>,
    /// Stored records by key.
    pub records: BTreeMap<String, Value>,
}

/// `size` bytes that depend on `seed` and repeat nowhere near a part's length.
pub fn bytes(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
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

impl Device {
    /// Puts a file in place, or another one in its place.
    pub fn write(&mut self, path: &str, bytes: Vec<u8>, modified: f64) {
        self.files.insert(path.to_owned(), File { bytes: Arc::new(bytes), modified });
    }

    /// Size and modification time of a file.
    ///
    /// # Errors
    /// The host's text, when there is no such file.
    pub fn stat(&self, path: &str) -> Result<Stat, String> {
        let file = self.files.get(path).ok_or_else(|| missing("stat", path))?;
        Ok(Stat { size: file.bytes.len() as f64, modified: file.modified })
    }

    /// Writes into a file from `offset` on; one of `size` bytes is made before that, unless `size` is
    /// negative.
    ///
    /// # Errors
    /// The host's text, when there is no such file or it ends earlier.
    pub fn change(
        &mut self,
        path: &str,
        bytes: &[u8],
        offset: f64,
        size: f64,
        modified: f64,
    ) -> Result<(), String> {
        if size >= 0.0 {
            self.write(path, vec![0; size as usize], modified);
        }
        let file = self.files.get_mut(path).ok_or_else(|| missing("open", path))?;
        let from = offset as usize;
        let target = Arc::make_mut(&mut file.bytes).get_mut(from..from + bytes.len());
        target.ok_or("write:fail outside of the file")?.copy_from_slice(bytes);
        file.modified = modified;
        Ok(())
    }

    /// Gives a file another path.
    ///
    /// # Errors
    /// The host's text, when there is no such file.
    pub fn rename(&mut self, path: &str, to: &str) -> Result<(), String> {
        let file = self.files.remove(path).ok_or_else(|| missing("rename", path))?;
        self.files.insert(to.to_owned(), file);
        Ok(())
    }

    /// The bytes from `offset` on, as many as there are of the `length` wanted; all when negative.
    ///
    /// # Errors
    /// The host's text, when there is no such file.
    pub fn read(&self, path: &str, offset: f64, length: f64) -> Result<Vec<u8>, String> {
        let file = self.files.get(path).ok_or_else(|| missing("readFile", path))?;
        let rest = file.bytes.get(offset as usize..).unwrap_or_default();
        let wanted = if length < 0.0 { rest.len() } else { rest.len().min(length as usize) };
        Ok(rest[..wanted].to_vec())
    }
}

fn missing(operation: &str, path: &str) -> String {
    format!("{operation}:fail no such file or directory, {path}")
}
