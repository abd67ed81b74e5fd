//! A row of the catalogue and the caller's parameters become a [`Draft`]: a request that still
//! lacks a credential.

use crate::catalogue::{BodyShape, Operation, Permission as Needs, ResultShape, Target};
use crate::copy::Source;
use crate::credential::Permission;
use crate::digest;
use crate::effect::Body;
use crate::endpoint::{encode_path, encode_query};
use crate::mime;
use crate::options::Options;
use crate::result::without_repeats;
use crate::text::{contains, cut, split};
use crate::value::Value;

/// Headers that parameters of every operation stand for, as [`parameters`] reads them.
const HEADER_PARAMETERS: &str = "\
    x-cos-mfa=MFA Content-MD5 Content-Length Content-Type Expect Expires Cache-Control \
    Content-Disposition Content-Encoding Range If-Modified-Since If-Unmodified-Since If-Match \
    If-None-Match x-cos-copy-source x-cos-copy-source-Range x-cos-metadata-directive \
    x-cos-copy-source-If-Modified-Since x-cos-copy-source-If-Unmodified-Since \
    x-cos-copy-source-If-Match x-cos-copy-source-If-None-Match x-cos-acl=ACL x-cos-grant-read \
    x-cos-grant-write x-cos-grant-full-control x-cos-grant-read-acp x-cos-grant-write-acp \
    x-cos-storage-class x-cos-traffic-limit x-cos-mime-limit x-cos-forbid-overwrite \
    x-cos-server-side-encryption-customer-algorithm=SSECustomerAlgorithm \
    x-cos-server-side-encryption-customer-key=SSECustomerKey \
    x-cos-server-side-encryption-customer-key-MD5=SSECustomerKeyMD5 x-cos-server-side-encryption \
    x-cos-server-side-encryption-cos-kms-key-id=SSEKMSKeyId \
    x-cos-server-side-encryption-context=SSEContext Pic-Operations";

/// Form fields that a header of the same name becomes in a form upload.
const FORM_HEADERS: &str = "Cache-Control Content-Type Content-Disposition Content-Encoding Expires \
    x-cos-storage-class x-cos-security-token x-ci-security-token Pic-Operations";

/// Tells COS that a request is not sent for the first time.
pub const RETRY_HEADER: &str = "x-cos-sdk-retry";

/// A request without a credential.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The row it came from.
    pub operation: &'static Operation,
    /// Upper-case method.
    pub method: String,
    /// The address that the caller names (`Url` of `request`); empty otherwise.
    pub url: String,
    /// Bucket with AppId; empty where there is none.
    pub bucket: String,
    /// Region as the caller gave it.
    pub region: String,
    /// Object key; empty for buckets.
    pub key: String,
    /// Sub-resource: `uploads` in `?uploads`; empty for none.
    pub sub_resource: String,
    /// Query parameters, the sub-resource not among them.
    pub query: Vec<(String, String)>,
    /// A query string to append as it is, not signed (`QueryString`).
    pub raw_query: String,
    /// Headers in the case they are sent in.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// `arraybuffer` or `text`.
    pub response_type: String,
    /// Whether the host keeps the answer's body for the caller.
    pub keeps_body: bool,
    /// Bytes of that body for which there has to be room before it is asked for.
    pub room: f64,
    /// What the credential must allow.
    pub permissions: Vec<Permission>,
    /// Whether the caller wants the host left out of the signature.
    pub leaves_host_out: bool,
}

/// How the names of the headers begin without which COS tells nothing of what a customer encrypts.
pub const CUSTOMER: &str = "x-cos-server-side-encryption-customer-";

/// The headers whose lower-case name starts with one of `prefixes`.
pub fn chosen(headers: &[(String, String)], prefixes: &[&str]) -> Vec<(String, String)> {
    let wanted = |(name, _): &&(String, String)| {
        let name = name.to_ascii_lowercase();
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    };
    headers.iter().filter(wanted).cloned().collect()
}

