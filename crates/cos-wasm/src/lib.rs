//! The wasm-bindgen surface of `cos-core`.
//!
//! Everything here is conversion: JavaScript values in, JavaScript values out. Ids are `u32`, sizes
//! and times `f64`, CRC64 a decimal string, so that no 64-bit integer crosses the boundary, which
//! the JavaScript of older phones cannot hold.

mod convert;
#[cfg(target_arch = "wasm32")]
mod memory;

use convert::{Given, to_js, to_js_with_null};
use cos_core::{Stat, Usage};
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
use js_sys::{Array, Date};
use wasm_bindgen::prelude::*;

/// Bytes of memory taken at the start, so that hashing and uploading need not grow it later: growing
/// is slow and, on some phones, unreliable.
const RESERVE: usize = 5 << 18;

/// Makes the memory as large as it will be needed. Called once, after the module is loaded. In debug
/// builds a panic prints where it happened; in the shipped module panics have no texts.
#[wasm_bindgen]
pub fn start() {
    #[cfg(debug_assertions)]
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

impl Held {
    fn client(&self) -> Option<&Engine> {
        match self {
            Held::Client(engine) => Some(engine),
            Held::Md5(_) | Held::Crc64(_) => None,
        }
    }
}

/// Does something with a client, which is told first what the others have under way. Where there is none
/// of this number the outcome is the default one: what was meant for an instance that has trapped
/// reaches nobody.
fn with<T: Default>(client: u32, act: impl FnOnce(&mut Engine) -> T) -> T {
    let Some(mut engine) = among_others(client) else { return T::default() };
    let outcome = act(&mut engine);
    put(client, Held::Client(engine));
    outcome
}

/// Takes a client from its place, and tells it what those have under way that stay.
#[inline(never)]
fn among_others(client: u32) -> Option<Box<Engine>> {
    let Some(Held::Client(mut engine)) = take(client) else { return None };
    engine.share(HELD.with_borrow(|held| {
        let others = held.iter().filter_map(|(_, held)| held.client());
        others.fold(Usage::default(), |sum, other| sum.and(other.usage()))
    }));
    Some(engine)
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

/// What JavaScript asks for or tells with [`tell`]; after each, what is given with it.
///
/// One function for all, with a number, because the script is not packed: each further function of the
/// module costs it and the module 150 bytes. Clients and digests are numbers for the same reason.
#[wasm_bindgen]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Options, seed: makes a client and gives its options as it understood them; see [`Engine::new`].
    Open,
    /// Options: see [`Engine::configure`].
    Configure,
    /// See [`Engine::poll_effect`]; `undefined` when there is nothing to do.
    Poll,
    /// Operation, parameters: see [`Engine::submit`]. Built with the feature `trap`, an operation of that
    /// name traps.
    Submit,
    /// Task: see [`Engine::pause`].
    Pause,
    /// Task, whether to abort: see [`Engine::cancel`].
    Cancel,
    /// Call: see [`Engine::cancel_call`].
    CancelCall,
    /// Task: see [`Engine::restart`].
    Restart,
    /// How many: see [`Engine::keep`].
    Keep,
    /// Keys: see [`Engine::restore`]; what runs now is what any client has.
    Restore,
    /// See [`Engine::task_list`].
    Tasks,
    /// See [`Engine::is_upload_running`].
    Uploading,
    /// Parameters: see [`Engine::object_url`]; a text, or the error as an object.
    ObjectUrl,
    /// Id, error, size, time of modification: see [`Engine::handle_stat`].
    Stat,
    /// Id, error: see [`Engine::handle_read`].
    Read,
    /// Id, record: see [`Engine::handle_record`].
    Record,
    /// Id, error, credential: see [`Engine::handle_credential`]; the error is that of the application's
    /// callback.
    Credential,
    /// Id, status, headers, body: see [`Engine::handle_response`]. Of the headers, what is no text
    /// becomes one.
    Response,
    /// Id, message: see [`Engine::handle_failure`].
    Failure,
    /// Id, bytes sent, bytes in all: see [`Engine::handle_progress`].
    Progress,
    /// Id: see [`Engine::handle_timer`].
    Timer,
    /// `hide` for [`Engine::handle_hide`], `show` for [`Engine::handle_show`], or the kind of a network
    /// for [`Engine::handle_network`].
    App,
    /// Gives the room that there is to a client that waits for it; see [`Engine::handle_room`]. Whether
    /// that changed anything.
    Room,
    /// Whether it is an MD5, or else a CRC64: begins a digest under a number that nothing has had.
    Begin,
    /// Ends a digest: the MD5 in lower-case hex and, right after it, in Base64, or the CRC64 in decimal.
    End,
    /// First, second, length of the second: the CRC64 of two byte strings after each other, from theirs;
    /// a text, or the error as an object when a sum is not a decimal number below 2^64.
    Combine,
    /// Text, whether it is to be safe: Base64 of its UTF-8 bytes, as `COS.util.encodeBase64`; the safe one
    /// is the URL-safe form without padding that image processing wants.
    Base64,
    /// Document: `COS.util.xml2json`; see [`xml::parse`].
    ParseXml,
    /// Value: `COS.util.json2xml`; see [`xml::build`].
    BuildXml,
    /// Parameters, random number: `COS.getCdnUrl`; see [`cdn::url`]: a text, or the error as an object.
    CdnUrl,
    /// Usage, time: `COS.getFreeQuota`; see [`quota::free_quota`]: a list, or the error as an object when
    /// the usage is none.
    Quota,
}

/// Tells the client or the digest of this number something, now, or asks it or the core for something.
///
/// JavaScript chooses the numbers: each is one that nothing in any instance has had.
#[wasm_bindgen(variadic)]
pub fn tell(number: u32, ask: Ask, given: Array) -> JsValue {
    let now = Date::now();
    let given = &mut Given::new(given);
    match ask {
        Ask::Open => {
            let engine = Engine::new(&given.value(), given.number() as u32, now);
            let understood = to_js(engine.options());
            put(number, Held::Client(Box::new(engine)));
            understood
        }
        Ask::Restore => {
            let live: String = HELD.with_borrow(|held| {
                held.iter().filter_map(|(_, held)| held.client()).map(Engine::unfinished).collect()
            });
            with(number, |engine| engine.restore(&given.value(), &live, now).into())
        }
        Ask::Room => {
            let waits = |(number, held): &(u32, Held)| {
                held.client().filter(|engine| engine.usage().waits).map(|_| *number)
            };
            let waiting: Vec<u32> =
                HELD.with_borrow(|held| held.iter().filter_map(waits).collect());
            waiting.into_iter().any(|client| with(client, |engine| engine.handle_room(now))).into()
        }
        Ask::Begin => {
            let md5 = given.flag();
            put(number, if md5 { Held::Md5(Md5::new()) } else { Held::Crc64(Crc64::new()) });
            JsValue::UNDEFINED
        }
        Ask::End => match take(number) {
            Some(Held::Md5(md5)) => {
                let sum = md5.finish();
                (digest::hex(&sum) + &digest::base64(&sum)).into()
            }
            Some(Held::Crc64(crc64)) => digest::crc64_text(crc64.value()).into(),
            _ => JsValue::UNDEFINED,
        },
        Ask::Combine => {
            let mut sum = || digest::parse_crc64(&given.text());
            text_or_error(match (sum(), sum()) {
                (Some(first), Some(second)) => Ok(digest::crc64_text(digest::crc64_combine(
                    first,
                    second,
                    given.number() as u64,
                ))),
                _ => Err(Error::usage("a CRC64 should be a decimal number below 2^64")),
            })
        }
        Ask::Base64 => {
            let text = given.text();
            let encode = if given.flag() { digest::base64_url } else { digest::base64 };
            encode(text.as_bytes()).into()
        }
        Ask::ParseXml => to_js(&xml::parse(&given.text())),
        Ask::BuildXml => xml::build(&given.value()).into(),
        Ask::CdnUrl => text_or_error(cdn::url(&given.value(), given.number() as u32, now)),
        Ask::Quota => match given.value() {
            usage @ Value::Map(_) => to_js_with_null(&quota::free_quota(&usage, given.number())),
            _ => text_or_error(Err(Error::usage("the usage should be an object"))),
        },
        _ => with(number, |engine| tell_client(engine, ask, given, now)),
    }
}

fn tell_client(engine: &mut Engine, ask: Ask, given: &mut Given, now: f64) -> JsValue {
    match ask {
        Ask::Configure => engine.configure(&given.value()),
        Ask::Poll => {
            if let Some(effect) = engine.poll_effect() {
                return to_js(&effect.to_value());
            }
        }
        Ask::Submit => {
            let name = given.text();
            #[cfg(feature = "trap")]
            assert_ne!(name, "trap", "this operation traps");
            return engine.submit(&name, given.value(), now).into();
        }
        Ask::Pause => return engine.pause(&given.text(), now).into(),
        Ask::Cancel => return engine.cancel(&given.text(), given.flag(), now).into(),
        Ask::CancelCall => return engine.cancel_call(given.id(), now).into(),
        Ask::Restart => return engine.restart(&given.text(), now).into(),
        Ask::Keep => return engine.keep(given.id() as usize, now).into(),
        Ask::Tasks => return to_js(&engine.task_list()),
        Ask::Uploading => return engine.is_upload_running().into(),
        Ask::ObjectUrl => return text_or_error(engine.object_url(given.value(), now)),
        Ask::Stat => {
            let (id, error) = (given.id(), given.error());
            let stat = Stat { size: given.number(), modified: given.number() };
            engine.handle_stat(id, error.map(|()| stat), now);
        }
        Ask::Read => engine.handle_read(given.id(), given.error(), now),
        Ask::Record => engine.handle_record(given.id(), given.value(), now),
        Ask::Credential => {
            let (id, error) = (given.id(), given.error());
            engine.handle_credential(id, error.map(|()| given.value()), now);
        }
        Ask::Response => {
            let (id, status) = (given.id(), given.number() as u16);
            let headers = given.value();
            let headers = headers.members().iter();
            let headers = headers.map(|(name, value)| (name.clone(), value.to_text())).collect();
            engine.handle_response(id, status, headers, given.value(), now);
        }
        Ask::Failure => engine.handle_failure(given.id(), &given.text(), now),
        Ask::Progress => engine.handle_progress(given.id(), given.number(), given.number(), now),
        Ask::Timer => engine.handle_timer(given.id(), now),
        Ask::App => match given.text().as_str() {
            "hide" => engine.handle_hide(now),
            "show" => engine.handle_show(now),
            kind => engine.handle_network(kind, now),
        },
        // Those that need no client.
        _ => {}
    }
    JsValue::UNDEFINED
}

/// The next bytes, at most 256 KiB: of the digest of this number, or of what the client of this number
/// reads under an id; see [`Engine::handle_window`].
#[wasm_bindgen]
pub fn feed(number: u32, id: u32, window: &[u8]) {
    let Some(mut held) = take(number) else { return };
    match &mut held {
        Held::Client(engine) => engine.handle_window(id, window),
        Held::Md5(md5) => md5.update(window),
        Held::Crc64(crc64) => crc64.update(window),
    }
    put(number, held);
}

/// Signs what a text describes: with the key of a client, see [`Engine::authorization`], or, where the
/// number is 0, as `COS.getAuthorization`, see [`cos_core::authorization`]. A text, or the error as an
/// object. Apart from [`tell`], since it should be fast.
#[wasm_bindgen]
pub fn authorization(client: u32, description: &str) -> JsValue {
    let now = Date::now();
    if client == 0 {
        return text_or_error(
            KEYS.with_borrow_mut(|keys| cos_core::authorization(description, ["", ""], now, keys)),
        );
    }
    with(client, |engine| text_or_error(engine.authorization(description, now)))
}
