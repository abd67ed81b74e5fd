//! Published and recorded vectors of `tests/vectors`, asserted stage by stage, so that a mistake
//! shows where it was made.

use cos_core::cdn::{Type, UrlAuthentication, signed_url};
use cos_core::digest::{self, Crc64, Md5};
use cos_core::endpoint;
use cos_core::sign::{self, CanonicalRequest, SigningKey, SigningKeyCache, Unsigned, borrowed};
use cos_core::value::Value;
use cos_core::{PresignForm, presigned_query, xml};
use serde_json::Value as Json;

const SIGNATURE: &str = include_str!("../../vectors/signature.json");
const POST_POLICY: &str = include_str!("../../vectors/post_policy.json");
const CDN: &str = include_str!("../../vectors/cdn.json");
const DIGEST: &str = include_str!("../../vectors/digest.json");
const URL: &str = include_str!("../../vectors/url.json");
const TEXT: &str = include_str!("../../vectors/text.json");

/// The vectors in the list `name` of a file; a list that is gone fails the test.
fn vectors(file: &str, name: &str) -> Vec<Json> {
    let file: Json = serde_json::from_str(file).unwrap();
    let list = file[name].as_array().unwrap().clone();
    assert!(!list.is_empty(), "{name} has no vectors");
    list
}

/// A member as JavaScript would spell it in a header or a query: `null` is empty.
fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(value: &Json) -> u64 {
    digest::parse_crc64(&text(value)).unwrap()
}

/// Name and value pairs, written as an object or as a list of pairs.
fn pairs(value: &Json) -> Vec<(String, String)> {
    match value {
        Json::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), text(value))).collect()
        }
        Json::Array(list) => list.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_stage_of_a_request_signature() {
    for vector in vectors(SIGNATURE, "requests") {
        let (id, input, expected) = (&vector["id"], &vector["input"], &vector["expected"]);
        let key_time = text(&input["key_time"]);
        let canonical = Unsigned {
            method: &text(&input["method"]),
            path: &text(&input["path_decoded"]),
            query: &borrowed(&pairs(&input["query"])),
            headers: &borrowed(&pairs(&input["headers"])),
        }
        .canonicalize();
        assert_eq!(expected["http_string"], canonical.http_string, "{id}");
        assert_eq!(expected["header_list"], canonical.header_list, "{id}");
        assert_eq!(expected["param_list"], canonical.param_list, "{id}");
        let string_to_sign = sign::string_to_sign(&key_time, &canonical);
        assert_eq!(expected["string_to_sign"], string_to_sign, "{id}");
        let key = SigningKey::new(&text(&input["secret_key"]), &key_time);
        assert_eq!(expected["sign_key"], key.expose_hex(), "{id}");
        let signature = key.signature(&string_to_sign);
        assert_eq!(expected["signature"], signature, "{id}");

        let secret_id = text(&input["secret_id"]);
        let authorization = sign::authorization(&secret_id, &key_time, &canonical, &signature);
        let query = presigned_query(&authorization, PresignForm::Returned, &[]);
        // How much of a query is escaped differs from client to client; what it says does not.
        let says = |query: &str| endpoint::percent_decode(query).unwrap();
        if let Some(raw_query) = expected["raw_query"].as_str() {
            match raw_query.split_once("sign=") {
                Some((_, merged)) if !merged.contains('=') => {
                    assert_eq!(says(merged), query, "{id}")
                }
                _ => assert_eq!(says(raw_query), query, "{id}"),
            }
        }
        if let Some(url) = expected["url"].as_str() {
            assert!(says(url).ends_with(&query), "{id}: {query}");
            let path = endpoint::encode_path(text(&input["path_decoded"]).trim_start_matches('/'));
            assert!(url.contains(&path), "{id}: {path}");
        }
    }
}

