//! What the native parts cost: matrix expansion and the scheduler, at several sizes so that growth shows.

mod play;

use aither_orchestration::{matrix, plan::Plan, run::Scheduler};
use criterion::{criterion_group, criterion_main, BatchSize, BenchmarkId, Criterion, Throughput};
use play::play;
use serde_json::{json, Map, Value};

fn dimensions(sizes: &[usize]) -> Map<String, Value> {
    let values = |size: usize| (0..size).map(|n| json!(format!("value-{n}"))).collect::<Value>();
    sizes
        .iter()
        .enumerate()
        .map(|(position, size)| (format!("dimension-{position}"), values(*size)))
        .collect()
}

fn expand(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("matrix");
    for sizes in [&[16, 16][..], &[10, 10, 100], &[100, 25, 10], &[100, 50, 10], &[100, 100, 10]] {
        let matrix = dimensions(sizes);
        let count: usize = sizes.iter().product();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("expand", count), |bencher| {
            bencher.iter(|| matrix::expand(&matrix, count as u64));
        });
    }
    group.finish();
}

fn plan(count: usize, needs: impl Fn(usize) -> Vec<usize>) -> Plan {
    let jobs: Vec<Value> = (0..count)
        .map(|job| json!({"job": job, "number": job.to_string(), "name": "x.ps1", "path": "x", "needs": needs(job)}))
        .collect();
    let plan = json!({"total": count, "maxConcurrency": 8, "failFast": true, "jobs": jobs});
    serde_json::from_value(plan).unwrap_or_else(|error| unreachable!("{error}"))
}

fn schedule(criterion: &mut Criterion) {
    type Needs = fn(usize) -> Vec<usize>;
    let shapes: [(&str, Needs); 3] = [
        ("chain", |job| job.checked_sub(1).into_iter().collect()),
        ("layer", |_| Vec::new()),
        ("web", |job| (1..=3).filter_map(|back| job.checked_sub(back * 7)).collect()),
    ];
    let mut group = criterion.benchmark_group("schedule");
    for (shape, needs) in shapes {
        for count in [1_000, 10_000] {
            let plan = plan(count, needs);
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::new(shape, count), |bencher| {
                bencher.iter_batched(|| Scheduler::new(&plan), play, BatchSize::LargeInput);
            });
        }
    }
    group.finish();
}

criterion_group!(benches, expand, schedule);
criterion_main!(benches);
