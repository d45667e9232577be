//! What a child costs, beside ninja running the same commands: several rounds in turn, medians and
//! their ratio, of the clock and, on Linux, of the processors' time, which other programs disturb
//! less. `cargo xtask bench` runs it.

use aither_orchestration::run::{NextEvents, Run, RunStatus, StartRequest};
use serde_json::{json, Value};
use std::{
    error::Error,
    fmt::Write,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const CHILDREN: usize = 2_000;
const AT_ONCE: usize = 4;
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let has_ninja = Command::new("ninja").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !has_ninja {
        println!("ninja is not on PATH: there is nothing to compare with");
    }
    write_ninja(folder.path())?;
    let (mut ours, mut ninjas) = (Vec::new(), Vec::new());
    // Round 0 warms up and is not counted.
    for round in 0..=ROUNDS {
        let of_engine = engine(folder.path())?;
        let of_ninja = if has_ninja { Some(ninja(folder.path())?) } else { None };
        if round > 0 {
            ours.push(of_engine);
            ninjas.extend(of_ninja);
        }
    }
    println!("{CHILDREN} children that run `true` by sh, {AT_ONCE} at once, median of {ROUNDS} rounds");
    compare("wall", &ours, &ninjas, |spent| spent.wall);
    if ours.iter().all(|spent| spent.processors > Duration::ZERO) {
        compare("CPU", &ours, &ninjas, |spent| spent.processors);
    }
    Ok(())
}

/// What a round took.
struct Spent {
    wall: Duration,
    /// Of this process and of those that it has waited for; zero where the system does not say.
    processors: Duration,
}

/// A clock and the processors' time.
struct Watch(Instant, Duration);

impl Watch {
    fn start() -> Self {
        Self(Instant::now(), processors())
    }

    fn stop(&self) -> Spent {
        Spent { wall: self.0.elapsed(), processors: processors().saturating_sub(self.1) }
    }
}

/// The processors' time of this process and its children, from /proc, in whose hundredths of a second
/// Linux counts there.
fn processors() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(4);
    Duration::from_millis(fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn compare(what: &str, ours: &[Spent], ninjas: &[Spent], of: impl Fn(&Spent) -> Duration) {
    let each = |time: Duration| time.as_secs_f64() * 1_000.0 / CHILDREN as f64;
    let own = median(ours.iter().map(&of));
    println!("engine {:9.3} ms a child, {what}", each(own));
    if !ninjas.is_empty() {
        let other = median(ninjas.iter().map(&of));
        println!("ninja  {:9.3} ms a child, {what}", each(other));
        println!("engine / ninja {:.2}, {what}", own.as_secs_f64() / other.as_secs_f64());
    }
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}

fn engine(folder: &Path) -> Result<Spent, Box<dyn Error>> {
    let jobs: Vec<Value> = (0..CHILDREN)
        .map(|job| json!({"job": job, "number": job.to_string(), "name": "true", "path": "", "isolation": "process", "shell": "sh", "text": "true"}))
        .collect();
    let plan =
        json!({"total": CHILDREN, "maxConcurrency": AT_ONCE, "failFast": true, "root": folder, "jobs": jobs});
    let request: StartRequest = serde_json::from_value(json!({"plan": plan, "events": ["RunFinished"]}))?;
    let watch = Watch::start();
    let run = Run::start(request).map_err(|error| error.to_string())?;
    while !matches!(run.events(Duration::from_secs(60)), NextEvents::End) {}
    let spent = watch.stop();
    match run.result().status {
        RunStatus::Success => Ok(spent),
        other => Err(format!("the run ended as {other:?}").into()),
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

fn ninja(folder: &Path) -> Result<Spent, Box<dyn Error>> {
    let watch = Watch::start();
    let mut command = Command::new("ninja");
    let status =
        command.args(["-j", &AT_ONCE.to_string()]).current_dir(folder).stdout(Stdio::null()).status()?;
    if !status.success() {
        return Err("ninja failed".into());
    }
    let spent = watch.stop();
    let _ = fs::remove_file(folder.join(".ninja_log"));
    Ok(spent)
}
