//! With which keys requests are signed: [`Sources::find`] says where they come from.

mod file;
mod sts;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use cos_core::error::{Error, ErrorKind};

pub(crate) use sts::Sts;

/// A text that is never printed: `Debug` shows that it is there, not what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for a signature.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(secret)")
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        // Of a value of another type, the usual message would quote it.
        use serde::de::Error;
        String::deserialize(deserializer)
            .map(Secret)
            .map_err(|_| D::Error::custom("a text in quotation marks is needed here"))
    }
}

/// What requests are signed with.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A key that stays the same: a permanent one, or a temporary one with its token.
    Keys {
        /// `SecretId`. It is no secret, but it names an account, so it is not shown either.
        id: Secret,
        /// `SecretKey`.
        key: Secret,
        /// The token that goes with a temporary key.
        token: Option<Secret>,
    },
    /// An endpoint that gives out temporary keys, asked again whenever a key has lapsed.
    ///
    /// It answers `GET <url>?bucket=<bucket>&region=<region>` with
    /// `{"credentials": {"tmpSecretId", "tmpSecretKey", "sessionToken"}, "startTime", "expiredTime"}`,
    /// times in unix seconds: what Tencent's STS SDKs, the servers of mini programs and cos-local
    /// answer.
    Sts(Secret),
}

impl Credential {
    /// An endpoint that gives out temporary keys.
    ///
    /// # Errors
    /// The text is no `http` or `https` URL.
    pub fn sts(url: &str) -> Result<Credential, Error> {
        sts::check(url)?;
        Ok(Credential::Sts(Secret::new(url)))
    }
}

/// Where keys are looked for. The first of these that there is decides, and a half of it is an
/// error, never a reason to look further:
///
/// 1. `file`, when it is named
/// 2. `sts`, when it is named
/// 3. the environment: `COS_SECRET_ID`, `COS_SECRET_KEY` and, for temporary keys,
///    `COS_SESSION_TOKEN`
/// 4. the environment, as Tencent's tools take it: `TENCENTCLOUD_SECRET_ID`,
///    `TENCENTCLOUD_SECRET_KEY` and `TENCENTCLOUD_TOKEN` (or `TENCENTCLOUD_SESSION_TOKEN`, or
///    `TENCENTCLOUD_SECURITY_TOKEN`)
/// 5. the user's own file, `usual`
///
/// A file is TOML and has `secret-id`, `secret-key` and, for temporary keys, `session-token`; or
/// `sts-url`; and it may have `cdn-key`. The CDN key is that of the environment, `COS_CDN_KEY`, else
/// that of the named file, else that of the user's own file.
#[derive(Clone, Debug)]
pub struct Sources {
    /// A file that the user named.
    pub file: Option<PathBuf>,
    /// The URL of an STS endpoint that the user or the project named.
    pub sts: Option<String>,
    /// The user's own file, [`Sources::usual_file`] unless told otherwise; it need not be there.
    pub usual: Option<PathBuf>,
}

impl Default for Sources {
    /// Nothing is named.
    fn default() -> Sources {
        Sources { file: None, sts: None, usual: Sources::usual_file() }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The credential, and in a few words where it is from.
    pub credential: Option<(Credential, String)>,
    /// The key of a CDN domain's URL authentication.
    pub cdn_key: Option<Secret>,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
}

/// The environment's names for a key: its id, itself, and the token under any of the names in use.
const VARIABLES: [(&str, &str, &[&str]); 2] = [
    ("COS_SECRET_ID", "COS_SECRET_KEY", &["COS_SESSION_TOKEN"]),
    (
        "TENCENTCLOUD_SECRET_ID",
        "TENCENTCLOUD_SECRET_KEY",
        &["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"],
    ),
];

impl Sources {
    /// Looks for a credential in the order above. `variable` is the environment,
    /// [`std::env::var_os`].
    ///
    /// # Errors
    /// A source has half of a key, or a file cannot be read; no message tells what a file contains.
    pub fn find(&self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Found, Error> {
        let variable = |name: &str| match variable(name) {
            Some(value) if value.is_empty() => Ok(None),
            Some(value) => value
                .into_string()
                .map(Some)
                .map_err(|_| refused(format!("{name} is not text: set it again"))),
            None => Ok(None),
        };
        let mut found = Found::default();
        if let Some(path) = &self.file {
            let read = file::read(path, &mut found.warnings)?.ok_or_else(|| {
                refused(format!("there is no file {}: name another, or write it", path.display()))
            })?;
            found.cdn_key = read.cdn_key.clone();
            found.credential = read.credential(path)?;
        }
        if let (None, Some(url)) = (&found.credential, &self.sts) {
            found.credential = Some((Credential::sts(url)?, "the STS endpoint".to_owned()));
        }
        for (id_name, key_name, token_names) in VARIABLES {
            if found.credential.is_some() {
                break;
            }
            let (id, key) = match (variable(id_name)?, variable(key_name)?) {
                (Some(id), Some(key)) => (Secret(id), Secret(key)),
                (None, None) => continue,
                (Some(_), None) => {
                    return Err(refused(format!(
                        "{id_name} is set and {key_name} is not: set both"
                    )));
                }
                (None, Some(_)) => {
                    return Err(refused(format!(
                        "{key_name} is set and {id_name} is not: set both"
                    )));
                }
            };
            let mut token = None;
            for name in token_names {
                token = token.or(variable(name)?.map(Secret));
            }
            let keys = Credential::Keys { id, key, token };
            found.credential = Some((keys, format!("{id_name} of the environment")));
        }
        let cdn_key = variable("COS_CDN_KEY")?.map(Secret);
        found.cdn_key = cdn_key.or(found.cdn_key);
        if (found.credential.is_none() || found.cdn_key.is_none())
            && let Some(path) = &self.usual
            && let Some(read) = file::read(path, &mut found.warnings)?
        {
            found.cdn_key = found.cdn_key.or(read.cdn_key.clone());
            if found.credential.is_none() {
                found.credential = read.credential(path)?;
            }
        }
        if let Some((Credential::Sts(url), _)) = &found.credential
            && sts::is_exposed(url.reveal())
        {
            let message = "the STS endpoint gives keys in the clear: reach it by https";
            found.warnings.push(message.to_owned());
        }
        Ok(found)
    }

    /// The user's own file: `cos-materials/credentials.toml` in the folder of the user's settings,
    /// such as `~/.config`. `None` for a user without a home.
    pub fn usual_file() -> Option<PathBuf> {
        use etcetera::BaseStrategy as _;
        let folder = etcetera::choose_base_strategy().ok()?.config_dir();
        Some(folder.join("cos-materials").join("credentials.toml"))
    }
}

/// The code of errors about where keys come from.
pub(crate) const CODE: &str = "CREDENTIAL_SOURCE";

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credential, CODE, message)
}
