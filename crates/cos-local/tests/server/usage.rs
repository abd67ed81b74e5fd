//! Usage by bucket and month: what is counted, where, and that it is kept.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::client::*;

/// What is told of the months' flow, in the order of the numbers in these tests.
const FLOWS: [&str; 5] =
    ["downstreamBytes", "cdnOriginBytes", "readRequests", "writeRequests", "cdnBytes"];

fn flows(usage: &Value) -> [u64; 5] {
    FLOWS.map(|name| usage[name].as_u64().expect("a number"))
}

fn storage(usage: &Value) -> [u64; 2] {
    ["storageBytes", "peakStorageBytes"].map(|name| usage[name].as_u64().expect("a number"))
}

#[test]
fn a_new_bucket_has_used_nothing() {
    let begun = now();
    let server = Local::start();
    let usage = server.usage();
    assert_eq!(usage["bucket"], BUCKET);
    assert_eq!((flows(&usage), storage(&usage)), ([0; 5], [0, 0]));
    assert_eq!((&usage["cdnActivated"], &usage["domainBound"]), (&Value::Null, &Value::Null));
    let updated = usage["updated"].as_i64().expect("a time");
    assert!((begun * 1000..=now() * 1000).contains(&updated), "{updated}");

    let made = "made-1250000000.cos.ap-guangzhou.myqcloud.com";
    assert_eq!(server.send(&Ask::new("PUT", "/").host(made)).status, 200);
    let (_, usage) = server.ask_json("/usage?bucket=made-1250000000");
    assert_eq!((flows(&usage), storage(&usage)), ([0; 5], [0, 0]));
}

#[test]
fn what_cannot_be_told_is_refused_with_a_sentence() {
    let server = Local::start();
    let refused = |path: &str, status: u16, code: &str| {
        let (found, told) = server.ask_json(path);
        assert_eq!((found, &told["code"]), (status, &json!(code)), "{told}");
        told["message"].as_str().expect("a sentence").to_owned()
    };
    let unknown = refused("/usage?bucket=other-1250000000", 404, "NoSuchBucket");
    assert_eq!(unknown, "There is no bucket other-1250000000; create it, or correct its name.");
    refused("/usage", 400, "InvalidArgument");
    refused(&format!("/usage?bucket={BUCKET}&month=May"), 400, "InvalidArgument");
    refused(&format!("/usage?bucket={BUCKET}&month=9999-12"), 400, "InvalidArgument");
    let path = format!("/usage?bucket={BUCKET}");
    let post = Ask::new("POST", &path).host("127.0.0.1").unsigned();
    assert_eq!(server.send(&post).status, 405);
    let rebound = Ask::new("GET", &path).host("page.example.com").unsigned();
    assert_eq!(server.send(&rebound).status, 403);
}

#[test]
fn every_body_and_every_request_counts() {
    let server = Local::start();
    server.put("/a", content(1000));
    let mut down = 0;
    let mut reads = 0;
    let mut read = |ask: Ask| {
        let answer = server.send(&ask);
        down += answer.body.len() as u64;
        reads += 1;
        answer.status
    };
    assert_eq!(read(Ask::new("GET", "/a")), 200);
    assert_eq!(read(Ask::new("GET", "/a").header("Range", "bytes=10-19")), 206);
    assert_eq!(read(Ask::new("HEAD", "/a")), 200);
    assert_eq!(read(Ask::new("GET", "/absent")), 404);
    assert_eq!(read(Ask::new("GET", "/a").unsigned()), 403);
    assert_eq!(read(Ask::new("GET", "/")), 200);
    let preflight = Ask::new("OPTIONS", "/a")
        .header("Origin", "http://127.0.0.1")
        .header("Access-Control-Request-Method", "GET");
    assert_eq!(read(preflight), 200);
    assert!(down > 1010);
    assert_eq!(server.send(&Ask::new("DELETE", "/absent")).status, 204);
    let wrong = Ask::new("PUT", "/b").body("x").header("Content-MD5", &content_md5(b"y"));
    let wrong = server.send(&wrong);
    assert_refused(&wrong, 400, "BadDigest");
    down += wrong.body.len() as u64;
    // Neither the endpoints nor buckets that do not exist are part of the bucket's usage.
    server.usage();
    let other = Ask::new("GET", "/a").host("other-1250000000.cos.ap-guangzhou.myqcloud.com");
    assert_refused(&server.send(&other), 404, "NoSuchBucket");
    assert_eq!(flows(&server.usage()), [down, 0, reads, 3, 0]);
}

