//! Usage: what each bucket stores, sends and is asked, metered by the calendar month of China
//! (UTC+8) as COS's bills are.
//!
//! Metered is what COS bills (documents 436/16871 and 436/40100 of the international site):
//! - Storage: the content of all versions, and of the parts of unfinished uploads. Delete markers
//!   and records have no size here, and the least sizes of the colder classes are not applied.
//! - Downstream: the bodies of answers that leave by COS's own hosts or this server's address,
//!   refusals too. Of a body that is cut off counts what was handed to the connection.
//! - CDN origin traffic: the bodies that the CDN pulls. They are no downstream.
//! - Requests, also those that fail: GET, HEAD and OPTIONS read, all others write. Origin pulls are
//!   reads. A request counts if its bucket is there as it arrives, so a new bucket has no usage.
//! - CDN: the bodies of answers that leave by a domain of the CDN.
//!
//! The counters live in memory and are written to the database every few seconds and at the end, so
//! a crash loses the last few seconds of flow. Storage is computed from what is stored.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::call::{Call, Reply, ReplyBody, text};
use crate::clock::Clock;
use crate::error::{Code, Error};
use crate::service::Service;

/// The path of the endpoint, on the server's own address.
pub(crate) const PATH: &str = "/usage";

/// China has no summer time.
pub(crate) const CHINA: Offset = Offset::constant(8);

/// A calendar month in China, written `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of a time in seconds since 1970.
    pub(crate) fn of(seconds: i64) -> Self {
        let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = CHINA.to_datetime(time);
        Self { year: date.year(), month: date.month() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = text.split_once('-').and_then(|(year, month)| {
            let found = Self { year: year.parse().ok()?, month: month.parse().ok()? };
            ((1..=12).contains(&found.month) && found.to_string() == text).then_some(found)
        });
        parsed.ok_or_else(|| Error::invalid("month has to be a year and a month: 2026-11."))
    }
}

/// What flows, by the number of its counter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    DownstreamBytes,
    CdnOriginBytes,
    ReadRequests,
    WriteRequests,
    CdnBytes,
}

const COUNTS: usize = 5;

/// One month of a bucket, as it is kept in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// By the number of the [`Count`].
    counts: [u64; COUNTS],
    /// The most that was stored, in bytes.
    peak: u64,
    /// What was stored at the end, in bytes.
    closing: u64,
    /// When something last changed, in seconds since 1970.
    updated: i64,
}

/// The counters of one month of a bucket.
#[derive(Default)]
pub(crate) struct Flow {
    counts: [AtomicU64; COUNTS],
    peak: AtomicU64,
    closing: AtomicU64,
    updated: AtomicI64,
    /// Whether the database has yet to hear of a change.
    changed: AtomicBool,
}

impl Flow {
    fn of_record(record: &Record) -> Self {
        Self {
            counts: record.counts.map(AtomicU64::new),
            peak: record.peak.into(),
            closing: record.closing.into(),
            updated: record.updated.into(),
            changed: false.into(),
        }
    }

