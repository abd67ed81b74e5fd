//! Digests, by crates that cos-core does not use for the same purpose or by this crate's own
//! composition.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// MD5, CRC64 and length of content that passes by.
pub(crate) struct ContentDigest {
    md5: Md5,
    crc64: crc_fast::Digest,
    size: u64,
}

/// What [`ContentDigest`] found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digested {
    pub(crate) md5: [u8; 16],
    pub(crate) crc64: u64,
    pub(crate) size: u64,
}

impl ContentDigest {
    pub(crate) fn new() -> Self {
        let crc64 = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc64Xz);
        Self { md5: Md5::new(), crc64, size: 0 }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.crc64.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub(crate) fn finish(self) -> Digested {
        Digested { md5: self.md5.finalize().into(), crc64: self.crc64.finalize(), size: self.size }
    }
}

/// The CRC64 of two pieces of content from those of each and the second's length in bytes.
pub(crate) fn crc64_combine(first: u64, second: u64, second_length: u64) -> u64 {
    crc_fast::checksum_combine(crc_fast::CrcAlgorithm::Crc64Xz, first, second, second_length)
}

pub(crate) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

pub(crate) fn sha1_hex(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

pub(crate) fn hmac_sha1_hex(key: &[u8], message: &[u8]) -> String {
    // HMAC takes keys of any length, so the error arm cannot be reached.
    match Hmac::<Sha1>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            hex(&mac.finalize().into_bytes())
        }
        Err(_) => String::new(),
    }
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so the error arm cannot be reached.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// The 16 bytes of a `Content-MD5` header.
pub(crate) fn parse_content_md5(header: &str) -> Option<[u8; 16]> {
    STANDARD.decode(header).ok()?.try_into().ok()
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// `bytes` bytes of the system's randomness, in hex.
pub(crate) fn random_hex(bytes: usize) -> std::io::Result<String> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).map_err(std::io::Error::other)?;
    Ok(hex(&buffer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_equal_published_values() {
        let mut digest = ContentDigest::new();
        digest.update(b"0123");
        digest.update(b"456789");
        let digested = digest.finish();
        assert_eq!(digested.crc64, 2_838_902_930_144_391_966);
        assert_eq!(hex(&digested.md5), "781e5e245d69b566979b86e28d23f2c7");
        assert_eq!(digested.size, 10);
        assert_eq!(sha1_hex(b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(hmac_sha1_hex(b"key", b""), "f42bb0eeb018ebbd4597ae7213711ec60760843f");
    }

    #[test]
    fn crc64_of_pieces_combines_to_that_of_the_whole() {
        let crc64 = |text: &[u8]| {
            let mut digest = ContentDigest::new();
            digest.update(text);
            digest.finish().crc64
        };
        assert_eq!(crc64_combine(crc64(b"hello "), crc64(b"world!"), 6), 9_548_687_815_775_124_833);
        assert_eq!(crc64_combine(crc64(b"hello"), crc64(b""), 0), crc64(b"hello"));
    }
}
