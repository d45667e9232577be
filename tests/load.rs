//! Much work in bounded memory: jobs that write a megabyte each, and run after run. `cargo xtask load` does the
//! same with ten thousand of each.
//!
//! AITHER_LOAD_JOBS and AITHER_LOAD_RUNS change how much is done.
#![cfg(target_os = "linux")]

#[path = "random/mod.rs"]
mod random;
mod recorded;

use aither_orchestration::{
    record::RunFolder,
    run::{JobStatus, NextEvents, Report, Run},
};
use random::setting;
use recorded::{executed, plan_of, play, project, request, start};
use serde_json::{json, Value};
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

const MIB: usize = 1024 * 1024;

/// What a job writes.
const EACH: usize = MIB;

/// What the engine may take for it, however many jobs there are: 8 MiB for the disk, 8 MiB for the reader, and what
/// the allocator keeps in hand.
const ROOM: usize = 64 * MIB;

/// What of it stays for results.
const KEPT: usize = 128 * MIB;

/// Memory is the whole process's.
static MEMORY: Mutex<()> = Mutex::new(());

struct Memory {
    before: usize,
    _alone: MutexGuard<'static, ()>,
}

impl Memory {
    /// From here on the highest mark is taken anew.
    fn watch() -> Self {
        let alone = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
        fs::write("/proc/self/clear_refs", "5").expect("the highest mark is reset");
        Self { before: resident("VmRSS"), _alone: alone }
    }

    /// How much more there was at the most.
    fn peak(&self) -> usize {
        resident("VmHWM").saturating_sub(self.before)
    }
}

fn resident(kind: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("this process");
    let line = status.lines().find_map(|line| line.strip_prefix(kind)).expect("a line");
    let kilobytes = line.trim_matches(|letter: char| !letter.is_ascii_digit());
    kilobytes.parse::<usize>().expect("a number") * 1024
}

fn much_work(root: &Path, jobs: usize) -> Value {
    let numbers: Vec<String> = (0..jobs).map(|job| format!("{job:05}")).collect();
    let scripts: Vec<(&str, &[usize])> = numbers.iter().map(|number| (number.as_str(), &[][..])).collect();
    plan_of(root, &scripts)
}

/// Reads the events of a run to their end: how many of each kind, and how many bytes of text.
fn hear(run: &Run) -> (usize, usize, usize) {
    let (mut text_bytes, mut not_kept, mut warnings) = (0, 0, 0);
    loop {
        match run.events(Duration::from_secs(60)) {
            NextEvents::End => return (text_bytes, not_kept, warnings),
            NextEvents::Timeout => panic!("the run has no end"),
            NextEvents::Signals(signals) => {
                for event in &signals.events {
                    let event = json!(event);
                    text_bytes += event["text"].as_str().map_or(0, str::len);
                    not_kept += usize::from(event["kind"] == "OutputNotKept");
                    warnings += usize::from(event["kind"] == "RunWarning");
                }
            }
        }
    }
}

/// How many bytes of text the logs have, each line without its sign.
fn logged(root: &Path, run: &Run, jobs: usize) -> usize {
    let folder = RunFolder::of(root);
    let lines = |job: usize| fs::read_to_string(folder.log(run.id(), &format!("{job:05}"))).expect("a log");
    (0..jobs).map(|job| lines(job).lines().map(|line| line.len() - 1).sum::<usize>()).sum()
}

#[test]
fn jobs_that_write_a_megabyte_each_take_no_more_room_the_more_there_are() {
    let jobs = setting("AITHER_LOAD_JOBS", 300) as usize;
    let root = project(&[]);
    let plan = much_work(root.path(), jobs);
    let piece = format!("{}\n", "x".repeat(1_023)).repeat(16);
    let memory = Memory::watch();
    let begun = Instant::now();
    let run = start(request(&plan, json!({})));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (run, piece) = (Arc::clone(&run), piece.clone());
            thread::spawn(move || {
                executed(&run, 1, |run, job, _| {
                    (0..EACH / piece.len()).for_each(|_| run.log(job, 1, &piece).expect("a log"));
                    Report::default()
                })
            })
        })
        .collect();
    let (heard, not_kept, warnings) = hear(&run);
    workers.into_iter().for_each(|worker| drop(worker.join().expect("a worker")));
    let peak = memory.peak();
    let seconds = begun.elapsed().as_secs_f64();
    println!("{jobs} jobs of {EACH} bytes from workers: {} MiB at the most, {seconds:.1} s", peak / MIB);
    assert_eq!(run.result().completed, jobs);
    assert_eq!((heard, logged(root.path(), &run, jobs)), (jobs * EACH, jobs * EACH), "nothing is lost");
    let kept = KEPT / EACH;
    assert_eq!((not_kept, warnings), (jobs.saturating_sub(kept), usize::from(jobs > kept)));
    // What the result and the record have of each job.
    let own = jobs * 4_096;
    assert!(peak < ROOM + own, "{} MiB", peak / MIB);
}

