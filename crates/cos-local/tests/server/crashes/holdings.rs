//! What a client of the server has there.

use std::collections::BTreeMap;

use crate::client::md5;

/// Stands for an upload id or a version id that the client was not told.
pub(super) const UNTOLD: &str = "?";

/// Bytes, by their MD5; those that were only heard of are empty.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) md5: String,
    pub(super) bytes: Vec<u8>,
    pub(super) appendable: bool,
}

impl Content {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self { md5: md5(&bytes), bytes, appendable: false }
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        (&self.md5, self.appendable) == (&other.md5, other.appendable)
    }
}

/// What a worker has in the buckets.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Holdings {
    pub(super) objects: BTreeMap<String, Content>,
    /// Those of its versioned key, the newest first; delete markers have no content.
    pub(super) versions: Vec<(String, Option<Content>)>,
    /// Parts by number of the upload to its first key.
    pub(super) upload: Option<(String, BTreeMap<u32, Content>)>,
}

impl Holdings {
    /// Bytes in all.
    pub(super) fn size(&self) -> u64 {
        let versions = self.versions.iter().filter_map(|(_, content)| content.as_ref());
        let parts = self.upload.iter().flat_map(|(_, parts)| parts.values());
        let contents = self.objects.values().chain(versions).chain(parts);
        contents.map(|content| content.bytes.len() as u64).sum()
    }

    /// All ids in it.
    pub(super) fn ids(&mut self) -> impl Iterator<Item = &mut String> {
        let upload = self.upload.iter_mut().map(|(id, _)| id);
        self.versions.iter_mut().map(|(id, _)| id).chain(upload)
    }

    /// Puts the id that was not told in its place.
    pub(super) fn tell(&mut self, told: &str) {
        self.ids().filter(|id| *id == UNTOLD).for_each(|id| *id = told.to_owned());
    }

    /// For reading in a failure.
    pub(super) fn describe(&self) -> String {
        let told = |content: &Content| format!("{}+{}", &content.md5[..6], content.bytes.len());
        let objects: Vec<_> =
            self.objects.iter().map(|(key, content)| format!("{key} {}", told(content))).collect();
        let versions: Vec<_> = self
            .versions
            .iter()
            .map(|(id, content)| format!("{id} {}", content.as_ref().map_or("-".into(), told)))
            .collect();
        let upload = self.upload.as_ref().map(|(id, parts)| {
            let parts = parts.iter().map(|(number, content)| format!("{number} {}", told(content)));
            (id, parts.collect::<Vec<_>>())
        });
        format!("{objects:?} {versions:?} {upload:?}")
    }
}
