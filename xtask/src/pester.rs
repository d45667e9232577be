//! The Pester files in tests/pester, run by tests/runner.

use crate::checks::Outcome;
use crate::error::Error;
use crate::powershell::PowerShell;
use crate::process;
use crate::project::Project;
use crate::setup;
use crate::stamp;
use crate::tally::Tally;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

const RUNNER: &str = "tests/runner/Invoke-TestFile.ps1";
const FOLDER: &str = "tests/pester";

/// A session that takes longer than this for its start and a file, and this for each other file, will never end.
const FIRST_LIMIT: Duration = Duration::from_secs(6 * 60);
const NEXT_LIMIT: Duration = Duration::from_secs(2 * 60);

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

/// Runs the files in a session a processor, since each compiles anew all that it runs. Under Wine each file has its
/// own, since .NET crashes or hangs there now and then and takes the others with it, and six together took no less time.
pub fn run(project: &Project, powershell: &PowerShell, files: &[PathBuf]) -> Outcome {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let sessions = match powershell.is_under_wine() {
        true => files.len(),
        false => processors,
    };
    let shares = shares(files, sessions);
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(Outcome::default());
    let work = || {
        while let Some(share) = shares.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = share_of(project, powershell, share);
            sum.lock().unwrap_or_else(PoisonError::into_inner).add(outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(work);
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The files dealt out, since neighbours are often alike and take equally long.
fn shares(files: &[PathBuf], count: usize) -> Vec<Vec<PathBuf>> {
    let dealt = (0..count).map(|first| files.iter().skip(first).step_by(count).cloned().collect::<Vec<_>>());
    dealt.filter(|share| !share.is_empty()).collect()
}

/// The outcome of these files. Under Wine a session that did not end is tried once more.
fn share_of(project: &Project, powershell: &PowerShell, share: &[PathBuf]) -> Outcome {
    let mut tried = session(project, powershell, share);
    if powershell.is_under_wine() && matches!(&tried, Ok(tried) if tried.is_broken_off) {
        let names: Vec<String> = share.iter().map(|file| file.display().to_string()).collect();
        setup::say(&format!("once more, since its session did not end: {}", names.join(", ")));
        tried = session(project, powershell, share);
    }
    tried.map(|tried| tried.outcome).into()
}

/// A session with what it counted.
struct Tried {
    outcome: Outcome,
    /// It crashed, or did not end within its limit.
    is_broken_off: bool,
}

fn session(project: &Project, powershell: &PowerShell, files: &[PathBuf]) -> Result<Tried, Error> {
    let mut command = powershell.script(project, RUNNER);
    command.arg("-Path").args(files.iter().map(|file| powershell.path(file)));
    let limit = FIRST_LIMIT + NEXT_LIMIT * u32::try_from(files.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let finished = process::capture(&mut command, limit)?;
    let Some(tally) = Tally::of_last_line(&finished.stdout) else {
        let problem = "the runner's last line is not `N passed, N failed, N skipped`";
        let output = finished.output.trim_end();
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let outcome = Outcome::failed(format!("{}\n{output}\n{problem}", names.join("\n")));
        return Ok(Tried { outcome, is_broken_off: true });
    };
    let is_broken_off = finished.code.is_none();
    // The runner fails, too, where nothing passed. Files of which all is left out on a system are no failure.
    let is_left_out = tally.passed == 0 && tally.failed == 0 && tally.skipped > 0;
    let tally = tally.with_exit(finished.succeeded() || is_left_out);
    let outcome = Outcome { tally, text: if tally.failed > 0 { finished.output } else { String::new() } };
    Ok(Tried { outcome, is_broken_off })
}

#[cfg(test)]
mod tests {
    use super::shares;
    use std::path::PathBuf;

    #[test]
    fn every_file_is_dealt_once() {
        let files: Vec<PathBuf> = ["a", "b", "c"].map(PathBuf::from).into();
        assert_eq!(shares(&files, 2), [vec![PathBuf::from("a"), "c".into()], vec!["b".into()]]);
        assert_eq!(shares(&files, 9).len(), 3);
        assert!(shares(&[], 2).is_empty());
    }
}
