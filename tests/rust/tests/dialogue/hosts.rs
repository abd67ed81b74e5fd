//! A host that does not answer, and its twin that does.

use cos_tests::answer::{status, xml};
use cos_tests::client::{object, with_key};
use cos_tests::dialogue::Dialogue;

const STANDBY: &str = "https://examplebucket-1250000000.cos.ap-guangzhou.tencentcos.cn";

fn client() -> Dialogue {
    Dialogue::new(&with_key().with("AutoSwitchHost", true))
}

/// The standby host has answered a request that the other one had not.
fn failed_over() -> Dialogue {
    let mut d = client();
    d.call("headObject", object("a")).are(&["send s1 HEAD /a"]);
    d.fails("s1", "request:fail timeout").are(&["timer t1 0"]);
    d.wait("t1").are(&[&format!("send s2 HEAD {STANDBY}/a x-cos-sdk-retry=true")]);
    d.answer("s2", status(200)).as_before();
    d
}

#[test]
fn other_requests_go_to_the_host_that_answers_for_five_minutes() {
    let mut d = failed_over();
    d.call("headObject", object("b")).are(&[&format!("send s3 HEAD {STANDBY}/b")]);
    d.answer("s3", status(200)).as_before();
    d.after(299_000.0);
    d.call("headObject", object("c")).are(&[&format!("send s4 HEAD {STANDBY}/c")]);
    // What it answers does not prolong that.
    d.answer("s4", status(200)).as_before();
    d.after(1000.0).call("headObject", object("d")).are(&["send s5 HEAD /d"]);
    d.answer("s5", status(200)).as_before();
}

#[test]
fn the_first_host_is_tried_again_when_its_twin_fails_too() {
    let mut d = failed_over();
    d.call("headObject", object("b")).as_before();
    let timer = d.fails("s3", "request:fail timeout").texts()[0].clone();
    d.wait(timer.split(' ').nth(1).unwrap()).are(&["send s4 HEAD /b x-cos-sdk-retry=true"]);
    d.answer("s4", status(200)).as_before();
    d.call("headObject", object("c")).are(&["send s5 HEAD /c"]);
    d.answer("s5", status(200)).as_before();
}

#[test]
fn somebody_else_s_answer_makes_no_host_a_good_one() {
    let mut d = client();
    d.call("headObject", object("a")).as_before();
    d.fails("s1", "request:fail timeout").as_before();
    d.wait("t1").as_before();
    // A captive portal.
    let portal = cos_tests::answer::Answer { status: 302, ..xml("<html></html>") };
    let timer = d.answer("s2", portal).texts()[0].clone();
    d.wait(timer.split(' ').nth(1).unwrap()).are(&["send s3 HEAD /a x-cos-sdk-retry=true"]);
    d.call("headObject", object("b")).are(&["send s4 HEAD /b"]);
    d.answer("s3", status(200)).as_before();
    d.answer("s4", status(200)).as_before();
}

#[test]
fn a_url_is_for_the_host_that_everybody_knows() {
    let mut d = failed_over();
    let line = d.call("getObjectUrl", object("b")).texts()[0].clone();
    assert!(line.contains("myqcloud.com") || line.contains("HOST"), "{line}");
}
