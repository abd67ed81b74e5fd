//! What goes wrong while a file goes up: upload ids that vanish, parts that fail or arrive damaged,
//! files that change.

use cos_tests::answer::{self, completed, initiated, status, stored, uploads};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::device::bytes;

use crate::{SIZE, begun, begun_with, client, content, file};

#[test]
fn the_upload_id_is_gone_in_the_middle() {
    let mut d = begun();
    d.stored("s3").as_before();
    d.answer("s4", answer::error(404, "NoSuchUpload", "aborted")).are(&[
        "release r2",
        "abort s5",
        "abort t1",
        "release r3",
        "remove record",
        "send s6 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream",
    ]);
    d.answer("s6", initiated("U2")).are(&[
        "save record U2",
        "load l3 index",
        "progress c1 0/2621440 0",
        "read r4 /f.bin 0+1048576",
        "read r5 /f.bin 1048576+1048576",
        "read r6 /f.bin 2097152+524288",
        "save index 1",
        "send s7 PUT /f.bin?partNumber=1&uploadId=U2 Content-MD5=md5(r1) body=r4",
        "send s8 PUT /f.bin?partNumber=2&uploadId=U2 Content-MD5=md5(r2) body=r5",
        "send s9 PUT /f.bin?partNumber=3&uploadId=U2 Content-MD5=md5(r3) body=r6",
    ]);
    // The answer to a part of the former id comes late.
    d.answer("s5", status(200)).are_none();
    for part in ["s7", "s8", "s9"] {
        d.stored(part).as_before();
    }
    let whole = content(&d);
    d.answer("s10", completed(&whole)).are(&[
        "remove record",
        "abort t2",
        "progress c1 2621440/2621440 1",
        "settle c1 200 Location=HOST/f.bin ETag=\"e-3\" UploadId=U2",
        "forget c1",
    ]);
}

#[test]
fn an_upload_id_that_keeps_going_away_ends_the_call() {
    let mut d = begun();
    d.answer("s3", answer::error(404, "NoSuchUpload", "aborted")).as_before();
    d.answer("s6", initiated("U2")).as_before();
    d.answer("s7", answer::error(404, "NoSuchUpload", "aborted")).as_before();
    d.answer("s10", initiated("U3")).as_before();
    d.answer("s11", answer::error(404, "NoSuchUpload", "aborted")).are(&[
        "release r7",
        "abort s12",
        "abort s13",
        "release r8",
        "release r9",
        "save record U3",
        "progress c1 0/2621440 0",
        "settle c1 NotFound NoSuchUpload 404: aborted (upload U3)",
    ]);
}

#[test]
fn a_part_is_tried_again_after_longer_and_longer_pauses() {
    let mut d = begun();
    d.answer("s3", answer::error(503, "SlowDown", "slow down")).are(&["timer t1 223"]);
    d.wait("t1").are(&[
        "send s6 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) x-cos-sdk-retry=true body=r1",
    ]);
    d.fails("s6", "request:fail timeout").are(&["timer t2 139"]);
    d.wait("t2").are(&[
        "send s7 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) x-cos-sdk-retry=true body=r1",
    ]);
    d.answer("s7", status(500)).are(&["timer t3 236"]);
    d.wait("t3").are(&[
        "send s8 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) x-cos-sdk-retry=true body=r1",
    ]);
    d.stored("s8").are(&["release r1", "timer t4 1000"]);
    d.cancel(1).as_before();
}

#[test]
fn the_pauses_of_a_part_end_some_time() {
    let mut d = begun_with(&with_key().with("ChunkRetryTimes", 1.0), file());
    let mut send = "s3".to_owned();
    let mut attempts = 1;
    let mut bound = 400.0;
    loop {
        let before = d.now;
        let lines = d.answer(&send, status(503));
        let Some(timer) = lines.texts()[0].strip_prefix("timer ") else { break };
        let (timer, delay) = timer.split_once(' ').unwrap();
        assert!(delay.parse::<f64>().unwrap() <= bound, "pause {attempts}: {delay}");
        let again = d.wait(timer).texts()[0].clone();
        assert!(again.contains("x-cos-sdk-retry=true"), "{again}");
        assert!(d.now <= before + bound);
        send = again.split(' ').nth(1).unwrap().to_owned();
        attempts += 1;
        bound = (bound * 2.0).min(10_000.0);
    }
    assert_eq!(attempts, 8);
    assert_eq!(d.tasks(), "error 0/2621440");
}

