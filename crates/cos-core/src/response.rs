//! What an answer means: a result for the caller, or an error with one decision about retrying.

use crate::catalogue::ResultShape;
use crate::error::{Answer, Error, ErrorKind, Retry};
use crate::options::Options;
use crate::request::{Draft, header};
use crate::text::contains;
use crate::value::Value;
use crate::xml;

/// A successful answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status, 2xx.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The parsed body: a map for XML and JSON, a text otherwise.
    pub body: Value,
    /// The send whose body the host kept.
    pub send: u32,
}

impl Reply {
    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The ETag header, quoted as COS sends it; empty without one.
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_default().to_owned()
    }

    /// The CRC64 that COS computed over the bytes it holds.
    pub fn crc64(&self) -> Option<u64> {
        self.header("x-cos-hash-crc64ecma").and_then(crate::digest::parse_crc64)
    }
}

/// Reads an answer. `body` is the text as it came, or the object that the host parsed from JSON;
/// null when the host kept it.
///
/// # Errors
/// Every status but 2xx, and a 2xx that carries an `<Error>`, which COS sends when an operation
/// fails after it has begun to answer (436/7742). A root element that the operation needs and the
/// answer lacks is an error too: half an answer is not a success.
pub fn read(
    draft: &Draft,
    send: u32,
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
) -> Result<Reply, Error> {
    let headers: Vec<(String, String)> =
        headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let body = match &body {
        Value::String(text) if text.trim_start().starts_with('<') => xml::parse(text),
        _ => body,
    };
    let error_element = body.get("Error");
    if !(200..300).contains(&status) || !error_element.is_null() {
        let detail = if error_element.is_null() { body } else { error_element.clone() };
        let mut error = refusal(status, headers, detail);
        if draft.operation.name == "getBucketPolicy" {
            error.answer.error_status = match status {
                403 => "Access Denied",
                404 => "Policy Not Found",
                405 => "Method Not Allowed",
                _ => "",
            }
            .to_owned();
        }
        return Err(error);
    }
    let root = match draft.operation.result {
        ResultShape::Members { root, .. } => root,
        ResultShape::Element { path, .. } => path.first().copied().unwrap_or_default(),
        ResultShape::Status
        | ResultShape::Whole
        | ResultShape::Raw
        | ResultShape::ETag
        | ResultShape::Stored => "",
    };
    if !root.is_empty() && body.get(root).is_null() {
        let message = format!("COS answered {} without <{root}>", draft.operation.name);
        let mut error = Error::new(ErrorKind::Server, "COS_INCOMPLETE_ANSWER", message);
        error.answer = answer(status, headers);
        error.retry = Retry::Backoff;
        return Err(error);
    }
    Ok(Reply { status, headers, body, send })
}

/// The error that an answer stands for.
fn refusal(status: u16, headers: Vec<(String, String)>, detail: Value) -> Error {
    let code = match detail.get("Code").to_text() {
        code if code.is_empty() => format!("HTTP_{}", u32::from(status)),
        code => code,
    };
    let message = match detail.get("Message").to_text() {
        message if message.is_empty() => format!("COS answered {}", u32::from(status)),
        message => message,
    };
    let (kind, retry) = judge(status, &code, &message);
    Error {
        kind,
        retry,
        code,
        message,
        // Upstream reports an empty answer as an empty object.
        detail: if detail.is_truthy() { detail } else { Value::map() },
        upload_id: None,
        answer: answer(status, headers),
    }
}

/// What is told of an answer in an error.
pub fn answer(status: u16, headers: Vec<(String, String)>) -> Box<Answer> {
    let request_id = header(&headers, "x-cos-request-id")
        .or_else(|| header(&headers, "x-ci-request-id"))
        .unwrap_or_default()
        .to_owned();
    Box::new(Answer { status, request_id, headers, ..Answer::default() })
}

