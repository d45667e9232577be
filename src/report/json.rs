//! The result as JSON, under the names that the result object has in PowerShell.

use super::{
    document::{Document, Task},
    text::moment_utc,
};
use crate::run::JobStatus;
use serde_json::{json, Value};

/// The whole document, indented, with a line end.
pub fn render(document: &Document) -> String {
    let jobs: Vec<Value> = document.jobs.iter().map(task).collect();
    let result = json!({
        "RunId": document.run_id,
        "Playbook": document.playbook,
        "Success": document.success,
        "ExitCode": document.exit_code,
        "Started": moment_utc(document.started_at),
        "DurationSeconds": document.duration_ms / 1_000.0,
        "Total": document.jobs.len(),
        "Completed": document.completed(),
        "Failed": document.failed(),
        "Skipped": document.count(|status| status == JobStatus::Skipped),
        "Cancelled": document.count(|status| status == JobStatus::Cancelled),
        "Cached": document.cached(),
        "Variables": document.variables,
        "Outputs": document.outputs,
        "Jobs": jobs,
    });
    let mut text = serde_json::to_string_pretty(&result).unwrap_or_default();
    text.push('\n');
    text
}

fn task(job: &Task) -> Value {
    json!({
        "Number": job.number,
        "Script": job.script,
        "Name": job.name,
        "Path": job.path,
        "Stage": job.stage,
        "Status": job.status,
        "Success": job.status == Some(JobStatus::Success),
        "ExitCode": job.exit_code,
        "Error": job.is_failed().then(|| job.why()),
        "ErrorAt": job.error_at,
        "ErrorCount": job.error_count,
        "Reason": job.reason,
        "Started": job.started_at.map(moment_utc),
        "DurationSeconds": job.duration_ms / 1_000.0,
        "Attempts": job.attempts,
        "Cached": job.cached,
        "Matrix": job.matrix,
        "MatrixId": job.matrix_id,
        "Needs": job.needs,
        "Outputs": job.outputs,
        "Log": job.log,
    })
}
