//! What is configured of a bucket.

use crate::client::*;

const OTHER: &str = "other-1250000000.cos.ap-shanghai.myqcloud.com";

/// Query, root element, status of a PUT, and what GET answers where nothing is configured: a code,
/// or nothing for an empty element.
const KINDS: [(&str, &str, u16, &str); 13] = [
    ("accelerate", "AccelerateConfiguration", 200, ""),
    ("domain", "DomainConfiguration", 200, ""),
    ("encryption", "ServerSideEncryptionConfiguration", 200, "NoSuchEncryptionConfiguration"),
    ("intelligenttiering", "IntelligentTieringConfiguration", 200, ""),
    (
        "intelligent-tiering&id=a",
        "IntelligentTieringConfiguration",
        200,
        "IntelligentTieringConfigurationNotFoundError",
    ),
    ("inventory&id=a", "InventoryConfiguration", 200, "InventoryConfigurationNotFoundError"),
    ("lifecycle", "LifecycleConfiguration", 200, "NoSuchLifecycleConfiguration"),
    ("logging", "BucketLoggingStatus", 200, ""),
    ("origin", "OriginConfiguration", 200, "OriginConfigurationNotFoundError"),
    ("referer", "RefererConfiguration", 200, "NoSuchRefererConfiguration"),
    ("replication", "ReplicationConfiguration", 200, "ReplicationConfigurationNotFoundError"),
    ("tagging", "Tagging", 204, "NoSuchTagSet"),
    ("website", "WebsiteConfiguration", 200, "NoSuchWebsiteConfiguration"),
];

fn ask(local: &Local, method: &str, query: &str, body: &str) -> Answer {
    local.send(&Ask::new(method, &format!("/?{query}")).body(body))
}

/// A document of the kind, with `content` somewhere inside.
fn document(root: &str, content: &str) -> String {
    match root {
        "Tagging" => format!(
            "<Tagging><TagSet><Tag><Key>k</Key><Value>{content}</Value></Tag></TagSet></Tagging>"
        ),
        _ => format!("<{root}><Rule> <A>{content}</A> </Rule></{root}>"),
    }
}

#[track_caller]
fn assert_absent(answer: &Answer, root: &str, code: &str) {
    match code {
        "" => assert_eq!(
            (answer.status, answer.text().lines().nth(1)),
            (200, Some(format!("<{root}/>").as_str()))
        ),
        code => assert_refused(answer, 404, code),
    }
}

#[test]
fn documents_are_given_back_as_they_were_sent() {
    let local = Local::start();
    for (query, root, taken, absent) in KINDS {
        assert_absent(&ask(&local, "GET", query, ""), root, absent);
        for content in ["first", "&lt;第二&gt;"] {
            let sent = document(root, content);
            let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{sent}");
            assert_eq!(ask(&local, "PUT", query, &declared).status, taken, "{query}");
            let got = ask(&local, "GET", query, "");
            assert_eq!(got.status, 200, "{query}");
            assert_eq!(got.header("Content-Type"), Some("application/xml"));
            let expected = format!("<?xml version='1.0' encoding='utf-8' ?>\n{sent}");
            assert_eq!(got.text(), expected, "{query}");
        }
    }
}

#[test]
fn documents_are_deleted_where_there_is_an_operation_for_it() {
    let local = Local::start();
    for (query, root, _, absent) in KINDS {
        ask(&local, "PUT", query, &document(root, "x"));
        let deleted = ask(&local, "DELETE", query, "");
        match query {
            "accelerate"
            | "logging"
            | "referer"
            | "intelligenttiering"
            | "intelligent-tiering&id=a" => {
                assert_refused(&deleted, 501, "NotImplemented");
            }
            _ => {
                assert_eq!(deleted.status, 204, "{query}");
                assert_absent(&ask(&local, "GET", query, ""), root, absent);
                assert_eq!(ask(&local, "DELETE", query, "").status, 204, "{query}");
            }
        }
    }
    assert_eq!(ask(&local, "PUT", "referer", "").status, 200);
    assert_refused(&ask(&local, "GET", "referer", ""), 404, "NoSuchRefererConfiguration");
}

#[test]
fn what_is_no_document_of_the_kind_is_refused_and_changes_nothing() {
    let local = Local::start();
    for (query, root, ..) in KINDS {
        let kept = document(root, "kept");
        ask(&local, "PUT", query, &kept);
        for body in ["{}", "<Other/>", &format!("<{root}>"), &format!("<{root}/><{root}/>")] {
            assert_refused(&ask(&local, "PUT", query, body), 400, "MalformedXML");
        }
        let missing = ask(&local, "PUT", query, "");
        match query {
            "referer" => continue,
            _ => assert_refused(&missing, 400, "MissingRequestBodyError"),
        }
        let wrong = Ask::new("PUT", &format!("/?{query}")).body(document(root, "new"));
        let wrong = wrong.header("Content-MD5", &content_md5(b"something else"));
        assert_refused(&local.send(&wrong), 400, "BadDigest");
        let right = Ask::new("PUT", &format!("/?{query}")).body(kept.clone());
        let right = right.header("Content-MD5", &content_md5(kept.as_bytes()));
        assert!(local.send(&right).status < 300, "{query}");
        assert!(ask(&local, "GET", query, "").text().ends_with(&kept), "{query}");
        assert_refused(
            &local.send(&Ask::new("GET", &format!("/?{query}")).unsigned()),
            403,
            "AccessDenied",
        );
    }
}

