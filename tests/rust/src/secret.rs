//! Looks for secrets where none may be.

use cos_core::effect::{Body, Effect};
use cos_core::error::Error;
use cos_core::value::Value;

/// How every secret of these tests begins: keys, tokens, and customers' keys.
const MARKS: [&str; 2] = ["secret of ", "token of "];

/// Headers that are there to carry a secret.
const CARRIERS: [&str; 3] = [
    "x-cos-security-token",
    "x-cos-server-side-encryption-customer-key",
    "x-cos-copy-source-server-side-encryption-customer-key",
];

fn is_secret(text: &str) -> bool {
    // Most texts are short, and few have this word in them.
    text.contains(" of ") && MARKS.iter().any(|mark| text.contains(mark))
}

fn carries(name: &str) -> bool {
    CARRIERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn in_value(value: &Value) -> bool {
    match value {
        Value::String(text) => is_secret(text),
        Value::List(items) => items.iter().any(in_value),
        Value::Map(members) => {
            members.iter().any(|(name, member)| is_secret(name) || in_value(member))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// In the description of a request that the application is to sign: it signs all headers.
fn in_question(request: &Value) -> bool {
    request.members().iter().any(|(name, member)| match name.as_str() {
        "Headers" => member.members().iter().any(|(name, value)| !carries(name) && in_value(value)),
        _ => in_value(member),
    })
}

fn in_pairs(pairs: &[(String, String)]) -> bool {
    pairs.iter().any(|(name, value)| is_secret(value) && !carries(name))
}

fn in_error(error: &Error) -> bool {
    let answer = &error.answer;
    let texts = [&error.code, &error.message, &answer.url, &answer.action, &answer.error_status];
    texts.into_iter().any(|text| is_secret(text))
        || error.upload_id.as_deref().is_some_and(is_secret)
        || in_value(&error.detail)
        || in_pairs(&answer.headers)
        || is_secret(&error.hint())
}

/// Whether an effect says what nobody may know: a key outside a signature, a token or a customer's
/// key outside the header that it belongs into.
pub fn is_told(effect: &Effect) -> bool {
    match effect {
        Effect::Send { request, .. } => {
            is_secret(&request.url)
                || in_pairs(&request.headers)
                || in_pairs(&request.query)
                || match &request.body {
                    Body::Text(text) => is_secret(text),
                    Body::Form { fields, .. } => in_pairs(fields),
                    Body::None | Body::Caller | Body::Read(_) => false,
                }
        }
        Effect::Settle { outcome: Ok(data), .. } => in_value(data),
        Effect::Settle { outcome: Err(error), .. } => in_error(error),
        Effect::Save { key, record } => is_secret(key) || in_value(record),
        Effect::Authorize { request, .. } => in_question(request),
        Effect::TaskStart { info, .. } => in_value(info),
        Effect::Report { fields } => in_value(fields),
        Effect::Warn { message } => is_secret(message),
        _ => false,
    }
}
