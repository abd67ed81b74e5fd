//! Versions and delete markers.

use crate::client::*;

fn version(local: &Local, status: &str) {
    let body =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    let answer = local.send(&Ask::new("PUT", "/?versioning").body(body));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn enabled() -> Local {
    let local = Local::start();
    version(&local, "Enabled");
    local
}

/// Stores an object and returns its version id.
fn put(local: &Local, path: &str, body: &str) -> String {
    let answer = local.put(path, body);
    answer.header("x-cos-version-id").expect("a version id").to_owned()
}

fn send(local: &Local, method: &str, path: &str) -> Answer {
    local.send(&Ask::new(method, path))
}

fn list(local: &Local, query: &str) -> Answer {
    let answer = send(local, "GET", &format!("/?versions&{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// The entries of a list in order: `key=id`, with a `*` for the newest and a `-` for markers.
pub(crate) fn entries(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let inner = |part: &str, name: &str| {
        let (_, rest) = part.split_once(&format!("<{name}>")).expect("an element");
        rest.split_once('<').expect("its end").0.to_owned()
    };
    let mut entries: Vec<(usize, String)> = Vec::new();
    for (element, mark) in [("<Version>", ""), ("<DeleteMarker>", "-")] {
        for (at, _) in text.match_indices(element) {
            let part = &text[at..];
            let newest = if inner(part, "IsLatest") == "true" { "*" } else { "" };
            let (key, id) = (inner(part, "Key"), inner(part, "VersionId"));
            entries.push((at, format!("{key}={id}{newest}{mark}")));
        }
    }
    entries.sort();
    entries.into_iter().map(|(_, entry)| entry).collect()
}

#[test]
fn versioning_is_off_until_it_is_switched_on() {
    let local = Local::start();
    let status = |local: &Local| send(local, "GET", "/?versioning").element("Status");
    assert_eq!(status(&local), None);
    assert_eq!(local.put("/k", "x").header("x-cos-version-id"), None);
    assert_eq!(send(&local, "GET", "/k").header("x-cos-version-id"), None);
    for state in ["Enabled", "Suspended", "Enabled"] {
        version(&local, state);
        assert_eq!(status(&local).as_deref(), Some(state));
    }
    let bad = "<VersioningConfiguration><Status>Off</Status></VersioningConfiguration>";
    let refused = local.send(&Ask::new("PUT", "/?versioning").body(bad));
    assert_refused(&refused, 400, "MalformedXML");
    assert_eq!(status(&local.restart()).as_deref(), Some("Enabled"));
}

#[test]
fn replaced_objects_are_kept() {
    let local = enabled();
    let ids: Vec<_> = ["one", "two", "three"].map(|body| put(&local, "/k", body)).into();
    let newest = send(&local, "GET", "/k");
    assert_eq!(newest.text(), "three");
    assert_eq!(newest.header("x-cos-version-id"), Some(ids[2].as_str()));
    for (id, body) in ids.iter().zip(["one", "two", "three"]) {
        let got = send(&local, "GET", &format!("/k?versionId={id}"));
        assert_eq!(got.text(), body);
        let head = send(&local, "HEAD", &format!("/k?versionId={id}"));
        assert_eq!(head.header("x-cos-version-id"), Some(id.as_str()));
        assert_eq!(head.header("Content-Length"), Some(body.len().to_string().as_str()));
    }
    assert_refused(&send(&local, "GET", "/k?versionId=null"), 404, "NoSuchVersion");
    assert_refused(&send(&local, "GET", "/k?versionId=made-up"), 404, "NoSuchVersion");
    let local = local.restart();
    assert_eq!(send(&local, "GET", &format!("/k?versionId={}", ids[0])).text(), "one");
    assert_eq!(local.files("blobs"), 3);
}

#[test]
fn a_delete_marker_hides_an_object_until_it_is_deleted_itself() {
    let local = enabled();
    let id = put(&local, "/k", "content");
    let deleted = send(&local, "DELETE", "/k");
    assert_eq!((deleted.status, deleted.header("x-cos-delete-marker")), (204, Some("true")));
    let marker = deleted.header("x-cos-version-id").expect("an id").to_owned();
    let hidden = send(&local, "GET", "/k");
    assert_refused(&hidden, 404, "NoSuchKey");
    assert_eq!(hidden.header("x-cos-delete-marker"), Some("true"));
    assert_eq!(hidden.header("x-cos-version-id"), Some(marker.as_str()));
    assert_eq!(send(&local, "GET", "/").elements("Key"), Vec::<String>::new());
    assert_eq!(send(&local, "GET", &format!("/k?versionId={id}")).text(), "content");
    let of_marker = send(&local, "GET", &format!("/k?versionId={marker}"));
    assert_refused(&of_marker, 405, "MethodNotAllowed");
    assert_eq!(of_marker.header("x-cos-delete-marker"), Some("true"));

    let undeleted = send(&local, "DELETE", &format!("/k?versionId={marker}"));
    assert_eq!((undeleted.status, undeleted.header("x-cos-delete-marker")), (204, Some("true")));
    assert_eq!(send(&local, "GET", "/k").text(), "content");
    assert_refused(&send(&local, "DELETE", "/k?versionId=made-up"), 404, "NoSuchVersion");
}

#[test]
fn a_deleted_version_gives_way_to_the_one_before_and_leaves_the_disk() {
    let local = enabled();
    let one = put(&local, "/k", "one");
    let two = put(&local, "/k", "two");
    let delete = |id: &str| send(&local, "DELETE", &format!("/k?versionId={id}"));
    let deleted = delete(&two);
    assert_eq!(deleted.status, 204);
    assert_eq!(deleted.header("x-cos-version-id"), Some(two.as_str()));
    assert_eq!(deleted.header("x-cos-delete-marker"), None);
    assert_eq!(send(&local, "GET", "/k").text(), "one");
    assert_eq!(local.files("blobs"), 1);
    assert_refused(&send(&local, "DELETE", "/"), 409, "BucketNotEmpty");
    send(&local, "DELETE", "/k");
    delete(&one);
    assert_eq!(local.files("blobs"), 0);
    assert_refused(&send(&local, "DELETE", "/"), 409, "BucketNotEmpty");
    let marker = list(&local, "").element("VersionId").expect("the marker");
    delete(&marker);
    assert_eq!(send(&local, "DELETE", "/").status, 204);
}

#[test]
fn objects_from_before_and_after_have_the_id_null() {
    let local = Local::start();
    local.put("/k", "before");
    version(&local, "Enabled");
    let kept = put(&local, "/k", "kept");
    let null = |local: &Local| send(local, "GET", "/k?versionId=null").text();
    assert_eq!(null(&local), "before");
    version(&local, "Suspended");
    assert_eq!(put(&local, "/k", "after"), "null");
    assert_eq!(null(&local), "after");
    assert_eq!(put(&local, "/k", "later"), "null");
    assert_eq!(send(&local, "GET", &format!("/k?versionId={kept}")).text(), "kept");
    assert_eq!(entries(&list(&local, "")), ["k=null*", &format!("k={kept}")]);
    assert_eq!(local.files("blobs"), 2);

    let deleted = send(&local, "DELETE", "/k");
    assert_eq!(deleted.header("x-cos-version-id"), Some("null"));
    assert_eq!(entries(&list(&local, "")), ["k=null*-", &format!("k={kept}")]);
    assert_eq!(local.files("blobs"), 1);
    send(&local, "DELETE", "/k?versionId=null");
    assert_eq!(send(&local, "GET", "/k").text(), "kept");
}

#[test]
fn completed_uploads_and_forms_are_versions_too() {
    let local = enabled();
    let first = put(&local, "/k", "first");
    let id = send(&local, "POST", "/k?uploads").element("UploadId").expect("an id");
    let part = Ask::new("PUT", &format!("/k?partNumber=1&uploadId={id}")).body("by parts");
    let etag = local.send(&part).header("ETag").expect("a tag").to_owned();
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    let completed = local.send(&Ask::new("POST", &format!("/k?uploadId={id}")).body(body));
    let second = completed.header("x-cos-version-id").expect("an id").to_owned();
    assert_eq!(entries(&list(&local, "")), [format!("k={second}*"), format!("k={first}")]);
    assert_eq!(send(&local, "GET", &format!("/k?versionId={first}")).text(), "first");
}

#[test]
fn versions_are_listed_in_pages_of_any_size() {
    let local = Local::start();
    local.put("/a/1", "null");
    version(&local, "Enabled");
    for key in ["a/1", "a/1", "a/2", "b", "b", "c%20%26"] {
        put(&local, &format!("/{key}"), key);
    }
    send(&local, "DELETE", "/a/2");
    send(&local, "DELETE", "/b");
    send(&local, "DELETE", "/never");
    put(&local, "/b", "again");
    let all = entries(&list(&local, ""));
    let keys: Vec<_> = all.iter().filter_map(|entry| entry.split('=').next()).collect();
    assert_eq!(keys, ["a/1", "a/1", "a/1", "a/2", "a/2", "b", "b", "b", "b", "c &amp;", "never"]);
    let ends: Vec<_> =
        all.iter().map(|entry| entry.trim_start_matches(|c| c != '*' && c != '-')).collect();
    assert_eq!(ends, ["*", "", "", "*-", "", "*", "-", "", "", "*", "*-"]);
    assert_eq!(all[2], "a/1=null");

    for size in 1..=all.len() + 1 {
        let (mut seen, mut query) = (Vec::new(), String::new());
        loop {
            let page = list(&local, &format!("max-keys={size}{query}"));
            let found = entries(&page);
            assert!(found.len() <= size);
            seen.extend(found);
            let Some(key) = page.element("NextKeyMarker") else {
                assert_eq!(page.element("IsTruncated").as_deref(), Some("false"));
                break;
            };
            let id = page.element("NextVersionIdMarker").expect("an id");
            let key = encode(&key.replace("&amp;", "&"));
            query = format!("&key-marker={key}&version-id-marker={id}");
        }
        assert_eq!(seen, all, "by {size}");
    }
    assert_eq!(entries(&list(&local, "key-marker=b")), all[9..]);
    assert_refused(
        &send(&local, "GET", "/?versions&key-marker=b&version-id-marker=made-up"),
        400,
        "InvalidArgument",
    );
}

#[test]
fn versions_are_listed_by_prefix_and_folder() {
    let local = enabled();
    for key in ["a/1", "a/1", "b", "%E4%B8%AD/1"] {
        put(&local, &format!("/{key}"), key);
    }
    assert_eq!(entries(&list(&local, "prefix=a")).len(), 2);
    let top = list(&local, "delimiter=%2F");
    assert_eq!(entries(&top).len(), 1);
    assert_eq!(top.elements("CommonPrefixes"), ["<Prefix>a/</Prefix>", "<Prefix>中/</Prefix>"]);
    let page = list(&local, "delimiter=%2F&max-keys=1");
    assert_eq!(page.element("NextKeyMarker").as_deref(), Some("a/"));
    assert_eq!(page.element("NextVersionIdMarker"), None);
    let rest = list(&local, "delimiter=%2F&key-marker=a%2F");
    assert_eq!(rest.elements("CommonPrefixes").len(), 1);
    let encoded = list(&local, "encoding-type=url&prefix=%E4%B8%AD");
    assert_eq!(encoded.element("Key").as_deref(), Some("%E4%B8%AD/1"));
    assert_eq!(encoded.element("EncodingType").as_deref(), Some("url"));
    assert_eq!(encoded.element("Size").as_deref(), Some("11"));
    assert_eq!(encoded.element("StorageClass").as_deref(), Some("STANDARD"));
}

#[test]
fn a_version_can_be_copied_even_over_its_own_key() {
    let local = enabled();
    let old = put(&local, "/k", "old");
    put(&local, "/k", "new");
    send(&local, "DELETE", "/k");
    let source = format!("{HOST}/k?versionId={old}");
    for path in ["/copy", "/k"] {
        let copied = local.send(&Ask::new("PUT", path).header("x-cos-copy-source", &source));
        assert_eq!(copied.status, 200, "{}", copied.text());
        let id = copied.header("x-cos-version-id").expect("an id");
        assert_eq!(copied.element("VersionId").as_deref(), Some(id));
        assert_eq!(send(&local, "GET", path).text(), "old");
        assert_eq!(send(&local, "GET", path).header("x-cos-version-id"), Some(id));
    }
    assert_eq!(entries(&list(&local, "prefix=k")).len(), 4);
    for id in ["null", "made-up"] {
        let ask = Ask::new("PUT", "/copy");
        let ask = ask.header("x-cos-copy-source", &format!("{HOST}/k?versionId={id}"));
        assert_refused(&local.send(&ask), 404, "NoSuchVersion");
    }
    let newest = Ask::new("PUT", "/copy").header("x-cos-copy-source", &format!("{HOST}/k"));
    send(&local, "DELETE", "/k");
    assert_refused(&local.send(&newest), 404, "NoSuchKey");
}

#[test]
fn a_folder_from_before_there_were_versions_is_taken_over() {
    const ABOUT: redb::TableDefinition<'_, &str, &str> = redb::TableDefinition::new("about");
    const VERSIONS: redb::TableDefinition<'_, (&str, &[u8], &str), &[u8]> =
        redb::TableDefinition::new("versions");
    let local = Local::start();
    local.put("/k", "from before");
    let folder = local.stop();
    {
        let file = folder.path().join("metadata.redb");
        let database = redb::Database::open(file).expect("the database");
        let transaction = database.begin_write().expect("a transaction");
        transaction.delete_table(VERSIONS).expect("a change");
        let mut about = transaction.open_table(ABOUT).expect("a table");
        about.insert("format", "1").expect("a change");
        drop(about);
        transaction.commit().expect("a commit");
    }
    let local = Local::start_in(folder, |_| {});
    assert_eq!(send(&local, "GET", "/k?versionId=null").text(), "from before");
    version(&local, "Enabled");
    put(&local, "/k", "newer");
    assert_eq!(list(&local, "").elements("IsLatest"), ["true", "false"]);
    assert_eq!(send(&local.restart(), "GET", "/k?versionId=null").text(), "from before");
}
