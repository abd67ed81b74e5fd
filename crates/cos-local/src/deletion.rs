//! Deletion of objects, one by one and in batches.

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::call::{Call, Reply, empty, set, xml};
use crate::error::{Code, Error};
use crate::object::{check_key, tell_version};
use crate::service::Service;
use crate::store::Deleted;
use crate::xml as xml_body;

/// The most objects of one batch.
const LARGEST_BATCH: usize = 1000;

/// DELETE Object (document 436/7743); an object that is not there counts as deleted.
///
/// # Errors
/// `NoSuchVersion`.
pub(crate) async fn delete(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (bucket, key, version) = call.object_version();
    let now = service.clock.now();
    let results =
        service.store(move |store| store.delete_objects(&bucket, &[(key, version)], now)).await?;
    let mut reply = empty(StatusCode::NO_CONTENT);
    for result in results {
        let deleted = result?;
        tell_version(&mut reply, deleted.version)?;
        if deleted.marker {
            set(&mut reply, "x-cos-delete-marker", "true")?;
        }
    }
    Ok(reply)
}

/// The body of DELETE Multiple Objects.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    #[serde(default)]
    quiet: Option<String>,
    #[serde(rename = "Object", default)]
    objects: Vec<Named>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    key: String,
    #[serde(default)]
    version_id: Option<String>,
}

#[derive(Serialize)]
struct DeleteResult {
    #[serde(rename = "$value")]
    entries: Vec<Entry>,
}

#[derive(Serialize)]
enum Entry {
    #[serde(rename_all = "PascalCase")]
    Deleted {
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        version_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        delete_marker: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        delete_marker_version_id: Option<String>,
    },
    #[serde(rename_all = "PascalCase")]
    Error {
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        version_id: Option<String>,
        code: String,
        message: String,
    },
}

/// DELETE Multiple Objects (document 436/8289). The answer names what was deleted, unless the
/// request is for a quiet one, and what was not.
///
/// # Errors
/// `MalformedXML` for a body that names no object, or more than [`LARGEST_BATCH`].
pub(crate) async fn delete_batch(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let batch: Delete = xml_body::read(&call.xml_body().await?)?;
    if batch.objects.is_empty() || batch.objects.len() > LARGEST_BATCH {
        let message = format!("The request body has to name 1 to {LARGEST_BATCH} objects.");
        return Err(Error::new(Code::MalformedXML, message));
    }
    let quiet = batch.quiet.is_some_and(|quiet| quiet.trim().eq_ignore_ascii_case("true"));
    let version = |named: &Named| named.version_id.clone().filter(|id| !id.is_empty());
    let mut entries = Vec::new();
    let mut names = Vec::new();
    for named in batch.objects {
        match check_name(&named.key) {
            Ok(()) => names.push((named.key.clone(), version(&named))),
            Err(error) => entries.push(refused(named.key.clone(), version(&named), &error)),
        }
    }
    let (bucket, now) = (call.bucket().to_owned(), service.clock.now());
    let (names, results) = service
        .store(move |store| {
            store.delete_objects(&bucket, &names, now).map(|results| (names, results))
        })
        .await?;
    for ((key, version), result) in names.into_iter().zip(results) {
        match result {
            Ok(deleted) if !quiet => entries.push(told(key, version, deleted)),
            Ok(_) => {}
            Err(error) => entries.push(refused(key, version, &error)),
        }
    }
    xml(&DeleteResult { entries })
}

fn check_name(key: &str) -> Result<(), Error> {
    match key.is_empty() {
        true => Err(Error::invalid("The key of an object to delete may not be empty.")),
        false => check_key(key),
    }
}

fn told(key: String, version_id: Option<String>, deleted: Deleted) -> Entry {
    Entry::Deleted {
        key,
        version_id,
        delete_marker: deleted.marker.then_some(true),
        delete_marker_version_id: deleted.version.filter(|_| deleted.marker),
    }
}

fn refused(key: String, version_id: Option<String>, error: &Error) -> Entry {
    Entry::Error {
        key,
        version_id,
        code: error.code.to_string(),
        message: error.message.clone().into_owned(),
    }
}
