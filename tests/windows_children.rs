//! Jobs that run as processes on Windows, with cmd and with programs that start others. Whether a process is gone is
//! told by the file it keeps locked while it lives.
#![cfg(windows)]

mod recorded;
mod victim;

use aither_orchestration::run::{Archive, JobStatus, NextEvents, Run, RunStatus};
use recorded::{request, start, wait_for_the_end};
use serde_json::{json, Value};
use std::{
    env,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use victim::Victim;

/// Longer than anything here takes on the slowest machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Longer than that: what is waited for so long has not come.
const NEVER: f64 = 3_600.0;

/// Where a program finds its folder, and by which name it locks its file there.
const ROOT: &str = "AITHER_TEST_HOLD_ROOT";
const NAME: &str = "AITHER_TEST_HOLD_NAME";

/// How Windows ends a program that has no handler for Ctrl+Break: STATUS_CONTROL_C_EXIT.
const ENDED_BY_BREAK: i32 = 0xC000_013A_u32 as i32;

/// How the engine ends a program.
const ENDED: i32 = 1;

fn root() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A plan of steps of cmd, that run side by side.
fn plan(root: &Path, texts: &[String]) -> Value {
    let jobs: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(job, text)| {
            let number = format!("{job:04}");
            json!({
                "job": job, "number": number, "name": format!("Step {job}"), "path": "", "group": 0,
                "isolation": "process", "shell": "cmd", "text": text,
            })
        })
        .collect();
    json!({
        "total": jobs.len(), "maxConcurrency": 4, "failFast": false, "root": root, "jobs": jobs,
        "groups": [{"id": "stage"}],
    })
}

/// The text that runs a test of this program, which is ignored else.
fn program(test: &str) -> String {
    let exe = env::current_exe().expect("this program");
    format!("@\"{}\" --ignored --exact {test} --nocapture --test-threads=1", exe.display())
}

fn play(plan: &Value, extra: Value) -> Arc<Run> {
    let mut asked = request(plan, json!({}));
    asked.as_object_mut().expect("a request").extend(extra.as_object().expect("fields").clone());
    start(asked)
}

fn with_hold(mut plan: Value, root: &Path) -> Value {
    for job in plan["jobs"].as_array_mut().expect("jobs") {
        job["env"] = json!({ROOT: root, NAME: job["number"]});
    }
    plan
}

/// A ladder that waits for ever on its first rung.
fn no_haste() -> Value {
    json!({"children": {"patience": {"interrupt": NEVER, "terminate": NEVER, "linger": 0.2}}})
}

/// Holds a lock for as long as it lives, and says so.
fn hold(name: &str) -> ! {
    let root = PathBuf::from(env::var_os(ROOT).expect("the test says where"));
    let file = File::create(root.join(format!("{name}.lock"))).expect("a file");
    file.lock().expect("a lock");
    fs::write(root.join(format!("{name}.holds")), "").expect("a file");
    println!("holds");
    loop {
        thread::park();
    }
}

/// Waits until as many programs hold their files as there should be.
fn wait_for_holders(root: &Path, count: usize) {
    let since = Instant::now();
    let holding = || {
        let files = fs::read_dir(root).expect("the folder").flatten();
        files.filter(|file| file.path().extension().is_some_and(|end| end == "holds")).count()
    };
    while holding() < count {
        assert!(since.elapsed() < LIMIT, "only {} of {count} have begun", holding());
        thread::yield_now();
    }
}

/// Every program that has held a file is gone; gives how many there were.
fn assert_all_gone(root: &Path) -> usize {
    let since = Instant::now();
    let mut held = 0;
    for file in fs::read_dir(root).expect("the folder").flatten() {
        if file.path().extension().is_some_and(|end| end == "lock") {
            held += 1;
            let lock = File::options().write(true).open(file.path()).expect("the file");
            while lock.try_lock().is_err() {
                assert!(since.elapsed() < LIMIT, "the program of {} still runs", file.path().display());
                thread::yield_now();
            }
        }
    }
    held
}

/// A program that waits for ever.
#[test]
#[ignore = "a program that the tests below start"]
fn waits() {
    hold(&env::var(NAME).expect("the test says which"));
}

/// A program that starts another one, which outlives it.
#[test]
#[ignore = "a program that the tests below start"]
fn leaves_a_child() {
    let root = PathBuf::from(env::var_os(ROOT).expect("the test says where"));
    let name = env::var(NAME).expect("the test says which");
    let exe = env::current_exe().expect("this program");
    let mut child = Command::new(exe);
    child.args(["--ignored", "--exact", "waits", "--nocapture"]).env(NAME, format!("child-of-{name}"));
    child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    child.spawn().expect("a child");
    wait_for_holders(&root, 1);
}

/// A program that waits with a child that does.
#[test]
#[ignore = "a program that the tests below start"]
fn waits_with_a_child() {
    leaves_a_child();
    hold(&env::var(NAME).expect("the test says which"));
}

/// The session that is killed.
#[test]
#[ignore = "only as a process of its own, which a test below starts and kills"]
fn victim() {
    let root = PathBuf::from(env::var_os(ROOT).expect("the test says where"));
    let texts = vec![program("waits_with_a_child"); 3];
    let run = play(&with_hold(plan(&root, &texts), &root), json!({}));
    wait_for_the_end(&run);
}

