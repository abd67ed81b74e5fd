//! Processed images, in answers and stored.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use crate::client::*;

/// 80 pixels across and 40 down: red on the left, blue on the right.
fn picture(format: ImageFormat) -> Vec<u8> {
    let pixels =
        RgbImage::from_fn(80, 40, |x, _| Rgb(if x < 40 { [255, 0, 0] } else { [0, 0, 255] }));
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

fn size(bytes: &[u8]) -> (u32, u32) {
    let decoded = image::load_from_memory(bytes).expect("a picture");
    (decoded.width(), decoded.height())
}

#[test]
fn a_query_asks_for_a_processed_image() {
    let local = Local::start();
    local.put("/a.png", picture(ImageFormat::Png));
    local.put("/a.jpg", picture(ImageFormat::Jpeg));
    for (query, content_type, expected) in [
        ("imageMogr2/thumbnail/!50p", "image/png", (40, 20)),
        ("imageMogr2%2Fthumbnail%2F%2150p", "image/png", (40, 20)),
        ("imageMogr2/thumbnail/20x/format/jpg/quality/50", "image/jpeg", (20, 10)),
        ("imageMogr2/rotate/90|imageMogr2/format/webp", "image/webp", (40, 80)),
        ("imageView2/1/w/30/h/30=", "image/png", (30, 30)),
    ] {
        let got = local.send(&Ask::new("GET", &format!("/a.png?{query}")));
        assert_eq!((got.status, got.header("Content-Type")), (200, Some(content_type)), "{query}");
        assert_eq!(size(&got.body), expected, "{query}");
        assert_eq!(got.header("x-ci-request-id"), got.header("x-cos-request-id"));
        assert_eq!(got.header("Content-Length"), Some(got.body.len().to_string().as_str()));
    }
    let info = local.send(&Ask::new("GET", "/a.jpg?imageInfo"));
    let info: serde_json::Value = serde_json::from_slice(&info.body).expect("JSON");
    assert_eq!((&info["format"], &info["width"]), (&"jpeg".into(), &"80".into()));
    assert_eq!(info["md5"], md5(&picture(ImageFormat::Jpeg)));
    let average = local.send(&Ask::new("GET", "/a.png?imageAve"));
    assert_eq!(average.text(), "{\"RGB\":\"0x7f007f\"}");
    assert_eq!(local.send(&Ask::new("GET", "/a.png")).body, picture(ImageFormat::Png));
}

#[test]
fn what_cannot_be_processed_is_refused() {
    let local = Local::start();
    local.put("/a.png", picture(ImageFormat::Png));
    local.put("/a.txt", "just text");
    let get = |path: &str| local.send(&Ask::new("GET", path));
    assert_refused(&get("/a.txt?imageMogr2/thumbnail/!50p"), 400, "InvalidImageFormat");
    assert_refused(&get("/a.txt?imageInfo"), 400, "InvalidImageFormat");
    assert_refused(&get("/a.png?imageMogr2/dance/1"), 400, "InvalidArgument");
    assert_refused(&get("/a.png?imageMogr2/thumbnail/20000x"), 400, "InvalidArgument");
    assert_refused(&get("/a.png?watermark/2/text/eA"), 400, "InvalidArgument");
    assert_refused(&get("/b.png?imageInfo"), 404, "NoSuchKey");
    let refused = get("/a.png?imageMogr2/dance/1");
    assert_eq!(refused.header("x-ci-request-id"), refused.header("x-cos-request-id"));
}

const RULES: &str = "{\"is_pic_info\":1,\"rules\":[\
    {\"fileid\":\"small.png\",\"rule\":\"imageMogr2/thumbnail/!25p\"},\
    {\"fileid\":\"/top/small.jpg\",\"rule\":\"imageMogr2/format/jpg/quality/60\"}]}";

fn assert_processed(local: &Local, answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("<UploadResult><OriginalInfo><Key>in/a.png</Key>"));
    assert_eq!(answer.elements("Key"), ["in/a.png", "in/small.png", "top/small.jpg"]);
    assert_eq!(answer.elements("Format"), ["png", "png", "jpeg"]);
    assert_eq!(answer.elements("Width"), ["80", "20", "80"]);
    assert_eq!(answer.element("Ave").as_deref(), Some("0x7f007f"));
    let locations = answer.elements("Location");
    assert_eq!(locations.last(), Some(&format!("{HOST}/top/small.jpg")));
    let small = local.send(&Ask::new("GET", "/in/small.png"));
    assert_eq!((size(&small.body), small.header("Content-Type")), ((20, 10), Some("image/png")));
    assert_eq!(small.header("ETag"), answer.elements("ETag").get(1).map(String::as_str));
    assert_eq!(answer.elements("Size").first(), Some(&small.body.len().to_string()));
    assert_eq!(size(&local.send(&Ask::new("GET", "/top/small.jpg")).body), (80, 40));
}

