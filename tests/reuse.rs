//! Playbooks that use playbooks, from their text to the end of a run.

mod playing;

use aither_orchestration::{
    plan::{Level, Plan},
    run::{JobStatus, RunStatus},
};
use playing::{failing, good, planned, play, project, statuses, v2, v3};
use serde_json::{json, Value};
use std::fs;
use tempfile::TempDir;
use JobStatus::{Cancelled, Failure, Skipped, Success};

/// Puts a playbook where the project keeps them.
fn keep(root: &TempDir, name: &str, playbook: &Value) {
    let file = root.path().join("orchestration/playbooks").join(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, playbook.to_string()).expect("a file");
}

fn sequence(name: &str, numbers: Value) -> Value {
    json!({"name": name, "description": "d", "sequences": numbers})
}

/// A project with a playbook `inner` of two stages: 0100, then 0400.
fn with_inner() -> TempDir {
    let root = project();
    keep(
        &root,
        "inner.json",
        &v2(json!([sequence("first", json!(["0100"])), sequence("second", json!(["0400"]))])),
    );
    root
}

fn using(extra: Value) -> Value {
    let mut stage = json!({"name": "outer", "description": "d", "uses": "inner"});
    for (name, value) in extra.as_object().into_iter().flatten() {
        stage[name] = value.clone();
    }
    v2(json!([sequence("before", json!(["0200"])), stage, sequence("after", json!(["0300"]))]))
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.groups.iter().map(|group| group.id.as_str()).collect()
}

fn starts(root: &TempDir, playbook: Value, bad: &[&str]) -> Vec<String> {
    failing(&planned(root, playbook, json!({})).expect("a plan"), bad).started
}

#[test]
fn a_stage_is_replaced_by_the_stages_of_the_playbook_it_uses() {
    let root = with_inner();
    let plan = planned(&root, using(json!({})), json!({})).expect("a plan");
    assert_eq!(ids(&plan), ["before", "outer", "outer/first", "outer/second", "after"]);
    assert_eq!(failing(&plan, &[]).started, ["0200", "0100", "0400", "0300"]);
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
}

#[test]
fn it_is_found_by_name_and_by_path_with_and_without_extension() {
    let root = with_inner();
    keep(&root, "core/deep.json", &v2(json!([sequence("only", json!(["0600", "0400"]))])));
    for name in ["inner", "INNER", "inner.json", "./inner.json", "orchestration/playbooks/inner.json"] {
        let plan = planned(&root, using(json!({"uses": name})), json!({})).expect(name);
        assert_eq!(plan.total, 4, "{name}");
    }
    assert_eq!(planned(&root, using(json!({"uses": "core/deep"})), json!({})).expect("a plan").total, 4);
    let problem = planned(&root, using(json!({"uses": "iner"})), json!({})).expect_err("an error");
    assert_eq!(problem.code, "playbook.not-found");
    assert_eq!(problem.place.as_deref(), Some("orchestration.stages[1].uses"));
    assert_eq!(problem.hint.as_deref(), Some("Did you mean inner?"));
}

#[test]
fn a_data_file_is_asked_for_and_then_taken_from_the_request() {
    let root = project();
    keep(&root, "inner.psd1", &json!("not read by anyone"));
    let problem = planned(&root, using(json!({})), json!({})).expect_err("an error");
    let path = problem.place.expect("a path");
    assert_eq!(problem.code, "playbook.unread");
    assert!(path.ends_with("inner.psd1"), "{path}");
    let documents = json!({path: {"Name": "inner", "Sequence": [{"Script": "0400"}, {"Script": "0100"}]}});
    let plan = planned(&root, using(json!({})), json!({"documents": documents})).expect("a plan");
    assert_eq!(failing(&plan, &[]).started, ["0200", "0400", "0100", "0300"]);
}

