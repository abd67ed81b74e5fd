//! Hosts, URLs and percent-encoding: where a request goes and how its parts are spelled.

use crate::text::{contains, cut, cut_last, replace, split, split_once};

use cos_sign::sign::{borrowed, in_signing_order};

pub use cos_sign::percent::percent_encode;

/// The region name that selects global acceleration (COS document 436/38866).
pub const ACCELERATE: &str = "accelerate";

/// Regions older than the `cos.` hosts, which are addressed without it.
const LEGACY_REGIONS: [&str; 6] =
    ["cn-south", "cn-south-2", "cn-north", "cn-east", "cn-southwest", "sg"];

/// The options of a client that decide where its requests go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// `Protocol`: `https:` unless set. A scheme written in a domain wins.
    pub protocol: String,
    /// `Domain`: a custom domain or a template with `{Bucket}`, `{BucketName}`, `{AppId}` and
    /// `{Region}`; double braces work too, and there `{{Bucket}}` is the name without the AppId.
    /// Empty: the COS domain of the region.
    pub domain: String,
    /// `ServiceDomain`: the same for listing buckets, where only `{{Region}}` is known.
    pub service_domain: String,
    /// `ForcePathStyle`: the bucket is the first path segment instead of a part of the host.
    pub force_path_style: bool,
    /// `UseAccelerate`: [`ACCELERATE`] takes the place of the region.
    pub use_accelerate: bool,
}

impl Endpoint {
    /// The URL of an object, or of the bucket when `key` is empty. `bucket` is the full name with
    /// the AppId (`examplebucket-1250000000`), `key` is not encoded and has no leading slash.
    pub fn object_url(&self, bucket: &str, region: &str, key: &str) -> String {
        let region = if self.use_accelerate { ACCELERATE } else { region };
        let mut url = self.base_url(bucket, region, self.force_path_style);
        if self.force_path_style {
            url.push('/');
            url.push_str(bucket);
        }
        url.push('/');
        url.push_str(&encode_path(key));
        url
    }

    /// The URL that belongs to a bucket alone, whichever way requests go.
    pub fn bucket_url(&self, bucket: &str, region: &str) -> String {
        self.base_url(bucket, region, false) + "/"
    }

    fn base_url(&self, bucket: &str, region: &str, shared_host: bool) -> String {
        if !self.domain.is_empty() {
            return with_scheme(&self.protocol, fill_template(&self.domain, bucket, region));
        }
        let mut domain = String::new();
        if !shared_host {
            domain.push_str(bucket);
            domain.push('.');
        }
        if !LEGACY_REGIONS.contains(&region) {
            domain.push_str("cos.");
        }
        domain.push_str(region);
        domain.push_str(".myqcloud.com");
        with_scheme(&self.protocol, domain)
    }

    /// The URL that lists the buckets of an account; `region` may be empty for all regions. It has
    /// no trailing slash.
    pub fn service_url(&self, region: &str) -> String {
        let domain = if !self.service_domain.is_empty() {
            let filled = replace(&self.service_domain, "{{Region}}", region);
            remove_between(&filled, "{{", "}}")
        } else if region.is_empty() {
            "service.cos.myqcloud.com".to_owned()
        } else {
            ["cos.", region, ".myqcloud.com"].concat()
        };
        with_scheme(&self.protocol, domain)
    }
}

/// Puts a scheme before a domain that has none, `https` unless `protocol` is another, and drops one
/// trailing slash.
pub fn with_scheme(protocol: &str, domain: String) -> String {
    let mut url = if has_scheme(&domain) {
        domain
    } else {
        let scheme = match cut(protocol, b':').map_or(protocol, |(scheme, _)| scheme) {
            "" => "https",
            scheme => scheme,
        };
        [scheme, "://", &domain].concat()
    };
    if url.ends_with('/') {
        url.pop();
    }
    url
}

