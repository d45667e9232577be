//! Journals, from the first line to the last that is complete.

use super::{
    super::{
        journal::{AddedJob, AddedLine, EventLine, Header, JobsLine, Summary, ADDED},
        EventKind, Fold, RunStatus,
    },
    RecordedJob, RecordedRun, RecordedStatus, RecordedSummary,
};
use crate::{printable::printable, record::started};
use serde_json::Map;
use std::{
    fs::File,
    io::{self, BufRead, Read, Seek, SeekFrom},
    path::PathBuf,
    time::UNIX_EPOCH,
};

/// The last line of a journal is no longer than this.
const LAST_LINE: i64 = 4_096;

pub(super) fn short(header: Header, status: RecordedStatus, summary: Summary) -> RecordedSummary {
    RecordedSummary {
        id: header.run_id,
        name: printable(&header.name).into_owned(),
        status,
        started: header.started,
        root: header.root,
        resumed_from: header.resumed_from,
        total: header.total,
        summary,
    }
}

/// What a run came to, by the last line of its journal; none where that is not its end.
pub(super) fn ended(file: &mut File) -> Option<(RecordedStatus, Summary)> {
    let length = i64::try_from(file.metadata().ok()?.len()).ok()?;
    file.seek(SeekFrom::End(-length.min(LAST_LINE))).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let lines = tail.strip_suffix(b"\n")?;
    let last = lines.rsplit(|byte| *byte == b'\n').next()?;
    let EventLine { event, summary, .. } = serde_json::from_slice(last).ok()?;
    match event.kind {
        EventKind::RunFinished { status, .. } => Some((recorded(status), summary?)),
        _ => None,
    }
}

fn recorded(status: RunStatus) -> RecordedStatus {
    match status {
        RunStatus::Running => RecordedStatus::Running,
        RunStatus::Success => RecordedStatus::Success,
        RunStatus::Failure => RecordedStatus::Failure,
        RunStatus::Cancelled => RecordedStatus::Cancelled,
    }
}

/// Reads the journal of a run; `held` says that a process is still writing it. What is no complete
/// line, or no line of this version, is left out; of a process that was killed before it wrote the first
/// one, only the id is known.
///
/// # Errors
/// What the system says, and when it does not begin with a header.
pub fn read(mut journal: impl BufRead, id: &str, held: bool) -> io::Result<RecordedRun> {
    let mut line = Vec::new();
    let header = match next_line(&mut journal, &mut line)? {
        None => headless(id),
        Some(line) => serde_json::from_slice(line).map_err(|error| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it does not begin with a run's header: {error}"),
            )
        })?,
    };
    let second = next_line(&mut journal, &mut line)?.and_then(|line| serde_json::from_slice(line).ok());
    let JobsLine { mut jobs, .. } = second.unwrap_or_default();
    let mut fold = Fold::of(&header.run_id, jobs.iter().map(|job| job.number.clone()));
    let mut masked = vec![false; jobs.len()];
    let (mut last, mut cancelled, mut exit_code) = (header.started, false, None);
    while let Some(line) = next_line(&mut journal, &mut line)? {
        let Ok(EventLine { event, masked: hidden, .. }) = serde_json::from_slice(line) else {
            let added = serde_json::from_slice::<AddedLine>(line).ok().filter(|line| line.kind == ADDED);
            for AddedJob { job, plan } in added.into_iter().flat_map(|line| line.jobs) {
                fold.add(job, &plan.number);
                if let Some(placeholder) = jobs.get_mut(job) {
                    *placeholder = plan;
                } else if job == jobs.len() {
                    jobs.push(plan);
                    masked.push(false);
                }
            }
            continue;
        };
        match &event.kind {
            EventKind::RunCancelled => cancelled = true,
            EventKind::RunFinished { exit_code: code, .. } => exit_code = Some(*code),
            EventKind::JobOutput { job, .. } | EventKind::JobRetried { job, .. } => {
                if let Some(masked) = masked.get_mut(*job) {
                    // Another attempt throws away what the one before it has set.
                    let again = matches!(event.kind, EventKind::JobRetried { .. });
                    *masked = !again && (*masked || hidden);
                }
            }
            _ => {}
        }
        last = last.max(event.time);
        if event.kind.job().is_none_or(|job| job < jobs.len()) {
            fold.apply(&event);
        }
    }
    let result = fold.result();
    let status = match recorded(result.status) {
        RecordedStatus::Running if held => RecordedStatus::Running,
        RecordedStatus::Running if cancelled => RecordedStatus::Cancelled,
        RecordedStatus::Running => RecordedStatus::Interrupted,
        ended => ended,
    };
    let duration_ms = last.saturating_sub(header.started) as f64;
    let summary = Summary { duration_ms, exit_code, ..Summary::from(&result) };
    let asked = header.asked.clone();
    let jobs = jobs.into_iter().zip(result.jobs).zip(masked);
    let jobs = jobs.map(|((plan, result), masked)| RecordedJob { plan, result, masked }).collect();
    Ok(RecordedRun { short: short(header, status, summary), asked, jobs })
}

fn headless(id: &str) -> Header {
    let started = started(id).and_then(|started| started.duration_since(UNIX_EPOCH).ok());
    Header {
        kind: String::new(),
        format: 0,
        engine: String::new(),
        run_id: id.to_owned(),
        started: started.map_or(0, |started| started.as_millis() as u64),
        root: PathBuf::new(),
        name: String::new(),
        asked: Map::new(),
        resumed_from: None,
        process: 0,
        total: 0,
    }
}

/// The next line that ends, without its end.
fn next_line<'a>(journal: &mut impl BufRead, line: &'a mut Vec<u8>) -> io::Result<Option<&'a [u8]>> {
    line.clear();
    journal.read_until(b'\n', line)?;
    Ok(line.strip_suffix(b"\n"))
}
