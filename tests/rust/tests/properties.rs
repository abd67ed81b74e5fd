//! What holds for every input: digests, encodings and XML.

use cos_core::digest::{self, PartDigest};
use cos_core::endpoint;
use cos_core::sign::{Unsigned, borrowed};
use cos_core::value::Value;
use cos_core::xml;
use proptest::collection::vec;
use proptest::prelude::*;

/// Documents made of the pieces of documents, in every order, and cut anywhere.
fn xml_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<a>"),
        Just("</a>"),
        Just("<b x='1' y=\">\">"),
        Just("</b>"),
        Just("<c/>"),
        Just("<!-- -->"),
        Just("<!--"),
        Just("-->"),
        Just("<![CDATA["),
        Just("]]>"),
        Just("<?xml version=\"1.0\"?>"),
        Just("<?pi"),
        Just("?>"),
        Just("<!DOCTYPE a>"),
        Just("<!D"),
        Just("<!["),
        Just("&amp;"),
        Just("&#x3C;"),
        Just("&"),
        Just("<"),
        Just(">"),
        Just("/"),
        Just("\""),
        Just("'"),
        Just("="),
        Just(" "),
        Just("\r\n"),
        Just("汉"),
        Just("😀"),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A bitwise CRC-64/XZ, straight from its definition.
fn crc64_bit_by_bit(bytes: &[u8]) -> u64 {
    let mut register = !0u64;
    for byte in bytes {
        register ^= u64::from(*byte);
        for _ in 0..8 {
            register = (register >> 1) ^ if register & 1 == 1 { 0xC96C_5795_D787_0F42 } else { 0 };
        }
    }
    !register
}

proptest! {
    #[test]
    fn crc64_is_what_its_definition_says(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(digest::crc64(&bytes), crc64_bit_by_bit(&bytes));
    }

    #[test]
    fn crc64_combines(first in vec(any::<u8>(), 0..300), second in vec(any::<u8>(), 0..300)) {
        let whole = digest::crc64(&[first.as_slice(), &second].concat());
        let combined = digest::crc64_combine(
            digest::crc64(&first),
            digest::crc64(&second),
            second.len() as u64,
        );
        prop_assert_eq!(combined, whole);
    }

    #[test]
    fn crc64_combines_any_lengths(crc in any::<[u64; 3]>(), long in any::<u32>(), longer in any::<u32>()) {
        // Combining is associative, also for files far larger than memory.
        let (long, longer) = (u64::from(long) << 12, u64::from(longer) << 12);
        let left = digest::crc64_combine(digest::crc64_combine(crc[0], crc[1], long), crc[2], longer);
        let right = digest::crc64_combine(crc[0], digest::crc64_combine(crc[1], crc[2], longer), long + longer);
        prop_assert_eq!(left, right);
    }

    #[test]
    fn crc64_text_reads_back(value in any::<u64>()) {
        prop_assert_eq!(digest::parse_crc64(&digest::crc64_text(value)), Some(value));
    }

    #[test]
    fn windows_do_not_matter(bytes in vec(any::<u8>(), 0..1000), window in 1usize..200) {
        let mut parts = PartDigest::new(true);
        for window in bytes.chunks(window) {
            parts.update(window);
        }
        let sums = parts.finish();
        prop_assert_eq!(sums.md5, Some(digest::md5(&bytes)));
        prop_assert_eq!(sums.crc64, crc64_bit_by_bit(&bytes));
        prop_assert_eq!(sums.length, bytes.len() as u64);
    }

    #[test]
    fn percent_encoding_reads_back(text in any::<String>()) {
        let encoded = endpoint::percent_encode(&text);
        prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
        prop_assert_eq!(endpoint::percent_decode(&encoded), Some(text));
    }

    #[test]
    fn a_query_says_what_was_put_in(query in vec((any::<String>(), any::<String>()), 0..8)) {
        let encoded = endpoint::encode_query(&query);
        let mut found: Vec<_> = encoded
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| {
                (endpoint::percent_decode(name).unwrap(), endpoint::percent_decode(value).unwrap())
            })
            .collect();
        let mut query = query;
        found.sort();
        query.sort();
        prop_assert_eq!(found, query);
    }

    #[test]
    fn the_order_of_headers_does_not_change_a_signature(
        mut headers in proptest::collection::btree_map("[a-z-]{1,12}", any::<String>(), 0..8)
            .prop_map(|map| map.into_iter().collect::<Vec<_>>()),
    ) {
        let spell = |headers: &[(String, String)]| {
            Unsigned { method: "GET", path: "/", query: &[], headers: &borrowed(headers) }.canonicalize()
        };
        let before = spell(&headers);
        headers.reverse();
        prop_assert_eq!(before, spell(&headers));
    }

    #[test]
    fn xml_of_any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert!(matches!(xml::parse(&text), Value::Map(_) | Value::Null));
    }

    #[test]
    fn xml_of_any_markup_is_read_or_refused(text in xml_like()) {
        prop_assert!(matches!(xml::parse(&text), Value::Map(_) | Value::Null));
    }

    #[test]
    fn xml_reads_back(names in vec("[A-Z][a-z]{0,6}", 1..6), texts in vec("\\PC*", 6)) {
        let mut value = Value::map();
        for (name, text) in names.iter().zip(&texts) {
            value.set(name, text.as_str());
        }
        let document = Value::map().with("Root", value);
        prop_assert_eq!(xml::parse(&xml::build(&document)), document);
    }
}

#[test]
fn hostile_xml_takes_linear_time() {
    let cases = [
        "<a>".repeat(1_000_000),
        "<a/>".repeat(1_000_000),
        "<".repeat(1_000_000),
        "<!--".repeat(1_000_000),
        "<![CDATA[".repeat(400_000),
        "</a>".repeat(1_000_000),
        "&".repeat(4_000_000),
        "<a>".to_owned() + &"&amp;<!-- -->".repeat(300_000) + "</a>",
        (0..300_000).map(|n| format!("<a{n}/>")).collect(),
        (0..300_000).map(|n| format!("<a{}>", n % 100)).collect(),
    ];
    // Each takes milliseconds; the squares of these lengths would take hours.
    for document in cases {
        assert!(matches!(xml::parse(&document), Value::Map(_) | Value::Null));
    }
}
