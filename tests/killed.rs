//! Processes that are killed at random moments of their run, and what the next run makes of it.

mod random;
mod recorded;
mod victim;

use aither_orchestration::run::{Archive, JobStatus, RecordedStatus, Report, Run};
use random::Random;
use recorded::{plan_of, play, project, request, start};
use serde_json::{json, Value};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};
use victim::{witnessed, Victim};

const JOBS: usize = 40;
const ROUNDS: u64 = 20;

/// The victim finds its project here.
const ROOT: &str = "AITHER_TEST_VICTIM_ROOT";

fn number(job: usize) -> String {
    format!("{job:04}")
}

/// A graph in which every third job stands alone and the others need one or two before them.
fn plan(root: &Path) -> Value {
    let numbers: Vec<String> = (0..JOBS).map(number).collect();
    let needs: Vec<Vec<usize>> =
        (0..JOBS).map(|job| if job < 6 || job % 3 == 0 { vec![] } else { vec![job / 2, job - 5] }).collect();
    let scripts: Vec<(&str, &[usize])> =
        numbers.iter().zip(&needs).map(|(number, needs)| (number.as_str(), needs.as_slice())).collect();
    plan_of(root, &scripts)
}

fn witness(root: &Path) -> PathBuf {
    root.join("witness.txt")
}

/// What a job does: it says so in a file.
fn work(root: &Path, number: &str) {
    let mut file = fs::OpenOptions::new().append(true).create(true).open(witness(root)).expect("the witness");
    file.write_all(format!("{number}\n").as_bytes()).expect("a line");
}

fn run_with_workers(root: &Path, run: &Arc<Run>) {
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (run, root) = (Arc::clone(run), root.to_owned());
            thread::spawn(move || {
                recorded::executed(&run, 1, |run, job, number| {
                    println!("start {number}");
                    work(&root, number);
                    run.log(job, 1, "done").expect("a log");
                    run.output(job, "from", json!(number)).expect("an output");
                    println!("done {number}");
                    Report::default()
                });
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("a worker");
    }
    recorded::wait_for_the_end(run);
}

/// The process that is killed; the test below starts it.
#[test]
#[ignore = "only as a process of its own, which the test below starts and kills"]
fn victim() {
    let root = PathBuf::from(env::var_os(ROOT).expect("the test below says where"));
    run_with_workers(&root, &start(request(&plan(&root), json!({"name": "victim"}))));
}

#[test]
fn twenty_killed_runs_are_finished_by_the_next() {
    let numbers: Vec<String> = (0..JOBS).map(number).collect();
    let scripts: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let mut cut_short = 0;
    for round in 0..ROUNDS {
        let root = project(&scripts);
        let root = root.path();
        let mut chance = Random::new(round);
        let lines = chance.below(2 * JOBS + 2);
        let mut victim = Victim::start(&[(ROOT, root)]);
        victim.hear(lines, |line| line.starts_with("start") || line.starts_with("done"));
        victim.kill();

        let archive = Archive::of(root);
        let before = witnessed(&witness(root));
        let recorded = archive.run("last").ok();
        let done: Vec<&str> = recorded
            .iter()
            .flat_map(|run| &run.jobs)
            .filter(|job| job.result.status == Some(JobStatus::Success))
            .map(|job| job.plan.number.as_str())
            .collect();
        for number in &done {
            assert_eq!(
                before.get(*number),
                Some(&1),
                "round {round}: {number} is recorded as done and was not"
            );
        }
        if let Some(run) = &recorded {
            assert_ne!(run.short.status, RecordedStatus::Running, "round {round}: nobody holds it any more");
            cut_short += usize::from(run.short.status == RecordedStatus::Interrupted);
        }

        let journal = if recorded.is_some() { json!({"resume": "last"}) } else { json!({}) };
        let next = start(request(&plan(root), journal));
        let mut ran = play(&next, 3, |run, job, number| {
            work(root, number);
            run.output(job, "from", json!(number)).expect("an output");
            Report::default()
        });
        ran.sort();
        let missing: Vec<&str> = scripts.iter().copied().filter(|number| !done.contains(number)).collect();
        assert_eq!(ran, missing, "round {round}: exactly what was missing is run");
        let result = next.result();
        assert_eq!((result.completed, result.exit_code), (JOBS, 0), "round {round}");
        for (job, number) in result.jobs.iter().zip(&numbers) {
            assert_eq!(job.outputs["from"], json!(number), "round {round}");
        }
        let after = witnessed(&witness(root));
        assert!(scripts.iter().all(|number| after.contains_key(*number)), "round {round}");
        for number in &done {
            assert_eq!(after[*number], 1, "round {round}: {number} was done and is not done again");
        }
        let again = start(request(&plan(root), json!({"resume": "last"})));
        assert_eq!(again.kept(), JOBS, "round {round}: nothing is left to do");
        again.abandon();
    }
    assert!(
        cut_short >= 10,
        "only {cut_short} of {ROUNDS} runs were cut short; the moments are badly chosen"
    );
}
