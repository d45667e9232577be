//! Projects, plans and workers for tests of recorded runs.

#![allow(dead_code, reason = "each test file uses its part")]

use aither_orchestration::run::{Next, NextEvents, Report, Run};
use serde_json::{json, Value};
use std::{fs, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;

/// A script and the positions of those that it needs.
pub type Script<'a> = (&'a str, &'a [usize]);

/// Longer than anything here takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn project(scripts: &[&str]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    for script in scripts {
        fs::write(root.path().join(format!("{script}.ps1")), format!("# {script}")).expect("a script");
    }
    root
}

pub fn plan_of(root: &Path, scripts: &[Script]) -> Value {
    let jobs: Vec<Value> = scripts
        .iter()
        .enumerate()
        .map(|(job, (number, needs))| {
            let path = root.join(format!("{number}.ps1"));
            json!({"job": job, "number": number, "script": number, "name": format!("{number}.ps1"), "path": path, "needs": needs})
        })
        .collect();
    json!({"total": jobs.len(), "root": root, "maxConcurrency": 8, "failFast": true, "jobs": jobs})
}

pub fn request(plan: &Value, journal: Value) -> Value {
    json!({"plan": plan, "journal": journal})
}

pub fn start(request: Value) -> Arc<Run> {
    Run::start(serde_json::from_value(request).expect("a request")).expect("a run")
}

/// Runs a run's jobs one after another and waits for its end; answers the numbers that were run.
pub fn play(run: &Arc<Run>, workers: usize, work: impl FnMut(&Run, usize, &str) -> Report) -> Vec<String> {
    let numbers = executed(run, workers, work);
    wait_for_the_end(run);
    numbers
}

/// Takes up to so many jobs at a time and then runs them.
pub fn executed(
    run: &Arc<Run>,
    at_once: usize,
    mut work: impl FnMut(&Run, usize, &str) -> Report,
) -> Vec<String> {
    let mut numbers = Vec::new();
    loop {
        let mut taken = Vec::new();
        while taken.len() < at_once {
            let patience = if taken.is_empty() { PATIENCE } else { Duration::ZERO };
            match run.next_job(Some(patience)) {
                Next::Job(text) => taken.push(serde_json::from_str::<Value>(&text).expect("JSON")),
                Next::End => break,
                Next::Timeout if taken.is_empty() => panic!("the run hangs after {numbers:?}"),
                Next::Timeout => break,
            }
        }
        if taken.is_empty() {
            return numbers;
        }
        for job in taken {
            let number = job["number"].as_str().expect("a number").to_owned();
            let at = job["job"].as_u64().expect("a job") as usize;
            let report = work(run, at, &number);
            run.finish_job(at, report).expect("an end");
            numbers.push(number);
        }
    }
}

/// Every event up to the last.
pub fn wait_for_the_end(run: &Run) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        match run.events(PATIENCE) {
            NextEvents::Signals(signals) => events.extend(signals.events.iter().map(|event| json!(event))),
            NextEvents::End => return events,
            NextEvents::Timeout => panic!("the run has no end: {events:?}"),
        }
    }
}
