//! The disk refuses one step, or every one from some step on, of all that the engine does with it. Every step is
//! tried: what it hits is told, everything else has its right result, and afterwards all is as good as new.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod cached;
mod disk;
mod recorded;

use aither_orchestration::{
    cache::{artifact, Limits, Manifest, View},
    playbook::Upload,
    report::{self, WriteRequest, Written},
    run::{Archive, JobStatus, RecordedStatus, Report, RunResult},
};
use cached::Project;
use disk::{arm, disarm, Fault, Hits, Steps};
use libc::{EACCES, EIO, EMFILE, ENOENT, ENOSPC, EROFS};
use recorded::{executed, plan_of, request, start, wait_for_the_end};
use serde_json::{json, Value};
use std::{fs, path::Path, sync::Mutex, time::Duration};

/// What refuses, and how it is spelled by the system.
const REFUSALS: [(Fault, i32); 5] = [
    (Fault::FromThen, ENOSPC),
    (Fault::FromThen, EROFS),
    (Fault::Once, EACCES),
    (Fault::Once, EIO),
    (Fault::Once, EMFILE),
];

/// One disk for all tests of this program.
static DISK: Mutex<()> = Mutex::new(());

/// Tries every step of `act` in every way. `act` gets a new folder each time, with no fault yet, and arms it by
/// the function that it is given; `look` is told what was hit, with all well again.
fn every_step<T>(
    steps: Steps,
    refusals: &[(Fault, i32)],
    act: impl Fn(&Path, &dyn Fn()) -> T,
    look: impl Fn(&Path, T, &Hits),
) {
    let _one = DISK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for (fault, error) in refusals {
        for at in 0.. {
            let folder = disk::folder();
            let told = act(folder.path(), &|| arm(steps, at, *fault, *error));
            let hits = disarm();
            if hits.is_empty() {
                assert!(at > 2, "there are hardly any steps");
                println!("{fault:?} {error}: {at} steps");
                break;
            }
            println!("{fault:?} {error} at {at}: {hits}");
            look(folder.path(), told, &hits);
        }
    }
}

fn project(root: &Path) -> Project {
    let project = Project::at(root);
    project.write("src/a.txt", "a");
    project
}

/// Nothing is wrong with the cache: what it has is right, what it has not can be stored.
fn is_sound(root: &Path) {
    let project = Project::at(root);
    for name in ["first", "second"] {
        let _ = fs::remove_file(root.join(format!("out/{name}.txt")));
        project.hit(name);
        project.run(name).expect("it is stored");
        assert!(project.hit(name), "{name}");
    }
}

#[test]
fn a_job_is_stored_or_it_is_said_why_not() {
    let act = |root: &Path, arm: &dyn Fn()| {
        let project = project(root);
        project.run("first").expect("it is stored");
        project.write("out/second.txt", &project.expected("second"));
        arm();
        let stored = project.store("second").map(drop).map_err(|refused| refused.to_string());
        project.scanner.save();
        stored
    };
    every_step(Steps::Changes, &REFUSALS, act, |root, stored, hits| {
        let project = Project::at(root);
        match stored {
            Ok(()) => assert!(project.hit("second"), "{hits}"),
            Err(why) => {
                assert!(why.starts_with("the cache cannot be written"), "{hits}: {why}");
                assert!(!project.hit("second"), "{hits}");
            }
        }
        assert!(project.hit("first"), "{hits}: what was stored before");
        let left: Vec<_> = project.temporary();
        assert!(left.is_empty() || hits.has("unlink", ""), "{hits} left {left:?}");
        is_sound(root);
    });
}

