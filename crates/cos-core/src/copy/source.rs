//! The object that a copy reads.

use crate::endpoint::{percent_decode, without_scheme};
use crate::error::Error;
use crate::text::{cut, cut_last, split, split_once};
use crate::value::Value;

/// What `CopySource` names: `<bucket>.cos.<region>.myqcloud.com/<encoded key>[?versionId=<id>]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Bucket with AppId.
    pub bucket: String,
    /// Region.
    pub region: String,
    /// Key, decoded.
    pub key: String,
    /// Version; empty for the latest.
    pub version: String,
}

impl Source {
    /// The source that the parameters name. `CopySourceParts` is what the application's own
    /// `CopySourceParser` made of it.
    ///
    /// # Errors
    /// It is of no known form. The text is upstream's.
    pub fn of(params: &Value) -> Result<Source, Error> {
        let parsed = params.get("CopySourceParts");
        let source = match parsed {
            Value::Null => params.get("CopySource").as_str().and_then(parse),
            _ => handed(parsed),
        };
        source.ok_or_else(|| Error::usage("CopySource format error"))
    }

    /// The parameters of a request for it.
    pub fn params(&self) -> Value {
        let params = Value::map()
            .with("Bucket", self.bucket.as_str())
            .with("Region", self.region.as_str())
            .with("Key", self.key.as_str());
        if self.version.is_empty() {
            return params;
        }
        params.with("VersionId", self.version.as_str())
    }
}

fn handed(parsed: &Value) -> Option<Source> {
    let text = |name: &str| Some(parsed.get(name).to_text()).filter(|text| !text.is_empty());
    located(text("Bucket")?, text("Region")?, &text("Key")?)
}

fn parse(text: &str) -> Option<Source> {
    let (host, path) = cut(without_scheme(text), b'/')?;
    let labels: Vec<&str> = split(host, b'.').collect();
    let [bucket, "cos" | "cosv6" | "cos-cdc" | "cos-internal", region, domain, top] = labels[..]
    else {
        return None;
    };
    let (name, app_id) = cut_last(bucket, b'-')?;
    let is_bucket =
        !name.is_empty() && !app_id.is_empty() && app_id.bytes().all(|byte| byte.is_ascii_digit());
    let is_cos = matches!((domain, top), ("myqcloud", "com") | ("tencentcos", "cn"));
    if !is_bucket || !is_cos || region.is_empty() || path.is_empty() {
        return None;
    }
    located(bucket.to_owned(), region.to_owned(), path)
}

/// The version is no part of the key.
fn located(bucket: String, region: String, path: &str) -> Option<Source> {
    let (key, version) = split_once(path, "?versionId=").unwrap_or((path, ""));
    Some(Source { bucket, region, key: percent_decode(key)?, version: percent_decode(version)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<[String; 4]> {
        let Source { bucket, region, key, version } =
            Source::of(&Value::map().with("CopySource", text)).ok()?;
        Some([bucket, region, key, version])
    }

    #[test]
    fn sources_in_every_form() {
        for (text, expected) in [
            ("a-1.cos.ap-sg.myqcloud.com/b/c.txt", ["a-1", "ap-sg", "b/c.txt", ""]),
            ("a-b-12.cosv6.ap-sg.tencentcos.cn/%E4%B8%AD%20a", ["a-b-12", "ap-sg", "中 a", ""]),
            ("a-1.cos-internal.ap-sg.tencentcos.cn/a", ["a-1", "ap-sg", "a", ""]),
            ("a-1.cos-cdc.r.myqcloud.com/a?versionId=M%2B1", ["a-1", "r", "a", "M+1"]),
            ("https://a-1.cos.r.myqcloud.com/a", ["a-1", "r", "a", ""]),
            ("a-1.cos.accelerate.myqcloud.com/a?b", ["a-1", "accelerate", "a?b", ""]),
        ] {
            assert_eq!(read(text), Some(expected.map(str::to_owned)), "{text}");
        }
        for wrong in [
            "",
            "a-1",
            "/a-1/key",
            "a-1.cos.ap-sg.myqcloud.com",
            "a-1.cos.ap-sg.myqcloud.com/",
            "a.cos.ap-sg.myqcloud.com/k",
            "-1.cos.ap-sg.myqcloud.com/k",
            "a-1.cos..myqcloud.com/k",
            "a-1.oss.ap-sg.myqcloud.com/k",
            "a-1.cos.ap-sg.example.com/k",
            "a-1.cos.ap-sg.myqcloud.com/%E4%B8",
            "a-1.cos.ap-sg.myqcloud.com/%zz",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_source_that_the_application_has_parsed() {
        let parts = Value::map().with("Bucket", "a-1").with("Region", "r");
        let params = Value::map().with("CopySource", "cdn.example.com/a");
        let parsed = params.clone().with("CopySourceParts", parts.clone().with("Key", "a%20b"));
        assert_eq!(Source::of(&parsed).unwrap().key, "a b");
        assert!(Source::of(&params.with("CopySourceParts", parts)).is_err());
    }
}
