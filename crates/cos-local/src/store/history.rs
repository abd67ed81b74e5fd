//! The versions of a key.
//!
//! What a GET without a version id finds is in one table, everything else in another. So plain
//! requests and listings never see older versions and delete markers, and a key's history is the
//! row of the former followed by the rows of the latter.

use std::time::{SystemTime, UNIX_EPOCH};

use redb::{ReadableTable, Table, WriteTransaction};

use super::{OBJECTS, VERSIONS, decode, encode};
use crate::blob::Segment;
use crate::error::{Code, Error};
use crate::record::{DeleteMarker, Kept, Object, Version, Versioning};

/// What a deletion did.
#[derive(Debug)]
pub(crate) struct Deleted {
    /// The id of the version removed, or of the delete marker made.
    pub(crate) version: Option<String>,
    /// Whether that is a delete marker.
    pub(crate) marker: bool,
    /// Content that nothing refers to any more.
    pub(super) segments: Vec<Segment>,
}

/// All versions of one key, within a transaction.
pub(super) struct History<'t, 'k> {
    objects: Table<'t, (&'static str, &'static [u8]), &'static [u8]>,
    versions: Table<'t, (&'static str, &'static [u8], &'static str), &'static [u8]>,
    bucket: &'k str,
    key: &'k str,
}

impl<'t, 'k> History<'t, 'k> {
    pub(super) fn open(
        transaction: &'t WriteTransaction,
        bucket: &'k str,
        key: &'k str,
    ) -> Result<Self, Error> {
        let objects = transaction.open_table(OBJECTS)?;
        Ok(Self { objects, versions: transaction.open_table(VERSIONS)?, bucket, key })
    }

    /// Makes an object the newest version. Returns the content of the one it replaces for good.
    ///
    /// # Errors
    /// `FileAlreadyExists`.
    pub(super) fn put(
        &mut self,
        object: &mut Object,
        versioning: Versioning,
        overwrite: bool,
    ) -> Result<Vec<Segment>, Error> {
        if !overwrite && self.current()?.is_some() {
            let message = "There is an object of this key, and x-cos-forbid-overwrite is set.";
            return Err(Error::new(Code::FileAlreadyExists, message));
        }
        object.version = self.next(versioning)?;
        let replaced = self.step_back(object.version.null)?;
        self.insert_current(object)?;
        Ok(replaced)
    }

    pub(super) fn delete(&mut self, versioning: Versioning, now: i64) -> Result<Deleted, Error> {
        if versioning == Versioning::Off {
            let segments = self.step_back(true)?;
            return Ok(Deleted { version: None, marker: false, segments });
        }
        let marker = DeleteMarker { version: self.next(versioning)?, modified: now };
        let segments = self.step_back(marker.version.null)?;
        self.keep(&Kept::DeleteMarker(marker.clone()))?;
        Ok(Deleted { version: Some(marker.version.id()), marker: true, segments })
    }

    /// # Errors
    /// `NoSuchVersion`.
    pub(super) fn delete_version(
        &mut self,
        id: &str,
        versioning: Versioning,
    ) -> Result<Deleted, Error> {
        let removed = match self.current()?.filter(|object| object.version.id() == id) {
            Some(object) => {
                self.objects.remove((self.bucket, self.key.as_bytes()))?;
                Kept::Object(Box::new(object))
            }
            None => {
                let found = find_kept(&self.versions, self.bucket, self.key, id)?;
                let kept = found.ok_or_else(no_such_version)?;
                self.remove_kept(kept.version())?;
                kept
            }
        };
        self.step_forward()?;
        Ok(Deleted {
            version: versioning.shown(removed.version()),
            marker: matches!(removed, Kept::DeleteMarker(_)),
            segments: removed.segments().to_vec(),
        })
    }

    /// The object of a version id, or without one what a plain GET finds.
    ///
    /// # Errors
    /// Those of [`find`].
    pub(super) fn object(&self, version: Option<&str>) -> Result<Object, Error> {
        find(&self.objects, &self.versions, self.bucket, self.key, version)
    }

    pub(super) fn current(&self) -> Result<Option<Object>, Error> {
        let row = self.objects.get((self.bucket, self.key.as_bytes()))?;
        row.map(|value| decode(value.value())).transpose()
    }

    fn newest_kept(&self) -> Result<Option<Kept>, Error> {
        kept(&self.versions, self.bucket, self.key)?.next().transpose()
    }

    /// The version that a change makes: newer than all there are, whatever the machine's clock says.
    fn next(&self, versioning: Versioning) -> Result<Version, Error> {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let rank = u64::MAX - u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let newest = match self.current()? {
            Some(object) => Some(object.version),
            None => self.newest_kept()?.map(|kept| kept.version()),
        };
        let bound = newest.map_or(u64::MAX, |version| version.rank.saturating_sub(1));
        Ok(Version { rank: rank.min(bound), null: versioning != Versioning::Enabled })
    }

    /// Makes room for a newer version: what there is becomes an older one, but a null version makes
    /// way for another for good. Returns the latter's content.
    fn step_back(&mut self, null: bool) -> Result<Vec<Segment>, Error> {
        let mut replaced = Vec::new();
        if null && let Some(kept) = find_kept(&self.versions, self.bucket, self.key, Version::NULL)?
        {
            self.remove_kept(kept.version())?;
            replaced.extend_from_slice(kept.segments());
        }
        if let Some(object) = self.current()? {
            self.objects.remove((self.bucket, self.key.as_bytes()))?;
            match null && object.version.null {
                true => replaced.extend(object.segments),
                false => self.keep(&Kept::Object(Box::new(object)))?,
            }
        }
        Ok(replaced)
    }

