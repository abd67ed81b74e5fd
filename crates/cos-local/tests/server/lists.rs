//! Lists of objects and buckets.

use crate::client::*;

const OTHER: &str = "other-1250000000.cos.ap-shanghai.myqcloud.com";

fn filled() -> Local {
    let local = Local::start();
    for key in ["a", "b/", "b/1", "b/2", "c%2Fd%2Fe", "%E4%B8%AD%20%26"] {
        local.put(&format!("/{key}"), key);
    }
    local
}

fn list(local: &Local, query: &str) -> Answer {
    let answer = local.send(&Ask::new("GET", &format!("/?{query}")));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// Prefixes in `CommonPrefixes`.
fn rolled_up(answer: &Answer) -> Vec<String> {
    answer
        .elements("CommonPrefixes")
        .iter()
        .map(|inner| inner.replace("<Prefix>", "").replace("</Prefix>", ""))
        .collect()
}

#[test]
fn keys_come_in_the_order_of_their_bytes() {
    let local = filled();
    let all = list(&local, "");
    assert_eq!(all.elements("Key"), ["a", "b/", "b/1", "b/2", "c/d/e", "中 &amp;"]);
    assert_eq!(all.element("Name").as_deref(), Some(BUCKET));
    assert_eq!(all.element("IsTruncated").as_deref(), Some("false"));
    assert_eq!(all.element("MaxKeys").as_deref(), Some("1000"));
    assert_eq!(all.elements("Size")[0], "1");
    assert_eq!(all.elements("ETag")[0], format!("\"{}\"", md5(b"a")));
    assert_eq!(all.elements("StorageClass")[0], "STANDARD");
    assert!(all.elements("LastModified")[0].ends_with(".000Z"));
}

#[test]
fn a_delimiter_makes_folders() {
    let local = filled();
    let top = list(&local, "delimiter=%2F");
    assert_eq!(top.elements("Key"), ["a", "中 &amp;"]);
    assert_eq!(rolled_up(&top), ["b/", "c/"]);
    let inside = list(&local, "prefix=b%2F&delimiter=%2F");
    assert_eq!(inside.elements("Key"), ["b/", "b/1", "b/2"]);
    assert_eq!(inside.element("Prefix").as_deref(), Some("b/"));
}

#[test]
fn pages_continue_after_their_marker() {
    let local = filled();
    let mut seen = Vec::new();
    let mut marker = String::new();
    loop {
        let page = list(&local, &format!("max-keys=2&delimiter=%2F&marker={}", encode(&marker)));
        seen.extend(page.elements("Key"));
        seen.extend(rolled_up(&page));
        match page.element("NextMarker") {
            Some(next) => marker = next,
            None => {
                assert_eq!(page.element("IsTruncated").as_deref(), Some("false"));
                break;
            }
        }
        assert_eq!(page.element("IsTruncated").as_deref(), Some("true"));
    }
    assert_eq!(seen, ["a", "b/", "中 &amp;", "c/"]);
    assert_eq!(list(&local, "marker=b%2F1&prefix=b").elements("Key"), ["b/2"]);
    assert_eq!(list(&local, "max-keys=0").element("IsTruncated").as_deref(), Some("false"));
    assert_refused(&local.send(&Ask::new("GET", "/?max-keys=many")), 400, "InvalidArgument");
}

#[test]
fn keys_can_be_encoded() {
    let local = filled();
    let page = list(&local, "encoding-type=url&marker=c%2Fd%2Fe&prefix=%E4%B8%AD");
    assert_eq!(page.elements("Key"), ["%E4%B8%AD%20%26"]);
    assert_eq!(page.element("EncodingType").as_deref(), Some("url"));
    assert_eq!(page.element("Prefix").as_deref(), Some("%E4%B8%AD"));
    assert_eq!(page.element("Marker").as_deref(), Some("c/d/e"));
    assert_refused(&local.send(&Ask::new("GET", "/?encoding-type=rot13")), 400, "InvalidArgument");
}

#[test]
fn buckets_are_created_listed_and_deleted() {
    let local = Local::start();
    let bucket = |method: &str| local.send(&Ask::new(method, "/").host(OTHER));
    assert_eq!(bucket("HEAD").status, 404);
    assert_refused(&bucket("GET"), 404, "NoSuchBucket");
    assert_eq!(bucket("PUT").status, 200);
    assert_refused(&bucket("PUT"), 409, "BucketAlreadyOwnedByYou");
    assert_eq!(bucket("HEAD").header("x-cos-bucket-region"), Some("ap-shanghai"));

    let names = |host: &str| local.send(&Ask::new("GET", "/").host(host)).elements("Name");
    assert_eq!(names("service.cos.myqcloud.com"), [BUCKET, "other-1250000000"]);
    assert_eq!(names("cos.ap-shanghai.myqcloud.com"), ["other-1250000000"]);

    assert_eq!(local.send(&Ask::new("PUT", "/k").host(OTHER)).status, 200);
    assert_refused(&bucket("DELETE"), 409, "BucketNotEmpty");
    assert_eq!(local.send(&Ask::new("DELETE", "/k").host(OTHER)).status, 204);
    assert_eq!(bucket("DELETE").status, 204);
    assert_eq!(bucket("HEAD").status, 404);
    let bad = Ask::new("PUT", "/").host("NoAccount.cos.ap-shanghai.myqcloud.com");
    assert_refused(&local.send(&bad), 400, "InvalidBucketName");
}

#[test]
fn buckets_are_listed_in_pages_and_by_what_they_are() {
    let local = Local::start();
    for name in ["a-1250000000", "b-1250000000"] {
        let host = format!("{name}.cos.ap-shanghai.myqcloud.com");
        assert_eq!(local.send(&Ask::new("PUT", "/").host(&host)).status, 200);
    }
    let tags = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
    local.send(&Ask::new("PUT", "/?tagging").body(tags));
    let list = |query: &str| {
        local.send(&Ask::new("GET", &format!("/?{query}")).host("service.cos.myqcloud.com"))
    };
    let names = |query: &str| list(query).elements("Name");
    let page = list("max-keys=2");
    assert_eq!(page.elements("Name"), ["a-1250000000", "b-1250000000"]);
    assert_eq!(page.element("NextMarker").as_deref(), Some("b-1250000000"));
    assert_eq!(page.element("IsTruncated").as_deref(), Some("true"));
    let rest = list("max-keys=2&marker=b-1250000000");
    assert_eq!(rest.elements("Name"), [BUCKET]);
    assert_eq!(rest.element("IsTruncated").as_deref(), Some("false"));
    assert_eq!(names("region=ap-guangzhou"), [BUCKET]);
    assert_eq!(names("tagkey=k&tagvalue=v"), [BUCKET]);
    assert!(names("tagkey=k&tagvalue=w").is_empty());
    let (before, after) = (now() - 1000, now() + 1000);
    assert_eq!(names(&format!("range=gte&create-time={before}")).len(), 3);
    assert_eq!(names(&format!("range=lt&create-time={after}")).len(), 3);
    assert!(names(&format!("range=gt&create-time={after}")).is_empty());
    assert!(names(&format!("range=lte&create-time={before}")).is_empty());
    assert_refused(&list("range=near&create-time=1"), 400, "InvalidArgument");
}

#[test]
fn a_bucket_answers_in_its_own_region_only() {
    let local = Local::start();
    local.put("/k", "content");
    let get = |place: &str| local.send(&Ask::new("GET", "/k").host(&format!("{BUCKET}.{place}")));
    assert_refused(&get("cos.ap-shanghai.myqcloud.com"), 404, "NoSuchBucket");
    for place in [
        "cos.ap-guangzhou.tencentcos.cn",
        "cos.accelerate.myqcloud.com",
        "cos-internal.ap-guangzhou.tencentcos.cn",
    ] {
        assert_eq!(get(place).text(), "content", "{place}");
    }
}
