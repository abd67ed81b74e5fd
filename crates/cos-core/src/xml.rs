//! XML to [`Value`] and back, in the shapes that users of COS's JavaScript clients know.
//!
//! An element without child elements is its text; one with child elements is a map of them, and
//! text between them is dropped; elements that repeat become a list where the first one stood.
//! Attributes and the declaration are ignored; other processing instructions become members named
//! `?target`. Text keeps its spaces and line ends.

use crate::digest::decimal;
use crate::text::{cut, split, split_once};
use crate::value::Value;

/// Elements nested deeper than this are refused. COS nests fewer than ten.
const MAX_DEPTH: usize = 200;

/// More differently named children than this in one element are refused, which keeps parsing
/// linear. COS has fewer than forty.
const MAX_NAMES: usize = 512;

/// What markup escapes, each character before what follows the `&`: its name, or its number in the two
/// spellings that the JavaScript clients know.
const ENTITIES: &str = "&amp; >gt; <lt; 'apos; \"quot; &#38; &#x26; >#62; >#x3E; <#60; <#x3C; \
    '#39; '#x27; \"#34; \"#x22;";

/// An element whose end has not been reached.
#[derive(Default)]
struct Open {
    name: String,
    members: Vec<(String, Value)>,
    text: String,
}

impl Open {
    fn new(name: &str) -> Open {
        // A member of this name would change what a JavaScript object is.
        let name = if name == "__proto__" { "#__proto__" } else { name };
        Open { name: name.to_owned(), ..Open::default() }
    }

    /// Adds a child that has ended; a second one of the same name turns the member into a list.
    /// `None` when the element has too many members.
    fn add(&mut self, child: Open) -> Option<()> {
        let value = if child.members.is_empty() {
            Value::String(child.text)
        } else {
            Value::Map(child.members)
        };
        let names = self.members.len();
        match self.members.iter_mut().find(|(known, _)| *known == child.name) {
            Some((_, Value::List(items))) => items.push(value),
            Some((_, member)) => *member = Value::List(vec![std::mem::take(member), value]),
            None if names < MAX_NAMES => self.members.push((child.name, value)),
            None => return None,
        }
        Some(())
    }
}

/// Reads a document into a map of its elements.
///
/// Lenient as the JavaScript clients are: an end tag closes whatever is open, and elements left
/// open end where the document ends. [`Value::Null`] when markup is broken off, when elements
/// follow an end tag too many or nest too deep, and for a document type that declares anything.
pub fn parse(document: &str) -> Value {
    read(document).unwrap_or_default()
}

/// How many characters a text has: its bytes without those that continue one. `Chars::count` is made for
/// long texts, and weighs 0.3 kB.
fn characters(text: &str) -> usize {
    text.bytes().filter(|byte| byte & 0xC0 != 0x80).count()
}

