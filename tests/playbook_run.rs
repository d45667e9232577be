//! Playbooks from their text to the end of a run, with workers that only say how a script ended.

mod playing;

use aither_orchestration::{
    plan::Level,
    playbook::Isolation,
    run::{JobStatus, NextEvents, Report, Run, RunStatus},
};
use playing::{bad, failing, good, planned, play, project, statuses, v2, v3, Played};
use serde_json::{json, Value};
use std::time::Duration;

use JobStatus::{Cancelled, Failure, Skipped, Success, TimedOut};

#[test]
fn stages_keep_their_order_and_a_script_may_run_in_two_with_each_stages_values() {
    let root = project();
    let stages = json!([
        {"name": "Last first", "description": "d", "sequences": ["0400"], "variables": {"depth": "{{level}}", "own": 1}},
        {"name": "Again", "description": "d", "sequences": ["0100", "0400"], "variables": {}}
    ]);
    let mut playbook = v2(stages);
    playbook["orchestration"]["defaultVariables"] = json!({"level": 7, "keep": false});
    let plan = planned(&root, playbook, json!({"variables": {"level": 9}})).expect("a plan");
    let played = failing(&plan, &[]);
    assert_eq!(played.started, ["0400", "0100", "0400-2"]);
    assert_eq!(json!(played.parameters[0]), json!({"keep": false, "depth": 9, "own": 1, "level": 9}));
    assert_eq!(json!(played.parameters[2]), json!({"keep": false, "level": 9}));
}

#[test]
fn a_template_of_a_stage_sees_what_is_below_it_also_under_its_own_name() {
    let root = project();
    let stages = json!([{"name": "A", "description": "d", "sequences": ["0400"], "variables": {"PRNumber": "{{prNumber}}"}}]);
    let mut playbook = v2(stages);
    playbook["orchestration"]["defaultVariables"] = json!({"prNumber": 12});
    let plan = planned(&root, playbook.clone(), json!({})).expect("a plan");
    assert_eq!(json!(plan.jobs[0].parameters), json!({"PRNumber": 12}));
    let plan = planned(&root, playbook, json!({"variables": {"prNumber": "{{level}}"}})).expect("a plan");
    assert_eq!(json!(plan.jobs[0].parameters), json!({"prNumber": "{{level}}"}), "a caller's value is data");
}

#[test]
fn a_stage_that_does_not_hold_is_skipped_and_the_next_one_runs() {
    let root = project();
    let stages = json!([
        {"name": "Maybe", "description": "d", "sequences": ["0100"], "condition": "{{skip}} == false"},
        {"name": "Always", "description": "d", "sequences": ["0400"]}
    ]);
    let mut playbook = v2(stages);
    playbook["orchestration"]["profiles"] =
        json!({"lean": {"description": "d", "variables": {"skip": true}}});
    let plain = failing(&planned(&root, playbook.clone(), json!({})).expect("a plan"), &[]);
    assert_eq!(statuses(&plain), [("0100", Success), ("0400", Success)], "an unset variable is not true");
    let lean = failing(&planned(&root, playbook.clone(), json!({"profile": "lean"})).expect("a plan"), &[]);
    assert_eq!(statuses(&lean), [("0100", Skipped), ("0400", Success)]);
    assert!(lean.reasons[0].as_deref().is_some_and(|reason| reason.contains("{{skip}} == false")));
    assert_eq!(lean.exit_code, 0);
    let problem = planned(&root, playbook, json!({"profile": "laen"})).expect_err("an error");
    assert_eq!(problem.message, "Invalid playbook profile: laen. Available profiles: lean");
}

#[test]
fn a_failing_stage_ends_the_run_unless_it_may_fail() {
    let root = project();
    let stage = |tolerated: bool| {
        v2(json!([
            {"name": "A", "description": "d", "sequences": ["0100", "0400"], "continueOnError": tolerated},
            {"name": "B", "description": "d", "sequences": ["0200"]}
        ]))
    };
    let strict = failing(&planned(&root, stage(false), json!({})).expect("a plan"), &["0100"]);
    assert_eq!(statuses(&strict), [("0100", Failure), ("0400", Cancelled), ("0200", Skipped)]);
    assert_eq!(strict.exit_code, 1);
    let lenient = failing(&planned(&root, stage(true), json!({})).expect("a plan"), &["0400"]);
    assert_eq!(statuses(&lenient), [("0100", Success), ("0400", Failure), ("0200", Success)]);
    assert_eq!((lenient.exit_code, lenient.status), (0, RunStatus::Success));
    let going_on = planned(&root, stage(false), json!({"continueOnError": true})).expect("a plan");
    let going_on = failing(&going_on, &["0400"]);
    assert_eq!(statuses(&going_on), [("0100", Success), ("0400", Failure), ("0200", Success)]);
    assert_eq!(going_on.exit_code, 10);
}

