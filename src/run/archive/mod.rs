//! The runs that a project has a record of.

mod error;
mod read;

pub use error::ArchiveError;
pub use read::read;

use super::{
    journal::{Header, RecordedPlan, Summary},
    JobResult,
};
use crate::{
    error::nearest,
    pool,
    record::{is_run_id, read_log, LogPart, RunFolder},
};
use read::{ended, short};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// How a recorded run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum RecordedStatus {
    /// A process is running it.
    Running,
    /// It ended and nothing failed it.
    Success,
    /// It ended and something failed it.
    Failure,
    /// It was cancelled.
    Cancelled,
    /// Its process ended before it did.
    Interrupted,
}

/// A run in short.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedSummary {
    /// The run's id.
    pub id: String,
    /// Its sequence or playbook.
    pub name: String,
    /// How it stands.
    pub status: RecordedStatus,
    /// Milliseconds since 1970-01-01 UTC.
    pub started: u64,
    /// The project's folder.
    pub root: PathBuf,
    /// The run that it resumes.
    pub resumed_from: Option<String>,
    /// How many jobs.
    pub total: usize,
    /// What it came to, so far.
    #[serde(flatten)]
    pub summary: Summary,
}

/// A job of a run.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedJob {
    /// What was planned.
    #[serde(flatten)]
    pub plan: RecordedPlan,
    /// What it came to; without a status where that is not known to be so.
    pub result: JobResult,
    /// An output of it was a secret, so the outputs are not what they were.
    pub masked: bool,
}

/// A run in full.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRun {
    /// In short.
    #[serde(flatten)]
    pub short: RecordedSummary,
    /// What its caller asked for.
    pub asked: Map<String, Value>,
    /// Its jobs in plan order; none of a run that was killed before it wrote them.
    pub jobs: Vec<RecordedJob>,
}

impl RecordedRun {
    /// Whether a job writes nothing more: it has its final status, or the run does not go on.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownJob`].
    pub fn has_ended(&self, number: &str) -> Result<bool, ArchiveError> {
        let ended = self.short.status != RecordedStatus::Running;
        match self.jobs.iter().find(|job| job.plan.number == number) {
            Some(job) => Ok(ended || job.result.status.is_some()),
            None => {
                let numbers = self.jobs.iter().map(|job| job.plan.number.as_str());
                let instead = nearest(number, numbers).map(str::to_owned);
                Err(ArchiveError::UnknownJob {
                    id: self.short.id.clone(),
                    number: number.to_owned(),
                    instead,
                })
            }
        }
    }
}

/// The records of a project.
#[derive(Debug)]
pub struct Archive {
    root: PathBuf,
    folder: RunFolder,
}