#[test]
fn a_job_that_uses_a_playbook_is_needed_as_a_whole() {
    let root = with_inner();
    let playbook = v3(json!({
        "last": {"name": "Last", "needs": ["outer"], "steps": [{"name": "s", "run": "0300"}]},
        "cleanup": {"name": "Cleanup", "needs": ["outer"], "if": "always()", "steps": [{"name": "s", "run": "0600"}]},
        "outer": {"name": "Outer", "needs": ["build"], "uses": "inner"},
        "build": {"name": "Build", "steps": [{"name": "s", "run": "0200"}]}
    }));
    assert_eq!(starts(&root, playbook.clone(), &[]), ["0200", "0100", "0400", "0300"]);
    let going_on = json!({"continueOnError": true, "conditions": {"Environment": "Production"}});
    let plan = planned(&root, playbook.clone(), going_on.clone()).expect("a plan");
    let late = failing(&plan, &["0400"]);
    assert_eq!(late.started, ["0200", "0100", "0400", "0600"]);
    let reason = late.reasons[4].as_deref().or(late.reasons[3].as_deref());
    assert_eq!(reason, Some("it needs outer, which did not succeed"));
    let early = failing(&planned(&root, playbook, going_on).expect("a plan"), &["0200"]);
    assert_eq!(early.started, ["0200", "0600"], "what the outer job needs, everything inside needs");
}

#[test]
fn a_step_that_uses_a_playbook_keeps_its_place_among_the_steps() {
    let root = with_inner();
    let playbook = |condition: Value| {
        v3(json!({"job": {"name": "Job", "outputs": {"v": "${{ steps.use.outputs.v }}"}, "steps": [
            {"name": "a", "run": "0200"},
            {"id": "use", "name": "b", "if": condition, "uses": "inner"},
            {"id": "c", "name": "c", "run": "0300", "with": {"Text": "${{ steps.use.outputs.v }}", "How": "${{ steps.use.outcome }}"}},
            {"name": "d", "if": "failure()", "run": "0600"}
        ]}, "next": {"name": "N", "needs": ["job"], "if": "jobs.job.outputs.v == 7", "steps": [{"name": "n", "run": "0400"}]}}))
    };
    let plan = planned(&root, playbook(json!("true")), json!({})).expect("a plan");
    assert_eq!(ids(&plan), ["job", "job/use", "job/use/first", "job/use/second", "next"]);
    let played = play(&plan, |run, job, number, _| {
        if number == "0400" {
            run.output(job, "v", json!(7)).expect("an output");
        }
        good()
    });
    assert_eq!(played.started, ["0200", "0100", "0400", "0300", "0400-2"]);
    assert_eq!(played.parameters[3], *json!({"Text": 7, "How": "success"}).as_object().expect("a table"));

    let skipped = failing(&planned(&root, playbook(json!("1 == 2")), json!({})).expect("a plan"), &[]);
    assert_eq!(skipped.started, ["0200", "0300"], "a step may follow one that its condition skips");
    let going_on = json!({"continueOnError": true, "conditions": {"Environment": "Production"}});
    let plan = planned(&root, playbook(json!("true")), going_on).expect("a plan");
    let failed = failing(&plan, &["0100"]);
    assert_eq!(failed.started, ["0200", "0100", "0400", "0600"], "failure() sees inside");
}

#[test]
fn a_step_of_a_list_and_a_job_of_a_parallel_group_use_playbooks_too() {
    let root = with_inner();
    let list = json!({"Name": "p", "Sequence": [{"Script": "0200"}, {"Uses": "inner"}, {"Script": "0300"}]});
    assert_eq!(starts(&root, list, &[]), ["0200", "0100", "0400", "0300"]);
    let group = v2(json!([
        {"name": "group", "description": "d", "type": "parallel-group", "jobs": [
            {"name": "one", "uses": "inner"},
            {"name": "two", "sequences": ["0600"], "condition": "1 == 2"}
        ]},
        sequence("after", json!(["0300"]))
    ]));
    let plan = planned(&root, group, json!({})).expect("a plan");
    assert_eq!(
        ids(&plan),
        ["group", "group/one", "group/one/first", "group/one/second", "group/two", "after"]
    );
    let played = failing(&plan, &[]);
    assert_eq!(
        statuses(&played),
        [("0100", Success), ("0400", Success), ("0600", Skipped), ("0300", Success)]
    );
}

