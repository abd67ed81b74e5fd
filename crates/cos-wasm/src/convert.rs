//! JavaScript values to [`Value`]s and back: the only user of serde-wasm-bindgen.
//!
//! One dynamic type crosses the boundary, so its conversion is paid for once in the module's size,
//! whatever the number of operations and effects. Only the way out uses serde: the way in through
//! serde would import functions with 64-bit integers for BigInt, which older phones cannot link.

use cos_core::value::Value;
use js_sys::{Array, Object};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use wasm_bindgen::{JsCast, JsValue};

/// Nesting beyond which a value is cut off, so that a cycle ends.
const DEPTH: u32 = 32;

/// What JavaScript gives with an input, one after the other. It is read as what it should be: nothing
/// else of a caller's is looked at.
pub(crate) struct Given {
    given: Array,
    at: u32,
}

impl Given {
    pub(crate) fn new(given: Array) -> Given {
        Given { given, at: 0 }
    }

    /// `undefined` when there is no more.
    #[inline(never)]
    fn next(&mut self) -> JsValue {
        self.at += 1;
        self.given.get_unchecked(self.at - 1)
    }

    /// Plain data: objects, arrays, strings, numbers, booleans and `null`; members that are `undefined`
    /// are left out. Anything else is null.
    pub(crate) fn value(&mut self) -> Value {
        read(&self.next(), DEPTH)
    }

    /// A text; empty for what is none, which the types do not keep out.
    pub(crate) fn text(&mut self) -> String {
        self.next().as_string().unwrap_or_default()
    }

    pub(crate) fn number(&mut self) -> f64 {
        self.next().as_f64().unwrap_or(f64::NAN)
    }

    pub(crate) fn id(&mut self) -> u32 {
        self.number() as u32
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.next().as_bool().unwrap_or_default()
    }

    /// What JavaScript says of what failed, or `Ok`.
    pub(crate) fn error(&mut self) -> Result<(), String> {
        let error = self.next();
        if error.is_undefined() { Ok(()) } else { Err(error.as_string().unwrap_or_default()) }
    }
}

fn read(value: &JsValue, depth: u32) -> Value {
    if let Some(text) = value.as_string() {
        return Value::String(text);
    }
    if let Some(number) = value.as_f64() {
        return Value::Number(number);
    }
    if let Some(flag) = value.as_bool() {
        return Value::Bool(flag);
    }
    if depth == 0 || !value.is_object() {
        return Value::Null;
    }
    if let Some(list) = value.dyn_ref::<Array>() {
        return Value::List(list.iter().map(|item| read(&item, depth - 1)).collect());
    }
    Object::entries(value.unchecked_ref::<Object>())
        .iter()
        .map(|entry| entry.unchecked_into::<Array>())
        .filter(|entry| !entry.get_unchecked(1).is_undefined())
        .map(|entry| {
            (
                entry.get_unchecked(0).as_string().unwrap_or_default(),
                read(&entry.get_unchecked(1), depth - 1),
            )
        })
        .collect()
}

/// Makes a JavaScript value: maps become plain objects, null becomes `undefined`.
pub(crate) fn to_js(value: &Value) -> JsValue {
    write(value, false)
}

/// [`to_js`], where null stays null.
pub(crate) fn to_js_with_null(value: &Value) -> JsValue {
    write(value, true)
}

fn write(value: &Value, null: bool) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(null);
    // Nothing in a `Value` can fail to serialize.
    Wire(value).serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

/// A [`Value`] on its way out.
struct Wire<'a>(&'a Value);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::String(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Wire(item))?;
                }
                list.end()
            }
            Value::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, member) in members {
                    map.serialize_entry(name, &Wire(member))?;
                }
                map.end()
            }
        }
    }
}
