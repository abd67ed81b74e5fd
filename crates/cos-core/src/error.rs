//! What can go wrong, as values: an [`Error`] says what happened, what COS said, and what to do.

use crate::value::Value;

/// What an error means to the person who has to act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The call itself is wrong: a parameter is missing or malformed. Correct the call.
    Usage,
    /// No usable credential: `getAuthorization` failed, or COS does not know the key or token.
    /// Look at what the credential callback returns.
    Credential,
    /// COS refuses the action. Grant the missing action or resource in the policy of the key.
    Denied,
    /// The bucket, object or upload does not exist. Check bucket, region and key.
    NotFound,
    /// The state of the object forbids the action (a precondition, an existing object).
    Conflict,
    /// COS asks for fewer requests. Try again later.
    Throttled,
    /// COS failed (5xx) more often than the retry budget allows. Try again later.
    Server,
    /// No answer arrived: offline, timed out, or the domain is not in the allow-list.
    Network,
    /// The bytes at COS are not the bytes that were meant. Upload again; nothing was reported as
    /// stored.
    Integrity,
    /// The caller cancelled.
    Canceled,
    /// A defect of this library. Report it.
    Internal,
}

impl ErrorKind {
    /// The name as it appears in `error.kind`.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Usage => "Usage",
            ErrorKind::Credential => "Credential",
            ErrorKind::Denied => "Denied",
            ErrorKind::NotFound => "NotFound",
            ErrorKind::Conflict => "Conflict",
            ErrorKind::Throttled => "Throttled",
            ErrorKind::Server => "Server",
            ErrorKind::Network => "Network",
            ErrorKind::Integrity => "Integrity",
            ErrorKind::Canceled => "Canceled",
            ErrorKind::Internal => "Internal",
        }
    }
}

/// What may cure an error, decided once in `response.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request can only fail again.
    Never,
    /// The same request may succeed after a pause, which `Retry-After` prolongs. Whether it may be sent
    /// again when its outcome is unknown is told by the operation's `repeat`.
    Backoff,
    /// The request was signed with a wrong clock; sign again with the corrected one, or else with
    /// another key. Also of a HEAD that was refused, since it has no body to tell why.
    FixClock,
    /// The credential was refused; ask for a new one.
    RefreshCredential,
    /// The host does not answer; sign and send to the other COS domain, after a pause.
    SwitchHost,
}

/// A failed call. Becomes upstream's error shape in one place of the shim.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// What it means.
    pub kind: ErrorKind,
    /// COS's error code (`NoSuchKey`), or this library's (`COS_CANCELED`).
    pub code: String,
    /// One sentence for a developer.
    pub message: String,
    /// Whether and how trying again may help.
    pub retry: Retry,
    /// What upstream puts in `error.error`: the parsed `<Error>` element, or a text.
    pub detail: Value,
    /// The upload in parts that this error interrupted: its id, empty before it has one. Upstream
    /// reports such errors inside another.
    pub upload_id: Option<String>,
    /// The request that failed, and what came back.
    pub answer: Box<Answer>,
}

/// The request behind an [`Error`] and its answer; empty when none was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// HTTP status; 0 when no answer arrived.
    pub status: u16,
    /// `x-cos-request-id` or `x-ci-request-id`; empty without one.
    pub request_id: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Method of the request.
    pub method: String,
    /// Its URL without the query, which may hold a signature.
    pub url: String,
    /// The actions that a policy must allow for it, `name/cos:PutObject`, with commas between.
    pub action: String,
    /// What upstream reports in `error.ErrorStatus`; empty for nothing.
    pub error_status: String,
    /// Whether COS may have carried out the request, or an earlier attempt of it, all the same.
    pub uncertain: bool,
}

impl Error {
    /// An error without an HTTP answer.
    pub fn new(kind: ErrorKind, code: &str, message: impl Into<String>) -> Error {
        let message = message.into();
        Error {
            kind,
            code: code.to_owned(),
            detail: Value::String(message.clone()),
            message,
            retry: Retry::Never,
            upload_id: None,
            answer: Box::default(),
        }
    }

    /// A wrong call.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Usage, "COS_USAGE", message)
    }

    /// A missing parameter, worded as upstream words it.
    pub fn missing(parameter: &str) -> Error {
        Error::usage(["missing param ", parameter].concat())
    }

    /// A cancelled call.
    pub fn canceled() -> Error {
        Error::new(ErrorKind::Canceled, "COS_CANCELED", "the task was canceled")
    }

    /// Bytes that differ from what was meant.
    pub fn integrity(message: impl Into<String>) -> Error {
        let mut error = Error::new(ErrorKind::Integrity, "COS_INTEGRITY", message);
        error.retry = Retry::Backoff;
        error
    }

    /// A file that is another one than when its upload began.
    pub fn file_changed(path: &str) -> Error {
        let message = [path, " changed while it was being uploaded: upload it again"].concat();
        Error::new(ErrorKind::Conflict, "COS_FILE_CHANGED", message)
    }

    /// Names the operation in the message of a wrong call. What upstream reports stays as it is,
    /// since applications compare it.
    pub fn of_operation(mut self, name: &str) -> Error {
        if self.code == "COS_USAGE" && self.detail.as_str() == Some(&self.message) {
            self.message = [name, ": ", &self.message].concat();
        }
        self
    }

    /// The error as the shim receives it.
    pub fn to_value(&self) -> Value {
        Value::map()
            .with("kind", self.kind.name())
            .with("code", self.code.as_str())
            .with("message", self.message.as_str())
            .with("statusCode", f64::from(self.answer.status))
            .with("requestId", self.answer.request_id.as_str())
            .with("retryable", self.retry != Retry::Never)
            .with("error", self.detail.clone())
            .with("headers", headers_value(&self.answer.headers))
            .with("method", self.answer.method.as_str())
            .with("url", self.answer.url.as_str())
            .with("hint", self.hint())
            .with("uploadId", self.upload_id.as_deref().map_or(Value::Null, Value::from))
            .with("errorStatus", self.answer.error_status.as_str())
    }
}

/// Headers as a map.
pub fn headers_value(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
}
