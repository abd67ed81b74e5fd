//! Buckets: service list, PUT, HEAD, DELETE, and the list of objects.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::attributes::storage_class_name;
use crate::call::{Call, Reply, empty, set, xml};
use crate::clock;
use crate::error::{Code, Error};
use crate::listing::Listing;
use crate::record::{Acl, Attributes, Bucket, Tag};
use crate::service::Service;
use crate::tagging;
use crate::xml::{self as xml_body, KeyEncoding, Owner};

/// The most keys of one list.
pub(crate) const LONGEST_PAGE: u32 = 1000;

/// A rolled-up prefix in a list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CommonPrefix {
    prefix: String,
}

pub(crate) fn common_prefixes(prefixes: &[String], encoding: KeyEncoding) -> Vec<CommonPrefix> {
    prefixes.iter().map(|prefix| CommonPrefix { prefix: encoding.apply(prefix) }).collect()
}

/// Checks the form `name-appid`: lower-case letters, digits and hyphens, then the digits of the
/// account.
///
/// # Errors
/// `InvalidBucketName`.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let valid = name.rsplit_once('-').is_some_and(|(short, appid)| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !short.is_empty()
            && short.bytes().all(allowed)
            && !short.starts_with('-')
            && !short.ends_with('-')
            && !appid.is_empty()
            && appid.bytes().all(|byte| byte.is_ascii_digit())
            && name.len() <= 60
    });
    match valid {
        true => Ok(()),
        false => Err(Error::new(
            Code::InvalidBucketName,
            "A bucket is named name-appid, such as demo-1250000000: lower-case letters, digits and \
             hyphens, then a hyphen and digits.",
        )),
    }
}

/// The most buckets of one list.
const MOST_BUCKETS: u32 = 2000;

/// GET Service (document 436/8291): the buckets of a region, of a time and with a tag, where the
/// request names one.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) async fn list_buckets(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct ListAllMyBucketsResult {
        owner: Owner,
        marker: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
        is_truncated: bool,
        buckets: Buckets,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Buckets {
        bucket: Vec<Entry>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entry {
        name: String,
        location: String,
        creation_date: String,
        bucket_type: &'static str,
    }
    let asked = |name| call.query.get(name).filter(|value| !value.is_empty());
    let marker = asked("marker").unwrap_or_default().to_owned();
    let limit = call.number("max-keys", MOST_BUCKETS)?.min(MOST_BUCKETS) as usize;
    let region = call.target.region.as_deref().or(asked("region"));
    let times = match (asked("create-time"), asked("range")) {
        (Some(time), Some(range)) => parse_times(time, range)?,
        _ => i64::MIN..=i64::MAX,
    };
    let mut buckets = service.buckets();
    buckets.retain(|name, bucket| {
        *name > marker
            && region.is_none_or(|region| region == bucket.region)
            && times.contains(&bucket.created)
    });
    if let (Some(key), Some(value)) = (asked("tagkey"), asked("tagvalue")) {
        let tag = Tag { key: key.to_owned(), value: value.to_owned() };
        buckets = service
            .store(move |store| {
                let mut tagged = BTreeMap::new();
                for (name, bucket) in buckets {
                    let tags = store.configuration(&name, "tagging", "")?;
                    let tags = tags.map(|document| tagging::of_document(&document)).transpose()?;
                    if tags.is_some_and(|tags| tags.contains(&tag)) {
                        tagged.insert(name, bucket);
                    }
                }
                Ok(tagged)
            })
            .await?;
    }
    let is_truncated = limit > 0 && buckets.len() > limit;
    let bucket: Vec<_> = buckets
        .into_iter()
        .take(limit)
        .map(|(name, bucket)| Entry {
            name,
            location: bucket.region,
            creation_date: clock::iso(bucket.created),
            bucket_type: "cos",
        })
        .collect();
    xml(&ListAllMyBucketsResult {
        owner: Owner::ONLY,
        marker,
        next_marker: bucket.last().filter(|_| is_truncated).map(|last| last.name.clone()),
        is_truncated,
        buckets: Buckets { bucket },
    })
}

/// The times, in seconds since 1970, that lie as `range` says to `time`.
fn parse_times(time: &str, range: &str) -> Result<RangeInclusive<i64>, Error> {
    let invalid = || Error::invalid("create-time has to be a number of seconds since 1970.");
    let time: i64 = time.parse().map_err(|_| invalid())?;
    match range {
        "lt" => Ok(i64::MIN..=time.saturating_sub(1)),
        "lte" => Ok(i64::MIN..=time),
        "gt" => Ok(time.saturating_add(1)..=i64::MAX),
        "gte" => Ok(time..=i64::MAX),
        _ => Err(Error::invalid("range has to be lt, lte, gt or gte.")),
    }
}

