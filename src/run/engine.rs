//! The engine around the scheduler: keeps time, hands jobs to workers that ask, tells the reader
//! what happened. It has no thread of its own: every call does its work on the caller's thread.

use super::{
    scheduler::{Action, Fact, Outcome, Scheduler, Settled, Why},
    Event, EventKind, JobFinished, JobStatus,
};
use crate::{
    error::Diagnose,
    plan::{self, JobIndex, Plan, PlanError},
    report::{Fold, RunResult},
};
use chrono::NaiveDateTime;
use crossbeam_channel::{unbounded, Receiver, RecvTimeoutError, Sender};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    collections::{hash_map::RandomState, VecDeque},
    hash::{BuildHasher, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use thiserror::Error;

/// So many of a job's last lines are kept for the report of a failure.
const TAIL_LINES: usize = 20;

/// A line kept for the report is cut to so many characters.
const TAIL_CHARACTERS: usize = 2_000;

/// So many events are handed out at once.
const EVENTS_AT_ONCE: usize = 1_024;

/// A job's outputs may have so many bytes as JSON (GitHub Actions' limit).
const JOB_OUTPUT_BYTES: usize = 1024 * 1024;

/// A run's outputs may have so many bytes as JSON (GitHub Actions' limit).
const RUN_OUTPUT_BYTES: usize = 50 * 1024 * 1024;

/// What to run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// The plan, as [`crate::plan::plan`] made it or written by hand.
    pub plan: Plan,
    /// The kinds of events the reader wants; all where absent.
    #[serde(default)]
    pub events: Option<Vec<String>>,
}

/// Why a run does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The plan is no graph.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A kind of event that does not exist.
    #[error("there is no event '{0}'")]
    UnknownEvent(String),
}

