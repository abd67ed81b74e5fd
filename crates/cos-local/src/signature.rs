//! Verification of request signatures (document 436/7778).

use crate::canonical::{Signed, http_strings};
use crate::clock::{self, Clock};
use crate::digest::{hmac_sha1_hex, same, sha1_hex};
use crate::error::{Code, Error};
use crate::host::Query;

/// How far in the future a signature may begin, in seconds.
const TOLERATED_SKEW: i64 = 15 * 60;

/// Names of the seven query parameters that carry a signature.
const PARAMETERS: [&str; 7] = [
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
];

/// A span of time, `start;end` in seconds since 1970.
#[derive(Debug)]
pub(crate) struct KeyTime {
    text: String,
    start: i64,
    end: i64,
}

impl KeyTime {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let parsed = text
            .split_once(';')
            .and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)))
            .filter(|(start, end): &(i64, i64)| start <= end);
        match parsed {
            Some((start, end)) => Ok(Self { text: text.to_owned(), start, end }),
            None => Err(malformed("a signature's time has to be start;end in seconds")),
        }
    }

    /// # Errors
    /// `AccessDenied` once it is over, `RequestTimeTooSkewed` long before it begins: both in the
    /// words that clients look for to correct their clock.
    pub(crate) fn check(&self, clock: &Clock) -> Result<(), Error> {
        let now = clock.now();
        if now > self.end {
            return Err(expired(now));
        }
        if self.start > now.saturating_add(TOLERATED_SKEW) {
            let message =
                "The difference between the request time and the server's time is too large.";
            return Err(
                Error::new(Code::RequestTimeTooSkewed, message).with("ServerTime", clock::iso(now))
            );
        }
        Ok(())
    }

    /// The key derived from `secret_key` for this span.
    pub(crate) fn sign_key(&self, secret_key: &str) -> String {
        hmac_sha1_hex(secret_key.as_bytes(), self.text.as_bytes())
    }
}

/// The refusal of a signature or policy whose time is over.
pub(crate) fn expired(now: i64) -> Error {
    Error::new(Code::AccessDenied, "Request has expired").with("ServerTime", clock::iso(now))
}

fn malformed(what: &str) -> Error {
    Error::new(Code::AccessDenied, format!("The signature is malformed: {what}."))
}

/// A signature and what it claims to cover, from wherever the request carried it.
#[derive(Debug)]
pub(crate) struct Authorization {
    pub(crate) secret_id: String,
    sign_time: KeyTime,
    key_time: KeyTime,
    headers: Vec<String>,
    /// The possible readings of the parameter list.
    parameters: Vec<Vec<String>>,
    signature: String,
}

