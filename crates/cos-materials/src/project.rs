//! [`Project`]: a mini program's folder and its `materials.toml`.

use std::fs;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::failure::Failure;
use crate::settings::{Domain, IMMUTABLE, Settings};

/// The name of the settings file, in the project folder.
pub const SETTINGS: &str = "materials.toml";

/// What `cos-materials init` writes.
pub const TEMPLATE: &str = include_str!("materials.toml");

/// A project folder and what its settings say, checked.
#[derive(Debug)]
pub struct Project {
    /// The folder of `materials.toml`, as it was given.
    pub folder: PathBuf,
    /// The settings.
    pub settings: Settings,
    /// Which files below the root are materials.
    pub include: GlobSet,
    /// Which of these are not.
    pub exclude: GlobSet,
    cache: Vec<(GlobSet, String)>,
}

impl Project {
    /// Reads and checks the settings of a project folder.
    ///
    /// # Errors
    /// [`Failure::Usage`] when there are none or something in them is wrong, with its line.
    pub fn open(folder: &Path) -> Result<Project, Failure> {
        let path = folder.join(SETTINGS);
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::Usage(format!(
                "there is no {SETTINGS} in {}: run `cos-materials init` there, or name the project with --project",
                folder.display()
            )),
            _ => Failure::Usage(format!("cannot read {}: {error}", path.display())),
        })?;
        Self::read(folder, &text)
    }

    /// Checks settings.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(folder: &Path, text: &str) -> Result<Project, Failure> {
        let settings: Settings =
            toml::from_str(text).map_err(|error| not_understood(text, &error))?;
        let Settings { bucket, materials, cache, domain, package, .. } = &settings;
        check(
            bucket.name.rsplit_once('-').is_some_and(|(name, app)| {
                !name.is_empty() && app.len() > 4 && app.bytes().all(|byte| byte.is_ascii_digit())
            }),
            || {
                format!(
                    "bucket.name is \"{}\": write the full name, which ends with the APPID, such as \"examplebucket-1250000000\"",
                    bucket.name
                )
            },
        )?;
        check(!bucket.region.is_empty() && !bucket.region.starts_with("cos."), || {
            format!(
                "bucket.region is \"{}\": write it as \"ap-guangzhou\", without \"cos.\"",
                bucket.region
            )
        })?;
        check(
            bucket.prefix.is_empty()
                || bucket.prefix.ends_with('/')
                    && !bucket.prefix.starts_with('/')
                    && !bucket.prefix.contains("//"),
            || {
                format!(
                    "bucket.prefix is \"{}\": write it as \"materials/\", with a slash at the end and none at the beginning",
                    bucket.prefix
                )
            },
        )?;
        for (name, path, suffix) in
            [("root", &materials.root, ""), ("manifest", &materials.manifest, ".js")]
        {
            check(is_inside(path) && path.ends_with(suffix), || {
                format!(
                    "materials.{name} is \"{path}\": write a path inside the project, such as \"materials{suffix}\""
                )
            })?;
        }
        check(domain.expires >= 60, || {
            format!("domain.expires is {}: write at least 60 seconds", domain.expires)
        })?;
        check(domain.choice != Domain::Cdn || domain.cdn.is_some(), || {
            "domain.use is \"cdn\": write the CDN domain too, as cdn = \"cdn.example.com\""
                .to_owned()
        })?;
        if let Some(cdn) = &domain.cdn {
            let host = cdn.strip_prefix("https://").or(cdn.strip_prefix("http://")).unwrap_or(cdn);
            check(!host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']), || {
                format!("domain.cdn is \"{cdn}\": write a domain, such as \"cdn.example.com\"")
            })?;
        }
        if let Some(authentication) = &domain.authentication {
            check(authentication.valid >= 60, || {
                format!(
                    "domain.authentication.valid is {}: write at least 60 seconds",
                    authentication.valid
                )
            })?;
        }
        let cache = cache
            .iter()
            .map(|rule| Ok((globs("cache.files", [&rule.files])?, rule.control.clone())))
            .collect::<Result<_, Failure>>()?;
        globs("package.keep", &package.keep)?;
        Ok(Project {
            folder: folder.to_owned(),
            include: globs("materials.include", &materials.include)?,
            exclude: globs("materials.exclude", &materials.exclude)?,
            cache,
            settings,
        })
    }

    /// The folder of materials.
    pub fn root(&self) -> PathBuf {
        self.folder.join(&self.settings.materials.root)
    }

    /// The module that mini program code requires.
    pub fn manifest(&self) -> PathBuf {
        self.folder.join(&self.settings.materials.manifest)
    }

    /// The `Cache-Control` of a material.
    pub fn cache_control(&self, path: &str) -> &str {
        self.cache
            .iter()
            .find(|(globs, _)| globs.is_match(path))
            .map_or(IMMUTABLE, |(_, control)| control)
    }
}

