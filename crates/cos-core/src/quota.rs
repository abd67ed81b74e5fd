//! What the documents of materials management give for free every month, and how much of it is used.
//!
//! COS: 50 GB of storage, 10 GB of downstream traffic, 10 GB of traffic to the CDN, a million reads and
//! a million writes. CDN: 50 GB a month for six calendar months after its activation, usable once a
//! domain of one's own is bound, and 10 GB a month from the first of the month after binding; both
//! count while both last. Months are those of China, in which bills are made.
//!
//! A GB of storage is 1024³ bytes (436/53482). A GB of traffic is 10⁹: CDN counts its packages that way
//! (228/39230), and where COS says nothing the smaller one warns in time.

use crate::calendar::{DAY, month_of, month_start};
use crate::value::Value;

const GIB: f64 = 1_073_741_824.0;
const GB: f64 = 1e9;

/// One line of the documents.
struct Allowance {
    name: &'static str,
    unit: &'static str,
    /// The member of the usage that counts against it.
    meter: &'static str,
    /// The member that says how much it was at most this month, for what stays and does not flow.
    peak: Option<&'static str>,
    /// `None` for what depends on the dates of CDN.
    granted: Option<f64>,
}

const fn flow(
    name: &'static str,
    unit: &'static str,
    meter: &'static str,
    granted: Option<f64>,
) -> Allowance {
    Allowance { name, unit, meter, peak: None, granted }
}

static ALLOWANCES: [Allowance; 6] = [
    Allowance {
        name: "storage",
        unit: BYTES,
        meter: "storageBytes",
        peak: Some("peakStorageBytes"),
        granted: Some(50.0 * GIB),
    },
    flow("downstream", BYTES, "downstreamBytes", Some(10.0 * GB)),
    flow("cdnOrigin", BYTES, "cdnOriginBytes", Some(10.0 * GB)),
    flow("reads", REQUESTS, "readRequests", Some(1e6)),
    flow("writes", REQUESTS, "writeRequests", Some(1e6)),
    flow("cdn", BYTES, "cdnBytes", None),
];

const BYTES: &str = "bytes";
const REQUESTS: &str = "requests";

/// For how many calendar months after activation CDN gives its larger grant.
const LARGER_GRANT: i32 = 6;

/// The used part of a grant from which its level is `near`.
pub const NEAR: f64 = 0.8;

/// How many days before a grant lapses it counts as lapsing.
const LAPSING: f64 = 30.0;

