//! The cache around a run: what is replayed, what runs, what is kept.

use aither_orchestration::{
    cache::{Store, FOLDER},
    run::{EventKind, JobStatus, Next, NextEvents, Report, Run, RunResult, StartRequest},
};
use serde_json::{json, Map, Value};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Barrier, Mutex},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// What a script does, by its number: writes files and says whether it succeeded.
type Work = dyn Fn(&Path, &Value) -> Report + Send + Sync;

struct Project {
    folder: TempDir,
    jobs: Vec<Value>,
}

struct Played {
    result: RunResult,
    /// The numbers of the jobs that a worker was given.
    ran: Vec<String>,
    workers: usize,
    logs: BTreeMap<usize, String>,
    notes: Vec<String>,
}

impl Played {
    fn statuses(&self) -> Vec<(JobStatus, bool)> {
        let jobs = self.result.jobs.iter();
        jobs.map(|job| (job.status.expect("a status"), job.cached)).collect()
    }
}

const HIT: (JobStatus, bool) = (JobStatus::Success, true);
const RAN: (JobStatus, bool) = (JobStatus::Success, false);

impl Project {
    fn new(jobs: &[Value]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = Self { folder, jobs: Vec::new() };
        let mut all = Vec::new();
        for (position, job) in jobs.iter().enumerate() {
            let mut job = job.clone();
            let script = job["script"].as_str().unwrap_or("0100").to_owned();
            let path = project.root().join(format!("automation-scripts/{script}_Test-Job.ps1"));
            if !path.exists() {
                project
                    .write(&format!("automation-scripts/{script}_Test-Job.ps1"), "param($profile, $token)");
            }
            job["job"] = json!(position);
            job["number"] = job.get("number").cloned().unwrap_or_else(|| json!(script));
            job["script"] = json!(script);
            job["name"] = json!(format!("{script}_Test-Job.ps1"));
            job["path"] = json!(path);
            all.push(job);
        }
        Self { jobs: all, ..project }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn request(&self, cache: Value) -> StartRequest {
        let plan = json!({
            "total": self.jobs.len(), "root": self.root(), "maxConcurrency": 4, "failFast": true, "jobs": self.jobs,
        });
        let mut request = json!({"plan": plan, "environment": {"CI": "1"}});
        if !cache.is_null() {
            request["cache"] = cache;
        }
        serde_json::from_value(request).expect("a request")
    }

    fn start(&self, cache: Value) -> Arc<Run> {
        Run::start(self.request(cache)).expect("it starts")
    }

    fn run(&self) -> Played {
        self.play(json!({"explain": true}), &|_, _| Report::default())
    }

    fn play(&self, cache: Value, work: &Work) -> Played {
        play(&self.start(cache), self.root(), work)
    }
}

/// Runs with two workers that write a line, set an output and do the work.
fn play(run: &Run, root: &Path, work: &Work) -> Played {
    let ran = Mutex::new(Vec::new());
    let (mut workers, mut logs, mut notes) = (0, BTreeMap::<usize, String>::new(), Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Next::Job(text) = run.next_job(None) {
                    let job: Value = serde_json::from_str(&text).expect("a job");
                    let position = job["job"].as_u64().expect("a position") as usize;
                    let number = job["number"].as_str().expect("a number").to_owned();
                    run.log(position, 1, &format!("{number} says hello\n")).expect("it is heard");
                    run.output(position, "made", json!(number)).expect("it is heard");
                    let report = work(root, &job);
                    ran.lock().expect("the list").push(number);
                    run.finish_job(position, report).expect("it was running");
                }
            });
        }
        loop {
            match run.events(Duration::from_secs(60)) {
                NextEvents::Signals(signals) => {
                    workers = signals.workers;
                    for event in signals.events {
                        match event.kind {
                            EventKind::JobLog { job, text, .. } => {
                                logs.entry(job).or_default().push_str(&text)
                            }
                            EventKind::CacheNoted { message, .. } => notes.push(message),
                            _ => {}
                        }
                    }
                }
                NextEvents::End => break,
                NextEvents::Timeout => panic!("nothing happened for a minute"),
            }
        }
    });
    let mut ran = ran.into_inner().expect("the list");
    ran.sort();
    let result = run.result();
    run.abandon();
    Played { result, ran, workers, logs, notes }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn reads(script: &str, inputs: &[&str]) -> Value {
    json!({"script": script, "cache": {"inputs": inputs, "outputs": [], "env": []}})
}

