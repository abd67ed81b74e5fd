//! What a [`Disturbance`] does to a request, and to the answer to it.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::StatusCode;
use hyper::body::{Body as _, Frame};

use super::Disturbance;
use crate::call::{Call, Reply, ReplyBody};
use crate::error::{Code, Error};
use crate::fault;
use crate::pace::Pace;

/// How long a client that was refused for sending too much is told to wait, in seconds.
const RETRY_AFTER: &str = "1";

impl Disturbance {
    /// Does to a request what is done before it is carried out. A value takes its place: an answer, or
    /// the end of the connection.
    pub(crate) async fn before(self, call: &mut Call) -> Option<Result<Reply, Error>> {
        match self {
            Self::Drop { after } => {
                let read = call.body.announced.unwrap_or_default() as f64 * after;
                call.body.drain(read as u64).await;
                return Some(Ok(fault::cut()));
            }
            Self::Refuse(code) => {
                let error = Error::new(code, "This is a fault that the server was told to inject.");
                return Some(Err(match code {
                    Code::TooManyRequests => error.with_header("retry-after", RETRY_AFTER),
                    _ => error,
                }));
            }
            Self::Corrupt => call.body.corrupted = true,
            Self::Delay(delay) => tokio::time::sleep(delay).await,
            Self::Slow { bytes_per_second } => {
                call.body.pace = Some(Pace::of_bytes(bytes_per_second));
            }
            Self::Lost | Self::Truncate { .. } => {}
        }
        None
    }

    /// Does to an answer that has all its headers what is done after a request was carried out.
    pub(crate) fn after(self, reply: Reply) -> Reply {
        match self {
            Self::Lost => fault::cut(),
            Self::Truncate { after } => match content_length(&reply) {
                Some(length) if !reply.body().is_end_stream() => {
                    reply.map(|body| truncated(body, (length as f64 * after) as u64))
                }
                _ => fault::cut(),
            },
            Self::Corrupt if gives_content(&reply) => reply.map(corrupted),
            Self::Slow { bytes_per_second } => {
                reply.map(|body| slowed(body, Pace::of_bytes(bytes_per_second)))
            }
            Self::Drop { .. } | Self::Refuse(_) | Self::Corrupt | Self::Delay(_) => reply,
        }
    }
}

/// What the client was told; an answer that is cut off without it could be taken for a whole one.
fn content_length(reply: &Reply) -> Option<u64> {
    reply.headers().get("content-length")?.to_str().ok()?.parse().ok()
}

/// Whether an answer is an object's content, rather than about one.
fn gives_content(reply: &Reply) -> bool {
    let success = [StatusCode::OK, StatusCode::PARTIAL_CONTENT].contains(&reply.status());
    success && reply.headers().contains_key("accept-ranges")
}

/// Content as it is after a bit of it was lost on the way.
pub(crate) fn corrupt(bytes: Bytes) -> Bytes {
    let mut bytes = BytesMut::from(bytes);
    if let Some(byte) = bytes.last_mut() {
        *byte ^= 1;
    }
    bytes.freeze()
}

/// The body of an answer, corrupted.
fn corrupted(body: ReplyBody) -> ReplyBody {
    body.map_frame(|frame| frame.map_data(corrupt)).boxed_unsync()
}

/// The first bytes of a body, and then the end of the connection.
fn truncated(body: ReplyBody, bytes: u64) -> ReplyBody {
    let pieces =
        stream::unfold((body.into_data_stream(), bytes), |(mut pieces, left)| async move {
            let next = if left > 0 { pieces.next().await } else { None };
            let Some(Ok(mut piece)) = next else {
                // Lets the connection send what came before.
                tokio::task::yield_now().await;
                return Some((Err(io::ErrorKind::ConnectionAborted.into()), (pieces, 0)));
            };
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            let piece = piece.split_to(length);
            Some((Ok(Frame::data(piece)), (pieces, left - length as u64)))
        });
    BodyExt::boxed_unsync(StreamBody::new(pieces))
}

/// A body that trickles.
fn slowed(body: ReplyBody, pace: Pace) -> ReplyBody {
    let state = (body.into_data_stream(), Bytes::new(), pace);
    let pieces = stream::unfold(state, |(mut pieces, mut rest, mut pace)| async move {
        if rest.is_empty() {
            match pieces.next().await? {
                Ok(piece) => rest = piece,
                Err(error) => return Some((Err(error), (pieces, rest, pace))),
            }
        }
        let length = usize::try_from(pace.piece()).unwrap_or(usize::MAX).min(rest.len());
        let piece = rest.split_to(length);
        pace.pass(piece.len() as u64).await;
        Some((Ok(Frame::data(piece)), (pieces, rest, pace)))
    });
    BodyExt::boxed_unsync(StreamBody::new(pieces))
}
