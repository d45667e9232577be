//! 10,000 files of 1 GiB together: hashed beside b3sum, and looked at again unchanged beside `git status`.

use crate::{
    fail,
    figures::{alternate, clocked, medians, silent, Figure, Way},
};
use aither_orchestration::cache::{Scanner, View};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const FILES: usize = 10_000;
const BYTES: usize = 1 << 30;

pub fn compare() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| fail(&error));
    let source = folder.path().join("src");
    let index = folder.path().join("index");
    let files = write(&source);
    let made = Instant::now();

    let look = || {
        let scanner = Scanner::new(&source, &index);
        let (time, inputs) = clocked(|| scanner.inputs(None, &[], View::Fresh));
        let count = inputs.map_err(|error| error.to_string())?.count();
        (count == FILES).then_some((time, scanner)).ok_or_else(|| format!("{count} of {FILES} files"))
    };
    let ways: Vec<Way<f64>> = vec![Box::new(|| look().map(|(time, _)| time)), Box::new(|| b3sum(&files))];
    let found = medians(&alternate(3, ways), |time| *time);
    let ours = found[0].clone().unwrap_or_else(|error| fail(&error));
    Figure { work: "hash 1 GiB in 10000 files", unit: "ms", ours }.beside("b3sum", &found[1], Some(1.2));

    let tracked = track(&source);
    // Two seconds old, so that the index may trust them.
    while made.elapsed() < Duration::from_secs(3) {
        let _ = look();
    }
    look().map_or_else(|error| fail(&error), |(_, scanner)| scanner.save());
    let ways: Vec<Way<f64>> = vec![
        Box::new(|| look().map(|(time, _)| time)),
        Box::new(|| tracked.clone().and_then(|()| git(&source, &["status", "--porcelain"]))),
    ];
    let found = medians(&alternate(9, ways), |time| *time);
    let ours = found[0].clone().unwrap_or_else(|error| fail(&error));
    Figure { work: "10000 files of 1 GiB again, unchanged", unit: "ms", ours }.beside(
        "git status",
        &found[1],
        Some(1.0),
    );
}

fn write(source: &Path) -> Vec<PathBuf> {
    let contents: Vec<u8> = (0..BYTES / FILES).map(|at| (at * 31 % 251) as u8).collect();
    let one = |file: usize| {
        let folder = source.join(format!("{:02}", file % 100));
        let mut contents = contents.clone();
        contents[..8].copy_from_slice(&file.to_le_bytes());
        let path = folder.join(format!("{file}.bin"));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, contents))
            .unwrap_or_else(|error| fail(&error));
        path
    };
    (0..FILES).map(one).collect()
}

/// In pieces that every system takes as arguments.
fn b3sum(files: &[PathBuf]) -> Result<f64, String> {
    let (time, done) =
        clocked(|| files.chunks(5_000).try_for_each(|some| silent(Command::new("b3sum").args(some))));
    done.map(|()| time)
}

/// Everything is in git's index, whose own times are settled by a second look.
fn track(source: &Path) -> Result<(), String> {
    git(source, &["init", "-q"])?;
    git(source, &["add", "-A"])?;
    git(source, &["status"]).map(drop)
}

fn git(folder: &Path, arguments: &[&str]) -> Result<f64, String> {
    let (time, done) = clocked(|| silent(Command::new("git").args(arguments).current_dir(folder)));
    done.map(|()| time)
}