/// [`parse`], with `None` for what cannot be read.
fn read(document: &str) -> Option<Value> {
    let mut open = vec![Open::default()]; // the document, then the elements down to the current
    let mut ended = false; // by more end tags than start tags: no element can follow
    let mut pending = String::new();
    let mut rest = document;
    while let Some((text, markup)) = cut(rest, b'<') {
        pending.push_str(text);
        rest = if let Some(tag) = markup.strip_prefix('/') {
            flush(&mut open, &mut pending);
            let element = open.pop()?;
            match open.last_mut() {
                Some(parent) => parent.add(element)?,
                None => {
                    ended = true;
                    open.push(element);
                }
            }
            cut(tag, b'>')?.1
        } else if markup.starts_with('?') {
            let (tag, after) = split_tag(markup, "?>")?;
            let (name, _) = split_name(tag);
            if ended && !pending.is_empty() {
                return None;
            }
            flush(&mut open, &mut pending);
            if name != "?xml" {
                add_empty(&mut open, ended, name)?;
            }
            after
        } else if let Some(comment) = markup.strip_prefix("!--") {
            split_once(comment, "-->")?.1
        } else if markup.starts_with("!D") {
            let (declaration, after) = cut(markup.strip_prefix("!DOCTYPE")?, b'>')?;
            if declaration.bytes().any(|byte| matches!(byte, b'[' | b'<')) {
                return None;
            }
            after
        } else if markup.starts_with("![") {
            let (data, after) = split_once(markup, "]]>")?;
            if ended {
                return None;
            }
            flush(&mut open, &mut pending);
            // Upstream takes for granted that these are eight characters, whatever they are.
            let (opening, length) = ("![CDATA[".len(), characters(data));
            let (from, to) = (opening.min(length), opening.max(length));
            let text = &mut open.last_mut()?.text;
            text.extend(markup.chars().skip(from).take(to - from));
            after
        } else {
            let (tag, after) = split_tag(markup, ">")?;
            let (name, attributes) = split_name(tag);
            flush(&mut open, &mut pending);
            if attributes.ends_with('/') {
                add_empty(&mut open, ended, name.strip_suffix('/').unwrap_or(name))?;
            } else if ended || open.len() > MAX_DEPTH {
                return None;
            } else {
                open.push(Open::new(name));
            }
            after
        };
    }
    while let Some(element) = open.pop() {
        match open.last_mut() {
            Some(parent) => parent.add(element)?,
            None => return Some(Value::Map(element.members)),
        }
    }
    None
}

/// Adds an element without content to the current one.
fn add_empty(open: &mut [Open], ended: bool, name: &str) -> Option<()> {
    if ended { None } else { open.last_mut()?.add(Open::new(name)) }
}

/// Moves the text read so far into the current element, its entities replaced.
fn flush(open: &mut [Open], pending: &mut String) {
    if let Some(element) = open.last_mut() {
        let mut rest = pending.as_str();
        while let Some((text, escaped)) = cut(rest, b'&') {
            element.text.push_str(text);
            let entity = split(ENTITIES, b' ')
                .filter_map(|entity| entity.split_at_checked(1))
                .find(|(_, spelling)| escaped.starts_with(spelling));
            let (character, spelling) = entity.unwrap_or(("&", ""));
            element.text.push_str(character);
            rest = escaped.get(spelling.len()..).unwrap_or_default();
        }
        element.text.push_str(rest);
    }
    pending.clear();
}

/// Splits a tag from what follows its `end`, which does not count between quotes.
fn split_tag<'a>(markup: &'a str, end: &str) -> Option<(&'a str, &'a str)> {
    let mut quote = None;
    for (at, byte) in markup.bytes().enumerate() {
        if quote.is_some() {
            if quote == Some(byte) {
                quote = None;
            }
        } else if matches!(byte, b'"' | b'\'') {
            quote = Some(byte);
        } else if end.as_bytes().first() == Some(&byte)
            && let Some((tag, ended)) = markup.split_at_checked(at)
            && let Some(after) = ended.strip_prefix(end)
        {
            return Some((tag, after));
        }
    }
    None
}

/// Splits a tag into its name and its attributes; without attributes, both are the name.
fn split_name(tag: &str) -> (&str, &str) {
    // What JavaScript's `\s` matches.
    let is_space = |c: char| c == '\u{FEFF}' || (c.is_whitespace() && c != '\u{85}');
    tag.split_once(is_space).unwrap_or((tag, tag))
}

/// Writes a map as elements, in its order: a list repeats its element, `null` gives `<name/>`, a
/// member named `#text` is text among the elements.
pub fn build(value: &Value) -> String {
    let mut out = String::new();
    write_members(&mut out, value);
    out
}

