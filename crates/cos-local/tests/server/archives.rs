//! Archived objects and restoring them.

use crate::client::*;

const DAY: i64 = 86_400;

fn archive(local: &Local, path: &str, class: &str) {
    let ask = Ask::new("PUT", path).header("x-cos-storage-class", class).body("cold");
    assert_eq!(local.send(&ask).status, 200);
}

fn restore(local: &Local, path: &str, days: u32, tier: &str) -> Answer {
    let body = format!(
        "<RestoreRequest><Days>{days}</Days><CASJobParameters><Tier>{tier}</Tier>\
         </CASJobParameters></RestoreRequest>"
    );
    let ask = Ask::new("POST", &format!("{path}?restore"));
    local.send(&ask.header("Content-MD5", &content_md5(body.as_bytes())).body(body))
}

#[test]
fn an_archived_object_can_be_read_after_restoring_it() {
    let local = Local::start_with(|config| config.restore_seconds = 0);
    archive(&local, "/a", "ARCHIVE");
    assert_refused(&local.send(&Ask::new("GET", "/a")), 403, "InvalidObjectState");
    let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &format!("{HOST}/a"));
    assert_refused(&local.send(&copy), 403, "InvalidObjectState");
    let head = local.send(&Ask::new("HEAD", "/a"));
    assert_eq!((head.status, head.header("x-cos-restore")), (200, None));
    assert_eq!(head.header("x-cos-storage-class"), Some("ARCHIVE"));

    assert_eq!(restore(&local, "/a", 1, "Expedited").status, 202);
    let got = local.send(&Ask::new("GET", "/a"));
    assert_eq!((got.status, got.text().as_str()), (200, "cold"));
    let state = got.header("x-cos-restore").expect("a state");
    assert!(state.starts_with("ongoing-request=\"false\", expiry-date=\""), "{state}");
    assert_eq!(local.send(&copy).status, 200);
    assert_eq!(local.send(&Ask::new("HEAD", "/b")).header("x-cos-storage-class"), None);

    assert_eq!(restore(&local, "/a", 3, "Bulk").status, 200, "a longer time for the same copy");
    let later = local.send(&Ask::new("HEAD", "/a"));
    assert_ne!(later.header("x-cos-restore"), Some(state));
}

#[test]
fn restoring_takes_its_time_and_ends() {
    let local = Local::start_with(|config| config.restore_seconds = 3600);
    archive(&local, "/a", "DEEP_ARCHIVE");
    assert_eq!(restore(&local, "/a", 2, "Standard").status, 202);
    let head = local.send(&Ask::new("HEAD", "/a"));
    assert_eq!(head.header("x-cos-restore"), Some("ongoing-request=\"true\""));
    assert_refused(&local.send(&Ask::new("GET", "/a")), 403, "InvalidObjectState");
    assert_refused(&restore(&local, "/a", 2, "Standard"), 409, "RestoreAlreadyInProgress");

    let get = |local: &Local, offset: i64| {
        let span = (now() + offset - 60, now() + offset + 600);
        local.send(&Ask::new("GET", "/a").span(span.0, span.1))
    };
    let local = Local::start_in(local.stop(), |config| config.clock_offset = DAY);
    assert_eq!(get(&local, DAY).text(), "cold");
    let local = Local::start_in(local.stop(), |config| config.clock_offset = 3 * DAY);
    assert_refused(&get(&local, 3 * DAY), 403, "InvalidObjectState");
}

#[test]
fn only_archives_are_restored_and_as_they_allow() {
    let local = Local::start();
    local.put("/warm", "warm");
    assert_refused(&restore(&local, "/warm", 1, "Bulk"), 405, "RestoreNonArchiveObject");
    assert_refused(&restore(&local, "/absent", 1, "Bulk"), 404, "NoSuchKey");
    archive(&local, "/cold", "ARCHIVE");
    archive(&local, "/deep", "DEEP_ARCHIVE");
    assert_refused(&restore(&local, "/cold", 0, "Bulk"), 400, "InvalidArgument");
    assert_refused(&restore(&local, "/cold", 1, "Soon"), 400, "InvalidArgument");
    assert_refused(&restore(&local, "/deep", 1, "Expedited"), 400, "InvalidArgument");
    let malformed = Ask::new("POST", "/cold?restore").body("<RestoreRequest/>");
    assert_refused(&local.send(&malformed), 400, "MalformedXML");
}
