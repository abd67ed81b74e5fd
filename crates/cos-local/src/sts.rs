//! The endpoint that hands out temporary keys, in the form a mini program's own server usually
//! gives them.

use hyper::{Method, StatusCode};
use serde::Serialize;

use crate::bucket;
use crate::call::{Call, Reply, text};
use crate::digest::random_hex;
use crate::error::{Code, Error};
use crate::service::Service;

/// The path of the endpoint, on the server's own address.
pub(crate) const PATH: &str = "/sts";

/// How long keys last unless told otherwise, and at most, in seconds.
const USUAL_DURATION: u32 = 1800;
const LONGEST_DURATION: u32 = 43_200;

/// Answers `GET` or `POST /sts?bucket=&durationSeconds=`. The keys are good for `bucket`, or for
/// all without it; a `region` is taken and not needed.
pub(crate) fn serve(service: &Service, call: &Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        credentials: Credentials,
        start_time: i64,
        expired_time: i64,
        request_id: String,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Credentials {
        tmp_secret_id: String,
        tmp_secret_key: String,
        session_token: String,
    }
    if call.method != Method::GET && call.method != Method::POST {
        return Err(Error::new(
            Code::MethodNotAllowed,
            "Temporary keys are asked for by GET or POST.",
        ));
    }
    let bucket = call.query.get("bucket").filter(|name| !name.is_empty());
    bucket.map_or(Ok(()), bucket::check_name)?;
    let duration = call.number("durationSeconds", USUAL_DURATION)?;
    if !(1..=LONGEST_DURATION).contains(&duration) {
        return Err(Error::invalid(format!(
            "durationSeconds has to be between 1 and {LONGEST_DURATION}."
        )));
    }
    let keys = service.keyring.issue(bucket.map(str::to_owned), i64::from(duration))?;
    let answer = Answer {
        credentials: Credentials {
            tmp_secret_id: keys.secret_id,
            tmp_secret_key: keys.secret_key,
            session_token: keys.token,
        },
        start_time: keys.start,
        expired_time: keys.expires,
        request_id: random_hex(16)?,
    };
    Ok(text(StatusCode::OK, "application/json", serde_json::to_vec(&answer)?))
}
