//! The server over its wire: requests written byte by byte and signed by a signer of the tests'
//! own.

mod client;
mod forms;
mod headers;
mod lists;
mod objects;
mod program;
mod signatures;
mod uploads;
