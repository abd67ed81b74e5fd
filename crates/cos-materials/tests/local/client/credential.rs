//! Keys: where they are from, that they are renewed, and that nobody is told them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cos_core::error::ErrorKind;
use cos_materials::client::Client;
use cos_materials::credential::{Credential, Found, Sources};

use crate::line::{Deed, Line};
use crate::place::*;

/// A source without the file of whoever runs this.
fn nothing() -> Sources {
    Sources { usual: None, ..Sources::default() }
}

fn find(sources: &Sources, environment: &[(&str, &str)]) -> Result<Found, String> {
    let environment: HashMap<&str, &str> = environment.iter().copied().collect();
    let found = sources.find(|name| environment.get(name).map(Into::into));
    found.map_err(|error| {
        assert_eq!(error.kind, ErrorKind::Credential);
        told(&error)
    })
}

/// The id, key and token, or the URL.
fn revealed(found: Found) -> Vec<String> {
    match found.credential.map(|(credential, _)| credential) {
        Some(Credential::Keys { id, key, token }) => [Some(id), Some(key), token]
            .into_iter()
            .flatten()
            .map(|one| one.reveal().into())
            .collect(),
        Some(Credential::Sts(url)) => vec![url.reveal().to_owned()],
        None => Vec::new(),
    }
}

#[test]
fn the_first_source_there_is_decides() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let named =
        write("named", "secret-id = 'f1'\nsecret-key = 'f2'\nsession-token = 'f3'\ncdn-key = 'f4'");
    let usual = write("usual", "sts-url = 'http://a/u'\ncdn-key = 'u4'");
    let only_cdn = write("cdn", "cdn-key = 'c4'");
    let cos = [("COS_SECRET_ID", "c1"), ("COS_SECRET_KEY", "c2")];
    let tencent = [
        ("TENCENTCLOUD_SECRET_ID", "t1"),
        ("TENCENTCLOUD_SECRET_KEY", "t2"),
        ("TENCENTCLOUD_SECURITY_TOKEN", "t3"),
    ];
    let both = [&cos[..], &tencent[..]].concat();
    let with_token = [&both[..], &[("COS_SESSION_TOKEN", "c3"), ("COS_CDN_KEY", "e4")]].concat();
    let sts = Some("http://a/s".to_owned());

    let all = Sources { file: Some(named), sts: sts.clone(), usual: Some(usual.clone()) };
    let no_file = Sources { file: Some(only_cdn), sts, usual: Some(usual.clone()) };
    let only_usual = Sources { usual: Some(usual), ..nothing() };
    let missing = Sources { usual: Some(folder.path().join("none")), ..nothing() };
    for (sources, environment, credential, cdn_key) in [
        (&all, &with_token[..], &["f1", "f2", "f3"][..], Some("e4")),
        (&all, &both, &["f1", "f2", "f3"], Some("f4")),
        (&no_file, &both, &["http://a/s"], Some("c4")),
        (&only_usual, &with_token, &["c1", "c2", "c3"], Some("e4")),
        (&only_usual, &both, &["c1", "c2"], Some("u4")),
        (&only_usual, &tencent, &["t1", "t2", "t3"], Some("u4")),
        (&only_usual, &[("COS_SECRET_ID", "")], &["http://a/u"], Some("u4")),
        (&missing, &[], &[], None),
        (&nothing(), &[], &[], None),
    ] {
        let found = find(sources, environment).unwrap();
        assert_eq!(found.cdn_key.as_ref().map(|key| key.reveal()), cdn_key);
        assert_eq!(revealed(found), credential, "{sources:?} {environment:?}");
    }
}

#[test]
fn half_a_key_is_an_error_that_tells_no_key() {
    let folder = tempfile::tempdir().unwrap();
    for (environment, said) in [
        (&[("COS_SECRET_ID", "hush")][..], "COS_SECRET_KEY is not"),
        (&[("TENCENTCLOUD_SECRET_KEY", "hush")], "TENCENTCLOUD_SECRET_ID is not"),
    ] {
        let error = find(&nothing(), environment).unwrap_err();
        assert!(error.contains(said) && !error.contains("hush"), "{error}");
    }
    for (text, said) in [
        ("secret-id = 'hush'", "both secret-id and secret-key"),
        ("session-token = 'hush'", "both secret-id and secret-key"),
        ("secret-id = 'hush'\nsecret-key = 'hush'\nsts-url = 'http://hush'", "keep one"),
        ("\nsecret-key = hush", "line 2"),
        ("secret_key = 'hush'", "line 1"),
        ("secret-key = 123321", "line 1"),
        ("sts-url = 'hush'", "http://"),
    ] {
        let path = folder.path().join("keys.toml");
        std::fs::write(&path, text).unwrap();
        let error = find(&Sources { file: Some(path), ..nothing() }, &[]).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
        assert!(!error.contains("hush") && !error.contains("123321"), "{error}");
    }
    let none = Sources { file: Some(folder.path().join("none")), ..nothing() };
    assert!(find(&none, &[]).unwrap_err().contains("there is no file"));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    std::fs::write(&path, "secret-id = 'a'\nsecret-key = 'hush'").unwrap();
    for (mode, warnings) in [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let found = find(&Sources { file: Some(path.clone()), ..nothing() }, &[]).unwrap();
        assert_eq!(found.warnings.len(), warnings, "{mode:o}");
        assert!(found.warnings.iter().all(|warning| warning.contains("chmod 600")));
        assert!(!format!("{found:?}").contains("hush"));
    }
}