/// A playbook `typed` that takes inputs and hands them to 0400.
fn with_typed() -> TempDir {
    let root = project();
    let mut typed = v2(json!([{
        "name": "only", "description": "d", "sequences": ["0400"], "condition": "inputs.count > 1",
        "variables": {"text": "n={{count}}", "same": "${{ inputs.count }}"}
    }]));
    typed["inputs"] = json!({
        "count": {"type": "number", "required": true},
        "dry": {"type": "boolean", "default": true},
        "label": {"type": "string", "default": "x"}
    });
    typed["orchestration"]["defaultVariables"] = json!({"own": "{{label}}!"});
    keep(&root, "typed.json", &typed);
    root
}

#[test]
fn inputs_are_typed_variables_and_nothing_else_of_the_caller_is_seen() {
    let root = with_typed();
    let mut playbook =
        using(json!({"uses": "typed", "with": {"count": "{{n}}", "dry": "false", "label": "{{secret}}"}}));
    playbook["orchestration"]["defaultVariables"] = json!({"n": 3, "secret": "plain"});
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    let expected =
        json!({"own": "plain!", "count": 3, "dry": false, "label": "plain", "text": "n=3", "same": 3});
    assert_eq!(json!(plan.jobs[1].parameters), expected);
    assert_eq!(failing(&plan, &[]).started, ["0200", "0400", "0300"]);
    let few =
        planned(&root, using(json!({"uses": "typed", "with": {"count": 1}})), json!({})).expect("a plan");
    assert_eq!(failing(&few, &[]).started, ["0200", "0300"], "the condition reads the input");
}

#[test]
fn wrong_inputs_are_named_and_nothing_starts() {
    let root = with_typed();
    let cases = [
        (json!({}), "playbook.missing-input", "'count'"),
        (json!({"count": 1, "cuont": 2}), "playbook.unknown-input", "'cuont'"),
        (json!({"count": "many"}), "playbook.input-type", "must be a number"),
        (json!({"count": 1, "dry": "perhaps"}), "playbook.input-type", "must be true or false"),
    ];
    for (with, code, text) in cases {
        let playbook = using(json!({"uses": "typed", "with": with}));
        let problem = planned(&root, playbook, json!({})).expect_err("an error");
        assert_eq!(problem.code, code, "{}", problem.message);
        assert!(problem.message.contains(text), "{}", problem.message);
        assert!(problem.place.is_some_and(|place| place.starts_with("orchestration.stages[1].")));
    }
}

#[test]
fn inputs_of_the_outermost_playbook_are_variables_of_the_run() {
    let root = with_typed();
    let text = fs::read_to_string(root.path().join("orchestration/playbooks/typed.json")).expect("a text");
    let typed: Value = serde_json::from_str(&text).expect("JSON");
    let problem = planned(&root, typed.clone(), json!({})).expect_err("an error");
    assert_eq!(
        (problem.code, problem.hint.as_deref()),
        ("playbook.missing-input", Some("Pass it: -Variables @{ count = … }."))
    );
    let wrong = planned(&root, typed.clone(), json!({"variables": {"count": "many"}})).expect_err("an error");
    assert_eq!(wrong.code, "playbook.input-type");
    let plan = planned(&root, typed, json!({"variables": {"count": 2}})).expect("a plan");
    let played = failing(&plan, &[]);
    assert_eq!(json!(played.parameters[0]["label"]), json!("x"));
    assert_eq!(json!(played.parameters[0]["same"]), json!(2));
}

