//! The wasm-bindgen surface of `cos-core`.
//!
//! Everything here is conversion: JavaScript values in, JavaScript values out. Ids are `u32`, sizes
//! and times `f64`, CRC64 a decimal string, so that no 64-bit integer crosses the boundary, which
//! the JavaScript of older phones cannot hold.

mod convert;

use convert::{from_js, to_js, to_js_with_null};
use cos_core::Stat;
use std::cell::RefCell;

/// Half the size of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

use cos_core::digest::{self, Crc64, Md5};
use cos_core::engine::Engine;
use cos_core::error::Error;
use cos_core::sign::SigningKeyCache;
use cos_core::value::Value;
use cos_core::{cdn, quota, xml};
use js_sys::JsString;
use wasm_bindgen::prelude::*;

/// Bytes of memory taken at the start, so that hashing and uploading need not grow it later: growing
/// is slow and, on some phones, unreliable.
const RESERVE: usize = 5 << 18;

/// Makes a trap print where it happened, and the memory as large as it will be needed. Called once,
/// after the module is loaded.
#[wasm_bindgen]
pub fn start() {
    std::panic::set_hook(Box::new(console_error_panic_hook::hook));
    // The allocator keeps what is given back.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(RESERVE)));
}

/// A text, or the error in its place as an object: a thrown one would cost each function a quarter of a
/// kilobyte of glue.
fn text_or_error(outcome: Result<String, Error>) -> JsValue {
    match outcome {
        Ok(text) => text.into(),
        Err(error) => to_js(&error.to_value()),
    }
}

/// What JavaScript says of what failed, or `Ok`.
fn outcome<T>(error: Option<JsString>, answer: T) -> Result<T, String> {
    error.map_or(Ok(answer), |error| Err(error.into()))
}

thread_local! {
    /// What JavaScript knows by number.
    static HELD: RefCell<Vec<(u32, Held)>> = const { RefCell::new(Vec::new()) };

    /// The key that `COS.getAuthorization` derived last.
    static KEYS: RefCell<SigningKeyCache> = const { RefCell::new(SigningKeyCache::new()) };
}

/// What there is between calls: the clients, and the digests of bytes that arrive in windows.
enum Held {
    Client(Box<Engine>),
    Md5(Md5),
    Crc64(Crc64),
}

/// Does something with a client. Where there is none of this number the outcome is the default one:
/// what was meant for an instance that has trapped reaches nobody.
fn with<T: Default>(client: u32, act: impl FnOnce(&mut Engine) -> T) -> T {
    let Some(Held::Client(mut engine)) = take(client) else { return T::default() };
    let outcome = act(&mut engine);
    put(client, Held::Client(engine));
    outcome
}

/// Takes something from its place: smaller, for all who need it, than a borrow.
#[inline(never)]
fn take(number: u32) -> Option<Held> {
    HELD.with_borrow_mut(|held| {
        let at = held.iter().position(|(known, _)| *known == number)?;
        Some(held.swap_remove(at).1)
    })
}

#[inline(never)]
fn put(number: u32, thing: Held) {
    HELD.with_borrow_mut(|held| held.push((number, thing)));
}

/// Makes a client and gives its options as it understood them; see [`Engine::new`].
///
/// JavaScript chooses the number: one that nothing in any instance has had. Clients and digests are
/// numbers because the script is not packed: a class weighs half a kilobyte of glue there, and a
/// bundler shortens the names of functions, but not of methods.
#[wasm_bindgen]
pub fn open(client: u32, options: JsValue, seed: u32, now: f64) -> JsValue {
    let engine = Engine::new(&from_js(options), seed, now);
    let understood = to_js(engine.options());
    put(client, Held::Client(Box::new(engine)));
    understood
}

/// See [`Engine::configure`].
#[wasm_bindgen]
pub fn configure(client: u32, options: JsValue) {
    with(client, |engine| engine.configure(&from_js(options)));
}

/// See [`Engine::poll_effect`]; `undefined` when there is nothing to do.
#[wasm_bindgen(js_name = pollEffect)]
pub fn poll_effect(client: u32) -> JsValue {
    with(client, Engine::poll_effect).map_or(JsValue::UNDEFINED, |effect| to_js(&effect.to_value()))
}

