//! A project of jobs with small declared inputs, and a run of all of them.

use crate::fail;
use aither_orchestration::run::{Next, NextEvents, Report, Run, StartRequest};
use serde_json::{json, Value};
use std::{fs, path::Path, thread, time::Duration};
use tempfile::TempDir;

pub struct Project {
    request: Value,
    /// Gone, with all that is in it, when the project is.
    _folder: TempDir,
}

impl Project {
    /// `jobs` scripts with so many inputs each, needing what `needs` says.
    pub fn new(jobs: usize, inputs: usize, needs: impl Fn(usize) -> Vec<usize>) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| fail(&error));
        let root = folder.path();
        let planned: Vec<Value> = (0..jobs)
            .map(|job| {
                let script = root.join(format!("automation-scripts/{:04}_Build-Package.ps1", job + 1));
                write(&script, "param()");
                for input in 0..inputs {
                    write(&root.join(format!("packages/p{job}/src/{input}.txt")), &format!("{job} {input}"));
                }
                json!({
                    "job": job, "number": format!("{:04}", job + 1), "script": format!("{:04}", job + 1),
                    "name": "x.ps1", "path": script, "needs": needs(job),
                    "cache": {"inputs": [format!("packages/p{job}/**")]},
                })
            })
            .collect();
        let plan =
            json!({"total": jobs, "root": root, "maxConcurrency": 8, "failFast": true, "jobs": planned});
        // Old enough for the index to trust them.
        let moment = std::time::SystemTime::now() - Duration::from_secs(10);
        for file in
            walkdir::WalkDir::new(root).into_iter().flatten().filter(|file| file.file_type().is_file())
        {
            let opened = fs::File::options().write(true).open(file.path());
            opened.and_then(|file| file.set_modified(moment)).unwrap_or_else(|error| fail(&error));
        }
        thread::sleep(Duration::from_millis(2_100));
        Self { request: json!({"plan": plan, "events": ["RunFinished"], "cache": {}}), _folder: folder }
    }
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).unwrap_or_else(|error| fail(&error));
}

/// Runs the project from its request to its result; how many jobs came from the cache.
pub fn run_all(project: &Project) -> usize {
    let request: StartRequest =
        serde_json::from_value(project.request.clone()).unwrap_or_else(|error| fail(&error));
    let run = Run::start(request).unwrap_or_else(|error| fail(&error));
    thread::scope(|scope| {
        scope.spawn(|| {
            while let Next::Job(text) = run.next_job(None) {
                let job: Value = serde_json::from_str(&text).unwrap_or_else(|error| fail(&error));
                let position = job["job"].as_u64().unwrap_or_default() as usize;
                run.finish_job(position, Report::default()).unwrap_or_else(|error| fail(&error));
            }
        });
        while !matches!(run.events(Duration::from_secs(60)), NextEvents::End) {}
    });
    let cached = run.result().cached;
    run.abandon();
    cached
}
