//! The folder of resume records: one JSON file each, written beside and renamed, so that a reader
//! finds a whole record or none.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use cos_core::value::Value;

use crate::json;

/// See the module; without a folder nothing is kept.
pub(super) struct Records {
    folder: Option<PathBuf>,
}

impl Records {
    pub(super) fn new(folder: Option<PathBuf>) -> Records {
        Records { folder }
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        // Keys are the core's own; one that is no plain name would be a path elsewhere.
        let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        self.folder.as_ref().filter(|_| is_name).map(|folder| folder.join(format!("{key}.json")))
    }

    /// A record; null where there is none that can be read.
    pub(super) fn load(&self, key: &str) -> Value {
        let text = self.path(key).and_then(|path| fs::read(path).ok());
        text.and_then(|text| json::parse(&text)).unwrap_or_default()
    }

    /// Stores a record.
    pub(super) fn save(&self, key: &str, record: &Value) -> io::Result<()> {
        let (Some(folder), Some(path)) = (&self.folder, self.path(key)) else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(json::to_json(record).to_string().as_bytes())?;
        draft.persist(path)?;
        Ok(())
    }

    /// Removes a record; one that stays is looked at again and does not fit.
    pub(super) fn remove(&self, key: &str) {
        if let Some(path) = self.path(key) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::new(Some(folder.path().join("state")));
        assert_eq!(records.load("cos-uploads"), Value::Null);
        let record = Value::map().with("size", 2.0).with("uploadId", "1");
        records.save("cos-upload-a", &record).unwrap();
        assert_eq!(records.load("cos-upload-a"), record);
        fs::write(folder.path().join("state/cos-upload-a.json"), "{\"uploadId\":").unwrap();
        assert_eq!(records.load("cos-upload-a"), Value::Null);
        records.remove("cos-upload-a");
        records.remove("cos-upload-a");
        assert_eq!(fs::read_dir(folder.path().join("state")).unwrap().count(), 0);
    }

    #[test]
    fn keys_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::new(Some(folder.path().join("state")));
        records.save("../elsewhere", &Value::map()).unwrap();
        assert!(!folder.path().join("elsewhere.json").exists());
    }
}
