//! COS in memory: objects, appending, ranges, copies, upload ids and their parts.

use std::collections::BTreeMap;

use cos_core::digest::{base64, crc64_text};
use cos_core::effect::{Body, HttpRequest};
use cos_core::endpoint::percent_decode;
use cos_core::value::Value;
use cos_core::xml;

use crate::answer::{self, Answer, error, status};
use crate::client::MIB;
use crate::content::Content;
use crate::signature::{header, query_of, split_url};

#[derive(Clone, Debug, Default)]
struct Upload {
    key: String,
    parts: BTreeMap<u32, Content>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Cos {
    /// What has been stored under each key, the object that is there now as the last.
    pub objects: BTreeMap<String, Vec<Content>>,
    uploads: BTreeMap<u32, Upload>,
    last_upload: u32,
    /// Loses the last byte of every object, and tells the sum of what was sent.
    pub lossy: bool,
}

/// What COS says, and the bytes of an object when that is what it says.
pub type Reply = (Answer, Option<Content>);

/// The answer that describes an object.
fn described(object: &Content, code: u16) -> Answer {
    status(code)
        .header("ETag", &object.etag())
        .header("x-cos-hash-crc64ecma", &crc64_text(object.crc64()))
        .header("x-cos-request-id", "simulated")
}

fn no_such_upload() -> Answer {
    error(404, "NoSuchUpload", "The specified multipart upload does not exist.")
}

/// First and last byte of a `Range`, as far as there are bytes.
fn range(text: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse::<usize>().ok()?;
    let last = if last.is_empty() { usize::MAX } else { last.parse::<usize>().ok()? };
    (first < length && first <= last).then(|| (first, last.min(length - 1)))
}

impl Cos {
    /// Somebody aborts the oldest upload.
    pub fn abort_one(&mut self) {
        self.uploads.pop_first();
    }

    /// An object is there already, or somebody puts another one in its place.
    pub fn hold(&mut self, key: &str, object: Content) {
        self.objects.entry(key.to_owned()).or_default().push(object);
    }

    /// The object that is there now.
    pub fn object(&self, key: &str) -> Option<&Content> {
        self.objects.get(key)?.last()
    }

    /// What a request copies, when it copies something.
    fn source(&self, request: &HttpRequest) -> Option<Result<Content, Answer>> {
        let (_, key) = header(request, "x-cos-copy-source")?.split_once('/')?;
        let key = percent_decode(key).expect("keys of sources are encoded");
        let Some(object) = self.object(&key) else {
            return Some(Err(error(404, "NoSuchKey", "The source does not exist.")));
        };
        Some(match header(request, "x-cos-copy-source-Range") {
            None => Ok(object.clone()),
            Some(text) => match range(text, object.length()) {
                Some((first, last)) => Ok(object.part(first, last + 1 - first)),
                None => Err(error(400, "InvalidArgument", "The range is not satisfiable.")),
            },
        })
    }

    /// Carries out an authorized request that carries these bytes.
    pub fn receive(&mut self, request: &HttpRequest, body: Option<Content>) -> Reply {
        match self.source(request) {
            None => self.carry_out(request, body),
            Some(Err(refusal)) => (refusal, None),
            Some(Ok(source)) => {
                let (answer, _) = self.carry_out(request, Some(source));
                if answer.status != 200 {
                    return (answer, None);
                }
                let etag = answer.headers[0].1.clone();
                let root =
                    if request.url.contains("partNumber") { "CopyPart" } else { "CopyObject" };
                (answer.body(&format!("<{root}Result><ETag>{etag}</ETag></{root}Result>")), None)
            }
        }
    }

