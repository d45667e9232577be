//! The outputs that jobs set, and how much of them there may be.

use super::{engine::Run, EventKind, RunError};
use serde_json::Value;

/// A job's outputs may have so many bytes as JSON (GitHub Actions' limit).
const JOB_OUTPUT_BYTES: usize = 1024 * 1024;

/// A run's outputs may have so many bytes as JSON (GitHub Actions' limit).
const RUN_OUTPUT_BYTES: usize = 50 * 1024 * 1024;

impl Run {
    /// Sets an output of a job; a later value of a name replaces an earlier one.
    ///
    /// # Errors
    /// [`RunError`] when the job is not with a worker, the name is empty, or there is too much.
    pub fn output(&self, job: usize, name: &str, value: Value) -> Result<(), RunError> {
        if name.is_empty() {
            return Err(RunError::NamelessOutput(job));
        }
        let size = |value: &Value| name.len() + value.to_string().len();
        let mut state = self.lock();
        let run_bytes = state.output_bytes;
        let claimed = state.claimed(job)?;
        let replaced = claimed.outputs.get(name).map_or(0, size);
        let added = size(&value);
        let too_large =
            |scope, bytes, limit| RunError::OutputTooLarge { name: name.to_owned(), scope, bytes, limit };
        let job_bytes = claimed.output_bytes + added - replaced;
        if job_bytes > JOB_OUTPUT_BYTES {
            return Err(too_large("the job", job_bytes, JOB_OUTPUT_BYTES));
        }
        let run_bytes = run_bytes + added - replaced;
        if run_bytes > RUN_OUTPUT_BYTES {
            return Err(too_large("the run", run_bytes, RUN_OUTPUT_BYTES));
        }
        claimed.output_bytes = job_bytes;
        claimed.outputs.insert(name.to_owned(), value.clone());
        state.output_bytes = run_bytes;
        self.emit(&mut state, EventKind::JobOutput { job, name: name.to_owned(), value });
        Ok(())
    }
}
