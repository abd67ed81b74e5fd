//! Percent-encoding, as COS clients spell names, values and paths.

use crate::sign::{borrowed, in_signing_order};

/// How names and values are spelled: what stands for a byte, zero for those to escape, and the
/// digits of an escape.
pub(crate) struct Spelling {
    bytes: [u8; 256],
    digits: [u8; 16],
}

/// `A-Za-z0-9-_.~` stand for themselves, all else is escaped in upper-case hex.
pub(crate) static PLAIN: Spelling = Spelling::new(false, false);

/// The same in lower case as a whole: the names in a signature.
pub(crate) static LOWER: Spelling = Spelling::new(true, false);

/// The same with `/` kept: a path.
static PATH: Spelling = Spelling::new(false, true);

impl Spelling {
    // Both loops end where their table ends.
    #[allow(clippy::indexing_slicing)]
    const fn new(lower: bool, keep_slash: bool) -> Spelling {
        let mut bytes = [0; 256];
        let mut at = 0;
        while at < 256 {
            let byte = at as u8;
            if byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_' | b'.' | b'~')
                || (keep_slash && byte == b'/')
            {
                bytes[at] = if lower { byte.to_ascii_lowercase() } else { byte };
            }
            at += 1;
        }
        Spelling { bytes, digits: if lower { *b"0123456789abcdef" } else { *b"0123456789ABCDEF" } }
    }

    /// Appends the percent-encoding of `text`.
    // Tables of 256 and 16 have an entry for every byte and every half of one.
    #[allow(clippy::indexing_slicing)]
    pub(crate) fn push(&self, out: &mut Vec<u8>, text: &str) {
        out.reserve(text.len());
        for byte in text.bytes() {
            match self.bytes[usize::from(byte)] {
                0 => {
                    out.push(b'%');
                    out.push(self.digits[usize::from(byte >> 4)]);
                    out.push(self.digits[usize::from(byte & 15)]);
                }
                plain => out.push(plain),
            }
        }
    }

    /// The percent-encoding of `text`.
    fn spell(&self, text: &str) -> String {
        let mut out = Vec::new();
        self.push(&mut out, text);
        text_of(out)
    }
}

/// Text that was put together from texts and ASCII.
pub(crate) fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// Percent-encodes everything but `A-Za-z0-9-_.~`, with upper-case hex (COS document 436/7778).
pub fn percent_encode(text: &str) -> String {
    PLAIN.spell(text)
}

/// Undoes [`percent_encode`]. `None` where `decodeURIComponent` throws: an incomplete escape, or
/// bytes that are not UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push((high * 16 + low) as u8);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// An object key as it stands in a URL: percent-encoded, with `/` kept.
pub fn encode_path(key: &str) -> String {
    PATH.spell(key)
}

/// A query string `name=value&...` in the order of the lower-cased names, which is the order COS
/// clients sign in. `lower_case_keys` spells the names in lower case, as the signature wants them;
/// the URL itself keeps their case.
pub fn encode_query(query: &[(String, String)], lower_case_keys: bool) -> String {
    let names = if lower_case_keys { &LOWER } else { &PLAIN };
    let mut out = Vec::new();
    for (name, value) in in_signing_order(&borrowed(query)) {
        if !out.is_empty() {
            out.push(b'&');
        }
        names.push(&mut out, name);
        out.push(b'=');
        PLAIN.push(&mut out, value);
    }
    text_of(out)
}
