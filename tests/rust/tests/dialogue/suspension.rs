//! The app in the background, the network lost, another network.

use cos_tests::answer::{error, initiated, status, uploads};
use cos_tests::client::{START, object, temporary, with_callback, with_key};
use cos_tests::dialogue::Dialogue;

use crate::{begun, begun_with, client, client_with, file};

const INTERRUPTED: &str = "request:fail interrupted";

/// The three parts of [`begun`], sent again.
const AGAIN: [&str; 3] = [
    "send s6 PUT /f.bin?partNumber=1&uploadId=U1 Content-MD5=md5(r1) x-cos-sdk-retry=true body=r1",
    "send s7 PUT /f.bin?partNumber=2&uploadId=U1 Content-MD5=md5(r2) x-cos-sdk-retry=true body=r2",
    "send s8 PUT /f.bin?partNumber=3&uploadId=U1 Content-MD5=md5(r3) x-cos-sdk-retry=true body=r3",
];

#[test]
fn what_the_background_ends_goes_on_when_the_app_is_shown() {
    let mut d = begun_with(&with_key().with("ChunkRetryTimes", 0.0), file());
    d.keep(1).as_before();
    // Ten times in the background: four attempts would never do.
    let mut first = 3;
    for round in 0..10 {
        d.hide().are_none();
        d.after(5000.0)
            .fails(&format!("s{first}"), INTERRUPTED)
            .are(&[&format!("timer t{} 30000", round + 1)]);
        for part in 1..3 {
            d.fails(&format!("s{}", first + part), INTERRUPTED).are_none();
        }
        let shown = d.after(600_000.0).show();
        let mut expected = Vec::new();
        for (line, part) in AGAIN.iter().zip(3..) {
            let name = format!("send s{}", part + 3);
            expected.push(line.replace(&name, &format!("send s{}", first + part)));
        }
        expected.push(format!("abort t{}", round + 1));
        shown.are(&expected.iter().map(String::as_str).collect::<Vec<_>>());
        first += 3;
    }
    assert_eq!(d.tasks(), "uploading 0/2621440");
    d.cancel(1).as_before();
}

#[test]
fn what_the_host_does_not_end_is_sent_again_after_five_seconds() {
    let mut d = begun();
    d.keep(1).as_before();
    d.hide().are_none();
    d.after(4000.0).show().are_none();
    d.hide().are_none();
    let mut expected = vec!["abort s3", "abort s4", "abort s5"];
    expected.extend(AGAIN);
    d.after(6000.0).show().are(&expected);
    // Late answers are those of nobody.
    d.fails("s3", INTERRUPTED).are_none();
    d.cancel(1).as_before();
}

#[test]
fn in_the_background_nothing_is_begun() {
    let mut d = client();
    d.hide().are_none();
    d.call("headObject", object("a")).are(&["timer t1 30000"]);
    d.call("headObject", object("b")).are_none();
    // A URL needs no request.
    d.call("getObjectUrl", object("c").with("Sign", false)).as_before();
    d.show().are(&["send s1 HEAD /a", "send s2 HEAD /b", "abort t1"]);
    d.answer("s1", status(200)).as_before();
    d.answer("s2", status(200)).as_before();
}

#[test]
fn an_event_that_never_comes_holds_nothing_up() {
    let mut d = client();
    d.hide().are_none();
    d.call("headObject", object("a")).are(&["timer t1 30000"]);
    d.wait("t1").are(&["send s1 HEAD /a"]);
    // It really is in the background.
    d.fails("s1", INTERRUPTED).are(&["timer t2 30000"]);
    d.wait("t2").are(&["send s2 HEAD /a x-cos-sdk-retry=true"]);
    // It is not, since there is an answer.
    d.answer("s2", status(200)).as_before();
    d.call("headObject", object("b")).are(&["send s3 HEAD /b"]);
    d.answer("s3", status(200)).as_before();
}

