//! Walking records in the order of their keys: prefix, delimiter, markers and pages.

use std::iter;

use serde::Deserialize;

use crate::error::Error;
use crate::record::{DeleteMarker, Upload, Version};
use crate::store::{OBJECTS, Store, UPLOADS, VERSIONS, decode, find_kept, kept};

/// What part of a bucket to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) prefix: String,
    /// Keys that hold it after the prefix are rolled up; empty for none.
    pub(crate) delimiter: String,
    /// The listing begins after this key or rolled-up prefix.
    pub(crate) marker: String,
    /// With a `marker`, begin after this upload or version of that key instead of after all of them.
    pub(crate) id_marker: String,
    /// The most keys and rolled-up prefixes together.
    pub(crate) limit: usize,
}

/// A part of a listing.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<Item<T>>,
    pub(crate) prefixes: Vec<String>,
    /// The last key or prefix and upload id, where there is more to list.
    pub(crate) next: Option<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Item<T> {
    pub(crate) key: String,
    /// The upload id, or the row of the version; empty for an object.
    pub(crate) id: String,
    pub(crate) record: T,
}

/// What a listing shows of an object.
#[derive(Deserialize)]
pub(crate) struct ObjectSummary {
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) modified: i64,
    pub(crate) attributes: SummaryAttributes,
    #[serde(default)]
    pub(crate) version: Version,
}

#[derive(Deserialize)]
pub(crate) struct SummaryAttributes {
    pub(crate) storage_class: String,
}

/// What a listing shows of a version.
#[derive(Deserialize)]
pub(crate) enum VersionSummary {
    Object(ObjectSummary),
    DeleteMarker(DeleteMarker),
}

impl VersionSummary {
    pub(crate) fn version(&self) -> Version {
        match self {
            Self::Object(object) => object.version,
            Self::DeleteMarker(marker) => marker.version,
        }
    }
}

/// The row where a walk begins.
type Start = (Vec<u8>, String);
type Rows<'a, T> = Box<dyn Iterator<Item = Result<Item<T>, Error>> + 'a>;

impl Store {
    pub(crate) fn list_objects(
        &self,
        bucket: &str,
        listing: &Listing,
    ) -> Result<Page<ObjectSummary>, Error> {
        let table = self.read()?.open_table(OBJECTS)?;
        walk(listing, |(key, _)| {
            let rows = table.range((bucket, key.as_slice())..)?;
            let rows = rows.map(|row| {
                let (name, value) = row?;
                let (bucket, key) = name.value();
                Ok((bucket.to_owned(), item(key, "", decode(value.value())?)))
            });
            Ok(Box::new(of_bucket(bucket, rows)))
        })
    }

