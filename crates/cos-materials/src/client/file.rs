//! Files that are uploaded, read off the async threads.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
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
