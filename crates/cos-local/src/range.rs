//! `Range` and conditional headers (RFC 9110, sections 13 and 14).

use hyper::StatusCode;

use crate::clock::parse_http_date;
use crate::error::{Code, Error};

/// A run of bytes, never empty unless it is the whole of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// Reads a `Range` header; `None` for one that asks for no single range of bytes and so counts as
/// absent.
///
/// # Errors
/// `InvalidRange` where it lies outside of `size` bytes.
pub(crate) fn parse(header: &str, size: u64) -> Result<Option<ByteRange>, Error> {
    let Some((first, last)) =
        header.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'))
    else {
        return Ok(None);
    };
    let (start, end) = match (first, last, first.parse::<u64>(), last.parse::<u64>()) {
        ("", _, _, Ok(suffix)) => (size.saturating_sub(suffix), if suffix == 0 { 0 } else { size }),
        (_, "", Ok(start), _) => (start, size),
        (_, _, Ok(start), Ok(last)) if start <= last => (start, last.saturating_add(1).min(size)),
        _ => return Ok(None),
    };
    if start >= end {
        return Err(Error::new(Code::InvalidRange, "The range lies outside of the object."));
    }
    Ok(Some(ByteRange { start, length: end - start }))
}

/// Whether an `If-Range` header lets the range count.
pub(crate) fn applies(if_range: Option<&str>, etag: &str, modified: i64) -> bool {
    if_range.is_none_or(|validator| {
        names(validator, etag) || parse_http_date(validator) == Some(modified)
    })
}

/// The conditions of a request.
#[derive(Default)]
pub(crate) struct Condition<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
    pub(crate) if_modified_since: Option<&'a str>,
    pub(crate) if_unmodified_since: Option<&'a str>,
}

impl Condition<'_> {
    /// `Some(304)` where the client's copy is good.
    ///
    /// # Errors
    /// `PreconditionFailed`.
    pub(crate) fn check(&self, etag: &str, modified: i64) -> Result<Option<StatusCode>, Error> {
        let failed = match (self.if_match, self.if_unmodified_since.and_then(parse_http_date)) {
            (Some(tags), _) => !names(tags, etag),
            (None, Some(time)) => modified > time,
            (None, None) => false,
        };
        if failed {
            return Err(Error::new(
                Code::PreconditionFailed,
                "A condition in the request's headers does not hold.",
            ));
        }
        let unchanged = match (self.if_none_match, self.if_modified_since.and_then(parse_http_date))
        {
            (Some(tags), _) => names(tags, etag),
            (None, Some(time)) => modified <= time,
            (None, None) => false,
        };
        Ok(unchanged.then_some(StatusCode::NOT_MODIFIED))
    }
}

/// Whether a list of entity tags holds `etag`; clients leave the quotes out, too.
fn names(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || tag.trim_matches('"') == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::http_date;

    #[test]
    fn ranges_are_cut_to_the_object() {
        for (header, expected) in [
            ("bytes=0-0", Ok(Some((0, 1)))),
            ("bytes=2-5", Ok(Some((2, 4)))),
            ("bytes=8-99", Ok(Some((8, 2)))),
            ("bytes=4-", Ok(Some((4, 6)))),
            ("bytes=-3", Ok(Some((7, 3)))),
            ("bytes=-30", Ok(Some((0, 10)))),
            ("bytes=10-", Err(Code::InvalidRange)),
            ("bytes=-0", Err(Code::InvalidRange)),
            ("bytes=5-2", Ok(None)),
            ("bytes=0-1,4-5", Ok(None)),
            ("lines=0-1", Ok(None)),
        ] {
            let found =
                parse(header, 10).map(|range| range.map(|range| (range.start, range.length)));
            assert_eq!(found.map_err(|error| error.code), expected, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0).map_err(|error| error.code), Err(Code::InvalidRange));
    }

    #[test]
    fn conditions_compare_tags_before_times() {
        let (before, at) = (http_date(999), http_date(1000));
        let check =
            |condition: Condition<'_>| condition.check("tag", 1000).map_err(|error| error.code);
        let unmodified = Ok(Some(StatusCode::NOT_MODIFIED));
        assert_eq!(
            check(Condition { if_match: Some("\"x\", \"tag\""), ..Condition::default() }),
            Ok(None)
        );
        assert_eq!(
            check(Condition { if_match: Some("x"), ..Condition::default() }),
            Err(Code::PreconditionFailed)
        );
        assert_eq!(
            check(Condition { if_none_match: Some("*"), ..Condition::default() }),
            unmodified
        );
        assert_eq!(
            check(Condition { if_modified_since: Some(&at), ..Condition::default() }),
            unmodified
        );
        assert_eq!(
            check(Condition { if_modified_since: Some(&before), ..Condition::default() }),
            Ok(None)
        );
        assert_eq!(
            check(Condition { if_unmodified_since: Some(&before), ..Condition::default() }),
            Err(Code::PreconditionFailed)
        );
        let both = Condition {
            if_none_match: Some("x"),
            if_modified_since: Some(&at),
            ..Condition::default()
        };
        assert_eq!(check(both), Ok(None));
    }
}
