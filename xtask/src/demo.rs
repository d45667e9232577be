//! `cargo xtask demo`.

use crate::error::Error;
use crate::process;
use crate::project::Project;
use crate::setup;
use std::process::ExitCode;

pub fn run(project: &Project) -> Result<ExitCode, Error> {
    let powershell = setup::ensure(project)?;
    process::hand_over(&mut powershell.script(project, "examples/demo.ps1"))
}
