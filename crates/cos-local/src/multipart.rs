//! Multipart uploads: initiate, upload part, complete, abort, and both lists.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::attributes::storage_class_name;
use crate::blob::Blob;
use crate::call::{Call, Reply, empty, set, xml};
use crate::digest::{crc64_combine, hex, md5, random_hex};
use crate::encryption::{self, CustomerKey};
use crate::error::{Code, Error};
use crate::image::Info;
use crate::listing::Listing;
use crate::object::{check_key, may_overwrite, receive, tell_version};
use crate::processing::{ProcessResults, Rules, process_stored};
use crate::record::{Attributes, Object, Part, Upload, UploadName, Version};
use crate::service::Service;
use crate::xml::{self as xml_body, KeyEncoding, Owner};
use crate::{clock, copy};

/// The least bytes of a part that is not the last.
const SMALLEST_PART: u64 = 1 << 20;

const MOST_PARTS: u32 = 10_000;

/// The most entries of one list.
const LONGEST_PAGE: u32 = 1000;

/// Initiate Multipart Upload (document 436/7746).
pub(crate) async fn initiate(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct InitiateMultipartUploadResult {
        bucket: String,
        key: String,
        upload_id: String,
    }
    check_key(call.key())?;
    let attributes = Attributes::from_headers(&call.headers)?;
    let encrypted = attributes.encryption.clone();
    let initiated = service.clock.now();
    // Ids of the same key sort by age.
    let id = format!("{initiated:010x}{}", random_hex(16)?);
    let name = UploadName { bucket: call.bucket().to_owned(), key: call.key().to_owned(), id };
    let created = name.clone();
    service
        .store(move |store| store.create_upload(&created, &Upload { initiated, attributes }))
        .await?;
    let mut reply = xml(&InitiateMultipartUploadResult {
        bucket: name.bucket,
        key: name.key,
        upload_id: name.id,
    })?;
    if let Some(encryption) = &encrypted {
        encryption.write(&mut reply)?;
    }
    Ok(reply)
}

/// Upload Part (document 436/7750).
pub(crate) async fn upload_part(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let number = call.number("partNumber", 0)?;
    if !(1..=MOST_PARTS).contains(&number) {
        return Err(Error::invalid(format!("partNumber has to be between 1 and {MOST_PARTS}.")));
    }
    let name = upload_name(call);
    let asked = name.clone();
    let upload = service.store(move |store| store.require_upload(&asked)).await?;
    let encrypted = upload.attributes.encryption;
    let key = CustomerKey::from_headers(&call.headers)?;
    encryption::check_key(encrypted.as_ref(), key.as_ref())?;
    if call.headers.contains_key(copy::SOURCE) {
        let blob = copy::part_content(service, call, key.as_ref()).await?;
        let part = save_part(service, name, number, blob).await?;
        return copy::part_answer(&part, encrypted.as_ref());
    }
    let blob = receive(service, call).await?;
    let part = save_part(service, name, number, blob).await?;
    let mut reply = empty(StatusCode::OK);
    set(&mut reply, "etag", quoted(&part.md5))?;
    set(&mut reply, "x-cos-hash-crc64ecma", part.crc64.to_string())?;
    if let Some(encryption) = &encrypted {
        encryption.write(&mut reply)?;
    }
    Ok(reply)
}

async fn save_part(
    service: &Service,
    name: UploadName,
    number: u32,
    blob: Blob,
) -> Result<Part, Error> {
    let digested = blob.digested;
    let part = Part {
        size: digested.size,
        md5: digested.md5,
        crc64: digested.crc64,
        modified: service.clock.now(),
        segments: blob.segments(),
    };
    let saved = part.clone();
    service.store(move |store| store.put_part(&name, number, &saved, blob)).await?;
    Ok(part)
}

/// The body of Complete Multipart Upload.
#[derive(Deserialize)]
struct CompleteMultipartUpload {
    #[serde(rename = "Part", default)]
    parts: Vec<ListedPart>,
}

#[derive(Deserialize)]
struct ListedPart {
    #[serde(rename = "PartNumber")]
    number: u32,
    #[serde(rename = "ETag")]
    etag: String,
}

