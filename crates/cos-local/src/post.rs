//! POST Object: an upload by an HTML form, or by `wx.uploadFile` (document 436/14690).

use bytes::BytesMut;
use futures_util::stream;
use hyper::StatusCode;
use multer::{Field, Multipart};
use serde::Serialize;

use crate::attributes::storage_class_name;
use crate::blob::{Blob, Draft};
use crate::call::{Call, Content, Reply, empty, set, text};
use crate::credential::Caller;
use crate::encryption::CustomerKey;
use crate::error::{Code, Error};
use crate::host::encode_path;
use crate::object::{check_key, may_overwrite, new_object, save, stored, tell_version};
use crate::pace::Pace;
use crate::policy::{Fields, SignedPolicy, SizeRange};
use crate::processing::{self, Rules};
use crate::record::Attributes;
use crate::service::{Access, Service, security_token};
use crate::signature::Authorization;

/// The most bytes of all fields before the file.
const LARGEST_FIELDS: usize = 256 << 10;

/// What the form says, once it is known to be allowed.
struct Form {
    bucket: String,
    key: String,
    fields: Fields,
    sizes: SizeRange,
}

pub(crate) async fn post_object(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let boundary = multer::parse_boundary(call.header("content-type").unwrap_or_default());
    let message =
        "POST takes a multipart/form-data body, or one of the parameters uploads and uploadId.";
    let boundary = boundary.map_err(|_| Error::new(Code::MalformedPOSTRequest, message))?;
    call.body.check_length()?;
    let mut body = call.body.take();
    let result = receive_form(service, call, &mut body, boundary).await;
    call.body = body;
    result
}

async fn receive_form(
    service: &Service,
    call: &Call,
    body: &mut Content,
    boundary: String,
) -> Result<Reply, Error> {
    let pieces = stream::try_unfold(body, |body| async move {
        Ok::<_, Error>(body.chunk().await?.map(|piece| (piece, body)))
    });
    let mut multipart = Multipart::new(pieces, boundary);
    let (mut fields, mut file) = read_fields(&mut multipart).await?;
    let file_type = file.content_type().map(ToString::to_string).unwrap_or_default();
    if fields.get("content-type").is_none_or(String::is_empty) {
        fields.insert("content-type".to_owned(), file_type);
    }
    let form = admit(service, call, fields, file.file_name().unwrap_or_default()).await?;
    let attributes =
        Attributes::read(form.fields.iter().map(|(name, value)| (name.as_str(), value.clone())))?;
    let key = CustomerKey::from_fields(&form.fields)?;
    let attributes = attributes.encrypted(key.as_ref());
    let pace = match form.fields.get("x-cos-traffic-limit") {
        Some(limit) => Pace::parse(Some(limit))?,
        None => call.pace()?,
    };
    let rules = match form.fields.get(processing::HEADER) {
        Some(rules) if key.is_none() => Some(Rules::parse(rules)?),
        _ => Rules::from_header(call)?,
    };
    let forbid = form.fields.get("x-cos-forbid-overwrite").map(String::as_str);
    let overwrite = may_overwrite(forbid.or(call.header("x-cos-forbid-overwrite")));
    let draft = service.blobs().draft().await?.encrypted(key.as_ref());
    let blob = receive_file(call, draft, &mut file, form.sizes, pace).await?;
    let object = new_object(service, &blob, attributes);
    let mut reply = stored(&object)?;
    let class = storage_class_name(&object.attributes.storage_class);
    if class != "STANDARD" {
        set(&mut reply, "x-cos-storage-class", class)?;
    }
    let etag = object.etag.clone();
    let processed = match rules {
        Some(rules) => Some(rules.process_blob(&form.key, &blob).await?),
        None => None,
    };
    let (bucket, key) = (form.bucket.clone(), form.key.clone());
    let version = save(service, bucket, key, object, blob, overwrite).await?;
    tell_version(&mut reply, version)?;
    let mut answer = answer(call, reply, &form, &etag)?;
    if let Some(processed) = processed {
        let result = processed.save(service, call, (&form.bucket, &form.key), &etag).await?;
        if !answer.status().is_redirection() {
            answer = result.into_body_of(answer)?;
        }
    }
    Ok(answer)
}

/// Reads fields up to the file, which is the last that counts.
async fn read_fields<'a>(multipart: &mut Multipart<'a>) -> Result<(Fields, Field<'a>), Error> {
    let mut fields = Fields::new();
    let mut room = LARGEST_FIELDS;
    while let Some(mut field) = multipart.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_ascii_lowercase();
        if name == "file" {
            return Ok((fields, field));
        }
        let mut value = BytesMut::new();
        while let Some(piece) = field.chunk().await.map_err(malformed)? {
            let message = "The form fields before the file are too long.";
            room = room
                .checked_sub(piece.len())
                .ok_or_else(|| Error::new(Code::MalformedPOSTRequest, message))?;
            value.extend_from_slice(&piece);
        }
        fields.insert(name, String::from_utf8_lossy(&value).into_owned());
    }
    Err(Error::new(Code::MalformedPOSTRequest, "The form has to end with a field named file."))
}

