//! `cargo xtask test --windows`: the library, its tests and the module on Windows, which Wine stands in for.

use crate::abi::{self, Machine};
use crate::checks::{self, Outcome};
use crate::cross::{Cross, WINDOWS};
use crate::error::Error;
use crate::host;
use crate::library;
use crate::pester;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::report::Report;
use crate::setup;
use crate::test::{cargo_test, with, with_panics};
use crate::wine::{self, Wine};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

impl Machine for Wine {
    fn compilers(&self) -> Option<[&str; 2]> {
        Some([WINDOWS.c, WINDOWS.cpp])
    }

    fn is_windows(&self) -> bool {
        true
    }

    fn command(&self, program: &Path) -> Command {
        self.command(program)
    }

    fn find_libraries(&self, command: &mut Command, folder: &Path) {
        command.env("WINEPATH", wine::windows_path(folder));
    }
}

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    /// What is likeliest to break when Windows is not thought of, in a few minutes.
    Core,
}

/// The test files of the core, beside the tests in the library.
const CORE: [&str; 5] = ["windows_children", "cache_systems", "long_paths", "journal", "run"];

/// The Pester files of the core.
const CORE_PESTER: [&str; 4] = ["Get-MatrixCombinations", "Isolation", "NativeLibrary", "NetworkShare"];

pub fn test(project: &Project, filter: Option<&str>, report: &mut Report<'_>) {
    test_to(Extent::Whole, project, filter, report);
}

pub fn test_core(project: &Project, filter: Option<&str>, report: &mut Report<'_>) {
    test_to(Extent::Core, project, filter, report);
}

fn test_to(extent: Extent, project: &Project, filter: Option<&str>, report: &mut Report<'_>) {
    let programs = abi::programs(project, filter);

    let ready = Cross::ensure(project, &WINDOWS)
        .and_then(|cross| Wine::ensure(project).map(|wine| (cross, wine)))
        .map_err(|error| error.to_string());
    let (cross, wine) = match ready {
        Ok(ready) => ready,
        Err(why) => {
            report.tests("Windows", || Outcome::skipped(format!("cannot be set up: {why}")));
            return;
        }
    };
    let library = report.build("build", || build(project, &cross));
    report.check("export list", || {
        with(&library, |library| checks::exports_by(project, library, WINDOWS.exports))
    });
    report.tests("cargo test", || {
        let mut command = tests(&cross, &wine);
        match extent {
            Extent::Whole => command.arg("--tests"),
            Extent::Core => command.arg("--lib").args(CORE.iter().flat_map(|name| ["--test", name])),
        };
        cargo_test(command, filter, &[])
    });
    report.tests("C and C++ programs", || match (programs.is_empty(), &library) {
        (true, _) => Outcome::default(),
        (false, Ok(library)) => abi::run(project, &wine, &programs, library),
        (false, Err(why)) => abi::all_failed(&programs, why),
    });
    report.check("a cache of two systems", || two_systems(project, &cross, &wine).into());
    let mut files = pester::files(project, filter);
    if extent == Extent::Core {
        files.retain(|file| CORE_PESTER.iter().any(|name| file.ends_with(format!("{name}.Tests.ps1"))));
    }
    let powershell = (!files.is_empty()).then(|| host::ensure_under(project, &wine));
    report.tests("Pester", || match &powershell {
        None => Outcome::default(),
        Some(Err(why)) if extent == Extent::Core => {
            Outcome::skipped(format!("there is no PowerShell for Windows: {why}"))
        }
        Some(powershell) => {
            with(&library, |_| with(powershell, |powershell| pester::run(project, powershell, &files)))
        }
    });
    wine.end();
}

fn build(project: &Project, cross: &Cross) -> Result<PathBuf, String> {
    let placed = cross.library_for_tests().and_then(|built| {
        library::place_for(project, &built, WINDOWS.identifier, WINDOWS.library)?;
        Ok(built)
    });
    placed.map_err(|error| error.to_string())
}

/// What this system writes into a cache, Windows reads, and the other way round.
fn two_systems(project: &Project, cross: &Cross, wine: &Wine) -> Result<Outcome, Error> {
    let usual = setup::cargo(project)?;
    let folder = project.state().join("two-systems");
    for from_windows in [false, true] {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::file("removing", &folder))?;
        }
        fs::create_dir_all(&folder).map_err(Error::file("creating", &folder))?;
        for (part, on_windows) in [("write", from_windows), ("read", !from_windows)] {
            let (mut test, root) = match on_windows {
                true => (tests(cross, wine), wine::windows_path(&folder)),
                false => (with_panics(usual.root("test")), folder.display().to_string()),
            };
            test.args(["--test", "cache_systems"]).env("AITHER_TEST_SYSTEMS_ROOT", root);
            test.env("AITHER_TEST_SYSTEMS_PART", part);
            let system = if on_windows { "Windows" } else { "this system" };
            let finished = process::capture(&mut test, NO_LIMIT)?;
            if !finished.succeeded() {
                return Ok(Outcome::failed(format!("{system} cannot {part}\n{}", finished.output)));
            }
        }
    }
    Ok(Outcome::passed())
}

/// `cargo test` for Windows, which starts every test program under Wine.
fn tests(cross: &Cross, wine: &Wine) -> Command {
    let mut command = with_panics(cross.for_tests("test"));
    let runner = format!("target.{}.runner={:?}", WINDOWS.triple, wine.runner());
    command.args(["--config", &runner]);
    wine.settle(&mut command);
    command
}
