//! Runs of one concurrency group take turns.

use aither_orchestration::{
    plan::{Group, Job, Plan, Turns},
    run::{Event, EventKind, JobStatus, Next, NextEvents, Report, Run, RunStatus, StartRequest},
};
use std::{path::Path, sync::Arc, time::Duration};

const LONG: Duration = Duration::from_secs(60);

fn turns(group: &str, cancel_in_progress: bool) -> Option<Turns> {
    Some(Turns { group: group.into(), cancel_in_progress })
}

fn job(at: usize, group: Option<usize>) -> Job {
    Job { job: at, number: format!("{at:04}"), name: format!("{at:04}_Job.ps1"), group, ..Job::default() }
}

fn plan(root: &Path, concurrency: Option<Turns>) -> Plan {
    Plan {
        total: 1,
        root: root.to_owned(),
        max_concurrency: 4,
        fail_fast: true,
        jobs: vec![job(0, None)],
        concurrency,
        ..Plan::default()
    }
}

fn start(plan: Plan) -> Arc<Run> {
    // As callers write it: what a request leaves out has its default.
    let request: StartRequest = serde_json::from_value(serde_json::json!({ "plan": plan })).unwrap();
    Run::start(request).unwrap()
}

/// Events up to the first that `wanted` takes.
fn until(run: &Run, wanted: impl Fn(&EventKind) -> bool) -> Vec<Event> {
    let mut seen = Vec::new();
    loop {
        match run.events(LONG) {
            NextEvents::Signals(signals) => seen.extend(signals.events),
            NextEvents::End => panic!("the run ended: {seen:?}"),
            NextEvents::Timeout => panic!("nothing came after {seen:?}"),
        }
        if seen.iter().any(|event| wanted(&event.kind)) {
            return seen;
        }
    }
}

fn is_awaited(kind: &EventKind) -> bool {
    matches!(kind, EventKind::TurnAwaited { .. })
}

fn take(run: &Run) -> bool {
    matches!(run.next_job(Some(LONG)), Next::Job(_))
}

fn nothing_to_take(run: &Run) -> bool {
    matches!(run.next_job(Some(Duration::ZERO)), Next::Timeout)
}

#[test]
fn a_second_run_waits_and_says_for_whom() {
    let root = tempfile::tempdir().unwrap();
    let first = start(plan(root.path(), turns("deploy", false)));
    assert!(take(&first));
    let second = start(plan(root.path(), turns("Deploy", false)));
    let seen = until(&second, is_awaited);
    let Some(EventKind::TurnAwaited { concurrency, held_by, process, .. }) =
        seen.into_iter().map(|event| event.kind).find(is_awaited)
    else {
        panic!("no such event");
    };
    assert_eq!(concurrency, "Deploy");
    assert_eq!(held_by.as_deref(), Some(first.id()));
    assert_eq!(process, Some(std::process::id()));
    assert!(nothing_to_take(&second));
    first.finish_job(0, Report::default()).unwrap();
    assert!(take(&second));
    second.finish_job(0, Report::default()).unwrap();
    assert_eq!(second.result().status, RunStatus::Success);
}

#[test]
fn runs_of_other_groups_and_projects_do_not_wait() {
    let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let runs = [
        start(plan(root.path(), turns("one", false))),
        start(plan(root.path(), turns("two", false))),
        start(plan(other.path(), turns("one", false))),
        start(plan(root.path(), None)),
    ];
    assert!(runs.iter().all(|run| take(run)));
}

#[test]
fn a_run_that_waits_can_be_cancelled() {
    let root = tempfile::tempdir().unwrap();
    let first = start(plan(root.path(), turns("deploy", false)));
    assert!(take(&first));
    let second = start(plan(root.path(), turns("deploy", false)));
    until(&second, is_awaited);
    second.cancel();
    let result = second.result();
    assert_eq!((result.status, result.exit_code), (RunStatus::Cancelled, 130));
    assert_eq!(result.jobs[0].status, Some(JobStatus::Cancelled));
    // It leaves the place to the next one.
    let third = start(plan(root.path(), turns("deploy", false)));
    until(&third, is_awaited);
    first.finish_job(0, Report::default()).unwrap();
    assert!(take(&third));
}

#[test]
fn a_newer_run_cancels_the_one_that_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let first = start(plan(root.path(), turns("deploy", false)));
    assert!(take(&first));
    let second = start(plan(root.path(), turns("deploy", true)));
    until(&first, |kind| matches!(kind, EventKind::JobStopRequested { job: 0 }));
    assert!(nothing_to_take(&second));
    first.finish_job(0, Report { stopped: true, exit_code: 1, ..Report::default() }).unwrap();
    let result = first.result();
    assert_eq!((result.status, result.exit_code), (RunStatus::Cancelled, 130));
    let reason = result.jobs[0].reason.as_deref().unwrap();
    assert!(reason.contains(second.id()) && reason.contains("'deploy'"), "{reason}");
    assert!(take(&second));
}

