//! `cargo xtask load`: tests/load.rs and tests/pester/Load.Tests.ps1 with as many jobs and runs as a busy day has.

use crate::error::Error;
use crate::instrument;
use crate::powershell;
use crate::process;
use crate::project::Project;
use crate::setup;
use crate::usage::Topic;
use std::ffi::OsString;
use std::process::ExitCode;

/// Jobs, and runs one after another, where no number is asked for.
const USUAL: u64 = 10_000;
/// Runs at once in one session are fewer by as much.
const CROWD_SHARE: u64 = 100;

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let count = instrument::number(Topic::Load, arguments, USUAL)?;
    let cargo = setup::cargo(project)?;
    let powershell = powershell::ensure_fast(project)?;
    setup::library(project, &cargo)?;

    let mut native = cargo.root("test");
    native.args(["--release", "--test", "load", "--", "--nocapture", "--test-threads=1"]);
    native.env("AITHER_LOAD_JOBS", count.to_string()).env("AITHER_LOAD_RUNS", count.to_string());
    let code = process::hand_over(&mut native)?;
    if code != ExitCode::SUCCESS {
        return Ok(code);
    }
    let mut script = powershell.script(project, "tests/runner/Invoke-TestFile.ps1");
    script.arg("-Path").arg(project.path("tests/pester/Load.Tests.ps1"));
    script.env("AITHER_LOAD_JOBS", count.to_string());
    script.env("AITHER_LOAD_CROWD", (count / CROWD_SHARE).max(1).to_string());
    process::hand_over(&mut script)
}
