//! The signature of COS requests, stage by stage (COS document 436/7778), presigned URLs, and the
//! policy of POST forms (436/14690).
//!
//! The stages are values, so that each can be compared with what a server says it computed:
//! [`Unsigned`] -> [`CanonicalRequest`] -> [`string_to_sign`] -> [`SigningKey`] -> signature ->
//! [`authorization`].

use std::cmp::Ordering;

use crate::description::Fields;
use crate::digest::{self, decimal};
use crate::percent::{LOWER, PLAIN, joined, text_of};

/// What of a request goes into its signature.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The HTTP method, in any case.
    pub method: &'a str,
    /// The path, not encoded; it starts with `/`.
    pub path: &'a str,
    /// The query parameters, not encoded; a parameter without a value has an empty one.
    pub query: &'a [Pair<'a>],
    /// The headers to sign. The caller has chosen them, see [`is_signed_header`].
    pub headers: &'a [Pair<'a>],
}

/// A name and its value.
pub type Pair<'a> = (&'a str, &'a str);

/// Pairs as [`Unsigned`] takes them.
pub fn borrowed(pairs: &[(String, String)]) -> Vec<Pair<'_>> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The form of a request that the signature is computed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalRequest {
    /// Method, path, parameters and headers, a line each.
    pub http_string: String,
    /// The names of the signed headers, `;` between them.
    pub header_list: String,
    /// The names of the signed query parameters, `;` between them.
    pub param_list: String,
}

impl Unsigned<'_> {
    /// Spells the request as the signature wants it.
    pub fn canonicalize(&self) -> CanonicalRequest {
        let bytes = |pairs: &[Pair<'_>]| {
            pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>()
        };
        let length = self.path.len() + bytes(self.query) + bytes(self.headers);
        let mut out = Vec::with_capacity(length + length / 2 + 16);
        out.extend(self.method.bytes().map(|letter| letter.to_ascii_lowercase()));
        out.push(b'\n');
        out.extend_from_slice(self.path.as_bytes());
        out.push(b'\n');
        let param_list = canonicalize_pairs(&mut out, self.query);
        out.push(b'\n');
        let header_list = canonicalize_pairs(&mut out, self.headers);
        out.push(b'\n');
        CanonicalRequest { http_string: text_of(out), header_list, param_list }
    }
}

/// Appends `name=value&...` to `out` and returns the list of the names.
///
/// The pairs are ordered by the name as it is, the list by the name as it is encoded. The two
/// differ where a name has a character that sorts below `-` when encoded: COS clients have always
/// sent both orders so, and servers accept it.
fn canonicalize_pairs(out: &mut Vec<u8>, pairs: &[Pair<'_>]) -> String {
    let mut list = Vec::with_capacity(128);
    let mut last = 0..0; // the name written last, as it stands in the list
    let mut sorted = true;
    for (at, (name, value)) in in_signing_order(pairs).into_iter().enumerate() {
        let start = list.len() + usize::from(at > 0);
        if at > 0 {
            out.push(b'&');
            list.push(b';');
        }
        LOWER.push(&mut list, name);
        let encoded = list.get(start..).unwrap_or_default();
        sorted = sorted && list.get(last).unwrap_or_default() <= encoded;
        out.extend_from_slice(encoded);
        out.push(b'=');
        PLAIN.push(out, value);
        last = start..list.len();
    }
    let list = text_of(list);
    if sorted {
        return list;
    }
    in_order(&list)
}

/// A list of names with `;` between them, ordered.
#[cold]
#[inline(never)]
fn in_order(list: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in (Fields { separator: b';', rest: Some(list) }) {
        let at = names.iter().position(|other| *other > name).unwrap_or(names.len());
        names.insert(at, name);
    }
    let mut ordered = String::with_capacity(list.len());
    for (at, name) in names.into_iter().enumerate() {
        ordered.push_str(if at == 0 { "" } else { ";" });
        ordered.push_str(name);
    }
    ordered
}

/// The pairs ordered by lower-cased name, equal names in the order given.
pub fn in_signing_order<'a>(pairs: &[Pair<'a>]) -> Vec<Pair<'a>> {
    // Requests have a dozen of these: an insertion is the smallest code, and the fastest without
    // a JIT.
    let mut ordered: Vec<Pair<'a>> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let before =
            ordered.iter().rposition(|other| compare_names(other.0, pair.0) != Ordering::Greater);
        ordered.insert(before.map_or(0, |at| at + 1), *pair);
    }
    ordered
}

