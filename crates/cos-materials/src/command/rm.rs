//! `cos-materials rm`.

use clap::Args;
use cos_materials::failure::Failure;
use cos_materials::manifest::Manifest;
use cos_materials::material::path_of;
use serde::Serialize;

use super::Scene;
use crate::output::{count, tell, warn};

/// Removes every version of materials from the bucket, and their entries from the manifest.
#[derive(Args)]
pub(crate) struct Rm {
    /// Materials as the code of the mini program calls them, such as img/hero.png
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,

    /// Show what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,

    /// Remove without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    dry_run: bool,
    removed: Vec<String>,
    manifest_changed: bool,
}

impl Rm {
    pub(super) async fn run(self, scene: &Scene) -> Result<(), Failure> {
        let project = scene.project()?;
        let mut manifest = Manifest::load(&project)?;
        let bucket = scene.bucket(&project)?;
        let prefix = &project.settings.bucket.prefix;
        let objects = bucket.list(prefix).await?;
        let keys_of = |path: &String| {
            let of_path = |key: &&String| path_of(prefix, key).as_ref() == Some(path);
            objects.keys().filter(of_path).cloned().collect::<Vec<_>>()
        };
        let before = manifest.entries.len();
        let mut removed = Vec::new();
        for path in &self.paths {
            let keys = keys_of(path);
            if keys.is_empty() && !manifest.entries.iter().any(|entry| entry.path == *path) {
                return Err(Failure::Usage(format!(
                    "neither the bucket nor the manifest has {path}: `cos-materials list` shows what there is"
                )));
            }
            removed.extend(keys);
        }
        removed.sort();
        removed.dedup();
        manifest.entries.retain(|entry| !self.paths.contains(&entry.path));
        let mut report = Report {
            dry_run: self.dry_run,
            manifest_changed: manifest.entries.len() != before,
            removed,
        };
        let objects = count(report.removed.len(), "object", "objects");
        if self.dry_run {
            let lines: String = report.removed.iter().map(|key| format!("- {key}\n")).collect();
            scene.output.result(&report, &format!("{lines}{objects} would be removed.\n"));
            return Ok(());
        }
        if !self.yes {
            report.removed.iter().for_each(|key| tell(&format!("  {key}")));
        }
        let question = format!(
            "Remove {objects} from {}? A published version of the mini program may use them.",
            bucket.name()
        );
        scene.confirm(&question, self.yes).await?;
        // The manifest first: it must not name what is gone.
        report.manifest_changed = manifest.store(&project)?;
        bucket.remove(&report.removed).await?;
        bucket.close().await;
        for path in self.paths.iter().filter(|path| project.root().join(path).exists()) {
            warn(&format!(
                "{} is still in the project, and the next push uploads it again: remove it too, or add it to materials.exclude",
                project.root().join(path).display()
            ));
        }
        if let Some(cdn) = &project.settings.domain.cdn {
            warn(&format!(
                "{cdn} may go on serving what it has in its cache: purge it there if it must be gone at once"
            ));
        }
        scene.output.result(&report, &format!("{objects} removed.\n"));
        Ok(())
    }
}
