//! The line between a client and the server: a proxy that writes down what goes over it, and that
//! can be bad.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What happens to a request.
pub enum Deed {
    /// It goes through.
    Pass,
    /// The connection ends before there is an answer.
    Drop,
    /// There is never an answer.
    Hold,
    /// A byte of its body is another at the server.
    DamageRequest,
    /// A byte of its answer's body is another at the client.
    DamageAnswer,
    /// The connection ends in the middle of the answer's body.
    CutAnswer,
    /// This is the answer.
    Answer(u16, String),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub query: String,
}

impl Seen {
    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// The number of the part that it uploads.
    pub fn part(&self) -> Option<u32> {
        self.param("partNumber").filter(|_| self.method == "PUT")?.parse().ok()
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The server has answered it, with this status.
    Answered(u16),
    /// It is held.
    Held,
    /// Who sent it has given up on it.
    Abandoned,
}

type Judge = dyn Fn(&Seen) -> Deed + Send + Sync;

/// See the module.
pub struct Line {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    busy: Arc<Busy>,
    events: mpsc::UnboundedReceiver<(Seen, Event)>,
}

impl Line {
    /// A line to `server` that lets so many parts through and holds the others.
    pub async fn weak(server: SocketAddr, parts: u32) -> Line {
        let sent = AtomicU32::new(0);
        let judge = move |seen: &Seen| {
            let held = seen.part().is_some() && sent.fetch_add(1, Ordering::Relaxed) >= parts;
            if held { Deed::Hold } else { Deed::Pass }
        };
        Line::to(server, judge).await
    }

    /// A line to `server`; `judge` decides what happens to each request.
    pub async fn to(
        server: SocketAddr,
        judge: impl Fn(&Seen) -> Deed + Send + Sync + 'static,
    ) -> Line {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, events) = mpsc::unbounded_channel();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let proxy = reqwest::Proxy::http(format!("http://{server}")).unwrap();
        let http =
            reqwest::Client::builder().no_proxy().tls_certs_only([]).proxy(proxy).build().unwrap();
        let busy = Arc::<Busy>::default();
        let (judge, watched) = (Box::new(judge), Arc::clone(&busy));
        let end = End { server, http, judge, busy: watched, seen: Arc::clone(&seen), told };
        let end = Arc::new(end);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let end = Arc::clone(&end);
                let service = service_fn(move |request| Arc::clone(&end).serve(request));
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { connection.await.ok() });
            }
        });
        Line { address, seen, busy, events }
    }

    /// The requests so far, in the order they came.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The most requests that were on the line at the same time.
    pub fn most_at_once(&self) -> usize {
        self.busy.most.load(Ordering::Relaxed)
    }

    /// Waits until `count` of the events to come are as wanted; which requests they were of.
    pub async fn wait(&mut self, count: usize, wanted: impl Fn(&Seen, Event) -> bool) -> Vec<Seen> {
        let mut found = Vec::new();
        while found.len() < count {
            let (seen, event) = self.events.recv().await.unwrap();
            if wanted(&seen, event) {
                found.push(seen);
            }
        }
        found
    }
}

/// How many requests there are on the line.
#[derive(Default)]
struct Busy {
    now: AtomicUsize,
    most: AtomicUsize,
}

struct End {
    busy: Arc<Busy>,
    server: SocketAddr,
    http: reqwest::Client,
    judge: Box<Judge>,
    seen: Arc<Mutex<Vec<Seen>>>,
    told: mpsc::UnboundedSender<(Seen, Event)>,
}

/// A request that is on the line as long as this is there.
struct Passage<'a>(&'a Busy);

impl<'a> Passage<'a> {
    fn new(busy: &'a Busy) -> Passage<'a> {
        let now = busy.now.fetch_add(1, Ordering::Relaxed) + 1;
        busy.most.fetch_max(now, Ordering::Relaxed);
        Passage(busy)
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells that a request was abandoned, unless it was not.
struct Hold<'a>(&'a End, &'a Seen);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let _ = self.0.told.send((self.1.clone(), Event::Abandoned));
    }
}

#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("cut")
    }
}

impl std::error::Error for Cut {}

type Body = http_body_util::combinators::BoxBody<Bytes, Cut>;

impl End {
    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let _passage = Passage::new(&self.busy);
        let seen = Seen {
            method: request.method().to_string(),
            query: request.uri().query().unwrap_or_default().to_owned(),
        };
        self.seen.lock().unwrap().push(seen.clone());
        let deed = (self.judge)(&seen);
        let whole = |bytes: Bytes| Full::new(bytes).map_err(|never: Infallible| match never {});
        match &deed {
            Deed::Drop => return Err(Cut),
            Deed::Hold => {
                let _abandoned = Hold(&self, &seen);
                self.tell(&seen, Event::Held);
                // A body that is not read would hide that the client is gone.
                let _ = request.into_body().collect().await;
                return std::future::pending().await;
            }
            Deed::Answer(status, text) => {
                let mut answer = Response::new(whole(text.clone().into()).boxed());
                *answer.status_mut() = StatusCode::from_u16(*status).unwrap();
                return Ok(answer);
            }
            _ => {}
        }
        let (parts, body) = request.into_parts();
        let Ok(body) = body.collect().await else { return Err(Cut) };
        let mut body = body.to_bytes().to_vec();
        if matches!(deed, Deed::DamageRequest) {
            body[0] ^= 1;
        }
        // Who takes this for the server itself does not name a host in the first line.
        let url = match parts.uri.authority() {
            Some(_) => parts.uri.to_string(),
            None => format!("http://{}{}", self.server, parts.uri),
        };
        let answer = self
            .http
            .request(parts.method, url)
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .unwrap();
        let mut relayed = Response::builder().status(answer.status());
        relayed.headers_mut().unwrap().clone_from(answer.headers());
        let status = answer.status().as_u16();
        let mut bytes = answer.bytes().await.unwrap().to_vec();
        self.tell(&seen, Event::Answered(status));
        let body = match deed {
            Deed::DamageAnswer => {
                bytes[0] ^= 1;
                whole(bytes.into()).boxed()
            }
            Deed::CutAnswer => {
                bytes.truncate(bytes.len() / 2);
                let frames = [Ok(hyper::body::Frame::data(Bytes::from(bytes))), Err(Cut)];
                StreamBody::new(futures_util::stream::iter(frames)).boxed()
            }
            _ => whole(bytes.into()).boxed(),
        };
        Ok(relayed.body(body).unwrap())
    }

    fn tell(&self, seen: &Seen, event: Event) {
        let _ = self.told.send((seen.clone(), event));
    }
}