#[test]
fn what_cannot_help_is_not_tried_again() {
    let mut d = begun();
    d.answer("s3", answer::error(403, "AccessDenied", "Access Denied.")).are(&[
        "release r1",
        "abort s4",
        "abort s5",
        "release r2",
        "release r3",
        "save record U1",
        "progress c1 0/2621440 0",
        "settle c1 Denied AccessDenied 403: Access Denied. (upload U1)",
    ]);

    let mut d = begun();
    d.fails("s3", "request:fail url not in domain list").are(&[
        "release r1",
        "abort s4",
        "abort s5",
        "release r2",
        "release r3",
        "save record U1",
        "progress c1 0/2621440 0",
        "settle c1 Network COS_NETWORK: request:fail url not in domain list (upload U1)",
    ]);
}

#[test]
fn a_part_that_arrived_damaged_is_sent_again() {
    let mut d = begun();
    d.answer("s3", stored(b"damaged")).are(&[
        "release r1",
        "read r4 /f.bin 0+1048576",
        "send s6 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) body=r4",
    ]);
    d.stored("s6").as_before();
    d.stored("s4").as_before();
    d.answer("s5", answer::error(400, "BadDigest", "the MD5 is another")).are(&["timer t2 223"]);
    d.cancel(1).as_before();
}

#[test]
fn a_part_that_keeps_arriving_damaged_ends_the_call() {
    let mut d = begun();
    for send in ["s3", "s6", "s7"] {
        d.answer(send, stored(b"damaged")).as_before();
    }
    d.answer("s8", stored(b"damaged")).are(&[
        "release r6",
        "abort s4",
        "abort s5",
        "release r2",
        "release r3",
        "progress c1 0/2621440 0",
        "settle c1 Integrity COS_INTEGRITY: COS stored other bytes for part 1 than were sent: upload again (upload U1)",
    ]);
}

#[test]
fn an_object_that_is_not_the_file_is_no_success() {
    let mut d = begun();
    for part in ["s3", "s4", "s5"] {
        d.stored(part).as_before();
    }
    d.answer("s6", completed(b"something else")).are(&[
        "remove record",
        "abort t1",
        "progress c1 2621440/2621440 1",
        "settle c1 Integrity COS_INTEGRITY: the object at COS has CRC64 6096232190862428907, the file 7786421499913655532: upload again (upload U1)",
    ]);
}

#[test]
fn a_small_file_that_arrived_damaged_is_sent_again() {
    let mut d = client();
    d.device.write("/a.txt", b"hello".to_vec(), 1.0);
    d.call("uploadFile", object("a.txt").with("FilePath", "/a.txt")).are(&[
        "stat f1 /a.txt",
        "task c1",
        "start c1",
        "read r1 /a.txt 0+5",
        "release r1",
        "send s1 POST / form=/a.txt key:a.txt success_action_status:200 Content-Type:",
    ]);
    // The host reads the file a second time, so that it may be the file that has changed.
    d.answer("s1", stored(b"damaged")).are(&[
        "stat f2 /a.txt",
        "send s2 POST / form=/a.txt key:a.txt success_action_status:200 Content-Type:",
    ]);
    d.answer("s2", stored(b"damaged")).are(&[
        "stat f3 /a.txt",
        "send s3 POST / form=/a.txt key:a.txt success_action_status:200 Content-Type:",
    ]);
    d.answer("s3", stored(b"damaged")).are(&[
        "progress c1 0/5 0",
        "settle c1 Integrity COS_INTEGRITY 200: COS stored CRC64 4979190693636521559, 11177612005948864433 was sent: upload again",
    ]);
}

#[test]
fn the_file_shrinks_while_it_goes_up() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.device.write("/f.bin", bytes(MIB + 5, 2), 2.0);
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).are(&[
        "save record U1",
        "load l2 index",
        "progress c1 0/2621440 0",
        "read r1 /f.bin 0+1048576",
        "read r2 /f.bin 1048576+1048576",
        "read r3 /f.bin 2097152+524288",
        "save index 1",
        "send s3 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) body=r1",
        "abort s3",
        "release r1",
        "release r2",
        "remove record",
        "send s4 DELETE /f.bin?uploadId=U1",
        "release r3",
    ]);
    d.answer("s4", status(204)).are(&[
        "progress c1 0/2621440 0",
        "settle c1 Conflict COS_FILE_CHANGED: /f.bin changed while it was being uploaded: upload it again",
    ]);
}

