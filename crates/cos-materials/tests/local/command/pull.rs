//! What a pull brings back, and what it leaves alone.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::line::{Deed, Line};
use crate::place::{bytes, object};
use crate::scene::{Scene, paths};

const MIB: usize = 1024 * 1024;

/// A project after a push, with a small and a large material.
async fn pushed() -> Scene {
    let scene = Scene::new("").await;
    scene.write("materials/img/英雄 1.png", bytes(1000));
    scene.write("materials/empty.txt", "");
    scene.write("materials/video.mp4", bytes(9 * MIB));
    scene.run(&["push"]).done();
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_project_does_not_have_is_downloaded() {
    let scene = pushed().await;
    fs::remove_dir_all(scene.project.join("materials")).unwrap();
    let planned = scene.run(&["pull", "--dry-run"]).done();
    assert!(planned.stdout.contains("+ img/英雄 1.png"), "{}", planned.stdout);
    assert!(!scene.project.join("materials").exists());
    let report = scene.run(&["pull", "--json"]).done().json();
    assert_eq!(paths(&report["downloaded"]), ["empty.txt", "img/英雄 1.png", "video.mp4"]);
    for (path, content) in
        [("img/英雄 1.png", bytes(1000)), ("empty.txt", vec![]), ("video.mp4", bytes(9 * MIB))]
    {
        let file = scene.project.join("materials").join(path);
        assert!(fs::read(file).unwrap() == content, "{path}");
    }
    // Nothing is left to be done, and nothing asked for.
    let line = Line::to(scene.place.server, |_| Deed::Pass).await;
    let report = scene.run_at(line.address, &["pull", "--json"]).done().json();
    assert_eq!((paths(&report["downloaded"]), &report["unchanged"]), (vec![], &3.into()));
    assert_eq!(line.seen().len(), 0);
    assert_eq!(fs::read_dir(scene.project.join("materials")).unwrap().count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_is_replaced_only_if_that_is_wanted() {
    let scene = pushed().await;
    scene.write("materials/empty.txt", "edited");
    scene.run(&["pull"]).refused(2, &["Replace 1 file", "--yes"]);
    assert_eq!(scene.read("materials/empty.txt"), "edited");
    let report = scene.run(&["pull", "--yes", "--json", "empty.txt"]).done().json();
    assert_eq!(report["downloaded"][0]["replaced"], true);
    assert_eq!(scene.read("materials/empty.txt"), "");
    scene.run(&["pull", "none.txt"]).refused(2, &["none.txt", "cos-materials list"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_was_interrupted_goes_on() {
    let scene = pushed().await;
    let video = scene.project.join("materials/video.mp4");
    fs::remove_file(&video).unwrap();
    // The third range never comes.
    let gets = AtomicU32::new(0);
    let line = Line::to(scene.place.server, move |seen| {
        match seen.method == "GET" && gets.fetch_add(1, Ordering::Relaxed) == 2 {
            true => Deed::Answer(404, String::new()),
            false => Deed::Pass,
        }
    })
    .await;
    scene.run_at(line.address, &["pull"]).refused(1, &["video.mp4"]);
    assert!(!video.exists());
    let partial = || {
        let names = fs::read_dir(scene.project.join("materials")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".cos-download")).count()
    };
    // What is there of it is no material.
    let listed = scene.run(&["list", "--json"]).done().json();
    assert_eq!(listed.as_array().unwrap().len(), 3, "{listed}");
    assert_eq!(partial(), 1);
    scene.run(&["pull"]).done();
    assert!(fs::read(&video).unwrap() == bytes(9 * MIB));
    assert_eq!(partial(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_another_one_never_comes_into_the_project() {
    let scene = pushed().await;
    let file = scene.project.join("materials/img/英雄 1.png");
    let client = scene.place.client(scene.place.server);
    let key = scene.key("img/英雄 1.png");
    client.call("putObject", object(&key).with("Body", "another")).await.unwrap();
    fs::remove_file(&file).unwrap();
    scene.run(&["pull"]).refused(1, &["img/英雄 1.png", "push it again"]);
    client.call("deleteObject", object(&key)).await.unwrap();
    scene.run(&["pull"]).refused(1, &["does not have it"]);
    assert!(!file.exists());
}
