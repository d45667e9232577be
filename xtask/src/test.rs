//! `cargo xtask test`: every check and every test, counted together.

use crate::abi;
use crate::arm64;
use crate::cargo::{self, Cargo};
use crate::checks::{self, Outcome};
use crate::error::Error;
use crate::library;
use crate::pester;
use crate::powershell;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::report::Report;
use crate::setup;
use crate::tally::Tally;
use crate::usage::Topic;
use crate::windows;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// A system that is tested: its option, its name, and how.
struct Part {
    option: &'static str,
    name: &'static str,
    test: fn(&Project, Option<&str>, &mut Report<'_>),
}

const PARTS: [Part; 4] = [
    Part { option: "--here", name: "this system", test: this_system },
    Part { option: "--windows", name: "Windows, under Wine", test: windows::test },
    Part { option: "--arm64", name: "Linux on arm64, under QEMU", test: arm64::test },
    Part { option: "--windows-core", name: "the core on Windows", test: windows::test_core },
];

/// All but the last, which is a part of another.
const ALL: [bool; PARTS.len()] = [true, true, true, false];

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let (chosen, filter) = options(arguments)?;
    let filter = filter.as_deref();
    let mut report = Report::new(filter);
    let parts: Vec<&Part> = PARTS.iter().zip(chosen).filter_map(|(part, is)| is.then_some(part)).collect();
    let mut sums = Vec::new();
    for part in &parts {
        let before = report.total();
        if parts.len() > 1 {
            println!("-- {}", part.name);
        }
        (part.test)(project, filter, &mut report);
        sums.push((part.name, report.total() - before));
    }
    if parts.len() > 1 {
        println!();
        for (name, sum) in sums {
            println!("{name:<28}{sum}");
        }
    }
    Ok(report.end())
}

/// Every check and every test on the system that this runs on.
fn this_system(project: &Project, filter: Option<&str>, report: &mut Report<'_>) {
    let programs = abi::programs(project, filter);
    let files = pester::files(project, filter);

    // Clippy runs build.rs too, which writes the header.
    let header = fs::read(project.header()).ok();
    let cargo = setup::cargo(project);
    let powershell = (!files.is_empty()).then(|| powershell::ensure(project));

    report.check("fmt", || checks::fmt(project));
    report.check("lock", || checks::lock(project));
    report.check("clippy", || with(&cargo, |cargo| checks::clippy(project, cargo)));

    let (drift, exports) = ("header drift", "export list");
    let wanted = report.wants(drift) || report.wants(exports) || !programs.is_empty() || !files.is_empty();
    let library = match wanted {
        true => report.build("build", || build(project, &cargo)),
        false => Err("not built".into()),
    };
    report.check(drift, || with(&library, |_| checks::header_drift(project, header.as_deref())));
    report.check(exports, || with(&library, |library| checks::export_list(project, library)));

    report.tests("cargo test", || {
        with(&cargo, |cargo| cargo_test(with_panics(cargo.root("test")), filter, &[]))
    });
    report.tests("cargo test (xtask)", || cargo_test(cargo::on_xtask(project, "test"), filter, &[]));

    report.tests("C and C++ programs", || match (programs.is_empty(), &library) {
        (true, _) => Outcome::default(),
        (false, Ok(library)) => abi::run(project, &abi::Here, &programs, library),
        (false, Err(why)) => abi::all_failed(&programs, why),
    });
    report.tests("Pester", || match &powershell {
        None => Outcome::default(),
        Some(powershell) => {
            with(&library, |_| with(powershell, |powershell| pester::run(project, powershell, &files)))
        }
    });
}

/// Which of the parts, and the text after `--filter`.
fn options(arguments: &[OsString]) -> Result<([bool; PARTS.len()], Option<String>), Error> {
    let (mut chosen, mut filter) = ([false; PARTS.len()], None);
    let mut words = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(word) = words.next() {
        let text = match (&*word, word.strip_prefix("--filter=")) {
            ("--filter", _) => Some(
                words.next().ok_or_else(|| Error::misuse(Topic::Test, "--filter wants a text"))?.to_string(),
            ),
            (_, text) => text.map(str::to_owned),
        };
        let part = PARTS.iter().position(|part| part.option == word);
        let fits = match (part, text) {
            (Some(part), _) => !std::mem::replace(&mut chosen[part], true),
            (None, Some(text)) if !text.is_empty() => filter.replace(text).is_none(),
            (None, None) if word == "--all" && chosen == [false; PARTS.len()] => {
                chosen = ALL;
                true
            }
            _ => false,
        };
        if !fits {
            return Err(Error::misuse(Topic::Test, format!("there is no option '{word}' here")));
        }
    }
    if chosen == [false; PARTS.len()] {
        chosen[0] = true;
    }
    Ok((chosen, filter))
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
pub fn with<T, E: ToString>(needed: &Result<T, E>, then: impl FnOnce(&T) -> Outcome) -> Outcome {
    match needed {
        Ok(needed) => then(needed),
        Err(why) => Outcome::failed(why.to_string()),
    }
}

/// tests/panics.rs needs a library in which calls can be made to panic.
pub fn with_panics(mut command: Command) -> Command {
    command.args(["--features", "test-panics"]);
    command
}

/// Runs `cargo test` but for the tests of these names, which count as skipped.
pub fn cargo_test(mut command: Command, filter: Option<&str>, left_out: &[&str]) -> Outcome {
    command.args(["--quiet", "--no-fail-fast"]).args(filter).arg("--");
    for name in left_out {
        command.args(["--skip", name]);
    }
    match process::capture(&mut command, NO_LIMIT) {
        Err(error) => Outcome::failed(error.to_string()),
        Ok(finished) => {
            let mut tally = Tally::of_cargo_test(&finished.stdout).unwrap_or_default();
            tally.skipped +=
                left_out.iter().filter(|name| filter.map_or(true, |text| name.contains(text))).count() as u64;
            let tally = tally.with_exit(finished.succeeded());
            Outcome { tally, text: if tally.failed > 0 { finished.output } else { String::new() } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<([bool; 4], Option<String>), Error> {
        options(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_filter_is_read_in_both_spellings() {
        assert_eq!(read(&[]).expect("none"), ([true, false, false, false], None));
        assert_eq!(read(&["--filter", "plan"]).expect("two words").1, Some("plan".into()));
        assert_eq!(read(&["--filter=plan"]).expect("one word").1, Some("plan".into()));
    }

    #[test]
    fn the_systems_stand_before_or_behind_it() {
        let expected = ([false, true, false, false], Some("plan".to_owned()));
        assert_eq!(read(&["--windows", "--filter", "plan"]).expect("options"), expected);
        assert_eq!(read(&["--filter=plan", "--windows"]).expect("options"), expected);
        assert_eq!(read(&["--here", "--windows"]).expect("two"), ([true, true, false, false], None));
        assert_eq!(read(&["--all"]).expect("all"), (ALL, None));
        let core = read(&["--here", "--windows-core"]).expect("CI's");
        assert_eq!(core, ([true, false, false, true], None));
    }

    #[test]
    fn anything_else_is_misuse() {
        let misused: [&[&str]; 8] = [
            &["--filter"],
            &["--fliter", "x"],
            &["x"],
            &["--filter", "x", "y"],
            &["--filter="],
            &["--windows", "--windows"],
            &["--windows", "--all"],
            &["--all", "--all"],
        ];
        for words in misused {
            assert!(matches!(read(words), Err(Error::Misuse { .. })), "{words:?}");
        }
    }
}