#[test]
fn the_second_run_replays_everything_without_a_worker() {
    let project = Project::new(&[
        json!({"script": "0100", "cache": {"inputs": ["src/**"], "outputs": ["out/a.txt"]}}),
        json!({"script": "0200", "needs": [0]}),
    ]);
    project.write("src/a.txt", "1");
    project.write(".gitignore", "out/\n");
    let work = |root: &Path, _: &Value| {
        fs::create_dir_all(root.join("out")).expect("a folder");
        // Some work, that there is something to be saved.
        fs::write(root.join("out/a.txt"), vec![b'x'; 16 * 1024 * 1024]).expect("a large file");
        fs::write(root.join("out/a.txt"), "made").expect("a file");
        Report { errors: 2, objects: Some("<Objs><S>x</S></Objs>".into()), ..Report::default() }
    };
    let first = project.play(json!({}), &work);
    assert_eq!((first.statuses(), first.ran.len()), (vec![RAN, RAN], 2), "{:?}", first.notes);
    fs::remove_dir_all(project.root().join("out")).expect("it goes");

    let run = project.start(json!({}));
    let second = play(&run, project.root(), &|_, _| panic!("nothing is to be run"));
    assert_eq!((second.statuses(), second.workers), (vec![HIT, HIT], 0), "{:?}", second.notes);
    assert_eq!(second.result.cached, 2);
    assert_eq!((second.result.completed, second.result.exit_code, second.result.success), (2, 0, true));
    for job in &second.result.jobs {
        assert_eq!(job.outputs, object(json!({"made": job.number})));
        assert_eq!((job.errors, job.exit_code, job.attempts), (2, Some(0), 0));
        let ran = &first.result.jobs[job.job];
        let saved = (ran.duration_ms - job.duration_ms).max(0.0);
        assert!(
            (job.saved_ms.expect("it was replayed") - saved).abs() < 1e-6,
            "{:?} of {saved}",
            job.saved_ms
        );
        assert_eq!(ran.saved_ms, None);
        assert_eq!(second.logs[&job.job], format!("{} says hello\n", job.number));
    }
    assert_eq!(fs::read_to_string(project.root().join("out/a.txt")).expect("restored"), "made");
    let output = run.take_output(0).expect("a job").expect("an output");
    assert_eq!(output.objects.as_deref(), Some("<Objs><S>x</S></Objs>"));
}

#[test]
fn an_edit_runs_exactly_what_reads_it() {
    let project = Project::new(&[
        reads("0100", &["src/a.txt"]),
        reads("0200", &["src/b.txt"]),
        json!({"script": "0300", "needs": [0], "cache": {"inputs": ["src/c.txt"]}}),
        json!({"script": "0400", "needs": [1], "cache": {"inputs": ["src/c.txt"]}}),
    ]);
    ["a", "b", "c"].iter().for_each(|name| project.write(&format!("src/{name}.txt"), name));
    assert_eq!(project.run().ran.len(), 4);
    assert_eq!(project.run().statuses(), [HIT; 4]);

    project.write("src/a.txt", "edited");
    let edited = project.run();
    assert_eq!(edited.ran, ["0100", "0300"], "what reads it and what needs that");
    assert!(
        edited.notes.contains(&"not in the cache: input src/a.txt changed".to_owned()),
        "{:?}",
        edited.notes
    );
    assert!(
        edited.notes.contains(&"not in the cache: dependency 0100 changed".to_owned()),
        "{:?}",
        edited.notes
    );

    project.write("src/a.txt", "a");
    assert_eq!(project.run().statuses(), [HIT; 4], "what was is known still");

    project.write("automation-scripts/0200_Test-Job.ps1", "param() # edited");
    let edited = project.run();
    assert_eq!(edited.ran, ["0200", "0400"]);
    assert!(edited.notes.contains(&"not in the cache: script edited".to_owned()), "{:?}", edited.notes);
}

