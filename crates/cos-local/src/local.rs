//! The endpoints on the server's own address: for programs and pages of this machine alone.

use std::net::SocketAddr;

use serde::Serialize;

use crate::call::{Call, Reply, set, text};
use crate::cdn::domain;
use crate::error::{Code, Error};
use crate::host::is_loopback;
use crate::service::Service;
use crate::{disturbance, sts, usage};

/// What is asked of the server itself, rather than of COS.
#[derive(Clone, Copy)]
pub(crate) enum Endpoint {
    TemporaryKeys,
    Usage,
    Domain,
    Faults,
}

impl Endpoint {
    /// The endpoint that a request means, if any.
    pub(crate) fn find(call: &Call, path: &str) -> Option<Self> {
        match path {
            _ if call.target.cos_host => None,
            sts::PATH => Some(Self::TemporaryKeys),
            usage::PATH => Some(Self::Usage),
            domain::PATH => Some(Self::Domain),
            disturbance::PATH => Some(Self::Faults),
            _ => None,
        }
    }

    /// As the log calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TemporaryKeys => "GetTemporaryKeys",
            Self::Usage => "GetUsage",
            Self::Domain => "GetDomain",
            Self::Faults => "Faults",
        }
    }

    /// Answers programs and pages of this machine only: not other machines, and not pages from
    /// elsewhere that had a name of theirs rebound to this address.
    pub(crate) async fn serve(
        self,
        service: &Service,
        call: &Call,
        peer: SocketAddr,
    ) -> Result<Reply, Error> {
        let answer = match peer.ip().is_loopback() && is_loopback(&call.target.host) {
            false => Err(Error::new(
                Code::AccessDenied,
                "This is answered on this machine only, at http://127.0.0.1.",
            )),
            true => match self {
                Self::TemporaryKeys => sts::serve(service, call),
                Self::Usage => usage::serve(service, call).await,
                Self::Domain => domain::serve(service, call),
                Self::Faults => disturbance::serve(service, call),
            },
        };
        for_local_pages(answer.unwrap_or_else(|error| refuse(&error)), call)
    }
}

fn refuse(error: &Error) -> Reply {
    #[derive(Serialize)]
    struct Refusal<'a> {
        code: String,
        message: &'a str,
    }
    let refusal = Refusal { code: error.code.to_string(), message: &error.message };
    text(error.code.status(), "application/json", serde_json::to_vec(&refusal).unwrap_or_default())
}

/// Lets only pages of this machine read the answer.
fn for_local_pages(mut reply: Reply, call: &Call) -> Result<Reply, Error> {
    let origin = call.header("origin").unwrap_or_default();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let allowed = if is_loopback(host) { origin } else { "http://127.0.0.1" };
    set(&mut reply, "access-control-allow-origin", allowed)?;
    set(&mut reply, "vary", "Origin")?;
    Ok(reply)
}
