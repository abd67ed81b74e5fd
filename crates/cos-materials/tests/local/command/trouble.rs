//! What cannot work is said in one sentence that says what to do.

use std::fs;

use crate::place::{KEY, bytes};
use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn init_writes_settings_once_and_shows_how_to_go_on() {
    let scene = Scene::new("").await;
    scene.run(&["init"]).refused(2, &["materials.toml is there already"]);
    fs::remove_file(scene.project.join("materials.toml")).unwrap();
    let run = scene.run(&["init"]).done();
    for words in ["beforeCompile", "beforePreview", "beforeUpload", "packOptions"] {
        assert!(run.stdout.contains(words), "{words} in {}", run.stdout);
    }
    assert!(scene.read("materials.toml").contains("[bucket]"));
    scene.run(&["init", "--project", "nowhere"]).refused(2, &["no folder nowhere"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn init_puts_the_manifest_where_the_mini_program_can_require_it() {
    let scene = Scene::new("").await;
    fs::remove_file(scene.project.join("materials.toml")).unwrap();
    scene.write("project.config.json", r#"{"miniprogramRoot": "./miniprogram/"}"#);
    let run = scene.run(&["init"]).done();
    assert!(run.stdout.contains("which writes miniprogram/materials.js"), "{}", run.stdout);
    // The materials themselves lie outside of what is packed.
    assert!(!run.stdout.contains("packOptions"), "{}", run.stdout);
    let settings = scene.read("materials.toml").replace("examplebucket-", "demo-");
    scene.write("materials.toml", settings);
    scene.write("materials/a.png", bytes(30 * 1024));
    let run = scene.run(&["push"]).done();
    assert_eq!(run.stderr, "uploaded a.png (30.0 KB)\n");
    assert!(scene.project.join("miniprogram/materials.js").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    scene.run(&["push", "--project", ".."]).refused(2, &["cos-materials init", "--project"]);
    let mut keyless = scene.command(scene.place.server, &["push"]);
    keyless.env_remove("COS_SECRET_ID").env_remove("COS_SECRET_KEY");
    let output = keyless.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("COS_SECRET_ID") && text.contains("servers.sts"), "{text}");
    fs::remove_dir_all(scene.project.join("materials")).unwrap();
    scene.run(&["push"]).refused(2, &["there is no folder", "materials.root"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_the_bucket_say_what_to_do_and_keep_the_key_secret() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    let mut wrong = scene.command(scene.place.server, &["push", "--json"]);
    let output = wrong.env("COS_SECRET_KEY", format!("{KEY}x")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(text.contains("SecretKey is not that of SecretId") && !text.contains(KEY), "{text}");
    assert!(text.contains("\"exitCode\": 1"), "{text}");
    scene.write(
        "materials.toml",
        "[bucket]\nname = \"other-1250000000\"\nregion = \"ap-guangzhou\"\n",
    );
    scene.run(&["push"]).refused(1, &["other-1250000000"]);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn a_file_that_cannot_be_read_stops_the_push() {
    // Not even the superuser may read this one.
    let unreadable = "[materials]\nroot = \"system\"\ninclude = [\"drop_caches\"]\n";
    let scene = Scene::new(unreadable).await;
    std::os::unix::fs::symlink("/proc/sys/vm", scene.project.join("system")).unwrap();
    scene
        .run(&["push"])
        .refused(2, &["materials that cannot be used", "drop_caches: Permission denied"]);
    assert!(!scene.project.join("materials.js").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_is_quiet() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    let run = scene.run(&["push", "-q"]).done();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    scene.write("materials/b.png", "1");
    let run = scene.run(&["push"]).done();
    assert_eq!(run.stderr, "uploaded b.png (1 B)\n");
}
