//! The system's time is set back while runs go on: nothing has a negative length, what came later is told as
//! later, ids stay unique and in order, and the cache keeps and finds what it had.
#![cfg(target_os = "linux")]

mod cached;
mod recorded;

use aither_orchestration::{
    cache::Limits,
    record::{sweep, Keep, RunFolder},
    run::{Archive, JobStatus, RecordedStatus, Report},
};
use cached::Project;
use recorded::{executed, plan_of, play, project, request, start, wait_for_the_end};
use serde_json::{json, Value};
use std::{
    fs,
    sync::{
        atomic::{AtomicI64, Ordering},
        Mutex, MutexGuard, PoisonError,
    },
    time::{Duration, SystemTime},
};

const HOUR: i64 = 60 * 60;

/// How many seconds the time of this process is ahead of the system's.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// The time is the whole process's, so one test at a time may set it.
static TIME: Mutex<()> = Mutex::new(());

/// The C library's function, by which the standard library tells the time.
///
/// # Safety
/// As the C library has it.
#[no_mangle]
pub unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, told: *mut libc::timespec) -> libc::c_int {
    // SAFETY: the caller's promise.
    unsafe {
        let done = libc::syscall(libc::SYS_clock_gettime, clock, told) as libc::c_int;
        if done == 0 && clock == libc::CLOCK_REALTIME {
            (*told).tv_sec += AHEAD.load(Ordering::SeqCst);
        }
        done
    }
}

/// Lets the test set the time, which is the system's again afterwards.
struct Setting(#[allow(dead_code, reason = "held")] MutexGuard<'static, ()>);

impl Setting {
    fn alone() -> Self {
        Self(TIME.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn by(&self, seconds: i64) {
        let before = SystemTime::now();
        AHEAD.fetch_add(seconds, Ordering::SeqCst);
        assert_eq!(SystemTime::now() < before, seconds < 0, "the time is the test's to set");
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        AHEAD.store(0, Ordering::SeqCst);
    }
}

#[test]
fn a_run_goes_on_in_its_own_time() {
    let setting = Setting::alone();
    let root = project(&["a", "b", "c"]);
    let plan = plan_of(root.path(), &[("a", &[]), ("b", &[0]), ("c", &[1])]);
    let run = start(request(&plan, json!({})));
    executed(&run, 1, |run, job, number| {
        setting.by(-HOUR);
        run.output(job, "from", json!(number)).expect("an output");
        Report::default()
    });
    let events = wait_for_the_end(&run);
    let result = run.result();
    assert!(result.duration_ms >= 0.0 && result.duration_ms < 60_000.0, "{}", result.duration_ms);
    for job in &result.jobs {
        assert!(job.duration_ms >= 0.0 && job.started_at >= Some(result.started_at), "{job:?}");
    }
    let journal = fs::read_to_string(RunFolder::of(root.path()).journal(run.id())).expect("a journal");
    let lines: Vec<Value> = journal.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for told in [&events, &lines] {
        let times: Vec<u64> = told.iter().filter_map(|event| event["time"].as_u64()).collect();
        assert!(times.len() > 5 && times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
        assert!(times[times.len() - 1] - times[0] < 60_000, "{times:?}");
    }
    let listed = Archive::of(root.path()).list().expect("a list");
    assert_eq!(listed[0].status, RecordedStatus::Success);
    assert!((0.0..60_000.0).contains(&listed[0].summary.duration_ms));
}

#[test]
fn ids_are_unique_and_the_last_run_is_the_last() {
    let setting = Setting::alone();
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let mut ids = Vec::new();
    for _ in 0..20 {
        let run = start(request(&plan, json!({})));
        play(&run, 1, |_, _, _| Report::default());
        assert_eq!(Archive::of(root.path()).id("last").expect("a run"), run.id());
        ids.push(run.id().to_owned());
        setting.by(-HOUR);
    }
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    assert_eq!(Archive::of(root.path()).list().expect("a list").len(), 20);
    let resumed = start(request(&plan, json!({"resume": "last"})));
    assert_eq!((resumed.resumed_from(), resumed.kept()), (ids.last().map(String::as_str), 1));
    resumed.abandon();
}

#[test]
fn what_waits_for_a_moment_does_not_wait_for_the_system_s_time() {
    let setting = Setting::alone();
    let root = project(&["a", "b"]);
    let mut plan = plan_of(root.path(), &[("a", &[]), ("b", &[0])]);
    plan["failFast"] = json!(false);
    plan["jobs"][0]["retries"] = json!(1);
    plan["jobs"][0]["retryDelay"] = json!(0.01);
    plan["jobs"][1]["timeout"] = json!(0.05);
    plan["jobs"][1]["isolation"] = json!("process");
    plan["jobs"][1]["shell"] = json!("sh");
    plan["jobs"][1]["text"] = json!("sleep 60");
    let run = start(request(&plan, json!({})));
    let mut attempts = 0;
    play(&run, 1, |_, _, _| {
        setting.by(-HOUR);
        attempts += 1;
        Report { exit_code: i32::from(attempts == 1), ..Report::default() }
    });
    let result = run.result();
    assert_eq!((attempts, result.jobs[0].status), (2, Some(JobStatus::Success)));
    assert_eq!(result.jobs[1].status, Some(JobStatus::TimedOut));
}

#[test]
fn the_cache_is_as_good_as_before() {
    let setting = Setting::alone();
    let project = Project::new();
    project.run("first").expect("it is stored");
    for by in [-HOUR, -400 * 24 * HOUR, 30 * HOUR] {
        setting.by(by);
        assert!(project.hit("first"));
        project.store.collect(&Limits::default()).expect("a collection");
        project.store.collect_daily().expect("the daily one");
        assert!(project.hit("first"), "what is younger than now is not old");
        let name = format!("job{}", by.unsigned_abs());
        project.run(&name).expect("it is stored");
        assert!(project.hit(&name));
    }
    project.write("src/a.txt", "b");
    assert!(!project.hit("first"), "another input is another key");
    assert_eq!(project.store.entries().expect("a list").len(), 4);
}

#[test]
fn runs_of_a_time_to_come_are_kept() {
    let setting = Setting::alone();
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let run = start(request(&plan, json!({})));
    play(&run, 1, |_, _, _| Report::default());
    setting.by(-400 * 24 * HOUR);
    let folder = RunFolder::of(root.path());
    let keep = Keep { newest: 5, younger_than: Duration::from_secs(60) };
    assert_eq!(sweep(&folder, keep, SystemTime::now()).expect("a sweep"), [""; 0]);
    assert_eq!(
        Archive::of(root.path()).run("last").expect("it is there").short.status,
        RecordedStatus::Success
    );
}
