//! A process that may have no more open files: what needs one fails with an error that says so, what does not
//! goes on, the run ends, and the next run, with files to be had again, is as good as any.
#![cfg(unix)]

mod recorded;

use aither_orchestration::run::{JobStatus, Report, Run};
use recorded::{plan_of, play, project, request, start};
use serde_json::{json, Value};
use std::{env, fs::File, path::Path, process::Command, sync::Arc};

/// Has the test program start again with few files, as the limit is the whole process's.
#[test]
fn a_run_without_handles_ends_and_the_next_is_whole() {
    let me = env::current_exe().expect("the test program");
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 512 && exec \"$0\" --exact --ignored --nocapture victim"]).arg(me);
    let done = shell.output().expect("sh");
    let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && text.contains("1 passed"), "{text}");
}

/// Two processes and, behind them, a job of a worker's.
fn begin(root: &Path, journal: Option<Value>) -> Arc<Run> {
    let mut plan = plan_of(root, &[("a", &[]), ("b", &[]), ("c", &[])]);
    plan["failFast"] = json!(false);
    for job in 0..2 {
        plan["jobs"][job]["isolation"] = json!("process");
        plan["jobs"][job]["shell"] = json!("sh");
        plan["jobs"][job]["text"] = json!("echo done");
    }
    match journal {
        Some(journal) => start(request(&plan, journal)),
        None => start(json!({ "plan": plan })),
    }
}

#[test]
#[ignore = "takes all files of its process: started by the test above"]
fn victim() {
    let root = project(&["c"]);
    let mut held = Vec::new();
    let exhausted = loop {
        match File::open("/dev/null") {
            Ok(file) => held.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(exhausted.raw_os_error(), Some(24), "EMFILE, not {exhausted}");

    let run = begin(root.path(), Some(json!({})));
    let executed = play_to_the_end(&run);
    let result = run.result();
    assert_eq!(executed, ["c"], "what needs no file is done");
    assert_eq!(result.jobs[2].status, Some(JobStatus::Success));
    for job in &result.jobs[..2] {
        assert_eq!(job.status, Some(JobStatus::Failure));
        let error = job.error.as_ref().expect("an error").message.to_lowercase();
        assert!(error.contains("too many open files"), "{error}");
    }
    assert_eq!(result.exit_code, 10, "failed, in a plan that goes on");

    drop(held);
    let run = begin(root.path(), None);
    play_to_the_end(&run);
    assert!(run.result().jobs.iter().all(|job| job.status == Some(JobStatus::Success)), "{:?}", run.result());
}

fn play_to_the_end(run: &Arc<Run>) -> Vec<String> {
    play(run, 1, |_, _, _| Report::default())
}
