//! Questions, at a terminal.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::scene::Scene;

/// Longer than any run takes; one that hangs is a failure and not a pause.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a question is answered.
enum Answer {
    Line(&'static str),
    Interrupt,
}

/// Runs the program at a terminal and answers its question; its exit status and what it told.
async fn run(scene: &Scene, arguments: &[&str], answer: Answer) -> (ExitStatus, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let other = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = Command::from(scene.command(scene.place.server, arguments));
    command.stdin(other).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let (mut errors, mut told) = (child.stderr.take().unwrap(), Vec::new());
    let run = async {
        while !told.ends_with(b"[y/N] ") {
            assert!(errors.read_buf(&mut told).await.unwrap() > 0, "no question");
        }
        match answer {
            Answer::Line(text) => {
                writeln!(File::from(terminal.try_clone().unwrap()), "{text}").unwrap()
            }
            Answer::Interrupt => {
                let id = child.id().unwrap().to_string();
                let kill = Command::new("kill").args(["-s", "INT", &id]).status();
                assert!(kill.await.unwrap().success());
            }
        }
        errors.read_to_end(&mut told).await.unwrap();
        child.wait().await.unwrap()
    };
    let status = tokio::time::timeout(PATIENCE, run).await.expect("the program hangs");
    (status, String::from_utf8(told).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_removed_before_the_answer_is_yes() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    scene.run(&["push"]).done();
    let (status, told) = run(&scene, &["rm", "a.png"], Answer::Line("")).await;
    assert_eq!(status.code(), Some(1));
    assert!(told.contains(&scene.key("a.png")) && told.contains("nothing was removed"), "{told}");
    assert_eq!(scene.keys().await.len(), 1);
    let (status, told) = run(&scene, &["rm", "a.png"], Answer::Line("y")).await;
    assert_eq!(status.code(), Some(0), "{told}");
    assert!(scene.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_can_be_interrupted_after_uploads_too() {
    let scene = Scene::new("").await;
    scene.write("materials/a.png", "1");
    scene.run(&["push"]).done();
    scene.write("materials/a.png", "2");
    let (status, told) = run(&scene, &["push", "--prune"], Answer::Interrupt).await;
    assert_eq!(status.code(), Some(130), "{told}");
    assert!(told.contains("interrupted: nothing was removed"), "{told}");
    assert_eq!(scene.keys().await.len(), 2);
}
