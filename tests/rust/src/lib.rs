//! What the tests of `cos-core` in `tests/` share: a device, a way to read what the engine asks
//! for, the rules that every run keeps, COS as a server sees it, and a world to play in.

pub mod answer;
pub mod client;
pub mod content;
pub mod device;
pub mod dialogue;
pub mod ledger;
pub mod line;
pub mod model;
pub mod secret;
pub mod signature;
pub mod soak;
pub mod world;
