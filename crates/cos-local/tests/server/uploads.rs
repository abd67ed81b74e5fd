//! Multipart uploads.

use crate::client::*;

const MIB: usize = 1 << 20;

fn initiate(local: &Local, key: &str) -> String {
    let answer = local
        .send(&Ask::new("POST", &format!("/{key}?uploads")).header("Content-Type", "image/png"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.element("Bucket").as_deref(), Some(BUCKET));
    answer.element("UploadId").expect("an id")
}

fn put_part(local: &Local, key: &str, id: &str, number: u32, body: &[u8]) -> Answer {
    local.send(&Ask::new("PUT", &format!("/{key}?partNumber={number}&uploadId={id}")).body(body))
}

/// Uploads parts and returns numbers and tags.
fn put_parts(local: &Local, key: &str, id: &str, parts: &[(u32, &[u8])]) -> Vec<(u32, String)> {
    let put = |(number, body): &(u32, &[u8])| {
        let answer = put_part(local, key, id, *number, body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        (*number, answer.header("ETag").expect("a tag").to_owned())
    };
    parts.iter().map(put).collect()
}

fn complete(local: &Local, key: &str, id: &str, parts: &[(u32, String)]) -> Answer {
    let list: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    let body =
        format!("<?xml version=\"1.0\"?><CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
    let md5 = content_md5(body.as_bytes());
    local.send(
        &Ask::new("POST", &format!("/{key}?uploadId={id}")).header("Content-MD5", &md5).body(body),
    )
}

#[test]
fn parts_become_one_object() {
    let local = Local::start();
    let whole = content(2 * MIB + 5);
    let id = initiate(&local, "big");
    // Out of order, as parallel uploads are, and the second twice.
    put_part(&local, "big", &id, 2, b"to be replaced");
    let mut parts = put_parts(
        &local,
        "big",
        &id,
        &[(3, &whole[2 * MIB..]), (2, &whole[MIB..2 * MIB]), (1, &whole[..MIB])],
    );
    parts.reverse();
    assert_eq!(local.files("blobs"), 3);
    let done = complete(&local, "big", &id, &parts);
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.element("Key").as_deref(), Some("big"));
    assert_eq!(done.element("Location"), Some(format!("{HOST}/big")));
    let etag = done.element("ETag").expect("a tag");
    assert!(etag.ends_with("-3\"") && done.header("ETag") == Some(etag.as_str()), "{etag}");

    let plain = local.put("/plain", whole.clone());
    let crc64 = plain.header("x-cos-hash-crc64ecma").expect("a CRC64");
    let got = local.send(&Ask::new("GET", "/big"));
    assert!(got.body == whole);
    assert_eq!(got.header("Content-Type"), Some("image/png"));
    assert_eq!(got.header("x-cos-hash-crc64ecma"), Some(crc64));
    assert_eq!(done.header("x-cos-hash-crc64ecma"), Some(crc64));
    let across = local.send(
        &Ask::new("GET", "/big").header("Range", &format!("bytes={}-{}", MIB - 2, 2 * MIB + 1)),
    );
    assert!(across.body == whole[MIB - 2..2 * MIB + 2]);
    // The object is made of the parts' own files.
    assert_eq!(local.files("blobs"), 4);
    assert_refused(&complete(&local, "big", &id, &parts), 404, "NoSuchUpload");
    let local = local.restart();
    assert!(local.send(&Ask::new("GET", "/big")).body == whole);
}

#[test]
fn the_tag_is_the_digest_of_the_digests() {
    let local = Local::start();
    let id = initiate(&local, "tag");
    let block = vec![b'a'; MIB];
    let parts: Vec<(u32, &[u8])> = (1..=6).map(|number| (number, block.as_slice())).collect();
    let parts = put_parts(&local, "tag", &id, &parts);
    let done = complete(&local, "tag", &id, &parts);
    assert_eq!(done.header("ETag"), Some("\"1fa200f00a030de5bd0974cff937c2fd-6\""));
}

#[test]
fn a_list_that_does_not_fit_the_parts_is_refused() {
    let local = Local::start();
    let id = initiate(&local, "k");
    let (large, small) = (content(MIB), content(MIB - 1));
    let parts = put_parts(&local, "k", &id, &[(1, &large), (2, &small), (3, &large), (4, &small)]);
    let pick = |numbers: &[usize]| -> Vec<_> {
        numbers.iter().map(|number| parts[number - 1].clone()).collect()
    };
    assert_refused(&complete(&local, "k", &id, &pick(&[2, 1])), 400, "InvalidPartOrder");
    assert_refused(&complete(&local, "k", &id, &pick(&[1, 1])), 400, "InvalidPartOrder");
    assert_refused(&complete(&local, "k", &id, &pick(&[1, 3])), 400, "InvalidPart");
    assert_refused(&complete(&local, "k", &id, &pick(&[1, 2, 3])), 400, "EntityTooSmall");
    assert_refused(&complete(&local, "k", &id, &[(1, "\"other\"".into())]), 400, "InvalidPart");
    assert_refused(&complete(&local, "k", &id, &[(5, parts[0].1.clone())]), 400, "InvalidPart");
    assert_refused(&complete(&local, "k", &id, &[]), 400, "MalformedXML");
    let send = |body: &str| local.send(&Ask::new("POST", &format!("/k?uploadId={id}")).body(body));
    assert_refused(&send("<CompleteMultipartUpload><Part>"), 400, "MalformedXML");
    assert_refused(&send("{}"), 400, "MalformedXML");
    assert_refused(&send(""), 400, "MissingRequestBodyError");
    // The upload is still there; what the list leaves out goes away with it.
    assert_eq!(complete(&local, "k", &id, &pick(&[1, 2])).status, 200);
    assert_eq!(local.send(&Ask::new("HEAD", "/k")).header("Content-Length"), Some("2097151"));
    assert_eq!(local.files("blobs"), 2);
}

#[test]
fn parts_are_checked_as_they_come() {
    let local = Local::start();
    let id = initiate(&local, "k");
    let put = |query: &str| Ask::new("PUT", &format!("/k?{query}")).body("content");
    for number in ["0", "10001", "x", "-1"] {
        let ask = put(&format!("partNumber={number}&uploadId={id}"));
        assert_refused(&local.send(&ask), 400, "InvalidArgument");
    }
    let broken =
        put(&format!("partNumber=1&uploadId={id}")).header("Content-MD5", &content_md5(b"other"));
    assert_refused(&local.send(&broken), 400, "BadDigest");
    assert_refused(&local.send(&put("partNumber=1&uploadId=unknown")), 404, "NoSuchUpload");
    let other_key = Ask::new("PUT", &format!("/other?partNumber=1&uploadId={id}")).body("content");
    assert_refused(&local.send(&other_key), 404, "NoSuchUpload");
    assert_eq!((local.files("blobs"), local.files("drafts")), (0, 0));
}

#[test]
fn an_aborted_upload_leaves_nothing() {
    let local = Local::start();
    let id = initiate(&local, "k");
    put_parts(&local, "k", &id, &[(1, b"one"), (2, b"two")]);
    let abort = Ask::new("DELETE", &format!("/k?uploadId={id}"));
    assert_eq!(local.send(&abort).status, 204);
    assert_refused(&local.send(&abort), 404, "NoSuchUpload");
    assert_refused(&put_part(&local, "k", &id, 3, b"three"), 404, "NoSuchUpload");
    assert_eq!(local.files("blobs"), 0);
}

#[test]
fn completing_can_be_forbidden_to_overwrite() {
    let local = Local::start();
    local.put("/k", "first");
    let id = initiate(&local, "k");
    let parts = put_parts(&local, "k", &id, &[(1, b"second")]);
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        parts[0].1
    );
    let ask = Ask::new("POST", &format!("/k?uploadId={id}"))
        .header("x-cos-forbid-overwrite", "true")
        .body(body);
    assert_refused(&local.send(&ask), 409, "FileAlreadyExists");
    assert_eq!(local.send(&Ask::new("GET", "/k")).text(), "first");
    assert_eq!(complete(&local, "k", &id, &parts).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/k")).text(), "second");
}

#[test]
fn parts_are_listed_in_pages() {
    let local = Local::start();
    let id = initiate(&local, "a%20b");
    put_parts(&local, "a%20b", &id, &[(5, b"five"), (1, b"one"), (3, b"three")]);
    let list = |query: &str| local.send(&Ask::new("GET", &format!("/a%20b?uploadId={id}{query}")));
    let all = list("&encoding-type=url");
    assert_eq!(all.elements("PartNumber"), ["1", "3", "5"]);
    assert_eq!(all.elements("Size"), ["3", "5", "4"]);
    assert_eq!(all.elements("ETag")[0], format!("\"{}\"", md5(b"one")));
    assert_eq!(all.element("Key").as_deref(), Some("a%20b"));
    let page = list("&max-parts=2");
    assert_eq!(page.elements("PartNumber"), ["1", "3"]);
    assert_eq!(page.element("IsTruncated").as_deref(), Some("true"));
    assert_eq!(page.element("NextPartNumberMarker").as_deref(), Some("3"));
    let rest = list("&max-parts=2&part-number-marker=3");
    assert_eq!(
        (rest.elements("PartNumber"), rest.element("IsTruncated").as_deref()),
        (vec!["5".into()], Some("false"))
    );
    assert_refused(&local.send(&Ask::new("GET", "/a%20b?uploadId=unknown")), 404, "NoSuchUpload");
}

#[test]
fn uploads_are_listed_in_pages() {
    let local = Local::start();
    let mut begun: Vec<_> = ["a", "dir%2Fx", "a", "dir%2Fy"]
        .iter()
        .map(|key| (key.replace("%2F", "/"), initiate(&local, key)))
        .collect();
    begun.sort();
    let list = |query: &str| local.send(&Ask::new("GET", &format!("/?uploads{query}")));
    let names = |page: &Answer| -> Vec<_> {
        page.elements("Key").into_iter().zip(page.elements("UploadId")).collect()
    };
    assert_eq!(names(&list("")), begun);
    assert_eq!(names(&list("&prefix=dir%2F")), begun[2..]);
    let mut seen = Vec::new();
    let mut markers = String::new();
    loop {
        let page = list(&format!("&max-uploads=1{markers}"));
        seen.extend(names(&page));
        let Some(key) = page.element("NextKeyMarker") else { break };
        let id = page.element("NextUploadIdMarker").expect("an id");
        markers = format!("&key-marker={}&upload-id-marker={id}", encode(&key));
    }
    assert_eq!(seen, begun);
    assert_eq!(names(&list("&key-marker=a")), begun[2..]);
    let rolled_up = list("&delimiter=%2F");
    assert_eq!(names(&rolled_up), begun[..2]);
    assert_eq!(rolled_up.element("CommonPrefixes").as_deref(), Some("<Prefix>dir/</Prefix>"));
}

#[test]
fn uploads_outlive_a_restart() {
    let local = Local::start();
    let id = initiate(&local, "k");
    let mut parts = put_parts(&local, "k", &id, &[(1, &content(MIB))]);
    let local = local.restart();
    parts.extend(put_parts(&local, "k", &id, &[(2, b"end")]));
    assert_eq!(complete(&local, "k", &id, &parts).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/k")).body, [content(MIB), b"end".to_vec()].concat());
}
