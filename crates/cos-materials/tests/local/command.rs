//! The program, run as developers and the developer tools run it.

mod demo;
mod interruption;
mod manifest;
mod pull;
mod push;
#[cfg(unix)]
mod question;
mod removal;
mod status;
mod trouble;
mod url;