impl Archive {
    /// The records of the project at `root`.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), folder: RunFolder::of(root) }
    }

    fn ids(&self) -> Result<Vec<String>, ArchiveError> {
        let path = || self.root.join(".orchestration-cache").join("runs");
        self.folder.ids().map_err(|error| ArchiveError::Unreadable { path: path(), error })
    }

    /// The id that is meant: one in full, or `Last` for the newest run.
    ///
    /// # Errors
    /// [`ArchiveError`] when there is none.
    pub fn id(&self, text: &str) -> Result<String, ArchiveError> {
        let ids = self.ids()?;
        if text.eq_ignore_ascii_case("last") {
            return ids.into_iter().next().ok_or_else(|| ArchiveError::NoRuns(self.root.clone()));
        }
        match ids.iter().find(|id| id.eq_ignore_ascii_case(text)) {
            Some(id) => Ok(id.clone()),
            None => {
                let instead = nearest(text, ids.iter().map(String::as_str)).map(str::to_owned);
                Err(ArchiveError::UnknownRun { id: text.to_owned(), instead })
            }
        }
    }

    /// All runs in short, the newest first. A journal that is not one is left out.
    ///
    /// # Errors
    /// [`ArchiveError::Unreadable`] of the folder.
    pub fn list(&self) -> Result<Vec<RecordedSummary>, ArchiveError> {
        let found = pool::map(self.ids()?, |id| self.short(&id));
        Ok(found.into_iter().flatten().collect())
    }

    /// A run in short; of one that ended only the first and the last line are read.
    fn short(&self, id: &str) -> Option<RecordedSummary> {
        let mut file = File::open(self.folder.journal(id)).ok()?;
        let mut first = Vec::new();
        BufReader::new(&mut file).read_until(b'\n', &mut first).ok()?;
        if first.pop() != Some(b'\n') {
            return self.run_of(id).ok().map(|run| run.short);
        }
        let header: Header = serde_json::from_slice(&first).ok()?;
        match ended(&mut file) {
            Some((status, summary)) => Some(short(header, status, summary)),
            None => self.run_of(id).ok().map(|run| run.short),
        }
    }

    /// A run in full.
    ///
    /// # Errors
    /// [`ArchiveError`] when there is no such run or its journal is not one.
    pub fn run(&self, id: &str) -> Result<RecordedRun, ArchiveError> {
        self.run_of(&self.id(id)?)
    }

    /// The run of an id in full, for which the folder need not be searched.
    fn run_of(&self, id: &str) -> Result<RecordedRun, ArchiveError> {
        // Asked before the journal is read: a run that ends meanwhile has written its end by then.
        let held = self.folder.is_held(id);
        let path = self.folder.journal(id);
        let unreadable = |error| ArchiveError::Unreadable { path: path.clone(), error };
        let file = File::open(&path).map_err(unreadable)?;
        read(BufReader::new(file), id, held).map_err(unreadable)
    }

    /// A run that has ended, in full.
    ///
    /// # Errors
    /// [`ArchiveError`], also of one that is still running.
    pub fn ended_run(&self, id: &str) -> Result<RecordedRun, ArchiveError> {
        let run = self.run(id)?;
        match run.short.status {
            RecordedStatus::Running => Err(ArchiveError::StillRunning(run.short.id)),
            _ => Ok(run),
        }
    }

    /// Lines of a job's log from a position on, about `most` bytes of them.
    ///
    /// # Errors
    /// [`ArchiveError::Unreadable`]; a job that wrote nothing has no lines.
    pub fn log(&self, id: &str, number: &str, from: u64, most: usize) -> Result<LogPart, ArchiveError> {
        if !is_run_id(id) {
            return Err(ArchiveError::UnknownRun { id: id.to_owned(), instead: None });
        }
        let path = self.folder.log(id, number);
        read_log(&path, from, most).map_err(|error| ArchiveError::Unreadable { path, error })
    }

    /// Where a job's log is, if it has written anything.
    pub fn log_path(&self, id: &str, number: &str) -> PathBuf {
        self.folder.log(id, number)
    }

    /// The run whose log a job's is: the run itself, or an earlier one that the job was taken from.
    pub fn writer_of(&self, run: &RecordedRun, number: &str) -> String {
        let mut writer = run.short.id.clone();
        let mut earlier = run.short.resumed_from.clone();
        let mut taken = was_taken(run, number);
        let mut seen = HashSet::from([writer.clone()]);
        while let (true, Some(id)) = (taken, &earlier) {
            // Journals that name each other would lead round for ever.
            if !seen.insert(id.clone()) {
                break;
            }
            let Ok(run) = self.run(id) else { break };
            writer = run.short.id.clone();
            taken = was_taken(&run, number);
            earlier = run.short.resumed_from;
        }
        writer
    }

    /// Removes a run that has ended.
    ///
    /// # Errors
    /// [`ArchiveError`], also of one that is still running.
    pub fn remove(&self, id: &str) -> Result<(), ArchiveError> {
        let id = self.id(id)?;
        if self.folder.is_held(&id) {
            return Err(ArchiveError::StillRunning(id));
        }
        self.folder.remove(&id).map_err(|error| ArchiveError::NotRemoved { id, error })
    }
}

/// Whether a job succeeded without having been started.
fn was_taken(run: &RecordedRun, number: &str) -> bool {
    let job = run.jobs.iter().find(|job| job.plan.number == number);
    job.is_some_and(|job| job.result.status.is_some() && job.result.attempts == 0)
}
