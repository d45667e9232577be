//! `cargo xtask bench`.

use crate::benchmarks;
use crate::error::Error;
use crate::merge;
use crate::powershell;
use crate::process;
use crate::project::Project;
use crate::setup;
use std::ffi::OsString;
use std::fs;
use std::process::ExitCode;

/// Those that stand beside other programs or show how cost grows; criterion's are run by name only.
const COMPARISONS: [&str; 4] = ["graphs", "growth", "cache", "children"];
/// PowerShell's benchmarks: the names that ask for each, and its script.
const SCRIPTS: [(&str, &str); 2] = [("plan", "benches/plan.ps1"), ("run", "benches/run.ps1")];
/// The file that every benchmark adds its figures to, in the environment.
const FIGURES: &str = "AITHER_BENCH_FIGURES";
/// The manifest of the module as it is shipped, whose import is measured.
const SHIPPED: &str = "AITHER_BENCH_SHIPPED";

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let (name, rest) = split(arguments);
    let cargo = setup::cargo(project)?;
    let powershell = powershell::ensure_fast(project)?;
    setup::library(project, &cargo)?;

    let shipped = merge::stage(project)?;
    let figures = project.state().join("figures");
    forget(&figures)?;
    let mut native = cargo.root("bench");
    native.env(FIGURES, &figures);
    match name {
        Some(name) => native.arg("--benches").arg("--").arg(name),
        None => native.args(COMPARISONS.iter().flat_map(|name| ["--bench", name])),
    };
    let mut code = process::hand_over(&mut native)?;
    for (asked, script) in SCRIPTS {
        if code == ExitCode::SUCCESS && name.map_or(true, |name| name == asked) {
            let mut script = powershell.script(project, script);
            code = process::hand_over(script.args(rest).env(FIGURES, &figures).env(SHIPPED, &shipped))?;
        }
    }
    if code == ExitCode::SUCCESS && name.is_none() {
        benchmarks::write(project, &figures)?;
    }
    Ok(code)
}

/// The first argument is the name of a benchmark unless it is an option.
fn split(arguments: &[OsString]) -> (Option<&OsString>, &[OsString]) {
    match arguments.split_first() {
        Some((first, rest)) if !first.to_string_lossy().starts_with('-') => (Some(first), rest),
        _ => (None, arguments),
    }
}

/// Figures of an earlier call are not this one's.
fn forget(figures: &std::path::Path) -> Result<(), Error> {
    match fs::remove_file(figures) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::File { doing: format!("removing {}", figures.display()), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_no_name() {
        let words: Vec<OsString> = ["plan", "-Count", "3"].map(OsString::from).into();
        assert_eq!(split(&words), (Some(&words[0]), &words[1..]));
        assert_eq!(split(&words[1..]), (None, &words[1..]));
        assert_eq!(split(&[]), (None, &[] as &[OsString]));
    }
}