#[test]
fn undeclared_inputs_are_the_whole_project() {
    let project = Project::new(&[json!({"script": "0100"}), json!({"script": "0200"})]);
    project.write("anything.txt", "1");
    project.run();
    assert_eq!(project.run().statuses(), [HIT; 2]);
    project.write("anything.txt", "2");
    assert_eq!(project.run().ran.len(), 2);
    project.write("new.txt", "");
    assert_eq!(project.run().ran.len(), 2);
}

#[test]
fn values_and_their_types_count() {
    let with = |value: Value, matrix: Value| json!({"script": "0100", "parameters": {"profile": value}, "matrix": matrix, "cache": {"inputs": ["x"]}});
    let mut project = Project::new(&[with(json!("1"), json!(null))]);
    project.run();
    let mut expect = |job: Value, ran: usize| {
        project.jobs[0]["parameters"] = job["parameters"].clone();
        project.jobs[0]["matrix"] = job["matrix"].clone();
        let played = project.run();
        assert_eq!(played.ran.len(), ran, "{job}: {:?}", played.notes);
        played.notes
    };
    expect(with(json!("1"), json!(null)), 0);
    assert_eq!(expect(with(json!(1), json!(null)), 1), ["not in the cache: variable profile: \"1\" → 1"]);
    expect(with(json!(1.0), json!(null)), 1);
    expect(with(json!(true), json!(null)), 1);
    expect(with(json!("1"), json!({"os": "a"})), 1);
    expect(with(json!("1"), json!({"os": "b"})), 1);
    expect(with(json!(1.0), json!(null)), 0);
    expect(with(json!("1"), json!({"os": "a"})), 0);
}

#[test]
fn a_failure_is_not_kept_and_what_needs_it_neither() {
    let project = Project::new(&[
        json!({"script": "0100", "continueOnError": true, "cache": {"inputs": ["x"]}}),
        json!({"script": "0200", "after": [0]}),
    ]);
    let work =
        |_: &Path, job: &Value| Report { exit_code: i32::from(job["number"] == "0100"), ..Report::default() };
    for _ in 0..2 {
        let played = project.play(json!({}), &work);
        assert_eq!(played.ran, ["0100", "0200"]);
        let expected = "not cached: it needs 0100, whose result is not known to be what a key says";
        assert_eq!(played.notes, [expected]);
    }
}

#[test]
fn what_changes_its_inputs_is_not_kept_and_what_needs_it_neither() {
    let project = Project::new(&[reads("0100", &["src/**"]), json!({"script": "0200", "needs": [0]})]);
    project.write("src/a.txt", "1");
    let work = |root: &Path, job: &Value| {
        if job["number"] == "0100" {
            fs::write(root.join("src/a.txt"), "changed").expect("a file");
            fs::write(root.join("src/new.txt"), "new").expect("a file");
        }
        Report::default()
    };
    let played = project.play(json!({}), &work);
    assert_eq!(played.ran.len(), 2);
    assert!(
        played.notes[0].starts_with("not stored: an input changed while it ran: src/a.txt"),
        "{:?}",
        played.notes
    );
    let store = Store::new(project.root().join(FOLDER));
    assert_eq!(store.entries().expect("a list").len(), 0);
    project.run();
    assert_eq!(project.run().statuses(), [HIT; 2], "once they stand still");
}

