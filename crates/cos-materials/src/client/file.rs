//! Files that are uploaded and downloaded, read and written off the async threads.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use cos_core::Stat;

/// Size and modification time, the latter in milliseconds since 1970.
pub(super) fn stat(path: &str) -> Result<Stat, String> {
    let metadata = fs::metadata(path).map_err(|error| format!("{path}: {error}"))?;
    if !metadata.is_file() {
        return Err(format!("{path}: this is no file"));
    }
    // A file system without modification times: only the size tells that a file has changed.
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok(Stat {
        size: metadata.len() as f64,
        modified: modified.map_or(0.0, |time| time.as_millis() as f64),
    })
}

/// `length` bytes from `offset`, fewer where the file ends; all there are when `length` is negative.
pub(super) fn read(path: &str, offset: f64, length: f64) -> Result<Bytes, String> {
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset as u64))?;
        let mut bytes = Vec::new();
        if length < 0.0 {
            file.read_to_end(&mut bytes)?;
        } else {
            bytes.reserve_exact(length as usize);
            file.take(length as u64).read_to_end(&mut bytes)?;
        }
        Ok(bytes.into())
    };
    read().map_err(|error: std::io::Error| format!("{path}: {error}"))
}

/// Writes bytes from `offset` on into a file, which is made before that, of `size` bytes, unless `size`
/// is negative.
pub(super) fn write(path: &str, bytes: &[u8], offset: f64, size: f64) -> Result<(), String> {
    let write = || {
        let mut file = if size < 0.0 {
            File::options().write(true).open(path)?
        } else {
            let file = File::create(path)?;
            file.set_len(size as u64)?;
            file
        };
        file.seek(SeekFrom::Start(offset as u64))?;
        file.write_all(bytes)
    };
    write().map_err(|error: std::io::Error| format!("{path}: {error}"))
}

/// Gives a file another path, in place of what is there, once its bytes are on the disk.
pub(super) fn rename(path: &str, to: &str) -> Result<(), String> {
    let rename = || {
        File::open(path)?.sync_all()?;
        fs::rename(path, to)
    };
    rename().map_err(|error: std::io::Error| format!("{to}: {error}"))
}

/// Removes a file; one that stays is made anew when it is needed.
pub(super) fn remove(path: &str) {
    let _ = fs::remove_file(path);
}
