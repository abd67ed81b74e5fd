//! One request being served, and the answer to it.

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};

use crate::credential::Caller;
use crate::digest::{md5, parse_content_md5};
use crate::disturbance;
use crate::error::{Code, Error};
use crate::host::{Query, Target};
use crate::pace::Pace;

/// The most content of one request: an object or a part.
pub(crate) const LARGEST_CONTENT: u64 = 5 << 30;

/// The most bytes of an XML body: 10 000 parts with room to spare.
const LARGEST_XML: u64 = 2 << 20;

/// One request being served.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) target: Target,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Content,
    pub(crate) caller: Caller,
}

impl Call {
    /// The bucket that the request names.
    pub(crate) fn bucket(&self) -> &str {
        self.target.bucket.as_deref().unwrap_or_default()
    }

    pub(crate) fn key(&self) -> &str {
        &self.target.key
    }

    /// Bucket, key and version id that the request names; the last may be absent or empty.
    pub(crate) fn object_version(&self) -> (String, String, Option<String>) {
        let version = self.query.get("versionId").filter(|id| !id.is_empty());
        (self.bucket().to_owned(), self.key().to_owned(), version.map(str::to_owned))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A query parameter that is a whole number, or `default` where it is absent or empty.
    pub(crate) fn number(&self, name: &str, default: u32) -> Result<u32, Error> {
        match self.query.get(name) {
            None | Some("") => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                Error::invalid(format!("{name} has to be a whole number that is not negative."))
            }),
        }
    }

    /// A piece of an object's content as it came in.
    pub(crate) fn received(&self, piece: Bytes) -> Bytes {
        if self.body.corrupted { disturbance::corrupt(piece) } else { piece }
    }

    /// The pace that the request asks for, in its headers or its query.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub(crate) fn pace(&self) -> Result<Option<Pace>, Error> {
        const LIMIT: &str = "x-cos-traffic-limit";
        Pace::parse(self.header(LIMIT).or_else(|| self.query.get(LIMIT)))
    }

    /// The 16 bytes of `Content-MD5`, if it is there.
    ///
    /// # Errors
    /// `InvalidDigest`.
    pub(crate) fn content_md5(&self) -> Result<Option<[u8; 16]>, Error> {
        let Some(header) = self.headers.get("content-md5").filter(|header| !header.is_empty())
        else {
            return Ok(None);
        };
        let digest = header.to_str().ok().and_then(parse_content_md5);
        let message = "Content-MD5 has to be the base64 of 16 bytes.";
        digest.map(Some).ok_or_else(|| Error::new(Code::InvalidDigest, message))
    }

    /// The whole of a small body.
    ///
    /// # Errors
    /// `MissingRequestBodyError` for an empty one, `BadDigest` where it differs from its
    /// `Content-MD5`.
    pub(crate) async fn xml_body(&mut self) -> Result<Bytes, Error> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.body.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() as u64 > LARGEST_XML {
                return Err(Error::new(
                    Code::MalformedXML,
                    "The XML of the request body is too long.",
                ));
            }
        }
        if body.is_empty() {
            return Err(Error::new(
                Code::MissingRequestBodyError,
                "The operation needs a request body.",
            ));
        }
        if self.content_md5()?.is_some_and(|expected| expected != md5(&body)) {
            return Err(bad_digest());
        }
        Ok(body.freeze())
    }
}

/// The refusal of content that did not arrive as it was sent.
pub(crate) fn bad_digest() -> Error {
    Error::new(Code::BadDigest, "The content received differs from its Content-MD5.")
}

/// The body of a request, read piece by piece.
pub(crate) struct Content {
    /// `None` while an operation has taken it.
    incoming: Option<Incoming>,
    /// The length in bytes that the client announced, unless it sends chunks.
    pub(crate) announced: Option<u64>,
    chunked: bool,
    received: u64,
    failed: bool,
    /// How fast it comes in, unless it comes as it is sent.
    pub(crate) pace: Option<Pace>,
    /// Whether an object's content comes in with bits of it changed.
    pub(crate) corrupted: bool,
}

