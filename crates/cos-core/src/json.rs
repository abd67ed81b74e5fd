//! JSON to [`Value`] and back: how values cross the boundary to JavaScript.
//!
//! JavaScript engines read and write JSON in native code. One text each way is several times faster
//! than walking objects member by member where there is no JIT, and smaller than any library.

use crate::value::{Value, number_text};

/// Values nested deeper than this are refused.
const MAX_DEPTH: usize = 100;

/// Reads a JSON text; `None` when it is malformed or nested too deep.
///
/// A repeated member stays repeated: `JSON.stringify` writes none. Halves of surrogate pairs, which
/// no text can hold, become U+FFFD.
pub fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text.as_bytes() };
    let value = reader.value(MAX_DEPTH)?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

/// Works on bytes, which where there is no JIT is several times faster than on characters: all that
/// JSON gives a meaning to is ASCII.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Goes past `expected` if it comes next, after space or not.
    fn eat(&mut self, expected: u8) -> bool {
        self.skip_space();
        match self.rest {
            [first, rest @ ..] if *first == expected => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// The bytes up to the first one that `ends`; goes past them.
    fn take_until(&mut self, ends: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().position(|byte| ends(*byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        taken
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        match self.rest.first()? {
            b'"' => self.string().map(Value::String),
            b'{' => self.map(depth.checked_sub(1)?),
            b'[' => self.list(depth.checked_sub(1)?),
            b'a'..=b'z' => match self.take_until(|byte| !byte.is_ascii_lowercase()) {
                b"null" => Some(Value::Null),
                b"true" => Some(Value::Bool(true)),
                b"false" => Some(Value::Bool(false)),
                _ => None,
            },
            _ => self.number(),
        }
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        self.eat(b'{');
        let mut members = Vec::with_capacity(8);
        while !self.eat(b'}') {
            if !members.is_empty() && !self.eat(b',') {
                return None;
            }
            self.skip_space();
            let name = self.string()?;
            if !self.eat(b':') {
                return None;
            }
            members.push((name, self.value(depth)?));
        }
        Some(Value::Map(members))
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        self.eat(b'[');
        let mut items = Vec::new();
        while !self.eat(b']') {
            if !items.is_empty() && !self.eat(b',') {
                return None;
            }
            items.push(self.value(depth)?);
        }
        Some(Value::List(items))
    }

    /// Digits with a sign and a fraction, and an exponent for the very large and small.
    fn number(&mut self) -> Option<Value> {
        let taken = self.take_until(|byte| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n'));
        let text = std::str::from_utf8(taken).ok()?;
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => {
                (digits, exponent.trim_start_matches('+').parse::<i16>().ok()?)
            }
            None => (text, 0),
        };
        let number = Value::from(digits).as_number()?;
        Some(Value::Number(number * 10f64.powi(i32::from(exponent))))
    }

    fn string(&mut self) -> Option<String> {
        if !self.eat(b'"') {
            return None;
        }
        let ends = |byte| matches!(byte, b'"' | b'\\');
        let mut text = self.take_until(ends).to_vec();
        loop {
            let (escape, rest) = match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return String::from_utf8(text).ok();
                }
                [_, escape, rest @ ..] => (escape, rest),
                _ => return None,
            };
            self.rest = rest;
            let character = match escape {
                b'"' | b'\\' | b'/' => char::from(*escape),
                b'b' => '\u{8}',
                b'f' => '\u{C}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.escaped_character()?,
                _ => return None,
            };
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            text.extend_from_slice(self.take_until(ends));
        }
    }

    /// What follows `\u`, with the other half of a surrogate pair if there is one.
    fn escaped_character(&mut self) -> Option<char> {
        let unit = self.code_unit()?;
        let before = self.rest;
        if (0xD800..0xDC00).contains(&unit)
            && let [b'\\', b'u', rest @ ..] = self.rest
        {
            self.rest = rest;
            let low = self.code_unit()?;
            if (0xDC00..0xE000).contains(&low) {
                return char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
            }
            self.rest = before;
        }
        Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn code_unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
    }
}

/// Writes a value as JSON. Members that are null are left out, so that JavaScript finds them
/// `undefined`; numbers that JSON has no spelling for become null.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) if number.is_finite() => out.push_str(&number_text(*number)),
        Value::Number(_) => out.push_str("null"),
        Value::String(text) => write_string(out, text),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Map(members) => {
            let mut separator = '{';
            for (name, member) in members.iter().filter(|(_, member)| !member.is_null()) {
                out.push(separator);
                write_string(out, name);
                out.push(':');
                write_value(out, member);
                separator = ',';
            }
            out.push_str(if separator == '{' { "{}" } else { "}" });
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    let special = |byte: u8| matches!(byte, b'"' | b'\\' | 0..=0x1F);
    while let Some((run, tail)) =
        rest.bytes().position(special).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(run);
        let mut characters = tail.chars();
        if let Some(character) = characters.next() {
            out.push('\\');
            if matches!(character, '"' | '\\') {
                out.push(character);
            } else {
                out.push_str("u00");
                out.push_str(&crate::digest::hex(&[character as u8]));
            }
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_javascript_writes() {
        let text = r#" { "a" : [ 1 , -2.5 , 1e21 , true , null ] , "b":{},"c":[], "d":"\"\\\/\b\f\n\r\t\u4e2d\ud83d\ude00" } "#;
        let numbers = [1.0, -2.5, 1e21].map(Value::Number);
        let list = numbers.into_iter().chain([true.into(), Value::Null]).collect();
        let expected = Value::map()
            .with("a", Value::List(list))
            .with("b", Value::map())
            .with("c", Value::List(Vec::new()))
            .with("d", "\"\\/\u{8}\u{C}\n\r\t中😀");
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn halves_of_surrogate_pairs_are_replaced() {
        for text in [r#""\ud83d""#, r#""\ude00""#] {
            assert_eq!(parse(text), Some(Value::from("\u{FFFD}")), "{text}");
        }
        assert_eq!(parse(r#""\ud83d\ud83d\ude00""#), Some(Value::from("\u{FFFD}😀")));
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in [
            "",
            "{",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "nul",
            "1 2",
            "-",
            "1e",
            "[1 2]",
            "{\"a\":1,}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(parse(&["[".repeat(100), "]".repeat(100)].concat()).is_some());
        assert_eq!(parse(&"[".repeat(1_000_000)), None);
    }

    #[test]
    fn writes_what_javascript_reads() {
        let value = Value::map()
            .with("gone", Value::Null)
            .with("list", Value::List(vec![Value::Null, f64::NAN.into(), 0.5.into()]))
            .with("text", "\"\\\n中")
            .with("none", Value::map().with("gone", Value::Null));
        assert_eq!(write(&value), r#"{"list":[null,null,0.5],"text":"\"\\\u000a中","none":{}}"#);
    }
}