/// Compares two names without regard to the case of ASCII letters, by UTF-16 code units as
/// JavaScript does. Folding the case of all letters would cost the module the tables of Unicode,
/// for names that no request has.
fn compare_names(left: &str, right: &str) -> Ordering {
    let (mut left_bytes, mut right_bytes) = (left.bytes(), right.bytes());
    loop {
        let (one, other) = match (left_bytes.next(), right_bytes.next()) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return one.cmp(&other),
        };
        if one >= 0x80 || other >= 0x80 {
            return compare_units(left, right);
        }
        if one != other {
            let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
            if one != other {
                return one.cmp(&other);
            }
        }
    }
}

#[cold]
#[inline(never)]
fn compare_units(left: &str, right: &str) -> Ordering {
    left.encode_utf16().map(fold).cmp(right.encode_utf16().map(fold))
}

fn fold(unit: u16) -> u16 {
    u8::try_from(unit).map_or(unit, |byte| byte.to_ascii_lowercase().into())
}

/// Headers that are signed by name. Those that contain `x-cos-` or `x-ci-` are signed too.
const SIGNED_HEADERS: [&str; 17] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-type",
    "expect",
    "expires",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "pic-operations",
    "range",
    "transfer-encoding",
];

/// Whether COS clients sign a header of this name, in any case.
pub fn is_signed_header(name: &str) -> bool {
    SIGNED_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name))
        || has(name, "x-cos-")
        || has(name, "x-ci-")
}

