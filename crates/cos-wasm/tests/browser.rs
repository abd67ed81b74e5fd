//! The boundary in a real browser: what JavaScript hands in and gets back.
#![cfg(target_arch = "wasm32")]

use cos_wasm::{Ask, authorization, feed, start};
use std::sync::atomic::{AtomicU32, Ordering};

use js_sys::{Array, Function, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// [`cos_wasm::tell`], given any number of values.
fn tell<const N: usize>(number: u32, ask: Ask, given: [JsValue; N]) -> JsValue {
    cos_wasm::tell(number, ask, given.iter().collect())
}

/// Begins a call and gives its id.
fn submit(client: u32, operation: &str, params: JsValue) -> u32 {
    tell(client, Ask::Submit, [operation.into(), params]).as_f64().unwrap() as u32
}

/// Answers a request that has this id.
fn respond(client: u32, id: u32, status: u32, headers: JsValue, body: JsValue) {
    tell(client, Ask::Response, [id.into(), status.into(), headers, body]);
}

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
    assert_eq!(
        self::number(&tell(number, Ask::Open, [options, 7.into()]), "ChunkParallelLimit"),
        2.0
    );
    number
}

/// Polls up to an effect of this type and returns it.
fn poll(client: u32, wanted: &str) -> JsValue {
    loop {
        let effect = tell(client, Ask::Poll, []);
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
        let signed = authorization(0, &format!("|{KEY}|{described}")).as_string().unwrap();
        assert_eq!(signed, format!("{SIGNED}{lists}"));
    }
    let error = authorization(0, "|a");
    assert_eq!(text(&error, "message"), "missing param SecretKey");
    assert_eq!(text(&error, "kind"), "Usage");
}

#[wasm_bindgen_test]
fn digests_in_windows_of_any_size() {
    // Computed with Python's hashlib and a bytewise table.
    const MD5: &str = "9ab8d67a65648b3b498f39c3d08b395bmrjWemVkiztJjznD0Is5Ww==";
    const CRC64: &str = "1038246305397385250";
    let bytes = b"123456789".repeat(10_000);
    for window in [1_000, 65_536, 90_000] {
        let (md5, crc64) = (fresh(), fresh());
        tell(md5, Ask::Begin, [true.into()]);
        tell(crc64, Ask::Begin, [false.into()]);
        for part in bytes.chunks(window) {
            feed(md5, 0, part);
            feed(crc64, 0, part);
        }
        assert_eq!(tell(md5, Ask::End, []), MD5);
        assert_eq!(tell(crc64, Ask::End, []), CRC64);
        assert!(tell(crc64, Ask::End, []).is_undefined());
    }
    let check = fresh();
    tell(check, Ask::Begin, [false.into()]);
    feed(check, 0, b"123456789");
    assert_eq!(tell(check, Ask::End, []), "11051210869376104954");
    assert_eq!(tell(0, Ask::Combine, ["5548000557".into(), "0".into(), 0.into()]), "5548000557");
    assert_eq!(text(&tell(0, Ask::Combine, ["x".into(), "0".into(), 0.into()]), "kind"), "Usage");
    assert_eq!(tell(0, Ask::Base64, ["腾讯云?>".into(), true.into()]), "6IW-6K6v5LqRPz4");
}

#[wasm_bindgen_test]
fn a_request_and_its_answer() {
    let client = client();
    let call = submit(
        client,
        "headObject",
        js(
            r#"{"Bucket":"test-1250000000","Region":"ap-guangzhou","Key":"目录/a b.txt","Headers":{"x-cos-meta-a":1.5,"none":null}}"#,
        ),
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
    assert!(tell(client, Ask::Poll, []).is_undefined());

    let id = number(&send, "id") as u32;
    respond(client, id, 200, js(r#"{"ETag":"\"e\"","x-cos-request-id":"r"}"#), JsValue::UNDEFINED);
    let settle = poll(client, "settle");
    assert_eq!(number(&settle, "call") as u32, call);
    assert_eq!(text(&settle, "data.ETag"), "\"e\"");
    assert_eq!(text(&settle, "data.RequestId"), "r");
    assert_eq!(number(&settle, "data.statusCode"), 200.0);
    assert!(settle.is_instance_of::<Object>());

    // Too late, and nobody's.
    respond(client, id, 500, JsValue::NULL, JsValue::NULL);
    tell(client, Ask::Failure, [12_345.into(), "request:fail".into()]);
    poll(client, "forget");
    assert!(tell(client, Ask::Poll, []).is_undefined());
}

#[wasm_bindgen_test]
fn an_error_tells_what_to_do() {
    let client = client();
    submit(
        client,
        "getObject",
        js(r#"{"Bucket":"test-1250000000","Region":"ap-guangzhou","Key":"a"}"#),
    );
    let id = number(&poll(client, "send"), "id") as u32;
    let body = "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
    respond(client, id, 404, js("{}"), body.into());
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
        "putObject",
        js(
            r#"{"Bucket":"test-1250000000","Region":"ap-guangzhou","Key":"a.png","FilePath":"wxfile://a","UploadCheckContentMd5":true}"#,
        ),
    );
    let stat = poll(client, "stat");
    tell(client, Ask::Stat, [get(&stat, "id"), JsValue::UNDEFINED, 9.into(), 1.into()]);
    let read = number(&poll(client, "read"), "id") as u32;
    feed(client, read, b"12345");
    feed(client, read, b"6789");
    tell(client, Ask::Read, [read.into()]);
    let send = poll(client, "send");
    assert_eq!(number(&send, "request.read") as u32, read);
    assert_eq!(text(&send, "request.headers.Content-MD5"), "JfnnlDI7RTiF9RgfG2JNCw==");
    assert_eq!(text(&send, "request.headers.Content-Type"), "image/png");
    respond(
        client,
        number(&send, "id") as u32,
        200,
        js(r#"{"x-cos-hash-crc64ecma":"11051210869376104954"}"#),
        "".into(),
    );
    assert!(get(&poll(client, "settle"), "error").is_undefined());
    assert_eq!(text(&tell(client, Ask::Tasks, []), "0.state"), "success");
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
    submit(client, "headObject", mixed);
    poll(client, "send");
    submit(client, "headObject", JsValue::UNDEFINED);
    assert_eq!(text(&poll(client, "settle"), "error.error"), "missing param Bucket");
    submit(client, "no such operation", JsValue::from_f64(f64::NAN));
    assert_eq!(text(&poll(client, "settle"), "error.kind"), "Usage");
}

#[wasm_bindgen_test]
fn what_is_meant_for_no_client_reaches_nobody() {
    let nobody = client() + 1_000;
    tell(nobody, Ask::Failure, [1.into(), "request:fail".into()]);
    assert!(tell(nobody, Ask::Submit, ["headObject".into(), js("{}")]).is_undefined());
    assert!(tell(nobody, Ask::Poll, []).is_undefined());
    assert!(tell(nobody, Ask::Tasks, []).is_undefined());
    feed(nobody, 0, b"a");
}
