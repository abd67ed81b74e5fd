//! What is sent again after an answer that got lost, when, and how often.

use cos_core::value::Value;
use cos_tests::answer::{error, parts, status, stored, uploads, xml};
use cos_tests::client::{MIB, object, with_key};
use cos_tests::dialogue::Dialogue;

use crate::{begun, client, content, file};

/// Four bytes appended to an object that has six.
fn append(d: &mut Dialogue, position: f64) {
    let append = object("log").with("Position", position);
    d.call_with("appendObject", append, b"more").as_before();
}

fn length(bytes: usize) -> cos_tests::answer::Answer {
    status(200).header("x-cos-next-append-position", &bytes.to_string())
}

#[test]
fn bytes_are_not_appended_again_before_the_object_was_looked_at() {
    let mut d = client();
    append(&mut d, 6.0);
    d.fails("s1", "request:fail timeout").are(&["send s2 HEAD /log"]);
    // They were appended.
    d.answer("s2", length(10)).are(&["settle c1 200", "forget c1"]);

    let mut d = client();
    append(&mut d, 6.0);
    d.answer("s1", status(502)).are(&["send s2 HEAD /log"]);
    // They were not.
    d.answer("s2", length(6)).are(&["send s3 POST /log?append&position=6 body"]);
    d.answer("s3", length(10)).are(&["settle c1 200", "forget c1"]);
}

#[test]
fn what_somebody_else_appended_meanwhile_is_told() {
    let mut d = client();
    append(&mut d, 6.0);
    d.fails("s1", "request:fail timeout").as_before();
    d.answer("s2", length(8)).are(&[
        "settle c1 Network COS_NETWORK: request:fail timeout; COS may have carried it out: look before you call again; the object has 8 bytes now",
        "forget c1",
    ]);

    // From the start, the bytes decide and not their number alone.
    let mut d = client();
    append(&mut d, 0.0);
    d.fails("s1", "request:fail timeout").as_before();
    d.answer("s2", stored(b"else").header("Content-Length", "4")).are(&[
        "settle c1 Network COS_NETWORK: request:fail timeout; COS may have carried it out: look before you call again; the object has 4 bytes now",
        "forget c1",
    ]);
    let mut d = client();
    append(&mut d, 0.0);
    d.fails("s1", "request:fail timeout").as_before();
    d.answer("s2", stored(b"more").header("Content-Length", "4"))
        .are(&["settle c1 200", "forget c1"]);
    let mut d = client();
    append(&mut d, 0.0);
    d.fails("s1", "request:fail timeout").as_before();
    d.answer("s2", status(404)).are(&["send s3 POST /log?append&position=0 body"]);
    d.answer("s3", stored(b"more")).are(&["settle c1 200", "forget c1"]);
}

#[test]
fn an_append_that_cannot_be_looked_at_fails() {
    let mut d = client();
    append(&mut d, 6.0);
    d.fails("s1", "request:fail timeout").as_before();
    d.answer("s2", status(403))
        .are(&["settle c1 Network COS_NETWORK: request:fail timeout; COS may have carried it out: look before you call again", "forget c1"]);
}

#[test]
fn what_cos_refused_was_not_appended() {
    let mut d = client();
    append(&mut d, 6.0);
    d.answer("s1", error(503, "SlowDown", "slow down")).are(&["timer t1 0"]);
    d.wait("t1").are(&["send s2 POST /log?append&position=6 x-cos-sdk-retry=true body"]);
    d.answer("s2", error(409, "PositionNotEqualToLength", "m"))
        .are(&["settle c1 Conflict PositionNotEqualToLength 409: m", "forget c1"]);
}

#[test]
fn of_any_requests_only_those_with_post_are_not_repeated() {
    for (method, repeated) in [("POST", false), ("PUT", true), ("DELETE", true), ("GET", true)] {
        let mut d = client();
        d.call("request", object("a").with("Method", method)).as_before();
        let lines = d.fails("s1", "request:fail timeout");
        if repeated {
            lines.are(&["timer t1 0"]);
            d.wait("t1").as_before();
            d.answer("s2", status(200)).as_before();
        } else {
            lines.are(&["settle c1 Network COS_NETWORK: request:fail timeout; COS may have carried it out: look before you call again", "forget c1"]);
        }
    }
}

#[test]
fn what_an_attempt_without_an_answer_has_done_is_done() {
    let bucket = || {
        let mut params = object("");
        params.take("Key");
        params
    };
    let restored = object("a").with("RestoreRequest", Value::map().with("Days", 1.0));
    for (operation, params, refusal) in [
        ("deleteBucket", bucket(), error(404, "NoSuchBucket", "m")),
        ("putBucket", bucket(), error(409, "BucketAlreadyOwnedByYou", "m")),
        ("deleteBucketInventory", bucket().with("Id", "i"), {
            error(404, "InventoryConfigurationNotFoundError", "m")
        }),
        ("multipartAbort", object("a").with("UploadId", "U"), error(404, "NoSuchUpload", "m")),
        ("restoreObject", restored, error(409, "RestoreAlreadyInProgress", "m")),
    ] {
        let mut d = client();
        assert_eq!(d.call(operation, params.clone()).texts().len(), 1, "{operation}");
        d.fails("s1", "request:fail timeout").are(&["timer t1 0"]);
        d.wait("t1").as_before();
        let lines = d.answer("s2", refusal.clone());
        assert!(lines.texts()[0].starts_with("settle c1 200"), "{operation}: {lines:?}");

        // Without such an attempt it is what it says.
        let mut d = client();
        d.call(operation, params).as_before();
        let lines = d.answer("s1", refusal);
        assert!(lines.texts()[0].contains(": m"), "{operation}: {lines:?}");
    }
}

