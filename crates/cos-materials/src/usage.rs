//! The usage of a bucket, and the free quota that it counts against.

use std::time::Duration;

use cos_core::error::{Error, ErrorKind};
use cos_core::quota::free_quota;
use cos_core::value::Value;

use crate::bucket::Bucket;
use crate::client::{cause, http, web_url};
use crate::failure::Failure;
use crate::json;

/// How long a server may take to tell the usage.
const PATIENCE: Duration = Duration::from_secs(15);

/// Asks a server for the usage of a bucket in this month: `GET <url>?bucket=<bucket>`, which answers
/// as cos-local's `/usage` does.
///
/// # Errors
/// The server cannot be reached or answers something else. The query of the URL may have a secret in
/// it and is not told.
pub async fn ask(url: &str, bucket: &str) -> Result<Value, Failure> {
    let mut url = web_url(url).ok_or_else(|| {
        Failure::Usage("servers.usage has to begin with http:// or https://".to_owned())
    })?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let failed = |why: String| Failure::Failed(format!("the server of usage, {host}, {why}"));
    url.query_pairs_mut().append_pair("bucket", bucket);
    let unreachable =
        |error: reqwest::Error| failed(format!("cannot be reached: {}", cause(error)));
    let asked = http(None)?.get(url).timeout(PATIENCE).send().await.map_err(unreachable)?;
    let status = asked.status();
    let body = asked.bytes().await.map_err(unreachable)?;
    match json::parse(&body) {
        Some(usage @ Value::Map(_)) if status.is_success() => Ok(usage),
        _ => Err(failed(format!("answered {} without usage", status.as_u16()))),
    }
}

/// What can be found out without such a server: how much all objects of the bucket take up. `None`
/// where the keys may not list the whole bucket.
///
/// # Errors
/// The bucket cannot be listed for another reason.
pub async fn estimate(bucket: &Bucket) -> Result<Option<Value>, Error> {
    match bucket.list("").await {
        Ok(objects) => {
            let bytes: u64 = objects.values().map(|object| object.size).sum();
            Ok(Some(Value::map().with("storageBytes", bytes as f64)))
        }
        Err(error) if error.kind == ErrorKind::Denied => Ok(None),
        Err(error) => Err(error),
    }
}

/// One kind of usage beside what is free of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// `storage`, `downstream`, `cdnOrigin`, `reads`, `writes` or `cdn`.
    pub name: String,
    /// Whether it is counted in bytes; otherwise in requests.
    pub in_bytes: bool,
    /// What is free in the month.
    pub granted: f64,
    /// So far in the month; nothing when it is not known, and then nothing below is.
    pub used: Option<f64>,
    /// What is left of it.
    pub free: Option<f64>,
    /// At the end of the month, if it goes on like this.
    pub forecast: Option<f64>,
    /// `ok`, `near`, `over` or `unknown`.
    pub level: String,
    /// When the larger grant of CDN ends, in milliseconds since 1970, while it lasts.
    pub lapses: Option<f64>,
    /// Whether that is 30 days away or less.
    pub lapsing: bool,
}

/// The free quota as rows, with the document that programs get.
pub fn rows(usage: &Value, now: f64) -> (Vec<Row>, serde_json::Value) {
    let quota = free_quota(usage, now);
    let rows = quota.items().iter().map(|row| Row {
        name: row.get("name").to_text(),
        in_bytes: row.get("unit").as_str() == Some("bytes"),
        granted: row.get("granted").as_number().unwrap_or(0.0),
        used: row.get("used").as_number(),
        free: row.get("free").as_number(),
        forecast: row.get("forecast").as_number(),
        level: row.get("level").to_text(),
        lapses: row.get("lapses").as_number(),
        lapsing: row.get("lapsing").is_truthy(),
    });
    (rows.collect(), json::to_json(&quota))
}
