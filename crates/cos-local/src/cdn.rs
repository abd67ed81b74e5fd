//! The CDN: domains in front of buckets, each with a cache and, if it likes, signed URLs.
//!
//! - It reads buckets as a service that is let in, private ones too. It calls what serves GET
//!   Object, and what passes is metered as CDN origin traffic and as a read of COS.
//! - What it reads it keeps in memory (see `cache.rs`), whole, by host, path and query, without what
//!   signs the URL. Ranges, conditions and HEAD are answered from what is kept; a HEAD that finds
//!   nothing pulls the object. Of requests that come while an answer is on its way, one pulls.
//! - What may not be kept, or is too large, passes through, each time from the bucket.
//! - What has lapsed is pulled on condition that it changed, and renewed if it did not.
//! - A 404 is kept for ten seconds, other refusals are not.
//! - `X-Cache-Lookup` says `Cache Hit` for what was kept and `Cache Miss` for what came from the
//!   bucket; `Age` goes with hits. An object that has no `Cache-Control` is given `max-age=600`, as
//!   Tencent's CDN does.

pub(crate) mod api;
mod authentication;
mod cache;
pub(crate) mod domain;
mod task;
mod tc3;

use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::Body as _;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};

use self::cache::{Cache, Entry, Found, lifetime};
use self::domain::Domain;
pub use self::domain::{CdnConfig, CdnConfigError};
use self::task::Tasks;
use crate::call::{Call, Content, Reply, empty, set};
use crate::credential::Caller;
use crate::error::{Code, Error};
use crate::host::{Query, Target, encode_path};
use crate::object;
use crate::range::{self, ByteRange, Condition};
use crate::service::Service;
use crate::usage::Count;

/// Headers that a bucket needs to answer with a part of an object, or with none.
const CONDITIONS: [&str; 6] =
    ["if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"];

/// Says where an answer came from.
const LOOKUP: &str = "x-cache-lookup";

/// The domains and what they keep.
pub(crate) struct Cdn {
    domains: Vec<Arc<Domain>>,
    cache: Cache,
    tasks: Tasks,
}

impl Cdn {
    pub(crate) fn new(config: CdnConfig) -> Self {
        let CdnConfig { domains, cache_bytes } = config;
        Self { domains, cache: Cache::new(cache_bytes), tasks: Tasks::default() }
    }

    /// The domain that a `Host` names, with any port.
    pub(crate) fn find(&self, host: &str) -> Option<&Arc<Domain>> {
        let name = crate::host::without_port(host);
        self.domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name))
    }

    /// The first domain of a bucket.
    pub(crate) fn of_bucket(&self, bucket: &str) -> Option<&Arc<Domain>> {
        self.domains.iter().find(|domain| domain.bucket == bucket)
    }

    pub(crate) fn domains(&self) -> &[Arc<Domain>] {
        &self.domains
    }
}

/// Something that a domain serves.
#[derive(Clone)]
pub(crate) struct Wanted {
    domain: Arc<Domain>,
    /// Decoded, with its slash.
    path: String,
    /// As sent, without what signs it.
    query: String,
}

impl Wanted {
    /// Makes sure that a URL is signed as its domain asks.
    ///
    /// # Errors
    /// `AccessDenied`, `InvalidURI`.
    pub(crate) fn admit(
        domain: &Arc<Domain>,
        path: &str,
        query: &str,
        now: i64,
    ) -> Result<Self, Error> {
        let path = match &domain.authentication {
            Some(authentication) => authentication.check(path, query, now)?,
            None => path,
        };
        Self::of_url(domain, path, query)
    }

    /// What the URL of an object means, signed or not.
    ///
    /// # Errors
    /// `InvalidURI`.
    fn of_url(domain: &Arc<Domain>, path: &str, query: &str) -> Result<Self, Error> {
        let query = match &domain.authentication {
            Some(authentication) => authentication.strip_query(query),
            None => query.to_owned(),
        };
        let path = crate::host::decode_path(path)?;
        Ok(Self { domain: Arc::clone(domain), path, query })
    }