#[test]
fn the_file_is_rewritten_while_it_goes_up() {
    let mut d = begun();
    for send in ["s3", "s4"] {
        d.stored(send).as_before();
    }
    // As large as before: only the last look tells.
    d.device.write("/f.bin", bytes(SIZE, 2), 2.0);
    d.stored("s5").are(&[
        "release r3",
        "stat f2 /f.bin",
        "abort t1",
        "remove record",
        "send s6 DELETE /f.bin?uploadId=U1",
    ]);
    // Whatever becomes of that, nothing is completed.
    d.answer("s6", answer::error(403, "AccessDenied", "no")).are(&[
        "progress c1 2621440/2621440 1",
        "settle c1 Conflict COS_FILE_CHANGED: /f.bin changed while it was being uploaded: upload it again",
    ]);
    assert_eq!(d.device.records.len(), 1, "the index is left");
    // The next attempt uploads the file as it is now.
    d.restart(1).are(&[
        "start c2",
        "stat f3 /f.bin",
        "load l3 record",
        "send s7 GET /?uploads&prefix=f.bin",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn a_small_file_is_rewritten_while_it_goes_up() {
    let mut d = client();
    d.device.write("/a.txt", b"hello".to_vec(), 1.0);
    d.call("uploadFile", object("a.txt").with("FilePath", "/a.txt")).as_before();
    d.device.write("/a.txt", b"world".to_vec(), 2.0);
    d.answer("s1", stored(b"world")).are(&[
        "stat f2 /a.txt",
        "settle c1 Conflict COS_FILE_CHANGED: /a.txt changed while it was being uploaded: upload it again",
    ]);
}

#[test]
fn the_file_is_gone() {
    let mut d = client();
    d.device.files.clear();
    d.call("sliceUploadFile", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "settle c1 Usage COS_FILE: stat error, stat:fail no such file or directory, /f.bin",
    ]);
    d.call("uploadFile", file()).are(&[
        "stat f2 /f.bin",
        "settle c2 Usage COS_FILE: stat error, stat:fail no such file or directory, /f.bin",
        "forget c2",
    ]);
    d.call("putObject", file()).are(&[
        "task c3",
        "stat f3 /f.bin",
        "settle c3 Usage COS_FILE: stat error, stat:fail no such file or directory, /f.bin",
    ]);
    // wx.uploadFile may reach what the file system does not show.
    d.call("postObject", file()).are(&[
        "task c4",
        "stat f4 /f.bin",
        "start c4",
        "stat f5 /f.bin",
        "send s1 POST / form=/f.bin key:f.bin success_action_status:200 Content-Type:",
    ]);
    d.answer("s1", status(200).header("ETag", "\"e\"")).are(&[
        "progress c4 0/0 1",
        "settle c4 200 ETag=etag(s1) Location=HOST/f.bin",
        "forget c4",
    ]);
}

#[test]
fn the_file_goes_away_while_it_goes_up() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.device.files.clear();
    d.answer("s2", initiated("U1")).are(&[
        "save record U1",
        "load l2 index",
        "progress c1 0/2621440 0",
        "read r1 /f.bin 0+1048576",
        "read r2 /f.bin 1048576+1048576",
        "read r3 /f.bin 2097152+524288",
        "save index 1",
        "save record U1",
        "progress c1 0/2621440 0",
        "settle c1 Usage COS_FILE: readFile error, readFile:fail no such file or directory, /f.bin (upload U1)",
    ]);
}

#[test]
fn half_an_answer_is_no_upload_id() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated(""))
        .are(&["progress c1 0/2621440 0", "settle c1 Server COS_INCOMPLETE_ANSWER: no upload id"]);
}

#[test]
fn a_size_that_is_none_is_no_file() {
    for size in [f64::NAN, f64::INFINITY, -1.0] {
        let mut d = client();
        d.hold().call("putObject", file()).as_before();
        d.measures("f1", size)
            .are(&["settle c1 Usage COS_FILE: stat error, the host tells no size"]);
    }
}
