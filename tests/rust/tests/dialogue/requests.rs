//! Calls of one request.

use cos_core::value::Value;
use cos_tests::answer::{self, status, xml};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::dialogue::Dialogue;

fn bucket() -> Value {
    let mut params = object("");
    params.take("Key");
    params
}

fn client() -> Dialogue {
    Dialogue::new(&with_key())
}

#[test]
fn head() {
    let mut d = client();
    let params = object("/folder/中 文.txt").with("VersionId", "v1").with("Range", "bytes=0-9");
    d.call("headObject", params)
        .are(&["send s1 HEAD /folder/%E4%B8%AD%20%E6%96%87.txt?versionId=v1 Range=bytes=0-9"]);
    d.answer("s1", status(200).header("ETag", "\"e\"").header("x-cos-request-id", "R"))
        .are(&["settle c1 200 ETag=etag(s1) RequestId=R", "forget c1"]);
}

#[test]
fn get() {
    let mut d = client();
    let params = object("a.txt")
        .with("DataType", "arraybuffer")
        .with("ResponseContentType", "text/plain")
        .with("Query", Value::map().with("imageMogr2/thumbnail/200x", ""));
    d.call("getObject", params).are(&[
        "send s1 GET /a.txt?imageMogr2%2Fthumbnail%2F200x=&response-content-type=text%2Fplain as=arraybuffer",
    ]);
    d.answer("s1", status(206).header("ETag", "\"e\""))
        .are(&["settle c1 206 ETag=etag(s1) body=s1", "forget c1"]);
}

#[test]
fn what_is_not_modified_is_a_result() {
    let mut d = client();
    let params = object("a").with("IfModifiedSince", "Thu, 16 May 2019 06:45:51 GMT");
    d.call("getObject", params)
        .are(&["send s1 GET /a If-Modified-Since=Thu, 16 May 2019 06:45:51 GMT"]);
    d.answer("s1", status(304)).are(&["settle c1 304 NotModified=true", "forget c1"]);
    d.call("getObject", object("a")).are(&["send s2 GET /a"]);
    d.answer("s2", status(304))
        .are(&["settle c2 Conflict HTTP_304 304: COS answered 304", "forget c2"]);
}

#[test]
fn put_a_body() {
    let mut d = client();
    let params = object("a.json")
        .with("Headers", Value::map().with("x-cos-meta-owner", "me"))
        .with("StorageClass", "STANDARD_IA")
        .with("UploadCheckContentMd5", true)
        .with("UploadAddMetaMd5", true);
    d.call_with("putObject", params, b"{}").are(&[
        "task c1",
        "start c1",
        "read r1 body",
        "release r1",
        "progress c1 0/2 0",
        "send s1 PUT /a.json x-cos-meta-owner=me x-cos-storage-class=STANDARD_IA Cache-Control= Content-Type=application/json Content-MD5=md5(r1) x-cos-meta-md5=99914b932bd37a50b983c5e7c90ae93b body",
    ]);
    d.stored("s1").are(&[
        "progress c1 2/2 1",
        "settle c1 200 ETag=etag(s1) Location=HOST/a.json",
        "forget c1",
    ]);
}

#[test]
fn put_a_file() {
    let mut d = client();
    d.device.write("/a.txt", b"hello".to_vec(), 1.0);
    d.call("putObject", object("a.txt").with("FilePath", "/a.txt")).are(&[
        "task c1",
        "stat f1 /a.txt",
        "start c1",
        "read r1 /a.txt",
        "progress c1 0/5 0",
        "send s1 PUT /a.txt Cache-Control= Content-Type=text/plain body=r1",
    ]);
    assert_eq!(d.tasks(), "uploading 0/5");
    d.stored("s1").are(&[
        "release r1",
        "progress c1 5/5 1",
        "settle c1 200 ETag=etag(s1) Location=HOST/a.txt",
        "forget c1",
    ]);
    assert_eq!(d.tasks(), "success 5/5");
}

#[test]
fn post_a_file() {
    let mut d = client();
    d.device.write("/dir/a.png", vec![7; MIB + 1], 1.0);
    let params = object("b/${filename}")
        .with("FilePath", "/dir/a.png")
        .with("ACL", "public-read")
        .with("Headers", Value::map().with("x-cos-meta-a", "1").with("Pic-Operations", "{}"));
    d.call("postObject", params).are(&[
        "task c1",
        "stat f1 /dir/a.png",
        "start c1",
        "read r1 /dir/a.png 0+1048576",
        "release r1",
        "read r2 /dir/a.png 1048576+1",
        "release r2",
        "send s1 POST / x-cos-meta-a=1 Pic-Operations={} x-cos-acl=public-read form=/dir/a.png key:b/${filename} success_action_status:200 x-cos-meta-a:1 Pic-Operations:{} acl:public-read Content-Type:",
    ]);
    d.sends("s1", MIB, MIB + 1).are(&["timer t1 1000"]);
    d.wait("t1").are(&["progress c1 1048576/1048577 0.99 1048576/s"]);
    d.stored("s1").are(&[
        "progress c1 1048577/1048577 1",
        "settle c1 200 ETag=etag(s1) Location=HOST/b/a.png",
        "forget c1",
    ]);
}

#[test]
fn what_a_form_upload_signs_of_its_query_it_sends() {
    let mut d = client();
    d.device.write("/a.png", vec![7; 3], 1.0);
    let params =
        object("a.png").with("FilePath", "/a.png").with("Query", Value::map().with("x-a", "1 2"));
    d.call("postObject", params).are(&[
        "task c1",
        "stat f1 /a.png",
        "start c1",
        "read r1 /a.png 0+3",
        "release r1",
        "send s1 POST /?x-a=1%202 form=/a.png key:a.png success_action_status:200 Content-Type:",
    ]);
    d.stored("s1").are(&[
        "progress c1 3/3 1",
        "settle c1 200 ETag=etag(s1) Location=HOST/a.png",
        "forget c1",
    ]);
}

#[test]
fn delete() {
    let mut d = client();
    for (answer, expected) in [
        (status(204), "settle c1 204"),
        (answer::error(404, "NoSuchKey", "gone"), "settle c2 404"),
        (
            answer::error(404, "NoSuchBucket", "no bucket"),
            "settle c3 NotFound NoSuchBucket 404: no bucket",
        ),
    ] {
        let sent = d.call("deleteObject", object("a")).texts()[0].clone();
        let name = sent.split(' ').nth(1).unwrap().to_owned();
        assert_eq!(sent, format!("send {name} DELETE /a"));
        let forget = format!("forget {}", expected.split(' ').nth(1).unwrap());
        d.answer(&name, answer).are(&[expected, &forget]);
    }
}

#[test]
fn list_a_bucket() {
    let mut d = client();
    let params = bucket().with("Delimiter", "/").with("MaxKeys", 2.0);
    d.call("getBucket", params).are(&["send s1 GET /?delimiter=%2F&max-keys=2&prefix="]);
    let body = "<ListBucketResult><IsTruncated>true</IsTruncated>\
                <Contents><Key>a</Key></Contents></ListBucketResult>";
    d.answer("s1", xml(body))
        .are(&["settle c1 200 IsTruncated=true Contents=[{Key:a}] CommonPrefixes=[]", "forget c1"]);
}
