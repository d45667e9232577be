//! What a run knows of itself while it goes on, behind the engine's lock.

use super::{
    caching::Cached,
    clerk::{Alarm, Errand},
    context::Prepared,
    limit::{later, FirstStarts, Limit},
    process::{Children, JobKey, JobOutput, StepEnvironment, Stop},
    resume::Resuming,
    room::{Room, FLOOD_BYTES},
    turn::Turn,
    Event, EventKind, Fold, Report, ReportedError, RunError, Scheduler,
};
use crate::plan::{JobIndex, Plan};
use crossbeam_channel::Sender;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Condvar},
    time::{Duration, Instant},
};

/// The changing part of a run.
pub(super) struct State {
    pub scheduler: Scheduler,
    pub claims: Vec<Claim>,
    pub fold: Fold,
    /// How many jobs wait for a worker or are with one.
    pub for_workers: usize,
    /// The most there were at once: so many workers were of use.
    pub peak: usize,
    /// How many jobs wait for a child's thread or are with one.
    pub for_children: usize,
    /// Dropped at the end, which ends its threads.
    pub children: Option<Children>,
    /// What steps have set for the later ones of their job.
    pub step_environments: HashMap<JobKey, StepEnvironment>,
    /// What jobs that ran as children have put out and nobody has taken yet.
    pub kept: HashMap<usize, JobOutput>,
    /// How much of it, and of what scripts in workers have put out, stays in memory.
    pub room: Room,
    /// What the cache knows of the jobs.
    pub cached: Cached,
    /// Bytes of log events that the reader has not taken yet.
    pub log_bytes: usize,
    /// Wakes workers that wait until the reader has caught up.
    pub heard: Arc<Condvar>,
    /// Children that write no more until the reader has caught up.
    pub flooded: Vec<Arc<Stop>>,
    pub output_bytes: usize,
    /// How many jobs of each group that are in a matrix have not ended.
    pub left: Vec<usize>,
    /// Dropped at the end, which tells waiting workers to go home.
    pub queue: Option<Sender<JobIndex>>,
    /// Dropped after the last event. `None` wakes the reader without an event.
    pub signals: Option<Sender<Option<Event>>>,
    /// Dropped at the end, which ends the clerk.
    pub errands: Option<Sender<Errand>>,
    /// The turns in concurrency groups that have come, by the plan's group, none for the whole run.
    pub turns: HashMap<Option<usize>, Turn>,
    /// Why the run was cancelled, where it was not its caller's wish.
    pub cancelled_because: Option<String>,
    /// Why other runs have ended groups of this one.
    pub taken_because: HashMap<usize, String>,
    /// What an earlier run has done, and the outputs that it had of it.
    pub done_before: HashMap<usize, Map<String, Value>>,
    /// The earlier run, where this one has jobs that are not known yet.
    pub resuming: Option<Resuming>,
    /// How often each job has been started.
    pub attempts: Vec<u32>,
    /// When the first job of a group that has a timeout was started.
    pub first_starts: FirstStarts,
    /// Why a condition, or the expressions of a job's values, could not be evaluated.
    pub faults: HashMap<Part, ReportedError>,
    /// The values of jobs whose expressions had to wait for the run.
    pub prepared: HashMap<usize, Prepared>,
}

/// What a fault belongs to.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Part {
    Job(usize),
    Group(usize),
}

pub(super) enum Claim {
    Unclaimed,
    Queued,
    /// It is looked for in the cache; the number tells this lookup from an earlier one.
    LookedUp(u64),
    Claimed(Box<Claimed>),
    /// It has succeeded and is being stored.
    Storing,
    Done,
}

pub(super) struct Claimed {
    pub since: Instant,
    /// How long it may take, if that is limited.
    pub limit: Option<Limit>,
    /// It has taken so long.
    pub ran_out: bool,
    /// How its child is stopped; none of a job that is with a worker.
    pub stop: Option<Arc<Stop>>,
    pub tail: VecDeque<String>,
    pub outputs: Map<String, Value>,
    pub output_bytes: usize,
    /// Bytes that its script has put out, or has kept of it where it is a process.
    pub put_out: usize,
    /// The begin of a line whose end has not come, by stream; kept only while there are secrets, which
    /// might lie across the cut.
    pub open_lines: BTreeMap<u8, String>,
}

/// What the end of a job needs beside its status.
#[derive(Default)]
pub(super) struct Ended {
    pub report: Option<Report>,
    /// It came from the cache.
    pub cached: bool,
    /// How much longer it took when it ran, in milliseconds.
    pub saved_ms: Option<f64>,
    pub duration: Duration,
    /// The time that it has used up.
    pub ran_out: Option<Limit>,
    pub tail: Vec<String>,
    /// Bytes of its outputs, which another attempt throws away.
    pub output_bytes: usize,
}

/// How many jobs of each group are in a matrix.
pub(super) fn matrix_jobs(plan: &Plan) -> Vec<usize> {
    let mut counts = vec![0; plan.groups.len()];
    let in_matrix = plan.jobs.iter().filter(|job| job.matrix_id.is_some());
    in_matrix.filter_map(|job| job.group).for_each(|group| counts[group] += 1);
    counts
}

impl State {
    pub fn send(&self, errand: Errand) {
        if let Some(errands) = &self.errands {
            let _ = errands.send(errand);
        }
    }

    /// Nothing more will be handed out or told: everyone who waits goes home.
    pub fn close(&mut self) {
        self.queue = None;
        self.children = None;
        self.signals = None;
        // Also of groups that have no jobs and so may not have ended by themselves.
        for (_, turn) in std::mem::take(&mut self.turns) {
            self.send(Errand::GiveBack(turn));
        }
        self.errands = None;
        self.wake_writers();
    }

    /// The reader has taken these events, which makes room for more text.
    pub fn heard(&mut self, events: &[Event]) {
        for event in events {
            if let EventKind::JobLog { text, .. } = &event.kind {
                self.log_bytes = self.log_bytes.saturating_sub(text.len());
            }
        }
        if self.log_bytes < FLOOD_BYTES / 2 {
            self.wake_writers();
        }
    }

    fn wake_writers(&mut self) {
        self.flooded.drain(..).for_each(|stop| stop.wake());
        self.heard.notify_all();
    }

    /// Whether there is so much text for the reader that nobody should write more for now.
    pub fn is_full(&self) -> bool {
        self.signals.is_some() && self.log_bytes >= FLOOD_BYTES
    }

    /// Whether a child has to wait until the reader has caught up; it is woken then.
    pub fn is_flooded(&mut self, stop: &Arc<Stop>) -> bool {
        let flooded = self.is_full();
        if flooded && !self.flooded.iter().any(|known| Arc::ptr_eq(known, stop)) {
            self.flooded.push(stop.clone());
        }
        flooded
    }

    pub fn alarm(&self, seconds: f64, alarm: Alarm) {
        self.send(Errand::Wake { at: later(Instant::now(), seconds), alarm });
    }

    /// Ends a turn, on the clerk's thread, since it takes files.
    pub fn give_back(&mut self, group: Option<usize>) {
        if let Some(turn) = self.turns.remove(&group) {
            self.send(Errand::GiveBack(turn));
        }
    }

    pub fn claimed(&mut self, job: usize) -> Result<&mut Claimed, RunError> {
        match self.claims.get_mut(job) {
            None => Err(RunError::UnknownJob(job)),
            Some(Claim::Claimed(claimed)) => Ok(claimed),
            Some(_) => Err(RunError::NotRunning(job)),
        }
    }
}
