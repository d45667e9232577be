//! The Pester files in tests/pester, run by tests/runner.

use crate::checks::Outcome;
use crate::error::Error;
use crate::powershell::PowerShell;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::setup;
use crate::stamp;
use crate::tally::Tally;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

const RUNNER: &str = "tests/runner/Invoke-TestFile.ps1";
const FOLDER: &str = "tests/pester";

/// A file that takes longer than this on its own will never end.
const FILE_LIMIT: Duration = Duration::from_secs(6 * 60);

/// The files with `filter` in their name, or all.
pub fn files(project: &Project, filter: Option<&str>) -> Vec<PathBuf> {
    let folder = project.path(FOLDER);
    stamp::files_below(&folder, &[])
        .unwrap_or_default()
        .into_iter()
        .map(|(relative, _)| relative)
        .filter(|file| {
            let name = file.to_string_lossy();
            name.ends_with(".Tests.ps1") && filter.map_or(true, |text| name.contains(text))
        })
        .map(|file| folder.join(file))
        .collect()
}

/// What to hand to the runner: the folder, or the files with `filter` in their name.
pub fn paths(project: &Project, filter: Option<&str>) -> Vec<PathBuf> {
    let files = files(project, filter);
    match filter {
        None if !files.is_empty() => vec![project.path(FOLDER)],
        _ => files,
    }
}

pub fn run(project: &Project, powershell: &PowerShell, paths: &[PathBuf]) -> Outcome {
    let mut sum = Outcome::default();
    for path in paths {
        sum.add(one(project, powershell, path, NO_LIMIT).map(|tried| tried.outcome).into());
    }
    sum
}

/// The same with a session for each file, as many at once as there are processors. A session that crashes or hangs,
/// as .NET does under Wine now and then, takes no other file with it, and its file is tried once more.
pub fn run_apart(project: &Project, powershell: &PowerShell, files: &[PathBuf]) -> Outcome {
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(Outcome::default());
    let work = || {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut tried = one(project, powershell, file, FILE_LIMIT);
            if matches!(&tried, Ok(tried) if tried.is_broken_off) {
                setup::say(&format!("once more, since its session did not end: {}", file.display()));
                tried = one(project, powershell, file, FILE_LIMIT);
            }
            let outcome = Outcome::from(tried.map(|tried| tried.outcome));
            sum.lock().unwrap_or_else(PoisonError::into_inner).add(outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// A session with what it counted.
struct Tried {
    outcome: Outcome,
    /// It crashed, or did not end within its limit.
    is_broken_off: bool,
}

fn one(project: &Project, powershell: &PowerShell, path: &Path, limit: Duration) -> Result<Tried, Error> {
    let mut command = powershell.script(project, RUNNER);
    let finished = process::capture(command.arg("-Path").arg(powershell.path(path)), limit)?;
    let Some(tally) = Tally::of_last_line(&finished.stdout) else {
        let problem = "the runner's last line is not `N passed, N failed, N skipped`";
        let output = finished.output.trim_end();
        let outcome = Outcome::failed(format!("{}\n{output}\n{problem}", path.display()));
        return Ok(Tried { outcome, is_broken_off: true });
    };
    let is_broken_off = finished.code.is_none();
    // The runner fails, too, where nothing passed. A file of which all is left out on a system is no failure.
    let is_left_out = tally.passed == 0 && tally.failed == 0 && tally.skipped > 0;
    let tally = tally.with_exit(finished.succeeded() || is_left_out);
    let outcome = Outcome { tally, text: if tally.failed > 0 { finished.output } else { String::new() } };
    Ok(Tried { outcome, is_broken_off })
}