/// The free quota at `now`, in milliseconds since 1970, from what cos-local answers to `/usage`: a list
/// of `{ name, unit, used, granted, free, forecast, share, level, lapses, lapsing }`.
///
/// - `forecast` is what will be used by the end of the month: traffic and requests go on as they did so
///   far, where the first day counts as a whole one; storage stays, and counts with its peak.
/// - `share` is the used part of what is granted; with nothing granted it is 1 once anything is used.
/// - `level` is `over` from the whole grant, `near` from 80 % of it or when the forecast is more than
///   it, and otherwise `ok`. With no meter reading it is `unknown` and the numbers are null.
/// - `lapses` is when the larger grant of CDN ends, while it lasts; `lapsing` that this is 30 days away
///   or less.
///
/// A past `month` of the usage is taken as a whole, with what was granted at its beginning.
pub fn free_quota(usage: &Value, now: f64) -> Value {
    let month = metered_month(usage).unwrap_or_else(|| month_of(now));
    let (start, end) = (month_start(month), month_start(month + 1));
    let (at, mut passed) = if now < end { (now, now - start) } else { (start, end - start) };
    if passed < DAY {
        passed = DAY;
    }

    let mut lapse = 0.0;
    let activated = number(usage, "cdnActivated");
    if activated >= 0.0 {
        let month = month_of(activated);
        let next = month_start(month + LARGER_GRANT + 1);
        lapse = month_start(month + LARGER_GRANT) + activated - month_start(month);
        if lapse > next {
            lapse = next;
        }
    }
    let mut cdn = 0.0;
    let bound = number(usage, "domainBound");
    if bound >= 0.0 {
        if at < lapse {
            cdn = 50.0 * GB;
        }
        if month_of(bound) < month {
            cdn += 10.0 * GB;
        }
    }

    let mut rows = Vec::new();
    for Allowance { name, unit, meter, peak, granted } in &ALLOWANCES {
        let left = lapse - now;
        let lapses = granted.is_none() && left > 0.0;
        let granted = granted.unwrap_or(cdn);
        let used = number(usage, meter);
        let known = used >= 0.0;
        let forecast = match peak.map(|peak| number(usage, peak)) {
            Some(peak) if peak > used => peak,
            Some(_) => used,
            None => used / passed * (end - start),
        };
        let share = if granted > 0.0 { used / granted } else { f64::from(used > 0.0) };
        let level = if !known {
            "unknown"
        } else if share >= 1.0 {
            "over"
        } else if share >= NEAR || forecast > granted {
            "near"
        } else {
            "ok"
        };
        let mut row = Value::map();
        row.set("name", *name);
        row.set("unit", *unit);
        row.set("granted", granted);
        for (name, value) in [
            ("used", used),
            ("free", if used < granted { granted - used } else { 0.0 }),
            ("forecast", forecast),
            ("share", share),
        ] {
            row.set(name, if known { value.into() } else { Value::Null });
        }
        row.set("level", level);
        row.set("lapses", if lapses { lapse.into() } else { Value::Null });
        row.set("lapsing", lapses && left <= LAPSING * DAY);
        rows.push(row);
    }
    Value::List(rows)
}

/// A reading or a time; no number when it is not known.
fn number(usage: &Value, name: &str) -> f64 {
    usage.get(name).as_number().unwrap_or(f64::NAN)
}

