//! Cancelling, in every state.

use cos_core::value::Value;
use cos_tests::answer::{error, initiated, status, uploads};
use cos_tests::client::object;

use crate::{begun, client, file, one_by_one, small};

#[test]
fn cancelling_what_is_under_way() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.cancel(1).are(&[
        "abort s4",
        "abort s5",
        "abort t1",
        "release r2",
        "release r3",
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)",
        "forget c1",
    ]);
    assert_eq!(d.tasks(), "canceled 0/2621440");
    d.answer("s4", status(200)).are_none();
    d.cancel(1).are_none();
    d.restart(1).are_none();
    d.pause(1).are_none();
}

#[test]
fn cancelling_in_every_other_state() {
    // While it is measured; while it waits; during a pause; while it is looked at again.
    let mut d = client();
    d.hold().call("putObject", file()).as_before();
    d.cancel(1).are(&["settle c1 Canceled COS_CANCELED: the task was canceled", "forget c1"]);
    d.release().are_none();

    let mut d = one_by_one();
    let (a, b) = (small(&mut d, "a"), small(&mut d, "b"));
    d.call("uploadFile", a).as_before();
    d.call("uploadFile", b).as_before();
    d.cancel(2).are(&["settle c2 Canceled COS_CANCELED: the task was canceled", "forget c2"]);
    d.stored("s1").as_before();

    let mut d = begun();
    d.pause(1).as_before();
    d.cancel(1)
        .are(&["settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)", "forget c1"]);

    let mut d = begun();
    d.pause(1).as_before();
    d.hold().restart(1).end_in(&["stat f2 /f.bin"]);
    d.cancel(1)
        .are(&["settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)", "forget c1"]);
    d.release().are_none();
    // The upload id is free again.
    d.call("sliceUploadFile", file()).are(&[
        "task c2",
        "stat f3 /f.bin",
        "start c2",
        "load l3 record",
        "send s6 GET /f.bin?uploadId=U1",
    ]);
    d.cancel(2).as_before();
}

#[test]
fn cancelling_while_bytes_are_read() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.hold().answer("s2", initiated("U1")).as_before();
    d.serve("r2").are(&["send s3 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r2"]);
    d.cancel(1).are(&[
        "abort s3",
        "release r2",
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)",
        "forget c1",
    ]);
    // What was being read comes late, and goes.
    d.release().are(&["release r1", "release r3"]);
}

#[test]
fn cancelling_during_a_pause_between_attempts() {
    let mut d = begun();
    d.answer("s3", status(503)).are(&["timer t1 223"]);
    d.cancel(1).are(&[
        "abort s4",
        "abort s5",
        "abort t1",
        "release r1",
        "release r2",
        "release r3",
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)",
        "forget c1",
    ]);
}

#[test]
fn what_was_not_yet_done_is_withdrawn() {
    let mut d = client();
    d.call("uploadFile", file()).as_before();
    // The application cancels from a callback: before the host has drained the queue.
    d.receive("s1", uploads("f.bin", &[]));
    d.cancel(1).are(&["settle c1 Canceled COS_CANCELED: the task was canceled", "forget c1"]);

    let mut d = client();
    d.call("uploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.receive("s2", initiated("U1"));
    d.cancel(1).are(&[
        "save record U1",
        "progress c1 0/2621440 0",
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)",
        "forget c1",
    ]);
}

#[test]
fn a_failed_task_can_be_cancelled() {
    let mut d = client();
    let a = small(&mut d, "a");
    d.call("uploadFile", a).as_before();
    d.answer("s1", error(403, "AccessDenied", "no"))
        .are(&["progress c1 0/1 0", "settle c1 Denied AccessDenied 403: no"]);
    d.cancel(1).are(&["forget c1"]);
    d.restart(1).are_none();
    assert_eq!(d.tasks(), "canceled 0/1");
}

#[test]
fn cancelling_a_call_that_is_no_task() {
    let mut d = client();
    d.call("headObject", object("k")).as_before();
    d.cancel_call("c1").are(&[
        "abort s1",
        "settle c1 Canceled COS_CANCELED: the task was canceled",
        "forget c1",
    ]);
    d.answer("s1", status(200)).are_none();
    d.cancel_call("c1").are_none();

    // An upload is a task, and its place is free for the next.
    let mut d = one_by_one();
    let (a, b) = (small(&mut d, "a"), small(&mut d, "b"));
    d.call("uploadFile", a).as_before();
    d.call("uploadFile", b).as_before();
    d.cancel_call("c1")
        .end_in(&["send s2 POST / form=/b key:b success_action_status:200 Content-Type:"]);
    d.cancel_call("c2").as_before();
    assert_eq!(d.tasks(), "canceled 0/1, canceled 0/1");
}

#[test]
fn cancelling_with_the_parts_that_cos_has() {
    let dropped = "send s6 DELETE /f.bin?uploadId=U1";
    // While parts are sent; a completion that is under way ends likewise.
    let mut d = begun();
    d.cancel_and_abort(1).end_in(&[
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)",
        "forget c1",
        "remove record",
        dropped,
    ]);
    d.answer("s6", status(204)).are(&["settle c2 204", "forget c2"]);
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.cancel_and_abort(1).are(&[
        "abort t1",
        "abort s6",
        "settle c1 Canceled COS_CANCELED: the task was canceled (upload U1)",
        "forget c1",
        "remove record",
        "send s7 DELETE /f.bin?uploadId=U1",
    ]);
    d.answer("s7", error(404, "NoSuchUpload", "completed")).as_before();

    // During a pause, and after an error.
    let mut d = begun();
    d.pause(1).as_before();
    d.cancel_and_abort(1).end_in(&["remove record", dropped]);
    d.answer("s6", status(204)).as_before();
    let mut d = begun();
    d.answer("s3", error(403, "AccessDenied", "no")).as_before();
    d.cancel_and_abort(1).are(&["forget c1", "remove record", dropped]);
    d.answer("s6", status(204)).as_before();

    // COS has nothing of these.
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.cancel_and_abort(1).are(&[
        "abort s1",
        "settle c1 Canceled COS_CANCELED: the task was canceled",
        "forget c1",
    ]);
    assert_eq!(d.engine.cancel(&d.task(1), true, d.now), None);
    let mut d = client();
    let a = small(&mut d, "a");
    d.call("uploadFile", a).as_before();
    assert_eq!(d.engine.cancel(&d.task(1), true, d.now), Some(0));
    d.heard().as_before();
}

#[test]
fn cancelling_several_files_at_once() {
    let mut d = one_by_one();
    let (a, b) = (small(&mut d, "a"), small(&mut d, "b"));
    let files = Value::map().with("files", vec![a, b]);
    d.call("uploadFiles", files).as_before();
    d.cancel_call("c1").are(&[
        "abort s1",
        "settle c2 Canceled COS_CANCELED: the task was canceled",
        "progress c1 0/2 0",
        "finish c1 0",
        "forget c2",
        "settle c3 Canceled COS_CANCELED: the task was canceled",
        "progress c1 0/2 0",
        "finish c1 1",
        "forget c3",
        "settle c1 Canceled COS_CANCELED: the task was canceled",
        "forget c1",
    ]);
}
