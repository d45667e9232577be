//! What the cache costs, beside what others need for the same: ratios within one run of this program.
//!
//! Figures are medians. What another program is needed for is left out by name where it is not there.

mod project;
mod turbo;

use aither_orchestration::cache::{Scanner, View};
use project::{median, run_all, Project};
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const ROUNDS: usize = 7;

fn main() {
    // cargo hands `--bench` over, and the name of a benchmark where one was given.
    let wanted: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    if is_wanted("cache-replay") {
        replay();
    }
    if is_wanted("cache-index") || is_wanted("cache-hash") {
        hash();
    }
    if is_wanted("cache-turbo") {
        turbo::compare();
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// 27 jobs in three chains, as the demo has them, all of them found.
fn replay() {
    let project = Project::new(27, 10, |job| if job % 9 == 0 { Vec::new() } else { vec![job - 1] });
    run_all(&project);
    let times = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        let found = run_all(&project);
        assert_eq!(found, 27, "every job is replayed");
        began.elapsed()
    });
    println!("cache-replay     27 jobs, all found: {:.1} ms", milliseconds(median(times.collect())));
}

/// 10,000 files of 1 GiB together.
fn hash() {
    const FILES: usize = 10_000;
    const BYTES: usize = 1 << 30;
    let folder = tempfile::tempdir().unwrap_or_else(|error| fail(&error));
    let contents: Vec<u8> = (0..BYTES / FILES).map(|at| (at * 31 % 251) as u8).collect();
    for file in 0..FILES {
        let path = folder.path().join(format!("src/{:02}/{file}.bin", file % 100));
        fs::create_dir_all(path.parent().unwrap_or(folder.path())).unwrap_or_else(|error| fail(&error));
        let mut contents = contents.clone();
        contents[..8].copy_from_slice(&file.to_le_bytes());
        fs::write(path, contents).unwrap_or_else(|error| fail(&error));
    }
    // Two seconds old, so that the index may trust them.
    let began = Instant::now();
    let index = folder.path().join("index");
    let cold = |rounds: usize| {
        let times = (0..rounds).map(|_| {
            let _ = fs::remove_file(&index);
            let scanner = Scanner::new(&folder.path().join("src"), &index);
            let began = Instant::now();
            let inputs = scanner.inputs(None, &[], View::Fresh).unwrap_or_else(|error| fail(&error));
            assert_eq!(inputs.count(), FILES);
            let time = began.elapsed();
            scanner.save();
            time
        });
        median(times.collect())
    };
    let ours = cold(3);
    match b3sum(&folder.path().join("src")) {
        Some(theirs) => println!(
            "cache-hash       {FILES} files, 1 GiB: {:.0} ms, {:.2} times b3sum's {:.0} ms",
            milliseconds(ours),
            ours.as_secs_f64() / theirs.as_secs_f64(),
            milliseconds(theirs)
        ),
        None => {
            println!("cache-hash       {FILES} files, 1 GiB: {:.0} ms (no b3sum here)", milliseconds(ours))
        }
    }
    while began.elapsed() < Duration::from_secs(3) {
        cold(1);
    }
    cold(1);
    let warm = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        let scanner = Scanner::new(&folder.path().join("src"), &index);
        let inputs = scanner.inputs(None, &[], View::Fresh).unwrap_or_else(|error| fail(&error));
        assert_eq!(inputs.count(), FILES);
        began.elapsed()
    });
    println!("cache-index      {FILES} unchanged files: {:.1} ms", milliseconds(median(warm.collect())));
}

fn b3sum(folder: &Path) -> Option<Duration> {
    let files: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    let time = || {
        let began = Instant::now();
        let run = Command::new("b3sum").args(&files).stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.ok().filter(|status| status.success()).map(|_| began.elapsed())
    };
    let times: Option<Vec<Duration>> = (0..3).map(|_| time()).collect();
    times.map(median)
}

pub fn fail<T>(error: &dyn std::fmt::Display) -> T {
    panic!("the benchmark cannot be set up: {error}")
}
