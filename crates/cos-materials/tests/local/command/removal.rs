//! `rm`.

use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn every_version_of_a_material_goes_and_its_entry_too() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    scene.write("materials/b.png", "1");
    scene.run(&["push"]).done();
    scene.write("materials/a.png", "2");
    scene.run(&["push"]).done();
    assert_eq!(scene.keys().await.len(), 3);

    let run = scene.run(&["rm", "a.png", "--dry-run"]).done();
    assert!(run.stdout.contains("2 objects would be removed"), "{}", run.stdout);
    scene.run(&["rm", "a.png"]).refused(2, &["Remove 2 objects", "Pass --yes"]);
    assert_eq!((scene.keys().await.len(), scene.entries().len()), (3, 2));

    let run = scene.run(&["rm", "a.png", "--yes", "--json"]).done();
    assert!(run.stderr.contains("the next push uploads it again"), "{}", run.stderr);
    assert!(!run.stderr.contains("purge"), "{}", run.stderr);
    assert_eq!(run.json()["removed"].as_array().unwrap().len(), 2);
    assert_eq!(scene.keys().await, [scene.key("b.png")]);
    assert_eq!(scene.entries().len(), 1);

    scene.settings("[domain]\ncdn = \"cdn.example.com\"\n");
    let run = scene.run(&["rm", "b.png", "--yes"]).done();
    assert!(run.stderr.contains("cdn.example.com may go on serving"), "{}", run.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_before_anything_goes() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    scene.run(&["push"]).done();
    scene.run(&["rm", "a.png", "nothing.png", "--yes"]).refused(2, &["nothing.png"]);
    assert_eq!(scene.keys().await.len(), 1);
}
