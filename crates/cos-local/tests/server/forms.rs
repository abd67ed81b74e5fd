//! POST Object.

use crate::client::*;

const BOUNDARY: &str = "----form";

/// A multipart form that ends with the file.
fn form(fields: &[(&str, &str)], file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(field(&format!("name=\"{name}\""), value.as_bytes()));
    }
    body.extend(field("name=\"file\"; filename=\"photo.png\"\r\nContent-Type: image/png", file));
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

fn field(name: &str, value: &[u8]) -> Vec<u8> {
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\n\r\n");
    [head.as_bytes(), value, b"\r\n"].concat()
}

pub(crate) fn post(fields: &[(&str, &str)], file: &[u8]) -> Ask {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    Ask::new("POST", "/").unsigned().header("Content-Type", &content_type).body(form(fields, file))
}

/// The legacy field: a signature over the request itself, path `/`.
pub(crate) fn legacy(key: &str) -> String {
    let host = [("Host".to_owned(), HOST.to_owned())].into_iter();
    authorization(SECRET_ID, key, (now() - 60, now() + 600), "POST", "/", std::iter::empty(), host)
}

/// Fields with a signed policy of `conditions` that ends in `seconds`.
fn with_policy(conditions: &str, seconds: i64) -> Vec<(&'static str, String)> {
    let time = format!("{};{}", now() - 60, now() + 600);
    let expiration = cos_time(now() + seconds);
    let policy = format!(r#"{{"expiration":"{expiration}","conditions":{conditions}}}"#);
    let signature = hmac(&hmac(SECRET_KEY, &time), &sha1(policy.as_bytes()));
    vec![
        ("policy", base64(policy.as_bytes())),
        ("q-sign-algorithm", "sha1".into()),
        ("q-ak", SECRET_ID.into()),
        ("q-key-time", time),
        ("q-signature", signature),
    ]
}

fn cos_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).expect("a time").to_string()
}

fn post_policy(conditions: &str, seconds: i64, more: &[(&str, &str)], file: &[u8]) -> Ask {
    let fields = with_policy(conditions, seconds);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(more.iter().copied())
        .collect();
    post(&fields, file)
}

#[test]
fn the_legacy_field_signs_a_form() {
    let local = Local::start();
    let file = content(400_000);
    let signature = legacy(SECRET_KEY);
    let fields = [
        ("key", "目录/${filename}"),
        ("success_action_status", "200"),
        ("Signature", &signature),
        ("Content-Type", ""),
        ("x-cos-meta-a", "b"),
    ];
    let posted = local.send(&post(&fields, &file));
    assert_eq!(posted.status, 200, "{}", posted.text());
    assert_eq!(posted.header("ETag"), Some(format!("\"{}\"", md5(&file)).as_str()));
    assert!(posted.header("x-cos-hash-crc64ecma").is_some());
    let got = local.send(&Ask::new("GET", "/%E7%9B%AE%E5%BD%95/photo.png"));
    assert!(got.body == file);
    assert_eq!(
        (got.header("Content-Type"), got.header("x-cos-meta-a")),
        (Some("image/png"), Some("b"))
    );
    let signature = legacy("wrong");
    let forged = [("key", "k"), ("Signature", signature.as_str())];
    assert_refused(&local.send(&post(&forged, b"x")), 403, "SignatureDoesNotMatch");
    assert_refused(&local.send(&post(&[("key", "k")], b"x")), 403, "AccessDenied");
}

#[test]
fn a_form_at_the_root_of_this_machine_names_the_bucket_in_its_key() {
    let local = Local::start();
    let this = format!("127.0.0.1:{}", local.port);
    let host = [("Host".to_owned(), this.clone())].into_iter();
    let span = (now() - 60, now() + 600);
    let signature =
        authorization(SECRET_ID, SECRET_KEY, span, "POST", "/", std::iter::empty(), host);
    let key = format!("{BUCKET}/dir/k");
    let posted =
        local.send(&post(&[("key", &key), ("Signature", &signature)], b"content").host(&this));
    assert_eq!(posted.status, 204, "{}", posted.text());
    assert_eq!(local.send(&Ask::new("GET", "/dir/k")).text(), "content");
}

#[test]
fn a_policy_allows_what_it_says() {
    let local = Local::start();
    let conditions = r#"[["starts-with","$key","up/"],{"bucket":"demo-1250000000"},["content-length-range",2,4]]"#;
    let send =
        |key: &str, file: &[u8]| local.send(&post_policy(conditions, 600, &[("key", key)], file));
    let posted = send("up/k", b"abc");
    assert_eq!(posted.status, 204, "{}", posted.text());
    assert_eq!(local.send(&Ask::new("GET", "/up/k")).text(), "abc");
    assert_refused(&send("other/k", b"abc"), 403, "AccessDenied");
    assert_refused(&send("up/k", b"a"), 400, "EntityTooSmall");
    assert_refused(&send("up/k", b"abcde"), 400, "EntityTooLarge");
    let late = local.send(&post_policy("[]", -10, &[("key", "k")], b"abc"));
    assert_refused(&late, 403, "AccessDenied");
    assert_eq!(late.element("Message").as_deref(), Some("Request has expired"));
    let mut fields = with_policy("[]", 600);
    fields[0].1 = base64(br#"{"expiration":"2200-01-01T00:00:00Z","conditions":[]}"#);
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| (*name, value.as_str())).chain([("key", "k")]).collect();
    assert_refused(&local.send(&post(&fields, b"abc")), 403, "SignatureDoesNotMatch");
    assert_eq!((local.files("blobs"), local.files("drafts")), (1, 0));
}

