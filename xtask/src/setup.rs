//! Everything that has to be there before anything can run.

use crate::cargo::Cargo;
use crate::crates;
use crate::error::Error;
use crate::library;
use crate::powershell::{self, PowerShell};
use crate::project::Project;
use std::process::ExitCode;

pub fn run(project: &Project) -> Result<ExitCode, Error> {
    ensure(project).map(|_| ExitCode::SUCCESS)
}

/// Crates, PowerShell and the library in the module folder; what is there already is left alone.
/// Gives the PowerShell.
pub fn ensure(project: &Project) -> Result<PowerShell, Error> {
    let cargo = cargo(project)?;
    let powershell = powershell::ensure(project)?;
    library(project, &cargo)?;
    Ok(powershell)
}

/// The library, built and in the module folder.
pub fn library(project: &Project, cargo: &Cargo) -> Result<(), Error> {
    let built = library::build(project, cargo, || say("building the native library"))?;
    library::place(project, &built)
}

/// A cargo that finds every crate.
pub fn cargo(project: &Project) -> Result<Cargo, Error> {
    crates::ensure(project).map(|source| Cargo::new(project, source))
}

/// One line about a step of set-up, beside the output of whatever comes after it.
pub fn say(line: &str) {
    eprintln!("set-up: {line}");
}
