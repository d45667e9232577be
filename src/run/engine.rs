//! The engine around the scheduler: hands jobs to workers that ask, and takes their reports.
//! Every call does its work on the caller's thread; only what takes time or has to be waited for
//! (conditions, deadlines, delays) is left to the clerk's.

use super::{
    clerk::{Alarm, Errand},
    clock::Clock,
    fact::{Fact, Outcome},
    history,
    limit::Limit,
    process::{ChildSettings, Haste, JobOutput, Stop},
    recording::Record,
    secrets::masked_error,
    state::{Claim, Claimed, Ended, State},
    Event, EventKind, Report, RunError, RunResult,
};
use crate::{
    cache::RunCache,
    mask::Mask,
    plan::{Environment, Job, JobIndex, Plan, Strategy},
    record::Logbook,
};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use rayon::ThreadPool;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, Weak},
    time::{Duration, Instant},
};

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

/// One run of one plan.
pub struct Run {
    pub(super) id: String,
    pub(super) clock: Clock,
    pub(super) plan: RwLock<Arc<Plan>>,
    pub(super) wanted: Option<Vec<String>>,
    pub(super) environment: Option<Environment>,
    pub(super) cache: Option<RunCache>,
    /// Who looks jobs up in the cache and stores them, where there is one.
    pub(super) pool: Option<&'static ThreadPool>,
    pub(super) children: ChildSettings,
    /// This run, for threads that must not keep it.
    pub(super) this: Weak<Self>,
    pub(super) mask: Arc<Mask>,
    /// Names, in lower case, whose values are secret wherever they turn up.
    pub(super) secret_names: Vec<String>,
    pub(super) record: Option<Record>,
    pub(super) resumed_from: Option<String>,
    pub(super) kept: usize,
    pub(super) state: Mutex<State>,
    pub(super) heard: Arc<Condvar>,
    pub(super) queue: Receiver<JobIndex>,
    pub(super) signals: Receiver<Option<Event>>,
}

impl Run {
    /// The run that this one resumes.
    pub fn resumed_from(&self) -> Option<&str> {
        self.resumed_from.as_deref()
    }

    /// How many jobs were done in the run that this one resumes, of those that are known from the start.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// Where the logs of the jobs are kept, of a run that is recorded.
    pub fn logbook(&self) -> Option<&Logbook> {
        self.record.as_ref().map(Record::logbook)
    }

