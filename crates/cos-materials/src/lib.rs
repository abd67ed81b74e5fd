//! Materials of mini programs in Tencent Cloud COS: what the command line does, without its words.
//!
//! [`project`] is a mini program's folder with its [`settings`], [`material`] finds the materials in it,
//! [`comparison`] lays them beside the objects of the [`bucket`], [`manifest`] writes the module that
//! mini program code requires, [`package`] finds what the package could do without, and [`usage`]
//! tells what of the free quota is left. [`client`] carries out on a computer what cos-core decides,
//! and [`credential`] says with which keys.
#![forbid(unsafe_code)]

pub mod bucket;
pub mod client;
pub mod comparison;
pub mod credential;
pub mod failure;
pub mod json;
pub mod manifest;
pub mod material;
pub mod package;
pub mod project;
pub mod settings;
pub mod usage;
