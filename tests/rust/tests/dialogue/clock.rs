//! A phone whose clock is wrong, and what tells it.

use cos_tests::answer::{Answer, error, status};
use cos_tests::client::{START, object, temporary, with_callback, with_key};
use cos_tests::dialogue::Dialogue;

use crate::client;

const HOUR: f64 = 3_600_000.0;

/// The header that COS sends `milliseconds` after the beginning (2023-11-14 22:13:20).
fn date(milliseconds: f64) -> String {
    let seconds = (milliseconds / 1000.0) as i64 + 22 * 3600 + 13 * 60 + 20;
    let (day, second) = (14 + seconds / 86400, seconds % 86400);
    let [hour, minute] = [second / 3600, second / 60 % 60];
    format!("Tue, {day} Nov 2023 {hour:02}:{minute:02}:{:02} GMT", second % 60)
}

/// When the signature of a request begins to be valid, unix seconds.
fn signed(d: &Dialogue, send: &str) -> u64 {
    d.sent(send).signed.as_ref().unwrap().valid.0
}

#[test]
fn the_date_of_a_cached_answer_is_an_old_one() {
    for (name, value) in [
        ("Age", "600"),
        ("X-Cache-Lookup", "Cache Hit"),
        ("x-cache-lookup", "Hit From MemCache"),
        ("X-Cache", "HIT from somewhere"),
    ] {
        let mut d = client();
        d.call("headObject", object("a")).as_before();
        d.answer("s1", status(200).header("Date", &date(-HOUR)).header(name, value)).as_before();
        d.call("headObject", object("b")).as_before();
        assert_eq!(signed(&d, "s2"), START as u64 / 1000 - 1, "{name}");
        d.answer("s2", status(200)).as_before();
    }
    // What no cache has given counts.
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    let missed = status(200).header("Date", &date(-HOUR)).header("X-Cache-Lookup", "Cache Miss");
    d.answer("s1", missed).as_before();
    d.call("headObject", object("b")).as_before();
    assert_eq!(signed(&d, "s2"), START as u64 / 1000 - 3601);
    d.answer("s2", status(200)).as_before();
}

#[test]
fn a_head_that_is_refused_without_a_reason_may_have_a_wrong_clock() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    d.answer("s1", status(403).header("Date", &date(HOUR)))
        .are(&["send s2 HEAD /a x-cos-sdk-retry=true"]);
    assert_eq!(signed(&d, "s2"), START as u64 / 1000 + 3599);
    d.answer("s2", status(403).header("Date", &date(2.0 * HOUR)))
        .are(&["settle c1 Denied HTTP_403 403: COS answered 403", "forget c1"]);
    // The clock is right: it is the policy.
    d.call("headObject", object("b")).as_before();
    d.answer("s3", status(403).header("Date", &date(2.0 * HOUR)))
        .are(&["settle c2 Denied HTTP_403 403: COS answered 403", "forget c2"]);
}

#[test]
fn a_head_that_is_refused_without_a_reason_may_have_an_old_key() {
    let mut d = Dialogue::new(&with_callback());
    d.call("headObject", object("a")).as_before();
    d.grants("a1", temporary("TMP1", START)).as_before();
    // A key of this minute is not to blame.
    d.answer("s1", status(403))
        .are(&["settle c1 Denied HTTP_403 403: COS answered 403", "forget c1"]);
    d.after(60_000.0).call("headObject", object("b")).as_before();
    d.call("headObject", object("c")).as_before();
    d.answer("s2", status(403)).are(&["ask a2 name/cos:HeadObject b", "timer t2 60000"]);
    d.answer("s3", status(403)).are_none();
    d.grants("a2", temporary("TMP2", d.now)).are(&[
        "abort t2",
        "send s4 HEAD /b by=TMP2 x-cos-sdk-retry=true",
        "send s5 HEAD /c by=TMP2 x-cos-sdk-retry=true",
    ]);
    d.answer("s4", status(200)).as_before();
    d.answer("s5", status(403))
        .are(&["settle c3 Denied HTTP_403 403: COS answered 403", "forget c3"]);
}

/// COS at `real` milliseconds after the beginning: it refuses signatures and keys of other times.
fn judge(d: &Dialogue, send: &str, real: f64, ends: &[f64]) -> Answer {
    let signed = d.sent(send).signed.clone().unwrap();
    let now = ((START + real) / 1000.0) as u64;
    let key: usize = signed.secret_id.strip_prefix("TMP").unwrap().parse().unwrap();
    let answer = if signed.valid.1 < now {
        error(403, "AccessDenied", "Request has expired")
    } else if signed.valid.0 > now + 900 {
        error(403, "RequestTimeTooSkewed", "m")
    } else if ends[key - 1] < real {
        error(403, "ExpiredToken", "m")
    } else {
        status(200)
    };
    answer.header("Date", &date(real))
}

/// Questions for a key in an hour with a request each half minute, and how many were refused.
fn an_hour(skew: f64, tells_start: bool) -> (usize, usize) {
    let mut d = Dialogue::new(&with_callback());
    d.now += skew;
    let (mut ends, mut refused, mut questions, mut send) = (Vec::new(), 0, 0, 0);
    for call in 0..120 {
        let real = f64::from(call) * 30_000.0;
        d.now = START + skew + real;
        let mut lines = d.call("getObject", object("a")).texts().to_vec();
        while !lines.iter().any(|line| line.starts_with("settle")) {
            if lines.iter().any(|line| line.starts_with("ask")) {
                questions += 1;
                ends.push(real + HOUR / 2.0);
                let mut key = temporary(&format!("TMP{questions}"), START + real);
                if tells_start {
                    key.set("StartTime", ((START + real) / 1000.0).floor());
                }
                let waited = !lines.iter().any(|line| line.starts_with("send"));
                let granted = d.grants(&format!("a{questions}"), key);
                if waited {
                    lines = granted.texts().to_vec();
                    continue;
                }
            }
            send += 1;
            let name = format!("s{send}");
            let answer = judge(&d, &name, real, &ends);
            refused += usize::from(answer.status != 200);
            lines = d.answer(&name, answer).texts().to_vec();
        }
        assert!(lines[0].starts_with(&format!("settle c{} 200", call + 1)), "{lines:?}");
    }
    (questions, refused)
}

#[test]
fn a_clock_that_is_half_a_day_wrong_costs_no_key() {
    for tells_start in [true, false] {
        // A key lives half an hour and is replaced five minutes before its end.
        let right = an_hour(0.0, tells_start);
        assert_eq!(right, (3, 0));
        for skew in [-12.0 * HOUR, -600_000.0, 33.0 * 60_000.0, 12.0 * HOUR] {
            let (questions, refused) = an_hour(skew, tells_start);
            assert_eq!(questions, 3, "{skew} {tells_start}");
            // A key that tells its start makes signatures that need no clock.
            assert!(refused <= usize::from(!tells_start), "{skew} {tells_start}: {refused}");
        }
    }
}

#[test]
fn a_permanent_key_needs_no_right_clock_either() {
    for skew in [-12.0 * HOUR, 12.0 * HOUR] {
        let mut d = Dialogue::new(&with_key());
        d.now += skew;
        d.call("getObject", object("a")).as_before();
        let refusal = error(403, "RequestTimeTooSkewed", "m").header("Date", &date(0.0));
        d.answer("s1", refusal).are(&["send s2 GET /a x-cos-sdk-retry=true"]);
        assert_eq!(signed(&d, "s2"), START as u64 / 1000 - 1);
        d.answer("s2", status(200)).as_before();
    }
}
