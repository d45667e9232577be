//! A process that is killed at every step of what it does with the disk, before it and in its middle. Whatever it
//! was doing, the next one finds nothing that is half there and goes on.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod cached;
mod disk;
mod recorded;

use aither_orchestration::{
    cache::{artifact, Limits, View},
    playbook::Upload,
    report::{self, WriteRequest},
    run::{Archive, JobStatus, RecordedStatus, Report},
};
use cached::Project;
use disk::{arm, disarm, Fault, Steps};
use recorded::{executed, plan_of, request, start, wait_for_the_end};
use serde_json::{json, Value};
use std::{
    env, fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

/// What the victim is told: where, at which step, and how it dies.
const ROOT: &str = "AITHER_TEST_VICTIM_ROOT";
const AT: &str = "AITHER_TEST_VICTIM_STEP";
const WITHIN: &str = "AITHER_TEST_VICTIM_WITHIN";

const SCRIPTS: [&str; 3] = ["a", "b", "c"];

/// In a process of its own: arms the disk, which kills it unless it has fewer steps than that.
fn victim(act: impl FnOnce(&Path)) {
    let root = PathBuf::from(env::var_os(ROOT).expect("the test below says where"));
    let at = env::var(AT).expect("a step").parse().expect("a number");
    let fault = if env::var_os(WITHIN).is_some() { Fault::KillWithin } else { Fault::KillBefore };
    arm(Steps::Changes, at, fault, 0);
    act(&root);
    disarm();
}

/// Kills the victim at each of its steps, in either way, and looks at what is left.
fn at_every_step(victim: &str, prepare: impl Fn(&Path), look: impl Fn(&Path, &str)) {
    for within in [false, true] {
        for at in 0.. {
            let folder = disk::folder();
            let root = folder.path();
            prepare(root);
            let mut process = Command::new(env::current_exe().expect("this program"));
            process.args(["--exact", victim, "--ignored", "--nocapture", "--test-threads=1"]);
            process.env(ROOT, root).env(AT, at.to_string()).stdout(Stdio::null()).stderr(Stdio::piped());
            if within {
                process.env(WITHIN, "1");
            }
            let ended = process.output().expect("a victim");
            if ended.status.success() {
                assert!(at > 3, "{victim} has hardly any steps");
                println!("{victim}: {at} steps");
                break;
            }
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert_eq!(ended.status.signal(), Some(libc::SIGKILL), "{victim}, step {at}: {said}");
            look(root, &format!("{victim}, killed {} step {at}", if within { "within" } else { "before" }));
        }
    }
}

fn project(root: &Path) -> Project {
    let project = Project::at(root);
    project.write("src/a.txt", "a");
    project
}

/// Whatever is in the cache is right, and what is not can be stored; a collection takes what was left behind.
fn is_sound(root: &Path, when: &str) {
    let project = Project::at(root);
    for name in ["first", "second"] {
        let _ = fs::remove_file(root.join(format!("out/{name}.txt")));
        project.hit(name);
        project.run(name).unwrap_or_else(|refused| panic!("{when}: {refused}"));
        assert!(project.hit(name), "{when}: {name}");
    }
    project.store.collect(&Limits { spared: Duration::ZERO, ..Limits::default() }).expect("a collection");
    let left: Vec<_> =
        project.temporary().into_iter().filter(|path| path.starts_with(project.cache())).collect();
    assert!(left.is_empty(), "{when}: {left:?}");
    assert!(project.hit("first") && project.hit("second"), "{when}: a collection takes nothing of use");
}

#[test]
#[ignore = "killed by the test below"]
fn storing_victim() {
    victim(|root| {
        let project = Project::at(root);
        project.write("out/second.txt", &project.expected("second"));
        project.store("second").expect("it is stored");
        project.scanner.save();
    });
}

#[test]
fn a_cache_whose_writer_is_killed_at_any_step_is_sound() {
    let prepare = |root: &Path| {
        project(root).run("first").expect("it is stored");
    };
    at_every_step("storing_victim", prepare, |root, when| {
        assert!(Project::at(root).hit("first"), "{when}: what was stored before");
        is_sound(root, when);
    });
}

#[test]
#[ignore = "killed by the test below"]
fn restoring_victim() {
    victim(|root| {
        let project = Project::at(root);
        let key = project.document("first").key();
        project.store.replay(&key, &project.scanner).expect("a hit");
    });
}

#[test]
fn a_file_whose_restorer_is_killed_at_any_step_is_there_whole_or_not() {
    let prepare = |root: &Path| {
        project(root).run("first").expect("it is stored");
        fs::remove_dir_all(root.join("out")).expect("the output goes");
    };
    at_every_step("restoring_victim", prepare, |root, when| {
        let out = fs::read_to_string(root.join("out/first.txt")).ok();
        assert!(out.as_deref().is_none_or(|text| text == "first of a"), "{when}: {out:?}");
        // What it has left beside the output is no input of anything.
        let seen = Project::at(root).scanner.inputs(Some(&["out/**".into()]), &[], View::Fresh);
        let seen = seen.expect("inputs");
        assert_eq!(seen.count() > 0, out.is_some(), "{when}");
        assert!(Project::at(root).hit("first"), "{when}");
        is_sound(root, when);
    });
}

#[test]
#[ignore = "killed by the test below"]
fn collecting_victim() {
    victim(|root| {
        let project = Project::at(root);
        let keys = vec![project.document("first").key()];
        let limits = Limits { keys, spared: Duration::ZERO, ..Limits::default() };
        project.store.collect(&limits).expect("a collection");
    });
}

#[test]
fn a_cache_whose_collector_is_killed_at_any_step_is_sound() {
    let prepare = |root: &Path| {
        let project = project(root);
        for name in ["first", "second"] {
            project.run(name).expect("it is stored");
        }
    };
    at_every_step("collecting_victim", prepare, |root, when| {
        assert!(Project::at(root).hit("second"), "{when}: what was to stay");
        is_sound(root, when);
    });
}

fn upload() -> Upload {
    serde_json::from_value(json!({"name": "texts", "path": ["src/**"]})).expect("a request")
}

#[test]
#[ignore = "killed by the test below"]
fn publishing_victim() {
    victim(|root| {
        let project = Project::at(root);
        artifact::publish(&project.store, &project.scanner, "run", &upload()).expect("an artifact");
    });
}

#[test]
fn an_artifact_whose_publisher_is_killed_at_any_step_is_whole_or_not_there() {
    at_every_step(
        "publishing_victim",
        |root| drop(project(root)),
        |root, when| {
            let project = Project::at(root);
            let there = root.join("there");
            match artifact::receive(&project.store, Some("run"), "texts", &there) {
                Ok(_) => {
                    assert_eq!(fs::read_to_string(there.join("a.txt")).expect("its file"), "a", "{when}")
                }
                Err(_) => {
                    let again = artifact::publish(&project.store, &project.scanner, "run", &upload());
                    again.unwrap_or_else(|refused| panic!("{when}: {refused}"));
                    artifact::receive(&project.store, Some("run"), "texts", &there).expect("now it is there");
                }
            }
            is_sound(root, when);
        },
    );
}

#[test]
#[ignore = "killed by the test below"]
fn reporting_victim() {
    victim(|root| {
        let target = json!({"path": root.join("reports/run.json")});
        let asked = json!({"format": "json", "document": {"playbook": "new"}, "target": target});
        let request: WriteRequest = serde_json::from_value(asked).expect("a request");
        report::write(&request).expect("a report");
    });
}

#[test]
fn a_report_whose_writer_is_killed_at_any_step_is_the_old_or_the_new() {
    let prepare = |root: &Path| {
        fs::create_dir(root.join("reports")).expect("a folder");
        fs::write(root.join("reports/run.json"), "{\"Playbook\": \"old\"}").expect("a report");
    };
    at_every_step("reporting_victim", prepare, |root, when| {
        let text = fs::read_to_string(root.join("reports/run.json")).expect("a report");
        let report: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{when}: {error}: {text}"));
        assert!(report["Playbook"] == "old" || report["Playbook"] == "new", "{when}: {text}");
    });
}

/// Where a job says that it has run: not below the folder whose steps count.
fn witness(root: &Path, number: &str) -> PathBuf {
    let name = root.file_name().and_then(|name| name.to_str()).expect("a name");
    root.with_file_name(format!("witness-{}.{number}", name.rsplit('-').next().expect("a part")))
}

/// A chain of recorded jobs, each of which says in a file of the test's that it has run.
fn recorded_run(root: &Path, journal: Value) -> Vec<String> {
    let plan = plan_of(root, &[("a", &[]), ("b", &[0]), ("c", &[1])]);
    let run = start(request(&plan, journal));
    let ran = executed(&run, 1, |run, job, number| {
        fs::write(witness(root, number), number).expect("the witness");
        run.log(job, 1, &format!("{number} says {}\n", "x".repeat(20_000))).expect("a log");
        run.output(job, "from", json!(number)).expect("an output");
        Report::default()
    });
    wait_for_the_end(&run);
    ran
}

#[test]
#[ignore = "killed by the test below"]
fn recording_victim() {
    victim(|root| drop(recorded_run(root, json!({"name": "victim"}))));
}

#[test]
fn a_run_whose_process_is_killed_at_any_step_of_its_record_is_finished_by_the_next() {
    let prepare = |root: &Path| {
        for script in SCRIPTS {
            fs::write(root.join(format!("{script}.ps1")), script).expect("a script");
        }
    };
    at_every_step("recording_victim", prepare, |root, when| {
        let ran = |number: &&str| fs::remove_file(witness(root, number)).is_ok();
        let witnessed: Vec<&str> = SCRIPTS.into_iter().filter(ran).collect();
        let archive = Archive::of(root);
        let listed = archive.list().unwrap_or_else(|error| panic!("{when}: {error}"));
        assert!(listed.iter().all(|run| run.status != RecordedStatus::Running), "{when}: nobody holds it");
        let known = archive.run("last").ok();
        let mut missing: Vec<&str> = SCRIPTS.into();
        for job in known.iter().flat_map(|run| &run.jobs) {
            if job.result.status == Some(JobStatus::Success) {
                let number = job.plan.number.as_str();
                assert!(witnessed.contains(&number), "{when}: {number} is said to be done and was not");
                let log = archive.log(&known.as_ref().expect("a run").short.id, number, 0, usize::MAX);
                let text = log.expect("a log").lines.first().map_or(0, |line| line.text.len());
                assert_eq!(text, "a says ".len() + 20_000, "{when}: a job that is done has its log");
                missing.retain(|missing| *missing != number);
            }
        }
        let journal = if known.is_some() { json!({"resume": "last"}) } else { json!({}) };
        assert_eq!(recorded_run(root, journal), missing, "{when}: exactly what was missing is run");
        let last = archive.run("last").unwrap_or_else(|error| panic!("{when}: {error}"));
        assert_eq!((last.short.status, last.short.summary.completed), (RecordedStatus::Success, 3), "{when}");
        SCRIPTS.iter().for_each(|number| drop(fs::remove_file(witness(root, number))));
    });
}
