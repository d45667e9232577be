//! `cargo xtask bench`.

use crate::error::Error;
use crate::powershell;
use crate::process;
use crate::project::Project;
use crate::setup;
use std::ffi::OsString;
use std::process::ExitCode;

/// PowerShell's benchmarks, where there are any.
const SCRIPT: &str = "benches/run.ps1";

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let (name, rest) = split(arguments);
    let cargo = setup::cargo(project)?;
    let powershell = powershell::ensure_fast(project)?;
    setup::library(project, &cargo)?;

    let mut native = cargo.root("bench");
    native.arg("--").args(name);
    let code = process::hand_over(&mut native)?;
    if code != ExitCode::SUCCESS || !project.path(SCRIPT).is_file() {
        return Ok(code);
    }
    process::hand_over(powershell.script(project, SCRIPT).args(rest))
}

/// The first argument is the name of a benchmark unless it is an option.
fn split(arguments: &[OsString]) -> (Option<&OsString>, &[OsString]) {
    match arguments.split_first() {
        Some((first, rest)) if !first.to_string_lossy().starts_with('-') => (Some(first), rest),
        _ => (None, arguments),
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