/// `url` with further pieces of its query.
fn extended(mut url: String, pieces: &[&str]) -> String {
    for piece in pieces {
        if !piece.is_empty() {
            url.push(if cut(&url, b'?').is_some() { '&' } else { '?' });
            url.push_str(piece);
        }
    }
    url
}

/// The headers that the parameters ask for: `Headers`, members named like COS headers, and the
/// parameters that stand for headers. The caller's object is never changed.
pub fn headers(params: &Value) -> Vec<(String, String)> {
    let mut headers = params.get("Headers").clone();
    for (name, value) in params.members() {
        if contains(name, "x-cos-") {
            headers.set(name, value.clone());
        }
    }
    for (header, value) in parameters(HEADER_PARAMETERS, params) {
        if !value.is_null() {
            headers.set(header, value.clone());
        }
    }
    texts(&headers)
}

/// The names of a list and what the parameters that stand for them are given. The list has spaces
/// between the names; a parameter is called like its header or query parameter
/// [in camel case](in_camel_case), or as it says after `=`.
#[inline(never)]
pub fn parameters<'a>(names: &'static str, params: &'a Value) -> Vec<(&'static str, &'a Value)> {
    let value_of = |entry: &'static str| {
        let (name, parameter) = cut(entry, b'=').unwrap_or((entry, ""));
        let stands_for = |key: &str| match parameter {
            "" => in_camel_case(name).eq(key.chars()),
            parameter => parameter == key,
        };
        let given = params.members().iter().find(|(key, _)| stands_for(key));
        (name, given.map_or(&Value::Null, |(_, value)| value))
    };
    split(names, b' ').filter(|entry| !entry.is_empty()).map(value_of).collect()
}

/// How members of objects spell the name of a header: `GrantRead` for `x-cos-grant-read`.
pub fn in_camel_case(name: &str) -> impl Iterator<Item = char> {
    let mut begins = true;
    name.strip_prefix("x-cos-").unwrap_or(name).chars().filter_map(move |letter| {
        let spelled = if begins { letter.to_ascii_uppercase() } else { letter };
        begins = letter == '-';
        (!begins).then_some(spelled)
    })
}

/// The members of an object that have a value, as texts.
pub fn texts(value: &Value) -> Vec<(String, String)> {
    let given = value.members().iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.clone(), value.to_text())).collect()
}

/// The value of a header, its name in any case.
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Sets a header, replacing one of the same name in any case.
pub fn set_header(headers: &mut Vec<(String, String)>, name: &str, value: String) {
    drop_header(headers, name);
    headers.push((name.to_owned(), value));
}

/// Drops the headers of this name in any case.
pub fn drop_header(headers: &mut Vec<(String, String)>, name: &str) {
    keep_names(headers, &|other| !other.eq_ignore_ascii_case(name));
}

/// Keeps the pairs whose names are wanted; each other way to do so would be a copy of `Vec::retain`.
fn keep_names(pairs: &mut Vec<(String, String)>, wanted: &dyn Fn(&str) -> bool) {
    pairs.retain(|(name, _)| wanted(name));
}

