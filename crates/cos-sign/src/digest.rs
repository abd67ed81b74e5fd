//! Digests of file parts and of requests: MD5, SHA-1 and HMAC-SHA1, CRC-64/XZ, hex and base64.
//!
//! Everything streams: a part of any size is digested in windows, in constant memory.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Digest as _;
use sha1::Sha1;

use crate::percent::text_of;

/// A streaming MD5, for `Content-MD5` and for comparing part ETags.
#[derive(Clone, Default)]
pub struct Md5(md5::Md5);

impl Md5 {
    /// The digest of nothing yet.
    pub fn new() -> Md5 {
        Md5::default()
    }

    /// Digests the next window of bytes.
    pub fn update(&mut self, window: &[u8]) {
        self.0.update(window);
    }

    /// The digest of everything fed so far.
    #[inline(never)]
    pub fn finish(self) -> [u8; 16] {
        self.0.finalize().into()
    }
}

/// The reflected polynomial of CRC-64/XZ (ECMA-182), the CRC of `x-cos-hash-crc64ecma`.
const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;

/// How many bytes one step of [`Crc64::update`] takes, and so how many tables there are.
const SLICES: usize = 16;

/// Sixteen tables of 256 entries, end to end: table `k` advances a byte by `k` further zero bytes.
type Tables = [u64; SLICES << 8];

/// The tables, built at first use: building takes microseconds, carrying them 32 KiB of download.
fn tables() -> Option<&'static Tables> {
    static TABLES: OnceLock<Option<Box<Tables>>> = OnceLock::new();
    TABLES
        .get_or_init(|| {
            let mut entries: Vec<u64> = Vec::with_capacity(SLICES << 8);
            for byte in 0..256u64 {
                entries.push((0..8).fold(byte, |crc, _| step(crc)));
            }
            for at in 256..SLICES << 8 {
                let before = entries.get(at - 256).copied().unwrap_or_default();
                let low = entries.get((before & 0xFF) as usize).copied().unwrap_or_default();
                entries.push(low ^ (before >> 8));
            }
            entries.into_boxed_slice().try_into().ok()
        })
        .as_deref()
}

/// Divides by `x`: the CRC register after one zero bit.
fn step(crc: u64) -> u64 {
    (crc >> 1) ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 }
}

/// A streaming CRC-64/XZ, the checksum COS returns in `x-cos-hash-crc64ecma`.
#[derive(Clone)]
pub struct Crc64 {
    /// The register, before the final inversion.
    register: u64,
}

impl Default for Crc64 {
    fn default() -> Crc64 {
        Crc64::new()
    }
}

impl Crc64 {
    /// The checksum of nothing yet: zero.
    pub fn new() -> Crc64 {
        Crc64 { register: !0 }
    }

    /// Takes in the next window of bytes.
    // Every index is masked to eight bits below a table offset of at most 15 << 8.
    #[allow(clippy::indexing_slicing)]
    pub fn update(&mut self, window: &[u8]) {
        let Some(tables) = tables() else { return };
        let look = |table: usize, word: u64, byte: usize| {
            tables[(table << 8) + ((word >> (8 * byte)) & 0xFF) as usize]
        };
        let mut crc = self.register;
        let (blocks, rest) = window.as_chunks::<SLICES>();
        for block in blocks {
            let both = u128::from_le_bytes(*block);
            let low = crc ^ both as u64;
            let high = (both >> 64) as u64;
            crc = look(15, low, 0)
                ^ look(14, low, 1)
                ^ look(13, low, 2)
                ^ look(12, low, 3)
                ^ look(11, low, 4)
                ^ look(10, low, 5)
                ^ look(9, low, 6)
                ^ look(8, low, 7)
                ^ look(7, high, 0)
                ^ look(6, high, 1)
                ^ look(5, high, 2)
                ^ look(4, high, 3)
                ^ look(3, high, 4)
                ^ look(2, high, 5)
                ^ look(1, high, 6)
                ^ look(0, high, 7);
        }
        for byte in rest {
            crc = look(0, crc ^ u64::from(*byte), 0) ^ (crc >> 8);
        }
        self.register = crc;
    }

    /// The checksum of everything fed so far.
    pub fn value(&self) -> u64 {
        !self.register
    }
}

/// The CRC64 of `bytes`, for those that are in memory anyway.
pub fn crc64(bytes: &[u8]) -> u64 {
    let mut crc = Crc64::new();
    crc.update(bytes);
    crc.value()
}

/// The CRC64 of two byte sequences put together, from the CRC64 of each and the length in bytes of
/// the second. Appending `n` zero bytes multiplies the first by `x^(8n)` modulo the polynomial.
pub fn crc64_combine(first: u64, second: u64, second_len: u64) -> u64 {
    let mut factor = 1 << 63; // x^0, bit-reflected
    let mut square = 1 << 55; // x^8
    let mut bytes = second_len;
    while bytes > 0 {
        if bytes & 1 == 1 {
            factor = multiply(factor, square);
        }
        square = multiply(square, square);
        bytes >>= 1;
    }
    multiply(factor, first) ^ second
}

/// The product of two bit-reflected polynomials modulo [`POLYNOMIAL`].
fn multiply(mut left: u64, mut right: u64) -> u64 {
    let mut product = 0;
    while left != 0 {
        if left >> 63 == 1 {
            product ^= right;
        }
        left <<= 1;
        right = step(right);
    }
    product
}

/// A CRC64 as COS writes it in `x-cos-hash-crc64ecma`: an unsigned decimal number.
pub fn crc64_text(value: u64) -> String {
    decimal(value)
}

