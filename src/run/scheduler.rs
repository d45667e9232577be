//! Decides what starts, what stops and how each job ends. A pure state machine: a fact in, actions
//! out; no clock, no thread, no I/O.

use crate::plan::{JobIndex, Plan};
use std::{cmp::Reverse, collections::BinaryHeap};
use thiserror::Error;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The run begins. First and once.
    Begin,
    /// A job that was started has ended.
    Finished {
        /// The job.
        job: JobIndex,
        /// How it ended.
        outcome: Outcome,
    },
    /// The caller wants the run to end.
    Cancel,
}

/// How a job that was started ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Success,
    /// It failed by itself.
    Failure,
    /// It ran out of time.
    TimedOut,
    /// It was stopped from outside.
    Stopped,
}

/// Something to do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Let this job run; it counts as running from now on.
    Start(JobIndex),
    /// Stop this job; its [`Fact::Finished`] is still expected.
    Stop(JobIndex),
    /// This job has its final status. Exactly once a job.
    Settle(JobIndex, Settled),
    /// Every job is settled. Last and once.
    End,
}

/// A job's final status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// It ran out of time, a kind of failure.
    TimedOut,
    /// It was stopped, or never started because the run was ending.
    Cancelled(Why),
    /// It never started because this job, which it needs, did not succeed.
    Skipped(JobIndex),
}

/// Why a job was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Fail-fast, after this job failed.
    FailFast(JobIndex),
    /// The caller cancelled the run.
    Caller,
}

/// The rules of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// At most so many jobs run at once; 1 or more.
    pub max_concurrency: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
}

/// A fact that cannot be true in the state the scheduler is in; nothing was changed.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("{0:?} does not fit the state of the run")]
pub struct UnexpectedFact(pub Fact);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Waits for this many needs.
    Waiting(u32),
    Ready,
    Running,
    Stopping,
    Settled,
}

/// The state machine. See the module's text.
#[derive(Debug)]
pub struct Scheduler {
    limits: Limits,
    states: Vec<State>,
    continue_on_error: Vec<bool>,
    dependents: Vec<Vec<u32>>,
    /// Jobs that may start, lowest position first, so that the order is the plan's.
    ready: BinaryHeap<Reverse<usize>>,
    running: usize,
    unsettled: usize,
    begun: bool,
    ending: Option<Why>,
}

impl Scheduler {
    /// A scheduler for a plan that [`crate::plan::check`] has accepted.
    pub fn new(plan: &Plan) -> Self {
        let limits = Limits { max_concurrency: plan.max_concurrency, fail_fast: plan.fail_fast };
        let mut dependents = vec![Vec::new(); plan.jobs.len()];
        let mut states = Vec::with_capacity(plan.jobs.len());
        for (position, job) in plan.jobs.iter().enumerate() {
            let mut needs = job.needs.clone();
            needs.sort_unstable();
            needs.dedup();
            states.push(State::Waiting(needs.len() as u32));
            for need in needs {
                dependents[need].push(position as u32);
            }
        }
        Self {
            limits,
            unsettled: states.len(),
            states,
            continue_on_error: plan.jobs.iter().map(|job| job.continue_on_error).collect(),
            dependents,
            ready: BinaryHeap::new(),
            running: 0,
            begun: false,
            ending: None,
        }
    }

    /// How many jobs have been started and not yet finished.
    pub fn running(&self) -> usize {
        self.running
    }

    /// How many jobs have no final status yet.
    pub fn unsettled(&self) -> usize {
        self.unsettled
    }

    /// Takes a fact in and appends what is to be done to `actions`.
    ///
    /// # Errors
    /// [`UnexpectedFact`], for example for a job that is not running; nothing was changed.
    pub fn apply(&mut self, fact: Fact, actions: &mut Vec<Action>) -> Result<(), UnexpectedFact> {
        match fact {
            Fact::Begin if !self.begun => self.begin(),
            Fact::Finished { job, outcome } if self.is_running(job) => self.finished(job, outcome, actions),
            Fact::Cancel if self.begun => self.end_early(Why::Caller, actions),
            _ => return Err(UnexpectedFact(fact)),
        }
        self.start_ready(actions);
        if self.unsettled == 0 && actions.iter().any(|action| matches!(action, Action::Settle(..))) {
            actions.push(Action::End);
        }
        Ok(())
    }

    fn is_running(&self, job: JobIndex) -> bool {
        matches!(self.states.get(job.0), Some(State::Running | State::Stopping))
    }

    fn begin(&mut self) {
        self.begun = true;
        for (position, state) in self.states.iter_mut().enumerate() {
            if *state == State::Waiting(0) {
                *state = State::Ready;
                self.ready.push(Reverse(position));
            }
        }
    }

    fn finished(&mut self, job: JobIndex, outcome: Outcome, actions: &mut Vec<Action>) {
        self.running -= 1;
        let settled = match outcome {
            Outcome::Success => Settled::Success,
            Outcome::Failure => Settled::Failure,
            Outcome::TimedOut => Settled::TimedOut,
            // Nobody asked for it to stop, so it did not do what it should.
            Outcome::Stopped => self.ending.map_or(Settled::Failure, Settled::Cancelled),
        };
        self.settle(job, settled, actions);
        let failed = matches!(settled, Settled::Failure | Settled::TimedOut);
        if settled == Settled::Success || (failed && self.continue_on_error[job.0]) {
            self.release_dependents(job);
            return;
        }
        self.skip_dependents(job, actions);
        if failed && self.limits.fail_fast && self.ending.is_none() {
            self.end_early(Why::FailFast(job), actions);
        }
    }

    fn settle(&mut self, job: JobIndex, settled: Settled, actions: &mut Vec<Action>) {
        self.states[job.0] = State::Settled;
        self.unsettled -= 1;
        actions.push(Action::Settle(job, settled));
    }

    fn release_dependents(&mut self, job: JobIndex) {
        for &dependent in &self.dependents[job.0] {
            let position = dependent as usize;
            if let State::Waiting(missing) = self.states[position] {
                if missing == 1 {
                    self.states[position] = State::Ready;
                    self.ready.push(Reverse(position));
                } else {
                    self.states[position] = State::Waiting(missing - 1);
                }
            }
        }
    }

    /// A job that did not succeed takes everything that needs it with it, all the way down; each
    /// names the job it needs itself.
    fn skip_dependents(&mut self, job: JobIndex, actions: &mut Vec<Action>) {
        let mut lost = vec![job];
        while let Some(need) = lost.pop() {
            for dependent in std::mem::take(&mut self.dependents[need.0]) {
                let dependent = JobIndex(dependent as usize);
                if matches!(self.states[dependent.0], State::Waiting(_)) {
                    self.settle(dependent, Settled::Skipped(need), actions);
                    lost.push(dependent);
                }
            }
        }
    }

    fn end_early(&mut self, why: Why, actions: &mut Vec<Action>) {
        self.ending = Some(why);
        self.ready.clear();
        for position in 0..self.states.len() {
            match self.states[position] {
                State::Waiting(_) | State::Ready => {
                    self.settle(JobIndex(position), Settled::Cancelled(why), actions);
                }
                State::Running => {
                    self.states[position] = State::Stopping;
                    actions.push(Action::Stop(JobIndex(position)));
                }
                State::Stopping | State::Settled => {}
            }
        }
    }

    fn start_ready(&mut self, actions: &mut Vec<Action>) {
        while self.running < self.limits.max_concurrency {
            let Some(Reverse(position)) = self.ready.pop() else { break };
            self.states[position] = State::Running;
            self.running += 1;
            actions.push(Action::Start(JobIndex(position)));
        }
    }
}
