//! Bytes without copies: stretches of files, so that thousands of simulated transfers copy nothing
//! and digest nothing twice.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use cos_core::digest::{PartSums, crc64, crc64_combine, hex, md5};

/// The bytes of a file as it once was; never dropped while a thread may ask for its sums.
pub type Version = Arc<Vec<u8>>;

/// A stretch of one version of a file, or what is left of it after it was damaged.
#[derive(Clone)]
struct Slice {
    file: Version,
    offset: usize,
    length: usize,
    /// Whether they are not what the file says any more.
    damaged: bool,
}

type Sums = (u64, [u8; 16]);

thread_local! {
    /// Sums by address of the file, offset and length, computed once a thread.
    static SUMS: RefCell<HashMap<(usize, usize, usize), Sums>> = RefCell::default();
}

impl Slice {
    /// CRC64 and MD5.
    fn sums(&self) -> Sums {
        let key = (Arc::as_ptr(&self.file) as usize, self.offset, self.length);
        let (crc, mut digest) = SUMS.with_borrow_mut(|known| {
            *known.entry(key).or_insert_with(|| {
                let bytes = &self.file[self.offset..self.offset + self.length];
                (crc64(bytes), md5(bytes))
            })
        });
        if !self.damaged {
            return (crc, digest);
        }
        // As of the bytes, where a bit of the first is another.
        let bit = crc64(&[1]) ^ crc64(&[0]);
        digest[0] ^= 1;
        (crc ^ crc64_combine(bit, 0, self.length.max(1) as u64 - 1), digest)
    }

    fn is(&self, other: &Slice) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
            && (self.offset, self.length, self.damaged)
                == (other.offset, other.length, other.damaged)
    }
}

/// What a request carries, or what an object consists of.
#[derive(Clone, Default)]
pub struct Content(Vec<Slice>);

impl Debug for Content {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for (at, slice) in self.0.iter().enumerate() {
            let (flaw, space) =
                (if slice.damaged { "!" } else { "" }, if at > 0 { " " } else { "" });
            let Slice { file, offset, length, .. } = slice;
            write!(out, "{space}{offset}+{length}/{}{flaw}", file.len())?;
        }
        Ok(())
    }
}

impl Content {
    /// All of a file.
    pub fn whole(file: &Version) -> Content {
        Content(vec![Slice { file: file.clone(), offset: 0, length: file.len(), damaged: false }])
    }

    /// How many bytes there are.
    pub fn length(&self) -> usize {
        self.0.iter().map(|slice| slice.length).sum()
    }

    /// The bytes from `offset` on, as many as there are of the `length` wanted.
    #[must_use]
    pub fn part(&self, mut offset: usize, mut length: usize) -> Content {
        let mut found = Vec::new();
        for slice in &self.0 {
            let skipped = offset.min(slice.length);
            let taken = length.min(slice.length - skipped);
            if taken > 0 {
                let offset = slice.offset + skipped;
                found.push(Slice { offset, length: taken, ..slice.clone() });
            }
            offset -= skipped;
            length -= taken;
        }
        Content(found)
    }

    /// Adds bytes at the end; what follows on in a file becomes one stretch.
    pub fn append(&mut self, more: Content) {
        for slice in more.0 {
            match self.0.last_mut() {
                Some(last)
                    if Arc::ptr_eq(&last.file, &slice.file)
                        && last.offset + last.length == slice.offset
                        && !last.damaged
                        && !slice.damaged =>
                {
                    last.length += slice.length;
                }
                _ => self.0.push(slice),
            }
        }
    }

    /// The bytes after something has happened to them.
    #[must_use]
    pub fn damaged(mut self) -> Content {
        for slice in &mut self.0 {
            slice.damaged = true;
        }
        self
    }

    /// Whether these are the bytes of a file, all of them and nothing else.
    pub fn is(&self, file: &Version) -> bool {
        let mut joined = Content::default();
        joined.append(self.clone());
        joined.same(&Content::whole(file)) || (file.is_empty() && self.length() == 0)
    }

    /// Whether these are the same stretches of the same files.
    pub fn same(&self, other: &Content) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, another)| one.is(another))
    }

    /// The CRC64 of the bytes.
    pub fn crc64(&self) -> u64 {
        self.0.iter().fold(0, |sum, slice| crc64_combine(sum, slice.sums().0, slice.length as u64))
    }

    /// The MD5 of the bytes, where they are of one stretch; of the others there is only something
    /// that tells them apart.
    pub fn md5(&self) -> [u8; 16] {
        match self.0.as_slice() {
            [] => md5(b""),
            [one] => one.sums().1,
            many => many.iter().fold([0; 16], |mut mixed, slice| {
                mixed.rotate_left(1);
                for (byte, other) in mixed.iter_mut().zip(slice.sums().1) {
                    *byte ^= other;
                }
                mixed
            }),
        }
    }

    /// What the engine wants to know of bytes it has read.
    pub fn sums(&self) -> PartSums {
        PartSums { md5: Some(self.md5()), crc64: self.crc64(), length: self.length() as u64 }
    }

    /// The ETag that COS gives them.
    pub fn etag(&self) -> String {
        format!("\"{}\"", hex(&self.md5()))
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.length());
        for Slice { file, offset, length, damaged } in &self.0 {
            let start = bytes.len();
            bytes.extend_from_slice(&file[*offset..][..*length]);
            if *damaged && *length > 0 {
                bytes[start] ^= 1;
            }
        }
        bytes
    }
}