#[test]
fn conditions_of_headers_are_data() {
    let root = project();
    let playbook = v2(json!([{"name": "A", "description": "d", "sequences": ["0500", "0600"]}]));
    let plan = planned(&root, playbook.clone(), json!({"conditions": {"Environment": "production"}}))
        .expect("a plan");
    let played = failing(&plan, &[]);
    assert_eq!(statuses(&played), [("0500", Skipped), ("0600", Success)]);
    assert_eq!(json!(played.parameters[0]), json!({}), "a condition's value is no parameter");
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    assert_eq!(statuses(&failing(&plan, &[])), [("0500", Skipped), ("0600", Skipped)]);
}

#[test]
fn a_condition_that_cannot_be_read_fails_the_job_and_runs_nothing() {
    let root = project();
    let playbook = v2(json!([
        {"name": "A", "description": "d", "sequences": ["0100"], "condition": "1; Remove-Item x"},
        {"name": "B", "description": "d", "sequences": ["0400"]}
    ]));
    let played = failing(&planned(&root, playbook, json!({})).expect("a plan"), &[]);
    assert!(played.started.is_empty());
    assert_eq!(statuses(&played), [("0100", Failure), ("0400", Cancelled)]);
    assert!(
        played.errors[0].as_deref().is_some_and(|error| error.contains("the condition of A")),
        "{:?}",
        played.errors
    );
    assert_eq!(played.exit_code, 1);
}

#[test]
fn jobs_follow_their_needs_and_status_functions_see_failures() {
    let root = project();
    let playbook = v3(json!({
        "last": {"name": "Last", "needs": ["build", "test"], "steps": [{"name": "s", "run": "0300"}]},
        "cleanup": {"name": "Cleanup", "needs": "build", "if": "always()", "steps": [{"name": "s", "run": "0400"}]},
        "report": {"name": "Report", "needs": ["test"], "if": "${{ failure() }}", "steps": [{"name": "s", "run": "0600"}]},
        "test": {"name": "Test", "needs": ["build"], "steps": [{"name": "s", "run": "0200"}]},
        "build": {"name": "Build", "steps": [{"name": "s", "run": "0100"}]}
    }));
    let conditions = json!({"conditions": {"Environment": "Production"}, "continueOnError": true});
    let plan = planned(&root, playbook.clone(), conditions.clone()).expect("a plan");
    let fine = failing(&plan, &[]);
    let status = |played: &Played, number: &str| {
        played.statuses.iter().find(|(other, _)| other == number).map(|(_, status)| *status)
    };
    let place = |number: &str| fine.started.iter().position(|started| started == number);
    assert_eq!(place("0100"), Some(0), "build before all");
    assert!(place("0200") < place("0300") && fine.started.len() == 4, "{:?}", fine.started);
    assert_eq!(status(&fine, "0600"), Some(Skipped));
    let broken = failing(&planned(&root, playbook, conditions).expect("a plan"), &["0100"]);
    assert_eq!(status(&broken, "0200"), Some(Skipped));
    assert_eq!(status(&broken, "0300"), Some(Skipped));
    assert_eq!(status(&broken, "0400"), Some(Success), "always()");
    assert_eq!(status(&broken, "0600"), Some(Success), "failure() sees every ancestor");
}

#[test]
fn always_survives_fail_fast() {
    let root = project();
    let playbook = v3(json!({
        "build": {"name": "Build", "steps": [
            {"id": "one", "name": "one", "run": "0100"},
            {"id": "two", "name": "two", "run": "0200"},
            {"id": "three", "name": "three", "if": "always()", "run": "0400"}
        ]},
        "other": {"name": "Other", "needs": ["build"], "steps": [{"name": "s", "if": "always()", "run": "0300"}]}
    }));
    let played = failing(&planned(&root, playbook, json!({})).expect("a plan"), &["0100"]);
    assert_eq!(
        statuses(&played),
        [("0100", Failure), ("0200", Skipped), ("0400", Success), ("0300", Cancelled)],
        "a step's always() runs in a job that has begun and in no other"
    );
    assert_eq!(played.exit_code, 1);
}