/// Globs in which `*` stays within a folder and `**` does not.
///
/// # Errors
/// [`Failure::Usage`] for one that cannot be read; `setting` says where it stands.
pub fn globs<T: AsRef<str>>(
    setting: &str,
    patterns: impl IntoIterator<Item = T>,
) -> Result<GlobSet, Failure> {
    let wrong = |error: globset::Error| Failure::Usage(format!("{SETTINGS}: {setting}: {error}"));
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(GlobBuilder::new(pattern.as_ref()).literal_separator(true).build().map_err(wrong)?);
    }
    set.build().map_err(wrong)
}

fn check(good: bool, sentence: impl FnOnce() -> String) -> Result<(), Failure> {
    if good { Ok(()) } else { Err(Failure::Usage(format!("{SETTINGS}: {}", sentence()))) }
}

/// Whether a path stays below the folder that it is relative to.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// What is wrong with the text, and in which line.
fn not_understood(text: &str, error: &toml::de::Error) -> Failure {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map_or(1, |before| before.matches('\n').count() + 1);
    let message = error.message().replace('\n', " ");
    let advice = if message.contains("unknown field `key`") {
        "; a key is a secret: put it into the environment as COS_CDN_KEY"
    } else {
        ""
    };
    Failure::Usage(format!("{SETTINGS}, line {line}: {message}{advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[bucket]\nname = \"demo-1250000000\"\nregion = \"ap-guangzhou\"\n";

    fn read(more: &str) -> Result<Project, Failure> {
        Project::read(Path::new("."), &format!("{LEAST}{more}"))
    }

    #[test]
    fn the_least_is_a_bucket() {
        let project = read("").unwrap();
        assert_eq!(project.settings.bucket.prefix, "materials/");
        assert_eq!(project.settings.domain.choice, Domain::Temporary);
        assert_eq!(project.cache_control("img/a.png"), IMMUTABLE);
        assert!(project.include.is_match("img/deep/a.png"));
    }

    #[test]
    fn what_init_writes_is_understood() {
        let project = Project::read(Path::new("."), TEMPLATE).unwrap();
        assert_eq!(project.settings.bucket.name, "examplebucket-1250000000");
        assert!(project.exclude.is_match("drafts/a.psd") && !project.exclude.is_match("a.png"));
    }

    #[test]
    fn the_first_cache_rule_decides() {
        let rules = "[[cache]]\nfiles = \"data/**\"\ncontrol = \"no-cache\"\n\
                     [[cache]]\nfiles = \"**/*.json\"\ncontrol = \"max-age=60\"\n";
        let project = read(rules).unwrap();
        assert_eq!(project.cache_control("data/a.json"), "no-cache");
        assert_eq!(project.cache_control("b.json"), "max-age=60");
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_what_to_write() {
        for (more, words) in [
            ("[domain]\nuse = \"cnd\"\n", &["line 5", "cnd", "`temporary`, `cos`, `cdn`"][..]),
            ("[domain]\nuse = \"cdn\"\n", &["domain.use", "cdn = \"cdn.example.com\""]),
            ("[domain]\ncdn = \"a.com/x\"\n", &["domain.cdn", "a.com/x"]),
            ("[domain]\nexpires = 5\n", &["60 seconds"]),
            (
                "[domain.authentication]\ntype = \"A\"\nkey = \"topsecret\"\n",
                &["line 6", "COS_CDN_KEY"],
            ),
            ("[materials]\nroots = \"x\"\n", &["line 5", "roots", "`root`"]),
            ("[materials]\nroot = \"../x\"\n", &["materials.root", "inside the project"]),
            ("[materials]\nmanifest = \"m.ts\"\n", &["materials.manifest", "materials.js"]),
            ("[materials]\ninclude = [\"a[\"]\n", &["materials.include", "a["]),
            ("nonsense", &["line 4"]),
        ] {
            let sentence = read(more).unwrap_err().to_string();
            for word in words {
                assert!(sentence.contains(word), "{word} in {sentence}");
            }
            assert!(!sentence.contains("topsecret") && sentence.lines().count() == 1, "{sentence}");
        }
        for (settings, word) in [
            ("[bucket]\nname = \"demo\"\nregion = \"ap-guangzhou\"\n", "APPID"),
            ("[bucket]\nname = \"demo-1250000000\"\nregion = \"cos.ap-x\"\n", "without \"cos.\""),
            (&format!("{LEAST}prefix = \"a\"\n"), "slash at the end"),
            ("", "missing field `bucket`"),
        ] {
            let sentence = Project::read(Path::new("."), settings).unwrap_err().to_string();
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}
