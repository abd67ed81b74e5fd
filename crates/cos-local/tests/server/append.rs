//! Objects that grow.

use crate::client::*;

fn append(local: &Local, path: &str, position: usize, body: &[u8]) -> Answer {
    local.send(&Ask::new("POST", &format!("{path}?append&position={position}")).body(body))
}

#[test]
fn pieces_follow_each_other() {
    let local = Local::start();
    let begin = Ask::new("POST", "/log?append&position=0")
        .header("Content-Type", "text/x-log")
        .header("x-cos-meta-from", "first")
        .body("hello ");
    let first = local.send(&begin);
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.header("x-cos-next-append-position"), Some("6"));
    let second = append(&local, "/log", 6, b"world!");
    assert_eq!(second.header("x-cos-next-append-position"), Some("12"));
    assert_eq!(second.header("x-cos-hash-crc64ecma"), Some("9548687815775124833"));
    assert_ne!(second.header("ETag"), first.header("ETag"));
    let local = local.restart();
    for method in ["GET", "HEAD"] {
        let got = local.send(&Ask::new(method, "/log"));
        assert_eq!(got.header("Content-Length"), Some("12"));
        assert_eq!(got.header("ETag"), second.header("ETag"));
        assert_eq!(got.header("x-cos-object-type"), Some("appendable"));
        assert_eq!(got.header("x-cos-next-append-position"), Some("12"));
        assert_eq!(got.header("x-cos-hash-crc64ecma"), Some("9548687815775124833"));
        assert_eq!(got.header("Content-Type"), Some("text/x-log"));
        assert_eq!(got.header("x-cos-meta-from"), Some("first"));
    }
    assert_eq!(local.send(&Ask::new("GET", "/log")).text(), "hello world!");
    let middle = local.send(&Ask::new("GET", "/log").header("Range", "bytes=4-7"));
    assert_eq!(middle.text(), "o wo");
    local.send(&Ask::new("DELETE", "/log"));
    assert_eq!(local.files("blobs"), 0);
}

#[test]
fn pieces_have_to_fit() {
    let local = Local::start();
    assert_refused(&append(&local, "/log", 1, b"x"), 409, "AppendPositionErr");
    append(&local, "/log", 0, b"abc");
    for position in [0, 2, 4] {
        assert_refused(&append(&local, "/log", position, b"x"), 409, "AppendPositionErr");
    }
    for query in ["append", "append&position=", "append&position=-1", "append&position=three"] {
        let ask = Ask::new("POST", &format!("/log?{query}")).body("x");
        assert_refused(&local.send(&ask), 400, "InvalidArgument");
    }
    let digest = Ask::new("POST", "/log?append&position=3")
        .header("Content-MD5", &content_md5(b"other"))
        .body("x");
    assert_refused(&local.send(&digest), 400, "BadDigest");
    assert_eq!(local.send(&Ask::new("GET", "/log")).text(), "abc");
    assert_eq!((local.files("blobs"), local.files("drafts")), (1, 0));
}

#[test]
fn only_appended_objects_grow() {
    let local = Local::start();
    local.put("/k", "content");
    assert_refused(&append(&local, "/k", 7, b"x"), 409, "ObjectNotAppendable");
    append(&local, "/log", 0, b"abc");
    local.put("/log", "new");
    assert_refused(&append(&local, "/log", 3, b"x"), 409, "ObjectNotAppendable");
    assert_eq!(local.send(&Ask::new("HEAD", "/log")).header("x-cos-object-type"), None);
    let copy = Ask::new("PUT", "/copy").header("x-cos-copy-source", &format!("{HOST}/log"));
    local.send(&copy);
    assert_refused(&append(&local, "/copy", 3, b"x"), 409, "ObjectNotAppendable");
}

#[test]
fn an_object_that_grows_stays_the_same_version() {
    let local = Local::start();
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    local.send(&Ask::new("PUT", "/?versioning").body(versioning));
    append(&local, "/log", 0, b"abc");
    let version = |local: &Local| {
        let head = local.send(&Ask::new("HEAD", "/log"));
        head.header("x-cos-version-id").expect("an id").to_owned()
    };
    let before = version(&local);
    append(&local, "/log", 3, b"def");
    assert_eq!(version(&local), before);
    local.send(&Ask::new("DELETE", "/log"));
    append(&local, "/log", 0, b"again");
    assert_eq!(local.send(&Ask::new("GET", "/log")).text(), "again");
    let old = local.send(&Ask::new("GET", &format!("/log?versionId={before}")));
    assert_eq!(old.text(), "abcdef");
}