#[test]
fn a_run_that_is_forgotten_leaves_its_place() {
    let root = tempfile::tempdir().unwrap();
    let first = start(plan(root.path(), turns("deploy", false)));
    assert!(take(&first));
    let second = start(plan(root.path(), turns("deploy", false)));
    until(&second, is_awaited);
    first.abandon();
    drop(first);
    assert!(take(&second));
}

#[test]
fn groups_of_a_plan_take_turns_and_what_is_inside_has_the_turn() {
    let root = tempfile::tempdir().unwrap();
    let group = |id: &str, within| Group {
        id: id.into(),
        within,
        concurrency: turns("database", false),
        ..Group::default()
    };
    let both = |whole| Plan {
        total: 3,
        groups: vec![group("migrate", None), group("seed", Some(0))],
        jobs: vec![job(0, Some(0)), job(1, Some(1)), job(2, None)],
        ..plan(root.path(), whole)
    };
    let first = start(both(None));
    // The inner group, too, has begun; the job of no group never waits.
    assert!((0..3).all(|_| take(&first)));
    let second = start(both(None));
    assert!(take(&second));
    until(&second, is_awaited);
    assert!(nothing_to_take(&second));
    first.finish_job(0, Report::default()).unwrap();
    assert!(nothing_to_take(&second));
    first.finish_job(1, Report::default()).unwrap();
    // Not when the run has ended, but when the group has.
    assert!(take(&second) && take(&second));
    second.abandon();
    first.abandon();
    let third = start(both(turns("database", false)));
    assert!((0..3).all(|_| take(&third)));
}

#[test]
fn a_group_that_is_cancelled_for_another_run_ends_alone() {
    let root = tempfile::tempdir().unwrap();
    let two = |cancel_in_progress| Plan {
        total: 4,
        groups: vec![
            Group { id: "deploy".into(), concurrency: turns("site", cancel_in_progress), ..Group::default() },
            Group { id: "after".into(), needs: vec![0], ..Group::default() },
            Group { id: "test".into(), ..Group::default() },
        ],
        jobs: vec![job(0, Some(0)), job(1, Some(1)), job(2, Some(2)), job(3, None)],
        ..plan(root.path(), None)
    };
    let first = start(two(false));
    assert!((0..3).all(|_| take(&first)));
    let second = start(two(true));
    until(&first, |kind| matches!(kind, EventKind::JobStopRequested { job: 0 }));
    first.finish_job(0, Report { stopped: true, exit_code: 1, ..Report::default() }).unwrap();
    first.finish_job(2, Report::default()).unwrap();
    first.finish_job(3, Report::default()).unwrap();
    let result = first.result();
    let statuses: Vec<_> = result.jobs.iter().map(|job| job.status).collect();
    let (success, cancelled) = (Some(JobStatus::Success), Some(JobStatus::Cancelled));
    assert_eq!(statuses, [cancelled, cancelled, success, success]);
    assert_eq!((result.status, result.exit_code), (RunStatus::Cancelled, 130));
    for job in &result.jobs[..2] {
        let reason = job.reason.as_deref().unwrap();
        assert!(reason.contains(second.id()) && reason.contains("'site'"), "{reason}");
    }
    assert!((0..3).all(|_| take(&second)));
    for job in [0, 2, 3] {
        second.finish_job(job, Report::default()).unwrap();
    }
    assert!(take(&second));
    second.finish_job(1, Report::default()).unwrap();
    assert_eq!(second.result().status, RunStatus::Success);
}

#[test]
fn a_group_that_may_fail_may_be_cancelled_too() {
    let root = tempfile::tempdir().unwrap();
    let one = |cancel_in_progress| Plan {
        groups: vec![Group {
            id: "deploy".into(),
            concurrency: turns("site", cancel_in_progress),
            continue_on_error: true,
            ..Group::default()
        }],
        jobs: vec![job(0, Some(0))],
        ..plan(root.path(), None)
    };
    let first = start(one(false));
    assert!(take(&first));
    let _second = start(one(true));
    until(&first, |kind| matches!(kind, EventKind::JobStopRequested { job: 0 }));
    first.finish_job(0, Report { stopped: true, exit_code: 1, ..Report::default() }).unwrap();
    assert_eq!(first.result().status, RunStatus::Success);
}

#[test]
fn a_lock_that_cannot_be_taken_fails_the_run_and_says_why() {
    let root = tempfile::tempdir().unwrap();
    // Nobody can make a folder where a file is.
    std::fs::write(root.path().join(".orchestration-cache"), "").unwrap();
    let run = start(plan(root.path(), turns("deploy", false)));
    let seen = until(&run, |kind| matches!(kind, EventKind::RunFinished { .. }));
    let message = seen.iter().find_map(|event| match &event.kind {
        EventKind::RunFailed { message } => Some(message.as_str()),
        _ => None,
    });
    let message = message.unwrap();
    assert!(
        message.starts_with("the lock of a concurrency group, ") && message.contains("locks"),
        "{message}"
    );
    let result = run.result();
    assert_eq!((result.status, result.exit_code), (RunStatus::Failure, 1));
    assert_eq!(result.jobs[0].status, Some(JobStatus::Cancelled));
    assert_eq!(result.jobs[0].reason.as_deref(), Some(message));
}
