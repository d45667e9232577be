//! Runs a plan: a pure scheduler that decides, an engine around it that keeps time and hands out
//! jobs, and the events that tell what happened.
//!
//! Work is pulled: a worker asks for a job, runs it and reports. Nothing here calls into a worker.

mod engine;
mod event;
mod scheduler;

pub use engine::{Next, NextEvents, Report, ReportedError, Run, RunError, Signals, StartError, StartRequest};
pub use event::{Event, EventKind, JobFinished, JobStatus, RunStatus};
pub use scheduler::{Action, Fact, Limits, Outcome, Scheduler, Settled, UnexpectedFact, Why};
