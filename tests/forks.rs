//! A system that gives no more processes and threads: what needs one fails with an error that says so, what
//! needs none goes on, nothing is left behind, and once there are some again the same run uses them.
#![cfg(target_os = "linux")]

mod recorded;
mod unprivileged;

use aither_orchestration::{
    error::Problem,
    run::{JobStatus, Report, Run},
};
use recorded::{plan_of, play, project, request, start};
use serde_json::{json, Value};
use std::{fs, io, sync::Arc};

/// So many processes are refused; what each of them left behind would show.
const REFUSED: usize = 40;

/// The limit is a whole user's, and does not bind root.
#[test]
fn without_processes_a_run_ends_and_goes_on_when_there_are_some() {
    let folder = tempfile::tempdir().expect("a folder");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), mode).expect("everyone may enter");
    let done = unprivileged::run(folder.path(), "victim", &[]);
    let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && text.contains("1 passed"), "{text}");
}

/// Sets how many processes and threads this user may have, none more with 1.
fn limit(to: libc::rlim_t) -> libc::rlim_t {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is valid for reading and writing.
    let done = unsafe {
        let got = libc::getrlimit(libc::RLIMIT_NPROC, &mut limit);
        let before = limit.rlim_cur;
        limit.rlim_cur = to.min(limit.rlim_max);
        (got == 0 && libc::setrlimit(libc::RLIMIT_NPROC, &limit) == 0).then_some(before)
    };
    done.unwrap_or_else(|| panic!("{}", io::Error::last_os_error()))
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").expect("files").count()
}

/// Processes, `before`; a worker; processes that are refused; a worker; a process.
fn plan(before: usize) -> (Value, usize, usize) {
    let first = before;
    let second = first + 1 + REFUSED;
    let jobs: Vec<Value> = (0..second + 2)
        .map(|job| {
            let number = format!("{job:04}");
            if job == first || job == second {
                let after: Vec<usize> =
                    if job == first { (0..first).collect() } else { (first + 1..job).collect() };
                return json!({"job": job, "number": number, "name": number, "path": "", "after": after});
            }
            let after: &[usize] = if job < first {
                &[]
            } else if job < second {
                &[first]
            } else {
                &[second]
            };
            json!({"job": job, "number": number, "name": number, "path": "", "after": after,
                   "isolation": "process", "shell": "sh", "text": "echo done"})
        })
        .collect();
    let plan =
        json!({"total": jobs.len(), "root": "/", "maxConcurrency": 8, "failFast": false, "jobs": jobs});
    (plan, first, second)
}

#[test]
#[ignore = "takes all processes of its user: started by the test above"]
fn victim() {
    // One run whose watchdog and threads are there when nothing more is given, and one that has none yet.
    for before in [1, 0] {
        let (plan, first, second) = plan(before);
        let mut usual = 0;
        let mut files = 0;
        let run = start(json!({"plan": plan}));
        play(&run, 1, |_, job, _| {
            if job == first {
                files = open_files();
                usual = limit(1);
            } else {
                assert!(open_files() < files + REFUSED / 2, "what was refused has left files open");
                limit(usual);
            }
            Report::default()
        });
        let result = run.result();
        for (job, done) in result.jobs.iter().enumerate() {
            if job > first && job < second {
                let error = done.error.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
                assert_eq!(done.status, Some(JobStatus::Failure), "{job}: {error}");
                let says =
                    ["no more processes", "watchdog", "no thread"].iter().any(|word| error.contains(word));
                assert!(says && error.contains("os error 11"), "{error}");
            } else {
                assert_eq!(done.status, Some(JobStatus::Success), "{job}: {:?}", done.error);
            }
        }
        assert_eq!(result.exit_code, 10, "failed, in a plan that goes on");
    }
    nothing_is_started_that_cannot_be();
}

/// A run that needs a thread of its own is refused whole; one that needs none is as ever.
fn nothing_is_started_that_cannot_be() {
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let mut timed = plan.clone();
    timed["timeout"] = json!(60);
    let cached = json!({"plan": plan, "cache": {"mode": "ReadWrite"}});
    let usual = limit(1);
    for asked in [request(&plan, json!({})), json!({"plan": timed}), cached.clone()] {
        let refused = Run::start(serde_json::from_value(asked).expect("a request")).err();
        let problem = Problem::from(refused.expect("no thread for it"));
        assert_eq!(problem.code, "run.no-thread", "{problem:?}");
    }
    let plain: Arc<Run> = start(json!({"plan": plan}));
    assert_eq!(play(&plain, 1, |_, _, _| Report::default()), ["a"]);
    limit(usual);
    for asked in [request(&plan, json!({})), json!({"plan": timed}), cached] {
        assert_eq!(play(&start(asked), 1, |_, _, _| Report::default()), ["a"]);
    }
}
