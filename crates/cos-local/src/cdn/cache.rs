//! What the CDN keeps, in memory: answers of the bucket, each for a while, and together no more than
//! a limit; those that are seldom asked for make room first.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_LENGTH, ETAG, HeaderMap, LAST_MODIFIED};
use quick_cache::sync::{Cache as Entries, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::clock::parse_http_date;

/// How long a 404 is kept, in seconds: the rule that a new domain has (document 228/35318).
const ABSENCE: i64 = 10;

/// An answer may take up to this part of the cache. Larger ones pass through it.
const LARGEST_PART: u64 = 8;

/// What an entry takes besides its name and body, in bytes, roughly.
const OVERHEAD: u64 = 1024;

/// An answer of the bucket.
pub(super) struct Entry {
    pub(super) status: StatusCode,
    /// Without `Content-Length`.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Without quotes.
    pub(super) etag: String,
    /// In seconds since 1970.
    pub(super) modified: i64,
    /// When the bucket last said so, in seconds since 1970.
    pub(super) stored: i64,
    expires: AtomicI64,
}

impl Entry {
    /// The answer to keep for `lifetime` seconds from `now`.
    pub(super) fn new(
        status: StatusCode,
        mut headers: HeaderMap,
        body: Bytes,
        now: i64,
        lifetime: i64,
    ) -> Self {
        headers.remove(CONTENT_LENGTH);
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let etag = text(ETAG).unwrap_or_default().trim_matches('"').to_owned();
        let modified = text(LAST_MODIFIED).and_then(parse_http_date).unwrap_or(now);
        let expires = AtomicI64::new(now.saturating_add(lifetime));
        Self { status, headers, body, etag, modified, stored: now, expires }
    }

    /// The same, said again by the bucket.
    pub(super) fn renewed(&self, now: i64, lifetime: i64) -> Self {
        Self::new(self.status, self.headers.clone(), self.body.clone(), now, lifetime)
    }

    fn is_fresh(&self, now: i64) -> bool {
        now < self.expires.load(Ordering::Relaxed)
    }
}

/// How long an answer may be kept, in seconds: at most the domain's `ttl`, and no longer than its
/// `Cache-Control` says (document 228/11203). 0 for not at all.
pub(super) fn lifetime(status: StatusCode, headers: &HeaderMap, ttl: u32) -> i64 {
    match status {
        StatusCode::OK | StatusCode::NOT_MODIFIED => {}
        StatusCode::NOT_FOUND => return ABSENCE.min(ttl.into()),
        _ => return 0,
    }
    let mut lifetime = i64::from(ttl);
    let told = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    for directive in told.flat_map(|value| value.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        match directive.split_once('=') {
            None if matches!(directive.as_str(), "no-cache" | "no-store" | "private") => return 0,
            Some(("max-age", seconds)) => {
                // What is too large for a number is longer than any ttl.
                let seconds = seconds.trim_matches('"');
                let digits =
                    !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
                let longest = if digits { i64::MAX } else { 0 };
                lifetime = lifetime.min(seconds.parse().unwrap_or(longest).max(0));
            }
            _ => {}
        }
    }
    lifetime
}

#[derive(Clone)]
struct Weigh;

impl Weighter<String, Arc<Entry>> for Weigh {
    fn weight(&self, name: &String, entry: &Arc<Entry>) -> u64 {
        (name.len() + entry.body.len()) as u64 + OVERHEAD
    }
}

type Guard<'a> = PlaceholderGuard<
    'a,
    String,
    Arc<Entry>,
    Weigh,
    DefaultHashBuilder,
    DefaultLifecycle<String, Arc<Entry>>,
>;

/// Entries by host, path and query.
pub(super) struct Cache {
    entries: Entries<String, Arc<Entry>, Weigh>,
    largest: u64,
    /// Counts what was purged, so that an answer on its way meanwhile is not kept.
    purges: AtomicU64,
}

/// What is known under a name.
pub(super) enum Found<'a> {
    Fresh(Arc<Entry>),
    Absent(Vacancy<'a>),
}

/// The right to fill a name that has no fresh entry. Others who look for it wait until it is filled
/// or given up.
pub(super) struct Vacancy<'a> {
    guard: Guard<'a>,
    cache: &'a Cache,
    purges: u64,
    /// An entry that was kept for as long as it may be: the bucket can say that it still holds.
    pub(super) stale: Option<Arc<Entry>>,
}

