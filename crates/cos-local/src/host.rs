//! Which bucket and key a request means: virtual hosts, proxy requests and path style.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Code, Error};

/// Everything but `A-Za-z0-9-_.~` (document 436/7778).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes everything but `A-Za-z0-9-_.~`, with upper-case digits.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// [`encode`], but `/` stays.
pub(crate) fn encode_path(text: &str) -> String {
    const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');
    utf8_percent_encode(text, RESERVED_IN_PATH).to_string()
}

/// Decodes a path.
///
/// # Errors
/// `InvalidURI` where the bytes are not UTF-8.
pub(crate) fn decode_path(path: &str) -> Result<String, Error> {
    let decoded = percent_decode_str(path).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::new(Code::InvalidURI, "The path has to be percent-encoded UTF-8."))
}

/// Query parameters in the order sent: decoded name, decoded value, and the value as sent.
#[derive(Default)]
pub(crate) struct Query(pub(crate) Vec<Parameter>);

pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) raw: String,
}

impl Query {
    pub(crate) fn parse(query: &str) -> Self {
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let parameters = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Parameter { name: decode(name), value: decode(value), raw: value.to_owned() }
        });
        Self(parameters.collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|parameter| parameter.name == name).map(|found| found.value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// What a request is about, and how its signer may have written that.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    /// The host as the client sent it.
    pub(crate) host: String,
    pub(crate) bucket: Option<String>,
    /// Empty for a bucket or the service itself.
    pub(crate) key: String,
    /// The region the host names; `None` where any will do.
    pub(crate) region: Option<String>,
    /// Whether the host is one of COS's, rather than this machine's own address.
    pub(crate) cos_host: bool,
    /// Whether the host is of Cloud Infinite; the key is then the path.
    pub(crate) infinite: bool,
    /// Decoded paths that the signature may cover.
    pub(crate) sign_paths: Vec<String>,
    /// Host values that the signature may cover.
    pub(crate) sign_hosts: Vec<String>,
}

impl Target {
    /// Resolves `host` (of the request line in absolute form, else the `Host` header) and the
    /// undecoded `path`.
    ///
    /// # Errors
    /// `InvalidURI` for a path that is not UTF-8.
    pub(crate) fn resolve(host: &str, port: u16, path: &str) -> Result<Self, Error> {
        let path = decode_path(path)?;
        let name = without_port(host).to_ascii_lowercase();
        let mut sign_hosts = vec![host.to_owned()];
        for other in [without_port(host).to_owned(), format!("{}:{port}", without_port(host))] {
            if !sign_hosts.contains(&other) {
                sign_hosts.push(other);
            }
        }
        let cos = CosHost::parse(&name);
        let cos_host = cos.is_some();
        let CosHost { bucket, region, infinite } = cos.unwrap_or_default();
        let mut sign_paths = vec![path.clone()];
        let rest = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = match bucket {
            Some(bucket) => (Some(bucket), rest.to_owned()),
            None if rest.is_empty() || infinite => (None, rest.to_owned()),
            None => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                sign_paths.push(format!("/{key}"));
                (Some(bucket.to_owned()), key.to_owned())
            }
        };
        Ok(Self {
            host: host.to_owned(),
            bucket,
            key,
            region,
            cos_host,
            infinite,
            sign_paths,
            sign_hosts,
        })
    }

    /// An object that is read by way of a domain of the CDN, where the bucket's signatures do not
    /// count.
    pub(crate) fn of_cdn(host: &str, bucket: &str, key: &str) -> Self {
        Self {
            host: host.to_owned(),
            bucket: Some(bucket.to_owned()),
            key: key.to_owned(),
            region: None,
            cos_host: true,
            infinite: false,
            sign_paths: Vec::new(),
            sign_hosts: Vec::new(),
        }
    }
}

/// Whether a host name is one of COS's.
pub(crate) fn is_cos(name: &str) -> bool {
    CosHost::parse(name).is_some()
}

/// Whether a `Host` names this machine itself, so that no web page can have made it up by rebinding
/// a name.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = without_port(host).trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[derive(Default)]
struct CosHost {
    bucket: Option<String>,
    region: Option<String>,
    infinite: bool,
}

impl CosHost {
    /// `<bucket>.cos.<region>.myqcloud.com`, its `tencentcos.cn` and `cos-internal` forms,
    /// `cos.accelerate`, `ci`, the service hosts without a bucket, and the old
    /// `<bucket>.<region>.myqcloud.com`.
    fn parse(name: &str) -> Option<Self> {
        let suffixes = [".myqcloud.com", ".tencentcos.cn", ".tencentci.cn"];
        let labels = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix))?;
        let labels: Vec<&str> = labels.split('.').collect();
        let infinite = matches!(labels.as_slice(), ["ci", _] | [_, "ci", _]);
        let (bucket, place) = match labels.as_slice() {
            ["service", "cos"] => (None, None),
            [service, region] if is_service(service) => (None, Some(*region)),
            [bucket, service, region] if is_service(service) => (Some(*bucket), Some(*region)),
            [bucket, region] => (Some(*bucket), Some(*region)),
            _ => return None,
        };
        let region =
            place.filter(|region| !matches!(*region, "accelerate" | "accelerate-overseas"));
        Some(Self {
            bucket: bucket.map(str::to_owned),
            region: region.map(str::to_owned),
            infinite,
        })
    }
}

