//! The start of a run: what was asked for is checked, and everything that the run needs is there when it begins.

use super::{
    caching::{self, Cached},
    clerk,
    clock::{next_moment, Clock},
    engine::Run,
    limit::FirstStarts,
    process::Children,
    recording::{Record, Resumed},
    room::Room,
    scheduler::Scheduler,
    secrets::mask_of,
    state::{matrix_jobs, Claim, State},
    EventKind, Fold, StartError, StartRequest,
};
use crate::{
    plan::{self, PlanError},
    pool,
    record::is_run_id,
};
use chrono::NaiveDateTime;
use crossbeam_channel::unbounded;
use serde::Serialize;
use std::{
    collections::{hash_map::RandomState, HashMap},
    hash::{BuildHasher, Hasher},
    sync::{Arc, Condvar, Mutex, RwLock},
};

/// What a run takes over from another.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TakenOver {
    /// The run that is resumed.
    pub resumed_from: Option<String>,
    /// The positions of the jobs that are done.
    pub done: Vec<usize>,
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