impl Vacancy<'_> {
    /// Keeps an answer, unless something was purged while it was on its way.
    pub(super) fn fill(self, entry: Arc<Entry>) {
        if self.purges == self.cache.purges.load(Ordering::Acquire) {
            // The other outcome is that the name itself was purged, which is as good.
            let _ = self.guard.insert(entry);
        }
    }
}

impl Cache {
    /// A cache of so many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        let largest = bytes / LARGEST_PART;
        let mut options = OptionsBuilder::new();
        // One shard: the limit is of all entries together.
        options.shards(1).estimated_items_capacity(1000).weight_capacity(bytes);
        let entries = match options.build() {
            Ok(options) => Entries::with_options(
                options,
                Weigh,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            // Both capacities are set, so the error arm cannot be reached.
            Err(_) => Entries::with_weighter(1000, bytes, Weigh),
        };
        Self { entries, largest, purges: AtomicU64::new(0) }
    }

    /// Whether a body of so many bytes may be kept.
    pub(super) fn takes(&self, length: Option<u64>) -> bool {
        length.is_some_and(|length| length.saturating_add(OVERHEAD) <= self.largest)
    }

    /// A fresh entry, without waiting for one on its way.
    pub(super) fn fresh(&self, name: &str, now: i64) -> Option<Arc<Entry>> {
        self.entries.get(name).filter(|entry| entry.is_fresh(now))
    }

