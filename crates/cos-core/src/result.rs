//! What callers receive: answers in the shapes of cos-wx-sdk-v5.

use crate::catalogue::{Form, ResultShape};
use crate::document::{CORS_LISTS, rename_encryption};
use crate::endpoint::without_scheme;
use crate::error::{Error, headers_value};
use crate::options::Options;
use crate::request::{Draft, header, in_camel_case};
use crate::response::Reply;
use crate::text::split;
use crate::value::Value;

/// The result that the caller of an operation receives.
pub fn shape(draft: &Draft, options: &Options, reply: &Reply) -> Value {
    let mut result = match draft.operation.result {
        ResultShape::Status | ResultShape::Raw => Value::map(),
        ResultShape::Stored if draft.is_form() => Value::map(),
        ResultShape::Whole | ResultShape::ETag | ResultShape::Stored => reply.body.to_map(),
        ResultShape::Members { root, lists } => {
            let mut members = reply.body.get(root).to_map();
            for name in split(lists, b' ').filter(|name| !name.is_empty()) {
                let list = members.get(name).clone().into_items();
                members.set(name, list);
            }
            members
        }
        ResultShape::Element { path, member, form } => {
            let element = reply.body.at(path);
            let value = match form {
                Form::Plain => element.clone(),
                Form::List => Value::List(element.clone().into_items()),
                Form::Map => element.to_map(),
            };
            Value::map().with(member, value)
        }
    };
    let shape = draft.operation.result;
    if matches!(shape, ResultShape::ETag | ResultShape::Stored | ResultShape::Raw) {
        result.set("ETag", reply.etag());
    }
    if shape == ResultShape::Stored || draft.operation.name == "multipartComplete" {
        result.set("Location", location(draft, options));
    }
    if draft.operation.name == "putBucket" {
        let url = options.endpoint.bucket_url(&draft.bucket, &draft.region);
        result.set("Location", without_scheme(&url));
    }
    if let Some(finish) = draft.operation.finish {
        finish(&mut result, draft, reply);
    }
    attach_answer(&mut result, reply.status, &reply.headers);
    result
}

/// `Location` of a stored object: its URL without the protocol.
pub fn location(draft: &Draft, options: &Options) -> String {
    let mut endpoint = options.endpoint.clone();
    endpoint.use_accelerate &= !draft.is_form();
    let url = endpoint.object_url(&draft.bucket, &draft.region, &draft.key);
    without_scheme(&url).to_owned()
}

/// What a completion answers, from a HEAD of the object that it made.
pub fn completion(draft: &Draft, options: &Options, head: &Reply) -> Value {
    let mut result = Value::map()
        .with("Location", location(draft, options))
        .with("Bucket", draft.bucket.as_str())
        .with("Key", draft.key.as_str())
        .with("ETag", head.etag());
    attach_answer(&mut result, head.status, &head.headers);
    result
}

/// Adds what every result carries: status, headers, and the ids COS puts into headers.
pub fn attach_answer(result: &mut Value, status: u16, headers: &[(String, String)]) {
    result.set("statusCode", f64::from(status));
    result.set("headers", headers_value(headers));
    for (name, member) in [
        ("x-ci-request-id", "RequestId"),
        ("x-cos-request-id", "RequestId"),
        ("x-cos-version-id", "VersionId"),
        ("x-cos-delete-marker", "DeleteMarker"),
    ] {
        if let Some(value) = header(headers, name)
            && !value.is_empty()
        {
            result.set(member, value);
        }
    }
}

/// Errors that upstream reports as results.
pub fn forgiven(draft: &Draft, options: &Options, error: &Error) -> Option<Value> {
    let (status, name) = (error.answer.status, draft.operation.name);
    let mut result = Value::map();
    let unset = draft.operation.unset;
    // Some services say in words what others say by code.
    let in_words = matches!(unset, "NoSuchTagSet" | "ReplicationConfigurationNotFoundError")
        && error.detail.as_str() == Some("Not Found");
    if status == 404 && !unset.is_empty() && (in_words || error.code.eq_ignore_ascii_case(unset)) {
        let headers = error.answer.headers.clone();
        let nothing = Reply { status, headers, body: Value::Null, send: 0 };
        return Some(shape(draft, options, &nothing));
    }
    match name {
        "getObject" | "headObject"
            if status == 304 && header(&draft.headers, "If-Modified-Since").is_some() =>
        {
            result.set("NotModified", true);
        }
        // A missing object is deleted already; a missing bucket is the caller's mistake.
        "deleteObject" if status == 404 && error.code != "NoSuchBucket" => {}
        "optionsObject" if status == 403 => result.set("OptionsForbidden", true),
        _ => return None,
    }
    attach_answer(&mut result, status, &error.answer.headers);
    Some(result)
}

/// `Buckets` and `Owner` of the account.
pub(crate) fn buckets(result: &mut Value, _: &Draft, reply: &Reply) {
    let answer = reply.body.get("ListAllMyBucketsResult");
    result.set("Buckets", answer.get("Buckets").get("Bucket").clone().into_items());
    result.set("Owner", answer.get("Owner").to_map());
}

/// Permissions of an `<AccessControlPolicy>`, and what each grantee has of them.
static PERMISSIONS: [(&str, &str); 5] = [
    ("FULL_CONTROL", "GrantFullControl"),
    ("WRITE", "GrantWrite"),
    ("READ", "GrantRead"),
    ("READ_ACP", "GrantReadAcp"),
    ("WRITE_ACP", "GrantWriteAcp"),
];

