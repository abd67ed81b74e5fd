//! What is stored of usage: months metered, and since when a bucket is on the CDN. And what each
//! bucket stores, by which the meter begins.

use std::collections::{HashMap, HashSet};

use redb::{ReadTransaction, TableDefinition};
use serde::Deserialize;

use super::{OBJECTS, PARTS, Store, UPLOADS, VERSIONS, decode, encode};
use crate::blob::{Blob, Segment};
use crate::error::Error;
use crate::record::Kept;
use crate::usage::{Acceleration, Month, Record};

/// [`Record`]s by bucket and month.
pub(super) const USAGE: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("usage");
/// [`Acceleration`]s by bucket.
pub(super) const ACCELERATION: TableDefinition<'_, &str, &[u8]> =
    TableDefinition::new("acceleration");

impl Store {
    /// Writes down what was metered since the last time, if anything was.
    pub(crate) fn write_usage(&self) -> Result<(), Error> {
        let changes = self.meter.changes();
        if changes.is_empty() {
            return Ok(());
        }
        let written = self.change(|transaction| {
            let mut table = transaction.open_table(USAGE)?;
            for (bucket, month, record) in &changes {
                let row = (bucket.as_str(), &*month.to_string());
                table.insert(row, encode(record)?.as_slice())?;
            }
            Ok(())
        });
        written.inspect_err(|_| self.meter.unwritten(&changes))
    }

    /// Since when a bucket is on the CDN.
    pub(crate) fn acceleration(&self, bucket: &str) -> Result<Acceleration, Error> {
        let table = self.read()?.open_table(ACCELERATION)?;
        table.get(bucket)?.map_or(Ok(Acceleration::default()), |value| decode(value.value()))
    }

    /// Remembers that a bucket has a domain of the CDN at the time `now`, unless that is known; `own`
    /// is whether it is one of the developer's own.
    pub(crate) fn accelerate(&self, bucket: &str, own: bool, now: i64) -> Result<(), Error> {
        let known = self.acceleration(bucket)?;
        let bound = known.bound.or(own.then_some(now));
        let told = Acceleration { activated: known.activated.or(Some(now)), bound };
        if told == known {
            return Ok(());
        }
        self.change(|transaction| {
            transaction.open_table(ACCELERATION)?.insert(bucket, encode(&told)?.as_slice())?;
            Ok(())
        })
    }

    /// A record of the bucket refers to the blob from now on, in place of `replaced` content.
    pub(super) fn adopt(&self, bucket: &str, blob: Blob, replaced: &[Segment]) {
        self.meter.stored(bucket, size(&blob.segments()), size(replaced));
        blob.adopted();
        self.blobs.remove(replaced);
    }

    /// Removes content that no record of the bucket refers to any more.
    pub(super) fn discard(&self, bucket: &str, segments: &[Segment]) {
        self.meter.stored(bucket, 0, size(segments));
        self.blobs.remove(segments);
    }
}

/// In bytes.
fn size(segments: &[Segment]) -> u64 {
    segments.iter().map(|segment| segment.size).sum()
}

/// All months that were ever metered.
pub(super) fn months(transaction: &ReadTransaction) -> Result<Vec<(String, Month, Record)>, Error> {
    let mut months = Vec::new();
    for row in transaction.open_table(USAGE)?.range::<(&str, &str)>(..)? {
        let (name, value) = row?;
        let (bucket, month) = name.value();
        months.push((bucket.to_owned(), month.parse()?, decode(value.value())?));
    }
    Ok(months)
}

/// What records refer to.
#[derive(Default)]
pub(super) struct Contents {
    /// The names of all blobs.
    pub(super) blobs: HashSet<String>,
    /// Bytes by bucket.
    pub(super) stored: HashMap<String, u64>,
}

impl Contents {
    pub(super) fn read(transaction: &ReadTransaction) -> Result<Self, Error> {
        /// What objects and parts have in common.
        #[derive(Deserialize)]
        struct Content {
            segments: Vec<Segment>,
        }
        let mut contents = Self::default();
        for row in transaction.open_table(OBJECTS)?.range::<(&str, &[u8])>(..)? {
            let (name, value) = row?;
            contents.add(name.value().0, &decode::<Content>(value.value())?.segments);
        }
        for row in transaction.open_table(VERSIONS)?.range::<(&str, &[u8], &str)>(..)? {
            let (name, value) = row?;
            contents.add(name.value().0, decode::<Kept>(value.value())?.segments());
        }
        let mut uploads = HashMap::new();
        for row in transaction.open_table(UPLOADS)?.range::<(&str, &[u8], &str)>(..)? {
            let (name, _) = row?;
            let (bucket, _, id) = name.value();
            uploads.insert(id.to_owned(), bucket.to_owned());
        }
        for row in transaction.open_table(PARTS)?.range::<(&str, u32)>(..)? {
            let (name, value) = row?;
            let bucket = uploads.get(name.value().0).map_or("", String::as_str);
            contents.add(bucket, &decode::<Content>(value.value())?.segments);
        }
        Ok(contents)
    }

    fn add(&mut self, bucket: &str, segments: &[Segment]) {
        *self.stored.entry(bucket.to_owned()).or_default() += size(segments);
        self.blobs.extend(segments.iter().map(|segment| segment.blob.clone()));
    }
}
