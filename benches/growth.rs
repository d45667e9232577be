//! What an item costs at 100, 1,000, 10,000 and 100,000 of them: scheduling, planning, hashing, reporting.

mod figures;
mod play;

use aither_orchestration::{
    cache::{Scanner, View},
    matrix,
    plan::{self, Plan, PlanRequest},
    report::{render, Document, Format, Task},
    run::{JobStatus, Scheduler},
};
use figures::{growth, is_wanted, median, Figure};
use play::play;
use serde_json::{json, Map, Value};
use std::{
    error::Error,
    fs,
    time::{Duration, Instant},
};

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    for (name, measure) in [
        ("growth-scheduling", scheduling as fn() -> Result<(), Box<dyn Error>>),
        ("growth-planning", planning),
        ("growth-expanding", expanding),
        ("growth-reporting", reporting),
        ("growth-hashing", hashing),
    ] {
        if is_wanted(name) {
            measure()?;
        }
    }
    Ok(())
}

/// The median of several rounds; a small size is done more often in each.
fn measured(size: usize, mut work: impl FnMut()) -> Duration {
    let times = (10_000 / size).max(1);
    let rounds = (0..=ROUNDS).map(|_| {
        let began = Instant::now();
        (0..times).for_each(|_| work());
        began.elapsed().as_secs_f64() / times as f64
    });
    // The first round warms up.
    Duration::from_secs_f64(median(rounds.skip(1).collect()))
}

fn scheduling() -> Result<(), Box<dyn Error>> {
    for size in SIZES {
        let jobs: Vec<Value> = (0..size)
            .map(|job| {
                let needs: Vec<usize> = (1..=3).filter_map(|back| job.checked_sub(back * 7)).collect();
                json!({"job": job, "number": job.to_string(), "name": "x.ps1", "path": "x", "needs": needs})
            })
            .collect();
        let plan = json!({"total": size, "maxConcurrency": 8, "failFast": true, "jobs": jobs});
        let plan: Plan = serde_json::from_value(plan)?;
        growth(
            "scheduling, a job with three needs",
            size,
            measured(size, || assert_eq!(play(Scheduler::new(&plan)), size)),
        );
    }
    Ok(())
}

/// Two dimensions whose product is the size.
fn dimensions(size: usize) -> Map<String, Value> {
    let first = (size as f64).sqrt() as usize;
    let first = (1..=first).rev().find(|first| size / first * first == size).unwrap_or(1);
    let values = |count: usize| (0..count).map(|n| json!(format!("value-{n}"))).collect::<Value>();
    [("first".to_owned(), values(first)), ("second".to_owned(), values(size / first))].into_iter().collect()
}

/// A script in so many combinations, from the request to the graph of jobs.
fn planning() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("automation-scripts"))?;
    fs::write(folder.path().join("automation-scripts/0402_Run-UnitTests.ps1"), "param()\n")?;
    for (size, most) in
        [(256, Some(1.0))].into_iter().chain(SIZES.map(|size| (size, (size == 100_000).then_some(150.0))))
    {
        let request = json!({"root": folder.path(), "sequence": ["0402"], "matrix": dimensions(size), "matrixLimit": size});
        let request: PlanRequest = serde_json::from_value(request)?;
        if plan::plan(&request)?.jobs.len() != size {
            return Err("a plan of another size".into());
        }
        let time = measured(size, || drop(plan::plan(&request)));
        if SIZES.contains(&size) {
            growth("planning, a combination of a script", size, time);
        }
        if most.is_some() {
            let work = format!("plan and expand {size} combinations");
            Figure { work: &work, unit: "ms", ours: time.as_secs_f64() * 1_000.0 }.alone(most);
        }
    }
    Ok(())
}

fn expanding() -> Result<(), Box<dyn Error>> {
    for size in SIZES {
        let matrix = dimensions(size);
        growth(
            "expanding a matrix, a combination",
            size,
            measured(size, || drop(matrix::expand(&matrix, size as u64))),
        );
    }
    Ok(())
}

fn reporting() -> Result<(), Box<dyn Error>> {
    for (name, format) in [("JUnit", Format::JUnit), ("summary", Format::Summary), ("HTML", Format::Html)] {
        for size in SIZES {
            let jobs = (0..size).map(|job| Task {
                number: format!("0402-matrix-{job}"),
                script: "0402".into(),
                name: "0402_Run-UnitTests.ps1".into(),
                stage: "Testing".into(),
                status: Some(JobStatus::Success),
                exit_code: Some(0),
                started_at: Some(1_762_353_015_000 + job as u64),
                duration_ms: 12.5,
                attempts: 1,
                matrix_id: Some(format!("profile={job}")),
                ..Task::default()
            });
            let document = Document { jobs: jobs.collect(), ..Document::default() };
            let what = format!("reporting, a job in the {name}");
            growth(&what, size, measured(size, || drop(render(&document, format))));
        }
    }
    Ok(())
}

/// Files of 100 bytes: hashed, and looked at again unchanged.
fn hashing() -> Result<(), Box<dyn Error>> {
    for size in SIZES {
        let folder = tempfile::tempdir()?;
        let (source, index) = (folder.path().join("src"), folder.path().join("index"));
        for file in 0..size {
            let place = source.join(format!("{}", file / 100));
            if file % 100 == 0 {
                fs::create_dir_all(&place)?;
            }
            fs::write(place.join(format!("{file}.txt")), format!("{file:0100}"))?;
        }
        let made = Instant::now();
        let look = || {
            let scanner = Scanner::new(&source, &index);
            let found = scanner.inputs(None, &[], View::Fresh).map(|inputs| inputs.count());
            (scanner, found)
        };
        let (_, found) = look();
        if found? != size {
            return Err("files are missing".into());
        }
        let cold = measured(size, || drop(look()));
        // Two seconds old, so that the index may trust them.
        while made.elapsed() < Duration::from_secs(3) {
            drop(look());
        }
        look().0.save();
        growth("hashing, a new file of 100 bytes", size, cold);
        growth("hashing, a file known and unchanged", size, measured(size, || drop(look())));
    }
    Ok(())
}
