//! A matrix while it runs, seen from its events; and its order in other processes.

mod playing;

use aither_orchestration::{
    matrix::{expand, DEFAULT_LIMIT},
    run::{Event, EventKind, JobStatus, Next, NextEvents, Report, Run, RunStatus, StartRequest},
};
use playing::{planned, project, v2};
use serde_json::{json, Value};
use std::{
    collections::BTreeSet,
    env,
    process::Command,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

fn twelve(strategy: Value) -> Value {
    let mut rules = json!({"matrix": {"n": (0..12).collect::<Vec<u32>>()}});
    for (name, value) in strategy.as_object().into_iter().flatten() {
        rules[name] = value.clone();
    }
    v2(json!([{"name": "Twelve", "sequences": ["0400"], "strategy": rules}]))
}

fn start(playbook: Value, extra: Value) -> Arc<Run> {
    let root = project();
    let plan = planned(&root, playbook, extra).expect("a plan");
    let request = json!({ "plan": plan });
    Run::start(serde_json::from_value::<StartRequest>(request).expect("a request")).expect("a run")
}

fn events(run: &Run) -> Vec<Event> {
    let mut all = Vec::new();
    loop {
        match run.events(Duration::from_secs(20)) {
            NextEvents::Signals(signals) => all.extend(signals.events),
            NextEvents::End => return all,
            NextEvents::Timeout => panic!("the run hangs after {all:?}"),
        }
    }
}

fn number(text: &str) -> usize {
    let job: Value = serde_json::from_str(text).expect("JSON");
    job["job"].as_u64().expect("a job") as usize
}

/// Twelve workers, each job of which needs another one running beside it to end.
#[test]
fn max_parallel_is_a_limit_and_is_used_up() {
    let run = start(twelve(json!({"max-parallel": 2})), json!({"maxConcurrency": 12}));
    let pair = Barrier::new(2);
    let all = thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Next::Job(text) = run.next_job(None) {
                    pair.wait();
                    run.finish_job(number(&text), Report::default()).expect("an end");
                }
            });
        }
        events(&run)
    });
    let (mut has_place, mut runs, mut ended) = (BTreeSet::new(), BTreeSet::new(), 0);
    for event in all {
        match event.kind {
            EventKind::JobQueued { job } => assert!(has_place.insert(job)),
            EventKind::JobStarted { job, .. } => assert!(runs.insert(job)),
            EventKind::JobFinished(finished) => {
                assert_eq!(finished.status, JobStatus::Success);
                assert!(has_place.remove(&finished.job) && runs.remove(&finished.job));
                ended += 1;
                // The next one takes the place in the very next event.
                continue;
            }
            _ => continue,
        }
        assert!(has_place.len() <= 2 && runs.len() <= 2, "{has_place:?} {runs:?}");
        let left = 12 - ended - has_place.len();
        assert!(has_place.len() == 2 || left == 0 || ended == 0, "{left} wait, {has_place:?} run");
    }
    assert_eq!(ended, 12);
}

/// Eleven jobs run and would run for ever; the twelfth fails.
#[test]
fn a_failure_stops_what_runs() {
    for fail_fast in [true, false] {
        let run = start(twelve(json!({"fail-fast": fail_fast})), json!({"maxConcurrency": 12}));
        let mut claimed = BTreeSet::new();
        for _ in 0..12 {
            let Next::Job(text) = run.next_job(Some(Duration::from_secs(20))) else { panic!("no job") };
            claimed.insert(number(&text));
        }
        assert_eq!(claimed.len(), 12);
        run.finish_job(5, Report { exit_code: 1, ..Report::default() }).expect("an end");
        let mut asked = BTreeSet::new();
        while let NextEvents::Signals(signals) = run.events(Duration::ZERO) {
            asked.extend(signals.events.into_iter().filter_map(|event| match event.kind {
                EventKind::JobStopRequested { job } => Some(job),
                _ => None,
            }));
        }
        let others: BTreeSet<usize> = claimed.iter().copied().filter(|job| *job != 5).collect();
        assert_eq!(asked, if fail_fast { others.clone() } else { BTreeSet::new() });
        for job in others {
            run.finish_job(job, Report { stopped: fail_fast, ..Report::default() }).expect("an end");
        }
        let result = run.result();
        let counts = (result.failed, result.cancelled, result.completed);
        assert_eq!(counts, if fail_fast { (1, 11, 0) } else { (1, 0, 11) });
        assert_eq!((result.exit_code, result.status), (1, RunStatus::Failure));
    }
}

