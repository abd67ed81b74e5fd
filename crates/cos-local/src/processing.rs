//! Image processing as requests ask for it: in the query of GET Object, and in the header
//! `Pic-Operations`, whose results are stored (document 436/54050).

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::blob::{Blob, Held};
use crate::call::{Call, Reply, set, text, xml};
use crate::clock::http_date;
use crate::digest::{hex, md5};
use crate::encryption::{self, CustomerKey};
use crate::error::{Code, Error};
use crate::host::{Query, encode_path};
use crate::image::{Encoded, Info, LARGEST_INPUT, Picture, Rule};
use crate::object::{check_key, locate, new_object, save};
use crate::range::ByteRange;
use crate::reader::Reader;
use crate::record::{Attributes, Object};
use crate::restore;
use crate::service::Service;

/// The header that asks for processed copies.
pub(crate) const HEADER: &str = "pic-operations";

/// The most copies that one request may ask for.
const MOST_RULES: usize = 5;

/// What the query of a GET asks for instead of the object itself.
pub(crate) enum Asked {
    Info,
    Average,
    Picture(Rule),
}

/// Reads the query of a GET: its first parameter whose name is that of an interface, such as
/// `imageMogr2/thumbnail/!50p`.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn asked(query: &Query) -> Result<Option<Asked>, Error> {
    let names =
        ["imageMogr2", "imageView2", "imageInfo", "imageAve", "imageSlim", "watermark", "exif"];
    let named = query.0.iter().find(|parameter| {
        let interface = parameter.name.split(['/', '|']).next().unwrap_or_default();
        names.contains(&interface)
    });
    named
        .map(|parameter| match parameter.name.as_str() {
            "imageInfo" => Ok(Asked::Info),
            "imageAve" => Ok(Asked::Average),
            rule => Rule::parse(rule).map(Asked::Picture),
        })
        .transpose()
}

/// Whether a request asks for processing, rightly or wrongly.
pub(crate) fn concerns(call: &Call) -> bool {
    call.headers.contains_key(HEADER)
        || call.query.has("image_process")
        || !matches!(asked(&call.query), Ok(None))
}

/// The answer to a GET whose query asks for processing.
pub(crate) async fn answer(
    service: &Service,
    (object, held): (Object, Held),
    key: Option<CustomerKey>,
    asked: Asked,
) -> Result<Reply, Error> {
    restore::check(&object, service.clock.now())?;
    let modified = object.modified;
    let bytes = read(object, held, key).await?;
    let (content_type, body) = blocking(move || {
        let picture = Picture::decode(&bytes)?;
        Ok(match asked {
            Asked::Info => ("application/json", picture.info().to_json(&bytes)?.into_bytes()),
            Asked::Average => {
                let average = serde_json::json!({ "RGB": picture.info().average });
                ("application/json", average.to_string().into_bytes())
            }
            Asked::Picture(rule) => {
                let encoded = picture.process(&rule)?;
                (encoded.format.to_mime_type(), encoded.bytes)
            }
        })
    })
    .await?;
    let etag = format!("\"{}\"", hex(&md5(&body)));
    let mut reply = text(StatusCode::OK, content_type, body);
    set(&mut reply, "etag", etag)?;
    set(&mut reply, "last-modified", http_date(modified))?;
    Ok(reply)
}

/// What `Pic-Operations` says.
#[derive(Deserialize)]
struct Operations {
    #[serde(default)]
    is_pic_info: u8,
    rules: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    /// Where the copy goes: with a leading `/` from the root of the bucket, else beside the source.
    fileid: String,
    rule: String,
}

/// The copies that a request asks for.
pub(crate) struct Rules {
    with_info: bool,
    rules: Vec<(String, Rule)>,
}

/// A source and its copies, ready to be stored.
pub(crate) struct Processed {
    /// Of the source, where the request asks for it.
    info: Option<Info>,
    copies: Vec<(String, Encoded)>,
}

impl Rules {
    /// Reads the header of a request.
    ///
    /// # Errors
    /// `InvalidArgument`, also together with encryption, which hides the picture from the service.
    pub(crate) fn from_header(call: &Call) -> Result<Option<Self>, Error> {
        let Some(header) = call.header(HEADER).filter(|header| !header.is_empty()) else {
            return Ok(None);
        };
        if CustomerKey::from_headers(&call.headers)?.is_some() {
            let message = "Pic-Operations does not go together with a key of the client's.";
            return Err(Error::invalid(message));
        }
        Self::parse(header).map(Some)
    }

