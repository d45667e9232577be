//! Runs that are recorded: what the journal says, what a killed process leaves, what is done again.

mod recorded;

use aither_orchestration::{
    error::Problem,
    record::RunFolder,
    run::{read_journal, Archive, JobStatus, NextEvents, RecordedStatus, Report, Run},
};
use recorded::{executed, plan_of, play, project, request, start, wait_for_the_end, Script};
use serde_json::{json, Value};
use std::{fs, sync::Arc, time::Duration};

fn journal_of(root: &std::path::Path, run: &Run) -> String {
    fs::read_to_string(RunFolder::of(root).journal(run.id())).expect("a journal")
}

#[test]
fn a_journal_tells_the_whole_run() {
    let root = project(&["a", "b", "c"]);
    let plan = plan_of(root.path(), &[("a", &[]), ("b", &[0]), ("c", &[1])]);
    let run = start(request(&plan, json!({"name": "a-c", "asked": {"sequence": ["*"]}})));
    play(&run, 1, |run, job, number| {
        run.log(job, 1, "a word").expect("a log");
        run.output(job, "answer", json!({"of": number})).expect("an output");
        Report { exit_code: i32::from(number == "b") * 7, ..Report::default() }
    });
    let text = journal_of(root.path(), &run);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    let expected = [
        "RunHeader",
        "RunJobs",
        "RunStarted",
        "JobStarted",
        "JobOutput",
        "JobFinished",
        "JobStarted",
        "JobOutput",
        "JobFinished",
        "JobFinished",
        "RunFinished",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(
        (&lines[0]["format"], &lines[0]["name"], &lines[0]["total"]),
        (&json!(1), &json!("a-c"), &json!(3))
    );
    assert_eq!(lines[0]["asked"], json!({"sequence": ["*"]}));

    let archive = Archive::of(root.path());
    let recorded = archive.run("last").expect("a run");
    assert_eq!(recorded.short.id, run.id());
    assert_eq!(recorded.short.status, RecordedStatus::Failure);
    let statuses: Vec<_> = recorded.jobs.iter().map(|job| job.result.status).collect();
    assert_eq!(statuses, [Some(JobStatus::Success), Some(JobStatus::Failure), Some(JobStatus::Skipped)]);
    assert_eq!(json!(recorded.jobs[0].result.outputs), json!({"answer": {"of": "a"}}));
    let listed = archive.list().expect("a list");
    let counts = |short: &aither_orchestration::run::RecordedSummary| {
        (short.summary.completed, short.summary.failed, short.summary.skipped, short.total)
    };
    assert_eq!((listed.len(), counts(&listed[0])), (1, (1, 1, 1, 3)));
    assert_eq!(counts(&recorded.short), counts(&listed[0]), "one line tells the same as all of them");
    let log = archive.log(run.id(), "a", 0, usize::MAX).expect("a log");
    assert_eq!(log.lines[0].text, "a word");
}

#[test]
fn without_a_journal_nothing_is_written() {
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let run = start(json!({"plan": plan}));
    play(&run, 1, |_, _, _| Report::default());
    assert!(!root.path().join(".orchestration-cache").exists());
}

#[test]
fn a_run_that_cannot_be_recorded_warns_once_and_goes_on() {
    let root = project(&["a", "b"]);
    fs::write(root.path().join(".orchestration-cache"), "").expect("a file in the way");
    let plan = plan_of(root.path(), &[("a", &[]), ("b", &[])]);
    let run = start(request(&plan, json!({})));
    executed(&run, 2, |_, _, _| Report::default());
    let events = wait_for_the_end(&run);
    let warnings: Vec<_> = events.iter().filter(|event| event["kind"] == "RunWarning").collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0]["message"].as_str().is_some_and(|text| text.contains("not recorded")));
    assert_eq!(run.result().completed, 2);
}

#[test]
fn the_last_event_comes_when_all_is_on_disk() {
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    for _ in 0..20 {
        let run = start(request(&plan, json!({})));
        executed(&run, 1, |_, _, _| Report::default());
        assert!(!wait_for_the_end(&run).is_empty());
        let recorded = Archive::of(root.path()).run(run.id()).expect("a run");
        assert_eq!(recorded.short.status, RecordedStatus::Success);
    }
}

