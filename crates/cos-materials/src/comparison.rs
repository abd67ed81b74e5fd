//! [`Comparison`]: a project's materials beside the objects of its bucket.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::bucket::{Bucket, Listed, Served};
use crate::failure::Failure;
use crate::material::{Material, path_of};

/// Objects that are asked for at the same time.
const PARALLEL: usize = 16;

/// What a push has to do about a material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is at its key: upload it.
    New,
    /// Something else is at its key, as the text says: upload it again.
    Changed(String),
    /// It is in the bucket, byte for byte.
    Uploaded,
}

impl State {
    /// The name for programs.
    pub fn name(&self) -> &'static str {
        match self {
            State::New => "new",
            State::Changed(_) => "changed",
            State::Uploaded => "uploaded",
        }
    }
}

/// An object that a push made and that the materials of today do not name: an earlier version, or
/// a file that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The material that it was.
    pub path: String,
    /// The object.
    pub key: String,
    /// Bytes.
    pub size: u64,
}

/// Materials and objects side by side.
#[derive(Debug)]
pub struct Comparison {
    /// The materials, by path, with what is to be done about each.
    pub rows: Vec<(Material, State)>,
    /// By key.
    pub stale: Vec<Stale>,
    /// How many objects below the prefix are not of a push; they are left alone.
    pub foreign: usize,
}

impl Comparison {
    /// The materials that have to be uploaded.
    pub fn pending(&self) -> Vec<&Material> {
        self.rows
            .iter()
            .filter(|(_, state)| *state != State::Uploaded)
            .map(|(material, _)| material)
            .collect()
    }
}

/// Compares materials with the bucket: one list, then the CRC64 of each object that is there and has
/// not been looked at since it was written.
///
/// # Errors
/// The bucket cannot be read.
pub async fn compare(
    bucket: &Bucket,
    prefix: &str,
    materials: Vec<Material>,
    inspections: &mut Inspections,
) -> Result<Comparison, Failure> {
    let listed = bucket.list(prefix).await?;
    let unknown = materials.iter().filter_map(|material| {
        let object = listed.get(&material.key)?;
        let known = inspections.get(&material.key, object).is_some();
        let looks = object.size == material.size && !known;
        looks.then(|| (material.key.clone(), object.clone()))
    });
    let looks = unknown.collect::<Vec<_>>().into_iter().map(|(key, object)| async move {
        bucket.served(&key).await.map(|served| (key, object, served))
    });
    let looks: Vec<_> = stream::iter(looks).buffer_unordered(PARALLEL).try_collect().await?;
    for (key, object, served) in looks {
        if let Some(served) = served {
            inspections.note(key, &object, served);
        }
    }
    let named: BTreeSet<_> = materials.iter().map(|material| material.key.clone()).collect();
    let mut comparison = Comparison { rows: Vec::new(), stale: Vec::new(), foreign: 0 };
    for (key, object) in listed.iter().filter(|(key, _)| !named.contains(*key)) {
        match path_of(prefix, key) {
            Some(path) => {
                comparison.stale.push(Stale { path, key: key.clone(), size: object.size });
            }
            None => comparison.foreign += 1,
        }
    }
    comparison.rows = materials
        .into_iter()
        .map(|material| {
            let object = listed.get(&material.key);
            let served = object.and_then(|object| inspections.get(&material.key, object));
            let state = state(&material, object, served);
            (material, state)
        })
        .collect();
    inspections.forget_all_but(&listed);
    Ok(comparison)
}

fn state(material: &Material, object: Option<&Listed>, served: Option<&Served>) -> State {
    let Some(object) = object else { return State::New };
    if object.size != material.size {
        return State::Changed(format!("{} bytes instead of {}", object.size, material.size));
    }
    // Gone between the list and the look.
    let Some(served) = served else { return State::New };
    for (what, is, should_be) in [
        ("CRC64", &served.crc64, &material.crc64),
        ("Content-Type", &served.content_type, &material.content_type),
        ("Cache-Control", &served.cache_control, &material.cache_control),
    ] {
        if is != should_be {
            return State::Changed(format!("{what} \"{is}\" instead of \"{should_be}\""));
        }
    }
    State::Uploaded
}