/// Whether `domain` starts with `letters://`.
fn has_scheme(domain: &str) -> bool {
    split_once(domain, "://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

/// Fills the placeholders of a `Domain` template and removes those it does not know.
fn fill_template(template: &str, bucket: &str, region: &str) -> String {
    let (name, app_id) = cut_last(bucket, b'-').unwrap_or(("", bucket));
    let mut domain = template.to_owned();
    for (placeholder, value) in
        [("{{AppId}}", app_id), ("{{Bucket}}", name), ("{{Region}}", region)]
    {
        domain = replace(&domain, placeholder, value);
    }
    domain = remove_between(&domain, "{{", "}}");
    for (placeholder, value) in
        [("{AppId}", app_id), ("{BucketName}", name), ("{Bucket}", bucket), ("{Region}", region)]
    {
        domain = replace(&domain, placeholder, value);
    }
    remove_between(&domain, "{", "}")
}

/// Removes every stretch from `open` to the next `close`, both included.
fn remove_between(text: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = split_once(rest, open) {
        let Some((_, tail)) = split_once(after, close) else { break };
        out.push_str(before);
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Undoes [`percent_encode`]. `None` where `decodeURIComponent` throws: an incomplete escape, or
/// bytes that are not UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push((high * 16 + low) as u8);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// An object key as it stands in a URL: percent-encoded, with `/` kept.
pub fn encode_path(key: &str) -> String {
    replace(&percent_encode(key), "%2F", "/")
}

/// A query string `name=value&...` in the order of the lower-cased names, which is the order COS
/// clients sign in.
pub fn encode_query(query: &[(String, String)]) -> String {
    let pairs = in_signing_order(&borrowed(query));
    let mut encoded = String::new();
    for (name, value) in &pairs {
        let separator = if encoded.is_empty() { "" } else { "&" };
        encoded += &[separator, &percent_encode(name), "=", &percent_encode(value)].concat();
    }
    encoded
}

/// A URL without its scheme: the `Location` of a result.
pub fn without_scheme(url: &str) -> &str {
    split_once(url, "://").map_or(url, |(_, rest)| rest)
}

/// The host of a URL, with its port when it names one: what the `Host` header carries.
pub fn host_of(url: &str) -> &str {
    let rest = without_scheme(url);
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    end.and_then(|end| rest.get(..end)).unwrap_or(rest)
}

/// Whether a URL goes to Cloud Infinite (image and media processing), where the security token
/// travels as `x-ci-security-token`.
pub fn is_ci_host(url: &str) -> bool {
    let host = host_of(url);
    let after = host.strip_prefix("ci.").or_else(|| split_once(host, ".ci.").map(|(_, rest)| rest));
    after.is_some_and(|rest| !rest.is_empty())
}

/// The same URL on the standby domain `tencentcos.cn`; `None` where there is no standby: custom
/// domains, Cloud Infinite, global acceleration.
pub fn standby_url(url: &str) -> Option<String> {
    let host = host_of(url);
    let stem = host.strip_suffix(".myqcloud.com")?;
    if !contains(stem, ".cos.") || stem.ends_with(".cos.accelerate") {
        return None;
    }
    let (before, after) = split_once(url, host)?;
    Some([before, stem, ".tencentcos.cn", after].concat())
}

/// A path with `.`, `..` and repeated slashes resolved, as a file system would; starts with `/`.
/// A key that resolves to `/` would address the bucket itself.
pub fn simplify_path(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in split(path, b'/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            _ => names.push(name),
        }
    }
    let mut out = String::from("/");
    out.push_str(&names.join("/"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "my-test-1250000000";

    fn url_of(domain: &str, region: &str, key: &str) -> String {
        let endpoint = Endpoint { domain: domain.to_owned(), ..Endpoint::default() };
        endpoint.object_url(BUCKET, region, key)
    }

    #[test]
    fn the_default_hosts() {
        let key = "a b/中.txt";
        let url = url_of("", "ap-guangzhou", key);
        let host = "https://my-test-1250000000.cos.ap-guangzhou.myqcloud.com";
        assert_eq!(url, format!("{host}/a%20b/%E4%B8%AD.txt"));
        assert_eq!(url_of("", "cn-east", ""), "https://my-test-1250000000.cn-east.myqcloud.com/");
        let fast = Endpoint { use_accelerate: true, ..Endpoint::default() };
        let url = fast.object_url(BUCKET, "ap-guangzhou", "");
        assert_eq!(host_of(&url), "my-test-1250000000.cos.accelerate.myqcloud.com");
        let path = Endpoint { force_path_style: true, ..Endpoint::default() };
        let url = path.object_url(BUCKET, "ap-guangzhou", "a");
        assert_eq!(url, "https://cos.ap-guangzhou.myqcloud.com/my-test-1250000000/a");
    }

    #[test]
    fn domains_are_templates() {
        for (domain, expected) in [
            ("cdn.example.com", "https://cdn.example.com/k"),
            ("http://cdn.example.com/", "http://cdn.example.com/k"),
            ("{Bucket}.cos.{region}.x.com", "https://my-test-1250000000.cos.ap-sg.x.com/k"),
            ("{BucketName}-{AppId}.x.com", "https://my-test-1250000000.x.com/k"),
            ("{{Bucket}}.{{AppId}}.{{Region}}.x", "https://my-test.1250000000.ap-sg.x/k"),
            ("{{Unknown}}a{unknown}b.com", "https://ab.com/k"),
            ("http://127.0.0.1:9000/{Bucket}", "http://127.0.0.1:9000/my-test-1250000000/k"),
        ] {
            assert_eq!(url_of(domain, "ap-sg", "k"), expected);
        }
    }

    #[test]
    fn the_protocol_is_for_domains_without_a_scheme() {
        for protocol in ["http:", "http", "http://"] {
            let endpoint = Endpoint { protocol: protocol.to_owned(), ..Endpoint::default() };
            assert_eq!(endpoint.service_url(""), "http://service.cos.myqcloud.com");
            assert_eq!(endpoint.service_url("ap-sg"), "http://cos.ap-sg.myqcloud.com");
            let endpoint = Endpoint { domain: "https://a.com".to_owned(), ..endpoint };
            assert_eq!(endpoint.object_url(BUCKET, "ap-sg", "k"), "https://a.com/k");
        }
        let service_domain = "cos.{{region}}.x.com/".to_owned();
        let endpoint = Endpoint { service_domain, ..Endpoint::default() };
        assert_eq!(endpoint.service_url("ap-sg"), "https://cos.ap-sg.x.com");
    }

    #[test]
    fn only_standard_hosts_have_a_standby() {
        let standby = standby_url("https://b-1.cos.ap-sg.myqcloud.com/a?b=myqcloud.com");
        assert_eq!(standby.unwrap(), "https://b-1.cos.ap-sg.tencentcos.cn/a?b=myqcloud.com");
        for url in [
            "https://b-1.cos.accelerate.myqcloud.com/a",
            "https://b-1.cos.ap-sg.tencentcos.cn/a",
            "https://b-1.ci.ap-sg.myqcloud.com/a",
            "https://service.cos.myqcloud.com/",
            "https://cdn.example.com/x.cos.ap-sg.myqcloud.com",
        ] {
            assert_eq!(standby_url(url), None, "{url}");
        }
    }

    #[test]
    fn cloud_infinite_hosts() {
        assert!(is_ci_host("https://b-1.ci.ap-sg.myqcloud.com/a"));
        assert!(is_ci_host("http://ci.ap-sg.myqcloud.com"));
        assert!(!is_ci_host("https://b-1.cos.ap-sg.myqcloud.com/.ci.a"));
        assert!(!is_ci_host("https://sci.ap-sg.myqcloud.com/"));
    }

    #[test]
    fn broken_escapes_do_not_decode() {
        for text in ["%", "%4", "%4g", "%+1", "%ff", "a%E4%B8"] {
            assert_eq!(percent_decode(text), None, "{text}");
        }
        assert_eq!(percent_decode("%e4%B8%ad+/").as_deref(), Some("中+/"));
    }

    #[test]
    fn paths_resolve_as_in_a_file_system() {
        for (path, expected) in
            [("", "/"), ("a/../..", "/"), ("/a//b/./c/../d/", "/a/b/d"), ("..a/...", "/..a/...")]
        {
            assert_eq!(simplify_path(path), expected);
        }
    }
}