#[test]
fn an_output_that_is_missing_is_said() {
    let job = json!({"script": "0100", "cache": {"inputs": ["x"], "outputs": ["out/{{profile}}.txt"]},
        "parameters": {"profile": "quick"}});
    let project = Project::new(&[job]);
    let played = project.run();
    let expected = "not stored: its declared output 'out/quick.txt' is not there";
    assert!(played.notes.contains(&expected.to_owned()), "{:?}", played.notes);
    project.write("out/quick.txt", "made");
    project.run();
    assert_eq!(project.run().statuses(), [HIT]);
    project.write("out/quick.txt", "spoilt");
    assert_eq!(project.run().statuses(), [HIT]);
    assert_eq!(fs::read_to_string(project.root().join("out/quick.txt")).expect("restored"), "made");
}

#[test]
fn nothing_of_a_secret_is_kept() {
    let job =
        |script: &str| json!({"script": script, "parameters": {"token": "s3cr3t-value", "profile": "quick"}});
    let project = Project::new(&[job("0100"), job("0200")]);
    project.write("automation-scripts/0200_Test-Job.ps1", "param($profile)");
    let cache = json!({"secrets": ["TOKEN"]});
    let played = project.play(cache.clone(), &|_, _| Report::default());
    assert_eq!(played.notes, ["not cached: it is given the secret 'token'"]);
    let played = project.play(cache, &|_, _| Report::default());
    assert_eq!(played.statuses(), [RAN, HIT], "the second never mentions it, so it is not given to it");
    for file in walkdir::WalkDir::new(project.root().join(FOLDER)).into_iter().flatten() {
        if file.file_type().is_file() {
            let bytes = fs::read(file.path()).expect("a file");
            assert!(!String::from_utf8_lossy(&bytes).contains("s3cr3t"), "{:?}", file.path());
        }
    }
    let live = json!({"script": "0100", "parameters": {"profile": {"$aither.live": "System.IO.FileInfo"}}});
    let played = Project::new(&[live]).run();
    assert_eq!(played.notes, ["not cached: it is given 'profile', whose value is no plain data"]);
    let secret = Project::new(&[reads("0100", &["x"])]);
    let objects = Some("<Objs><SS>0123</SS></Objs>".to_owned());
    let played =
        secret.play(json!({}), &move |_, _| Report { objects: objects.clone(), ..Report::default() });
    assert_eq!(played.notes, ["not stored: it puts out a secret"]);
}

#[test]
fn modes_say_what_is_read_and_what_is_written() {
    let project = Project::new(&[reads("0100", &["src/**"])]);
    project.write("src/a.txt", "1");
    let run = |mode: &str| project.play(json!({"mode": mode}), &|_, _| Report::default()).statuses()[0];
    assert_eq!((run("Off"), run("ReadOnly"), run("ReadOnly")), (RAN, RAN, RAN));
    assert!(!project.root().join(FOLDER).join("results").exists());
    assert_eq!((run("ReadWrite"), run("ReadOnly"), run("WriteOnly"), run("Off")), (RAN, HIT, RAN, RAN));
    assert_eq!(project.play(Value::Null, &|_, _| Report::default()).statuses(), [RAN]);
}

#[test]
fn two_runs_that_want_the_same_run_it_once() {
    let project = Project::new(&[reads("0100", &["src/**"])]);
    project.write("src/a.txt", "1");
    let first = project.start(json!({}));
    let Next::Job(_) = first.next_job(None) else { panic!("a job") };
    // The second waits for the first, which has the job already.
    let second = project.start(json!({}));
    assert!(matches!(second.next_job(Some(Duration::from_millis(50))), Next::Timeout));
    first.finish_job(0, Report::default()).expect("it was running");
    let played = play(&second, project.root(), &|_, _| panic!("it was run already"));
    assert_eq!((played.statuses(), played.workers), (vec![HIT], 0));
    first.abandon();
}