#[test]
fn a_hit_is_whole_or_a_miss() {
    let act = |root: &Path, arm: &dyn Fn()| {
        let project = project(root);
        project.run("first").expect("it is stored");
        fs::remove_dir_all(root.join("out")).expect("the output goes");
        let key = project.document("first").key();
        arm();
        project.store.replay(&key, &project.scanner).map(drop).map_err(|miss| miss.to_string())
    };
    let look = |root: &Path, found: Result<(), String>, hits: &Hits| {
        let out = fs::read_to_string(root.join("out/first.txt")).ok();
        match found {
            Ok(()) => assert_eq!(out.as_deref(), Some("first of a"), "{hits}"),
            Err(why) => assert!(!why.is_empty() && out.is_none(), "{hits}: {why}, and the output is {out:?}"),
        }
        is_sound(root);
    };
    every_step(Steps::Changes, &REFUSALS, act, look);
    every_step(
        Steps::Reads,
        &[(Fault::Once, ENOENT), (Fault::Once, EIO), (Fault::FromThen, EACCES)],
        act,
        look,
    );
}

/// An input that goes away between two looks at it was never there, or its job has no key; in no case has the job
/// the key of other contents.
#[test]
fn inputs_that_vanish_in_mid_read_are_no_wrong_key() {
    let contents = |root: &Path| {
        for (name, text) in [("a.txt", "a"), ("b.txt", "b"), ("deep/c.txt", "c")] {
            project(root).write(&format!("src/{name}"), text);
        }
    };
    let act = |root: &Path, arm: &dyn Fn()| {
        contents(root);
        let project = Project::at(root);
        arm();
        let declared = project.scanner.inputs(Some(&["src/**".into()]), &[], View::Fresh);
        declared.map_err(|error| error.to_string())
    };
    let look = |root: &Path, seen: Result<_, String>, hits: &Hits| {
        let project = Project::at(root);
        let whole = project.inputs();
        let seen: std::sync::Arc<Manifest> = match seen {
            Ok(seen) => seen,
            Err(why) => return assert!(why.contains("cannot be read"), "{hits}: {why}"),
        };
        let all = |manifest: &Manifest| Manifest::files(manifest.bytes()).expect("a manifest");
        let (seen, whole) = (all(&seen), all(&whole));
        assert!(seen.iter().all(|(name, digest)| whole.get(name) == Some(digest)), "{hits}: {seen:?}");
    };
    every_step(Steps::Reads, &[(Fault::Once, ENOENT), (Fault::Once, EACCES), (Fault::Once, EIO)], act, look);
}

/// Three jobs with logs and outputs; the record is what the disk is asked for.
fn recorded_run(root: &Path, arm: &dyn Fn()) -> (Vec<Value>, RunResult) {
    for script in ["a", "b", "c"] {
        fs::write(root.join(format!("{script}.ps1")), script).expect("a script");
    }
    let plan = plan_of(root, &[("a", &[]), ("b", &[0]), ("c", &[1])]);
    arm();
    let run = start(request(&plan, json!({"name": "steps"})));
    executed(&run, 1, |run, job, number| {
        run.log(job, 1, &format!("{number} says {}\n", "x".repeat(20_000))).expect("a log");
        run.output(job, "from", json!(number)).expect("an output");
        Report::default()
    });
    let events = wait_for_the_end(&run);
    (events, run.result())
}

#[test]
fn a_run_whose_record_cannot_be_written_says_so_once_and_ends_well() {
    every_step(Steps::Changes, &REFUSALS, recorded_run, |root, (events, result), hits| {
        assert_eq!((result.completed, result.exit_code), (3, 0), "{hits}");
        let warnings: Vec<&Value> = events.iter().filter(|event| event["kind"] == "RunWarning").collect();
        assert!(warnings.len() <= 1, "{hits}: {warnings:?}");
        let archive = Archive::of(root);
        let listed = archive.list().expect("a list");
        let whole = listed.first().is_some_and(|run| run.status == RecordedStatus::Success);
        let left_open = hits.has("unlink", ".lock");
        assert!(whole || !warnings.is_empty(), "{hits}: nobody says that the record is not whole");
        if !warnings.is_empty() {
            let text = warnings[0]["message"].as_str().expect("words");
            assert!(text.contains("not recorded any further") && text.contains("os error"), "{hits}: {text}");
        }
        if whole {
            let text = "x".repeat(20_000);
            for number in ["a", "b", "c"] {
                let log = archive.log(&listed[0].id, number, 0, usize::MAX).expect("a log");
                assert_eq!(log.lines[0].text, format!("{number} says {text}"), "{hits}");
            }
        }
        // Nobody takes the run for one that goes on, and the next is recorded as ever.
        assert!(listed.iter().all(|run| run.status != RecordedStatus::Running), "{hits} {left_open}");
        let (_, next) = recorded_run(root, &|| {});
        assert_eq!(archive.run(&next.run_id).expect("it is recorded").short.status, RecordedStatus::Success);
    });
}

