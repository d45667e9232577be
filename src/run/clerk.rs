//! The one native thread of a run that needs one: evaluates conditions and waits for moments.

use super::{
    engine::Run,
    fact::{Past, Subject},
    turn::Turn,
};
use crate::plan::{JobIndex, Plan};
use crossbeam_channel::{unbounded, Receiver, RecvTimeoutError, Sender};
use std::{
    cmp::Ordering,
    collections::BinaryHeap,
    io,
    sync::{Arc, Weak},
    thread,
    time::Instant,
};

/// Something to be done off the callers' threads.
#[derive(Debug)]
pub(super) enum Errand {
    /// Evaluate what this waits for.
    Decide(Subject, Past),
    /// Give this turn to whoever waits for it.
    GiveBack(Turn),
    /// Ring this alarm at this moment.
    Wake { at: Instant, alarm: Alarm },
}

/// What a moment is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// This attempt of a job has used up its time.
    Job(JobIndex, u32),
    /// A job may be started again.
    Retry(JobIndex),
    /// The run has used up its time.
    Run,
}

/// Whether anything in the plan has to be evaluated or waited for.
pub(super) fn needed(plan: &Plan) -> bool {
    plan.timeout.is_some()
        || plan.concurrency.is_some()
        || plan.groups.iter().any(|group| group.is_decided() || group.timeout.is_some())
        || plan.jobs.iter().any(|job| {
            job.is_late()
                || job.retries > 0
                || job.timeout.is_some()
                || job.condition.is_some()
                || job.when.is_some()
        })
}

/// Starts the clerk of a run. It ends when the sender is dropped, or the run.
///
/// # Errors
/// What the system says when it gives no thread.
pub(super) fn start(run: &Arc<Run>) -> io::Result<Sender<Errand>> {
    let (sender, errands) = unbounded();
    let run = Arc::downgrade(run);
    thread::Builder::new().name("aither-clerk".into()).spawn(move || work(&run, &errands))?;
    Ok(sender)
}

fn work(run: &Weak<Run>, errands: &Receiver<Errand>) {
    let mut moments: BinaryHeap<Moment> = BinaryHeap::new();
    loop {
        let received = match moments.peek() {
            None => errands.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(next) => errands.recv_deadline(next.at),
        };
        match received {
            Ok(Errand::GiveBack(turn)) => drop(turn),
            Ok(Errand::Wake { at, alarm }) => moments.push(Moment { at, alarm }),
            Ok(Errand::Decide(subject, past)) => match run.upgrade() {
                Some(run) => run.decide(subject, past),
                None => break,
            },
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let Some(run) = run.upgrade() else { break };
                let now = Instant::now();
                while moments.peek().is_some_and(|next| next.at <= now) {
                    if let Some(Moment { alarm, .. }) = moments.pop() {
                        run.ring(alarm);
                    }
                }
            }
        }
    }
}

/// Ordered so that the heap's greatest is the earliest.
#[derive(PartialEq, Eq)]
struct Moment {
    at: Instant,
    alarm: Alarm,
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
