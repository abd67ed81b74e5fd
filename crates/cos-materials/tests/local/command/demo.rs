//! The demo mini program's own materials.

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_the_manifest_of_its_materials() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../miniprogram-demo");
    let scene = Scene::new("").await;
    for name in ["materials.toml", "project.config.json", "app.json", "theme.json"] {
        scene.write(name, fs::read(demo.join(name)).unwrap());
    }
    for entry in WalkDir::new(demo.join("materials")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(&demo).unwrap();
            scene.write(path.to_str().unwrap(), fs::read(entry.path()).unwrap());
        }
    }
    let run = scene.run(&["push", "--strict"]).done();
    assert_eq!(scene.keys().await.len(), scene.entries().len(), "{}", run.stdout);
    for name in ["materials.js", "materials.d.ts"] {
        let committed = fs::read_to_string(demo.join(name)).unwrap();
        assert!(scene.read(name) == committed, "{name}: run `cargo xtask demo` and commit it");
    }
}
