//! What reporters are told of calls, and when.

use cos_core::value::Value;
use cos_tests::answer::{initiated, status, uploads};
use cos_tests::client::{object, with_key};

use super::{client, client_with, file};

fn reporting() -> Value {
    with_key().with("EnableReporter", true)
}

#[test]
fn a_call_is_told_of_before_it_settles() {
    let mut d = client_with(&reporting());
    d.call("getObject", object("a")).are(&["send s1 GET /a"]);
    d.after(1500.0).answer("s1", status(200)).are(&[
        "report DownloadTask Success 1.500",
        "settle c1 200 ETag= body=s1",
        "forget c1",
    ]);
    d.call("headObject", Value::map()).are(&[
        "report headObject Failure 0",
        "settle c2 Usage COS_USAGE: headObject: missing param Bucket",
        "forget c2",
    ]);
}

#[test]
fn without_reporters_nothing_is_told() {
    let mut d = client();
    d.call("getObject", object("a")).as_before();
    d.answer("s1", status(200)).are(&["settle c1 200 ETag= body=s1", "forget c1"]);
}

#[test]
fn an_upload_in_parts_is_told_of_as_a_whole_and_where_it_failed() {
    let mut d = client_with(&reporting());
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", status(403)).end_in(&[
        "report UploadTask Failure 0 multipartInit",
        "settle c1 Denied HTTP_403 403: COS answered 403",
    ]);
}

#[test]
fn each_request_is_told_of_where_somebody_wants_that() {
    let mut d = client_with(&reporting().with("ClsReporter", true));
    d.call("sliceUploadFile", file()).as_before();
    let lines = d.after(20.0).answer("s1", uploads("f.bin", &[]));
    assert!(lines.texts().contains(&"report multipartList Success 0.020".to_owned()));
    let lines = d.after(30.0).answer("s2", initiated("U1"));
    assert!(lines.texts().contains(&"report multipartInit Success 0.030".to_owned()));
    d.cancel(1).as_before();
}