#[test]
fn a_run_that_goes_on_is_told_from_one_that_was_interrupted() {
    let root = project(&["a", "b"]);
    let plan = plan_of(root.path(), &[("a", &[]), ("b", &[0])]);
    let run = start(request(&plan, json!({})));
    run.logbook().expect("a logbook").contents("a").expect("it is being recorded");
    let archive = Archive::of(root.path());
    assert_eq!(archive.list().expect("a list")[0].status, RecordedStatus::Running);
    let refused = |error: Option<_>| Problem::from(error.expect("an error")).code;
    assert_eq!(refused(archive.remove(run.id()).err()), "run.still-running");
    let again = serde_json::from_value(request(&plan, json!({"resume": "Last"}))).expect("a request");
    assert_eq!(Run::start(again).err().map(|error| Problem::from(error).code), Some("run.still-running"));

    let text = journal_of(root.path(), &run);
    run.abandon();
    assert_eq!(archive.run(run.id()).expect("a run").short.status, RecordedStatus::Cancelled);
    let path = RunFolder::of(root.path()).journal(run.id());
    fs::write(&path, &text).expect("a journal without its end");
    assert_eq!(archive.list().expect("a list")[0].status, RecordedStatus::Interrupted);
    archive.remove(run.id()).expect("it is gone");
    assert_eq!(refused(archive.run("last").err()), "run.nothing-recorded");
    assert_eq!(refused(archive.run("20200101-000000-00000000").err()), "run.unknown-id");
}

/// Whatever is cut off a journal, it can be read, and a job is done only if its line is complete.
#[test]
fn every_prefix_of_a_journal_can_be_read() {
    let root = project(&["a", "b", "c", "d"]);
    let plan = plan_of(root.path(), &[("a", &[]), ("b", &[]), ("c", &[0]), ("d", &[1])]);
    let run = start(request(&plan, json!({"name": "naïve ✓", "asked": {"x": [1, "ü"]}})));
    play(&run, 2, |run, job, number| {
        run.output(job, "päth", json!([number, {"deep": "✓\n\"quoted\""}])).expect("an output");
        Report { exit_code: i32::from(number == "d"), ..Report::default() }
    });
    let text = journal_of(root.path(), &run).into_bytes();
    let mut seen = std::collections::HashSet::new();
    for cut in 0..=text.len() {
        let prefix = &text[..cut];
        let recorded = read_journal(prefix, run.id(), false).expect("every prefix can be read");
        assert_eq!(recorded.short.id, run.id());
        let complete = prefix.iter().rposition(|byte| *byte == b'\n').map_or(&[][..], |end| &prefix[..end]);
        let lines: Vec<Value> = complete
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        for (at, job) in recorded.jobs.iter().enumerate() {
            let finished = lines.iter().any(|line| line["kind"] == "JobFinished" && line["job"] == json!(at));
            assert_eq!(job.result.status.is_some(), finished, "job {at} at byte {cut}");
        }
        seen.insert(recorded.short.summary.completed);
    }
    assert!(seen.len() >= 4, "the cuts saw the run grow: {seen:?}");
    assert!(read_journal(&b"not a journal\n"[..], run.id(), false).is_err());
}

#[test]
fn resume_does_what_is_missing_and_hands_outputs_on() {
    let root = project(&["a", "b", "c", "d"]);
    let plan = plan_of(root.path(), &[("a", &[]), ("b", &[0]), ("c", &[1]), ("d", &[])]);
    let first = start(request(&plan, json!({})));
    play(&first, 1, |run, job, number| {
        run.output(job, "from", json!(number)).expect("an output");
        Report { exit_code: i32::from(number == "b"), ..Report::default() }
    });
    let second = start(request(&plan, json!({"resume": "LAST"})));
    // d was in the queue before b and had its turn.
    assert_eq!((second.resumed_from(), second.kept()), (Some(first.id()), 2));
    assert_eq!(play(&second, 1, |_, _, _| Report::default()), ["b", "c"]);
    let result = second.result();
    assert_eq!(result.completed, 4);
    assert_eq!(json!(result.jobs[0].outputs), json!({"from": "a"}));
    assert_eq!(result.jobs[0].attempts, 0);
    assert_eq!(result.jobs[0].reason, Some(format!("done by the run {}", first.id())));

    let third = start(request(&plan, json!({"resume": second.id()})));
    assert_eq!(third.kept(), 4);
    assert_eq!(play(&third, 1, |_, _, _| Report::default()), [""; 0]);
    assert_eq!((third.result().exit_code, third.result().completed), (0, 4));
    let archive = Archive::of(root.path());
    let recorded = archive.run(third.id()).expect("a run");
    assert_eq!(recorded.short.resumed_from.as_deref(), Some(second.id()));
    assert_eq!(archive.writer_of(&recorded, "a"), first.id(), "the log is where the job ran");
    assert_eq!(archive.writer_of(&recorded, "b"), second.id());
}

