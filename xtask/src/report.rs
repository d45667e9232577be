//! What a row of checks and tests prints: a headline for each step, and one sum.

use crate::checks::Outcome;
use crate::tally::Tally;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

/// Prints a headline for each step and adds up what they count.
pub struct Report<'a> {
    filter: Option<&'a str>,
    total: Tally,
    shown: Vec<String>,
}

impl<'a> Report<'a> {
    pub fn new(filter: Option<&'a str>) -> Self {
        Self { filter, total: Tally::default(), shown: Vec::new() }
    }

    /// Prints the last line; the exit code is 0 when something passed and nothing failed.
    pub fn end(&self) -> ExitCode {
        println!("\n{}", self.total);
        if self.total.failed == 0 && self.total.passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// What has been counted so far.
    pub fn total(&self) -> Tally {
        self.total
    }

    /// Whether the filter lets a check of this name through.
    pub fn wants(&self, name: &str) -> bool {
        self.filter.map_or(true, |text| name.contains(text))
    }

    /// A check, which is one test by its name.
    pub fn check(&mut self, name: &str, step: impl FnOnce() -> Outcome) {
        if self.wants(name) {
            self.tests(name, step);
        }
    }

    /// A build is no test; what depends on it fails with it.
    pub fn build<T>(&mut self, name: &str, build: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        let built = timed(name, build, |built| match built {
            Ok(_) => "done".into(),
            Err(_) => "FAILED".into(),
        });
        if let Err(why) = &built {
            self.show(why.clone());
        }
        built
    }

    /// A runner of tests, which applies the filter to its own.
    pub fn tests(&mut self, name: &str, step: impl FnOnce() -> Outcome) {
        let outcome = timed(name, step, |outcome| headline(outcome.tally));
        self.show(outcome.text);
        self.total += outcome.tally;
    }

    /// Shows a text; one that several steps have in common (a build that failed) only once.
    fn show(&mut self, text: String) {
        let known = self.shown.contains(&text);
        for line in text.trim_end().lines().take(if known { 1 } else { usize::MAX }) {
            println!("    {line}{}", if known { " (see above)" } else { "" });
        }
        self.shown.push(text);
    }
}

/// Prints a step's name, what came of it and its seconds.
fn timed<T>(name: &str, step: impl FnOnce() -> T, headline: impl FnOnce(&T) -> String) -> T {
    print!("{name:<20}");
    let _ = io::stdout().flush();
    let start = Instant::now();
    let result = step();
    println!(" {:<38}{:>7.1} s", headline(&result), start.elapsed().as_secs_f64());
    result
}

fn headline(tally: Tally) -> String {
    match tally {
        Tally::PASSED => "passed".into(),
        Tally::FAILED => "FAILED".into(),
        Tally::SKIPPED => "skipped".into(),
        none if none.is_empty() => "nothing to run".into(),
        many => many.to_string(),
    }
}