/// PUT Bucket (document 436/7738).
///
/// # Errors
/// `InvalidBucketName`, `BucketAlreadyOwnedByYou`, `MalformedXML`.
pub(crate) async fn put(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Deserialize)]
    struct CreateBucketConfiguration {
        #[serde(rename = "BucketAZConfig")]
        zones: Option<String>,
    }
    check_name(call.bucket())?;
    let Attributes { acl, grants, .. } = Attributes::from_headers(&call.headers)?;
    let multi_zone = match call.body.is_empty() {
        true => false,
        false => {
            let body = call.xml_body().await?;
            let sent: CreateBucketConfiguration = xml_body::read(&body)?;
            sent.zones.as_deref() == Some("MAZ")
        }
    };
    let region = call.target.region.clone().unwrap_or_else(|| service.region.clone());
    let created = service.clock.now();
    let bucket =
        Bucket { grants, multi_zone, ..Bucket::new(region, created, acl.unwrap_or(Acl::Private)) };
    let name = call.bucket().to_owned();
    service.store(move |store| store.put_bucket(&name, &bucket, false)).await?;
    Ok(empty(StatusCode::OK))
}

/// HEAD Bucket (document 436/7735).
pub(crate) async fn head(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let bucket = service.require_bucket(call.bucket(), None)?;
    let mut reply = empty(StatusCode::OK);
    set(&mut reply, "x-cos-bucket-region", bucket.region)?;
    if bucket.multi_zone {
        set(&mut reply, "x-cos-bucket-az-type", "MAZ")?;
    }
    Ok(reply)
}

/// GET Bucket location (document 436/8275).
pub(crate) async fn location(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    struct LocationConstraint(String);
    xml(&LocationConstraint(service.require_bucket(call.bucket(), None)?.region))
}

/// DELETE Bucket (document 436/7732).
pub(crate) async fn delete(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let name = call.bucket().to_owned();
    service.store(move |store| store.delete_bucket(&name)).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// GET Bucket, the list of objects (document 436/7734).
pub(crate) async fn list(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct ListBucketResult {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        encoding_type: Option<&'static str>,
        prefix: String,
        marker: String,
        max_keys: u32,
        #[serde(skip_serializing_if = "String::is_empty")]
        delimiter: String,
        is_truncated: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
        contents: Vec<Entry>,
        common_prefixes: Vec<CommonPrefix>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entry {
        key: String,
        last_modified: String,
        #[serde(rename = "ETag")]
        etag: String,
        size: u64,
        owner: Owner,
        storage_class: String,
    }
    let encoding = KeyEncoding::parse(call.query.get("encoding-type"))?;
    let max_keys = call.number("max-keys", LONGEST_PAGE)?.min(LONGEST_PAGE);
    let text = |name| call.query.get(name).unwrap_or_default().to_owned();
    let listing = Listing {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        marker: text("marker"),
        limit: max_keys as usize,
        ..Listing::default()
    };
    let bucket = call.bucket().to_owned();
    let (listing, page) = service
        .store(move |store| store.list_objects(&bucket, &listing).map(|page| (listing, page)))
        .await?;
    xml(&ListBucketResult {
        name: call.bucket().to_owned(),
        encoding_type: encoding.name(),
        prefix: encoding.apply(&listing.prefix),
        marker: encoding.apply(&listing.marker),
        max_keys,
        delimiter: listing.delimiter,
        is_truncated: page.next.is_some(),
        next_marker: page.next.map(|(key, _)| encoding.apply(&key)),
        contents: page
            .items
            .into_iter()
            .map(|item| Entry {
                key: encoding.apply(&item.key),
                last_modified: clock::iso_millis(item.record.modified),
                etag: format!("\"{}\"", item.record.etag),
                size: item.record.size,
                owner: Owner::ONLY,
                storage_class: storage_class_name(&item.record.attributes.storage_class).to_owned(),
            })
            .collect(),
        common_prefixes: common_prefixes(&page.prefixes, encoding),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_end_in_the_account() {
        for name in ["demo-1250000000", "a-b-1", "0-1"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["demo", "-1", "demo-", "Demo-1", "de.mo-1", "demo-12x", "../demo-1", "demo--1"]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
