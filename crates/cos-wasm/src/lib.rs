//! The wasm-bindgen surface of `cos-core`.
//!
//! Everything here is conversion: JavaScript values in, JavaScript values out. Ids are `u32`, sizes
//! and times `f64`, CRC64 a decimal string, so that no 64-bit integer crosses the boundary, which
//! the JavaScript of older phones cannot hold.

mod convert;

use convert::{from_js, to_js};
use cos_core::Stat;
use std::cell::RefCell;

/// Half the size of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

use cos_core::digest::{self, Crc64, Md5};
use cos_core::engine::Engine;
use cos_core::error::Error;
use cos_core::xml;
use wasm_bindgen::prelude::*;

/// Bytes of memory taken at the start, so that hashing and uploading need not grow it later: growing
/// is slow and, on some phones, unreliable.
const RESERVE: usize = 5 << 18;

/// Makes a trap print where it happened, and the memory as large as it will be needed. Called once,
/// after the module is loaded.
#[wasm_bindgen(js_name = start)]
pub fn start() {
    console_error_panic_hook::set_once();
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

/// Headers arrive as an object; what is no text becomes one.
fn pairs(headers: &JsValue) -> Vec<(String, String)> {
    from_js(headers).members().iter().map(|(name, value)| (name.clone(), value.to_text())).collect()
}

/// One COS client; see [`Engine`], whose methods these are.
#[wasm_bindgen]
pub struct Client(Engine);

#[wasm_bindgen]
impl Client {
    /// See [`Engine::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, seed: u32, now: f64) -> Client {
        Client(Engine::new(&from_js(options), seed, now))
    }

    /// See [`Engine::configure`].
    pub fn configure(&mut self, options: &JsValue) {
        self.0.configure(&from_js(options));
    }

    /// See [`Engine::options`].
    pub fn options(&self) -> JsValue {
        to_js(self.0.options())
    }

    /// See [`Engine::poll_effect`]; `undefined` when there is nothing to do.
    #[wasm_bindgen(js_name = pollEffect)]
    pub fn poll_effect(&mut self) -> JsValue {
        self.0.poll_effect().map_or(JsValue::UNDEFINED, |effect| to_js(&effect.to_value()))
    }

    /// See [`Engine::submit`].
    pub fn submit(&mut self, name: &str, params: &JsValue, now: f64) -> u32 {
        self.0.submit(name, from_js(params), now)
    }

    /// See [`Engine::pause`].
    pub fn pause(&mut self, task: &str, now: f64) -> bool {
        self.0.pause(task, now)
    }

    /// See [`Engine::cancel`].
    pub fn cancel(&mut self, task: &str, now: f64) -> bool {
        self.0.cancel(task, now)
    }

    /// See [`Engine::restart`].
    pub fn restart(&mut self, task: &str, now: f64) -> u32 {
        self.0.restart(task, now)
    }

    /// See [`Engine::task_list`].
    #[wasm_bindgen(js_name = taskList)]
    pub fn task_list(&self) -> JsValue {
        to_js(&self.0.task_list())
    }

    /// See [`Engine::is_upload_running`].
    #[wasm_bindgen(js_name = isUploadRunning)]
    pub fn is_upload_running(&self) -> bool {
        self.0.is_upload_running()
    }

    /// See [`Engine::object_url`]: a text, or the error as an object.
    #[wasm_bindgen(js_name = objectUrl)]
    pub fn object_url(&self, params: &JsValue, now: f64) -> JsValue {
        text_or_error(self.0.object_url(from_js(params), now))
    }

    /// See [`Engine::authorization`]: a text, or the error as an object.
    pub fn authorization(&mut self, description: &str, now: f64) -> JsValue {
        text_or_error(self.0.authorization(description, now))
    }

    /// See [`Engine::handle_stat`].
    #[wasm_bindgen(js_name = handleStat)]
    pub fn handle_stat(
        &mut self,
        id: u32,
        error: Option<String>,
        size: f64,
        modified: f64,
        now: f64,
    ) {
        self.0.handle_stat(id, error.map_or(Ok(Stat { size, modified }), Err), now);
    }

    /// See [`Engine::handle_window`].
    #[wasm_bindgen(js_name = handleWindow)]
    pub fn handle_window(&mut self, id: u32, window: &[u8]) {
        self.0.handle_window(id, window);
    }

    /// See [`Engine::handle_read`].
    #[wasm_bindgen(js_name = handleRead)]
    pub fn handle_read(&mut self, id: u32, error: Option<String>, now: f64) {
        self.0.handle_read(id, error.map_or(Ok(()), Err), now);
    }

    /// See [`Engine::handle_record`].
    #[wasm_bindgen(js_name = handleRecord)]
    pub fn handle_record(&mut self, id: u32, record: &JsValue, now: f64) {
        self.0.handle_record(id, from_js(record), now);
    }

    /// See [`Engine::handle_credential`].
    #[wasm_bindgen(js_name = handleCredential)]
    pub fn handle_credential(&mut self, id: u32, answer: &JsValue, now: f64) {
        self.0.handle_credential(id, Ok(from_js(answer)), now);
    }

    /// [`Engine::handle_credential`] when the application's callback failed.
    #[wasm_bindgen(js_name = handleCredentialFailure)]
    pub fn handle_credential_failure(&mut self, id: u32, message: String, now: f64) {
        self.0.handle_credential(id, Err(message), now);
    }

    /// See [`Engine::handle_response`].
    #[wasm_bindgen(js_name = handleResponse)]
    pub fn handle_response(
        &mut self,
        id: u32,
        status: u16,
        headers: &JsValue,
        body: &JsValue,
        now: f64,
    ) {
        self.0.handle_response(id, status, pairs(headers), from_js(body), now);
    }

    /// See [`Engine::handle_failure`].
    #[wasm_bindgen(js_name = handleFailure)]
    pub fn handle_failure(&mut self, id: u32, message: &str, now: f64) {
        self.0.handle_failure(id, message, now);
    }

    /// See [`Engine::handle_progress`].
    #[wasm_bindgen(js_name = handleProgress)]
    pub fn handle_progress(&mut self, id: u32, sent: f64, total: f64, now: f64) {
        self.0.handle_progress(id, sent, total, now);
    }

    /// See [`Engine::handle_timer`].
    #[wasm_bindgen(js_name = handleTimer)]
    pub fn handle_timer(&mut self, id: u32, now: f64) {
        self.0.handle_timer(id, now);
    }
}