/// Reads the decimal number of `x-cos-hash-crc64ecma`; `None` for anything else.
pub fn parse_crc64(text: &str) -> Option<u64> {
    parse_decimal(text)
}

/// Reads a number in decimal digits, with or without white space around; `None` for anything else.
pub fn parse_decimal(text: &str) -> Option<u64> {
    let digits = text.trim_ascii();
    let mut number: u64 = 0;
    for byte in digits.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    (!digits.is_empty()).then_some(number)
}

/// Everything an upload wants to know about a part, from one pass over its bytes.
#[derive(Clone)]
pub struct PartDigest {
    md5: Option<Md5>,
    crc64: Crc64,
    length: u64,
}

/// What a [`PartDigest`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartSums {
    /// The MD5, when one was asked for.
    pub md5: Option<[u8; 16]>,
    /// The CRC-64/XZ.
    pub crc64: u64,
    /// How many bytes there were.
    pub length: u64,
}

impl PartDigest {
    /// A digest of nothing yet; `md5` asks for the MD5 too, which costs several times the CRC64.
    pub fn new(md5: bool) -> PartDigest {
        PartDigest { md5: md5.then(Md5::new), crc64: Crc64::new(), length: 0 }
    }

    /// Digests the next window of bytes.
    pub fn update(&mut self, window: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(window);
        }
        self.crc64.update(window);
        self.length += window.len() as u64;
    }

    /// How many bytes were fed so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The sums of everything fed so far.
    pub fn finish(self) -> PartSums {
        PartSums { md5: self.md5.map(Md5::finish), crc64: self.crc64.value(), length: self.length }
    }
}

/// The MD5 of `bytes`, for those that are in memory anyway.
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    let mut md5 = Md5::new();
    md5.update(bytes);
    md5.finish()
}

/// The SHA-1 of `bytes`, in lower-case hex.
pub fn sha1_hex(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

/// An HMAC-SHA1 key (RFC 2104), prepared once for any number of messages. Holds a secret: not
/// printable.
#[derive(Clone)]
pub struct HmacKey(Hmac<Sha1>);

impl HmacKey {
    /// Prepares a key of any length.
    #[inline(never)]
    pub fn new(key: &[u8]) -> HmacKey {
        // HMAC takes keys of any length; the empty one stands for the error that cannot be.
        HmacKey(Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default())))
    }

    /// The HMAC-SHA1 of a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 20] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }
}

/// The HMAC-SHA1 of one message under `key`.
pub fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    HmacKey::new(key).sign(message)
}

/// A number in decimal. The standard library's way is built for any format, and weighs 1.5 kB in the
/// shipped module.
pub fn decimal(number: u64) -> String {
    let mut digits = Vec::with_capacity(20);
    push_decimal(&mut digits, number);
    text_of(digits)
}

fn push_decimal(digits: &mut Vec<u8>, number: u64) {
    if number > 9 {
        push_decimal(digits, number / 10);
    }
    digits.push(b'0' + (number % 10) as u8);
}

/// `bytes` in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut text = vec![0; bytes.len() * 2];
    for (digits, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *digits = [digit(byte >> 4), digit(byte & 15)];
    }
    String::from_utf8(text).unwrap_or_default()
}

/// `bytes` in standard base64, padded: `Content-MD5` and the policy of a POST form.
pub fn base64(bytes: &[u8]) -> String {
    encoded(bytes, &STANDARD)
}

/// `bytes` in the alphabet that is safe in URLs, without padding: image-processing parameters.
pub fn base64_url(bytes: &[u8]) -> String {
    encoded(bytes, &URL_SAFE_NO_PAD)
}

/// Not by the engine's own `encode`: that expects valid UTF-8, and what it would print otherwise
/// weighs a kilobyte.
fn encoded(bytes: &[u8], engine: &GeneralPurpose) -> String {
    let mut text = vec![0; bytes.len().div_ceil(3) * 4];
    let length = engine.encode_slice(bytes, &mut text).unwrap_or_default();
    text.truncate(length);
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn md5_of_rfc_1321() {
        assert_eq!(hex(&md5(b"message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(base64(&Md5::new().finish()), "1B2M2Y8AsgTpgAmY7PhCfg==");
    }

    #[test]
    fn hmac_sha1_of_rfc_2202() {
        let sign = |key: &[u8], text: &[u8]| hex(&hmac_sha1(key, text));
        let short = sign(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(short, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        let long = sign(&[0xAA; 80], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long, "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    }

    #[test]
    fn a_part_without_md5_still_has_a_crc64() {
        let mut part = PartDigest::new(false);
        part.update(b"12345");
        part.update(b"6789");
        let crc64 = 0x995D_C9BB_DF19_39FA;
        assert_eq!(part.finish(), PartSums { md5: None, crc64, length: 9 });
    }

    #[test]
    fn only_decimal_numbers_are_crc64_texts() {
        assert_eq!(parse_crc64(" 18446744073709551615 "), Some(u64::MAX));
        for text in ["", "+1", "-1", "1.0", "0x1", "18446744073709551616"] {
            assert_eq!(parse_crc64(text), None, "{text}");
        }
    }

    #[test]
    fn base64_for_urls_has_no_padding() {
        assert_eq!(base64_url(&[0xFB, 0xFF, 0xFE, 0xFF]), "-__-_w");
        assert_eq!(base64(&[0xFB, 0xFF, 0xFE, 0xFF]), "+//+/w==");
    }
}
