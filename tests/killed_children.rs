//! Sessions that are killed while they run programs, at random moments from their first on: what is
//! left of them, and what the next run makes of it. Linux: processes are found in /proc.
#![cfg(target_os = "linux")]

mod random;
mod recorded;
mod victim;

use aither_orchestration::run::{Archive, JobStatus, NextEvents};
use random::Random;
use recorded::{request, start, wait_for_the_end};
use serde_json::{json, Value};
use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use victim::{witnessed, Victim};

const JOBS: usize = 16;
const ROUNDS: u64 = 20;

/// Longer than anything here takes on the slowest machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The victim finds its project here, and its processes are known by it.
const ROOT: &str = "AITHER_TEST_KILLED_ROOT";

fn number(job: usize) -> String {
    format!("{job:04}")
}

/// Programs with a child each. Every third needs no other, the rest one or two before them.
fn plan(root: &Path) -> Value {
    let jobs: Vec<Value> = (0..JOBS)
        .map(|job| {
            let needs = if job < 4 || job % 3 == 0 { vec![] } else { vec![job / 2, job - 3] };
            let number = number(job);
            let text = format!(
                "sh -c 'trap \"\" INT TERM HUP; sleep 1000; :' >/dev/null 2>&1 & i=0\n\
                 while [ $i -lt 3000 ]; do i=$((i+1)); done\n\
                 echo {number} >> witness\necho from={number} >> $GITHUB_OUTPUT"
            );
            json!({
                "job": job, "number": number, "name": number, "path": "", "needs": needs,
                "isolation": "process", "shell": "sh", "text": text,
            })
        })
        .collect();
    json!({"total": JOBS, "root": root, "maxConcurrency": 4, "failFast": true, "jobs": jobs})
}

/// The process that is killed; the test below starts it.
#[test]
#[ignore = "only as a process of its own, which the test below starts and kills"]
fn victim() {
    let root = PathBuf::from(env::var_os(ROOT).expect("the test below says where"));
    println!("begins");
    let run = start(request(&plan(&root), json!({"name": "victim"})));
    while let NextEvents::Signals(signals) = run.events(LIMIT) {
        signals.events.iter().for_each(|event| println!("event {:?}", event.kind));
    }
}

/// The processes that have this folder in their environment or among their arguments.
fn processes_of(root: &Path) -> Vec<String> {
    let name = root.file_name().expect("a name").to_string_lossy().into_owned();
    let mentions = |path: PathBuf| {
        fs::read(path).is_ok_and(|bytes| bytes.windows(name.len()).any(|window| window == name.as_bytes()))
    };
    let own = std::process::id().to_string();
    fs::read_dir("/proc")
        .expect("/proc")
        .flatten()
        .filter(|entry| {
            let is_process = entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit());
            is_process && entry.file_name() != *own
        })
        .filter(|entry| mentions(entry.path().join("environ")) || mentions(entry.path().join("cmdline")))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn twenty_killed_sessions_leave_no_process_and_are_finished_by_the_next() {
    let (mut cut_short, mut busy) = (0, 0);
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        let mut chance = Random::new(round);
        // Some are killed before they have said anything at all.
        let lines = chance.below(3 * JOBS).saturating_sub(4);
        let delay = Duration::from_micros(chance.below(5_000) as u64);
        let mut victim = Victim::start(&[(ROOT, root), ("TMPDIR", root)]);
        victim.hear(lines, |line| line.starts_with("event"));
        let moment = Instant::now() + delay;
        while Instant::now() < moment {
            thread::yield_now();
        }
        busy += usize::from(processes_of(root).len() > 1);
        victim.kill();

        let since = Instant::now();
        while !processes_of(root).is_empty() {
            assert!(since.elapsed() < LIMIT, "round {round}: {:?} are left", processes_of(root));
            thread::yield_now();
        }
        let folders = fs::read_dir(root).expect("the project").flatten().map(|entry| entry.file_name());
        let private: Vec<_> = folders.filter(|name| name.to_string_lossy().starts_with("aither-")).collect();
        assert!(private.is_empty(), "round {round}: {private:?} are left");

        let before = witnessed(&root.join("witness"));
        let recorded = Archive::of(root).run("last").ok();
        let done: Vec<&str> = recorded
            .iter()
            .flat_map(|run| &run.jobs)
            .filter(|job| job.result.status == Some(JobStatus::Success))
            .map(|job| job.plan.number.as_str())
            .collect();
        assert!(done.iter().all(|number| before.contains_key(*number)), "round {round}: {done:?} {before:?}");
        cut_short += usize::from(done.len() < JOBS);

        let journal = if recorded.is_some() { json!({"resume": "last"}) } else { json!({}) };
        let next = start(request(&plan(root), journal));
        assert_eq!(next.kept(), done.len(), "round {round}: what is done is known");
        wait_for_the_end(&next);
        let result = next.result();
        assert_eq!((result.completed, result.exit_code), (JOBS, 0), "round {round}");
        let after = witnessed(&root.join("witness"));
        for (job, outcome) in result.jobs.iter().enumerate() {
            let number = number(job);
            let again = after[&number] - before.get(&number).copied().unwrap_or_default();
            let expected = usize::from(!done.contains(&number.as_str()));
            assert_eq!(again, expected, "round {round}: {number} is run again only if it was missing");
            assert_eq!(outcome.outputs["from"], json!(number), "round {round}");
        }
    }
    assert!(cut_short >= 15, "only {cut_short} of {ROUNDS} were cut short; the moments are badly chosen");
    assert!(busy >= 10, "only {busy} of {ROUNDS} had processes; the moments are badly chosen");
}