    /// Reads the value of the header, or of the form field of that name.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub(crate) fn parse(header: &str) -> Result<Self, Error> {
        let form = "Pic-Operations has to be JSON with is_pic_info and rules, each of which has a \
                    fileid and a rule.";
        let operations: Operations =
            serde_json::from_str(header).map_err(|_| Error::invalid(form))?;
        if !(1..=MOST_RULES).contains(&operations.rules.len()) {
            let message = format!("Pic-Operations takes between 1 and {MOST_RULES} rules.");
            return Err(Error::invalid(message));
        }
        let rules = operations.rules.into_iter().map(|Operation { fileid, rule }| {
            if fileid.trim_start_matches('/').is_empty() {
                return Err(Error::invalid(form));
            }
            Ok((fileid, Rule::parse(&rule)?))
        });
        Ok(Self { with_info: operations.is_pic_info == 1, rules: rules.collect::<Result<_, _>>()? })
    }

    /// Makes the copies of content that is to be stored under this key.
    ///
    /// # Errors
    /// `InvalidImageFormat` for what is no picture, `EntityTooLarge`.
    pub(crate) async fn process_blob(self, key: &str, blob: &Blob) -> Result<Processed, Error> {
        check_size(blob.digested.size)?;
        self.process(key, blob.read().await?).await
    }

    async fn process(self, key: &str, bytes: Vec<u8>) -> Result<Processed, Error> {
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        blocking(move || {
            let info = match self.with_info {
                true => Some(Picture::decode(&bytes)?.info()),
                false => None,
            };
            let copies = self.rules.iter().map(|(file, rule)| {
                let key = match file.strip_prefix('/') {
                    Some(key) => key.to_owned(),
                    None if folder.is_empty() => file.clone(),
                    None => format!("{folder}/{file}"),
                };
                check_key(&key)?;
                Ok((key, Picture::decode(&bytes)?.process(rule)?))
            });
            Ok(Processed { info, copies: copies.collect::<Result<_, Error>>()? })
        })
        .await
    }
}

impl Processed {
    /// Stores the copies and describes them.
    pub(crate) async fn save(
        self,
        service: &Service,
        call: &Call,
        (bucket, key): (&str, &str),
        etag: &str,
    ) -> Result<UploadResult, Error> {
        let place = |key: &str| match call.target.cos_host {
            true => format!("{}/{}", call.target.host, encode_path(key)),
            false => format!("{}/{bucket}/{}", call.target.host, encode_path(key)),
        };
        let mut copies = Vec::new();
        for (key, encoded) in self.copies {
            let format = encoded.format_name();
            let mut attributes = Attributes::default();
            let content_type = encoded.format.to_mime_type().to_owned();
            attributes.headers.insert("content-type".to_owned(), content_type);
            let mut draft = service.blobs().draft().await?;
            let size = encoded.bytes.len();
            draft.write(&encoded.bytes.into()).await?;
            let blob = draft.finish().await?;
            let object = new_object(service, &blob, attributes);
            copies.push(Copy {
                location: place(&key),
                key: key.clone(),
                format,
                width: encoded.width,
                height: encoded.height,
                size,
                quality: encoded.quality,
                etag: format!("\"{}\"", object.etag),
            });
            save(service, bucket.to_owned(), key, object, blob, true).await?;
        }
        Ok(UploadResult {
            original_info: OriginalInfo {
                key: key.to_owned(),
                location: place(key),
                etag: format!("\"{etag}\""),
                image_info: self.info,
            },
            process_results: ProcessResults { copies },
        })
    }
}

/// Makes copies of an object that is there.
///
/// # Errors
/// `NoSuchKey`, `InvalidObjectState`, `InvalidImageFormat`, and `InvalidArgument` for one that is
/// encrypted with a key of the client's.
pub(crate) async fn process_stored(
    service: &Service,
    call: &Call,
    rules: Rules,
) -> Result<UploadResult, Error> {
    let (bucket, key, version) = call.object_version();
    let (object, held) = locate(service, bucket, key, version).await?;
    restore::check(&object, service.clock.now())?;
    encryption::check_key(object.attributes.encryption.as_ref(), None)?;
    let etag = object.etag.clone();
    let bytes = read(object, held, None).await?;
    let processed = rules.process(call.key(), bytes).await?;
    processed.save(service, call, (call.bucket(), call.key()), &etag).await
}

/// POST `?image_process`: makes copies of an object that is there (document 436/54050).
pub(crate) async fn post(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let rules = Rules::from_header(call)?
        .ok_or_else(|| Error::invalid("image_process needs the header Pic-Operations."))?;
    xml(&process_stored(service, call, rules).await?)
}

/// The answer to a request that made copies.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadResult {
    pub(crate) original_info: OriginalInfo,
    pub(crate) process_results: ProcessResults,
}

impl UploadResult {
    /// Makes this the body of an answer, which keeps its headers.
    pub(crate) fn into_body_of(self, reply: Reply) -> Result<Reply, Error> {
        let mut answer = xml(&self)?;
        answer.headers_mut().extend(reply.into_parts().0.headers);
        Ok(answer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OriginalInfo {
    key: String,
    location: String,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_info: Option<Info>,
}

#[derive(Serialize)]
pub(crate) struct ProcessResults {
    #[serde(rename = "Object")]
    copies: Vec<Copy>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Copy {
    key: String,
    location: String,
    format: &'static str,
    width: u32,
    height: u32,
    size: usize,
    quality: u8,
    #[serde(rename = "ETag")]
    etag: String,
}

async fn read(object: Object, held: Held, key: Option<CustomerKey>) -> Result<Vec<u8>, Error> {
    check_size(object.size)?;
    let whole = ByteRange { start: 0, length: object.size };
    Ok(Reader::new(held, object.segments, whole, key).into_bytes().await?)
}

fn check_size(size: u64) -> Result<(), Error> {
    match size > LARGEST_INPUT {
        true => Err(Error::new(
            Code::EntityTooLarge,
            format!("An image to process has at most {} MiB.", LARGEST_INPUT >> 20),
        )),
        false => Ok(()),
    }
}

/// Runs work on pixels where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await?
}
