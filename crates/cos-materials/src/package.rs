//! What a mini program's package carries that would be better as a material.

mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use walkdir::WalkDir;

use crate::failure::Failure;
use crate::project::{Project, globs};
use rules::{PackRule, Rules};

/// What a package may weigh, in kilobytes of 1024 bytes; the main package and each subpackage.
pub const LIMIT_KILOBYTES: u64 = 2048;

/// What can be loaded from elsewhere at run time: pictures, audio, video, fonts and data. Scripts,
/// styles, templates and their settings cannot; a `.json` file is settings when it has a page or
/// component beside it.
const EXTENSIONS: [&str; 41] = [
    "png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico", "avif", "mp3", "m4a", "aac", "wav",
    "ogg", "silk", "flac", "amr", "mp4", "m4v", "mov", "webm", "m3u8", "ttf", "otf", "woff",
    "woff2", "eot", "json", "csv", "tsv", "txt", "xml", "geojson", "bin", "dat", "pdf", "zip",
    "glb", "gltf", "obj", "atlas",
];

/// Files of the project that the developer tools read and do not pack, and those that `app.json`
/// names but as data of its own.
const SETTINGS_FILES: [&str; 7] = [
    "project.config.json",
    "project.private.config.json",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "app.json",
    "ext.json",
];

/// A file of the package that would be better as a material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Relative to the mini program's root, with forward slashes.
    pub path: String,
    /// Bytes, which the package would be smaller by.
    pub size: u64,
    /// The root of its subpackage; nothing for the main package.
    pub subpackage: Option<String>,
}

/// What a package carries that it need not.
#[derive(Debug, Default)]
pub struct Package {
    /// The larger first.
    pub findings: Vec<Finding>,
    /// Bytes of the materials themselves, which `packOptions` should leave out.
    pub materials: u64,
}

/// The folder of the mini program, relative to the project's and without a slash at its end; empty
/// where the two are the same.
///
/// # Errors
/// `project.config.json` cannot be read.
pub fn root(folder: &Path) -> Result<String, Failure> {
    Ok(config(folder)?.root().to_owned())
}

/// Looks at what is packed; nothing is where there is neither a mini program nor a mini game.
///
/// # Errors
/// `project.config.json` or `app.json` cannot be read.
pub fn inspect(project: &Project) -> Result<Package, Failure> {
    let config = config(&project.folder)?;
    let root = project.folder.join(config.root());
    let ignored = Rules::new(&config.pack_options.ignore)?;
    let included = Rules::new(&config.pack_options.include)?;
    let app = read_json(&root.join("app.json"))?;
    if app.is_none() && !root.join("game.json").exists() {
        return Ok(Package::default());
    }
    let app: Value = app.unwrap_or_default();
    let needed = needed_by(&app, &root)?;
    let subpackages = subpackages_of(&app);
    let keep = globs("package.keep", &project.settings.package.keep)?;
    let least = u64::from(project.settings.package.larger_than) * 1024;
    let (manifest, materials) = (project.manifest(), project.root());
    let mut package = Package::default();
    let walk = WalkDir::new(&root).into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !name.starts_with('.') && name != "node_modules"
    });
    for entry in walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_file()) {
        let Ok(below) = entry.path().strip_prefix(&root) else { continue };
        let path = below.to_string_lossy().replace('\\', "/");
        let size = entry.metadata().map_or(0, |metadata| metadata.len());
        let packed = !ignored.matches(&path) || included.matches(&path);
        if !packed || keep.is_match(&path) || entry.path() == manifest {
            continue;
        }
        let is_material =
            |below: &Path| project.include.is_match(below) && !project.exclude.is_match(below);
        if needed.contains(&path) {
            continue;
        }
        if entry.path().strip_prefix(&materials).is_ok_and(is_material) {
            package.materials += size;
        } else if size >= least && is_movable(entry.path(), &path) {
            let subpackage = subpackages.iter().find(|root| path.starts_with(root.as_str()));
            let subpackage = subpackage.map(|root| root.trim_end_matches('/').to_owned());
            package.findings.push(Finding { path, size, subpackage });
        }
    }
    let larger =
        |one: &Finding, other: &Finding| other.size.cmp(&one.size).then(one.path.cmp(&other.path));
    package.findings.sort_by(larger);
    Ok(package)
}

