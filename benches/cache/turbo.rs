//! 100 packages with 100 small inputs each, all of them cached: turborepo's own figure beside ours.

use crate::{
    fail, milliseconds,
    project::{median, run_all, Project},
    ROUNDS,
};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const PACKAGES: usize = 100;
const INPUTS: usize = 100;
/// The version the figures are compared with.
const TURBO: &str = "turbo@2";

pub fn compare() {
    let project = Project::new(PACKAGES, INPUTS, |_| Vec::new());
    run_all(&project);
    let times = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        assert_eq!(run_all(&project), PACKAGES, "every job is replayed");
        began.elapsed()
    });
    let ours = median(times.collect());
    match theirs() {
        Ok(theirs) => println!(
            "cache-turbo      {PACKAGES} jobs x {INPUTS} inputs, all found: {:.1} ms, {:.1} times less than turbo's {:.0} ms",
            milliseconds(ours),
            theirs.as_secs_f64() / ours.as_secs_f64(),
            milliseconds(theirs)
        ),
        Err(why) => println!(
            "cache-turbo      {PACKAGES} jobs x {INPUTS} inputs, all found: {:.1} ms (no turbo: {why})",
            milliseconds(ours)
        ),
    }
}

/// What turborepo prints behind `Time:` of a run that is all cached.
fn theirs() -> Result<Duration, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let root = folder.path();
    write(
        root,
        "package.json",
        r#"{"name": "bench", "private": true, "packageManager": "npm@10.0.0", "workspaces": ["packages/*"]}"#,
    );
    write(root, "turbo.json", r#"{"tasks": {"build": {"outputs": []}}}"#);
    write(root, ".gitignore", "node_modules\n.turbo\n");
    for package in 0..PACKAGES {
        let place = format!("packages/p{package}");
        let script = r#"node -e \"0\""#;
        write(
            root,
            &format!("{place}/package.json"),
            &format!(r#"{{"name": "p{package}", "version": "1.0.0", "scripts": {{"build": "{script}"}}}}"#),
        );
        for input in 0..INPUTS {
            write(root, &format!("{place}/src/{input}.txt"), &format!("{package} {input}"));
        }
    }
    said(root, "git", &["init", "-q"])?;
    said(root, "npm", &["install", "--no-audit", "--no-fund", "--save-dev", TURBO])?;
    said(root, "git", &["add", "-A"])?;
    said(
        root,
        "git",
        &["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "bench"],
    )?;
    let run =
        || said(root, "node_modules/.bin/turbo", &["run", "build", "--output-logs=none", "--no-daemon"]);
    run()?;
    let times = (0..ROUNDS).map(|_| {
        let text = run()?;
        if !text.contains("FULL TURBO") {
            return Err("its second run was not all cached".to_owned());
        }
        time_in(&text).ok_or_else(|| "it prints no time".to_owned())
    });
    times.collect::<Result<Vec<_>, _>>().map(median)
}

fn said(folder: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    let local = folder.join(program);
    let path = if local.exists() { local } else { program.into() };
    let run = Command::new(path)
        .args(arguments)
        .current_dir(folder)
        .env("TURBO_TELEMETRY_DISABLED", "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let text = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    if run.status.success() {
        Ok(text)
    } else {
        Err(format!("{program} {}: {}", arguments.join(" "), text.lines().last().unwrap_or_default()))
    }
}

/// `Time:    104ms >>> FULL TURBO` or `Time:    1.2s >>> FULL TURBO`, colours in between.
fn time_in(text: &str) -> Option<Duration> {
    let line = text.lines().find(|line| line.contains("Time:"))?;
    let plain: String = line.split_once("Time:")?.1.to_owned();
    let figure = plain.split_whitespace().find_map(|word| {
        let word: String = strip_colours(word);
        let milliseconds = word.strip_suffix("ms").and_then(|number| number.parse::<f64>().ok());
        let seconds = || word.strip_suffix('s').and_then(|number| number.parse::<f64>().ok());
        milliseconds.or_else(|| seconds().map(|seconds| seconds * 1_000.0))
    })?;
    Some(Duration::from_secs_f64(figure / 1_000.0))
}

fn strip_colours(word: &str) -> String {
    let mut plain = String::new();
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            for letter in letters.by_ref() {
                if letter == 'm' {
                    break;
                }
            }
        } else {
            plain.push(letter);
        }
    }
    plain
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).unwrap_or_else(|error| fail(&error));
}