#[test]
fn keys_in_the_clear_are_warned_of() {
    for (url, warnings) in [
        ("https://example.com/sts", 0),
        ("http://example.com/sts", 1),
        ("http://127.0.0.1.example.com/sts", 1),
        ("http://127.0.0.1:9000/sts", 0),
        ("http://[::1]/sts", 0),
        ("http://localhost/sts", 0),
    ] {
        let found = find(&Sources { sts: Some(url.to_owned()), ..nothing() }, &[]).unwrap();
        assert_eq!(found.warnings.len(), warnings, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_an_error_that_tells_no_key() {
    let place = Place::new().await;
    let wrong = "another key that nobody is to be shown";
    let mut settings = place.settings(place.server);
    settings.credential = Some(keys(wrong));
    assert!(!format!("{settings:?}").contains("nobody"));
    let client = Client::new(&Default::default(), settings).unwrap();
    let path = place.file("f", 10);
    for error in [
        client.call("getBucket", bucket()).await.unwrap_err(),
        client.upload(transfer("f", &path), |_| ()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind, ErrorKind::Credential);
        assert_eq!(error.code, "SignatureDoesNotMatch");
        assert!(!told(&error).contains("nobody is"), "{error:?}");
    }
    assert!(!format!("{client:?}").contains("nobody"));
    assert_eq!(*place.warnings.lock().unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_what_everybody_may_read_is_read() {
    let place = Place::new().await;
    let put = object("open").with("Body", "x").with("ACL", "public-read");
    place.client(place.server).call("putObject", put).await.unwrap();
    let mut settings = place.settings(place.server);
    settings.credential = None;
    let client = Client::new(&Default::default(), settings).unwrap();
    let got = client.call("getObject", object("open")).await.unwrap();
    assert_eq!(got.get("Body").as_str(), Some("x"));
    assert_eq!(client.call("getBucket", bucket()).await.unwrap_err().kind, ErrorKind::Denied);
    assert_eq!(place.warnings.lock().unwrap().len(), 1);
}

/// An endpoint whose first key is an hour old and lapsed, as that of a server that keeps them for
/// too long.
#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_key_that_has_expired_is_renewed() {
    let place = Place::new().await;
    let past = serve(&place.folder.path().join("past"), -3600).await;
    let lapsed = text_at(&format!("http://{past}/sts?bucket={BUCKET}&durationSeconds=900")).await;
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let sts = Line::to(place.server, move |seen| {
        assert_eq!(seen.param("bucket"), Some(BUCKET));
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => Deed::Answer(200, lapsed.clone()),
            _ => Deed::Pass,
        }
    })
    .await;
    let mut settings = place.settings(place.server);
    settings.credential = Some(Credential::sts(&format!("http://{}/sts", sts.address)).unwrap());
    let client = Client::new(&Default::default(), settings).unwrap();
    let path = place.file("f", 3 * 1024 * 1024);
    client.upload(transfer("f", &path), |_| ()).await.unwrap();
    client.call("headObject", object("f")).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_gives_no_key_is_named_without_its_secrets() {
    let place = Place::new().await;
    for (deed, said) in [
        ((|| Deed::Answer(403, "hush".to_owned())) as fn() -> Deed, "answered 403"),
        (|| Deed::Answer(200, "hush".to_owned()), "credentials.tmpSecretId"),
        (|| Deed::Answer(500, "hush".to_owned()), "answered 500"),
        (|| Deed::Drop, "cannot be reached"),
    ] {
        let sts = Line::to(place.server, move |_| deed()).await;
        let mut settings = place.settings(place.server);
        let url = format!("http://hush:hush@{}/sts?key=hush", sts.address);
        settings.credential = Some(Credential::sts(&url).unwrap());
        assert!(!format!("{settings:?}").contains("hush"));
        let client = Client::new(&Default::default(), settings).unwrap();
        let error = client.call("headObject", object("f")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Credential);
        assert!(
            error.message.contains(&format!("http://{}/sts", sts.address)),
            "{}",
            error.message
        );
        assert!(error.message.contains(said), "{}", error.message);
        let told = told(&error);
        assert!(!told.contains("hush") && !told.contains("getAuthorization"), "{told}");
    }
}

async fn text_at(url: &str) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    client.get(url).send().await.unwrap().text().await.unwrap()
}