#[test]
fn children_that_write_a_megabyte_each_take_no_more_room_the_more_there_are() {
    let jobs = setting("AITHER_LOAD_JOBS", 300) as usize;
    let root = project(&[]);
    let mut plan = much_work(root.path(), jobs);
    for job in plan["jobs"].as_array_mut().expect("jobs") {
        job["isolation"] = json!("process");
        job["shell"] = json!("sh");
        job["text"] = json!(format!("yes {} | head -c {EACH}", "x".repeat(1_023)));
    }
    let memory = Memory::watch();
    let begun = Instant::now();
    let run = start(request(&plan, json!({})));
    let (heard, not_kept, warnings) = hear(&run);
    let peak = memory.peak();
    let seconds = begun.elapsed().as_secs_f64();
    println!("{jobs} jobs of {EACH} bytes from children: {} MiB at the most, {seconds:.1} s", peak / MIB);
    let result = run.result();
    assert!(result.jobs.iter().all(|job| job.status == Some(JobStatus::Success)));
    assert_eq!(logged(root.path(), &run, jobs), jobs * EACH, "nothing is lost");
    // A text of whole lines comes without the end of its last one.
    assert!(heard > jobs * (EACH - 1_024), "{heard} bytes");
    let kept = (0..jobs).filter(|job| run.take_output(*job).expect("a job").is_some()).count();
    assert_eq!(kept, jobs - not_kept);
    assert!(kept * EACH <= KEPT && kept >= jobs.min(KEPT / EACH - 1), "{kept} are kept");
    assert_eq!(warnings, usize::from(not_kept > 0));
    let own = jobs * 4_096;
    // Kept texts of many sizes leave gaps between them.
    assert!(peak < ROOM + KEPT + KEPT / 4 + own, "{} MiB", peak / MIB);
}

#[test]
fn a_reader_that_comes_late_is_waited_for() {
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let memory = Memory::watch();
    let run = start(json!({"plan": plan}));
    let writer = Arc::clone(&run);
    let text = format!("{}\n", "x".repeat(MIB - 1));
    let worker = thread::spawn(move || {
        executed(&writer, 1, |run, job, _| {
            (0..200).for_each(|_| run.log(job, 1, &text).expect("a log"));
            Report::default()
        })
    });
    // Takes its time with each: the engine gives what there is and no more than it holds back.
    let (heard, ..) = hear(&run);
    worker.join().expect("a worker");
    assert_eq!(heard, 200 * MIB);
    assert!(memory.peak() < ROOM, "{} MiB", memory.peak() / MIB);
}

#[test]
fn one_run_after_another_takes_no_more_room_than_the_first_hundred() {
    let runs = setting("AITHER_LOAD_RUNS", 500);
    let root = project(&["a", "b", "c"]);
    let mut plan = plan_of(root.path(), &[("a", &[]), ("b", &[0]), ("c", &[])]);
    plan["jobs"][1]["condition"] = json!("$true");
    plan["jobs"][2]["isolation"] = json!("process");
    plan["jobs"][2]["shell"] = json!("sh");
    plan["jobs"][2]["text"] = json!("echo c");
    let once = |journal: Value| {
        let mut asked = request(&plan, journal);
        asked["cache"] = json!({"mode": "ReadWrite"});
        let run = start(asked);
        play(&run, 2, |run, job, number| {
            run.log(job, 1, "words\n").expect("a log");
            run.output(job, "from", json!(number)).expect("an output");
            Report::default()
        });
        assert_eq!(run.result().completed, 3);
    };
    let memory = Memory::watch();
    let begun = Instant::now();
    let (mut early, mut files) = (0, 0);
    for round in 0..runs {
        once(json!({"name": "again"}));
        if round == 99 {
            early = resident("VmRSS");
            files = fs::read_dir("/proc/self/fd").expect("files").count();
        }
    }
    let (late, seconds) = (resident("VmRSS"), begun.elapsed().as_secs_f64());
    let grown = late.saturating_sub(early);
    println!("{runs} runs: {} KiB more than after a hundred, {seconds:.1} s", grown / 1024);
    assert!(grown < 8 * MIB, "{} KiB", grown / 1024);
    assert!(memory.peak() < ROOM, "{} MiB", memory.peak() / MIB);
    let now = fs::read_dir("/proc/self/fd").expect("files").count();
    assert!(now < files + 20, "{files} files were open and now {now}");
}
