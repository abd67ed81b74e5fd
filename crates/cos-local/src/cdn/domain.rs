//! The domains of the CDN, as a file configures them.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::bucket;
use crate::call::{Call, Reply, text};
use crate::error::{Code, Error};
use crate::host::{self, is_loopback};
use crate::service::Service;

/// The path of the endpoint that tells of a bucket's domain, on the server's own address.
pub(crate) const PATH: &str = "/cdn";

/// What the default domain of a bucket's CDN ends with.
const DEFAULT_DOMAIN: &str = ".file.myqcloud.com";

/// What is said of a key that is none.
const KEY_FORM: &str = "a key has 6 to 40 letters and digits, in quotes";

/// The longest validity of a signed URL that the CDN takes, in seconds.
const LONGEST_VALIDITY: u32 = 630_720_000;

/// The domains of the CDN, each in front of a bucket. `Debug` shows no keys.
#[derive(Clone, Debug)]
pub struct CdnConfig {
    pub(super) cache_bytes: u64,
    pub(super) domains: Vec<Arc<Domain>>,
}

impl Default for CdnConfig {
    /// No domains.
    fn default() -> Self {
        Self { cache_bytes: default_cache(), domains: Vec::new() }
    }
}

/// Why a configuration of the CDN is not taken, in a sentence that says where and what to change.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CdnConfigError(String);

/// The file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    #[serde(default = "default_cache")]
    cache_bytes: u64,
    #[serde(default, rename = "domain")]
    domains: Vec<Domain>,
}

/// A domain and the bucket that it serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Domain {
    /// In lower case, without a port.
    pub(crate) name: String,
    pub(crate) bucket: String,
    /// How long the cache keeps what does not say otherwise, in seconds.
    #[serde(default = "default_ttl")]
    pub(crate) ttl: u32,
    pub(crate) authentication: Option<Authentication>,
}

impl Domain {
    /// Whether the domain is the developer's, rather than the default one of the bucket.
    pub(crate) fn is_own(&self) -> bool {
        !self.name.ends_with(DEFAULT_DOMAIN)
    }
}

/// The type of an authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Type {
    A,
    B,
    C,
    D,
}

/// How type D writes the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TimeFormat {
    Dec,
    Hex,
}

/// How the URLs of a domain are signed. `Debug` shows no key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"), deny_unknown_fields)]
pub(crate) struct Authentication {
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    pub(crate) key: String,
    /// How long a URL holds after the time in it, in seconds.
    #[serde(default = "default_validity")]
    pub(crate) valid: u32,
    #[serde(default = "default_sign_param")]
    pub(crate) sign_param: String,
    #[serde(default = "default_time_param")]
    pub(crate) time_param: String,
    #[serde(default = "default_time_format")]
    pub(crate) time_format: TimeFormat,
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentication").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// 256 MiB.
fn default_cache() -> u64 {
    256 << 20
}

/// 30 days, as a new domain has.
fn default_ttl() -> u32 {
    2_592_000
}

fn default_validity() -> u32 {
    1800
}

fn default_sign_param() -> String {
    "sign".to_owned()
}

fn default_time_param() -> String {
    "t".to_owned()
}

fn default_time_format() -> TimeFormat {
    TimeFormat::Dec
}

impl CdnConfig {
    /// Reads a configuration in TOML:
    ///
    /// ```toml
    /// cache-bytes = 268435456          # the most that the cache holds in memory
    ///
    /// [[domain]]
    /// name = "cdn.example.com"
    /// bucket = "demo-1250000000"
    /// ttl = 600                        # seconds; 30 days without
    ///
    /// [domain.authentication]          # left out: URLs need no signature
    /// type = "A"                       # A, B, C or D
    /// key = "0123456789abcdef"         # 6 to 40 letters and digits
    /// valid = 1800                     # seconds
    /// sign-param = "sign"              # A and D
    /// time-param = "t"                 # D
    /// time-format = "dec"              # D: dec or hex
    /// ```
    ///
    /// The default domain `<bucket>.file.myqcloud.com` of each bucket works like its first domain,
    /// unless it has a table of its own.
    ///
    /// # Errors
    /// What is wrong, with its line or the name of its domain, and never a key.
    pub fn parse(text: &str) -> Result<Self, CdnConfigError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
            // The parser's message may quote the value.
            let is_key = |line: &str| line.trim_start().starts_with("key");
            let message = match text.lines().nth(line - 1).is_some_and(is_key) {
                true => KEY_FORM,
                false => error.message(),
            };
            CdnConfigError(format!("line {line}: {}", message.replace('\n', " ")))
        })?;
        let mut names = HashSet::new();
        for domain in &file.domains {
            check(domain).map_err(|wrong| {
                CdnConfigError(format!("the domain {:?}: {wrong}", domain.name))
            })?;
            if !names.insert(domain.name.clone()) {
                let name = &domain.name;
                return Err(CdnConfigError(format!("the domain {name:?} is there twice")));
            }
        }
        let defaults = file.domains.iter().map(|domain| {
            let name = format!("{}{DEFAULT_DOMAIN}", domain.bucket);
            Domain { name, ..domain.clone() }
        });
        let defaults: Vec<_> =
            defaults.filter(|domain| names.insert(domain.name.clone())).collect();
        let domains = file.domains.into_iter().chain(defaults).map(Arc::new).collect();
        Ok(Self { cache_bytes: file.cache_bytes, domains })
    }
}

