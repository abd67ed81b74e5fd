//! The records that the store keeps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::blob::Segment;

/// A canned access control list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Acl {
    Private,
    PublicRead,
    PublicReadWrite,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) region: String,
    /// In seconds since 1970.
    pub(crate) created: i64,
    pub(crate) acl: Acl,
}

/// What a client says about an object besides its content.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Attributes {
    /// Headers to give back with the object, by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    /// Empty for `STANDARD`.
    pub(crate) storage_class: String,
    /// `None` for that of the bucket.
    pub(crate) acl: Option<Acl>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Object {
    /// In bytes.
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) crc64: u64,
    /// In seconds since 1970.
    pub(crate) modified: i64,
    pub(crate) attributes: Attributes,
    /// The content, in order.
    pub(crate) segments: Vec<Segment>,
}

/// A multipart upload that is neither completed nor aborted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    /// In seconds since 1970.
    pub(crate) initiated: i64,
    pub(crate) attributes: Attributes,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) crc64: u64,
    /// In seconds since 1970.
    pub(crate) modified: i64,
    pub(crate) segments: Vec<Segment>,
}

/// Names one multipart upload.
#[derive(Clone, Debug)]
pub(crate) struct UploadName {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) id: String,
}

impl UploadName {
    /// The row of the upload in its table.
    pub(crate) fn row(&self) -> (&str, &[u8], &str) {
        (&self.bucket, self.key.as_bytes(), &self.id)
    }
}
