//! Jobs that run as processes, with real shells. Linux: whether a process is gone is read from /proc.
#![cfg(target_os = "linux")]

use aither_orchestration::run::{JobStatus, NextEvents, Run, RunResult, RunStatus, StartRequest};
use serde_json::{json, Map, Value};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Longer than anything here may take.
const LIMIT: Duration = Duration::from_secs(60);

struct Told {
    result: RunResult,
    /// What each job wrote: stream and text.
    logs: Vec<Vec<(u8, String)>>,
    run: Arc<Run>,
}

impl Told {
    fn text(&self, job: usize, stream: u8) -> String {
        let of_stream = self.logs[job].iter().filter(|(of, _)| *of == stream);
        of_stream.map(|(_, text)| format!("{text}\n")).collect()
    }

    fn error(&self, job: usize) -> String {
        self.result.jobs[job].error.as_ref().map(|error| error.message.clone()).unwrap_or_default()
    }
}

/// Jobs of one stage, one after another; each is the fields of a job.
fn steps(root: &Path, jobs: &[Value], extra: Value) -> Value {
    let jobs: Vec<Value> = jobs
        .iter()
        .enumerate()
        .map(|(at, fields)| {
            let mut job = json!({
                "job": at, "number": format!("{at:04}"), "name": format!("Step {at}"), "path": "", "group": 0,
                "isolation": "process", "shell": "sh",
            });
            if at > 0 {
                job["after"] = json!([at - 1]);
            }
            job.as_object_mut().expect("a job").extend(fields.as_object().expect("fields").clone());
            job
        })
        .collect();
    let mut plan = json!({
        "total": jobs.len(), "maxConcurrency": 4, "failFast": false, "root": root, "jobs": jobs,
        "groups": [{"id": "stage"}],
    });
    plan.as_object_mut().expect("a plan").extend(extra.as_object().expect("fields").clone());
    plan
}

fn begin(plan: Value, extra: Value) -> Arc<Run> {
    let mut request = json!({"plan": plan});
    request.as_object_mut().expect("a request").extend(extra.as_object().expect("fields").clone());
    Run::start(serde_json::from_value::<StartRequest>(request).expect("a request")).expect("a run")
}

/// Reads a run to its end; `watch` sees every event.
fn follow(run: Arc<Run>, mut watch: impl FnMut(&Run, &Value)) -> Told {
    let mut logs = vec![Vec::new(); run.result().total];
    let started = Instant::now();
    loop {
        match run.events(Duration::from_millis(200)) {
            NextEvents::End => break,
            NextEvents::Timeout => {
                assert!(started.elapsed() < LIMIT, "the run does not end: {:?}", run.result())
            }
            NextEvents::Signals(signals) => {
                for event in signals.events {
                    let event = json!(event);
                    if event["kind"] == "JobLog" {
                        let at = event["job"].as_u64().expect("a job") as usize;
                        let stream = event["stream"].as_u64().expect("a stream") as u8;
                        logs[at].push((stream, event["text"].as_str().expect("a text").to_owned()));
                    }
                    watch(&run, &event);
                }
            }
        }
    }
    Told { result: run.result(), logs, run }
}

fn play(root: &Path, jobs: &[Value]) -> Told {
    follow(begin(steps(root, jobs, json!({})), json!({})), |_, _| {})
}

fn sh(text: &str) -> Value {
    json!({ "text": text })
}

fn root() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn quick() -> Value {
    json!({"children": {"patience": {"interrupt": 0.2, "terminate": 0.2, "linger": 0.2}}})
}

/// Waits until a process is gone. A zombie is: nothing runs in it any more.
fn assert_gone(pid: &str) {
    let started = Instant::now();
    let pid = pid.trim();
    loop {
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).ok();
        let state = state.as_deref().and_then(|stat| stat.rsplit(") ").next()?.chars().next());
        if matches!(state, None | Some('Z') | Some('X')) {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "process {pid} is still there ({state:?})");
        std::thread::yield_now();
    }
}