/// Whether a name has a part, in any case.
#[inline(never)]
fn has(name: &str, part: &str) -> bool {
    name.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Leaves the headers that are signed.
#[inline(never)]
pub fn keep_signed(headers: &mut Vec<Pair<'_>>) {
    headers.retain(|(name, _)| is_signed_header(name));
}

/// The validity of a signature, `start;end` in seconds: from one second before `now_ms`
/// (milliseconds since 1970, corrected to the server's clock), for `expires_seconds`.
pub fn key_time(now_ms: f64, expires_seconds: f64) -> String {
    let start = (now_ms / 1000.0 + 0.5).floor() - 1.0;
    joined(&[&decimal(start as u64), ";", &decimal((start + expires_seconds) as u64)])
}

/// The text that is signed for a request.
pub fn string_to_sign(key_time: &str, canonical: &CanonicalRequest) -> String {
    let digest = digest::sha1_hex(canonical.http_string.as_bytes());
    joined(&["sha1\n", key_time, "\n", &digest, "\n"])
}

/// The key of a validity period, derived from the secret key. Holds a secret: not printable.
#[derive(Clone)]
pub struct SigningKey {
    hex: String,
    hmac: digest::HmacKey,
}

impl SigningKey {
    /// Derives the key that signs during `key_time`.
    pub fn new(secret_key: &str, key_time: &str) -> SigningKey {
        let hex = digest::hex(&digest::hmac_sha1(secret_key.as_bytes(), key_time.as_bytes()));
        let hmac = digest::HmacKey::new(hex.as_bytes());
        SigningKey { hex, hmac }
    }

    /// The key in lower-case hex, the form COS documents it in. Whoever has it can sign.
    pub fn expose_hex(&self) -> &str {
        &self.hex
    }

    /// The signature of a text, in lower-case hex.
    pub fn signature(&self, string_to_sign: &str) -> String {
        digest::hex(&self.hmac.sign(string_to_sign.as_bytes()))
    }
}

/// The last key derived. Requests of one second share their validity, so parts that are sent
/// together derive it once. Holds a secret: not printable.
#[derive(Default)]
pub struct SigningKeyCache {
    last: Option<Derived>,
}

impl SigningKeyCache {
    /// A cache without a key.
    pub const fn new() -> SigningKeyCache {
        SigningKeyCache { last: None }
    }

    /// The key for this secret and period, derived unless it was the last one asked for.
    pub fn key(&mut self, secret_key: &str, key_time: &str) -> &SigningKey {
        if self
            .last
            .as_ref()
            .is_some_and(|last| last.key_time != key_time || last.secret != secret_key)
        {
            self.last = None;
        }
        let last = self.last.get_or_insert_with(|| Derived {
            secret: secret_key.to_owned(),
            key_time: key_time.to_owned(),
            key: SigningKey::new(secret_key, key_time),
        });
        &last.key
    }
}

/// A key and what it was derived from.
struct Derived {
    secret: String,
    key_time: String,
    key: SigningKey,
}

/// The text of the `Authorization` header.
pub fn authorization(
    secret_id: &str,
    key_time: &str,
    canonical: &CanonicalRequest,
    signature: &str,
) -> String {
    joined(&[
        "q-sign-algorithm=sha1&q-ak=",
        secret_id,
        "&q-sign-time=",
        key_time,
        "&q-key-time=",
        key_time,
        "&q-header-list=",
        &canonical.header_list,
        "&q-url-param-list=",
        &canonical.param_list,
        "&q-signature=",
        signature,
    ])
}

/// All stages in one: the `Authorization` of a request.
pub fn sign(
    cache: &mut SigningKeyCache,
    secret_id: &str,
    secret_key: &str,
    key_time: &str,
    request: &Unsigned<'_>,
) -> String {
    let canonical = request.canonicalize();
    let key = cache.key(secret_key, key_time);
    let signature = key.signature(&string_to_sign(key_time, &canonical));
    authorization(secret_id, key_time, &canonical, &signature)
}

/// The signature of a POST form's policy: over its JSON text, not over the request.
pub fn post_policy_signature(secret_key: &str, key_time: &str, policy: &[u8]) -> String {
    SigningKey::new(secret_key, key_time).signature(&digest::sha1_hex(policy))
}

/// The fields that a POST form carries for its policy, in the order they are sent in. An empty
/// `security_token` is left out.
pub fn post_policy_fields(
    secret_id: &str,
    secret_key: &str,
    security_token: &str,
    key_time: &str,
    policy: &[u8],
) -> Vec<(String, String)> {
    let mut fields = vec![
        ("policy".to_owned(), digest::base64(policy)),
        ("q-sign-algorithm".to_owned(), "sha1".to_owned()),
        ("q-ak".to_owned(), secret_id.to_owned()),
        ("q-key-time".to_owned(), key_time.to_owned()),
        ("q-signature".to_owned(), post_policy_signature(secret_key, key_time, policy)),
    ];
    if !security_token.is_empty() {
        fields.push(("x-cos-security-token".to_owned(), security_token.to_owned()));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &[&str]) -> CanonicalRequest {
        let values = ["0", "1", "2", "3", "4", "5", "6"];
        let query: Vec<_> = query.iter().copied().zip(values).collect();
        Unsigned { method: "GET", path: "/", query: &query, headers: &[] }.canonicalize()
    }

    #[test]
    fn pairs_are_ordered_raw_and_the_list_encoded() {
        let request = canonical(&["a/b", "a-b"]);
        assert_eq!(request.http_string, "get\n/\na-b=1&a%2fb=0\n\n");
        assert_eq!(request.param_list, "a%2fb;a-b");
    }

    #[test]
    fn names_are_compared_as_javascript_compares_them() {
        // By UTF-16 code units the emoji comes before U+FF5E; without case, equal names keep order.
        let request = canonical(&["～", "😀", "B", "b", "É", "é", "a"]);
        let query = request.http_string.split('\n').nth(2).unwrap();
        let order: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap().1).collect();
        assert_eq!(order, ["6", "2", "3", "4", "5", "1", "0"]);
    }

    #[test]
    fn an_empty_name_keeps_its_place_in_the_list() {
        let request = canonical(&["a", ""]);
        assert_eq!(request.param_list, ";a");
        assert_eq!(request.http_string, "get\n/\n=1&a=0\n\n");
    }

    #[test]
    fn validity_starts_a_second_early() {
        assert_eq!(key_time(1_700_000_000_499.0, 900.0), "1699999999;1700000899");
        assert_eq!(key_time(1_700_000_000_500.0, 0.0), "1700000000;1700000000");
    }

    #[test]
    fn a_changed_secret_or_time_is_not_served_from_the_cache() {
        let mut cache = SigningKeyCache::default();
        for (secret, time) in [("a", "1;2"), ("a", "1;2"), ("b", "1;2"), ("b", "1;3"), ("a", "1;2")]
        {
            let key = cache.key(secret, time);
            assert_eq!(key.expose_hex(), SigningKey::new(secret, time).expose_hex());
        }
    }

    #[test]
    fn which_headers_are_signed() {
        for name in ["Host", "x-cos-acl", "X-Cos-Meta-A", "a-x-ci-b", "Pic-Operations"] {
            assert!(is_signed_header(name), "{name}");
        }
        for name in ["Date", "User-Agent", "Authorization", "x-cosmos", ""] {
            assert!(!is_signed_header(name), "{name}");
        }
    }
}
