//! JSON and the core's values: what is stored, answered and printed is JSON, what the core takes and
//! gives is [`Value`].

use cos_core::value::Value;

/// A JSON document as a value, members in the order of their names. `None` when the text is not JSON.
pub fn parse(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok().map(from_json)
}

/// A JSON value as the core's. Numbers beyond the precision of a double are rounded.
pub fn from_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => number.as_f64().map_or(Value::Null, Value::Number),
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(members) => {
            members.into_iter().map(|(name, value)| (name, from_json(value))).collect()
        }
    }
}

/// A value of the core as JSON. Whole numbers are written without a fraction; those that JSON does
/// not have become null.
pub fn to_json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    /// Up to here every whole number has a double of its own.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) if number.fract() == 0.0 && number.abs() <= WHOLE => {
            Json::from(*number as i64)
        }
        Value::Number(number) => Json::from(*number),
        Value::String(text) => Json::from(text.as_str()),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(members) => {
            members.iter().map(|(name, value)| (name.clone(), to_json(value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        let value = Value::map()
            .with("number", 1_700_000_000_000.0)
            .with("share", 0.25)
            .with("text", "a\n\"b\" 汉")
            .with("list", vec![Value::Bool(true), Value::Null]);
        let text = to_json(&value).to_string();
        assert!(text.contains("\"number\":1700000000000,"), "{text}");
        let back = parse(text.as_bytes()).unwrap();
        for (name, member) in value.members() {
            assert_eq!(back.get(name), member, "{name}");
        }
        assert_eq!(to_json(&Value::Number(f64::NAN)), serde_json::Value::Null);
        assert_eq!(parse(b"{"), None);
    }
}
