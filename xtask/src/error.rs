//! What can go wrong, each with the way out in its message.

use crate::usage::Topic;
use std::fmt;
use std::io;
use std::path::Path;

#[derive(Debug)]
pub enum Error {
    /// The command line was not understood.
    Misuse { topic: Topic, problem: String },
    /// Something that has to be on the machine is not.
    Missing { what: String, fix: String },
    /// A program ran and did not succeed.
    Failed { what: String, output: String },
    /// A file could not be read or written.
    File { doing: String, source: io::Error },
    /// The project's own files do not fit together.
    Invalid(String),
}

impl Error {
    pub fn misuse(topic: Topic, problem: impl Into<String>) -> Self {
        Self::Misuse { topic, problem: problem.into() }
    }

    pub fn missing(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), fix: fix.into() }
    }

    pub fn failed(what: impl Into<String>, output: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), output: output.into() }
    }

    /// For `map_err`: an I/O error while `verb`ing `path`.
    pub fn file<'a>(verb: &'a str, path: &'a Path) -> impl Fn(io::Error) -> Self + 'a {
        move |source| Self::File { doing: format!("{verb} {}", path.display()), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misuse { problem, .. } => f.write_str(problem),
            Self::Missing { what, fix } => write!(f, "{what} is missing: {fix}"),
            Self::Failed { what, output } if output.trim().is_empty() => write!(f, "{what} failed"),
            Self::Failed { what, output } => write!(f, "{what} failed\n{}", output.trim_end()),
            Self::File { doing, source } => write!(f, "{doing}: {source}"),
            Self::Invalid(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for Error {}