#[test]
fn an_upload_can_leave_processed_copies() {
    let local = Local::start();
    let ask = Ask::new("PUT", "/in/a.png").header("Pic-Operations", RULES);
    let answer = local.send(&ask.body(picture(ImageFormat::Png)));
    assert_processed(&local, &answer);
    assert_eq!(answer.header("ETag"), answer.element("ETag").as_deref());
    assert_eq!(local.send(&Ask::new("GET", "/in/a.png")).body, picture(ImageFormat::Png));
}

#[test]
fn an_object_can_be_processed_where_it_is() {
    let local = Local::start();
    local.put("/in/a.png", picture(ImageFormat::Png));
    let ask = Ask::new("POST", "/in/a.png?image_process").header("Pic-Operations", RULES);
    assert_processed(&local, &local.send(&ask));
    let without = Ask::new("POST", "/in/a.png?image_process");
    assert_refused(&local.send(&without), 400, "InvalidArgument");
}

#[test]
fn a_completed_upload_can_leave_processed_copies() {
    let local = Local::start();
    let started = local.send(&Ask::new("POST", "/in/a.png?uploads"));
    let id = started.element("UploadId").expect("an id");
    let part = Ask::new("PUT", &format!("/in/a.png?partNumber=1&uploadId={id}"));
    let part = local.send(&part.body(picture(ImageFormat::Png)));
    let list = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>\
         </CompleteMultipartUpload>",
        part.header("ETag").expect("a tag")
    );
    let ask = Ask::new("POST", &format!("/in/a.png?uploadId={id}")).body(list);
    let answer = local.send(&ask.header("Pic-Operations", RULES));
    assert_eq!(answer.elements("Key"), ["in/a.png", "in/small.png", "top/small.jpg"]);
    assert!(answer.text().contains("<ImageInfo>") && answer.text().contains("<ProcessResults>"));
    assert_eq!(size(&local.send(&Ask::new("GET", "/in/small.png")).body), (20, 10));
}

#[test]
fn nothing_is_stored_when_the_copies_cannot_be_made() {
    let local = Local::start();
    let put = |rules: &str, body: Vec<u8>| {
        local.send(&Ask::new("PUT", "/a").header("Pic-Operations", rules).body(body))
    };
    assert_refused(&put(RULES, b"just text".to_vec()), 400, "InvalidImageFormat");
    for rules in [
        "not JSON",
        "{}",
        "{\"rules\":[]}",
        "{\"rules\":[{\"fileid\":\"b\",\"rule\":\"imageMogr2/dance/1\"}]}",
        "{\"rules\":[{\"fileid\":\"/\",\"rule\":\"imageMogr2/strip\"}]}",
    ] {
        assert_refused(&put(rules, picture(ImageFormat::Png)), 400, "InvalidArgument");
    }
    assert_eq!((local.files("blobs"), local.files("drafts")), (0, 0));
}