impl Draft {
    /// The request that a row and checked parameters describe. Bodies that come from the caller or
    /// a file are filled in by whoever carries out the call.
    pub fn new(operation: &'static Operation, params: &Value) -> Draft {
        let text = |name: &str| params.get(name).to_text();
        let mut headers = headers(params);
        for (name, value) in parameters(operation.headers, params) {
            if !value.is_null() {
                set_header(&mut headers, name, value.to_text());
            }
        }
        let any = operation.target == Target::Any;
        let key = match operation.target {
            Target::Object | Target::Any => text("Key"),
            Target::Bucket | Target::Service => String::new(),
        };
        let mut query: Vec<(String, String)> = Vec::new();
        if operation.takes_query {
            query = texts(params.get("Query"));
        }
        for (name, value) in parameters(operation.query, params) {
            let empty = name == "versionId" && !value.is_truthy();
            if (!value.is_null() && !empty) || name == "prefix" {
                keep_names(&mut query, &|other| other != name);
                query.push((name.to_owned(), value.to_text()));
            }
        }
        if operation.stores {
            if header(&headers, "Cache-Control").is_none_or(str::is_empty) {
                set_header(&mut headers, "Cache-Control", String::new());
            }
            if header(&headers, "Content-Type").is_none_or(str::is_empty) {
                set_header(&mut headers, "Content-Type", mime::content_type(&key));
            }
        }
        let method = match text("Method") {
            given if any && !given.is_empty() => given.to_ascii_uppercase(),
            _ => operation.method.to_owned(),
        };
        if operation.sub_resource == "acl" {
            for (name, value) in &mut headers {
                if name.starts_with("x-cos-grant-") {
                    *value = without_repeats(value);
                }
            }
        }
        let document = match operation.body {
            BodyShape::None | BodyShape::Caller | BodyShape::Form => None,
            BodyShape::Xml(document) => document
                .write(params)
                .map(|text| (text, document.described.then_some("application/xml"))),
            BodyShape::Json(name) => Some((text(name), Some("application/json"))),
        };
        let body = match document {
            Some((text, described)) => {
                if let Some(kind) = described {
                    let md5 = digest::base64(&digest::md5(text.as_bytes()));
                    set_header(&mut headers, "Content-Type", kind.to_owned());
                    set_header(&mut headers, "Content-MD5", md5);
                }
                Body::Text(text)
            }
            None if matches!(operation.body, BodyShape::Caller) => Body::Caller,
            None => Body::None,
        };
        if matches!(operation.body, BodyShape::Form) {
            drop_header(&mut headers, "Content-Length");
        }
        Draft {
            operation,
            url: if any { text("Url") } else { String::new() },
            bucket: text("Bucket"),
            region: text("Region"),
            sub_resource: if any { text("Action") } else { operation.sub_resource.to_owned() },
            raw_query: text("QueryString"),
            response_type: match params.get("DataType").as_str() {
                Some("arraybuffer") => "arraybuffer".to_owned(),
                _ => "text".to_owned(),
            },
            keeps_body: operation.result == ResultShape::Raw
                || (any && params.get("RawBody").is_truthy()),
            room: 0.0,
            permissions: permissions(operation, params),
            leaves_host_out: false,
            method,
            key,
            query,
            headers,
            body,
        }
    }

    /// A request of a call that consists of several: for the object, or its bucket, that `params`
    /// name, with nothing else of theirs, and with `extra` besides.
    pub fn part_of(
        operation: &'static Operation,
        params: &Value,
        extra: &[(&str, Value)],
    ) -> Draft {
        let names = ["Bucket", "Region", "Key", "CopySource", "CopySourceParts"];
        let copies = operation.permission == Needs::Copy;
        let mut part = Value::map();
        for name in names.into_iter().take(if copies { 5 } else { 3 }) {
            part.set(name, params.get(name).clone());
        }
        for (name, value) in extra {
            part.set(name, value.clone());
        }
        Draft::new(operation, &part)
    }

    /// The query as it is signed: with the sub-resource.
    pub fn signed_query(&self) -> Vec<(String, String)> {
        let mut query = self.query.clone();
        if !self.sub_resource.is_empty() {
            query.push((self.sub_resource.clone(), String::new()));
        }
        query
    }

    /// The path as it is signed. Form uploads are signed for the bucket; their key is a field.
    pub fn signed_path(&self, options: &Options) -> String {
        let key = if self.is_form() { "" } else { self.key.as_str() };
        if options.endpoint.force_path_style && !self.bucket.is_empty() {
            ["/", &self.bucket, "/", key].concat()
        } else {
            ["/", key].concat()
        }
    }

    /// Whether the file travels in a form.
    pub fn is_form(&self) -> bool {
        matches!(self.operation.body, BodyShape::Form)
    }

