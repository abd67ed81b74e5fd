//! `cos-materials init`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use cos_materials::failure::Failure;
use cos_materials::package;
use cos_materials::project::{SETTINGS, TEMPLATE};
use serde::Serialize;

use super::Scene;

/// What makes the developer tools push, as it goes into `project.config.json`.
const SCRIPTS: &str = r#"  "scripts": {
    "beforeCompile": "cos-materials push -q",
    "beforePreview": "cos-materials push -q",
    "beforeUpload": "cos-materials push -q --strict"
  }"#;

/// What keeps materials out of the package, where they are below the mini program's root.
const PACK_OPTIONS: &str = r#",
  "packOptions": {
    "ignore": [{ "type": "folder", "value": "materials" }]
  }"#;

pub(super) fn run(scene: &Scene) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Document {
        written: String,
    }
    let folder = &scene.shared.project;
    let path = folder.join(SETTINGS);
    let root = package::root(folder)?;
    // Code can require what is below the mini program's root, and the rest of the project is not packed.
    let (manifest, options) = match root.as_str() {
        "" => ("materials.js".to_owned(), PACK_OPTIONS),
        root => (format!("{root}/materials.js"), ""),
    };
    let settings = TEMPLATE.replace("\"materials.js\"", &format!("{manifest:?}"));
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| match error
            .kind()
        {
            ErrorKind::AlreadyExists => Failure::Usage(format!(
                "{} is there already: edit it, or remove it first",
                path.display()
            )),
            ErrorKind::NotFound => Failure::Usage(format!(
                "there is no folder {}: name the project with --project",
                folder.display()
            )),
            _ => Failure::file("write", &path, &error),
        })?;
    file.write_all(settings.as_bytes()).map_err(|error| Failure::file("write", &path, &error))?;
    let text = format!(
        "Wrote {path}.\n\
         1. Put your bucket and its region into it.\n\
         2. Put materials into the folder {materials}, set COS_SECRET_ID and COS_SECRET_KEY, and run `cos-materials push`, which writes {manifest}.\n\
         3. To push from the WeChat developer tools, add to project.config.json\n\n{SCRIPTS}{options}\n\n   \
         and tick \"Enable custom processing commands\" under Details > Local settings. They are run there in\n   \
         the folder of the project; on macOS write the full path of cos-materials.\n",
        path = path.display(),
        materials = folder.join("materials").display(),
    );
    scene.output.result(&Document { written: path.display().to_string() }, &text);
    Ok(())
}
