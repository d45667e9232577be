//! Whole runs of jobs that end as soon as they are handed out, from the text of the plan to the last event,
//! beside ninja reading and doing the same graph of phony targets; what a job costs where there are ten
//! times as many; and what a queued job needs of memory.

mod figures;
mod play;

use aither_orchestration::run::{Next, NextEvents, Report, Run, Scheduler, StartRequest};
use figures::{alternate, clocked, is_wanted, medians, silent, Figure, Way};
use play::play;
use serde_json::Value;
use std::{error::Error, fmt::Write, fs, path::Path, process::Command, time::Duration};

const ROUNDS: usize = 7;
const JOBS: usize = 10_000;

type Needs = fn(usize) -> Vec<usize>;

/// Each shape says what a job needs of those before it.
const SHAPES: [(&str, Needs); 3] = [
    ("chain", |job| job.checked_sub(1).into_iter().collect()),
    ("layer", |job| {
        if job < 100 {
            Vec::new()
        } else {
            (0..3).map(|k| job / 100 * 100 - 1 - (job + k * 7) % 100).collect()
        }
    }),
    ("random", random),
];

fn main() -> Result<(), Box<dyn Error>> {
    // First, while nothing has been freed that could be used again.
    if is_wanted("graphs-memory") {
        memory()?;
    }
    if is_wanted("graphs-run") {
        for (shape, needs) in SHAPES {
            beside_ninja(shape, needs)?;
            growth(shape, needs)?;
        }
    }
    Ok(())
}

/// Up to three of those before it, the same in every run.
fn random(job: usize) -> Vec<usize> {
    let mix = |k: usize| {
        let mut bits = (job * 4 + k) as u64 ^ 0x9E37_79B9_7F4A_7C15;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (bits ^ (bits >> 31)) as usize
    };
    if job == 0 {
        return Vec::new();
    }
    let mut needs: Vec<usize> = (0..mix(3) % 4).map(|k| mix(k) % job).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

/// A request as PowerShell would send it; written by hand, so that it leaves no freed memory behind.
fn request(jobs: usize, needs: Needs) -> String {
    let mut text = String::with_capacity(jobs * 128);
    for job in 0..jobs {
        let (comma, needs) = (if job > 0 { "," } else { "" }, needs(job));
        text.push_str(comma);
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            r#"{{"job":{job},"number":"{job:05}","name":"x.ps1","path":"/x.ps1","needs":{needs:?}}}"#
        );
    }
    text.insert_str(0, &format!(r#"{{"plan":{{"total":{jobs},"maxConcurrency":8,"failFast":true,"jobs":["#));
    text.push_str(r#"]},"events":["RunFinished"]}"#);
    text
}

/// From the text to the last event.
fn run(text: &str, jobs: usize) -> Result<f64, String> {
    let (time, done) = clocked(|| {
        let request: StartRequest = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let run = Run::start(request).map_err(|error| error.to_string())?;
        while let Next::Job(text) = run.next_job(None) {
            let job: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            let position = job["job"].as_u64().ok_or("a job without a position")? as usize;
            run.finish_job(position, Report::default()).map_err(|error| error.to_string())?;
        }
        while !matches!(run.events(Duration::from_secs(60)), NextEvents::End) {}
        Ok::<usize, String>(run.result().completed)
    });
    match done? {
        done if done == jobs => Ok(time),
        done => Err(format!("{done} of {jobs} jobs were done")),
    }
}

fn beside_ninja(shape: &str, needs: Needs) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut text = String::new();
    for job in 0..JOBS {
        let needed: String = needs(job).iter().map(|needed| format!(" t{needed}")).collect();
        writeln!(text, "build t{job}: phony{needed}")?;
    }
    fs::write(folder.path().join("build.ninja"), text)?;
    let text = request(JOBS, needs);
    let ninja = |folder: &Path| {
        let mut command = Command::new("ninja");
        let (time, done) = clocked(|| silent(command.current_dir(folder)));
        done.map(|()| time)
    };
    let plan = serde_json::from_str::<StartRequest>(&text)?.plan;
    let scheduled = || match clocked(|| play(Scheduler::new(&plan))) {
        (time, JOBS) => Ok(time),
        (_, settled) => Err(format!("{settled} of {JOBS} jobs settled")),
    };
    let ways: Vec<Way<f64>> =
        vec![Box::new(scheduled), Box::new(|| run(&text, JOBS)), Box::new(|| ninja(folder.path()))];
    let found = medians(&alternate(ROUNDS, ways), |time| *time);
    for (ours, what) in found.iter().zip(["scheduled", "plan read, scheduled, jobs handed out, told"]) {
        let work = format!("{JOBS} jobs, {shape}: {what}");
        Figure { work: &work, unit: "ms", ours: ours.clone()? }.beside("ninja", &found[2], Some(1.0));
    }
    Ok(())
}

/// What a job costs in a run of 10,000, beside one in a run of 1,000.
fn growth(shape: &str, needs: Needs) -> Result<(), Box<dyn Error>> {
    let (many, few) = (request(JOBS, needs), request(JOBS / 10, needs));
    // Ten of the small ones, so that both ways take as long.
    let ways: Vec<Way<f64>> =
        vec![Box::new(|| run(&many, JOBS)), Box::new(|| (0..10).map(|_| run(&few, JOBS / 10)).sum())];
    let found = medians(&alternate(ROUNDS, ways), |time| time * 1_000.0 / JOBS as f64);
    let work = format!("a job of a run of {JOBS}, {shape}");
    let peer = format!("a run of {}", JOBS / 10);
    Figure { work: &work, unit: "µs", ours: found[0].clone()? }.beside(&peer, &found[1], Some(1.2));
    Ok(())
}

/// What a run takes beyond its plan, by job, when the first jobs can be handed out.
fn memory() -> Result<(), Box<dyn Error>> {
    const QUEUED: usize = 100_000;
    let text = request(QUEUED, random);
    let request: StartRequest = serde_json::from_str(&text)?;
    let Some(before) = resident() else {
        println!("memory: this system does not say");
        return Ok(());
    };
    let run = Run::start(request)?;
    let after = resident().unwrap_or(before);
    let each = after.saturating_sub(before) as f64 / QUEUED as f64;
    Figure { work: "memory of a queued job beyond its own data", unit: "B", ours: each }.alone(Some(1024.0));
    run.abandon();
    Ok(())
}

/// This process's resident memory in bytes, from /proc.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