#[test]
fn a_child_is_a_job_like_any_other() {
    let root = root();
    let told = play(root.path(), &[sh("echo out; echo err >&2; pwd")]);
    assert_eq!((told.result.success, told.result.exit_code), (true, 0));
    let folder = fs::canonicalize(root.path()).expect("a path");
    assert_eq!(told.text(0, 1), format!("out\n{}\n", folder.display()));
    assert_eq!(told.text(0, 2), "err\n");
    let output = told.run.take_output(0).expect("a job").expect("an output");
    assert_eq!(output.text, told.text(0, 1));
    assert_eq!(told.run.take_output(0).expect("a job"), None, "it is handed out once");
}

#[test]
fn a_run_of_children_needs_no_worker() {
    let root = root();
    let run = begin(steps(root.path(), &[sh(":"), sh(":")], json!({})), json!({}));
    let mut most = 0;
    loop {
        match run.events(Duration::from_secs(10)) {
            NextEvents::Signals(signals) => most = most.max(signals.workers),
            NextEvents::End => break,
            NextEvents::Timeout => panic!("the run does not end"),
        }
    }
    assert_eq!((most, run.result().completed), (0, 2));
}

#[test]
fn exit_codes_and_signals_say_how_a_child_ended() {
    let root = root();
    let told = play(root.path(), &[sh("exit 7"), sh("kill -9 $$"), sh("false; echo not reached")]);
    assert_eq!(told.error(0), "Script exited with code: 7");
    assert_eq!(told.error(1), "Step 1 was ended by signal 9 (SIGKILL)");
    assert_eq!(told.error(2), "Script exited with code: 1");
    let codes: Vec<_> = told.result.jobs.iter().map(|job| job.exit_code).collect();
    assert_eq!(codes, [Some(7), Some(137), Some(1)]);
    assert_eq!(told.text(2, 1), "", "the first command that fails ends the text");
}

#[test]
fn what_cannot_be_started_says_why() {
    let root = root();
    let file = root.path().join("file");
    fs::write(&file, "").expect("a file");
    let told = play(
        root.path(),
        &[
            json!({"text": "1", "workingDirectory": "nowhere"}),
            json!({"text": "1", "workingDirectory": "file"}),
            json!({"text": "1", "shell": "fish"}),
            json!({"text": "1", "shell": "python", "env": {"PATH": "/nowhere"}}),
            json!({"text": "1", "env": {"A": "a\u{0}b"}}),
            json!({"path": "x.ps1"}),
        ],
    );
    let nowhere = root.path().join("nowhere");
    assert_eq!(told.error(0), format!("The working directory {} does not exist.", nowhere.display()));
    assert!(told.error(1).contains("cannot be entered"), "{}", told.error(1));
    assert!(told.error(2).contains("known are pwsh, powershell, bash"), "{}", told.error(2));
    assert_eq!(told.error(3), "Step 3 needs the program 'python', which is not on PATH.");
    assert!(told.error(4).contains("NUL"), "{}", told.error(4));
    assert!(told.error(5).contains("none was named"), "{}", told.error(5));
    assert!(told.result.jobs.iter().all(|job| job.exit_code == Some(1)));
}

#[test]
fn a_program_that_may_not_be_run_is_named() {
    let root = root();
    let program = root.path().join("pwsh");
    fs::write(&program, "no program").expect("a file");
    let settings = json!({"children": {"powershell": {"program": program, "script": "job.ps1"}}});
    let told = follow(begin(steps(root.path(), &[json!({"path": "x.ps1"})], json!({})), settings), |_, _| {});
    let expected = format!("{} cannot be started: Permission denied (os error 13).", program.display());
    assert_eq!(told.error(0), expected);
}

#[test]
fn lines_arrive_while_the_child_runs() {
    let root = root();
    let fifo = root.path().join("go");
    let text = format!("mkfifo '{0}'; echo first; read -r word < '{0}'; echo \"$word\"", fifo.display());
    let mut answered = false;
    let told = follow(begin(steps(root.path(), &[sh(&text)], json!({})), json!({})), |_, event| {
        if event["kind"] == "JobLog" && event["text"] == "first" {
            fs::write(&fifo, "second\n").expect("a reader");
            answered = true;
        }
    });
    assert!(answered);
    assert_eq!(told.text(0, 1), "first\nsecond\n");
}

