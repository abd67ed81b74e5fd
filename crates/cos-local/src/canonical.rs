//! The text that a request signature covers, in each way that clients write it.
//!
//! Details of the canonical text are left open by document 436/7778, and official clients disagree
//! about them. All of these count:
//! - parameters in the order of `q-url-param-list`, of the encoded names, or of the lower-cased raw
//!   names (cos-wx-sdk-v5 lists by the second and signs by the third);
//! - a `q-url-param-list` in a URL that was encoded once more, or not at all (the two forms of
//!   `getObjectUrl`);
//! - names lower-cased before or after they are encoded (reqsign does the former);
//! - the host with or without its port, and a path-style path with or without the bucket.

use hyper::HeaderMap;

use crate::host::{Query, encode};

/// The parts of a request that a signature covers.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    /// The decoded path, in each form that may have been signed.
    pub(crate) paths: &'a [String],
    /// The host, in each form that may have been signed.
    pub(crate) hosts: &'a [String],
    pub(crate) query: &'a Query,
    pub(crate) headers: &'a HeaderMap,
}

/// Every text that a signature with these lists may cover, the documented one first.
pub(crate) fn http_strings(
    request: &Signed<'_>,
    listed_headers: &[String],
    listed_parameters: &[Vec<String>],
) -> Vec<String> {
    let mut parameters = Vec::new();
    for list in listed_parameters {
        add_orders(&mut parameters, &pick_parameters(list, request.query));
    }
    let mut headers = Vec::new();
    for host in request.hosts {
        add_orders(&mut headers, &pick_headers(listed_headers, request.headers, host));
    }
    let method = request.method.to_ascii_lowercase();
    let mut texts = Vec::new();
    for path in request.paths {
        for parameters in &parameters {
            for headers in &headers {
                texts.push(format!("{method}\n{path}\n{parameters}\n{headers}\n"));
            }
        }
    }
    texts
}

/// One `name=value` of a canonical text.
struct Pair {
    raw: String,
    value: String,
}

fn pick_parameters(list: &[String], query: &Query) -> Vec<Pair> {
    let mut taken = vec![false; query.0.len()];
    list.iter()
        .map(|name| {
            let found = query.0.iter().zip(&mut taken).find(|(parameter, taken)| {
                !**taken && encode(&parameter.name).eq_ignore_ascii_case(name)
            });
            match found {
                Some((parameter, taken)) => {
                    *taken = true;
                    Pair { raw: parameter.name.clone(), value: parameter.value.clone() }
                }
                None => Pair { raw: decoded(name), value: String::new() },
            }
        })
        .collect()
}

fn pick_headers(list: &[String], headers: &HeaderMap, host: &str) -> Vec<Pair> {
    list.iter()
        .map(|name| {
            let raw = decoded(name);
            let value = match headers.get(&raw) {
                _ if raw.eq_ignore_ascii_case("host") => host.to_owned(),
                Some(value) => String::from_utf8_lossy(value.as_bytes()).trim().to_owned(),
                None => String::new(),
            };
            Pair { raw, value }
        })
        .collect()
}

fn decoded(name: &str) -> String {
    percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// Adds the canonical text of `pairs` in each order and spelling that clients use.
fn add_orders(texts: &mut Vec<String>, pairs: &[Pair]) {
    let spellings: [fn(&str) -> String; 2] =
        [|name| encode(name).to_lowercase(), |name| encode(&name.to_lowercase())];
    for spelling in spellings {
        let listed: Vec<&Pair> = pairs.iter().collect();
        let mut by_encoded = listed.clone();
        by_encoded.sort_by_cached_key(|pair| spelling(&pair.raw));
        let mut by_raw = listed.clone();
        // JavaScript, where this order comes from, compares texts by UTF-16 units.
        by_raw
            .sort_by_cached_key(|pair| pair.raw.to_lowercase().encode_utf16().collect::<Vec<_>>());
        for order in [by_encoded, listed, by_raw] {
            let written: Vec<_> = order
                .iter()
                .map(|pair| format!("{}={}", spelling(&pair.raw), encode(&pair.value)))
                .collect();
            let text = written.join("&");
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
}