#[test]
fn a_policy_is_json() {
    let local = Local::start();
    assert_refused(&ask(&local, "GET", "policy", ""), 404, "NoSuchBucketPolicy");
    let policy = r#"{"version":"2.0","statement":[{"effect":"allow","action":["*"]}]}"#;
    assert_eq!(ask(&local, "PUT", "policy", policy).status, 204);
    let got = ask(&local, "GET", "policy", "");
    assert_eq!(got.header("Content-Type"), Some("application/json"));
    assert_eq!(got.text(), r#"{"Statement":[{"action":["*"],"effect":"allow"}],"version":"2.0"}"#);
    for body in ["", "{", "[]", "{\"version\":\"2.0\"}", "{\"statement\":{}}"] {
        let code = if body.is_empty() { "MissingRequestBodyError" } else { "MalformedPolicy" };
        assert_refused(&ask(&local, "PUT", "policy", body), 400, code);
    }
    assert_eq!(ask(&local, "DELETE", "policy", "").status, 204);
    assert_refused(&ask(&local, "GET", "policy", ""), 404, "NoSuchBucketPolicy");
}

#[test]
fn inventories_have_ids() {
    let local = Local::start();
    let one = |id: &str| format!("<InventoryConfiguration><Id>{id}</Id></InventoryConfiguration>");
    for id in ["b", "a"] {
        assert_eq!(ask(&local, "PUT", &format!("inventory&id={id}"), &one(id)).status, 200);
    }
    assert_eq!(ask(&local, "POST", "inventory&id=once", &one("once")).status, 200);
    assert_eq!(ask(&local, "GET", "inventory&id=b", "").elements("Id"), ["b"]);
    let list = ask(&local, "GET", "inventory", "");
    assert_eq!(list.elements("Id"), ["a", "b", "once"]);
    assert_eq!(list.element("IsTruncated").as_deref(), Some("false"));
    assert!(list.text().contains("<ListInventoryConfigurationResult><InventoryConfiguration>"));
    ask(&local, "DELETE", "inventory&id=a", "");
    assert_eq!(ask(&local, "GET", "inventory", "").elements("Id"), ["b", "once"]);
    assert_refused(&ask(&local, "PUT", "inventory", &one("x")), 400, "InvalidArgument");
}

#[test]
fn documents_belong_to_their_bucket_and_outlive_a_restart() {
    let local = Local::start();
    assert_eq!(local.send(&Ask::new("PUT", "/").host(OTHER)).status, 200);
    let website = document("WebsiteConfiguration", "mine");
    ask(&local, "PUT", "website", &website);
    let others = |local: &Local| local.send(&Ask::new("GET", "/?website").host(OTHER));
    assert_refused(&others(&local), 404, "NoSuchWebsiteConfiguration");
    let theirs = Ask::new("PUT", "/?website").host(OTHER);
    local.send(&theirs.body(document("WebsiteConfiguration", "theirs")));
    let local = local.restart();
    assert!(ask(&local, "GET", "website", "").text().ends_with(&website));
    assert_eq!(others(&local).element("A").as_deref(), Some("theirs"));
    for method in ["DELETE", "PUT"] {
        assert!(local.send(&Ask::new(method, "/").host(OTHER)).status < 300);
    }
    assert_refused(&others(&local), 404, "NoSuchWebsiteConfiguration");
}

#[test]
fn a_bucket_tells_where_and_of_what_kind_it_is() {
    let local = Local::start();
    let body = "<CreateBucketConfiguration><BucketAZConfig>MAZ</BucketAZConfig>\
                </CreateBucketConfiguration>";
    assert_eq!(local.send(&Ask::new("PUT", "/").host(OTHER).body(body)).status, 200);
    let location = local.send(&Ask::new("GET", "/?location").host(OTHER));
    assert_eq!(location.element("LocationConstraint").as_deref(), Some("ap-shanghai"));
    let head = local.send(&Ask::new("HEAD", "/").host(OTHER));
    assert_eq!(head.header("x-cos-bucket-az-type"), Some("MAZ"));
    assert_eq!(local.send(&Ask::new("HEAD", "/")).header("x-cos-bucket-az-type"), None);
    let malformed = Ask::new("PUT", "/").host("third-1250000000.cos.ap-shanghai.myqcloud.com");
    assert_refused(&local.send(&malformed.body("<")), 400, "MalformedXML");
    let service = local.send(&Ask::new("GET", "/").host("service.cos.myqcloud.com"));
    assert_eq!(service.elements("Location"), ["ap-guangzhou", "ap-shanghai"]);
    assert_eq!(service.elements("BucketType"), ["cos", "cos"]);
    assert!(service.element("CreationDate").is_some_and(|date| date.ends_with('Z')));
    assert!(service.element("ID").is_some_and(|id| id.starts_with("qcs::cam::uin/")));
}