#[test]
fn steps_and_jobs_read_the_outputs_of_those_before() {
    let root = project();
    let playbook = v3(json!({
        "make": {
            "name": "Make",
            "outputs": {"version": "${{ steps.tag.outputs.value }}"},
            "steps": [
                {"id": "tag", "name": "tag", "run": "0100"},
                {"id": "next", "name": "next", "run": "0400", "with": {"Tag": "${{ steps.tag.outputs.value }}", "Plain": "{{keep}}"}}
            ]
        },
        "use": {
            "name": "Use",
            "needs": ["make"],
            "if": "needs.make.outputs.version == '1.2'",
            "steps": [{"name": "s", "run": "0300", "with": {"Text": "v${{ needs.make.outputs.version }}"}}]
        }
    }));
    let plan = planned(&root, playbook, json!({"variables": {"keep": [1]}})).expect("a plan");
    let played = play(&plan, |run, job, number, _| {
        if number == "0100" {
            run.output(job, "value", json!("1.2")).expect("an output");
        }
        good()
    });
    assert_eq!(played.started, ["0100", "0400", "0300"]);
    assert_eq!(played.parameters[1]["Tag"], json!("1.2"));
    assert_eq!(played.parameters[1]["Plain"], json!([1]));
    assert_eq!(played.parameters[2]["Text"], json!("v1.2"));
}

#[test]
fn a_failure_is_retried_and_only_the_last_attempt_counts() {
    let root = project();
    let playbook = v2(json!([{"name": "A", "description": "d", "sequences": ["0100"], "retries": 2}]));
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    let mut attempts = Vec::new();
    let third_time = play(&plan, |_, _, _, attempt| {
        attempts.push(attempt);
        if attempt < 3 {
            bad()
        } else {
            good()
        }
    });
    assert_eq!(attempts, [1, 2, 3]);
    assert_eq!((statuses(&third_time), third_time.exit_code), (vec![("0100", Success)], 0));
    let never = failing(&plan, &["0100"]);
    assert_eq!((never.started.len(), never.exit_code), (3, 1));
}

/// Holds its worker until the engine asks for the job to be stopped.
fn hold(run: &Run) -> Report {
    while let NextEvents::Signals(signals) = run.events(Duration::from_secs(20)) {
        if json!(signals.events).to_string().contains("JobStopRequested") {
            break;
        }
    }
    Report { stopped: true, ..Report::default() }
}

#[test]
fn a_job_that_runs_out_of_time_is_stopped_and_reported_so() {
    let root = project();
    let playbook = json!({"Name": "p", "Sequence": [{"Script": "0100", "Timeout": 1}, "0400"]});
    let mut plan = planned(&root, playbook, json!({})).expect("a plan");
    assert_eq!(plan.jobs[0].timeout, Some(1.0));
    plan.jobs[0].timeout = Some(0.001);
    let played = play(&plan, |run, _, _, _| hold(run));
    assert_eq!(statuses(&played), [("0100", TimedOut), ("0400", Cancelled)]);
    assert_eq!(played.exit_code, 124);
    assert!(played.errors[0].as_deref().is_some_and(|error| error.contains("ran out of time")));
}

#[test]
fn a_jobs_time_is_for_all_of_its_steps_and_no_retry_gets_more() {
    let root = project();
    let playbook = v3(json!({"build": {"name": "Build", "timeout": 60, "steps": [
        {"name": "a", "run": "0100", "retries": 3, "retryDelay": 60},
        {"name": "b", "run": "0400", "timeout": 5}
    ]}}));
    let mut plan = planned(&root, playbook, json!({})).expect("a plan");
    assert_eq!((plan.groups[0].timeout, plan.jobs[0].timeout), (Some(60.0), None));
    assert_eq!(plan.jobs[1].timeout, Some(5.0), "a step's own");
    plan.groups[0].timeout = Some(0.001);
    let played = play(&plan, |run, _, _, _| hold(run));
    assert_eq!(statuses(&played)[0], ("0100", TimedOut));
    assert_eq!((played.started.len(), played.exit_code), (1, 124));
    let error = played.errors[0].as_deref().unwrap_or_default();
    assert!(error.contains("build had 0.001 s for all of its steps"), "{error}");
}

