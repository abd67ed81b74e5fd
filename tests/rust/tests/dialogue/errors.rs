//! What callers, networks, clocks and hosts get wrong.

use cos_core::value::Value;
use cos_tests::answer::{error, status, xml};
use cos_tests::client::{START, object, with_key};
use cos_tests::dialogue::Dialogue;

use crate::client;

/// An HTTP date, `minutes` after the beginning (2023-11-14 22:13:20).
fn date(minutes: u32) -> String {
    format!("Tue, 14 Nov 2023 22:{}:20 GMT", 13 + minutes)
}

#[test]
fn parameters_are_named() {
    let without = |name: &str| {
        let mut params = object("a");
        params.take(name);
        params
    };
    for (operation, params, message) in [
        ("headObject", without("Bucket"), "missing param Bucket"),
        ("headObject", without("Region"), "missing param Region"),
        ("headObject", without("Key"), "missing param Key"),
        ("headObject", Value::Null, "missing param Bucket"),
        ("getBucket", without("Bucket"), "missing param Bucket"),
        ("putObject", object("a"), "missing param Body"),
        ("postObject", object("a"), "missing param FilePath"),
        ("uploadFile", object("a"), "missing param FilePath"),
        ("sliceUploadFile", object("a"), "missing param FilePath"),
        (
            "headObject",
            object("a").with("Bucket", "examplebucket"),
            "Bucket should format as \"test-1250000000\".",
        ),
        (
            "headObject",
            object("a").with("Region", "cos.ap-guangzhou"),
            "param Region should not be start with \"cos.\"",
        ),
        ("headObject", object("a").with("Region", "ap guangzhou"), "Region format error."),
        (
            "putObject",
            object("a").with("Body", 5.0),
            "Body of putObject should be a string or an ArrayBuffer",
        ),
        ("getObject", object("/"), "The Getobject Key is illegal"),
        ("getObject", object("a/../"), "The Getobject Key is illegal"),
        ("dropBucket", object("a"), "there is no operation \"dropBucket\""),
    ] {
        let mut d = client();
        // This text of upstream names the operation already.
        let prefix = if message.contains("Getobject") { "" } else { &format!("{operation}: ") };
        let settle = format!("settle c1 Usage COS_USAGE: {prefix}{message}");
        d.call(operation, params).are(&[&settle, "forget c1"]);
    }
}

#[test]
fn a_refusal_that_is_broken_off_is_asked_for_again() {
    let mut d = client();
    d.call("getObject", object("a")).as_before();
    let refusal = status(404).body("<Error><Code>NoSuchKe");
    d.answer("s1", refusal).are(&["timer t1 0"]);
    d.wait("t1").are(&["send s2 GET /a x-cos-sdk-retry=true"]);
    d.answer("s2", error(404, "NoSuchKey", "m"))
        .are(&["settle c1 NotFound NoSuchKey 404: m", "forget c1"]);
}

#[test]
fn what_works_but_should_be_written_otherwise_is_warned_of() {
    let mut d = client();
    let params = object("a").with("Bucket", "examplebucket").with("AppId", "1250000000");
    d.call("headObject", params.with("Region", "guangzhou")).are(&[
        "warn Region \"guangzhou\" looks unusual; a region is written like \"ap-guangzhou\" (document 436/6224)",
        "warn AppId is deprecated: write it at the end of Bucket, as in \"test-1250000000\"",
        "send s1 HEAD https://examplebucket-1250000000.cos.guangzhou.myqcloud.com/a",
    ]);
    d.answer("s1", status(200)).as_before();
}

#[test]
fn a_lost_request_is_sent_four_times() {
    let mut d = client();
    d.call("headObject", object("a")).are(&["send s1 HEAD /a"]);
    d.fails("s1", "request:fail timeout").are(&["timer t1 0"]);
    d.wait("t1").are(&["send s2 HEAD /a x-cos-sdk-retry=true"]);
    d.fails("s2", "request:fail timeout").as_before();
    d.wait("t2").as_before();
    d.fails("s3", "request:fail timeout").as_before();
    d.wait("t3").as_before();
    d.fails("s4", "request:fail timeout")
        .are(&["settle c1 Network COS_NETWORK: request:fail timeout", "forget c1"]);
}

