//! Multipart uploads and their parts.

use std::collections::{BTreeMap, HashSet};

use redb::{ReadableTable, WriteTransaction};

use super::history::History;
use super::{PARTS, Store, UPLOADS, decode, encode, require_bucket};
use crate::blob::{Blob, Segment};
use crate::error::{Code, Error};
use crate::record::{Object, Part, Upload, UploadName};

impl Store {
    pub(crate) fn create_upload(&self, name: &UploadName, upload: &Upload) -> Result<(), Error> {
        self.change(|transaction| {
            require_bucket(transaction, &name.bucket)?;
            transaction.open_table(UPLOADS)?.insert(name.row(), encode(upload)?.as_slice())?;
            Ok(())
        })
    }

    /// An upload and its parts by number.
    ///
    /// # Errors
    /// `NoSuchUpload`.
    pub(crate) fn upload(&self, name: &UploadName) -> Result<(Upload, BTreeMap<u32, Part>), Error> {
        let transaction = self.read()?;
        let upload =
            transaction.open_table(UPLOADS)?.get(name.row())?.map(|value| decode(value.value()));
        let upload = upload.ok_or_else(no_such_upload)??;
        Ok((upload, read_parts(&transaction.open_table(PARTS)?, &name.id)?))
    }

    /// # Errors
    /// `NoSuchUpload`.
    pub(crate) fn require_upload(&self, name: &UploadName) -> Result<Upload, Error> {
        let table = self.read()?.open_table(UPLOADS)?;
        let found = table.get(name.row())?.map(|value| decode(value.value()));
        found.ok_or_else(no_such_upload)?
    }

    /// Stores a part, in place of an earlier one of its number.
    pub(crate) fn put_part(
        &self,
        name: &UploadName,
        number: u32,
        part: &Part,
        blob: Blob,
    ) -> Result<(), Error> {
        let replaced = self.change(|transaction| {
            if transaction.open_table(UPLOADS)?.get(name.row())?.is_none() {
                return Err(no_such_upload());
            }
            let mut parts = transaction.open_table(PARTS)?;
            let replaced = parts.insert((name.id.as_str(), number), encode(part)?.as_slice())?;
            replaced.map(|value| decode::<Part>(value.value())).transpose()
        })?;
        self.adopt(&name.bucket, blob, &replaced.map_or_else(Vec::new, |part| part.segments));
        Ok(())
    }

    /// Turns an upload into an object, which `assemble` builds from the parts; those it leaves out
    /// are removed. Returns the object and the version id to tell, if any.
    pub(crate) fn complete_upload(
        &self,
        name: &UploadName,
        overwrite: bool,
        assemble: impl FnOnce(&Upload, &BTreeMap<u32, Part>) -> Result<Object, Error>,
    ) -> Result<(Object, Option<String>), Error> {
        let (object, shown, unused) = self.change(|transaction| {
            let (upload, parts) = take_upload(transaction, name)?;
            let mut object = assemble(&upload, &parts)?;
            let versioning = require_bucket(transaction, &name.bucket)?.versioning;
            let mut unused = History::open(transaction, &name.bucket, &name.key)?.put(
                &mut object,
                versioning,
                overwrite,
            )?;
            let used: HashSet<&str> =
                object.segments.iter().map(|segment| segment.blob.as_str()).collect();
            let segments = parts.into_values().flat_map(|part| part.segments);
            unused.extend(segments.filter(|segment| !used.contains(segment.blob.as_str())));
            let shown = versioning.shown(object.version);
            Ok((object, shown, unused))
        })?;
        self.discard(&name.bucket, &unused);
        Ok((object, shown))
    }

    pub(crate) fn abort_upload(&self, name: &UploadName) -> Result<(), Error> {
        let (_, parts) = self.change(|transaction| take_upload(transaction, name))?;
        let segments: Vec<Segment> = parts.into_values().flat_map(|part| part.segments).collect();
        self.discard(&name.bucket, &segments);
        Ok(())
    }
}

/// The refusal of an upload id that was never given out, or is completed or aborted.
fn no_such_upload() -> Error {
    Error::new(
        Code::NoSuchUpload,
        "There is no such upload: it was completed or aborted, or never began.",
    )
}

/// Removes an upload and its parts from the tables.
fn take_upload(
    transaction: &WriteTransaction,
    name: &UploadName,
) -> Result<(Upload, BTreeMap<u32, Part>), Error> {
    let upload =
        transaction.open_table(UPLOADS)?.remove(name.row())?.map(|value| decode(value.value()));
    let upload = upload.ok_or_else(no_such_upload)??;
    let mut table = transaction.open_table(PARTS)?;
    let parts = read_parts(&table, &name.id)?;
    for number in parts.keys() {
        table.remove((name.id.as_str(), *number))?;
    }
    Ok((upload, parts))
}

fn read_parts(
    table: &impl ReadableTable<(&'static str, u32), &'static [u8]>,
    upload_id: &str,
) -> Result<BTreeMap<u32, Part>, Error> {
    let mut parts = BTreeMap::new();
    for row in table.range((upload_id, 0)..=(upload_id, u32::MAX))? {
        let (name, value) = row?;
        parts.insert(name.value().1, decode(value.value())?);
    }
    Ok(parts)
}