#[test]
fn the_authorization_of_recorded_get_auth_calls() {
    let mut cache = SigningKeyCache::default();
    for vector in vectors(SIGNATURE, "authorizations") {
        let (id, input) = (&vector["id"], &vector["input"]);
        let mut path = text(&input["Pathname"]);
        if path.is_empty() {
            path = text(&input["Key"]);
            if input["UseRawKey"] == Json::Bool(true) || !path.starts_with('/') {
                path.insert(0, '/');
            }
        }
        let mut headers = pairs(&input["Headers"]);
        headers.retain(|(name, _)| sign::is_signed_header(name));
        if input["Bucket"].is_string() && input["ForceSignHost"] != Json::Bool(false) {
            let url = endpoint::Endpoint::default().object_url(
                &text(&input["Bucket"]),
                &text(&input["Region"]),
                "",
            );
            let host = endpoint::host_of(&url).to_owned();
            headers.push(("Host".to_owned(), host));
        }
        let authorization = sign::sign(
            &mut cache,
            &text(&input["SecretId"]),
            &text(&input["SecretKey"]),
            &text(&input["KeyTime"]),
            &Unsigned {
                method: input["Method"].as_str().unwrap_or("get"),
                path: &path,
                query: &borrowed(&pairs(&input["Query"])),
                headers: &borrowed(&headers),
            },
        );
        assert_eq!(vector["expected"], authorization, "{id}");
    }
}

#[test]
fn the_text_that_servers_said_they_signed() {
    for vector in vectors(SIGNATURE, "string_to_sign") {
        let expected = text(&vector["expected"]["string_to_sign"]);
        let key_time = expected.split('\n').nth(1).unwrap();
        let canonical = CanonicalRequest {
            http_string: text(&vector["input"]["http_string"]),
            header_list: String::new(),
            param_list: String::new(),
        };
        assert_eq!(expected, sign::string_to_sign(key_time, &canonical), "{}", vector["id"]);
    }
}

#[test]
fn the_policy_of_a_form() {
    for vector in vectors(POST_POLICY, "policies") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let (secret_key, key_time) = (text(&input["secret_key"]), text(&input["key_time"]));
        let policy = decode_base64(&text(&input["policy_base64"]));
        assert_eq!(expected["sign_key"], SigningKey::new(&secret_key, &key_time).expose_hex());
        assert_eq!(expected["string_to_sign"], digest::sha1_hex(&policy));
        let secret_id = text(&input["secret_id"]);
        let fields = sign::post_policy_fields(&secret_id, &secret_key, "token", &key_time, &policy);
        let expected = [
            ("policy", text(&input["policy_base64"])),
            ("q-sign-algorithm", "sha1".to_owned()),
            ("q-ak", secret_id),
            ("q-key-time", key_time),
            ("q-signature", text(&expected["signature"])),
            ("x-cos-security-token", "token".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        assert_eq!(fields, expected);
    }
}

/// Undoes base64, independently of the crate under test.
fn decode_base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = text
        .trim_end_matches('=')
        .chars()
        .map(|letter| format!("{:06b}", alphabet.find(letter).unwrap()))
        .collect();
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}

#[test]
fn md5_of_texts() {
    for vector in vectors(DIGEST, "md5") {
        let sum = digest::md5(text(&vector["input"]["utf8"]).as_bytes());
        assert_eq!(vector["expected"]["hex"], digest::hex(&sum), "{}", vector["id"]);
    }
}

#[test]
fn crc64_of_texts_and_zeros() {
    for vector in vectors(DIGEST, "crc64") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let mut crc = Crc64::new();
        match input["utf8"].as_str() {
            Some(text) => crc.update(text.as_bytes()),
            None => {
                let byte = u8::try_from(input["repeat_byte"].as_u64().unwrap()).unwrap();
                let count = usize::try_from(input["count"].as_u64().unwrap()).unwrap();
                crc.update(&vec![byte; count]);
            }
        }
        assert_eq!(expected["u64_decimal"], digest::crc64_text(crc.value()), "{}", vector["id"]);
        if let Some(hex) = expected["hex"].as_str() {
            assert_eq!(hex, format!("{:016x}", crc.value()), "{}", vector["id"]);
        }
    }
}