#[test]
fn the_standby_host_gets_its_own_signature() {
    let mut d = Dialogue::new(&with_key().with("AutoSwitchHost", true));
    d.call("headObject", object("a")).as_before();
    d.fails("s1", "request:fail timeout").are(&["timer t1 0"]);
    d.wait("t1").are(&[
        "send s2 HEAD https://examplebucket-1250000000.cos.ap-guangzhou.tencentcos.cn/a x-cos-sdk-retry=true",
    ]);
    d.answer("s2", status(500).header("x-cos-request-id", "R")).as_before();
    d.wait("t2").are(&[
        "send s3 HEAD https://examplebucket-1250000000.cos.ap-guangzhou.tencentcos.cn/a x-cos-sdk-retry=true",
    ]);
    d.answer("s3", status(200)).are(&["settle c1 200 ETag=", "forget c1"]);

    // A gateway that fails is not COS either.
    let mut d = Dialogue::new(&with_key().with("AutoSwitchHost", true));
    d.call("headObject", object("a")).as_before();
    d.answer("s1", status(502)).as_before();
    d.wait("t1").are(&[
        "send s2 HEAD https://examplebucket-1250000000.cos.ap-guangzhou.tencentcos.cn/a x-cos-sdk-retry=true",
    ]);
    d.answer("s2", status(200)).as_before();

    // There is no twin of an own domain.
    let options = with_key().with("AutoSwitchHost", true).with("Domain", "files.example.com");
    let mut d = Dialogue::new(&options);
    d.call("headObject", object("a")).as_before();
    d.fails("s1", "request:fail timeout").as_before();
    d.wait("t1").are(&["send s2 HEAD https://files.example.com/a x-cos-sdk-retry=true"]);
    d.answer("s2", status(200)).as_before();
}

#[test]
fn the_clock_follows_the_date_of_answers() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    assert_eq!(d.sent("s1").signed.as_ref().unwrap().valid, (1_699_999_999, 1_700_000_899));
    d.answer("s1", status(200).header("Date", &date(30))).as_before();
    d.call("headObject", object("b")).as_before();
    assert_eq!(d.sent("s2").signed.as_ref().unwrap().valid, (1_700_001_799, 1_700_002_699));
    // A difference of seconds is the way of the network.
    d.after(20_000.0).answer("s2", status(200).header("Date", &date(30))).as_before();
    d.call("headObject", object("c")).as_before();
    assert_eq!(d.sent("s3").signed.as_ref().unwrap().valid.0, 1_700_001_819);
    d.answer("s3", status(200)).as_before();
}

#[test]
fn a_request_refused_for_its_clock_is_signed_again_once() {
    let mut d = client();
    d.call("getObject", object("a")).as_before();
    let late = xml("<Error><Code>AccessDenied</Code><Message>Request has expired</Message>\
         <ServerTime>2023-11-14T22:43:20Z</ServerTime></Error>");
    let late = || cos_tests::answer::Answer { status: 403, ..late.clone() };
    d.answer("s1", late()).are(&["send s2 GET /a x-cos-sdk-retry=true"]);
    assert_eq!(d.sent("s2").signed.as_ref().unwrap().valid.0, 1_700_001_799);
    d.answer("s2", late())
        .are(&["settle c1 Credential AccessDenied 403: Request has expired", "forget c1"]);

    let mut d = client();
    d.call("getObject", object("a")).as_before();
    let skewed = error(403, "RequestTimeTooSkewed", "m").header("Date", &date(40));
    d.answer("s1", skewed).are(&["send s2 GET /a x-cos-sdk-retry=true"]);
    assert_eq!(d.sent("s2").signed.as_ref().unwrap().valid.0, 1_700_002_399);
    d.answer("s2", status(200)).as_before();

    let mut d = Dialogue::new(&with_key().with("CorrectClockSkew", false));
    d.call("getObject", object("a")).as_before();
    d.answer("s1", late())
        .are(&["settle c1 Credential AccessDenied 403: Request has expired", "forget c1"]);
}

