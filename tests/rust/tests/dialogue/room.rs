//! The host's ten requests, which all of its clients share.

use cos_core::Usage;
use cos_tests::answer::status;
use cos_tests::client::{START, object, temporary, with_callback, with_key};
use cos_tests::dialogue::Dialogue;

fn heads(d: &mut Dialogue, count: usize) {
    for number in 1..=count {
        d.call("headObject", object(&number.to_string())).as_before();
    }
}

#[test]
fn ten_requests_are_sent_and_the_others_wait_in_order() {
    let mut d = Dialogue::new(&with_key());
    heads(&mut d, 10);
    d.call("headObject", object("11")).are_none();
    d.call("headObject", object("12")).are_none();
    assert_eq!(d.engine.usage(), Usage { requests: 10, bytes: 0.0, waits: true });
    d.answer("s4", status(200)).end_in(&["forget c4", "send s11 HEAD /11"]);
    // One that pauses leaves its place, and has it back before those that came later.
    d.answer("s5", status(500)).are(&["timer t1 0", "send s12 HEAD /12"]);
    d.call("headObject", object("13")).are_none();
    d.wait("t1").are_none();
    d.answer("s6", status(200)).end_in(&["forget c6", "send s13 HEAD /5 x-cos-sdk-retry=true"]);
    d.answer("s7", status(200)).end_in(&["forget c7", "send s14 HEAD /13"]);
    for send in ["s1", "s2", "s3", "s8", "s9", "s10", "s11", "s12", "s13", "s14"] {
        d.answer(send, status(200)).as_before();
    }
    assert_eq!(d.engine.usage(), Usage::default());
}

#[test]
fn what_waits_is_signed_when_it_is_sent_and_forgotten_when_it_is_canceled() {
    let mut d = Dialogue::new(&with_key());
    heads(&mut d, 12);
    d.cancel_call("c11")
        .are(&["settle c11 Canceled COS_CANCELED: the task was canceled", "forget c11"]);
    d.after(3_600_000.0).answer("s1", status(200)).end_in(&["forget c1", "send s11 HEAD /12"]);
    let valid = d.sent("s11").signed.as_ref().unwrap().valid.0 as f64;
    assert_eq!(valid, START / 1000.0 + 3599.0);
    d.cancel_call("c2").end_in(&["forget c2"]);
    for send in ["s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"] {
        d.answer(send, status(200)).as_before();
    }
}

#[test]
fn a_question_for_a_credential_takes_a_place() {
    let mut d = Dialogue::new(&with_callback());
    heads(&mut d, 12);
    assert_eq!(d.engine.usage().requests, 1);
    let lines = d.grants("a1", temporary("TMP1", START));
    // Its own place is free by then.
    assert_eq!(lines.texts().len(), 11, "{lines:?}");
    assert_eq!(d.engine.usage(), Usage { requests: 10, bytes: 0.0, waits: true });
    for send in 1..=12 {
        d.answer(&format!("s{send}"), status(200)).as_before();
    }
}

#[test]
fn what_other_clients_send_counts() {
    let mut d = Dialogue::new(&with_key());
    d.beside(9, false).are_none();
    d.call("headObject", object("a")).are(&["send s1 HEAD /a"]);
    d.call("headObject", object("b")).are_none();
    d.call("headObject", object("c")).are_none();
    d.beside(8, false).are(&["send s2 HEAD /b"]);
    d.cancel_call("c3").as_before();
    d.answer("s1", status(200)).as_before();
    d.answer("s2", status(200)).as_before();
}

#[test]
fn a_client_that_has_most_leaves_room_to_another_that_waits() {
    let mut d = Dialogue::new(&with_key());
    heads(&mut d, 20);
    d.beside(0, true).are_none();
    d.answer("s1", status(200)).end_in(&["forget c1"]);
    // The other one has begun, and waits no more.
    d.beside(1, false).are_none();
    d.answer("s2", status(200)).end_in(&["forget c2", "send s11 HEAD /11"]);
    // With two that have much to do, each has half.
    d.beside(1, true).are_none();
    for (answered, others) in [("s3", 2), ("s4", 3), ("s5", 4), ("s6", 5)] {
        d.answer(answered, status(200)).end_in(&[&format!("forget c{}", &answered[1..])]);
        d.beside(others, true).are_none();
    }
    assert_eq!(d.engine.usage().requests, 5);
    d.answer("s7", status(200)).end_in(&["forget c7", "send s12 HEAD /12"]);
    for call in (8..=20).rev() {
        d.cancel_call(&format!("c{call}")).as_before();
    }
}
