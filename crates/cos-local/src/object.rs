//! Objects: PUT, GET, HEAD, DELETE.

use std::collections::VecDeque;
use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::StatusCode;
use hyper::body::Frame;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::blob::{Blob, Held, Segment};
use crate::call::{Call, Content, Reply, ReplyBody, bad_digest, empty, set};
use crate::clock;
use crate::digest::hex;
use crate::error::{Code, Error};
use crate::range::{self, ByteRange, Condition};
use crate::record::{Attributes, Object};
use crate::service::Service;

/// Content leaves in pieces of this many bytes.
const CHUNK: u64 = 256 << 10;

/// The longest key in bytes.
const LONGEST_KEY: usize = 850;

/// Query parameters of GET that stand in for a header of the answer.
const OVERRIDES: [(&str, &str); 6] = [
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

/// PUT Object (document 436/7749).
pub(crate) async fn put(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    if call.headers.contains_key("x-cos-copy-source") {
        return Err(Error::new(Code::NotImplemented, "This server does not copy objects."));
    }
    check_key(call.key())?;
    let attributes = Attributes::from_headers(&call.headers)?;
    let overwrite = may_overwrite(call.header("x-cos-forbid-overwrite"));
    let expected_md5 = call.content_md5()?;
    call.body.check_length()?;
    let blob = receive(service, &mut call.body, expected_md5).await?;
    let object = new_object(service, &blob, attributes);
    let reply = stored(&object)?;
    save(service, call.bucket().to_owned(), call.key().to_owned(), object, blob, overwrite).await?;
    Ok(reply)
}

/// GET Object (document 436/7753).
pub(crate) async fn get(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (object, held) = find(service, call).await?;
    let mut reply = describe(call, &object)?;
    if let Some(status) = check_conditions(call, &object)? {
        return not_modified(reply, status);
    }
    let whole = ByteRange { start: 0, length: object.size };
    let asked = match call.header("range") {
        Some(header) if range::applies(call.header("if-range"), &object.etag, object.modified) => {
            range::parse(header, object.size)
        }
        _ => Ok(None),
    };
    let part = asked.map_err(|error| error.with("ObjectSize", object.size.to_string()))?;
    if let Some(ByteRange { start, length }) = part {
        *reply.status_mut() = StatusCode::PARTIAL_CONTENT;
        set(
            &mut reply,
            "content-range",
            format!("bytes {start}-{}/{}", start + length - 1, object.size),
        )?;
    }
    let part = part.unwrap_or(whole);
    set(&mut reply, "content-length", part.length.to_string())?;
    *reply.body_mut() = Reader::new(held, object.segments, part).into_body();
    Ok(reply)
}

/// HEAD Object (document 436/7745).
pub(crate) async fn head(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (object, _) = find(service, call).await?;
    let mut reply = describe(call, &object)?;
    if let Some(status) = check_conditions(call, &object)? {
        return not_modified(reply, status);
    }
    set(&mut reply, "content-length", object.size.to_string())?;
    Ok(reply)
}

/// DELETE Object (document 436/7743); an object that is not there counts as deleted.
pub(crate) async fn delete(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    refuse_version(call)?;
    let (bucket, key) = (call.bucket().to_owned(), call.key().to_owned());
    service.store(move |store| store.delete_object(&bucket, &key)).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// # Errors
/// `KeyTooLong`.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    match key.len() > LONGEST_KEY {
        true => {
            Err(Error::new(Code::KeyTooLong, format!("A key has at most {LONGEST_KEY} bytes.")))
        }
        false => Ok(()),
    }
}

