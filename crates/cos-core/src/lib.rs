//! Every decision of a COS client for WeChat mini programs, without IO, clock or randomness.
//!
//! [`engine::Engine`] is the client: it takes inputs (a call, an answer, the time) and queues
//! [`effect::Effect`]s, which a host carries out and answers. In a mini program the host is a thin
//! JavaScript shim over `wx.*`; on a computer it is any HTTP client.
//!
//! ```
//! use cos_core::{effect::Effect, engine::Engine, value::Value};
//!
//! let options = Value::map().with("SecretId", "AKIDexample").with("SecretKey", "secret");
//! let mut engine = Engine::new(&options, 1, 1_700_000_000_000.0);
//! let params = Value::map()
//!     .with("Bucket", "examplebucket-1250000000")
//!     .with("Region", "ap-guangzhou")
//!     .with("Key", "a.txt");
//! let call = engine.submit("headObject", params, 1_700_000_000_000.0);
//!
//! let Some(Effect::Send { id, request, .. }) = engine.poll_effect() else { unreachable!() };
//! assert_eq!(request.url, "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/a.txt");
//! engine.handle_response(id, 200, vec![("ETag".into(), "\"x\"".into())], Value::Null, 0.0);
//! let Some(Effect::Settle { call: settled, outcome: Ok(data), .. }) = engine.poll_effect() else {
//!     unreachable!()
//! };
//! assert_eq!((settled, data.get("ETag").as_str()), (call, Some("\"x\"")));
//! ```
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used)
)]

mod abort;
mod calendar;
mod call;
pub mod catalogue;
pub mod cdn;
mod check;
mod context;
mod copy;
mod credential;
mod document;
mod download;
pub mod effect;
pub mod endpoint;
pub mod engine;
pub mod error;
mod exchange;
mod hint;
mod idmap;
mod machine;
pub mod mime;
mod multipart;
mod options;
mod parts;
mod presign;
mod progress;
mod queue;
pub mod quota;
mod record;
mod report;
pub mod request;
mod response;
mod restore;
mod result;
mod single;
mod task;
mod text;
mod upload;
pub mod value;
pub mod xml;

pub use context::Stat;
pub use cos_sign::{digest, sign};
pub use exchange::Usage;
pub use presign::{PresignForm, authorization, presigned_query};