#[test]
fn a_line_of_100_mb_is_handled_in_pieces_and_odd_bytes_are_replaced() {
    let root = root();
    let bytes = 100 * 1024 * 1024;
    let text =
        format!("printf 'a\\377b\\033[1mc\\n'; head -c {bytes} /dev/zero | tr '\\0' x; echo; echo end");
    let run = begin(steps(root.path(), &[sh(&text)], json!({})), json!({}));
    let (mut length, mut longest, mut last) = (0, 0, String::new());
    let mut first = String::new();
    loop {
        match run.events(LIMIT) {
            NextEvents::End => break,
            NextEvents::Timeout => panic!("the run does not end"),
            NextEvents::Signals(signals) => {
                let texts = signals.events.into_iter().filter_map(|event| {
                    let event = json!(event);
                    event["text"].as_str().map(str::to_owned)
                });
                for text in texts {
                    if first.is_empty() {
                        first = text.lines().next().unwrap_or_default().to_owned();
                    }
                    length += text.bytes().filter(|byte| *byte == b'x').count();
                    longest = longest.max(text.len());
                    last = text.lines().last().unwrap_or_default().to_owned();
                }
            }
        }
    }
    assert_eq!(first, "a\u{fffd}b\u{1b}[1mc");
    assert_eq!((length, last.as_str()), (bytes, "end"));
    assert!(longest <= 512 * 1024, "a text of {longest} bytes");
    assert_eq!(run.result().status, RunStatus::Success);
}

#[test]
fn a_reader_that_is_late_makes_a_child_wait_and_nothing_is_lost() {
    let root = root();
    let written = root.path().join("written");
    let text = format!("i=0; while [ $i -lt 300 ]; do head -c 200000 /dev/zero | tr '\\0' y; echo; i=$((i+1)); echo $i > '{}'; done", written.display());
    let run = begin(steps(root.path(), &[sh(&text)], json!({})), json!({}));
    // 60 MB are to come; with nobody reading, the child stops at what is allowed to wait.
    let count =
        || fs::read_to_string(&written).ok().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
    let started = Instant::now();
    let (mut last, mut since) = (0, Instant::now());
    while since.elapsed() < Duration::from_millis(700) || last == 0 {
        assert!(started.elapsed() < LIMIT, "the child neither waits nor ends");
        if count() != last {
            (last, since) = (count(), Instant::now());
        }
        std::thread::yield_now();
    }
    assert!(last < 100, "{last} of 300 pieces were written with nobody reading");
    let mut length = 0;
    let told = follow(run, |_, event| {
        length += event["text"].as_str().unwrap_or_default().matches('y').count();
    });
    assert!(told.result.success);
    assert_eq!(length, 60_000_000);
}

#[test]
fn both_streams_come_from_one_job_and_two_jobs_do_not_mix() {
    let root = root();
    let text = |word: &str| {
        let text =
            format!("i=0; while [ $i -lt 500 ]; do echo {word}$i; echo E{word}$i >&2; i=$((i+1)); done");
        json!({"text": text, "after": []})
    };
    let told = play(root.path(), &[text("a"), text("b")]);
    for (job, word) in [(0, "a"), (1, "b")] {
        let lines = |prefix: &str| (0..500).map(|at| format!("{prefix}{word}{at}\n")).collect::<String>();
        assert_eq!(told.text(job, 1), lines(""));
        assert_eq!(told.text(job, 2), lines("E"));
    }
}

/// Cancels when every job has written a line, which is a process's number; all of them must go.
fn cancelled(jobs: &[Value]) -> Told {
    let root = root();
    let mut ready = 0;
    let told = follow(begin(steps(root.path(), jobs, json!({})), quick()), |run, event| {
        if event["kind"] == "JobLog" && event["stream"] == 1 {
            ready += 1;
            if ready == jobs.len() {
                run.cancel();
            }
        }
    });
    assert_eq!(told.result.status, RunStatus::Cancelled);
    for job in 0..jobs.len() {
        assert_eq!(told.result.jobs[job].status, Some(JobStatus::Cancelled));
        told.text(job, 1).lines().for_each(assert_gone);
    }
    told
}

#[test]
fn scripts_that_resist_are_gone_after_the_ladder() {
    let job = |text: &str| json!({"text": text, "after": []});
    cancelled(&[
        job("echo $$; sleep 1000"),
        job("trap '' INT TERM; echo $$; while :; do :; done"),
        job("trap '' INT TERM; sleep 1000 & echo $!; wait"),
        job("(trap '' INT TERM HUP; sleep 1000) & nohup sleep 1000 >/dev/null 2>&1 & echo $!; exec sleep 1000"),
    ]);
}