/// Complete Multipart Upload (document 436/7742). The object refers to the parts' files, so nothing
/// is copied.
pub(crate) async fn complete(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct CompleteMultipartUploadResult {
        location: String,
        bucket: String,
        key: String,
        #[serde(rename = "ETag")]
        etag: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        image_info: Option<Info>,
        #[serde(skip_serializing_if = "Option::is_none")]
        process_results: Option<ProcessResults>,
    }
    let overwrite = may_overwrite(call.header("x-cos-forbid-overwrite"));
    let rules = Rules::from_header(call)?;
    let list: CompleteMultipartUpload = xml_body::read(&call.xml_body().await?)?;
    check_order(&list.parts)?;
    let name = upload_name(call);
    let now = service.clock.now();
    let completed = name.clone();
    let (object, version) = service
        .store(move |store| {
            store.complete_upload(&completed, overwrite, |upload, parts| {
                assemble(upload, parts, &list.parts, now)
            })
        })
        .await?;
    let processed = match rules {
        Some(rules) => Some(process_stored(service, call, rules).await?),
        None => None,
    };
    let (image_info, process_results) =
        processed.map(|result| (result.original_info.image_info, result.process_results)).unzip();
    let etag = format!("\"{}\"", object.etag);
    let location = format!("{}/{}", call.target.host, crate::host::encode_path(call.key()));
    let mut reply = xml(&CompleteMultipartUploadResult {
        location,
        bucket: name.bucket,
        key: name.key,
        etag: etag.clone(),
        image_info: image_info.flatten(),
        process_results,
    })?;
    set(&mut reply, "etag", etag)?;
    set(&mut reply, "x-cos-hash-crc64ecma", object.crc64.to_string())?;
    tell_version(&mut reply, version)?;
    Ok(reply)
}

