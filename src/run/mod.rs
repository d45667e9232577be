//! Runs a plan: a pure scheduler that decides, an engine around it that keeps time and hands out
//! jobs, and the events that tell what happened.
//!
//! Work is pulled: a worker asks for a job, runs it and reports. Nothing here calls into a worker.
//! Jobs that are to run as processes of their own are children, which this room starts itself.

mod archive;
mod caching;
mod chores;
mod clerk;
mod clock;
mod context;
mod digest;
mod dispatch;
mod engine;
mod event;
mod fact;
mod graph;
mod growth;
mod history;
mod journal;
mod limit;
mod log;
mod output;
mod outputs;
mod process;
mod recording;
mod request;
mod result;
mod resume;
mod room;
mod scheduler;
mod secrets;
mod signals;
mod slots;
mod start;
mod state;
mod storing;
mod turn;
mod turns;

pub use archive::{
    read as read_journal, Archive, ArchiveError, RecordedJob, RecordedRun, RecordedStatus, RecordedSummary,
};
pub use engine::{Next, Run};
pub use event::{Event, EventKind, JobFinished, JobStatus, RunStatus};
pub use fact::{
    Action, Cause, Fact, Outcome, Past, Settled, Subject, UnexpectedFact, UnexpectedGrowth, Verdict, Why,
};
pub use journal::{Header, JobsLine, JournalRequest, RecordedPlan, Summary};
pub use process::{pairs as file_commands, ChildSettings, CommandError, JobOutput, Patience, PowerShell};
pub use request::{Report, ReportedError, RunError, StartError, StartRequest};
pub use result::{Fold, GroupResult, JobResult, RunResult};
pub use scheduler::Scheduler;
pub use secrets::{NamedSecret, Secrets};
pub use signals::{NextEvents, Signals};
pub use start::TakenOver;
