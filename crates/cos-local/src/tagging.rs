//! Tags of objects and buckets (documents 436/42997 and 436/34838).

use std::collections::HashSet;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::call::{Call, Reply, empty, xml};
use crate::error::{Code, Error};
use crate::host::Query;
use crate::object::tell_version;
use crate::record::Tag;
use crate::service::Service;
use crate::xml as xml_body;

/// The most tags of an object, and of a bucket.
const MOST_OF_OBJECT: usize = 10;
const MOST_OF_BUCKET: usize = 50;

/// The most characters of a tag's key, and of its value.
const LONGEST_KEY: usize = 127;
const LONGEST_VALUE: usize = 255;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tagging {
    tag_set: TagSet,
}

#[derive(Serialize, Deserialize)]
struct TagSet {
    #[serde(rename = "Tag", default)]
    tags: Vec<Tag>,
}

/// The tags that a document lists.
///
/// # Errors
/// `MalformedXML`.
pub(crate) fn of_document(document: &str) -> Result<Vec<Tag>, Error> {
    let Tagging { tag_set } = xml_body::read(document.as_bytes())?;
    Ok(tag_set.tags)
}

/// Checks the tags of a bucket.
///
/// # Errors
/// `MalformedXML`, `InvalidTag`.
pub(crate) fn check_bucket(document: &str) -> Result<(), Error> {
    check(&of_document(document)?, MOST_OF_BUCKET)
}

/// Reads `x-cos-tagging`: tags written as a query, such as `age=18&sex=male`.
///
/// # Errors
/// `InvalidTag`.
pub(crate) fn parse(header: &str) -> Result<Vec<Tag>, Error> {
    let parameters = Query::parse(header).0.into_iter();
    let tags: Vec<_> = parameters.map(|tag| Tag { key: tag.name, value: tag.value }).collect();
    check(&tags, MOST_OF_OBJECT)?;
    Ok(tags)
}

/// PUT Object tagging (document 436/42997).
pub(crate) async fn put(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let Tagging { tag_set } = xml_body::read(&call.xml_body().await?)?;
    check(&tag_set.tags, MOST_OF_OBJECT)?;
    replace(service, call, tag_set.tags).await
}

/// GET Object tagging (document 436/42998).
///
/// # Errors
/// `NoSuchTagSet`, besides those of an object that is not there.
pub(crate) async fn get(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    let (bucket, key, version) = call.object_version();
    let object =
        service.store(move |store| store.object_version(&bucket, &key, version.as_deref())).await?;
    if object.attributes.tags.is_empty() {
        return Err(Error::new(Code::NoSuchTagSet, "The object has no tags."));
    }
    xml(&Tagging { tag_set: TagSet { tags: object.attributes.tags } })
}

/// DELETE Object tagging (document 436/42999).
pub(crate) async fn delete(service: &Service, call: &mut Call) -> Result<Reply, Error> {
    replace(service, call, Vec::new()).await
}

async fn replace(service: &Service, call: &Call, tags: Vec<Tag>) -> Result<Reply, Error> {
    let (bucket, key, version) = call.object_version();
    let shown = service
        .store(move |store| {
            store.change_object(&bucket, &key, version.as_deref(), |object| {
                object.attributes.tags = tags;
                Ok(())
            })
        })
        .await?;
    let mut reply = empty(StatusCode::NO_CONTENT);
    tell_version(&mut reply, shown)?;
    Ok(reply)
}

fn check(tags: &[Tag], most: usize) -> Result<(), Error> {
    let invalid = |message: String| Err(Error::new(Code::InvalidTag, message));
    if tags.len() > most {
        return invalid(format!("There may be at most {most} tags."));
    }
    let mut keys = HashSet::new();
    for Tag { key, value } in tags {
        if key.is_empty()
            || key.chars().count() > LONGEST_KEY
            || value.chars().count() > LONGEST_VALUE
        {
            return invalid(format!(
                "A tag has a key of 1 to {LONGEST_KEY} and a value of at most {LONGEST_VALUE} \
                 characters."
            ));
        }
        if !keys.insert(key) {
            return invalid("No two tags may have the same key.".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_tags_is_a_query() {
        let tags = parse("age=18&%E4%B8%AD=a%20b&empty=").expect("tags");
        let tags: Vec<_> = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
        assert_eq!(tags, [("age", "18"), ("中", "a b"), ("empty", "")]);
    }

    #[test]
    fn tags_have_limits() {
        let code = |header: &str| parse(header).map(|tags| tags.len()).map_err(|error| error.code);
        let many =
            |count| (0..count).map(|number| format!("k{number}=v")).collect::<Vec<_>>().join("&");
        assert_eq!(code(&many(10)), Ok(10));
        for header in [&many(11), "a=1&a=2", "=x", &"k".repeat(128)] {
            assert_eq!(code(header), Err(Code::InvalidTag), "{header}");
        }
    }
}
