//! The files and stored records of a simulated phone.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use cos_core::Stat;
use cos_core::value::Value;

use crate::content::{Content, Version};

/// What a file consists of before anything is written.
static BLANK: LazyLock<Version> = LazyLock::new(|| Arc::new(vec![0; 8 << 20]));

#[derive(Default)]
struct File {
    content: Content,
    modified: f64,
}

/// See the module.
#[derive(Default)]
pub(super) struct Disk {
    files: BTreeMap<String, File>,
    /// Stored records by key.
    pub(super) records: BTreeMap<String, Value>,
}

impl Disk {
    /// What a file contains.
    pub(super) fn content(&self, path: &str) -> Option<&Content> {
        self.files.get(path).map(|file| &file.content)
    }

    /// Size and modification time of a file.
    pub(super) fn stat(&self, path: &str) -> Result<Stat, String> {
        let file = self.files.get(path).ok_or("stat:fail no such file or directory")?;
        Ok(Stat { size: file.content.length() as f64, modified: file.modified })
    }

    /// Puts a file in place, or another one in its place.
    pub(super) fn put(&mut self, path: &str, content: Content) {
        let file = self.files.entry(path.to_owned()).or_default();
        file.content = content;
        file.modified += 1.0;
    }

    /// Writes into a file from `offset` on; one of `size` bytes is made before that, unless `size`
    /// is negative.
    pub(super) fn write(
        &mut self,
        path: &str,
        bytes: &Content,
        offset: f64,
        size: f64,
    ) -> Result<(), String> {
        if size >= 0.0 {
            self.put(path, Content::whole(&BLANK).part(0, size as usize));
        }
        let file = self.files.get_mut(path).ok_or("open:fail no such file or directory")?;
        let (from, end) = (offset as usize, offset as usize + bytes.length());
        if end > file.content.length() {
            return Err("write:fail outside of the file".to_owned());
        }
        let mut written = file.content.part(0, from);
        written.append(bytes.clone());
        written.append(file.content.part(end, usize::MAX));
        self.put(path, written);
        Ok(())
    }

    /// Gives a file another path.
    pub(super) fn rename(&mut self, path: &str, to: &str) -> Result<(), String> {
        let file = self.files.remove(path).ok_or("rename:fail no such file or directory")?;
        self.files.insert(to.to_owned(), file);
        Ok(())
    }

    /// Removes a file, if there is one.
    pub(super) fn unlink(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Damages a byte of the first file that is not complete yet; whether there is one.
    pub(super) fn rot(&mut self) -> bool {
        let partial = self.files.iter_mut().find(|(path, _)| path.ends_with(PARTIAL));
        let Some((_, file)) = partial.filter(|(_, file)| file.content.length() > 0) else {
            return false;
        };
        let mut rotten = file.content.part(0, 1).damaged();
        rotten.append(file.content.part(1, usize::MAX));
        file.content = rotten;
        true
    }

    /// Whether something is left of a download to this path.
    pub(super) fn has_partial(&self, path: &str) -> bool {
        let rest = |name: &String| name.strip_prefix(path).map(str::to_owned);
        let mut rests = self.files.keys().filter_map(rest);
        rests.any(|rest| rest.starts_with('.') && rest.ends_with(PARTIAL))
    }
}

/// How the names of files end that are not complete yet.
const PARTIAL: &str = ".cos-download";
