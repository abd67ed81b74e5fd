//! Pausing, in every state, and going on.

use cos_tests::answer::{completed, etag, initiated, parts, status, uploads};
use cos_tests::client::{MIB, with_callback};
use cos_tests::device::bytes;

use crate::{SIZE, begun, client, client_with, content, file, one_by_one, small};

#[test]
fn a_pause_keeps_what_is_confirmed() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.pause(1).are(&[
        "abort s4",
        "abort s5",
        "abort t1",
        "release r2",
        "release r3",
        "save record U1 1",
    ]);
    assert_eq!(d.tasks(), "paused 0/2621440");
    d.answer("s4", status(200)).are_none();
    d.pause(1).are_none();
    d.restart(1).are(&[
        "start c1",
        "stat f2 /f.bin",
        "read r4 /f.bin 1048576+1048576",
        "read r5 /f.bin 2097152+524288",
        "send s6 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r4",
        "send s7 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) body=r5",
    ]);
    d.stored("s6").as_before();
    d.stored("s7").as_before();
    let whole = content(&d);
    d.answer("s8", completed(&whole)).are(&[
        "remove record",
        "abort t2",
        "progress c1 2621440/2621440 1",
        "settle c1 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U1",
        "forget c1",
    ]);
}

#[test]
fn another_upload_of_the_file_takes_over_what_a_paused_one_has() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.pause(1).as_before();
    d.call("sliceUploadFile", file()).are(&[
        "task c2",
        "stat f2 /f.bin",
        "start c2",
        "load l3 record",
        "send s6 GET /f.bin?uploadId=U1",
    ]);
    let first = etag(&content(&d)[..MIB]);
    d.answer("s6", parts([(1, &*first, MIB as u64)])).are(&[
        "save record U1 1",
        "load l4 index",
        "progress c2 1048576/2621440 0.4",
        "read r4 /f.bin 1048576+1048576",
        "read r5 /f.bin 2097152+524288",
        "save index 1",
        "send s7 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r4",
        "send s8 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) body=r5",
    ]);
    // The first one does not disturb the second.
    d.restart(1).are(&[
        "start c1",
        "stat f3 /f.bin",
        "load l5 record",
        "send s9 GET /?uploads&prefix=f.bin",
    ]);
    d.answer("s9", uploads("f.bin", &["U1"])).are(&[
        "send s10 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream",
    ]);
    d.cancel(1).are(&[
        "abort s10",
        "settle c1 Canceled COS_CANCELED: the task was canceled",
        "forget c1",
    ]);
    d.cancel(2).as_before();
}

#[test]
fn what_two_paused_uploads_have_had_is_the_last_ones() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.pause(1).as_before();
    d.call("sliceUploadFile", file()).as_before();
    let first = etag(&content(&d)[..MIB]);
    d.answer("s6", parts([(1, &*first, MIB as u64)])).as_before();
    d.stored("s7").as_before();
    d.pause(2).as_before();
    d.restart(1).are(&[
        "start c1",
        "stat f3 /f.bin",
        "load l5 record",
        "send s9 GET /f.bin?uploadId=U1",
    ]);
    d.cancel(1).as_before();
    d.cancel(2).as_before();
}

