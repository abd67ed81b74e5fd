//! Who is let in.

use crate::client::*;

#[test]
fn a_signed_request_is_served_and_a_changed_one_is_not() {
    let local = Local::start();
    let ask = Ask::new("PUT", "/signed?note=1").header("x-cos-meta-a", "b").body("content");
    let signature = ask.authorization().expect("a signature");
    let resend = |ask: Ask| local.send(&ask.header("Authorization", &signature)).refusal();
    assert_eq!(resend(ask.clone()).0, 200);
    let refused = (403, "SignatureDoesNotMatch".to_owned());
    let mut header = ask.clone();
    header.headers[1].1 = "c".into();
    assert_eq!(resend(header), refused);
    let with_path = |path: &str| Ask { path: path.into(), ..ask.clone() };
    assert_eq!(resend(with_path("/other?note=1")), refused);
    assert_eq!(resend(with_path("/signed?note=2")), refused);
    assert_eq!(resend(Ask { method: "DELETE".into(), ..ask.clone() }), refused);
    assert_eq!(resend(ask.clone().host("demo-1250000000.cos.ap-guangzhou.tencentcos.cn")), refused);
}

#[test]
fn a_refused_signature_names_the_texts_that_count() {
    let local = Local::start();
    let answer = local.send(&Ask::new("GET", "/a%20b").keys(SECRET_ID, "wrong"));
    assert_refused(&answer, 403, "SignatureDoesNotMatch");
    assert_eq!(
        answer.element("FormatString").expect("a text"),
        format!("get\n/a b\n\nhost={HOST}\n")
    );
    assert!(answer.element("StringToSign").expect("a text").starts_with("sha1\n"));
    assert!(!answer.text().contains(SECRET_KEY));
}

#[test]
fn an_expired_signature_is_refused_in_the_words_clients_look_for() {
    let local = Local::start();
    let answer = local.send(&Ask::new("GET", "/k").span(now() - 1000, now() - 10));
    assert_refused(&answer, 403, "AccessDenied");
    assert_eq!(answer.element("Message").as_deref(), Some("Request has expired"));
    let time = answer.element("ServerTime").expect("the server's time");
    assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
    assert!(answer.header("Date").is_some_and(|date| date.ends_with(" GMT")));
}

#[test]
fn a_signature_from_the_future_is_refused() {
    let local = Local::start();
    let ahead = |seconds| local.send(&Ask::new("GET", "/").span(now() + seconds, now() + 10_000));
    assert_eq!(ahead(600).status, 200);
    assert_refused(&ahead(1200), 403, "RequestTimeTooSkewed");
}

#[test]
fn the_servers_clock_can_be_set() {
    let local = Local::start_with(|config| config.clock_offset = -86_400);
    let answer = local.send(&Ask::new("GET", "/"));
    assert_refused(&answer, 403, "RequestTimeTooSkewed");
    let ask = Ask::new("GET", "/").span(now() - 86_400, now() - 86_000);
    assert_eq!(local.send(&ask).status, 200);
}

#[test]
fn unknown_and_missing_keys_are_refused() {
    let local = Local::start();
    assert_refused(
        &local.send(&Ask::new("GET", "/k").keys("AKIDother", "x")),
        403,
        "InvalidAccessKeyId",
    );
    assert_refused(&local.send(&Ask::new("GET", "/k").unsigned()), 403, "AccessDenied");
    let malformed = Ask::new("GET", "/k").header("Authorization", "q-sign-algorithm=sha1");
    assert_refused(&local.send(&malformed), 403, "AccessDenied");
}

#[test]
fn a_url_can_carry_the_signature_in_seven_parameters_or_in_one() {
    let local = Local::start();
    local.put("/presigned", "content");
    let signature = Ask::new("GET", "/presigned").authorization().expect("a signature");
    let seven: Vec<_> = signature
        .split('&')
        .map(|pair| pair.split_once('=').expect("a pair"))
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    for query in [seven.join("&"), format!("sign={}", encode(&signature))] {
        let answer = local.send(&Ask::new("GET", &format!("/presigned?{query}")).unsigned());
        assert_eq!((answer.status, answer.text().as_str()), (200, "content"));
        let other = local.send(&Ask::new("GET", &format!("/other?{query}")).unsigned());
        assert_refused(&other, 403, "SignatureDoesNotMatch");
    }
}