#[test]
fn a_polite_script_may_clean_up_when_it_is_interrupted() {
    let told = cancelled(&[sh("trap 'echo cleaned >&2; exit 3' INT; echo $$; while :; do sleep 0.01; done")]);
    assert_eq!(told.text(0, 2), "cleaned\n");
    assert_eq!(told.result.jobs[0].exit_code, Some(3));
}

#[test]
fn a_timeout_ends_a_child_with_124() {
    let root = root();
    let job = json!({"text": "trap '' INT TERM; sleep 1000 & echo $!; wait", "timeout": 0.3});
    let told = follow(begin(steps(root.path(), &[job], json!({"failFast": true})), quick()), |_, _| {});
    assert_eq!(told.result.jobs[0].status, Some(JobStatus::TimedOut));
    assert_eq!((told.result.jobs[0].exit_code, told.result.exit_code), (Some(124), 124));
    assert_gone(&told.text(0, 1));
}

#[test]
fn the_time_of_a_run_ends_its_children() {
    let root = root();
    let plan = steps(root.path(), &[sh("echo $$; exec sleep 1000")], json!({"timeout": 0.3}));
    let told = follow(begin(plan, quick()), |_, _| {});
    assert_eq!((told.result.jobs[0].status, told.result.exit_code), (Some(JobStatus::TimedOut), 124));
    assert_gone(&told.text(0, 1));
}

#[test]
fn what_a_child_leaves_running_ends_with_it_and_does_not_hang_the_run() {
    let root = root();
    let jobs = [
        sh("sleep 1000 & echo $!"),
        sh("sleep 1000 >/dev/null 2>&1 & echo $!"),
        sh("(trap '' INT TERM HUP; echo in; sleep 1000) & echo $!"),
    ];
    let told = follow(begin(steps(root.path(), &jobs, json!({})), quick()), |_, _| {});
    assert!(told.result.success, "{:?}", told.result);
    for job in 0..jobs.len() {
        told.text(job, 1).lines().filter(|line| *line != "in").for_each(assert_gone);
    }
}

#[test]
fn what_a_child_leaves_writing_may_finish_its_line() {
    let root = root();
    let text = "exec 3>&1; { (read -r line; echo \"got $line\" >&3) ; } <<'X' &\nword\nX\nexit 0";
    let told = play(root.path(), &[sh(text)]);
    assert_eq!(told.text(0, 1), "got word\n");
}

#[test]
fn a_process_of_another_session_that_holds_the_pipe_does_not_hang_the_run() {
    let root = root();
    let told = follow(
        begin(steps(root.path(), &[sh("setsid sh -c 'echo $$; exec sleep 300'")], json!({})), quick()),
        |run, event| {
            if event["kind"] == "JobLog" {
                run.cancel();
            }
        },
    );
    assert_eq!(told.result.status, RunStatus::Cancelled);
    let pid = told.text(0, 1).trim().to_owned();
    std::process::Command::new("kill").args(["-9", &pid]).status().expect("kill");
}

#[test]
fn forgetting_a_run_ends_its_children_at_once() {
    let root = root();
    let run = begin(
        steps(root.path(), &[sh("trap '' INT TERM; echo $$; while :; do sleep 1; done")], json!({})),
        json!({}),
    );
    let mut pid = String::new();
    while pid.is_empty() {
        let NextEvents::Signals(signals) = run.events(LIMIT) else { panic!("no event") };
        let texts = signals.events.iter().map(|event| json!(event)["text"].as_str().map(str::to_owned));
        pid = texts.flatten().next().unwrap_or_default();
    }
    run.abandon();
    drop(run);
    assert_gone(&pid);
}

