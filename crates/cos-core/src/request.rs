//! A row of the catalogue and the caller's parameters become a [`Draft`]: a request that still
//! lacks a credential.

use crate::catalogue::{BodyShape, Course, Operation, Target};
use crate::digest;
use crate::effect::Body;
use crate::endpoint::{encode_query, simplify_path};
use crate::error::Error;
use crate::mime;
use crate::options::Options;
use crate::value::Value;
use crate::xml;

/// Parameters that stand for headers, and the headers they stand for.
static HEADER_PARAMETERS: &[(&str, &str)] = &[
    ("x-cos-mfa", "MFA"),
    ("Content-MD5", "ContentMD5"),
    ("Content-Length", "ContentLength"),
    ("Content-Type", "ContentType"),
    ("Expect", "Expect"),
    ("Expires", "Expires"),
    ("Cache-Control", "CacheControl"),
    ("Content-Disposition", "ContentDisposition"),
    ("Content-Encoding", "ContentEncoding"),
    ("Range", "Range"),
    ("If-Modified-Since", "IfModifiedSince"),
    ("If-Unmodified-Since", "IfUnmodifiedSince"),
    ("If-Match", "IfMatch"),
    ("If-None-Match", "IfNoneMatch"),
    ("x-cos-copy-source", "CopySource"),
    ("x-cos-copy-source-Range", "CopySourceRange"),
    ("x-cos-metadata-directive", "MetadataDirective"),
    ("x-cos-copy-source-If-Modified-Since", "CopySourceIfModifiedSince"),
    ("x-cos-copy-source-If-Unmodified-Since", "CopySourceIfUnmodifiedSince"),
    ("x-cos-copy-source-If-Match", "CopySourceIfMatch"),
    ("x-cos-copy-source-If-None-Match", "CopySourceIfNoneMatch"),
    ("x-cos-acl", "ACL"),
    ("x-cos-grant-read", "GrantRead"),
    ("x-cos-grant-write", "GrantWrite"),
    ("x-cos-grant-full-control", "GrantFullControl"),
    ("x-cos-grant-read-acp", "GrantReadAcp"),
    ("x-cos-grant-write-acp", "GrantWriteAcp"),
    ("x-cos-storage-class", "StorageClass"),
    ("x-cos-traffic-limit", "TrafficLimit"),
    ("x-cos-mime-limit", "MimeLimit"),
    ("x-cos-forbid-overwrite", "ForbidOverwrite"),
    ("x-cos-server-side-encryption-customer-algorithm", "SSECustomerAlgorithm"),
    ("x-cos-server-side-encryption-customer-key", "SSECustomerKey"),
    ("x-cos-server-side-encryption-customer-key-MD5", "SSECustomerKeyMD5"),
    ("x-cos-server-side-encryption", "ServerSideEncryption"),
    ("x-cos-server-side-encryption-cos-kms-key-id", "SSEKMSKeyId"),
    ("x-cos-server-side-encryption-context", "SSEContext"),
    ("Pic-Operations", "PicOperations"),
];

/// Form fields that a header of the same name becomes in a form upload.
const FORM_HEADERS: [&str; 9] = [
    "Cache-Control",
    "Content-Type",
    "Content-Disposition",
    "Content-Encoding",
    "Expires",
    "x-cos-storage-class",
    "x-cos-security-token",
    "x-ci-security-token",
    "Pic-Operations",
];

/// A request without a credential.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The row it came from.
    pub operation: &'static Operation,
    /// Upper-case method.
    pub method: String,
    /// Bucket with AppId.
    pub bucket: String,
    /// Region as the caller gave it.
    pub region: String,
    /// Object key; empty for buckets.
    pub key: String,
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
    /// The resource of the scope handed to `getAuthorization`.
    pub resource: String,
}

/// Parameters that passed: the bucket complete, the key without its leading slash.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The parameters.
    pub params: Value,
    /// What to warn the developer about.
    pub warnings: Vec<String>,
}

