//! What a push uploads, and what it leaves alone.

use std::fs;

use cos_core::value::Value;

use crate::line::{Deed, Line};
use crate::place::{bucket, bytes, object, sum};
use crate::scene::{Scene, paths};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn materials_are_uploaded_as_what_they_are() {
    let rules = "[[cache]]\nfiles = \"data/**\"\ncontrol = \"no-cache\"\n";
    let scene = Scene::new(rules).await;
    scene.write("materials/img/英雄 1.png", bytes(1000));
    scene.write("materials/data/cities.json", "[]");
    scene.write("materials/empty.txt", "");
    scene.write("materials/video.mp4", bytes(9 * MIB));
    let report = scene.run(&["push", "--json"]).done().json();
    let all = ["data/cities.json", "empty.txt", "img/英雄 1.png", "video.mp4"];
    assert_eq!(paths(&report["uploaded"]), all);
    assert_eq!(report["manifestChanged"], true);
    let client = scene.place.client(scene.place.server);
    for (path, content, kind, cache) in [
        ("img/英雄 1.png", bytes(1000), "image/png", "public, max-age=31536000, immutable"),
        ("data/cities.json", b"[]".to_vec(), "application/json", "no-cache"),
        ("empty.txt", Vec::new(), "text/plain", "public, max-age=31536000, immutable"),
        ("video.mp4", bytes(9 * MIB), "video/mp4", "public, max-age=31536000, immutable"),
    ] {
        let (head, body) = client.get(object(&scene.key(path))).await.unwrap();
        let header = |name: &str| head.get("headers").get(name).to_text();
        assert_eq!(header("content-type"), kind);
        assert_eq!(header("cache-control"), cache);
        assert!(body == content, "{path}");
        assert_eq!(header("x-cos-hash-crc64ecma"), sum(&content));
    }
    assert!(scene.key("img/英雄 1.png").starts_with("materials/img/英雄 1."));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_project_costs_one_list_and_no_file_is_written() {
    let scene = Scene::new("").await;
    for name in ["a.png", "b.png", "c.png"] {
        scene.write(&format!("materials/{name}"), name);
    }
    scene.run(&["push"]).done();
    let written = || {
        let time = |name| fs::metadata(scene.project.join(name)).unwrap().modified().unwrap();
        (time("materials.js"), time("materials.d.ts"))
    };
    let before = written();
    // The first look at objects is at their CRC64; after that the list says that they are the same.
    let line = Line::to(scene.place.server, |_| Deed::Pass).await;
    let report = scene.run_at(line.address, &["push", "--json"]).done().json();
    assert_eq!((&report["unchanged"], &report["manifestChanged"]), (&3.into(), &false.into()));
    let methods: Vec<_> = line.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, ["GET", "HEAD", "HEAD", "HEAD"]);
    let line = Line::to(scene.place.server, |_| Deed::Pass).await;
    scene.run_at(line.address, &["push"]).done();
    let methods: Vec<_> = line.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, ["GET"]);
    assert_eq!(written(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_differs_is_sent() {
    let scene = Scene::new("").await;
    for name in ["a.png", "b.png", "c.png", "d.png"] {
        scene.write(&format!("materials/{name}"), name);
    }
    scene.run(&["push"]).done();
    let old = scene.key("a.png");
    scene.write("materials/a.png", "another");
    // Someone else has written to the second object, and removed the third.
    let client = scene.place.client(scene.place.server);
    let key = scene.key("b.png");
    let body = bytes::Bytes::from_static(b"B.png");
    client.put("putObject", object(&key).with("ContentType", "image/png"), body).await.unwrap();
    client.call("deleteObject", object(&scene.key("c.png"))).await.unwrap();
    let diff = scene.run(&["diff", "--json"]).done().json();
    let states: Vec<_> = diff["materials"].as_array().unwrap().iter().collect();
    let state = |index: usize| states[index]["state"].as_str().unwrap();
    assert_eq!([state(0), state(1), state(2), state(3)], ["new", "changed", "new", "stale"]);
    assert!(states[1]["reason"].as_str().unwrap().starts_with("CRC64"), "{}", states[1]);
    assert_eq!(diff["manifestChanges"], true);

    let report = scene.run(&["push", "--json"]).done().json();
    assert_eq!(paths(&report["uploaded"]), ["a.png", "b.png", "c.png"]);
    assert_eq!(report["stale"], serde_json::json!([old]));
    let stored = scene.place.stored(&key).await;
    assert_eq!(stored, (sum(b"b.png"), "5".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_headers_are_a_difference() {
    let scene = Scene::new("").await;
    scene.write("materials/a.json", "{}");
    scene.run(&["push"]).done();
    scene.settings("[[cache]]\nfiles = \"*.json\"\ncontrol = \"max-age=60\"\n");
    let diff = scene.run(&["diff"]).done();
    assert!(diff.stdout.contains("~ a.json (Cache-Control"), "{}", diff.stdout);
    scene.run(&["push"]).done();
    let client = scene.place.client(scene.place.server);
    let head = client.call("headObject", object(&scene.key("a.json"))).await.unwrap();
    assert_eq!(head.get("headers").get("cache-control"), &Value::from("max-age=60"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "a");
    let run = scene.run(&["push", "--dry-run"]).done();
    assert!(run.stdout.contains("+ a.png (1 B)"), "{}", run.stdout);
    let report = scene.run(&["push", "--dry-run", "--json"]).done().json();
    assert_eq!((paths(&report["uploaded"]), &report["dryRun"]), (vec!["a.png"], &true.into()));
    assert!(scene.keys().await.is_empty() && !scene.project.join("materials.js").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_stays_while_a_material_is_missing() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "a");
    scene.run(&["push"]).done();
    let before = scene.read("materials.js");
    scene.write("materials/bad.mp4", bytes(5 * MIB));
    scene.write("materials/good.png", "g");
    // Large files begin with a request of their own.
    let bad = |seen: &crate::line::Seen| match seen.query.contains("uploads") {
        true if seen.method == "POST" => Deed::Answer(
            403,
            "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>".to_owned(),
        ),
        _ => Deed::Pass,
    };
    let line = Line::to(scene.place.server, bad).await;
    let run = scene.run_at(line.address, &["push", "--json"]);
    let report = run
        .refused(1, &["bad.mp4", "name/cos:InitiateMultipartUpload", "manifest is as it was"])
        .json();
    assert_eq!(paths(&report["uploaded"]), ["good.png"]);
    assert_eq!(report["failed"].as_array().unwrap().len(), 1);
    assert_eq!(scene.read("materials.js"), before);
    let report = scene.run(&["push", "--json"]).done().json();
    assert_eq!(paths(&report["uploaded"]), ["bad.mp4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_while_it_is_sent_is_not_taken() {
    let scene = Scene::new("").await;
    scene.write("materials/a.bin", bytes(100));
    let file = scene.project.join("materials/a.bin");
    // The list comes after the file was digested and before it is read again.
    let change = move |seen: &crate::line::Seen| {
        if seen.method == "GET" {
            fs::write(&file, [bytes(99), vec![0]].concat()).unwrap();
        }
        Deed::Pass
    };
    let line = Line::to(scene.place.server, change).await;
    scene.run_at(line.address, &["push"]).refused(1, &["a.bin changed while it was uploaded"]);
    assert!(scene.keys().await.is_empty());
    scene.run(&["push"]).done();
    assert_eq!(scene.keys().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn prune_removes_what_no_material_names_and_nothing_else() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    scene.write("materials/b.png", "1");
    scene.run(&["push"]).done();
    let client = scene.place.client(scene.place.server);
    for foreign in ["materials/by-hand.png", "elsewhere/a.0123456789ab.png"] {
        let body = bytes::Bytes::from_static(b"x");
        client.put("putObject", object(foreign), body).await.unwrap();
    }
    let old = scene.key("a.png");
    scene.write("materials/a.png", "2");
    fs::remove_file(scene.project.join("materials/b.png")).unwrap();
    let run = scene.run(&["push"]).done();
    assert!(run.stdout.contains("2 objects of earlier pushes"), "{}", run.stdout);
    assert_eq!(scene.keys().await.len(), 5);
    scene.run(&["push", "--prune"]).refused(2, &["Pass --yes"]);
    assert_eq!(scene.keys().await.len(), 5);
    let report = scene.run(&["push", "--prune", "--yes", "--json"]).done().json();
    assert_eq!(report["pruned"].as_array().unwrap().len(), 2);
    let keys = scene.keys().await;
    assert!(keys.len() == 3 && !keys.contains(&old) && keys.contains(&scene.key("a.png")));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_package_are_reported_and_forbidden_by_strict() {
    let scene = Scene::new("").await;
    scene.write("project.config.json", "{}");
    scene.write("app.json", "{}");
    scene.write("images/hero.png", bytes(100 * 1024));
    scene.write("images/icon.png", bytes(100));
    scene.write("materials/a.mp3", bytes(50 * 1024));
    let run = scene.run(&["push"]).done();
    let words = [
        "saves 100 KB of the 2048 KB",
        "100 KB  images/hero.png",
        "{ \"type\": \"folder\", \"value\": \"materials\" }",
        "saves 50 KB of the 2048 KB",
    ];
    assert!(words.iter().all(|word| run.stderr.contains(word)), "{}", run.stderr);
    let ignore = r#"{"packOptions": {"ignore": [{"type": "folder", "value": "materials"}]}}"#;
    scene.write("project.config.json", ignore);
    let run = scene.run(&["push", "--strict"]).refused(3, &["package.keep"]);
    assert!(!run.stderr.contains("a.mp3"), "{}", run.stderr);
    scene.settings("[package]\nkeep = [\"images/**\"]\n");
    scene.run(&["push", "--strict"]).done();
    scene.write("project.config.json", "{}");
    scene.run(&["push", "--strict"]).refused(3, &["packOptions.ignore"]);
    let report = scene.run(&["push", "--json"]).done().json();
    assert_eq!(report["packedMaterials"], 50 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_more_than_a_page_are_whole() {
    let scene = Scene::new("").await;
    let client = scene.place.client(scene.place.server);
    for number in 0..1005 {
        let key = format!("materials/n{number:04}.0123456789ab.txt");
        client.put("putObject", object(&key), bytes::Bytes::new()).await.unwrap();
    }
    let rows = scene.run(&["list", "--json"]).done().json();
    assert_eq!(paths(&rows).len(), 1005);
    scene.run(&["push", "--prune", "--yes"]).done();
    let page = client.call("getBucket", bucket()).await.unwrap();
    assert!(page.get("Contents").items().is_empty());
}