#[test]
fn a_second_pause_before_anything_went_on_changes_nothing() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.pause(1).as_before();
    d.hold().restart(1).are(&["start c1", "stat f2 /f.bin"]);
    d.pause(1).as_before();
    d.release().as_before();
    d.restart(1).end_in(&[
        "send s6 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r4",
        "send s7 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) body=r5",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn a_file_that_changed_during_the_pause_is_sent_from_the_start() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.pause(1).as_before();
    d.device.write("/f.bin", bytes(SIZE, 9), 2.0);
    d.restart(1).are(&[
        "start c1",
        "stat f2 /f.bin",
        "load l3 record",
        "send s6 GET /?uploads&prefix=f.bin",
    ]);
    // What COS has is not of this file any more.
    d.answer("s6", uploads("f.bin", &["U1"])).are(&["send s7 GET /f.bin?uploadId=U1"]);
    d.cancel(1).as_before();
}

#[test]
fn a_file_that_was_only_touched_during_the_pause_is_recognized() {
    let mut d = begun();
    let whole = content(&d);
    d.stored("s3").as_before();
    d.pause(1).as_before();
    d.device.write("/f.bin", whole.clone(), 2.0);
    d.restart(1).as_before();
    d.answer("s6", uploads("f.bin", &["U1"])).are(&["send s7 GET /f.bin?uploadId=U1"]);
    d.answer("s7", parts([(1, &*etag(&whole[..MIB]), MIB as u64)])).are(&[
        "read r4 /f.bin 0+1048576",
        "release r4",
        "hashed c1 1048576/2621440 0.4",
        "save record U1 1",
        "load l4 index",
        "progress c1 1048576/2621440 0.4",
        "read r5 /f.bin 1048576+1048576",
        "read r6 /f.bin 2097152+524288",
        "save index 1",
        "send s8 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) body=r5",
        "send s9 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) body=r6",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn a_pause_before_anything_was_sent() {
    // While the file is measured.
    let mut d = client();
    d.hold().call("putObject", file()).are(&["task c1", "stat f1 /f.bin"]);
    d.pause(1).are_none();
    d.serve("f1").are_none();
    assert_eq!(d.tasks(), "paused 0/2621440");
    d.restart(1).are(&["start c1", "read r1 /f.bin"]);
    d.pause(1).are_none();
    // While it is looked at again.
    d.restart(1).are(&["start c1", "stat f2 /f.bin"]);
    d.pause(1).are_none();
    d.serve("f2").are_none();
    d.restart(1).are(&["start c1", "stat f3 /f.bin"]);
    d.cancel(1).as_before();
    d.release().are(&["release r1"]);

    // While it waits.
    let mut d = one_by_one();
    let (a, b) = (small(&mut d, "a"), small(&mut d, "b"));
    d.call("uploadFile", a).as_before();
    d.call("uploadFile", b).as_before();
    d.pause(2).are_none();
    d.stored("s1").as_before();
    d.restart(2).are(&[
        "start c2",
        "stat f3 /b",
        "read r2 /b 0+1",
        "release r2",
        "send s2 POST / form=/b key:b success_action_status:200 Content-Type:",
    ]);
    d.stored("s2").as_before();
}

#[test]
fn a_pause_while_the_parts_of_an_earlier_upload_are_verified() {
    let mut d = client();
    let whole = content(&d);
    let listed = parts([(1, &*etag(&whole[..MIB]), MIB as u64)]);
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &["U1"])).as_before();
    d.hold().answer("s2", listed).are(&["read r1 /f.bin 0+1048576"]);
    d.pause(1).are_none();
    d.release().are(&["release r1"]);
    d.restart(1).are(&[
        "start c1",
        "stat f2 /f.bin",
        "load l2 record",
        "send s3 GET /?uploads&prefix=f.bin",
    ]);
    // Meanwhile somebody aborted the upload.
    d.answer("s3", uploads("f.bin", &[]))
        .are(&["send s4 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
    d.answer("s4", initiated("U2")).are(&[
        "save record U2",
        "load l3 index",
        "progress c1 0/2621440 0",
        "read r2 /f.bin 0+1048576",
        "read r3 /f.bin 1048576+1048576",
        "read r4 /f.bin 2097152+524288",
        "save index 1",
        "send s5 PUT /f.bin?partNumber=1&uploadId=U2 Content-MD5=md5(r1) body=r2",
        "send s6 PUT /f.bin?partNumber=2&uploadId=U2 Content-MD5=md5(r3) body=r3",
        "send s7 PUT /f.bin?partNumber=3&uploadId=U2 Content-MD5=md5(r4) body=r4",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn a_part_verified_before_a_pause_counts_only_for_its_upload_id() {
    let mut d = client();
    let whole = content(&d);
    let (one, two) = (etag(&whole[..MIB]), etag(&whole[MIB..2 * MIB]));
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &["U1"])).as_before();
    d.hold();
    d.answer("s2", parts([(1, &*one, MIB as u64), (2, &*two, MIB as u64)])).as_before();
    d.serve("r1").are(&["release r1", "timer t1 1000", "read r2 /f.bin 1048576+1048576"]);
    d.pause(1).are(&["abort t1"]);
    d.release().as_before();
    d.restart(1).as_before();
    d.answer("s3", uploads("f.bin", &[])).as_before();
    // All three parts go up under the new id.
    d.answer("s4", initiated("U2")).are(&[
        "save record U2",
        "load l3 index",
        "progress c1 0/2621440 0",
        "read r3 /f.bin 0+1048576",
        "read r4 /f.bin 1048576+1048576",
        "read r5 /f.bin 2097152+524288",
        "save index 1",
        "send s5 PUT /f.bin?partNumber=1&uploadId=U2 Content-MD5=md5(r1) body=r3",
        "send s6 PUT /f.bin?partNumber=2&uploadId=U2 Content-MD5=md5(r2) body=r4",
        "send s7 PUT /f.bin?partNumber=3&uploadId=U2 Content-MD5=md5(r5) body=r5",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn a_pause_while_the_parts_are_joined() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.pause(1).are(&["abort t1", "abort s6", "save record U1 1,2,3 completing"]);
    d.restart(1).are(&[
        "start c1",
        "stat f3 /f.bin",
        "save record U1 1,2,3 completing",
        "send s7 POST /f.bin?uploadId=U1 Content-Type=application/xml Content-MD5=md5(text) text=<CompleteMultipartUpload><Part>1 etag(s3)</Part><Part>2 etag(s4)</Part><Part>3 etag(s5)</Part></CompleteMultipartUpload>",
    ]);
    let whole = content(&d);
    d.answer("s7", completed(&whole)).as_before();
}

#[test]
fn a_paused_task_that_waits_for_a_key() {
    let mut d = client_with(&with_callback());
    let a = small(&mut d, "a");
    d.call("uploadFile", a).as_before();
    d.pause(1).are_none();
    d.restart(1).are(&["start c1", "stat f2 /a", "read r2 /a 0+1", "release r2"]);
    d.refuses("a1", "no").are(&[
        "abort t1",
        "progress c1 0/1 0",
        "settle c1 Credential COS_CREDENTIAL: no",
    ]);
}
