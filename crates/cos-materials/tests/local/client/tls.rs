//! HTTPS, which is what there is without an endpoint of one's own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use cos_core::error::ErrorKind;
use cos_core::value::Value;
use cos_materials::client::Client;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::place::*;

/// A server that answers every request with 200; its certificate is written to a file.
async fn serve_tls(certificate: &Path) -> SocketAddr {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(certificate, certified.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Who does not trust the certificate leaves.
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let answer = service_fn(|_| async {
                Ok::<_, hyper::Error>(hyper::Response::new(Empty::<Bytes>::new()))
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer);
            tokio::spawn(async move { connection.await.ok() });
        }
    });
    address
}

/// The certificates of the system are those of a process, which for one of the two is this program
/// again.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_needs_a_certificate_that_the_system_trusts() {
    let place = Place::new().await;
    let mut settings = place.settings(place.server);
    settings.endpoint = None;
    if let Ok(domain) = std::env::var("TEST_DOMAIN") {
        let client = Client::new(&Value::map().with("Domain", domain), settings).unwrap();
        client.call("headBucket", bucket()).await.unwrap();
        return;
    }
    let certificate = place.folder.path().join("certificate.pem");
    let address = serve_tls(&certificate).await;
    let domain = format!("localhost:{}", address.port());
    let options = Value::map().with("Domain", domain.as_str());
    let client = Client::new(&options, settings).unwrap();
    let error = client.call("headBucket", bucket()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(error.message.contains("certificate"), "{}", error.message);
    assert!(error.answer.url.starts_with("https://localhost:"), "{}", error.answer.url);

    assert!(passes(
        again(module_path!(), "a_server_needs_a_certificate_that_the_system_trusts")
            .env("TEST_DOMAIN", domain)
            .env("SSL_CERT_FILE", certificate)
    ));
}
