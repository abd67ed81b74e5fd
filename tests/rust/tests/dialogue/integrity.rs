//! Bytes at COS are those that were meant, or the call fails: what every operation that stores bytes
//! compares.

use cos_core::digest::{crc64, crc64_text};
use cos_core::value::Value;
use cos_tests::answer::{Answer, status, stored, xml};
use cos_tests::client::{object, with_key};
use cos_tests::dialogue::Dialogue;

const DAMAGED: &str =
    "COS stored CRC64 4979190693636521559, 11177612005948864433 was sent: upload again";

/// The answer to bytes that arrived as others.
fn damaged() -> Answer {
    stored(b"damaged")
}

/// A call with the body `hello` that COS stores wrong `times` times; its last line.
fn outcome(operation: &str, params: Value, times: usize) -> String {
    let mut d = Dialogue::new(&with_key());
    d.call_with(operation, params, b"hello").as_before();
    let mut last = String::new();
    for n in 1..=times {
        let lines = d.answer(&format!("s{n}"), damaged());
        last.clone_from(lines.texts().iter().rfind(|line| !line.starts_with("forget")).unwrap());
    }
    if last.starts_with("send") {
        d.stored(&format!("s{}", times + 1)).as_before();
    }
    last
}

#[test]
fn a_body_is_sent_again_until_it_is_stored_as_it_is() {
    let part = object("a").with("UploadId", "U").with("PartNumber", 1.0);
    for (operation, params) in [("putObject", object("a")), ("multipartUpload", part)] {
        for times in [1, 2] {
            let last = outcome(operation, params.clone(), times);
            assert!(last.starts_with("send "), "{operation}: {last}");
        }
        let last = outcome(operation, params, 3);
        assert_eq!(
            last,
            format!("settle c1 Integrity COS_INTEGRITY 200: {DAMAGED}"),
            "{operation}"
        );
    }
}

#[test]
fn what_is_appended_is_never_sent_twice() {
    let begins = object("a").with("Position", 0.0);
    let last = outcome("appendObject", begins, 1);
    assert_eq!(last, format!("settle c1 Integrity COS_INTEGRITY 200: {DAMAGED}"));
    // Behind other bytes COS tells the sum of all of them.
    let last = outcome("appendObject", object("a").with("Position", 9.0), 1);
    assert!(last.starts_with("settle c1 200"), "{last}");
}

#[test]
fn a_copy_has_the_bytes_of_its_source() {
    for (sum, told) in [
        (crc64(b"hello"), "settle c1 200 ETag=e"),
        (
            crc64(b"damaged"),
            "settle c1 Integrity COS_INTEGRITY: the copy has CRC64 4979190693636521559, the source had \
             11177612005948864433: copy again",
        ),
    ] {
        let mut d = Dialogue::new(&with_key());
        let source = "source-1250000000.cos.ap-beijing.myqcloud.com/a.bin";
        d.call("sliceCopyFile", object("b").with("CopySource", source)).as_before();
        let header = "x-cos-hash-crc64ecma";
        let head = status(200).header("Content-Length", "5");
        d.answer("s1", head.header(header, &crc64_text(crc64(b"hello")))).as_before();
        let copied = xml("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>");
        let lines = d.answer("s2", copied.header(header, &crc64_text(sum)));
        let last = lines.texts().iter().rfind(|line| line.starts_with("settle")).unwrap();
        assert_eq!(last, told);
    }
}
