//! A run as its callers see it: workers that pull, a reader of events, a result.

use aither_orchestration::{
    error::Problem,
    run::{JobStatus, Next, NextEvents, Report, ReportedError, Run, RunStatus, StartRequest},
};
use serde_json::{json, Value};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    thread,
    time::Duration,
};

fn run(needs: &[&[usize]], max_concurrency: usize, fail_fast: bool) -> Arc<Run> {
    let jobs: Vec<Value> = needs
        .iter()
        .enumerate()
        .map(|(job, needs)| json!({"job": job, "number": format!("{job:04}"), "name": "x.ps1", "path": "x", "needs": needs, "parameters": {"n": job}}))
        .collect();
    start(json!({"plan": {"total": jobs.len(), "maxConcurrency": max_concurrency, "failFast": fail_fast, "jobs": jobs}})).expect("a run")
}

fn start(request: Value) -> Result<Arc<Run>, Problem> {
    let request: StartRequest = serde_json::from_value(request).expect("a request");
    Run::start(request).map_err(Problem::from)
}

fn next(run: &Run) -> Option<usize> {
    match run.next_job(Some(Duration::ZERO)) {
        Next::Job(text) => {
            let job: Value = serde_json::from_str(&text).expect("JSON");
            Some(job["job"].as_u64().expect("a job") as usize)
        }
        Next::End | Next::Timeout => None,
    }
}

fn success() -> Report {
    Report::default()
}

fn failure(exit_code: i32) -> Report {
    Report { exit_code, ..Report::default() }
}

fn kinds(run: &Run) -> Vec<String> {
    let mut kinds = Vec::new();
    while let NextEvents::Signals(signals) = run.events(Duration::ZERO) {
        for event in signals.events {
            let event = json!(event);
            let job = event.get("job").map(|job| format!(" {job}")).unwrap_or_default();
            kinds.push(format!("{}{job}", event["kind"].as_str().expect("a kind")));
        }
    }
    kinds
}

#[test]
fn a_run_tells_its_story_in_order() {
    let run = run(&[&[], &[0]], 2, true);
    assert_eq!(next(&run), Some(0));
    assert_eq!(next(&run), None, "job 1 waits for job 0");
    run.log(0, 1, "one\ntwo").expect("a log");
    run.output(0, "answer", json!(42)).expect("an output");
    run.finish_job(0, success()).expect("an end");
    assert_eq!(next(&run), Some(1));
    run.finish_job(1, success()).expect("an end");
    assert!(matches!(run.next_job(None), Next::End));
    assert_eq!(
        kinds(&run),
        [
            "RunStarted",
            "JobQueued 0",
            "JobStarted 0",
            "JobLog 0",
            "JobOutput 0",
            "JobFinished 0",
            "JobQueued 1",
            "JobStarted 1",
            "JobFinished 1",
            "RunFinished"
        ]
    );
    assert!(matches!(run.events(Duration::ZERO), NextEvents::End));
    let result = run.result();
    assert_eq!((result.total, result.completed, result.exit_code, result.success), (2, 2, 0, true));
    assert_eq!(json!(result.jobs[0].outputs), json!({"answer": 42}));
    assert_eq!(result.jobs[0].attempts, 1);
}

#[test]
fn a_worker_gets_what_it_needs_to_run_a_job() {
    let run = run(&[&[]], 1, true);
    let Next::Job(text) = run.next_job(None) else { panic!("no job") };
    let job: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        job,
        json!({
            "runId": run.id(), "job": 0, "number": "0000", "name": "x.ps1", "path": "x", "stage": "", "attempt": 1,
            "parameters": {"n": 0}, "matrix": null
        })
    );
}

#[test]
fn exit_codes_say_how_a_run_failed() {
    let cases: [(bool, Report, i32, RunStatus); 4] = [
        (true, success(), 0, RunStatus::Success),
        (true, failure(7), 1, RunStatus::Failure),
        (false, failure(7), 10, RunStatus::Failure),
        (
            true,
            Report {
                error: Some(ReportedError { message: "no".into(), kind: None, id: None, at: None }),
                ..success()
            },
            1,
            RunStatus::Failure,
        ),
    ];
    for (fail_fast, report, exit_code, status) in cases {
        let run = run(&[&[]], 1, fail_fast);
        next(&run);
        run.finish_job(0, report).expect("an end");
        let result = run.result();
        assert_eq!((result.exit_code, result.status), (exit_code, status));
    }
}