#[test]
fn a_record_that_cannot_be_read_is_an_error_that_names_it_or_left_out() {
    let act = |root: &Path, arm: &dyn Fn()| {
        let id = recorded_run(root, &|| {}).1.run_id;
        arm();
        let archive = Archive::of(root);
        let listed = archive.list().map_err(|error| error.to_string());
        let shown = archive.run(&id).map_err(|error| error.to_string());
        let log = archive.log(&id, "a", 0, 100).map_err(|error| error.to_string());
        (listed, shown, log, id)
    };
    let refusals =
        [(Fault::Once, ENOENT), (Fault::Once, EACCES), (Fault::Once, EIO), (Fault::FromThen, EACCES)];
    every_step(Steps::Reads, &refusals, act, |_, (listed, shown, log, id), hits| {
        if let Ok(listed) = listed {
            assert!(listed.iter().all(|run| run.id == id && run.total == 3), "{hits}");
        }
        match shown {
            Ok(run) => assert_eq!(run.jobs.len(), 3, "{hits}"),
            Err(why) => assert!(why.contains("runs") || why.contains(&id), "{hits}: {why}"),
        }
        match log {
            Ok(part) => assert!(part.lines.len() <= 1, "{hits}"),
            Err(why) => assert!(why.contains("a.log"), "{hits}: {why}"),
        }
    });
}

#[test]
fn a_report_is_whole_new_or_whole_old_and_the_error_names_it() {
    let act = |root: &Path, arm: &dyn Fn()| {
        let path = root.join("reports/run.md");
        fs::create_dir_all(root.join("reports")).expect("a folder");
        fs::write(&path, "old").expect("a report");
        arm();
        let write = |target: Value| {
            let asked = json!({"format": "json", "document": {"playbook": "new"}, "target": target});
            let request: WriteRequest = serde_json::from_value(asked).expect("a request");
            report::write(&request).map_err(|error| error.to_string())
        };
        let folder = root.join("more/reports");
        (write(json!({"path": path})), write(json!({"folder": folder, "stem": "run", "extension": "md"})))
    };
    let is_whole = |path: &Path| {
        let text = fs::read_to_string(path).expect("a report");
        serde_json::from_str::<Value>(&text).is_ok_and(|report| report["Playbook"] == "new")
    };
    every_step(Steps::Changes, &REFUSALS, act, |root, (replaced, added), hits| {
        let path = root.join("reports/run.md");
        match replaced {
            Ok(_) => assert!(is_whole(&path), "{hits}"),
            Err(why) => {
                assert_eq!(fs::read_to_string(&path).expect("a report"), "old", "{hits}");
                assert!(why.contains("run.md") && why.contains("os error"), "{hits}: {why}");
            }
        }
        match added {
            Ok(Written::Path(path)) => assert!(is_whole(Path::new(&path)), "{hits}"),
            Ok(Written::Text(_)) => panic!("it should be in a file"),
            Err(why) => assert!(why.contains("more/reports"), "{hits}: {why}"),
        }
        let left = fs::read_dir(root.join("reports")).expect("a folder").count();
        assert!(left == 1 || hits.has("unlink", ""), "{hits}: {left} files are left");
    });
}