    /// What the cache knows it by.
    fn name(&self) -> String {
        format!("{}{}?{}", self.domain.name, encode_path(&self.path), self.query)
    }

    /// Host and path, for the log.
    pub(crate) fn resource(&self) -> String {
        format!("{}{}", self.domain.name, encode_path(&self.path))
    }
}

/// Host and path of a request that may be refused, for the log: without what signs it.
pub(crate) fn resource(domain: &Domain, path: &str) -> String {
    let path = match &domain.authentication {
        Some(authentication) => authentication.strip(path),
        None => path,
    };
    format!("{}{path}", domain.name)
}

/// What became of a request.
enum Outcome {
    /// It is kept; and whether it was before.
    Kept(Arc<Entry>, bool),
    /// It passes through.
    Passed(Reply),
}

/// Answers a request for a domain.
///
/// # Errors
/// `MethodNotAllowed`, `PreconditionFailed`, `InvalidRange`, `NoSuchBucket`.
pub(crate) async fn serve(
    service: &Arc<Service>,
    call: &Call,
    wanted: Wanted,
) -> Result<Reply, Error> {
    if call.method != Method::GET && call.method != Method::HEAD {
        let message = "The CDN answers GET and HEAD; write to the bucket's own host.";
        return Err(Error::new(Code::MethodNotAllowed, message));
    }
    let kept = service.cdn.cache.fresh(&wanted.name(), service.clock.now());
    let outcome = match kept {
        Some(entry) => Outcome::Kept(entry, true),
        None => {
            let conditions = CONDITIONS.iter().filter_map(|name| {
                Some((
                    hyper::header::HeaderName::from_static(name),
                    call.headers.get(*name)?.clone(),
                ))
            });
            let (service, conditions) = (Arc::clone(service), conditions.collect());
            // A task of its own, so that it ends even if the client goes away: others wait for it.
            tokio::spawn(async move { fetch(&service, &wanted, conditions).await }).await??
        }
    };
    let is_head = call.method == Method::HEAD;
    match outcome {
        Outcome::Kept(entry, hit) => {
            let told = if hit { "Cache Hit" } else { "Cache Miss" };
            let age = hit.then(|| service.clock.now().saturating_sub(entry.stored).max(0));
            let reply = present(&entry, &call.headers, is_head);
            tell(reply.map_err(|error| error.with_header(LOOKUP, told))?, told, age)
        }
        Outcome::Passed(mut reply) => {
            if is_head {
                *reply.body_mut() = empty(StatusCode::OK).into_body();
            }
            tell(reply, "Cache Miss", None)
        }
    }
}

/// Adds what the CDN says of every answer.
fn tell(mut reply: Reply, lookup: &str, age: Option<i64>) -> Result<Reply, Error> {
    set(&mut reply, LOOKUP, lookup)?;
    if let Some(age) = age {
        set(&mut reply, "age", age.to_string())?;
    }
    if reply.status().is_success() {
        let usual = HeaderValue::from_static("max-age=600");
        reply.headers_mut().entry(CACHE_CONTROL).or_insert(usual);
    }
    Ok(reply)
}

/// An answer that is kept, or the part of it that is asked for.
fn present(entry: &Entry, asked: &HeaderMap, is_head: bool) -> Result<Reply, Error> {
    let mut reply = empty(entry.status);
    *reply.headers_mut() = entry.headers.clone();
    let mut body = entry.body.clone();
    if entry.status == StatusCode::OK {
        let text = |name: &str| asked.get(name).and_then(|value| value.to_str().ok());
        let condition = Condition {
            if_match: text("if-match"),
            if_none_match: text("if-none-match"),
            if_modified_since: text("if-modified-since"),
            if_unmodified_since: text("if-unmodified-since"),
        };
        if let Some(status) = condition.check(&entry.etag, entry.modified)? {
            *reply.status_mut() = status;
            reply.headers_mut().remove(CONTENT_TYPE);
            return Ok(reply);
        }
        let size = body.len() as u64;
        let part = match text("range") {
            Some(header) if range::applies(text("if-range"), &entry.etag, entry.modified) => {
                range::parse(header, size)
                    .map_err(|error| error.with("ObjectSize", size.to_string()))?
            }
            _ => None,
        };
        if let Some(ByteRange { start, length }) = part {
            *reply.status_mut() = StatusCode::PARTIAL_CONTENT;
            let told = format!("bytes {start}-{}/{size}", start + length - 1);
            set(&mut reply, "content-range", told)?;
            // Within the body, whose length is a usize.
            body = body.slice(start as usize..(start + length) as usize);
        }
    }
    set(&mut reply, "content-length", body.len().to_string())?;
    if !is_head {
        *reply.body_mut() = Full::new(body).map_err(|never| match never {}).boxed_unsync();
    }
    Ok(reply)
}

