//! What needs the cloud.

use crate::client::*;

#[test]
fn services_of_the_cloud_are_not_switched_on() {
    let local = Local::start();
    local.put("/k", "content");
    let ci = "demo-1250000000.ci.ap-guangzhou.myqcloud.com";
    for (host, method, path, status, code) in [
        (ci, "POST", "/jobs", 400, "MediaBucketUnBinded"),
        (ci, "GET", "/queue", 400, "MediaBucketUnBinded"),
        (ci, "POST", "/doc_jobs", 400, "DocBucketUnBinded"),
        (ci, "POST", "/pic_jobs", 400, "PicBucketUnBinded"),
        (ci, "POST", "/ai_jobs", 400, "AIBucketUnBinded"),
        (ci, "POST", "/image/auditing", 403, "AccessDenied"),
        (ci, "GET", "/text/auditing/si123", 403, "AccessDenied"),
        (HOST, "GET", "/k?ci-process=snapshot&time=1", 400, "MediaBucketUnBinded"),
        (HOST, "GET", "/k?ci-process=doc-preview", 400, "DocBucketUnBinded"),
        (HOST, "GET", "/k?ci-process=sensitive-content-recognition", 403, "AccessDenied"),
        (HOST, "GET", "/k?ci-process=detect-label", 400, "AIBucketUnBinded"),
    ] {
        let answer = local.send(&Ask::new(method, path).host(host));
        assert_refused(&answer, status, code);
        assert!(answer.header("x-ci-request-id").is_some(), "{path}");
        assert_eq!(answer.header("x-ci-request-id"), answer.header("x-cos-request-id"));
    }
    assert_refused(
        &local.send(&Ask::new("POST", "/jobs").host(ci).unsigned()),
        403,
        "AccessDenied",
    );
    assert_eq!(local.send(&Ask::new("GET", "/k")).header("x-ci-request-id"), None);
}

#[test]
fn no_bucket_is_bound_to_a_service_of_the_cloud() {
    let local = Local::start();
    for (path, element) in [("/mediabucket", "MediaBucketList"), ("/docbucket", "DocBucketList")] {
        let ask = Ask::new("GET", &format!("{path}?pageNumber=1&pageSize=10"));
        let answer = local.send(&ask.host("ci.ap-guangzhou.myqcloud.com"));
        assert_eq!((answer.status, answer.element("TotalCount").as_deref()), (200, Some("0")));
        assert!(answer.text().contains(&format!("<{element}/>")));
    }
}
