//! `cargo xtask test --arm64`: the library and its tests on Linux on arm64, which QEMU stands in for.

use crate::abi::{self, Machine};
use crate::checks::{self, Outcome};
use crate::cross::{Cross, LINUX_ARM64};
use crate::debian;
use crate::error::Error;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::report::Report;
use crate::setup;
use crate::test::{cargo_test, with, with_panics};
use std::path::Path;
use std::process::Command;

const EMULATOR: &str = "qemu-aarch64";

/// Where QEMU finds the cross compiler's C library.
const LIBRARIES: (&str, &str) = ("QEMU_LD_PREFIX", "/usr/aarch64-linux-gnu");

/// What the kernel is told of programs that it cannot run itself: tests start themselves again.
const FORMATS: &str = "/proc/sys/fs/binfmt_misc";

/// What cannot hold under QEMU: it tells nobody that a child could not be started, and takes memory of its own.
const LEFT_OUT: [&str; 3] = [
    "a_program_that_may_not_be_run_is_named",
    "what_cannot_be_started_says_why",
    "one_run_after_another_takes_no_more_room_than_the_first_hundred",
];

struct Qemu;

impl Machine for Qemu {
    fn compilers(&self) -> Option<[&str; 2]> {
        Some([LINUX_ARM64.c, LINUX_ARM64.cpp])
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = process::command(EMULATOR);
        command.arg(program).env(LIBRARIES.0, LIBRARIES.1);
        command
    }

    /// The program remembers the folder.
    fn find_libraries(&self, _: &mut Command, _: &Path) {}
}

pub fn test(project: &Project, filter: Option<&str>, report: &mut Report<'_>) {
    let programs = abi::programs(project, filter);
    let ready = debian::install_tools("QEMU", &["qemu-user", "qemu-user-binfmt"])
        .and_then(|()| know_format())
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
    report.tests("cargo test", || cargo_test(tests(&cross), filter, &LEFT_OUT));
    report.tests("C and C++ programs", || match (programs.is_empty(), &library) {
        (true, _) => Outcome::default(),
        (false, Ok(library)) => abi::run(project, &Qemu, &programs, library),
        (false, Err(why)) => abi::all_failed(&programs, why),
    });
}

/// Has the kernel start programs for arm64 with QEMU, as Debian's package does where systemd is running.
fn know_format() -> Result<(), Error> {
    let formats = Path::new(FORMATS);
    if formats.join(EMULATOR).is_file() {
        return Ok(());
    }
    setup::say("having the kernel start programs for arm64 with QEMU");
    if !formats.join("register").exists() {
        let mut mount = process::command("mount");
        mount.args(["-t", "binfmt_misc", "binfmt_misc", FORMATS]);
        process::capture(&mut mount, NO_LIMIT)?.success("mounting binfmt_misc")?;
    }
    let mut register = process::command("/usr/lib/systemd/systemd-binfmt");
    register.arg(format!("{EMULATOR}.conf"));
    process::capture(&mut register, NO_LIMIT)?.success("systemd-binfmt").map(drop)
}

/// `cargo test` for arm64, which starts every test program under QEMU.
fn tests(cross: &Cross) -> Command {
    let mut command = with_panics(cross.for_tests("test"));
    let runner = format!("target.{}.runner={EMULATOR:?}", LINUX_ARM64.triple);
    command.args(["--config", &runner]).arg("--tests").env(LIBRARIES.0, LIBRARIES.1);
    // QEMU is slow, and what these do the more of is the same on every processor.
    for (count, less) in
        [("AITHER_LOAD_JOBS", "30"), ("AITHER_LOAD_RUNS", "50"), ("AITHER_BOUNDARY_CALLS", "800")]
    {
        command.env(count, less);
    }
    command
}
