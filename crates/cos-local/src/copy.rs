//! Copies: PUT Object - Copy (document 436/10881) and Upload Part - Copy (document 436/8287).

use serde::Serialize;

use crate::blob::{Blob, Held};
use crate::call::{Call, LARGEST_CONTENT, Reply, set, xml};
use crate::clock::iso;
use crate::digest::hex;
use crate::encryption::{self, CustomerKey, Encryption};
use crate::error::{Code, Error};
use crate::host::{Query, Target};
use crate::object::{check_key, locate, may_overwrite, new_object, save, tell_version};
use crate::range::{self, ByteRange, Condition};
use crate::reader::Reader;
use crate::record::{Attributes, Object, Part};
use crate::restore;
use crate::service::{Access, Service};

/// The header that makes a PUT a copy: `<host>/<encoded key>`, perhaps with `?versionId=`.
pub(crate) const SOURCE: &str = "x-cos-copy-source";

/// An object to copy from, which the caller may read.
struct Source {
    bucket: String,
    key: String,
    /// Whether it is a certain version, and not whichever is the newest.
    names_version: bool,
    object: Object,
    held: Held,
    customer_key: Option<CustomerKey>,
}

impl Source {
    /// Finds the source that the headers name and checks their conditions on it.
    ///
    /// # Errors
    /// `InvalidCopySource`, `NoSuchBucket`, `NoSuchKey`, `AccessDenied`, `PreconditionFailed`,
    /// `InvalidObjectState`.
    async fn open(service: &Service, call: &Call) -> Result<Self, Error> {
        let header = call.header(SOURCE).unwrap_or_default();
        let malformed = || {
            let form = "<bucket>.cos.<region>.myqcloud.com/<key>, percent-encoded";
            Error::new(Code::InvalidCopySource, format!("{SOURCE} has to be {form}."))
        };
        let header = header.split_once("://").map_or(header, |(_, rest)| rest);
        let (address, query) = header.split_once('?').unwrap_or((header, ""));
        let (host, path) = address.split_at(address.find('/').ok_or_else(malformed)?);
        let target = Target::resolve(host, service.address.port(), path)?;
        let (Some(bucket), key) = (target.bucket, target.key) else { return Err(malformed()) };
        if key.is_empty() {
            return Err(malformed());
        }
        let record = service.require_bucket(&bucket, target.region.as_deref())?;
        let from = Some((bucket.as_str(), &record));
        let query = Query::parse(query);
        let version = query.get("versionId").filter(|id| !id.is_empty());
        service.authorize(&call.caller, Access::Read, from, &key, version).await?;
        let version = version.map(str::to_owned);
        let names_version = version.is_some();
        let (object, held) = locate(service, bucket.clone(), key.clone(), version).await?;
        check_conditions(call, &object)?;
        restore::check(&object, service.clock.now())?;
        let customer_key = CustomerKey::of_source(&call.headers)?;
        encryption::check_key(object.attributes.encryption.as_ref(), customer_key.as_ref())?;
        Ok(Self { bucket, key, names_version, object, held, customer_key })
    }

    /// Copies a range of the content, encrypted with the key of the copy.
    async fn read(
        self,
        service: &Service,
        range: ByteRange,
        key: Option<&CustomerKey>,
    ) -> Result<Blob, Error> {
        let mut draft = service.blobs().draft().await?.encrypted(key);
        let mut reader = Reader::new(self.held, self.object.segments, range, self.customer_key);
        while let Some(piece) = reader.next().await? {
            draft.write(&piece).await?;
        }
        Ok(draft.finish().await?)
    }
}

