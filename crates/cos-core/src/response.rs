//! What an answer means: a result for the caller, or an error with one decision about retrying.

use crate::catalogue::ResultShape;
use crate::digest::parse_decimal;
use crate::error::{Answer, Error, ErrorKind, Retry};
use crate::options::Options;
use crate::request::{Draft, header};
use crate::text::{contains, replace, split};
use crate::value::{Value, number_text};
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
    let mut document = String::new();
    let body = match body {
        Value::String(text) if text.trim_ascii_start().starts_with('<') => {
            document = text;
            xml::parse(&document)
        }
        _ => body,
    };
    let error_element = body.get("Error");
    if !(200..300).contains(&status) || !error_element.is_null() {
        let is_broken = !error_element.is_null() && !is_whole(&document, "Error", error_element);
        let detail = if error_element.is_null() { body } else { error_element.clone() };
        let mut error = refusal(status, headers, detail);
        if is_broken && error.retry == Retry::Never {
            // Half of its code may be missing, or all of it.
            error.retry = Retry::Backoff;
        }
        if status == 403 && draft.method == "HEAD" {
            // There is no body to tell the reason: the clock or the key may be it.
            error.retry = Retry::FixClock;
        }
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
        ResultShape::Element { path, .. } => split(path, b'.').next().unwrap_or_default(),
        ResultShape::Status
        | ResultShape::Whole
        | ResultShape::Raw
        | ResultShape::ETag
        | ResultShape::Stored => "",
    };
    if !root.is_empty() && !is_whole(&document, root, body.get(root)) {
        let message = ["COS answered ", draft.operation.name, " without <", root, ">"].concat();
        let mut error = Error::new(ErrorKind::Server, "COS_INCOMPLETE_ANSWER", message);
        error.answer = answer(status, headers);
        error.retry = Retry::Backoff;
        return Err(error);
    }
    Ok(Reply { status, headers, body, send })
}

/// Whether an answer has the element that it must have, up to its end: the parser takes what was
/// broken off for complete. `document` is empty for an answer that is no XML.
fn is_whole(document: &str, root: &str, element: &Value) -> bool {
    let is_empty = element.as_str() == Some("") && contains(document, "/>");
    let ends = document.is_empty() || contains(document, &["</", root, ">"].concat());
    !element.is_null() && (is_empty || ends)
}

/// The error that an answer stands for.
fn refusal(status: u16, headers: Vec<(String, String)>, detail: Value) -> Error {
    let code = match detail.get("Code").to_text() {
        code if code.is_empty() => ["HTTP_", &number_text(status.into())].concat(),
        code => code,
    };
    let message = match detail.get("Message").to_text() {
        message if message.is_empty() => ["COS answered ", &number_text(status.into())].concat(),
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

/// Whether COS may have carried out the request that ended in this error: no answer came, or one that
/// is not COS's own verdict.
pub fn is_unknown(error: &Error) -> bool {
    match error.answer.status {
        0 => error.retry != Retry::Never,
        500.. => !matches!(error.code.as_str(), "SlowDown" | "ServiceUnavailable"),
        _ => error.code == "COS_INCOMPLETE_ANSWER",
    }
}

/// Milliseconds for which an answer asks not to be asked again (RFC 9110, 10.2.3).
pub fn retry_after(headers: &[(String, String)], server_now: f64) -> f64 {
    let text = header(headers, "retry-after").unwrap_or_default();
    let seconds = parse_decimal(text).map(|seconds| seconds as f64 * 1000.0);
    seconds.or_else(|| parse_date(text).map(|date| date - server_now)).unwrap_or(0.0).max(0.0)
}

/// Whether a cache gave this answer, whose `Date` is then that of an earlier one. Names of headers are in
/// lower case.
pub fn is_cached(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(name, value)| match name.as_str() {
        "age" => true,
        "x-cache" | "x-cache-lookup" => replace(value, "hit", "").len() < value.len(),
        _ => false,
    })
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
    const MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    let text = text.trim_ascii();
    let fields: Vec<&str> = match text.strip_suffix('Z') {
        Some(iso) => split(iso, b'T').collect(),
        None => split(text, b' ').collect(),
    };
    let ([year, month, day], time) = match fields.as_slice() {
        [_, day, month, year, time, "GMT"] => {
            let month = split(MONTHS, b' ').position(|name| name == *month)? + 1;
            ([parse_decimal(year)?, month as u64, parse_decimal(day)?], *time)
        }
        [date, time] => (three_numbers(date, b'-')?, *time),
        _ => return None,
    };
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let [hours, minutes, seconds] = three_numbers(time, b':')?.map(|part| part as f64);
    Some(
        (days_since_1970(year as i64, month as i64, day as i64) as f64 * 86400.0
            + hours * 3600.0
            + minutes * 60.0
            + seconds)
            * 1000.0,
    )
}

/// The three numbers of a date or of a time of day.
fn three_numbers(text: &str, separator: u8) -> Option<[u64; 3]> {
    let mut parts = split(text, separator).map(parse_decimal);
    Some([parts.next()??, parts.next()??, parts.next()??])
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