fn write_members(out: &mut String, value: &Value) {
    for (name, member) in value.members() {
        match member {
            Value::List(items) => {
                let (nulls, others): (Vec<_>, Vec<_>) =
                    items.iter().partition(|item| item.is_null());
                for item in nulls.into_iter().chain(others) {
                    write_element(out, name, item);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) => {
                if name == "#text" && !matches!(member, Value::Null | Value::Map(_)) {
                    push_escaped(out, &member.to_text());
                } else {
                    write_element(out, name, member);
                }
            }
        }
    }
}

fn write_element(out: &mut String, name: &str, value: &Value) {
    out.push('<');
    out.push_str(name);
    if name.starts_with('?') {
        out.push_str("?>");
        write_members(out, value);
        return;
    }
    if value.is_null() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    match value {
        Value::Map(_) => write_members(out, value),
        // A list in a list is an object to upstream.
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                let member = (decimal(at as u64), item.clone());
                write_members(out, &Value::Map(vec![member]));
            }
        }
        _ => push_escaped(out, &value.to_text()),
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Appends text with what markup is made of escaped.
fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        let entity = match character {
            '&' => "&amp;",
            '>' => "&gt;",
            '<' => "&lt;",
            '\'' => "&apos;",
            '"' => "&quot;",
            _ => {
                out.push(character);
                continue;
            }
        };
        out.push_str(entity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| Value::from(*item)).collect())
    }

    #[test]
    fn elements_become_text_maps_and_lists() {
        let document = "<?xml version='1.0'?>\n<R a=\"1\">\n <K> v </K><L>1</L><E/><L>2</L></R>";
        let expected = Value::map().with("K", " v ").with("L", list(&["1", "2"])).with("E", "");
        assert_eq!(parse(document), Value::map().with("R", expected));
    }

    #[test]
    fn text_is_unescaped_once() {
        let document = "<a>&lt;&amp;lt;&#39;&#10;<![CDATA[<&amp;>]]><!-- > -->&</a>";
        assert_eq!(parse(document), Value::map().with("a", "<&lt;'&#10;<&amp;>&"));
    }

    #[test]
    fn quotes_hide_the_end_of_a_tag() {
        assert_eq!(parse("<a b='>' c=\"/>\">t</a>"), Value::map().with("a", "t"));
    }

    #[test]
    fn documents_cut_short() {
        let document = "<a><b>1</b><c>2</c></a>";
        assert_eq!(parse(""), Value::map());
        assert_eq!(parse(&document[..2]), Value::Null);
        let unended = Value::map().with("a", Value::map().with("b", "1").with("c", ""));
        assert_eq!(parse(&document[..15]), unended);
        assert_eq!(parse("</a><b/>"), Value::Null);
        assert_eq!(parse("<a></a>\n</a>\n"), Value::map().with("a", ""));
    }

    #[test]
    fn what_could_take_over_the_reader_is_refused() {
        let nested = |depth| "<a>".repeat(depth);
        assert!(!parse(&nested(MAX_DEPTH)).is_null());
        assert!(parse(&nested(MAX_DEPTH + 1)).is_null());
        let names = |count| (0..count).map(|n| format!("<a{n}/>")).collect::<String>();
        assert!(!parse(&names(MAX_NAMES)).is_null());
        assert!(parse(&names(MAX_NAMES + 1)).is_null());
        assert!(parse("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").is_null());
        assert_eq!(parse("<!DOCTYPE html><html/>"), Value::map().with("html", ""));
        assert_eq!(parse("<__proto__/>"), Value::map().with("#__proto__", ""));
    }

    #[test]
    fn values_become_elements() {
        let value = Value::map()
            .with("T", "<&'\">")
            .with("N", 5.0)
            .with("E", Value::map())
            .with("Z", Value::Null)
            .with("L", list(&["1", ""]))
            .with("M", Value::map().with("#text", "t"));
        assert_eq!(
            build(&Value::map().with("R", value)),
            "<R><T>&lt;&amp;&apos;&quot;&gt;</T><N>5</N><E></E><Z/><L>1</L><L></L><M>t</M></R>"
        );
    }
}
