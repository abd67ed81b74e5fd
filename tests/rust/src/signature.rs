//! Checks a request as COS does (436/7778): from what arrives, without the code that signed it.

use cos_core::digest::{hex, hmac_sha1, sha1_hex};
use cos_core::effect::{Body, HttpRequest};
use cos_core::endpoint::{percent_decode, percent_encode};

/// The secret key that belongs to a key id in these tests.
pub fn secret_of(secret_id: &str) -> String {
    format!("secret of {secret_id}")
}

/// The security token of a temporary key; keys called `TMP..` are temporary.
pub fn token_of(secret_id: &str) -> Option<String> {
    secret_id.starts_with("TMP").then(|| format!("token of {secret_id}"))
}

/// Who signed a request, and for when.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed {
    /// The key id.
    pub secret_id: String,
    /// Start and end of the validity, unix seconds.
    pub valid: (u64, u64),
}

/// The value of a header as it is sent, its name in any case.
pub fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Scheme, host, path and query of a URL, nothing decoded.
pub fn split_url(url: &str) -> (&str, &str, &str, &str) {
    let (scheme, rest) = url.split_once("://").expect("a URL is absolute");
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let slash = rest.find('/').expect("a URL has a path");
    (scheme, &rest[..slash], &rest[slash..], query)
}

/// Name and value pairs of a query, decoded.
pub fn query_of(url: &str) -> Vec<(String, String)> {
    let (_, _, _, query) = split_url(url);
    let decode = |text: &str| percent_decode(text).expect("a query is encoded");
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Verifies the signature of a request that carries `body_length` bytes.
///
/// # Errors
/// What is wrong with it, in words.
pub fn verify(request: &HttpRequest, body_length: u64) -> Result<Signed, String> {
    let authorization = header(request, "Authorization").ok_or("no Authorization")?;
    let field = |name: &str| {
        authorization
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .ok_or(format!("no {name}"))
    };
    let list = |name: &str| -> Result<Vec<&str>, String> {
        Ok(field(name)?.split(';').filter(|name| !name.is_empty()).collect())
    };
    let (_, host, path, _) = split_url(&request.url);
    let lower = |text: &str| percent_encode(text).to_ascii_lowercase();

    let mut headers = Vec::new();
    let header_list = list("q-header-list")?;
    for name in &header_list {
        let value = match *name {
            "host" => host.to_owned(),
            "content-length" => body_length.to_string(),
            name => header(request, name).ok_or(format!("{name} is signed, not sent"))?.to_owned(),
        };
        headers.push(format!("{name}={}", percent_encode(&value)));
    }
    let sent_unsigned =
        request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).find(|name| {
            let must = name.starts_with("x-cos-") || name == "content-md5" || name == "range";
            let added_later = name == "x-cos-security-token" || name == "x-cos-sdk-retry";
            must && !added_later && !header_list.contains(&name.as_str())
        });
    if let Some(name) = sent_unsigned {
        return Err(format!("{name} is sent, not signed"));
    }
    if !header_list.contains(&"host") {
        return Err("the host is not signed".to_owned());
    }

    let mut query = query_of(&request.url);
    let mut params = Vec::new();
    for name in list("q-url-param-list")? {
        let at = query.iter().position(|(key, _)| lower(key) == name);
        let (_, value) = query.swap_remove(at.ok_or(format!("{name} is signed, not sent"))?);
        params.push(format!("{name}={}", percent_encode(&value)));
    }
    if let Some((name, _)) = query.first() {
        return Err(format!("query {name} is sent, not signed"));
    }

    let http_string = format!(
        "{}\n{}\n{}\n{}\n",
        request.method.to_ascii_lowercase(),
        percent_decode(path).ok_or("the path is not encoded")?,
        params.join("&"),
        headers.join("&"),
    );
    let (key_time, sign_time) = (field("q-key-time")?, field("q-sign-time")?);
    if key_time != sign_time {
        return Err("q-key-time and q-sign-time differ".to_owned());
    }
    let secret_id = field("q-ak")?;
    let key = hex(&hmac_sha1(secret_of(secret_id).as_bytes(), key_time.as_bytes()));
    let digest = sha1_hex(http_string.as_bytes());
    let text = format!("sha1\n{sign_time}\n{digest}\n");
    if field("q-signature")? != hex(&hmac_sha1(key.as_bytes(), text.as_bytes())) {
        return Err(format!("SignatureDoesNotMatch over {http_string:?}"));
    }
    let sent_token = header(request, "x-cos-security-token");
    if sent_token != token_of(secret_id).as_deref() {
        return Err(format!("the token {sent_token:?} is not that of {secret_id}"));
    }
    if let Body::Form { fields, .. } = &request.body
        && !fields.contains(&("Signature".to_owned(), authorization.to_owned()))
    {
        return Err("the form lacks the signature".to_owned());
    }
    let (start, end) = key_time.split_once(';').ok_or("no validity")?;
    let second = |text: &str| text.parse::<u64>().map_err(|_| format!("{text} is no time"));
    Ok(Signed { secret_id: secret_id.to_owned(), valid: (second(start)?, second(end)?) })
}
