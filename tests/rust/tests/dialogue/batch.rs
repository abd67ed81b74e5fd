//! Several files in one call.

use cos_core::value::Value;
use cos_tests::answer::{completed, error, initiated, stored, uploads};
use cos_tests::client::{object, with_key};
use cos_tests::dialogue::Dialogue;

use crate::{client_with, content, file, small};

fn together(files: Vec<Value>) -> Value {
    Value::map().with("files", files)
}

/// `c1` uploads two files, one at a time, by PUT: `c2` and `c3`.
fn two() -> (Dialogue, Vec<String>) {
    let options = with_key().with("SimpleUploadMethod", "putObject");
    let mut d = client_with(&options.with("FileParallelLimit", 1.0));
    let files = ["one", "three"].map(|name| small(&mut d, name));
    let lines = d.call("uploadFiles", together(files.into())).texts().to_vec();
    (d, lines)
}

#[test]
fn all_are_measured_before_the_first_begins() {
    let (mut d, lines) = two();
    assert_eq!(
        lines,
        [
            "stat f1 /one",
            "stat f2 /three",
            "task c2",
            "task c3",
            "start c2",
            "read r1 /one",
            "progress c2 0/3 0",
            "send s1 PUT /one Cache-Control= Content-Type=application/octet-stream body=r1",
            "timer t1 1000",
        ]
    );
    d.wait("t1").are(&["progress c1 0/8 0"]);
    d.after(1000.0).stored("s1").are(&[
        "release r1",
        "progress c2 3/3 1 1.5/s",
        "settle c2 200 ETag=etag(s1) Location=HOST/one",
        "progress c1 3/8 0.37 3/s",
        "finish c1 0",
        "forget c2",
        "start c3",
        "read r2 /three",
        "progress c3 0/5 0",
        "send s2 PUT /three Cache-Control= Content-Type=application/octet-stream body=r2",
        "timer t2 1000",
    ]);
    d.answer("s2", error(403, "AccessDenied", "no")).are(&[
        "release r2",
        "progress c3 0/5 0",
        "settle c3 Denied AccessDenied 403: no",
        "abort t2",
        "progress c1 3/8 0.37",
        "finish c1 1",
        "settle c1 ",
        "forget c1",
    ]);
    assert_eq!(d.tasks(), "success 3/3, error 0/5");
}

#[test]
fn nothing_to_upload_is_over_at_once() {
    let mut d = client_with(&with_key());
    d.call("uploadFiles", together(Vec::new())).are(&["settle c1 ", "forget c1"]);
    for params in [Value::map(), Value::map().with("files", "a")] {
        let mut d = client_with(&with_key());
        d.call("uploadFiles", params)
            .are(&["settle c1 Usage COS_USAGE: uploadFiles: missing param files", "forget c1"]);
    }
}

#[test]
fn a_file_that_is_refused_does_not_stop_the_others() {
    let mut d = client_with(&with_key().with("SimpleUploadMethod", "putObject"));
    let good = small(&mut d, "good");
    let files =
        vec![Value::Null, good, object("no path"), object("gone").with("FilePath", "/gone")];
    d.call("uploadFiles", together(files)).are(&[
        "settle c2 Usage COS_USAGE: uploadFile: missing param Bucket",
        "progress c1 0/0 1",
        "finish c1 0",
        "forget c2",
        "settle c4 Usage COS_USAGE: uploadFile: missing param FilePath",
        "progress c1 0/0 1",
        "finish c1 2",
        "forget c4",
        "stat f1 /good",
        "stat f2 /gone",
        "task c3",
        "task c5",
        "start c3",
        "read r1 /good",
        "start c5",
        "stat f3 /gone",
        "progress c3 0/4 0",
        "send s1 PUT /good Cache-Control= Content-Type=application/octet-stream body=r1",
        "timer t1 1000",
        "settle c5 Usage COS_FILE: stat error, stat:fail no such file or directory, /gone",
        "abort t1",
        "progress c1 0/4 0",
        "finish c1 3",
    ]);
    d.stored("s1").end_in(&["finish c1 1", "forget c3", "settle c1 ", "forget c1"]);
}

