//! [`Failure`]: why a command did not do what it was asked, and the exit code that says so.

use std::fmt;

use cos_core::error::{Error, ErrorKind};

/// Why a command ended without success. The text is for a person and says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line, `materials.toml` or a file of the project is not as it has to be.
    Usage(String),
    /// The bucket or another server did not do what it was asked, or a file could not be read or
    /// written.
    Failed(String),
    /// `push --strict`: files of the mini program package would be better as materials.
    Findings(String),
    /// A question was answered with no.
    Declined,
    /// Ctrl-C, and what that leaves.
    Interrupted(&'static str),
}

impl Failure {
    /// The exit code: 2 for usage, 1 for failures and answers of no, 3 for findings, 130 for Ctrl-C
    /// as shells count it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Failed(_) | Failure::Declined => 1,
            Failure::Usage(_) => 2,
            Failure::Findings(_) => 3,
            Failure::Interrupted(_) => 130,
        }
    }

    /// A file that could not be read or written.
    pub fn file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
        Failure::Failed(format!("cannot {what} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(text) | Failure::Failed(text) | Failure::Findings(text) => {
                out.write_str(text)
            }
            Failure::Declined => out.write_str("nothing was removed"),
            Failure::Interrupted(left) => write!(out, "interrupted: {left}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let text = sentence(&error);
        if error.kind == ErrorKind::Usage { Failure::Usage(text) } else { Failure::Failed(text) }
    }
}

/// What happened, and what to do about it where the core knows.
pub fn sentence(error: &Error) -> String {
    let hint = error.hint();
    if hint.is_empty() || error.message.contains(&hint) {
        error.message.clone()
    } else {
        format!("{}: {hint}", error.message.trim_end_matches('.'))
    }
}