#[test]
fn an_item_list_runs_in_written_order_and_its_criteria_decide() {
    let root = project();
    let playbook = json!({
        "Name": "p",
        "Sequence": [{"Script": "0400_Measure-Code.ps1", "Parameters": {"Depth": 2}}, {"Script": "0100"}, {"Script": "0300"}],
        "Variables": {"Depth": 1, "Other": true},
        "Options": {"StopOnError": false},
        "SuccessCriteria": {"RequireAllSuccess": false, "MinimumSuccessCount": 2, "CriticalScripts": ["0400_Measure-Code.ps1"]}
    });
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    let played = failing(&plan, &["0100"]);
    assert_eq!(played.started, ["0400", "0100", "0300"]);
    assert_eq!(played.parameters[0]["Depth"], json!(2));
    assert_eq!(played.parameters[1]["Depth"], json!(1));
    assert_eq!((played.exit_code, played.status), (0, RunStatus::Success), "two of three are enough");
    assert_ne!(failing(&plan, &["0400"]).exit_code, 0, "a critical one must succeed");
    assert_ne!(failing(&plan, &["0100", "0300"]).exit_code, 0);
}

#[test]
fn a_number_that_is_gone_is_a_warning_and_a_skipped_job() {
    let root = project();
    let playbook = v2(json!([{"name": "A", "description": "d", "sequences": ["0410", "0100"]}]));
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    assert!(plan.messages.iter().any(|message| message.text.contains("0410")));
    let played = failing(&plan, &[]);
    assert_eq!(statuses(&played), [("0410", Skipped), ("0100", Success)]);
    assert_eq!(played.exit_code, 0);
    let nothing = v2(json!([{"name": "A", "description": "d", "sequences": ["0410"]}]));
    assert_eq!(planned(&root, nothing, json!({})).expect_err("an error").code, "playbook.nothing-to-run");
}

#[test]
fn a_stages_matrix_is_a_copy_a_combination_and_a_profile_replaces_values() {
    let root = project();
    let stages = json!([
        {"name": "M", "description": "d", "sequences": ["0100", "0200"],
         "variables": {"EnableMatrix": true, "MatrixDimensions": {"profile": ["quick", "full"], "n": [1]}}},
        {"name": "After", "description": "d", "sequences": ["0300"]}
    ]);
    let mut playbook = v2(stages);
    playbook["orchestration"]["profiles"] =
        json!({"quick": {"description": "d", "overrides": {"profile": ["quick"]}}});
    let plan = planned(&root, playbook.clone(), json!({})).expect("a plan");
    let played = failing(&plan, &[]);
    assert_eq!(played.started.len(), 5);
    assert_eq!(played.started[4], "0300", "a barrier behind all copies");
    assert_eq!(json!(plan.jobs[3].matrix), json!({"profile": "full", "n": 1}));
    assert_eq!(plan.jobs[3].needs, [2], "dependencies stay in the combination");
    assert_eq!(plan.jobs[4].needs, [1, 3], "outside it they mean every copy");
    assert!(!played.parameters[0].contains_key("MatrixDimensions"));
    let quick = planned(&root, playbook, json!({"profile": "quick"})).expect("a plan");
    assert_eq!(quick.total, 3);
}

#[test]
fn the_callers_matrix_copies_the_whole_playbook() {
    let root = project();
    let playbook = v2(json!([
        {"name": "A", "description": "d", "sequences": ["0100"]},
        {"name": "B", "description": "d", "sequences": ["0400"]}
    ]));
    let plan =
        planned(&root, playbook, json!({"matrix": {"os": ["a", "b"]}, "maxConcurrency": 4})).expect("a plan");
    let numbers: Vec<&str> = plan.jobs.iter().map(|job| job.number.as_str()).collect();
    assert_eq!(numbers, ["0100-matrix-0", "0400-matrix-1", "0100-matrix-2", "0400-matrix-3"]);
    assert_eq!(
        plan.groups.iter().map(|group| group.after.clone()).collect::<Vec<_>>(),
        [vec![], vec![0], vec![], vec![2]]
    );
    assert_eq!(failing(&plan, &[]).exit_code, 0);
}