/// What has been found out about objects, kept so that a push of an unchanged project costs one list
/// and not a request for each material: the developer tools push at every compilation, and requests
/// are not free.
#[derive(Debug, Default)]
pub struct Inspections {
    file: Option<PathBuf>,
    objects: BTreeMap<String, Inspection>,
    changed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Inspection {
    version: String,
    served: Served,
}

impl Inspections {
    /// Those in a file; none if it cannot be read. Without a file they are forgotten.
    pub fn load(file: Option<PathBuf>) -> Inspections {
        let text = file.as_ref().and_then(|file| fs::read(file).ok()).unwrap_or_default();
        Inspections {
            objects: serde_json::from_slice(&text).unwrap_or_default(),
            file,
            changed: false,
        }
    }

    /// What an object is served as, if that has been looked at since it was written.
    fn get(&self, key: &str, object: &Listed) -> Option<&Served> {
        let known = self.objects.get(key)?;
        (known.version == object.version).then_some(&known.served)
    }

    fn note(&mut self, key: String, object: &Listed, served: Served) {
        self.objects.insert(key, Inspection { version: object.version.clone(), served });
        self.changed = true;
    }

    fn forget_all_but(&mut self, listed: &BTreeMap<String, Listed>) {
        let before = self.objects.len();
        self.objects.retain(|key, _| listed.contains_key(key));
        self.changed |= self.objects.len() != before;
    }

    /// Writes what is new. Failure to do so costs requests, nothing else.
    pub fn store(&self) {
        let Some(file) = self.file.as_ref().filter(|_| self.changed) else { return };
        let folder = file.parent().unwrap_or(Path::new("."));
        let written = fs::create_dir_all(folder).and_then(|()| {
            let mut draft = tempfile::NamedTempFile::new_in(folder)?;
            draft.write_all(&serde_json::to_vec(&self.objects)?)?;
            draft.persist(file).map_err(std::io::Error::from)
        });
        drop(written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn material() -> Material {
        Material {
            path: "a.png".to_owned(),
            file: PathBuf::new(),
            size: 9,
            key: "materials/a.0123456789ab.png".to_owned(),
            crc64: "42".to_owned(),
            content_type: "image/png".to_owned(),
            cache_control: "no-cache".to_owned(),
        }
    }

    #[test]
    fn a_material_is_uploaded_when_bytes_and_headers_are_the_same() {
        let object = Listed { size: 9, version: "1".to_owned() };
        let served = Served {
            crc64: "42".to_owned(),
            content_type: "image/png".to_owned(),
            cache_control: "no-cache".to_owned(),
        };
        let state_of =
            |object: &Listed, served: &Served| state(&material(), Some(object), Some(served));
        assert_eq!(state_of(&object, &served), State::Uploaded);
        assert_eq!(state(&material(), None, None), State::New);
        for (object, served, word) in [
            (Listed { size: 8, ..object.clone() }, served.clone(), "8 bytes"),
            (object.clone(), Served { crc64: "43".to_owned(), ..served.clone() }, "CRC64 \"43\""),
            (
                object.clone(),
                Served { content_type: String::new(), ..served.clone() },
                "Content-Type",
            ),
            (object.clone(), Served { cache_control: String::new(), ..served }, "Cache-Control"),
        ] {
            let State::Changed(why) = state_of(&object, &served) else { panic!("{word}") };
            assert!(why.contains(word), "{why}");
        }
    }

    #[test]
    fn inspections_hold_until_the_object_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = Some(folder.path().join("deep/objects.json"));
        let object = Listed { size: 9, version: "1".to_owned() };
        let served = Served { crc64: "42".to_owned(), ..Served::default() };
        let mut inspections = Inspections::load(file.clone());
        inspections.note("a".to_owned(), &object, served.clone());
        inspections.store();
        let mut inspections = Inspections::load(file.clone());
        assert_eq!(inspections.get("a", &object), Some(&served));
        assert_eq!(
            inspections.get("a", &Listed { version: "2".to_owned(), ..object.clone() }),
            None
        );
        inspections.forget_all_but(&BTreeMap::new());
        inspections.store();
        assert_eq!(Inspections::load(file.clone()).get("a", &object), None);
        fs::write(file.as_ref().unwrap(), "{").unwrap();
        assert_eq!(Inspections::load(file).get("a", &object), None);
    }
}
