//! Connections: accepting them, serving their requests, and what every answer has in common.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderValue;
use hyper::http::Extensions;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::call::{Call, Content, Reply, set};
use crate::cdn::{self, Wanted};
use crate::clock::http_date;
use crate::cors::CrossOrigin;
use crate::credential::Caller;
use crate::disturbance::Disturbance;
use crate::error::{Code, Error};
use crate::fault::Fault;
use crate::host::{Query, Target};
use crate::local::Endpoint;
use crate::operation::Operation;
use crate::service::Service;
use crate::usage::{Count, Flow};
use crate::{fault, infinite, processing};

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How often usage is written down.
const METERED: Duration = Duration::from_secs(5);

/// How much of a refused request's body is read so that the client gets to read the refusal, in
/// bytes and time.
const DRAINED: u64 = 16 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// Header names as COS writes them. Some clients look for exactly these.
const HEADER_NAMES: [&str; 23] = [
    "Accept-Ranges",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Private-Network",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Age",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Date",
    "ETag",
    "Expires",
    "Last-Modified",
    "Location",
    "Server",
    "X-Cache-Lookup",
];

/// Serves connections until `shutdown`, then lets requests under way finish for [`GRACE`].
pub(crate) async fn serve(
    listener: TcpListener,
    service: Service,
    shutdown: impl Future<Output = ()>,
) {
    let service = Arc::new(service);
    let front = Arc::new(Front { service, header_case: header_case().await });
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    let mut metered = tokio::time::interval(METERED);
    metered.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = metered.tick() => {
                let front = Arc::clone(&front);
                tokio::spawn(async move { front.service.write_usage().await });
                continue;
            }
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(Arc::clone(&front), stream, peer, graceful.watcher()));
            }
            Err(error) => {
                // Out of file descriptors, as a rule: others have to end before the next can be
                // accepted.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests still under way are cut off");
        connections.shutdown().await;
    }
    front.service.write_usage().await;
}

/// Serves the requests of one connection, one after the other.
async fn connection(front: Arc<Front>, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
    // Without it a small answer can wait for an acknowledgement; the answer is right either way.
    let _ = stream.set_nodelay(true);
    let serve = service_fn(|request| {
        let front = Arc::clone(&front);
        async move { front.answer(request, peer).await.ok_or(Cut) }
    });
    let mut builder = http1::Builder::new();
    let connection = builder.timer(TokioTimer::new()).header_read_timeout(None);
    if let Err(error) =
        watcher.watch(connection.serve_connection(TokioIo::new(stream), serve)).await
    {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

/// What makes hyper write [`HEADER_NAMES`] as they are: it keeps the case of a request's headers in
/// a private extension of the request and follows such an extension of a response, so one request
/// with these names is parsed and its extensions kept.
async fn header_case() -> Extensions {
    let (mut client, server) = tokio::io::duplex(4096);
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let serve = service_fn(move |request: Request<Incoming>| {
        let _ = sender.send(request.into_parts().0.extensions);
        async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) }
    });
    let mut request = String::from("HEAD / HTTP/1.1\r\n");
    for name in HEADER_NAMES {
        let value = match name {
            "Content-Length" => "0",
            "Connection" => "close",
            _ => "-",
        };
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let connection = http1::Builder::new()
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(server), serve);
    let exchange = async {
        let _ = client.write_all(request.as_bytes()).await;
        let _ = client.read_to_end(&mut Vec::new()).await;
    };
    let _ = tokio::join!(connection, exchange);
    receiver.try_recv().unwrap_or_default()
}

/// Ends a connection in place of an answer.
#[derive(Debug, thiserror::Error)]
#[error("the fault bucket was asked to close the connection")]
struct Cut;

/// The side of the server that faces clients.
struct Front {
    service: Arc<Service>,
    header_case: Extensions,
}

impl Front {
    /// The answer to a request; `None` to close the connection without one.
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Option<Reply> {
        let begun = Instant::now();
        let id = self.service.request_id();
        let method = request.method().clone();
        let mut served = Served::default();
        let mut reply = match self.serve(request, peer, &mut served).await {
            Ok(reply) => reply,
            Err(error) => {
                error.log(&id);
                served.code = Some(error.code);
                error.to_reply(&served.resource, &id, &method)
            }
        };
        let fault = reply.extensions().get::<Fault>().copied();
        let id = Some(id).filter(|_| fault.is_none());
        if let (Some(id), true) = (&id, served.infinite) {
            let _ = set(&mut reply, "x-ci-request-id", id);
        }
        self.complete(&mut reply, id.as_deref(), &method, &served.cross_origin);
        let disturbance = served.disturbance.unzip();
        if let Some(disturbance) = disturbance.1 {
            reply = disturbance.after(reply);
        }
        let fault = reply.extensions().get::<Fault>().copied();
        if let Some((flow, count)) = &served.metered {
            if matches!(count, Count::DownstreamBytes) {
                flow.request(&method);
            }
            reply = reply.map(|body| flow.meter(body, *count));
        }
        tracing::info!(
            id,
            operation = served.operation,
            %method,
            resource = served.resource,
            status = reply.status().as_u16(),
            code = served.code.map(tracing::field::debug),
            fault = disturbance.0,
            milliseconds = begun.elapsed().as_millis() as u64,
        );
        (fault != Some(Fault::Cut)).then_some(reply)
    }

