//! The server's clock, which may be told to run fast or slow, and the three ways COS writes a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// The server's clock: the machine's, ahead or behind by some seconds. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// A clock `offset` seconds ahead of the machine's.
    pub(crate) fn new(offset: i64) -> Self {
        Self { offset: Arc::new(AtomicI64::new(offset)) }
    }

    /// Puts the clock forward, or with a negative number back, while the server runs: so that a test
    /// of what lapses need not wait.
    pub fn advance(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Now, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let machine = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(elapsed) => i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX),
            Err(_) => 0,
        };
        machine.saturating_add(self.offset.load(Ordering::Relaxed))
    }
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `Thu, 16 May 2019 06:45:51 GMT`, as in `Date` and `Last-Modified`.
pub(crate) fn http_date(seconds: i64) -> String {
    rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&timestamp(seconds))
        .unwrap_or_default()
}

/// Seconds since 1970 of an HTTP date.
pub(crate) fn parse_http_date(text: &str) -> Option<i64> {
    rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text.trim())
        .ok()
        .map(Timestamp::as_second)
}

/// `2019-05-16T06:45:51Z`, as in `ServerTime`.
pub(crate) fn iso(seconds: i64) -> String {
    timestamp(seconds).to_string()
}

/// `2019-05-16T06:45:51.000Z`, as in listings.
pub(crate) fn iso_millis(seconds: i64) -> String {
    format!("{:.3}", timestamp(seconds))
}

/// Seconds since 1970 of an ISO 8601 time, as in a policy's `expiration`.
pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_cos_writes_them() {
        let seconds = 1_557_989_151;
        assert_eq!(http_date(seconds), "Thu, 16 May 2019 06:45:51 GMT");
        assert_eq!(iso(seconds), "2019-05-16T06:45:51Z");
        assert_eq!(iso_millis(seconds), "2019-05-16T06:45:51.000Z");
    }

    #[test]
    fn written_times_are_read_back() {
        let seconds = 1_557_989_151;
        assert_eq!(parse_http_date(&http_date(seconds)), Some(seconds));
        assert_eq!(parse_iso(&iso_millis(seconds)), Some(seconds));
        assert_eq!(parse_http_date("yesterday"), None);
    }
}
