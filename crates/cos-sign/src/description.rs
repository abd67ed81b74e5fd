//! Signing a request that is described in one text, as `COS.getAuthorization` and `getAuth` do.

use crate::digest::parse_decimal;
use crate::percent::joined;
use crate::sign::{self, SigningKeyCache, Unsigned, keep_signed, key_time};

/// The parts of a text between separators. `str::split` finds them too, at three times the cost
/// without a JIT, and weighs more.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    /// An ASCII character.
    pub separator: u8,
    /// The text that is left, while there is one.
    pub rest: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// The fields of a description, by the character it starts with.
    fn new(description: &'a str) -> Fields<'a> {
        let separator = description.bytes().next().unwrap_or_default();
        Fields { separator, rest: description.get(1..) }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    // Called thirty times from a dozen places.
    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.take()?;
        match rest.bytes().position(|byte| byte == self.separator) {
            Some(at) => {
                self.rest = rest.get(at + 1..);
                rest.get(..at)
            }
            None => Some(rest),
        }
    }
}

/// The `Authorization` of a request described by the caller; `now` is in milliseconds since 1970.
///
/// The description is one text, since crossing the boundary member by member takes an interpreter
/// longer than signing: a separator that none of the fields contains, then the fields with it
/// between them. They are `SecretId`, `SecretKey`, `KeyTime`, `Method`, `Pathname`, `Key`,
/// `UseRawKey` (empty for false), `ForceSignHost` (empty unless false), `Bucket`, `Region`,
/// `Expires`, `SystemClockOffset`, the number of query parameters, then names and values of these
/// and of the headers. What is not given is empty; `defaults` are the key to sign with then.
///
/// # Errors
/// The name of the field that is missing: `SecretId` or `SecretKey`.
pub fn authorization(
    description: &str,
    defaults: [&str; 2],
    now: f64,
    keys: &mut SigningKeyCache,
) -> Result<String, &'static str> {
    let mut fields = Fields::new(description);
    let mut first = [""; 13];
    for (field, given) in first.iter_mut().zip(&mut fields) {
        *field = given;
    }
    let [secret_id, secret_key, validity, method, pathname, key, raw_key, ..] = first;
    let [.., no_host, bucket, region, expires, clock_offset, parameters] = first;
    let parameters = parse_decimal(parameters).unwrap_or(0) as usize;
    let or_default = |given, default| if str::is_empty(given) { default } else { given };
    let secret_id = or_default(secret_id, defaults[0]);
    let secret_key = or_default(secret_key, defaults[1]);
    for (name, value) in [("SecretId", secret_id), ("SecretKey", secret_key)] {
        if value.is_empty() {
            return Err(name);
        }
    }

    let mut query = Vec::with_capacity(16);
    while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
        query.push((name, value));
    }
    let mut headers = query.split_off(query.len().min(parameters));
    keep_signed(&mut headers);
    let has_host =
        headers.iter().any(|(name, value)| matches!(*name, "Host" | "host") && !value.is_empty());
    let host;
    if !has_host && no_host.is_empty() && !bucket.is_empty() && !region.is_empty() {
        // In place: where names differ only in case, their order counts.
        host = joined(&[bucket, ".cos.", region, ".myqcloud.com"]);
        match headers.iter_mut().find(|(name, _)| *name == "Host") {
            Some((_, value)) => *value = &host,
            None => headers.push(("Host", &host)),
        }
    }

    let mut path = or_default(pathname, key);
    let slashed;
    let bare = if raw_key.is_empty() { !path.starts_with('/') } else { pathname.is_empty() };
    if bare {
        slashed = joined(&["/", path]);
        path = &slashed;
    }

    let since;
    let validity = if validity.is_empty() {
        let expires = if expires.is_empty() { 900.0 } else { parse_number(expires).unwrap_or(0.0) };
        since = key_time(now + parse_number(clock_offset).unwrap_or(0.0), expires);
        &since
    } else {
        validity
    };
    let method = or_default(method, "get");
    let request = Unsigned { method, path, query: &query, headers: &headers };
    Ok(sign::sign(keys, secret_id, secret_key, validity, &request))
}

/// The number that a text spells in decimal digits, with a sign and a fraction or without.
pub fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text),
    };
    let (mut number, mut scale) = (0.0, 1.0);
    // What a digit in the fraction scales by, and whether the last character was a digit.
    let (mut step, mut complete) = (1.0, false);
    for byte in digits.bytes() {
        if byte == b'.' && complete && step == 1.0 {
            step = 10.0;
            complete = false;
        } else if byte.is_ascii_digit() {
            number = number * 10.0 + f64::from(byte - b'0');
            scale *= step;
            complete = true;
        } else {
            return None;
        }
    }
    complete.then_some(sign * number / scale)
}
