//! The error codes of COS and the XML body that carries them (documents 436/7730 and, for the wire
//! form, real answers).

use std::borrow::Cow;
use std::fmt;

use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};

use crate::call::{Reply, empty, set, text};
use crate::xml;

macro_rules! codes {
    ($($status:literal: $($code:ident)*;)*) => {
        /// An error code of COS; its name is its spelling on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($($code,)*)* }

        impl Code {
            /// The HTTP status that goes with the code.
            pub(crate) fn status(self) -> StatusCode {
                let status = match self { $($(Code::$code)|* => $status,)* };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    };
}

codes! {
    301: PermanentRedirect;
    302: TemporaryRedirect;
    400: AIBucketUnBinded BadDigest DocBucketUnBinded EntityTooLarge EntityTooSmall ExpiredToken IncompleteBody
         InvalidArgument InvalidBucketName InvalidCopySource InvalidDigest InvalidImageFormat InvalidPart InvalidPartOrder
         InvalidPolicyDocument InvalidRequest InvalidTag InvalidURI KeyTooLong MalformedPOSTRequest MalformedPolicy
         MalformedXML MediaBucketUnBinded MissingRequestBodyError PicBucketUnBinded;
    403: AccessDenied AccessForbidden InvalidAccessKeyId InvalidObjectState RequestTimeTooSkewed
         SignatureDoesNotMatch;
    404: IntelligentTieringConfigurationNotFoundError InventoryConfigurationNotFoundError NoSuchBucket
         NoSuchBucketPolicy NoSuchCORSConfiguration NoSuchEncryptionConfiguration NoSuchKey
         NoSuchLifecycleConfiguration NoSuchRefererConfiguration NoSuchTagSet NoSuchUpload NoSuchVersion
         NoSuchWebsiteConfiguration OriginConfigurationNotFoundError ReplicationConfigurationNotFoundError;
    405: MethodNotAllowed RestoreNonArchiveObject;
    409: AppendPositionErr BucketAlreadyOwnedByYou BucketNotEmpty FileAlreadyExists ObjectNotAppendable
         RestoreAlreadyInProgress;
    411: MissingContentLength;
    412: PreconditionFailed;
    416: InvalidRange;
    429: TooManyRequests;
    500: InternalError;
    501: NotImplemented;
    503: ServiceUnavailable;
    504: GatewayTimeout;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A refused request: what the client is told, and what only the log is told.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) code: Code,
    pub(crate) message: Cow<'static, str>,
    /// Further elements of the body, such as `ServerTime`.
    pub(crate) details: Vec<(&'static str, String)>,
    /// Headers of the answer, such as `x-cos-delete-marker`.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The reason of an `InternalError`, for the log alone.
    pub(crate) cause: Option<String>,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// A failure of this machine; the client learns only that it happened.
    pub(crate) fn internal(cause: impl fmt::Display) -> Self {
        let message = "The server failed to serve the request; its log says why.";
        Self { cause: Some(cause.to_string()), ..Self::new(Code::InternalError, message) }
    }

    pub(crate) fn with(mut self, element: &'static str, text: impl Into<String>) -> Self {
        self.details.push((element, text.into()));
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Tells the log why a request failed, if that is to blame on this machine.
    pub(crate) fn log(&self, id: &str) {
        if let Some(cause) = &self.cause {
            tracing::error!(id, cause, "the request could not be served");
        }
    }

    /// The answer to the refused request.
    pub(crate) fn to_reply(&self, resource: &str, id: &str, method: &Method) -> Reply {
        let status = self.code.status();
        let mut reply = match *method == Method::HEAD {
            true => empty(status),
            false => text(status, "application/xml", self.to_xml(resource, id)),
        };
        if let Ok(value) = HeaderValue::from_str(id) {
            reply.headers_mut().insert("x-cos-trace-id", value);
        }
        if let Some((_, size)) = self.details.iter().find(|(name, _)| *name == "ObjectSize") {
            let _ = set(&mut reply, "content-range", format!("bytes */{size}"));
        }
        for (name, value) in &self.headers {
            let _ = set(&mut reply, name, value);
        }
        reply
    }

    /// The body of the answer.
    fn to_xml(&self, resource: &str, request_id: &str) -> String {
        let code = self.code.to_string();
        let mut elements = vec![("Code", code.as_str()), ("Message", &self.message)];
        elements.extend(self.details.iter().map(|(name, text)| (*name, text.as_str())));
        elements.extend([
            ("Resource", resource),
            ("RequestId", request_id),
            ("TraceId", request_id),
        ]);
        let mut body = String::from("<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n");
        for (name, text) in elements {
            body.push_str(&format!("\t<{name}>{}</{name}>\n", xml::escape(text)));
        }
        body.push_str("</Error>\n");
        body
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

macro_rules! internal_from {
    ($($error:ty),*) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::internal(error)
            }
        })*
    };
}

internal_from!(
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    serde_json::Error,
    tokio::task::JoinError
);
