//! What the tests of `cos-core` in `tests/` share: a device, a way to read what the engine asks
//! for, the rules that every run keeps, and COS as a server sees it.

pub mod answer;
pub mod client;
pub mod device;
pub mod dialogue;
pub mod ledger;
pub mod line;
pub mod model;
pub mod signature;