/// PUT Object with [`SOURCE`].
pub(crate) async fn copy_object(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct CopyObjectResult {
        #[serde(rename = "ETag")]
        etag: String,
        #[serde(rename = "CRC64")]
        crc64: u64,
        last_modified: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        version_id: Option<String>,
    }
    check_key(call.key())?;
    let replaced = replaces(call, "x-cos-metadata-directive")?;
    let retagged = replaces(call, "x-cos-tagging-directive")?;
    let mut attributes = Attributes::from_headers(&call.headers)?;
    let key = CustomerKey::from_headers(&call.headers)?;
    let overwrite = may_overwrite(call.header("x-cos-forbid-overwrite"));
    let source = Source::open(service, call).await?;
    if !replaced {
        attributes.headers = source.object.attributes.headers.clone();
    }
    if !retagged {
        attributes.tags = source.object.attributes.tags.clone();
    }
    let onto_itself = !source.names_version
        && (source.bucket.as_str(), source.key.as_str()) == (call.bucket(), call.key());
    let unchanged = attributes.storage_class == source.object.attributes.storage_class
        && attributes.encryption.is_none();
    if onto_itself && unchanged && !replaced && !retagged {
        return Err(Error::new(
            Code::InvalidRequest,
            "A copy of an object onto itself has to change something: set \
             x-cos-metadata-directive to Replaced, or another storage class.",
        ));
    }
    if source.object.size > LARGEST_CONTENT {
        let message = "An object of more than 5 GiB is copied in parts.";
        return Err(Error::new(Code::InvalidRequest, message));
    }
    let whole = ByteRange { start: 0, length: source.object.size };
    let blob = source.read(service, whole, key.as_ref()).await?;
    let object = new_object(service, &blob, attributes);
    let (bucket, key) = (call.bucket().to_owned(), call.key().to_owned());
    let version = save(service, bucket, key, object.clone(), blob, overwrite).await?;
    let mut reply = xml(&CopyObjectResult {
        etag: format!("\"{}\"", object.etag),
        crc64: object.crc64,
        last_modified: iso(object.modified),
        version_id: version.clone(),
    })?;
    set(&mut reply, "x-cos-hash-crc64ecma", object.crc64.to_string())?;
    if let Some(encryption) = &object.attributes.encryption {
        encryption.write(&mut reply)?;
    }
    tell_version(&mut reply, version)?;
    Ok(reply)
}

/// The content of a part that Upload Part takes from [`SOURCE`].
pub(crate) async fn part_content(
    service: &Service,
    call: &Call,
    key: Option<&CustomerKey>,
) -> Result<Blob, Error> {
    let source = Source::open(service, call).await?;
    let size = source.object.size;
    let range = match call.header("x-cos-copy-source-range").filter(|range| !range.is_empty()) {
        None => ByteRange { start: 0, length: size },
        Some(text) => {
            let last = text.rsplit('-').next().and_then(|last| last.parse::<u64>().ok());
            let range = range::parse(text, size)?.zip(last);
            let (range, last) = range.ok_or_else(|| {
                Error::invalid("x-cos-copy-source-range has to be bytes=<first>-<last>.")
            })?;
            if last >= size {
                let message = "The range lies outside of the source.";
                return Err(Error::new(Code::InvalidRange, message));
            }
            range
        }
    };
    if range.length > LARGEST_CONTENT {
        return Err(Error::new(Code::EntityTooLarge, "A part has at most 5 GiB."));
    }
    source.read(service, range, key).await
}

/// The answer to a part copied.
pub(crate) fn part_answer(part: &Part, encryption: Option<&Encryption>) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct CopyPartResult {
        #[serde(rename = "ETag")]
        etag: String,
        #[serde(rename = "CRC64")]
        crc64: u64,
        last_modified: String,
    }
    let mut reply = xml(&CopyPartResult {
        etag: format!("\"{}\"", hex(&part.md5)),
        crc64: part.crc64,
        last_modified: iso(part.modified),
    })?;
    set(&mut reply, "x-cos-hash-crc64ecma", part.crc64.to_string())?;
    if let Some(encryption) = encryption {
        encryption.write(&mut reply)?;
    }
    Ok(reply)
}

/// Reads a directive: whether what the request says takes the place of what the source has.
fn replaces(call: &Call, directive: &str) -> Result<bool, Error> {
    match call.header(directive).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "copy" => Ok(false),
        "replaced" | "replace" => Ok(true),
        _ => Err(Error::invalid(format!("{directive} has to be Copy or Replaced."))),
    }
}

/// Every condition on the source that does not hold refuses the copy, a 304 included.
fn check_conditions(call: &Call, object: &Object) -> Result<(), Error> {
    let condition = Condition {
        if_match: call.header("x-cos-copy-source-if-match"),
        if_none_match: call.header("x-cos-copy-source-if-none-match"),
        if_modified_since: call.header("x-cos-copy-source-if-modified-since"),
        if_unmodified_since: call.header("x-cos-copy-source-if-unmodified-since"),
    };
    match condition.check(&object.etag, object.modified)? {
        None => Ok(()),
        Some(_) => Err(Error::new(
            Code::PreconditionFailed,
            "A condition on the source of the copy does not hold.",
        )),
    }
}
