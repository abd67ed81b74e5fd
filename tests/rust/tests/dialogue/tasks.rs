//! The queue: limits, restarting, the task list, progress.

use cos_tests::answer::{completed, etag, parts, status};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::dialogue::Dialogue;

use crate::{begun, client, client_with, content, one_by_one, small};

#[test]
fn files_wait_for_their_turn() {
    let mut d = one_by_one();
    let (a, b) = (small(&mut d, "a"), small(&mut d, "b"));
    d.call("uploadFile", a).as_before();
    d.call("uploadFile", b).are(&["stat f2 /b", "task c2"]);
    assert_eq!(d.tasks(), "checking 0/1, waiting 0/1");
    assert!(d.engine.is_upload_running());
    d.stored("s1").are(&[
        "progress c1 1/1 1",
        "settle c1 200 ETag=etag(s1) Location=HOST/a",
        "forget c1",
        "start c2",
        "read r2 /b 0+1",
        "release r2",
        "send s2 POST / form=/b key:b success_action_status:200 Content-Type:",
    ]);
    d.fails("s2", "uploadFile:fail url not in domain list").are(&[
        "progress c2 0/1 0",
        "settle c2 Network COS_NETWORK: uploadFile:fail url not in domain list",
    ]);
    assert_eq!(d.tasks(), "success 1/1, error 0/1");
    assert!(!d.engine.is_upload_running());
}

#[test]
fn a_limit_that_is_none_is_the_default() {
    let mut d = Dialogue::new(&with_key().with("FileParallelLimit", f64::NAN));
    for name in ["a", "b", "c", "d"] {
        let params = small(&mut d, name);
        d.call("uploadFile", params).as_before();
    }
    assert_eq!(d.tasks(), "checking 0/1, checking 0/1, checking 0/1, waiting 0/1");
    for send in ["s1", "s2", "s3", "s4"] {
        d.stored(send).as_before();
    }
}

#[test]
fn a_failed_task_starts_again_under_a_new_call() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.answer("s4", status(403)).as_before();
    assert_eq!(d.tasks(), "error 1048576/2621440");
    d.restart(1).are(&[
        "start c2",
        "stat f2 /f.bin",
        "load l3 record",
        "send s6 GET /f.bin?uploadId=U1",
    ]);
    let whole = content(&d);
    d.answer("s6", parts([(1, &*etag(&whole[..MIB]), MIB as u64)])).are(&[
        "save record U1 1",
        "load l4 index",
        "progress c2 1048576/2621440 0.4",
        "read r4 /f.bin 1048576+1048576",
        "read r5 /f.bin 2097152+524288",
        "save index 1",
        "send s7 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r4",
        "send s8 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) body=r5",
    ]);
    d.stored("s7").as_before();
    d.stored("s8").as_before();
    d.answer("s9", completed(&whole)).are(&[
        "remove record",
        "abort t2",
        "progress c2 2621440/2621440 1",
        "settle c2 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U1",
        "forget c2",
    ]);
    d.restart(1).are_none();
}

#[test]
fn a_task_whose_file_was_missing_starts_again() {
    let mut d = client();
    d.call("putObject", object("a").with("FilePath", "/a")).as_before();
    let a = small(&mut d, "a");
    assert_eq!(a.get("FilePath").as_str(), Some("/a"));
    d.restart(1).are(&[
        "start c2",
        "stat f2 /a",
        "read r1 /a",
        "progress c2 0/1 0",
        "send s1 PUT /a Cache-Control= Content-Type=application/octet-stream body=r1",
    ]);
    d.stored("s1").as_before();
}

#[test]
fn finished_tasks_leave_a_long_list() {
    let mut d = client_with(&with_key().with("UploadQueueSize", 1.0));
    let (a, b, c) = (small(&mut d, "a"), small(&mut d, "b"), small(&mut d, "c"));
    d.call("uploadFile", a).as_before();
    d.stored("s1").as_before();
    d.call("uploadFile", b).are(&[
        "stat f2 /b",
        "task c2",
        "start c2",
        "read r2 /b 0+1",
        "release r2",
        "send s2 POST / form=/b key:b success_action_status:200 Content-Type:",
    ]);
    d.fails("s2", "uploadFile:fail url not in domain list").are(&[
        "progress c2 0/1 0",
        "settle c2 Network COS_NETWORK: uploadFile:fail url not in domain list",
    ]);
    assert_eq!(d.tasks(), "error 0/1");
    // A failed one cannot be restarted once it has left.
    d.call("uploadFile", c).are(&[
        "stat f3 /c",
        "task c3",
        "forget c2",
        "start c3",
        "read r3 /c 0+1",
        "release r3",
        "send s3 POST / form=/c key:c success_action_status:200 Content-Type:",
    ]);
    assert_eq!(d.tasks(), "checking 0/1");
    d.restart(2).are_none();
    d.stored("s3").as_before();
}

#[test]
fn progress_is_told_at_most_once_an_interval() {
    let mut d = client_with(&with_key().with("ProgressInterval", 250.0));
    let a = small(&mut d, "abcdefgh");
    d.call("uploadFile", a).as_before();
    d.after(100.0).sends("s1", 1, 8).are(&["timer t1 250"]);
    d.after(100.0).sends("s1", 2, 8).are_none();
    d.after(100.0).sends("s1", 4, 8).are_none();
    d.wait("t1").are(&["progress c1 4/8 0.5 11.43/s"]);
    d.after(150.0).stored("s1").are(&[
        "progress c1 8/8 1 26.67/s",
        "settle c1 200 ETag=etag(s1) Location=HOST/abcdefgh",
        "forget c1",
    ]);
    d.sends("s1", 8, 8).are_none();
}

#[test]
fn progress_that_makes_no_sense_is_not_told() {
    let mut d = client();
    let a = small(&mut d, "a");
    d.call("uploadFile", a).as_before();
    let send = d.id("s1");
    for (sent, total) in [(2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::NAN), (-1.0, 1.0)] {
        d.engine.handle_progress(send, sent, total, d.now);
        d.heard().are_none();
    }
    d.stored("s1").as_before();
}
