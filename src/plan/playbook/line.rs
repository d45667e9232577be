//! What the next step of a stage waits for.

use super::super::{Group, Job};
use crate::playbook::Order;

/// Steps that run side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Batch {
    /// Nothing of the stage beside it.
    Alone,
    /// All of a stage that stand next to each other.
    Stage,
    /// Neighbouring items of a group.
    Group(i64),
    /// The scripts of one step, by the step's position.
    Step(usize),
}

/// A job or a group that has its place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Placed {
    Job(usize),
    Group(usize),
}

/// The steps of a stage so far: each batch waits for the one before.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    before: Vec<Placed>,
    now: Vec<Placed>,
    batch: Option<Batch>,
}

impl Line {
    /// What something of this batch waits for.
    pub fn wait(&mut self, batch: Batch) -> &[Placed] {
        let joins = batch != Batch::Alone && self.batch == Some(batch);
        if !joins && !self.now.is_empty() {
            self.before = std::mem::take(&mut self.now);
        }
        self.batch = Some(batch);
        &self.before
    }

    /// Adds what has just been asked for by [`Line::wait`].
    pub fn add(&mut self, placed: Placed) {
        self.now.push(placed);
    }
}

/// Steps of a v3 job follow each other as long as none fails; scripts of other stages wait, however
/// those before them ended.
pub(super) fn put_job(job: &mut Job, behind: &[Placed], order: Order) {
    let (jobs, groups) = match order {
        Order::Needs => (&mut job.follows, &mut job.follows_groups),
        Order::Stages => (&mut job.after, &mut job.after_groups),
    };
    sort(behind, jobs, groups);
}

/// As [`put_job`], for a step that uses a playbook.
pub(super) fn put_group(group: &mut Group, behind: &[Placed], order: Order) {
    let (jobs, groups) = match order {
        Order::Needs => (&mut group.follows_jobs, &mut group.follows),
        Order::Stages => (&mut group.after_jobs, &mut group.after),
    };
    sort(behind, jobs, groups);
}

fn sort(behind: &[Placed], jobs: &mut Vec<usize>, groups: &mut Vec<usize>) {
    for placed in behind {
        match *placed {
            Placed::Job(job) => jobs.push(job),
            Placed::Group(group) => groups.push(group),
        }
    }
}
