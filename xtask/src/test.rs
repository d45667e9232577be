//! `cargo xtask test`: every check and every test, counted together.

use crate::abi;
use crate::cargo::{self, Cargo};
use crate::checks::{self, Outcome};
use crate::error::Error;
use crate::library;
use crate::pester;
use crate::powershell;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::setup;
use crate::tally::Tally;
use crate::usage::Topic;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let filter = filter(arguments)?;
    let filter = filter.as_deref();
    let mut report = Report { filter, total: Tally::default(), shown: Vec::new() };
    let programs = abi::programs(project, filter);
    let paths = pester::paths(project, filter);

    // Clippy runs build.rs too, which writes the header.
    let header = fs::read(project.header()).ok();
    let cargo = setup::cargo(project);
    let powershell = (!paths.is_empty()).then(|| powershell::ensure(project));

    report.check("fmt", || checks::fmt(project));
    report.check("lock", || checks::lock(project));
    report.check("clippy", || with(&cargo, |cargo| checks::clippy(project, cargo)));

    let (drift, exports) = ("header drift", "export list");
    let wanted = report.wants(drift) || report.wants(exports) || !programs.is_empty() || !paths.is_empty();
    let library = if wanted { report.build(project, &cargo) } else { Err("not built".into()) };
    report.check(drift, || with(&library, |_| checks::header_drift(project, header.as_deref())));
    report.check(exports, || with(&library, |library| checks::export_list(project, library)));

    report.tests("cargo test", || with(&cargo, |cargo| cargo_test(with_panics(cargo.root("test")), filter)));
    report.tests("cargo test (xtask)", || cargo_test(cargo::on_xtask(project, "test"), filter));

    report.tests("C and C++ programs", || match (programs.is_empty(), &library) {
        (true, _) => Outcome::default(),
        (false, Ok(library)) => abi::run(project, &programs, library),
        (false, Err(why)) => abi::all_failed(&programs, why),
    });
    report.tests("Pester", || match &powershell {
        None => Outcome::default(),
        Some(powershell) => {
            with(&library, |_| with(powershell, |powershell| pester::run(project, powershell, &paths)))
        }
    });

    println!("\n{}", report.total);
    let good = report.total.failed == 0 && report.total.passed > 0;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The text after `--filter`.
fn filter(arguments: &[OsString]) -> Result<Option<String>, Error> {
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(|word| word.as_ref()).collect();
    match words.as_slice() {
        [] => Ok(None),
        ["--filter"] => Err(Error::misuse(Topic::Test, "--filter wants a text")),
        ["--filter", text] => Ok(Some((*text).to_string())),
        ["--filter", _, extra, ..] => {
            Err(Error::misuse(Topic::Test, format!("there is no option '{extra}'")))
        }
        [option, ..] => match option.strip_prefix("--filter=") {
            Some(text) if words.len() == 1 && !text.is_empty() => Ok(Some(text.to_string())),
            _ => Err(Error::misuse(Topic::Test, format!("there is no option '{option}'"))),
        },
    }
}

/// Builds the library and places it in the module folder; says why where that failed.
fn build(project: &Project, cargo: &Result<Cargo, Error>) -> Result<PathBuf, String> {
    let cargo = cargo.as_ref().map_err(ToString::to_string)?;
    let placed = library::build(project, cargo, || {}).and_then(|built| {
        library::place(project, &built)?;
        Ok(built)
    });
    placed.map_err(|error| error.to_string())
}

/// What depends on something that may have failed, fails with it.
fn with<T, E: ToString>(needed: &Result<T, E>, then: impl FnOnce(&T) -> Outcome) -> Outcome {
    match needed {
        Ok(needed) => then(needed),
        Err(why) => Outcome::failed(why.to_string()),
    }
}

/// tests/panics.rs needs a library in which calls can be made to panic.
fn with_panics(mut command: Command) -> Command {
    command.args(["--features", "test-panics"]);
    command
}

fn cargo_test(mut command: Command, filter: Option<&str>) -> Outcome {
    command.args(["--quiet", "--no-fail-fast"]).args(filter);
    match process::capture(&mut command, NO_LIMIT) {
        Err(error) => Outcome::failed(error.to_string()),
        Ok(finished) => {
            let tally = Tally::of_cargo_test(&finished.stdout).unwrap_or_default();
            let tally = tally.with_exit(finished.succeeded());
            Outcome { tally, text: if tally.failed > 0 { finished.output } else { String::new() } }
        }
    }
}

/// Prints a headline for each step and adds up what they count.
struct Report<'a> {
    filter: Option<&'a str>,
    total: Tally,
    shown: Vec<String>,
}

impl Report<'_> {
    /// Whether the filter lets a check of this name through.
    fn wants(&self, name: &str) -> bool {
        self.filter.map_or(true, |text| name.contains(text))
    }

    /// A check, which is one test by its name.
    fn check(&mut self, name: &str, step: impl FnOnce() -> Outcome) {
        if self.wants(name) {
            self.tests(name, step);
        }
    }

    /// The build is no test; what depends on it fails with it.
    fn build(&mut self, project: &Project, cargo: &Result<Cargo, Error>) -> Result<PathBuf, String> {
        let library = timed(
            "build",
            || build(project, cargo),
            |library| match library {
                Ok(_) => "done".into(),
                Err(_) => "FAILED".into(),
            },
        );
        if let Err(why) = &library {
            self.show(why.clone());
        }
        library
    }

    /// A runner of tests, which applies the filter to its own.
    fn tests(&mut self, name: &str, step: impl FnOnce() -> Outcome) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filter_of(words: &[&str]) -> Result<Option<String>, Error> {
        filter(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_filter_is_read_in_both_spellings() {
        assert_eq!(filter_of(&[]).expect("none"), None);
        assert_eq!(filter_of(&["--filter", "plan"]).expect("two words"), Some("plan".into()));
        assert_eq!(filter_of(&["--filter=plan"]).expect("one word"), Some("plan".into()));
    }

    #[test]
    fn anything_else_is_misuse() {
        for words in [&["--filter"][..], &["--fliter", "x"], &["x"], &["--filter", "x", "y"], &["--filter="]]
        {
            assert!(matches!(filter_of(words), Err(Error::Misuse { .. })), "{words:?}");
        }
    }
}