#[test]
fn a_failing_combination_cancels_the_others_unless_told_not_to() {
    let root = project();
    let playbook = |fail_fast: Value, tolerated: Value| {
        v3(json!({"m": {
            "name": "M",
            "strategy": {"matrix": {"n": [1, 2, 3]}, "failFast": fail_fast},
            "continueOnError": tolerated,
            "steps": [{"name": "s", "run": "0100"}]
        }}))
    };
    let first = ["0100-matrix-0"];
    let fast =
        failing(&planned(&root, playbook(json!(true), json!(false)), json!({})).expect("a plan"), &first);
    assert_eq!(
        statuses(&fast).iter().map(|(_, status)| *status).collect::<Vec<_>>(),
        [Failure, Cancelled, Cancelled]
    );
    let slow =
        failing(&planned(&root, playbook(json!(false), json!(false)), json!({})).expect("a plan"), &first);
    assert_eq!(
        statuses(&slow).iter().map(|(_, status)| *status).collect::<Vec<_>>(),
        [Failure, Success, Success]
    );
    assert_eq!((fast.exit_code, slow.exit_code), (1, 1));
    let experimental = json!("${{ matrix.n == 1 }}");
    let spared =
        failing(&planned(&root, playbook(json!(true), experimental), json!({})).expect("a plan"), &first);
    assert_eq!(
        statuses(&spared).iter().map(|(_, status)| *status).collect::<Vec<_>>(),
        [Failure, Success, Success]
    );
    assert_eq!(spared.exit_code, 0);
}

#[test]
fn mistakes_between_jobs_are_named() {
    let root = project();
    let step = json!([{"name": "s", "run": "0100"}]);
    let circle = v3(json!({
        "a": {"name": "A", "needs": ["c"], "steps": step},
        "b": {"name": "B", "needs": ["a"], "steps": step},
        "c": {"name": "C", "needs": ["b"], "steps": step}
    }));
    let problem = planned(&root, circle, json!({})).expect_err("an error");
    assert_eq!(problem.code, "plan.cycle");
    assert!(problem.message.ends_with("a → c → b → a"), "{}", problem.message);
    let unknown = v3(json!({"a": {"name": "A", "needs": ["bild"], "steps": step}}));
    assert_eq!(planned(&root, unknown, json!({})).expect_err("an error").code, "playbook.unknown-need");
}

#[test]
fn ten_thousand_stages_are_planned() {
    let root = project();
    let stages: Vec<Value> = (0..10_000)
        .map(|n| json!({"name": format!("stage {n}"), "description": "d", "sequences": ["0400"]}))
        .collect();
    let plan = planned(&root, v2(json!(stages)), json!({})).expect("a plan");
    assert_eq!(plan.total, 10_000);
}

#[test]
fn a_job_whose_condition_asks_for_the_status_runs_whole_after_a_failure() {
    let root = project();
    let playbook = v3(json!({
        "build": {"name": "Build", "steps": [{"name": "s", "run": "0100"}, {"name": "t", "run": "0300"}]},
        "cleanup": {"name": "C", "needs": ["build"], "if": "always()", "steps": [{"name": "s", "run": "0200"}, {"name": "t", "run": "0400"}]},
        "report": {"name": "R", "needs": ["build"], "if": "success()", "steps": [{"name": "s", "run": "0400"}]}
    }));
    let played = failing(&planned(&root, playbook, json!({})).expect("a plan"), &["0100"]);
    assert_eq!(played.started, ["0100", "0200", "0400"]);
    assert_eq!(played.exit_code, 1);
}

#[test]
fn neighbouring_items_of_a_group_run_side_by_side_also_in_a_list() {
    let root = project();
    let item = |script: &str, group: i64| json!({"Script": script, "Group": group, "Parallel": true});
    let playbook = json!({"Name": "p", "Sequence": [
        {"Script": "0100"}, item("0400", 1), item("0600", 1), item("0500", 2),
        {"Script": "0200", "Group": 2}, {"Script": "0300"}
    ]});
    let plan = planned(&root, playbook, json!({"maxConcurrency": 4})).expect("a plan");
    let after: Vec<&[usize]> = plan.jobs.iter().map(|job| job.after.as_slice()).collect();
    let expected: [&[usize]; 6] = [&[], &[0], &[0], &[1, 2], &[3], &[4]];
    assert_eq!(after, expected);
}

#[test]
fn an_item_of_a_parallel_list_that_must_not_runs_alone_in_its_place() {
    let root = project();
    let playbook = json!({"Name": "p", "Options": {"Parallel": true}, "Sequence": [
        {"Script": "0100"}, {"Script": "0400"}, {"Script": "0600", "Parallel": false}, {"Script": "0500"}
    ]});
    let plan = planned(&root, playbook, json!({"maxConcurrency": 4})).expect("a plan");
    let after: Vec<&[usize]> = plan.jobs.iter().map(|job| job.after.as_slice()).collect();
    let expected: [&[usize]; 4] = [&[], &[], &[0, 1], &[2]];
    assert_eq!(after, expected);
    assert!(plan.jobs[2].alone);
}