    /// The secrets of the run.
    pub fn mask(&self) -> &Mask {
        &self.mask
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
                    if self.claim(job, None) {
                        return Next::Job(self.job_text(job));
                    }
                }
            }
        }
    }

    /// Takes a job out of its queue; false when it is no longer there. A child's thread says how the
    /// child can be stopped.
    pub(super) fn claim(&self, job: JobIndex, stop: Option<&Arc<Stop>>) -> bool {
        let mut state = self.lock();
        if !matches!(state.claims[job.0], Claim::Queued) {
            return false;
        }
        let now = Instant::now();
        let limit = Limit::of(&self.plan(), job, now, &mut state.first_starts);
        state.claims[job.0] = Claim::Claimed(Box::new(Claimed {
            since: now,
            limit,
            ran_out: false,
            stop: stop.cloned(),
            tail: VecDeque::new(),
            outputs: Map::new(),
            output_bytes: 0,
            put_out: 0,
            open_lines: BTreeMap::new(),
        }));
        state.attempts[job.0] += 1;
        let attempt = state.attempts[job.0];
        self.emit(&mut state, EventKind::JobStarted { job: job.0, attempt });
        if let Some(limit) = limit {
            state.send(Errand::Wake { at: limit.at, alarm: Alarm::Job(job, attempt) });
        }
        true
    }

    /// What the job's worker, or its child's PowerShell, is given.
    pub(super) fn job_text(&self, job: JobIndex) -> String {
        #[derive(Serialize)]
        struct JobText<'a> {
            #[serde(rename = "runId")]
            run_id: &'a str,
            job: usize,
            number: &'a str,
            name: &'a str,
            path: &'a str,
            stage: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            group: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            step: Option<&'a str>,
            attempt: u32,
            parameters: &'a Map<String, Value>,
            matrix: &'a Option<Map<String, Value>>,
            #[serde(rename = "matrixId", skip_serializing_if = "Option::is_none")]
            matrix_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            strategy: Option<Strategy>,
            #[serde(skip_serializing_if = "Map::is_empty")]
            env: &'a Map<String, Value>,
            #[serde(rename = "workingDirectory", skip_serializing_if = "Option::is_none")]
            working_directory: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            text: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            shell: Option<&'a str>,
        }
        let state = self.lock();
        let plan = self.plan();
        let planned = &plan.jobs[job.0];
        let group = planned.group.map(|group| &plan.groups[group]);
        let prepared = state.prepared.get(&job.0);
        let text = JobText {
            run_id: &self.id,
            job: job.0,
            number: &planned.number,
            name: &planned.name,
            path: &planned.path,
            stage: group.map_or(&planned.stage, |group| &group.name),
            group: group.map(|group| group.id.as_str()),
            step: planned.step.as_deref(),
            attempt: state.attempts[job.0],
            parameters: prepared.map_or(&planned.parameters, |prepared| &prepared.parameters),
            matrix: &planned.matrix,
            matrix_id: planned.matrix_id.as_deref(),
            strategy: planned.strategy,
            env: prepared.map_or(&planned.env, |prepared| &prepared.env),
            working_directory: planned.working_directory.as_deref(),
            text: prepared.map_or(&planned.text, |prepared| &prepared.text).as_deref(),
            shell: planned.shell.as_deref(),
        };
        // Strings, numbers and objects with text keys always have a JSON form.
        serde_json::to_string(&text).unwrap_or_default()
    }

    /// Takes a worker's report of a job it was given.
    ///
    /// # Errors
    /// [`RunError`] when the job is not with a worker, for example finished before.
    pub fn finish_job(&self, job: usize, mut report: Report) -> Result<(), RunError> {
        let objects = report.objects.take();
        self.close_lines(job)?;
        let report = Report { error: report.error.map(|error| masked_error(error, &self.mask)), ..report };
        let mut state = self.lock();
        state.claimed(job)?;
        let Claim::Claimed(claimed) = std::mem::replace(&mut state.claims[job], Claim::Done) else {
            return Err(RunError::NotRunning(job));
        };
        self.leave(&mut state, JobIndex(job));
        let outcome = match &report {
            Report { stopped: true, .. } => Outcome::Stopped,
            Report { exit_code: 0, error: None, .. } => Outcome::Success,
            _ => Outcome::Failure,
        };
        let ended = Ended {
            report: Some(report),
            cached: false,
            saved_ms: None,
            duration: claimed.since.elapsed(),
            ran_out: claimed.limit.filter(|_| claimed.ran_out),
            tail: claimed.tail.into_iter().collect(),
            output_bytes: claimed.output_bytes,
        };
        let stored = self.store(&mut state, JobIndex(job), claimed.outputs, objects, ended);
        self.make_room(&mut state, job, claimed.put_out);
        let Some(ended) = stored else {
            return Ok(());
        };
        self.apply(&mut state, Fact::Finished { job: JobIndex(job), outcome }, ended);
        Ok(())
    }

    /// Ends the run early: nothing further starts, what runs is asked to stop.
    pub fn cancel(&self) {
        self.cancel_because(None);
    }

    pub(super) fn cancel_because(&self, reason: Option<String>) {
        self.end_because(reason, EventKind::RunCancelled);
    }

    /// Ends the run before it has begun, as a failure.
    pub(super) fn fail_because(&self, message: String) {
        self.end_because(Some(message.clone()), EventKind::RunFailed { message });
    }

    fn end_because(&self, reason: Option<String>, event: EventKind) {
        let mut state = self.lock();
        if state.scheduler.unsettled() > 0 {
            if state.cancelled_because.is_none() {
                state.cancelled_because = reason;
            }
            self.emit(&mut state, event);
            if !state.scheduler.has_begun() {
                // No worker can take a job before the lock is given back.
                self.apply(&mut state, Fact::Begin, Ended::default());
            }
            self.apply(&mut state, Fact::Cancel, Ended::default());
        }
    }

    /// Lets the first jobs go, now that nothing is in the run's way.
    pub(super) fn begin(&self, state: &mut State) {
        if let Some(seconds) = self.plan().timeout {
            state.alarm(seconds, Alarm::Run);
        }
        self.apply(state, Fact::Begin, Ended::default());
    }

    /// Cancels what is left and sends everyone home who waits for something. What is known of the run
    /// is on disk after this, unless the disk takes longer than a moment.
    pub fn abandon(&self) {
        self.cancel();
        self.close_cache();
        let mut state = self.lock();
        state.close();
        // Nobody is left to hear how they end.
        for claim in &state.claims {
            if let Claim::Claimed(claimed) = claim {
                claimed.stop.iter().for_each(|stop| stop.request(Haste::Now));
            }
        }
        drop(state);
        if let Some(record) = &self.record {
            record.abandon();
        }
    }

    /// What a job that ran as a child has put out. Handed out once; none of other jobs.
    ///
    /// # Errors
    /// [`RunError::UnknownJob`].
    pub fn take_output(&self, job: usize) -> Result<Option<JobOutput>, RunError> {
        if job >= self.plan().jobs.len() {
            return Err(RunError::UnknownJob(job));
        }
        let mut state = self.lock();
        let output = state.kept.remove(&job);
        if output.is_some() {
            state.room.leave(job);
        }
        Ok(output)
    }

    /// What is known of the run so far.
    pub fn result(&self) -> RunResult {
        let mut result = self.lock().fold.result();
        result.groups = history::groups(&self.plan(), &result);
        result.secrets = self.mask.secrets();
        result.in_plan_order()
    }

    /// A job with the values that had to wait for the run.
    pub(super) fn prepared_job(&self, job: JobIndex) -> Job {
        let mut planned = self.plan().jobs[job.0].clone();
        if let Some(prepared) = self.lock().prepared.get(&job.0) {
            planned.parameters.clone_from(&prepared.parameters);
            planned.env.clone_from(&prepared.env);
            planned.text.clone_from(&prepared.text);
        }
        planned
    }

    /// The plan as it is by now: it grows where jobs are known only while it runs.
    pub(super) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the plan. The state's lock is held, so that plan and scheduler agree.
    pub(super) fn change_plan(&self, _: &mut State, change: impl FnOnce(&mut Plan)) {
        change(Arc::make_mut(&mut self.plan.write().unwrap_or_else(PoisonError::into_inner)));
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic is caught at the boundary; the state is changed in single steps and stays usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
