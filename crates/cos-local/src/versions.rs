//! Versions: whether a bucket keeps them (documents 436/19888 and 436/19889), and their list
//! (document 436/35521).

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::attributes::storage_class_name;
use crate::bucket::{CommonPrefix, LONGEST_PAGE, common_prefixes};
use crate::call::{Call, Reply, empty, xml};
use crate::clock;
use crate::error::{Code, Error};
use crate::listing::{Item, Listing, VersionSummary};
use crate::record::Versioning;
use crate::service::Service;
use crate::xml::{self as xml_body, KeyEncoding, Owner};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersioningConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

/// PUT Bucket versioning (document 436/19889).
///
/// # Errors
/// `MalformedXML` for a status that is neither `Enabled` nor `Suspended`.
pub(crate) async fn put(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let sent: VersioningConfiguration = xml_body::read(&call.xml_body().await?)?;
    let versioning = match sent.status.as_deref() {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => {
            let message = "The Status of versioning has to be Enabled or Suspended.";
            return Err(Error::new(Code::MalformedXML, message));
        }
    };
    let name = call.bucket().to_owned();
    service
        .store(move |store| store.change_bucket(&name, |bucket| bucket.versioning = versioning))
        .await?;
    Ok(empty(StatusCode::OK))
}

/// GET Bucket versioning (document 436/19888).
pub(crate) async fn get(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let status = match service.require_bucket(call.bucket(), None)?.versioning {
        Versioning::Off => None,
        Versioning::Enabled => Some("Enabled".to_owned()),
        Versioning::Suspended => Some("Suspended".to_owned()),
    };
    xml(&VersioningConfiguration { status })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListVersionsResult {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'static str>,
    prefix: String,
    key_marker: String,
    version_id_marker: String,
    max_keys: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    delimiter: String,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_key_marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_version_id_marker: Option<String>,
    #[serde(rename = "$value")]
    entries: Vec<Entry>,
}

#[derive(Serialize)]
enum Entry {
    #[serde(rename_all = "PascalCase")]
    Version {
        key: String,
        version_id: String,
        is_latest: bool,
        last_modified: String,
        #[serde(rename = "ETag")]
        etag: String,
        size: u64,
        storage_class: String,
        owner: Owner,
    },
    #[serde(rename_all = "PascalCase")]
    DeleteMarker {
        key: String,
        version_id: String,
        is_latest: bool,
        last_modified: String,
        owner: Owner,
    },
    CommonPrefixes(CommonPrefix),
}

/// GET Bucket Object versions (document 436/35521).
///
/// # Errors
/// `InvalidArgument`.
pub(crate) async fn list(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let encoding = KeyEncoding::parse(call.query.get("encoding-type"))?;
    let max_keys = call.number("max-keys", LONGEST_PAGE)?.min(LONGEST_PAGE);
    let text = |name| call.query.get(name).unwrap_or_default().to_owned();
    let listing = Listing {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        marker: text("key-marker"),
        id_marker: text("version-id-marker"),
        limit: max_keys as usize,
    };
    let bucket = call.bucket().to_owned();
    let (listing, page) = service
        .store(move |store| store.list_versions(&bucket, &listing).map(|page| (listing, page)))
        .await?;
    // The marker names a version unless the page ends with a rolled-up prefix.
    let last = page.items.last().map(|item| (item.id.clone(), item.record.0.version().id()));
    let is_truncated = page.next.is_some();
    let (next_key, next_row) = page.next.unzip();
    let entries = page.items.into_iter().map(|item| entry(item, encoding));
    let prefixes = common_prefixes(&page.prefixes, encoding).into_iter().map(Entry::CommonPrefixes);
    xml(&ListVersionsResult {
        name: call.bucket().to_owned(),
        encoding_type: encoding.name(),
        prefix: encoding.apply(&listing.prefix),
        key_marker: encoding.apply(&listing.marker),
        version_id_marker: listing.id_marker,
        max_keys,
        delimiter: listing.delimiter,
        is_truncated,
        next_key_marker: next_key.map(|key| encoding.apply(&key)),
        next_version_id_marker: last
            .filter(|(row, _)| next_row.as_ref() == Some(row))
            .map(|(_, id)| id),
        entries: entries.chain(prefixes).collect(),
    })
}

fn entry(item: Item<(VersionSummary, bool)>, encoding: KeyEncoding) -> Entry {
    let key = encoding.apply(&item.key);
    let (summary, is_latest) = item.record;
    let version_id = summary.version().id();
    match summary {
        VersionSummary::Object(object) => Entry::Version {
            key,
            version_id,
            is_latest,
            last_modified: clock::iso_millis(object.modified),
            etag: format!("\"{}\"", object.etag),
            size: object.size,
            storage_class: storage_class_name(&object.attributes.storage_class).to_owned(),
            owner: Owner::ONLY,
        },
        VersionSummary::DeleteMarker(marker) => Entry::DeleteMarker {
            key,
            version_id,
            is_latest,
            last_modified: clock::iso_millis(marker.modified),
            owner: Owner::ONLY,
        },
    }
}