    fn carry_out(&mut self, request: &HttpRequest, body: Option<Content>) -> Reply {
        let (_, _, path, _) = split_url(&request.url);
        let key = percent_decode(&path[1..]).expect("paths are encoded");
        let query = query_of(&request.url);
        let param =
            |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let upload = param("uploadId")
            .map(|id| id.strip_prefix("upload-").and_then(|number| number.parse::<u32>().ok()));
        if let (Some(sent), Some(body)) = (header(request, "Content-MD5"), &body)
            && sent != base64(&body.md5())
        {
            let message = "The Content-MD5 you specified did not match.";
            return (error(400, "BadDigest", message), None);
        }
        let answer = match (request.method.as_str(), upload) {
            ("GET", None) if param("uploads").is_some() => {
                self.list_uploads(param("prefix").unwrap_or_default())
            }
            ("POST", None) if param("uploads").is_some() => {
                self.last_upload += 1;
                let upload = Upload { key, ..Upload::default() };
                self.uploads.insert(self.last_upload, upload);
                answer::initiated(&format!("upload-{}", self.last_upload))
            }
            ("POST", None) if param("append").is_some() => {
                self.append(&key, param("position").and_then(|at| at.parse().ok()), body)
            }
            (method, Some(id)) => match id.filter(|id| self.uploads.contains_key(id)) {
                None => no_such_upload(),
                Some(id) => match method {
                    "PUT" => self.put_part(id, param("partNumber"), body),
                    "GET" => self.list_parts(id),
                    "DELETE" => {
                        self.uploads.remove(&id);
                        status(204)
                    }
                    _ => self.complete(id, &request.body),
                },
            },
            ("PUT", None) => self.store(&key, body),
            ("POST", None) => match &request.body {
                Body::Form { fields, .. } => {
                    let key = fields.iter().find(|(name, _)| name == "key").map(|(_, key)| key);
                    self.store(key.map_or("", String::as_str), body)
                }
                _ => error(400, "MalformedPOSTRequest", "A form is expected."),
            },
            ("GET" | "HEAD", None) if key.is_empty() => {
                answer::xml("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
            }
            ("GET", None) => return self.get(request, &key),
            ("HEAD", None) => self.get(request, &key).0,
            ("DELETE", None) => {
                self.objects.remove(&key);
                status(204)
            }
            (method, None) => error(405, "MethodNotAllowed", method),
        };
        (answer, None)
    }

    fn get(&self, request: &HttpRequest, key: &str) -> Reply {
        let Some(object) = self.object(key) else {
            return (error(404, "NoSuchKey", "The specified key does not exist."), None);
        };
        if header(request, "If-Match").is_some_and(|etag| etag != object.etag()) {
            return (error(412, "PreconditionFailed", "The object is another now."), None);
        }
        let length = object.length();
        let Some(text) = header(request, "Range") else {
            let answer = described(object, 200).header("Content-Length", &length.to_string());
            return (answer, Some(object.clone()));
        };
        match range(text, length) {
            None => (error(416, "InvalidRange", "The range is not satisfiable."), None),
            Some((first, last)) => {
                let bytes = object.part(first, last + 1 - first);
                let answer = described(object, 206)
                    .header("Content-Length", &bytes.length().to_string())
                    .header("Content-Range", &format!("bytes {first}-{last}/{length}"));
                (answer, Some(bytes))
            }
        }
    }

    /// Keeps an object and says what it is.
    fn keep(&mut self, key: &str, object: Content, answer: impl Fn(&Content) -> Answer) -> Answer {
        let answer = answer(&object);
        let kept = if self.lossy { object.part(0, object.length().max(1) - 1) } else { object };
        self.hold(key, kept);
        answer
    }

    fn store(&mut self, key: &str, body: Option<Content>) -> Answer {
        match body {
            Some(body) => self.keep(key, body, |object| described(object, 200)),
            None => error(400, "MissingRequestBodyError", "no body"),
        }
    }

    fn append(&mut self, key: &str, position: Option<usize>, body: Option<Content>) -> Answer {
        let (Some(position), Some(body)) = (position, body) else {
            return error(400, "InvalidArgument", "Where is what to be appended?");
        };
        let mut object = self.object(key).cloned().unwrap_or_default();
        let end = object.length();
        if position != end {
            let message = format!("The object is {end} bytes long, so that is the position.");
            return error(409, "AppendPositionErr", &message);
        }
        object.append(body);
        self.keep(key, object, |object| {
            let next = object.length().to_string();
            described(object, 200).header("x-cos-next-append-position", &next)
        })
    }

    fn list_uploads(&self, prefix: &str) -> Answer {
        let of_key = self.uploads.iter().filter(|(_, upload)| upload.key == prefix);
        let ids: Vec<String> = of_key.map(|(id, _)| format!("upload-{id}")).collect();
        answer::uploads(prefix, &ids.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn put_part(&mut self, id: u32, number: Option<&str>, body: Option<Content>) -> Answer {
        let number = number.and_then(|number| number.parse().ok());
        match (self.uploads.get_mut(&id), number, body) {
            (Some(upload), Some(number @ 1..=10_000), Some(body)) => {
                let answer = described(&body, 200);
                upload.parts.insert(number, body);
                answer
            }
            _ => error(400, "InvalidArgument", "What part is this?"),
        }
    }

    fn list_parts(&self, id: u32) -> Answer {
        let parts = self.uploads.get(&id).map(|upload| &upload.parts);
        let listed: Vec<_> = parts
            .into_iter()
            .flatten()
            .map(|(number, part)| (*number, part.etag(), part.length() as u64))
            .collect();
        answer::parts(listed.iter().map(|(number, etag, size)| (*number, etag.as_str(), *size)))
    }

    fn complete(&mut self, id: u32, body: &Body) -> Answer {
        let (Body::Text(text), Some(upload)) = (body, self.uploads.get(&id)) else {
            return error(400, "MalformedXML", "A list of parts is expected.");
        };
        let document = xml::parse(text);
        let listed = match document.get("CompleteMultipartUpload").get("Part") {
            Value::List(items) => items.clone(),
            Value::Null => return error(400, "MalformedXML", "no parts"),
            one => vec![one.clone()],
        };
        let mut object = Content::default();
        for (item, expected) in listed.iter().zip(1u32..) {
            let etag = item.get("ETag").to_text();
            let part = upload.parts.get(&expected).filter(|part| part.etag() == etag);
            match part.filter(|_| item.get("PartNumber").to_text() == expected.to_string()) {
                Some(part) if part.length() < MIB && expected as usize != listed.len() => {
                    return error(400, "EntityTooSmall", "a part is too small");
                }
                Some(part) => object.append(part.clone()),
                None => return error(400, "InvalidPart", &format!("part {expected} is another")),
            }
        }
        let key = upload.key.clone();
        self.uploads.remove(&id);
        self.keep(&key, object, |object| {
            described(object, 200).body(
                "<CompleteMultipartUploadResult><Location>x</Location>\
                 </CompleteMultipartUploadResult>",
            )
        })
    }
}
