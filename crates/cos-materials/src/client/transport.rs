//! Requests over HTTP.

use std::error::Error as _;
use std::sync::Once;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cos_core::effect::HttpRequest;
use cos_core::error::{Error, ErrorKind};
use cos_core::value::Value;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Proxy, Url, redirect};
use tokio::sync::Semaphore;

use crate::json;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(15);

/// How long nothing may happen.
const STALL: Duration = Duration::from_secs(60);

/// The slowest line that is waited for, in bytes a second: a request with a body may take as much
/// longer than [`STALL`].
const SLOWEST: u64 = 16 * 1024;

/// Requests under way at a time: connections are files, of which a process has a thousand.
const MOST_REQUESTS: usize = 64;

/// What came back.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Answer,
}

/// The body of an answer.
pub(super) enum Answer {
    /// What the core reads: a text, or the value of a JSON text.
    Value(Value),
    /// What it leaves to the host.
    Bytes(Bytes),
}

/// Why there is no answer.
pub(super) enum Failure {
    /// It may come another time.
    Network(String),
    /// There will never be one.
    Final(Error),
}

/// The URL of a server of the web.
pub(crate) fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// An HTTP client that does no more than it is told: no redirects, no retries.
pub(crate) fn http(endpoint: Option<&str>) -> Result<reqwest::Client, Error> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another one in place is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("cos-materials/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT);
    if let Some(endpoint) = endpoint {
        let url = web_url(endpoint).filter(|url| url.scheme() == "http");
        let url = url.ok_or_else(|| {
            Error::usage("the endpoint has to be written like http://127.0.0.1:9000")
        })?;
        // A server takes requests that name the host in their first line, as proxies do.
        let proxy = Proxy::http(url).map_err(|error| Error::usage(cause(error)))?;
        // No certificates: there may be none on the machine, and none is needed.
        builder = builder.no_proxy().proxy(proxy).tls_certs_only([]);
    }
    builder.build().map_err(|error| {
        let message = format!("HTTPS cannot be set up: {}", cause(error));
        Error::new(ErrorKind::Network, "COS_NETWORK", message)
    })
}

/// The line to COS.
pub(super) struct Transport {
    http: reqwest::Client,
    /// Everything goes to an endpoint, in plain HTTP.
    is_plain: bool,
    places: Semaphore,
}

impl Transport {
    pub(super) fn new(endpoint: Option<&str>) -> Result<Transport, Error> {
        Ok(Transport {
            http: http(endpoint)?,
            is_plain: endpoint.is_some(),
            places: Semaphore::new(MOST_REQUESTS),
        })
    }

    /// Sends a request.
    pub(super) async fn send(
        &self,
        request: &HttpRequest,
        body: Bytes,
    ) -> Result<Response, Failure> {
        let _place = self.places.acquire().await;
        let exchange = self.exchange(request, body);
        if request.timeout > 0.0 {
            let limit = Duration::from_secs_f64(request.timeout / 1000.0);
            tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| Err(timeout(limit)))
        } else {
            exchange.await
        }
    }

    async fn exchange(&self, request: &HttpRequest, body: Bytes) -> Result<Response, Failure> {
        let (method, mut url) = first_line(request)?;
        if self.is_plain {
            // A domain may have been given with its scheme.
            let _ = url.set_scheme("http");
        }
        let mut headers = headers(&request.headers)?;
        let patience = STALL + Duration::from_secs(body.len() as u64 / SLOWEST);
        if method == Method::PUT || method == Method::POST {
            // It may be signed, so that an empty body has to tell its length too.
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let sending = self.http.request(method, url).headers(headers).body(body);
        let mut response = within(patience, sending.send()).await?;
        let (status, headers) = (response.status(), received(response.headers()));
        let keeps = request.keep_body && status.is_success();
        let mut bytes = BytesMut::new();
        while let Some(chunk) = within(STALL, response.chunk()).await? {
            bytes.extend_from_slice(&chunk);
        }
        let body = if keeps { Answer::Bytes(bytes.freeze()) } else { Answer::Value(read(&bytes)) };
        Ok(Response { status: status.as_u16(), headers, body })
    }
}

fn received(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// The object in a JSON text; any other text as it is.
fn read(bytes: &[u8]) -> Value {
    let object = bytes.trim_ascii_start().first() == Some(&b'{');
    let json = if object { json::parse(bytes) } else { None };
    json.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned().into())
}

fn first_line(request: &HttpRequest) -> Result<(Method, Url), Failure> {
    let invalid = |message: String| Failure::Final(Error::usage(message));
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| invalid(format!("{} is no method", request.method)))?;
    let url = Url::parse(&request.url)
        .map_err(|error| invalid(format!("there is no URL for it: {error}")))?;
    // What is signed has to be what is sent: a URL resolves "..", which a key may have.
    let meant = request.url.split_once("://").map_or("", |(_, rest)| rest);
    let meant = meant.find(['/', '?']).map_or("", |at| &meant[at..]);
    let sent = [url.path(), url.query().map_or("", |_| "?"), url.query().unwrap_or("")].concat();
    if meant.trim_start_matches('/') != sent.trim_start_matches('/') {
        let message = "a Key with \".\" or \"..\" between slashes cannot be sent: rename it";
        return Err(invalid(message.to_owned()));
    }
    Ok((method, url))
}

fn headers(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::with_capacity(headers.len() + 1);
    for (name, value) in headers {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes())) {
            (Ok(name), Ok(value)) => map.append(name, value),
            _ => {
                let message = format!("{name} has a value that no header can have: change it");
                return Err(Failure::Final(Error::usage(message)));
            }
        };
    }
    Ok(map)
}

async fn within<T>(
    limit: Duration,
    doing: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, doing).await {
        Ok(outcome) => outcome.map_err(|error| Failure::Network(cause(error))),
        Err(_) => Err(timeout(limit)),
    }
}

fn timeout(limit: Duration) -> Failure {
    Failure::Network(format!("timeout: nothing came within {} s", limit.as_secs_f64()))
}

/// What is behind an error, innermost last. The URL is left out: its query may be a signature.
pub(crate) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text = format!("{text}: {message}");
        }
        inner = error.source();
    }
    text
}
