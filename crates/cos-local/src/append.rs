//! Append Object: an object that grows (document 436/7741).

use hyper::StatusCode;

use crate::call::{Call, Reply, empty, set};
use crate::digest::{crc64_combine, hex, md5};
use crate::encryption::{self, CustomerKey};
use crate::error::{Code, Error};
use crate::object::{check_key, new_object, receive};
use crate::record::{Attributes, Object};
use crate::service::Service;

/// Adds the body to the end of an object, or begins one.
pub(crate) async fn append(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    check_key(call.key())?;
    let position = call.query.get("position").and_then(|position| position.parse::<u64>().ok());
    let position = position
        .ok_or_else(|| Error::invalid("position has to be the length of the object so far."))?;
    let attributes = Attributes::from_headers(&call.headers)?;
    let customer_key = CustomerKey::from_headers(&call.headers)?;
    let (bucket, key) = (call.bucket().to_owned(), call.key().to_owned());
    let asked = (bucket.clone(), key.clone());
    let present = service.store(move |store| store.object_version(&asked.0, &asked.1, None)).await;
    let present = match present {
        Ok(object) => Some(object),
        Err(error) if error.code == Code::NoSuchKey => None,
        Err(error) => return Err(error),
    };
    check_position(present.as_ref(), position)?;
    if let Some(object) = &present {
        encryption::check_key(object.attributes.encryption.as_ref(), customer_key.as_ref())?;
    }
    let blob = receive(service, call).await?;
    let digested = blob.digested;
    let piece = Object { appendable: true, ..new_object(service, &blob, attributes) };
    let object = service
        .store(move |store| {
            store.append_object(&bucket, &key, blob, |present| {
                // Another request may have come in between.
                check_position(present.as_ref(), position)?;
                Ok(match present {
                    None => piece,
                    Some(object) => join(object, piece),
                })
            })
        })
        .await?;
    let mut reply = empty(StatusCode::OK);
    set(&mut reply, "etag", format!("\"{}\"", object.etag))?;
    set(&mut reply, "x-cos-hash-crc64ecma", object.crc64.to_string())?;
    set(&mut reply, "x-cos-next-append-position", object.size.to_string())?;
    set(&mut reply, "x-cos-content-md5", hex(&digested.md5))?;
    if let Some(encryption) = &object.attributes.encryption {
        encryption.write(&mut reply)?;
    }
    Ok(reply)
}

/// Puts what GET and HEAD say of an appendable object into their answer.
pub(crate) fn describe(object: &Object, reply: &mut Reply) -> Result<(), Error> {
    if object.appendable {
        set(reply, "x-cos-object-type", "appendable")?;
        set(reply, "x-cos-next-append-position", object.size.to_string())?;
    }
    Ok(())
}

fn check_position(present: Option<&Object>, position: u64) -> Result<(), Error> {
    if present.is_some_and(|object| !object.appendable) {
        let message = "The object was not made by appending, so nothing can be appended to it.";
        return Err(Error::new(Code::ObjectNotAppendable, message));
    }
    let end = present.map_or(0, |object| object.size);
    if position != end {
        let message = format!("The object is {end} bytes long, so that is the position.");
        return Err(Error::new(Code::AppendPositionErr, message));
    }
    Ok(())
}

/// The object with a piece added; what the first request said about it stays.
fn join(mut object: Object, piece: Object) -> Object {
    object.crc64 = crc64_combine(object.crc64, piece.crc64, piece.size);
    object.etag = hex(&md5(format!("{}{}", object.etag, piece.etag).as_bytes()));
    object.size += piece.size;
    object.modified = piece.modified;
    object.segments.extend(piece.segments);
    object
}