#[test]
fn a_failure_that_may_be_fails_nothing() {
    let mut playbook = twelve(json!({"fail-fast": true}));
    playbook["orchestration"]["stages"][0]["continueOnError"] = json!("${{ matrix.n == 5 }}");
    let run = start(playbook, json!({"maxConcurrency": 12}));
    for _ in 0..12 {
        let Next::Job(text) = run.next_job(Some(Duration::from_secs(20))) else { panic!("no job") };
        let job = number(&text);
        run.finish_job(job, Report { exit_code: i32::from(job == 5), ..Report::default() }).expect("an end");
    }
    let result = run.result();
    assert_eq!((result.failed, result.completed, result.exit_code), (1, 11, 0));
    assert!(result.success);
}

/// Set where this program is one of the twenty.
const CHILD: &str = "AITHER_TEST_MATRIX_CHILD";

fn ids() -> String {
    let matrix = json!({
        "zeta": [1, 7.4, "7.4", true, null], "alpha": [{"b": 1, "a": [2]}, "x"], "Mid": ["m"],
        "include": [{"zeta": 1, "extra": "e"}, {"alone": 1}], "exclude": [{"zeta": true}]
    });
    let expansion = expand(matrix.as_object().expect("an object"), DEFAULT_LIMIT).expect("an expansion");
    let told = |combination| serde_json::to_string(combination).expect("JSON");
    expansion.combinations.iter().map(told).collect::<Vec<_>>().join("\n")
}

#[test]
fn twenty_processes_give_the_same_order_and_ids() {
    if env::var_os(CHILD).is_some() {
        println!("<<<{}>>>", ids());
        return;
    }
    let expected = ids();
    assert_eq!(expected.lines().count(), 7, "true equals 1, so that goes too");
    let program = env::current_exe().expect("this program");
    for _ in 0..20 {
        let output = Command::new(&program)
            .args(["--exact", "twenty_processes_give_the_same_order_and_ids", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .expect("a process");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let told = text.split_once("<<<").and_then(|(_, rest)| rest.split_once(">>>"));
        assert_eq!(told.map(|(ids, _)| ids), Some(expected.as_str()), "{text}");
    }
}

/// Plays a job that builds three times and one that reads what came of it; gives what that was told.
fn told_of_three(outputs: Value) -> Value {
    let root = project();
    let playbook = playing::v3(json!({
        "build": {
            "strategy": {"matrix": {"n": [1, 2, 3]}}, "outputs": outputs,
            "steps": [{"name": "b", "id": "b", "run": "0100"}]
        },
        "after": {"needs": ["build"], "steps": [{"name": "a", "run": "0400", "with": {
            "version": "${{ needs.build.outputs.version }}",
            "each": "${{ toJSON(needs.build.combinations.*.outputs.version) }}",
            "ids": "${{ join(needs.build.combinations.*.id, ' ') }} ${{ needs.build.combinations[2].result }}"
        }}]}
    }));
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    let played = playing::play_jobs(&plan, |run, job| {
        if let Some(n) = job["matrix"]["n"].as_u64() {
            let value = if n == 3 { json!("") } else { json!(format!("1.{n}")) };
            run.output(n as usize - 1, "version", value).expect("an output");
        }
        Report::default()
    });
    assert_eq!(played.exit_code, 0);
    json!(played.parameters[3])
}

#[test]
fn outputs_are_kept_a_combination_and_merged() {
    let expected = json!({"version": "1.2", "each": ["1.1", "1.2", ""], "ids": "n=1 n=2 n=3 success"});
    for outputs in [json!({}), json!({"version": "${{ steps.b.outputs.version }}"})] {
        let mut told = told_of_three(outputs);
        let each: Value = serde_json::from_str(told["each"].as_str().expect("a text")).expect("JSON");
        told["each"] = each;
        assert_eq!(told, expected, "what says nothing does not count; the last that says something does");
    }
}

#[test]
fn the_last_to_end_counts_and_a_warning_says_so() {
    let run = start(twelve(json!({})), json!({"maxConcurrency": 12}));
    let mut jobs = Vec::new();
    for _ in 0..12 {
        let Next::Job(text) = run.next_job(Some(Duration::from_secs(20))) else { panic!("no job") };
        jobs.push(number(&text));
    }
    jobs.rotate_left(4);
    for job in &jobs {
        run.output(*job, "same", json!(1)).expect("an output");
        run.output(*job, "own", json!(job)).expect("an output");
        run.finish_job(*job, Report::default()).expect("an end");
    }
    let warnings: Vec<String> = events(&run)
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::RunWarning { message } => Some(message),
            _ => None,
        })
        .collect();
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].contains("'own' is that of n=3") && !warnings[0].contains("'same'"),
        "{}",
        warnings[0]
    );
}
