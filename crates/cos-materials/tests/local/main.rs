//! The client and the program against cos-local.

mod client;
mod command;
mod line;
mod place;
mod scene;