#[test]
fn ten_levels_are_nested_and_eleven_refused() {
    let root = project();
    let level =
        |n: usize| v2(json!([{"name": format!("s{n}"), "description": "d", "uses": format!("l{}", n + 1)}]));
    (1..11).for_each(|n| keep(&root, &format!("l{n}.json"), &level(n)));
    keep(&root, "l10.json", &v2(json!([sequence("end", json!(["0400"]))])));
    let plan = planned(&root, level(0), json!({})).expect("a plan");
    assert_eq!(plan.groups.last().map(|group| group.id.as_str()), Some("s0/s1/s2/s3/s4/s5/s6/s7/s8/s9/end"));
    assert_eq!(failing(&plan, &[]).started, ["0400"]);
    keep(&root, "l10.json", &level(10));
    keep(&root, "l11.json", &v2(json!([sequence("end", json!(["0400"]))])));
    let problem = planned(&root, level(0), json!({})).expect_err("an error");
    assert_eq!(problem.code, "playbook.too-deep");
    assert!(problem.message.ends_with("l9 → l10 → l11"), "{}", problem.message);
}

#[test]
fn a_loop_is_printed() {
    let root = project();
    let using = |name: &str| v2(json!([{"name": "s", "description": "d", "uses": name}]));
    keep(&root, "a.json", &using("deep/b"));
    keep(&root, "deep/b.json", &using("c"));
    keep(&root, "c.json", &using("a.json"));
    let problem = planned(&root, using("a"), json!({})).expect_err("an error");
    assert_eq!(problem.code, "playbook.loop");
    assert!(problem.message.ends_with("in a circle: a → deep/b → c → a"), "{}", problem.message);
}

#[test]
fn playbooks_that_multiply_are_refused_in_good_time() {
    let root = project();
    for n in 0..8 {
        let stages: Vec<Value> = (0..10)
            .map(|s| json!({"name": format!("s{s}"), "description": "d", "uses": format!("m{}", n + 1)}))
            .collect();
        keep(&root, &format!("m{n}.json"), &v2(json!(stages)));
    }
    keep(&root, "m8.json", &v2(json!([sequence("end", json!(["0400"]))])));
    let playbook = v2(json!([{"name": "s", "description": "d", "uses": "m0"}]));
    assert_eq!(planned(&root, playbook, json!({})).expect_err("an error").code, "plan.too-many-groups");
}

#[test]
fn a_false_condition_skips_everything_inside_and_says_which() {
    let root = with_inner();
    let plan = planned(&root, using(json!({"condition": "1 == 2"})), json!({})).expect("a plan");
    let played = failing(&plan, &[]);
    assert_eq!(
        statuses(&played),
        [("0200", Success), ("0100", Skipped), ("0400", Skipped), ("0300", Success)]
    );
    for reason in &played.reasons[1..3] {
        assert_eq!(reason.as_deref(), Some("the condition of outer does not hold: 1 == 2"));
    }
    assert_eq!(played.exit_code, 0);
}

#[test]
fn always_inside_does_not_outlive_a_condition_around_it() {
    let root = project();
    let inner = v3(json!({
        "a": {"name": "A", "steps": [{"name": "s", "run": "0100"}]},
        "b": {"name": "B", "needs": ["a"], "if": "always()", "steps": [{"name": "s", "run": "0400"}]},
        "c": {"name": "C", "needs": ["a"], "if": "failure()", "steps": [{"name": "s", "run": "0600"}]}
    }));
    keep(&root, "inner.json", &inner);
    assert_eq!(starts(&root, using(json!({"condition": "1 == 2"})), &[]), ["0200", "0300"]);
    let production = json!({"conditions": {"Environment": "Production"}});
    let plan = planned(&root, using(json!({"continueOnError": true})), production).expect("a plan");
    let failed = failing(&plan, &["0100"]);
    assert_eq!(failed.started, ["0200", "0100", "0400", "0600", "0300"]);
    let before = planned(&root, using(json!({})), json!({"continueOnError": true})).expect("a plan");
    let before = failing(&before, &["0200"]);
    assert!(!before.started.contains(&"0600".to_owned()), "failure() is about the playbook it stands in");
}

