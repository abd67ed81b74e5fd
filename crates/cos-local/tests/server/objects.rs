//! Objects.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::client::*;

#[test]
fn an_object_comes_back_as_it_was_sent() {
    let local = Local::start();
    let body = content(700_000);
    let put = Ask::new("PUT", "/%E7%9B%AE%E5%BD%95/a%20b+c%2F%2F..%2F.txt")
        .header("Content-Type", "text/plain; charset=utf-8")
        .header("Cache-Control", "max-age=60")
        .header("Content-Disposition", "attachment")
        .header("Content-Encoding", "identity")
        .header("Expires", "Thu, 16 May 2030 06:45:51 GMT")
        .header("x-cos-meta-Note", "value, with \"quotes\"")
        .header("x-cos-storage-class", "STANDARD_IA")
        .header("Content-MD5", &content_md5(&body))
        .body(body.clone());
    let stored = local.send(&put);
    assert_eq!(stored.status, 200, "{}", stored.text());
    let etag = format!("\"{}\"", md5(&body));
    assert_eq!(stored.header("ETag"), Some(etag.as_str()));
    let crc64 = stored.header("x-cos-hash-crc64ecma").expect("a CRC64").to_owned();
    assert!(crc64.parse::<u64>().is_ok());
    for method in ["GET", "HEAD"] {
        let got = local.send(&Ask::new(method, &put.path));
        assert_eq!(got.status, 200);
        for (name, value) in [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "max-age=60"),
            ("Content-Disposition", "attachment"),
            ("Content-Encoding", "identity"),
            ("Expires", "Thu, 16 May 2030 06:45:51 GMT"),
            ("x-cos-meta-note", "value, with \"quotes\""),
            ("x-cos-storage-class", "STANDARD_IA"),
            ("x-cos-hash-crc64ecma", &crc64),
            ("ETag", &etag),
            ("Content-Length", "700000"),
            ("Accept-Ranges", "bytes"),
        ] {
            assert_eq!(got.header(name), Some(value), "{method} {name}");
        }
        assert!(got.header("Last-Modified").is_some_and(|time| time.ends_with("GMT")));
        assert!(if method == "GET" { got.body == body } else { got.body.is_empty() });
    }
}

#[test]
fn the_published_crc64_is_reported() {
    let local = Local::start();
    let stored = local.put("/crc", "123456789");
    assert_eq!(stored.header("x-cos-hash-crc64ecma"), Some("11051210869376104954"));
}

#[test]
fn empty_objects_are_objects() {
    let local = Local::start();
    local.put("/empty", "");
    let got = local.send(&Ask::new("GET", "/empty"));
    assert_eq!((got.status, got.header("Content-Length"), got.body.len()), (200, Some("0"), 0));
    assert_eq!(got.header("x-cos-hash-crc64ecma"), Some("0"));
    assert_refused(
        &local.send(&Ask::new("GET", "/empty").header("Range", "bytes=0-")),
        416,
        "InvalidRange",
    );
}

#[test]
fn content_that_differs_from_its_digest_is_refused_and_forgotten() {
    let local = Local::start();
    local.put("/kept", "first");
    let ask = |digest: &str| Ask::new("PUT", "/kept").header("Content-MD5", digest).body("second");
    assert_refused(&local.send(&ask(&content_md5(b"other"))), 400, "BadDigest");
    assert_refused(&local.send(&ask("not base64")), 400, "InvalidDigest");
    assert_eq!(local.send(&Ask::new("GET", "/kept")).text(), "first");
    assert_eq!((local.files("blobs"), local.files("drafts")), (1, 0));
}

#[test]
fn replaced_and_deleted_content_leaves_the_disk() {
    let local = Local::start();
    local.put("/a", "one");
    local.put("/a", "two");
    local.put("/b", "three");
    assert_eq!(local.files("blobs"), 2);
    assert_eq!(local.send(&Ask::new("DELETE", "/a")).status, 204);
    assert_eq!(local.send(&Ask::new("DELETE", "/a")).status, 204);
    assert_eq!(local.files("blobs"), 1);
    assert_refused(&local.send(&Ask::new("GET", "/a")), 404, "NoSuchKey");
    let head = local.send(&Ask::new("HEAD", "/a"));
    assert_eq!((head.status, head.body.len()), (404, 0));
}

