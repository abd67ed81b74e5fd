//! Signatures, digests and percent-encoding of COS requests: what `cos-core` computes most often.
//!
//! A crate of its own so that it can be compiled for speed while the rest of the module is compiled
//! for size: without a JIT, each of these is interpreted instruction by instruction.
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used)
)]

pub mod description;
pub mod digest;
pub mod percent;
pub mod sign;
