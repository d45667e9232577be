//! The engine around the scheduler: hands jobs to workers that ask, tells the reader what happened.
//! Every call does its work on the caller's thread; only what takes time or has to be waited for
//! (conditions, deadlines, delays) is left to the clerk's.

use super::{
    caching::{self, Cached},
    clerk::{self, Alarm, Errand},
    clock::{next_moment, Clock},
    event::{self, ShownAs},
    fact::{Fact, Outcome},
    history, journal,
    limit::{FirstStarts, Limit},
    process::{ChildSettings, Children, Haste, JobOutput, Stop},
    recording::{Record, Resumed},
    room::Room,
    scheduler::Scheduler,
    secrets::{mask_of, masked_error},
    state::{matrix_jobs, Claim, Claimed, Ended, State},
    Event, EventKind, Fold, Report, RunError, RunResult, StartError, StartRequest, Summary,
};
use crate::cache::RunCache;
use crate::{
    mask::Mask,
    plan::{self, Environment, Job, JobIndex, Plan, PlanError, Strategy},
    pool,
    record::{is_run_id, Logbook},
};
use chrono::NaiveDateTime;
use crossbeam_channel::{unbounded, Receiver, RecvTimeoutError, Sender};
use rayon::ThreadPool;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::{hash_map::RandomState, BTreeMap, HashMap, VecDeque},
    hash::{BuildHasher, Hasher},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, Weak},
    time::{Duration, Instant},
};

/// So many events are handed out at once.
const EVENTS_AT_ONCE: usize = 1_024;

/// So long the reader is left alone with events that can wait, so that it wakes once for many short jobs.
const GATHER: Duration = Duration::from_millis(25);

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

/// What a run takes over from another.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TakenOver {
    /// The run that is resumed.
    pub resumed_from: Option<String>,
    /// The positions of the jobs that are done.
    pub done: Vec<usize>,
}

/// One run of one plan.
pub struct Run {
    pub(super) id: String,
    pub(super) clock: Clock,
    plan: RwLock<Arc<Plan>>,
    wanted: Option<Vec<String>>,
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
    resumed_from: Option<String>,
    kept: usize,
    state: Mutex<State>,
    pub(super) heard: Arc<Condvar>,
    queue: Receiver<JobIndex>,
    signals: Receiver<Option<Event>>,
}

impl Run {
    /// Starts a run: its first jobs are ready to be taken when this returns.
    ///
    /// # Errors
    /// [`StartError`] when the plan is no graph; nothing was started.
    pub fn start(mut request: StartRequest) -> Result<Arc<Self>, StartError> {
        let plan = &request.plan;
        if plan.max_concurrency == 0 {
            return Err(PlanError::NoConcurrency.into());
        }
        plan::check(&plan.jobs, &plan.groups)?;
        let unknown = request.events.iter().flatten().find(|name| !EventKind::NAMES.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(StartError::UnknownEvent(name.clone()));
        }
        let id = match request.run_id.take() {
            Some(id) if is_run_id(&id) => id,
            Some(other) => return Err(StartError::BadRunId(other)),
            None => run_id(),
        };
        let (mask, short) = mask_of(&request);
        if request.plan.request.is_none() {
            request.plan.messages.clear();
        }
        let StartRequest { plan, events: wanted, environment, cache, children, journal, secrets, .. } =
            request;
        let secret_names = secrets.names.iter().chain(&plan.secrets);
        let secret_names: Vec<String> = secret_names.map(|name| name.to_lowercase()).collect();
        let resumed = journal.as_ref().map(|journal| Resumed::of(journal, &plan, &mask)).transpose()?;
        let Resumed { from: resumed_from, digests, kept: done_before, resuming } =
            resumed.unwrap_or_default();
        let kept = done_before.len();

        let clock = Clock::start();
        let (queue_in, queue) = unbounded();
        let (signals_in, signals) = unbounded();
        let record = journal
            .as_ref()
            .map(|_| Record::start(&plan.root, &id, clock, &signals_in, wanted.as_deref()))
            .transpose()
            .map_err(StartError::NoThread)?;
        let heard = Arc::new(Condvar::new());
        let state = State {
            scheduler: Scheduler::new(&plan),
            claims: plan.jobs.iter().map(|_| Claim::Unclaimed).collect(),
            fold: Fold::new(&id, &plan),
            for_workers: 0,
            peak: 0,
            for_children: 0,
            children: Some(Children::new()),
            step_environments: HashMap::new(),
            kept: HashMap::new(),
            log_bytes: 0,
            heard: Arc::clone(&heard),
            room: Room::default(),
            cached: Cached::default(),
            flooded: Vec::new(),
            output_bytes: 0,
            left: matrix_jobs(&plan),
            queue: Some(queue_in),
            signals: Some(signals_in),
            errands: None,
            turns: HashMap::new(),
            cancelled_because: None,
            taken_because: HashMap::new(),
            done_before,
            resuming,
            attempts: vec![0; plan.jobs.len()],
            first_starts: FirstStarts::new(),
            faults: HashMap::new(),
            prepared: HashMap::new(),
        };
        let mask = Arc::new(mask);
        let cache = caching::of(cache, &plan, environment.as_ref(), &secret_names);
        let pool = cache.as_ref().map(|_| pool::threads()).transpose().map_err(StartError::NoThread)?;
        let plan = Arc::new(plan);
        let run = Arc::new_cyclic(|this| Self {
            id,
            clock,
            plan: RwLock::new(Arc::clone(&plan)),
            wanted,
            environment,
            cache,
            pool,
            children,
            this: this.clone(),
            mask,
            secret_names,
            record,
            kept,
            resumed_from,
            state: Mutex::new(state),
            heard,
            queue,
            signals,
        });
        let errands = clerk::needed(&plan).then(|| clerk::start(&run)).transpose();
        let mut state = run.lock();
        state.errands = errands.map_err(StartError::NoThread)?;
        if let (Some(record), Some(journal)) = (&run.record, journal) {
            record.begin(&run, journal, digests);
        }
        run.emit(&mut state, EventKind::RunStarted { run_id: run.id.clone(), total: plan.jobs.len() });
        for name in short {
            let message = format!(
                "the secret '{name}' has fewer than {} characters and is not masked",
                crate::mask::SHORTEST
            );
            run.emit(&mut state, EventKind::RunWarning { message });
        }
        drop(plan);
        let waits = run.takes_turn(None);
        if !waits {
            run.begin(&mut state);
        }
        drop(state);
        if waits {
            run.await_turn(None);
        }
        Ok(run)
    }

