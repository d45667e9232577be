//! Folds a run's events into what it came to.

use super::{Event, EventKind, JobFinished, JobStatus, ReportedError, RunStatus};
use crate::{
    plan::{Group, Growth, Job, Plan},
    playbook::SuccessCriteria,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// The exit code of a run whose jobs all went well.
const ALL_GOOD: i32 = 0;
/// A job failed.
const FAILED: i32 = 1;
/// A job failed and the run was told to go on.
const FAILED_BUT_CONTINUED: i32 = 10;
/// Only timeouts failed the run.
const TIMED_OUT: i32 = 124;
/// The caller cancelled the run.
const INTERRUPTED: i32 = 130;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// The run's id.
    pub run_id: String,
    /// Whether the run ended and nothing failed it.
    pub success: bool,
    /// 0, 1, 10, 124 or 130 (CONTRACT 0, "Exit code").
    pub exit_code: i32,
    /// How the run ended.
    pub status: RunStatus,
    /// How many jobs.
    pub total: usize,
    /// How many succeeded.
    pub completed: usize,
    /// How many failed, timeouts among them.
    pub failed: usize,
    /// How many were skipped.
    pub skipped: usize,
    /// How many were cancelled.
    pub cancelled: usize,
    /// How many of the completed came from the cache.
    pub cached: usize,
    /// Milliseconds since 1970-01-01 UTC.
    pub started_at: u64,
    /// From the first event to the last one so far.
    pub duration_ms: f64,
    /// One a job, in plan order.
    pub jobs: Vec<JobResult>,
    /// One a group that has ended, in plan order; empty where nobody asked.
    pub groups: Vec<GroupResult>,
    /// What is masked wherever the run shows something, for a caller that shows this result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// The jobs' positions in plan order, while `jobs` is by position.
    #[serde(skip)]
    order: Vec<usize>,
}

impl RunResult {
    /// With the jobs in plan order: those that came while it ran stand where they were planned.
    pub(super) fn in_plan_order(mut self) -> Self {
        let mut places = vec![0; self.jobs.len()];
        self.order.iter().enumerate().for_each(|(place, job)| places[*job] = place);
        self.jobs.sort_by_key(|job| places[job.job]);
        self
    }
}

/// What a stage or job of a playbook came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupResult {
    /// Its position among the plan's groups.
    pub group: usize,
    /// `success`, `failure`, `cancelled` or `skipped`.
    pub result: &'static str,
    /// Its outputs: those it declares, else those of its jobs.
    pub outputs: Map<String, Value>,
}

/// What a job came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobResult {
    /// Its position in the plan.
    pub job: usize,
    /// Its number.
    pub number: String,
    /// Its final status, none while it has none.
    pub status: Option<JobStatus>,
    /// The script's exit code, none where it never ran.
    pub exit_code: Option<i32>,
    /// What its worker reported.
    pub error: Option<ReportedError>,
    /// Why it was skipped or cancelled.
    pub reason: Option<String>,
    /// Milliseconds since 1970-01-01 UTC, none where it never ran.
    pub started_at: Option<u64>,
    /// From start to end.
    pub duration_ms: f64,
    /// How often it was started.
    pub attempts: u32,
    /// Whether the result came from the cache.
    pub cached: bool,
    /// What that has spared, of a job that was replayed: how much longer it took when it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_ms: Option<f64>,
    /// Non-terminating errors.
    pub errors: u64,
    /// The outputs it set.
    pub outputs: Map<String, Value>,
    /// The summary it wrote, as Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// How many jobs had ended when it did, itself among them; none while it has not.
    #[serde(skip)]
    pub(super) finished: Option<usize>,
    /// The last lines it wrote, of a failure only.
    pub log_tail: Vec<String>,
}

impl JobResult {
    fn new(job: usize, number: &str) -> Self {
        Self {
            job,
            number: number.to_owned(),
            status: None,
            exit_code: None,
            error: None,
            reason: None,
            started_at: None,
            duration_ms: 0.0,
            attempts: 0,
            cached: false,
            saved_ms: None,
            errors: 0,
            outputs: Map::new(),
            summary: None,
            finished: None,
            log_tail: Vec::new(),
        }
    }
}

/// Builds a [`RunResult`] event by event.
#[derive(Debug)]
pub struct Fold {
    run_id: String,
    fail_fast: bool,
    tolerated: Vec<bool>,
    /// For each group the one around it, and whether it forgives failures.
    groups: Vec<(Option<usize>, bool)>,
    /// The jobs' positions in the order to be shown.
    order: Vec<usize>,
    criteria: SuccessCriteria,
    /// For each job its script's number and file name, which criteria name it by.
    names: Vec<[String; 2]>,
    cancelled_by_caller: bool,
    /// Another run has ended a group that may not fail.
    cancelled_in_part: bool,
    /// The run could not begin.
    failed: bool,
    expired: bool,
    status: RunStatus,
    started_at: u64,
    last_at: u64,
    /// How many jobs have ended.
    finished: usize,
    jobs: Vec<JobResult>,
}

