//! The journal of a run: one line a fact, appended as it happens.
//!
//! The first line is a [`Header`], the second the jobs, every further one an event, the last
//! `RunFinished`. Only a line that ends counts, so what a killed process left half-written never was.
//! Secrets are masked in all of them.

use super::{
    digest::{digests, digests_of},
    Event, EventKind, Run, RunResult,
};
use crate::{
    mask::Mask,
    plan::{Growth, Job, Plan},
    record::Line,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};
use std::{path::PathBuf, sync::Arc};

/// The version of the lines' shapes.
pub const FORMAT: u32 = 1;

/// Asks for a run to be recorded, below its plan's root.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JournalRequest {
    /// What people call the run: its sequence or its playbook.
    #[serde(default)]
    pub name: String,
    /// What the caller asked for, in a shape of its own, from which it can ask again.
    #[serde(default)]
    pub asked: Map<String, Value>,
    /// The run that this one resumes: what is done there is not done again.
    #[serde(default)]
    pub resume: Option<String>,
}

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// `RunHeader`.
    pub kind: String,
    /// [`FORMAT`].
    pub format: u32,
    /// The engine's version.
    pub engine: String,
    /// The run's id.
    pub run_id: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub started: u64,
    /// The project's folder.
    pub root: PathBuf,
    /// The request's name.
    pub name: String,
    /// The request's wishes.
    pub asked: Map<String, Value>,
    /// The run that it resumes.
    pub resumed_from: Option<String>,
    /// The process that it runs in.
    pub process: u32,
    /// How many jobs.
    pub total: usize,
}

/// The second line.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct JobsLine {
    /// `RunJobs`.
    pub kind: String,
    /// In plan order.
    pub jobs: Vec<RecordedPlan>,
}

/// The kind of an [`AddedLine`].
pub(super) const ADDED: &str = "JobsAdded";

/// Jobs that came while the run went on; the first of them takes the place of one that stood for them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AddedLine {
    /// [`ADDED`].
    pub kind: String,
    pub jobs: Vec<AddedJob>,
}

/// One of them, with its position.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AddedJob {
    pub job: usize,
    #[serde(flatten)]
    pub plan: RecordedPlan,
}

/// What the journal says of a job before it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedPlan {
    /// Its number, unique in the run.
    pub number: String,
    /// The script's number.
    pub script: String,
    /// The script's file name, or the step's.
    pub name: String,
    /// The playbook's stage or job, else the header's stage.
    pub stage: String,
    /// The combination's id.
    pub matrix_id: Option<String>,
    /// The combination's values.
    #[serde(default)]
    pub matrix: Option<Map<String, Value>>,
    /// The positions of the jobs that it needs.
    #[serde(default)]
    pub needs: Vec<usize>,
    /// What it is made of; null where its script cannot be read.
    pub digest: Option<String>,
}

/// An event, with what only the journal says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EventLine {
    #[serde(flatten)]
    pub event: Event,
    /// Something of it was a secret, so it is not what it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
    /// With the last event, what the run came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
}

/// What a run came to, in numbers of jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Succeeded.
    pub completed: usize,
    /// Failed, timeouts among them.
    pub failed: usize,
    /// Skipped.
    pub skipped: usize,
    /// Cancelled.
    pub cancelled: usize,
    /// Of the completed, those that came from the cache.
    pub cached: usize,
    /// Milliseconds from the first event to the last.
    pub duration_ms: f64,
    /// 0, 1, 10, 124 or 130; none of a run that has not ended.
    #[serde(default)]
    pub exit_code: Option<i32>,
}

impl From<&RunResult> for Summary {
    fn from(result: &RunResult) -> Self {
        Self {
            completed: result.completed,
            failed: result.failed,
            skipped: result.skipped,
            cancelled: result.cancelled,
            cached: result.cached,
            exit_code: Some(result.exit_code),
            duration_ms: result.duration_ms,
        }
    }
}

/// The line of a header; `secret_names` are in lower case.
pub(super) fn header(header: Header, mask: Arc<Mask>, secret_names: Vec<String>) -> Line {
    Box::new(move |out| {
        let asked = hidden(&header.asked, &mask, &secret_names);
        let name = mask.text(&header.name).into_owned();
        write(&Header { asked, name, ..header }, out);
    })
}