/// Finds out where the file goes, who sends it and whether they may.
async fn admit(
    service: &Service,
    call: &Call,
    fields: Fields,
    file_name: &str,
) -> Result<Form, Error> {
    let key = fields.get("key").filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| Error::invalid("The form needs a field key before the file."))?;
    let key = key.replace("${filename}", file_name);
    // Forms that are posted to the root of a path-style address name the bucket in the key.
    let (bucket, key) = match &call.target.bucket {
        Some(bucket) => (bucket.clone(), key),
        None => {
            let split = key.trim_start_matches('/').split_once('/');
            let message =
                "The form has to be posted to a bucket, or its key has to begin with one.";
            let (bucket, key) = split.ok_or_else(|| Error::new(Code::NoSuchBucket, message))?;
            (bucket.to_owned(), key.to_owned())
        }
    };
    check_key(&key)?;
    let (caller, sizes) = identify(service, call, &bucket, &key, &fields)?;
    let record = service.require_bucket(&bucket, call.target.region.as_deref())?;
    service.authorize(&caller, Access::Write, Some((&bucket, &record)), &key, None).await?;
    Ok(Form { bucket, key, fields, sizes })
}

/// Checks the form's signature: of a policy, of the request in the field `Signature`, or of the
/// request in its header.
fn identify(
    service: &Service,
    call: &Call,
    bucket: &str,
    key: &str,
    fields: &Fields,
) -> Result<(Caller, SizeRange), Error> {
    let unlimited = (0, u64::MAX);
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let token = field("x-cos-security-token")
        .or_else(|| field("x-ci-security-token"))
        .or_else(|| security_token(call));
    if let Some(policy) = SignedPolicy::read(fields)? {
        let needed = |name: &'static str| {
            field(name).ok_or_else(|| {
                Error::invalid(format!("A form with a policy needs the field {name}."))
            })
        };
        if needed("q-sign-algorithm")? != "sha1" {
            return Err(Error::invalid("q-sign-algorithm has to be sha1."));
        }
        policy.check_time(&service.clock)?;
        let (secret_key, caller) = service.keyring.find(needed("q-ak")?, token)?;
        policy.verify(needed("q-signature")?, &secret_key)?;
        return Ok((caller, policy.check(bucket, key, fields)?));
    }
    let caller = match field("signature") {
        Some(signature) => service.verify(&Authorization::parse(signature)?, call, token)?,
        None => service.identify(call)?,
    };
    Ok((caller, unlimited))
}

async fn receive_file(
    call: &Call,
    mut draft: Draft,
    file: &mut Field<'_>,
    (least, most): SizeRange,
    mut pace: Option<Pace>,
) -> Result<Blob, Error> {
    let mut size = 0;
    while let Some(piece) = file.chunk().await.map_err(malformed)? {
        size += piece.len() as u64;
        if size > most {
            return Err(Error::new(
                Code::EntityTooLarge,
                "The file is longer than the policy allows.",
            ));
        }
        let length = piece.len() as u64;
        draft.write(&call.received(piece)).await?;
        if let Some(pace) = &mut pace {
            pace.pass(length).await;
        }
    }
    if size < least {
        return Err(Error::new(
            Code::EntityTooSmall,
            "The file is shorter than the policy allows.",
        ));
    }
    Ok(draft.finish().await?)
}

fn answer(call: &Call, reply: Reply, form: &Form, etag: &str) -> Result<Reply, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct PostResponse<'a> {
        location: &'a str,
        bucket: &'a str,
        key: &'a str,
        #[serde(rename = "ETag")]
        etag: String,
    }
    let path = match call.target.cos_host {
        true => encode_path(&form.key),
        false => format!("{}/{}", form.bucket, encode_path(&form.key)),
    };
    let location = format!("http://{}/{path}", call.target.host);
    let field =
        |name: &str| form.fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let mut answer = match (field("success_action_redirect"), field("success_action_status")) {
        (Some(page), _) if page.starts_with("http://") || page.starts_with("https://") => {
            let mut answer = empty(StatusCode::SEE_OTHER);
            let separator = if page.contains('?') { '&' } else { '?' };
            let encode = crate::host::encode;
            let query = format!(
                "bucket={}&key={}&etag={}",
                encode(&form.bucket),
                encode(&form.key),
                encode(&format!("\"{etag}\""))
            );
            set(&mut answer, "location", format!("{page}{separator}{query}"))?;
            answer
        }
        (_, Some("200")) => empty(StatusCode::OK),
        (_, Some("201")) => {
            let response = PostResponse {
                location: &location,
                bucket: &form.bucket,
                key: &form.key,
                etag: format!("\"{etag}\""),
            };
            text(StatusCode::CREATED, "application/xml", crate::xml::write(&response)?)
        }
        _ => empty(StatusCode::NO_CONTENT),
    };
    if !answer.headers().contains_key("location") {
        set(&mut answer, "location", &location)?;
    }
    answer.headers_mut().extend(reply.headers().clone());
    Ok(answer)
}

/// A form that could not be read; a refusal from below, such as of too much content, stays what it
/// is.
fn malformed(error: multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Error>() {
            Ok(error) => *error,
            Err(cause) => Error::internal(cause),
        },
        _ => Error::new(
            Code::MalformedPOSTRequest,
            "The body is not a complete multipart/form-data form.",
        ),
    }
}
