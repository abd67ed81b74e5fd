//! `cos-materials push`.

use std::fmt::Write as _;

use clap::Args;
use cos_materials::bucket::{Bucket, Unfinished};
use cos_materials::comparison::{Comparison, State};
use cos_materials::failure::Failure;
use cos_materials::manifest::{Entry, Manifest};
use cos_materials::material::{Material, path_of};
use cos_materials::package::{self, Finding, LIMIT_KILOBYTES, Package};
use cos_materials::project::Project;
use serde::Serialize;

use super::Scene;
use crate::output::{count, size, tell, warn};
use crate::progress::{Bars, FileBar};

/// Findings that are shown one by one.
const SHOWN: usize = 10;

/// Uploads materials that are new or have changed and writes the manifest; both only if necessary.
///
/// A push that was interrupted goes on where it was: parts of a large file that COS has confirmed
/// are not sent again. As long as a material could not be uploaded, the manifest stays as it is.
#[derive(Args)]
pub(crate) struct Push {
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Fail if files of the package would be better as materials
    #[arg(long)]
    strict: bool,

    /// Remove what earlier pushes uploaded, or began to, and the materials of today do not need; a
    /// version of the mini program that is already published may need it still
    #[arg(long)]
    prune: bool,

    /// Remove without asking
    #[arg(long, requires = "prune")]
    yes: bool,
}

/// What a push did, or would do.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    dry_run: bool,
    uploaded: Vec<Uploaded>,
    failed: Vec<String>,
    unchanged: usize,
    manifest_changed: bool,
    pruned: Vec<String>,
    /// Keys of uploads that were begun and are dropped.
    dropped: Vec<String>,
    stale: Vec<String>,
    package: Vec<Finding>,
    /// Bytes of materials that `packOptions` does not leave out of the package.
    packed_materials: u64,
}

#[derive(Serialize)]
struct Uploaded {
    path: String,
    key: String,
    size: u64,
    /// Nothing for a new one.
    reason: Option<String>,
}

impl Push {
    pub(super) async fn run(self, scene: &Scene) -> Result<(), Failure> {
        let project = scene.project()?;
        let materials = scene.materials(&project)?;
        if materials.is_empty() {
            warn(&format!(
                "there are no materials in {}: put files there, or look at materials.include",
                project.root().display()
            ));
        }
        let package = package::inspect(&project)?;
        report_package(&package, &project)?;
        if self.strict {
            forbid(&package, &project)?;
        }
        // Read now, so that a module that is not ours stops the push before it sends anything.
        let old = Manifest::load(&project)?;
        let manifest = Manifest { entries: materials.iter().map(Entry::from).collect() };
        let bucket = scene.bucket(&project)?;
        let comparison = scene.compare(&project, &bucket, materials).await?;
        let mut report = Report { dry_run: self.dry_run, ..Report::default() };
        (report.package, report.packed_materials) = (package.findings, package.materials);
        report.unchanged = comparison.rows.len() - comparison.pending().len();
        report.stale = comparison.stale.iter().map(|stale| stale.key.clone()).collect();
        let abandoned = match self.prune {
            true => abandoned(&bucket, &project, &manifest).await?,
            false => Vec::new(),
        };
        if self.dry_run {
            report.dropped = abandoned.into_iter().map(|upload| upload.key).collect();
            report.uploaded = comparison.rows.iter().filter_map(planned).collect();
            report.manifest_changed = old != manifest;
            report.pruned = if self.prune { report.stale.clone() } else { Vec::new() };
            let mut text = plan(&comparison, report.manifest_changed, self.prune);
            for key in &report.dropped {
                let _ = writeln!(text, "- {key} (an upload that did not end)");
            }
            scene.output.result(&report, &text);
            return Ok(());
        }
        let outcome = upload(scene, &bucket, &comparison, &mut report).await;
        if let Err(failure) = outcome {
            bucket.close().await;
            scene.output.result(&report, "");
            return Err(failure);
        }
        report.manifest_changed = manifest.store(&project)?;
        if self.prune && !(report.stale.is_empty() && abandoned.is_empty()) {
            self.remove(scene, &bucket, &abandoned, &mut report).await?;
        }
        bucket.close().await;
        scene.output.result(&report, &summary(&report, &comparison, &project));
        Ok(())
    }

