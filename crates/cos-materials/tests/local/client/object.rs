//! Objects, when nothing goes wrong.

use bytes::Bytes;
use cos_core::error::ErrorKind;
use cos_core::value::Value;
use cos_materials::client::{Client, Settings};

use crate::line::{Deed, Line};
use crate::place::*;

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_put_read_listed_and_deleted() {
    let place = Place::new().await;
    let client = place.client(place.server);
    let text =
        client.call("putObject", object("文/a b+c.txt").with("Body", "grüße")).await.unwrap();
    assert!(text.get("ETag").as_str().unwrap().starts_with('"'));
    let raw = Bytes::from_static(&[0, 159, 146, 150]);
    client.put("putObject", object("raw"), raw.clone()).await.unwrap();

    let head = client.call("headObject", object("文/a b+c.txt")).await.unwrap();
    assert_eq!(head.get("headers").get("content-length").to_text(), "7");
    let got = client.call("getObject", object("文/a b+c.txt")).await.unwrap();
    assert_eq!(got.get("Body").as_str(), Some("grüße"));
    let (data, bytes) = client.get(object("raw")).await.unwrap();
    assert_eq!((data.get("statusCode").as_number(), bytes), (Some(200.0), raw));
    let refused = client.call("getObject", object("raw")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Usage);
    assert!(refused.message.contains("download"), "{}", refused.message);

    let list = client.call("getBucket", bucket()).await.unwrap();
    let keys: Vec<_> =
        list.get("Contents").items().iter().map(|one| one.get("Key").to_text()).collect();
    assert_eq!(keys, ["raw", "文/a b+c.txt"]);
    client.call("deleteObject", object("raw")).await.unwrap();
    let gone = client.call("headObject", object("raw")).await.unwrap_err();
    assert_eq!((gone.kind, gone.answer.status), (ErrorKind::NotFound, 404));
    assert_eq!(*place.warnings.lock().unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_files_go_up_at_once() {
    let place = Place::new().await;
    let client = place.client(place.server);
    let sizes = [0, 1, 1000, MIB, MIB + 1, 5 * MIB / 2, 3 * MIB, 70_000, 12, 4 * MIB];
    let uploads = sizes.iter().enumerate().map(|(at, &size)| {
        let path = place.file(&format!("{at}.bin"), size);
        let (client, told) =
            (client.clone(), std::sync::Arc::new(std::sync::Mutex::new(Vec::new())));
        let listener = std::sync::Arc::clone(&told);
        async move {
            let listen = move |progress| listener.lock().unwrap().push(progress);
            client.upload(transfer(&format!("many/{at}"), &path), listen).await.unwrap();
            let last = *told.lock().unwrap().last().unwrap();
            assert_eq!((last.loaded, last.total, last.percent), (size as f64, size as f64, 1.0));
        }
    });
    futures_util::future::join_all(uploads).await;
    for (at, &size) in sizes.iter().enumerate() {
        let expected = (sum(&bytes(size)), size.to_string());
        assert_eq!(place.stored(&format!("many/{at}")).await, expected);
    }
    // Nothing is left to go on with.
    let records: Vec<_> = std::fs::read_dir(place.folder.path().join("state")).unwrap().collect();
    assert_eq!(records.len(), 1, "the index alone: {records:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_take_turns() {
    let place = Place::new().await;
    let line = Line::to(place.server, |_| Deed::Pass).await;
    let client = place.client(line.address);
    let heads = (0..300).map(|at| {
        let client = client.clone();
        async move { client.call("headObject", object(&format!("{at}"))).await.unwrap_err().kind }
    });
    for kind in futures_util::future::join_all(heads).await {
        assert_eq!(kind, ErrorKind::NotFound);
    }
    assert_eq!(line.seen().len(), 300);
    assert!((2..=64).contains(&line.most_at_once()), "{}", line.most_at_once());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_with_a_scheme_does_not_lead_past_the_endpoint() {
    let place = Place::new().await;
    let domain = format!("https://{BUCKET}.cos.ap-guangzhou.myqcloud.com");
    let options = Value::map().with("Domain", domain);
    let client = Client::new(&options, place.settings(place.server)).unwrap();
    client.call("headBucket", bucket()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_go_to_files() {
    let place = Place::new().await;
    let client = place.client(place.server);
    let source = place.file("source", 3 * MIB);
    client.upload(transfer("big", &source), |_| ()).await.unwrap();
    let target = place.folder.path().join("target");
    let (tell, told) = std::sync::mpsc::channel();
    let data = client
        .download(transfer("big", &target), move |progress| tell.send(progress).unwrap())
        .await
        .unwrap();
    assert_eq!(data.get("verified"), &Value::Bool(true));
    assert!(std::fs::read(&target).unwrap() == bytes(3 * MIB));
    let told: Vec<_> = told.try_iter().collect();
    assert!(told.is_sorted_by_key(|progress| progress.loaded));
    assert_eq!(told.last().unwrap().percent, 1.0);

    // Another one takes its place.
    let small = place.file("small", 10);
    client.upload(transfer("small", &small), |_| ()).await.unwrap();
    client.download(transfer("small", &target), |_| ()).await.unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), bytes(10));

    // What fails leaves the file as it was, and nothing beside it.
    let failed = client.download(transfer("missing", &target), |_| ()).await.unwrap_err();
    assert_eq!(failed.kind, ErrorKind::NotFound);
    assert_eq!(std::fs::read(&target).unwrap().len(), 10);
    assert_eq!(place.left_over(), [""; 0]);
    let nowhere = place.folder.path().join("no/such/folder");
    let failed = client.download(transfer("big", &nowhere), |_| ()).await.unwrap_err();
    assert_eq!((failed.kind, failed.code.as_str()), (ErrorKind::Usage, "COS_FILE"));
    assert!(failed.message.contains("no/such/folder"), "{}", failed.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_are_signed() {
    let place = Place::new().await;
    let client = place.client(place.server);
    client.call("putObject", object("a b.txt").with("Body", "x")).await.unwrap();
    let signed = client.call("getObjectUrl", object("a b.txt").with("Sign", true)).await.unwrap();
    let url = signed.get("Url").to_text();
    let proxy = reqwest::Proxy::http(format!("http://{}", place.server)).unwrap();
    let browser =
        reqwest::Client::builder().no_proxy().tls_certs_only([]).proxy(proxy).build().unwrap();
    assert_eq!(browser.get(&url).send().await.unwrap().status().as_u16(), 200);
    let plain = url.split('?').next().unwrap();
    assert_eq!(browser.get(plain).send().await.unwrap().status().as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_before_anything_is_sent() {
    let place = Place::new().await;
    let line = Line::to(place.server, |_| Deed::Pass).await;
    let client = place.client(line.address);
    let file = place.file("f", 3);
    for (operation, params, said) in [
        ("postObject", transfer("k", &file), "use putObject"),
        ("uploadFiles", bucket().with("files", Vec::new()), "several uploads"),
        ("uploadFile", transfer("k", &place.folder.path().join("none")), "none"),
        ("uploadFile", transfer("k", place.folder.path()), "no file"),
        ("putObject", object("k"), "missing param Body"),
        ("putObject", object("k").with("Body", Value::map()), "Body"),
        ("getobject", object("k"), "no operation"),
        ("headObject", object("a/../b"), "between slashes"),
    ] {
        let error = client.call(operation, params).await.unwrap_err();
        assert!(error.message.contains(said), "{operation}: {}", error.message);
    }
    assert_eq!(line.seen().len(), 0);
    for endpoint in ["", "127.0.0.1:9000", "https://127.0.0.1", "ftp://a"] {
        let settings = Settings { endpoint: Some(endpoint.to_owned()), ..Settings::default() };
        let error = Client::new(&Value::map(), settings).unwrap_err();
        assert!(error.message.contains("http://127.0.0.1:9000"), "{endpoint}: {}", error.message);
    }
}

#[test]
fn a_client_needs_a_runtime() {
    let error = Client::new(&Value::map(), Settings::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Internal);
}
