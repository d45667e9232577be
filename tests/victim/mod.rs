//! A test program that another test starts and kills.

use std::{
    collections::HashMap,
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

/// The test `victim` of this program, in a process of its own.
pub struct Victim {
    process: Child,
    out: BufReader<ChildStdout>,
}

impl Victim {
    /// Starts it with these environment variables.
    pub fn start(variables: &[(&str, &Path)]) -> Self {
        let mut process = Command::new(env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", "victim", "--nocapture", "--test-threads=1"])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a victim");
        let out = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, out }
    }

    /// Waits until it has said so many lines that count, or no more.
    pub fn hear(&mut self, lines: usize, counts: impl Fn(&str) -> bool) {
        let mut line = String::new();
        let mut seen = 0;
        while seen < lines && self.out.read_line(&mut line).expect("a line") > 0 {
            seen += usize::from(counts(&line));
            line.clear();
        }
    }

    /// SIGKILL, or what Windows has for it.
    pub fn kill(mut self) {
        self.process.kill().expect("it is killed");
        self.process.wait().expect("its end");
    }
}

/// How often each job has written its number into this file, a line each.
pub fn witnessed(file: &Path) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for line in fs::read_to_string(file).unwrap_or_default().lines() {
        *times.entry(line.to_owned()).or_default() += 1;
    }
    times
}
