//! The bucket whose objects are faults, as Tencent's own SDK tests use one: a key names what is
//! done to the request. `200`, `204` and so on answer with this status, `shutdown` closes the
//! connection, `timeout` never answers. An `r` at the end adds `x-cos-request-id`. What is worth a
//! second try succeeds once the request carries `x-cos-sdk-retry: true`.

use hyper::{Method, StatusCode};

use crate::call::{Call, Reply, empty, set, text};
use crate::digest::{ContentDigest, hex};
use crate::error::{Code, Error};

/// Its name. It is in every region and needs no signature.
pub(crate) const BUCKET: &str = "cos-sdk-err-retry-1253960454";

/// What is done to a request.
#[derive(Clone, Copy)]
enum Deed {
    Succeed(StatusCode),
    Fail(Code),
    Shutdown,
    Timeout,
}

/// What each key means; the empty one is the bucket itself.
const DEEDS: [(&str, Deed); 14] = [
    ("", Deed::Succeed(StatusCode::OK)),
    ("200", Deed::Succeed(StatusCode::OK)),
    ("204", Deed::Succeed(StatusCode::NO_CONTENT)),
    ("206", Deed::Succeed(StatusCode::PARTIAL_CONTENT)),
    ("301", Deed::Fail(Code::PermanentRedirect)),
    ("302", Deed::Fail(Code::TemporaryRedirect)),
    ("400", Deed::Fail(Code::InvalidRequest)),
    ("403", Deed::Fail(Code::AccessDenied)),
    ("404", Deed::Fail(Code::NoSuchKey)),
    ("500", Deed::Fail(Code::InternalError)),
    ("503", Deed::Fail(Code::ServiceUnavailable)),
    ("504", Deed::Fail(Code::GatewayTimeout)),
    ("shutdown", Deed::Shutdown),
    ("timeout", Deed::Timeout),
];

impl Deed {
    /// What is done to a second try.
    fn again(self) -> Self {
        match self {
            Self::Fail(code) if !code.status().is_server_error() => self,
            Self::Succeed(_) => self,
            _ => Self::Succeed(StatusCode::OK),
        }
    }
}

/// How an answer differs from others; attached to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has no request id.
    Unnamed,
    /// The connection closes in its place.
    Cut,
}

/// Does to a request what its key says.
pub(crate) async fn serve(call: &mut Call) -> Result<Reply, Error> {
    let mut digest = ContentDigest::new();
    while let Some(chunk) = call.body.chunk().await? {
        digest.update(&chunk);
    }
    let (name, with_id) = match call.key().strip_suffix('r') {
        Some(name) => (name, true),
        None => (call.key(), false),
    };
    let found = DEEDS.iter().find(|(key, _)| *key == name);
    let unknown = || Error::new(Code::NoSuchKey, "No fault goes by this key.");
    let (_, deed) = found.ok_or_else(unknown)?;
    let deed = match call.header("x-cos-sdk-retry") {
        Some("true") => deed.again(),
        _ => *deed,
    };
    let mut reply = match deed {
        Deed::Succeed(status) => empty(status),
        Deed::Fail(code) => return fail(call, code, with_id),
        Deed::Shutdown => return Ok(cut()),
        Deed::Timeout => std::future::pending().await,
    };
    // What was sent counts as stored, so that uploads can check it.
    let digested = digest.finish();
    set(&mut reply, "etag", format!("\"{}\"", hex(&digested.md5)))?;
    set(&mut reply, "x-cos-hash-crc64ecma", digested.crc64.to_string())?;
    Ok(if with_id { reply } else { marked(reply, Fault::Unnamed) })
}

/// With a request id the answer is COS's; without one it could be anybody's.
fn fail(call: &Call, code: Code, with_id: bool) -> Result<Reply, Error> {
    let message = "The key asks for this fault.";
    if with_id {
        return Err(Error::new(code, message));
    }
    let reply = match call.method {
        Method::HEAD => empty(code.status()),
        _ => {
            let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            text(code.status(), "application/xml", body)
        }
    };
    Ok(marked(reply, Fault::Unnamed))
}

/// What stands for an answer where the connection closes in its place.
pub(crate) fn cut() -> Reply {
    marked(empty(StatusCode::OK), Fault::Cut)
}

fn marked(mut reply: Reply, fault: Fault) -> Reply {
    reply.extensions_mut().insert(fault);
    reply
}
