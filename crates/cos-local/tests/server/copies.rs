//! Copies of objects, and parts copied from objects.

use crate::client::*;

fn copy(path: &str, source: &str) -> Ask {
    Ask::new("PUT", path).header("x-cos-copy-source", &format!("{HOST}/{source}"))
}

#[test]
fn a_copy_has_the_content_and_the_metadata_of_its_source() {
    let local = Local::start();
    let body = content(300_000);
    let source = Ask::new("PUT", "/%E4%B8%AD/a%20b")
        .header("Content-Type", "text/x-test")
        .header("Content-Disposition", "attachment")
        .header("x-cos-meta-note", "kept")
        .header("x-cos-storage-class", "STANDARD_IA")
        .body(body.clone());
    let source = local.send(&source);
    let copied = local.send(&copy("/copy", "%E4%B8%AD/a%20b"));
    assert_eq!(copied.status, 200, "{}", copied.text());
    assert_eq!(copied.element("ETag").as_deref(), source.header("ETag"));
    assert_eq!(copied.element("CRC64").as_deref(), source.header("x-cos-hash-crc64ecma"));
    assert_eq!(copied.header("x-cos-hash-crc64ecma"), source.header("x-cos-hash-crc64ecma"));
    assert!(copied.element("LastModified").is_some_and(|time| time.ends_with('Z')));
    let got = local.send(&Ask::new("GET", "/copy"));
    assert!(got.body == body);
    assert_eq!(got.header("Content-Type"), Some("text/x-test"));
    assert_eq!(got.header("Content-Disposition"), Some("attachment"));
    assert_eq!(got.header("x-cos-meta-note"), Some("kept"));
    assert_eq!(got.header("x-cos-storage-class"), None, "a copy is of the standard class");
    local.send(&Ask::new("DELETE", "/%E4%B8%AD/a%20b"));
    assert!(local.send(&Ask::new("GET", "/copy")).body == body, "a copy is on its own");
}

#[test]
fn metadata_can_be_replaced_even_in_place() {
    let local = Local::start();
    local.send(
        &Ask::new("PUT", "/k").header("x-cos-meta-old", "1").header("Expires", "0").body("content"),
    );
    assert_refused(&local.send(&copy("/k", "k")), 400, "InvalidRequest");
    let replaced = copy("/k", "k")
        .header("x-cos-metadata-directive", "Replaced")
        .header("x-cos-meta-new", "2")
        .header("Content-Type", "text/html");
    assert_eq!(local.send(&replaced).status, 200);
    let got = local.send(&Ask::new("GET", "/k"));
    assert_eq!((got.text().as_str(), got.header("x-cos-meta-new")), ("content", Some("2")));
    assert_eq!((got.header("x-cos-meta-old"), got.header("Expires")), (None, None));
    assert_eq!(got.header("Content-Type"), Some("text/html"));
    let class = copy("/k", "k").header("x-cos-storage-class", "STANDARD_IA");
    assert_eq!(local.send(&class).status, 200);
    let got = local.send(&Ask::new("HEAD", "/k"));
    assert_eq!(got.header("x-cos-storage-class"), Some("STANDARD_IA"));
    assert_eq!(local.files("blobs"), 1);
    let wrong = copy("/x", "k").header("x-cos-metadata-directive", "Maybe");
    assert_refused(&local.send(&wrong), 400, "InvalidArgument");
}

#[test]
fn conditions_on_the_source_decide() {
    let local = Local::start();
    let etag = local.put("/k", "content").header("ETag").expect("a tag").to_owned();
    for (name, value, status) in [
        ("If-Match", etag.as_str(), 200),
        ("If-Match", "\"other\"", 412),
        ("If-None-Match", "\"other\"", 200),
        ("If-None-Match", &etag, 412),
        ("If-Modified-Since", "Thu, 16 May 2019 06:45:51 GMT", 200),
        ("If-Modified-Since", "Fri, 16 May 2200 06:45:51 GMT", 412),
        ("If-Unmodified-Since", "Thu, 16 May 2019 06:45:51 GMT", 412),
        ("If-Unmodified-Since", "Fri, 16 May 2200 06:45:51 GMT", 200),
    ] {
        let name = format!("x-cos-copy-source-{name}");
        let answer = local.send(&copy("/copy", "k").header(&name, value));
        assert_eq!(answer.status, status, "{name}: {value}");
    }
}

#[test]
fn a_source_has_to_be_there_and_readable() {
    let local = Local::start();
    local.put("/k", "content");
    assert_refused(&local.send(&copy("/copy", "absent")), 404, "NoSuchKey");
    let from =
        |source: &str| local.send(&Ask::new("PUT", "/copy").header("x-cos-copy-source", source));
    let region = "demo-1250000000.cos.ap-beijing.myqcloud.com/k";
    assert_refused(&from(region), 404, "NoSuchBucket");
    for source in ["", "k", &format!("{HOST}/"), HOST] {
        assert_refused(&from(source), 400, "InvalidCopySource");
    }
    assert_eq!(from(&format!("127.0.0.1/{BUCKET}/k")).status, 200);
    let forbidden = copy("/copy", "k").header("x-cos-forbid-overwrite", "true");
    assert_refused(&local.send(&forbidden), 409, "FileAlreadyExists");
    assert_refused(&local.send(&copy("/x", "k").unsigned()), 403, "AccessDenied");
}

