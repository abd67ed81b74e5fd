//! Faults that the server injects into requests, as a bad network or a busy COS would: how often each
//! happens, which request meets which, and what was injected so far. What is done to a request and its
//! answer is in `disturbance/effect.rs`.
//!
//! A request meets at most one. Which one follows from the seed and from how many requests came before
//! it, so that a client that sends one request after the other meets the same faults each time.

mod effect;

pub(crate) use self::effect::corrupt;

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::{Method, StatusCode};
use serde::Serialize;

use crate::call::{Call, Reply, text};
use crate::error::{Code, Error};
use crate::service::Service;

/// The path of the endpoint, on the server's own address.
pub(crate) const PATH: &str = "/faults";

/// How many kinds there are.
const KINDS: usize = 8;

/// Their names in a specification, by the number of the [`Kind`].
const NAMES: [&str; KINDS] = ["drop", "lost", "5xx", "429", "truncate", "corrupt", "delay", "slow"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The connection closes before the request is carried out, anywhere in its body.
    Drop,
    /// The request is carried out, and the connection closes in place of the answer.
    Lost,
    /// The request is refused with 500, 503 or 504.
    Fail,
    /// The request is refused with 429.
    Throttle,
    /// The connection closes within the answer.
    Truncate,
    /// A bit of each piece of an object's content is another, on its way in or out.
    Corrupt,
    /// The request waits before it is carried out.
    Delay,
    /// Request and answer trickle.
    Slow,
}

impl Kind {
    const ALL: [Self; KINDS] = [
        Self::Drop,
        Self::Lost,
        Self::Fail,
        Self::Throttle,
        Self::Truncate,
        Self::Corrupt,
        Self::Delay,
        Self::Slow,
    ];

    fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// Shares are counted in hundredths of a percent.
const WHOLE: u64 = 10_000;
const PERCENT: u64 = 100;

/// The longest delay in milliseconds, unless told otherwise and at most.
const USUAL_DELAY: u64 = 1000;
const LONGEST_DELAY: u64 = 60_000;

/// The speed of what is slow in KiB per second, unless told otherwise and at most.
const USUAL_SPEED: u64 = 256;
const HIGHEST_SPEED: u64 = 1 << 20;

/// Which faults are injected, and how often; by default none.
///
/// Written as `seed=7,drop=5,delay=10:300`: after each name the share of the requests that meet the
/// fault, in percent. `any` spreads a share evenly over all of them. `delay` takes the longest delay in
/// milliseconds after a colon, `slow` the speed in KiB per second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    seed: u64,
    /// By the number of the [`Kind`], of [`WHOLE`].
    shares: [u64; KINDS],
    /// In milliseconds.
    delay: u64,
    /// In KiB per second.
    speed: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Self { seed: 0, shares: [0; KINDS], delay: USUAL_DELAY, speed: USUAL_SPEED }
    }
}

/// Why a specification of faults cannot be used, in a sentence that says what to change.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// Something that has no name, or one that no fault has.
    #[error("there is no fault {0:?}; there are seed, any, {names}", names = NAMES.join(", "))]
    Unknown(String),
    /// A share that is no percentage.
    #[error("{0} has to be a share of the requests in percent, from 0 to 100, as in {0}=5")]
    Share(String),
    /// A seed that is no number.
    #[error("seed has to be a whole number, as in seed=7")]
    Seed,
    /// What follows the colon of `delay`.
    #[error("delay takes milliseconds after the colon, 1 to {LONGEST_DELAY}, as in delay=10:300")]
    Delay,
    /// What follows the colon of `slow`.
    #[error("slow takes KiB per second after the colon, 1 to {HIGHEST_SPEED}, as in slow=10:64")]
    Speed,
    /// More faults than requests.
    #[error("the shares add up to more than 100 percent; a request meets at most one fault")]
    TooMany,
}

impl Faults {
    fn from_pairs<'a>(
        pairs: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FaultsError> {
        let mut faults = Self::default();
        for (name, value) in pairs {
            if name == "seed" {
                faults.seed = value.parse().map_err(|_| FaultsError::Seed)?;
                continue;
            }
            let (share, detail) = match value.split_once(':') {
                Some((share, detail)) => (share, Some(detail)),
                None => (value, None),
            };
            let share = parse_share(share).filter(|_| detail.is_none() || name != "any");
            let share = share.ok_or_else(|| FaultsError::Share(name.to_owned()));
            if name == "any" {
                // Rounding leaves each share a little too small rather than the sum too large.
                let each = share? / KINDS as u64;
                faults.shares.iter_mut().for_each(|share| *share += each);
                continue;
            }
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
            let kind = kind.ok_or_else(|| FaultsError::Unknown(name.to_owned()))?;
            faults.shares[kind as usize] += share?;
            let within = |most| {
                detail.map(|text| text.parse().ok().filter(|number| (1..=most).contains(number)))
            };
            match (kind, detail) {
                (Kind::Delay, Some(_)) => {
                    faults.delay = within(LONGEST_DELAY).flatten().ok_or(FaultsError::Delay)?;
                }
                (Kind::Slow, Some(_)) => {
                    faults.speed = within(HIGHEST_SPEED).flatten().ok_or(FaultsError::Speed)?;
                }
                (_, Some(_)) => return Err(FaultsError::Share(name.to_owned())),
                (_, None) => {}
            }
        }
        match faults.shares.iter().sum::<u64>() > WHOLE {
            true => Err(FaultsError::TooMany),
            false => Ok(faults),
        }
    }

