//! What a run knows of itself while it goes on, behind the engine's lock.

use super::{
    clerk::{Alarm, Errand},
    Event, Fold, Report, ReportedError, RunError, Scheduler,
};
use crate::plan::JobIndex;
use crossbeam_channel::Sender;
use serde_json::{Map, Value};
use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

/// The changing part of a run.
pub(super) struct State {
    pub scheduler: Scheduler,
    pub claims: Vec<Claim>,
    pub fold: Fold,
    /// The most jobs that were running at once: so many workers were of use.
    pub peak: usize,
    pub output_bytes: usize,
    /// Dropped at the end, which tells waiting workers to go home.
    pub queue: Option<Sender<JobIndex>>,
    /// Dropped after the last event. `None` wakes the reader without an event.
    pub signals: Option<Sender<Option<Event>>>,
    /// Dropped at the end, which ends the clerk.
    pub errands: Option<Sender<Errand>>,
    /// How often each job has been started.
    pub attempts: Vec<u32>,
    /// Why a condition, or the expressions of a job's values, could not be evaluated.
    pub faults: HashMap<Part, ReportedError>,
    /// The values of jobs whose expressions had to wait for the run.
    pub prepared: HashMap<usize, Map<String, Value>>,
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
    Claimed(Box<Claimed>),
    Done,
}

pub(super) struct Claimed {
    pub since: Instant,
    pub tail: VecDeque<String>,
    pub outputs: Map<String, Value>,
    pub output_bytes: usize,
}

/// What the end of a job needs beside its status.
#[derive(Default)]
pub(super) struct Ended {
    pub report: Option<Report>,
    pub duration: Duration,
    pub tail: Vec<String>,
    /// Bytes of its outputs, which another attempt throws away.
    pub output_bytes: usize,
}

impl State {
    pub fn send(&self, errand: Errand) {
        if let Some(errands) = &self.errands {
            let _ = errands.send(errand);
        }
    }

    pub fn alarm(&self, seconds: f64, alarm: Alarm) {
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.send(Errand::Wake { at: Instant::now() + wait, alarm });
    }

    pub fn claimed(&mut self, job: usize) -> Result<&mut Claimed, RunError> {
        match self.claims.get_mut(job) {
            None => Err(RunError::UnknownJob(job)),
            Some(Claim::Claimed(claimed)) => Ok(claimed),
            Some(_) => Err(RunError::NotRunning(job)),
        }
    }
}
