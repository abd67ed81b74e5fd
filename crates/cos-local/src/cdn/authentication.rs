//! Whether a URL is signed as its domain asks, and what is left of it without the signature
//! (documents 228/41622 to 228/41625).
//!
//! The path is signed as it is sent, percent-encoded, and the query is not. A URL holds from the
//! time in it for the domain's validity; one from the future holds too, as the documents refuse only
//! what has expired. For type C they disagree on the order: the path comes before the time.

use jiff::civil::DateTime;

use super::domain::{Authentication, TimeFormat, Type};
use crate::digest::{hex, md5, same};
use crate::error::{Code, Error};
use crate::usage::CHINA;

/// The most characters of the random part of type A.
const LONGEST_RANDOM: usize = 100;

impl Authentication {
    /// Checks a URL at the time `now`, and returns its path without the signature.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub(super) fn check<'a>(
        &self,
        path: &'a str,
        query: &'a str,
        now: i64,
    ) -> Result<&'a str, Error> {
        let unsigned = || denied("The URL is not signed as its domain asks.");
        let signed = self.read(path, query).ok_or_else(unsigned)?;
        let Signed { path, time, hash, message } = signed;
        if !same(&hex(&md5(message.as_bytes())), hash) {
            return Err(denied("The signature of the URL is not that of its path, time and key."));
        }
        match time.saturating_add(self.valid.into()) < now {
            true => Err(denied("The URL has expired; sign it anew.")),
            false => Ok(path),
        }
    }

    /// Takes a URL apart; `None` for one that has no signature of this type.
    fn read<'a>(&self, path: &'a str, query: &'a str) -> Option<Signed<'a>> {
        let key = &self.key;
        match self.kind {
            Type::A => {
                let sign = parameter(query, &self.sign_param)?;
                let mut parts = sign.split('-');
                let (time, random) = (parts.next()?, parts.next()?);
                let (uid, hash) = (parts.next()?, parts.next()?);
                let random_fits = random.len() <= LONGEST_RANDOM
                    && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if !random_fits || parts.next().is_some() {
                    return None;
                }
                let message = format!("{path}-{time}-{random}-{uid}-{key}");
                Some(Signed { path, time: number(time, 10)?, hash, message })
            }
            Type::B => {
                let (time, hash, path) = leading(path)?;
                let message = format!("{key}{time}{path}");
                Some(Signed { path, time: minute(time)?, hash, message })
            }
            Type::C => {
                let (hash, time, path) = leading(path)?;
                let message = format!("{key}{path}{time}");
                Some(Signed { path, time: number(time, 16)?, hash, message })
            }
            Type::D => {
                let hash = parameter(query, &self.sign_param)?;
                let time = parameter(query, &self.time_param)?;
                let message = format!("{key}{path}{time}");
                let radix = match self.time_format {
                    TimeFormat::Dec => 10,
                    TimeFormat::Hex => 16,
                };
                Some(Signed { path, time: number(time, radix)?, hash, message })
            }
        }
    }

    /// A path without what types B and C put before it: to be told to the log.
    pub(super) fn strip<'a>(&self, path: &'a str) -> &'a str {
        match self.kind {
            Type::A | Type::D => path,
            Type::B | Type::C => leading(path).map_or("/", |(_, _, path)| path),
        }
    }

    /// A query without the parameters of the signature. They are neither a part of what is cached
    /// nor sent to the bucket, where `sign` would be another signature.
    pub(super) fn strip_query(&self, query: &str) -> String {
        let own = |name: &str| match self.kind {
            Type::A => name == self.sign_param,
            Type::D => name == self.sign_param || name == self.time_param,
            Type::B | Type::C => false,
        };
        let kept = query.split('&').filter(|pair| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            !pair.is_empty() && !own(name)
        });
        kept.collect::<Vec<_>>().join("&")
    }
}

/// A URL taken apart.
struct Signed<'a> {
    path: &'a str,
    /// In seconds since 1970.
    time: i64,
    hash: &'a str,
    /// What the hash is of.
    message: String,
}

fn denied(message: &'static str) -> Error {
    Error::new(Code::AccessDenied, message)
}