impl Authorization {
    /// Reads the value of an `Authorization` header, of the parameter `sign` or of the form field
    /// `Signature`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let value = |name: &str| {
            text.trim().split('&').find_map(|pair| {
                pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, v)| v)
            })
        };
        Self::read(value, value("q-url-param-list").into_iter())
    }

    /// Reads the seven parameters, or the one parameter `sign`; `None` for a request that has
    /// neither.
    pub(crate) fn from_query(query: &Query) -> Option<Result<Self, Error>> {
        if let Some(merged) = query.get("sign").filter(|merged| merged.contains("q-signature=")) {
            return Some(Self::parse(merged));
        }
        if !PARAMETERS.iter().any(|name| query.has(name)) {
            return None;
        }
        let list = query.0.iter().find(|parameter| parameter.name == "q-url-param-list");
        let readings = list.into_iter().flat_map(|list| [list.value.as_str(), list.raw.as_str()]);
        Some(Self::read(|name| query.get(name), readings))
    }

    fn read<'a>(
        value: impl Fn(&str) -> Option<&'a str>,
        parameter_lists: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let needed =
            |name: &str| value(name).ok_or_else(|| malformed(&format!("{name} is missing")));
        if needed("q-sign-algorithm")? != "sha1" {
            return Err(malformed("q-sign-algorithm has to be sha1"));
        }
        let names = |list: &str| -> Vec<String> {
            list.split(';').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        needed("q-url-param-list")?;
        let mut parameters: Vec<_> = parameter_lists.map(names).collect();
        parameters.dedup();
        Ok(Self {
            secret_id: needed("q-ak")?.to_owned(),
            sign_time: KeyTime::parse(needed("q-sign-time")?)?,
            key_time: KeyTime::parse(needed("q-key-time")?)?,
            headers: names(needed("q-header-list")?),
            parameters,
            signature: needed("q-signature")?.to_owned(),
        })
    }

    pub(crate) fn check_time(&self, clock: &Clock) -> Result<(), Error> {
        self.sign_time.check(clock)?;
        self.key_time.check(clock)
    }

    /// # Errors
    /// `SignatureDoesNotMatch`, with the texts that this server would have signed.
    pub(crate) fn verify(&self, request: &Signed<'_>, secret_key: &str) -> Result<(), Error> {
        let sign_key = self.key_time.sign_key(secret_key);
        let mut first = None;
        for http_string in http_strings(request, &self.headers, &self.parameters) {
            let string_to_sign = self.string_to_sign(&http_string);
            let signature = hmac_sha1_hex(sign_key.as_bytes(), string_to_sign.as_bytes());
            if same(&signature, &self.signature) {
                return Ok(());
            }
            first.get_or_insert((string_to_sign, http_string));
        }
        let (string_to_sign, http_string) = first.unwrap_or_default();
        let message = "The signature does not fit the request: compare the secret key and the two texts that follow.";
        Err(Error::new(Code::SignatureDoesNotMatch, message)
            .with("StringToSign", string_to_sign)
            .with("FormatString", http_string))
    }

    fn string_to_sign(&self, http_string: &str) -> String {
        format!("sha1\n{}\n{}\n", self.sign_time.text, sha1_hex(http_string.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{HeaderName, HeaderValue};
    use serde_json::Value;

    use super::*;
    use crate::host::encode;

    /// A request as the tests write it.
    struct Sent {
        method: &'static str,
        path: &'static str,
        query: &'static str,
        headers: &'static [(&'static str, &'static str)],
    }

    fn verify(authorization: &Authorization, sent: &Sent, secret_key: &str) -> Result<(), Error> {
        let headers: HeaderMap = sent
            .headers
            .iter()
            .map(|(name, value)| {
                let name = name.parse::<HeaderName>().expect("a header name");
                (name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"))
            })
            .collect();
        let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
        let signed = Signed {
            method: sent.method,
            paths: &[sent.path.to_owned()],
            hosts: &[host.to_owned()],
            query: &Query::parse(sent.query),
            headers: &headers,
        };
        authorization.verify(&signed, secret_key)
    }

    fn parse(text: &str) -> Authorization {
        Authorization::parse(text).expect("a well-formed signature")
    }

    const DOCUMENT_GET: &str = "q-sign-algorithm=sha1&q-ak=AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q&\
        q-sign-time=1557989753;1557996953&q-key-time=1557989753;1557996953&q-header-list=date;host&\
        q-url-param-list=response-cache-control;response-content-type&q-signature=01681b8c9d798a678e43b685a9f1bba0f6c0e012";
    const DOCUMENT_KEY: &str = "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz";

    #[test]
    fn the_documented_signature_fits_its_request_alone() {
        let sent = Sent {
            method: "GET",
            path: "/exampleobject(腾讯云)",
            query: "response-content-type=application%2Foctet-stream&response-cache-control=max-age%3D600",
            headers: &[
                ("Date", "Thu, 16 May 2019 06:55:53 GMT"),
                ("Host", "examplebucket-1250000000.cos.ap-beijing.myqcloud.com"),
            ],
        };
        assert!(verify(&parse(DOCUMENT_GET), &sent, DOCUMENT_KEY).is_ok());
        for other in [
            Sent { method: "HEAD", ..sent },
            Sent { path: "/exampleobject", ..sent },
            Sent {
                query: "response-content-type=text%2Fhtml&response-cache-control=max-age%3D600",
                ..sent
            },
            Sent { headers: &[("Date", "Thu, 16 May 2019 06:55:53 GMT"), ("Host", "h")], ..sent },
        ] {
            let refused = verify(&parse(DOCUMENT_GET), &other, DOCUMENT_KEY);
            assert_eq!(refused.map_err(|error| error.code), Err(Code::SignatureDoesNotMatch));
        }
        assert!(verify(&parse(DOCUMENT_GET), &sent, "another key").is_err());
    }

    #[test]
    fn a_refusal_quotes_the_texts_to_compare() {
        let sent = Sent { method: "GET", path: "/k", query: "", headers: &[("Host", "h")] };
        let error = verify(&parse(DOCUMENT_GET), &sent, DOCUMENT_KEY).expect_err("a refusal");
        let texts: Vec<_> = error.details.iter().map(|(name, _)| *name).collect();
        assert_eq!(texts, ["StringToSign", "FormatString"]);
        assert_eq!(
            error.details[1].1,
            "get\n/k\nresponse-cache-control=&response-content-type=\ndate=&host=h\n"
        );
    }

    #[test]
    fn parameters_may_be_listed_by_encoded_and_signed_by_raw_name() {
        let authorization = parse(
            "q-sign-algorithm=sha1&q-ak=AKIDtest&q-sign-time=1700000000;1700000900&q-key-time=1700000000;1700000900&\
             q-header-list=host&q-url-param-list=a%2fb;a-b&q-signature=f682894e1fed4432fdb5aab6a1d72b817e6e08d6",
        );
        let sent =
            Sent { method: "GET", path: "/k", query: "a/b=2&a-b=1", headers: &[("Host", "h")] };
        assert!(verify(&authorization, &sent, "sktest").is_ok());
    }

    #[test]
    fn one_parameter_may_carry_the_whole_signature() {
        let query = "test=params&sign=q-sign-algorithm%3Dsha1%26q-ak%3DQmFzZTY0IGlzIGEgZ*******%26q-sign-time%3D\
            1622702557%3B1622706157%26q-key-time%3D1622702557%3B1622706157%26q-header-list%3D%26q-url-param-list%3D\
            test%26q-signature%3D7757e84ed5f8953eafc30afcd2a5d1ad68e00d67";
        let authorization = Authorization::from_query(&Query::parse(query))
            .expect("a signature")
            .expect("well-formed");
        let sent = Sent { method: "PUT", path: "/test.jpg", query, headers: &[] };
        assert!(verify(&authorization, &sent, "ZfbOA78asKUYBcXFrJD0a1I*******").is_ok());
    }

    #[test]
    fn both_forms_of_a_signed_url_are_read() {
        let key_time = KeyTime::parse("1700000000;1700000900").expect("a time");
        let http_string = "get\n/k\nimagemogr2%2fthumbnail%2f9=\n\n";
        let string_to_sign =
            format!("sha1\n{}\n{}\n", key_time.text, sha1_hex(http_string.as_bytes()));
        let signature =
            hmac_sha1_hex(key_time.sign_key("sk").as_bytes(), string_to_sign.as_bytes());
        for list in ["imagemogr2%2fthumbnail%2f9", "imagemogr2%252fthumbnail%252f9"] {
            let query = format!(
                "q-sign-algorithm=sha1&q-ak=id&q-sign-time=1700000000;1700000900&q-key-time=1700000000%3B1700000900&\
                 q-header-list=&q-url-param-list={list}&q-signature={signature}&imageMogr2/thumbnail/9"
            );
            let query = Query::parse(&query);
            let authorization =
                Authorization::from_query(&query).expect("a signature").expect("well-formed");
            let signed = Signed {
                method: "GET",
                paths: &["/k".to_owned()],
                hosts: &["h".to_owned()],
                query: &query,
                headers: &HeaderMap::new(),
            };
            assert!(authorization.verify(&signed, "sk").is_ok(), "{list}");
        }
    }

    #[test]
    fn a_signature_counts_only_in_its_time() {
        let clock = Clock::new(0);
        let now = clock.now();
        let check = |start: i64, end: i64| {
            let time = KeyTime::parse(&format!("{start};{end}")).expect("a time");
            time.check(&clock).map_err(|error| error.to_string())
        };
        assert_eq!(check(now - 60, now + 60), Ok(()));
        assert_eq!(check(now + 600, now + 900), Ok(()));
        assert_eq!(check(now - 60, now - 1), Err("AccessDenied: Request has expired".into()));
        assert!(
            check(now + 1000, now + 2000)
                .is_err_and(|text| text.starts_with("RequestTimeTooSkewed"))
        );
        assert!(KeyTime::parse("20;10").is_err() && KeyTime::parse("now").is_err());
    }

    #[test]
    fn incomplete_signatures_are_refused() {
        assert!(Authorization::parse("").is_err());
        assert!(Authorization::parse("AWS4-HMAC-SHA256 Credential=x").is_err());
        assert!(Authorization::parse(&DOCUMENT_GET.replace("sha1", "sha256")).is_err());
        assert!(Authorization::from_query(&Query::parse("prefix=a")).is_none());
        assert!(
            Authorization::from_query(&Query::parse("q-ak=a"))
                .expect("a part of a signature")
                .is_err()
        );
    }

    /// The published vectors that all implementations in this repository are held to.
    #[test]
    fn published_and_recorded_signatures_are_accepted() {
        let vectors = include_str!("../../../tests/vectors/signature.json");
        let vectors: Value = serde_json::from_str(vectors).expect("JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let vectors = vectors["requests"].as_array().expect("a list");
        assert!(vectors.len() >= 17);
        for vector in vectors {
            let (input, expected) = (&vector["input"], &vector["expected"]);
            let pairs = |name: &str| -> Vec<(String, String)> {
                let list = input[name].as_array().expect("a list");
                list.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
            };
            let time = text(&input["key_time"]);
            let authorization = parse(&format!(
                "q-sign-algorithm=sha1&q-ak={}&q-sign-time={time}&q-key-time={time}&\
                 q-header-list={}&q-url-param-list={}&q-signature={}",
                text(&input["secret_id"]),
                text(&expected["header_list"]),
                text(&expected["param_list"]),
                text(&expected["signature"]),
            ));
            let query: Vec<_> = pairs("query")
                .iter()
                .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
                .collect();
            let mut headers = HeaderMap::new();
            for (name, value) in pairs("headers") {
                let name = name.parse::<HeaderName>().expect("a header name");
                headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
            }
            let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
            let signed = Signed {
                method: &text(&input["method"]),
                paths: &[text(&input["path_decoded"])],
                hosts: &[host.to_owned()],
                query: &Query::parse(&query.join("&")),
                headers: &headers,
            };
            let verified = authorization.verify(&signed, &text(&input["secret_key"]));
            assert!(verified.is_ok(), "{}: {:?}", vector["id"], verified);
        }
    }
}
