//! Uploads in parts that are dropped.

use cos_core::value::Value;
use cos_tests::answer::{error, status, uploads, xml};
use cos_tests::client::{object, with_key};
use cos_tests::dialogue::Dialogue;

fn client() -> Dialogue {
    Dialogue::new(&with_key())
}

/// The bucket, without a key.
fn bucket() -> Value {
    let mut params = object("");
    params.take("Key");
    params
}

#[test]
fn one_upload() {
    let mut d = client();
    let params = object("a").with("UploadId", "U1").with("Headers", Value::map().with("x-a", "1"));
    d.call("abortUploadTask", params).are(&["send s1 DELETE /a?uploadId=U1 x-a=1"]);
    d.answer("s1", status(204)).are(&[
        "settle c1  successList=[{Bucket:examplebucket-1250000000 Region:ap-guangzhou Key:a UploadId:U1}] errorList=[]",
        "forget c1",
    ]);
}

#[test]
fn a_limit_that_is_no_number_is_one_at_a_time() {
    for limit in [f64::NAN, 0.0, -1.0] {
        let mut d = client();
        d.call("abortUploadTask", object("a").with("UploadId", "U1").with("AsyncLimit", limit))
            .are(&["send s1 DELETE /a?uploadId=U1"]);
        d.answer("s1", error(403, "AccessDenied", "Access Denied.")).are(&[
            "settle c1  successList=[] errorList=[{Bucket:examplebucket-1250000000 Region:ap-guangzhou Key:a UploadId:U1}]",
            "forget c1",
        ]);
    }
}

#[test]
fn all_of_an_object_and_none_of_its_neighbours() {
    let mut d = client();
    d.call("abortUploadTask", object("a").with("Level", "file"))
        .are(&["send s1 GET /?uploads&prefix=a"]);
    let upload =
        |key: &str, id: &str| format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>");
    let all =
        [upload("a", "U1"), upload("ab", "U2"), upload("a", "U3"), upload("ac", "U4")].concat();
    d.answer("s1", xml(&format!("<ListMultipartUploadsResult>{all}</ListMultipartUploadsResult>")))
        .are(&["send s2 DELETE /a?uploadId=U1"]);
    d.answer("s2", error(404, "NoSuchUpload", "gone")).are(&["send s3 DELETE /a?uploadId=U3"]);
    d.answer("s3", status(204)).are(&[
        "settle c1  successList=[{Bucket:examplebucket-1250000000 Region:ap-guangzhou Key:a UploadId:U3}] errorList=[{Bucket:examplebucket-1250000000 Region:ap-guangzhou Key:a UploadId:U1}]",
        "forget c1",
    ]);
}

#[test]
fn all_of_a_bucket_some_at_a_time() {
    let mut d = client();
    d.call("abortUploadTask", bucket().with("Level", "bucket").with("AsyncLimit", 2.0))
        .are(&["send s1 GET /?uploads&prefix="]);
    let page = "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>b</NextKeyMarker><NextUploadIdMarker>U2</NextUploadIdMarker><Upload><Key>a</Key><UploadId>U1</UploadId></Upload><Upload><Key>b</Key><UploadId>U2</UploadId></Upload></ListMultipartUploadsResult>";
    d.answer("s1", xml(page))
        .are(&["send s2 GET /?uploads&key-marker=b&prefix=&upload-id-marker=U2"]);
    d.answer("s2", uploads("c", &["U3"]))
        .are(&["send s3 DELETE /a?uploadId=U1", "send s4 DELETE /b?uploadId=U2"]);
    d.answer("s4", status(204)).are(&["send s5 DELETE /c?uploadId=U3"]);
    d.answer("s5", status(204)).are_none();
    let lines = d.answer("s3", status(204));
    let order = ["Key:a UploadId:U1", "Key:b UploadId:U2", "Key:c UploadId:U3"]
        .map(|upload| lines.texts()[0].find(upload).expect("all are dropped"));
    assert!(order.is_sorted());
}

#[test]
fn a_list_that_leads_to_itself_ends() {
    let mut d = client();
    d.call("abortUploadTask", bucket().with("Level", "bucket")).as_before();
    let page =
        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated></ListMultipartUploadsResult>";
    d.answer("s1", xml(page)).are(&["settle c1  successList=[] errorList=[]", "forget c1"]);
}

#[test]
fn what_cannot_be_listed_or_named_is_an_error() {
    let mut d = client();
    d.call("abortUploadTask", object("a").with("Level", "file")).as_before();
    d.answer("s1", error(403, "AccessDenied", "no"))
        .are(&["settle c1 Denied AccessDenied 403: no", "forget c1"]);
    for (params, text) in [
        (Value::map(), "abort_upload_task_no_id"),
        (bucket().with("UploadId", "U"), "abort_upload_task_no_key"),
        (bucket().with("Level", "file"), "abort_upload_task_no_key"),
        (object("a").with("Level", "galaxy"), "abort_unknown_level"),
        (Value::map().with("Level", "bucket"), "missing param Bucket"),
        (Value::map().with("UploadId", "U").with("Key", "a"), "missing param Bucket"),
    ] {
        let mut d = client();
        d.call("abortUploadTask", params)
            .are(&[&format!("settle c1 Usage COS_USAGE: abortUploadTask: {text}"), "forget c1"]);
    }
}
