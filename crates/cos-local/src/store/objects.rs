//! Objects: what the store is asked to do with them.

use super::history::{Deleted, History, find};
use super::{OBJECTS, Store, VERSIONS, require_bucket};
use crate::blob::{Blob, Held};
use crate::error::{Code, Error};
use crate::record::Object;

impl Store {
    /// The object of a version id, or without one what a plain GET finds.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`, and `MethodNotAllowed` for the id of a delete marker.
    pub(crate) fn object_version(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Object, Error> {
        let transaction = self.read()?;
        let objects = transaction.open_table(OBJECTS)?;
        let versions = transaction.open_table(VERSIONS)?;
        find(&objects, &versions, bucket, key, version)
    }

    /// [`Store::object_version`], with its content kept from removal until the second value is
    /// dropped.
    pub(crate) fn hold_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<(Object, Held), Error> {
        self.blobs.hold(|| self.object_version(bucket, key, version), |object| &object.segments)
    }

    /// Stores an object whose content is `blob`, and returns the id of the version it is, where the
    /// bucket tells any.
    ///
    /// # Errors
    /// `FileAlreadyExists` where there is one and `overwrite` is false; `NoSuchBucket` where the
    /// bucket has gone.
    pub(crate) fn put_object(
        &self,
        bucket: &str,
        key: &str,
        mut object: Object,
        blob: Blob,
        overwrite: bool,
    ) -> Result<Option<String>, Error> {
        let (shown, replaced) = self.change(|transaction| {
            let versioning = require_bucket(transaction, bucket)?.versioning;
            let mut history = History::open(transaction, bucket, key)?;
            let replaced = history.put(&mut object, versioning, overwrite)?;
            Ok((versioning.shown(object.version), replaced))
        })?;
        self.adopt(bucket, blob, &replaced);
        Ok(shown)
    }

    /// Changes what is known of an object besides its content, and returns the id of its version,
    /// where the bucket tells any.
    ///
    /// # Errors
    /// Those of [`Store::object_version`] and of `change`.
    pub(crate) fn change_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        change: impl FnOnce(&mut Object) -> Result<(), Error>,
    ) -> Result<Option<String>, Error> {
        self.change(|transaction| {
            let versioning = require_bucket(transaction, bucket)?.versioning;
            let mut history = History::open(transaction, bucket, key)?;
            let mut object = history.object(version)?;
            change(&mut object)?;
            let shown = versioning.shown(object.version);
            history.replace(object)?;
            Ok(shown)
        })
    }

    /// Puts content at the end of the object that a plain GET finds: `join` makes the object that
    /// there will be of the one that there is, whose segments it keeps.
    ///
    /// # Errors
    /// Those of `join`; `NoSuchBucket` where the bucket has gone.
    pub(crate) fn append_object(
        &self,
        bucket: &str,
        key: &str,
        blob: Blob,
        join: impl FnOnce(Option<Object>) -> Result<Object, Error>,
    ) -> Result<Object, Error> {
        let (object, replaced) = self.change(|transaction| {
            let versioning = require_bucket(transaction, bucket)?.versioning;
            let mut history = History::open(transaction, bucket, key)?;
            let present = history.current()?;
            let begins = present.is_none();
            let mut object = join(present)?;
            let replaced = match begins {
                true => history.put(&mut object, versioning, true)?,
                false => history.insert_current(&object).map(|()| Vec::new())?,
            };
            Ok((object, replaced))
        })?;
        self.adopt(bucket, blob, &replaced);
        Ok(object)
    }

    /// Deletes objects: those of a version id for good; the others for good where the bucket keeps
    /// no versions, and behind a delete marker of the time `now` where it does. It is no error that
    /// there is no object; a version that is not there is that one's error alone.
    pub(crate) fn delete_objects(
        &self,
        bucket: &str,
        objects: &[(String, Option<String>)],
        now: i64,
    ) -> Result<Vec<Result<Deleted, Error>>, Error> {
        let results = self.change(|transaction| {
            let versioning = require_bucket(transaction, bucket)?.versioning;
            let mut results = Vec::with_capacity(objects.len());
            for (key, version) in objects {
                let mut history = History::open(transaction, bucket, key)?;
                let result = match version {
                    Some(id) => history.delete_version(id, versioning),
                    None => history.delete(versioning, now),
                };
                match result {
                    Err(error) if error.code == Code::InternalError => return Err(error),
                    result => results.push(result),
                }
            }
            Ok(results)
        })?;
        for deleted in results.iter().flatten() {
            self.discard(bucket, &deleted.segments);
        }
        Ok(results)
    }
}