    async fn remove(
        &self,
        scene: &Scene,
        bucket: &Bucket,
        abandoned: &[Unfinished],
        report: &mut Report,
    ) -> Result<(), Failure> {
        if !self.yes {
            report.stale.iter().for_each(|key| tell(&format!("  {key}")));
            abandoned.iter().for_each(|one| tell(&format!("  {} (did not end)", one.key)));
        }
        let question = format!(
            "Remove {} and {} from {}? A published version of the mini program may use the objects.",
            count(report.stale.len(), "object", "objects"),
            count(abandoned.len(), "upload that did not end", "uploads that did not end"),
            bucket.name()
        );
        scene.confirm(&question, self.yes).await?;
        bucket.remove(&report.stale).await?;
        report.pruned = std::mem::take(&mut report.stale);
        for upload in abandoned {
            bucket.abort(upload).await?;
            report.dropped.push(upload.key.clone());
        }
        Ok(())
    }
}

/// Uploads that earlier pushes began and that no material of today will end.
async fn abandoned(
    bucket: &Bucket,
    project: &Project,
    manifest: &Manifest,
) -> Result<Vec<Unfinished>, Failure> {
    let prefix = &project.settings.bucket.prefix;
    let mut uploads = bucket.unfinished(prefix).await?;
    uploads.retain(|upload| {
        let ours = path_of(prefix, &upload.key).is_some();
        ours && manifest.entries.iter().all(|entry| entry.key != upload.key)
    });
    Ok(uploads)
}

/// Uploads what is pending; the failures of files are told as they come, and all of them are one
/// failure in the end.
async fn upload(
    scene: &Scene,
    bucket: &Bucket,
    comparison: &Comparison,
    report: &mut Report,
) -> Result<(), Failure> {
    let pending = comparison.rows.iter().filter(|(_, state)| *state != State::Uploaded);
    let pending: Vec<_> = pending.collect();
    if pending.is_empty() {
        return Ok(());
    }
    let bytes = pending.iter().map(|(material, _)| material.size).sum();
    let bars = Bars::new(pending.len(), bytes, "uploaded", scene.output.is_quiet());
    let start =
        |material, file: FileBar| bucket.upload(material, move |progress| file.report(progress));
    let advice = "the next push goes on with the parts that COS has";
    let (moved, failed) = bars.move_each(pending.into_iter(), start, advice).await?;
    report.uploaded.extend(moved.into_iter().filter_map(planned));
    report.failed = failed;
    match report.failed.as_slice() {
        [] => Ok(()),
        [only] => Err(Failure::Failed(format!("{only}; the manifest is as it was"))),
        several => Err(Failure::Failed(format!(
            "{} could not be uploaded, and the manifest is as it was:\n  {}",
            count(several.len(), "material", "materials"),
            several.join("\n  ")
        ))),
    }
}

fn planned((material, state): &(Material, State)) -> Option<Uploaded> {
    let reason = match state {
        State::Uploaded => return None,
        State::New => None,
        State::Changed(reason) => Some(reason.clone()),
    };
    let Material { path, key, size, .. } = material.clone();
    Some(Uploaded { path, key, size, reason })
}