fn is_service(label: &str) -> bool {
    matches!(label, "cos" | "cosv6" | "cos-internal" | "cos-cdc" | "cos-website" | "ci" | "pic")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(host: &str, path: &str) -> Target {
        Target::resolve(host, 9000, path).expect("a valid path")
    }

    #[test]
    fn virtual_hosts_name_bucket_and_region() {
        for (host, region) in [
            ("b-1250000000.cos.ap-guangzhou.myqcloud.com", Some("ap-guangzhou")),
            ("b-1250000000.cos.ap-guangzhou.tencentcos.cn", Some("ap-guangzhou")),
            ("b-1250000000.cos-internal.ap-guangzhou.tencentcos.cn:80", Some("ap-guangzhou")),
            ("b-1250000000.ci.ap-guangzhou.myqcloud.com", Some("ap-guangzhou")),
            ("B-1250000000.COS.ap-guangzhou.myqcloud.com", Some("ap-guangzhou")),
            ("b-1250000000.cos.accelerate.myqcloud.com", None),
            ("b-1250000000.cn-south.myqcloud.com", Some("cn-south")),
        ] {
            let target = resolve(host, "/a%20b/%E4%B8%AD.txt");
            assert_eq!(target.bucket.as_deref(), Some("b-1250000000"), "{host}");
            assert_eq!(target.key, "a b/中.txt");
            assert_eq!(target.region.as_deref(), region, "{host}");
            assert_eq!(target.sign_paths, ["/a b/中.txt"]);
        }
    }

    #[test]
    fn service_hosts_name_no_bucket() {
        assert_eq!(resolve("service.cos.myqcloud.com", "/").bucket, None);
        assert_eq!(resolve("cos.ap-guangzhou.myqcloud.com", "/").bucket, None);
        assert_eq!(resolve("127.0.0.1:9000", "/").bucket, None);
    }

    #[test]
    fn cloud_infinite_has_paths_for_keys() {
        for host in ["ci.ap-guangzhou.myqcloud.com", "ci.ap-guangzhou.tencentci.cn"] {
            let target = resolve(host, "/image/auditing");
            assert!(target.infinite, "{host}");
            assert_eq!((target.bucket, target.key.as_str()), (None, "image/auditing"));
        }
        assert!(resolve("b-1250000000.ci.ap-guangzhou.myqcloud.com", "/jobs").infinite);
        assert!(!resolve("b-1250000000.pic.ap-guangzhou.myqcloud.com", "/a").infinite);
    }

    #[test]
    fn path_style_may_be_signed_with_and_without_the_bucket() {
        let target = resolve("127.0.0.1:9000", "/b-1250000000/a/b");
        assert_eq!((target.bucket.as_deref(), target.key.as_str()), (Some("b-1250000000"), "a/b"));
        assert_eq!(target.sign_paths, ["/b-1250000000/a/b", "/a/b"]);
        assert_eq!(target.sign_hosts, ["127.0.0.1:9000", "127.0.0.1"]);
        assert_eq!(
            resolve("localhost", "/b-1250000000").sign_hosts,
            ["localhost", "localhost:9000"]
        );
    }

    #[test]
    fn keys_keep_every_slash_and_dot() {
        let host = "b-1250000000.cos.ap-guangzhou.myqcloud.com";
        assert_eq!(resolve(host, "//dir/../a%2Fb/").key, "/dir/../a/b/");
        assert_eq!(
            Target::resolve(host, 80, "/%ff").map_err(|error| error.code),
            Err(Code::InvalidURI)
        );
    }

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        assert!(
            is_loopback("127.0.0.1:9000") && is_loopback("localhost") && is_loopback("[::1]:9000")
        );
        assert!(!is_loopback("rebound.example.com:9000") && !is_loopback("10.0.0.1"));
    }

    #[test]
    fn query_parameters_are_decoded_and_kept_as_sent() {
        let query = Query::parse("uploads&prefix=a%2Fb+c&&x=1=2");
        assert!(query.has("uploads"));
        assert_eq!(query.get("prefix"), Some("a/b c"));
        assert_eq!(query.get("x"), Some("1=2"));
        assert_eq!(
            query.0.iter().map(|found| found.raw.as_str()).collect::<Vec<_>>(),
            ["", "a%2Fb+c", "1=2"]
        );
    }
}