    fn record(&self) -> Record {
        Record {
            counts: std::array::from_fn(|index| self.counts[index].load(Ordering::Relaxed)),
            peak: self.peak.load(Ordering::Relaxed),
            closing: self.closing.load(Ordering::Relaxed),
            updated: self.updated.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn add(&self, count: Count, amount: u64) {
        self.counts[count as usize].fetch_add(amount, Ordering::Relaxed);
        self.changed.store(true, Ordering::Release);
    }

    /// Counts a request of COS.
    pub(crate) fn request(&self, method: &Method) {
        let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
        self.add(if reads { Count::ReadRequests } else { Count::WriteRequests }, 1);
    }

    /// The same body, which counts its bytes as they leave.
    pub(crate) fn meter(self: &Arc<Self>, body: ReplyBody, count: Count) -> ReplyBody {
        let flow = Arc::clone(self);
        body.map_frame(move |frame| {
            if let Some(data) = frame.data_ref() {
                flow.add(count, data.len() as u64);
            }
            frame
        })
        .boxed_unsync()
    }
}

/// All that is metered of one bucket.
#[derive(Default)]
struct Account {
    /// Bytes stored now.
    stored: AtomicU64,
    months: Mutex<BTreeMap<Month, Arc<Flow>>>,
}

impl Account {
    fn months(&self) -> MutexGuard<'_, BTreeMap<Month, Arc<Flow>>> {
        self.months.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counters of a month, which begins with what is stored now.
    fn flow(&self, month: Month) -> Arc<Flow> {
        let mut months = self.months();
        if let Some(flow) = months.get(&month) {
            return Arc::clone(flow);
        }
        let stored = self.stored.load(Ordering::Relaxed);
        if let Some((_, last)) = months.last_key_value() {
            last.closing.store(stored, Ordering::Relaxed);
            last.changed.store(true, Ordering::Release);
        }
        let flow = Arc::new(Flow::of_record(&Record { peak: stored, ..Record::default() }));
        months.insert(month, Arc::clone(&flow));
        flow
    }
}

/// The usage of all buckets.
pub(crate) struct Meter {
    clock: Clock,
    accounts: RwLock<HashMap<String, Arc<Account>>>,
}

impl Meter {
    /// `stored` are the bytes that each bucket stores, `months` what an earlier run has metered.
    pub(crate) fn new(
        clock: Clock,
        stored: HashMap<String, u64>,
        months: Vec<(String, Month, Record)>,
    ) -> Self {
        let mut accounts = HashMap::<String, Account>::new();
        for (bucket, bytes) in stored {
            accounts.entry(bucket).or_default().stored = bytes.into();
        }
        for (bucket, month, record) in months {
            let flow = Arc::new(Flow::of_record(&record));
            accounts.entry(bucket).or_default().months().insert(month, flow);
        }
        let now = Month::of(clock.now());
        for account in accounts.values() {
            // A crash may have come between a change and its record.
            if let Some(flow) = account.months().get(&now) {
                flow.peak.fetch_max(account.stored.load(Ordering::Relaxed), Ordering::Relaxed);
            }
        }
        let shared = accounts.into_iter().map(|(bucket, account)| (bucket, Arc::new(account)));
        Self { clock, accounts: RwLock::new(shared.collect()) }
    }

    /// The counters of this month.
    pub(crate) fn flow(&self, bucket: &str) -> Arc<Flow> {
        self.account(bucket).flow(Month::of(self.clock.now()))
    }

    /// Content came to a bucket, or left it.
    pub(crate) fn stored(&self, bucket: &str, added: u64, removed: u64) {
        let account = self.account(bucket);
        let flow = account.flow(Month::of(self.clock.now()));
        let change = |stored: u64| Some(stored.saturating_add(added).saturating_sub(removed));
        let before = account.stored.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
        let after = change(before.unwrap_or_else(|stored| stored)).unwrap_or_default();
        flow.peak.fetch_max(after, Ordering::Relaxed);
        flow.changed.store(true, Ordering::Release);
    }

    fn account(&self, bucket: &str) -> Arc<Account> {
        let known = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = known.get(bucket) {
            return Arc::clone(account);
        }
        drop(known);
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(accounts.entry(bucket.to_owned()).or_default())
    }

    /// The months that changed since this was last asked. Where they cannot be written down they
    /// have to be given to [`Meter::unwritten`].
    pub(crate) fn changes(&self) -> Vec<(String, Month, Record)> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Vec::new();
        for (bucket, account) in accounts.iter() {
            let months = account.months();
            if let Some((_, last)) = months.last_key_value() {
                last.closing.store(account.stored.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            for (month, flow) in months.iter() {
                if flow.changed.swap(false, Ordering::Acquire) {
                    flow.updated.store(self.clock.now(), Ordering::Relaxed);
                    changes.push((bucket.clone(), *month, flow.record()));
                }
            }
        }
        changes
    }

    /// Makes [`Meter::changes`] give the months again.
    pub(crate) fn unwritten(&self, changes: &[(String, Month, Record)]) {
        for (bucket, month, _) in changes {
            self.account(bucket).flow(*month).changed.store(true, Ordering::Release);
        }
    }

    /// What was metered in a month that is not to come, and when: in seconds since 1970.
    fn month(&self, bucket: &str, month: Month) -> (Record, Option<i64>) {
        let account = self.account(bucket);
        let now = self.clock.now();
        if month >= Month::of(now) {
            let closing = account.stored.load(Ordering::Relaxed);
            return (Record { closing, ..account.flow(month).record() }, Some(now));
        }
        match account.months().range(..=month).next_back() {
            Some((found, flow)) if *found == month => {
                let record = flow.record();
                (record, (record.updated > 0).then_some(record.updated))
            }
            // Nothing happened, so what was stored before stayed.
            Some((_, earlier)) => {
                let stored = earlier.record().closing;
                (Record { peak: stored, closing: stored, ..Record::default() }, None)
            }
            None => (Record::default(), None),
        }
    }
}

/// When a bucket came to the CDN, in seconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acceleration {
    /// When it first had any domain.
    pub(crate) activated: Option<i64>,
    /// When it first had a domain of the developer's own.
    pub(crate) bound: Option<i64>,
}

/// Answers `GET /usage?bucket=[&month=]`: the usage of a bucket in a month, this one by default.
///
/// # Errors
/// `NoSuchBucket`, `InvalidArgument`, `MethodNotAllowed`.
pub(crate) async fn serve(service: &Service, call: &Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Usage<'a> {
        bucket: &'a str,
        month: String,
        updated: Option<i64>,
        storage_bytes: u64,
        peak_storage_bytes: u64,
        downstream_bytes: u64,
        cdn_origin_bytes: u64,
        read_requests: u64,
        write_requests: u64,
        cdn_bytes: u64,
        cdn_activated: Option<i64>,
        domain_bound: Option<i64>,
    }
    if call.method != Method::GET {
        return Err(Error::new(Code::MethodNotAllowed, "Usage is asked for by GET."));
    }
    let bucket = service.named_bucket(call)?;
    let now = Month::of(service.clock.now());
    let month = call.query.get("month").filter(|month| !month.is_empty());
    let month = month.map_or(Ok(now), str::parse)?;
    if month > now {
        return Err(Error::invalid(format!("The month {month} is still to come; it is {now}.")));
    }
    let (record, updated) = service.meter().month(bucket, month);
    let name = bucket.to_owned();
    let cdn = service.store(move |store| store.acceleration(&name)).await?;
    let [downstream_bytes, cdn_origin_bytes, read_requests, write_requests, cdn_bytes] =
        record.counts;
    let milliseconds = |seconds: i64| seconds.saturating_mul(1000);
    let usage = Usage {
        bucket,
        month: month.to_string(),
        updated: updated.map(milliseconds),
        storage_bytes: record.closing,
        peak_storage_bytes: record.peak,
        downstream_bytes,
        cdn_origin_bytes,
        read_requests,
        write_requests,
        cdn_bytes,
        cdn_activated: cdn.activated.map(milliseconds),
        domain_bound: cdn.bound.map(milliseconds),
    };
    Ok(text(StatusCode::OK, "application/json", serde_json::to_vec(&usage)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-30T15:59:59Z, the last second of a month in China.
    const LAST_SECOND: i64 = 1_796_054_399;

    #[test]
    fn months_are_those_of_china() {
        assert_eq!(Month::of(LAST_SECOND).to_string(), "2026-11");
        assert_eq!(Month::of(LAST_SECOND + 1).to_string(), "2026-12");
        assert_eq!("2026-12".parse::<Month>().ok(), Some(Month::of(LAST_SECOND + 1)));
        for text in ["", "2026", "2026-13", "2026-1", "26-11", "2026-11-01", "-1-11"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_month_begins_with_what_is_stored() {
        let clock = Clock::new(0);
        clock.advance(LAST_SECOND - 60 - clock.now());
        let (november, december) = (Month::of(LAST_SECOND), Month::of(LAST_SECOND + 1));
        let meter = Meter::new(clock.clone(), HashMap::from([("b".into(), 100)]), Vec::new());
        meter.stored("b", 50, 0);
        meter.stored("b", 0, 120);
        meter.flow("b").add(Count::CdnBytes, 7);
        clock.advance(120);
        meter.stored("b", 5, 0);
        let told = |month| {
            let (record, _) = meter.month("b", month);
            (record.closing, record.peak, record.counts)
        };
        assert_eq!(told(november), (30, 150, [0, 0, 0, 0, 7]));
        assert_eq!(told(december), (35, 35, [0; COUNTS]));

        let written = meter.changes();
        assert_eq!((written.len(), meter.changes().len()), (2, 0));
        let stored = HashMap::from([("b".to_owned(), 35)]);
        let again = Meter::new(clock.clone(), stored, written);
        assert_eq!(again.month("b", november), meter.month("b", november));
        clock.advance(70 * 86_400);
        let january = Month::of(LAST_SECOND + 32 * 86_400);
        assert_eq!(again.month("b", january).0.closing, 35, "nothing happened in that month");
        assert_eq!(again.month("b", "2020-01".parse().expect("a month")).0, Record::default());
    }
}