#[test]
fn file_commands_set_outputs_and_reach_the_steps_behind() {
    let root = root();
    let jobs = [
        sh(r##"echo "word=one=two" >> "$GITHUB_OUTPUT"
              printf 'text<<END\nline 1\nline 2\nEND\n' >> "$GITHUB_OUTPUT"
              echo "AITHER_A=1" >> "$GITHUB_ENV"; echo "GITHUB_WORKSPACE=x" >> "$GITHUB_ENV"
              echo /first >> "$GITHUB_PATH"; echo /second >> "$GITHUB_PATH"
              echo "# Done" >> "$GITHUB_STEP_SUMMARY"
              echo "${AITHER_A-none} $(cat "$GITHUB_ENV" | wc -l)""##),
        sh(
            r#"case $PATH in /second:/first:/*) p=good ;; esac; echo "$AITHER_A $p $(wc -c < "$GITHUB_ENV") $GITHUB_WORKSPACE"; echo AITHER_A=2 >> "$GITHUB_ENV""#,
        ),
        json!({"text": "echo $AITHER_A $AITHER_B $AITHER_JOB_NUMBER $AITHERZERO_NONINTERACTIVE", "env": {"AITHER_A": "own", "AITHER_B": true}}),
        json!({"text": "echo ${AITHER_A-none}", "group": 1}),
    ];
    let plan = steps(root.path(), &jobs, json!({"groups": [{"id": "stage"}, {"id": "other"}]}));
    let told = follow(begin(plan, json!({})), |_, _| {});
    assert!(told.result.success, "{:?}", told.result);
    let outputs = json!(told.result.jobs[0].outputs);
    assert_eq!(outputs, json!({"word": "one=two", "text": "line 1\nline 2"}));
    assert_eq!(told.result.jobs[0].summary.as_deref(), Some("# Done\n"));
    assert_eq!(told.text(0, 1), "none 2\n");
    assert!(told.text(0, 3).contains("GITHUB_WORKSPACE cannot be set"), "{}", told.text(0, 3));
    assert_eq!(told.text(1, 1), format!("1 good 0 {}\n", root.path().display()));
    assert_eq!(told.text(2, 1), "own true 0002 true\n");
    assert_eq!(told.text(3, 1), "none\n", "another job of the playbook");
}

#[test]
fn file_commands_that_cannot_be_read_fail_the_step() {
    let root = root();
    let told = play(
        root.path(),
        &[
            sh("echo '=x' >> $GITHUB_OUTPUT"),
            sh("printf 'a<<END\\nx\\n' >> $GITHUB_ENV"),
            sh("echo a=1 >> $GITHUB_OUTPUT; head -c 1100000 /dev/zero | tr '\\0' x >> $GITHUB_OUTPUT"),
            sh("head -c 1100000 /dev/zero | tr '\\0' x >> $GITHUB_STEP_SUMMARY"),
            sh("rm -r \"$(dirname $GITHUB_OUTPUT)\""),
            sh("echo a=1 >> $GITHUB_OUTPUT; exit 4"),
        ],
    );
    assert!(told.error(0).contains("GITHUB_OUTPUT") && told.error(0).contains("line 1"), "{}", told.error(0));
    assert!(told.error(1).contains("no closing line 'END'"), "{}", told.error(1));
    assert!(told.error(2).contains("the limit is 1048576"), "{}", told.error(2));
    let statuses: Vec<_> =
        told.result.jobs.iter().map(|job| job.status == Some(JobStatus::Success)).collect();
    assert_eq!(statuses, [false, false, false, true, true, false]);
    assert!(told.text(3, 3).contains("GITHUB_STEP_SUMMARY"));
    assert_eq!(told.result.jobs[5].exit_code, Some(4));
    assert_eq!(json!(told.result.jobs[5].outputs), json!({"a": "1"}), "also of a step that fails");
}

#[test]
fn private_files_are_private_and_gone_afterwards() {
    let root = root();
    let text = "d=$(dirname \"$GITHUB_OUTPUT\"); echo \"$d\"; stat -c '%a' \"$d\" \"$GITHUB_OUTPUT\" \"$0\"";
    let told = play(root.path(), &[sh(text)]);
    let text = told.text(0, 1);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1..], ["700", "600", "600"]);
    let (folder, started) = (PathBuf::from(lines[0]), Instant::now());
    assert!(!folder.join("step.sh").exists(), "the text is still there");
    while folder.exists() {
        assert!(started.elapsed() < LIMIT, "{} is still there", folder.display());
        std::thread::yield_now();
    }
}

