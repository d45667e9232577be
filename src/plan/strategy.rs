//! Where a job stands in its matrix.

use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

/// A job's place in its matrix and the rules of that, as `strategy` of expressions shows them
/// (GitHub Actions' `strategy` context).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Strategy {
    /// The combination's position in the matrix, from 0.
    pub job_index: usize,
    /// How many combinations the matrix has.
    pub job_total: usize,
    /// Whether the first failure cancels the others.
    pub fail_fast: bool,
    /// At most so many combinations at once; all of them where nobody says.
    pub max_parallel: usize,
}

impl Strategy {
    /// What a job without a matrix sees.
    pub(crate) fn alone(fail_fast: bool) -> Self {
        Self { job_index: 0, job_total: 1, fail_fast, max_parallel: 1 }
    }

    /// The value of the root `strategy`.
    pub(crate) fn context(self) -> Value {
        json!({
            "job-index": self.job_index,
            "job-total": self.job_total,
            "fail-fast": self.fail_fast,
            "max-parallel": self.max_parallel,
        })
    }
}