#[test]
fn temporary_keys_copy_within_their_bucket_only() {
    let other = "other-1250000000.cos.ap-guangzhou.myqcloud.com";
    let local = Local::start_with(|config| config.buckets.push("other-1250000000".to_owned()));
    local.put("/k", "content");
    local.send(&Ask::new("PUT", "/secret").host(other).body("secret"));
    let sts = Ask::new("GET", &format!("/sts?bucket={BUCKET}")).host("127.0.0.1").unsigned();
    let keys: serde_json::Value =
        serde_json::from_slice(&local.send(&sts).body).expect("temporary keys");
    let keys = &keys["credentials"];
    let text = |name: &str| keys[name].as_str().expect("text").to_owned();
    let guest = |source: &str| {
        Ask::new("PUT", "/copy")
            .keys(&text("tmpSecretId"), &text("tmpSecretKey"))
            .header("x-cos-security-token", &text("sessionToken"))
            .header("x-cos-copy-source", source)
    };
    assert_eq!(local.send(&guest(&format!("{HOST}/k"))).status, 200);
    assert_refused(&local.send(&guest(&format!("{other}/secret"))), 403, "AccessDenied");
}

#[test]
fn parts_can_be_copied_from_ranges() {
    let local = Local::start();
    let body = content((1 << 20) + 5000);
    local.put("/source", body.clone());
    let started = local.send(&Ask::new("POST", "/whole?uploads"));
    let id = started.element("UploadId").expect("an id");
    let part = |number: u32, range: &str| {
        let path = format!("/whole?partNumber={number}&uploadId={id}");
        let ask = copy(&path, "source");
        let ask = match range {
            "" => ask,
            range => ask.header("x-cos-copy-source-range", range),
        };
        local.send(&ask)
    };
    let first = part(1, "bytes=0-1048575");
    assert_eq!(first.status, 200, "{}", first.text());
    let tag = format!("\"{}\"", md5(&body[..1 << 20]));
    assert_eq!(first.element("ETag").as_deref(), Some(tag.as_str()));
    assert_eq!(first.element("CRC64").as_deref(), first.header("x-cos-hash-crc64ecma"));
    let second = part(2, "");
    let tags = [&first, &second].map(|part| part.element("ETag").expect("a tag"));
    for (range, status, code) in [
        ("bytes=0-1053576", 416, "InvalidRange"),
        ("bytes=2000000-", 416, "InvalidRange"),
        ("bytes=0-", 400, "InvalidArgument"),
        ("some", 400, "InvalidArgument"),
    ] {
        assert_refused(&part(3, range), status, code);
    }
    let list: String = tags
        .iter()
        .zip(1..)
        .map(|(tag, number)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>")
        })
        .collect();
    let complete = Ask::new("POST", &format!("/whole?uploadId={id}"))
        .body(format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>"));
    assert_eq!(local.send(&complete).status, 200);
    let got = local.send(&Ask::new("GET", "/whole")).body;
    assert!(got == [&body[..1 << 20], &body].concat());
}

#[test]
fn a_copy_can_bring_back_a_version_and_is_one() {
    let local = Local::start();
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    local.send(&Ask::new("PUT", "/?versioning").body(versioning));
    let old = local.put("/k", "old").header("x-cos-version-id").expect("an id").to_owned();
    local.put("/k", "new");
    let copied = local.send(&copy("/k", &format!("k?versionId={old}")));
    assert_eq!(copied.status, 200, "{}", copied.text());
    let id = copied.header("x-cos-version-id").expect("an id");
    assert_ne!(id, old);
    assert_eq!(copied.element("VersionId").as_deref(), Some(id));
    assert_eq!(local.send(&Ask::new("GET", "/k")).text(), "old");
    local.send(&Ask::new("DELETE", "/k"));
    assert_refused(&local.send(&copy("/copy", "k")), 404, "NoSuchKey");
    assert_refused(&local.send(&copy("/copy", "k?versionId=none")), 404, "NoSuchVersion");
    assert_eq!(local.send(&copy("/copy", &format!("k?versionId={old}"))).status, 200);
}

#[test]
fn tags_are_copied_or_replaced() {
    let local = Local::start();
    local.send(&Ask::new("PUT", "/k").header("x-cos-tagging", "a=1").body("content"));
    let tags =
        |path: &str| local.send(&Ask::new("GET", &format!("{path}?tagging"))).elements("Key");
    local.send(&copy("/copy", "k"));
    assert_eq!(tags("/copy"), ["a"]);
    let replaced = copy("/copy", "k")
        .header("x-cos-tagging-directive", "Replaced")
        .header("x-cos-tagging", "b=2");
    local.send(&replaced);
    assert_eq!(tags("/copy"), ["b"]);
}
