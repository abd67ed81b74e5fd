//! URL authentication of Tencent Cloud CDN, types A to D (documents 228/41622 to 228/41625).
//!
//! An address says when it was signed; the domain's configuration says for how long that holds, and
//! the CDN answers 403 afterwards. The documents ask for paths in their percent-encoded form, which
//! is what is signed here. The query is not signed, and the Chinese pages promise nothing for addresses
//! that have one. For type C the English page puts the time before the path and, in its example, writes
//! it in decimal; China's, EdgeOne's (1552/109331) and this module put the path first and write the time
//! in hexadecimal.

use crate::calendar::{month_of, month_start};
use crate::digest::{decimal, hex, md5};
use crate::endpoint::{encode_path, encode_query, with_scheme};
use crate::error::Error;
use crate::request::texts;
use crate::value::Value;

/// How a domain wants its URLs signed.
#[derive(Debug)]
pub struct Type {
    /// What is digested. The bytes of [`PIECES`] stand for a piece each, all else for itself.
    message: &'static str,
    /// The address, written likewise.
    address: &'static str,
    time: Time,
}

/// How a time is written.
#[derive(Debug)]
enum Time {
    /// Unix seconds.
    Decimal,
    /// The same in hexadecimal digits.
    Hexadecimal,
    /// `YYYYMMDDHHMM` in China.
    Minute,
}

/// What stands for host, path, the sign before a query, query, the sign before a signature, name of the
/// signature and of the time, time, random text, key and hash.
const PIECES: &str = "op!q?sntrkh";

impl Type {
    /// No authentication: nothing is added.
    pub const NONE: &Type = &Type { message: "", address: "o/p!q", time: Time::Decimal };

    /// `?sign=time-random-0-hash`, time in decimal.
    pub const A: &Type =
        &Type { message: "/p-t-r-0-k", address: "o/p!q?s=t-r-0-h", time: Time::Decimal };

    /// `/time/hash/path`, time as `YYYYMMDDHHMM` in China.
    pub const B: &Type = &Type { message: "kt/p", address: "o/t/h/p!q", time: Time::Minute };

    /// `/hash/time/path`, time in hexadecimal.
    pub const C: &Type = &Type { message: "k/pt", address: "o/h/t/p!q", time: Time::Hexadecimal };

    /// `?sign=hash&t=time`, time in decimal.
    pub const D: &Type = &Type { message: "k/pt", address: "o/p!q?s=h&n=t", time: Time::Decimal };

    /// The same with the time in hexadecimal.
    pub const D_HEX: &Type = &Type { time: Time::Hexadecimal, ..*Type::D };
}

/// What is configured of a domain. Holds a secret: not printable.
#[derive(Clone, Copy)]
pub struct UrlAuthentication<'a> {
    /// The type.
    pub kind: &'static Type,
    /// The key, primary or backup.
    pub key: &'a str,
    /// Name of the parameter for the signature, `sign` unless configured otherwise; types A and D.
    pub sign_param: &'a str,
    /// Name of the parameter for the time, `t` unless configured otherwise; type D.
    pub time_param: &'a str,
}

/// The address of `path` at `host`, with what lets the CDN answer it, signed at `now`, in milliseconds
/// since 1970 and before 2106.
///
/// `host` has a scheme and no slash at its end, `path` has none at its beginning; `query` is empty or
/// follows a `?`. Path and query are percent-encoded. `random` makes two addresses of the same second
/// different for type A: up to 100 letters and digits, which need not be secret.
pub fn signed_url(
    host: &str,
    path: &str,
    query: &str,
    authentication: &UrlAuthentication,
    random: &str,
    now: f64,
) -> String {
    let &UrlAuthentication { kind, key, sign_param, time_param } = authentication;
    let seconds = (now / 1000.0) as u64;
    let time = match kind.time {
        Time::Decimal => decimal(seconds),
        Time::Hexadecimal => hex(&(seconds as u32).to_be_bytes()),
        Time::Minute => decimal(minute(now)),
    };
    let (mark, and) = if query.is_empty() { ("", "?") } else { ("?", "&") };
    let mut pieces = [host, path, mark, query, and, sign_param, time_param, &time, random, key, ""];
    let hash = hex(&md5(fill(kind.message, &pieces).as_bytes()));
    pieces[10] = &hash;
    fill(kind.address, &pieces)
}

/// A template with its pieces.
fn fill(template: &str, pieces: &[&str; PIECES.len()]) -> String {
    let mut out = String::new();
    for byte in template.bytes() {
        let at = PIECES.bytes().position(|name| name == byte);
        match at.and_then(|at| pieces.get(at)) {
            Some(piece) => out.push_str(piece),
            None => out.push(char::from(byte)),
        }
    }
    out
}

/// A time as `YYYYMMDDHHMM` in China.
fn minute(now: f64) -> u64 {
    let month = month_of(now);
    let minutes = ((now - month_start(month)) / 60_000.0) as u64;
    let day = minutes / 1440 + 1;
    let date = (1970 + month / 12) as u64 * 10_000 + (month % 12 + 1) as u64 * 100 + day;
    date * 10_000 + minutes / 60 % 24 * 100 + minutes % 60
}

/// The URL that `params` ask for; see [`signed_url`] for `random` and `now`.
///
/// They are `Domain` (with or without scheme, `https` without), `Key`, `Query` (an object, or a text
/// that is encoded already), `Type` (`A` to `D`, or nothing for a plain URL), `SignKey`, `SignParam`,
/// `TimeParam` and, for type D, `TimeFormat` (`dec` or `hex`).
///
/// # Errors
/// `Domain`, `Key` or the key of a type is missing, or there is no such type or format. The key is in
/// none of the messages.
pub fn url(params: &Value, random: u32, now: f64) -> Result<String, Error> {
    let kind = match text(params, "Type", "").as_bytes() {
        b"" => Type::NONE,
        b"A" => Type::A,
        b"B" => Type::B,
        b"C" => Type::C,
        b"D" => match text(params, "TimeFormat", "dec") {
            "dec" => Type::D,
            "hex" => Type::D_HEX,
            _ => return Err(Error::usage("TimeFormat should be dec or hex")),
        },
        _ => return Err(Error::usage("Type should be A, B, C or D, or left out")),
    };
    let path = text(params, "Key", "");
    let key = text(params, "SignKey", if kind.message.is_empty() { "-" } else { "" });
    let domain = text(params, "Domain", "");
    for (name, value) in [("Domain", domain), ("Key", path), ("SignKey", key)] {
        if value.is_empty() {
            return Err(Error::missing(name));
        }
    }
    let query = match params.get("Query") {
        Value::String(encoded) => encoded.clone(),
        query => encode_query(&texts(query)),
    };
    let sign_param = text(params, "SignParam", "sign");
    let time_param = text(params, "TimeParam", "t");
    Ok(signed_url(
        &with_scheme("", domain.to_owned()),
        &encode_path(path.strip_prefix('/').unwrap_or(path)),
        &query,
        &UrlAuthentication { kind, key, sign_param, time_param },
        &decimal(random.into()),
        now,
    ))
}

/// A parameter, or what it usually is.
fn text<'a>(params: &'a Value, name: &str, usual: &'a str) -> &'a str {
    params.get(name).as_str().filter(|text| !text.is_empty()).unwrap_or(usual)
}