impl Fold {
    /// A fold for a run of this plan.
    pub fn new(run_id: &str, plan: &Plan) -> Self {
        let groups: Vec<_> = plan.groups.iter().map(forgiveness).collect();
        Self {
            fail_fast: plan.fail_fast,
            tolerated: plan.jobs.iter().map(|job| is_tolerated(&groups, job)).collect(),
            groups,
            criteria: plan.success.clone(),
            names: plan.jobs.iter().map(names).collect(),
            ..Self::of(run_id, plan.jobs.iter().map(|job| job.number.clone()))
        }
    }

    /// A fold of a run whose plan is gone, by the numbers of its jobs: it counts, and leaves the exit
    /// code to those who know the plan.
    pub fn of(run_id: &str, numbers: impl IntoIterator<Item = String>) -> Self {
        let numbers = numbers.into_iter().enumerate();
        let jobs: Vec<JobResult> =
            numbers.map(|(position, number)| JobResult::new(position, &number)).collect();
        Self {
            run_id: run_id.to_owned(),
            fail_fast: true,
            tolerated: vec![false; jobs.len()],
            groups: Vec::new(),
            order: (0..jobs.len()).collect(),
            criteria: SuccessCriteria::default(),
            names: vec![Default::default(); jobs.len()],
            cancelled_by_caller: false,
            cancelled_in_part: false,
            failed: false,
            expired: false,
            status: RunStatus::Running,
            started_at: 0,
            last_at: 0,
            finished: 0,
            jobs,
        }
    }

    /// Takes the next event in.
    pub fn apply(&mut self, event: &Event) {
        self.last_at = event.time;
        match &event.kind {
            EventKind::RunStarted { .. } => self.started_at = event.time,
            EventKind::RunCancelled => self.cancelled_by_caller = true,
            EventKind::GroupCancelled { group } => self.cancelled_in_part |= !self.is_forgiven(*group),
            EventKind::RunFailed { .. } => self.failed = true,
            EventKind::JobStarted { job, attempt } => {
                self.jobs[*job].started_at.get_or_insert(event.time);
                self.jobs[*job].attempts = *attempt;
            }
            EventKind::JobOutput { job, name, value } => {
                self.jobs[*job].outputs.insert(name.clone(), value.clone());
            }
            EventKind::JobsAdded(growth) => self.grow(growth),
            EventKind::JobFinished(finished) => self.finish(finished),
            EventKind::RunFinished { status, .. } => self.status = *status,
            EventKind::RunExpired => self.expired = true,
            EventKind::JobSummary { job, text } => self.jobs[*job].summary = Some(text.clone()),
            EventKind::JobRetried { job, .. } => {
                self.jobs[*job].outputs.clear();
                self.jobs[*job].summary = None;
            }
            EventKind::JobQueued { .. }
            | EventKind::CacheNoted { .. }
            | EventKind::OutputNotKept { .. }
            | EventKind::JobLog { .. }
            | EventKind::JobStopRequested { .. }
            | EventKind::TurnAwaited { .. }
            | EventKind::JobsSucceeded { .. }
            | EventKind::RunWarning { .. } => {}
        }
    }

    /// A job that came while the run went on, of a run whose plan is gone.
    pub(super) fn add(&mut self, job: usize, number: &str) {
        if let Some(placeholder) = self.jobs.get_mut(job) {
            *placeholder = JobResult::new(job, number);
        } else if job == self.jobs.len() {
            self.order.push(job);
            self.tolerated.push(false);
            self.names.push(Default::default());
            self.jobs.push(JobResult::new(job, number));
        }
    }

    /// The jobs of a group that are known now, the first in the place of the one that stood for them.
    fn grow(&mut self, growth: &Growth) {
        self.groups[growth.group] = forgiveness(&growth.own);
        self.groups.extend(growth.groups.iter().map(forgiveness));
        let first = growth.jobs.first().map_or(0, |job| job.job);
        let place = self.order.iter().position(|job| *job == first).unwrap_or(self.order.len());
        self.order.splice(place..=place, growth.jobs.iter().map(|job| job.job));
        for job in &growth.jobs {
            let (tolerated, names, result) =
                (is_tolerated(&self.groups, job), names(job), JobResult::new(job.job, &job.number));
            if job.job < self.jobs.len() {
                (self.tolerated[job.job], self.names[job.job], self.jobs[job.job]) =
                    (tolerated, names, result);
            } else {
                self.tolerated.push(tolerated);
                self.names.push(names);
                self.jobs.push(result);
            }
        }
    }

    /// Whether a group, or one around it, may fail. Nothing is known of the groups of a recorded run.
    fn is_forgiven(&self, group: usize) -> bool {
        let around = |group: &usize| self.groups.get(*group).and_then(|known| known.0);
        std::iter::successors(Some(group), around)
            .any(|group| self.groups.get(group).is_some_and(|known| known.1))
    }

    /// The jobs by position, with what is known of them so far.
    pub(super) fn jobs(&self) -> &[JobResult] {
        &self.jobs
    }