/// See [`Engine::submit`].
#[wasm_bindgen]
pub fn submit(client: u32, name: JsString, params: JsValue, now: f64) -> u32 {
    with(client, |engine| engine.submit(&String::from(name), from_js(params), now))
}

/// See [`Engine::pause`].
#[wasm_bindgen]
pub fn pause(client: u32, task: JsString, now: f64) -> bool {
    with(client, |engine| engine.pause(&String::from(task), now))
}

/// See [`Engine::cancel`].
#[wasm_bindgen]
pub fn cancel(client: u32, task: JsString, now: f64) -> bool {
    with(client, |engine| engine.cancel(&String::from(task), now))
}

/// See [`Engine::restart`].
#[wasm_bindgen]
pub fn restart(client: u32, task: JsString, now: f64) -> u32 {
    with(client, |engine| engine.restart(&String::from(task), now))
}

/// See [`Engine::task_list`].
#[wasm_bindgen(js_name = taskList)]
pub fn task_list(client: u32) -> JsValue {
    with(client, |engine| to_js(&engine.task_list()))
}

/// See [`Engine::is_upload_running`].
#[wasm_bindgen(js_name = isUploadRunning)]
pub fn is_upload_running(client: u32) -> bool {
    with(client, |engine| engine.is_upload_running())
}

/// See [`Engine::object_url`]: a text, or the error as an object.
#[wasm_bindgen(js_name = objectUrl)]
pub fn object_url(client: u32, params: JsValue, now: f64) -> JsValue {
    with(client, |engine| text_or_error(engine.object_url(from_js(params), now)))
}

/// See [`Engine::authorization`]: a text, or the error as an object.
#[wasm_bindgen(js_name = clientAuthorization)]
pub fn client_authorization(client: u32, description: &str, now: f64) -> JsValue {
    with(client, |engine| text_or_error(engine.authorization(description, now)))
}

/// See [`Engine::handle_stat`].
#[wasm_bindgen(js_name = handleStat)]
pub fn handle_stat(
    client: u32,
    id: u32,
    error: Option<JsString>,
    size: f64,
    modified: f64,
    now: f64,
) {
    let answer = outcome(error, Stat { size, modified });
    with(client, |engine| engine.handle_stat(id, answer, now));
}

/// See [`Engine::handle_window`].
#[wasm_bindgen(js_name = handleWindow)]
pub fn handle_window(client: u32, id: u32, window: &[u8]) {
    with(client, |engine| engine.handle_window(id, window));
}

/// See [`Engine::handle_read`].
#[wasm_bindgen(js_name = handleRead)]
pub fn handle_read(client: u32, id: u32, error: Option<JsString>, now: f64) {
    with(client, |engine| engine.handle_read(id, outcome(error, ()), now));
}

/// See [`Engine::handle_record`].
#[wasm_bindgen(js_name = handleRecord)]
pub fn handle_record(client: u32, id: u32, record: JsValue, now: f64) {
    with(client, |engine| engine.handle_record(id, from_js(record), now));
}

/// See [`Engine::handle_credential`]; the error is that of the application's callback.
#[wasm_bindgen(js_name = handleCredential)]
pub fn handle_credential(
    client: u32,
    id: u32,
    error: Option<JsString>,
    credential: JsValue,
    now: f64,
) {
    let answer = outcome(error, from_js(credential));
    with(client, |engine| engine.handle_credential(id, answer, now));
}

/// See [`Engine::handle_response`]. Of the headers, what is no text becomes one.
#[wasm_bindgen(js_name = handleResponse)]
pub fn handle_response(
    client: u32,
    id: u32,
    status: u16,
    headers: JsValue,
    body: JsValue,
    now: f64,
) {
    let headers = from_js(headers);
    let headers = headers.members().iter().map(|(name, value)| (name.clone(), value.to_text()));
    let headers = headers.collect();
    with(client, |engine| engine.handle_response(id, status, headers, from_js(body), now));
}

/// See [`Engine::handle_failure`].
#[wasm_bindgen(js_name = handleFailure)]
pub fn handle_failure(client: u32, id: u32, message: JsString, now: f64) {
    with(client, |engine| engine.handle_failure(id, &String::from(message), now));
}