#[test]
fn the_form_chooses_its_answer() {
    let local = Local::start();
    let send = |more: &[(&str, &str)]| {
        let more: Vec<_> = [("key", "a b")].iter().chain(more).copied().collect();
        local.send(&post_policy("[]", 600, &more, b"abc"))
    };
    let etag = format!("\"{}\"", md5(b"abc"));
    let created = send(&[("success_action_status", "201")]);
    assert_eq!(created.status, 201);
    assert_eq!(created.element("Key").as_deref(), Some("a b"));
    assert_eq!(created.element("Bucket").as_deref(), Some(BUCKET));
    assert_eq!(created.element("ETag").as_deref(), Some(etag.as_str()));
    assert_eq!(created.element("Location"), Some(format!("http://{HOST}/a%20b")));
    assert_eq!(created.header("Location"), Some(format!("http://{HOST}/a%20b").as_str()));
    let redirected = send(&[("success_action_redirect", "https://example.com/done?x=1")]);
    assert_eq!(redirected.status, 303);
    let place =
        format!("https://example.com/done?x=1&bucket={BUCKET}&key=a%20b&etag={}", encode(&etag));
    assert_eq!(redirected.header("Location"), Some(place.as_str()));
    assert_eq!(send(&[]).status, 204);
}

#[test]
fn incomplete_forms_are_refused() {
    let local = Local::start();
    let signature = legacy(SECRET_KEY);
    let no_key = post(&[("Signature", &signature)], b"x");
    assert_refused(&local.send(&no_key), 400, "InvalidArgument");
    let mut no_file = post(&[], b"").body(field("name=\"key\"", b"k"));
    no_file.body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    assert_refused(&local.send(&no_file), 400, "MalformedPOSTRequest");
    let mut cut = post(&[("key", "k"), ("Signature", &signature)], b"x");
    cut.body.truncate(cut.body.len() - 10);
    assert_refused(&local.send(&cut), 400, "MalformedPOSTRequest");
    let large = post(&[("key", &"k".repeat(300_000))], b"x");
    assert_refused(&local.send(&large), 400, "MalformedPOSTRequest");
    assert_eq!((local.files("blobs"), local.files("drafts")), (0, 0));
}

#[test]
fn a_form_can_say_what_headers_can() {
    let local = Local::start();
    let signature = legacy(SECRET_KEY);
    let key = [7; 32];
    let (bytes, digest) = (base64(&key), content_md5(&key));
    let prefix = "x-cos-server-side-encryption-customer";
    let names = ["algorithm", "key", "key-MD5"].map(|name| format!("{prefix}-{name}"));
    let fields = |limit| {
        [
            ("key", "secret"),
            ("Signature", signature.as_str()),
            ("x-cos-storage-class", "STANDARD_IA"),
            ("x-cos-meta-a", "b"),
            ("Content-Disposition", "attachment"),
            ("x-cos-traffic-limit", limit),
            (&names[0], "AES256"),
            (&names[1], &bytes),
            (&names[2], &digest),
        ]
    };
    assert_eq!(local.send(&post(&fields("8388608"), b"content")).status, 204);
    let got = Ask::new("GET", "/secret")
        .header(&names[0], "AES256")
        .header(&names[1], &bytes)
        .header(&names[2], &digest);
    let got = local.send(&got);
    assert_eq!(got.text(), "content");
    assert_eq!(got.header("x-cos-storage-class"), Some("STANDARD_IA"));
    assert_eq!(got.header("x-cos-meta-a"), Some("b"));
    assert_eq!(got.header("Content-Disposition"), Some("attachment"));
    assert_eq!(local.send(&Ask::new("GET", "/secret")).status, 400);
    assert_refused(&local.send(&post(&fields("1"), b"content")), 400, "InvalidArgument");
}

#[test]
fn a_form_can_leave_processed_copies() {
    let local = Local::start();
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(8, 6).write_to(&mut picture, image::ImageFormat::Png).expect("a picture");
    let rules = "{\"rules\":[{\"fileid\":\"b.png\",\"rule\":\"imageMogr2/thumbnail/!50p\"}]}";
    let signature = legacy(SECRET_KEY);
    let fields = [
        ("key", "in/${filename}"),
        ("Signature", signature.as_str()),
        ("Pic-Operations", rules),
        ("success_action_status", "200"),
    ];
    let answer = local.send(&post(&fields, picture.get_ref()));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.elements("Key"), ["in/photo.png", "in/b.png"]);
    assert_eq!(answer.elements("Width"), ["4"]);
    assert_eq!(answer.header("ETag"), answer.element("ETag").as_deref());
    assert_eq!(local.send(&Ask::new("GET", "/in/b.png")).header("Content-Type"), Some("image/png"));
}