#[test]
fn every_job_is_reported_when_one_fails() {
    let needs: &[&[usize]] = &[&[], &[], &[0], &[1]];
    let statuses = |fail_fast: bool| {
        let run = run(needs, 2, fail_fast);
        assert_eq!((next(&run), next(&run)), (Some(0), Some(1)));
        run.finish_job(0, failure(1)).expect("an end");
        run.finish_job(1, Report { stopped: fail_fast, ..success() }).expect("an end");
        while let Some(job) = next(&run) {
            run.finish_job(job, success()).expect("an end");
        }
        let result = run.result();
        assert_eq!(result.completed + result.failed + result.skipped + result.cancelled, result.total);
        result.jobs.iter().map(|job| job.status.expect("a status")).collect::<Vec<_>>()
    };
    use JobStatus::{Cancelled, Failure, Skipped, Success};
    assert_eq!(statuses(false), [Failure, Success, Skipped, Success]);
    assert_eq!(statuses(true), [Failure, Cancelled, Skipped, Cancelled]);
}

#[test]
fn cancelling_stops_what_runs_and_takes_back_what_nobody_claimed() {
    let run = run(&[&[], &[], &[]], 2, true);
    assert_eq!(next(&run), Some(0));
    run.cancel();
    assert_eq!(next(&run), None, "job 1 was queued but is no longer to be had");
    run.finish_job(0, Report { stopped: true, ..success() }).expect("an end");
    let story = kinds(&run);
    assert!(
        story.contains(&"RunCancelled".into()) && story.contains(&"JobStopRequested 0".into()),
        "{story:?}"
    );
    let result = run.result();
    assert_eq!((result.cancelled, result.exit_code, result.status), (3, 130, RunStatus::Cancelled));
    run.cancel();
    assert_eq!(run.result().exit_code, 130, "cancelling an ended run changes nothing");
}

#[test]
fn a_job_is_finished_once_and_only_by_who_has_it() {
    let run = run(&[&[], &[0]], 1, true);
    assert!(run.finish_job(0, success()).is_err(), "not handed out yet");
    next(&run);
    run.finish_job(0, success()).expect("an end");
    assert!(run.finish_job(0, success()).is_err(), "twice");
    assert!(run.finish_job(2, success()).is_err(), "no such job");
    assert!(run.log(0, 1, "late").is_err());
    assert!(run.output(0, "late", json!(1)).is_err());
}

#[test]
fn outputs_are_limited() {
    let run = run(&[&[]], 1, true);
    next(&run);
    assert!(run.output(0, "", json!(1)).is_err(), "no name");
    let large = "x".repeat(1024 * 1024 - 10);
    run.output(0, "a", json!(large)).expect("just fits");
    run.output(0, "a", json!(large)).expect("replaces itself");
    let error = run.output(0, "b", json!("1234567890")).expect_err("too much");
    assert!(error.to_string().contains("'b'"), "{error}");
}

#[test]
fn the_outputs_of_a_failed_job_are_kept_and_counted() {
    let needs: Vec<&[usize]> = vec![&[]; 51];
    let run = run(&needs, 1, false);
    let large = "x".repeat(1024 * 1024 - 10);
    for job in 0..50 {
        assert_eq!(next(&run), Some(job));
        run.output(job, "a", json!(large)).expect("an output");
        run.finish_job(job, failure(1)).expect("an end");
    }
    assert_eq!(next(&run), Some(50));
    assert!(run.output(50, "a", json!(large)).is_err(), "50 MiB a run, whoever set them");
    assert_eq!(run.result().jobs[0].outputs.len(), 1);
}

#[test]
fn a_failure_brings_its_last_lines() {
    let run = run(&[&[]], 1, true);
    next(&run);
    for line in 0..100 {
        run.log(0, 1, &format!("line {line}")).expect("a log");
    }
    run.finish_job(0, failure(1)).expect("an end");
    let mut tail = Value::Null;
    while let NextEvents::Signals(signals) = run.events(Duration::ZERO) {
        for event in
            signals.events.iter().map(|event| json!(event)).filter(|event| event["kind"] == "JobFinished")
        {
            tail = event["logTail"].clone();
        }
    }
    assert_eq!(tail.as_array().map(Vec::len), Some(20));
    assert_eq!(tail[19], "line 99");
}