/// The month that a usage names, as [`month_of`] counts; `None` without a year from 1970 and a month.
fn metered_month(usage: &Value) -> Option<i32> {
    let text = usage.get("month").as_str().filter(|text| text.len() == 7)?;
    let digits = text.bytes().filter(u8::is_ascii_digit);
    let number = digits.fold(0, |number, digit| number * 10 + i32::from(digit - b'0'));
    (number > 197_000).then_some((number / 100 - 1970) * 12 + number % 100 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-16 12:00 in China: the middle of a month of 31 days.
    const MIDDLE: f64 = 1_773_633_600_000.0;

    /// The row `name` of a month of which nothing is known but `readings`.
    fn row(name: &str, readings: &[(&str, f64)], now: f64) -> Value {
        let usage = readings.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
        let rows = free_quota(&usage.collect(), now);
        rows.items().iter().find(|row| row.get("name").as_str() == Some(name)).unwrap().clone()
    }

    fn numbers(row: &Value) -> [Option<f64>; 5] {
        ["used", "granted", "free", "forecast", "share"].map(|name| row.get(name).as_number())
    }

    fn level(name: &str, meter: &str, used: f64, now: f64) -> String {
        row(name, &[(meter, used)], now).get("level").to_text()
    }

    #[test]
    fn traffic_goes_on_as_it_did_and_storage_stays() {
        let reads = row("reads", &[("readRequests", 250_000.0)], MIDDLE);
        assert_eq!(numbers(&reads), [2.5e5, 1e6, 7.5e5, 5e5, 0.25].map(Some));
        let storage = row("storage", &[("storageBytes", GIB)], MIDDLE);
        assert_eq!(numbers(&storage), [GIB, 50.0 * GIB, 49.0 * GIB, GIB, 0.02].map(Some));
        let readings = [("storageBytes", GIB), ("peakStorageBytes", 60.0 * GIB)];
        let shrunk = row("storage", &readings, MIDDLE);
        assert_eq!(shrunk.get("forecast"), &Value::Number(60.0 * GIB));
        assert_eq!(shrunk.get("level"), &Value::from("near"));
    }

    #[test]
    fn the_first_day_counts_as_a_whole_one() {
        let start = month_start(month_of(MIDDLE));
        for now in [start, start + 1.0, start + DAY] {
            let writes = row("writes", &[("writeRequests", 1000.0)], now);
            assert_eq!(writes.get("forecast"), &Value::Number(31_000.0), "{now}");
        }
    }

    #[test]
    fn a_past_month_is_over() {
        let mut usage = Value::map().with("month", "2026-02").with("readRequests", 7.0);
        usage.set("cdnActivated", month_start(month_of(MIDDLE) - 7) + 1.0);
        usage.set("domainBound", 0.0);
        let rows = free_quota(&usage, MIDDLE);
        assert_eq!(rows.items()[3].get("forecast"), &Value::Number(7.0));
        // Activated seven months before: the larger grant lasted into February.
        assert_eq!(rows.items()[5].get("granted"), &Value::Number(60.0 * GB));
        for odd in ["2026-2", "soon", "0000-00", "1969-12", "9999999", "-------"] {
            usage.set("month", odd);
            assert_eq!(free_quota(&usage, MIDDLE).items().len(), 6, "{odd}");
        }
    }

    #[test]
    fn levels_warn_before_anything_costs_money() {
        let end = month_start(month_of(MIDDLE) + 1) - 1.0;
        for (used, expected) in
            [(0.0, "ok"), (799_999.0, "ok"), (800_000.0, "near"), (1e6, "over"), (2e6, "over")]
        {
            assert_eq!(level("reads", "readRequests", used, end), expected, "{used}");
        }
        assert_eq!(level("reads", "readRequests", 500_000.0, MIDDLE), "ok");
        assert_eq!(level("reads", "readRequests", 500_001.0, MIDDLE), "near");
        // Nothing is granted before a domain is bound.
        assert_eq!(level("cdn", "cdnBytes", 0.0, MIDDLE), "ok");
        assert_eq!(level("cdn", "cdnBytes", 1.0, MIDDLE), "over");
    }

    #[test]
    fn what_is_not_known_is_null() {
        for reading in [f64::NAN, -1.0] {
            let reads = row("reads", &[("readRequests", reading)], MIDDLE);
            assert_eq!(numbers(&reads), [None, Some(1e6), None, None, None]);
            assert_eq!(reads.get("level"), &Value::from("unknown"));
        }
    }

    #[test]
    fn grants_of_cdn_follow_its_dates() {
        let month = month_of(MIDDLE);
        let granted = |activated: f64, bound: f64, now: f64| {
            let dates = [("cdnActivated", activated), ("domainBound", bound)];
            let row = row("cdn", &dates, now);
            (
                row.get("granted").as_number().unwrap() / GB,
                row.get("lapses").as_number(),
                row.get("lapsing") == &Value::Bool(true),
            )
        };
        let activated = month_start(month) + 3.0 * DAY + 5.0;
        let lapses = month_start(month + 6) + 3.0 * DAY + 5.0;
        let never = f64::NAN;
        assert_eq!(granted(never, never, MIDDLE), (0.0, None, false));
        assert_eq!(granted(activated, never, MIDDLE), (0.0, Some(lapses), false));
        assert_eq!(granted(activated, activated, MIDDLE), (50.0, Some(lapses), false));
        let next = month_start(month + 1);
        assert_eq!(granted(activated, activated, next - 1.0).0, 50.0);
        assert_eq!(granted(activated, activated, next).0, 60.0);
        assert_eq!(granted(never, activated, next).0, 10.0);
        let warned = lapses - 30.0 * DAY;
        assert_eq!(granted(activated, activated, warned - 1.0), (60.0, Some(lapses), false));
        assert_eq!(granted(activated, activated, warned), (60.0, Some(lapses), true));
        assert_eq!(granted(activated, activated, lapses), (10.0, None, false));
        // The 31st of August, and February.
        let last = month_start(month_of(MIDDLE) + 5) + 30.0 * DAY;
        let end = month_start(month_of(MIDDLE) + 12);
        assert_eq!(granted(last, never, last).1, Some(end));
    }
}