    /// Lists versions; `id_marker` is a version id. Each comes with whether it is its key's newest.
    pub(crate) fn list_versions(
        &self,
        bucket: &str,
        listing: &Listing,
    ) -> Result<Page<(VersionSummary, bool)>, Error> {
        let transaction = self.read()?;
        let objects = transaction.open_table(OBJECTS)?;
        let versions = transaction.open_table(VERSIONS)?;
        let current = |key: &str| {
            let value = objects.get((bucket, key.as_bytes()))?;
            value.map(|value| decode::<ObjectSummary>(value.value())).transpose()
        };
        let id_marker = match listing.id_marker.as_str() {
            "" => String::new(),
            Version::NULL => {
                let kept = find_kept(&versions, bucket, &listing.marker, Version::NULL)?;
                let null = kept.map(|kept| kept.version());
                let null = match null {
                    None => current(&listing.marker)?.map(|object| object.version),
                    known => known,
                };
                // One that has gone meanwhile is no reason to pass over the others of its key.
                null.map_or_else(|| "0".to_owned(), Version::row)
            }
            id => Version::parse(id).map(Version::row).ok_or_else(|| {
                Error::invalid("version-id-marker has to be a version id of a list, or absent.")
            })?,
        };
        let mut page = walk(&Listing { id_marker, ..listing.clone() }, |(key, id)| {
            let found = objects.range((bucket, key.as_slice())..)?.map(|row| {
                let (name, value) = row?;
                let (bucket, key) = name.value();
                let object: ObjectSummary = decode(value.value())?;
                let row = object.version.row();
                Ok((bucket.to_owned(), item(key, &row, (VersionSummary::Object(object), true))))
            });
            let start = (String::from_utf8_lossy(key).into_owned(), id.clone());
            let found = of_bucket(bucket, found).filter(move |row| {
                row.as_ref().map_or(true, |row| (&row.key, &row.id) >= (&start.0, &start.1))
            });
            let kept = versions.range((bucket, key.as_slice(), id.as_str())..)?.map(|row| {
                let (name, value) = row?;
                let (bucket, key, row) = name.value();
                Ok((bucket.to_owned(), item(key, row, (decode(value.value())?, false))))
            });
            Ok(Box::new(merge(found, of_bucket(bucket, kept))))
        })?;
        for Item { key, record: (version, newest), .. } in &mut page.items {
            if let VersionSummary::DeleteMarker(marker) = version {
                let first = kept(&versions, bucket, key)?.next().transpose()?;
                *newest = current(key)?.is_none()
                    && first.is_some_and(|first| first.version() == marker.version);
            }
        }
        Ok(page)
    }

    pub(crate) fn list_uploads(
        &self,
        bucket: &str,
        listing: &Listing,
    ) -> Result<Page<Upload>, Error> {
        let table = self.read()?.open_table(UPLOADS)?;
        walk(listing, |(key, id)| {
            let rows = table.range((bucket, key.as_slice(), id.as_str())..)?;
            let rows = rows.map(|row| {
                let (name, value) = row?;
                let (bucket, key, id) = name.value();
                Ok((bucket.to_owned(), item(key, id, decode(value.value())?)))
            });
            Ok(Box::new(of_bucket(bucket, rows)))
        })
    }
}

fn item<T>(key: &[u8], id: &str, record: T) -> Item<T> {
    Item { key: String::from_utf8_lossy(key).into_owned(), id: id.to_owned(), record }
}

fn of_bucket<'a, T>(
    bucket: &'a str,
    rows: impl Iterator<Item = Result<(String, Item<T>), Error>> + 'a,
) -> impl Iterator<Item = Result<Item<T>, Error>> + 'a {
    rows.take_while(move |row| row.as_ref().map_or(true, |(name, _)| name == bucket))
        .map(|row| row.map(|(_, item)| item))
}

/// Two runs of rows, each in order, as one.
fn merge<'a, T: 'a>(
    one: impl Iterator<Item = Result<Item<T>, Error>> + 'a,
    other: impl Iterator<Item = Result<Item<T>, Error>> + 'a,
) -> impl Iterator<Item = Result<Item<T>, Error>> + 'a {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(Ok(first)), Some(Ok(second)))
            if (&second.key, &second.id) < (&first.key, &first.id) =>
        {
            other.next()
        }
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}

/// Fills a page from the rows that `open` gives from a start on.
fn walk<'a, T>(
    listing: &Listing,
    open: impl Fn(&Start) -> Result<Rows<'a, T>, Error>,
) -> Result<Page<T>, Error> {
    let mut page = Page { items: Vec::new(), prefixes: Vec::new(), next: None };
    let mut last = (String::new(), String::new());
    let mut start = listing.start();
    'seek: loop {
        for row in open(&start)? {
            let row = row?;
            if !row.key.starts_with(&listing.prefix) {
                break 'seek;
            }
            let rolled_up = listing.roll_up(&row.key);
            if let Some(prefix) = rolled_up.filter(|prefix| *prefix == listing.marker) {
                start = after_prefix(prefix);
                continue 'seek;
            }
            if page.items.len() + page.prefixes.len() >= listing.limit {
                page.next = Some(last).filter(|_| listing.limit > 0);
                break 'seek;
            }
            if let Some(prefix) = rolled_up {
                page.prefixes.push(prefix.to_owned());
                last = (prefix.to_owned(), String::new());
                start = after_prefix(prefix);
                continue 'seek;
            }
            last = (row.key.clone(), row.id.clone());
            page.items.push(row);
        }
        break;
    }
    Ok(page)
}