#[test]
fn cmd_runs_a_step_with_its_environment_folder_and_files() {
    let root = root();
    fs::create_dir(root.path().join("sub dir")).expect("a folder");
    let text =
        "@echo off\necho out %WORD%\necho err 1>&2\ncd\necho from=%WORD%>> \"%GITHUB_OUTPUT%\"\nexit 7";
    let mut plan = plan(root.path(), &[text.to_owned(), "@echo %WORD%".into()]);
    plan["jobs"][0]["workingDirectory"] = json!("sub dir");
    plan["jobs"][0]["env"] = json!({"word": "a b"});
    let run = play(&plan, json!({}));
    wait_for_the_end(&run);
    let result = run.result();
    assert_eq!((result.jobs[0].status, result.jobs[0].exit_code), (Some(JobStatus::Failure), Some(7)));
    assert_eq!(result.jobs[0].outputs["from"], json!("a b"));
    let log = Archive::of(root.path()).log(run.id(), "0000", 0, usize::MAX).expect("a log");
    let lines: Vec<(u8, &str)> = log.lines.iter().map(|line| (line.stream, line.text.trim_end())).collect();
    assert!(lines.contains(&(1, "out a b")), "{lines:?}");
    assert!(lines.contains(&(2, "err")), "{lines:?}");
    assert!(lines.iter().any(|(stream, text)| *stream == 1 && text.ends_with("sub dir")), "{lines:?}");
}

#[test]
fn what_cannot_be_started_says_why() {
    let root = root();
    let mut plan = plan(root.path(), &["@echo a".into(), "@echo b".into(), "@echo c".into()]);
    plan["jobs"][0]["workingDirectory"] = json!("nowhere");
    plan["jobs"][1]["shell"] = json!("bash");
    plan["jobs"][1]["env"] = json!({"PATH": root.path()});
    plan["jobs"][2]["env"] = json!({"A": "x\0y"});
    let run = play(&plan, json!({}));
    wait_for_the_end(&run);
    let result = run.result();
    let error = |job: usize| result.jobs[job].error.as_ref().expect("an error").message.clone();
    assert!(error(0).contains("nowhere does not exist"), "{}", error(0));
    assert!(error(1).contains("needs the program 'bash'"), "{}", error(1));
    assert!(error(2).contains("NUL"), "{}", error(2));
}

#[test]
fn ctrl_break_asks_a_program_to_end() {
    let root = root();
    let run = play(&with_hold(plan(root.path(), &[program("waits")]), root.path()), no_haste());
    wait_for_holders(root.path(), 1);
    run.cancel();
    wait_for_the_end(&run);
    let result = run.result();
    assert_eq!(result.status, RunStatus::Cancelled);
    assert_eq!(result.jobs[0].status, Some(JobStatus::Cancelled));
    // cmd ends with what its program ended with. Wine 8 refuses to send Ctrl+Break; what cannot be asked is ended
    // at once.
    let expected = if env::var_os("WINEPREFIX").is_some() { ENDED } else { ENDED_BY_BREAK };
    assert_eq!(result.jobs[0].exit_code, Some(expected));
    assert_eq!(assert_all_gone(root.path()), 1);
}

#[test]
fn a_job_that_has_ended_leaves_no_process() {
    let root = root();
    let text = program("leaves_a_child");
    let run = play(&with_hold(plan(root.path(), &[text]), root.path()), no_haste());
    wait_for_the_end(&run);
    assert_eq!(run.result().jobs[0].exit_code, Some(0), "{:?}", run.result().jobs[0].error);
    assert_eq!(assert_all_gone(root.path()), 1);
}

#[test]
fn a_run_that_is_given_up_leaves_no_process() {
    let root = root();
    let texts = vec![program("waits_with_a_child"); 2];
    let run = play(&with_hold(plan(root.path(), &texts), root.path()), no_haste());
    wait_for_holders(root.path(), 4);
    run.abandon();
    assert_eq!(assert_all_gone(root.path()), 4);
}

#[test]
fn a_session_that_is_killed_leaves_no_process() {
    for round in 0..5 {
        let root = root();
        let session = Victim::start(&[(ROOT, root.path())]);
        // Some are killed before all of them have begun.
        wait_for_holders(root.path(), 6 - round % 3);
        session.kill();
        assert!(assert_all_gone(root.path()) >= 4, "round {round}");
    }
}

#[test]
fn what_a_program_writes_at_last_is_heard() {
    let root = root();
    let mut text = Vec::new();
    for line in 0..2_000 {
        writeln!(text, "@echo line {line}").expect("a line");
    }
    let text = String::from_utf8(text).expect("a text");
    let run = play(&plan(root.path(), &[text]), json!({}));
    let mut heard = Vec::new();
    while let NextEvents::Signals(signals) = run.events(LIMIT) {
        let events = signals.events.iter().map(|event| json!(event));
        let logs = events.filter(|event| event["kind"] == "JobLog");
        heard.extend(logs.flat_map(|event| lines(event["text"].as_str().expect("a text"))));
    }
    assert_eq!(heard, (0..2_000).map(|line| format!("line {line}")).collect::<Vec<_>>());
}

/// An event may have several lines.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}
