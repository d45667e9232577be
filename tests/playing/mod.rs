//! Plans and runs a playbook with workers that only say how a script ended.

#![allow(dead_code, reason = "each test file uses its part")]

use aither_orchestration::{
    error::Problem,
    plan::{plan, Plan, PlanRequest},
    run::{JobStatus, Next, Report, Run, RunStatus, StartRequest},
};
use serde_json::{json, Map, Value};
use std::{fs, time::Duration};
use tempfile::TempDir;

pub const SCRIPTS: &[(&str, &str)] = &[
    ("0100_Install-Tools.ps1", ""),
    ("0200_Build-Code.ps1", "# Dependencies: Tools\n"),
    ("0300_Test-Code.ps1", "# Dependencies: 0200\n"),
    ("0400_Measure-Code.ps1", ""),
    ("0500_Clear-Windows.ps1", "# Condition: IsWindows -eq $true -and IsLinux -eq $true\n"),
    ("0600_Publish-Code.ps1", "# Condition: $Environment -eq 'Production'\n"),
];

pub fn project() -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("automation-scripts");
    fs::create_dir(&folder).expect("a script folder");
    for (name, header) in SCRIPTS {
        fs::write(folder.join(name), header).expect("a script");
    }
    root
}

pub fn planned(root: &TempDir, playbook: Value, extra: Value) -> Result<Plan, Problem> {
    let source =
        if playbook.get("Sequence").is_some() || playbook.get("Scripts").is_some() { "psd1" } else { "json" };
    let mut request =
        json!({"root": root.path(), "playbook": {"document": playbook, "path": "p.json", "source": source}});
    for (name, value) in extra.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    let request: PlanRequest = serde_json::from_value(request).expect("a request");
    plan(&request).map_err(Problem::from)
}

pub fn v2(stages: Value) -> Value {
    json!({
        "metadata": {"name": "p", "description": "A playbook for tests", "version": "1.0.0", "category": "testing"},
        "orchestration": {"stages": stages}
    })
}

pub fn v3(jobs: Value) -> Value {
    json!({
        "metadata": {"name": "p", "description": "A playbook for tests", "version": "1.0.0", "category": "testing"},
        "orchestration": {"jobs": jobs}
    })
}

/// What a run came to: the numbers in the order they were started, and every job's status.
pub struct Played {
    pub started: Vec<String>,
    pub parameters: Vec<Map<String, Value>>,
    pub statuses: Vec<(String, JobStatus)>,
    pub reasons: Vec<Option<String>>,
    pub errors: Vec<Option<String>>,
    pub codes: Vec<Option<String>>,
    /// Of the jobs that were started.
    pub matrix_ids: Vec<Option<String>>,
    pub exit_code: i32,
    pub status: RunStatus,
}

/// Runs a plan one job at a time; `ends` says how a start of a number ends.
pub fn play(plan: &Plan, mut ends: impl FnMut(&Run, usize, &str, u64) -> Report) -> Played {
    play_jobs(plan, |run, job| {
        let at = job["job"].as_u64().expect("a job") as usize;
        let attempt = job["attempt"].as_u64().expect("an attempt");
        ends(run, at, job["number"].as_str().expect("a number"), attempt)
    })
}

/// As [`play`]; `ends` is told all that a worker is.
pub fn play_jobs(plan: &Plan, mut ends: impl FnMut(&Run, &Value) -> Report) -> Played {
    let request = json!({"plan": plan});
    let run = Run::start(serde_json::from_value::<StartRequest>(request).expect("a request")).expect("a run");
    let mut played = Played {
        started: Vec::new(),
        parameters: Vec::new(),
        statuses: Vec::new(),
        reasons: Vec::new(),
        errors: Vec::new(),
        codes: Vec::new(),
        matrix_ids: Vec::new(),
        exit_code: 0,
        status: RunStatus::Running,
    };
    loop {
        match run.next_job(Some(Duration::from_secs(20))) {
            Next::Job(text) => {
                let job: Value = serde_json::from_str(&text).expect("JSON");
                let number = job["number"].as_str().expect("a number").to_owned();
                let at = job["job"].as_u64().expect("a job") as usize;
                let report = ends(&run, &job);
                played.parameters.push(job["parameters"].as_object().cloned().expect("parameters"));
                played.matrix_ids.push(job["matrixId"].as_str().map(str::to_owned));
                played.started.push(number);
                run.finish_job(at, report).expect("an end");
            }
            Next::End => break,
            Next::Timeout => panic!("the run hangs after {:?}", played.started),
        }
    }
    let result = run.result();
    for job in result.jobs {
        played.statuses.push((job.number, job.status.expect("a status")));
        played.reasons.push(job.reason);
        played.codes.push(job.error.as_ref().and_then(|error| error.id.clone()));
        played.errors.push(job.error.map(|error| error.message));
    }
    played.exit_code = result.exit_code;
    played.status = result.status;
    played
}

pub fn good() -> Report {
    Report::default()
}

pub fn bad() -> Report {
    Report { exit_code: 3, ..Report::default() }
}

/// Everything succeeds but these numbers.
pub fn failing(plan: &Plan, bad_numbers: &[&str]) -> Played {
    play(plan, |_, _, number, _| if bad_numbers.contains(&number) { bad() } else { good() })
}

pub fn statuses(played: &Played) -> Vec<(&str, JobStatus)> {
    played.statuses.iter().map(|(number, status)| (number.as_str(), *status)).collect()
}
