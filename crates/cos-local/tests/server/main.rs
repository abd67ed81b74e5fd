//! The server over its wire: requests written byte by byte and signed by a signer of the tests'
//! own.

mod access;
mod append;
mod archives;
mod cdn;
mod client;
mod configuration;
mod copies;
mod crashes;
mod deletions;
mod disturbances;
mod encryption;
mod faults;
mod forms;
mod headers;
mod images;
mod infinite;
mod lists;
mod objects;
mod origins;
mod program;
mod signatures;
mod tags;
mod uploads;
mod usage;
mod versions;
