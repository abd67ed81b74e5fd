//! The bucket whose objects are faults.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::client::*;

const HOST: &str = "cos-sdk-err-retry-1253960454.cos.ap-chengdu.myqcloud.com";

fn ask(method: &str, key: &str) -> Ask {
    Ask::new(method, &format!("/{key}")).host(HOST).unsigned()
}

#[test]
fn a_key_names_the_status() {
    let local = Local::start();
    for status in [200, 204, 206, 301, 302, 400, 403, 404, 500, 503, 504] {
        for (key, with_id) in [(format!("{status}"), false), (format!("{status}r"), true)] {
            for method in ["GET", "PUT", "HEAD"] {
                let answer = local.send(&ask(method, &key));
                assert_eq!(answer.status, status, "{method} {key}");
                assert_eq!(answer.header("x-cos-request-id").is_some(), with_id, "{key}");
                let has_code = answer.element("Code").is_some();
                assert_eq!(has_code, status >= 300 && method != "HEAD", "{method} {key}");
            }
        }
    }
    assert_refused(&local.send(&ask("GET", "418")), 404, "NoSuchKey");
}

#[test]
fn a_second_try_succeeds_where_one_is_worth_it() {
    let local = Local::start();
    let again =
        |key: &str| local.send(&ask("PUT", key).header("x-cos-sdk-retry", "true").body("x"));
    for key in ["500", "503r", "504", "shutdown", "timeout"] {
        let answer = again(key);
        assert_eq!(answer.status, 200, "{key}");
        assert_eq!(answer.header("ETag"), Some(format!("\"{}\"", md5(b"x")).as_str()), "{key}");
    }
    for (key, status) in [("400", 400), ("403r", 403), ("404", 404), ("301", 301)] {
        assert_eq!(again(key).status, status, "{key}");
    }
}

#[test]
fn a_connection_can_be_closed_in_place_of_an_answer() {
    let local = Local::start();
    let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
    stream.write_all(&ask("GET", "shutdown").bytes()).expect("a request");
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    assert!(end.is_ok() || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    assert!(bytes.is_empty());
}

#[test]
fn an_answer_can_fail_to_come() {
    let local = Local::start();
    let mut stream = TcpStream::connect(("127.0.0.1", local.port)).expect("a connection");
    stream.write_all(&ask("GET", "timeout").bytes()).expect("a request");
    assert_eq!(local.send(&ask("GET", "200")).status, 200, "others are served meanwhile");
    stream.set_nonblocking(true).expect("a connection that does not wait");
    let kind = stream.read(&mut [0; 1]).expect_err("no answer").kind();
    assert_eq!(kind, ErrorKind::WouldBlock);
    drop(stream);
    // Waiting clients do not keep the server from stopping.
    local.stop();
}
