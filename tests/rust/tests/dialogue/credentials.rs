//! Temporary keys: asked for once, kept while they are good, replaced when they are refused.

use cos_core::value::Value;
use cos_tests::answer::{error, initiated, status, stored, uploads};
use cos_tests::client::{START, object, temporary, with_callback, with_key};
use cos_tests::dialogue::Dialogue;

use crate::{client_with, file};

fn client() -> Dialogue {
    client_with(&with_callback())
}

/// An `Authorization` that the application made.
const FOREIGN: &str = "q-sign-algorithm=sha1&q-ak=A&q-sign-time=1;2&q-key-time=1;2\
                       &q-header-list=host&q-url-param-list=&q-signature=0";

#[test]
fn one_question_serves_all_that_wait() {
    let mut d = client();
    d.call("headObject", object("a")).are(&["ask a1 name/cos:HeadObject a", "timer t1 60000"]);
    d.call("headObject", object("b")).are_none();
    d.call("getObject", object("c")).are_none();
    let elsewhere = object("d").with("Bucket", "other-1250000000");
    d.call("headObject", elsewhere).are(&["ask a2 name/cos:HeadObject d", "timer t2 60000"]);
    d.grants("a1", temporary("TMP1", START)).are(&[
        "abort t1",
        "send s1 HEAD /a by=TMP1",
        "send s2 HEAD /b by=TMP1",
        "send s3 GET /c by=TMP1",
    ]);
    d.grants("a2", temporary("TMP2", START)).are(&[
        "abort t2",
        "send s4 HEAD https://other-1250000000.cos.ap-guangzhou.myqcloud.com/d by=TMP2",
    ]);
    for send in ["s1", "s2", "s3", "s4"] {
        d.answer(send, status(200)).as_before();
    }
}

#[test]
fn the_next_key_is_asked_for_while_the_old_one_is_still_good() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    d.grants("a1", temporary("TMP1", START)).are(&["abort t1", "send s1 HEAD /a by=TMP1"]);
    d.after(1_499_000.0).call("headObject", object("b")).are(&["send s2 HEAD /b by=TMP1"]);
    // Five minutes before its end: nobody waits for the answer.
    d.after(1000.0).call("headObject", object("c")).are(&[
        "ask a2 name/cos:HeadObject c",
        "timer t2 60000",
        "send s3 HEAD /c by=TMP1",
    ]);
    d.call("headObject", object("d")).are(&["send s4 HEAD /d by=TMP1"]);
    d.refuses("a2", "no network").are(&["abort t2"]);
    // That it failed is no reason to ask with every request.
    d.after(59_000.0).call("headObject", object("e")).are(&["send s5 HEAD /e by=TMP1"]);
    d.after(1000.0).call("headObject", object("f")).are(&[
        "ask a3 name/cos:HeadObject f",
        "timer t3 60000",
        "send s6 HEAD /f by=TMP1",
    ]);
    d.grants("a3", temporary("TMP2", d.now)).are(&["abort t3"]);
    d.call("headObject", object("g")).are(&["send s7 HEAD /g by=TMP2"]);
    for send in ["s1", "s2", "s3", "s4", "s5", "s6", "s7"] {
        d.answer(send, status(200)).as_before();
    }
}

#[test]
fn a_key_is_not_used_in_its_last_minute() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    d.grants("a1", temporary("TMP1", START)).as_before();
    d.after(1_740_000.0)
        .call("headObject", object("b"))
        .are(&["ask a2 name/cos:HeadObject b", "timer t2 60000"]);
    d.grants("a2", temporary("TMP2", d.now)).are(&["abort t2", "send s2 HEAD /b by=TMP2"]);
    d.answer("s1", status(200)).as_before();
    d.answer("s2", status(200)).as_before();
}

#[test]
fn a_key_for_one_action_is_asked_for_again_for_another() {
    let mut d = client();
    d.call("headObject", object("a")).are(&["ask a1 name/cos:HeadObject a", "timer t1 60000"]);
    d.call("headObject", object("b")).are_none();
    d.call("headObject", object("a")).are_none();
    d.grants("a1", temporary("TMP1", START).with("ScopeLimit", true)).are(&[
        "abort t1",
        "send s1 HEAD /a by=TMP1",
        "ask a2 name/cos:HeadObject b",
        "timer t2 60000",
        "send s2 HEAD /a by=TMP1",
    ]);
    d.grants("a2", temporary("TMP2", START).with("ScopeLimit", true))
        .are(&["abort t2", "send s3 HEAD /b by=TMP2"]);
    for send in ["s1", "s2", "s3"] {
        d.answer(send, status(200)).as_before();
    }
}

