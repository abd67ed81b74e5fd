//! Deletion in batches.

use crate::client::*;

fn batch(local: &Local, inner: &str) -> Answer {
    let body = format!("<Delete>{inner}</Delete>");
    let ask = Ask::new("POST", "/?delete").header("Content-MD5", &content_md5(body.as_bytes()));
    local.send(&ask.body(body))
}

fn object(key: &str) -> String {
    format!("<Object><Key>{key}</Key></Object>")
}

fn keys(local: &Local) -> Vec<String> {
    local.send(&Ask::new("GET", "/")).elements("Key")
}

#[test]
fn a_batch_deletes_what_it_names() {
    let local = Local::start();
    for key in ["a", "b%26c", "%20d%20", "e"] {
        local.put(&format!("/{key}"), key);
    }
    let deleted = batch(&local, &["a", "b&amp;c", " d ", "absent"].map(object).concat());
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert_eq!(deleted.elements("Key"), ["a", "b&amp;c", " d ", "absent"]);
    assert_eq!(deleted.elements("Deleted").len(), 4);
    assert_eq!(keys(&local), ["e"]);
    assert_eq!(local.files("blobs"), 1);
}

#[test]
fn a_quiet_batch_tells_of_errors_only() {
    let local = Local::start();
    local.put("/a", "x");
    let long = "k".repeat(851);
    let inner = ["a", &long, ""].map(object).concat();
    let answer = batch(&local, &format!("<Quiet>true</Quiet>{inner}"));
    assert_eq!(answer.elements("Deleted").len(), 0);
    assert_eq!(answer.elements("Code"), ["KeyTooLong", "InvalidArgument"]);
    assert_eq!(answer.elements("Key"), [long]);
    assert!(keys(&local).is_empty());
    let told = batch(&local, &format!("<Quiet>false</Quiet>{}", object("a")));
    assert_eq!(told.elements("Deleted").len(), 1);
}

#[test]
fn a_batch_is_checked_before_anything_is_deleted() {
    let local = Local::start();
    local.put("/a", "x");
    assert_refused(&batch(&local, ""), 400, "MalformedXML");
    assert_refused(&batch(&local, "<Object/>"), 400, "MalformedXML");
    let many = |count| (0..count).map(|n| object(&format!("k{n}"))).collect::<String>();
    assert_refused(&batch(&local, &(object("a") + &many(1000))), 400, "MalformedXML");
    let wrong = Ask::new("POST", "/?delete").header("Content-MD5", &content_md5(b"else"));
    let wrong = wrong.body(format!("<Delete>{}</Delete>", object("a")));
    assert_refused(&local.send(&wrong), 400, "BadDigest");
    let unsigned = Ask::new("POST", "/?delete").unsigned().body("<Delete/>");
    assert_refused(&local.send(&unsigned), 403, "AccessDenied");
    assert_eq!(keys(&local), ["a"]);
    assert_eq!(batch(&local, &many(1000)).elements("Deleted").len(), 1000);
}

#[test]
fn a_batch_deletes_versions_and_makes_markers() {
    let local = Local::start();
    let status = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    local.send(&Ask::new("PUT", "/?versioning").body(status));
    let id = local.put("/a", "x").header("x-cos-version-id").expect("an id").to_owned();
    let marked = batch(&local, &object("a"));
    assert_eq!(marked.element("DeleteMarker").as_deref(), Some("true"));
    let marker = marked.element("DeleteMarkerVersionId").expect("an id");
    let version = |id: &str| format!("<Object><Key>a</Key><VersionId>{id}</VersionId></Object>");
    let deleted = batch(&local, &[&id, &marker, "made-up"].map(version).concat());
    assert_eq!(deleted.elements("VersionId"), [&id, &marker, "made-up"]);
    assert_eq!(deleted.elements("DeleteMarkerVersionId"), [marker]);
    assert_eq!(deleted.elements("Code"), ["NoSuchVersion"]);
    assert_eq!(local.send(&Ask::new("DELETE", "/")).status, 204);
}
