//! Encryption at rest: with a key that comes with each request (SSE-C), which is done for real, and
//! with the service's own (SSE-COS, SSE-KMS), which is noted and given back (document 436/18145).

use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use hyper::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::call::{Reply, set};
use crate::digest::{md5, same};
use crate::error::{Code, Error};

const SERVICE: &str = "x-cos-server-side-encryption";
const KMS_KEY: &str = "x-cos-server-side-encryption-cos-kms-key-id";
const CUSTOMER: &str = "x-cos-server-side-encryption-customer-";
const SOURCE: &str = "x-cos-copy-source-server-side-encryption-customer-";

/// How an object's content is encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Encryption {
    /// With keys of the service: `AES256` or `cos/kms`, and the name of the latter's key.
    Service { algorithm: String, kms_key: Option<String> },
    /// With a key of the client's, of which nothing but the base64 of its MD5 is kept.
    Customer { key_md5: String },
}

impl Encryption {
    /// Reads the headers or form fields that ask for keys of the service.
    pub(crate) fn by_service(algorithm: String) -> Result<Self, Error> {
        match algorithm.as_str() {
            "AES256" | "cos/kms" => Ok(Self::Service { algorithm, kms_key: None }),
            _ => Err(Error::invalid(format!("{SERVICE} has to be AES256 or cos/kms."))),
        }
    }

    /// Says in an answer how the content is encrypted.
    pub(crate) fn write(&self, reply: &mut Reply) -> Result<(), Error> {
        match self {
            Self::Service { algorithm, kms_key } => {
                set(reply, SERVICE, algorithm)?;
                kms_key.iter().try_for_each(|key| set(reply, KMS_KEY, key))
            }
            Self::Customer { key_md5 } => {
                set(reply, &format!("{CUSTOMER}algorithm"), "AES256")?;
                set(reply, &format!("{CUSTOMER}key-md5"), key_md5)
            }
        }
    }
}

/// A client's key, for as long as its request takes.
#[derive(Clone)]
pub(crate) struct CustomerKey {
    bytes: [u8; 32],
    md5: String,
}

impl CustomerKey {
    /// The key for the object that a request is about.
    ///
    /// # Errors
    /// `InvalidArgument` for headers that are incomplete or do not fit each other.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        Self::read(CUSTOMER, |name| headers.get(name)?.to_str().ok())
    }

    /// The key for the source of a copy; errors as above.
    pub(crate) fn of_source(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        Self::read(SOURCE, |name| headers.get(name)?.to_str().ok())
    }

    /// The key among form fields by lower-case name; errors as above.
    pub(crate) fn from_fields(fields: &crate::policy::Fields) -> Result<Option<Self>, Error> {
        Self::read(CUSTOMER, |name| fields.get(name).map(String::as_str))
    }

    /// The key of these bytes.
    pub(crate) fn of_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes, md5: STANDARD.encode(md5(&bytes)) }
    }

    fn read<'a>(
        prefix: &str,
        field: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, Error> {
        let field = |name| field(&format!("{prefix}{name}")).filter(|value| !value.is_empty());
        let (algorithm, key, digest) = (field("algorithm"), field("key"), field("key-md5"));
        if algorithm.is_none() && key.is_none() && digest.is_none() {
            return Ok(None);
        }
        if algorithm != Some("AES256") {
            return Err(Error::invalid(format!("{prefix}algorithm has to be AES256.")));
        }
        let bytes: Option<[u8; 32]> =
            key.and_then(|key| STANDARD.decode(key).ok()).and_then(|key| key.try_into().ok());
        let message = format!("{prefix}key has to be the base64 of 32 bytes.");
        let bytes = bytes.ok_or_else(|| Error::invalid(message))?;
        let key = Self::of_bytes(bytes);
        match digest == Some(key.md5.as_str()) {
            true => Ok(Some(key)),
            false => Err(Error::invalid(format!("{prefix}key-MD5 is not the MD5 of the key."))),
        }
    }

    /// What is kept of the key.
    pub(crate) fn encryption(&self) -> Encryption {
        Encryption::Customer { key_md5: self.md5.clone() }
    }

    /// The cipher for a blob, from byte `offset` on. A blob's name is random and never used again,
    /// so it serves as the nonce.
    pub(crate) fn cipher(&self, blob: &str, offset: u64) -> Cipher {
        let mut cipher = Ctr128BE::<Aes256>::new(&self.bytes.into(), &md5(blob.as_bytes()).into());
        cipher.seek(offset);
        Cipher(cipher)
    }
}

/// Checks that a request's key is the one that the content was encrypted with.
///
/// # Errors
/// `InvalidArgument` for a key that is missing or not needed, `AccessDenied` for a wrong one.
pub(crate) fn check_key(
    encryption: Option<&Encryption>,
    key: Option<&CustomerKey>,
) -> Result<(), Error> {
    match (encryption, key) {
        (Some(Encryption::Customer { key_md5 }), Some(key)) if same(key_md5, &key.md5) => Ok(()),
        (Some(Encryption::Customer { .. }), Some(_)) => Err(Error::new(
            Code::AccessDenied,
            "The key is not the one that the object was encrypted with.",
        )),
        (Some(Encryption::Customer { .. }), None) => Err(Error::invalid(format!(
            "The object is encrypted with a key of the client's; send the headers {CUSTOMER}*."
        ))),
        (_, Some(_)) => {
            Err(Error::invalid("The object is not encrypted with a key of the client's."))
        }
        (_, None) => Ok(()),
    }
}

/// AES-256 in counter mode: encrypts and decrypts.
pub(crate) struct Cipher(Ctr128BE<Aes256>);

impl Cipher {
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        self.0.apply_keystream(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cipher_can_begin_anywhere() {
        let plain: Vec<u8> = (0..100).collect();
        let mut secret = plain.clone();
        CustomerKey::of_bytes([7; 32]).cipher("blob", 0).apply(&mut secret);
        assert_ne!(secret, plain);
        let mut tail = secret[37..].to_vec();
        CustomerKey::of_bytes([7; 32]).cipher("blob", 37).apply(&mut tail);
        assert_eq!(tail, plain[37..]);
        let mut other = plain.clone();
        CustomerKey::of_bytes([7; 32]).cipher("another blob", 0).apply(&mut other);
        assert_ne!(other, secret);
    }
}
