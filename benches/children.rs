//! What a child costs, beside ninja, GNU parallel and xargs running the same commands, by the clock and,
//! on Linux, by the processors' time, which other programs disturb less.

mod figures;

use aither_orchestration::run::{NextEvents, Run, RunStatus, StartRequest};
use figures::{alternate, is_wanted, medians, silent, Figure, Way};
use serde_json::{json, Value};
use std::{
    error::Error,
    fmt::Write,
    fs,
    fs::File,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const CHILDREN: usize = 2_000;
const AT_ONCE: usize = 4;
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    if !is_wanted("children") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let place = folder.path();
    write_ninja(place)?;
    fs::write(place.join("all"), "true\n".repeat(CHILDREN))?;
    fs::write(place.join("tenth"), "true\n".repeat(CHILDREN / 10))?;
    let at_once = &AT_ONCE.to_string();
    let ways: Vec<Way<Spent>> = vec![
        Box::new(|| watched(|| engine(place))),
        Box::new(|| ninja(place)),
        // A shell for each, as ours and ninja's have.
        Box::new(|| watched(|| listed(place, "all", "xargs", &["-P", at_once, "-I{}", "sh", "-c", "{}"]))),
        // Ten times slower than the others: all of them would take the most of the time.
        Box::new(|| watched(|| listed(place, "tenth", "parallel", &["--will-cite", "-j", at_once]))),
    ];
    let all = alternate(ROUNDS, ways);
    type Of = fn(&Spent) -> f64;
    let kinds: [(&str, Of); 2] =
        [("clock", |spent| milliseconds(spent.wall)), ("processors", |spent| milliseconds(spent.processors))];
    for (kind, of) in kinds {
        let found = medians(&all, of);
        let ours = found[0].clone()?;
        if ours == 0.0 {
            continue; // This system does not say.
        }
        let work = format!("{CHILDREN} children `true` by sh, {AT_ONCE} at once, {kind}");
        let figure = Figure { work: &work, unit: "ms", ours };
        figure.beside("ninja", &found[1], Some(1.3));
        figure.beside("xargs -P", &found[2], None);
        figure.beside("GNU parallel (ten times 200)", &found[3].clone().map(|tenth| tenth * 10.0), None);
    }
    Ok(())
}

/// What a round took.
struct Spent {
    wall: Duration,
    /// Of this process and of those that it has waited for; zero where the system does not say.
    processors: Duration,
}

fn watched(work: impl FnOnce() -> Result<(), String>) -> Result<Spent, String> {
    let (began, before) = (Instant::now(), processors());
    work()?;
    Ok(Spent { wall: began.elapsed(), processors: processors().saturating_sub(before) })
}

/// The processors' time of this process and its children, from /proc, in whose hundredths of a second
/// Linux counts there.
fn processors() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(4);
    Duration::from_millis(fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn engine(folder: &Path) -> Result<(), String> {
    let jobs: Vec<Value> = (0..CHILDREN)
        .map(|job| json!({"job": job, "number": job.to_string(), "name": "true", "path": "", "isolation": "process", "shell": "sh", "text": "true"}))
        .collect();
    let plan =
        json!({"total": CHILDREN, "maxConcurrency": AT_ONCE, "failFast": true, "root": folder, "jobs": jobs});
    let request = json!({"plan": plan, "events": ["RunFinished"]});
    let request: StartRequest = serde_json::from_value(request).map_err(|error| error.to_string())?;
    let run = Run::start(request).map_err(|error| error.to_string())?;
    while !matches!(run.events(Duration::from_secs(60)), NextEvents::End) {}
    match run.result().status {
        RunStatus::Success => Ok(()),
        other => Err(format!("the run ended as {other:?}")),
    }
}

fn write_ninja(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut text = String::from("rule true\n  command = true\n");
    for child in 0..CHILDREN {
        writeln!(text, "build out{child}: true")?;
    }
    fs::write(folder.join("build.ninja"), text)?;
    Ok(())
}

fn ninja(folder: &Path) -> Result<Spent, String> {
    let mut command = Command::new("ninja");
    command.args(["-j", &AT_ONCE.to_string()]).current_dir(folder);
    let spent = watched(|| silent(&mut command));
    // What it remembers would spare it the next round's work.
    let _ = fs::remove_file(folder.join(".ninja_log"));
    spent
}

/// A program that reads its commands from its input, one a line.
fn listed(folder: &Path, list: &str, program: &str, arguments: &[&str]) -> Result<(), String> {
    let list = File::open(folder.join(list)).map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    let status = command.args(arguments).stdin(list).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}")),
        Err(_) => Err("it is not on PATH".to_owned()),
    }
}
