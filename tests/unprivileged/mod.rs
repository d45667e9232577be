//! A test of this program again, by a user whom rights and limits bind.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

/// Runs one test of this program in a process of its own that has no more rights than an ordinary user,
/// which root is not. `folder` is one of the caller's that every user may enter.
pub fn run(folder: &Path, test: &str, variables: &[(&str, &Path)]) -> Output {
    let me = env::current_exe().expect("the test program");
    let as_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = if as_root {
        // The build's folder need not be everybody's to enter.
        let copy = folder.join("tester");
        fs::copy(&me, &copy).expect("a copy that everyone may run");
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--clear-groups"]).arg(copy);
        command
    } else {
        Command::new(&me)
    };
    command.args(["--exact", test, "--nocapture", "--include-ignored", "--test-threads=1"]);
    command.envs(variables.iter().copied()).output().expect("the test program runs")
}
