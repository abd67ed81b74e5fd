//! Cross-origin requests: the rules of a bucket (document 436/8279), preflights (document 436/8288)
//! and what other answers let pages read.
//!
//! Pages of this machine are let in whatever the rules say: the server is theirs. Pages from
//! elsewhere are let in by the rules alone.

use hyper::header::HeaderMap;
use hyper::{Method, StatusCode};
use serde::Deserialize;

use crate::call::{Reply, empty, set};
use crate::error::{Code, Error};
use crate::host::{Target, is_loopback};
use crate::service::Service;
use crate::xml;

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

#[derive(Deserialize)]
struct CorsConfiguration {
    #[serde(rename = "CORSRule", default)]
    rules: Vec<Rule>,
    #[serde(rename = "ResponseVary", default)]
    vary: bool,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "AllowedOrigin", default)]
    origins: Vec<String>,
    #[serde(rename = "AllowedMethod", default)]
    methods: Vec<String>,
    #[serde(rename = "AllowedHeader", default)]
    headers: Vec<String>,
    #[serde(rename = "ExposeHeader", default)]
    exposed: Vec<String>,
    /// In seconds.
    #[serde(rename = "MaxAgeSeconds")]
    max_age: Option<u32>,
}

/// Checks the rules of a bucket.
///
/// # Errors
/// `MalformedXML` for none at all, or one without an origin or with a method there is not.
pub(crate) fn check(document: &str) -> Result<(), Error> {
    let malformed = |message: &'static str| Err(Error::new(Code::MalformedXML, message));
    let configuration: CorsConfiguration = xml::read(document.as_bytes())?;
    if configuration.rules.is_empty() {
        return malformed("A CORSConfiguration needs at least one CORSRule.");
    }
    for rule in &configuration.rules {
        if rule.origins.is_empty() || rule.methods.is_empty() {
            return malformed("Each CORSRule needs an AllowedOrigin and an AllowedMethod.");
        }
        if rule.methods.iter().any(|method| !METHODS.contains(&method.as_str())) {
            return malformed("An AllowedMethod is one of GET, PUT, POST, DELETE and HEAD.");
        }
    }
    Ok(())
}

/// What a page may do and see.
#[derive(Default)]
pub(crate) enum CrossOrigin {
    /// The request comes from no page, or from one that is not let in.
    #[default]
    Closed,
    /// Everything.
    Open,
    /// What a rule says.
    Ruled(Box<Ruled>),
}

/// The part of a rule that goes into answers.
pub(crate) struct Ruled {
    origin: String,
    methods: String,
    headers: String,
    exposed: String,
    max_age: Option<u32>,
    vary: bool,
}

impl CrossOrigin {
    /// What the page that a request comes from may do with the resource.
    pub(crate) async fn find(
        service: &Service,
        target: &Target,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Self, Error> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(origin) = text("origin") else { return Ok(Self::Closed) };
        let (method, announced) = match *method {
            Method::OPTIONS => (
                text("access-control-request-method").unwrap_or_default(),
                text("access-control-request-headers").unwrap_or_default(),
            ),
            _ => (method.as_str(), ""),
        };
        let bucket = target.bucket.clone().unwrap_or_default();
        let rules = service.store(move |store| store.configuration(&bucket, "cors", "")).await?;
        if let Some(rules) = rules
            && let Some(ruled) =
                xml::read::<CorsConfiguration>(rules.as_bytes())?.ruled(origin, method, announced)
        {
            return Ok(Self::Ruled(Box::new(ruled)));
        }
        let is_local =
            origin.split_once("://").is_some_and(|(_, authority)| is_loopback(authority));
        Ok(if is_local { Self::Open } else { Self::Closed })
    }

    /// The answer to OPTIONS.
    ///
    /// # Errors
    /// `AccessForbidden`.
    pub(crate) fn preflight(&self, headers: &HeaderMap) -> Result<Reply, Error> {
        let mut reply = empty(StatusCode::OK);
        match self {
            Self::Closed => {
                let message = "No CORS rule of the bucket lets pages of this origin send such a \
                               request.";
                return Err(Error::new(Code::AccessForbidden, message));
            }
            Self::Open => {
                let asked = headers.get("access-control-request-headers");
                let asked = asked.and_then(|asked| asked.to_str().ok()).unwrap_or("*");
                set(&mut reply, "access-control-allow-methods", "GET, HEAD, PUT, POST, DELETE")?;
                set(&mut reply, "access-control-allow-headers", asked)?;
                set(&mut reply, "access-control-allow-private-network", "true")?;
                set(&mut reply, "access-control-max-age", "600")?;
            }
            Self::Ruled(ruled) => {
                set(&mut reply, "access-control-allow-methods", &ruled.methods)?;
                if !ruled.headers.is_empty() {
                    set(&mut reply, "access-control-allow-headers", &ruled.headers)?;
                }
                if let Some(seconds) = ruled.max_age {
                    set(&mut reply, "access-control-max-age", seconds.to_string())?;
                }
            }
        }
        Ok(reply)
    }

    /// Adds what every answer to a page has; called once all other headers are there.
    ///
    /// # Errors
    /// `InvalidArgument` where a rule cannot be a header.
    pub(crate) fn complete(&self, reply: &mut Reply) -> Result<(), Error> {
        match self {
            Self::Closed => Ok(()),
            Self::Open => {
                if !reply.headers().contains_key("access-control-allow-origin") {
                    set(reply, "access-control-allow-origin", "*")?;
                }
                let exposed: Vec<&str> = reply.headers().keys().map(|name| name.as_str()).collect();
                let exposed = exposed.join(", ");
                set(reply, "access-control-expose-headers", exposed)
            }
            Self::Ruled(ruled) => {
                set(reply, "access-control-allow-origin", &ruled.origin)?;
                if !ruled.exposed.is_empty() {
                    set(reply, "access-control-expose-headers", &ruled.exposed)?;
                }
                if ruled.vary {
                    let varied =
                        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
                    set(reply, "vary", varied)?;
                }
                Ok(())
            }
        }
    }
}

impl CorsConfiguration {
    /// The first rule that fits a request.
    fn ruled(&self, origin: &str, method: &str, announced: &str) -> Option<Ruled> {
        let announced: Vec<&str> =
            announced.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        self.rules.iter().find_map(|rule| {
            let allowed = rule.origins.iter().find(|pattern| fits(pattern, origin))?;
            let fits_header = |name: &&str| {
                let name = name.to_ascii_lowercase();
                rule.headers.iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), &name))
            };
            if !rule.methods.iter().any(|name| name == method) || !announced.iter().all(fits_header)
            {
                return None;
            }
            Some(Ruled {
                origin: if allowed == "*" { "*".to_owned() } else { origin.to_owned() },
                methods: rule.methods.join(","),
                headers: announced.join(","),
                exposed: rule.exposed.join(","),
                max_age: rule.max_age,
                vary: self.vary,
            })
        })
    }
}

/// Whether a text is what a pattern with at most one `*` stands for.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("*", "https://a.example"));
        assert!(fits("https://*.example", "https://a.example"));
        assert!(!fits("https://*.example", "https://example"));
        assert!(!fits("https://a.example", "http://a.example"));
        assert!(!fits("ab*ba", "aba"));
    }
}
