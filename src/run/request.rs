//! What callers say to a run, and why they are refused.

use super::{ArchiveError, ChildSettings, EventKind, JournalRequest, Secrets};
use crate::{
    cache::CacheRequest,
    error::Diagnose,
    plan::{Environment, Plan, PlanError},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What to run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// The plan, as [`crate::plan::plan`] made it or written by hand.
    pub plan: Plan,
    /// The run's id, `yyyyMMdd-HHmmss-` and eight hexadecimal digits, for a caller that has to know it
    /// before the run begins; a new one where absent.
    #[serde(default, rename = "runId")]
    pub run_id: Option<String>,
    /// The kinds of events the reader wants; all where absent.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// What `$env:NAME` reads in conditions, and the environment of children; the library's own where absent.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// Takes results from the cache and puts new ones there; without it there is none.
    #[serde(default)]
    pub cache: Option<CacheRequest>,
    /// How jobs run that run as children.
    #[serde(default)]
    pub children: ChildSettings,
    /// Records the run below the plan's root; without it nothing is written.
    #[serde(default)]
    pub journal: Option<JournalRequest>,
    /// What is masked in everything that the run tells.
    #[serde(default)]
    pub secrets: Secrets,
}

/// Why a run does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The plan is no graph.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// An id of another form.
    #[error("'{0}' is no run id")]
    BadRunId(String),
    /// A kind of event that does not exist.
    #[error("there is no event '{0}'")]
    UnknownEvent(String),
    /// The system gives no more threads.
    #[error("no thread could be started for the run: {0}")]
    NoThread(std::io::Error),
    /// There is nothing to resume.
    #[error(transparent)]
    Resume(#[from] ArchiveError),
}

impl Diagnose for StartError {
    fn code(&self) -> &'static str {
        match self {
            Self::Plan(error) => error.code(),
            Self::BadRunId(_) => "run.bad-id",
            Self::UnknownEvent(_) => "run.unknown-event",
            Self::NoThread(_) => "run.no-thread",
            Self::Resume(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Plan(error) => error.hint(),
            Self::BadRunId(_) => {
                Some("Give yyyyMMdd-HHmmss- and eight lower-case hexadecimal digits, or leave it out.".into())
            }
            Self::UnknownEvent(_) => Some(format!("The events are: {}.", EventKind::NAMES.join(", "))),
            Self::NoThread(_) => Some("Close other programs, or raise the limit of processes.".into()),
            Self::Resume(error) => error.hint(),
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Plan(error) => error.place(),
            Self::Resume(error) => error.place(),
            Self::BadRunId(_) | Self::UnknownEvent(_) | Self::NoThread(_) => None,
        }
    }
}

/// Why a call about a job is refused.
#[derive(Debug, Error)]
pub enum RunError {
    /// The plan has no such job.
    #[error("the run has no job {0}")]
    UnknownJob(usize),
    /// The job is not with a worker: it has not been handed out, or is finished.
    #[error("job {0} is not with a worker")]
    NotRunning(usize),
    /// An output without a name.
    #[error("an output of job {0} has no name")]
    NamelessOutput(usize),
    /// Too many bytes of outputs.
    #[error("output '{name}' brings the outputs of {scope} to {bytes} bytes; the limit is {limit}")]
    OutputTooLarge {
        /// The output.
        name: String,
        /// `the job` or `the run`.
        scope: &'static str,
        /// The bytes there would be.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

impl Diagnose for RunError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownJob(_) => "run.unknown-job",
            Self::NotRunning(_) => "run.not-running",
            Self::NamelessOutput(_) => "output.nameless",
            Self::OutputTooLarge { .. } => "output.too-large",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::UnknownJob(_) => "Pass the 'job' that aither_run_next_job gave.",
                Self::NotRunning(_) => "Finish every job that aither_run_next_job gave exactly once.",
                Self::NamelessOutput(_) => "Give the output a name.",
                Self::OutputTooLarge { .. } => "Write large data to a file and set its path as the output.",
            }
            .into(),
        )
    }
}

/// What a worker says of a job it has run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Report {
    /// The script's exit code.
    pub exit_code: i32,
    /// The exception or terminating error.
    #[serde(default)]
    pub error: Option<ReportedError>,
    /// Non-terminating errors.
    #[serde(default)]
    pub errors: u64,
    /// Whether the job was stopped from outside.
    #[serde(default)]
    pub stopped: bool,
    /// The objects it put out, as CLIXML, for the cache to keep.
    #[serde(default)]
    pub objects: Option<String>,
}

/// An error as a worker saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportedError {
    /// The text for people.
    pub message: String,
    /// The exception's type.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// The error's id.
    #[serde(default)]
    pub id: Option<String>,
    /// Where in the script.
    #[serde(default)]
    pub at: Option<String>,
}

impl ReportedError {
    /// An error that has a message only.
    pub fn plain(message: String) -> Self {
        Self { message, kind: None, id: None, at: None }
    }
}
