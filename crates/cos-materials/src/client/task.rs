//! What of a call stays on this side of the engine.

use bytes::Bytes;
use cos_core::effect::Progress;
use cos_core::error::Error;
use cos_core::value::Value;
use tokio::sync::oneshot;

/// What of a call stays on this side of the engine.
#[derive(Default)]
pub(super) struct Task {
    pub(super) body: Option<Bytes>,
    pub(super) on_progress: Option<Box<dyn FnMut(Progress) + Send>>,
    pub(super) settle: Option<oneshot::Sender<Result<Settled, Error>>>,
    pub(super) ticket: u64,
    /// What the call fails with, if it fails: known here and not to the engine.
    pub(super) verdict: Option<Error>,
}

/// A call that succeeded.
pub(super) struct Settled {
    pub(super) data: Value,
    pub(super) body: Option<Bytes>,
}