#[test]
fn a_broken_condition_fails_the_run_and_everything_inside() {
    let root = with_inner();
    let plan = planned(&root, using(json!({"condition": "1; Remove-Item x"})), json!({})).expect("a plan");
    assert!(plan.jobs.iter().all(|job| job.group != Some(1)), "the outer group has no job of its own");
    let played = failing(&plan, &[]);
    assert_eq!(played.started, ["0200"]);
    assert_eq!(played.statuses[1].1, Failure);
    assert!(played.errors[1].as_deref().is_some_and(|error| error.contains("the condition of outer")));
    assert_ne!(played.exit_code, 0);
}

#[test]
fn a_tolerant_stage_tolerates_the_playbook_that_it_uses() {
    let root = with_inner();
    let tolerant = planned(&root, using(json!({"continueOnError": true})), json!({})).expect("a plan");
    let played = failing(&tolerant, &["0100"]);
    assert_eq!(
        statuses(&played),
        [("0200", Success), ("0100", Failure), ("0400", Cancelled), ("0300", Success)],
        "its first failure ends the playbook and nothing else"
    );
    assert_eq!((played.exit_code, played.status), (0, RunStatus::Success));
    let strict = failing(&planned(&root, using(json!({})), json!({})).expect("a plan"), &["0100"]);
    assert_eq!(strict.started, ["0200", "0100"]);
    assert_eq!(strict.exit_code, 1);
}

#[test]
fn a_playbook_that_goes_on_does_so_inside_and_fails_what_is_around_it_at_its_end() {
    let root = with_inner();
    let mut inner = v2(json!([sequence("first", json!(["0100"])), sequence("second", json!(["0400"]))]));
    inner["orchestration"]["failFast"] = json!(false);
    keep(&root, "inner.json", &inner);
    let played = failing(&planned(&root, using(json!({})), json!({})).expect("a plan"), &["0100"]);
    assert_eq!(
        statuses(&played),
        [("0200", Success), ("0100", Failure), ("0400", Success), ("0300", Cancelled)]
    );
    assert_eq!(played.exit_code, 1);
}

#[test]
fn a_matrix_copies_the_playbook_and_its_values_win_inside() {
    let root = project();
    let mut inner = v2(json!([sequence("first", json!(["0100"])), sequence("second", json!(["0400"]))]));
    inner["orchestration"]["defaultVariables"] = json!({"n": 0, "own": "v{{n}}"});
    keep(&root, "inner.json", &inner);
    let outer =
        |fail_fast: bool| using(json!({"strategy": {"matrix": {"n": [1, 2]}, "failFast": fail_fast}}));
    let plan = planned(&root, outer(true), json!({})).expect("a plan");
    assert_eq!(
        ids(&plan)[1..6],
        ["outer", "outer (n=1)", "outer (n=1)/first", "outer (n=1)/second", "outer (n=2)"]
    );
    assert_eq!(json!(plan.jobs[3].parameters), json!({"n": 2, "own": "v2"}));
    let numbers: Vec<&str> = plan.jobs.iter().map(|job| job.number.as_str()).collect();
    assert_eq!(numbers, ["0200", "0100-matrix-1", "0400-matrix-2", "0100-matrix-3", "0400-matrix-4", "0300"]);
    assert_eq!(failing(&plan, &[]).started[5], "0300", "what follows waits for every copy");
    let first = ["0100-matrix-1"];
    let results = |plan: &Plan| {
        failing(plan, &first).statuses.into_iter().map(|(_, status)| status).collect::<Vec<_>>()
    };
    assert_eq!(results(&plan), [Success, Failure, Cancelled, Cancelled, Cancelled, Cancelled]);
    let slow = planned(&root, outer(false), json!({})).expect("a plan");
    assert_eq!(results(&slow), [Success, Failure, Cancelled, Success, Success, Cancelled]);
    let spared =
        using(json!({"strategy": {"matrix": {"n": [1, 2]}}, "continueOnError": "${{ matrix.n == 1 }}"}));
    let spared = planned(&root, spared, json!({})).expect("a plan");
    assert_eq!(results(&spared), [Success, Failure, Cancelled, Success, Success, Success]);
}