#[test]
fn without_a_network_uploads_wait_and_single_calls_say_so() {
    let mut d = begun();
    d.network("none").are_none();
    d.fails("s3", "request:fail").are(&["timer t1 30000"]);
    d.call("headObject", object("a")).are(&["send s6 HEAD /a"]);
    for attempt in 6..9 {
        let timer = d.fails(&format!("s{attempt}"), "request:fail").texts()[0].clone();
        d.wait(timer.split(' ').nth(1).unwrap()).as_before();
    }
    d.fails("s9", "request:fail")
        .are(&["settle c2 Network COS_NETWORK: request:fail", "forget c2"]);
    let again = |number: usize, part: usize| {
        AGAIN[part - 1].replace(&format!("s{}", part + 5), &format!("s{number}"))
    };
    d.network("wifi").are(&[
        "abort s4",
        "abort s5",
        &again(10, 1),
        &again(11, 2),
        &again(12, 3),
        "abort t1",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn the_way_to_another_network_costs_no_attempt() {
    let mut d = begun();
    let mut expected = vec!["abort s3", "abort s4", "abort s5"];
    expected.extend(AGAIN);
    d.network("4g").are(&expected);
    // The same again is none.
    d.network("4g").are_none();
    d.cancel(1).as_before();
}

#[test]
fn an_answer_proves_that_there_is_a_network() {
    let mut d = begun();
    d.network("none").are_none();
    d.fails("s3", "request:fail").are(&["timer t1 30000"]);
    d.stored("s4").end_in(&[AGAIN[0], "abort t1"]);
    d.cancel(1).as_before();
}

#[test]
fn an_append_under_way_is_left_alone() {
    let mut d = client();
    let append = || object("log").with("Position", 6.0);
    d.call_with("appendObject", append(), b"more").as_before();
    d.network("4g").are_none();
    d.hide().are_none();
    d.after(5000.0).fails("s1", INTERRUPTED).are(&["timer t1 30000"]);
    d.show().are(&["send s2 HEAD /log", "abort t1"]);
    d.answer("s2", status(200).header("x-cos-next-append-position", "10")).as_before();
}

#[test]
fn a_copy_waits_for_the_network_from_its_first_request_on() {
    let mut d = client();
    let source = "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/from";
    d.network("none").are_none();
    d.call("sliceCopyFile", object("to").with("CopySource", source)).are(&["timer t1 30000"]);
    d.network("wifi").are(&["send s1 HEAD /from", "abort t1"]);
    d.answer("s1", status(200).header("Content-Length", "5")).as_before();
    d.fails("s2", "request:fail").are(&["timer t2 0"]);
    d.network("none").are_none();
    d.wait("t2").are(&["timer t3 30000"]);
    d.cancel_call("c1").end_in(&["forget c1", "abort t3"]);
}

#[test]
fn a_canceled_upload_waits_for_nothing() {
    let mut d = begun();
    d.keep(1).as_before();
    d.hide().are_none();
    for send in ["s3", "s4", "s5"] {
        d.fails(send, INTERRUPTED).as_before();
    }
    d.cancel(1).end_in(&["forget c1", "abort t1"]);
    d.show().are_none();
}

#[test]
fn a_credential_that_the_background_ends_is_asked_for_again() {
    let mut d = client_with(&with_callback());
    d.call("headObject", object("a")).as_before();
    d.hide().are_none();
    d.refuses("a1", INTERRUPTED).are(&["abort t1", "timer t2 30000"]);
    d.show().are(&["ask a2 name/cos:HeadObject a", "timer t3 60000", "abort t2"]);
    d.grants("a2", temporary("TMP1", START)).are(&["abort t3", "send s1 HEAD /a by=TMP1"]);
    d.answer("s1", status(200)).as_before();

    // The application's own trouble is told even if the app is never shown.
    let mut d = client_with(&with_callback());
    d.hide().are_none();
    d.call("headObject", object("a")).are(&["timer t1 30000"]);
    d.wait("t1").are(&["ask a1 name/cos:HeadObject a", "timer t2 60000"]);
    d.refuses("a1", "signed out").are(&[
        "abort t2",
        "settle c1 Credential COS_CREDENTIAL: signed out",
        "forget c1",
    ]);
}

#[test]
fn an_upload_without_network_outlives_its_key() {
    let mut d = client_with(&with_callback());
    d.call("sliceUploadFile", file()).as_before();
    d.grants("a1", temporary("TMP1", START)).as_before();
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).as_before();
    d.network("none").are_none();
    let mut waits = Vec::new();
    for send in ["s3", "s4", "s5"] {
        waits.extend(d.fails(send, "request:fail").texts().to_vec());
    }
    assert_eq!(waits, ["timer t2 30000"]);
    // The key ends meanwhile, and there is no network to get another one.
    d.after(2_400_000.0).wait("t2").are(&["ask a2 name/cos:UploadPart f.bin", "timer t3 60000"]);
    d.refuses("a2", "request:fail").are(&["abort t3", "timer t4 30000"]);
    let now = d.now;
    d.network("wifi").are(&["ask a3 name/cos:UploadPart f.bin", "timer t5 60000", "abort t4"]);
    let lines = d.grants("a3", temporary("TMP2", now));
    assert_eq!(lines.texts().len(), 4, "{lines:?}");
    d.cancel(1).as_before();
}

#[test]
fn a_frozen_app_had_no_time_to_answer() {
    let mut d = client_with(&with_callback());
    d.call("headObject", object("a")).as_before();
    // An hour later the timer of a minute is the first thing that happens.
    d.after(3_600_000.0).wait("t1").are(&["timer t2 60000"]);
    d.grants("a1", temporary("TMP1", d.now)).are(&["abort t2", "send s1 HEAD /a by=TMP1"]);
    d.answer("s1", status(200)).as_before();

    let mut d = client_with(&with_callback());
    d.call("headObject", object("a")).as_before();
    d.after(3_600_000.0).wait("t1").as_before();
    d.wait("t2").are(&[
        "settle c1 Credential COS_CREDENTIAL: getAuthorization did not call back within a minute",
        "forget c1",
    ]);
}

#[test]
fn trouble_at_cos_counts_as_ever() {
    let mut d = Dialogue::new(&with_key());
    d.call("headObject", object("a")).as_before();
    d.hide().are_none();
    d.answer("s1", error(503, "SlowDown", "m")).are(&["timer t1 0"]);
    d.wait("t1").are(&["timer t2 30000"]);
    d.show().are(&["send s2 HEAD /a x-cos-sdk-retry=true", "abort t2"]);
    d.answer("s2", status(200)).as_before();
}
