//! A file with keys.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use cos_core::error::Error;
use serde::Deserialize;

use super::{Credential, Secret, refused};

/// What a file may say.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Keys {
    secret_id: Option<Secret>,
    secret_key: Option<Secret>,
    session_token: Option<Secret>,
    sts_url: Option<Secret>,
    pub(super) cdn_key: Option<Secret>,
}

/// Reads a file; `None` when there is none. Warns when others may read it too.
pub(super) fn read(path: &Path, warnings: &mut Vec<String>) -> Result<Option<Keys>, Error> {
    let shown = path.display();
    let unreadable = |error: io::Error| refused(format!("cannot read {shown}: {error}"));
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if is_open_to_others(&file.metadata().map_err(unreadable)?) {
        warnings.push(format!("other users can read the keys in {shown}: chmod 600 {shown}"));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    // The error's own text would quote the line, and with it a key.
    toml::from_str(&text).map(Some).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
        });
        refused(format!(
            "{shown} cannot be understood, line {line}: it takes secret-id, secret-key and \
             session-token, or sts-url, and cdn-key, each with a text in quotation marks"
        ))
    })
}

impl Keys {
    /// The credential of this file, if it has one.
    pub(super) fn credential(self, path: &Path) -> Result<Option<(Credential, String)>, Error> {
        let shown = path.display();
        let credential = match (self.secret_id, self.secret_key, self.sts_url) {
            (Some(id), Some(key), None) => Credential::Keys { id, key, token: self.session_token },
            (None, None, Some(url)) => Credential::sts(url.reveal())?,
            (None, None, None) if self.session_token.is_none() => return Ok(None),
            (_, _, Some(_)) => {
                let message = format!("{shown} has keys and sts-url: keep one of them");
                return Err(refused(message));
            }
            _ => return Err(refused(format!("{shown} needs both secret-id and secret-key"))),
        };
        Ok(Some((credential, shown.to_string())))
    }
}

#[cfg(unix)]
fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}