#[test]
fn dates_that_are_none_change_nothing() {
    for nonsense in [
        "yesterday",
        "2023-9223372036854775807-01T00:00:00Z",
        "2023-01-9223372036854775807T00:00:00Z",
        "Tue, 9223372036854775807 Nov 2023 22:13:20 GMT",
        "9223372036854775807-01-01T00:00:00Z",
    ] {
        let mut d = client();
        d.call("headObject", object("a")).as_before();
        d.answer("s1", status(200).header("Date", nonsense)).as_before();
        d.call("headObject", object("a")).as_before();
        let signed = d.sent("s2").signed.clone().unwrap();
        assert_eq!(signed.valid.0, START as u64 / 1000 - 1, "{nonsense}");
        d.answer("s2", status(200)).as_before();
    }
}

#[test]
fn answers_that_nobody_waits_for_are_ignored() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    let send = d.id("s1");
    for id in [0, send + 1, 4_000_000_000, u32::MAX] {
        d.engine.handle_response(id, 200, Vec::new(), Value::Null, START);
        d.engine.handle_failure(id, "x", START);
        d.engine.handle_read(id, Ok(()), START);
        d.engine.handle_window(id, b"x");
        d.engine.handle_record(id, Value::Null, START);
        d.engine.handle_credential(id, Ok(Value::Null), START);
        d.engine.handle_timer(id, START);
        d.engine.handle_stat(id, Err("x".to_owned()), START);
        d.engine.handle_progress(id, 1.0, 1.0, START);
    }
    // Nor does an answer of another sort count.
    d.engine.handle_timer(send, START);
    d.engine.handle_read(send, Ok(()), START);
    d.engine.cancel("no-such-task", false, START);
    d.engine.pause("no-such-task", START);
    assert_eq!(d.engine.restart("no-such-task", START), 0);
    d.heard().are_none();
    d.answer("s1", status(200)).are(&["settle c1 200 ETag=", "forget c1"]);
    d.answer("s1", status(200)).are_none();
    d.fails("s1", "request:fail").are_none();
}

#[test]
fn an_answer_of_somebody_else_is_no_listing() {
    let mut params = object("");
    params.take("Key");
    let mut d = client();
    d.call("getBucket", params).are(&["send s1 GET /?prefix="]);
    // What a captive portal says instead of COS.
    d.answer("s1", xml("<html><body>Welcome</body></html>")).are(&["timer t1 0"]);
    d.wait("t1").are(&["send s2 GET /?prefix= x-cos-sdk-retry=true"]);
    d.answer("s2", xml("<ListBucketResult></ListBucketResult>"))
        .are(&["settle c1 200 Contents=[] CommonPrefixes=[]", "forget c1"]);
}

#[test]
fn what_the_answer_says_is_kept_in_the_error() {
    let mut d = client();
    d.call("getObject", object("a")).as_before();
    let refusal = error(404, "NoSuchKey", "The specified key does not exist.")
        .header("x-cos-request-id", "NjU=");
    d.answer("s1", refusal)
        .are(&["settle c1 NotFound NoSuchKey 404: The specified key does not exist.", "forget c1"]);
}

#[test]
fn half_an_answer_is_no_answer() {
    let parts = "<ListPartsResult><IsTruncated>false</IsTruncated>";
    for (broken_off, whole) in [
        (parts.to_owned(), format!("{parts}</ListPartsResult>\n")),
        (format!("{parts}<Prefix/>"), format!("{parts}<Prefix/></ListPartsResult>")),
        ("<ListPartsResult>".to_owned(), "<ListPartsResult/>".to_owned()),
    ] {
        let mut d = client();
        d.call("multipartListPart", object("a").with("UploadId", "U1")).as_before();
        d.answer("s1", xml(&broken_off)).as_before();
        d.wait("t1").as_before();
        let lines = d.answer("s2", xml(&whole));
        assert!(lines.texts()[0].starts_with("settle c1 200"), "{lines:?}");
    }
}
