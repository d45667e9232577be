//! Sequence, matrix and variables become a graph of jobs, checked before anything starts.

mod error;
mod files;
mod graph;
mod growth;
mod playbook;
mod request;
mod script;
mod shown;
mod strategy;
mod variables;

pub use error::RequestError;
pub(crate) use files::hash as hash_files;
pub(crate) use graph::in_front;
pub use graph::{check, JobIndex, PlanError};
pub use growth::{grow, Growth};
pub use request::{plan, PlanRequest};
pub use strategy::Strategy;
pub(crate) use variables::{environment_variable, lookup};
pub use variables::{Environment, Observer};

use crate::{
    matrix::Dimension,
    playbook::{CacheRules, Isolation, StepArtifacts, SuccessCriteria},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// What will run: the jobs in plan order and the rules of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// How many jobs.
    pub total: usize,
    /// The project's folder, against which conditions look for files.
    #[serde(default)]
    pub root: PathBuf,
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
    /// The jobs; `needs`, `follows` and `after` of each point into this list.
    pub jobs: Vec<Job>,
    /// The stages or jobs of a playbook, empty for a sequence.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Seconds for the whole run.
    #[serde(default)]
    pub timeout: Option<f64>,
    /// The runs it takes turns with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Turns>,
    /// Values that conditions see and scripts do not.
    #[serde(default)]
    pub conditions: Map<String, Value>,
    /// Names of variables whose values are secret, of the playbook and those that it uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// When the run counts as a success.
    #[serde(default)]
    pub success: SuccessCriteria,
    /// What the plan was made from, where some of it can only be planned while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Box<PlanRequest>>,
    /// What the user should know before the start.
    #[serde(default)]
    pub messages: Vec<Message>,
}

/// One script with its values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Its place in the matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// The values offered to the script's parameters.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// Whether the job's failure neither ends the run nor fails it.
    #[serde(default)]
    pub continue_on_error: bool,
    /// The group it belongs to.
    #[serde(default)]
    pub group: Option<usize>,
    /// The name under which its group's expressions know it: `steps.<id>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Jobs that must not have failed: the step before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<usize>,
    /// Jobs that must have ended, however.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// As `needs`, groups: what a script depends on is in a group whose jobs only the run will know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs_groups: Vec<usize>,
    /// As `follows`, groups: the step before it that uses a playbook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows_groups: Vec<usize>,
    /// As `after`, groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_groups: Vec<usize>,
    /// The playbook's condition for this step; the header's is `condition`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The names of `parameters` that hold expressions which only the run can evaluate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<String>,
    /// Likewise the names of `env`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late_env: Vec<String>,
    /// Likewise `text`, whose templates only plain values may replace.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late_text: bool,
    /// Nothing to run, for this reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
    /// Nothing else may run beside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// Environment variables while it runs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub env: Map<String, Value>,
    /// Where it runs; the caller's folder where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// Text to run in place of a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The shell of `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// What its cache key covers besides script and values, where anybody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheRules>,
    /// What it hands on to other jobs and runs, and what it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<StepArtifacts>,
    /// Whether it runs in the session or as a process of its own.
    #[serde(default, skip_serializing_if = "is_runspace")]
    pub isolation: Isolation,
    /// Seconds for each attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
    /// More attempts after a failure.
    #[serde(default, skip_serializing_if = "no_retries")]
    pub retries: u32,
    /// Seconds before the second attempt; doubles with each.
    #[serde(default, skip_serializing_if = "no_delay")]
    pub retry_delay: f64,
}

fn is_runspace(isolation: &Isolation) -> bool {
    *isolation == Isolation::Runspace
}

impl Job {
    /// Whether something of it waits for values that only the run has.
    pub fn is_late(&self) -> bool {
        !self.late.is_empty() || !self.late_env.is_empty() || self.late_text
    }
}

fn no_retries(retries: &u32) -> bool {
    *retries == 0
}

fn no_delay(seconds: &f64) -> bool {
    *seconds == 0.0
}

/// Jobs that begin together, have one condition, and are waited for together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// A job's key or a stage's name, behind the ids of the groups around it: `deploy/unit tests`.
    pub id: String,
    /// What expressions of its own playbook call it: `jobs.<key>`, `needs.<key>`, `stages.<key>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The name shown.
    #[serde(default)]
    pub name: String,
    /// The name under which the expressions of the stage around it know it, for a step that uses a
    /// playbook: `steps.<id>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The group it stands in: begins after that has begun, and is a part of it in every respect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<usize>,
    /// What a used playbook was given; set for every group that stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Map<String, Value>>,
    /// Groups that must have succeeded.
    #[serde(default)]
    pub needs: Vec<usize>,
    /// Groups that must have ended, however.
    #[serde(default)]
    pub after: Vec<usize>,
    /// Groups that must not have failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<usize>,
    /// Jobs that must not have failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows_jobs: Vec<usize>,
    /// Jobs that must have ended, however.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_jobs: Vec<usize>,
    /// Decided when its turn has come.
    #[serde(default)]
    pub condition: Option<String>,
    /// Its failure neither ends the run nor fails it.
    #[serde(default)]
    pub continue_on_error: bool,
    /// Whether its first failure cancels its other jobs; the run's rule where absent.
    #[serde(default)]
    pub fail_fast: Option<bool>,
    /// At most so many of its jobs at once, those of the groups within it among them.
    #[serde(default)]
    pub max_parallel: Option<usize>,
    /// The parts of runs it takes turns with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Turns>,
    /// Seconds for all of its jobs together, from the start of the first; of a matrix for each
    /// combination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
    /// The variables its condition sees.
    #[serde(default)]
    pub variables: Map<String, Value>,
    /// The values of the matrices around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Map<String, Value>>,
    /// The id of their combination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix_id: Option<String>,
    /// Its place in the innermost of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// Output name to expression, evaluated when it has ended.
    #[serde(default)]
    pub outputs: Map<String, Value>,
    /// What has to be known before its jobs are, as paths (`matrix`, `with.version`) and templates
    /// that only the run can evaluate. Until then it has one job that stands for them.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub deferred: Map<String, Value>,
}

impl Plan {
    /// A group, then the one it is in, and so on outwards. None for an unknown one.
    pub(crate) fn around(&self, group: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let known = group.filter(|group| *group < self.groups.len());
        std::iter::successors(known, |group| self.groups.get(*group)?.within)
    }
}

impl Group {
    /// Whether its jobs are not known yet.
    pub fn is_deferred(&self) -> bool {
        !self.deferred.is_empty()
    }

    /// Whether something is evaluated when its turn has come.
    pub fn is_decided(&self) -> bool {
        self.condition.is_some() || self.concurrency.is_some() || self.is_deferred()
    }
}

/// Runs, or parts of them, of which one goes on at a time, in all processes that work in one project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Turns {
    /// The name they share; case does not matter.
    pub group: String,
    /// Whether this one asks the one that goes on to cancel its run.
    #[serde(default)]
    pub cancel_in_progress: bool,
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