/// The first row behind all that begin with `prefix`, which is not empty; UTF-8 has no byte 255.
fn after_prefix(prefix: &str) -> Start {
    let mut bytes = prefix.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1;
    }
    (bytes, String::new())
}

impl Listing {
    fn start(&self) -> Start {
        let mut start = (self.prefix.clone().into_bytes(), String::new());
        if !self.marker.is_empty() {
            let mut key = self.marker.clone().into_bytes();
            let mut id = self.id_marker.clone();
            match id.is_empty() {
                true => key.push(0),
                false => id.push('\0'),
            }
            start = start.max((key, id));
        }
        start
    }

    /// `key` up to the first delimiter behind the prefix.
    fn roll_up<'k>(&self, key: &'k str) -> Option<&'k str> {
        if self.delimiter.is_empty() {
            return None;
        }
        let found = key.get(self.prefix.len()..)?.find(&self.delimiter)?;
        key.get(..self.prefix.len() + found + self.delimiter.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 7] = ["a", "b/", "b/1", "b/2", "b0", "c/d/e", "中/文"];

    fn page(listing: &Listing) -> (Vec<String>, Vec<String>, Option<String>) {
        let page = walk(listing, |(key, _)| {
            let key = key.clone();
            let rows = KEYS.iter().filter(move |other| other.as_bytes() >= key.as_slice());
            Ok(Box::new(rows.map(|key| Ok(item(key.as_bytes(), "", ())))))
        })
        .expect("a page");
        let keys = page.items.into_iter().map(|item| item.key).collect();
        (keys, page.prefixes, page.next.map(|(key, _)| key))
    }

    fn listing(prefix: &str, delimiter: &str) -> Listing {
        Listing {
            prefix: prefix.into(),
            delimiter: delimiter.into(),
            limit: 1000,
            ..Listing::default()
        }
    }

    #[test]
    fn a_delimiter_rolls_up_what_follows_it() {
        let (keys, prefixes, next) = page(&listing("", "/"));
        assert_eq!(keys, ["a", "b0"]);
        assert_eq!(prefixes, ["b/", "c/", "中/"]);
        assert_eq!(next, None);
        assert_eq!(page(&listing("b/", "/")).0, ["b/", "b/1", "b/2"]);
        assert_eq!(page(&listing("c/", "/")).1, ["c/d/"]);
        assert_eq!(page(&listing("b", "")).0, ["b/", "b/1", "b/2", "b0"]);
    }

    #[test]
    fn pages_of_any_size_together_are_the_whole() {
        for delimiter in ["", "/"] {
            let (keys, prefixes, _) = page(&listing("", delimiter));
            for limit in 1..=8 {
                let mut paged = (Vec::new(), Vec::new());
                let mut marker = String::new();
                loop {
                    let (keys, prefixes, next) =
                        page(&Listing { marker, limit, ..listing("", delimiter) });
                    assert!(keys.len() + prefixes.len() <= limit);
                    paged.0.extend(keys);
                    paged.1.extend(prefixes);
                    match next {
                        Some(next) => marker = next,
                        None => break,
                    }
                }
                assert_eq!(paged, (keys.clone(), prefixes.clone()), "{delimiter:?} by {limit}");
            }
        }
    }

    #[test]
    fn a_page_of_nothing_is_complete() {
        assert_eq!(page(&Listing { limit: 0, ..listing("", "/") }), (vec![], vec![], None));
    }
}
