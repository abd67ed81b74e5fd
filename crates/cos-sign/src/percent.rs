//! Percent-encoding, as COS clients spell names, values and paths.

/// How names and values are spelled: what stands for a byte, zero for those to escape, and the
/// digits of an escape.
pub(crate) struct Spelling {
    bytes: [u8; 256],
    digits: [u8; 16],
}

/// `A-Za-z0-9-_.~` stand for themselves, all else is escaped in upper-case hex.
pub(crate) static PLAIN: Spelling = Spelling::new(false);

/// The same in lower case as a whole: the names in a signature.
pub(crate) static LOWER: Spelling = Spelling::new(true);

impl Spelling {
    // Both loops end where their table ends.
    #[allow(clippy::indexing_slicing)]
    const fn new(lower: bool) -> Spelling {
        let mut bytes = [0; 256];
        let mut at = 0;
        while at < 256 {
            let byte = at as u8;
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
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
}

/// Text that was put together from texts and ASCII.
pub(crate) fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// The pieces put together. The standard library's way is compiled for any separator.
pub(crate) fn joined(pieces: &[&str]) -> String {
    let mut text = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    for piece in pieces {
        text.push_str(piece);
    }
    text
}

/// Percent-encodes everything but `A-Za-z0-9-_.~`, with upper-case hex (COS document 436/7778).
pub fn percent_encode(text: &str) -> String {
    let mut out = Vec::new();
    PLAIN.push(&mut out, text);
    text_of(out)
}