#[test]
fn overwriting_can_be_forbidden() {
    let local = Local::start();
    let ask =
        |body: &str| Ask::new("PUT", "/once").header("x-cos-forbid-overwrite", "true").body(body);
    assert_eq!(local.send(&ask("first")).status, 200);
    assert_refused(&local.send(&ask("second")), 409, "FileAlreadyExists");
    assert_eq!(local.send(&Ask::new("GET", "/once")).text(), "first");
    assert_eq!(local.files("blobs"), 1);
}

#[test]
fn a_range_is_a_part_of_the_object() {
    let local = Local::start();
    local.put("/digits", "0123456789");
    let get = |range: &str| local.send(&Ask::new("GET", "/digits").header("Range", range));
    let part = get("bytes=2-4");
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert_eq!(part.header("Content-Range"), Some("bytes 2-4/10"));
    assert_eq!(part.header("Content-Length"), Some("3"));
    assert_eq!(get("bytes=-2").text(), "89");
    assert_eq!(get("bytes=8-").text(), "89");
    assert_eq!(get("pages=1-2").status, 200);
    let outside = get("bytes=10-12");
    assert_refused(&outside, 416, "InvalidRange");
    assert_eq!(outside.header("Content-Range"), Some("bytes */10"));
}

#[test]
fn conditions_decide_about_the_answer() {
    let local = Local::start();
    let etag = local.put("/k", "content").header("ETag").expect("a tag").to_owned();
    for method in ["GET", "HEAD"] {
        let ask = |name: &str, value: &str| {
            local.send(&Ask::new(method, "/k").header(name, value)).status
        };
        assert_eq!(ask("If-Match", &etag), 200);
        assert_eq!(ask("If-Match", "\"other\""), 412);
        assert_eq!(ask("If-None-Match", &etag), 304);
        assert_eq!(ask("If-None-Match", "\"other\""), 200);
        assert_eq!(ask("If-Modified-Since", "Fri, 16 May 2200 06:45:51 GMT"), 304);
        assert_eq!(ask("If-Unmodified-Since", "Thu, 16 May 2019 06:45:51 GMT"), 412);
    }
    let unchanged = local.send(&Ask::new("GET", "/k").header("If-None-Match", &etag));
    assert_eq!((unchanged.header("ETag"), unchanged.body.len()), (Some(etag.as_str()), 0));
}

#[test]
fn the_query_can_replace_headers_of_the_answer() {
    let local = Local::start();
    local.put("/k", "content");
    let query = "response-content-type=text%2Fhtml&response-content-disposition=attachment%3B%20filename%3Da&\
                 response-cache-control=no-cache&response-content-encoding=gzip&response-content-language=zh&\
                 response-expires=0";
    let got = local.send(&Ask::new("GET", &format!("/k?{query}")));
    assert_eq!(got.header("Content-Type"), Some("text/html"));
    assert_eq!(got.header("Content-Disposition"), Some("attachment; filename=a"));
    assert_eq!(got.header("Cache-Control"), Some("no-cache"));
    assert_eq!(got.header("Content-Encoding"), Some("gzip"));
    assert_eq!(got.header("Content-Language"), Some("zh"));
    assert_eq!(got.header("Expires"), Some("0"));
    let split = local.send(&Ask::new("GET", "/k?response-content-type=a%0D%0Ab%3A%20c"));
    assert_refused(&split, 400, "InvalidArgument");
}

