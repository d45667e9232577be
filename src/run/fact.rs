//! What the scheduler is told, and what it answers.

use crate::plan::JobIndex;
use thiserror::Error;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The run begins. First and once.
    Begin,
    /// What [`Action::Decide`] asked for.
    Decided {
        /// What was to be decided.
        subject: Subject,
        /// The answer.
        verdict: Verdict,
    },
    /// A job that was started has ended.
    Finished {
        /// The job.
        job: JobIndex,
        /// How it ended.
        outcome: Outcome,
    },
    /// A job that runs has used up its time.
    Expired(JobIndex),
    /// The delay before a job's next attempt is over.
    RetryDue(JobIndex),
    /// The run has used up its time.
    RunExpired,
    /// The caller wants the run to end.
    Cancel,
    /// Another run wants this group to end.
    CancelGroup(usize),
}

/// What a condition belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A job.
    Job(JobIndex),
    /// A group, by its position in the plan.
    Group(usize),
}

/// What a condition came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Go,
    /// It does not hold.
    Skip,
    /// It cannot be evaluated.
    Fail,
}

/// How a job that was started ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Success,
    /// It failed by itself.
    Failure,
    /// It was stopped from outside.
    Stopped,
}

/// What conditions are told of the past of what they belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Past {
    /// Something before it failed or was cancelled.
    pub failed: bool,
    /// The caller, or the run's time, has ended the run, or another run what this belongs to.
    pub cancelled: bool,
}

/// Something to do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Evaluate this condition and tell [`Fact::Decided`].
    Decide(Subject, Past),
    /// Let this job run; it counts as running from now on.
    Start(JobIndex),
    /// Stop this job; its [`Fact::Finished`] is still expected.
    Stop(JobIndex),
    /// This job failed and has attempts left: tell [`Fact::RetryDue`] after its delay.
    Delay(JobIndex),
    /// This job has its final status. Exactly once a job.
    Settle(JobIndex, Settled),
    /// Everything in this group has ended. Once a group.
    Leave(usize),
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
    /// It never started.
    Skipped(Cause),
}

/// Why a job was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Fail-fast, after this job failed.
    FailFast(JobIndex),
    /// The caller cancelled the run.
    Caller,
    /// The run ran out of time.
    RunTime,
    /// Another run has ended this group.
    Taken(usize),
}

/// Why a job was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A job that it needs did not succeed.
    Need(JobIndex),
    /// A group that its group needs did not succeed.
    GroupNeed(usize),
    /// Its condition does not hold.
    Condition,
    /// Its group's condition does not hold.
    GroupCondition(usize),
    /// The plan says so.
    Planned,
}

/// A group that cannot grow, since it does not wait for its decision; nothing was changed.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("group {0} does not wait for what it consists of")]
pub struct UnexpectedGrowth(pub usize);

/// A fact that cannot be true in the state the scheduler is in; nothing was changed.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("{0:?} does not fit the state of the run")]
pub struct UnexpectedFact(pub Fact);