/// What would be done, for people.
pub(super) fn plan(comparison: &Comparison, manifest_changes: bool, prune: bool) -> String {
    let mut text = String::new();
    for (material, state) in &comparison.rows {
        let line = match state {
            State::Uploaded => continue,
            State::New => format!("+ {} ({})", material.path, size(material.size)),
            State::Changed(why) => format!("~ {} ({why})", material.path),
        };
        let _ = writeln!(text, "{line}");
    }
    for stale in &comparison.stale {
        let how = if prune { "" } else { ", stays without --prune" };
        let _ = writeln!(text, "- {} ({}{how})", stale.key, size(stale.size));
    }
    let pending = comparison.pending();
    let bytes = pending.iter().map(|material| material.size).sum();
    let _ = writeln!(
        text,
        "{} to upload ({}), {} unchanged; the manifest {}.",
        count(pending.len(), "material", "materials"),
        size(bytes),
        comparison.rows.len() - pending.len(),
        if manifest_changes { "changes" } else { "stays as it is" }
    );
    text
}

fn summary(report: &Report, comparison: &Comparison, project: &Project) -> String {
    let bytes = comparison.pending().iter().map(|material| material.size).sum();
    let mut text = format!(
        "{} uploaded ({}), {} unchanged; {} {}.\n",
        count(report.uploaded.len(), "material", "materials"),
        size(bytes),
        report.unchanged,
        project.settings.materials.manifest,
        if report.manifest_changed { "written" } else { "is as it was" },
    );
    if !report.pruned.is_empty() {
        let _ = writeln!(text, "{} removed.", count(report.pruned.len(), "object", "objects"));
    }
    if !report.dropped.is_empty() {
        let uploads = count(report.dropped.len(), "upload", "uploads");
        let _ = writeln!(text, "{uploads} that did not end dropped.");
    }
    if !report.stale.is_empty() {
        let bytes = comparison.stale.iter().map(|stale| stale.size).sum();
        let _ = writeln!(
            text,
            "{} of earlier pushes ({}) in the bucket; `push --prune` removes them once no published version needs them.",
            count(report.stale.len(), "object", "objects"),
            size(bytes)
        );
    }
    text
}

/// Tells which files the package could do without, the larger first.
fn report_package(package: &Package, project: &Project) -> Result<(), Failure> {
    let kilobytes = |bytes: u64| bytes.div_ceil(1024);
    let Package { findings, materials } = package;
    if *materials > 0 {
        let folder = &project.settings.materials.root;
        let below = package::root(&project.folder)?;
        let value =
            folder.strip_prefix(&below).map_or(folder.as_str(), |rest| rest.trim_matches('/'));
        warn(&format!(
            "the materials are in the mini program package too: add {{ \"type\": \"folder\", \"value\": \"{value}\" }} to packOptions.ignore in project.config.json, which saves {} KB of the {LIMIT_KILOBYTES} KB that a package may have",
            kilobytes(*materials)
        ));
    }
    if findings.is_empty() {
        return Ok(());
    }
    let total: u64 = findings.iter().map(|finding| finding.size).sum();
    warn(&format!(
        "{} of the mini program package would be better as materials, which saves {} KB of the {LIMIT_KILOBYTES} KB that a package may have:",
        count(findings.len(), "file", "files"),
        kilobytes(total),
    ));
    for finding in findings.iter().take(SHOWN) {
        let place = finding.subpackage.as_ref();
        let place = place.map_or(String::new(), |root| format!(" (subpackage {root})"));
        tell(&format!("{:>9} KB  {}{place}", kilobytes(finding.size), finding.path));
    }
    if findings.len() > SHOWN {
        tell(&format!("              and {} more", findings.len() - SHOWN));
    }
    Ok(())
}

/// What `--strict` says about a package that could do without something.
fn forbid(package: &Package, project: &Project) -> Result<(), Failure> {
    let Package { findings, materials } = package;
    let message = if !findings.is_empty() {
        format!(
            "{} of the package would be better as materials, and --strict forbids that: move them to {}, or list them under package.keep",
            count(findings.len(), "file", "files"),
            project.root().display()
        )
    } else if *materials > 0 {
        "the materials are in the package too, and --strict forbids that: leave them out by packOptions.ignore".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::Findings(message))
}
