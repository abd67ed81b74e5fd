//! [`Settings`]: `materials.toml` as it is written.

use serde::{Deserialize, Serialize};

/// `materials.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Where materials are kept.
    pub bucket: BucketSettings,
    /// Which files are materials.
    #[serde(default)]
    pub materials: MaterialSettings,
    /// Rules for `Cache-Control`; the first that matches a path decides.
    #[serde(default)]
    pub cache: Vec<CacheRule>,
    /// Which domain the mini program loads materials from.
    #[serde(default)]
    pub domain: DomainSettings,
    /// What belongs into the package of the mini program.
    #[serde(default)]
    pub package: PackageSettings,
    /// Servers besides COS.
    #[serde(default)]
    pub servers: ServerSettings,
}

/// `[bucket]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BucketSettings {
    /// `name-appid`.
    pub name: String,
    /// Such as `ap-guangzhou`.
    pub region: String,
    /// What all keys begin with; ends with `/` unless it is empty.
    #[serde(default = "default_prefix")]
    pub prefix: String,
}

fn default_prefix() -> String {
    "materials/".to_owned()
}

/// `[materials]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MaterialSettings {
    /// The folder of materials, relative to the project.
    pub root: String,
    /// Globs of files that are materials, relative to the root.
    pub include: Vec<String>,
    /// Globs of files that are not, even if included.
    pub exclude: Vec<String>,
    /// The module that is written, relative to the project.
    pub manifest: String,
}

impl Default for MaterialSettings {
    fn default() -> Self {
        Self {
            root: "materials".to_owned(),
            include: vec!["**".to_owned()],
            exclude: Vec::new(),
            manifest: "materials.js".to_owned(),
        }
    }
}

/// `[[cache]]`: how long what is downloaded may be kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CacheRule {
    /// A glob of paths.
    pub files: String,
    /// The header `Cache-Control`.
    pub control: String,
}

/// `Cache-Control` where no rule matches: a changed file has another key, so that what is
/// downloaded never ages.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// `[domain]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DomainSettings {
    /// The one setting that decides which URLs the mini program gets.
    #[serde(rename = "use")]
    pub choice: Domain,
    /// Seconds that a temporary URL is good for.
    pub expires: u32,
    /// The CDN domain, with or without scheme; needed for `use = "cdn"`.
    pub cdn: Option<String>,
    /// How the CDN domain authenticates URLs; not at all when absent.
    pub authentication: Option<Authentication>,
}

impl Default for DomainSettings {
    fn default() -> Self {
        Self { choice: Domain::Temporary, expires: 3600, cdn: None, authentication: None }
    }
}

/// Which domain URLs lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// The bucket's own domain with a signature that expires; for private buckets.
    Temporary,
    /// The bucket's own domain without signature; for buckets that everyone may read.
    Cos,
    /// The CDN domain, signed when it authenticates URLs.
    Cdn,
}

impl Domain {
    /// As it is spelled in settings.
    pub fn name(self) -> &'static str {
        match self {
            Domain::Temporary => "temporary",
            Domain::Cos => "cos",
            Domain::Cdn => "cdn",
        }
    }
}

/// `[domain.authentication]`: Tencent Cloud CDN's authentication of URLs, without its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Authentication {
    /// The algorithm.
    #[serde(rename = "type")]
    pub kind: AuthenticationType,
    /// Seconds that a signed URL is good for, as configured at the CDN.
    #[serde(default = "default_valid")]
    pub valid: u32,
    /// Types A and D: the query parameter of the signature.
    #[serde(default = "default_sign_param")]
    pub sign_param: String,
    /// Type D: the query parameter of the time.
    #[serde(default = "default_time_param")]
    pub time_param: String,
    /// Type D: how the time is spelled.
    #[serde(default)]
    pub time_format: TimeFormat,
}

fn default_valid() -> u32 {
    1800
}

fn default_sign_param() -> String {
    "sign".to_owned()
}

fn default_time_param() -> String {
    "t".to_owned()
}

/// The four algorithms of Tencent Cloud CDN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum AuthenticationType {
    /// `?sign=time-random-0-hash` (document 228/41622).
    A,
    /// `/time/hash/path`, time as `YYYYMMDDHHMM` (document 228/41623).
    B,
    /// `/hash/time/path`, time in hexadecimal (document 228/41624).
    C,
    /// `?sign=hash&t=time` (document 228/41625).
    D,
}

impl AuthenticationType {
    /// The letter.
    pub fn name(self) -> &'static str {
        match self {
            AuthenticationType::A => "A",
            AuthenticationType::B => "B",
            AuthenticationType::C => "C",
            AuthenticationType::D => "D",
        }
    }
}

/// How type D spells the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeFormat {
    /// Decimal seconds.
    #[default]
    Dec,
    /// Hexadecimal seconds.
    Hex,
}

impl TimeFormat {
    /// As it is spelled in settings.
    pub fn name(self) -> &'static str {
        match self {
            TimeFormat::Dec => "dec",
            TimeFormat::Hex => "hex",
        }
    }
}

/// `[package]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PackageSettings {
    /// Kilobytes (1024 bytes) from which a file is reported.
    pub larger_than: u32,
    /// Globs of files that stay in the package, relative to the mini program's root.
    pub keep: Vec<String>,
}

impl Default for PackageSettings {
    fn default() -> Self {
        Self { larger_than: 20, keep: Vec::new() }
    }
}

/// `[servers]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServerSettings {
    /// A COS-compatible server to connect to instead of COS, such as `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
    /// Where temporary keys are asked for.
    pub sts: Option<String>,
    /// Where the usage of the bucket is asked for.
    pub usage: Option<String>,
}