#[test]
fn only_the_events_asked_for_are_handed_out() {
    let plan = json!({"total": 1, "maxConcurrency": 1, "failFast": true, "jobs": [{"job": 0, "number": "0", "name": "x", "path": "x"}]});
    let run = start(json!({"plan": plan, "events": ["JobFinished"]})).expect("a run");
    next(&run);
    run.finish_job(0, success()).expect("an end");
    assert_eq!(kinds(&run), ["JobFinished 0"]);
    let problem = start(json!({"plan": plan, "events": ["JobFinnished"]})).map(|_| ()).expect_err("an error");
    assert_eq!(problem.code, "run.unknown-event");
}

#[test]
fn successes_with_nothing_to_say_come_together() {
    let job = |job: usize| json!({"job": job, "number": job.to_string(), "name": "x", "path": "x"});
    let plan = json!({"total": 5, "maxConcurrency": 1, "failFast": false, "jobs": (0..5).map(job).collect::<Vec<_>>()});
    let run = start(json!({"plan": plan, "events": ["JobFinished", "JobsSucceeded"]})).expect("a run");
    let shown = Report { errors: 1, ..Report::default() };
    for report in [success(), success(), failure(7), success(), shown] {
        let job = next(&run).expect("a job");
        run.finish_job(job, report).expect("an end");
    }
    let NextEvents::Signals(signals) = run.events(Duration::from_secs(20)) else { panic!("no signal") };
    let told: Vec<Value> = signals.events.iter().map(|event| json!(event)).collect();
    let jobs = |event: &Value| event.get("jobs").or(event.get("job")).cloned().unwrap_or_default();
    assert_eq!(told.iter().map(jobs).collect::<Vec<_>>(), [json!([0, 1]), json!(2), json!([3]), json!(4)]);
    assert_eq!(told[0]["kind"], "JobsSucceeded");
    assert_eq!(told[0]["durationMs"].as_array().map(Vec::len), Some(2));
    assert_eq!((told[1]["exitCode"].as_i64(), told[3]["errors"].as_u64()), (Some(7), Some(1)));
}

#[test]
fn the_reader_hears_of_work_before_the_first_job_ends() {
    let plan = json!({"total": 3, "maxConcurrency": 2, "failFast": true, "jobs": [
        {"job": 0, "number": "0", "name": "x", "path": "x"},
        {"job": 1, "number": "1", "name": "x", "path": "x"},
        {"job": 2, "number": "2", "name": "x", "path": "x"}
    ]});
    let run = start(json!({"plan": plan, "events": []})).expect("a run");
    let NextEvents::Signals(signals) = run.events(Duration::ZERO) else { panic!("no signal") };
    assert_eq!((signals.events.len(), signals.workers, signals.done, signals.total), (0, 2, 0, 3));
}

#[test]
fn many_workers_finish_many_jobs_within_the_limit() {
    const JOBS: usize = 2_000;
    const LIMIT: usize = 3;
    let needs: Vec<Vec<usize>> =
        (0..JOBS).map(|job| if job < 10 { vec![] } else { vec![job - 10, job - 7] }).collect();
    let needs: Vec<&[usize]> = needs.iter().map(Vec::as_slice).collect();
    let run = run(&needs, LIMIT, true);
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Next::Job(text) = run.next_job(None) {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let job: Value = serde_json::from_str(&text).expect("JSON");
                    running.fetch_sub(1, Ordering::SeqCst);
                    run.finish_job(job["job"].as_u64().expect("a job") as usize, success()).expect("an end");
                }
            });
        }
    });
    assert_eq!(run.result().completed, JOBS);
    assert!(most.into_inner() <= LIMIT);
}

#[test]
fn a_run_may_be_given_its_id_and_takes_no_other_form() {
    let jobs = json!([{"job": 0, "number": "0", "name": "", "path": ""}]);
    let plan = json!({"total": 1, "maxConcurrency": 1, "failFast": true, "jobs": jobs});
    let given = start(json!({"plan": plan, "runId": "20261125-221200-0aa52f26"})).expect("a run");
    assert_eq!(given.id(), "20261125-221200-0aa52f26");
    for bad in
        ["", "../../x", "20261125-221200-0AA52F26", "20261125-221200-0aa52f260", "2026112x-221200-0aa52f26"]
    {
        let refused = start(json!({"plan": plan, "runId": bad})).err().expect("a refusal");
        assert_eq!(refused.code, "run.bad-id", "{bad}");
    }
}

#[test]
fn freeing_a_run_sends_waiting_workers_home() {
    let run = run(&[&[]], 1, true);
    assert_eq!(next(&run), Some(0));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| matches!(run.next_job(None), Next::End));
        run.abandon();
        assert!(waiting.join().expect("a worker"));
    });
}
