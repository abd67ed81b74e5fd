//! Searching texts for texts. The standard library's search is fast in texts of any length and
//! weighs several kilobytes in the module; what is searched here has a few hundred bytes.

pub use cos_sign::description::Fields;

/// The parts of a text between separators, which are ASCII; an empty text is one empty part.
pub fn split(text: &str, separator: u8) -> Fields<'_> {
    Fields { separator, rest: Some(text) }
}

/// What stands before and after the first `separator`, which is ASCII.
pub fn cut(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// What stands before and after the last `separator`, which is ASCII.
pub fn cut_last(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Where `wanted`, which is not empty, begins in `text`.
fn position(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|window| window == wanted.as_bytes())
}

/// Whether `wanted` occurs in `text`.
pub fn contains(text: &str, wanted: &str) -> bool {
    position(text, wanted).is_some()
}

/// What stands before and after the first `wanted`.
pub fn split_once<'a>(text: &'a str, wanted: &str) -> Option<(&'a str, &'a str)> {
    let (before, rest) = text.split_at_checked(position(text, wanted)?)?;
    Some((before, rest.strip_prefix(wanted)?))
}

/// `text` with every `wanted` replaced by `by`; the case of ASCII letters does not matter.
pub fn replace(text: &str, wanted: &str, by: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match rest.split_at_checked(wanted.len()) {
            Some((found, after)) if found.eq_ignore_ascii_case(wanted) => {
                out.push_str(by);
                rest = after;
            }
            _ => {
                out.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_whole() {
        assert!(contains("a中b", "中"));
        assert!(!contains("ab", "abc"));
        assert_eq!(split_once("k: v: w", ": "), Some(("k", "v: w")));
        assert_eq!(split_once("中", "\u{ad}"), None);
    }

    #[test]
    fn every_occurrence_is_replaced() {
        assert_eq!(replace("{A}中{a}{b", "{a}", "x"), "x中x{b");
        assert_eq!(replace("aaa", "aa", "b"), "ba");
    }
}
