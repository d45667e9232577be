//! The exports that look at what is recorded of runs. None of them needs a run.

use super::{
    guard::{guarded, json, request, Failure},
    status::AitherStatus,
    text::AitherText,
};
use crate::run::{Archive, ArchiveError, Run, StartRequest};
use serde::Deserialize;
use serde_json::json as object;
use std::path::PathBuf;

/// So many bytes of a log are answered at once where the caller does not say.
const LOG_BYTES: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListRequest {
    root: PathBuf,
}

/// Lists the recorded runs of a project, the newest first: {"root"} to {"runs": [RecordedSummary]}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_runs_list(data: *const u8, len: usize, out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: ListRequest = unsafe { request(data, len) }?;
        let runs = Archive::of(&asked.root).list().map_err(Failure::rejected)?;
        Ok(Some(json(&object!({ "runs": runs }))))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneRequest {
    root: PathBuf,
    id: String,
}

/// Shows a recorded run: {"root", "id"} to a RecordedRun. `id` may be "Last".
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_runs_show(data: *const u8, len: usize, out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: OneRequest = unsafe { request(data, len) }?;
        Ok(Some(json(&Archive::of(&asked.root).run(&asked.id).map_err(Failure::rejected)?)))
    })
}

/// Says what a run would take over from the one that it resumes, and starts nothing: the request of
/// aither_run_start to {"resumedFrom", "done": [job]}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_runs_resume(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: StartRequest = unsafe { request(data, len) }?;
        Ok(Some(json(&Run::taken_over(&asked).map_err(Failure::rejected)?)))
    })
}

/// Removes what is recorded of a run that has ended: {"root", "id"} to no text.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_runs_remove(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: OneRequest = unsafe { request(data, len) }?;
        Archive::of(&asked.root).remove(&asked.id).map_err(Failure::rejected)?;
        Ok(None)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogRequest {
    root: PathBuf,
    id: String,
    number: String,
    #[serde(default)]
    from: u64,
    #[serde(default)]
    most: Option<usize>,
}

/// Reads a job's log: {"root", "id", "number", "from"?, "most"?} to {"lines": [{"stream", "text"}],
/// "next", "ended", "path"}. `next` is where to go on, `from` of the next call. Once `ended` is true
/// and no lines came, there are no more.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_runs_log(data: *const u8, len: usize, out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: LogRequest = unsafe { request(data, len) }?;
        Ok(Some(json(&log(&asked).map_err(Failure::rejected)?)))
    })
}

fn log(asked: &LogRequest) -> Result<serde_json::Value, ArchiveError> {
    let archive = Archive::of(&asked.root);
    // Looked at before the log is read: what a job wrote is there before its end is.
    let run = archive.run(&asked.id)?;
    let ended = run.has_ended(&asked.number)?;
    let writer = archive.writer_of(&run, &asked.number);
    let part = archive.log(&writer, &asked.number, asked.from, asked.most.unwrap_or(LOG_BYTES))?;
    let path = archive.log_path(&writer, &asked.number);
    Ok(object!({ "lines": part.lines, "next": part.next, "ended": ended, "path": path }))
}
