//! [`Value`]: the one dynamic type that crosses the boundary to JavaScript and XML.
//!
//! Parameters, results, credentials and resume records are all values. One type keeps the boundary
//! small: its price is paid once, not once per message.

use cos_sign::description::parse_number;
use cos_sign::digest::decimal;

use crate::text::split;

/// A JavaScript-like value. Maps keep insertion order, as JavaScript objects do.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null` and `undefined`.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number. Sizes in bytes and times in milliseconds are numbers, never 64-bit integers.
    Number(f64),
    /// A string.
    String(String),
    /// An array.
    List(Vec<Value>),
    /// A plain object, in insertion order.
    Map(Vec<(String, Value)>),
}

/// What [`Value::get`] answers for an absent member.
static NULL: Value = Value::Null;

impl Value {
    /// An empty map.
    pub fn map() -> Value {
        Value::Map(Vec::new())
    }

    /// The member `name` of a map; [`Value::Null`] when absent or when this is not a map.
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Value::Map(members) => {
                members.iter().find(|(key, _)| key == name).map_or(&NULL, |(_, value)| value)
            }
            _ => &NULL,
        }
    }

    /// What names with dots between them lead to, from map to map.
    pub fn at(&self, path: &str) -> &Value {
        split(path, b'.').fold(self, Value::get)
    }

    /// Sets the member `name`, replacing an earlier one in place. Turns a non-map into a map.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.put(name, value.into());
    }

    fn put(&mut self, name: &str, value: Value) {
        if !matches!(self, Value::Map(_)) {
            *self = Value::map();
        }
        if let Value::Map(members) = self {
            match members.iter_mut().find(|(key, _)| key == name) {
                Some((_, old)) => *old = value,
                None => members.push((name.to_owned(), value)),
            }
        }
    }

    /// The same map with `name` set; for building values in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Value {
        self.set(name, value);
        self
    }

    /// Removes and returns the member `name`.
    pub fn take(&mut self, name: &str) -> Value {
        match self {
            Value::Map(members) => match members.iter().position(|(key, _)| key == name) {
                Some(at) => members.remove(at).1,
                None => Value::Null,
            },
            _ => Value::Null,
        }
    }

    /// The member `name` of a map, to be changed.
    pub fn member_mut(&mut self, name: &str) -> Option<&mut Value> {
        match self {
            Value::Map(members) => {
                members.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// A copy of a map; an empty map for any other value.
    #[must_use]
    pub fn to_map(&self) -> Value {
        Value::Map(self.members().to_vec())
    }

    /// The items of a list; any other value is the only item of one.
    pub fn into_list(self) -> Vec<Value> {
        match self {
            Value::List(items) => items,
            one => vec![one],
        }
    }

    /// What may be there never, once or more often, as a list: [`into_list`](Self::into_list), or
    /// nothing where JavaScript sees nothing.
    pub fn into_items(self) -> Vec<Value> {
        if self.is_truthy() { self.into_list() } else { Vec::new() }
    }

    /// This value, or the other one where JavaScript sees nothing: its `||`.
    #[must_use]
    pub fn or(self, other: Value) -> Value {
        if self.is_truthy() { self } else { other }
    }

    /// The members of a map, in order; nothing for any other value.
    pub fn members(&self) -> &[(String, Value)] {
        match self {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; nothing for any other value.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// Whether this is `null` or `undefined`.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The string, when this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when this is one or a string that spells one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::String(text) => parse_number(text),
            _ => None,
        }
    }

    /// JavaScript's notion of truth: everything but `null`, `false`, `0`, `NaN` and `""`.
    pub fn is_truthy(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(flag) => *flag,
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::String(text) => !text.is_empty(),
            Value::List(_) | Value::Map(_) => true,
        }
    }

    /// The text JavaScript makes of this value with `'' + value`, except that `null` gives `""`,
    /// which is what every use in headers, queries and XML wants.
    pub fn to_text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Bool(flag) => (if *flag { "true" } else { "false" }).to_owned(),
            Value::Number(number) => number_text(*number),
            Value::String(text) => text.clone(),
            Value::List(items) => {
                let mut text = String::new();
                for (at, item) in items.iter().enumerate() {
                    text += if at == 0 { "" } else { "," };
                    text += &item.to_text();
                }
                text
            }
            Value::Map(_) => "[object Object]".to_owned(),
        }
    }
}

/// A number as JavaScript prints it, for integers below 2^53 and fractions of up to six digits,
/// which covers sizes, times and shares. The standard library's printing of floats would cost the
/// module twenty kilobytes.
pub fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    let magnitude = number.abs().min(9_007_199_254_740_991.0);
    let mut whole = magnitude.floor();
    let mut millionths = ((magnitude - whole) * 1e6).round();
    if millionths >= 1e6 {
        whole += 1.0;
        millionths = 0.0;
    }
    let mut text = String::new();
    if number < 0.0 && (whole > 0.0 || millionths > 0.0) {
        text.push('-');
    }
    text.push_str(&decimal(whole as u64));
    if millionths > 0.0 {
        let digits = decimal(1_000_000 + millionths as u64);
        text.push('.');
        text.push_str(digits.get(1..).unwrap_or_default().trim_end_matches('0'));
    }
    text
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Number(f64::from(number))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Bool(flag)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::List(items)
    }
}

impl FromIterator<(String, Value)> for Value {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Value {
        Value::Map(members.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_and_print_as_in_javascript() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-7.0, "-7"),
            (1.5, "1.5"),
            (0.25, "0.25"),
            (-0.5, "-0.5"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (1_700_000_000_000.0, "1700000000000"),
        ] {
            assert_eq!(number_text(number), text);
            assert_eq!(Value::from(text).as_number(), Some(number), "{text}");
        }
        for wrong in ["", " ", "a", "1a", "1.", ".5", "--1", "1.2.3", "Infinity"] {
            assert_eq!(Value::from(wrong).as_number(), None, "{wrong}");
        }
    }

    #[test]
    fn members_keep_their_order_and_are_replaced_in_place() {
        let mut value = Value::map().with("b", 1.0).with("a", 2.0).with("b", 3.0);
        assert_eq!(value.members().len(), 2);
        assert_eq!(value.take("b"), Value::Number(3.0));
        assert_eq!(value.get("b"), &Value::Null);
    }
}
