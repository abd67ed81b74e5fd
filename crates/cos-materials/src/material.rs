//! [`Material`]: a file of the project that is served from the bucket, and the names it has there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cos_core::digest::{Crc64, Md5, crc64_text, hex};
use cos_core::mime;
use walkdir::WalkDir;

use crate::failure::Failure;
use crate::project::Project;

/// Hexadecimal digits of the content's MD5 in a key. A collision needs two versions of one file, for
/// the path is part of the key too: with 48 bits, a thousand versions of a file collide with a
/// probability of two in a billion. MD5 and not CRC64, since that decides whether the bytes at a key
/// are the right ones: the two are independent, and a collision is noticed.
const HASH_DIGITS: usize = 12;

/// The longest key that COS takes, in bytes (document 436/13324).
const LONGEST_KEY: usize = 850;

/// How many bytes are digested at a time.
const WINDOW: usize = 256 * 1024;

/// A file that is served from the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// What the code of the mini program calls it: relative to the root, with forward slashes.
    pub path: String,
    /// The file.
    pub file: PathBuf,
    /// Bytes.
    pub size: u64,
    /// The object: the path with the beginning of the content's MD5 in it.
    pub key: String,
    /// CRC64 of the content as COS spells it, decimal.
    pub crc64: String,
    /// `Content-Type`.
    pub content_type: String,
    /// `Cache-Control`.
    pub cache_control: String,
}

/// The materials of a project, and what was left out.
#[derive(Debug, Default)]
pub struct Found {
    /// By path.
    pub materials: Vec<Material>,
    /// One sentence for each file that was left out though it may not have been meant to.
    pub warnings: Vec<String>,
}

/// Finds and digests the materials of a project.
///
/// # Errors
/// The root is missing, or files cannot be used: all of them are named.
pub fn find(project: &Project) -> Result<Found, Failure> {
    let root = project.root();
    if !root.is_dir() {
        return Err(Failure::Usage(format!(
            "there is no folder {}: make it and put materials there, or change materials.root",
            root.display()
        )));
    }
    let mut found = Found::default();
    let mut problems = Vec::new();
    let mut files = Vec::new();
    let visible = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().as_encoded_bytes();
        // What an interrupted pull leaves is no material yet.
        entry.depth() == 0 || !(name.starts_with(b".") || name.ends_with(b".cos-download"))
    };
    for entry in WalkDir::new(&root).sort_by_file_name().into_iter().filter_entry(visible) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(format!("cannot be read: {error}"));
                continue;
            }
        };
        let kind = entry.file_type();
        if kind.is_dir() {
            continue;
        }
        let Some(path) = spelled(entry.path(), &root) else {
            problems.push(format!(
                "{}: the name is not UTF-8, rename the file",
                entry.path().display()
            ));
            continue;
        };
        if !project.include.is_match(&path) || project.exclude.is_match(&path) {
            continue;
        }
        if kind.is_symlink() {
            found
                .warnings
                .push(format!("{path} is a symbolic link and left out: put the file itself there"));
        } else if !kind.is_file() {
            found.warnings.push(format!("{path} is not a regular file and left out"));
        } else if path.chars().any(char::is_control) {
            problems.push(format!("{path:?}: the name has control characters, rename the file"));
        } else {
            files.push((path, entry.into_path()));
        }
    }
    problems.extend(same_but_for_case(&files));
    let (materials, unread) = digest_all(project, files);
    problems.extend(unread);
    for material in &materials {
        if material.key.len() > LONGEST_KEY {
            problems.push(format!(
                "{}: its key would be {} bytes long and COS takes {LONGEST_KEY}: shorten the name",
                material.path,
                material.key.len()
            ));
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Usage(format!(
            "materials that cannot be used:\n  {}",
            problems.join("\n  ")
        )));
    }
    found.materials = materials;
    Ok(found)
}

/// The path of a file below `root`, with forward slashes.
fn spelled(file: &Path, root: &Path) -> Option<String> {
    let below = file.strip_prefix(root).ok()?;
    let parts = below.components().map(|part| part.as_os_str().to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// Names that are one on Windows and macOS: a project with both cannot be checked out there.
fn same_but_for_case(files: &[(String, PathBuf)]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    files
        .iter()
        .filter_map(|(path, _)| {
            let other = seen.insert(path.to_lowercase(), path)?;
            Some(format!("{other} and {path} differ only in case: rename one of them"))
        })
        .collect()
}

/// Digests files on all processors; the problems of those that cannot be read come second.
fn digest_all(project: &Project, files: Vec<(String, PathBuf)>) -> (Vec<Material>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(files.len().max(1));
    let mut done = thread::scope(|scope| {
        let work = || {
            let mut part = Vec::new();
            while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed))
                && let Some((path, file)) = files.get(index)
            {
                part.push((index, describe(project, path, file)));
            }
            part
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect::<Vec<_>>()
    });
    done.sort_by_key(|(index, _)| *index);
    let (mut materials, mut problems) = (Vec::new(), Vec::new());
    for ((_, described), (path, _)) in done.into_iter().zip(&files) {
        match described {
            Ok(material) => materials.push(material),
            Err(error) => problems.push(format!("{path}: {error}")),
        }
    }
    (materials, problems)
}

fn describe(project: &Project, path: &str, file: &Path) -> io::Result<Material> {
    let (mut md5, mut size) = (Md5::new(), 0);
    let crc64 = read(file, |bytes| {
        md5.update(bytes);
        size += bytes.len() as u64;
    })?;
    let mut hash = hex(&md5.finish());
    hash.truncate(HASH_DIGITS);
    Ok(Material {
        path: path.to_owned(),
        file: file.to_owned(),
        size,
        key: key(&project.settings.bucket.prefix, path, &hash),
        crc64,
        content_type: mime::content_type(path),
        cache_control: project.cache_control(path).to_owned(),
    })
}

/// The CRC64 of a file, in decimal.
///
/// # Errors
/// It cannot be read.
pub fn crc64_of(file: &Path) -> io::Result<String> {
    read(file, |_| ())
}

/// Reads a file in windows; its CRC64.
fn read(file: &Path, mut with: impl FnMut(&[u8])) -> io::Result<String> {
    let mut source = File::open(file)?;
    let mut crc64 = Crc64::new();
    let mut window = vec![0; WINDOW];
    loop {
        let read = match source.read(&mut window) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = window.get(..read).unwrap_or_default();
        crc64.update(bytes);
        with(bytes);
    }
    Ok(crc64_text(crc64.value()))
}

/// `img/hero.png` as `<prefix>img/hero.<hash>.png`.
fn key(prefix: &str, path: &str, hash: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let slash = if folder.is_empty() { "" } else { "/" };
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{prefix}{folder}{slash}{stem}.{hash}.{extension}"),
        None => format!("{prefix}{folder}{slash}{name}.{hash}"),
    }
}

