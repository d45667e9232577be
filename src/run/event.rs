use crate::{
    mask::Mask,
    plan::{Growth, Job},
    printable::make_printable,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// One fact about a run, with the time it was noticed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
    /// Milliseconds since 1970-01-01 UTC.
    pub time: u64,
    /// How to call the job, where its own name or combination has a secret in it.
    #[serde(rename = "shownAs", default, skip_serializing_if = "Option::is_none")]
    pub shown_as: Option<Box<ShownAs>>,
}

impl Event {
    /// Something that happened at this time.
    pub(super) fn new(kind: EventKind, time: u64) -> Self {
        Self { kind, time, shown_as: None }
    }
}

/// What a job is called where it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownAs {
    /// Its name without secrets.
    pub name: String,
    /// Its combination without secrets.
    #[serde(rename = "matrixId", default, skip_serializing_if = "Option::is_none")]
    pub matrix_id: Option<String>,
}

impl ShownAs {
    /// Nothing where the job may be called by its own name.
    pub(super) fn of(job: &Job, mask: &Mask) -> Option<Box<Self>> {
        let name = mask.text(&job.name);
        let matrix_id = job.matrix_id.as_deref().map(|id| mask.text(id));
        let is_masked = |text: &Cow<'_, str>| matches!(text, Cow::Owned(_));
        (is_masked(&name) || matrix_id.as_ref().is_some_and(is_masked))
            .then(|| Box::new(Self { name: name.into_owned(), matrix_id: matrix_id.map(Cow::into_owned) }))
    }
}

/// What happened, and to which job (its position in the plan).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum EventKind {
    /// The run began.
    RunStarted {
        /// The run's id, unique on a machine and sortable by time.
        #[serde(rename = "runId")]
        run_id: String,
        /// How many jobs it has.
        total: usize,
    },
    /// A group's jobs are known now. The first of them takes the place of the one that stood for them.
    #[serde(skip_deserializing)]
    JobsAdded(Box<Growth>),
    /// The job may start: its needs are met and there is room for it.
    JobQueued {
        /// The job.
        job: usize,
    },
    /// A worker has taken the job.
    JobStarted {
        /// The job.
        job: usize,
        /// From 1.
        attempt: u32,
    },
    /// The job failed and is started again after a delay.
    JobRetried {
        /// The job.
        job: usize,
        /// The attempt to come, from 2.
        attempt: u32,
        /// Milliseconds until then.
        #[serde(rename = "delayMs")]
        delay_ms: f64,
        /// Why it failed.
        error: Option<super::ReportedError>,
    },
    /// The job wrote something.
    JobLog {
        /// The job.
        job: usize,
        /// PowerShell's stream number, 1 to 6.
        stream: u8,
        /// Whole lines.
        text: String,
    },
    /// The job set an output.
    JobOutput {
        /// The job.
        job: usize,
        /// The output's name.
        name: String,
        /// Its value.
        value: Value,
    },
    /// The job has written a summary.
    JobSummary {
        /// The job.
        job: usize,
        /// Markdown.
        text: String,
    },
    /// Something the user should know that fails nothing.
    RunWarning {
        /// A sentence without its point.
        message: String,
    },
    /// What the job has put out has no room in memory: its log has it.
    OutputNotKept {
        /// The job.
        job: usize,
    },
    /// Why the job was not found in the cache, or is not put there.
    CacheNoted {
        /// The job.
        job: usize,
        /// Words without a capital and without a point.
        message: String,
    },
    /// The run, or a group of it, waits for its turn in a concurrency group.
    TurnAwaited {
        /// The concurrency group.
        concurrency: String,
        /// The plan's group that waits, none for the whole run.
        group: Option<usize>,
        /// The run that goes on meanwhile, where it is known.
        #[serde(rename = "heldBy")]
        held_by: Option<String>,
        /// The id of its process.
        process: Option<u32>,
    },
    /// The caller, or a newer run of its concurrency group, cancelled the run.
    RunCancelled,
    /// A newer run, whose turn in a concurrency group it is, cancelled a group of the plan.
    GroupCancelled {
        /// The plan's group.
        group: usize,
    },
    /// The run could not begin; none of its jobs ran.
    RunFailed {
        /// Why, in words.
        message: String,
    },
    /// The run has used up its time.
    RunExpired,
    /// The job's worker should be stopped.
    JobStopRequested {
        /// The job.
        job: usize,
    },
    /// The job has its final status.
    JobFinished(Box<JobFinished>),
    /// Jobs have succeeded and there is nothing more to say of them: what stands for their
    /// [`EventKind::JobFinished`] where the reader asks for it by name.
    #[serde(rename_all = "camelCase")]
    JobsSucceeded {
        /// The jobs.
        jobs: Vec<usize>,
        /// What each took, in milliseconds.
        duration_ms: Vec<f64>,
    },
    /// Every job has its final status. The last event.
    RunFinished {
        /// How the run ended.
        status: RunStatus,
        /// 0, 1, 10, 124 or 130.
        #[serde(rename = "exitCode")]
        exit_code: i32,
    },
}

