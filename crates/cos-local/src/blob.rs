//! Content on disk: a file a blob, written aside, synced and renamed before anything refers to it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;

use crate::digest::{ContentDigest, Digested, random_hex};
use crate::encryption::{Cipher, CustomerKey};

/// A run of an object's content: a whole blob.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) blob: String,
    /// In bytes.
    pub(crate) size: u64,
}

/// The folder of blobs, and who is reading which.
pub(crate) struct Blobs {
    finished: PathBuf,
    drafts: PathBuf,
    readers: Mutex<HashMap<String, Readers>>,
}

#[derive(Default)]
struct Readers {
    count: usize,
    /// Nothing refers to the blob any more: the last reader removes it.
    dropped: bool,
}

impl Blobs {
    /// Whether [`Blobs::open`] would find files in the folder.
    pub(crate) fn would_sweep(root: &Path) -> bool {
        let holds_files =
            |name| fs::read_dir(root.join(name)).is_ok_and(|mut files| files.next().is_some());
        holds_files("blobs") || holds_files("drafts")
    }

    /// Opens the folder and removes what a crash left behind: every draft, and blobs not in
    /// `referenced`.
    pub(crate) fn open(root: &Path, referenced: &HashSet<String>) -> std::io::Result<Arc<Self>> {
        let (finished, drafts) = (root.join("blobs"), root.join("drafts"));
        fs::create_dir_all(&finished)?;
        fs::create_dir_all(&drafts)?;
        // What is in a folder is durable only where the folder itself is.
        fs::File::open(root)?.sync_all()?;
        let mut swept = 0;
        for (folder, kept) in [(&drafts, None), (&finished, Some(referenced))] {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name();
                if kept.is_some_and(|kept| name.to_str().is_some_and(|name| kept.contains(name))) {
                    continue;
                }
                fs::remove_file(entry.path())?;
                swept += 1;
            }
        }
        if swept > 0 {
            tracing::info!(files = swept, "removed unfinished uploads of an earlier run");
        }
        Ok(Arc::new(Self { finished, drafts, readers: Mutex::default() }))
    }

    /// A new, empty draft.
    pub(crate) async fn draft(self: &Arc<Self>) -> std::io::Result<Draft> {
        let name = random_hex(16)?;
        let path = self.drafts.join(&name);
        let file = tokio::fs::File::create_new(&path).await?;
        Ok(Draft {
            file,
            digest: ContentDigest::new(),
            cipher: None,
            aside: OwnedFile(Some(path)),
            name,
            blobs: Arc::clone(self),
        })
    }

    /// Runs `find`, which looks up segments, and keeps their blobs from removal as long as the
    /// result lives.
    pub(crate) fn hold<T, E>(
        self: &Arc<Self>,
        find: impl FnOnce() -> Result<T, E>,
        segments: impl Fn(&T) -> &[Segment],
    ) -> Result<(T, Held), E> {
        let mut readers = self.readers();
        let found = find()?;
        let names: Vec<String> =
            segments(&found).iter().map(|segment| segment.blob.clone()).collect();
        for name in &names {
            readers.entry(name.clone()).or_default().count += 1;
        }
        Ok((found, Held { blobs: Arc::clone(self), names }))
    }

    /// Removes blobs that nothing refers to any more, now or when their last reader is done.
    pub(crate) fn remove(&self, segments: &[Segment]) {
        let mut readers = self.readers();
        for Segment { blob, .. } in segments {
            match readers.get_mut(blob) {
                Some(reading) => reading.dropped = true,
                None => self.unlink(blob),
            }
        }
    }

    pub(crate) fn path(&self, blob: &str) -> PathBuf {
        self.finished.join(blob)
    }

    fn unlink(&self, blob: &str) {
        if let Err(error) = fs::remove_file(self.path(blob)) {
            tracing::warn!(blob, %error, "a file that is not needed any more could not be removed");
        }
    }

    fn readers(&self) -> MutexGuard<'_, HashMap<String, Readers>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps blobs readable while an answer is under way.
pub(crate) struct Held {
    blobs: Arc<Blobs>,
    names: Vec<String>,
}

impl Held {
    pub(crate) fn path(&self, blob: &str) -> PathBuf {
        self.blobs.path(blob)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut readers = self.blobs.readers();
        for name in &self.names {
            let Some(reading) = readers.get_mut(name) else { continue };
            reading.count -= 1;
            if reading.count > 0 {
                continue;
            }
            if readers.remove(name).is_some_and(|reading| reading.dropped) {
                self.blobs.unlink(name);
            }
        }
    }
}

/// A file that is removed unless it is given away.
struct OwnedFile(Option<PathBuf>);

impl Drop for OwnedFile {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = fs::remove_file(path);
        }
    }
}

/// Content on its way in. Dropping it removes it.
pub(crate) struct Draft {
    file: tokio::fs::File,
    digest: ContentDigest,
    cipher: Option<Cipher>,
    aside: OwnedFile,
    name: String,
    blobs: Arc<Blobs>,
}

impl Draft {
    /// Encrypts what is written from here on, if there is a key.
    pub(crate) fn encrypted(mut self, key: Option<&CustomerKey>) -> Self {
        self.cipher = key.map(|key| key.cipher(&self.name, 0));
        self
    }

    pub(crate) async fn write(&mut self, bytes: &Bytes) -> std::io::Result<()> {
        self.digest.update(bytes);
        let Some(cipher) = &mut self.cipher else { return self.file.write_all(bytes).await };
        let mut secret = bytes.to_vec();
        cipher.apply(&mut secret);
        self.file.write_all(&secret).await
    }

    /// Makes the content durable under its final name.
    pub(crate) async fn finish(mut self) -> std::io::Result<Blob> {
        self.file.flush().await?;
        let digested = self.digest.finish();
        if digested.size == 0 {
            return Ok(Blob { digested, segment: None, file: OwnedFile(None) });
        }
        self.file.sync_all().await?;
        let (blobs, mut file) = (self.blobs, self.aside);
        let path = blobs.path(&self.name);
        let file = tokio::task::spawn_blocking(move || {
            if let Some(aside) = &file.0 {
                fs::rename(aside, &path)?;
            }
            file.0 = Some(path);
            fs::File::open(&blobs.finished)?.sync_all()?;
            std::io::Result::Ok(file)
        });
        let file = file.await.map_err(std::io::Error::other)??;
        let segment = Segment { blob: self.name, size: digested.size };
        Ok(Blob { digested, segment: Some(segment), file })
    }
}

/// Durable content that nothing refers to yet. Dropping it removes it.
pub(crate) struct Blob {
    pub(crate) digested: Digested,
    segment: Option<Segment>,
    file: OwnedFile,
}

impl Blob {
    /// What a record has to hold; empty content needs no segment.
    pub(crate) fn segments(&self) -> Vec<Segment> {
        self.segment.iter().cloned().collect()
    }

    /// The whole content, as it is on disk.
    pub(crate) async fn read(&self) -> std::io::Result<Vec<u8>> {
        match &self.file.0 {
            Some(path) => tokio::fs::read(path).await,
            None => Ok(Vec::new()),
        }
    }

    /// To be called once a record refers to the segments.
    pub(crate) fn adopted(mut self) {
        self.file.0 = None;
    }
}