/// Abort Multipart Upload (document 436/7740).
pub(crate) async fn abort(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let name = upload_name(call);
    service.store(move |store| store.abort_upload(&name)).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// List Parts (document 436/7747).
pub(crate) async fn list_parts(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct ListPartsResult {
        bucket: String,
        #[serde(rename = "Encoding-type", skip_serializing_if = "Option::is_none")]
        encoding: Option<&'static str>,
        key: String,
        upload_id: String,
        initiator: Owner,
        owner: Owner,
        storage_class: String,
        part_number_marker: u32,
        next_part_number_marker: u32,
        max_parts: u32,
        is_truncated: bool,
        #[serde(rename = "Part")]
        parts: Vec<PartEntry>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct PartEntry {
        part_number: u32,
        last_modified: String,
        #[serde(rename = "ETag")]
        etag: String,
        size: u64,
    }
    let encoding = KeyEncoding::parse(call.query.get("encoding-type"))?;
    let marker = call.number("part-number-marker", 0)?;
    let max_parts = call.number("max-parts", LONGEST_PAGE)?.min(LONGEST_PAGE);
    let name = upload_name(call);
    let asked = name.clone();
    let (upload, parts) = service.store(move |store| store.upload(&asked)).await?;
    let mut rest = parts.range(marker.saturating_add(1)..);
    let entries: Vec<PartEntry> = rest
        .by_ref()
        .take(max_parts as usize)
        .map(|(number, part)| PartEntry {
            part_number: *number,
            last_modified: clock::iso_millis(part.modified),
            etag: quoted(&part.md5),
            size: part.size,
        })
        .collect();
    xml(&ListPartsResult {
        bucket: name.bucket,
        encoding: encoding.name(),
        key: encoding.apply(&name.key),
        upload_id: name.id,
        initiator: Owner::ONLY,
        owner: Owner::ONLY,
        storage_class: storage_class_name(&upload.attributes.storage_class).to_owned(),
        part_number_marker: marker,
        next_part_number_marker: entries.last().map_or(marker, |entry| entry.part_number),
        max_parts,
        is_truncated: max_parts > 0 && rest.next().is_some(),
        parts: entries,
    })
}

/// List Multipart Uploads (document 436/7736).
pub(crate) async fn list_uploads(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct ListMultipartUploadsResult {
        bucket: String,
        #[serde(rename = "EncodingType", skip_serializing_if = "Option::is_none")]
        encoding: Option<&'static str>,
        key_marker: String,
        upload_id_marker: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_key_marker: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_upload_id_marker: Option<String>,
        max_uploads: u32,
        is_truncated: bool,
        prefix: String,
        delimiter: String,
        #[serde(rename = "Upload")]
        uploads: Vec<UploadEntry>,
        common_prefixes: Vec<crate::bucket::CommonPrefix>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct UploadEntry {
        key: String,
        upload_id: String,
        storage_class: String,
        initiator: Owner,
        owner: Owner,
        initiated: String,
    }
    let encoding = KeyEncoding::parse(call.query.get("encoding-type"))?;
    let max_uploads = call.number("max-uploads", LONGEST_PAGE)?.min(LONGEST_PAGE);
    let text = |name| call.query.get(name).unwrap_or_default().to_owned();
    let listing = Listing {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        marker: text("key-marker"),
        id_marker: text("upload-id-marker"),
        limit: max_uploads as usize,
    };
    let bucket = call.bucket().to_owned();
    let (listing, page) = service
        .store(move |store| store.list_uploads(&bucket, &listing).map(|page| (listing, page)))
        .await?;
    let is_truncated = page.next.is_some();
    let (next_key, next_id) = page.next.unzip();
    xml(&ListMultipartUploadsResult {
        bucket: call.bucket().to_owned(),
        encoding: encoding.name(),
        key_marker: encoding.apply(&listing.marker),
        upload_id_marker: listing.id_marker,
        next_key_marker: next_key.map(|key| encoding.apply(&key)),
        next_upload_id_marker: next_id,
        max_uploads,
        is_truncated,
        prefix: encoding.apply(&listing.prefix),
        delimiter: listing.delimiter,
        uploads: page
            .items
            .into_iter()
            .map(|item| UploadEntry {
                key: encoding.apply(&item.key),
                upload_id: item.id,
                storage_class: storage_class_name(&item.record.attributes.storage_class).to_owned(),
                initiator: Owner::ONLY,
                owner: Owner::ONLY,
                initiated: clock::iso_millis(item.record.initiated),
            })
            .collect(),
        common_prefixes: crate::bucket::common_prefixes(&page.prefixes, encoding),
    })
}

fn upload_name(call: &Call) -> UploadName {
    let id = call.query.get("uploadId").unwrap_or_default().to_owned();
    UploadName { bucket: call.bucket().to_owned(), key: call.key().to_owned(), id }
}

fn quoted(digest: &[u8]) -> String {
    format!("\"{}\"", hex(digest))
}

/// What can be said of the list of parts without looking at the parts.
fn check_order(listed: &[ListedPart]) -> Result<(), Error> {
    if listed.is_empty() {
        return Err(Error::new(
            Code::MalformedXML,
            "The request body has to list at least one part.",
        ));
    }
    let pairs = || listed.iter().zip(listed.iter().skip(1));
    if pairs().any(|(part, next)| part.number >= next.number) {
        return Err(Error::new(
            Code::InvalidPartOrder,
            "The parts have to be listed in ascending order.",
        ));
    }
    if pairs().any(|(part, next)| part.number + 1 != next.number) {
        return Err(Error::new(
            Code::InvalidPart,
            "The numbers of the listed parts have to be continuous.",
        ));
    }
    Ok(())
}

/// The object that the listed parts make.
fn assemble(
    upload: &Upload,
    parts: &BTreeMap<u32, Part>,
    listed: &[ListedPart],
    now: i64,
) -> Result<Object, Error> {
    let mut object = Object {
        size: 0,
        etag: String::new(),
        crc64: 0,
        modified: now,
        attributes: upload.attributes.clone(),
        segments: Vec::new(),
        version: Version::default(),
        appendable: false,
        restored: None,
    };
    let mut digests = Vec::new();
    for (index, ListedPart { number, etag }) in listed.iter().enumerate() {
        let uploaded = parts
            .get(number)
            .filter(|part| hex(&part.md5).eq_ignore_ascii_case(etag.trim_matches('"')));
        let part = uploaded.ok_or_else(|| {
            let message = format!("Part {number} was not uploaded, or its ETag is another one.");
            Error::new(Code::InvalidPart, message).with("PartNumber", number.to_string())
        })?;
        if part.size < SMALLEST_PART && index + 1 < listed.len() {
            let message =
                format!("Part {number} has less than 1 MiB, which only the last may have.");
            return Err(
                Error::new(Code::EntityTooSmall, message).with("PartNumber", number.to_string())
            );
        }
        object.crc64 = match index {
            0 => part.crc64,
            _ => crc64_combine(object.crc64, part.crc64, part.size),
        };
        object.size += part.size;
        object.segments.extend(part.segments.iter().cloned());
        digests.extend_from_slice(&part.md5);
    }
    object.etag = format!("{}-{}", hex(&md5(&digests)), listed.len());
    Ok(object)
}