impl Diagnose for StartError {
    fn code(&self) -> &'static str {
        match self {
            Self::Plan(error) => error.code(),
            Self::UnknownEvent(_) => "run.unknown-event",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Plan(error) => error.hint(),
            Self::UnknownEvent(_) => Some(format!("The events are: {}.", EventKind::NAMES.join(", "))),
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

/// What a worker gets that asks for a job.
#[derive(Debug)]
pub enum Next {
    /// A job, as the JSON text of `{job, number, path, attempt, parameters, matrix}`.
    Job(String),
    /// The run needs no more workers.
    End,
    /// Nothing came in time.
    Timeout,
}

/// What the reader gets that asks for events.
#[derive(Debug, Serialize)]
pub struct Signals {
    /// The events since the last call, oldest first.
    pub events: Vec<Event>,
    /// How many workers the run could use at most so far.
    pub workers: usize,
    /// How many jobs have their final status.
    pub done: usize,
    /// How many jobs there are.
    pub total: usize,
}

/// What a call for events comes to.
#[derive(Debug)]
pub enum NextEvents {
    /// At least one event, or a reason to look at the counts.
    Signals(Signals),
    /// The last event has been handed out.
    End,
    /// Nothing came in time.
    Timeout,
}

/// One run of one plan.
pub struct Run {
    id: String,
    plan: Plan,
    wanted: Option<Vec<String>>,
    state: Mutex<State>,
    queue: Receiver<JobIndex>,
    signals: Receiver<Option<Event>>,
}

struct State {
    scheduler: Scheduler,
    claims: Vec<Claim>,
    fold: Fold,
    /// The most jobs that were running at once: so many workers were of use.
    peak: usize,
    output_bytes: usize,
    /// Dropped at the end, which tells waiting workers to go home.
    queue: Option<Sender<JobIndex>>,
    /// Dropped after the last event. `None` wakes the reader without an event.
    signals: Option<Sender<Option<Event>>>,
}

enum Claim {
    Unclaimed,
    Queued,
    Claimed(Box<Claimed>),
    Done,
}

struct Claimed {
    since: Instant,
    tail: VecDeque<String>,
    outputs: Map<String, Value>,
    output_bytes: usize,
}

/// What the end of a job needs beside its status.
#[derive(Default)]
struct Ended {
    report: Option<Report>,
    duration: Duration,
    tail: Vec<String>,
}

impl Run {
    /// Starts a run: its first jobs are ready to be taken when this returns.
    ///
    /// # Errors
    /// [`StartError`] when the plan is no graph; nothing was started.
    pub fn start(request: StartRequest) -> Result<Self, StartError> {
        let StartRequest { mut plan, events: wanted } = request;
        if plan.max_concurrency == 0 {
            return Err(PlanError::NoConcurrency.into());
        }
        plan::check(&plan.jobs)?;
        let unknown = wanted.iter().flatten().find(|name| !EventKind::NAMES.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(StartError::UnknownEvent(name.clone()));
        }
        plan.messages.clear();

        let (queue_in, queue) = unbounded();
        let (signals_in, signals) = unbounded();
        let id = run_id();
        let state = State {
            scheduler: Scheduler::new(&plan),
            claims: plan.jobs.iter().map(|_| Claim::Unclaimed).collect(),
            fold: Fold::new(&id, &plan),
            peak: 0,
            output_bytes: 0,
            queue: Some(queue_in),
            signals: Some(signals_in),
        };
        let run = Self { id, plan, wanted, state: Mutex::new(state), queue, signals };
        let mut state = run.lock();
        run.emit(&mut state, EventKind::RunStarted { run_id: run.id.clone(), total: run.plan.jobs.len() });
        run.apply(&mut state, Fact::Begin, Ended::default());
        drop(state);
        Ok(run)
    }

    /// The run's id, `yyyyMMdd-HHmmss-` and eight hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Waits for a job and claims it for the caller, who must [`Run::finish_job`] it.
    pub fn next_job(&self, timeout: Option<Duration>) -> Next {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        loop {
            let received = match deadline {
                None => self.queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(deadline) => self.queue.recv_deadline(deadline),
            };
            match received {
                Err(RecvTimeoutError::Timeout) => return Next::Timeout,
                Err(RecvTimeoutError::Disconnected) => return Next::End,
                // A job that was cancelled while it stood in the queue is no longer there to claim.
                Ok(job) => {
                    if self.claim(job) {
                        return Next::Job(self.job_text(job));
                    }
                }
            }
        }
    }

    fn claim(&self, job: JobIndex) -> bool {
        let mut state = self.lock();
        if !matches!(state.claims[job.0], Claim::Queued) {
            return false;
        }
        state.claims[job.0] = Claim::Claimed(Box::new(Claimed {
            since: Instant::now(),
            tail: VecDeque::new(),
            outputs: Map::new(),
            output_bytes: 0,
        }));
        self.emit(&mut state, EventKind::JobStarted { job: job.0, attempt: 1 });
        true
    }

    fn job_text(&self, job: JobIndex) -> String {
        #[derive(Serialize)]
        struct JobText<'a> {
            job: usize,
            number: &'a str,
            path: &'a str,
            attempt: u32,
            parameters: &'a Map<String, Value>,
            matrix: &'a Option<Map<String, Value>>,
        }
        let planned = &self.plan.jobs[job.0];
        let text = JobText {
            job: job.0,
            number: &planned.number,
            path: &planned.path,
            attempt: 1,
            parameters: &planned.parameters,
            matrix: &planned.matrix,
        };
        // Strings, numbers and objects with text keys always have a JSON form.
        serde_json::to_string(&text).unwrap_or_default()
    }

    /// Takes text that a job wrote.
    ///
    /// # Errors
    /// [`RunError`] when the job is not with a worker.
    pub fn log(&self, job: usize, stream: u8, text: &str) -> Result<(), RunError> {
        let mut state = self.lock();
        let claimed = state.claimed(job)?;
        for line in text.lines() {
            if claimed.tail.len() == TAIL_LINES {
                claimed.tail.pop_front();
            }
            claimed.tail.push_back(line.chars().take(TAIL_CHARACTERS).collect());
        }
        if self.wants("JobLog") {
            self.emit(&mut state, EventKind::JobLog { job, stream, text: text.to_owned() });
        }
        Ok(())
    }

    /// Sets an output of a job; a later value of a name replaces an earlier one.
    ///
    /// # Errors
    /// [`RunError`] when the job is not with a worker, the name is empty, or there is too much.
    pub fn output(&self, job: usize, name: &str, value: Value) -> Result<(), RunError> {
        if name.is_empty() {
            return Err(RunError::NamelessOutput(job));
        }
        let size = |value: &Value| name.len() + value.to_string().len();
        let mut state = self.lock();
        let run_bytes = state.output_bytes;
        let claimed = state.claimed(job)?;
        let replaced = claimed.outputs.get(name).map_or(0, size);
        let added = size(&value);
        let too_large =
            |scope, bytes, limit| RunError::OutputTooLarge { name: name.to_owned(), scope, bytes, limit };
        let job_bytes = claimed.output_bytes + added - replaced;
        if job_bytes > JOB_OUTPUT_BYTES {
            return Err(too_large("the job", job_bytes, JOB_OUTPUT_BYTES));
        }
        let run_bytes = run_bytes + added - replaced;
        if run_bytes > RUN_OUTPUT_BYTES {
            return Err(too_large("the run", run_bytes, RUN_OUTPUT_BYTES));
        }
        claimed.output_bytes = job_bytes;
        claimed.outputs.insert(name.to_owned(), value.clone());
        state.output_bytes = run_bytes;
        self.emit(&mut state, EventKind::JobOutput { job, name: name.to_owned(), value });
        Ok(())
    }

    /// Takes a worker's report of a job it was given.
    ///
    /// # Errors
    /// [`RunError`] when the job is not with a worker, for example finished before.
    pub fn finish_job(&self, job: usize, report: Report) -> Result<(), RunError> {
        let mut state = self.lock();
        state.claimed(job)?;
        let Claim::Claimed(claimed) = std::mem::replace(&mut state.claims[job], Claim::Done) else {
            return Err(RunError::NotRunning(job));
        };
        let outcome = match &report {
            Report { stopped: true, .. } => Outcome::Stopped,
            Report { exit_code: 0, error: None, .. } => Outcome::Success,
            _ => Outcome::Failure,
        };
        let ended = Ended {
            report: Some(report),
            duration: claimed.since.elapsed(),
            tail: claimed.tail.into_iter().collect(),
        };
        self.apply(&mut state, Fact::Finished { job: JobIndex(job), outcome }, ended);
        Ok(())
    }

    /// Ends the run early: nothing further starts, what runs is asked to stop.
    pub fn cancel(&self) {
        let mut state = self.lock();
        if state.scheduler.unsettled() > 0 {
            self.emit(&mut state, EventKind::RunCancelled);
            self.apply(&mut state, Fact::Cancel, Ended::default());
        }
    }

    /// Cancels what is left and sends everyone home who waits for something.
    pub fn abandon(&self) {
        self.cancel();
        let mut state = self.lock();
        state.queue = None;
        state.signals = None;
    }

    /// Waits for events.
    ///
    /// One reader at a time: an event is handed out once.
    pub fn events(&self, timeout: Duration) -> NextEvents {
        let first = match self.signals.recv_timeout(timeout) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => return NextEvents::Timeout,
            Err(RecvTimeoutError::Disconnected) => return NextEvents::End,
        };
        let events =
            std::iter::once(first).chain(self.signals.try_iter()).take(EVENTS_AT_ONCE).flatten().collect();
        let state = self.lock();
        let total = self.plan.jobs.len();
        let done = total - state.scheduler.unsettled();
        NextEvents::Signals(Signals { events, workers: state.peak, done, total })
    }