/// Finds something in the cache, or pulls it from the bucket.
async fn fetch(
    service: &Arc<Service>,
    wanted: &Wanted,
    conditions: HeaderMap,
) -> Result<Outcome, Error> {
    let now = service.clock.now();
    let cache = &service.cdn.cache;
    let vacancy = match cache.find(&wanted.name(), now).await {
        Found::Fresh(entry) => return Ok(Outcome::Kept(entry, true)),
        Found::Absent(vacancy) => vacancy,
    };
    let mut unless_same = HeaderMap::new();
    let stale = vacancy.stale.clone().filter(|stale| stale.status == StatusCode::OK);
    if let Some(stale) = &stale
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", stale.etag))
    {
        unless_same.insert("if-none-match", tag);
    }
    let flow = service.flow(Some(&wanted.domain.bucket));
    if let Some(flow) = &flow {
        flow.request(&Method::GET);
    }
    let reply = read(service, wanted, unless_same).await?;
    let lifetime = lifetime(reply.status(), reply.headers(), wanted.domain.ttl);
    if let Some(stale) = stale.filter(|_| reply.status() == StatusCode::NOT_MODIFIED) {
        let entry = Arc::new(stale.renewed(now, lifetime));
        if lifetime > 0 {
            vacancy.fill(Arc::clone(&entry));
        }
        return Ok(Outcome::Kept(entry, false));
    }
    let told = reply.headers().get("content-length").and_then(|length| length.to_str().ok());
    let length = told.and_then(|length| length.parse().ok()).or(reply.body().size_hint().exact());
    let metered = |reply: Reply| match &flow {
        Some(flow) => reply.map(|body| flow.meter(body, Count::CdnOriginBytes)),
        None => reply,
    };
    if lifetime > 0 && cache.takes(length) {
        let (parts, body) = metered(reply).into_parts();
        let body = body.collect().await?.to_bytes();
        let entry = Arc::new(Entry::new(parts.status, parts.headers, body, now, lifetime));
        vacancy.fill(Arc::clone(&entry));
        return Ok(Outcome::Kept(entry, false));
    }
    drop(vacancy);
    // What passes through is read as the client asked for it. Nothing has left the bucket yet.
    let reply = match conditions.is_empty() {
        true => reply,
        false => read(service, wanted, conditions).await?,
    };
    Ok(Outcome::Passed(metered(reply)))
}

/// What the bucket answers.
///
/// # Errors
/// `NoSuchBucket`; other refusals are answers.
async fn read(service: &Arc<Service>, wanted: &Wanted, headers: HeaderMap) -> Result<Reply, Error> {
    let Wanted { domain, path, query } = wanted;
    service.require_bucket(&domain.bucket, None)?;
    let key = path.strip_prefix('/').unwrap_or(path);
    let mut call = Call {
        method: Method::GET,
        target: Target::of_cdn(&domain.name, &domain.bucket, key),
        query: Query::parse(query),
        headers,
        body: Content::none(),
        caller: Caller::Owner { bucket: Some(domain.bucket.clone()) },
    };
    let id = service.request_id();
    let answered = object::get(service, &mut call).await;
    Ok(answered.unwrap_or_else(|error| {
        error.log(&id);
        error.to_reply(&wanted.resource(), &id, &Method::GET)
    }))
}