/// Checks what every operation needs. The texts are upstream's, since applications compare them.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage), naming the parameter.
pub fn check(
    operation: &Operation,
    mut params: Value,
    options: &Options,
) -> Result<Checked, Error> {
    let mut warnings = Vec::new();
    let needed: &[&str] = match operation.target {
        Target::Bucket => &["Bucket", "Region"],
        Target::Object => &["Bucket", "Region", "Key"],
    };
    for name in needed {
        if !params.get(name).is_truthy() {
            return Err(Error::missing(name));
        }
    }
    let region = params.get("Region").to_text();
    if region.contains("cos.") {
        return Err(Error::usage("param Region should not be start with \"cos.\""));
    }
    if !is_name(&region) {
        return Err(Error::usage("Region format error."));
    }
    let known = region.contains('-') || matches!(region.as_str(), "yfb" | "default" | "accelerate");
    if !known && !options.compatibility_mode {
        warnings.push(format!(
            "Region \"{region}\" looks unusual; a region is written like \"ap-guangzhou\" (document 436/6224)"
        ));
    }
    let bucket = params.get("Bucket").to_text();
    if !has_app_id(&bucket) {
        let app_id = match params.get("AppId").to_text() {
            given if given.is_empty() => options.app_id.clone(),
            given => given,
        };
        if app_id.is_empty() {
            return Err(Error::usage("Bucket should format as \"test-1250000000\"."));
        }
        params.set("Bucket", [bucket.as_str(), "-", &app_id].concat());
        warnings.push(
            "AppId is deprecated: write it at the end of Bucket, as in \"test-1250000000\""
                .to_owned(),
        );
    }
    if let Some(key) = params.get("Key").as_str().and_then(|key| key.strip_prefix('/')) {
        let key = key.to_owned();
        params.set("Key", key);
    }
    if operation.name == "getObject"
        && options.key_simplify_check
        && simplify_path(&params.get("Key").to_text()) == "/"
    {
        return Err(Error::usage("The Getobject Key is illegal"));
    }
    Ok(Checked { params, warnings })
}