#[test]
fn an_upload_that_must_not_overwrite_does_not_fail_for_itself() {
    let forbid = || object("a").with("ForbidOverwrite", "true").with("Body", Value::Null);
    let refusal = || error(409, "FileAlreadyExists", "m");
    let mut d = client();
    d.call_with("putObject", forbid(), b"hello").as_before();
    d.answer("s1", refusal()).end_in(&["settle c1 Conflict FileAlreadyExists 409: m"]);

    for (there, end) in [
        (&b"hello"[..], "settle c1 200 ETag=etag(s3) Location=HOST/a"),
        (b"else", "settle c1 Conflict FileAlreadyExists 409: m"),
    ] {
        let mut d = client();
        d.call_with("putObject", forbid(), b"hello").as_before();
        d.fails("s1", "request:fail timeout").as_before();
        d.wait("t1").as_before();
        d.answer("s2", refusal()).are(&["send s3 HEAD /a"]);
        let lines = d.answer("s3", stored(there));
        assert!(lines.texts().iter().any(|line| line == end), "{lines:?}");
    }
}

#[test]
fn an_upload_id_whose_answer_got_lost_is_found() {
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.fails("s2", "request:fail timeout").are(&["send s3 GET /?uploads&prefix=f.bin"]);
    d.answer("s3", uploads("f.bin", &["U1"])).are(&["send s4 GET /f.bin?uploadId=U1"]);
    let lines = d.answer("s4", parts([]));
    assert!(lines.texts().iter().any(|line| line.contains("partNumber=1&uploadId=U1")));
    d.cancel(1).as_before();

    // There is none: the request did not arrive.
    let mut d = client();
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.fails("s2", "request:fail timeout").as_before();
    d.answer("s3", uploads("f.bin", &[]))
        .are(&["send s4 POST /f.bin?uploads Cache-Control= Content-Type=application/octet-stream"]);
    d.cancel(1).as_before();
}

#[test]
fn a_completion_that_is_never_answered_is_looked_for() {
    for answered in [None, Some(status(502)), Some(xml("  "))] {
        for there in [true, false] {
            let mut d = begun();
            for part in ["s3", "s4", "s5"] {
                d.stored(part).as_before();
            }
            let mut lines = match &answered {
                None => d.fails("s6", "request:fail timeout"),
                Some(answer) => d.answer("s6", answer.clone()),
            };
            let mut last = 6;
            while let Some(timer) = lines.texts()[0].strip_prefix("timer ") {
                let timer = timer.split(' ').next().unwrap().to_owned();
                d.wait(&timer).as_before();
                last += 1;
                let send = format!("s{last}");
                lines = match &answered {
                    None => d.fails(&send, "request:fail timeout"),
                    Some(answer) => d.answer(&send, answer.clone()),
                };
            }
            assert_eq!(last, 6 + 11);
            lines.are(&["send s18 HEAD /f.bin"]);
            let bytes = if there { content(&d) } else { b"before".to_vec() };
            let lines = d.answer("s18", stored(&bytes));
            let settled = lines.texts().iter().find(|line| line.starts_with("settle")).unwrap();
            assert_eq!(settled.starts_with("settle c1 200"), there, "{settled}");
        }
    }
}

#[test]
fn cos_says_how_long_to_wait() {
    // The random part comes on top: 0 for the first pause of this client.
    for (header, delay) in [
        ("7", 7_000.0),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10_000.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("86400", 120_000.0),
        ("soon", 0.0),
        ("-1", 0.0),
    ] {
        for code in [429, 503] {
            let mut d = client();
            d.call("headObject", object("a")).as_before();
            d.answer("s1", status(code).header("Retry-After", header))
                .are(&[&format!("timer t1 {delay}")]);
            d.wait("t1").as_before();
            d.answer("s2", status(200)).as_before();
        }
    }
}

#[test]
fn a_part_that_arrives_gives_the_others_their_attempts_back() {
    let mut d = Dialogue::new(&with_key().with("ChunkRetryTimes", 0.0));
    d.device.write("/f.bin", vec![7; 3 * MIB], 1.0);
    d.call("sliceUploadFile", file()).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", cos_tests::answer::initiated("U1")).as_before();
    let mut send = "s3".to_owned();
    let fail = |d: &mut Dialogue, send: &str| {
        let line = d.answer(send, status(500)).texts()[0].clone();
        let timer = line.strip_prefix("timer ")?.split(' ').next()?.to_owned();
        let sent = d.wait(&timer).texts()[0].clone();
        sent.split(' ').nth(1).map(str::to_owned)
    };
    for _ in 0..3 {
        send = fail(&mut d, &send).unwrap();
    }
    d.stored("s4").as_before();
    for _ in 0..4 {
        send = fail(&mut d, &send).unwrap();
    }
    assert_eq!(fail(&mut d, &send), None);
    assert_eq!(d.tasks(), "error 1048576/3145728");
}

#[test]
fn bytes_of_a_form_that_go_further_than_before_are_progress() {
    let mut d = client();
    d.device.write("/a.txt", b"hello".to_vec(), 1.0);
    d.call("uploadFile", object("a.txt").with("FilePath", "/a.txt")).as_before();
    let mut timers = 0;
    for (attempt, sent) in [(1, 2), (2, 4), (3, 4), (4, 3), (5, 4)] {
        let send = format!("s{attempt}");
        let told = d.sends(&send, sent, 5).texts().len();
        timers += told + 1;
        d.fails(&send, "uploadFile:fail timeout").as_before();
        d.wait(&format!("t{timers}")).as_before();
    }
    // Four attempts since the second one: that was the last.
    d.fails("s6", "uploadFile:fail timeout")
        .end_in(&["settle c1 Network COS_NETWORK: uploadFile:fail timeout"]);
}
