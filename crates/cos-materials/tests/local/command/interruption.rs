//! Pushes that end in the middle.

use std::process::{Child, Command, Stdio};

use crate::line::{Deed, Event, Line, Seen};
use crate::place::{bucket, bytes, sum};
use crate::scene::Scene;

const PART: usize = 4 * 1024 * 1024;

/// A push over a line that lets three parts through, once these have arrived.
async fn half(scene: &Scene) -> Child {
    let mut line = Line::weak(scene.place.server, 3).await;
    let child = scene.command(line.address, &["push"]).stderr(Stdio::piped()).spawn().unwrap();
    line.wait(3, |seen, event| seen.part().is_some() && event == Event::Answered(200)).await;
    line.wait(1, |seen, event| seen.part().is_some() && event == Event::Held).await;
    child
}

/// Pushes again: only what COS has not confirmed is sent.
async fn goes_on(scene: &Scene) {
    assert!(!scene.project.join("materials.js").exists());
    let line = Line::to(scene.place.server, |_| Deed::Pass).await;
    scene.run_at(line.address, &["push"]).done();
    let mut parts: Vec<_> = line.seen().iter().filter_map(Seen::part).collect();
    parts.sort_unstable();
    assert_eq!(parts.len(), 4, "{parts:?}");
    let stored = scene.place.stored(&scene.key("big.mp4")).await;
    assert_eq!(stored.0, sum(&bytes(7 * PART)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_was_killed_goes_on() {
    let scene = Scene::new("").await;
    scene.write("materials/big.mp4", bytes(7 * PART));
    let mut child = half(&scene).await;
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    goes_on(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_was_interrupted_says_so_and_goes_on() {
    let scene = Scene::new("").await;
    scene.write("materials/big.mp4", bytes(7 * PART));
    let child = half(&scene).await;
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("the next push goes on"), "{text}");
    goes_on(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prune_drops_what_a_push_began_of_a_file_that_has_changed_since() {
    let scene = Scene::new("").await;
    scene.write("materials/big.mp4", bytes(7 * PART));
    let mut child = half(&scene).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = scene.run(&["list", "--json"]).done().json()[0]["key"].take();
    scene.write("materials/big.mp4", bytes(6 * PART));
    let report = scene.run(&["push", "--prune", "--dry-run", "--json"]).done().json();
    assert_eq!(report["dropped"], serde_json::json!([begun]));
    scene.run(&["push"]).done();
    let client = scene.place.client(scene.place.server);
    let uploads = async |expected: usize| {
        let list = client.call("multipartList", bucket()).await.unwrap();
        assert_eq!(list.get("Upload").items().len(), expected);
    };
    uploads(1).await;
    let run = scene.run(&["push", "--prune", "--yes"]).done();
    assert!(run.stdout.contains("1 upload that did not end dropped"), "{}", run.stdout);
    uploads(0).await;
    assert_eq!(scene.keys().await, [scene.key("big.mp4")]);
}
