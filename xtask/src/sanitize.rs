//! `cargo xtask sanitize`: the calls of tests/boundary.rs under AddressSanitizer and under Valgrind.

use crate::error::Error;
use crate::instrument;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::setup;
use crate::usage::Topic;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Calls under AddressSanitizer where none are asked for.
const CALLS: u64 = 1_000_000;
/// Valgrind is slower by about as much.
const VALGRIND_SHARE: u64 = 50;
/// The bytes of a very large text.
const LARGE: u64 = 64 * 1024 * 1024;
const VALGRIND: &str =
    "valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite";

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let calls = instrument::number(Topic::Sanitize, arguments, CALLS)?;
    let cargo = setup::cargo(project)?;
    let host = instrument::host()?;
    if process::find("valgrind").is_none() {
        return Err(Error::missing("valgrind", "install it (Debian: apt install valgrind)"));
    }

    let mut address = cargo.apart("sanitize", "test");
    // The installed toolchain has the sanitizer's library; only its option counts as unstable.
    address.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
    address.env("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1");
    check("AddressSanitizer", &mut address, &host, calls)?;

    let mut valgrind = cargo.apart("valgrind", "test");
    let runner = format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace('-', "_"));
    valgrind.env(runner, VALGRIND);
    check("Valgrind", &mut valgrind, &host, (calls / VALGRIND_SHARE).max(1))?;
    Ok(ExitCode::SUCCESS)
}

/// One run of the test; a report of the tool's fails it.
fn check(tool: &str, test: &mut Command, host: &str, calls: u64) -> Result<(), Error> {
    println!("{tool}: {calls} calls");
    instrument::optimized_with_lines(test);
    test.args(["--target", host, "--test", "boundary", "--", "--nocapture"]);
    test.env("AITHER_BOUNDARY_CALLS", calls.to_string());
    test.env("AITHER_BOUNDARY_LARGE", LARGE.to_string());
    let finished = process::capture(test, NO_LIMIT)?.success(tool)?;
    for line in finished.stdout.lines().filter(|line| line.contains(" calls with the seed ")) {
        println!("  {line}");
    }
    println!("  nothing reported");
    Ok(())
}