impl EventKind {
    /// The name as written in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "RunStarted",
            Self::JobsAdded(_) => "JobsAdded",
            Self::JobQueued { .. } => "JobQueued",
            Self::JobStarted { .. } => "JobStarted",
            Self::JobLog { .. } => "JobLog",
            Self::JobOutput { .. } => "JobOutput",
            Self::JobSummary { .. } => "JobSummary",
            Self::JobRetried { .. } => "JobRetried",
            Self::RunWarning { .. } => "RunWarning",
            Self::CacheNoted { .. } => "CacheNoted",
            Self::OutputNotKept { .. } => "OutputNotKept",
            Self::TurnAwaited { .. } => "TurnAwaited",
            Self::RunCancelled => "RunCancelled",
            Self::GroupCancelled { .. } => "GroupCancelled",
            Self::RunFailed { .. } => "RunFailed",
            Self::RunExpired => "RunExpired",
            Self::JobStopRequested { .. } => "JobStopRequested",
            Self::JobFinished(_) => "JobFinished",
            Self::JobsSucceeded { .. } => "JobsSucceeded",
            Self::RunFinished { .. } => "RunFinished",
        }
    }

    /// The job that it happened to.
    pub fn job(&self) -> Option<usize> {
        match self {
            Self::JobQueued { job }
            | Self::JobStarted { job, .. }
            | Self::JobRetried { job, .. }
            | Self::JobLog { job, .. }
            | Self::JobOutput { job, .. }
            | Self::JobSummary { job, .. }
            | Self::CacheNoted { job, .. }
            | Self::OutputNotKept { job }
            | Self::JobStopRequested { job } => Some(*job),
            Self::JobFinished(finished) => Some(finished.job),
            Self::RunStarted { .. }
            | Self::JobsAdded(_)
            | Self::RunWarning { .. }
            | Self::TurnAwaited { .. }
            | Self::RunCancelled
            | Self::GroupCancelled { .. }
            | Self::RunFailed { .. }
            | Self::RunExpired
            | Self::JobsSucceeded { .. }
            | Self::RunFinished { .. } => None,
        }
    }

    /// Whether the reader should hear of it at once: what asks for an answer, and what comes seldom.
    pub(super) fn is_urgent(&self) -> bool {
        !matches!(
            self,
            Self::JobQueued { .. }
                | Self::JobStarted { .. }
                | Self::JobLog { .. }
                | Self::JobOutput { .. }
                | Self::JobSummary { .. }
                | Self::CacheNoted { .. }
                | Self::OutputNotKept { .. }
                | Self::JobFinished(_)
        )
    }

    /// With nothing in our own words that a terminal would obey. What jobs write is theirs.
    pub(super) fn printable(mut self) -> Self {
        match &mut self {
            Self::RunWarning { message } | Self::CacheNoted { message, .. } | Self::RunFailed { message } => {
                make_printable(message);
            }
            Self::TurnAwaited { concurrency, .. } => make_printable(concurrency),
            Self::JobRetried { error: Some(error), .. } => make_printable(&mut error.message),
            Self::JobFinished(finished) => {
                finished.reason.iter_mut().for_each(make_printable);
                finished.error.iter_mut().for_each(|error| make_printable(&mut error.message));
            }
            _ => {}
        }
        self
    }

    /// Every name there is, for checking what a caller asks for.
    pub const NAMES: [&'static str; 20] = [
        "RunStarted",
        "JobsAdded",
        "JobQueued",
        "JobStarted",
        "JobRetried",
        "JobLog",
        "JobOutput",
        "CacheNoted",
        "OutputNotKept",
        "JobSummary",
        "RunWarning",
        "TurnAwaited",
        "RunCancelled",
        "GroupCancelled",
        "RunFailed",
        "RunExpired",
        "JobStopRequested",
        "JobFinished",
        "JobsSucceeded",
        "RunFinished",
    ];
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobFinished {
    /// The job.
    pub job: usize,
    /// Its final status.
    pub status: JobStatus,
    /// The script's exit code, none where it never ran.
    pub exit_code: Option<i32>,
    /// What its worker reported.
    pub error: Option<super::ReportedError>,
    /// Why it was skipped or cancelled.
    pub reason: Option<String>,
    /// From start to end, 0 where it never ran.
    pub duration_ms: f64,
    /// Whether it was replayed from the cache, and did not run.
    pub cached: bool,
    /// What that has spared, of a job that was replayed: how much longer it took when it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_ms: Option<f64>,
    /// Non-terminating errors.
    pub errors: u64,
    /// The last lines it wrote, of a failure only.
    pub log_tail: Vec<String>,
}

/// A job's final status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobStatus {
    /// It did what it should.
    Success,
    /// An exception, a terminating error or an exit code other than 0.
    Failure,
    /// It ran out of time.
    TimedOut,
    /// It was stopped, or not started because the run was ending.
    Cancelled,
    /// Not started because a job it needs did not succeed.
    Skipped,
}

impl JobStatus {
    /// Failure or a kind of it.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::TimedOut)
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunStatus {
    /// It is still going on.
    Running,
    /// No job failed it.
    Success,
    /// A job failed it.
    Failure,
    /// Its caller cancelled it.
    Cancelled,
}

/// Puts neighbouring jobs that succeeded, with nothing more to say of them, into one event.
pub(super) fn together(events: Vec<Event>) -> Vec<Event> {
    let mut folded: Vec<Event> = Vec::new();
    for event in events {
        let EventKind::JobFinished(finished) = &event.kind else {
            folded.push(event);
            continue;
        };
        let plain = finished.status == JobStatus::Success && finished.reason.is_none();
        if !plain || finished.cached || finished.errors > 0 || event.shown_as.is_some() {
            folded.push(event);
            continue;
        }
        if !matches!(folded.last(), Some(Event { kind: EventKind::JobsSucceeded { .. }, .. })) {
            let kind = EventKind::JobsSucceeded { jobs: Vec::new(), duration_ms: Vec::new() };
            folded.push(Event::new(kind, event.time));
        }
        if let Some(Event { kind: EventKind::JobsSucceeded { jobs, duration_ms }, .. }) = folded.last_mut() {
            jobs.push(finished.job);
            duration_ms.push(finished.duration_ms);
        }
    }
    folded
}
