//! Encryption with keys of the client's and of the service's, and the pace of content.

use crate::client::*;

const PREFIX: &str = "x-cos-server-side-encryption-customer";
const SOURCE: &str = "x-cos-copy-source-server-side-encryption-customer";

fn keyed(ask: Ask, prefix: &str, key: u8) -> Ask {
    let key = [key; 32];
    ask.header(&format!("{prefix}-algorithm"), "AES256")
        .header(&format!("{prefix}-key"), &base64(&key))
        .header(&format!("{prefix}-key-MD5"), &content_md5(&key))
}

/// The content of the one file of content.
fn on_disk(local: &Local) -> Vec<u8> {
    let folder = std::fs::read_dir(local.folder.path().join("blobs")).expect("a folder");
    let mut files = folder.map(|file| file.expect("a file").path());
    let file = files.next().expect("one file");
    assert_eq!(files.next(), None);
    std::fs::read(file).expect("its content")
}

#[test]
fn a_key_of_the_clients_is_needed_again_and_not_kept() {
    let local = Local::start();
    let body = content(600_000);
    let stored = local.send(&keyed(Ask::new("PUT", "/k").body(body.clone()), PREFIX, 1));
    assert_eq!(stored.status, 200, "{}", stored.text());
    assert_eq!(stored.header(&format!("{PREFIX}-algorithm")), Some("AES256"));
    let digest = content_md5(&[1; 32]);
    assert_eq!(stored.header(&format!("{PREFIX}-key-md5")), Some(digest.as_str()));
    let secret = on_disk(&local);
    assert_eq!(secret.len(), body.len());
    assert!(secret != body);

    let local = local.restart();
    let got = local.send(&keyed(Ask::new("GET", "/k"), PREFIX, 1));
    assert!(got.body == body);
    assert_eq!(got.header(&format!("{PREFIX}-algorithm")), Some("AES256"));
    let part = keyed(Ask::new("GET", "/k").header("Range", "bytes=300001-300100"), PREFIX, 1);
    assert!(local.send(&part).body == body[300_001..=300_100]);
    for method in ["GET", "HEAD"] {
        assert_eq!(local.send(&Ask::new(method, "/k")).status, 400, "{method}");
        assert_eq!(local.send(&keyed(Ask::new(method, "/k"), PREFIX, 2)).status, 403, "{method}");
    }
    assert_eq!(local.send(&keyed(Ask::new("HEAD", "/k"), PREFIX, 1)).status, 200);
    local.put("/plain", "content");
    let needless = keyed(Ask::new("GET", "/plain"), PREFIX, 1);
    assert_refused(&local.send(&needless), 400, "InvalidArgument");
}

#[test]
fn keys_are_checked_as_they_come() {
    let local = Local::start();
    let key = base64(&[1; 32]);
    let digest = content_md5(&[1; 32]);
    for (algorithm, key, digest) in [
        ("AES128", key.as_str(), digest.as_str()),
        ("AES256", &base64(&[1; 16]), &content_md5(&[1; 16])),
        ("AES256", "no base64", &digest),
        ("AES256", &key, &content_md5(b"other")),
        ("AES256", &key, ""),
        ("", &key, &digest),
    ] {
        let ask = Ask::new("PUT", "/k")
            .header(&format!("{PREFIX}-algorithm"), algorithm)
            .header(&format!("{PREFIX}-key"), key)
            .header(&format!("{PREFIX}-key-MD5"), digest);
        assert_refused(&local.send(&ask.body("x")), 400, "InvalidArgument");
    }
    assert_eq!((local.files("blobs"), local.files("drafts")), (0, 0));
}

#[test]
fn copies_take_the_key_of_the_source_and_their_own() {
    let local = Local::start();
    local.send(&keyed(Ask::new("PUT", "/k").body("secret"), PREFIX, 1));
    let copy = Ask::new("PUT", "/copy").header("x-cos-copy-source", &format!("{HOST}/k"));
    assert_refused(&local.send(&copy), 400, "InvalidArgument");
    let wrong = keyed(copy.clone(), SOURCE, 3);
    assert_refused(&local.send(&wrong), 403, "AccessDenied");
    assert_eq!(local.send(&keyed(keyed(copy.clone(), SOURCE, 1), PREFIX, 2)).status, 200);
    assert_eq!(local.send(&keyed(Ask::new("GET", "/copy"), PREFIX, 2)).text(), "secret");
    assert_eq!(local.send(&keyed(copy, SOURCE, 1)).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/copy")).text(), "secret");
}

#[test]
fn parts_take_the_key_of_their_upload() {
    let local = Local::start();
    let body = content(1 << 20);
    let started = local.send(&keyed(Ask::new("POST", "/k?uploads"), PREFIX, 1));
    let id = started.element("UploadId").expect("an id");
    assert_eq!(started.header(&format!("{PREFIX}-algorithm")), Some("AES256"));
    let path = format!("/k?partNumber=1&uploadId={id}");
    let part = Ask::new("PUT", &path).body(body.clone());
    assert_refused(&local.send(&part), 400, "InvalidArgument");
    assert_refused(&local.send(&keyed(part.clone(), PREFIX, 2)), 403, "AccessDenied");
    let tag = local.send(&keyed(part, PREFIX, 1)).header("ETag").expect("a tag").to_owned();
    let list = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    let complete = Ask::new("POST", &format!("/k?uploadId={id}")).body(list);
    assert_eq!(local.send(&complete).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/k")).status, 400);
    assert!(local.send(&keyed(Ask::new("GET", "/k"), PREFIX, 1)).body == body);
    assert!(on_disk(&local) != body);
}

#[test]
fn encryption_by_the_service_is_given_back() {
    let local = Local::start();
    let name = "x-cos-server-side-encryption";
    let ask = |algorithm: &str| Ask::new("PUT", "/k").header(name, algorithm).body("x");
    assert_eq!(local.send(&ask("AES256")).header(name), Some("AES256"));
    assert_eq!(local.send(&Ask::new("GET", "/k")).header(name), Some("AES256"));
    let kms = format!("{name}-cos-kms-key-id");
    let stored = local.send(&ask("cos/kms").header(&kms, "my-key"));
    assert_eq!(stored.header(name), Some("cos/kms"));
    assert_eq!(local.send(&Ask::new("HEAD", "/k")).header(&kms), Some("my-key"));
    assert_refused(&local.send(&ask("ROT13")), 400, "InvalidArgument");
}

#[test]
fn a_pace_is_checked_and_harms_no_content() {
    let local = Local::start();
    let body = content(200_000);
    let limit = "x-cos-traffic-limit";
    for value in ["819199", "838860801", "fast"] {
        let ask = Ask::new("PUT", "/k").header(limit, value).body("x");
        assert_refused(&local.send(&ask), 400, "InvalidArgument");
    }
    let ask = Ask::new("PUT", "/k").header(limit, "83886080").body(body.clone());
    assert_eq!(local.send(&ask).status, 200);
    let got = local.send(&Ask::new("GET", &format!("/k?{limit}=83886080")));
    assert!(got.body == body);
    assert_refused(&local.send(&Ask::new("GET", &format!("/k?{limit}=1"))), 400, "InvalidArgument");
}