    /// What is known of the run so far.
    pub fn result(&self) -> RunResult {
        self.lock().fold.result()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic is caught at the boundary; the state is changed in single steps and stays usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wants(&self, kind: &str) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name == kind))
    }

    fn emit(&self, state: &mut State, kind: EventKind) {
        let wanted = self.wants(kind.name());
        let event = Event { kind, time: unix_milliseconds() };
        state.fold.apply(&event);
        if let (true, Some(signals)) = (wanted, &state.signals) {
            // The receiver lives as long as the run.
            let _ = signals.send(Some(event));
        }
    }

    /// Tells the scheduler a fact and does what it asks for.
    fn apply(&self, state: &mut State, fact: Fact, ended: Ended) {
        let mut facts = VecDeque::from([(fact, ended)]);
        let mut actions = Vec::new();
        while let Some((fact, ended)) = facts.pop_front() {
            actions.clear();
            if state.scheduler.apply(fact, &mut actions).is_err() {
                continue;
            }
            let mut ended = Some(ended);
            for action in &actions {
                match *action {
                    Action::Start(job) => self.queue_job(state, job),
                    Action::Stop(job) if matches!(state.claims[job.0], Claim::Queued) => {
                        // No worker has it yet, so there is nothing to wait for.
                        state.claims[job.0] = Claim::Done;
                        facts
                            .push_back((Fact::Finished { job, outcome: Outcome::Stopped }, Ended::default()));
                    }
                    Action::Stop(job) => self.emit(state, EventKind::JobStopRequested { job: job.0 }),
                    Action::Settle(job, settled) => {
                        // The fact's own job settles first; what it takes with it never ran.
                        let own = matches!(fact, Fact::Finished { job: finished, .. } if finished == job);
                        let ended = if own { ended.take().unwrap_or_default() } else { Ended::default() };
                        self.settle(state, job, settled, ended);
                    }
                    Action::End => self.end(state),
                }
            }
        }
        if state.scheduler.running() > state.peak {
            state.peak = state.scheduler.running();
            if let Some(signals) = &state.signals {
                let _ = signals.send(None);
            }
        }
    }

    fn queue_job(&self, state: &mut State, job: JobIndex) {
        state.claims[job.0] = Claim::Queued;
        self.emit(state, EventKind::JobQueued { job: job.0 });
        if let Some(queue) = &state.queue {
            let _ = queue.send(job);
        }
    }

    fn settle(&self, state: &mut State, job: JobIndex, settled: Settled, ended: Ended) {
        state.claims[job.0] = Claim::Done;
        let number = |job: JobIndex| self.plan.jobs[job.0].number.as_str();
        let (status, reason) = match settled {
            Settled::Success => (JobStatus::Success, None),
            Settled::Failure => (JobStatus::Failure, None),
            Settled::TimedOut => (JobStatus::TimedOut, None),
            Settled::Skipped(need) => {
                (JobStatus::Skipped, Some(format!("it needs {}, which did not succeed", number(need))))
            }
            Settled::Cancelled(why) => (
                JobStatus::Cancelled,
                Some(match why {
                    Why::FailFast(failed) => format!("{} failed and the run is fail-fast", number(failed)),
                    Why::Caller => "the run was cancelled".into(),
                }),
            ),
        };
        let failed = matches!(status, JobStatus::Failure | JobStatus::TimedOut);
        let finished = JobFinished {
            job: job.0,
            status,
            exit_code: ended.report.as_ref().map(|report| report.exit_code),
            errors: ended.report.as_ref().map_or(0, |report| report.errors),
            error: ended.report.and_then(|report| report.error),
            reason,
            duration_ms: ended.duration.as_secs_f64() * 1_000.0,
            log_tail: if failed { ended.tail } else { Vec::new() },
        };
        self.emit(state, EventKind::JobFinished(Box::new(finished)));
    }

    fn end(&self, state: &mut State) {
        let (status, exit_code) = state.fold.outcome();
        self.emit(state, EventKind::RunFinished { status, exit_code });
        state.queue = None;
        state.signals = None;
    }
}

impl State {
    fn claimed(&mut self, job: usize) -> Result<&mut Claimed, RunError> {
        match self.claims.get_mut(job) {
            None => Err(RunError::UnknownJob(job)),
            Some(Claim::Claimed(claimed)) => Ok(claimed),
            Some(_) => Err(RunError::NotRunning(job)),
        }
    }
}

fn unix_milliseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Sortable by time, and unique by 32 random bits where two runs start in one second.
fn run_id() -> String {
    let now = unix_milliseconds();
    let moment = NaiveDateTime::from_timestamp_opt((now / 1_000) as i64, 0);
    let random = RandomState::new().build_hasher().finish() as u32;
    format!("{}-{random:08x}", moment.map_or_else(String::new, |at| at.format("%Y%m%d-%H%M%S").to_string()))
}
