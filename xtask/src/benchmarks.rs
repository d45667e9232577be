//! BENCHMARKS.md, from the figures that the benchmarks have noted (`benches/figures/mod.rs` says how) and
//! from `benches/notes.md`, what people have to say about them.

use crate::error::Error;
use crate::process;
use crate::project::Project;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is asked for its version: a program and the first argument.
const PROGRAMS: [[&str; 2]; 8] = [
    ["rustc", "--version"],
    ["ninja", "--version"],
    ["parallel", "--version"],
    ["xargs", "--version"],
    ["b3sum", "--version"],
    ["git", "--version"],
    ["node", "--version"],
    ["npm", "--version"],
];

/// Long enough for a program to say its version.
const PATIENCE: Duration = Duration::from_secs(20);

pub fn write(project: &Project, figures: &Path) -> Result<(), Error> {
    let read = |path: &Path| {
        fs::read_to_string(path)
            .map_err(|source| Error::File { doing: format!("reading {}", path.display()), source })
    };
    let (figures, notes) = (read(figures)?, read(&project.path("benches/notes.md"))?);
    let path = project.path("BENCHMARKS.md");
    fs::write(&path, page(&figures, &machine(), &notes))
        .map_err(|source| Error::File { doing: format!("writing {}", path.display()), source })
}

/// The whole page.
fn page(figures: &str, machine: &str, notes: &str) -> String {
    let lines: Vec<Vec<&str>> = figures.lines().map(|line| line.split('\t').collect()).collect();
    let mut text = format!(
        "# Benchmarks\n\n`cargo xtask bench` measures all of this and writes this page; what stands below \
         *What the figures say* comes\nfrom `benches/notes.md`. Ways of doing the same work take turns, round after \
         round; figures are medians.\n\n{machine}\n## Beside others\n\nThe ratio is ours to theirs: below 1, ours \
         takes less.\n\n| Work | Ours | Peer | Theirs | Ratio | To reach | Reached |\n|---|---:|---|---:|---:|---|---|\n"
    );
    for line in &lines {
        match line[..] {
            ["figure", work, unit, ours, peer, theirs, ratio, reach, met] => {
                let theirs =
                    if theirs.is_empty() { String::new() } else { format!("{} {unit}", rounded(theirs)) };
                let met = if met == "no" { "**no**" } else { met };
                let (ours, ratio) = (rounded(ours), rounded(ratio));
                let _ = writeln!(
                    text,
                    "| {work} | {ours} {unit} | {peer} | {theirs} | {ratio} | {reach} | {met} |"
                );
            }
            ["absent", work, peer, why] => {
                let _ = writeln!(text, "| {work} | | {peer} | not measured: {why} | | | |");
            }
            _ => {}
        }
    }
    text.push_str(
        "\n## How cost grows\n\nTime an item, in nanoseconds, where there are so many of them.\n\n",
    );
    text.push_str(&growth(&lines));
    let _ = write!(text, "\n## What the figures say\n\n{}", notes.trim_start());
    text
}

/// A row each for what was measured, a column each for how many there were.
fn growth(lines: &[Vec<&str>]) -> String {
    let found: Vec<[&str; 3]> = lines
        .iter()
        .filter_map(|line| match line[..] {
            ["growth", what, items, each] => Some([what, items, each]),
            _ => None,
        })
        .collect();
    let distinct = |part: usize| {
        let mut values: Vec<&str> = Vec::new();
        for line in &found {
            if !values.contains(&line[part]) {
                values.push(line[part]);
            }
        }
        values
    };
    let sizes = distinct(1);
    let mut text = format!("| | {} |\n|---|{}\n", sizes.join(" | "), "---:|".repeat(sizes.len()));
    for what in distinct(0) {
        let _ = write!(text, "| {what} |");
        for size in &sizes {
            let each =
                found.iter().find(|line| line[0] == what && line[1] == *size).map(|line| rounded(line[2]));
            let _ = write!(text, " {} |", each.unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

/// Three figures that count; what is no number stays as it is.
fn rounded(number: &str) -> String {
    let Ok(value) = number.parse::<f64>() else { return number.to_owned() };
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// When, on what, with which versions; nothing that names the machine or its folders.
fn machine() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let of = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        line.map(|line| line.trim_start_matches([' ', '\t', ':']).to_owned())
    };
    let processor = of("/proc/cpuinfo", "model name").unwrap_or_else(|| env::consts::ARCH.to_owned());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut text = format!(
        "- {}, {processor}, {cores} processors, {} {}\n",
        today(),
        env::consts::OS,
        kernel.split(['-', '\n']).next().unwrap_or_default()
    );
    if let Some(fifteen) = load.split_whitespace().nth(2) {
        let _ =
            writeln!(text, "- load when all was measured: {fifteen}, the mean of 15 minutes, ours among it");
    }
    let settings: Vec<String> = env::vars()
        .filter(|(name, _)| name.starts_with("CARGO_PROFILE_RELEASE_"))
        .map(|(name, value)| format!("{} {value}", name["CARGO_PROFILE_RELEASE_".len()..].to_lowercase()))
        .collect();
    let profile = if settings.is_empty() { "as it is shipped".to_owned() } else { settings.join(", ") };
    let _ = writeln!(text, "- the library: {profile}");
    let versions: Vec<String> =
        PROGRAMS.iter().filter_map(|[program, argument]| version(program, argument)).collect();
    let _ = writeln!(
        text,
        "- {}; turborepo, nx, moon and wireit as `benches/cache/workspace.rs` names them",
        versions.join(", ")
    );
    text
}

/// What a program says first of its version, with its name where it leaves that out.
fn version(program: &str, argument: &str) -> Option<String> {
    let found = process::find(program)?;
    let said = process::capture(process::command(found).arg(argument), PATIENCE).ok()?;
    let line = said.stdout.lines().next()?.trim().to_owned();
    Some(if line.contains(program) { line } else { format!("{program} {line}") })
}

/// The day, as UTC has it.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (year, month, day) = date(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of so many days after 1970-01-01, counted off.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 0;
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month as u64 + 1, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_place() {
        let figures = "figure\thash\tms\t130.4\tb3sum\t100\t1.304\t≤ 1.2 x\tno\n\
            figure\timport\tms\t42\t\t\t\t≤ 100 ms\tyes\nabsent\thash\tmoon\tit is not on PATH\n\
            growth\tplanning\t100\t1500\ngrowth\tplanning\t1000\t1250.5\ngrowth\thashing\t1000\t12.25\n";
        let page = page(figures, "- a machine\n", "Notes.\n");
        for line in [
            "| hash | 130 ms | b3sum | 100 ms | 1.30 | ≤ 1.2 x | **no** |",
            "| import | 42.0 ms |  |  |  | ≤ 100 ms | yes |",
            "| hash | | moon | not measured: it is not on PATH | | | |",
            "| | 100 | 1000 |",
            "| planning | 1500 | 1250 |",
            "| hashing |  | 12.2 |",
            "- a machine",
            "Notes.",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\nin\n{page}");
        }
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(59), (1970, 3, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(20_819), (2027, 1, 1));
    }
}