    async fn serve(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        served: &mut Served,
    ) -> Result<Reply, Error> {
        let (parts, incoming) = request.into_parts();
        let header_host = parts.headers.get("host").and_then(|host| host.to_str().ok());
        // A request by way of a proxy names the host in its first line.
        let authority = parts.uri.authority().map(|authority| authority.as_str());
        let authority = authority.map(|text| text.rsplit_once('@').map_or(text, |(_, host)| host));
        let host = authority.or(header_host).unwrap_or_default();
        let path = parts.uri.path();
        let domain = self.service.cdn.find(host);
        let (target, count) = match domain {
            Some(domain) => {
                served.resource = cdn::resource(domain, path);
                (Target::of_cdn(host, &domain.bucket, ""), Count::CdnBytes)
            }
            None => {
                served.resource = format!("{host}{path}");
                let port = self.service.address.port();
                (Target::resolve(host, port, path)?, Count::DownstreamBytes)
            }
        };
        served.metered = self.service.flow(target.bucket.as_deref()).map(|flow| (flow, count));
        served.cross_origin =
            CrossOrigin::find(&self.service, &target, &parts.method, &parts.headers).await?;
        if parts.method == Method::OPTIONS {
            served.operation = "OptionsObject";
            return served.cross_origin.preflight(&parts.headers);
        }
        let mut call = Call {
            method: parts.method,
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            body: Content::new(incoming, &parts.headers),
            headers: parts.headers,
            target,
            caller: Caller::Anonymous,
        };
        if let Some(domain) = domain {
            served.operation = "CdnRequest";
            let query = parts.uri.query().unwrap_or_default();
            let wanted = Wanted::admit(domain, path, query, self.service.clock.now())?;
            return cdn::serve(&self.service, &call, wanted).await;
        }
        if cdn::api::concerns(&call, path) {
            served.operation = "CloudApi";
            return cdn::api::serve(&self.service, &mut call).await;
        }
        if call.target.bucket.as_deref() == Some(fault::BUCKET) {
            served.operation = "Fault";
            return fault::serve(&mut call).await;
        }
        served.infinite = infinite::concerns(&call) || processing::concerns(&call);
        if let Some(endpoint) = Endpoint::find(&call, path) {
            served.operation = endpoint.name();
            return endpoint.serve(&self.service, &call, peer).await;
        }
        let result = match Operation::find(&call) {
            Ok(operation) => {
                served.operation = operation.name;
                if call.target.bucket.is_some() {
                    served.disturbance = self.service.injector.next(operation.carries_content());
                }
                let instead = match served.disturbance {
                    Some((_, disturbance)) => disturbance.before(&mut call).await,
                    None => None,
                };
                match instead {
                    Some(reply) => reply,
                    None => operation.serve(&self.service, &mut call).await,
                }
            }
            Err(error) => Err(error),
        };
        if !call.body.is_finished() && !call.headers.contains_key("expect") {
            let _ = tokio::time::timeout(DRAIN_TIME, call.body.drain(DRAINED)).await;
        }
        result
    }

    /// Adds what every answer has.
    fn complete(
        &self,
        reply: &mut Reply,
        id: Option<&str>,
        method: &Method,
        cross_origin: &CrossOrigin,
    ) {
        let status = reply.status();
        let length = reply.body().size_hint().exact();
        let headers = reply.headers_mut();
        let bodiless = status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
        if let Some(length) = length.filter(|_| !bodiless && method != Method::HEAD) {
            headers.entry("content-length").or_insert(HeaderValue::from(length));
        }
        headers.insert("server", HeaderValue::from_static("tencent-cos"));
        let now = http_date(self.service.clock.now());
        for (name, value) in [("date", Some(now.as_str())), ("x-cos-request-id", id)] {
            if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
                headers.insert(name, value);
            }
        }
        if let Err(error) = cross_origin.complete(reply) {
            tracing::warn!(id, %error, "a page cannot be told what it may read");
        }
        reply.extensions_mut().extend(self.header_case.clone());
    }
}

/// What became known of a request as it was served.
#[derive(Default)]
struct Served {
    operation: &'static str,
    resource: String,
    code: Option<Code>,
    cross_origin: CrossOrigin,
    /// The fault that it meets, and what the log calls that.
    disturbance: Option<(&'static str, Disturbance)>,
    /// Whether Cloud Infinite has a part in the answer.
    infinite: bool,
    /// Where the bucket that the request names is metered, and as what its answer.
    metered: Option<(Arc<Flow>, Count)>,
}