    /// What the request of this number meets, if anything.
    fn meet(&self, number: u64) -> Option<(Kind, Disturbance)> {
        let mut dice = Dice(self.seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let mut cast = dice.next() % WHOLE;
        let kind = Kind::ALL.into_iter().find(|kind| {
            let share = self.shares[*kind as usize];
            let found = cast < share;
            cast = cast.saturating_sub(share);
            found
        })?;
        let disturbance = match kind {
            Kind::Drop => Disturbance::Drop { after: dice.share() },
            Kind::Lost => Disturbance::Lost,
            Kind::Fail => {
                let codes = [Code::InternalError, Code::ServiceUnavailable, Code::GatewayTimeout];
                Disturbance::Refuse(codes[dice.next() as usize % codes.len()])
            }
            Kind::Throttle => Disturbance::Refuse(Code::TooManyRequests),
            Kind::Truncate => Disturbance::Truncate { after: dice.share() },
            Kind::Corrupt => Disturbance::Corrupt,
            Kind::Delay => Disturbance::Delay(Duration::from_millis(dice.next() % self.delay + 1)),
            Kind::Slow => Disturbance::Slow { bytes_per_second: self.speed << 10 },
        };
        Some((kind, disturbance))
    }
}

/// A percentage in hundredths of a percent.
fn parse_share(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let share = whole.parse::<u64>().ok()?.checked_mul(PERCENT)?;
    let share = share.checked_add(format!("{fraction:0<2}").parse().ok()?)?;
    (share <= WHOLE).then_some(share)
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        Self::from_pairs(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))))
    }
}

