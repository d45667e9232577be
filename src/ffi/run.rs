//! The exports of a run. A run is known by a key; calls that wait hold no lock that others need.

use super::{
    guard::{guarded, json, parse, request, utf8, Failure},
    status::AitherStatus,
    text::AitherText,
};
use crate::run::{Next, NextEvents, Report, Run, RunError, StartRequest};
use once_cell::sync::Lazy;
use serde_json::json as object;
use std::{
    collections::HashMap,
    ptr,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::Duration,
};

static RUNS: Lazy<Mutex<HashMap<u64, Arc<Run>>>> = Lazy::new(Mutex::default);
static LAST_KEY: AtomicU64 = AtomicU64::new(0);

fn runs() -> MutexGuard<'static, HashMap<u64, Arc<Run>>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(key: u64) -> Result<Arc<Run>, Failure> {
    runs().get(&key).cloned().ok_or_else(|| Failure::unknown_run(key))
}

/// The id of the run with this key.
pub(super) fn id_of(key: u64) -> Option<String> {
    find(key).ok().map(|run| run.id().to_owned())
}

/// A job that does not exist is a bad request, one that is elsewhere a bad moment.
fn refused(error: RunError) -> Failure {
    match error {
        RunError::NotRunning(_) => Failure::state(error),
        other => Failure::rejected(other),
    }
}

/// Starts a run of {"plan": Plan, "events"?: ["JobFinished", …], "journal"?, "secrets"?} and stores its
/// key in `run`. Answers {"runId", "resumedFrom", "kept"}. Every run is freed with aither_run_free.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `run` is valid for writing; `out` is null or valid for
/// writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_start(
    data: *const u8,
    len: usize,
    run: *mut u64,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        if run.is_null() {
            return Err(Failure::null("run"));
        }
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: StartRequest = unsafe { request(data, len) }?;
        let started = Run::start(asked).map_err(Failure::rejected)?;
        let answer = json(&object!({
            "runId": started.id(),
            "resumedFrom": started.resumed_from(),
            "kept": started.kept(),
        }));
        let key = LAST_KEY.fetch_add(1, Ordering::Relaxed) + 1;
        runs().insert(key, started);
        // SAFETY: not null, and the caller promises it is valid for writing.
        unsafe { run.write(key) };
        Ok(Some(answer))
    })
}

/// Waits for a job to run and claims it: AITHER_OK with {"job", "number", "path", "attempt",
/// "parameters", "matrix"}; AITHER_END when the run needs no more workers; AITHER_TIMEOUT after
/// `timeout_ms`. A negative time waits without end. Every job taken is given back with
/// aither_run_finish_job.
///
/// # Safety
/// `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_next_job(
    run: u64,
    timeout_ms: i64,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        match find(run)?.next_job(timeout) {
            Next::Job(job) => Ok(Some(job)),
            Next::End => Err(Failure::status(AitherStatus::AITHER_END)),
            Next::Timeout => Err(Failure::status(AitherStatus::AITHER_TIMEOUT)),
        }
    })
}

/// Takes whole lines that a job wrote. `stream` as in PowerShell: 1 output, 2 error, 3 warning,
/// 4 verbose, 5 debug, 6 information.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_log(
    run: u64,
    job: u64,
    stream: u8,
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let text = unsafe { utf8(data, len, "the text") }?;
        find(run)?.log(position(job), stream, text).map_err(refused)?;
        Ok(None)
    })
}

/// Sets an output of a job. The value is JSON.
///
/// # Safety
/// `name` is valid for reading `name_len` bytes and `value` for `value_len`; `out` is null or valid
/// for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_output(
    run: u64,
    job: u64,
    name: *const u8,
    name_len: usize,
    value: *const u8,
    value_len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `name` and `value`.
        let (name, value) =
            unsafe { (utf8(name, name_len, "the name")?, utf8(value, value_len, "the value")?) };
        find(run)?.output(position(job), name, parse(value, "the value")?).map_err(refused)?;
        Ok(None)
    })
}

/// Gives a job back that aither_run_next_job handed out, with a Report: {"exitCode", "error"?,
/// "errors"?, "stopped"?}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_finish_job(
    run: u64,
    job: u64,
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let report: Report = unsafe { request(data, len) }?;
        find(run)?.finish_job(position(job), report).map_err(refused)?;
        Ok(None)
    })
}

/// Waits for events: AITHER_OK with {"events", "workers", "done", "total"}; AITHER_END
/// after the last; AITHER_TIMEOUT after `timeout_ms`. An event is handed out once, so a run has one
/// reader.
///
/// # Safety
/// `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_events(run: u64, timeout_ms: u32, out: *mut AitherText) -> AitherStatus {
    guarded(out, || match find(run)?.events(Duration::from_millis(u64::from(timeout_ms))) {
        NextEvents::Signals(signals) => Ok(Some(json(&signals))),
        NextEvents::End => Err(Failure::status(AitherStatus::AITHER_END)),
        NextEvents::Timeout => Err(Failure::status(AitherStatus::AITHER_TIMEOUT)),
    })
}

/// Ends a run early: no further job starts, and those that run are asked to stop. No effect on a
/// run that has ended.
///
/// # Safety
/// `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_cancel(run: u64, out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        find(run)?.cancel();
        Ok(None)
    })
}

/// Answers the Result so far; complete once RunFinished has been seen.
///
/// # Safety
/// `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_result(run: u64, out: *mut AitherText) -> AitherStatus {
    guarded(out, || Ok(Some(json(&find(run)?.result()))))
}

/// Hands out what a job that ran as a process has put out, once: {"text", "objects"}, or null of
/// other jobs. `text` has the lines of its standard output, `objects` what a PowerShell script put
/// out, as CLIXML, or null.
///
/// # Safety
/// `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_run_job_output(run: u64, job: u64, out: *mut AitherText) -> AitherStatus {
    guarded(out, || Ok(Some(json(&find(run)?.take_output(position(job)).map_err(refused)?))))
}

/// Cancels what is left of a run and forgets it. Workers that wait for a job get AITHER_END.
#[no_mangle]
pub extern "C" fn aither_run_free(run: u64) -> AitherStatus {
    guarded(ptr::null_mut(), || {
        let freed = runs().remove(&run).ok_or_else(|| Failure::unknown_run(run))?;
        freed.abandon();
        Ok(None)
    })
}

/// A job number that no plan can have stays one.
fn position(job: u64) -> usize {
    usize::try_from(job).unwrap_or(usize::MAX)
}
