//! COS in memory, as far as uploads need it: objects, upload ids and their parts.
//!
//! Bytes are slices of files, so that thousands of simulated uploads copy and digest nothing twice.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, LazyLock, Mutex};

use cos_core::digest::{base64, crc64, crc64_combine, crc64_text, hex, md5};
use cos_core::effect::{Body, HttpRequest};
use cos_core::endpoint::percent_decode;
use cos_core::value::Value;
use cos_core::xml;

use crate::answer::{self, Answer, error, status};
use crate::client::MIB;
use crate::signature::{header, query_of, split_url};

/// A stretch of a file, or what is left of it after it was damaged.
#[derive(Clone)]
pub struct Slice {
    /// The file.
    pub file: Arc<Vec<u8>>,
    /// First byte.
    pub offset: usize,
    /// Bytes.
    pub length: usize,
    /// Whether they are not what the file says any more.
    pub damaged: bool,
}

impl Debug for Slice {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let flaw = if self.damaged { " damaged" } else { "" };
        write!(out, "{}+{} of {}{flaw}", self.offset, self.length, self.file.len())
    }
}

type Sums = (u64, [u8; 16]);

/// By address of the file, offset and length.
type KnownSums = HashMap<(usize, usize, usize), Sums>;

/// Digests of slices, computed once for the whole process; files are never dropped.
static SUMS: LazyLock<Mutex<KnownSums>> = LazyLock::new(Mutex::default);

impl Slice {
    /// All of a file.
    pub fn whole(file: &Arc<Vec<u8>>) -> Slice {
        Slice { file: file.clone(), offset: 0, length: file.len(), damaged: false }
    }

    /// CRC64 and MD5.
    fn sums(&self) -> Sums {
        let key = (Arc::as_ptr(&self.file) as usize, self.offset, self.length);
        let mut known = SUMS.lock().expect("no test fails while it digests");
        let (crc, mut digest) = *known.entry(key).or_insert_with(|| {
            let bytes = &self.file[self.offset..self.offset + self.length];
            (crc64(bytes), md5(bytes))
        });
        let flaw = u8::from(self.damaged);
        digest[0] ^= flaw;
        (crc ^ u64::from(flaw), digest)
    }

    /// The CRC64 of its bytes.
    pub fn crc64(&self) -> u64 {
        self.sums().0
    }

    fn etag(&self) -> String {
        format!("\"{}\"", hex(&self.sums().1))
    }
}

/// An object: the slices it was put together from.
#[derive(Clone, Debug)]
pub struct Object(Vec<Slice>);

impl Object {
    /// Whether these are the bytes of a file, all of them and nothing else.
    pub fn is(&self, file: &Arc<Vec<u8>>) -> bool {
        let mut offset = 0;
        let fits = self.0.iter().all(|slice| {
            let fits = Arc::ptr_eq(&slice.file, file) && !slice.damaged && slice.offset == offset;
            offset += slice.length;
            fits
        });
        fits && offset == file.len()
    }

    fn crc64(&self) -> u64 {
        self.0.iter().fold(0, |sum, slice| crc64_combine(sum, slice.crc64(), slice.length as u64))
    }

    fn described(&self, answer: Answer) -> Answer {
        let etag = match self.0.as_slice() {
            [one] => one.etag(),
            many => format!("\"{:032x}-{}\"", self.crc64(), many.len()),
        };
        answer
            .header("ETag", &etag)
            .header("x-cos-hash-crc64ecma", &crc64_text(self.crc64()))
            .header("x-cos-request-id", "simulated")
    }
}

#[derive(Clone, Debug, Default)]
struct Upload {
    key: String,
    parts: BTreeMap<u32, Slice>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Cos {
    /// What has been stored under each key, the object that is there now as the last.
    pub objects: BTreeMap<String, Vec<Object>>,
    uploads: BTreeMap<u32, Upload>,
    last_upload: u32,
}

fn no_such_upload() -> Answer {
    error(404, "NoSuchUpload", "The specified multipart upload does not exist.")
}

impl Cos {
    /// Somebody aborts the oldest upload.
    pub fn abort_one(&mut self) {
        self.uploads.pop_first();
    }

    /// A file is there already.
    pub fn hold(&mut self, key: &str, file: &Arc<Vec<u8>>) {
        self.objects.entry(key.to_owned()).or_default().push(Object(vec![Slice::whole(file)]));
    }

    /// What a request copies, when it copies something.
    fn source(&self, request: &HttpRequest) -> Option<Result<Slice, Answer>> {
        let (_, key) = header(request, "x-cos-copy-source")?.split_once('/')?;
        let key = percent_decode(key).expect("keys of sources are encoded");
        let Some([Object(slices)]) = self.objects.get(&key).map(Vec::as_slice) else {
            return Some(Err(error(404, "NoSuchKey", "The source does not exist.")));
        };
        let mut slice = slices[0].clone();
        if let Some(range) = header(request, "x-cos-copy-source-Range") {
            let ends = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
            let (first, last) = ends.expect("a range has two ends");
            let [first, last] = [first, last].map(|end| end.parse::<usize>().expect("numbers"));
            if last >= slice.length {
                return Some(Err(error(400, "InvalidArgument", "The range is not satisfiable.")));
            }
            (slice.offset, slice.length) = (first, last + 1 - first);
        }
        Some(Ok(slice))
    }

