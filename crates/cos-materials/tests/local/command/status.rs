//! `status` and `list`.

use cos_core::value::Value;

use crate::place::{bytes, object};
use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn status_counts_and_says_how_to_learn_more() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", bytes(3 * 1024));
    scene.run(&["push"]).done();
    scene.write("materials/a.png", bytes(2 * 1024));
    let client = scene.place.client(scene.place.server);
    let body = bytes::Bytes::from(bytes(1024));
    client.put("putObject", object("elsewhere.bin"), body).await.unwrap();
    let run = scene.run(&["status"]).done();
    for words in [
        "Materials  1 file (2.0 KB)",
        "To push    1 file (2.0 KB)",
        "10.0 GB  unknown",
        "Stale      1 object (3.0 KB)",
        "Storage              4.0 KB  50.0 GB",
        "servers.usage",
    ] {
        assert!(run.stdout.contains(words), "{words} in {}", run.stdout);
    }
    let document = scene.run(&["status", "--json"]).done().json();
    assert_eq!(document["quota"][0]["used"], 4096);
    assert_eq!(document["quota"][1]["used"], serde_json::Value::Null);
    assert_eq!(document["stale"]["bytes"], 3072);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_usage_of_the_server_is_shown_with_what_is_about_to_cost_money() {
    use crate::line::{Deed, Line};
    let scene = Scene::new("").await;
    let usage = r#"{"storageBytes":1,"downstreamBytes":9000000000,"readRequests":2000000}"#;
    let line = Line::to(scene.place.server, |_| Deed::Answer(200, usage.to_owned())).await;
    scene.settings(&format!("[servers]\nusage = \"http://{}/usage\"\n", line.address));
    let run = scene.run(&["status"]).done();
    assert_eq!(line.seen().first().unwrap().query, "bucket=demo-1250000000");
    for words in
        ["Downstream traffic: ", "80 % or more", "Read requests: 2,000,000 of the free 1,000,000"]
    {
        assert!(run.stderr.contains(words), "{words} in {}", run.stderr);
    }
    assert!(!run.stdout.contains("servers.usage"), "{}", run.stdout);

    let line = Line::to(scene.place.server, |_| Deed::Answer(500, String::new())).await;
    scene.settings(&format!("[servers]\nusage = \"http://{}/?token=hidden\"\n", line.address));
    let run = scene.run(&["status"]).done();
    assert!(run.stderr.contains("answered 500 without usage: most"), "{}", run.stderr);
    assert!(!run.stderr.contains("hidden"));
    assert!(run.stdout.contains(" 0 B  50.0 GB"), "{}", run.stdout);
    assert!(run.stdout.contains("10.0 GB  unknown"), "{}", run.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_server_tells_what_it_has_metered() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", bytes(3000));
    scene.run(&["push"]).done();
    scene.settings(&format!("[servers]\nusage = \"http://{}/usage\"\n", scene.place.server));
    let quota = scene.run(&["status", "--json"]).done().json()["quota"].take();
    let row = |name: &str| {
        let row = quota.as_array().unwrap().iter().find(|row| row["name"] == name);
        row.unwrap().clone()
    };
    assert_eq!(row("storage")["used"], 3000);
    // The push put one object, and listed the bucket at least once.
    assert_eq!(row("writes")["used"], 1);
    assert!(row("reads")["used"].as_f64().unwrap() >= 1.0);
    assert_eq!(row("downstream")["level"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_materials_and_what_is_left_of_earlier_pushes() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    scene.run(&["push"]).done();
    scene.write("materials/a.png", "2");
    scene.write("materials/b.txt", "1");
    let rows = scene.run(&["list", "--json"]).done().json();
    let states: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["new", "new", "stale"]);
    let text = scene.run(&["list"]).done().stdout;
    assert!(text.starts_with("PATH ") && text.lines().count() == 4, "{text}");
    // The core's value of a list is what programs get too.
    assert!(matches!(cos_materials::json::from_json(rows), Value::List(_)));
}