#[test]
fn limits_around_and_inside_both_count() {
    let root = project();
    let mut inner = v2(json!([
        {"name": "all", "description": "d", "sequences": ["0100", "0400", "0600"], "parallel": true}
    ]));
    inner["orchestration"]["maxConcurrency"] = json!(2);
    keep(&root, "inner.json", &inner);
    let outer = v2(json!([{"name": "outer", "description": "d", "uses": "inner",
        "strategy": {"matrix": {"n": [1, 2]}, "maxParallel": 3}}]));
    let extra = json!({"maxConcurrency": 9, "conditions": {"Environment": "Production"}});
    let plan = planned(&root, outer, extra).expect("a plan");
    assert_eq!(plan.groups[0].max_parallel, Some(3));
    assert_eq!(plan.groups[1].max_parallel, Some(2));
    let run = aither_orchestration::run::Run::start(
        serde_json::from_value(json!({"plan": plan})).expect("a request"),
    )
    .expect("a run");
    let next = || match run.next_job(Some(std::time::Duration::from_millis(200))) {
        aither_orchestration::run::Next::Job(text) => {
            let job: Value = serde_json::from_str(&text).expect("JSON");
            Some(job["job"].as_u64().expect("a job") as usize)
        }
        _ => None,
    };
    let mut running: Vec<usize> = std::iter::from_fn(next).collect();
    assert_eq!(running.len(), 3, "{running:?}");
    assert!(running.iter().filter(|job| **job < 3).count() <= 2, "{running:?}");
    let mut ended = 0;
    while let Some(job) = running.pop() {
        run.finish_job(job, good()).expect("an end");
        ended += 1;
        running.extend(std::iter::from_fn(next));
        assert!(running.len() <= 3, "{running:?}");
    }
    assert_eq!(ended, 6);
}

#[test]
fn expressions_inside_know_their_own_playbook_only() {
    let root = project();
    let inner = v3(json!({
        "make": {"name": "M", "steps": [{"id": "s", "name": "s", "run": "0100"}]},
        "use": {"name": "U", "needs": ["make"], "if": "needs.make.outputs.v == 5",
                "steps": [{"name": "s", "run": "0400", "with": {"V": "${{ jobs.make.outputs.v }}", "Outer": "${{ jobs.build.result }}"}}]}
    }));
    keep(&root, "inner.json", &inner);
    let outer = v3(json!({
        "build": {"name": "B", "steps": [{"name": "s", "run": "0200"}]},
        "call": {"name": "C", "needs": ["build"], "uses": "inner", "outputs": {"v": "${{ jobs.make.outputs.v }}"}},
        "last": {"name": "L", "needs": ["call"], "steps": [{"name": "s", "run": "0600", "with": {"V": "${{ needs.call.outputs.v }}"}}]}
    }));
    let plan = planned(&root, outer, json!({"conditions": {"Environment": "Production"}})).expect("a plan");
    let played = play(&plan, |run, job, number, _| {
        if number == "0100" {
            run.output(job, "v", json!(5)).expect("an output");
        }
        good()
    });
    assert_eq!(played.started, ["0200", "0100", "0400", "0600"]);
    assert_eq!(played.parameters[2]["V"], json!(5));
    assert_eq!(played.parameters[2]["Outer"], json!(null));
    assert_eq!(played.parameters[3]["V"], json!(5));
}

