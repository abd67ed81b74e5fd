//! Temporary keys from an endpoint.

use std::net::IpAddr;
use std::time::Duration;

use cos_core::error::Error;
use cos_core::value::Value;
use reqwest::Url;

use super::{Secret, refused};
use crate::client::{cause, web_url};
use crate::json;

/// How long an answer may take, and how often it is asked for: all of it must end before the core
/// gives up on the question, which is after a minute.
const PATIENCE: Duration = Duration::from_secs(15);
const ATTEMPTS: u32 = 3;

/// The pause before another attempt.
const PAUSE: Duration = Duration::from_millis(500);

/// Refuses what is no URL of an endpoint.
pub(super) fn check(url: &str) -> Result<Url, Error> {
    web_url(url)
        .ok_or_else(|| refused("the URL of the STS endpoint has to begin with http:// or https://"))
}

/// Whether keys from there cross a network in the clear.
pub(super) fn is_exposed(url: &str) -> bool {
    check(url).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        url.scheme() == "http" && !is_local
    })
}

/// An endpoint, ready to be asked.
#[derive(Clone)]
pub(crate) struct Sts {
    url: Secret,
    http: reqwest::Client,
}

impl Sts {
    pub(crate) fn new(url: Secret, http: reqwest::Client) -> Sts {
        Sts { url, http }
    }

    /// A key for `bucket`, as the core takes it from `getAuthorization`. The error says what to look
    /// at and nothing of what the endpoint answered.
    pub(crate) async fn ask(&self, bucket: &str, region: &str) -> Result<Value, String> {
        let mut url = check(self.url.reveal()).map_err(|error| error.message)?;
        // Its query may have a secret in it.
        let mut shown = url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        let _ = shown.set_username("").and_then(|()| shown.set_password(None));
        for (name, value) in [("bucket", bucket), ("region", region)] {
            if !value.is_empty() && !url.query_pairs().any(|(given, _)| given == name) {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        let mut attempt = 1;
        loop {
            let outcome = tokio::time::timeout(PATIENCE, self.once(url.clone())).await;
            let (message, is_final) = match outcome {
                Ok(Ok(credential)) => return Ok(credential),
                Ok(Err(failure)) => failure,
                Err(_) => (format!("did not answer within {} s", PATIENCE.as_secs()), false),
            };
            if is_final || attempt == ATTEMPTS {
                return Err(format!("the STS endpoint {shown} {message}"));
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One attempt; a failure with whether another attempt is pointless.
    async fn once(&self, url: Url) -> Result<Value, (String, bool)> {
        let unreachable =
            |error: reqwest::Error| (format!("cannot be reached: {}", cause(error)), false);
        let response = self.http.get(url).send().await.map_err(unreachable)?;
        let status = response.status();
        if !status.is_success() {
            let message = format!("answered {}: look at its log", status.as_u16());
            return Err((message, !status.is_server_error()));
        }
        let body = response.bytes().await.map_err(unreachable)?;
        let answer = json::parse(&body).unwrap_or_default();
        let keys = answer.get("credentials");
        let credential = Value::map()
            .with("TmpSecretId", keys.get("tmpSecretId").clone())
            .with("TmpSecretKey", keys.get("tmpSecretKey").clone())
            .with("SecurityToken", keys.get("sessionToken").clone())
            .with("StartTime", answer.get("startTime").clone())
            .with("ExpiredTime", answer.get("expiredTime").clone());
        let lacks = |name: &str| !credential.get(name).is_truthy();
        if ["TmpSecretId", "TmpSecretKey", "SecurityToken", "ExpiredTime"]
            .iter()
            .any(|&name| lacks(name))
        {
            let message = "answered without credentials.tmpSecretId, .tmpSecretKey, .sessionToken \
                           and expiredTime";
            return Err((message.to_owned(), true));
        }
        Ok(credential)
    }
}
