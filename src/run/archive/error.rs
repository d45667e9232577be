use crate::error::Diagnose;
use std::{io, path::PathBuf};
use thiserror::Error;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The project has no runs.
    #[error("no run is recorded below {0}")]
    NoRuns(PathBuf),
    /// There is no such run.
    #[error("no run has the id '{id}'")]
    UnknownRun {
        /// What was asked for.
        id: String,
        /// An id that is meant, perhaps.
        instead: Option<String>,
    },
    /// The run goes on.
    #[error("the run {0} is still running")]
    StillRunning(String),
    /// A record cannot be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A record cannot be removed.
    #[error("the run {id} cannot be removed: {error}")]
    NotRemoved {
        /// The run.
        id: String,
        /// What the system says.
        error: io::Error,
    },
    /// A run has no such job.
    #[error("the run {id} has no job with the number '{number}'")]
    UnknownJob {
        /// The run.
        id: String,
        /// What was asked for.
        number: String,
        /// A number that is meant, perhaps.
        instead: Option<String>,
    },
}

impl Diagnose for ArchiveError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoRuns(_) => "run.nothing-recorded",
            Self::UnknownRun { .. } => "run.unknown-id",
            Self::StillRunning(_) => "run.still-running",
            Self::Unreadable { .. } => "run.unreadable",
            Self::NotRemoved { .. } => "run.not-removed",
            Self::UnknownJob { .. } => "run.unknown-number",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoRuns(_) => "A run is recorded when it starts; a dry run is not.".into(),
            Self::UnknownRun { instead: Some(instead), .. } => format!("Is it {instead}?"),
            Self::UnknownRun { .. } => "Get-OrchestrationRun lists the runs there are.".into(),
            Self::StillRunning(_) => "Wait for its end, or stop it.".into(),
            Self::Unreadable { .. } => "Check that you may read it.".into(),
            Self::NotRemoved { .. } => "Check that you may change its folder.".into(),
            Self::UnknownJob { instead: Some(instead), .. } => format!("Is it {instead}?"),
            Self::UnknownJob { .. } => "Get-OrchestrationRun -Id shows the jobs of a run.".into(),
        })
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::NoRuns(path) | Self::Unreadable { path, .. } => Some(path.display().to_string()),
            Self::UnknownRun { id, .. } | Self::StillRunning(id) | Self::NotRemoved { id, .. } => {
                Some(id.clone())
            }
            Self::UnknownJob { number, .. } => Some(number.clone()),
        }
    }
}