    /// A fresh entry, or the right to fill it; waits for who has that right.
    pub(super) async fn find(&self, name: &str, now: i64) -> Found<'_> {
        let stale = self.entries.remove_if(name, |entry| !entry.is_fresh(now));
        loop {
            let purges = self.purges.load(Ordering::Acquire);
            match self.entries.get_value_or_guard_async(name).await {
                // One that was filled not to be kept.
                Ok(entry) if !entry.is_fresh(now) => {
                    self.entries.remove_if(name, |entry| !entry.is_fresh(now));
                }
                Ok(entry) => return Found::Fresh(entry),
                Err(guard) => {
                    let stale = stale.map(|(_, entry)| entry);
                    return Found::Absent(Vacancy { guard, cache: self, purges, stale });
                }
            }
        }
    }

    /// Forgets an entry.
    pub(super) fn purge(&self, name: &str) {
        self.purges.fetch_add(1, Ordering::Release);
        self.entries.remove(name);
    }

    /// Forgets all entries whose names begin so, or with `changed_only` asks the bucket which still
    /// hold when they are next asked for.
    pub(super) fn purge_all(&self, beginning: &str, changed_only: bool) {
        self.purges.fetch_add(1, Ordering::Release);
        self.entries.retain(|name, entry| {
            let concerned = name.starts_with(beginning);
            if concerned && changed_only {
                entry.expires.store(i64::MIN, Ordering::Relaxed);
            }
            !concerned || changed_only
        });
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn entry(body: &'static [u8], now: i64, lifetime: i64) -> Arc<Entry> {
        let bytes = Bytes::from_static(body);
        Arc::new(Entry::new(StatusCode::OK, HeaderMap::new(), bytes, now, lifetime))
    }

    async fn keep(cache: &Cache, name: &str, entry: Arc<Entry>) {
        match cache.find(name, entry.stored).await {
            Found::Absent(vacancy) => vacancy.fill(entry),
            Found::Fresh(_) => panic!("{name} is there already"),
        }
    }

    #[test]
    fn the_shorter_of_ttl_and_max_age_counts() {
        let told = |value: &'static str| {
            let mut headers = HeaderMap::new();
            if !value.is_empty() {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
            }
            lifetime(StatusCode::OK, &headers, 600)
        };
        for (value, expected) in [
            ("", 600),
            ("public", 600),
            ("max-age=200", 200),
            ("Public, Max-Age=200", 200),
            ("max-age=800", 600),
            ("max-age=99999999999999999999", 600),
            ("max-age=0", 0),
            ("max-age=-5", 0),
            ("max-age=soon", 0),
            ("no-store", 0),
            ("no-cache", 0),
            ("private, max-age=200", 0),
        ] {
            assert_eq!(told(value), expected, "{value}");
        }
        let status = |status, ttl| lifetime(status, &HeaderMap::new(), ttl);
        assert_eq!((status(StatusCode::NOT_FOUND, 600), status(StatusCode::NOT_FOUND, 5)), (10, 5));
        assert_eq!(status(StatusCode::FORBIDDEN, 600), 0);
    }

    #[tokio::test]
    async fn entries_lapse_and_can_be_renewed() {
        let cache = Cache::new(1 << 20);
        keep(&cache, "a", entry(b"x", 100, 10)).await;
        assert!(cache.fresh("a", 109).is_some() && cache.fresh("a", 110).is_none());
        let Found::Absent(vacancy) = cache.find("a", 110).await else { panic!("still fresh") };
        let stale = vacancy.stale.clone().expect("the old entry");
        vacancy.fill(Arc::new(stale.renewed(110, 10)));
        let found = cache.fresh("a", 119).expect("a fresh entry");
        assert_eq!((found.stored, &found.body[..]), (110, &b"x"[..]));
    }

    #[tokio::test]
    async fn who_comes_meanwhile_waits_for_the_one_answer() {
        let cache = Cache::new(1 << 20);
        let Found::Absent(vacancy) = cache.find("a", 0).await else { panic!("there already") };
        let waiting = async {
            match cache.find("a", 0).await {
                Found::Fresh(entry) => entry.body.clone(),
                Found::Absent(_) => panic!("asked twice"),
            }
        };
        let filling = async { vacancy.fill(entry(b"x", 0, 10)) };
        let (body, ()) = tokio::join!(waiting, filling);
        assert_eq!(&body[..], b"x");
        // One who gives up lets the next one try.
        drop(cache.find("b", 0).await);
        assert!(matches!(cache.find("b", 0).await, Found::Absent(_)));
    }

    #[tokio::test]
    async fn what_is_purged_is_gone_even_on_its_way() {
        let cache = Cache::new(1 << 20);
        for name in ["h/a/1?", "h/a/2?", "h/ab?"] {
            keep(&cache, name, entry(b"x", 0, 10)).await;
        }
        let fresh = || ["h/a/1?", "h/a/2?", "h/ab?"].map(|name| cache.fresh(name, 0).is_some());
        cache.purge("h/a/1?");
        assert_eq!(fresh(), [false, true, true]);
        cache.purge_all("h/a/", true);
        assert_eq!(fresh(), [false, false, true]);
        let Found::Absent(vacancy) = cache.find("h/a/2?", 0).await else { panic!("fresh") };
        assert!(vacancy.stale.is_some(), "the bucket is asked whether it still holds");
        cache.purge_all("h/", false);
        vacancy.fill(entry(b"old", 0, 10));
        assert_eq!(fresh(), [false; 3]);
    }

    #[tokio::test]
    async fn the_cache_keeps_to_its_limit() {
        static BODY: [u8; 4096] = [0; 4096];
        let cache = Cache::new(64 << 10);
        for index in 0..100 {
            keep(&cache, &index.to_string(), entry(&BODY, 0, 10)).await;
        }
        assert!(cache.entries.weight() <= 64 << 10);
        assert!(cache.entries.len() > 5);
        assert!(cache.takes(Some(4096)) && !cache.takes(Some(8192)) && !cache.takes(None));
    }
}
