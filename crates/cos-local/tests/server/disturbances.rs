//! Faults that the server was told to inject: what a client sees of each, and how they are set.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cos_local::Faults;
use serde_json::json;

use crate::client::*;

/// A server that injects faults from its start.
fn start(faults: &str) -> Local {
    let faults: Faults = faults.parse().expect("a specification");
    Local::start_with(|config| config.faults = faults)
}

fn own(method: &str, path: &str) -> Ask {
    Ask::new(method, path).host("127.0.0.1").unsigned()
}

/// Lets the server inject these from now on.
fn set(local: &Local, query: &str) {
    let answer = local.send(&own("PUT", &format!("/faults?{query}")));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// How many requests met the fault of this name.
fn injected(local: &Local, name: &str) -> u64 {
    let (status, told) = local.ask_json("/faults");
    assert_eq!(status, 200, "{told}");
    told["injected"][name].as_u64().expect("a number")
}

/// What comes back over a connection that may end at any time.
fn exchange(local: &Local, ask: &Ask) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
    let mut answer = Vec::new();
    // A connection that was closed early fails the writing, the reading, or neither.
    let _ = stream.write_all(&ask.bytes());
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn a_dropped_request_is_not_carried_out_and_a_lost_one_is() {
    let local = start("drop=100");
    let put = |body: &[u8]| Ask::new("PUT", "/object").body(body);
    for _ in 0..10 {
        assert!(exchange(&local, &put(&content(300_000))).is_empty());
    }
    assert_eq!(injected(&local, "drop"), 10);
    set(&local, "");
    assert_refused(&local.send(&Ask::new("GET", "/object")), 404, "NoSuchKey");
    assert_eq!(local.files("drafts") + local.files("blobs"), 0);
    set(&local, "lost=100");
    assert!(exchange(&local, &put(b"carried out")).is_empty());
    assert_eq!(injected(&local, "lost"), 1);
    set(&local, "");
    assert_eq!(local.send(&Ask::new("GET", "/object")).text(), "carried out");
}

#[test]
fn a_refusal_looks_like_that_of_cos_and_changes_nothing() {
    let local = start("5xx=100");
    let answers: Vec<_> =
        (0..30).map(|_| local.send(&Ask::new("PUT", "/object").body("x"))).collect();
    for (status, code) in
        [(500, "InternalError"), (503, "ServiceUnavailable"), (504, "GatewayTimeout")]
    {
        let answer = answers.iter().find(|answer| answer.status == status).expect("each of them");
        assert_refused(answer, status, code);
        assert!(answer.header("x-cos-request-id").is_some());
    }
    assert_eq!(injected(&local, "5xx"), 30);
    set(&local, "429=100");
    let answer = local.send(&Ask::new("GET", "/object"));
    assert_refused(&answer, 429, "TooManyRequests");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(local.send(&Ask::new("HEAD", "/object")).status, 429);
    set(&local, "");
    assert_refused(&local.send(&Ask::new("GET", "/object")), 404, "NoSuchKey");
}

#[test]
fn a_truncated_answer_ends_before_its_announced_length() {
    let local = Local::start();
    let body = content(1_000_000);
    local.put("/object", body.clone());
    set(&local, "truncate=100&seed=4");
    let mut lengths = Vec::new();
    for _ in 0..10 {
        let answer = exchange(&local, &Ask::new("GET", "/object"));
        if answer.is_empty() {
            continue;
        }
        let answer = Answer::parse(&answer);
        assert_eq!((answer.status, answer.header("Content-Length")), (200, Some("1000000")));
        assert!(answer.body.len() < body.len() && body.starts_with(&answer.body));
        lengths.push(answer.body.len());
    }
    assert!(lengths.iter().any(|length| *length > 0), "{lengths:?}");
    assert!(
        exchange(&local, &Ask::new("HEAD", "/object")).is_empty(),
        "nothing to cut but the head"
    );
    assert_eq!(injected(&local, "truncate"), 11);
}

#[test]
fn corrupted_content_shows_in_its_digests_and_texts_stay_whole() {
    let local = Local::start();
    let body = content(500_000);
    let put = Ask::new("PUT", "/object").body(body.clone());
    let whole = local.send(&put);
    set(&local, "corrupt=100");
    let got = local.send(&Ask::new("GET", "/object"));
    assert_eq!(got.header("x-cos-hash-crc64ecma"), whole.header("x-cos-hash-crc64ecma"));
    assert!(got.body.len() == body.len() && got.body != body);

    let stored = local.send(&put);
    assert_eq!(stored.status, 200);
    assert_ne!(stored.header("x-cos-hash-crc64ecma"), whole.header("x-cos-hash-crc64ecma"));
    let promised = put.clone().header("Content-MD5", &content_md5(&body));
    assert_refused(&local.send(&promised), 400, "BadDigest");
    assert_eq!(injected(&local, "corrupt"), 3);
    let list = local.send(&Ask::new("GET", "/"));
    assert_eq!(list.element("Key").as_deref(), Some("object"));
    assert_eq!(injected(&local, "corrupt"), 3, "there is no content in a list");
    set(&local, "");
    assert_eq!(local.send(&promised).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/object")).body, body);
}

/// Only the least times are asserted: a busy machine takes longer.
#[test]
fn what_is_delayed_or_slow_arrives_whole() {
    let local = Local::start();
    let body = content(64 << 10);
    let put = Ask::new("PUT", "/object").body(body.clone());
    let took = |ask: &Ask| {
        let begun = Instant::now();
        let answer = local.send(ask);
        assert_eq!(answer.status, 200, "{}", answer.text());
        (begun.elapsed(), answer.body)
    };
    set(&local, "slow=100:256");
    let least = Duration::from_millis(250);
    assert!(took(&put).0 >= least);
    let (time, got) = took(&Ask::new("GET", "/object"));
    assert!(time >= least && got == body);
    set(&local, "delay=100:40");
    let delays: Duration = (0..10).map(|_| took(&put).0).sum();
    assert!(delays >= Duration::from_millis(50), "{delays:?}");
    assert_eq!(injected(&local, "delay"), 10);
}

#[test]
fn faults_are_told_and_leave_the_servers_own_answers_alone() {
    let local = start("seed=7,drop=99.5,delay=0.5:20");
    let none = json!({
        "drop": 0, "lost": 0, "5xx": 0, "429": 0, "truncate": 0, "corrupt": 0, "delay": 0, "slow": 0
    });
    let told = json!({
        "faults": "seed=7,drop=99.5,delay=0.5:20", "requests": 0, "injected": none
    });
    for path in ["/sts", &format!("/usage?bucket={BUCKET}"), "/faults"] {
        assert_eq!(local.ask_json(path).0, 200, "{path}");
    }
    assert_eq!(local.ask_json("/faults"), (200, told));
    exchange(&local, &Ask::new("GET", "/"));
    assert_eq!(local.ask_json("/faults").1["requests"], 1);
    set(&local, "any=8&seed=2");
    let (_, told) = local.ask_json("/faults");
    assert_eq!((&told["requests"], &told["injected"]), (&json!(0), &none), "set anew");
    assert!(told["faults"].as_str().expect("a text").starts_with("seed=2,drop=1,lost=1,5xx=1"));

    let refused = local.send(&own("PUT", "/faults?rain=5"));
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("The faults cannot be set: there is no fault"), "{refused:?}");
    assert_eq!(local.ask_json("/faults").1, told, "what was set stays");
    assert_eq!(local.send(&own("POST", "/faults")).status, 405);
    assert_eq!(local.send(&own("PUT", "/faults").host("pages.example.com")).status, 403);
}

#[test]
fn the_same_seed_brings_the_same_faults() {
    let outcomes = |seed: u32| {
        let local = start(&format!("seed={seed},drop=20,lost=20,5xx=20"));
        let send = |_| exchange(&local, &Ask::new("GET", "/absent"));
        let status = |answer: Vec<u8>| Answer::parse(&answer).status;
        (0..40)
            .map(send)
            .map(|answer| (!answer.is_empty()).then(|| status(answer)))
            .collect::<Vec<_>>()
    };
    let first = outcomes(5);
    assert!([None, Some(404), Some(500)].iter().all(|outcome| first.contains(outcome)));
    assert_eq!(outcomes(5), first);
    assert_ne!(outcomes(6), first);
}