/// An access control list: the canned ACL it amounts to, and the grantees of each permission.
pub(crate) fn acl(result: &mut Value, _: &Draft, reply: &Reply) {
    let policy = reply.body.get("AccessControlPolicy");
    let grants = policy.get("AccessControlList").get("Grant").clone().into_items();
    let mut everyone = Vec::new();
    for (permission, member) in PERMISSIONS {
        let mut grantees = String::new();
        for grant in grants.iter().filter(|grant| grant.get("Permission") == &permission.into()) {
            let (id, uri) = (grant.get("Grantee").get("ID"), grant.get("Grantee").get("URI"));
            if id.as_str() == Some("qcs::cam::anyone:anyone")
                || uri.as_str() == Some("http://cam.qcloud.com/groups/global/AllUsers")
            {
                everyone.push(permission);
            } else if id != policy.get("Owner").get("ID") {
                let separator = if grantees.is_empty() { "" } else { "," };
                grantees += &[separator, "id=\"", &id.to_text(), "\""].concat();
            }
        }
        result.set(member, without_repeats(&grantees));
    }
    let may = |permission| everyone.contains(&permission);
    let canned = match reply.header("x-cos-acl") {
        Some(canned) if !canned.is_empty() => canned,
        _ if may("FULL_CONTROL") || (may("READ") && may("WRITE")) => "public-read-write",
        _ if may("READ") => "public-read",
        _ => "private",
    };
    result.set("ACL", canned);
    result.set("Owner", policy.get("Owner").to_map());
    result.set("Grants", grants);
}

/// A comma-separated list of grantees with each of them once.
pub fn without_repeats(grantees: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for grantee in split(grantees, b',').map(str::trim_ascii) {
        if !kept.contains(&grantee) {
            kept.push(grantee);
        }
    }
    kept.join(",")
}

/// Members of rules that may repeat, as lists.
pub(crate) fn cors(result: &mut Value, _: &Draft, reply: &Reply) {
    let mut rules = result.take("CORSRules").into_list();
    for rule in &mut rules {
        for name in CORS_LISTS {
            let values = rule.take(name).into_items();
            rule.set(&[name, "s"].concat(), values);
        }
    }
    result.set("CORSRules", rules);
    let vary = reply.body.get("CORSConfiguration").get("ResponseVary");
    if !vary.is_null() {
        result.set("ResponseVary", vary.clone());
    }
}

/// A policy is JSON, which the host has parsed.
pub(crate) fn policy(result: &mut Value, _: &Draft, reply: &Reply) {
    result.set("Policy", reply.body.to_map());
}

/// `Rules` stands for the repeated `<Rule>`.
pub(crate) fn replication(result: &mut Value, _: &Draft, reply: &Reply) {
    if let Some(configuration) = result.member_mut("ReplicationConfiguration") {
        let rules = configuration.take("Rule");
        if reply.status == 404 {
            configuration.set("Rules", Vec::new());
        } else if rules.is_truthy() {
            configuration.set("Rules", rules);
        }
    }
}

/// `RoutingRules` is a list.
pub(crate) fn website(result: &mut Value, _: &Draft, _: &Reply) {
    if let Some(rules) =
        result.member_mut("WebsiteConfiguration").and_then(|it| it.member_mut("RoutingRules"))
        && rules.is_truthy()
    {
        *rules = Value::List(rules.get("RoutingRule").clone().into_items());
    }
}

/// `DomainList.Domains` is a list.
pub(crate) fn referer(result: &mut Value, _: &Draft, _: &Reply) {
    if let Some(list) =
        result.member_mut("RefererConfiguration").and_then(|it| it.member_mut("DomainList"))
        && list.is_truthy()
    {
        *list = Value::map().with("Domains", list.get("Domain").clone().into_items());
    }
}

/// One inventory.
pub(crate) fn inventory(result: &mut Value, _: &Draft, _: &Reply) {
    if let Some(configuration) = result.member_mut("InventoryConfiguration") {
        name_inventory(configuration);
    }
}

/// The inventories of a bucket.
pub(crate) fn inventories(result: &mut Value, _: &Draft, _: &Reply) {
    let mut configurations = result.take("InventoryConfiguration").into_list();
    configurations.iter_mut().for_each(name_inventory);
    result.set("InventoryConfigurations", configurations);
}

fn name_inventory(configuration: &mut Value) {
    let fields = configuration.get("OptionalFields").get("Field").clone();
    if fields.is_truthy() {
        configuration.set("OptionalFields", fields.into_list());
    }
    rename_encryption(configuration, "SSE-COS", "SSECOS");
}

/// Repeated elements get plural names.
pub(crate) fn versions(result: &mut Value, _: &Draft, _: &Reply) {
    for (element, member) in [("DeleteMarker", "DeleteMarkers"), ("Version", "Versions")] {
        let list = result.take(element);
        result.set(member, list);
    }
}

/// The ETag of a part.
pub(crate) fn etag(result: &mut Value, _: &Draft, reply: &Reply) {
    result.set("ETag", reply.etag());
}

/// What a preflight allows.
pub(crate) fn preflight(result: &mut Value, _: &Draft, reply: &Reply) {
    for name in ["allow-origin", "allow-methods", "allow-headers", "expose-headers", "max-age"] {
        let name = ["access-control-", name].concat();
        if let Some(value) = reply.header(&name) {
            result.set(&in_camel_case(&name).collect::<String>(), value);
        }
    }
}

/// An answer of `request` that is neither XML nor JSON, or a member that upstream takes for one.
pub(crate) fn text(result: &mut Value, _: &Draft, reply: &Reply) {
    let body = match reply.body {
        Value::String(_) => reply.body.clone(),
        _ => result.get("body").clone(),
    };
    if body.is_truthy() {
        result.take("body");
        result.set("Body", body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grantees_are_named_once() {
        assert_eq!(without_repeats("id=\"1\", id=\"2\",id=\"1\""), "id=\"1\",id=\"2\"");
        assert_eq!(without_repeats(""), "");
    }
}