/// The log of a job that was taken over is its earlier run's; two journals that name each other have none.
#[test]
fn journals_that_lead_round_end_the_search() {
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let first = start(request(&plan, json!({})));
    play(&first, 1, |_, _, _| Report::default());
    let second = start(request(&plan, json!({"resume": "last"})));
    play(&second, 1, |_, _, _| Report::default());
    let archive = Archive::of(root.path());
    let path = aither_orchestration::record::RunFolder::of(root.path()).journal(second.id());
    let journal = fs::read_to_string(&path).expect("a journal");
    fs::write(&path, journal.replace(first.id(), second.id())).expect("a journal");
    let recorded = archive.run(second.id()).expect("a run");
    assert_eq!(recorded.short.resumed_from.as_deref(), Some(second.id()), "it names itself");
    assert_eq!(archive.writer_of(&recorded, "a"), second.id());
}

#[test]
fn what_has_changed_runs_again_with_all_that_needs_it() {
    let root = project(&["a", "b", "c", "d"]);
    let graph: &[Script] = &[("a", &[]), ("b", &[0]), ("c", &[1]), ("d", &[0])];
    let plan = plan_of(root.path(), graph);
    let first = start(request(&plan, json!({})));
    play(&first, 1, |_, _, _| Report::default());

    fs::write(root.path().join("b.ps1"), "# changed").expect("a script");
    let second = start(request(&plan, json!({"resume": "last"})));
    assert_eq!(play(&second, 1, |_, _, _| Report::default()), ["b", "c"]);

    let mut changed = plan.clone();
    changed["jobs"][3]["parameters"] = json!({"speed": 2});
    let third = start(request(&changed, json!({"resume": "last"})));
    assert_eq!(play(&third, 1, |_, _, _| Report::default()), ["d"]);

    fs::remove_file(root.path().join("a.ps1")).expect("a script");
    let fourth = start(request(&changed, json!({"resume": "last"})));
    assert_eq!(
        play(&fourth, 1, |_, _, _| Report::default()),
        ["a", "b", "d", "c"],
        "what cannot be read is new"
    );
}

#[test]
fn a_step_that_was_skipped_by_its_own_rule_holds_nothing_up() {
    let root = project(&["a", "b", "c"]);
    let mut plan = plan_of(root.path(), &[("a", &[]), ("b", &[]), ("c", &[])]);
    plan["jobs"][1]["condition"] = json!("1 -eq 2");
    plan["jobs"][1]["follows"] = json!([0]);
    plan["jobs"][2]["follows"] = json!([1]);
    plan["jobs"][2]["when"] = json!("always()");
    let first = start(request(&plan, json!({})));
    assert_eq!(play(&first, 1, |_, _, _| Report::default()), ["a", "c"]);
    let second = start(request(&plan, json!({"resume": "last"})));
    assert_eq!(play(&second, 1, |_, _, _| Report::default()), [""; 0]);
    assert_eq!(second.result().skipped, 1);
}

#[test]
fn another_attempt_is_marked_in_the_log_and_forgets_its_outputs() {
    let root = project(&["a"]);
    let mut plan = plan_of(root.path(), &[("a", &[])]);
    plan["jobs"][0]["retries"] = json!(1);
    let run = start(request(&plan, json!({})));
    let mut attempts = 0;
    play(&run, 1, |run, job, _| {
        attempts += 1;
        run.log(job, 2, &format!("try {attempts}")).expect("a log");
        run.output(job, &format!("x{attempts}"), json!(attempts)).expect("an output");
        Report { exit_code: i32::from(attempts == 1), ..Report::default() }
    });
    let archive = Archive::of(root.path());
    let part = archive.log(run.id(), "a", 0, usize::MAX).expect("a log");
    let lines: Vec<(u8, &str)> = part.lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
    assert_eq!(lines, [(2, "try 1"), (0, "attempt 2"), (2, "try 2")]);
    let recorded = archive.run(run.id()).expect("a run");
    assert_eq!(json!(recorded.jobs[0].result.outputs), json!({"x2": 2}));
}

#[test]
fn a_reader_can_wait_for_a_run_that_is_let_go_of() {
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let run = start(request(&plan, json!({})));
    let reader = Arc::clone(&run);
    let waiting =
        std::thread::spawn(
            move || while !matches!(reader.events(Duration::from_secs(20)), NextEvents::End) {},
        );
    run.abandon();
    waiting.join().expect("it is sent home");
}