/// Reads `x-cos-forbid-overwrite`.
pub(crate) fn may_overwrite(header: Option<&str>) -> bool {
    !header.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Stores the body of a request, aside from any object.
///
/// # Errors
/// `BadDigest` where it is not what `expected_md5` says, and those of [`Content::chunk`].
pub(crate) async fn receive(
    service: &Service,
    body: &mut Content,
    expected_md5: Option<[u8; 16]>,
) -> Result<Blob, Error> {
    let mut draft = service.blobs().draft().await?;
    while let Some(chunk) = body.chunk().await? {
        draft.write(&chunk).await?;
    }
    let blob = draft.finish().await?;
    if expected_md5.is_some_and(|expected| expected != blob.digested.md5) {
        return Err(bad_digest());
    }
    Ok(blob)
}

/// The record of an object that is a single blob.
pub(crate) fn new_object(service: &Service, blob: &Blob, attributes: Attributes) -> Object {
    Object {
        size: blob.digested.size,
        etag: hex(&blob.digested.md5),
        crc64: blob.digested.crc64,
        modified: service.clock.now(),
        attributes,
        segments: blob.segments(),
    }
}

pub(crate) async fn save(
    service: &Service,
    bucket: String,
    key: String,
    object: Object,
    blob: Blob,
    overwrite: bool,
) -> Result<(), Error> {
    service.store(move |store| store.put_object(&bucket, &key, &object, blob, overwrite)).await
}

/// The 200 that says what was stored.
pub(crate) fn stored(object: &Object) -> Result<Reply, Error> {
    let mut reply = empty(StatusCode::OK);
    set(&mut reply, "etag", format!("\"{}\"", object.etag))?;
    set(&mut reply, "x-cos-hash-crc64ecma", object.crc64.to_string())?;
    Ok(reply)
}

async fn find(service: &Service, call: &Call) -> Result<(Object, Held), Error> {
    refuse_version(call)?;
    let (bucket, key) = (call.bucket().to_owned(), call.key().to_owned());
    let found = service.store(move |store| store.hold_object(&bucket, &key)).await?;
    found.ok_or_else(|| Error::new(Code::NoSuchKey, "There is no object of this key."))
}

/// No bucket here keeps versions, so none but the only one can be asked for.
fn refuse_version(call: &Call) -> Result<(), Error> {
    match call.query.get("versionId") {
        None | Some("" | "null") => Ok(()),
        Some(_) => Err(Error::new(Code::NoSuchVersion, "The bucket does not keep versions.")),
    }
}

/// A 200 with the headers that belong to an object.
fn describe(call: &Call, object: &Object) -> Result<Reply, Error> {
    let mut reply = stored(object)?;
    object.attributes.write(&mut reply)?;
    set(&mut reply, "last-modified", clock::http_date(object.modified))?;
    set(&mut reply, "accept-ranges", "bytes")?;
    for (parameter, header) in OVERRIDES {
        if let Some(value) = call.query.get(parameter).filter(|value| !value.is_empty()) {
            set(&mut reply, header, value)?;
        }
    }
    Ok(reply)
}

/// The status to answer with instead of the content, if the request's conditions ask for that.
fn check_conditions(call: &Call, object: &Object) -> Result<Option<StatusCode>, Error> {
    let condition = Condition {
        if_match: call.header("if-match"),
        if_none_match: call.header("if-none-match"),
        if_modified_since: call.header("if-modified-since"),
        if_unmodified_since: call.header("if-unmodified-since"),
    };
    condition.check(&object.etag, object.modified)
}

fn not_modified(mut reply: Reply, status: StatusCode) -> Result<Reply, Error> {
    *reply.status_mut() = status;
    reply.headers_mut().remove("content-type");
    Ok(reply)
}

/// Reads a range of an object's segments, one piece at a time.
struct Reader {
    held: Held,
    segments: VecDeque<Segment>,
    /// Bytes to pass over before the range.
    skip: u64,
    /// Bytes of the range still to come.
    remaining: u64,
    /// The segment being read, and how much of it is left.
    open: Option<(File, u64)>,
}

impl Reader {
    fn new(held: Held, segments: Vec<Segment>, range: ByteRange) -> Self {
        Self {
            held,
            segments: segments.into(),
            skip: range.start,
            remaining: range.length,
            open: None,
        }
    }

    fn into_body(self) -> ReplyBody {
        let frames = stream::try_unfold(self, |mut reader| async move {
            Ok::<_, io::Error>(reader.next().await?.map(|bytes| (Frame::data(bytes), reader)))
        });
        StreamBody::new(frames).boxed_unsync()
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.remaining == 0 {
            return Ok(None);
        }
        let (mut file, left) = match self.open.take() {
            Some(open) => open,
            None => self.open_next().await?,
        };
        let length = CHUNK.min(left).min(self.remaining);
        let mut bytes = BytesMut::with_capacity(usize::try_from(length).unwrap_or_default());
        let read = (&mut file).take(length).read_buf(&mut bytes).await? as u64;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.remaining -= read;
        if left > read {
            self.open = Some((file, left - read));
        }
        Ok(Some(bytes.freeze()))
    }

    async fn open_next(&mut self) -> io::Result<(File, u64)> {
        while let Some(segment) = self.segments.pop_front() {
            if self.skip >= segment.size {
                self.skip -= segment.size;
                continue;
            }
            let mut file = File::open(self.held.path(&segment.blob)).await?;
            let skip = std::mem::take(&mut self.skip);
            file.seek(io::SeekFrom::Start(skip)).await?;
            return Ok((file, segment.size - skip));
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
