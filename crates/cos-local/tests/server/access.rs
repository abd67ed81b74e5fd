//! Access control lists.

use crate::client::*;

const EVERYONE: &str = "http://cam.qcloud.com/groups/global/AllUsers";

fn acl(local: &Local, path: &str) -> Answer {
    let answer = local.send(&Ask::new("GET", &format!("{path}?acl")));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

fn set(local: &Local, path: &str, header: &str, value: &str) -> Answer {
    local.send(&Ask::new("PUT", &format!("{path}?acl")).header(header, value))
}

fn policy(grants: &[(&str, &str)]) -> String {
    let grants: String = grants
        .iter()
        .map(|(grantee, permission)| {
            format!(
                "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                 xsi:type=\"CanonicalUser\">{grantee}</Grantee>\
                 <Permission>{permission}</Permission></Grant>"
            )
        })
        .collect();
    format!(
        "<AccessControlPolicy><Owner><ID>qcs::cam::uin/100000000001:uin/100000000001</ID></Owner>\
         <AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"
    )
}

fn stranger(local: &Local, method: &str, path: &str) -> u16 {
    local.send(&Ask::new(method, path).unsigned().body("x")).status
}

#[test]
fn canned_lists_are_set_and_told() {
    let local = Local::start();
    local.put("/k", "x");
    assert_eq!(acl(&local, "/").header("x-cos-acl"), Some("private"));
    assert_eq!(acl(&local, "/k").header("x-cos-acl"), Some("default"));
    for path in ["/", "/k"] {
        for (name, permissions) in [
            ("public-read-write", &["READ", "WRITE", "FULL_CONTROL"][..]),
            ("public-read", &["READ", "FULL_CONTROL"]),
            ("private", &["FULL_CONTROL"]),
        ] {
            assert_eq!(set(&local, path, "x-cos-acl", name).status, 200);
            let told = acl(&local, path);
            assert_eq!(told.header("x-cos-acl"), Some(name));
            assert_eq!(told.elements("Permission"), permissions);
            assert_eq!(told.elements("URI"), vec![EVERYONE; permissions.len() - 1]);
        }
        assert_refused(&set(&local, path, "x-cos-acl", "everyone"), 400, "InvalidArgument");
    }
    assert_eq!(set(&local, "/k", "x-cos-acl", "default").status, 200);
    assert_eq!(acl(&local, "/k").header("x-cos-acl"), Some("default"));
    let owner = "qcs::cam::uin/100000000001:uin/100000000001";
    assert_eq!(acl(&local, "/").elements("ID"), [owner, owner]);
    assert_refused(&local.send(&Ask::new("GET", "/absent?acl")), 404, "NoSuchKey");
    assert_refused(&set(&local, "/absent", "x-cos-acl", "private"), 404, "NoSuchKey");
}

#[test]
fn headers_grant_to_accounts() {
    let local = Local::start();
    let grant = Ask::new("PUT", "/?acl")
        .header("x-cos-grant-read", "id=\"100000000002\", id=\"100000000002/100000000011\"")
        .header("x-cos-grant-full-control", "uin=\"100000000003\"");
    assert_eq!(local.send(&grant).status, 200);
    let told = acl(&local, "/");
    assert_eq!(told.elements("Permission"), ["READ", "READ", "FULL_CONTROL", "FULL_CONTROL"]);
    assert_eq!(
        told.elements("ID")[1..4],
        [
            "qcs::cam::uin/100000000002:uin/100000000002",
            "qcs::cam::uin/100000000002:uin/100000000011",
            "qcs::cam::uin/100000000003:uin/100000000003",
        ]
    );
    for value in ["100000000002", "id=100000000002", "id=\"x\"", "uri=\"http://example.com\""] {
        let refused = set(&local, "/", "x-cos-grant-read", value);
        assert_refused(&refused, 400, "InvalidArgument");
    }
    let put = Ask::new("PUT", "/k").header("x-cos-grant-read", "id=\"qcs::cam::anyone:anyone\"");
    assert_eq!(local.send(&put.body("x")).status, 200);
    assert_eq!(stranger(&local, "GET", "/k"), 200);
    assert_eq!(acl(&local.restart(), "/").elements("Permission").len(), 4);
}

#[test]
fn a_body_grants_as_well() {
    let local = Local::start();
    let account =
        "<ID>qcs::cam::uin/100000000002:uin/100000000002</ID><DisplayName>a</DisplayName>";
    let owner = "<ID>qcs::cam::uin/100000000001:uin/100000000001</ID>";
    let everyone = format!("<URI>{EVERYONE}</URI>");
    let body = policy(&[(account, "WRITE_ACP"), (owner, "FULL_CONTROL"), (&everyone, "READ")]);
    assert_eq!(local.send(&Ask::new("PUT", "/?acl").body(body)).status, 200);
    let told = acl(&local, "/");
    assert_eq!(told.header("x-cos-acl"), Some("public-read"));
    assert_eq!(told.elements("Permission"), ["READ", "WRITE_ACP", "FULL_CONTROL"]);
    assert_eq!(stranger(&local, "GET", "/"), 200);
    for body in [
        policy(&[(account, "EVERYTHING")]),
        policy(&[("<ID>x</ID>", "READ")]),
        policy(&[("", "READ")]),
        "<AccessControlPolicy/>".to_owned(),
    ] {
        assert_refused(&local.send(&Ask::new("PUT", "/?acl").body(body)), 400, "MalformedXML");
    }
    assert_refused(&local.send(&Ask::new("PUT", "/?acl")), 400, "MissingRequestBodyError");
    let private = Ask::new("PUT", "/?acl").body(policy(&[]));
    assert_eq!(local.send(&private).status, 200);
    assert_eq!(stranger(&local, "GET", "/"), 403);
}

#[test]
fn everyone_may_do_what_the_nearest_list_says() {
    let local = Local::start();
    local.put("/default", "x");
    for name in ["private", "public-read"] {
        let put = Ask::new("PUT", &format!("/{name}")).header("x-cos-acl", name).body("x");
        assert_eq!(local.send(&put).status, 200);
    }
    let reads = |local: &Local| {
        ["/default", "/private", "/public-read", "/"].map(|path| stranger(local, "GET", path))
    };
    assert_eq!(reads(&local), [403, 403, 200, 403]);
    set(&local, "/", "x-cos-acl", "public-read");
    assert_eq!(reads(&local), [200, 403, 200, 200]);
    assert_eq!(stranger(&local, "GET", "/absent"), 404);
    assert_eq!(["PUT", "DELETE"].map(|method| stranger(&local, method, "/new")), [403, 403]);
    set(&local, "/", "x-cos-acl", "public-read-write");
    assert_eq!(
        ["PUT", "GET", "DELETE"].map(|method| stranger(&local, method, "/new")),
        [200, 200, 204]
    );
    for path in ["/?acl", "/?versioning", "/default?acl", "/default?tagging"] {
        assert_eq!(stranger(&local, "GET", path), 403, "{path}");
    }
    set(&local, "/", "x-cos-acl", "private");
    assert_eq!(reads(&local), [403, 403, 200, 403]);
}

#[test]
fn a_version_has_a_list_of_its_own() {
    let local = Local::start();
    let status = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    local.send(&Ask::new("PUT", "/?versioning").body(status));
    let secret = local.put("/k", "secret");
    let secret = secret.header("x-cos-version-id").expect("an id");
    local.send(&Ask::new("PUT", "/k").header("x-cos-acl", "public-read").body("open"));
    assert_eq!(stranger(&local, "GET", "/k"), 200);
    let path = format!("/k?versionId={secret}");
    assert_eq!(stranger(&local, "GET", &path), 403);
    let set = Ask::new("PUT", &format!("/k?acl&versionId={secret}"));
    let set = local.send(&set.header("x-cos-acl", "public-read"));
    assert_eq!((set.status, set.header("x-cos-version-id")), (200, Some(secret)));
    assert_eq!(stranger(&local, "GET", &path), 200);
}

#[test]
fn a_new_bucket_can_be_open() {
    let local = Local::start();
    let host = "open-1250000000.cos.ap-guangzhou.myqcloud.com";
    let put = Ask::new("PUT", "/").host(host).header("x-cos-acl", "public-read");
    let put = put.header("x-cos-grant-write", "id=\"100000000002\"");
    assert_eq!(local.send(&put).status, 200);
    assert_eq!(local.send(&Ask::new("GET", "/").host(host).unsigned()).status, 200);
    let told = local.send(&Ask::new("GET", "/?acl").host(host));
    assert_eq!(told.elements("Permission"), ["READ", "WRITE", "FULL_CONTROL"]);
}