#[test]
fn an_artifact_is_published_and_received_whole_or_not_at_all() {
    let upload = || -> Upload {
        serde_json::from_value(json!({"name": "texts", "path": ["src/**"]})).expect("a request")
    };
    let act = |root: &Path, arm: &dyn Fn()| {
        let project = project(root);
        project.write("src/b.txt", "b");
        arm();
        let published = artifact::publish(&project.store, &project.scanner, "run", &upload());
        let received = artifact::receive(&project.store, Some("run"), "texts", &root.join("there"));
        (
            published.map(drop).map_err(|error| error.to_string()),
            received.map(drop).map_err(|error| error.to_string()),
        )
    };
    every_step(Steps::Changes, &REFUSALS, act, |root, (published, received), hits| {
        let there = |name: &str| fs::read_to_string(root.join("there").join(name)).ok();
        let both = [there("a.txt"), there("b.txt")];
        match &received {
            Ok(()) => {
                assert!(published.is_ok(), "{hits}");
                assert_eq!(both, [Some("a".to_owned()), Some("b".to_owned())], "{hits}");
            }
            Err(why) => {
                assert!(why.contains("texts"), "{hits}: {why}");
                // What is there is right; never a part of a file.
                assert!(both[0].as_deref().is_none_or(|text| text == "a"), "{hits}: {both:?}");
                assert!(both[1].as_deref().is_none_or(|text| text == "b"), "{hits}: {both:?}");
            }
        }
        if let Err(why) = &published {
            assert!(why.contains("texts") || why.contains("src/"), "{hits}: {why}");
        }
        let project = Project::at(root);
        if published.is_err() {
            artifact::publish(&project.store, &project.scanner, "run", &upload()).expect("now it can be");
        }
        artifact::receive(&project.store, Some("run"), "texts", &root.join("again")).expect("and be had");
    });
}

#[test]
fn a_collection_that_is_refused_takes_nothing_that_is_of_use() {
    let act = |root: &Path, arm: &dyn Fn()| {
        let project = project(root);
        let gone = project.run("first").expect("it is stored");
        project.run("second").expect("it is stored");
        let limits = Limits { keys: vec![gone], spared: Duration::ZERO, ..Limits::default() };
        arm();
        project.store.collect(&limits).map(drop).map_err(|error| error.to_string())
    };
    every_step(Steps::Changes, &REFUSALS, act, |root, _, hits| {
        let project = Project::at(root);
        let _ = fs::remove_dir_all(root.join("out"));
        assert!(project.hit("second"), "{hits}");
        is_sound(root);
    });
}

/// Jobs that run as processes have private files of their own.
#[test]
fn a_process_whose_files_cannot_be_made_fails_and_says_so_and_others_run() {
    let act = |root: &Path, arm: &dyn Fn()| {
        std::env::set_var("TMPDIR", root);
        let mut plan = plan_of(root, &[("a", &[]), ("b", &[]), ("c", &[])]);
        plan["maxConcurrency"] = json!(1);
        plan["failFast"] = json!(false);
        for job in 0..2 {
            plan["jobs"][job]["isolation"] = json!("process");
            plan["jobs"][job]["shell"] = json!("sh");
            plan["jobs"][job]["text"] = json!("echo sum=3 >> \"$GITHUB_OUTPUT\"");
        }
        arm();
        let run = start(json!({"plan": plan}));
        executed(&run, 1, |_, _, _| Report::default());
        wait_for_the_end(&run);
        std::env::remove_var("TMPDIR");
        run.result()
    };
    let look = |_: &Path, result: RunResult, hits: &Hits| {
        assert_eq!(result.jobs[2].status, Some(JobStatus::Success), "{hits}");
        for job in &result.jobs[..2] {
            match job.status {
                Some(JobStatus::Success) => assert_eq!(job.outputs["sum"], json!("3"), "{hits}"),
                _ => {
                    let why = job.error.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
                    assert!(why.contains("os error"), "{hits}: {why}");
                }
            }
        }
    };
    every_step(Steps::Changes, &REFUSALS, act, look);
    every_step(Steps::Reads, &[(Fault::Once, EIO), (Fault::Once, EACCES)], act, look);
}
