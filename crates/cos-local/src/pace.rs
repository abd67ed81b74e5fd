//! `x-cos-traffic-limit`: content that passes no faster than the client asked for (document
//! 436/40140).

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::error::Error;

/// The limits that COS takes, in bits per second: 100 KB/s to 100 MB/s.
const LIMITS: std::ops::RangeInclusive<u64> = 819_200..=838_860_800;

/// The speed of one body, counted from its first byte.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    bytes_per_second: u64,
    begun: Option<Instant>,
    passed: u64,
}

impl Pace {
    /// Reads a limit in bits per second; `None` for no limit.
    ///
    /// # Errors
    /// `InvalidArgument` for one that COS does not take.
    pub(crate) fn parse(limit: Option<&str>) -> Result<Option<Self>, Error> {
        let Some(limit) = limit.filter(|limit| !limit.is_empty()) else { return Ok(None) };
        match limit.parse::<u64>() {
            Ok(bits) if LIMITS.contains(&bits) => Ok(Some(Self::of_bytes(bits / 8))),
            _ => Err(Error::invalid(format!(
                "x-cos-traffic-limit has to be between {} and {} bits per second.",
                LIMITS.start(),
                LIMITS.end()
            ))),
        }
    }

    /// A speed of more than none, in bytes per second.
    pub(crate) fn of_bytes(bytes_per_second: u64) -> Self {
        Self { bytes_per_second, begun: None, passed: 0 }
    }

    /// How many bytes to pass at once so that they flow evenly: those of a tenth of a second.
    pub(crate) fn piece(&self) -> u64 {
        self.bytes_per_second / 10
    }

    /// Waits until `bytes` more may have passed.
    pub(crate) async fn pass(&mut self, bytes: u64) {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        self.passed += bytes;
        let milliseconds = self.passed.saturating_mul(1000) / self.bytes_per_second;
        sleep_until(begun + Duration::from_millis(milliseconds)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_cos() {
        for limit in ["819200", "838860800", "1048576"] {
            assert!(Pace::parse(Some(limit)).is_ok_and(|pace| pace.is_some()), "{limit}");
        }
        for limit in ["819199", "838860801", "-1", "fast", "0"] {
            assert!(Pace::parse(Some(limit)).is_err(), "{limit}");
        }
        assert!(Pace::parse(Some("")).is_ok_and(|pace| pace.is_none()));
    }

    /// The clock of this test stands still but for what is waited for, so the times are exact.
    #[tokio::test(start_paused = true)]
    async fn bytes_take_their_time() {
        let mut pace = Pace::parse(Some("819200")).ok().flatten().expect("a pace");
        let begun = Instant::now();
        for _ in 0..10 {
            pace.pass(pace.piece()).await;
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(60)).await;
        pace.pass(1024).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(61), "what is late does not wait");
    }
}