#[test]
fn the_size_from_which_parts_are_used_is_that_of_the_batch() {
    let mut d = client_with(&with_key().with("SimpleUploadMethod", "putObject"));
    let files = vec![file().with("SliceSize", 1.0)];
    d.call("uploadFiles", together(files.clone()).with("SliceSize", 1e9)).end_in(&[
        "send s1 PUT /f.bin Cache-Control= Content-Type=application/octet-stream body=r1",
        "timer t1 1000",
    ]);
    d.stored("s1").as_before();
    d.call("uploadFiles", together(files)).end_in(&["send s2 GET /?uploads&prefix=f.bin"]);
    d.answer("s2", uploads("f.bin", &[])).as_before();
    d.answer("s3", initiated("U1")).as_before();
    for part in ["s4", "s5"] {
        d.stored(part).as_before();
    }
    d.stored("s6").as_before();
    let whole = content(&d);
    d.answer("s7", completed(&whole)).end_in(&[
        "progress c4 2621440/2621440 1",
        "settle c4 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U1",
        "abort t2",
        "progress c3 2621440/2621440 1",
        "finish c3 0",
        "forget c4",
        "settle c3 ",
        "forget c3",
    ]);
}

#[test]
fn a_file_that_is_tried_again_belongs_to_its_batch_until_that_is_over() {
    let (mut d, _) = two();
    d.answer("s1", error(403, "AccessDenied", "no")).as_before();
    d.restart(1).are_none();
    d.stored("s2").end_in(&[
        "forget c3",
        "start c4",
        "stat f3 /one",
        "read r3 /one",
        "progress c4 0/3 0",
        "send s3 PUT /one Cache-Control= Content-Type=application/octet-stream body=r3",
        "timer t3 1000",
    ]);
    d.answer("s3", error(403, "AccessDenied", "no")).end_in(&[
        "finish c1 0",
        "settle c1 ",
        "forget c1",
    ]);
    d.restart(1).as_before();
    d.stored("s4").end_in(&["settle c5 200 ETag=etag(s4) Location=HOST/one", "forget c5"]);
}

#[test]
fn a_batch_waits_for_what_is_paused_and_ends_with_what_is_canceled() {
    let (mut d, _) = two();
    d.pause(2).are_none();
    d.stored("s1").end_in(&["finish c1 0", "forget c2"]);
    d.cancel(2).are(&[
        "settle c3 Canceled COS_CANCELED: the task was canceled",
        "progress c1 3/8 0.37",
        "finish c1 1",
        "forget c3",
        "settle c1 ",
        "forget c1",
    ]);
    let (mut d, _) = two();
    d.cancel(1).as_before();
    d.answer("s2", stored(b"other bytes")).as_before();
    d.answer("s3", stored(b"three")).end_in(&["settle c1 ", "forget c1"]);
}

#[test]
fn a_form_is_longer_than_its_file() {
    let mut d = client_with(&with_key());
    let one = small(&mut d, "one");
    d.call("uploadFiles", together(vec![one])).as_before();
    d.sends("s1", 90, 100).as_before();
    d.wait("t1").are(&["progress c2 90/100 0.9 90/s", "timer t2 1000"]);
    d.wait("t2").are(&["progress c1 3/3 1 1.5/s"]);
    d.stored("s1").end_in(&["finish c1 0", "forget c2", "settle c1 ", "forget c1"]);
}

#[test]
fn files_wait_for_no_one_that_was_cancelled() {
    let mut d = client_with(&with_key().with("SimpleUploadMethod", "putObject"));
    let files = ["one", "three"].map(|name| small(&mut d, name));
    d.hold().call("uploadFiles", together(files.into())).are(&["stat f1 /one", "stat f2 /three"]);
    d.serve("f2").are_none();
    d.cancel_call("c2").are(&[
        "settle c2 Canceled COS_CANCELED: the task was canceled",
        "task c3",
        "progress c1 0/5 0",
        "finish c1 0",
        "forget c2",
        "start c3",
        "read r1 /three",
    ]);
    d.release().as_before();
    d.stored("s1").as_before();
}
