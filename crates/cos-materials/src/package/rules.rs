//! `packOptions` of `project.config.json`: which files are packed.

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::failure::Failure;

/// One rule, as it is written.
#[derive(Debug, Deserialize)]
pub(super) struct PackRule {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// Rules of `packOptions`, all of which disregard case.
pub(super) struct Rules(Vec<Rule>);

enum Rule {
    Folder(String),
    File(String),
    Suffix(String),
    Prefix(String),
    Regexp(Regex),
    Glob(GlobMatcher),
}

impl Rules {
    pub(super) fn new(rules: &[PackRule]) -> Result<Rules, Failure> {
        let rule = |rule: &PackRule| {
            let wrong = |why: String| {
                Failure::Usage(format!(
                    "project.config.json: packOptions: {} \"{}\": {why}",
                    rule.kind, rule.value
                ))
            };
            let path = rule.value.trim_start_matches("./").trim_matches('/').to_lowercase();
            Ok(match rule.kind.as_str() {
                "folder" => Rule::Folder(format!("{path}/")),
                "file" => Rule::File(path),
                "suffix" => Rule::Suffix(rule.value.to_lowercase()),
                "prefix" => Rule::Prefix(rule.value.to_lowercase()),
                "regexp" => Rule::Regexp(
                    RegexBuilder::new(&rule.value)
                        .case_insensitive(true)
                        .build()
                        .map_err(|error| wrong(error.to_string().replace('\n', " ")))?,
                ),
                "glob" => Rule::Glob(
                    GlobBuilder::new(rule.value.trim_start_matches("./"))
                        .case_insensitive(true)
                        .literal_separator(true)
                        .build()
                        .map_err(|error| wrong(error.to_string()))?
                        .compile_matcher(),
                ),
                _ => {
                    return Err(wrong(
                        "the types are folder, file, suffix, prefix, regexp and glob".to_owned(),
                    ));
                }
            })
        };
        rules.iter().map(rule).collect::<Result<_, _>>().map(Rules)
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let lower = path.to_lowercase();
        let name = lower.rsplit('/').next().unwrap_or(&lower);
        self.0.iter().any(|rule| match rule {
            Rule::Folder(folder) => lower.starts_with(folder),
            Rule::File(file) => lower == *file,
            Rule::Suffix(suffix) => lower.ends_with(suffix),
            Rule::Prefix(prefix) => name.starts_with(prefix),
            Rule::Regexp(regexp) => regexp.is_match(path),
            Rule::Glob(glob) => glob.is_match(path),
        })
    }
}