impl Content {
    pub(crate) fn new(incoming: Incoming, headers: &HeaderMap) -> Self {
        let announced =
            headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
        let chunked = headers.contains_key("transfer-encoding");
        Self { incoming: Some(incoming), announced, chunked, ..Self::none() }
    }

    /// No body.
    pub(crate) fn none() -> Self {
        Self {
            incoming: None,
            announced: None,
            chunked: false,
            received: 0,
            failed: false,
            pace: None,
            corrupted: false,
        }
    }

    /// Whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.announced == Some(0) || self.is_finished()
    }

    /// Takes the body out of a call, to be read while the rest of the call is looked at.
    pub(crate) fn take(&mut self) -> Self {
        Self { incoming: self.incoming.take(), pace: self.pace.take(), ..*self }
    }

    /// The next piece, `None` at the end.
    ///
    /// # Errors
    /// `IncompleteBody` where the connection broke, `EntityTooLarge` beyond [`LARGEST_CONTENT`].
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let Some(incoming) = &mut self.incoming else { return Ok(None) };
            match incoming.frame().await {
                None => return Ok(None),
                Some(Err(_)) => {
                    self.failed = true;
                    return Err(Error::new(
                        Code::IncompleteBody,
                        "The request body ended before its announced length.",
                    ));
                }
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    self.received += data.len() as u64;
                    self.check_size(self.received)?;
                    if let Some(pace) = &mut self.pace {
                        pace.pass(data.len() as u64).await;
                    }
                    return Ok(Some(data));
                }
            }
        }
    }

    /// Refuses a body that is too long, or of which nobody can tell how long it is.
    pub(crate) fn check_length(&self) -> Result<(), Error> {
        match self.announced {
            Some(length) => self.check_size(length),
            None if self.chunked => Ok(()),
            None => Err(Error::new(
                Code::MissingContentLength,
                "The request has to have a Content-Length header.",
            )),
        }
    }

    fn check_size(&self, size: u64) -> Result<(), Error> {
        match size > LARGEST_CONTENT {
            true => Err(Error::new(
                Code::EntityTooLarge,
                "An object or part sent in one request has at most 5 GiB.",
            )),
            false => Ok(()),
        }
    }

    /// Reads and forgets up to `limit` bytes.
    pub(crate) async fn drain(&mut self, limit: u64) {
        let end = self.received.saturating_add(limit);
        while self.received < end && matches!(self.chunk().await, Ok(Some(_))) {}
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.failed || self.incoming.as_ref().is_none_or(|incoming| incoming.is_end_stream())
    }
}

/// The body of an answer.
pub(crate) type ReplyBody = UnsyncBoxBody<Bytes, std::io::Error>;
/// An answer, before the headers that every answer has.
pub(crate) type Reply = Response<ReplyBody>;

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Empty::new().map_err(never).boxed_unsync());
    *reply.status_mut() = status;
    reply
}

/// An answer with a short body.
pub(crate) fn text(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = Response::new(Full::new(body.into()).map_err(never).boxed_unsync());
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// A 200 with an XML document.
pub(crate) fn xml(value: &impl serde::Serialize) -> Result<Reply, Error> {
    Ok(text(StatusCode::OK, "application/xml", crate::xml::write(value)?))
}

/// Sets a header of an answer.
///
/// # Errors
/// `InvalidArgument` for a value that no header can have, such as one with a line break.
pub(crate) fn set(reply: &mut Reply, name: &str, value: impl AsRef<str>) -> Result<(), Error> {
    let invalid =
        || Error::invalid(format!("The header {name} has characters that no header may have."));
    let value = HeaderValue::from_bytes(value.as_ref().as_bytes()).map_err(|_| invalid())?;
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
    reply.headers_mut().insert(name, value);
    Ok(())
}

fn never(error: Infallible) -> std::io::Error {
    match error {}
}