/// The path of the material that a key was made for; nothing for keys that [`find`] does not make.
pub fn path_of(prefix: &str, key: &str) -> Option<String> {
    let rest = key.strip_prefix(prefix)?;
    let (folder, name) = rest.rsplit_once('/').map_or(("", rest), |(folder, name)| (folder, name));
    let slash = if folder.is_empty() { "" } else { "/" };
    let is_hash = |part: &str| {
        part.len() == HASH_DIGITS
            && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let (before, last) = name.rsplit_once('.')?;
    let name = match before.rsplit_once('.') {
        Some((stem, hash)) if is_hash(hash) => format!("{stem}.{last}"),
        _ if is_hash(last) && !before.contains('.') => before.to_owned(),
        _ => return None,
    };
    Some(format!("{folder}{slash}{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const LEAST: &str = "[bucket]\nname = \"demo-1250000000\"\nregion = \"ap-guangzhou\"\n";

    fn project(folder: &Path, more: &str) -> Project {
        fs::create_dir_all(folder.join("materials/img")).unwrap();
        Project::read(folder, &format!("{LEAST}{more}")).unwrap()
    }

    fn write(folder: &Path, path: &str, content: &str) {
        fs::write(folder.join("materials").join(path), content).unwrap();
    }

    #[test]
    fn a_key_is_the_path_with_a_hash_and_gives_the_path_back() {
        let hash = "0123456789ab";
        for (path, expected) in [
            ("img/hero.png", "m/img/hero.0123456789ab.png"),
            ("a.tar.gz", "m/a.tar.0123456789ab.gz"),
            ("readme", "m/readme.0123456789ab"),
            ("dir.x/readme", "m/dir.x/readme.0123456789ab"),
            ("x.ffffffffffff", "m/x.0123456789ab.ffffffffffff"),
            ("图/一 二.svg", "m/图/一 二.0123456789ab.svg"),
        ] {
            assert_eq!(key("m/", path, hash), expected);
            assert_eq!(path_of("m/", expected).as_deref(), Some(path));
        }
        for foreign in ["m/a.png", "m/a.0123456789AB.png", "other/a.0123456789ab.png", "m/", "m/a"]
        {
            assert_eq!(path_of("m/", foreign), None, "{foreign}");
        }
    }

    #[test]
    fn files_are_found_in_order_with_what_they_are_served_as() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path(), "[materials]\nexclude = [\"**/*.psd\"]\n");
        for path in ["img/b.png", "img/a.PNG", "c", "img/x.psd", ".hidden"] {
            write(folder.path(), path, "123456789");
        }
        let found = find(&project).unwrap();
        let paths: Vec<_> = found.materials.iter().map(|material| &material.path).collect();
        assert_eq!(paths, ["c", "img/a.PNG", "img/b.png"]);
        let picture = found.materials.last().unwrap();
        // MD5 and CRC64 of "123456789", as published with the algorithms.
        assert_eq!(picture.key, "materials/img/b.25f9e794323b.png");
        assert_eq!(picture.crc64, "11051210869376104954");
        assert_eq!((picture.size, picture.content_type.as_str()), (9, "image/png"));
    }

    #[test]
    fn what_cannot_be_used_is_named_all_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path(), "");
        for path in ["img/a.png", "img/A.png", "line\nbreak.txt"] {
            write(folder.path(), path, "x");
        }
        let sentence = find(&project).unwrap_err().to_string();
        for words in ["img/A.png and img/a.png differ only in case", "control characters"] {
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn links_are_left_out_and_names_must_be_text() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path(), "");
        write(folder.path(), "a.txt", "x");
        let root = folder.path().join("materials");
        std::os::unix::fs::symlink(root.join("a.txt"), root.join("b.txt")).unwrap();
        let found = find(&project).unwrap();
        assert_eq!(found.materials.len(), 1);
        assert!(found.warnings.iter().any(|text| text.contains("b.txt is a symbolic link")));
        fs::write(root.join(std::ffi::OsStr::from_bytes(b"\xff.txt")), "x").unwrap();
        assert!(find(&project).unwrap_err().to_string().contains("not UTF-8"));
    }

    #[test]
    fn a_missing_root_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::read(folder.path(), LEAST).unwrap();
        assert!(find(&project).unwrap_err().to_string().contains("materials.root"));
    }
}