/// The one place where an answer is judged (error codes: 436/7730).
fn judge(status: u16, code: &str, message: &str) -> (ErrorKind, Retry) {
    match (status, code) {
        (_, "RequestTimeTooSkewed") => (ErrorKind::Credential, Retry::FixClock),
        (_, "AccessDenied") if message == "Request has expired" => {
            (ErrorKind::Credential, Retry::FixClock)
        }
        (_, "InvalidAccessKeyId" | "ExpiredToken" | "InvalidToken" | "InvalidSecurityToken") => {
            (ErrorKind::Credential, Retry::RefreshCredential)
        }
        (_, "SignatureDoesNotMatch") => (ErrorKind::Credential, Retry::Never),
        // Also inside a 200, as the codes below.
        (_, "AccessDenied") => (ErrorKind::Denied, Retry::Never),
        (_, "NoSuchUpload" | "NoSuchKey" | "NoSuchBucket") => (ErrorKind::NotFound, Retry::Never),
        (_, "BadDigest") => (ErrorKind::Integrity, Retry::Backoff),
        (_, "RequestTimeout" | "IncompleteBody") => (ErrorKind::Network, Retry::Backoff),
        (429, _) | (_, "SlowDown") => (ErrorKind::Throttled, Retry::Backoff),
        (_, "InternalError" | "ServiceUnavailable") => (ErrorKind::Server, Retry::Backoff),
        (501, _) => (ErrorKind::Usage, Retry::Never),
        (500.., _) => (ErrorKind::Server, Retry::Backoff),
        (401 | 403, _) => (ErrorKind::Denied, Retry::Never),
        (404, _) => (ErrorKind::NotFound, Retry::Never),
        (304 | 409 | 412, _) => (ErrorKind::Conflict, Retry::Never),
        (408, _) => (ErrorKind::Network, Retry::Backoff),
        (300..=399, _) => (ErrorKind::NotFound, Retry::Never),
        _ => (ErrorKind::Usage, Retry::Never),
    }
}

/// The error that a request without an answer stands for. `message` is the host's, such as
/// `request:fail timeout`.
pub fn failure(message: &str, options: &Options) -> Error {
    let mut error = Error::new(ErrorKind::Network, "COS_NETWORK", message);
    error.retry = if contains(message, "domain list") || contains(message, "invalid url") {
        Retry::Never
    } else if options.auto_switch_host {
        Retry::SwitchHost
    } else {
        Retry::Backoff
    };
    error
}

/// Milliseconds since 1970 of an HTTP date (`Thu, 16 May 2019 06:45:51 GMT`) or of the ISO time
/// that COS writes into `<ServerTime>`. `None` for anything else.
pub fn parse_date(text: &str) -> Option<f64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = text.trim();
    let fields: Vec<&str> = match text.strip_suffix('Z') {
        Some(iso) => iso.split('T').collect(),
        None => text.split(' ').collect(),
    };
    let (year, month, day, time) = match fields.as_slice() {
        [_, day, month, year, time, "GMT"] => {
            let month = MONTHS.iter().position(|name| name == month)? + 1;
            (year.parse().ok()?, month as i64, day.parse().ok()?, *time)
        }
        [date, time] => {
            let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
            (parts.next()??, parts.next()??, parts.next()??, *time)
        }
        _ => return None,
    };
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let mut clock = time.split(':').map(|part| part.parse::<u32>().ok().map(f64::from));
    let (hours, minutes, seconds) = (clock.next()??, clock.next()??, clock.next()??);
    Some(
        (days_since_1970(year, month, day) as f64 * 86400.0
            + hours * 3600.0
            + minutes * 60.0
            + seconds)
            * 1000.0,
    )
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; years count from March, so that the
/// leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_http_and_of_cos() {
        assert_eq!(parse_date("Thu, 16 May 2019 06:45:51 GMT"), Some(1_557_989_151_000.0));
        assert_eq!(parse_date("2019-05-16T06:45:51Z"), Some(1_557_989_151_000.0));
        assert_eq!(parse_date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800_000.0));
        assert_eq!(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0.0));
        for wrong in ["", "yesterday", "Thu, 16 Foo 2019 06:45:51 GMT", "2019-05-16", "a-b-cTd:e:f"]
        {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn codes_decide_before_statuses() {
        assert_eq!(judge(403, "AccessDenied", "Access Denied."), (ErrorKind::Denied, Retry::Never));
        assert_eq!(judge(403, "AccessDenied", "Request has expired").1, Retry::FixClock);
        assert_eq!(judge(403, "InvalidAccessKeyId", "").1, Retry::RefreshCredential);
        assert_eq!(judge(503, "SlowDown", "").0, ErrorKind::Throttled);
        assert_eq!(judge(200, "InternalError", ""), (ErrorKind::Server, Retry::Backoff));
        assert_eq!(judge(400, "InvalidArgument", ""), (ErrorKind::Usage, Retry::Never));
        assert_eq!(judge(404, "NoSuchKey", "").0, ErrorKind::NotFound);
    }
}
