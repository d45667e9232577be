//! `cargo xtask`: sets up, builds, tests, benches and packages AitherZero.Orchestration.

#![forbid(unsafe_code)]

mod abi;
mod arm64;
mod bench;
mod benchmarks;
mod cargo;
mod checks;
mod checksum;
mod crates;
mod cross;
mod debian;
mod demo;
mod error;
mod fuzz;
mod header;
mod host;
mod instrument;
mod library;
mod load;
mod lockfile;
mod manifest;
mod merge;
mod overlay;
mod package;
mod pester;
mod platform;
mod powershell;
mod process;
mod project;
mod pwsh;
mod report;
mod sanitize;
mod setup;
mod stamp;
mod tally;
mod test;
mod usage;
mod windows;
mod wine;

use error::Error;
use project::Project;
use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use usage::Topic;

/// The exit code of a command that was not understood.
const MISUSE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(Error::Misuse { topic, problem }) => {
            eprintln!("xtask: {problem}\n\n{}", topic.text());
            ExitCode::from(MISUSE)
        }
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[OsString]) -> Result<ExitCode, Error> {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(Error::misuse(Topic::All, "which command?"));
    };
    let name = name.to_string_lossy();
    if usage::asks_for_help(&name) {
        println!("{}", Topic::All.text());
        return Ok(ExitCode::SUCCESS);
    }
    let Some(topic) = Topic::of(&name) else {
        return Err(Error::misuse(Topic::All, format!("there is no command '{name}'")));
    };
    if topic.wants_help(rest) {
        println!("{}", topic.text());
        return Ok(ExitCode::SUCCESS);
    }

    let project = Project::locate()?;
    match topic {
        Topic::Test => test::run(&project, rest),
        Topic::Demo => none_left(topic, rest).and_then(|()| demo::run(&project)),
        Topic::Pwsh => pwsh::run(&project, rest),
        Topic::Bench => bench::run(&project, rest),
        Topic::Sanitize => sanitize::run(&project, rest),
        Topic::Fuzz => fuzz::run(&project, rest),
        Topic::Load => load::run(&project, rest),
        Topic::Package => package::run(&project, rest),
        Topic::Setup => none_left(topic, rest).and_then(|()| setup::run(&project)),
        Topic::All => Err(Error::misuse(topic, "which command?")),
    }
}

/// A command that takes no arguments was given none.
fn none_left(topic: Topic, rest: &[OsString]) -> Result<(), Error> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(Error::misuse(topic, format!("there is no option '{}'", extra.to_string_lossy()))),
    }
}
