//! The Pester files in tests/pester, run by tests/runner.

use crate::checks::Outcome;
use crate::error::Error;
use crate::powershell::PowerShell;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::stamp;
use crate::tally::Tally;
use std::path::{Path, PathBuf};

const RUNNER: &str = "tests/runner/Invoke-TestFile.ps1";
const FOLDER: &str = "tests/pester";

/// What to hand to the runner: the folder, or the files with `filter` in their name.
pub fn paths(project: &Project, filter: Option<&str>) -> Vec<PathBuf> {
    let folder = project.path(FOLDER);
    let files: Vec<PathBuf> = stamp::files_below(&folder, &[])
        .unwrap_or_default()
        .into_iter()
        .map(|(relative, _)| relative)
        .filter(|file| file.to_string_lossy().ends_with(".Tests.ps1"))
        .collect();
    match filter {
        None if files.is_empty() => Vec::new(),
        None => vec![folder],
        Some(text) => files
            .into_iter()
            .filter(|file| file.to_string_lossy().contains(text))
            .map(|file| folder.join(file))
            .collect(),
    }
}

pub fn run(project: &Project, powershell: &PowerShell, paths: &[PathBuf]) -> Outcome {
    let mut sum = Outcome::default();
    for path in paths {
        sum.add(one(project, powershell, path).into());
    }
    sum
}

fn one(project: &Project, powershell: &PowerShell, path: &Path) -> Result<Outcome, Error> {
    let mut command = powershell.script(project, RUNNER);
    let finished = process::capture(command.arg("-Path").arg(powershell.path(path)), NO_LIMIT)?;
    let Some(tally) = Tally::of_last_line(&finished.stdout) else {
        let problem = "the runner's last line is not `N passed, N failed, N skipped`";
        return Ok(Outcome::failed(format!("{}\n{problem}", finished.output.trim_end())));
    };
    let tally = tally.with_exit(finished.succeeded());
    Ok(Outcome { tally, text: if tally.failed > 0 { finished.output } else { String::new() } })
}