#[test]
fn what_is_not_honoured_yet_is_said_once_with_its_place() {
    let root = project();
    let stage = |name: &str| json!({"name": name, "description": "d", "sequences": ["0100"], "cache": {"inputs": ["src/**"]}, "concurrency": {"group": "g", "maxConcurrency": 1}});
    let mut playbook = v2(json!([stage("A"), stage("B")]));
    playbook["secrets"] = json!(["Token"]);
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    let texts: Vec<(Level, &str)> = plan.messages.iter().map(|one| (one.level, one.text.as_str())).collect();
    let warned = |text: &str| {
        texts.iter().filter(|(level, one)| *level == Level::Warning && one.contains(text)).count()
    };
    assert_eq!(warned("secrets"), 0, "masked: {texts:?}");
    assert_eq!(warned(".cache"), 0, "followed: {texts:?}");
    assert_eq!(warned("concurrency"), 0, "all of it is honoured: {texts:?}");
    assert_eq!(plan.groups[0].max_parallel, Some(1));
    let group = |at: usize| plan.groups[at].concurrency.as_ref().map(|turns| turns.group.as_str());
    assert_eq!((group(0), group(1)), (Some("g"), Some("g")));

    let list = json!({
        "Name": "p", "Sequence": [{"Script": "0100"}],
        "Options": {"GenerateSummary": true, "SummaryPath": "x.md"},
        "Artifacts": {"Required": ["reports/*.md"]}
    });
    let plan = planned(&root, list, json!({})).expect("a plan");
    let level = |text: &str| plan.messages.iter().find(|one| one.text.contains(text)).map(|one| one.level);
    assert_eq!(level("generateSummary"), None, "a summary is written: {:?}", plan.messages);
    assert_eq!(level("artifacts: "), Some(Level::Warning));
}

#[test]
fn a_playbook_that_is_not_fail_fast_goes_on() {
    let root = project();
    let mut playbook = v2(json!([
        {"name": "A", "description": "d", "sequences": ["0100"]},
        {"name": "B", "description": "d", "sequences": ["0400"]}
    ]));
    playbook["orchestration"]["failFast"] = json!(false);
    let played = failing(&planned(&root, playbook.clone(), json!({})).expect("a plan"), &["0100"]);
    assert_eq!(statuses(&played), [("0100", Failure), ("0400", Success)]);
    assert_ne!(played.exit_code, 0);
    playbook["orchestration"]["failFast"] = json!(true);
    playbook["orchestration"]["defaults"] = json!({"continueOnError": true, "timeout": 9, "retries": 1});
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    assert_eq!((plan.jobs[0].timeout, plan.jobs[0].retries), (Some(9.0), 1));
    assert_eq!(failing(&plan, &["0100"]).exit_code, 0);
}

