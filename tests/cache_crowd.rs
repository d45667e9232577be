//! Many processes on one cache at once: every result right, each key computed once at a time, nothing
//! half-written ever read.

mod cached;

use aither_orchestration::cache::Limits;
use cached::Project;
use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

const PROCESSES: usize = 8;
const RUNS: usize = 200;
const KEYS: usize = 20;
/// On Windows a process takes ten times as long to start, under Wine a hundred times.
const KILLS: usize = if cfg!(windows) { 20 } else { 200 };

fn child(test: &str, root: &Path, role: &str) -> Child {
    Command::new(env::current_exe().expect("the test program"))
        .args(["--exact", test, "--nocapture"])
        .env("AITHER_TEST_ROOT", root)
        .env("AITHER_TEST_ROLE", role)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("a process")
}

fn role() -> Option<(Project, String)> {
    let role = env::var("AITHER_TEST_ROLE").ok()?;
    let root = env::var_os("AITHER_TEST_ROOT").expect("a root");
    Some((Project::at(Path::new(&root)), role))
}

/// Takes the lease of a key and computes it; two at once would meet at the marker.
fn compute(project: &Project, name: &str) -> bool {
    let key = project.document(name).key();
    if project.hit(name) {
        return false;
    }
    let lease = project.store.lease(&key).expect("a lease");
    if project.hit(name) {
        return false;
    }
    let marker = project.root().join("running").join(name);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&marker)
        .unwrap_or_else(|error| panic!("{name} is computed twice at once: {error}"));
    project.run(name).expect("it is stored");
    fs::remove_file(&marker).expect("the marker goes");
    drop(lease);
    true
}

#[test]
fn eight_processes_and_a_collector() {
    if let Some((project, role)) = role() {
        if role == "collector" {
            let everything =
                Limits { unused: Some(Duration::ZERO), spared: Duration::ZERO, ..Limits::default() };
            let mut collected = 0;
            // Until its parent, which holds the other end, closes this program's input or kills it.
            while !project.root().join("stop").exists() {
                collected += project.store.collect(&everything).expect("it collects").removed.len();
            }
            println!("collected {collected}");
            return;
        }
        let seed: usize = role.parse().expect("a number");
        let computed =
            (0..RUNS).filter(|run| compute(&project, &format!("k{}", (run * 7 + seed) % KEYS))).count();
        println!("computed {computed}");
        return;
    }
    let project = Project::new();
    fs::create_dir(project.root().join("running")).expect("a folder");
    // A collector may take a file that a reader has just restored the way to, so outputs are there.
    let test = "eight_processes_and_a_collector";
    let collector = child(test, project.root(), "collector");
    let workers: Vec<Child> =
        (0..PROCESSES).map(|seed| child(test, project.root(), &seed.to_string())).collect();
    let count = |worker: Child, word: &str| -> usize {
        let output = worker.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find_map(|line| line.split_once(word)).expect("a count");
        line.1.trim().parse().expect("a number")
    };
    let computed: usize = workers.into_iter().map(|worker| count(worker, "computed ")).sum();
    fs::write(project.root().join("stop"), "").expect("a file");
    let collected = count(collector, "collected ");
    println!("{computed} computed, {collected} collected of {} runs", PROCESSES * RUNS);
    assert!((KEYS..=PROCESSES * RUNS).contains(&computed));
    // Everything that was computed more than once had been collected in between.
    assert!(computed <= KEYS + collected, "{computed} computed, {collected} collected");
    assert_eq!(project.temporary(), [""; 0].map(Path::new));
    for key in 0..KEYS {
        compute(&project, &format!("k{key}"));
        assert!(project.hit(&format!("k{key}")));
    }
}

#[test]
fn killed_writers() {
    if let Some((project, role)) = role() {
        println!("ready");
        let mut round = 0_usize;
        loop {
            project.write("src/a.txt", &format!("{role} {}", round % 5));
            for key in 0..4 {
                let name = format!("k{key}");
                let _lease = project.store.lease(&project.document(&name).key()).expect("a lease");
                project.run(&name).expect("it is stored");
            }
            round += 1;
        }
    }
    let project = Project::new();
    for kill in 0..KILLS {
        let mut writer = child("killed_writers", project.root(), &format!("w{}", kill % 3));
        let mut lines = BufReader::new(writer.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.contains("ready") {
            line.clear();
            assert_ne!(lines.read_line(&mut line).expect("a line"), 0, "it ended too soon");
        }
        // However long that takes on this machine; every round it is another moment.
        let entries = project.files().len();
        for _ in 0..kill % 17 {
            project.files();
        }
        writer.kill().expect("it is killed");
        writer.wait().expect("it is gone");
        let mut rest = Vec::new();
        lines.read_to_end(&mut rest).expect("the rest");
        // Whatever state it was in: no wrong hit, the lease is free, and the same job can be stored.
        for key in 0..4 {
            let name = format!("k{key}");
            if fs::read_to_string(project.root().join("src/a.txt")).is_ok_and(|text| !text.is_empty()) {
                project.hit(&name);
            }
            let lease = project.store.try_lease(&project.document(&name).key()).expect("a lock");
            assert!(lease.is_some(), "the dead keep no lease");
        }
        assert!(entries <= project.files().len() + 1_000);
    }
    project.write("src/a.txt", "end");
    for key in 0..4 {
        project.run(&format!("k{key}")).expect("it is stored");
        assert!(project.hit(&format!("k{key}")));
    }
    let all = Limits { unused: None, bytes: None, keys: Vec::new(), spared: Duration::ZERO };
    project.store.collect(&all).expect("collected");
    assert!(
        project.temporary().iter().all(|path| !path.starts_with(project.cache())),
        "{:?}",
        project.temporary()
    );
}