/// Whether a text is made of lower-case letters, digits and `-` only.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a bucket ends in `-` and digits.
fn has_app_id(bucket: &str) -> bool {
    bucket.rsplit_once('-').is_some_and(|(name, app_id)| {
        is_name(name) && !app_id.is_empty() && app_id.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The headers that the parameters ask for: `Headers`, members named like COS headers, and the
/// parameters that stand for headers. The caller's object is never changed.
pub fn headers(params: &Value) -> Vec<(String, String)> {
    let mut headers = params.get("Headers").clone();
    for (name, value) in params.members() {
        if name.contains("x-cos-") {
            headers.set(name, value.clone());
        }
    }
    for (header, parameter) in HEADER_PARAMETERS {
        let value = params.get(parameter);
        if !value.is_null() {
            headers.set(header, value.clone());
        }
    }
    headers
        .members()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.to_text()))
        .collect()
}

/// The value of a header, its name in any case.
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Sets a header, replacing one of the same name in any case.
pub fn set_header(headers: &mut Vec<(String, String)>, name: &str, value: String) {
    headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    headers.push((name.to_owned(), value));
}

impl Draft {
    /// The request that a row and checked parameters describe. Bodies that come from the caller or
    /// a file are filled in by whoever carries out the call.
    pub fn new(operation: &'static Operation, params: &Value) -> Draft {
        let mut headers = headers(params);
        let key = match operation.target {
            Target::Object => params.get("Key").to_text(),
            Target::Bucket => String::new(),
        };
        let mut query: Vec<(String, String)> = params
            .get("Query")
            .members()
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.to_text()))
            .collect();
        for (name, parameter) in operation.query {
            let value = params.get(parameter);
            if !value.is_null() || operation.always.contains(name) {
                query.retain(|(other, _)| other != name);
                query.push(((*name).to_owned(), value.to_text()));
            }
        }
        if operation.stores {
            if header(&headers, "Cache-Control").is_none_or(str::is_empty) {
                set_header(&mut headers, "Cache-Control", String::new());
            }
            if header(&headers, "Content-Type").is_none_or(str::is_empty) {
                set_header(&mut headers, "Content-Type", mime::content_type(&key).to_owned());
            }
        }
        let mut body = Body::None;
        match operation.body {
            BodyShape::None => {}
            BodyShape::Caller => body = Body::Caller,
            BodyShape::Form => {
                headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Length"))
            }
            BodyShape::Xml { root, element, parameter } => {
                let text = list_document(root, element, params.get(parameter));
                set_header(&mut headers, "Content-Type", "application/xml".to_owned());
                set_header(
                    &mut headers,
                    "Content-MD5",
                    digest::base64(&digest::md5(text.as_bytes())),
                );
                body = Body::Text(text);
            }
        }
        Draft {
            operation,
            method: operation.method.to_owned(),
            bucket: params.get("Bucket").to_text(),
            region: params.get("Region").to_text(),
            key,
            query,
            raw_query: params.get("QueryString").to_text(),
            headers,
            body,
            response_type: match params.get("DataType").as_str() {
                Some("arraybuffer") => "arraybuffer".to_owned(),
                _ => "text".to_owned(),
            },
            resource: params.get(operation.resource).to_text(),
        }
    }

    /// The query as it is signed: with the sub-resource.
    pub fn signed_query(&self) -> Vec<(String, String)> {
        let mut query = self.query.clone();
        if !self.operation.sub_resource.is_empty() {
            query.push((self.operation.sub_resource.to_owned(), String::new()));
        }
        query
    }

    /// The path as it is signed. Form uploads are signed for the bucket; their key is a field.
    pub fn signed_path(&self, options: &Options) -> String {
        let key = if self.is_form() { "" } else { self.key.as_str() };
        if options.endpoint.force_path_style {
            ["/", &self.bucket, "/", key].concat()
        } else {
            ["/", key].concat()
        }
    }

    /// Whether the file travels in a form.
    pub fn is_form(&self) -> bool {
        self.operation.body == BodyShape::Form
    }

    /// The URL without its query.
    pub fn object_url(&self, options: &Options) -> String {
        let key = if self.is_form() { "" } else { self.key.as_str() };
        options.endpoint.object_url(&self.bucket, &self.region, key)
    }

    /// `url` with the query of this request.
    pub fn with_query(&self, mut url: String) -> String {
        let encoded = encode_query(&self.query, false);
        for (at, piece) in [self.operation.sub_resource, &self.raw_query, &encoded]
            .into_iter()
            .filter(|piece| !piece.is_empty())
            .enumerate()
        {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(piece);
        }
        url
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
            let listed = FORM_HEADERS.iter().find(|listed| listed.eq_ignore_ascii_case(name));
            if let Some(listed) = listed {
                has_type |= *listed == "Content-Type" && !value.is_empty();
                fields.push(((*listed).to_owned(), value.clone()));
            } else if name.to_ascii_lowercase().starts_with("x-cos-") {
                if name.eq_ignore_ascii_case("x-cos-acl") {
                    fields.push(("acl".to_owned(), value.clone()));
                } else {
                    fields.push((name.clone(), value.clone()));
                }
            }
        }
        if !has_type {
            fields.retain(|(name, _)| name != "Content-Type");
            fields.push(("Content-Type".to_owned(), String::new()));
        }
        fields
    }

    /// Whether an upload is queued as a task.
    pub fn is_task(operation: &Operation) -> bool {
        matches!(operation.course, Course::SimpleUpload | Course::PartUpload | Course::AnyUpload)
    }
}

/// `<root><element>..</element>..</root>` over a list. ETags are quoted, as COS wants them.
fn list_document(root: &str, element: &str, list: &Value) -> String {
    let items = list
        .items()
        .iter()
        .map(|item| {
            let mut item = item.clone();
            if let Some(etag) = item.get("ETag").as_str()
                && !etag.starts_with('"')
            {
                let quoted = ["\"", etag, "\""].concat();
                item.set("ETag", quoted);
            }
            item
        })
        .collect::<Vec<_>>();
    xml::build(&Value::map().with(root, Value::map().with(element, Value::List(items))))
}
