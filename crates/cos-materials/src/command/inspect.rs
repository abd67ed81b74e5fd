//! `cos-materials list` and `cos-materials diff`: looking without changing.

use cos_materials::comparison::{Comparison, State};
use cos_materials::failure::Failure;
use cos_materials::manifest::{Entry, Manifest};
use cos_materials::project::Project;
use serde::Serialize;

use super::{Scene, push};
use crate::output::{size, table};

/// One material, or one object of an earlier push.
#[derive(Serialize)]
struct Row<'a> {
    path: &'a str,
    size: u64,
    /// Nothing for objects of earlier pushes.
    #[serde(rename = "type")]
    content_type: Option<&'a str>,
    key: &'a str,
    crc64: Option<&'a str>,
    /// `new`, `changed`, `uploaded` or `stale`.
    state: &'a str,
    /// What is different about a changed one.
    reason: Option<&'a str>,
}

async fn look(scene: &Scene) -> Result<(Project, Comparison), Failure> {
    let project = scene.project()?;
    let materials = scene.materials(&project)?;
    let bucket = scene.bucket(&project)?;
    let comparison = scene.compare(&project, &bucket, materials).await?;
    bucket.close().await;
    Ok((project, comparison))
}

fn rows(comparison: &Comparison) -> Vec<Row<'_>> {
    let materials = comparison.rows.iter().map(|(material, state)| Row {
        path: &material.path,
        size: material.size,
        content_type: Some(&material.content_type),
        key: &material.key,
        crc64: Some(&material.crc64),
        state: state.name(),
        reason: match state {
            State::Changed(reason) => Some(reason),
            State::New | State::Uploaded => None,
        },
    });
    let stale = comparison.stale.iter().map(|stale| Row {
        path: &stale.path,
        size: stale.size,
        content_type: None,
        key: &stale.key,
        crc64: None,
        state: "stale",
        reason: None,
    });
    materials.chain(stale).collect()
}

/// Every material with its state, and what is left of earlier pushes.
pub(super) async fn list(scene: &Scene) -> Result<(), Failure> {
    let (_, comparison) = look(scene).await?;
    let rows = rows(&comparison);
    let mut lines = vec![["PATH", "SIZE", "TYPE", "STATE", "KEY"].map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(|row| {
        let content_type = row.content_type.unwrap_or("-");
        let cells = [row.path, &size(row.size), content_type, row.state, row.key];
        cells.map(str::to_owned).to_vec()
    }));
    scene.output.result(&rows, &table(&lines, &[1]));
    Ok(())
}

/// What a push would do.
pub(super) async fn diff(scene: &Scene) -> Result<(), Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a> {
        materials: Vec<Row<'a>>,
        manifest_changes: bool,
    }
    let (project, comparison) = look(scene).await?;
    let entries = comparison.rows.iter().map(|(material, _)| Entry::from(material)).collect();
    let manifest_changes = Manifest::load(&project)? != Manifest { entries };
    let mut materials = rows(&comparison);
    materials.retain(|row| row.state != "uploaded");
    let text = push::plan(&comparison, manifest_changes, false);
    scene.output.result(&Document { materials, manifest_changes }, &text);
    Ok(())
}