#[test]
fn a_child_has_the_callers_environment_and_no_descriptor_of_ours() {
    let root = root();
    let environment: Map<String, Value> =
        [("PATH", std::env::var("PATH").expect("a path")), ("ONLY", "this".into())]
            .map(|(name, value)| (name.to_owned(), Value::String(value)))
            .into_iter()
            .collect();
    let plan =
        steps(root.path(), &[sh("echo ${ONLY} ${HOME-none}; for f in /proc/$$/fd/*; do [ -e $f ] && printf '%s ' ${f##*/}; done; echo; cat")], json!({}));
    let told = follow(begin(plan, json!({"environment": environment})), |_, _| {});
    let text = told.text(0, 1);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "this none");
    if cfg!(target_os = "linux") {
        // Standard input, output and error, and the shell's own script.
        assert_eq!(
            lines[1].split(' ').filter(|fd| fd.parse::<u32>().is_ok_and(|fd| fd > 2 && fd != 10)).count(),
            0
        );
    }
}

#[test]
fn many_children_need_few_threads() {
    let root = root();
    let jobs: Vec<Value> = (0..200).map(|_| json!({"text": ":", "after": []})).collect();
    let mut most = 0;
    let told = follow(begin(steps(root.path(), &jobs, json!({"maxConcurrency": 3})), json!({})), |_, _| {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten().filter(|task| {
            fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "aither-child")
        });
        most = most.max(threads.count());
    });
    assert_eq!(told.result.completed, 200);
    // Other tests of this process have children too.
    assert!(most <= 3 + 40, "{most} threads");
}

#[test]
fn a_failed_child_is_tried_again_with_fresh_files() {
    let root = root();
    let text = "echo try=$(wc -c < $GITHUB_OUTPUT) >> $GITHUB_OUTPUT; [ -e done ] || { touch done; exit 1; }";
    let told = play(root.path(), &[json!({"text": text, "retries": 2})]);
    assert_eq!((told.result.jobs[0].attempts, told.result.success), (2, true));
    assert_eq!(json!(told.result.jobs[0].outputs), json!({"try": "0"}));
}

/// The run that [`a_session_that_is_killed_takes_all_its_children_with_it`] kills.
#[test]
#[ignore = "is started by another test, in a process of its own"]
fn victim() {
    let Some(root) = std::env::var_os("AITHER_VICTIM_ROOT") else { return };
    let jobs: Vec<Value> = [
        "echo $$ > pid.0; exec sleep 1000",
        "trap '' INT TERM HUP; sleep 1000 & echo $! > pid.1; wait",
        "(sleep 1000 & echo $! > pid.2; wait) & wait",
        "nohup sh -c 'echo $$ > pid.3; sleep 1000; :' 2>/dev/null & exit 0",
        "sh -c 'trap \"\" HUP; echo $$ > pid.4; while :; do sleep 1; done'",
    ]
    .iter()
    .map(|text| json!({"text": text, "after": []}))
    .collect();
    let settings = json!({"children": {"patience": {"linger": 1000.0}}});
    let plan = steps(Path::new(&root), &jobs, json!({"maxConcurrency": 5}));
    follow(begin(plan, settings), |_, _| {});
}

#[test]
fn a_session_that_is_killed_takes_all_its_children_with_it() {
    let program = std::env::current_exe().expect("this program");
    for _ in 0..5 {
        let root = root();
        let mut session = std::process::Command::new(&program)
            .args(["--exact", "victim", "--ignored"])
            .env("AITHER_VICTIM_ROOT", root.path())
            .env("TMPDIR", root.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("a session");
        let pids = || -> Vec<String> {
            let read = |at| fs::read_to_string(root.path().join(format!("pid.{at}"))).ok();
            (0..5).filter_map(read).filter(|pid| pid.ends_with('\n')).collect()
        };
        let started = Instant::now();
        while pids().len() < 5 {
            assert!(started.elapsed() < LIMIT, "only {:?} have begun", pids());
            std::thread::yield_now();
        }
        session.kill().expect("SIGKILL");
        session.wait().expect("an end");
        pids().iter().for_each(|pid| assert_gone(pid));
        let left =
            || fs::read_dir(root.path()).into_iter().flatten().flatten().map(|entry| entry.file_name());
        while left().any(|name| name.to_string_lossy().starts_with("aither-")) {
            assert!(started.elapsed() < LIMIT, "private folders are left: {:?}", left().collect::<Vec<_>>());
            std::thread::yield_now();
        }
    }
}