#[test]
fn the_host_counts_with_and_without_its_port() {
    let local = Local::start();
    let authority = format!("{HOST}:{}", local.port);
    let signature = Ask::new("GET", "/").authorization().expect("a signature");
    let ask = Ask::new("GET", "/").host(&authority).header("Authorization", &signature);
    assert_eq!(local.send(&ask).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/").host(&authority)).status, 200);
}

#[test]
fn a_path_with_the_bucket_counts_with_and_without_it() {
    let local = Local::start();
    local.put("/dir/key", "content");
    let ask =
        Ask::new("GET", &format!("/{BUCKET}/dir/key")).host(&format!("127.0.0.1:{}", local.port));
    assert_eq!(local.send(&ask).text(), "content");
    assert_eq!(local.send(&ask.clone().signing_path("/dir/key")).text(), "content");
    assert_refused(&local.send(&ask.signing_path("/key")), 403, "SignatureDoesNotMatch");
}

#[test]
fn a_proxy_request_names_its_host_in_the_first_line() {
    let local = Local::start();
    local.put("/key", "content");
    let ask = Ask::new("GET", &format!("http://{HOST}/key")).signing_path("/key");
    assert_eq!(local.send(&ask).text(), "content");
}

#[test]
fn temporary_keys_need_their_token_and_keep_to_their_bucket() {
    let local = Local::start_with(|config| config.buckets.push("other-1250000000".into()));
    let this = format!("127.0.0.1:{}", local.port);
    let sts =
        Ask::new("GET", &format!("/sts?bucket={BUCKET}&durationSeconds=60")).host(&this).unsigned();
    let answer = local.send(&sts);
    assert_eq!(answer.status, 200);
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let text = |name: &str| answer["credentials"][name].as_str().expect("a text").to_owned();
    let (id, key, token) = (text("tmpSecretId"), text("tmpSecretKey"), text("sessionToken"));
    assert_eq!(
        answer["expiredTime"].as_i64().zip(answer["startTime"].as_i64()).map(|(a, b)| a - b),
        Some(60)
    );
    assert!(answer["requestId"].is_string());

    let ask = Ask::new("GET", "/").keys(&id, &key);
    assert_refused(&local.send(&ask), 403, "InvalidAccessKeyId");
    assert_refused(
        &local.send(&ask.clone().header("x-cos-security-token", "other")),
        403,
        "InvalidAccessKeyId",
    );
    assert_eq!(local.send(&ask.clone().header("x-cos-security-token", &token)).status, 200);
    let in_query = Ask { path: format!("/?x-cos-security-token={token}"), ..ask.clone() };
    assert_eq!(local.send(&in_query).status, 200);
    let elsewhere = ask.host("other-1250000000.cos.ap-guangzhou.myqcloud.com");
    assert_refused(
        &local.send(&elsewhere.header("x-cos-security-token", &token)),
        403,
        "AccessDenied",
    );
}

#[test]
fn temporary_keys_are_for_this_machine() {
    let local = Local::start();
    let ask = |path: &str| Ask::new("GET", path).unsigned();
    assert_eq!(local.send(&ask("/sts").host("rebound.example.com")).status, 403);
    let this = format!("localhost:{}", local.port);
    let allowed = |origin: &str| {
        let answer = local.send(&ask("/sts").host(&this).header("Origin", origin));
        answer.header("Access-Control-Allow-Origin") == Some(origin)
    };
    assert!(allowed("http://127.0.0.1:5173") && allowed("http://localhost:8080"));
    assert!(!allowed("https://example.com") && !allowed("http://127.0.0.1.example.com"));
    let too_long = local.send(&ask("/sts?durationSeconds=43201").host(&this));
    assert_eq!(too_long.status, 400);
}

#[test]
fn access_control_lists_let_everyone_read() {
    let local = Local::start();
    local.send(&Ask::new("PUT", "/open").header("x-cos-acl", "public-read").body("x"));
    local.put("/closed", "x");
    assert_eq!(local.send(&Ask::new("GET", "/open").unsigned()).status, 200);
    assert_refused(&local.send(&Ask::new("GET", "/closed").unsigned()), 403, "AccessDenied");
    assert_refused(&local.send(&Ask::new("GET", "/absent").unsigned()), 403, "AccessDenied");
    assert_refused(
        &local.send(&Ask::new("PUT", "/open").unsigned().body("y")),
        403,
        "AccessDenied",
    );
    let bad = Ask::new("PUT", "/k").header("x-cos-acl", "everyone");
    assert_refused(&local.send(&bad), 400, "InvalidArgument");
}