#[test]
fn a_refused_key_is_replaced_once() {
    for code in ["InvalidAccessKeyId", "ExpiredToken"] {
        let mut d = client();
        d.call("getObject", object("a")).as_before();
        d.call("getObject", object("b")).as_before();
        d.grants("a1", temporary("TMP1", START)).as_before();
        d.answer("s1", error(403, code, "m"))
            .are(&["ask a2 name/cos:GetObject a", "timer t2 60000"]);
        // The other request was refused for the same key: one question is enough.
        d.answer("s2", error(403, code, "m")).are_none();
        d.grants("a2", temporary("TMP2", START)).are(&[
            "abort t2",
            "send s3 GET /a by=TMP2 x-cos-sdk-retry=true",
            "send s4 GET /b by=TMP2 x-cos-sdk-retry=true",
        ]);
        d.answer("s3", status(200)).as_before();
        let again = format!("settle c2 Credential {code} 403: m");
        d.answer("s4", error(403, code, "m")).are(&[&again, "forget c2"]);
    }
}

#[test]
fn a_permanent_key_cannot_be_replaced() {
    let mut d = client_with(&with_key());
    d.call("getObject", object("a")).as_before();
    d.answer("s1", error(403, "InvalidAccessKeyId", "unknown"))
        .are(&["settle c1 Credential InvalidAccessKeyId 403: unknown", "forget c1"]);
}

#[test]
fn the_key_expires_in_the_middle_of_an_upload() {
    let mut d = client();
    d.call("sliceUploadFile", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "start c1",
        "load l1 record",
        "ask a1 name/cos:ListMultipartUploads f.bin",
        "timer t1 60000",
    ]);
    d.grants("a1", temporary("TMP1", START))
        .are(&["abort t1", "send s1 GET /?uploads&prefix=f.bin by=TMP1"]);
    d.answer("s1", uploads("f.bin", &[])).as_before();
    d.answer("s2", initiated("U1")).as_before();
    d.stored("s3").as_before();
    d.answer("s4", error(403, "ExpiredToken", "m"))
        .are(&["ask a2 name/cos:UploadPart f.bin", "timer t3 60000"]);
    d.answer("s5", error(403, "ExpiredToken", "m")).are_none();
    d.grants("a2", temporary("TMP2", START)).are(&[
        "abort t3",
        "send s6 PUT /f.bin?partNumber=2&uploadId=U1 by=TMP2 Content-MD5=md5(r2) x-cos-sdk-retry=true body=r2",
        "send s7 PUT /f.bin?partNumber=3&uploadId=U1 by=TMP2 Content-MD5=md5(r3) x-cos-sdk-retry=true body=r3",
    ]);
    d.stored("s6").as_before();
    d.stored("s7").are(&[
        "release r3",
        "stat f2 /f.bin",
        "save record U1 1,2,3 completing",
        "send s8 POST /f.bin?uploadId=U1 by=TMP2 Content-Type=application/xml Content-MD5=md5(text) text=<CompleteMultipartUpload><Part>1 etag(s3)</Part><Part>2 etag(s6)</Part><Part>3 etag(s7)</Part></CompleteMultipartUpload>",
    ]);
    d.cancel(1).as_before();
}

#[test]
fn the_callback_fails() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    d.call("headObject", object("b")).as_before();
    d.refuses("a1", "no network").are(&[
        "abort t1",
        "settle c1 Credential COS_CREDENTIAL: no network",
        "forget c1",
        "settle c2 Credential COS_CREDENTIAL: no network",
        "forget c2",
    ]);
    // The next call asks again.
    d.call("headObject", object("c")).are(&["ask a2 name/cos:HeadObject c", "timer t2 60000"]);
    d.refuses("a2", "still none").as_before();
}

#[test]
fn the_callback_never_comes() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    d.wait("t1").are(&[
        "settle c1 Credential COS_CREDENTIAL: getAuthorization did not call back within a minute",
        "forget c1",
    ]);
    d.grants("a1", temporary("TMP1", START)).are_none();
}

#[test]
fn the_callback_comes_twice() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    d.grants("a1", temporary("TMP1", START)).as_before();
    d.grants("a1", temporary("TMP2", START)).are_none();
    d.call("headObject", object("b")).are(&["send s2 HEAD /b by=TMP1"]);
    d.answer("s1", status(200)).as_before();
    d.answer("s2", status(200)).as_before();
}

#[test]
fn the_application_may_sign_each_request_itself() {
    let mut d = client();
    d.call("headObject", object("a")).are(&["ask a1 name/cos:HeadObject a", "timer t1 60000"]);
    d.call("headObject", object("b")).are_none();
    d.grants("a1", FOREIGN).are(&[
        "abort t1",
        "send s1 HEAD /a by=application",
        "ask a2 name/cos:HeadObject b",
        "timer t2 60000",
    ]);
    d.grants("a2", Value::map().with("Authorization", FOREIGN).with("SecurityToken", "T"))
        .are(&["abort t2", "send s2 HEAD /b by=application"]);
    // It is known by now that answers cannot be shared.
    d.call("headObject", object("c")).are(&["ask a3 name/cos:HeadObject c", "timer t3 60000"]);
    d.call("headObject", object("d")).are(&["ask a4 name/cos:HeadObject d", "timer t4 60000"]);
    d.grants("a4", FOREIGN).as_before();
    d.grants("a3", FOREIGN).as_before();
    d.fails("s1", "request:fail").are(&["timer t5 0"]);
    d.wait("t5").are(&["ask a5 name/cos:HeadObject a", "timer t6 60000"]);
    d.grants("a5", FOREIGN)
        .are(&["abort t6", "send s5 HEAD /a by=application x-cos-sdk-retry=true"]);
    for send in ["s2", "s3", "s4", "s5"] {
        d.answer(send, status(200)).as_before();
    }
}

