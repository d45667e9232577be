use crate::run::JobStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A run that has ended, with all that any report tells of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Document {
    /// The playbook's name; empty for a sequence.
    pub playbook: String,
    /// The run's id.
    pub run_id: String,
    /// Whether nothing failed the run.
    pub success: bool,
    /// 0, 1, 10, 124 or 130.
    pub exit_code: i32,
    /// Milliseconds since 1970-01-01 UTC.
    pub started_at: u64,
    /// How far the reader's clock is ahead of UTC.
    pub utc_offset_minutes: i32,
    /// The whole run.
    pub duration_ms: f64,
    /// What the cached jobs took when they last ran.
    pub saved_ms: f64,
    /// The merged variables.
    pub variables: Map<String, Value>,
    /// The merged outputs: stage or job name to name to value.
    pub outputs: Map<String, Value>,
    /// Texts that stand nowhere in a report; `***` stands in their place.
    pub secrets: Vec<String>,
    /// The folder that paths are shown relative to.
    pub root: String,
    /// Markdown that scripts wrote for the summary, in the order written.
    pub texts: Vec<ScriptText>,
    /// A playbook's stages or jobs in its order; empty for a sequence.
    pub stages: Vec<Stage>,
    /// In plan order.
    pub jobs: Vec<Task>,
}

/// A stage or job of a playbook.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Stage {
    /// Its name, as its jobs have it.
    pub name: String,
    /// The names of those it waits for.
    pub needs: Vec<String>,
}

/// Markdown that a script wrote.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ScriptText {
    /// The job's number.
    pub number: String,
    /// The text, as the script wrote it.
    pub text: String,
}

/// One job of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Task {
    /// `0402`, or `0402-matrix-3`.
    pub number: String,
    /// The script's number.
    pub script: String,
    /// The script's file name, or the step's name.
    pub name: String,
    /// The script's path; empty for inline text.
    pub path: String,
    /// The playbook's stage, else the header's.
    pub stage: String,
    /// Its final status.
    pub status: Option<JobStatus>,
    /// The script's exit code, none where it never ran.
    pub exit_code: Option<i32>,
    /// The text of the error that ended it.
    pub error: Option<String>,
    /// The error's type.
    pub error_type: Option<String>,
    /// `file:line` in the script.
    pub error_at: Option<String>,
    /// Non-terminating errors.
    pub error_count: u64,
    /// Why it was skipped or cancelled.
    pub reason: Option<String>,
    /// Milliseconds since 1970-01-01 UTC, none where it never ran.
    pub started_at: Option<u64>,
    /// From start to end.
    pub duration_ms: f64,
    /// How often it was started.
    pub attempts: u32,
    /// Whether the result came from the cache.
    pub cached: bool,
    /// What it took when it last ran, where it came from the cache.
    pub saved_ms: Option<f64>,
    /// The combination's values.
    pub matrix: Option<Map<String, Value>>,
    /// The combination's id.
    pub matrix_id: Option<String>,
    /// The numbers of the jobs it needs.
    pub needs: Vec<String>,
    /// The outputs it set.
    pub outputs: Map<String, Value>,
    /// The last lines it wrote.
    pub log: Vec<String>,
}

impl Document {
    /// How many jobs have a status of this kind.
    pub fn count(&self, wanted: impl Fn(JobStatus) -> bool) -> usize {
        self.jobs.iter().filter_map(|job| job.status).filter(|status| wanted(*status)).count()
    }

    /// Jobs that failed or ran out of time.
    pub fn failed(&self) -> usize {
        self.count(JobStatus::is_failure)
    }

    /// Jobs that succeeded, those from the cache among them.
    pub fn completed(&self) -> usize {
        self.count(|status| status == JobStatus::Success)
    }

    /// Jobs whose result came from the cache.
    pub fn cached(&self) -> usize {
        self.jobs.iter().filter(|job| job.cached).count()
    }

    /// The stages in the order of their first jobs, each with its jobs.
    pub fn by_stage(&self) -> Vec<(&str, Vec<&Task>)> {
        let mut stages: Vec<(&str, Vec<&Task>)> = Vec::new();
        for job in &self.jobs {
            match stages.iter_mut().find(|(name, _)| *name == job.stage) {
                Some((_, jobs)) => jobs.push(job),
                None => stages.push((&job.stage, vec![job])),
            }
        }
        stages
    }
}

impl Task {
    /// Whether it failed or ran out of time.
    pub fn is_failed(&self) -> bool {
        self.status.is_some_and(JobStatus::is_failure)
    }

    /// `0402_Run-UnitTests.ps1 (profile=quick)`.
    pub fn title(&self) -> String {
        match &self.matrix_id {
            Some(id) => format!("{} ({id})", self.name),
            None => self.name.clone(),
        }
    }

    /// Why it did not succeed, in words; never empty for a job that failed.
    pub fn why(&self) -> String {
        let said = self.error.as_deref().or(self.reason.as_deref()).filter(|text| !text.trim().is_empty());
        match (said, self.status, self.exit_code) {
            (Some(text), ..) => text.to_owned(),
            (None, Some(JobStatus::TimedOut), _) => "It ran out of time.".to_owned(),
            (None, _, Some(code)) if code != 0 => format!("Script exited with code: {code}"),
            (None, Some(status), _) if status != JobStatus::Success => {
                format!("{status:?}, without a reason.")
            }
            _ => String::new(),
        }
    }
}