/// See [`Engine::handle_progress`].
#[wasm_bindgen(js_name = handleProgress)]
pub fn handle_progress(client: u32, id: u32, sent: f64, total: f64, now: f64) {
    with(client, |engine| engine.handle_progress(id, sent, total, now));
}

/// See [`Engine::handle_timer`].
#[wasm_bindgen(js_name = handleTimer)]
pub fn handle_timer(client: u32, id: u32, now: f64) {
    with(client, |engine| engine.handle_timer(id, now));
}

/// Begins a digest, an MD5 or else a CRC64, under a number that nothing has had.
#[wasm_bindgen(js_name = beginDigest)]
pub fn begin_digest(number: u32, md5: bool) {
    put(number, if md5 { Held::Md5(Md5::new()) } else { Held::Crc64(Crc64::new()) });
}

/// Digests the next window, at most 256 KiB.
#[wasm_bindgen(js_name = updateDigest)]
pub fn update_digest(number: u32, window: &[u8]) {
    let Some(mut digest) = take(number) else { return };
    match &mut digest {
        Held::Md5(md5) => md5.update(window),
        Held::Crc64(crc64) => crc64.update(window),
        Held::Client(_) => {}
    }
    put(number, digest);
}

/// Ends a digest: the MD5 in lower-case hex, or the CRC64 in decimal.
#[wasm_bindgen(js_name = endDigest)]
pub fn end_digest(number: u32) -> JsValue {
    match take(number) {
        Some(Held::Md5(md5)) => digest::hex(&md5.finish()).into(),
        Some(Held::Crc64(crc64)) => digest::crc64_text(crc64.value()).into(),
        _ => JsValue::UNDEFINED,
    }
}

/// The CRC64 of two byte strings after each other, from theirs and the length of the second: a text,
/// or the error as an object when a sum is not a decimal number below 2^64.
#[wasm_bindgen(js_name = crc64Combine)]
pub fn crc64_combine(first: JsString, second: JsString, second_length: f64) -> JsValue {
    let sum = |text: JsString| digest::parse_crc64(&String::from(text));
    text_or_error(match (sum(first), sum(second)) {
        (Some(first), Some(second)) => {
            Ok(digest::crc64_text(digest::crc64_combine(first, second, second_length as u64)))
        }
        _ => Err(Error::usage("a CRC64 should be a decimal number below 2^64")),
    })
}

/// Base64 of the UTF-8 bytes of a text, as `COS.util.encodeBase64`; `safe` is the URL-safe form
/// without padding that image processing wants.
#[wasm_bindgen(js_name = encodeBase64)]
pub fn encode_base64(text: JsString, safe: bool) -> JsValue {
    let text = String::from(text);
    let bytes = text.as_bytes();
    if safe { digest::base64_url(bytes) } else { digest::base64(bytes) }.into()
}

/// `COS.util.xml2json`; see [`xml::parse`].
#[wasm_bindgen]
pub fn xml2json(document: JsString) -> JsValue {
    to_js(&xml::parse(&String::from(document)))
}

/// `COS.util.json2xml`; see [`xml::build`].
#[wasm_bindgen]
pub fn json2xml(value: JsValue) -> JsValue {
    xml::build(&from_js(value)).into()
}

/// `COS.getAuthorization`; see [`cos_core::authorization`]: a text, or the error as an object.
#[wasm_bindgen]
pub fn authorization(description: &str, now: f64) -> JsValue {
    text_or_error(
        KEYS.with_borrow_mut(|keys| cos_core::authorization(description, ["", ""], now, keys)),
    )
}

/// `COS.getCdnUrl`; see [`cdn::url`]: a text, or the error as an object.
#[wasm_bindgen(js_name = cdnUrl)]
pub fn cdn_url(params: JsValue, random: u32, now: f64) -> JsValue {
    text_or_error(cdn::url(&from_js(params), random, now))
}

/// `COS.getFreeQuota`; see [`quota::free_quota`]: a list, or the error as an object when the usage is
/// none.
#[wasm_bindgen(js_name = freeQuota)]
pub fn free_quota(usage: JsValue, now: f64) -> JsValue {
    match from_js(usage) {
        usage @ Value::Map(_) => to_js_with_null(&quota::free_quota(&usage, now)),
        _ => text_or_error(Err(Error::usage("the usage should be an object"))),
    }
}
