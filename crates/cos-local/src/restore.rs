//! Archived objects: they can be read for some days after POST Object restore (document 436/12633).

use hyper::StatusCode;
use serde::Deserialize;

use crate::call::{Call, Reply, empty, set};
use crate::clock::http_date;
use crate::error::{Code, Error};
use crate::object::tell_version;
use crate::record::{Object, Restored};
use crate::service::Service;
use crate::xml;

const DAY: i64 = 86_400;

/// The longest time that a restored copy is kept, in days.
const LONGEST: u32 = 365;

/// The storage classes that have to be restored, and the modes each offers.
const ARCHIVES: [(&str, &[&str]); 2] =
    [("ARCHIVE", &["Expedited", "Standard", "Bulk"]), ("DEEP_ARCHIVE", &["Standard", "Bulk"])];

/// The body of the request.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RestoreRequest {
    days: u32,
    #[serde(rename = "CASJobParameters")]
    job: Option<JobParameters>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobParameters {
    tier: String,
}

/// POST Object restore: 202 for a new copy, 200 where the time of a present one changes.
pub(crate) async fn restore(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let asked: RestoreRequest = xml::read(&call.xml_body().await?)?;
    if !(1..=LONGEST).contains(&asked.days) {
        return Err(Error::invalid(format!("Days has to be between 1 and {LONGEST}.")));
    }
    let (bucket, key, version) = call.object_version();
    let now = service.clock.now();
    let ready = now + i64::from(service.restore_seconds);
    let (status, version) = service
        .store(move |store| {
            let mut status = StatusCode::ACCEPTED;
            let version = store.change_object(&bucket, &key, version.as_deref(), |object| {
                check_tier(&object.attributes.storage_class, asked.job.as_ref())?;
                let ready = match object.restored.filter(|copy| now < copy.expires) {
                    Some(copy) if now < copy.ready => return Err(in_progress()),
                    Some(copy) => {
                        status = StatusCode::OK;
                        copy.ready
                    }
                    None => ready,
                };
                let expires = ready.max(now) + i64::from(asked.days) * DAY;
                object.restored = Some(Restored { ready, expires });
                Ok(())
            })?;
            Ok((status, version))
        })
        .await?;
    let mut reply = empty(status);
    tell_version(&mut reply, version)?;
    Ok(reply)
}

/// # Errors
/// `InvalidObjectState` for an archived object that is not restored now.
pub(crate) fn check(object: &Object, now: i64) -> Result<(), Error> {
    let readable = object.restored.is_some_and(|copy| (copy.ready..copy.expires).contains(&now));
    match archive(&object.attributes.storage_class) {
        Some((class, _)) if !readable => Err(Error::new(
            Code::InvalidObjectState,
            format!("The object is in the storage class {class}; restore it first."),
        )),
        _ => Ok(()),
    }
}

/// Puts the header that tells of a restored copy into the answer of GET and HEAD.
pub(crate) fn describe(object: &Object, now: i64, reply: &mut Reply) -> Result<(), Error> {
    match object.restored.filter(|copy| now < copy.expires) {
        Some(copy) if now < copy.ready => set(reply, "x-cos-restore", "ongoing-request=\"true\""),
        Some(copy) => {
            let expires = http_date(copy.expires);
            let value = format!("ongoing-request=\"false\", expiry-date=\"{expires}\"");
            set(reply, "x-cos-restore", value)
        }
        None => Ok(()),
    }
}

fn archive(class: &str) -> Option<(&'static str, &'static [&'static str])> {
    ARCHIVES.into_iter().find(|(name, _)| *name == class)
}

fn check_tier(class: &str, job: Option<&JobParameters>) -> Result<(), Error> {
    let Some((class, tiers)) = archive(class) else {
        let message = "Only objects of the storage classes ARCHIVE and DEEP_ARCHIVE are restored.";
        return Err(Error::new(Code::RestoreNonArchiveObject, message));
    };
    match job.map_or("Standard", |job| job.tier.as_str()) {
        tier if tiers.contains(&tier) => Ok(()),
        _ => Err(Error::invalid(format!(
            "For the storage class {class}, Tier has to be one of {}.",
            tiers.join(", ")
        ))),
    }
}

fn in_progress() -> Error {
    Error::new(Code::RestoreAlreadyInProgress, "The object is being restored already.")
}