    /// Lets a plain GET find the newest version again, unless that is a delete marker.
    fn step_forward(&mut self) -> Result<(), Error> {
        if self.current()?.is_none()
            && let Some(Kept::Object(object)) = self.newest_kept()?
        {
            self.remove_kept(object.version)?;
            self.insert_current(&object)?;
        }
        Ok(())
    }

    /// Writes an object back in its place.
    pub(super) fn replace(&mut self, object: Object) -> Result<(), Error> {
        let is_current =
            self.current()?.is_some_and(|current| current.version.rank == object.version.rank);
        match is_current {
            true => self.insert_current(&object),
            false => self.keep(&Kept::Object(Box::new(object))),
        }
    }

    pub(super) fn insert_current(&mut self, object: &Object) -> Result<(), Error> {
        let row = (self.bucket, self.key.as_bytes());
        self.objects.insert(row, encode(object)?.as_slice())?;
        Ok(())
    }

    fn keep(&mut self, kept: &Kept) -> Result<(), Error> {
        let rank = kept.version().row();
        let row = (self.bucket, self.key.as_bytes(), rank.as_str());
        self.versions.insert(row, encode(kept)?.as_slice())?;
        Ok(())
    }

    fn remove_kept(&mut self, version: Version) -> Result<(), Error> {
        let rank = version.row();
        self.versions.remove((self.bucket, self.key.as_bytes(), rank.as_str()))?;
        Ok(())
    }
}

/// Where objects are read from, within a transaction of either kind.
type Objects = (&'static str, &'static [u8]);
/// Where all other versions are read from.
type Versions = (&'static str, &'static [u8], &'static str);

/// The object of a version id, or without one what a plain GET finds.
///
/// # Errors
/// `NoSuchKey`, `NoSuchVersion`, and `MethodNotAllowed` for the id of a delete marker.
pub(super) fn find(
    objects: &impl ReadableTable<Objects, &'static [u8]>,
    versions: &impl ReadableTable<Versions, &'static [u8]>,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Object, Error> {
    let current = objects.get((bucket, key.as_bytes()))?;
    let current: Option<Object> = current.map(|value| decode(value.value())).transpose()?;
    let Some(id) = version else {
        return match current {
            Some(object) => Ok(object),
            None => Err(no_such_key(kept(versions, bucket, key)?.next().transpose()?)),
        };
    };
    if let Some(object) = current.filter(|object| object.version.id() == id) {
        return Ok(object);
    }
    match find_kept(versions, bucket, key, id)? {
        Some(Kept::Object(object)) => Ok(*object),
        Some(Kept::DeleteMarker(marker)) => {
            let message = "The version is a delete marker, which can only be deleted.";
            Err(about_marker(Error::new(Code::MethodNotAllowed, message), &marker))
        }
        None => Err(no_such_version()),
    }
}

/// The versions of a key besides the object that a plain GET finds, the newest first.
pub(crate) fn kept<'a>(
    versions: &'a impl ReadableTable<Versions, &'static [u8]>,
    bucket: &'a str,
    key: &'a str,
) -> Result<impl Iterator<Item = Result<Kept, Error>> + 'a, Error> {
    let rows = versions.range((bucket, key.as_bytes(), "")..)?;
    let of_key = rows.map_while(move |row| match row {
        Ok((name, value)) => {
            let (its_bucket, its_key, _) = name.value();
            ((its_bucket, its_key) == (bucket, key.as_bytes())).then(|| decode(value.value()))
        }
        Err(error) => Some(Err(error.into())),
    });
    Ok(of_key)
}

/// The version of an id among [`kept`].
pub(crate) fn find_kept(
    versions: &impl ReadableTable<Versions, &'static [u8]>,
    bucket: &str,
    key: &str,
    id: &str,
) -> Result<Option<Kept>, Error> {
    if id == Version::NULL {
        for kept in kept(versions, bucket, key)? {
            let kept = kept?;
            if kept.version().null {
                return Ok(Some(kept));
            }
        }
        return Ok(None);
    }
    let Some(version) = Version::parse(id) else { return Ok(None) };
    let found = versions.get((bucket, key.as_bytes(), version.row().as_str()))?;
    let found: Option<Kept> = found.map(|value| decode(value.value())).transpose()?;
    Ok(found.filter(|kept| kept.version() == version))
}

/// The refusal for a key without an object, perhaps because of a delete marker.
fn no_such_key(newest: Option<Kept>) -> Error {
    let error = Error::new(Code::NoSuchKey, "There is no object of this key.");
    match newest {
        Some(Kept::DeleteMarker(marker)) => about_marker(error, &marker),
        _ => error,
    }
}

fn about_marker(error: Error, marker: &DeleteMarker) -> Error {
    error
        .with_header("x-cos-delete-marker", "true")
        .with_header("x-cos-version-id", marker.version.id())
}

fn no_such_version() -> Error {
    Error::new(Code::NoSuchVersion, "There is no version of this id.")
}
