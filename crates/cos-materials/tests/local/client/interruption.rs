//! Uploads that are interrupted, and go on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cos_core::error::{Error, ErrorKind};
use cos_core::value::Value;
use cos_materials::client::Client;
use tokio::task::JoinHandle;

use crate::line::{Deed, Event, Line, Seen};
use crate::place::*;

const MIB: usize = 1024 * 1024;

/// Parts that one file sends at the same time.
const WINDOW: usize = 3;

/// Begins to upload a file.
fn begin(client: &Client, path: &Path) -> JoinHandle<Result<Value, Error>> {
    let (client, params) = (client.clone(), transfer("big", path));
    tokio::spawn(async move { client.upload(params, |_| ()).await })
}

/// Waits until so many parts have gone over the line and the others are held.
async fn wait_for_the_end(line: &mut Line, parts: usize) {
    line.wait(parts, |seen, event| seen.part().is_some() && event == Event::Answered(200)).await;
}

/// The numbers of the parts that COS has of the only unfinished upload.
async fn confirmed(place: &Place) -> BTreeSet<u32> {
    let client = place.client(place.server);
    let uploads = client.call("multipartList", bucket()).await.unwrap();
    let [upload] = uploads.get("Upload").items() else { panic!("{uploads:?}") };
    let id = upload.get("UploadId").to_text();
    let key = upload.get("Key").to_text();
    let parts = client.call("multipartListPart", object(&key).with("UploadId", id)).await.unwrap();
    let number = |part: &Value| part.get("PartNumber").as_number().unwrap() as u32;
    parts.get("Part").items().iter().map(number).collect()
}

/// Uploads the file again, and checks that exactly what COS did not have was sent.
async fn goes_on(place: &Place, key: &str, path: &Path, size: usize) {
    let before = confirmed(place).await;
    let line = Line::to(place.server, |_| Deed::Pass).await;
    place.client(line.address).upload(transfer(key, path), |_| ()).await.unwrap();
    let mut sent: Vec<u32> = line.seen().iter().filter_map(Seen::part).collect();
    sent.sort_unstable();
    let missing: Vec<u32> =
        (1..=size.div_ceil(MIB) as u32).filter(|number| !before.contains(number)).collect();
    assert_eq!(sent, missing);
    assert!(!before.is_empty() && !missing.is_empty());
    assert_eq!(place.stored(key).await, (sum(&bytes(size)), size.to_string()));
}

/// The process that is killed is this program again, told so by the environment.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_its_process_was_killed() {
    if let Some(path) = std::env::var_os("TEST_UPLOAD") {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
            server: std::env::var("TEST_ENDPOINT").unwrap().parse().unwrap(),
            warnings: Default::default(),
        };
        let mut settings = place.settings(place.server);
        settings.state = std::env::var_os("TEST_STATE").map(PathBuf::from);
        let client = Client::new(&Value::map(), settings).unwrap();
        client.upload(transfer("big", path.as_ref()), |_| ()).await.unwrap();
        unreachable!("the line lets only half of it through");
    }
    let place = Place::new().await;
    let size = 40 * MIB - 5;
    let path = place.file("big", size);
    let mut line = Line::weak(place.server, 20).await;
    let mut child = again(module_path!(), "an_upload_goes_on_after_its_process_was_killed")
        .env("TEST_UPLOAD", &path)
        .env("TEST_STATE", place.folder.path().join("state"))
        .env("TEST_ENDPOINT", line.address.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_the_end(&mut line, 20).await;
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    assert_eq!(confirmed(&place).await.len(), 20);
    goes_on(&place, "big", &path, size).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_it_was_closed() {
    let place = Place::new().await;
    let size = 8 * MIB;
    let path = place.file("big", size);
    let mut line = Line::weak(place.server, 4).await;
    let client = place.client(line.address);
    let uploading = begin(&client, &path);
    wait_for_the_end(&mut line, 4).await;
    client.close().await;
    assert_eq!(uploading.await.unwrap().unwrap_err().kind, ErrorKind::Canceled);
    let refused = client.call("headObject", object("big")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Canceled);
    client.close().await;
    goes_on(&place, "big", &path, size).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_its_future_was_dropped() {
    let place = Place::new().await;
    let size = 6 * MIB;
    let path = place.file("big", size);
    let mut line = Line::weak(place.server, 2).await;
    let client = place.client(line.address);
    let uploading = begin(&client, &path);
    line.wait(2 + WINDOW, |seen, event| seen.part().is_some() && event != Event::Abandoned).await;
    uploading.abort();
    // What was under way is ended, and the client is good for more.
    line.wait(WINDOW, |_, event| event == Event::Abandoned).await;
    client.call("headBucket", bucket()).await.unwrap();
    goes_on(&place, "big", &path, size).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_ends_when_its_future_is_dropped() {
    let place = Place::new().await;
    let mut line = Line::to(place.server, |_| Deed::Hold).await;
    let client = place.client(line.address);
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.call("headObject", object("a")).await }
    });
    line.wait(1, |_, event| event == Event::Held).await;
    asking.abort();
    line.wait(1, |_, event| event == Event::Abandoned).await;
    assert_eq!(line.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_say_nothing_cost_nothing() {
    let place = Place::new().await;
    let size = 5 * MIB;
    let path = place.file("big", size);
    let mut line = Line::weak(place.server, 2).await;
    let client = place.client(line.address);
    let uploading = begin(&client, &path);
    wait_for_the_end(&mut line, 2).await;
    client.close().await;
    let _ = uploading.await.unwrap();
    for (at, entry) in std::fs::read_dir(place.folder.path().join("state")).unwrap().enumerate() {
        let text = ["{\"uploadId\":", "[\"of another program\"]", ""][at % 3];
        std::fs::write(entry.unwrap().path(), text).unwrap();
    }
    goes_on(&place, "big", &path, size).await;
}
