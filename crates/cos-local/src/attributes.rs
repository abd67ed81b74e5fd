//! What a client says about an object in headers or form fields, and how it is given back.

use crate::call::{Reply, set};
use crate::encryption::{CustomerKey, Encryption};
use crate::error::Error;
use crate::record::{Acl, Attributes};
use crate::{acl, tagging};

/// Headers kept with an object, besides `x-cos-meta-*`.
const KEPT: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

const META: &str = "x-cos-meta-";

const STORAGE_CLASSES: [&str; 8] = [
    "STANDARD",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ARCHIVE",
    "DEEP_ARCHIVE",
    "MAZ_STANDARD",
    "MAZ_STANDARD_IA",
    "MAZ_INTELLIGENT_TIERING",
];

impl Attributes {
    /// Collects the attributes among headers or form fields; `acl` is called `x-cos-acl` in the
    /// former.
    pub(crate) fn read<'a>(fields: impl Iterator<Item = (&'a str, String)>) -> Result<Self, Error> {
        let mut attributes = Self::default();
        let mut kms = None;
        for (name, value) in fields {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "x-cos-acl" | "acl" => attributes.acl = Acl::parse(&value)?,
                "x-cos-storage-class" => attributes.storage_class = parse_storage_class(value)?,
                _ if value.is_empty() => {}
                "x-cos-tagging" => attributes.tags = tagging::parse(&value)?,
                "x-cos-server-side-encryption" => {
                    attributes.encryption = Some(Encryption::by_service(value)?);
                }
                "x-cos-server-side-encryption-cos-kms-key-id" => kms = Some(value),
                _ if KEPT.contains(&name.as_str()) || name.starts_with(META) => {
                    attributes.headers.insert(name, value);
                }
                _ => {
                    attributes.grants.extend(acl::parse_header(&name, &value)?.unwrap_or_default())
                }
            }
        }
        if !attributes.grants.is_empty() {
            attributes.acl.get_or_insert(Acl::Private);
        }
        if let Some(Encryption::Service { kms_key, .. }) = &mut attributes.encryption {
            *kms_key = kms;
        }
        Ok(attributes)
    }

    /// Those in the headers of a request, a key of the client's included.
    pub(crate) fn from_headers(headers: &hyper::HeaderMap) -> Result<Self, Error> {
        let attributes = Self::read(headers.iter().map(|(name, value)| {
            (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        }))?;
        Ok(attributes.encrypted(CustomerKey::from_headers(headers)?.as_ref()))
    }

    /// With the encryption that a key of the client's means, if there is one.
    pub(crate) fn encrypted(mut self, key: Option<&CustomerKey>) -> Self {
        self.encryption = key.map(CustomerKey::encryption).or(self.encryption);
        self
    }

    /// Puts the attributes into the headers of an answer.
    pub(crate) fn write(&self, reply: &mut Reply) -> Result<(), Error> {
        set(reply, "content-type", "application/octet-stream")?;
        for (name, value) in &self.headers {
            set(reply, name, value)?;
        }
        if !self.tags.is_empty() {
            set(reply, "x-cos-tagging-count", self.tags.len().to_string())?;
        }
        if !self.storage_class.is_empty() {
            set(reply, "x-cos-storage-class", &self.storage_class)?;
        }
        Ok(())
    }
}

/// The storage class as listings show it.
pub(crate) fn storage_class_name(stored: &str) -> &str {
    match stored {
        "" => "STANDARD",
        other => other,
    }
}

fn parse_storage_class(name: String) -> Result<String, Error> {
    match name.as_str() {
        "" | "STANDARD" => Ok(String::new()),
        known if STORAGE_CLASSES.contains(&known) => Ok(name),
        _ => Err(Error::invalid(format!(
            "x-cos-storage-class has to be one of {}.",
            STORAGE_CLASSES.join(", ")
        ))),
    }
}