/// Says what is wrong with a domain, if anything.
fn check(domain: &Domain) -> Result<(), String> {
    let name = domain.name.as_str();
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(allowed)
    };
    bucket::check_name(&domain.bucket).map_err(|error| error.message.into_owned())?;
    if is_loopback(name) || !name.contains('.') || !name.split('.').all(is_label) {
        return Err("a name is a host name in lower case, without scheme, port and path".into());
    }
    match name.strip_suffix(DEFAULT_DOMAIN) {
        Some(bucket) if bucket != domain.bucket => {
            return Err(format!("this is the default domain of the bucket {bucket}"));
        }
        None if host::is_cos(name) => return Err("this is a host of COS".into()),
        _ => {}
    }
    let Some(authentication) = &domain.authentication else { return Ok(()) };
    let Authentication { key, valid, sign_param, time_param, .. } = authentication;
    if !(6..=40).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(KEY_FORM.into());
    }
    if !(1..=LONGEST_VALIDITY).contains(valid) {
        return Err(format!("valid is between 1 and {LONGEST_VALIDITY} seconds"));
    }
    let is_param = |param: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (1..=100).contains(&param.len()) && param.bytes().all(allowed)
    };
    if !is_param(sign_param) || !is_param(time_param) || sign_param == time_param {
        return Err(
            "sign-param and time-param are two names of 1 to 100 letters, digits and _".into()
        );
    }
    Ok(())
}

/// Answers `GET /cdn?bucket=`: the domain of a bucket, and how its URLs are signed. This is what a
/// developer's own server would tell a user who is signed in.
///
/// # Errors
/// `NoSuchBucket`, also for a bucket without a domain; `InvalidArgument`, `MethodNotAllowed`.
pub(crate) fn serve(service: &Service, call: &Call) -> Result<Reply, Error> {
    #[derive(Serialize)]
    struct Answer<'a> {
        domain: &'a str,
        authentication: Option<&'a Authentication>,
    }
    if call.method != Method::GET {
        return Err(Error::new(Code::MethodNotAllowed, "The domain is asked for by GET."));
    }
    let bucket = service.named_bucket(call)?;
    let Some(domain) = service.cdn.of_bucket(bucket) else {
        let message = format!("The bucket {bucket} has no domain; give it one by --cdn-config.");
        return Err(Error::new(Code::NoSuchBucket, message));
    };
    let answer = Answer { domain: &domain.name, authentication: domain.authentication.as_ref() };
    Ok(text(StatusCode::OK, "application/json", serde_json::to_vec(&answer)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        CdnConfig::parse(text).map(|_| ()).expect_err("a refusal").to_string()
    }

    #[test]
    fn each_bucket_has_a_default_domain_too() {
        let config = CdnConfig::parse(
            "[[domain]]\nname = 'cdn.example.com'\nbucket = 'b-1'\n\
             [domain.authentication]\ntype = 'D'\nkey = 'secret1'\ntime-format = 'hex'\n\
             [[domain]]\nname = 'img.example.com'\nbucket = 'b-1'\nttl = 5",
        )
        .expect("a configuration");
        let told: Vec<_> =
            config.domains.iter().map(|domain| (domain.name.as_str(), domain.ttl)).collect();
        let month = 2_592_000;
        let expected =
            [("cdn.example.com", month), ("img.example.com", 5), ("b-1.file.myqcloud.com", month)];
        assert_eq!(told, expected);
        assert!(config.domains[0].is_own() && !config.domains[2].is_own());
        assert_eq!(config.domains[2].authentication, config.domains[0].authentication);
        assert!(!format!("{config:?}").contains("secret1"));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line_without_keys() {
        let domain = |name: &str, rest: &str| {
            format!("[[domain]]\nname = '{name}'\nbucket = 'b-1'\n{rest}\n")
        };
        let keyed = |rest: &str| domain("a.b", &format!("[domain.authentication]\n{rest}"));
        for (text, told) in [
            ("cache = 1".to_owned(), "line 1"),
            (domain("a.b", "ttl = -1"), "line 4"),
            (domain("http://a.b", ""), "without scheme"),
            (domain("127.0.0.1", ""), "host name"),
            (domain("x-1.file.myqcloud.com", ""), "default domain of the bucket x-1"),
            (domain("b-1.cos.ap-guangzhou.myqcloud.com", ""), "host of COS"),
            (domain("a.b", "") + &domain("a.b", ""), "twice"),
            ("[[domain]]\nname = 'a.b'\nbucket = 'b'".to_owned(), "name-appid"),
            (keyed("type = 'A'\nkey = 'sec-ret'"), "6 to 40 letters and digits"),
            (keyed("type = 'E'\nkey = 'sec-ret'"), "line 5"),
            (keyed("type = 'A'\nkey = 73273873"), "line 6: a key has"),
            (keyed("type = 'A'\nkey = 'secret'\nvalid = 0"), "between 1 and"),
            (keyed("type = 'D'\nkey = 'secret'\ntime-param = 'sign'"), "two names"),
        ] {
            let message = refused(&text);
            assert!(message.contains(told), "{message}");
            let shown = ["sec-ret", "'secret'", "73273873"].iter().any(|key| message.contains(key));
            assert!(!message.contains('\n') && !shown, "{message}");
        }
    }
}
