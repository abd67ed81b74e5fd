//! Objects: PUT, GET, HEAD.

use hyper::StatusCode;

use crate::blob::{Blob, Held};
use crate::call::{Call, Reply, bad_digest, empty, set};
use crate::digest::hex;
use crate::encryption::{self, CustomerKey};
use crate::error::{Code, Error};
use crate::processing::{self, Rules};
use crate::range::{self, ByteRange, Condition};
use crate::reader::Reader;
use crate::record::{Attributes, Object, Version};
use crate::service::Service;
use crate::{append, clock, copy, restore};

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
    if call.headers.contains_key(copy::SOURCE) {
        return copy::copy_object(service, call).await;
    }
    check_key(call.key())?;
    let attributes = Attributes::from_headers(&call.headers)?;
    let overwrite = may_overwrite(call.header("x-cos-forbid-overwrite"));
    let rules = Rules::from_header(call)?;
    let blob = receive(service, call).await?;
    let object = new_object(service, &blob, attributes);
    let mut reply = stored(&object)?;
    let etag = object.etag.clone();
    let processed = match rules {
        Some(rules) => Some(rules.process_blob(call.key(), &blob).await?),
        None => None,
    };
    let (bucket, key) = (call.bucket().to_owned(), call.key().to_owned());
    let version = save(service, bucket, key, object, blob, overwrite).await?;
    tell_version(&mut reply, version)?;
    if let Some(processed) = processed {
        let place = (call.bucket(), call.key());
        let result = processed.save(service, call, place, &etag).await?;
        reply = result.into_body_of(reply)?;
    }
    Ok(reply)
}

/// GET Object (document 436/7753).
pub(crate) async fn get(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (object, held) = find(service, call).await?;
    let key = readable(service, call, &object)?;
    if let Some(steps) = processing::asked(&call.query)? {
        return processing::answer(service, (object, held), key, steps).await;
    }
    let pace = call.pace()?;
    let mut reply = describe(service, call, &object)?;
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
    *reply.body_mut() = Reader::new(held, object.segments, part, key).at_pace(pace).into_body();
    Ok(reply)
}

/// HEAD Object (document 436/7745).
pub(crate) async fn head(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (object, _) = find(service, call).await?;
    let key = CustomerKey::from_headers(&call.headers)?;
    encryption::check_key(object.attributes.encryption.as_ref(), key.as_ref())?;
    let mut reply = describe(service, call, &object)?;
    if let Some(status) = check_conditions(call, &object)? {
        return not_modified(reply, status);
    }
    set(&mut reply, "content-length", object.size.to_string())?;
    Ok(reply)
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

/// Stores the body of a request, aside from any object, encrypted and at the pace that its headers
/// ask for.
///
/// # Errors
/// `BadDigest` where it is not what its `Content-MD5` says, `InvalidArgument` for a wrong header,
/// and those of [`Content::chunk`](crate::call::Content::chunk).
pub(crate) async fn receive(service: &Service, call: &mut Call) -> Result<Blob, Error> {
    let expected_md5 = call.content_md5()?;
    let key = CustomerKey::from_headers(&call.headers)?;
    let mut pace = call.pace()?;
    call.body.check_length()?;
    let mut draft = service.blobs().draft().await?.encrypted(key.as_ref());
    while let Some(chunk) = call.body.chunk().await? {
        let length = chunk.len() as u64;
        draft.write(&call.received(chunk)).await?;
        if let Some(pace) = &mut pace {
            pace.pass(length).await;
        }
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
        version: Version::default(),
        appendable: false,
        restored: None,
    }
}

/// Stores an object, and returns the id of the version it is, where the bucket tells any.
pub(crate) async fn save(
    service: &Service,
    bucket: String,
    key: String,
    object: Object,
    blob: Blob,
    overwrite: bool,
) -> Result<Option<String>, Error> {
    service.store(move |store| store.put_object(&bucket, &key, object, blob, overwrite)).await
}

/// Adds the id of a version, where there is one to tell.
pub(crate) fn tell_version(reply: &mut Reply, version: Option<String>) -> Result<(), Error> {
    version.map_or(Ok(()), |id| set(reply, "x-cos-version-id", id))
}

/// The 200 that says what was stored.
pub(crate) fn stored(object: &Object) -> Result<Reply, Error> {
    let mut reply = empty(StatusCode::OK);
    set(&mut reply, "etag", format!("\"{}\"", object.etag))?;
    set(&mut reply, "x-cos-hash-crc64ecma", object.crc64.to_string())?;
    if let Some(encryption) = &object.attributes.encryption {
        encryption.write(&mut reply)?;
    }
    Ok(reply)
}

/// Makes sure that the content may be read, and returns the key that it takes.
///
/// # Errors
/// `InvalidObjectState` for an archived object that is not restored, and those of
/// [`encryption::check_key`].
fn readable(service: &Service, call: &Call, object: &Object) -> Result<Option<CustomerKey>, Error> {
    restore::check(object, service.clock.now())?;
    let key = CustomerKey::from_headers(&call.headers)?;
    encryption::check_key(object.attributes.encryption.as_ref(), key.as_ref())?;
    Ok(key)
}

async fn find(service: &Service, call: &Call) -> Result<(Object, Held), Error> {
    let (bucket, key, version) = call.object_version();
    locate(service, bucket, key, version).await
}

/// An object, with its content kept from removal until the second value is dropped.
///
/// # Errors
/// `NoSuchKey`, `NoSuchVersion`, and `MethodNotAllowed` for the version id of a delete marker.
pub(crate) async fn locate(
    service: &Service,
    bucket: String,
    key: String,
    version: Option<String>,
) -> Result<(Object, Held), Error> {
    service.store(move |store| store.hold_object(&bucket, &key, version.as_deref())).await
}

/// A 200 with the headers that belong to an object.
fn describe(service: &Service, call: &Call, object: &Object) -> Result<Reply, Error> {
    let mut reply = stored(object)?;
    object.attributes.write(&mut reply)?;
    let versioning = service.require_bucket(call.bucket(), None)?.versioning;
    tell_version(&mut reply, versioning.shown(object.version))?;
    append::describe(object, &mut reply)?;
    restore::describe(object, service.clock.now(), &mut reply)?;
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