#[test]
fn crc64_of_two_halves() {
    for vector in vectors(DIGEST, "crc64_combine") {
        let input = &vector["input"];
        let combined = digest::crc64_combine(
            number(&input["crc1"]),
            number(&input["crc2"]),
            input["len2"].as_u64().unwrap(),
        );
        assert_eq!(number(&vector["expected"]["u64_decimal"]), combined, "{}", vector["id"]);
    }
}

#[test]
fn the_etag_of_parts() {
    for vector in vectors(DIGEST, "multipart_etag") {
        let parts = vector["input"]["parts"].as_array().unwrap();
        let mut whole = Md5::new();
        for part in parts {
            let count = usize::try_from(part[1].as_u64().unwrap()).unwrap();
            whole.update(&digest::md5(text(&part[0]).repeat(count).as_bytes()));
        }
        let etag = format!("\"{}-{}\"", digest::hex(&whole.finish()), parts.len());
        assert_eq!(vector["expected"]["etag"], etag, "{}", vector["id"]);
    }
}

#[test]
fn percent_encoding() {
    for vector in vectors(URL, "encode") {
        let plain = text(&vector["input"]);
        let encoded = endpoint::percent_encode(&plain);
        assert_eq!(vector["expected"], encoded, "{}", vector["id"]);
        assert_eq!(endpoint::percent_decode(&encoded).as_deref(), Some(plain.as_str()));
    }
}

#[test]
fn utf8_and_base64_of_texts() {
    for vector in vectors(TEXT, "base64") {
        let encoded = digest::base64(text(&vector["input"]["utf8"]).as_bytes());
        assert_eq!(vector["expected"], encoded, "{}", vector["id"]);
    }
    for vector in vectors(TEXT, "utf8") {
        let units = vector["input"]["utf16"].as_array().unwrap();
        let units: Vec<u16> =
            units.iter().map(|unit| u16::try_from(unit.as_u64().unwrap()).unwrap()).collect();
        let encoded = digest::base64(String::from_utf16_lossy(&units).as_bytes());
        assert_eq!(vector["expected"]["base64"], encoded, "{}", vector["id"]);
    }
}

/// A value of documents, which have only texts, lists and elements.
fn json(value: &Value) -> Json {
    match value {
        Value::List(list) => list.iter().map(json).collect(),
        Value::Map(members) => {
            members.iter().map(|(name, value)| (name.clone(), json(value))).collect()
        }
        text => Json::String(text.to_text()),
    }
}

#[test]
fn xml_as_values_and_back() {
    for vector in vectors(TEXT, "xml") {
        let parsed = xml::parse(&text(&vector["input"]));
        assert_eq!(vector["expected"], json(&parsed), "{}", vector["id"]);
        assert_eq!(xml::parse(&xml::build(&parsed)), parsed, "{}", vector["id"]);
    }
}

#[test]
fn addresses_of_accelerated_domains() {
    for vector in vectors(CDN, "urls") {
        let input = &vector["input"];
        let kind = match input["type"].as_str() {
            Some("A") => Type::A,
            Some("B") => Type::B,
            Some("C") => Type::C,
            Some("D") => Type::D,
            other => panic!("there is no type {other:?}"),
        };
        let key = &text(&input["key"]);
        let authentication = UrlAuthentication { kind, key, sign_param: "sign", time_param: "t" };
        let now = input["seconds"].as_f64().unwrap() * 1000.0 + 999.0;
        let [host, path, random] = ["host", "path", "random"].map(|name| text(&input[name]));
        let url = signed_url(&host, &path, "", &authentication, &random, now);
        assert_eq!(vector["expected"], url, "{}", vector["id"]);
    }
}