#[test]
fn of_a_body_that_is_cut_off_counts_what_left() {
    let server = Local::start();
    let body = content(16 << 20);
    server.put("/a", body.clone());
    // 100 KB a second: most of it is still to come when the client has seen enough.
    let ask = Ask::new("GET", "/a").header("x-cos-traffic-limit", "819200");
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).expect("a connection");
    stream.write_all(&ask.bytes()).expect("a request");
    stream.read_exact(&mut [0; 4096]).expect("the start of an answer");
    drop(stream);
    let [down, ..] = flows(&server.usage());
    assert!((1..body.len() as u64).contains(&down), "{down}");
}

#[test]
fn versions_and_parts_are_stored_too() {
    let server = Local::start();
    let stored = || storage(&server.usage());
    server.put("/a", content(1000));
    server.put("/a", content(600));
    assert_eq!(stored(), [600, 1000], "what is replaced is gone, and was never beside the new");
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    server.put("/?versioning", versioning);
    server.put("/a", content(500));
    assert_eq!(stored(), [1100, 1100]);
    assert_eq!(server.send(&Ask::new("DELETE", "/a")).status, 204);
    assert_eq!(stored(), [1100, 1100], "a delete marker hides and removes nothing");

    let begun = server.send(&Ask::new("POST", "/big?uploads"));
    let id = begun.element("UploadId").expect("an id");
    let part = |number: u32| format!("/big?partNumber={number}&uploadId={id}");
    server.put(&part(1), content(1 << 20));
    server.put(&part(1), content(2 << 20));
    server.put(&part(2), content(300));
    assert_eq!(stored(), [1100 + (2 << 20) + 300, 1100 + (2 << 20) + 300]);
    let tag = md5(&content(2 << 20));
    let parts = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    let complete = Ask::new("POST", &format!("/big?uploadId={id}")).body(parts);
    assert_eq!(server.send(&complete).status, 200);
    assert_eq!(stored()[0], 1100 + (2 << 20), "the part left out is gone");

    let before = server.usage();
    let server = server.restart();
    assert_eq!(storage(&server.usage()), storage(&before), "counted anew at the start");
    assert_eq!(flows(&server.usage()), flows(&before), "kept over a restart");
}

#[test]
fn a_new_month_begins_from_zero_but_for_what_is_stored() {
    let server = Local::start();
    server.put("/a", content(1000));
    assert_eq!(server.send(&Ask::new("GET", "/a")).status, 200);
    let before = server.usage();
    server.clock.advance(32 * 86_400);
    let after = server.usage();
    assert_ne!(before["month"], after["month"]);
    assert_eq!((flows(&after), storage(&after)), ([0; 5], [1000, 1000]));
    let month = before["month"].as_str().expect("a month");
    let (_, earlier) = server.ask_json(&format!("/usage?bucket={BUCKET}&month={month}"));
    assert_eq!((flows(&earlier), storage(&earlier)), (flows(&before), [1000, 1000]));
    let (_, long_ago) = server.ask_json(&format!("/usage?bucket={BUCKET}&month=2020-01"));
    assert_eq!((flows(&long_ago), storage(&long_ago)), ([0; 5], [0, 0]));
    assert_eq!(long_ago["updated"], Value::Null);
}
