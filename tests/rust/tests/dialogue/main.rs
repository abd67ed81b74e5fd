//! What passes between the engine, the device and COS, line by line.

mod abort;
mod batch;
mod cancel;
mod clock;
mod copy;
mod credentials;
mod download;
mod errors;
mod hosts;
mod integrity;
mod memory;
mod pause;
mod repeat;
mod reports;
mod requests;
mod restore;
mod resume;
mod room;
mod suspension;
mod tasks;
mod trouble;
mod upload;

use cos_core::value::Value;
use cos_tests::answer::{initiated, uploads};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::device::bytes;
use cos_tests::dialogue::Dialogue;

/// Three parts, the last of them half as long.
const SIZE: usize = 2 * MIB + MIB / 2;

/// A client with a permanent key and a file `/f.bin` of [`SIZE`] bytes.
fn client() -> Dialogue {
    client_with(&with_key())
}

fn client_with(options: &Value) -> Dialogue {
    let mut d = Dialogue::new(options);
    d.device.write("/f.bin", bytes(SIZE, 1), 1.0);
    d
}

/// `/f.bin`, to become the object `f.bin`.
fn file() -> Value {
    object("f.bin").with("FilePath", "/f.bin")
}

/// The file's bytes.
fn content(d: &Dialogue) -> Vec<u8> {
    d.device.files["/f.bin"].bytes.to_vec()
}

/// An upload that has begun: `s3`, `s4` and `s5` are its parts on their way, its id is `U1`.
fn begun() -> Dialogue {
    begun_with(&with_key(), file())
}

fn begun_with(options: &Value, params: Value) -> Dialogue {
    let mut d = client_with(options);
    d.call("sliceUploadFile", params).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).as_before();
    d
}

/// A client that sends one file at a time.
fn one_by_one() -> Dialogue {
    client_with(&with_key().with("FileParallelLimit", 1.0))
}

/// A file and the parameters to upload it; it contains its own name.
fn small(d: &mut Dialogue, name: &str) -> Value {
    let path = format!("/{name}");
    d.device.write(&path, name.into(), 1.0);
    object(name).with("FilePath", path)
}
