use crate::error::Diagnose;
use std::{io, path::PathBuf};
use thiserror::Error;

/// Why a report was not written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The folder or the file cannot be written.
    #[error("the report {path} cannot be written: {source}")]
    Unwritable {
        /// Where it should have gone.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Every name was taken.
    #[error("{folder} already has {tried} reports named {stem}")]
    NoName {
        /// Where it should have gone.
        folder: PathBuf,
        /// The name without a number.
        stem: String,
        /// How many names were tried.
        tried: usize,
    },
    /// A target that says neither or both of `path` and `folder`.
    #[error("a report goes to a path, or to a folder under a name: 'target' has {0}")]
    UnclearTarget(&'static str),
}

impl Diagnose for ReportError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unwritable { .. } => "report.unwritable",
            Self::NoName { .. } => "report.no-name",
            Self::UnclearTarget(_) => "report.unclear-target",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::Unwritable { .. } => "Give a path in a folder that can be written to.",
                Self::NoName { .. } => "Remove old reports from the folder.",
                Self::UnclearTarget(_) => "Give 'path', or 'folder', 'stem' and 'extension'.",
            }
            .into(),
        )
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Unwritable { path, .. } => Some(path.display().to_string()),
            Self::NoName { folder, .. } => Some(folder.display().to_string()),
            Self::UnclearTarget(_) => None,
        }
    }
}