#[test]
fn a_jobs_time_is_each_combinations_own_with_steps_and_with_a_playbook() {
    let root = project();
    keep(&root, "inner.json", &v2(json!([sequence("first", json!(["0100", "0400"]))])));
    let job = |work: (&str, Value)| {
        let mut job = json!({"name": "B", "timeout": 60, "strategy": {"matrix": {"os": ["a", "b"]}}});
        job[work.0] = work.1;
        planned(&root, v3(json!({"build": job})), json!({})).expect("a plan")
    };
    let timeouts = |plan: &Plan| -> Vec<_> {
        plan.groups
            .iter()
            .map(|group| (group.id.clone(), group.timeout))
            .filter(|(_, t)| t.is_some())
            .collect()
    };
    let steps = job(("steps", json!([{"name": "a", "run": "0100"}])));
    assert_eq!((timeouts(&steps), steps.jobs.len()), (vec![("build".to_owned(), Some(60.0))], 2));
    let used = timeouts(&job(("uses", json!("inner"))));
    let each = ["build (os=a)", "build (os=b)"].map(|id| (id.to_owned(), Some(60.0)));
    assert_eq!(used, each);
}

#[test]
fn settings_of_the_caller_count_where_the_playbook_says_nothing() {
    let root = project();
    let mut own = sequence("own", json!(["0400"]));
    own["timeout"] = json!(5);
    keep(&root, "inner.json", &v2(json!([sequence("first", json!(["0100"])), own])));
    let plan = planned(&root, using(json!({"timeout": 60, "retries": 2, "env": {"A": "1"}})), json!({}))
        .expect("a plan");
    assert_eq!((plan.jobs[1].timeout, plan.jobs[1].retries), (Some(60.0), 2));
    assert_eq!((plan.jobs[2].timeout, plan.jobs[2].retries), (Some(5.0), 2));
    assert!(plan.jobs[1].env.is_empty());
    let told = |message: &&aither_orchestration::plan::Message| message.text.contains("stages[1].env");
    assert_eq!(plan.messages.iter().find(told).map(|message| message.level), Some(Level::Warning));
}

#[test]
fn dependencies_stay_inside_and_what_follows_sees_them() {
    let root = project();
    keep(&root, "inner.json", &v2(json!([sequence("first", json!(["0100", "0200"]))])));
    let plan = planned(&root, using(json!({})), json!({})).expect("a plan");
    let numbers: Vec<&str> = plan.jobs.iter().map(|job| job.number.as_str()).collect();
    assert_eq!(numbers, ["0200", "0100", "0200-2", "0300"]);
    assert_eq!(plan.jobs[2].needs, [1]);
    assert_eq!(plan.jobs[3].needs, [2], "the nearest that ran before");
    assert_eq!(failing(&plan, &[]).exit_code, 0);
}

#[test]
fn the_callers_variables_stay_over_inputs_and_stages_inside() {
    let root = with_typed();
    let playbook = using(json!({"uses": "typed", "with": {"count": 2, "label": "given"}}));
    let plan = planned(&root, playbook.clone(), json!({"variables": {"Count": 9}})).expect("a plan");
    let inside = &plan.jobs[1].parameters;
    assert_eq!(json!([inside["Count"], inside["same"], inside["text"]]), json!([9, 9, "n=9"]));
    let plan = planned(&root, playbook, json!({"matrix": {"label": ["a", "b"]}})).expect("a plan");
    assert_eq!(json!([plan.jobs[1].parameters["own"], plan.jobs[4].parameters["own"]]), json!(["a!", "b!"]));
    assert_eq!(plan.groups[2].id, "outer (label=a)/only");
    assert_eq!(failing(&plan, &[]).exit_code, 0);
}

#[test]
fn values_passed_are_data_and_not_templates() {
    let root = with_typed();
    let playbook = using(json!({"uses": "typed", "with": {"count": 2, "label": "{{danger}}"}}));
    let plan = planned(&root, playbook, json!({"variables": {"danger": "{{count}}"}})).expect("a plan");
    assert_eq!(plan.jobs[1].parameters["label"], json!("{{count}}"));
}