#[test]
fn a_holder_that_fails_lets_the_next_one_try() {
    let project = Project::new(&[reads("0100", &["src/**"])]);
    let first = project.start(json!({}));
    let Next::Job(_) = first.next_job(None) else { panic!("a job") };
    let second = project.start(json!({}));
    first.finish_job(0, Report { exit_code: 1, ..Report::default() }).expect("it was running");
    assert_eq!(play(&second, project.root(), &|_, _| Report::default()).statuses(), [RAN]);
}

#[test]
fn the_same_job_twice_in_a_run_runs_once() {
    let both = Barrier::new(1);
    let project = Project::new(&[
        reads("0100", &["src/**"]),
        json!({"script": "0100", "number": "0100-again", "cache": {"inputs": ["src/**"], "outputs": [], "env": []}}),
    ]);
    let played = project.play(json!({}), &move |_, _| {
        both.wait();
        Report::default()
    });
    assert_eq!(played.ran.len(), 1, "{:?}", played.notes);
    assert_eq!(played.result.cached, 1);
}

#[test]
fn a_cancelled_run_ends_while_it_waits_for_a_key() {
    let project = Project::new(&[reads("0100", &["src/**"]), json!({"script": "0200", "needs": [0]})]);
    let holder = project.start(json!({}));
    let Next::Job(_) = holder.next_job(None) else { panic!("a job") };
    let waiting = project.start(json!({}));
    waiting.cancel();
    let played = play(&waiting, project.root(), &|_, _| panic!("nothing starts after the end"));
    assert_eq!(played.statuses(), [(JobStatus::Cancelled, false); 2]);
    assert_eq!(played.result.exit_code, 130);
    holder.finish_job(0, Report::default()).expect("it was running");
    holder.abandon();
    drop(holder);
    // The key is free again for whoever comes next, also when those who waited have gone.
    drop(waiting);
    assert_eq!(project.run().result.exit_code, 0);
}

#[test]
fn a_failure_cancels_what_is_being_looked_for() {
    let jobs: Vec<Value> = (0..40).map(|n| reads(&format!("{:04}", 100 + n), &["src/**"])).collect();
    let project = Project::new(&jobs);
    let played = project.play(json!({}), &|_, job| Report {
        exit_code: i32::from(job["number"] == "0101"),
        ..Report::default()
    });
    assert_eq!(played.result.failed, 1);
    assert_eq!(played.result.completed + played.result.failed + played.result.cancelled, 40);
    assert_eq!(played.result.exit_code, 1);
}

#[test]
fn environment_and_retries() {
    let job = json!({"script": "0100", "retries": 1, "cache": {"inputs": ["x"], "env": ["CI", "NONE"]}});
    let project = Project::new(&[job]);
    let tries = Mutex::new(0);
    let played = project.play(json!({}), &move |_, _| {
        let mut tries = tries.lock().expect("a count");
        *tries += 1;
        Report { exit_code: i32::from(*tries == 1), ..Report::default() }
    });
    assert_eq!((played.ran.len(), played.statuses()), (2, vec![RAN]));
    assert_eq!(project.run().statuses(), [HIT]);
    let mut request = project.request(json!({"explain": true}));
    request.environment = Some(object(json!({"CI": "2", "OTHER": "x"})));
    let run = Run::start(request).expect("it starts");
    let played = play(&run, project.root(), &|_, _| Report::default());
    assert_eq!(played.notes, ["not in the cache: environment variable CI: 1 → 2"]);
}