/// Whether code could load a file from elsewhere.
fn is_movable(file: &Path, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some(extension) = Path::new(name).extension().and_then(|text| text.to_str()) else {
        return false;
    };
    let extension = extension.to_ascii_lowercase();
    let of_npm = path.split('/').any(|part| part == "miniprogram_npm");
    if !EXTENSIONS.contains(&extension.as_str()) || of_npm || SETTINGS_FILES.contains(&name) {
        return false;
    }
    let beside = |other: &str| file.with_extension(other).exists();
    extension != "json" || !(beside("wxml") || beside("js") || beside("ts"))
}

/// `project.config.json`, as far as it decides what is packed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ProjectConfig {
    miniprogram_root: String,
    pack_options: PackOptions,
}

impl ProjectConfig {
    fn root(&self) -> &str {
        self.miniprogram_root.trim_start_matches("./").trim_matches('/')
    }
}

fn config(folder: &Path) -> Result<ProjectConfig, Failure> {
    Ok(read_json(&folder.join("project.config.json"))?.unwrap_or_default())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PackOptions {
    ignore: Vec<PackRule>,
    include: Vec<PackRule>,
}

/// Files that must be in the package: icons of the tab bar cannot come from elsewhere, and neither
/// can what `app.json` names as its theme or sitemap.
fn needed_by(app: &Value, root: &Path) -> Result<BTreeSet<String>, Failure> {
    let mut needed = BTreeSet::new();
    let theme_file = app.get("themeLocation").and_then(Value::as_str).unwrap_or("theme.json");
    let theme: Value = read_json(&root.join(theme_file))?.unwrap_or_default();
    let mut need = |path: &str| {
        needed.insert(path.trim_start_matches("./").trim_start_matches('/').to_owned());
    };
    for name in ["themeLocation", "sitemapLocation"] {
        app.get(name).and_then(Value::as_str).into_iter().for_each(&mut need);
    }
    need("theme.json");
    need("sitemap.json");
    let tabs = app.pointer("/tabBar/list").and_then(Value::as_array);
    for tab in tabs.into_iter().flatten() {
        for name in ["iconPath", "selectedIconPath"] {
            let Some(icon) = tab.get(name).and_then(Value::as_str) else { continue };
            match icon.strip_prefix('@') {
                None => need(icon),
                Some(variable) => {
                    for mode in ["light", "dark"] {
                        let icon = theme.get(mode).and_then(|mode| mode.get(variable));
                        icon.and_then(Value::as_str).into_iter().for_each(&mut need);
                    }
                }
            }
        }
    }
    Ok(needed)
}

/// The roots of the subpackages, each with a slash at its end.
fn subpackages_of(app: &Value) -> Vec<String> {
    ["subpackages", "subPackages"]
        .iter()
        .filter_map(|name| app.get(name).and_then(Value::as_array))
        .flatten()
        .filter_map(|package| package.get("root").and_then(Value::as_str))
        .map(|root| format!("{}/", root.trim_matches('/')))
        .collect()
}

/// Nothing when there is no such file.
fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map(Some)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file("read", path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = "[bucket]\nname = \"demo-1250000000\"\nregion = \"ap-guangzhou\"\n";

    /// Paths of findings in a project with these files, each of `size` bytes.
    fn found(settings: &str, config: &str, app: &str, files: &[(&str, usize)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, content: &[u8]| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        write("project.config.json", config.as_bytes());
        let root = if config.contains("miniprogramRoot") { "src/" } else { "" };
        write(&format!("{root}app.json"), app.as_bytes());
        for (path, size) in files {
            write(path, &vec![b'x'; *size]);
        }
        let project = Project::read(folder.path(), &format!("{SETTINGS}{settings}")).unwrap();
        inspect(&project).unwrap().findings.into_iter().map(|finding| finding.path).collect()
    }

    #[test]
    fn large_media_and_data_are_found_the_larger_first() {
        let files = [
            ("images/small.png", 1000),
            ("images/hero.PNG", 30_000),
            ("font.ttf", 50_000),
            ("data/cities.json", 40_000),
            ("pages/index/index.js", 90_000),
            ("pages/index/index.json", 90_000),
            ("miniprogram_npm/a/a.png", 90_000),
            ("node_modules/a/a.png", 90_000),
            (".git/a.png", 90_000),
        ];
        let expected = ["font.ttf", "data/cities.json", "images/hero.PNG"];
        assert_eq!(found("", "{}", "{}", &files), expected);
        let settings = "[package]\nlarger-than = 45\n";
        assert_eq!(found(settings, "{}", "{}", &files), ["font.ttf"]);
        let settings = "[package]\nkeep = [\"images/*\", \"*.ttf\"]\n";
        assert_eq!(found(settings, "{}", "{}", &files), ["data/cities.json"]);
    }

    #[test]
    fn rules_of_the_package_are_followed_without_regard_to_case() {
        let config = r#"{"miniprogramRoot": "src/", "packOptions": {
            "ignore": [{"type": "folder", "value": "Materials"}, {"type": "file", "value": "a/b.png"},
                {"type": "suffix", "value": ".WEBP"}, {"type": "prefix", "value": "test-"},
                {"type": "glob", "value": "g/**/*.gif"}, {"type": "regexp", "value": "draft\\d"}],
            "include": [{"type": "file", "value": "materials/kept.png"}]}}"#;
        let files = [
            ("src/materials/x.png", 30_000),
            ("src/materials/kept.png", 30_000),
            ("src/pages/materials/x.png", 30_000),
            ("src/a/b.png", 30_000),
            ("src/a/c.webp", 30_000),
            ("src/a/test-1.png", 30_000),
            ("src/g/h/i.gif", 30_000),
            ("src/DRAFT7.png", 30_000),
            ("outside.png", 30_000),
        ];
        let expected = ["materials/kept.png", "pages/materials/x.png"];
        assert_eq!(found("", config, "{}", &files), expected);
    }

    #[test]
    fn what_app_json_needs_stays_also_through_its_theme() {
        let app = r#"{"themeLocation": "theme.json", "tabBar": {"list": [
            {"iconPath": "@icon", "selectedIconPath": "/images/selected.png"}]}}"#;
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
        fs::create_dir(folder.path().join("images")).unwrap();
        write("app.json", app);
        write(
            "theme.json",
            r#"{"light": {"icon": "images/l.png"}, "dark": {"icon": "images/d.png"}}"#,
        );
        for name in ["l.png", "d.png", "selected.png", "hero.png"] {
            write(&format!("images/{name}"), &"x".repeat(30_000));
        }
        let project = Project::read(folder.path(), SETTINGS).unwrap();
        let findings = inspect(&project).unwrap().findings;
        assert_eq!(findings.len(), 1);
        assert_eq!(findings.first().unwrap().path, "images/hero.png");
    }

    #[test]
    fn materials_that_are_packed_are_counted_and_nothing_else_of_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("images")).unwrap();
        for name in ["hero.png", "tab.png", "kept.png", "draft.psd"] {
            fs::write(folder.path().join("images").join(name), vec![0; 1000]).unwrap();
        }
        let app = r#"{"tabBar": {"list": [{"iconPath": "images/tab.png"}]}}"#;
        fs::write(folder.path().join("app.json"), app).unwrap();
        let more = "[materials]\nroot = \"images\"\nexclude = [\"*.psd\"]\n\
                    [package]\nkeep = [\"images/kept.png\"]\n";
        let project = Project::read(folder.path(), &format!("{SETTINGS}{more}")).unwrap();
        let package = inspect(&project).unwrap();
        assert_eq!((package.materials, package.findings.len()), (1000, 0));
    }

    #[test]
    fn the_program_s_folder_is_found_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(root(folder.path()).unwrap(), "");
        for written in ["src", "src/", "./src/", "/src/"] {
            let config = format!(r#"{{"miniprogramRoot": "{written}"}}"#);
            fs::write(folder.path().join("project.config.json"), config).unwrap();
            assert_eq!(root(folder.path()).unwrap(), "src", "{written}");
        }
    }

    #[test]
    fn files_of_a_subpackage_say_so() {
        let app = r#"{"subPackages": [{"root": "shop/", "pages": []}]}"#;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app.json"), app).unwrap();
        fs::create_dir(folder.path().join("shop")).unwrap();
        fs::write(folder.path().join("shop/a.mp3"), vec![0; 30_000]).unwrap();
        let project = Project::read(folder.path(), SETTINGS).unwrap();
        let findings = inspect(&project).unwrap().findings;
        assert_eq!(findings.first().unwrap().subpackage.as_deref(), Some("shop"));
    }

    #[test]
    fn a_rule_that_is_none_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let config = r#"{"packOptions": {"ignore": [{"type": "dir", "value": "x"}]}}"#;
        fs::write(folder.path().join("project.config.json"), config).unwrap();
        let project = Project::read(folder.path(), SETTINGS).unwrap();
        let sentence = inspect(&project).unwrap_err().to_string();
        assert!(sentence.contains("dir \"x\"") && sentence.contains("folder, file"), "{sentence}");
    }
}