    /// Carries out an authorized request that carries these bytes.
    pub fn receive(&mut self, request: &HttpRequest, body: Option<Slice>) -> Answer {
        match self.source(request) {
            None => self.carry_out(request, body),
            Some(Err(refusal)) => refusal,
            Some(Ok(source)) => {
                let answer = self.carry_out(request, Some(source));
                if answer.status != 200 {
                    return answer;
                }
                let etag = answer.headers[0].1.clone();
                let root =
                    if request.url.contains("partNumber") { "CopyPart" } else { "CopyObject" };
                answer.body(&format!("<{root}Result><ETag>{etag}</ETag></{root}Result>"))
            }
        }
    }

    fn carry_out(&mut self, request: &HttpRequest, body: Option<Slice>) -> Answer {
        let (_, _, path, _) = split_url(&request.url);
        let path_key = percent_decode(&path[1..]).expect("paths are encoded");
        let query = query_of(&request.url);
        let param =
            |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let upload = param("uploadId")
            .map(|id| id.strip_prefix("upload-").and_then(|number| number.parse::<u32>().ok()));
        if let (Some(sent), Some(body)) = (header(request, "Content-MD5"), &body)
            && sent != base64(&body.sums().1)
        {
            return error(400, "BadDigest", "The Content-MD5 you specified did not match.");
        }
        match (request.method.as_str(), upload) {
            ("GET", None) if param("uploads").is_some() => {
                self.list_uploads(param("prefix").unwrap_or_default())
            }
            ("POST", None) if param("uploads").is_some() => {
                self.last_upload += 1;
                let upload = Upload { key: path_key, ..Upload::default() };
                self.uploads.insert(self.last_upload, upload);
                answer::initiated(&format!("upload-{}", self.last_upload))
            }
            (method, Some(id)) => match id.filter(|id| self.uploads.contains_key(id)) {
                None => no_such_upload(),
                Some(id) => match method {
                    "PUT" => self.put_part(id, param("partNumber"), body),
                    "GET" => self.list_parts(id),
                    _ => self.complete(id, &request.body),
                },
            },
            ("PUT", None) => self.store(path_key, body),
            ("POST", None) => match &request.body {
                Body::Form { fields, .. } => {
                    let key = fields.iter().find(|(name, _)| name == "key").map(|(_, key)| key);
                    self.store(key.cloned().unwrap_or_default(), body)
                }
                _ => error(400, "MalformedPOSTRequest", "A form is expected."),
            },
            ("HEAD", None) => match self.objects.get(&path_key).and_then(|all| all.last()) {
                Some(object) => {
                    let length: usize = object.0.iter().map(|slice| slice.length).sum();
                    object.described(status(200)).header("Content-Length", &length.to_string())
                }
                None => status(404),
            },
            (method, None) => error(405, "MethodNotAllowed", method),
        }
    }

    fn store(&mut self, key: String, body: Option<Slice>) -> Answer {
        let Some(body) = body else { return error(400, "MissingRequestBodyError", "no body") };
        let object = Object(vec![body]);
        let answer = object.described(status(200));
        self.objects.entry(key).or_default().push(object);
        answer
    }

    fn list_uploads(&self, prefix: &str) -> Answer {
        let of_key = self.uploads.iter().filter(|(_, upload)| upload.key == prefix);
        let ids: Vec<String> = of_key.map(|(id, _)| format!("upload-{id}")).collect();
        answer::uploads(prefix, &ids.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn put_part(&mut self, id: u32, number: Option<&str>, body: Option<Slice>) -> Answer {
        let number = number.and_then(|number| number.parse().ok());
        match (self.uploads.get_mut(&id), number, body) {
            (Some(upload), Some(number @ 1..=10_000), Some(body)) => {
                let answer = Object(vec![body.clone()]).described(status(200));
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
            .map(|(number, slice)| (*number, slice.etag(), slice.length as u64))
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
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        let mut slices = Vec::new();
        for (item, expected) in listed.iter().zip(1u32..) {
            let slice = upload.parts.get(&expected);
            let etag = item.get("ETag").to_text();
            match slice.filter(|slice| slice.etag() == etag) {
                Some(slice) if item.get("PartNumber").to_text() == expected.to_string() => {
                    slices.push(slice.clone());
                }
                _ => return error(400, "InvalidPart", &format!("part {expected} is another")),
            }
        }
        match slices.split_last() {
            None => error(400, "MalformedXML", "no parts"),
            Some((_, before)) if before.iter().any(|slice| slice.length < MIB) => {
                error(400, "EntityTooSmall", "a part is too small")
            }
            Some(_) => {
                let object = Object(slices);
                let answer = object.described(xml_of_completion());
                self.objects.entry(upload.key.clone()).or_default().push(object);
                self.uploads.remove(&id);
                answer
            }
        }
    }
}

fn xml_of_completion() -> Answer {
    answer::xml(
        "<CompleteMultipartUploadResult><Location>x</Location></CompleteMultipartUploadResult>",
    )
}
