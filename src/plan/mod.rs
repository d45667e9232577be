//! Sequence, matrix and variables become a graph of jobs, checked before anything starts.

mod graph;
mod request;

pub use graph::{check, JobIndex, PlanError};
pub use request::{plan, PlanRequest, RequestError};

use crate::matrix::Dimension;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What will run: the jobs in plan order and the rules of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// How many jobs.
    pub total: usize,
    /// At most so many run at once; 1 or more.
    pub max_concurrency: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// How many scripts were selected.
    #[serde(default)]
    pub scripts: usize,
    /// The matrix's dimensions, empty without a matrix.
    #[serde(default)]
    pub dimensions: Vec<Dimension>,
    /// How many combinations the matrix has; 1 without a matrix.
    #[serde(default)]
    pub combinations: usize,
    /// The jobs; `needs` of each point into this list.
    pub jobs: Vec<Job>,
    /// What the user should know before the start.
    #[serde(default)]
    pub messages: Vec<Message>,
}

/// One script with its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    /// The job's position in the plan, from 0.
    pub job: usize,
    /// `0402`, or `0402-matrix-3` in a matrix; unique in the plan.
    pub number: String,
    /// The script's number.
    #[serde(default)]
    pub script: String,
    /// The script's file name.
    pub name: String,
    /// The script's path.
    pub path: String,
    /// The header's stage, `Default` where it names none.
    #[serde(default)]
    pub stage: String,
    /// The header's description.
    #[serde(default)]
    pub description: String,
    /// The header's dependencies as written.
    #[serde(default)]
    pub dependencies: Vec<String>,
    /// The header's condition as written.
    #[serde(default)]
    pub condition: Option<String>,
    /// The header's tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The jobs that must have succeeded before this one starts.
    #[serde(default)]
    pub needs: Vec<usize>,
    /// The combination's values.
    #[serde(default)]
    pub matrix: Option<Map<String, Value>>,
    /// The combination's id.
    #[serde(default)]
    pub matrix_id: Option<String>,
    /// The values offered to the script's parameters.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// Whether the job's failure neither ends the run nor fails it.
    #[serde(default)]
    pub continue_on_error: bool,
}

/// Something the user should know, with the stream it belongs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The stream.
    pub level: Level,
    /// The text, without a trailing line end.
    pub text: String,
}

/// The stream of a [`Message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth acting on.
    Warning,
    /// Explains a decision.
    Verbose,
}