    /// What a run that is asked for so would take over from the one that it resumes. Starts nothing and
    /// writes nothing.
    ///
    /// # Errors
    /// [`StartError`], as [`Run::start`] has it.
    pub fn taken_over(request: &StartRequest) -> Result<TakenOver, StartError> {
        plan::check(&request.plan.jobs, &request.plan.groups)?;
        let (mask, _) = mask_of(request);
        let journal = request.journal.as_ref();
        let resumed = journal.map(|journal| Resumed::of(journal, &request.plan, &mask)).transpose()?;
        let Resumed { from, kept, .. } = resumed.unwrap_or_default();
        let mut done: Vec<usize> = kept.into_keys().collect();
        done.sort_unstable();
        Ok(TakenOver { resumed_from: from, done })
    }

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

    /// Waits for events. Those that can wait come a moment later, together.
    ///
    /// One reader at a time: an event is handed out once.
    pub fn events(&self, timeout: Duration) -> NextEvents {
        let mut next = match self.signals.recv_timeout(timeout) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => return NextEvents::Timeout,
            Err(RecvTimeoutError::Disconnected) => return NextEvents::End,
        };
        let until = Instant::now() + GATHER.min(timeout);
        let (mut events, mut waits) = (Vec::new(), true);
        while let Some(signal) = next {
            waits &= signal.as_ref().is_some_and(|event: &Event| !event.kind.is_urgent());
            events.extend(signal);
            next = match events.len() {
                EVENTS_AT_ONCE.. => None,
                _ if waits => self.signals.recv_deadline(until).ok(),
                _ => self.signals.try_recv().ok(),
            };
        }
        let mut state = self.lock();
        state.heard(&events);
        let total = self.plan().jobs.len();
        let done = total - state.scheduler.unsettled();
        let workers = state.peak;
        drop(state);
        if self.wanted.iter().flatten().any(|name| name == "JobsSucceeded") {
            events = event::together(events);
        }
        NextEvents::Signals(Signals { events, workers, done, total })
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

    pub(super) fn wants(&self, kind: &str) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name == kind))
    }

    pub(super) fn emit(&self, state: &mut State, kind: EventKind) {
        let event = Event::new(kind.printable(), self.clock.now());
        state.fold.apply(&event);
        if let Some(record) = &self.record {
            record.tell(&event, &self.mask);
        }
        if let (true, Some(signals)) = (self.wants(event.kind.name()), &state.signals) {
            let job = event.kind.job().filter(|_| !self.mask.is_empty());
            let shown_as = job.and_then(|job| ShownAs::of(&self.plan().jobs[job], &self.mask));
            // The receiver lives as long as the run.
            let _ = signals.send(Some(Event { shown_as, ..journal::masked(event, &self.mask).0 }));
        }
    }

    /// The last event, which is handed out when everything before it is on disk.
    pub(super) fn emit_last(&self, state: &mut State, kind: EventKind) {
        let event = Event::new(kind, self.clock.now());
        state.fold.apply(&event);
        let signals = state.signals.take();
        let told = signals.filter(|_| self.wants(event.kind.name()));
        match &self.record {
            Some(record) => record.end(event, Summary::from(&state.fold.result()), told),
            None => hand_out(told, event),
        }
    }
}

/// Tells the reader, who may have gone.
pub(super) fn hand_out(signals: Option<Sender<Option<Event>>>, event: Event) {
    if let Some(signals) = signals {
        let _ = signals.send(Some(event));
    }
}

/// Sortable by time to the millisecond, by three hexadecimal digits, and unique by the twenty random
/// bits behind them.
fn run_id() -> String {
    let now = next_moment();
    let moment = NaiveDateTime::from_timestamp_opt((now / 1_000) as i64, 0);
    let random = RandomState::new().build_hasher().finish() & 0xf_ffff;
    let rest = (now % 1_000) << 20 | random;
    format!("{}-{rest:08x}", moment.map_or_else(String::new, |at| at.format("%Y%m%d-%H%M%S").to_string()))
}
