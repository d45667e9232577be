//! The checks that come before the tests: each counts as one.

use crate::cargo::{self, Cargo};
use crate::error::Error;
use crate::header;
use crate::lockfile;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::tally::Tally;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What came of a step: its counts, and what to show.
#[derive(Debug, Default)]
pub struct Outcome {
    pub tally: Tally,
    pub text: String,
}

impl Outcome {
    pub fn passed() -> Self {
        Self { tally: Tally::PASSED, text: String::new() }
    }

    pub fn failed(text: impl Into<String>) -> Self {
        Self { tally: Tally::FAILED, text: text.into() }
    }

    pub fn skipped(text: impl Into<String>) -> Self {
        Self { tally: Tally::SKIPPED, text: text.into() }
    }

    /// A tool is missing: no failure on a developer's machine, but one in CI.
    pub fn without_tool(text: impl Into<String>) -> Self {
        if in_ci() {
            Self::failed(text)
        } else {
            Self::skipped(text)
        }
    }

    /// Counts another outcome too and shows its text after ours.
    pub fn add(&mut self, other: Self) {
        self.tally += other.tally;
        if !other.text.is_empty() {
            self.text.push_str(other.text.trim_end());
            self.text.push('\n');
        }
    }
}

impl From<Result<Outcome, Error>> for Outcome {
    fn from(result: Result<Outcome, Error>) -> Self {
        result.unwrap_or_else(|error| Outcome::failed(error.to_string()))
    }
}

fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// `cargo fmt --check`, on the project and on xtask.
pub fn fmt(project: &Project) -> Outcome {
    let commands = ["Cargo.toml", "xtask/Cargo.toml"].map(|manifest| {
        let mut command = cargo::bare("fmt");
        command
            .arg("--manifest-path")
            .arg(project.path(manifest))
            .args(["--", "--check", "--color", "never"]);
        command
    });
    component("rustfmt", commands)
}

/// Every crate in Cargo.lock has a checksum that can be the registry's. What Debian's packages say
/// in its place often cannot.
pub fn lock(project: &Project) -> Outcome {
    let path = project.path("Cargo.lock");
    match fs::read_to_string(&path).map_err(Error::file("reading", &path)) {
        Err(error) => Outcome::failed(error.to_string()),
        Ok(lock) => match lockfile::doubtful(&lockfile::crates(&lock)).join("\n") {
            none if none.is_empty() => Outcome::passed(),
            lines => Outcome::failed(format!("{lines}\nwrite the registry's checksums into Cargo.lock")),
        },
    }
}

/// `cargo clippy`, with every warning an error, on the project and on xtask.
pub fn clippy(project: &Project, cargo: &Cargo) -> Outcome {
    let mut root = cargo.root("clippy");
    root.arg("--all-features");
    let commands = [root, cargo::on_xtask(project, "clippy")].map(|mut command| {
        command.args(["--quiet", "--all-targets", "--", "-D", "warnings"]);
        command
    });
    component("clippy", commands)
}

/// Runs commands of a rustup component; all have to succeed.
fn component(name: &str, commands: impl IntoIterator<Item = Command>) -> Outcome {
    let mut text = String::new();
    for mut command in commands {
        match process::capture(&mut command, NO_LIMIT) {
            Ok(finished) if finished.succeeded() => {}
            Ok(finished) if is_absent(&finished.output) => {
                return Outcome::without_tool(format!("{name} is missing: `rustup component add {name}`"));
            }
            Ok(finished) => text.push_str(&finished.output),
            Err(error) => text.push_str(&error.to_string()),
        }
    }
    match text.is_empty() {
        true => Outcome::passed(),
        false => Outcome::failed(text),
    }
}

fn is_absent(output: &str) -> bool {
    output.contains("no such command") || output.contains("is not installed for the toolchain")
}

/// The header as it was before a build is the one that the build writes.
pub fn header_drift(project: &Project, before: Option<&[u8]>) -> Outcome {
    let path = project.header();
    let name = "include/aither_orchestration.h";
    match (before, fs::read(&path)) {
        (_, Err(error)) => Outcome::failed(format!("build.rs wrote no {name}: {error}")),
        (None, Ok(_)) => Outcome::failed(format!("{name} was not there; build.rs has written it: commit it")),
        (Some(before), Ok(after)) if before == after => Outcome::passed(),
        (Some(before), Ok(after)) => Outcome::failed(format!(
            "{name} was not what build.rs writes from src/ffi; now it is: commit it\n{}",
            difference(&String::from_utf8_lossy(before), &String::from_utf8_lossy(&after))
        )),
    }
}

/// The lines that only one of the two texts has.
fn difference(before: &str, after: &str) -> String {
    let only = |text: &str, other: &str, sign: &str| -> Vec<String> {
        let other: Vec<&str> = other.lines().collect();
        text.lines().filter(|line| !other.contains(line)).map(|line| format!("{sign} {line}")).collect()
    };
    let mut lines = only(before, after, "-");
    lines.extend(only(after, before, "+"));
    match lines.is_empty() {
        true => "(only the order of lines, or their ends, differ)".into(),
        false => lines.join("\n"),
    }
}

/// The library exports exactly the functions that the header declares.
pub fn export_list(project: &Project, library: &Path) -> Outcome {
    let nm: &[&str] = match env::consts::OS {
        "macos" => &["nm", "-gU"],
        "windows" => {
            return Outcome::skipped("the export list is not checked on Windows: its tools have no nm")
        }
        _ => &["nm", "-D", "--defined-only"],
    };
    if process::find("nm").is_none() {
        return Outcome::without_tool("nm is missing: install binutils (macOS: xcode-select --install)");
    }
    exports_by(project, library, nm)
}

/// The same, with the program that lists the exports of that library, and its options.
pub fn exports_by(project: &Project, library: &Path, lister: &[&str]) -> Outcome {
    compare_exports(project, library, lister).into()
}

fn compare_exports(project: &Project, library: &Path, lister: &[&str]) -> Result<Outcome, Error> {
    let path = project.header();
    let declared = header::declared(&fs::read_to_string(&path).map_err(Error::file("reading", &path))?);
    let (program, options) = lister.split_first().unwrap_or((&"nm", &[]));
    let mut list = process::command(program);
    let answer = process::capture(list.args(options).arg(library), NO_LIMIT)?.success(*program)?;
    let exported = header::exported(&answer.stdout);
    if declared.is_empty() {
        return Ok(Outcome::failed("the header declares no function"));
    }
    let mut text = String::new();
    for name in declared.difference(&exported) {
        text.push_str(&format!("{name} is declared in the header and not exported\n"));
    }
    for name in exported.difference(&declared) {
        text.push_str(&format!("{name} is exported and not declared in the header\n"));
    }
    Ok(match text.is_empty() {
        true => Outcome::passed(),
        false => Outcome::failed(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_names_lines_of_either_side() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "- b\n+ c");
        assert!(difference("a\nb\n", "b\na\n").contains("order"));
    }

    #[test]
    fn outcomes_add_up() {
        let mut sum = Outcome::passed();
        sum.add(Outcome::failed("broken\n\n"));
        sum.add(Outcome::skipped("no tool"));
        assert_eq!(sum.tally, Tally { passed: 1, failed: 1, skipped: 1 });
        assert_eq!(sum.text, "broken\nno tool\n");
    }

    #[test]
    fn an_absent_component_is_told_from_a_failure() {
        assert!(is_absent("error: no such command: `clippy`"));
        assert!(is_absent("error: 'cargo-fmt' is not installed for the toolchain 'stable'"));
        assert!(!is_absent("Diff in src/lib.rs"));
    }
}