/// Wishes without secrets. Half a value is of no use to anybody who asks for the same again, so one
/// that has a secret in it is `{"$aither.secret": true}`: a whole wish, or a member of one.
fn hidden(asked: &Map<String, Value>, mask: &Mask, secret_names: &[String]) -> Map<String, Value> {
    let own = |name: &String, value: &Value| {
        let secret = secret_names.contains(&name.to_lowercase()) || mask.value(value) != *value;
        let shown = if secret { json!({ "$aither.secret": true }) } else { value.clone() };
        (mask.text(name).into_owned(), shown)
    };
    let entries = asked.iter().map(|(name, value)| match value {
        Value::Object(members) => {
            let members: Map<String, Value> = members.iter().map(|(name, value)| own(name, value)).collect();
            (name.clone(), Value::Object(members))
        }
        value => own(name, value),
    });
    entries.collect()
}

/// The line of a run's jobs, whose digests are made here where nobody waits for them, if need be.
pub(super) fn jobs(run: Arc<Run>, known: Option<Vec<Option<String>>>) -> Line {
    // As it is now: it may grow before this is written.
    let plan = run.plan();
    Box::new(move |out| {
        let digests = known.unwrap_or_else(|| digests(&plan, &run.mask));
        let plans = plan.jobs.iter().zip(digests).map(|(job, digest)| RecordedPlan {
            digest,
            ..recorded(job, stage(&plan, job.group), &run.mask)
        });
        write(&JobsLine { kind: "RunJobs".into(), jobs: plans.collect() }, out);
    })
}

fn recorded(job: &Job, stage: Option<&str>, mask: &Mask) -> RecordedPlan {
    RecordedPlan {
        number: job.number.clone(),
        script: job.script.clone(),
        name: mask.text(&job.name).into_owned(),
        stage: stage.unwrap_or(&job.stage).to_owned(),
        matrix_id: job.matrix_id.as_deref().map(|id| mask.text(id).into_owned()),
        matrix: job.matrix.as_ref().map(|values| mask.object(values)),
        needs: job.needs.clone(),
        digest: None,
    }
}

/// The line of jobs that came while the run went on.
fn added(growth: &Growth, mask: &Arc<Mask>) -> Line {
    let stage = |job: &Job| {
        let group = job.group.and_then(|group| growth.group_at(group)).unwrap_or(&growth.own);
        if group.name.is_empty() { &group.id } else { &group.name }.clone()
    };
    let mut jobs: Vec<AddedJob> = growth
        .jobs
        .iter()
        .map(|job| AddedJob { job: job.job, plan: recorded(job, Some(&stage(job)), mask) })
        .collect();
    let (planned, conditions, mask) = (growth.jobs.clone(), growth.conditions.clone(), Arc::clone(mask));
    Box::new(move |out| {
        for (job, digest) in jobs.iter_mut().zip(digests_of(&planned, &conditions, &mask)) {
            job.plan.digest = digest;
        }
        write(&AddedLine { kind: ADDED.into(), jobs }, out);
    })
}

fn stage(plan: &Plan, group: Option<usize>) -> Option<&str> {
    let group = &plan.groups[group?];
    Some(if group.name.is_empty() { &group.id } else { &group.name })
}

/// The line of an event; none of one that the journal does not keep.
pub(super) fn event(event: &Event, mask: &Arc<Mask>) -> Option<Line> {
    // A log has a file of its own; that a job might start, or what a result lacks, is of no use later.
    let of_now = matches!(
        event.kind,
        EventKind::JobLog { .. } | EventKind::JobQueued { .. } | EventKind::OutputNotKept { .. }
    );
    if of_now {
        return None;
    }
    if let EventKind::JobsAdded(growth) = &event.kind {
        return Some(added(growth, mask));
    }
    let (event, mask) = (event.clone(), Arc::clone(mask));
    Some(Box::new(move |out| {
        let (event, masked) = masked(event, &mask);
        write(&EventLine { event, masked, summary: None }, out);
    }))
}

/// The line of the last event.
pub(super) fn last(event: Event, summary: Summary) -> Line {
    Box::new(move |out| write(&EventLine { event, masked: false, summary: Some(summary) }, out))
}

/// An event without secrets, and whether there were any. Errors and logs have been masked before.
pub(super) fn masked(event: Event, mask: &Mask) -> (Event, bool) {
    match event.kind {
        EventKind::JobOutput { job, name, value } if !mask.is_empty() => {
            let (shown_name, shown) = (mask.text(&name).into_owned(), mask.value(&value));
            let hidden = shown != value || shown_name != name;
            (Event { kind: EventKind::JobOutput { job, name: shown_name, value: shown }, ..event }, hidden)
        }
        EventKind::JobSummary { job, text } => {
            let text = mask.text(&text).into_owned();
            (Event { kind: EventKind::JobSummary { job, text }, ..event }, false)
        }
        kind => (Event { kind, ..event }, false),
    }
}

fn write(line: &impl Serialize, out: &mut Vec<u8>) {
    // Plain data with text keys always has a JSON form.
    let _ = serde_json::to_writer(out, line);
}
