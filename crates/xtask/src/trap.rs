//! The package for tests of traps: the scripts as they are shipped, with a core that has an operation
//! `trap` too.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::build::{self, Compiled, MINIFYING, SCRIPT, WASM};
use crate::lowering;
use crate::workspace::Workspace;

/// What the compat entry is bundled from.
const SOURCES: [&str; 4] = ["src", "generated", "package.json", "tsconfig.json"];

/// Builds `main` and `compat` in [`Workspace::dist_trap`]. The package itself has to be built.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let work = workspace.dist_trap();
    let (main, compat, sources) = (work.join("main"), work.join("compat"), work.join("js-shim"));
    for folder in [&main, &compat, &sources] {
        build::empty(folder)?;
    }
    let Compiled { glue, wasm, .. } =
        build::compiled(workspace, &work, &["--features", "cos-wasm/trap"])?;
    let lowered = work.join("lowered.wasm");
    build::lower(workspace, &wasm, &lowered)?;
    let (wasm, names) = lowering::with_short_names(&fs::read(lowered)?)?;
    let shipped = fs::read_to_string(workspace.shim().join("generated/cos_wasm_bg.js"))?;
    if names.in_glue(&glue) != shipped {
        bail!("The core with an operation that traps does not fit the script that is shipped.");
    }
    fs::copy(workspace.dist().join(SCRIPT), main.join(SCRIPT))?;
    let module = main.join(WASM);
    fs::write(&module, wasm)?;

    for name in SOURCES {
        copy(&workspace.shim().join(name), &sources.join(name))?;
    }
    build::translate(workspace, &module, &sources.join("generated/cos-core.js"))?;
    let entry = sources.join("src/compat.ts");
    build::bundle(workspace, &entry.to_string_lossy(), &compat, &MINIFYING)
}

/// Copies a file, or a folder of files.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        fs::copy(from, to)?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
