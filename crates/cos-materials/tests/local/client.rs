//! The client over good and bad lines.

mod credential;
mod interruption;
mod object;
mod tls;
mod trouble;
