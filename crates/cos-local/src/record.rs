//! The records that the store keeps.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::blob::Segment;
use crate::encryption::Encryption;

/// A canned access control list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Acl {
    Private,
    PublicRead,
    PublicReadWrite,
}

/// What a grant allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Permission {
    Read,
    Write,
    ReadAcp,
    WriteAcp,
    FullControl,
}

/// An entry of an access control list, besides what the canned one says and the owner has anyway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// Such as `qcs::cam::uin/100000000002:uin/100000000002`.
    pub(crate) grantee: String,
    pub(crate) permission: Permission,
}

/// A name and a value that a bucket or an object is marked with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Whether a bucket keeps what is replaced and deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// Never switched on.
    #[default]
    Off,
    Enabled,
    Suspended,
}

impl Versioning {
    /// The id of a version, where the bucket tells any.
    pub(crate) fn shown(self, version: Version) -> Option<String> {
        (self != Self::Off).then(|| version.id())
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) region: String,
    /// In seconds since 1970.
    pub(crate) created: i64,
    pub(crate) acl: Acl,
    #[serde(default)]
    pub(crate) grants: Vec<Grant>,
    #[serde(default)]
    pub(crate) versioning: Versioning,
    /// Whether it was created to span several zones of its region.
    #[serde(default)]
    pub(crate) multi_zone: bool,
}

impl Bucket {
    /// A bucket without versions, in one zone.
    pub(crate) fn new(region: String, created: i64, acl: Acl) -> Self {
        Self {
            region,
            created,
            acl,
            grants: Vec::new(),
            versioning: Versioning::Off,
            multi_zone: false,
        }
    }
}

/// Which of its key's versions an object or delete marker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Smaller the newer it is, which is the order of listings.
    pub(crate) rank: u64,
    /// Made while the bucket did not keep versions; of each key there is at most one.
    pub(crate) null: bool,
}

impl Default for Version {
    /// The only version of a key.
    fn default() -> Self {
        Self { rank: u64::MAX, null: true }
    }
}

impl Version {
    /// The id of every null version.
    pub(crate) const NULL: &str = "null";

    /// As clients see it.
    pub(crate) fn id(self) -> String {
        match self.null {
            true => Self::NULL.to_owned(),
            false => STANDARD_NO_PAD.encode(self.row()),
        }
    }

    /// The version of an id that is not null's; `None` for what was never an id.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let digits = String::from_utf8(STANDARD_NO_PAD.decode(id).ok()?).ok()?;
        let version = Self { rank: digits.parse().ok()?, null: false };
        (version.row() == digits).then_some(version)
    }

    /// The last part of the version's row in its table: of the same length for all, so that texts
    /// sort as ranks do.
    pub(crate) fn row(self) -> String {
        format!("{:020}", self.rank)
    }
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
    #[serde(default)]
    pub(crate) grants: Vec<Grant>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    #[serde(default)]
    pub(crate) encryption: Option<Encryption>,
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
    /// Given out by the store as it takes the object in.
    #[serde(default)]
    pub(crate) version: Version,
    /// Whether it was made by appending, so that more can be appended.
    #[serde(default)]
    pub(crate) appendable: bool,
    /// The readable copy of an archived object.
    #[serde(default)]
    pub(crate) restored: Option<Restored>,
}

/// A copy that makes an archived object readable for a while.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Restored {
    /// When it can be read, in seconds since 1970.
    pub(crate) ready: i64,
    /// When it cannot be read any more, in seconds since 1970.
    pub(crate) expires: i64,
}

/// What a key's newest version is after a DELETE that names no version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeleteMarker {
    pub(crate) version: Version,
    /// In seconds since 1970.
    pub(crate) modified: i64,
}

/// A version that is not the object a plain GET finds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Kept {
    Object(Box<Object>),
    DeleteMarker(DeleteMarker),
}

impl Kept {
    pub(crate) fn version(&self) -> Version {
        match self {
            Self::Object(object) => object.version,
            Self::DeleteMarker(marker) => marker.version,
        }
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        match self {
            Self::Object(object) => &object.segments,
            Self::DeleteMarker(_) => &[],
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_ids_are_read_back_and_nothing_else_is() {
        let version = Version { rank: 18_445_157_562_314_500_088, null: false };
        assert_eq!(version.id(), "MTg0NDUxNTc1NjIzMTQ1MDAwODg");
        assert_eq!(Version::parse(&version.id()), Some(version));
        for id in ["", "null", "x", "MQ", "KzAwMDAwMDAwMDAwMDAwMDAwMDE"] {
            assert_eq!(Version::parse(id), None, "{id}");
        }
    }

    #[test]
    fn records_of_earlier_servers_are_understood() {
        let bucket: Bucket =
            serde_json::from_str(r#"{"region":"ap-guangzhou","created":1,"acl":"public-read"}"#)
                .expect("a bucket");
        assert_eq!((bucket.versioning, bucket.grants.len()), (Versioning::Off, 0));
        let object: Object = serde_json::from_str(
            r#"{"size":0,"etag":"","crc64":0,"modified":1,"segments":[],
                "attributes":{"headers":{},"storage_class":"","acl":null}}"#,
        )
        .expect("an object");
        assert_eq!(object.version.id(), "null");
    }
}
