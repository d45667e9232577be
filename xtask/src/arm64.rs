//! `cargo xtask test --arm64`: the library and its tests on Linux on arm64, which QEMU stands in for.

use crate::abi::{self, Machine};
use crate::checks::{self, Outcome};
use crate::cross::{Cross, LINUX_ARM64};
use crate::debian;
use crate::process;
use crate::project::Project;
use crate::report::Report;
use crate::test::{cargo_test, with, with_panics};
use std::path::Path;
use std::process::Command;

/// QEMU, and where the cross compiler's C library is for it.
const EMULATOR: [&str; 3] = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"];

struct Qemu;

impl Machine for Qemu {
    fn compilers(&self) -> Option<[&str; 2]> {
        Some([LINUX_ARM64.c, LINUX_ARM64.cpp])
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = process::command(EMULATOR[0]);
        command.args(&EMULATOR[1..]).arg(program);
        command
    }

    /// The program remembers the folder.
    fn find_libraries(&self, _: &mut Command, _: &Path) {}
}

pub fn test(project: &Project, filter: Option<&str>, report: &mut Report<'_>) {
    let programs = abi::programs(project, filter);
    let ready = debian::install_tools("QEMU", &["qemu-user"])
        .and_then(|()| Cross::ensure(project, &LINUX_ARM64))
        .map_err(|error| error.to_string());
    let cross = match ready {
        Ok(cross) => cross,
        Err(why) => {
            report.tests("Linux on arm64", || Outcome::skipped(format!("cannot be set up: {why}")));
            return;
        }
    };
    let library = report.build("build", || cross.library_for_tests().map_err(|error| error.to_string()));
    report.check("export list", || {
        with(&library, |library| checks::exports_by(project, library, LINUX_ARM64.exports))
    });
    report.tests("cargo test", || cargo_test(tests(&cross), filter));
    report.tests("C and C++ programs", || match (programs.is_empty(), &library) {
        (true, _) => Outcome::default(),
        (false, Ok(library)) => abi::run(project, &Qemu, &programs, library),
        (false, Err(why)) => abi::all_failed(&programs, why),
    });
}

/// `cargo test` for arm64, which starts every test program under QEMU.
fn tests(cross: &Cross) -> Command {
    let mut command = with_panics(cross.for_tests("test"));
    let runner = format!("target.{}.runner={EMULATOR:?}", LINUX_ARM64.triple);
    command.args(["--config", &runner]).arg("--tests");
    // QEMU is slow, and what these do the more of is the same on every processor.
    for (count, less) in
        [("AITHER_LOAD_JOBS", "30"), ("AITHER_LOAD_RUNS", "50"), ("AITHER_BOUNDARY_CALLS", "800")]
    {
        command.env(count, less);
    }
    command
}