#[test]
fn what_is_wrong_with_the_answer_is_said() {
    let complete = temporary("TMP1", START);
    let without = |name: &str| {
        let mut answer = complete.clone();
        answer.take(name);
        answer
    };
    let missing = |name: &str| format!("getAuthorization callback params missing \"{name}\"");
    let cases = [
        (without("TmpSecretId"), missing("TmpSecretId")),
        (without("TmpSecretKey"), missing("TmpSecretKey")),
        (without("SecurityToken"), missing("SecurityToken")),
        (without("ExpiredTime"), missing("ExpiredTime")),
        (Value::Null, missing("TmpSecretId")),
        (
            complete.clone().with("ExpiredTime", START),
            "getAuthorization callback params \"ExpiredTime\" should be 10 digits".to_owned(),
        ),
        (
            complete.clone().with("StartTime", "soon"),
            "getAuthorization callback params \"StartTime\" should be 10 digits".to_owned(),
        ),
        (Value::from("a=b"), "getAuthorization callback params format error".to_owned()),
    ];
    for (answer, message) in cases {
        let mut d = client();
        d.call("headObject", object("a")).as_before();
        let settle = format!("settle c1 Credential COS_CREDENTIAL: {message}");
        d.grants("a1", answer).are(&["abort t1", &settle, "forget c1"]);
    }
}

#[test]
fn a_wrong_clock_does_not_wear_out_keys() {
    // The phone is an hour ahead, so that the key seems to have expired when it arrives.
    let mut d = client();
    d.now += 3_600_000.0;
    d.call("headObject", object("a")).as_before();
    d.grants("a1", temporary("TMP1", START)).are(&["abort t1", "send s1 HEAD /a by=TMP1"]);
    d.call("headObject", object("b")).are(&["send s2 HEAD /b by=TMP1"]);
    d.answer("s1", status(200)).as_before();
    d.answer("s2", status(200)).as_before();
}

#[test]
fn how_long_a_key_is_good_does_not_depend_on_the_clock_when_it_tells_its_start() {
    for skew in [-3_600_000.0, 3_600_000.0] {
        let mut d = client();
        d.now += skew;
        d.call("headObject", object("a")).as_before();
        let key = temporary("TMP1", START).with("StartTime", START / 1000.0);
        d.grants("a1", key).as_before();
        d.after(1_499_000.0).call("headObject", object("b")).are(&["send s2 HEAD /b by=TMP1"]);
        d.after(241_000.0)
            .call("headObject", object("c"))
            .are(&["ask a2 name/cos:HeadObject c", "timer t2 60000"]);
        d.answer("s1", status(200)).as_before();
        d.answer("s2", status(200)).as_before();
        d.refuses("a2", "no").as_before();
    }
}

#[test]
fn nobody_waits_for_the_answer_any_more() {
    let mut d = client();
    d.call("postObject", file()).are(&[
        "task c1",
        "stat f1 /f.bin",
        "start c1",
        "read r1 /f.bin 0+1048576",
        "release r1",
        "read r2 /f.bin 1048576+1048576",
        "release r2",
        "read r3 /f.bin 2097152+524288",
        "release r3",
        "ask a1 name/cos:PostObject f.bin",
        "timer t1 60000",
    ]);
    d.cancel(1).are(&["settle c1 Canceled COS_CANCELED: the task was canceled", "forget c1"]);
    // The key is good for the next call.
    d.grants("a1", temporary("TMP1", START)).are(&["abort t1"]);
    d.call("headObject", object("a")).are(&["send s1 HEAD /a by=TMP1"]);
    d.answer("s1", stored(b"")).as_before();
}

#[test]
fn the_validity_is_that_of_the_key_when_it_tells_its_start() {
    let mut d = client();
    let key = temporary("TMP1", START).with("StartTime", 1_700_000_000.0);
    d.call("headObject", object("a")).as_before();
    d.grants("a1", key).as_before();
    let signed = d.sent("s1").signed.clone().unwrap();
    assert_eq!(signed.valid, (1_700_000_000, 1_700_001_800));
    d.answer("s1", status(200)).as_before();
}

#[test]
fn a_client_without_any_key_reads_what_everybody_may_and_says_so() {
    let mut d = Dialogue::new(&Value::map());
    d.call("headObject", object("a")).are(&[
        "warn missing param SecretId: give the client SecretId and SecretKey, or getAuthorization",
        "send s1 HEAD /a by=nobody",
    ]);
    d.answer("s1", status(200).header("ETag", "\"e\""))
        .are(&["settle c1 200 ETag=etag(s1)", "forget c1"]);
    d.call("getObjectUrl", object("a")).are(&[
        "settle c2 Credential COS_CREDENTIAL: missing param SecretId: give the client SecretId and SecretKey, or getAuthorization",
        "forget c2",
    ]);
}
