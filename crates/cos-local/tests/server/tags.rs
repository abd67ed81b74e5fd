//! Tags of objects and buckets.

use crate::client::*;

fn tagging(tags: &[(&str, &str)]) -> String {
    let tags: String = tags
        .iter()
        .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
        .collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

fn tag(local: &Local, path: &str, tags: &[(&str, &str)]) -> Answer {
    local.send(&Ask::new("PUT", &format!("{path}?tagging")).body(tagging(tags)))
}

#[test]
fn an_object_has_tags() {
    let local = Local::start();
    local.put("/k", "x");
    let get = |local: &Local| local.send(&Ask::new("GET", "/k?tagging"));
    let count = |method: &str| {
        let answer = local.send(&Ask::new(method, "/k"));
        answer.header("x-cos-tagging-count").map(str::to_owned)
    };
    assert_refused(&get(&local), 404, "NoSuchTagSet");
    assert_eq!(count("HEAD"), None);
    assert_eq!(tag(&local, "/k", &[("age", "18"), ("名", "a &lt; b")]).status, 204);
    let tags = get(&local);
    assert_eq!(tags.elements("Key"), ["age", "名"]);
    assert_eq!(tags.elements("Value"), ["18", "a &lt; b"]);
    assert_eq!((count("HEAD").as_deref(), count("GET").as_deref()), (Some("2"), Some("2")));
    assert_eq!(local.send(&Ask::new("DELETE", "/k?tagging")).status, 204);
    assert_refused(&get(&local), 404, "NoSuchTagSet");
    assert_eq!(local.send(&Ask::new("GET", "/k")).text(), "x");
    assert_refused(&tag(&local, "/absent", &[("a", "b")]), 404, "NoSuchKey");
    assert_eq!(tag(&local, "/k", &[("a", "b")]).status, 204);
    assert_eq!(get(&local.restart()).elements("Key"), ["a"]);
}

#[test]
fn a_header_tags_what_it_comes_with() {
    let local = Local::start();
    let header = "age=18&%E5%90%8D=a%20b";
    let put = Ask::new("PUT", "/put").header("x-cos-tagging", header).body("x");
    assert_eq!(local.send(&put).status, 200);
    let begin = Ask::new("POST", "/parts?uploads").header("x-cos-tagging", header);
    let id = local.send(&begin).element("UploadId").expect("an id");
    let part = Ask::new("PUT", &format!("/parts?partNumber=1&uploadId={id}")).body("x");
    let etag = local.send(&part).header("ETag").expect("a tag").to_owned();
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    local.send(&Ask::new("POST", &format!("/parts?uploadId={id}")).body(body));
    for path in ["/put", "/parts"] {
        let tags = local.send(&Ask::new("GET", &format!("{path}?tagging")));
        assert_eq!(tags.elements("Value"), ["18", "a b"], "{path}");
    }
    let many: Vec<_> = (0..11).map(|number| format!("k{number}=v")).collect();
    let refused = Ask::new("PUT", "/k").header("x-cos-tagging", &many.join("&"));
    assert_refused(&local.send(&refused), 400, "InvalidTag");
}

#[test]
fn tags_belong_to_a_version() {
    let local = Local::start();
    let status = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    local.send(&Ask::new("PUT", "/?versioning").body(status));
    let old = local.put("/k", "old").header("x-cos-version-id").expect("an id").to_owned();
    local.put("/k", "new");
    let ask = Ask::new("PUT", &format!("/k?tagging&versionId={old}")).body(tagging(&[("a", "b")]));
    assert_eq!(local.send(&ask).header("x-cos-version-id"), Some(old.as_str()));
    let get = |query: &str| local.send(&Ask::new("GET", &format!("/k?tagging{query}")));
    assert_refused(&get(""), 404, "NoSuchTagSet");
    assert_eq!(get(&format!("&versionId={old}")).elements("Key"), ["a"]);
    assert_eq!(local.send(&Ask::new("GET", &format!("/k?versionId={old}"))).text(), "old");
    assert_eq!(local.send(&Ask::new("GET", "/k")).text(), "new");
}

#[test]
fn tags_have_limits() {
    let local = Local::start();
    local.put("/k", "x");
    let numbered = |count| (0..count).map(|number| format!("k{number}")).collect::<Vec<_>>();
    let with = |path: &str, keys: &[String]| {
        let tags: Vec<_> = keys.iter().map(|key| (key.as_str(), "v")).collect();
        tag(&local, path, &tags)
    };
    for (path, most) in [("/k", 10), ("/", 50)] {
        assert_eq!(with(path, &numbered(most)).status, 204, "{path}");
        assert_refused(&with(path, &numbered(most + 1)), 400, "InvalidTag");
        assert_refused(&tag(&local, path, &[("a", "1"), ("a", "2")]), 400, "InvalidTag");
        assert_refused(&tag(&local, path, &[("", "v")]), 400, "InvalidTag");
        assert_refused(&tag(&local, path, &[(&"k".repeat(128), "v")]), 400, "InvalidTag");
        let ask = Ask::new("PUT", &format!("{path}?tagging")).body("<Tagging><Tag/></Tagging>");
        assert_refused(&local.send(&ask), 400, "MalformedXML");
        let kept = local.send(&Ask::new("GET", &format!("{path}?tagging")));
        assert_eq!(kept.elements("Key"), numbered(most));
    }
}
