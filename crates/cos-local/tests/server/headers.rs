//! What every answer has.

use crate::client::*;

#[test]
fn header_names_are_written_as_cos_writes_them() {
    let local = Local::start();
    local.put("/k", "content");
    let got = Ask::new("GET", "/k").header("Range", "bytes=0-1");
    let got = local.send(&got.header("Origin", "http://127.0.0.1:5173"));
    let mut names: Vec<_> = got.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "Accept-Ranges",
            "Access-Control-Allow-Origin",
            "Access-Control-Expose-Headers",
            "Connection",
            "Content-Length",
            "Content-Range",
            "Content-Type",
            "Date",
            "ETag",
            "Last-Modified",
            "Server",
            "x-cos-hash-crc64ecma",
            "x-cos-request-id",
        ]
    );
    assert_eq!(got.header("Server"), Some("tencent-cos"));
}

#[test]
fn errors_are_xml_with_the_request_they_belong_to() {
    let local = Local::start();
    let answer = local.send(&Ask::new("GET", "/a%26b"));
    assert_refused(&answer, 404, "NoSuchKey");
    assert_eq!(answer.header("Content-Type"), Some("application/xml"));
    assert!(
        answer.text().starts_with("<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>")
    );
    assert_eq!(answer.element("Resource"), Some(format!("{HOST}/a%26b")));
    let id = answer.header("x-cos-request-id").expect("an id");
    assert_eq!(answer.element("RequestId").as_deref(), Some(id));
    assert_eq!(answer.element("TraceId").as_deref(), answer.header("x-cos-trace-id"));
    let other = local.send(&Ask::new("GET", "/"));
    assert_ne!(other.header("x-cos-request-id"), Some(id));
    assert_eq!(other.header("x-cos-trace-id"), None);
}
