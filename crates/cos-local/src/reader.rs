//! Reading a range of stored content, decrypted and no faster than asked for.

use std::collections::VecDeque;
use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::blob::{Held, Segment};
use crate::call::ReplyBody;
use crate::encryption::{Cipher, CustomerKey};
use crate::pace::Pace;
use crate::range::ByteRange;

/// Content leaves in pieces of this many bytes.
const CHUNK: u64 = 256 << 10;

/// Reads a range of segments, one piece at a time.
pub(crate) struct Reader {
    held: Held,
    segments: VecDeque<Segment>,
    key: Option<CustomerKey>,
    pace: Option<Pace>,
    /// Bytes to pass over before the range.
    skip: u64,
    /// Bytes of the range still to come.
    remaining: u64,
    open: Option<Open>,
}

/// The segment being read.
struct Open {
    file: File,
    cipher: Option<Cipher>,
    /// Bytes of it still to come.
    left: u64,
}

impl Reader {
    /// `key` is that of content encrypted with one of the client's.
    pub(crate) fn new(
        held: Held,
        segments: Vec<Segment>,
        range: ByteRange,
        key: Option<CustomerKey>,
    ) -> Self {
        Self {
            held,
            segments: segments.into(),
            key,
            pace: None,
            skip: range.start,
            remaining: range.length,
            open: None,
        }
    }

    pub(crate) fn at_pace(self, pace: Option<Pace>) -> Self {
        Self { pace, ..self }
    }

    pub(crate) fn into_body(self) -> ReplyBody {
        let frames = stream::try_unfold(self, |mut reader| async move {
            Ok::<_, io::Error>(reader.next().await?.map(|bytes| (Frame::data(bytes), reader)))
        });
        StreamBody::new(frames).boxed_unsync()
    }

    /// The whole of what is left, for content that is known to be small.
    pub(crate) async fn into_bytes(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    /// The next piece, `None` at the end.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.remaining == 0 {
            return Ok(None);
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.open_next().await?,
        };
        let piece = self.pace.as_ref().map_or(CHUNK, |pace| pace.piece().min(CHUNK));
        let length = piece.min(open.left).min(self.remaining);
        let mut bytes = BytesMut::with_capacity(usize::try_from(length).unwrap_or_default());
        let read = (&mut open.file).take(length).read_buf(&mut bytes).await? as u64;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(cipher) = &mut open.cipher {
            cipher.apply(&mut bytes);
        }
        self.remaining -= read;
        open.left -= read;
        if open.left > 0 {
            self.open = Some(open);
        }
        if let Some(pace) = &mut self.pace {
            pace.pass(read).await;
        }
        Ok(Some(bytes.freeze()))
    }

    async fn open_next(&mut self) -> io::Result<Open> {
        while let Some(segment) = self.segments.pop_front() {
            if self.skip >= segment.size {
                self.skip -= segment.size;
                continue;
            }
            let mut file = File::open(self.held.path(&segment.blob)).await?;
            let skip = std::mem::take(&mut self.skip);
            file.seek(io::SeekFrom::Start(skip)).await?;
            let cipher = self.key.as_ref().map(|key| key.cipher(&segment.blob, skip));
            return Ok(Open { file, cipher, left: segment.size - skip });
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;
    use crate::blob::Blobs;

    /// Two segments of `0..100` and `100..200`, in the folder.
    async fn segments(
        folder: &std::path::Path,
        key: Option<&CustomerKey>,
    ) -> (std::sync::Arc<Blobs>, Vec<Segment>) {
        let blobs = Blobs::open(folder, &HashSet::new()).expect("a folder");
        let mut segments = Vec::new();
        for start in [0, 100] {
            let mut draft = blobs.draft().await.expect("a draft").encrypted(key);
            let bytes: Vec<u8> = (start..start + 100).collect();
            draft.write(&bytes.into()).await.expect("room on the disk");
            let blob = draft.finish().await.expect("a blob");
            segments.extend(blob.segments());
            blob.adopted();
        }
        (blobs, segments)
    }

    fn hold(blobs: &std::sync::Arc<Blobs>, segments: &[Segment]) -> Held {
        blobs.hold(|| Ok::<_, ()>(segments.to_vec()), |segments| segments).expect("segments").1
    }

    #[tokio::test]
    async fn a_range_runs_over_segments_encrypted_or_not() {
        let folder = tempfile::TempDir::new().expect("a folder");
        for key in [None, Some(CustomerKey::of_bytes([9; 32]))] {
            let (blobs, segments) = segments(folder.path(), key.as_ref()).await;
            for (start, length) in [(0, 200), (30, 40), (95, 10), (100, 100), (150, 1)] {
                let range = ByteRange { start, length };
                let held = hold(&blobs, &segments);
                let reader = Reader::new(held, segments.clone(), range, key.clone());
                let expected: Vec<u8> = (0..200).collect();
                let expected = &expected[start as usize..][..length as usize];
                assert_eq!(reader.into_bytes().await.expect("content"), expected);
            }
        }
    }

    /// The clock of this test stands still but for what is waited for, so the time is exact.
    #[tokio::test(start_paused = true)]
    async fn content_is_read_at_its_pace() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let blobs = Blobs::open(folder.path(), &HashSet::new()).expect("a folder");
        let mut draft = blobs.draft().await.expect("a draft");
        draft.write(&vec![0; 102_400 * 3].into()).await.expect("room on the disk");
        let blob = draft.finish().await.expect("a blob");
        let range = ByteRange { start: 0, length: 102_400 * 3 };
        let held = hold(&blobs, &blob.segments());
        let pace = Pace::parse(Some("819200")).ok().flatten();
        let reader = Reader::new(held, blob.segments(), range, None).at_pace(pace);
        let begun = Instant::now();
        assert_eq!(reader.into_bytes().await.expect("content").len(), 102_400 * 3);
        assert_eq!(begun.elapsed(), Duration::from_secs(3));
    }
}
