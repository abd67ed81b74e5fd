//! The client, clock and bucket that tests take for granted.

use cos_core::value::Value;

use crate::line::{HOST, KEY};
use crate::signature::{secret_of, token_of};

/// The clock at the beginning, milliseconds since 1970.
pub const START: f64 = 1_700_000_000_000.0;

/// The mebibyte that parts have.
pub const MIB: usize = 1024 * 1024;

/// A client with a permanent key.
pub fn with_key() -> Value {
    Value::map().with("SecretId", KEY).with("SecretKey", secret_of(KEY))
}

/// A client that asks the application.
pub fn with_callback() -> Value {
    Value::map().with("getAuthorization", true)
}

/// A temporary key that is good for half an hour from `now` (milliseconds).
pub fn temporary(secret_id: &str, now: f64) -> Value {
    Value::map()
        .with("TmpSecretId", secret_id)
        .with("TmpSecretKey", secret_of(secret_id))
        .with("SecurityToken", token_of(secret_id).expect("temporary keys are called TMP.."))
        .with("ExpiredTime", (now / 1000.0).floor() + 1800.0)
}

/// An object of the bucket that lines take for granted.
pub fn object(key: &str) -> Value {
    let (bucket, rest) = HOST.split_once('.').expect("the host names the bucket");
    let region = rest.split('.').nth(1).expect("and the region");
    Value::map().with("Bucket", bucket).with("Region", region).with("Key", key)
}