/// Writes what [`FromStr`] reads; nothing where nothing is injected.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return Ok(());
        }
        write!(f, "seed={}", self.seed)?;
        for kind in Kind::ALL {
            let share = self.shares[kind as usize];
            if share == 0 {
                continue;
            }
            write!(f, ",{}={}", kind.name(), share / PERCENT)?;
            if !share.is_multiple_of(PERCENT) {
                let fraction = format!("{:02}", share % PERCENT);
                write!(f, ".{}", fraction.trim_end_matches('0'))?;
            }
            match kind {
                Kind::Delay => write!(f, ":{}", self.delay)?,
                Kind::Slow => write!(f, ":{}", self.speed)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// splitmix64: numbers that look random and follow from the first.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to just below 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What one request meets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Disturbance {
    /// `after` is the share of the body that is read before.
    Drop {
        after: f64,
    },
    Lost,
    Refuse(Code),
    /// `after` is the share of the answer's body that is sent before.
    Truncate {
        after: f64,
    },
    Corrupt,
    Delay(Duration),
    Slow {
        bytes_per_second: u64,
    },
}

/// Hands out faults, and counts them.
#[derive(Default)]
pub(crate) struct Injector(Mutex<Ledger>);

#[derive(Default)]
struct Ledger {
    faults: Faults,
    requests: u64,
    /// By the number of the [`Kind`].
    injected: [u64; KINDS],
}

impl Injector {
    pub(crate) fn new(faults: Faults) -> Self {
        Self(Mutex::new(Ledger { faults, ..Ledger::default() }))
    }

    /// What the next request meets, and what the log calls that. `carries_content` is whether an
    /// object's content is in the request or its answer, without which nothing can be corrupted.
    pub(crate) fn next(&self, carries_content: bool) -> Option<(&'static str, Disturbance)> {
        let mut ledger = self.ledger();
        let met = ledger.faults.meet(ledger.requests);
        ledger.requests += 1;
        let (kind, disturbance) =
            met.filter(|(kind, _)| carries_content || *kind != Kind::Corrupt)?;
        ledger.injected[kind as usize] += 1;
        Some((kind.name(), disturbance))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers `GET /faults` and `PUT /faults?drop=5&delay=10:300` with what is injected from now on, and
/// how much has been since that was set; `PUT /faults` ends it.
pub(crate) fn serve(service: &Service, call: &Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    struct Answer {
        faults: String,
        requests: u64,
        injected: serde_json::Map<String, serde_json::Value>,
    }
    let mut ledger = service.injector.ledger();
    match call.method {
        Method::GET => {}
        Method::PUT => {
            let pairs = call.query.0.iter();
            let pairs = pairs.map(|pair| (pair.name.as_str(), pair.value.as_str()));
            let faults = Faults::from_pairs(pairs)
                .map_err(|error| Error::invalid(format!("The faults cannot be set: {error}.")))?;
            *ledger = Ledger { faults, ..Ledger::default() };
        }
        _ => {
            let message = "Faults are set by PUT and told by GET.";
            return Err(Error::new(Code::MethodNotAllowed, message));
        }
    }
    let injected =
        Kind::ALL.map(|kind| (kind.name().into(), ledger.injected[kind as usize].into()));
    let answer = Answer {
        faults: ledger.faults.to_string(),
        requests: ledger.requests,
        injected: injected.into_iter().collect(),
    };
    Ok(text(StatusCode::OK, "application/json", serde_json::to_vec(&answer)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Faults {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_specification_is_written_as_it_is_read() {
        for text in [
            "",
            "seed=7,drop=5,lost=0.5",
            "seed=0,5xx=10,429=0.25,delay=20:300,slow=1:64",
            "seed=18446744073709551615,truncate=3.07,corrupt=96.93",
        ] {
            assert_eq!(parse(text).to_string(), text);
        }
        assert_eq!(parse(" drop=5 , delay=10 ,").to_string(), "seed=0,drop=5,delay=10:1000");
        let spread = "seed=3,drop=2.5,lost=2.5,5xx=2.5,429=2.5,truncate=2.5,corrupt=2.5,\
                      delay=2.5:1000,slow=2.5:256";
        assert_eq!(parse("any=20,seed=3").to_string(), spread);
    }

    #[test]
    fn what_cannot_be_meant_is_explained() {
        for (text, sentence) in [
            ("rain=5", "there is no fault \"rain\"; there are seed, any, drop, lost"),
            ("drop", "drop has to be a share of the requests in percent"),
            ("drop=-1", "as in drop=5"),
            ("drop=100.5", "as in drop=5"),
            ("lost=1e1", "as in lost=5"),
            ("lost=.5", "as in lost=5"),
            ("any=20:3", "as in any=5"),
            ("5xx=5:500", "as in 5xx=5"),
            ("seed=x", "seed has to be a whole number"),
            ("delay=5:0", "1 to 60000, as in delay=10:300"),
            ("slow=5:fast", "as in slow=10:64"),
            ("drop=60,lost=41", "more than 100 percent"),
        ] {
            let error = text.parse::<Faults>().expect_err(text).to_string();
            assert!(error.contains(sentence), "{text}: {error}");
        }
    }

    #[test]
    fn shares_are_kept_and_the_seed_decides() {
        const REQUESTS: u64 = 20_000;
        let counts = |text: &str| {
            let injector = Injector::new(parse(text));
            let met: Vec<_> = (0..REQUESTS).map(|_| injector.next(true)).collect();
            let names: Vec<_> = met.iter().map(|met| met.map(|(name, _)| name)).collect();
            (names, injector.ledger().injected)
        };
        let (names, injected) = counts("seed=1,drop=10,429=1,delay=30");
        for (kind, percent) in [(Kind::Drop, 10), (Kind::Throttle, 1), (Kind::Delay, 30)] {
            let expected = REQUESTS * percent / 100;
            let number = injected[kind as usize];
            assert!(number.abs_diff(expected) < expected / 5, "{number} of {expected}");
        }
        assert_eq!(injected.iter().sum::<u64>(), names.iter().flatten().count() as u64);
        assert_eq!(counts("seed=1,drop=10,429=1,delay=30").0, names);
        assert_ne!(counts("seed=2,drop=10,429=1,delay=30").0, names);
        assert_eq!(counts("seed=1").1, [0; KINDS]);
        assert_eq!(counts("any=100").1.iter().filter(|number| **number > 0).count(), KINDS);
    }

    #[test]
    fn details_lie_within_what_was_asked_for() {
        let faults = parse("delay=100:300");
        let delays = (0..1000).filter_map(|number| match faults.meet(number) {
            Some((_, Disturbance::Delay(delay))) => Some(delay.as_millis()),
            _ => None,
        });
        let delays: Vec<_> = delays.collect();
        assert_eq!(delays.len(), 1000);
        assert!(delays.iter().all(|delay| (1..=300).contains(delay)));
        assert!(delays.iter().any(|delay| *delay < 30) && delays.iter().any(|delay| *delay > 270));
        let injector = Injector::new(parse("corrupt=100"));
        assert!(injector.next(false).is_none() && injector.next(true).is_some());
    }
}
