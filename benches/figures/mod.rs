//! What a benchmark found: printed for a person, and a line in the file that AITHER_BENCH_FIGURES names,
//! of which `cargo xtask bench` makes BENCHMARKS.md. A line's parts are divided by tabs:
//!
//! - `figure`, work, unit, ours, peer, theirs, ratio, to reach, `yes` or `no`; what is not there is empty
//! - `absent`, work, peer, why
//! - `growth`, what, how many items, nanoseconds an item

#![allow(dead_code)] // Each benchmark uses its part of this.

use std::{
    env,
    fs::OpenOptions,
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A piece of work and what it took us.
pub struct Figure<'a> {
    pub work: &'a str,
    pub unit: &'a str,
    pub ours: f64,
}

impl Figure<'_> {
    /// Without a peer; `most` is what it may be, in the same unit.
    pub fn alone(&self, most: Option<f64>) {
        let Self { work, unit, ours } = self;
        let reach = most.map(|most| (format!("≤ {most} {unit}"), *ours <= most));
        println!("{work:<60} {ours:10.3} {unit}{}", said(reach.as_ref()));
        let (reach, met) = cells(reach);
        note(&["figure", work, unit, &ours.to_string(), "", "", "", &reach, met]);
    }

    /// Beside a peer, which may not be there; `most` is how many times the peer's ours may be.
    pub fn beside(&self, peer: &str, theirs: &Result<f64, String>, most: Option<f64>) {
        let Self { work, unit, ours } = self;
        let theirs = match theirs {
            Ok(theirs) => *theirs,
            Err(why) => {
                println!("{work:<60} {ours:10.3} {unit}; no {peer}: {why}");
                return note(&["absent", work, peer, why]);
            }
        };
        let ratio = ours / theirs;
        let reach = most.map(|most| (format!("≤ {most} x"), ratio <= most));
        println!(
            "{work:<60} {ours:10.3} {unit}, {ratio:.2} times {peer}'s {theirs:.3}{}",
            said(reach.as_ref())
        );
        let (reach, met) = cells(reach);
        let numbers = [ours, &theirs, &ratio].map(f64::to_string);
        note(&["figure", work, unit, &numbers[0], peer, &numbers[1], &numbers[2], &reach, met]);
    }
}

/// How the cost of an item grows with their number.
pub fn growth(what: &str, items: usize, time: Duration) {
    let each = time.as_nanos() as f64 / items as f64;
    println!("{what:<60} {items:>7} items, {each:10.0} ns an item");
    note(&["growth", what, &items.to_string(), &each.to_string()]);
}

fn said(reach: Option<&(String, bool)>) -> String {
    match reach {
        Some((reach, met)) => format!(" ({reach}: {})", if *met { "reached" } else { "MISSED" }),
        None => String::new(),
    }
}

fn cells(reach: Option<(String, bool)>) -> (String, &'static str) {
    match reach {
        Some((reach, met)) => (reach, if met { "yes" } else { "no" }),
        None => (String::new(), ""),
    }
}

fn note(parts: &[&str]) {
    let Some(path) = env::var_os("AITHER_BENCH_FIGURES") else { return };
    let line = parts.iter().map(|part| part.replace(['\t', '\n', '\r'], " ")).collect::<Vec<_>>().join("\t");
    let file = OpenOptions::new().create(true).append(true).open(path);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
        eprintln!("the figure is not noted: {error}");
    }
}

/// Whether this part was asked for: cargo hands `--bench` over, and names where some were given.
pub fn is_wanted(name: &str) -> bool {
    let mut names = env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    names.peek().is_none() || names.any(|part| name.contains(part.as_str()))
}

/// A way of doing the work. An error takes it out of the comparison, with its text as the reason.
pub type Way<'a, T> = Box<dyn FnMut() -> Result<T, String> + 'a>;

/// Does the work each way in turn, round after round, so that a busy moment of the machine meets all of
/// them; the first round warms up and does not count.
pub fn alternate<T>(rounds: usize, mut ways: Vec<Way<T>>) -> Vec<Result<Vec<T>, String>> {
    let mut all: Vec<Result<Vec<T>, String>> = ways.iter().map(|_| Ok(Vec::new())).collect();
    for round in 0..=rounds {
        for (way, kept) in ways.iter_mut().zip(&mut all) {
            let Ok(values) = kept else { continue };
            match way() {
                Ok(value) if round > 0 => values.push(value),
                Ok(_) => {}
                Err(why) => *kept = Err(why),
            }
        }
    }
    all
}

/// The medians of what [`alternate`] gives, or the reasons.
pub fn medians<T>(all: &[Result<Vec<T>, String>], of: impl Fn(&T) -> f64) -> Vec<Result<f64, String>> {
    let values = |values: &Vec<T>| median(values.iter().map(&of).collect());
    all.iter().map(|way| way.as_ref().map(values).map_err(Clone::clone)).collect()
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What this takes, in milliseconds.
pub fn clocked<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let result = work();
    (began.elapsed().as_secs_f64() * 1_000.0, result)
}

/// Runs a program to its good end, with what it writes thrown away.
pub fn silent(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err("it is not on PATH".to_owned()),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
