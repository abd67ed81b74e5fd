//! The boundary in a real browser: what JavaScript hands in and gets back.
#![cfg(target_arch = "wasm32")]

use cos_wasm::{
    authorization, begin_digest, crc64_combine, encode_base64, end_digest, handle_failure,
    handle_read, handle_response, handle_stat, handle_window, open, poll_effect, start, submit,
    task_list, update_digest,
};
use std::sync::atomic::{AtomicU32, Ordering};

use js_sys::{Array, Function, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const NOW: f64 = 1_700_000_000_000.0;

fn js(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| Reflect::get(&value, &name.into()).unwrap())
}

fn text(value: &JsValue, path: &str) -> String {
    get(value, path).as_string().unwrap_or_else(|| panic!("{path} is no string in {value:?}"))
}

fn number(value: &JsValue, path: &str) -> f64 {
    get(value, path).as_f64().unwrap_or_else(|| panic!("{path} is no number in {value:?}"))
}

/// A number that nothing has had.
fn fresh() -> u32 {
    static NUMBERS: AtomicU32 = AtomicU32::new(1);
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

/// Opens a client and gives its number.
fn client() -> u32 {
    start();
    let number = fresh();
    let options = js(r#"{"SecretId":"AKIDexample","SecretKey":"secret","ChunkParallelLimit":2}"#);
    assert_eq!(self::number(&open(number, options, 7, NOW), "ChunkParallelLimit"), 2.0);
    number
}

/// Polls up to an effect of this type and returns it.
fn poll(client: u32, wanted: &str) -> JsValue {
    loop {
        let effect = poll_effect(client);
        assert!(!effect.is_undefined(), "there was no {wanted}");
        if text(&effect, "type") == wanted {
            return effect;
        }
    }
}

#[wasm_bindgen_test]
fn recorded_signatures() {
    const KEY: &str = "AKIDtest|sktest|1700000000;1700000900";
    const SIGNED: &str = "q-sign-algorithm=sha1&q-ak=AKIDtest&q-sign-time=1700000000;1700000900\
        &q-key-time=1700000000;1700000900&q-header-list=";
    for (described, lists) in [
        (
            "put|/中文→!'()*~ +.txt||||||||0|Host|h|x-cos-meta-a|中 文!'()*~+/\
             |Content-Type|text/plain; charset=utf-8|User-Agent|not signed",
            "content-type;host;x-cos-meta-a&q-url-param-list=\
             &q-signature=8a5e2b239492416cb828302a718fa38f67fee17d",
        ),
        (
            "post|/k||||||||2|position|0|append||Host|h|Content-Length|5",
            "content-length;host&q-url-param-list=append;position\
             &q-signature=7742f19d4bac90838a34c5b643f14d27fd385a47",
        ),
    ] {
        let signed = authorization(&format!("|{KEY}|{described}"), NOW).as_string().unwrap();
        assert_eq!(signed, format!("{SIGNED}{lists}"));
    }
    let error = authorization("|a", NOW);
    assert_eq!(text(&error, "message"), "missing param SecretKey");
    assert_eq!(text(&error, "kind"), "Usage");
}

#[wasm_bindgen_test]
fn digests_in_windows_of_any_size() {
    // Computed with Python's hashlib and a bytewise table.
    const MD5: &str = "9ab8d67a65648b3b498f39c3d08b395b";
    const CRC64: &str = "1038246305397385250";
    let bytes = b"123456789".repeat(10_000);
    for window in [1_000, 65_536, 90_000] {
        let (md5, crc64) = (fresh(), fresh());
        begin_digest(md5, true);
        begin_digest(crc64, false);
        for part in bytes.chunks(window) {
            update_digest(md5, part);
            update_digest(crc64, part);
        }
        assert_eq!(end_digest(md5), MD5);
        assert_eq!(end_digest(crc64), CRC64);
        assert!(end_digest(crc64).is_undefined());
    }
    let check = fresh();
    begin_digest(check, false);
    update_digest(check, b"123456789");
    assert_eq!(end_digest(check), "11051210869376104954");
    assert_eq!(crc64_combine("5548000557".into(), "0".into(), 0.0), "5548000557");
    assert_eq!(text(&crc64_combine("x".into(), "0".into(), 0.0), "kind"), "Usage");
    assert_eq!(encode_base64("腾讯云?>".into(), true), "6IW-6K6v5LqRPz4");
}

#[wasm_bindgen_test]
fn a_request_and_its_answer() {
    let client = client();
    let call = submit(
        client,
        "headObject".into(),
        js(
            r#"{"Bucket":"test-1250000000","Region":"ap-guangzhou","Key":"目录/a b.txt","Headers":{"x-cos-meta-a":1.5,"none":null}}"#,
        ),
        NOW,
    );
    let send = poll(client, "send");
    assert_eq!(text(&send, "request.method"), "HEAD");
    assert_eq!(
        text(&send, "request.url"),
        "https://test-1250000000.cos.ap-guangzhou.myqcloud.com/%E7%9B%AE%E5%BD%95/a%20b.txt"
    );
    assert_eq!(text(&send, "request.headers.x-cos-meta-a"), "1.5");
    assert!(get(&send, "request.headers.none").is_undefined());
    assert!(
        text(&send, "request.headers.Authorization").contains("q-header-list=host;x-cos-meta-a&")
    );
    assert!(poll_effect(client).is_undefined());

    let id = number(&send, "id") as u32;
    handle_response(
        client,
        id,
        200,
        js(r#"{"ETag":"\"e\"","x-cos-request-id":"r"}"#),
        JsValue::UNDEFINED,
        NOW,
    );
    let settle = poll(client, "settle");
    assert_eq!(number(&settle, "call") as u32, call);
    assert_eq!(text(&settle, "data.ETag"), "\"e\"");
    assert_eq!(text(&settle, "data.RequestId"), "r");
    assert_eq!(number(&settle, "data.statusCode"), 200.0);
    assert!(settle.is_instance_of::<Object>());

    // Too late, and nobody's.
    handle_response(client, id, 500, JsValue::NULL, JsValue::NULL, NOW);
    handle_failure(client, 12_345, "request:fail".into(), NOW);
    poll(client, "forget");
    assert!(poll_effect(client).is_undefined());
}

#[wasm_bindgen_test]
fn an_error_tells_what_to_do() {
    let client = client();
    submit(
        client,
        "getObject".into(),
        js(r#"{"Bucket":"test-1250000000","Region":"ap-guangzhou","Key":"a"}"#),
        NOW,
    );
    let id = number(&poll(client, "send"), "id") as u32;
    let body = "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
    handle_response(client, id, 404, js("{}"), body.into(), NOW);
    let settle = poll(client, "settle");
    assert_eq!(text(&settle, "error.kind"), "NotFound");
    assert_eq!(text(&settle, "error.code"), "NoSuchKey");
    assert_eq!(text(&settle, "error.error.Code"), "NoSuchKey");
    assert_eq!(number(&settle, "error.statusCode"), 404.0);
}

#[wasm_bindgen_test]
fn bytes_of_a_file_are_digested_where_they_are_read() {
    let client = client();
    submit(
        client,
        "putObject".into(),
        js(
            r#"{"Bucket":"test-1250000000","Region":"ap-guangzhou","Key":"a.png","FilePath":"wxfile://a","UploadCheckContentMd5":true}"#,
        ),
        NOW,
    );
    let stat = poll(client, "stat");
    handle_stat(client, number(&stat, "id") as u32, None, 9.0, 1.0, NOW);
    let read = number(&poll(client, "read"), "id") as u32;
    handle_window(client, read, b"12345");
    handle_window(client, read, b"6789");
    handle_read(client, read, None, NOW);
    let send = poll(client, "send");
    assert_eq!(number(&send, "request.read") as u32, read);
    assert_eq!(text(&send, "request.headers.Content-MD5"), "JfnnlDI7RTiF9RgfG2JNCw==");
    assert_eq!(text(&send, "request.headers.Content-Type"), "image/png");
    handle_response(
        client,
        number(&send, "id") as u32,
        200,
        js(r#"{"x-cos-hash-crc64ecma":"11051210869376104954"}"#),
        "".into(),
        NOW,
    );
    assert!(get(&poll(client, "settle"), "error").is_undefined());
    assert_eq!(text(&task_list(client), "0.state"), "success");
}

#[wasm_bindgen_test]
fn what_is_no_plain_data_does_no_harm() {
    let cycle = Object::new();
    Reflect::set(&cycle, &"self".into(), &cycle).unwrap();
    let mixed = js(r#"{"Bucket":"test-1250000000","Region":"ap-guangzhou","Key":"a"}"#);
    Reflect::set(&mixed, &"cycle".into(), &cycle).unwrap();
    Reflect::set(&mixed, &"function".into(), &Function::new_no_args("")).unwrap();
    Reflect::set(&mixed, &"bytes".into(), &Uint8Array::new_with_length(4)).unwrap();
    Reflect::set(&mixed, &"list".into(), &Array::of2(&JsValue::NULL, &JsValue::TRUE)).unwrap();
    let client = client();
    submit(client, "headObject".into(), mixed, NOW);
    poll(client, "send");
    submit(client, "headObject".into(), JsValue::UNDEFINED, NOW);
    assert_eq!(text(&poll(client, "settle"), "error.error"), "missing param Bucket");
    submit(client, "no such operation".into(), JsValue::from_f64(f64::NAN), f64::NAN);
    assert_eq!(text(&poll(client, "settle"), "error.kind"), "Usage");
}

#[wasm_bindgen_test]
fn what_is_meant_for_no_client_reaches_nobody() {
    let nobody = client() + 1_000;
    handle_failure(nobody, 1, "request:fail".into(), NOW);
    assert_eq!(submit(nobody, "headObject".into(), js("{}"), NOW), 0);
    assert!(poll_effect(nobody).is_undefined());
    assert!(task_list(nobody).is_undefined());
    update_digest(nobody, b"a");
}
