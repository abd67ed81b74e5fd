//! `cos-materials pull`.

use std::path::{Component, Path};

use clap::Args;
use cos_materials::bucket::Bucket;
use cos_materials::failure::Failure;
use cos_materials::manifest::{Entry, Manifest};
use cos_materials::material::{Material, crc64_of};
use cos_materials::project::Project;
use serde::Serialize;

use super::Scene;
use crate::output::{count, size, tell, warn};
use crate::progress::{Bars, FileBar};

/// Downloads materials that the manifest names and the project does not have.
///
/// For a project whose materials are not in version control. A file of the project that is not the one
/// of the manifest is asked about before it is replaced. A pull that was interrupted goes on where it
/// was, and every file is there once its bytes are those of the manifest.
#[derive(Args)]
pub(crate) struct Pull {
    /// Materials as the code of the mini program calls them; all of the manifest without any
    #[arg(value_name = "PATH")]
    paths: Vec<String>,

    /// Show what would be downloaded, and download nothing
    #[arg(long)]
    dry_run: bool,

    /// Replace files without asking
    #[arg(long)]
    yes: bool,
}

/// What a pull did, or would do.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    dry_run: bool,
    downloaded: Vec<Downloaded>,
    failed: Vec<String>,
    unchanged: usize,
}

#[derive(Serialize)]
struct Downloaded {
    path: String,
    key: String,
    size: u64,
    /// Whether another file was there.
    replaced: bool,
}

impl Pull {
    pub(super) async fn run(self, scene: &Scene) -> Result<(), Failure> {
        let project = scene.project()?;
        let entries = self.wanted(Manifest::load(&project)?)?;
        let mut report = Report {
            dry_run: self.dry_run,
            downloaded: Vec::new(),
            failed: Vec::new(),
            unchanged: 0,
        };
        let mut missing: Vec<(Material, bool)> = Vec::new();
        for entry in entries {
            let material = material(&project, entry)?;
            match crc64_of(&material.file) {
                Ok(crc64) if crc64 == material.crc64 => report.unchanged += 1,
                Ok(_) => missing.push((material, true)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    missing.push((material, false));
                }
                Err(error) => return Err(Failure::file("read", &material.file, &error)),
            }
        }
        if self.dry_run {
            let lines = missing.iter().map(|(material, replaces)| {
                let sign = if *replaces { '~' } else { '+' };
                format!("{sign} {} ({})\n", material.path, size(material.size))
            });
            let text = lines.collect::<String>() + &summary(missing.len(), &report, "to download");
            report.downloaded = missing.iter().map(downloaded).collect();
            scene.output.result(&report, &text);
            return Ok(());
        }
        let replaced: Vec<_> = missing.iter().filter(|(_, replaces)| *replaces).collect();
        if !replaced.is_empty() {
            if !self.yes {
                replaced.iter().for_each(|(material, _)| tell(&format!("  {}", material.path)));
            }
            let files = count(replaced.len(), "file", "files");
            let question = format!("Replace {files} of the project by those of the manifest?");
            scene.confirm(&question, self.yes).await?;
        }
        let outcome = match missing.is_empty() {
            true => Ok(()),
            false => {
                let bucket = scene.bucket(&project)?;
                let outcome = download(scene, &bucket, &missing, &mut report).await;
                bucket.close().await;
                outcome
            }
        };
        let text = summary(report.downloaded.len(), &report, "downloaded");
        scene.output.result(&report, if outcome.is_ok() { &text } else { "" });
        outcome
    }

    /// The entries that are asked for.
    fn wanted(&self, manifest: Manifest) -> Result<Vec<Entry>, Failure> {
        if manifest.entries.is_empty() {
            warn("the manifest names no materials: `cos-materials push` writes it");
        }
        let named = |path: &String| manifest.entries.iter().any(|entry| entry.path == *path);
        if let Some(path) = self.paths.iter().find(|path| !named(path)) {
            return Err(Failure::Usage(format!(
                "the manifest does not have {path}: `cos-materials list` shows what there is"
            )));
        }
        let mut entries = manifest.entries;
        entries.retain(|entry| self.paths.is_empty() || self.paths.contains(&entry.path));
        Ok(entries)
    }
}

/// The material of an entry, with its file.
fn material(project: &Project, entry: Entry) -> Result<Material, Failure> {
    let Entry { path, key, size, content_type, crc64 } = entry;
    let relative = Path::new(&path);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Failure::Usage(format!(
            "the manifest names {path}, which is no file below {}: push again",
            project.root().display()
        )));
    }
    let file = project.root().join(relative);
    Ok(Material { file, path, key, size, content_type, crc64, cache_control: String::new() })
}

fn downloaded((material, replaced): &(Material, bool)) -> Downloaded {
    let Material { path, key, size, .. } = material.clone();
    Downloaded { path, key, size, replaced: *replaced }
}

/// Downloads what is missing; the failures of files are told together.
async fn download(
    scene: &Scene,
    bucket: &Bucket,
    missing: &[(Material, bool)],
    report: &mut Report,
) -> Result<(), Failure> {
    for folder in missing.iter().filter_map(|(material, _)| material.file.parent()) {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
    }
    let bytes = missing.iter().map(|(material, _)| material.size).sum();
    let bars = Bars::new(missing.len(), bytes, "downloaded", scene.output.is_quiet());
    let start =
        |material, file: FileBar| bucket.download(material, move |progress| file.report(progress));
    let advice = "the next pull fetches what is missing";
    let (moved, failed) = bars.move_each(missing.iter(), start, advice).await?;
    report.downloaded.extend(moved.into_iter().map(downloaded));
    report.failed = failed;
    match report.failed.as_slice() {
        [] => Ok(()),
        failed => Err(Failure::Failed(format!(
            "{} could not be downloaded:\n  {}",
            count(failed.len(), "material", "materials"),
            failed.join("\n  ")
        ))),
    }
}

fn summary(number: usize, report: &Report, done: &str) -> String {
    let materials = count(number, "material", "materials");
    format!("{materials} {done}, {} unchanged.\n", report.unchanged)
}