#[test]
fn chunked_bodies_are_taken_and_lengths_demanded() {
    let local = Local::start();
    let chunked = Ask::new("PUT", "/chunked")
        .header("Transfer-Encoding", "chunked")
        .body("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
    assert_eq!(local.send(&chunked).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/chunked")).text(), "hello world");
    let without = String::from_utf8(Ask::new("PUT", "/k").bytes()).expect("text");
    let without = without.replace("Content-Length: 0\r\n", "");
    let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
    stream.write_all(without.as_bytes()).expect("a request");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    assert_refused(&Answer::parse(&bytes), 411, "MissingContentLength");
}

#[test]
fn a_body_is_asked_for_only_when_it_is_wanted() {
    let local = Local::start();
    let begin = |ask: Ask| {
        let ask = ask.header("Expect", "100-continue").header("Content-Length", "5");
        let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
        stream.write_all(&ask.bytes()).expect("a request");
        let mut start = [0; 12];
        stream.read_exact(&mut start).expect("the start of an answer");
        (stream, String::from_utf8_lossy(&start).into_owned())
    };
    let (mut stream, start) = begin(Ask::new("PUT", "/wanted"));
    assert_eq!(start, "HTTP/1.1 100");
    stream.write_all(b"hello").expect("a body");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("an answer");
    assert!(String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"));
    let (_, start) = begin(Ask::new("PUT", "/unwanted").keys(SECRET_ID, "wrong"));
    assert_eq!(start, "HTTP/1.1 403");
}

#[test]
fn a_connection_serves_one_request_after_another_even_after_a_refusal() {
    let local = Local::start();
    let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
    let refused = Ask::new("PUT", "/k").keys(SECRET_ID, "wrong").body(content(3 << 20));
    let asks = [refused.header("Connection", "keep-alive"), Ask::new("PUT", "/k").body("x")];
    for ask in &asks {
        stream.write_all(&ask.bytes()).expect("a request");
    }
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("two answers");
    let text = String::from_utf8_lossy(&bytes);
    let statuses: Vec<_> =
        text.match_indices("HTTP/1.1 ").map(|(at, _)| &text[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["403", "200"]);
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let local = Local::start();
    let ask = Ask::new("PUT", "/broken")
        .header("Expect", "100-continue")
        .header("Content-Length", "1000");
    let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
    stream.write_all(&ask.bytes()).expect("a request");
    stream.read_exact(&mut [0; 25]).expect("HTTP/1.1 100 Continue and an empty line");
    assert_eq!(local.files("drafts"), 1);
    stream.write_all(&[0; 500]).expect("half a body");
    drop(stream);
    // Stopping waits until the server has noticed.
    let local = local.restart();
    assert_eq!((local.files("blobs"), local.files("drafts")), (0, 0));
    assert_refused(&local.send(&Ask::new("GET", "/broken")), 404, "NoSuchKey");
}

#[test]
fn an_object_deleted_while_it_is_read_is_read_to_its_end() {
    let local = Local::start();
    // More than the sockets' buffers hold, so that the server is still reading when the object
    // goes.
    let body = content(24 << 20);
    local.put("/going", body.clone());
    let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
    stream.write_all(&Ask::new("GET", "/going").bytes()).expect("a request");
    let mut bytes = vec![0; 1000];
    stream.read_exact(&mut bytes).expect("the start of an answer");
    local.put("/going", "new");
    assert_eq!(local.send(&Ask::new("DELETE", "/going")).status, 204);
    assert_eq!(local.files("blobs"), 1);
    stream.read_to_end(&mut bytes).expect("the rest");
    assert!(Answer::parse(&bytes).body == body);
    let folder = local.stop();
    assert_eq!(count_files(&folder.path().join("blobs")), 0);
}

#[test]
fn what_is_not_offered_is_refused_instead_of_done_wrongly() {
    let local = Local::start();
    local.put("/k", "content");
    for (method, path) in [("PUT", "/k?object-lock"), ("GET", "/?notification"), ("POST", "/?cors")]
    {
        assert_refused(&local.send(&Ask::new(method, path)), 501, "NotImplemented");
    }
    assert_refused(&local.send(&Ask::new("DELETE", "/k?versionId=x")), 404, "NoSuchVersion");
    assert_refused(&local.send(&Ask::new("PATCH", "/k")), 405, "MethodNotAllowed");
    assert_refused(&local.send(&Ask::new("POST", "/k").body("x")), 405, "MethodNotAllowed");
    assert_eq!(local.send(&Ask::new("GET", "/k")).text(), "content");
}

#[test]
fn keys_have_limits() {
    let local = Local::start();
    let long = "k".repeat(850);
    local.put(&format!("/{long}"), "x");
    assert_refused(&local.send(&Ask::new("PUT", &format!("/{long}k"))), 400, "KeyTooLong");
    assert_refused(&local.send(&Ask::new("PUT", "/%ff")), 400, "InvalidURI");
    let class = Ask::new("PUT", "/k").header("x-cos-storage-class", "SHELF");
    assert_refused(&local.send(&class), 400, "InvalidArgument");
    let large = Ask::new("PUT", "/k").header("Content-Length", "5368709121");
    assert_refused(&local.send(&large.header("Expect", "100-continue")), 400, "EntityTooLarge");
}

#[test]
fn objects_and_buckets_outlive_a_restart() {
    let local = Local::start();
    local.put("/kept", content(100_000));
    assert_eq!(
        local
            .send(&Ask::new("PUT", "/").host("new-1250000000.cos.ap-guangzhou.myqcloud.com"))
            .status,
        200
    );
    let local = local.restart();
    assert!(local.send(&Ask::new("GET", "/kept")).body == content(100_000));
    assert_eq!(
        local
            .send(&Ask::new("HEAD", "/").host("new-1250000000.cos.ap-guangzhou.myqcloud.com"))
            .status,
        200
    );
}
