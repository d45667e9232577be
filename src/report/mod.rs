//! Folds a run's events into what the user keeps.

mod result;

pub use result::{Fold, JobResult, RunResult};