/// A parameter as sent; names of a signature's parameters need no encoding.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The first two segments of a path, and the rest with its slash.
fn leading(path: &str) -> Option<(&str, &str, &str)> {
    let (first, rest) = path.strip_prefix('/')?.split_once('/')?;
    let second = rest.split('/').next()?;
    Some((first, second, rest.strip_prefix(second).filter(|rest| !rest.is_empty())?))
}

/// Seconds since 1970, without a sign before them.
fn number(text: &str, radix: u32) -> Option<i64> {
    i64::from_str_radix(text, radix)
        .ok()
        .filter(|_| text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Seconds since 1970 of a `YYYYMMDDHHMM` in China.
fn minute(text: &str) -> Option<i64> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    let year = text.get(..4).filter(|_| digits)?.parse().ok()?;
    let (month, day, hour) = (part(4, 6)?, part(6, 8)?, part(8, 10)?);
    let time = DateTime::new(year, month, day, hour, part(10, 12)?, 0, 0).ok()?;
    Some(CHINA.to_timestamp(time).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time of the documents' examples, 16:10:32 in China.
    const TIME: i64 = 1_582_791_032;

    fn authentication(kind: Type, time_format: TimeFormat) -> Authentication {
        Authentication {
            kind,
            key: "dimtm5evg50ijsx2hvuwyfoiu65".into(),
            valid: 60,
            sign_param: "sign".into(),
            time_param: "t".into(),
            time_format,
        }
    }

    /// The URLs are the examples of the documents, with parameters around those of the signature.
    #[test]
    fn each_type_lets_in_what_its_document_describes() {
        let dec = |kind| authentication(kind, TimeFormat::Dec);
        for (authentication, sent, query, kept) in [
            (
                dec(Type::A),
                "/test.jpg",
                "x=1&sign=1582791032-im1acp76sx9sdqe601v-0-3fbb88382c9356b6faaf9d68c7b2ae3a&y",
                "x=1&y",
            ),
            (
                dec(Type::B),
                "/202002271610/2e03a07cfa55a47768226d3e5ea82a8d/test.jpg",
                "sign=1",
                "sign=1",
            ),
            (dec(Type::C), "/7913fc0c5c9e92dd3633b7895152bbb2/5e577978/test.jpg", "", ""),
            (
                dec(Type::D),
                "/test.jpg",
                "sign=900a5049aa8ac1ab144527d9c2be4cea&t=1582791032&x=1",
                "x=1",
            ),
            (
                authentication(Type::D, TimeFormat::Hex),
                "/test.jpg",
                "t=5e577978&sign=7913fc0c5c9e92dd3633b7895152bbb2",
                "",
            ),
        ] {
            let kind = authentication.kind;
            let check = |path: &str, query: &str, now: i64| {
                let checked = authentication.check(path, query, now);
                checked.map(str::to_owned).map_err(|error| error.message.into_owned())
            };
            // Type B tells minutes.
            let last = if kind == Type::B { TIME + 28 } else { TIME + 60 };
            assert_eq!(check(sent, query, last), Ok("/test.jpg".to_owned()), "{kind:?}");
            assert!(check(sent, query, TIME - 86_400).is_ok(), "{kind:?} from the future");
            let late = check(sent, query, last + 1);
            assert_eq!(late, Err("The URL has expired; sign it anew.".to_owned()), "{kind:?}");
            let other = check(&sent.replace("test", "best"), query, TIME).expect_err("a refusal");
            assert!(other.contains("is not that of"), "{kind:?}: {other}");
            let bare = check("/test.jpg", "x=1", TIME).expect_err("a refusal");
            assert!(bare.contains("not signed"), "{kind:?}: {bare}");
            assert_eq!(authentication.strip(sent), "/test.jpg");
            assert_eq!(authentication.strip_query(query), kept);
        }
    }

    #[test]
    fn times_are_read_as_each_type_writes_them() {
        assert_eq!(minute("202002271610"), Some(TIME - 32));
        for text in ["20200227161", "202013271610", "2020022716+0", "2020022716100"] {
            assert_eq!(minute(text), None, "{text}");
        }
        let numbers = [number("5e577978", 16), number("+1", 10), number("-1", 10), number("", 10)];
        assert_eq!(numbers, [Some(TIME), None, None, None]);
    }
}
