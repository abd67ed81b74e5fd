//! The module that mini program code requires.

use std::process::Command;

use crate::place::KEY;
use crate::scene::{CDN_KEY, Scene};

const AUTHENTICATION: &str = "[domain]\nuse = \"cdn\"\ncdn = \"cdn.example.com\"\n\
                              [domain.authentication]\ntype = \"D\"\ntime-format = \"hex\"\n";

/// What the module says about where materials are, for these settings.
async fn settings(more: &str) -> String {
    let scene = Scene::new(more).await;
    scene.write("materials/a.png", "a");
    scene.run(&["push"]).done();
    let module = scene.read("materials.js");
    for secret in [KEY, CDN_KEY, crate::place::ID, "q-ak", "q-signature", "SecretId"] {
        assert!(!module.contains(secret), "{secret} in the manifest");
        assert!(!scene.read("materials.d.ts").contains(secret));
    }
    let line = module.lines().find_map(|line| line.strip_prefix("const SETTINGS = "));
    line.unwrap().trim_end_matches(';').to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_setting_decides_which_urls_there_are() {
    assert_eq!(
        settings("").await,
        r#"{"use":"temporary","bucket":"demo-1250000000","region":"ap-guangzhou","expires":3600}"#
    );
    assert_eq!(
        settings("[domain]\nuse = \"cos\"\n").await,
        r#"{"use":"cos","base":"https://demo-1250000000.cos.ap-guangzhou.myqcloud.com/"}"#
    );
    assert_eq!(
        settings("[domain]\nuse = \"cdn\"\ncdn = \"cdn.example.com\"\n").await,
        r#"{"use":"cdn","base":"https://cdn.example.com/"}"#
    );
    let signed = r#"{"use":"cdn","cdn":{"Domain":"cdn.example.com","Type":"D","SignParam":"sign","TimeParam":"t","TimeFormat":"hex"},"valid":1800}"#;
    assert_eq!(settings(AUTHENTICATION).await, signed);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_lines_in_order_and_paths_are_types() {
    let scene = Scene::new("").await;
    scene.write("materials/b's \"quote\".txt", "123456789");
    scene.write("materials/a/图.png", "");
    scene.run(&["push"]).done();
    let module = scene.read("materials.js");
    let lines: Vec<_> = module.lines().filter(|line| line.starts_with("  {\"path\"")).collect();
    assert_eq!(
        lines,
        [
            r#"  {"path":"a/图.png","key":"materials/a/图.d41d8cd98f00.png","size":0,"type":"image/png","crc64":"0"},"#,
            r#"  {"path":"b's \"quote\".txt","key":"materials/b's \"quote\".25f9e794323b.txt","size":9,"type":"text/plain","crc64":"11051210869376104954"},"#,
        ]
    );
    let types = scene.read("materials.d.ts");
    let union = "export type MaterialPath =\n  | \"a/图.png\"\n  | \"b's \\\"quote\\\".txt\";\n";
    assert!(types.contains(union), "{types}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_of_someone_else_is_not_overwritten() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "a");
    scene.write("materials.js", "module.exports = {};\n");
    scene.run(&["push"]).refused(2, &["materials.js was not written by cos-materials"]);
    assert_eq!(scene.read("materials.js"), "module.exports = {};\n");
    assert!(scene.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_project_has_an_empty_manifest_and_a_hint() {
    let scene = Scene::new("").await;
    let run = scene.run(&["push"]).done();
    assert!(run.stderr.contains("there are no materials"), "{}", run.stderr);
    assert!(scene.read("materials.js").contains("const MATERIALS = [];"));
    assert!(scene.read("materials.d.ts").contains("type MaterialPath = never"));
    assert!(
        Command::new("node").arg(scene.project.join("materials.js")).status().unwrap().success()
    );
}
