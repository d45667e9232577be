//! `cargo xtask pwsh`.

use crate::error::Error;
use crate::process;
use crate::project::Project;
use crate::setup;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let powershell = setup::ensure(project)?;
    become_it(powershell.command(project).args(arguments))
}

/// Where a program can take another's place, signals go straight to it.
#[cfg(unix)]
fn become_it(command: &mut Command) -> Result<ExitCode, Error> {
    use std::os::unix::process::CommandExt;
    let source = command.exec();
    Err(process::starting(command)(source))
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> Result<ExitCode, Error> {
    process::hand_over(command)
}