#[test]
fn a_profile_selects_items_of_a_list_by_their_labels() {
    let root = project();
    let playbook = json!({
        "Name": "p",
        "Sequence": [{"Script": "0100", "Stage": "Set up"}, {"Script": "0400", "Stage": "Test"}, {"Script": "0300"}],
        "Profiles": {"only": {"Stages": ["test"]}, "but": {"ExcludeStages": ["Test"]}}
    });
    let numbers = |profile: &str| {
        let plan = planned(&root, playbook.clone(), json!({"profile": profile})).expect("a plan");
        plan.jobs.into_iter().map(|job| job.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers("only"), ["0400"]);
    assert_eq!(numbers("but"), ["0100", "0300"]);
}

/// The value of `x` where it is set at these levels, the lowest first.
fn value_of(levels: &[&str]) -> Value {
    let root = project();
    let set = |level: &str| levels.contains(&level);
    let mut stage = json!({"name": "A", "description": "d", "steps": [{"name": "s", "run": "0100"}]});
    let mut playbook = v2(json!([]));
    let mut extra = json!({});
    if set("default") {
        playbook["orchestration"]["defaultVariables"] = json!({"x": "default"});
    }
    let mut profile = json!({"description": "d"});
    if set("profile") {
        profile["variables"] = json!({"X": "profile"});
    }
    if set("override") {
        profile["overrides"] = json!({"x": "override"});
    }
    playbook["orchestration"]["profiles"] = json!({"p": profile});
    extra["profile"] = json!("p");
    if set("stage") {
        stage["variables"] = json!({"x": "stage"});
    }
    if set("step") {
        stage["steps"][0]["with"] = json!({"X": "step"});
    }
    if set("caller") {
        extra["variables"] = json!({"x": "caller"});
    }
    if set("stage matrix") {
        stage["strategy"] = json!({"matrix": {"x": ["stage matrix"]}});
    }
    if set("matrix") {
        extra["matrix"] = json!({"x": ["matrix"]});
    }
    playbook["orchestration"]["stages"] = json!([stage]);
    let plan = planned(&root, playbook, extra).expect("a plan");
    let parameters = &plan.jobs[0].parameters;
    assert_eq!(parameters.len(), 1, "names have no case: {parameters:?}");
    parameters.values().next().cloned().expect("a value")
}

macro_rules! precedence {
    ($($name:ident: $lower:literal < $higher:literal;)*) => {
        $(#[test]
        fn $name() {
            assert_eq!(value_of(&[$lower]), json!($lower));
            assert_eq!(value_of(&[$lower, $higher]), json!($higher));
        })*
    };
}

precedence! {
    a_profile_variable_hides_a_playbook_default: "default" < "profile";
    a_profile_override_hides_a_profile_variable: "profile" < "override";
    a_stage_variable_hides_a_profile_override: "override" < "stage";
    a_step_parameter_hides_a_stage_variable: "stage" < "step";
    the_callers_variable_hides_a_step_parameter: "step" < "caller";
    the_stages_matrix_hides_the_callers_variable: "caller" < "stage matrix";
    the_callers_matrix_hides_the_callers_variable: "caller" < "matrix";
}

#[test]
fn every_level_at_once_is_the_highest() {
    let levels = ["default", "profile", "override", "stage", "step", "caller", "matrix"];
    for most in 1..=levels.len() {
        assert_eq!(value_of(&levels[..most]), json!(levels[most - 1]));
    }
}

#[test]
fn inline_text_takes_plain_values_and_nothing_that_could_be_code() {
    let root = project();
    let playbook = |value: Value| {
        let mut playbook = v3(json!({
            "a": {
                "name": "A",
                "strategy": {"matrix": {"os": ["linux"]}},
                "steps": [{"name": "s", "shell": "bash", "script": "echo {{word}} ${{ matrix.os }}"}]
            }
        }));
        playbook["orchestration"]["defaultVariables"] = json!({"word": value});
        playbook
    };
    let plan = planned(&root, playbook(json!("v1.2-rc_3")), json!({})).expect("a plan");
    assert_eq!(plan.jobs[0].text.as_deref(), Some("echo v1.2-rc_3 linux"));
    for hostile in ["; rm x", "$(id)", "`id`", "a b", "-rf", "'", "\"", "a\nb", "$HOME", "&", "{{word}}"] {
        let problem = planned(&root, playbook(json!(hostile)), json!({})).expect_err("an error");
        assert_eq!(problem.code, "expression.not-plain", "{hostile}");
    }
}

#[test]
fn a_matrix_job_sees_its_place_before_and_during_the_run() {
    let root = project();
    let playbook = v3(json!({
        "make": {"steps": [{"name": "m", "run": "0400"}]},
        "build": {
            "needs": ["make"],
            "strategy": {"matrix": {"n": ["a", "b", "c"]}, "fail-fast": false, "max-parallel": 2},
            "steps": [{
                "name": "s", "run": "0100", "if": "${{ strategy.job-index < 2 }}",
                "with": {
                    "early": "${{ strategy.job-index }} of ${{ strategy.job-total }}",
                    "late": "${{ strategy.max-parallel }} ${{ strategy.fail-fast }} ${{ needs.make.result }}"
                }
            }]
        },
        "plain": {"steps": [{"name": "s", "run": "0200", "with": {"place": "${{ toJSON(strategy) }}"}}]}
    }));
    let plan = planned(&root, playbook, json!({"maxConcurrency": 4})).expect("a plan");
    let place = plan.jobs[2].strategy.map(|strategy| json!(strategy));
    assert_eq!(place, Some(json!({"jobIndex": 1, "jobTotal": 3, "failFast": false, "maxParallel": 2})));
    let played = failing(&plan, &[]);
    let of_build: Vec<Value> = played
        .parameters
        .iter()
        .filter(|values| values.contains_key("early"))
        .map(|values| json!([values["early"], values["late"]]))
        .collect();
    assert_eq!(json!(of_build), json!([["0 of 3", "2 false success"], ["1 of 3", "2 false success"]]));
    let alone: Value =
        serde_json::from_str(plan.jobs[4].parameters["place"].as_str().expect("a text")).expect("JSON");
    assert_eq!(alone, json!({"job-index": 0, "job-total": 1, "fail-fast": true, "max-parallel": 1}));
}

#[test]
fn the_callers_matrix_counts_its_copies() {
    let root = project();
    let playbook = v2(json!([
        {"name": "A", "description": "d", "sequences": ["0100"], "variables": {"at": "${{ strategy.job-index }}"}},
        {"name": "B", "description": "d", "sequences": ["0400"], "strategy": {"matrix": {"n": [1, 2]}},
         "variables": {"at": "${{ strategy.job-total }}"}}
    ]));
    let plan = planned(&root, playbook, json!({"matrix": {"os": ["a", "b", "c"]}})).expect("a plan");
    let places: Vec<Value> = plan
        .jobs
        .iter()
        .filter_map(|job| {
            job.strategy
                .map(|place| json!([job.matrix_id, place.job_index, place.job_total, job.parameters["at"]]))
        })
        .collect();
    assert_eq!(
        json!(places),
        json!([
            ["os=a", 0, 3, 0],
            ["os=a,n=1", 0, 2, 2],
            ["os=a,n=2", 1, 2, 2],
            ["os=b", 1, 3, 1],
            ["os=b,n=1", 0, 2, 2],
            ["os=b,n=2", 1, 2, 2],
            ["os=c", 2, 3, 2],
            ["os=c,n=1", 0, 2, 2],
            ["os=c,n=2", 1, 2, 2]
        ])
    );
}

#[test]
fn what_needs_a_process_gets_one_and_a_step_may_say_where_it_runs() {
    let root = project();
    let process = |steps: Value, extra: Value, request: Value| {
        let mut job = json!({"steps": steps});
        job.as_object_mut().expect("a job").extend(extra.as_object().expect("fields").clone());
        let mut playbook = v3(json!({"a": job}));
        playbook["orchestration"]["defaults"] = json!({"shell": "pwsh"});
        let plan = planned(&root, playbook, request).expect("a plan");
        let shown = |job: &aither_orchestration::plan::Job| match (job.isolation, job.alone) {
            (Isolation::Process, false) => "process",
            (Isolation::Runspace, false) => "runspace",
            (Isolation::Runspace, true) => "alone",
            (Isolation::Process, true) => "process alone",
        };
        plan.jobs.iter().map(shown).collect::<Vec<_>>()
    };
    let steps = json!([
        {"run": "0100"},
        {"run": "0100", "env": {"A": "b"}},
        {"run": "0100", "workingDirectory": "sub"},
        {"run": "0100", "env": {"A": "b"}, "isolation": "Runspace"},
        {"run": "0100", "isolation": "process"},
        {"run": "0100", "shell": "bash"},
        {"script": "1"},
        {"script": "1", "shell": "pwsh"},
        {"script": "1", "shell": "pwsh", "isolation": "runspace"},
        {"script": "1", "shell": "bash", "isolation": "runspace"},
        {"script": "Add-Content $env:GITHUB_OUTPUT 'a=1'"},
        {"script": "1"}
    ]);
    assert_eq!(
        process(steps, json!({}), json!({})),
        [
            "runspace", "process", "process", "alone", "process", "runspace", "runspace", "process",
            "runspace", "process", "process", "runspace"
        ]
    );
    let steps = json!([
        {"script": "'A=1' >> $env:GITHUB_ENV"}, {"run": "0100"}, {"script": "1"}, {"run": "0400", "isolation": "runspace"}
    ]);
    let behind = process(steps, json!({}), json!({}));
    assert_eq!(behind, ["process", "process", "process", "runspace"], "they see what GITHUB_ENV has set");
    let two = || json!([{"run": "0100"}, {"run": "0400", "isolation": "runspace"}]);
    assert_eq!(process(two(), json!({"isolation": "process"}), json!({})), ["process", "runspace"]);
    assert_eq!(process(two(), json!({}), json!({"isolation": "process"})), ["process", "runspace"]);
    assert_eq!(process(two(), json!({"env": {"A": 1}}), json!({})), ["process", "alone"]);
}

#[test]
fn an_isolation_that_there_is_not_is_named() {
    let root = project();
    let playbook = v3(json!({"a": {"steps": [{"run": "0100", "isolation": "container"}]}}));
    let problem = planned(&root, playbook, json!({})).expect_err("an error");
    assert!(problem.message.contains("Runspace or Process"), "{}", problem.message);
    assert!(problem.message.contains("orchestration.jobs.a.steps[0].isolation"), "{}", problem.message);
}
