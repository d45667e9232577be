//! Playbooks from their text to the end of a run, with workers that only say how a script ended.

use aither_orchestration::{
    error::Problem,
    plan::{plan, Plan, PlanRequest},
    run::{JobStatus, Next, Report, Run, RunStatus, StartRequest},
};
use serde_json::{json, Map, Value};
use std::{fs, time::Duration};
use tempfile::TempDir;

const SCRIPTS: &[(&str, &str)] = &[
    ("0100_Install-Tools.ps1", ""),
    ("0200_Build-Code.ps1", "# Dependencies: Tools\n"),
    ("0300_Test-Code.ps1", "# Dependencies: 0200\n"),
    ("0400_Measure-Code.ps1", ""),
    ("0500_Clear-Windows.ps1", "# Condition: IsWindows -eq $true -and IsLinux -eq $true\n"),
    ("0600_Publish-Code.ps1", "# Condition: $Environment -eq 'Production'\n"),
];

fn project() -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("automation-scripts");
    fs::create_dir(&folder).expect("a script folder");
    for (name, header) in SCRIPTS {
        fs::write(folder.join(name), header).expect("a script");
    }
    root
}

fn planned(root: &TempDir, playbook: Value, extra: Value) -> Result<Plan, Problem> {
    let source =
        if playbook.get("Sequence").is_some() || playbook.get("Scripts").is_some() { "psd1" } else { "json" };
    let mut request =
        json!({"root": root.path(), "playbook": {"document": playbook, "path": "p.json", "source": source}});
    for (name, value) in extra.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    let request: PlanRequest = serde_json::from_value(request).expect("a request");
    plan(&request).map_err(Problem::from)
}

fn v2(stages: Value) -> Value {
    json!({
        "metadata": {"name": "p", "description": "A playbook for tests", "version": "1.0.0", "category": "testing"},
        "orchestration": {"stages": stages}
    })
}

fn v3(jobs: Value) -> Value {
    json!({
        "metadata": {"name": "p", "description": "A playbook for tests", "version": "1.0.0", "category": "testing"},
        "orchestration": {"jobs": jobs}
    })
}

/// What a run came to: the numbers in the order they were started, and every job's status.
struct Played {
    started: Vec<String>,
    parameters: Vec<Map<String, Value>>,
    statuses: Vec<(String, JobStatus)>,
    reasons: Vec<Option<String>>,
    errors: Vec<Option<String>>,
    exit_code: i32,
    status: RunStatus,
}

/// Runs a plan one job at a time; `ends` says how a start of a number ends.
fn play(plan: &Plan, mut ends: impl FnMut(&Run, usize, &str, u64) -> Report) -> Played {
    let request = json!({"plan": plan});
    let run = Run::start(serde_json::from_value::<StartRequest>(request).expect("a request")).expect("a run");
    let mut played = Played {
        started: Vec::new(),
        parameters: Vec::new(),
        statuses: Vec::new(),
        reasons: Vec::new(),
        errors: Vec::new(),
        exit_code: 0,
        status: RunStatus::Running,
    };
    loop {
        match run.next_job(Some(Duration::from_secs(20))) {
            Next::Job(text) => {
                let job: Value = serde_json::from_str(&text).expect("JSON");
                let number = job["number"].as_str().expect("a number").to_owned();
                let at = job["job"].as_u64().expect("a job") as usize;
                let report = ends(&run, at, &number, job["attempt"].as_u64().expect("an attempt"));
                played.parameters.push(job["parameters"].as_object().cloned().expect("parameters"));
                played.started.push(number);
                run.finish_job(at, report).expect("an end");
            }
            Next::End => break,
            Next::Timeout => panic!("the run hangs after {:?}", played.started),
        }
    }
    let result = run.result();
    for job in result.jobs {
        played.statuses.push((job.number, job.status.expect("a status")));
        played.reasons.push(job.reason);
        played.errors.push(job.error.map(|error| error.message));
    }
    played.exit_code = result.exit_code;
    played.status = result.status;
    played
}

fn good() -> Report {
    Report::default()
}

fn bad() -> Report {
    Report { exit_code: 3, ..Report::default() }
}

/// Everything succeeds but these numbers.
fn failing(plan: &Plan, bad_numbers: &[&str]) -> Played {
    play(plan, |_, _, number, _| if bad_numbers.contains(&number) { bad() } else { good() })
}

fn statuses(played: &Played) -> Vec<(&str, JobStatus)> {
    played.statuses.iter().map(|(number, status)| (number.as_str(), *status)).collect()
}

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

#[test]
fn a_job_that_runs_out_of_time_is_stopped_and_reported_so() {
    let root = project();
    let playbook = json!({"Name": "p", "Sequence": [{"Script": "0100", "Timeout": 1}, "0400"]});
    let mut plan = planned(&root, playbook, json!({})).expect("a plan");
    assert_eq!(plan.jobs[0].timeout, Some(1.0));
    plan.jobs[0].timeout = Some(0.001);
    let played = play(&plan, |run, _, _, _| {
        // The engine asks for it to be stopped; until then it does not end.
        while let aither_orchestration::run::NextEvents::Signals(signals) =
            run.events(Duration::from_secs(20))
        {
            if json!(signals.events).to_string().contains("JobStopRequested") {
                break;
            }
        }
        Report { stopped: true, ..Report::default() }
    });
    assert_eq!(statuses(&played), [("0100", TimedOut), ("0400", Cancelled)]);
    assert_eq!(played.exit_code, 124);
    assert!(played.errors[0].as_deref().is_some_and(|error| error.contains("ran out of time")));
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