/// A digest of bytes that arrive in windows: `COS.util.md5` or `COS.util.crc64`.
#[wasm_bindgen]
pub struct Digest {
    /// MD5, when it is asked for.
    md5: Option<Md5>,
    /// CRC64 otherwise.
    crc64: Crc64,
}

#[wasm_bindgen]
impl Digest {
    /// A digest of nothing yet: MD5, or CRC64 when `md5` is not set.
    #[wasm_bindgen(constructor)]
    pub fn new(md5: bool) -> Digest {
        Digest { md5: md5.then(Md5::new), crc64: Crc64::new() }
    }

    /// Digests the next window, at most 256 KiB.
    pub fn update(&mut self, window: &[u8]) {
        match &mut self.md5 {
            Some(md5) => md5.update(window),
            None => self.crc64.update(window),
        }
    }

    /// Ends the digest: the MD5 in lower-case hex, or the CRC64 in decimal.
    pub fn finish(self) -> JsValue {
        let text = match self.md5 {
            Some(md5) => digest::hex(&md5.finish()),
            None => digest::crc64_text(self.crc64.value()),
        };
        text.into()
    }
}

/// The CRC64 of two byte strings after each other, from theirs and the length of the second: a text,
/// or the error as an object when a sum is not a decimal number below 2^64.
#[wasm_bindgen(js_name = crc64Combine)]
pub fn crc64_combine(first: &str, second: &str, second_length: f64) -> JsValue {
    text_or_error(match (digest::parse_crc64(first), digest::parse_crc64(second)) {
        (Some(first), Some(second)) => {
            Ok(digest::crc64_text(digest::crc64_combine(first, second, second_length as u64)))
        }
        _ => Err(Error::usage("a CRC64 should be a decimal number below 2^64")),
    })
}

/// Base64 of the UTF-8 bytes of a text, as `COS.util.encodeBase64`; `safe` is the URL-safe form
/// without padding that image processing wants.
#[wasm_bindgen(js_name = encodeBase64)]
pub fn encode_base64(text: &str, safe: bool) -> JsValue {
    let bytes = text.as_bytes();
    if safe { digest::base64_url(bytes) } else { digest::base64(bytes) }.into()
}

/// `COS.util.xml2json`; see [`xml::parse`].
#[wasm_bindgen(js_name = xml2json)]
pub fn xml2json(document: &str) -> JsValue {
    to_js(&xml::parse(document))
}

/// `COS.util.json2xml`; see [`xml::build`].
#[wasm_bindgen(js_name = json2xml)]
pub fn json2xml(value: &JsValue) -> JsValue {
    xml::build(&from_js(value)).into()
}

thread_local! {
    /// The key that `COS.getAuthorization` derived last.
    static KEYS: RefCell<cos_core::sign::SigningKeyCache> = RefCell::default();
}

/// `COS.getAuthorization`; see [`cos_core::authorization`]: a text, or the error as an object.
#[wasm_bindgen(js_name = authorization)]
pub fn authorization(description: &str, now: f64) -> JsValue {
    text_or_error(
        KEYS.with_borrow_mut(|keys| cos_core::authorization(description, ["", ""], now, keys)),
    )
}
