//! What the record of a run costs: runs of jobs that do nothing, with a journal and without, in one
//! process.

use aither_orchestration::run::{Next, NextEvents, Report, Run, StartRequest};
use criterion::{criterion_group, criterion_main, BatchSize, BenchmarkId, Criterion, Throughput};
use serde_json::{json, Value};
use std::{path::Path, time::Duration};

fn request(root: &Path, count: usize, recorded: bool) -> StartRequest {
    let jobs: Vec<Value> = (0..count)
        .map(|job| json!({"job": job, "number": format!("{job:05}"), "name": "x.ps1", "path": root.join("x.ps1")}))
        .collect();
    let mut request = json!({
        "plan": {"total": count, "root": root, "maxConcurrency": 4, "failFast": true, "jobs": jobs},
        "events": ["RunFinished"]
    });
    if recorded {
        request["journal"] = json!({"name": "bench"});
    }
    serde_json::from_value(request).unwrap_or_else(|error| unreachable!("{error}"))
}

/// Runs everything on this thread, up to the last event.
fn run(request: StartRequest) -> usize {
    let Ok(run) = Run::start(request) else { return 0 };
    while let Next::Job(text) = run.next_job(None) {
        let job = serde_json::from_str::<Value>(&text).ok().and_then(|job| job["job"].as_u64());
        if run.finish_job(job.unwrap_or(u64::MAX) as usize, Report::default()).is_err() {
            return 0;
        }
    }
    while !matches!(run.events(Duration::from_secs(10)), NextEvents::End) {}
    run.result().completed
}

fn record(criterion: &mut Criterion) {
    let Ok(root) = tempfile::tempdir() else { return };
    let mut group = criterion.benchmark_group("run");
    group.sample_size(20);
    for count in [1_000, 10_000] {
        group.throughput(Throughput::Elements(count as u64));
        for (name, recorded) in [("plain", false), ("recorded", true)] {
            let asked = request(root.path(), count, recorded);
            assert_eq!(run(asked.clone()), count, "every job is run");
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter_batched(|| asked.clone(), run, BatchSize::LargeInput);
            });
        }
    }
    group.finish();
}

criterion_group!(benches, record);
criterion_main!(benches);
