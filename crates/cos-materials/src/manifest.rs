//! [`Manifest`]: the module that mini program code requires, and its types.

use std::fs;
use std::io::Write;
use std::path::Path;

use cos_core::endpoint::{Endpoint, with_scheme};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::material::Material;
use crate::project::{Project, SETTINGS};
use crate::settings::Domain;

/// The module, with no settings and no materials in it.
const MODULE: &str = include_str!("manifest.js");

/// Its types, for no materials.
const TYPES: &str = include_str!("manifest.d.ts");

/// How a manifest begins: what does not is never overwritten.
const BEGINNING: &str = "/**\n * The materials of this mini program";

/// The lines of the module that change.
const NO_SETTINGS: &str = "const SETTINGS = {};\n";
const NO_MATERIALS: &str = "const MATERIALS = [];\n";
const SOME_MATERIALS: &str = "const MATERIALS = [\n";

/// The line of the types that changes.
const NO_PATHS: &str = "export type MaterialPath = never;\n";

/// What mini program code is told of one material. No secret, and nothing that expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Relative to the root, with forward slashes.
    pub path: String,
    /// The object's key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// `Content-Type`.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Decimal.
    pub crc64: String,
}

impl From<&Material> for Entry {
    fn from(material: &Material) -> Entry {
        Entry {
            path: material.path.clone(),
            key: material.key.clone(),
            size: material.size,
            content_type: material.content_type.clone(),
            crc64: material.crc64.clone(),
        }
    }
}

/// The entries of a manifest, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// One for each material.
    pub entries: Vec<Entry>,
}

impl Manifest {
    /// The manifest of a project as it was written; empty when there is none yet.
    ///
    /// # Errors
    /// The file cannot be read, or is not one that this program wrote.
    pub fn load(project: &Project) -> Result<Manifest, Failure> {
        let path = project.manifest();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Manifest::default());
            }
            Err(error) => return Err(Failure::file("read", &path, &error)),
        };
        // An editor or version control may have changed the ends of lines.
        Self::parse(&text.replace("\r\n", "\n")).ok_or_else(|| {
            Failure::Usage(format!(
                "{} was not written by cos-materials, or changed since: move it away, or name another file as materials.manifest in {SETTINGS}",
                path.display()
            ))
        })
    }

    fn parse(text: &str) -> Option<Manifest> {
        if !text.starts_with(BEGINNING) {
            return None;
        }
        let mut entries = Vec::new();
        if !text.contains(NO_MATERIALS) {
            let (_, rest) = text.split_once(SOME_MATERIALS)?;
            let (lines, _) = rest.split_once("\n];\n")?;
            for line in lines.lines() {
                entries.push(serde_json::from_str(line.trim().trim_end_matches(',')).ok()?);
            }
        }
        Some(Manifest { entries })
    }

    /// Writes module and types, each only if it changes: the developer tools compile again whenever
    /// a file does, and would do so without end. Whether anything changed.
    ///
    /// # Errors
    /// A file cannot be written, or is not one that this program wrote.
    pub fn store(&self, project: &Project) -> Result<bool, Failure> {
        Self::load(project)?;
        let module = write_changed(&project.manifest(), &self.module(project))?;
        let types = write_changed(&project.manifest().with_extension("d.ts"), &self.types())?;
        Ok(module || types)
    }

    /// The text of the module.
    pub fn module(&self, project: &Project) -> String {
        let settings = format!("const SETTINGS = {};\n", settings(project));
        let mut text = MODULE.replace(NO_SETTINGS, &settings);
        if !self.entries.is_empty() {
            let lines = self.entries.iter().map(|entry| format!("  {},\n", json(entry)));
            let materials = format!("{SOME_MATERIALS}{}];\n", lines.collect::<String>());
            text = text.replace(NO_MATERIALS, &materials);
        }
        text
    }

    /// The text of the types.
    pub fn types(&self) -> String {
        if self.entries.is_empty() {
            return TYPES.to_owned();
        }
        let paths = self.entries.iter().map(|entry| format!("\n  | {}", json(&entry.path)));
        let union = format!("export type MaterialPath ={};\n", paths.collect::<String>());
        TYPES.replace(NO_PATHS, &union)
    }
}

/// JSON that JavaScript reads too, in every version: the two line ends that JSON leaves as they are
/// are escaped.
fn json(value: &impl Serialize) -> String {
    // Texts and numbers can always be written.
    let text = serde_json::to_string(value).unwrap_or_default();
    text.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// What the module has to know to make URLs.
fn settings(project: &Project) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Cdn<'a> {
        domain: &'a str,
        #[serde(rename = "Type")]
        kind: &'a str,
        sign_param: &'a str,
        time_param: &'a str,
        time_format: &'a str,
    }
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Urls<'a> {
        Plain { base: String },
        Signed { cdn: Cdn<'a>, valid: u32 },
        Presigned { bucket: &'a str, region: &'a str, expires: u32 },
    }
    #[derive(Serialize)]
    struct Settings<'a> {
        #[serde(rename = "use")]
        choice: &'a str,
        #[serde(flatten)]
        urls: Urls<'a>,
    }
    let (bucket, domain) = (&project.settings.bucket, &project.settings.domain);
    let cdn = domain.cdn.as_deref().unwrap_or_default();
    let urls = match (domain.choice, &domain.authentication) {
        (Domain::Temporary, _) => Urls::Presigned {
            bucket: &bucket.name,
            region: &bucket.region,
            expires: domain.expires,
        },
        (Domain::Cos, _) => {
            Urls::Plain { base: Endpoint::default().object_url(&bucket.name, &bucket.region, "") }
        }
        (Domain::Cdn, None) => Urls::Plain { base: with_scheme("", cdn.to_owned()) + "/" },
        (Domain::Cdn, Some(authentication)) => Urls::Signed {
            cdn: Cdn {
                domain: cdn,
                kind: authentication.kind.name(),
                sign_param: &authentication.sign_param,
                time_param: &authentication.time_param,
                time_format: authentication.time_format.name(),
            },
            valid: authentication.valid,
        },
    };
    json(&Settings { choice: domain.choice.name(), urls })
}

/// Replaces a file in one step if its content is another. Whether it was.
fn write_changed(path: &Path, text: &str) -> Result<bool, Failure> {
    if fs::read_to_string(path).is_ok_and(|old| old.replace("\r\n", "\n") == text) {
        return Ok(false);
    }
    let failed = |error: &std::io::Error| Failure::file("write", path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut draft = tempfile::Builder::new();
    draft.prefix(".cos-materials-");
    // Temporary files are private; sources are not.
    #[cfg(unix)]
    draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut draft = draft.tempfile_in(folder).map_err(|error| failed(&error))?;
    draft.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
    draft.persist(path).map_err(|error| failed(&error.error))?;
    Ok(true)
}
