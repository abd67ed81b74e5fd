//! Bad lines.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use cos_core::error::ErrorKind;
use cos_core::value::Value;
use cos_materials::client::Client;

use crate::line::{Deed, Line, Seen};
use crate::place::*;

const MIB: usize = 1024 * 1024;

/// Lets one deed in so many happen to what is concerned, the first time included.
fn every(
    nth: u32,
    concerned: impl Fn(&Seen) -> bool + Send + Sync + 'static,
    deed: fn() -> Deed,
) -> impl Fn(&Seen) -> Deed + Send + Sync + 'static {
    let count = AtomicU32::new(0);
    move |seen| match concerned(seen) && count.fetch_add(1, Ordering::Relaxed).is_multiple_of(nth) {
        true => deed(),
        false => Deed::Pass,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_line_drops_is_sent_again() {
    let place = Place::new().await;
    let size = 4 * MIB;
    let path = place.file("f", size);
    let line = Line::to(place.server, every(3, |seen| seen.part().is_some(), || Deed::Drop)).await;
    place.client(line.address).upload(transfer("f", &path), |_| ()).await.unwrap();
    assert_eq!(place.stored("f").await.0, sum(&bytes(size)));
    let sent = line.seen().iter().filter(|seen| seen.part().is_some()).count();
    assert!(sent > 4, "{sent} parts were sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_answers_the_error_says_so() {
    let place = Place::new().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let error = place.client(nobody).call("headObject", object("a")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(error.message.contains("refused"), "{}", error.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_ended() {
    let place = Place::new().await;
    let line = Line::to(place.server, |_| Deed::Hold).await;
    let options = Value::map().with("Timeout", 20.0);
    let client = Client::new(&options, place.settings(line.address)).unwrap();
    let error = client.call("headObject", object("a")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(error.message.contains("within 0.02 s"), "{}", error.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_uploads_are_never_a_success() {
    let place = Place::new().await;
    let (small, large) = (place.file("small", 2000), place.file("large", 3 * MIB));
    let puts = |seen: &Seen| seen.method == "PUT";
    let line = Line::to(place.server, every(3, puts, || Deed::DamageRequest)).await;
    let client = place.client(line.address);
    client.upload(transfer("small", &small), |_| ()).await.unwrap();
    client.upload(transfer("large", &large), |_| ()).await.unwrap();
    assert_eq!(place.stored("small").await.0, sum(&bytes(2000)));
    assert_eq!(place.stored("large").await.0, sum(&bytes(3 * MIB)));

    let line = Line::to(place.server, every(1, puts, || Deed::DamageRequest)).await;
    let client = place.client(line.address);
    let error = client.upload(transfer("small", &small), |_| ()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Integrity, "{}", error.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_downloads_are_never_a_success() {
    let place = Place::new().await;
    let source = place.file("source", 2 * MIB);
    place.client(place.server).upload(transfer("f", &source), |_| ()).await.unwrap();
    let target = place.folder.path().join("target");
    let gets = |seen: &Seen| seen.method == "GET";
    for deed in [|| Deed::DamageAnswer, || Deed::CutAnswer] {
        let line = Line::to(place.server, every(100, gets, deed)).await;
        place.client(line.address).download(transfer("f", &target), |_| ()).await.unwrap();
        assert!(std::fs::read(&target).unwrap() == bytes(2 * MIB));
    }

    std::fs::write(&target, "before").unwrap();
    for (deed, kind) in [
        ((|| Deed::DamageAnswer) as fn() -> Deed, ErrorKind::Integrity),
        (|| Deed::CutAnswer, ErrorKind::Network),
    ] {
        let line = Line::to(place.server, every(1, gets, deed)).await;
        let client = place.client(line.address);
        let error = client.download(transfer("f", &target), |_| ()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{}", error.message);
        assert_eq!(std::fs::read(&target).unwrap(), b"before");
        assert_eq!(place.left_over(), [""; 0]);
    }
}

/// Proxies are those of the environment, which is that of another process: this program again.
#[tokio::test(flavor = "multi_thread")]
async fn proxies_of_the_environment_are_used() {
    if std::env::var_os("TEST_PROXY").is_some() {
        let place = Place::new().await;
        let mut settings = place.settings(place.server);
        settings.endpoint = None;
        let options = Value::map().with("Protocol", "http:");
        let client = Client::new(&options, settings).unwrap();
        client.call("headBucket", bucket()).await.unwrap();
        return;
    }
    let place = Place::new().await;
    let line = Line::to(place.server, |_| Deed::Pass).await;
    assert!(passes(
        again(module_path!(), "proxies_of_the_environment_are_used")
            .env("TEST_PROXY", "1")
            .env("http_proxy", format!("http://{}", line.address))
            .env_remove("no_proxy")
            .env_remove("NO_PROXY")
    ));
    assert_eq!(line.seen().len(), 1);
}