    /// The URL without the query that this request adds.
    pub fn address(&self, options: &Options) -> String {
        if !self.url.is_empty() {
            return self.url.clone();
        }
        if self.operation.target == Target::Service {
            return options.endpoint.service_url(&self.region);
        }
        let key = if self.is_form() { "" } else { self.key.as_str() };
        options.endpoint.object_url(&self.bucket, &self.region, key)
    }

    /// Whether the host is part of the signature: where the caller names a bucket, so that the
    /// signature is good for no other.
    pub fn signs_host(&self, options: &Options) -> bool {
        options.force_sign_host
            && !self.leaves_host_out
            && !self.bucket.is_empty()
            && !self.region.is_empty()
    }

    /// The URL that errors tell: with the sub-resource, without parameters, which may hold secrets.
    pub fn told_url(&self, mut url: String) -> String {
        if self.is_form() {
            url.push_str(&encode_path(&self.key));
        }
        if !self.sub_resource.is_empty() {
            url.push('?');
            url.push_str(&self.sub_resource);
        }
        url
    }

    /// The URL that reporters are told, without `query`.
    pub fn reported_url(&self, url: String) -> String {
        extended(self.told_url(url), &[&self.raw_query])
    }

    /// `url` with the query of this request.
    pub fn with_query(&self, url: String) -> String {
        let encoded = encode_query(&self.query);
        extended(url, &[&self.sub_resource, &self.raw_query, &encoded])
    }

    /// The fields of a form upload, `authorization` in upstream's `Signature` field.
    pub fn form_fields(&self, authorization: &str) -> Vec<(String, String)> {
        let mut fields = vec![
            ("key".to_owned(), self.key.clone()),
            ("success_action_status".to_owned(), "200".to_owned()),
            ("Signature".to_owned(), authorization.to_owned()),
        ];
        let mut has_type = false;
        for (name, value) in &self.headers {
            let listed = split(FORM_HEADERS, b' ').find(|listed| listed.eq_ignore_ascii_case(name));
            let is_own = name.to_ascii_lowercase().starts_with("x-cos-") && name != RETRY_HEADER;
            let field = match listed {
                Some(listed) => listed,
                None if name.eq_ignore_ascii_case("x-cos-acl") => "acl",
                None if is_own => name,
                None => continue,
            };
            has_type |= field == "Content-Type" && !value.is_empty();
            fields.push((field.to_owned(), value.clone()));
        }
        if !has_type {
            drop_header(&mut fields, "Content-Type");
            fields.push(("Content-Type".to_owned(), String::new()));
        }
        fields
    }
}

/// What a credential must allow for an operation.
fn permissions(operation: &Operation, params: &Value) -> Vec<Permission> {
    let permission = |prefix: String| Permission {
        action: match operation.action {
            "" if operation.target == Target::Any => String::new(),
            "" => {
                let (first, rest) = operation.name.split_at_checked(1).unwrap_or_default();
                ["name/cos:", &first.to_ascii_uppercase(), rest].concat()
            }
            action => ["name/cos:", action].concat(),
        },
        bucket: params.get("Bucket").to_text(),
        region: params.get("Region").to_text(),
        prefix,
    };
    match operation.permission {
        Needs::Bucket => vec![permission(String::new())],
        Needs::Prefix => vec![permission(params.get("Prefix").to_text())],
        Needs::Key => vec![permission(params.get("Key").to_text())],
        Needs::Copy => {
            let mut both = vec![permission(params.get("Key").to_text())];
            if let Ok(Source { bucket, region, key, .. }) = Source::of(params) {
                let action = "name/cos:GetObject".to_owned();
                both.insert(0, Permission { action, bucket, region, prefix: key });
            }
            both
        }
        Needs::DeleteEach => match params.get("Objects") {
            Value::List(objects) => {
                objects.iter().map(|object| permission(object.get("Key").to_text())).collect()
            }
            one => vec![permission(one.get("Key").to_text())],
        },
    }
}