    fn finish(&mut self, finished: &JobFinished) {
        self.finished += 1;
        let job = &mut self.jobs[finished.job];
        job.status = Some(finished.status);
        job.exit_code = finished.exit_code;
        job.error = finished.error.clone();
        job.reason = finished.reason.clone();
        job.duration_ms = finished.duration_ms;
        job.errors = finished.errors;
        job.cached = finished.cached;
        job.saved_ms = finished.saved_ms;
        job.finished = Some(self.finished);
        job.log_tail.clone_from(&finished.log_tail);
    }

    /// How the run has ended, given that every job has.
    pub fn outcome(&self) -> (RunStatus, i32) {
        let failures = || {
            let counted = self.jobs.iter().zip(&self.tolerated).filter(|(_, tolerated)| !**tolerated);
            counted.filter_map(|(job, _)| job.status).filter(|status| status.is_failure())
        };
        if self.failed {
            (RunStatus::Failure, FAILED)
        } else if self.cancelled_by_caller {
            (RunStatus::Cancelled, INTERRUPTED)
        } else if self.expired {
            (RunStatus::Failure, TIMED_OUT)
        } else if let Some(met) = self.criteria_met() {
            if met {
                (RunStatus::Success, ALL_GOOD)
            } else {
                (RunStatus::Failure, FAILED)
            }
        } else if failures().next().is_none() {
            if self.cancelled_in_part {
                return (RunStatus::Cancelled, INTERRUPTED);
            }
            (RunStatus::Success, ALL_GOOD)
        } else if !self.fail_fast {
            (RunStatus::Failure, FAILED_BUT_CONTINUED)
        } else if failures().all(|status| status == JobStatus::TimedOut) {
            (RunStatus::Failure, TIMED_OUT)
        } else {
            (RunStatus::Failure, FAILED)
        }
    }

    /// Whether the playbook's criteria for success are met; none where it has none of its own.
    ///
    /// Critical scripts must succeed, enough scripts must succeed, and with `requireAll` every one
    /// but those that may fail. A skipped script is no success and no failure.
    fn criteria_met(&self) -> Option<bool> {
        let SuccessCriteria { require_all, minimum_count, minimum_rate, critical, allowed_failures } =
            &self.criteria;
        let says = require_all == &Some(true)
            || minimum_count.is_some()
            || minimum_rate.is_some()
            || !critical.is_empty()
            || !allowed_failures.is_empty();
        if !says {
            return None;
        }
        let named = |names: &[String], at: usize| {
            names.iter().map(|name| name.to_lowercase()).any(|name| self.names[at].contains(&name))
        };
        let succeeded = |at: &usize| self.jobs[*at].status == Some(JobStatus::Success);
        let failed = |at: &usize| {
            self.jobs[*at]
                .status
                .is_some_and(|status| status != JobStatus::Success && status != JobStatus::Skipped)
        };
        let all = 0..self.jobs.len();
        let good = all.clone().filter(succeeded).count();
        let enough = minimum_count.is_none_or(|least| good >= least)
            && minimum_rate.is_none_or(|least| good as f64 >= least * self.jobs.len() as f64);
        let critical_good = all.clone().filter(|at| named(critical, *at)).all(|at| succeeded(&at));
        let strict = require_all == &Some(true) || (minimum_count.is_none() && minimum_rate.is_none());
        let none_failed = all.filter(failed).all(|at| named(allowed_failures, at));
        Some(enough && critical_good && (!strict || none_failed))
    }

    /// The result so far.
    pub fn result(&self) -> RunResult {
        let count = |wanted: fn(JobStatus) -> bool| {
            self.jobs.iter().filter_map(|job| job.status).filter(|status| wanted(*status)).count()
        };
        RunResult {
            run_id: self.run_id.clone(),
            success: self.status == RunStatus::Success,
            exit_code: self.outcome().1,
            status: self.status,
            total: self.jobs.len(),
            completed: count(|status| status == JobStatus::Success),
            failed: count(JobStatus::is_failure),
            skipped: count(|status| status == JobStatus::Skipped),
            cancelled: count(|status| status == JobStatus::Cancelled),
            cached: self.jobs.iter().filter(|job| job.cached).count(),
            started_at: self.started_at,
            duration_ms: self.last_at.saturating_sub(self.started_at) as f64,
            jobs: self.jobs.clone(),
            order: self.order.clone(),
            groups: Vec::new(),
            secrets: Vec::new(),
        }
    }
}

/// The group around a group, and whether it forgives failures.
fn forgiveness(group: &Group) -> (Option<usize>, bool) {
    (group.within, group.continue_on_error)
}

/// A failure that its own rule, or one of a group around it, forgives does not fail the run.
fn is_tolerated(groups: &[(Option<usize>, bool)], job: &Job) -> bool {
    let mut around = std::iter::successors(job.group, |group| groups[*group].0);
    job.continue_on_error || around.any(|group| groups[group].1)
}

/// What criteria call a job by.
fn names(job: &Job) -> [String; 2] {
    [job.script.to_lowercase(), job.name.to_lowercase()]
}