#[test]
fn steps_hand_artifacts_on() {
    let upload = json!({"upload": [{"name": "result", "path": ["out/**"], "ifNoFilesFound": "error"}]});
    let download = json!({"download": [{"name": "result", "path": "in"}]});
    let project = Project::new(&[
        json!({"script": "0100", "artifacts": upload}),
        json!({"script": "0200", "needs": [0], "artifacts": download}),
    ]);
    let work = |root: &Path, job: &Value| {
        if job["number"] == "0100" {
            fs::create_dir_all(root.join("out")).expect("a folder");
            fs::write(root.join("out/a.txt"), "made").expect("a file");
        } else {
            assert_eq!(fs::read_to_string(root.join("in/a.txt")).expect("the artifact"), "made");
        }
        Report::default()
    };
    let played = project.play(Value::Null, &work);
    assert_eq!(played.statuses(), [RAN, RAN], "{:?}", played.result.jobs);

    fs::remove_dir_all(project.root().join("out")).expect("it goes");
    let played = project.play(Value::Null, &|_, _| Report::default());
    let error = played.result.jobs[0].error.clone().expect("an error").message;
    assert_eq!(error, "0100_Test-Job.ps1: no file matches out/**");
    assert_eq!(played.result.jobs[1].status, Some(JobStatus::Skipped));
}

#[test]
fn an_artifact_that_is_not_there_fails_the_step_that_wants_it() {
    let project = Project::new(&[json!({"script": "0100", "artifacts": {"download": [{"name": "none"}]}})]);
    let played = project.play(Value::Null, &|_, _| panic!("it cannot begin"));
    let error = played.result.jobs[0].error.clone().expect("an error").message;
    assert_eq!(error, "0100_Test-Job.ps1: there is no artifact 'none'");
    assert_eq!(played.result.exit_code, 1);
    let outside = json!({"script": "0100", "artifacts": {"download": [{"name": "none", "path": "../x"}]}});
    let played = Project::new(&[outside]).play(Value::Null, &|_, _| panic!("it cannot begin"));
    assert!(played.result.jobs[0].error.clone().expect("an error").message.contains("leaves the project"));
}

#[test]
fn folders_of_tools_are_put_back_by_key_and_by_its_beginnings() {
    let job = |key: &str| {
        let folder = json!({"key": key, "restoreKeys": ["tools-linux-", "tools-"], "paths": ["tools/**"]});
        json!({"script": "0100", "cache": {"inputs": ["x"], "outputs": [], "env": [], "folder": folder}})
    };
    let mut project = Project::new(&[job("tools-linux-1")]);
    let mut run = |key: &str, tool: &'static str| {
        project.jobs[0]["cache"] = job(key)["cache"].clone();
        let _ = fs::remove_dir_all(project.root().join("tools"));
        let played = project.play(json!({}), &move |root, _| {
            let path = root.join("tools/bin/tool");
            let found = fs::read_to_string(&path).unwrap_or_default();
            fs::create_dir_all(root.join("tools/bin")).expect("a folder");
            fs::write(path, tool).expect("a tool");
            // Told by a file, since a job has nothing else to say it with here.
            fs::write(root.join("found"), found).expect("a file");
            Report::default()
        });
        assert_eq!(played.statuses(), [RAN]);
        let outputs = &played.result.jobs[0].outputs;
        let found = fs::read_to_string(project.root().join("found")).expect("what was found");
        (found, outputs["cache-hit"].clone(), outputs["cache-matched-key"].clone())
    };
    assert_eq!(run("tools-linux-1", "one"), (String::new(), json!(false), json!(null)));
    assert_eq!(run("tools-linux-1", "changed"), ("one".into(), json!(true), json!("tools-linux-1")));
    assert_eq!(
        run("tools-linux-1", "again"),
        ("one".into(), json!(true), json!("tools-linux-1")),
        "immutable"
    );
    assert_eq!(run("tools-linux-2", "two"), ("one".into(), json!(false), json!("tools-linux-1")));
    assert_eq!(
        run("tools-linux-3", "three"),
        ("two".into(), json!(false), json!("tools-linux-2")),
        "the newest"
    );
    assert_eq!(run("other", "x"), ("three".into(), json!(false), json!("tools-linux-3")));
}
