//! Matrices, calls and settings that only the run can know: planned when their turn has come, and from
//! then on like any other.

mod playing;

use aither_orchestration::run::{JobStatus, Report, Run};
use playing::{bad, good, planned, play, project, statuses, v2, v3, Played};
use proptest::prelude::*;
use serde_json::{json, Value};
use std::fs;
use tempfile::TempDir;

use JobStatus::{Cancelled, Failure, Skipped, Success};

/// The script that hands a value to later jobs.
const MAKE: &str = "0100";

/// Runs a playbook whose script 0100 sets the output `lines`; numbers in `failing` fail.
fn run_with(root: &TempDir, playbook: Value, extra: Value, lines: &Value, failing: &[&str]) -> Played {
    let plan = planned(root, playbook, extra).expect("a plan");
    play(&plan, |run: &Run, job, number, _| {
        if number.starts_with(MAKE) {
            run.output(job, "lines", lines.clone()).expect("an output");
        }
        if failing.contains(&number) {
            bad()
        } else {
            good()
        }
    })
}

fn jobs(matrix: Value) -> Value {
    v3(json!({
        "make": {"steps": [{"name": "m", "id": "m", "run": MAKE}]},
        "build": {
            "needs": ["make"],
            "strategy": {"matrix": matrix},
            "steps": [{"name": "b", "run": "0400", "with": {"place": "${{ strategy.job-index }}/${{ strategy.job-total }}"}}]
        },
        "after": {"needs": ["build"], "steps": [{"name": "a", "run": "0200"}]}
    }))
}

fn ids(played: &Played) -> Vec<Value> {
    let of_build = played.parameters.iter().filter(|values| values.contains_key("place"));
    of_build.map(|values| json!(values)).collect()
}

#[test]
fn a_matrix_of_another_jobs_output_is_expanded_when_its_turn_has_come() {
    let root = project();
    let lines = json!({"os": ["Linux", "Windows"], "n": [7.4]});
    let expected = json!([
        {"os": "Linux", "n": 7.4, "place": "0/2"},
        {"os": "Windows", "n": 7.4, "place": "1/2"}
    ]);
    let text = json!(lines.to_string());
    for (matrix, output) in [
        ("${{ needs.make.outputs.lines }}", &lines),
        ("${{ fromJSON(needs.make.outputs.lines) }}", &text),
        ("${{ fromJSON(jobs.make.outputs.lines) }}", &text),
        ("${{ stages.make.outputs.lines }}", &lines),
    ] {
        let played = run_with(&root, jobs(json!(matrix)), json!({"maxConcurrency": 4}), output, &[]);
        assert_eq!(
            statuses(&played),
            [("0100", Success), ("0400-matrix-1", Success), ("0400-matrix-3", Success), ("0200", Success)],
            "{matrix}"
        );
        assert_eq!(json!(ids(&played)), expected, "{matrix}");
        assert_eq!(played.started.last().map(String::as_str), Some("0200"), "it waits for all of them");
        assert_eq!(played.exit_code, 0);
    }
}

#[test]
fn parts_may_be_late_beside_parts_that_are_not() {
    let root = project();
    let matrix = json!({
        "os": "${{ needs.make.outputs.lines.os }}",
        "level": ["${{ inputs.none }}x", 2],
        "include": "${{ needs.make.outputs.lines.more }}",
        "exclude": [{"os": "b", "level": "${{ needs.make.outputs.lines.not }}"}]
    });
    let lines = json!({"os": ["a", "b"], "more": [{"os": "a", "extra": true}, {"os": "c"}], "not": 2});
    let played = run_with(&root, jobs(matrix), json!({}), &lines, &[]);
    assert_eq!(
        json!(ids(&played)),
        json!([
            {"os": "a", "level": "x", "extra": true, "place": "0/4"},
            {"os": "a", "level": 2, "extra": true, "place": "1/4"},
            {"os": "b", "level": "x", "place": "2/4"},
            {"os": "c", "place": "3/4"}
        ])
    );
}

#[test]
fn what_comes_out_of_a_run_is_data_and_no_template() {
    let root = project();
    let lines = json!({"os": ["${{ needs.make.result }}", "{{PATH}}"]});
    let played = run_with(&root, jobs(json!("${{ needs.make.outputs.lines }}")), json!({}), &lines, &[]);
    let seen: Vec<&Value> = played.parameters.iter().filter_map(|values| values.get("os")).collect();
    assert_eq!(seen, ["${{ needs.make.result }}", "{{PATH}}"]);
}

#[test]
fn a_bad_matrix_fails_its_job_with_the_matrixs_own_words() {
    let root = project();
    let wide: Vec<u32> = (0..257).collect();
    let vast: Vec<u32> = (0..10_000).collect();
    let cases = [
        (json!("Linux"), "matrix.not-object", "fromJSON"),
        (json!(null), "matrix.not-object", "fromJSON"),
        (json!(["a"]), "matrix.not-object", "[\"a\"]"),
        (json!({}), "matrix.empty", "at least one dimension"),
        (json!({"os": []}), "matrix.empty-dimension", "'os'"),
        (json!({"os": null}), "matrix.null-dimension", "'os'"),
        (json!({"a": wide}), "matrix.too-many", "257 jobs"),
        (json!({"a": vast, "b": vast, "c": vast}), "matrix.too-many", "1000000000000 jobs"),
        (json!({"a": [1], "A": [2]}), "matrix.same-name", "only in case"),
        (json!({"a": [1], "exclude": [{"a": 1}]}), "matrix.none-left", "Remove an exclude entry"),
        (json!({"a": [1], "include": [{}]}), "matrix.empty-entry", "include"),
        (json!({"arch": [1], "exclude": [{"arhc": 1}]}), "matrix.unknown-exclude", "Did you mean 'arch'?"),
    ];
    for (lines, code, words) in cases {
        let plan = planned(&root, jobs(json!("${{ needs.make.outputs.lines }}")), json!({})).expect("a plan");
        let mut found = None;
        let played = play(&plan, |run, job, number, _| {
            assert!(!number.starts_with("0400"), "{number} was started");
            run.output(job, "lines", lines.clone()).expect("an output");
            found = Some(number.to_owned());
            good()
        });
        assert_eq!(
            statuses(&played),
            [("0100", Success), ("build-deferred", Failure), ("0200", Skipped)],
            "{code}"
        );
        let error = played.errors[1].clone().unwrap_or_default();
        assert!(error.contains(words), "{code}: {error}");
        assert!(error.contains("build"), "{error}");
        assert_eq!(played.codes[1].as_deref(), Some(code), "{error}");
        assert_eq!(played.exit_code, 1);
    }
}

#[test]
fn an_output_that_is_not_there_says_so() {
    let root = project();
    let plan = planned(&root, jobs(json!("${{ fromJSON(needs.make.outputs.nothing) }}")), json!({}));
    let played = play(&plan.expect("a plan"), |_, _, _, _| good());
    assert_eq!(played.statuses[1].1, Failure);
    let error = played.errors[1].clone().unwrap_or_default();
    assert!(error.contains("matrix of build") && error.contains("fromJSON"), "{error}");
}

#[test]
fn limits_and_fail_fast_hold_for_what_was_added() {
    let root = project();
    let lines = json!({"n": [1, 2, 3, 4]});
    let mut playbook = jobs(json!("${{ needs.make.outputs.lines }}"));
    let build = &mut playbook["orchestration"]["jobs"]["build"];
    build["strategy"]["max-parallel"] = json!(1);
    let first = ["0400-matrix-1"];
    let played = run_with(&root, playbook.clone(), json!({"maxConcurrency": 4}), &lines, &first);
    assert_eq!(
        statuses(&played)[1..],
        [
            ("0400-matrix-1", Failure),
            ("0400-matrix-3", Cancelled),
            ("0400-matrix-4", Cancelled),
            ("0400-matrix-5", Cancelled),
            ("0200", Skipped)
        ]
    );
    assert_eq!(played.exit_code, 1);

    playbook["orchestration"]["jobs"]["build"]["strategy"]["fail-fast"] = json!(false);
    let played = run_with(&root, playbook.clone(), json!({"maxConcurrency": 4}), &lines, &first);
    assert_eq!(played.started, ["0100", "0400-matrix-1", "0400-matrix-3", "0400-matrix-4", "0400-matrix-5"]);
    assert_eq!((played.statuses[5].1, played.exit_code), (Skipped, 1));

    playbook["orchestration"]["jobs"]["build"]["continue-on-error"] = json!("${{ matrix.n == 1 }}");
    let played = run_with(&root, playbook, json!({"maxConcurrency": 4}), &lines, &first);
    assert_eq!((played.statuses[1].1, played.statuses[5].1, played.exit_code), (Failure, Success, 0));
}

#[test]
fn retries_and_outputs_are_those_of_any_job() {
    let root = project();
    let mut playbook = jobs(json!("${{ needs.make.outputs.lines }}"));
    playbook["orchestration"]["jobs"]["build"]["steps"][0]["retries"] = json!(1);
    playbook["orchestration"]["jobs"]["after"]["steps"][0]["with"] =
        json!({"got": "${{ needs.build.outputs.last }} ${{ needs.build.result }}"});
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    let played = play(&plan, |run, job, number, attempt| {
        if number == MAKE {
            run.output(job, "lines", json!({"n": [1, 2]})).expect("an output");
        } else if number.starts_with("0400") {
            run.output(job, "last", json!(number)).expect("an output");
        }
        if number == "0400-matrix-3" && attempt == 1 {
            bad()
        } else {
            good()
        }
    });
    assert_eq!(played.exit_code, 0);
    assert_eq!(played.started, ["0100", "0400-matrix-1", "0400-matrix-3", "0400-matrix-3", "0200"]);
    assert_eq!(played.parameters[4]["got"], "0400-matrix-3 success");
}

#[test]
fn a_condition_decides_before_the_matrix_is_looked_at() {
    let root = project();
    let mut playbook = jobs(json!("${{ needs.make.outputs.lines }}"));
    playbook["orchestration"]["jobs"]["build"]["if"] = json!("${{ needs.make.outputs.lines != null }}");
    let plan = planned(&root, playbook, json!({})).expect("a plan");
    let played = play(&plan, |_, _, _, _| good());
    assert_eq!(statuses(&played), [("0100", Success), ("build-deferred", Skipped), ("0200", Skipped)]);
    assert_eq!(played.exit_code, 0);

    let plan = planned(&root, jobs(json!("${{ needs.make.outputs.lines }}")), json!({})).expect("a plan");
    let played = play(&plan, |_, _, _, _| bad());
    assert_eq!(played.statuses[1].1, Cancelled, "what it needs has failed and ended the run");
}

#[test]
fn stages_and_steps_of_version_2_may_wait_too() {
    let root = project();
    let stages = json!([
        {"name": "Make", "sequences": [MAKE]},
        {"name": "Build", "sequences": ["0200"], "parallel": true,
         "strategy": {"matrix": {"n": "${{ stages.Make.outputs.lines }}"}}},
        {"name": "Test", "sequences": ["0300"]}
    ]);
    let lines = json!([1, 2, 3]);
    let played = run_with(&root, v2(stages.clone()), json!({}), &lines, &[]);
    let expected = ["0100", "0200-matrix-1", "0200-matrix-3", "0200-matrix-4", "0300"];
    assert_eq!(played.started, expected);
    // 0300 depends on 0200, and one of those has failed.
    let going_on = json!({"continueOnError": true});
    let played = run_with(&root, v2(stages), going_on, &lines, &["0200-matrix-3"]);
    assert_eq!(played.statuses[4], ("0300".into(), Skipped), "{:?}", played.reasons[4]);
    assert_eq!(played.exit_code, 10);
}

#[test]
fn each_copy_of_a_playbook_has_a_dynamic_matrix_of_its_own() {
    let root = project();
    let plan = planned(
        &root,
        jobs(json!("${{ needs.make.outputs.lines }}")),
        json!({"matrix": {"os": ["a", "b"]}, "maxConcurrency": 4}),
    )
    .expect("a plan");
    let played = play(&plan, |run, job, number, _| {
        if number.starts_with(MAKE) {
            let lines = if job == 0 { json!({"n": [1]}) } else { json!({"n": [1, 2]}) };
            run.output(job, "lines", lines).expect("an output");
        }
        good()
    });
    let numbers: Vec<&str> = played.statuses.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(
        numbers,
        [
            "0100-matrix-0",
            "0400-matrix-1",
            "0200-matrix-2",
            "0100-matrix-3",
            "0400-matrix-4",
            "0400-matrix-6",
            "0200-matrix-5"
        ],
        "each copy's jobs stand together"
    );
    let places: Vec<Value> = ids(&played).iter().map(|values| json!([values["os"], values["n"]])).collect();
    assert_eq!(places, [json!(["a", 1]), json!(["b", 1]), json!(["b", 2])]);
}

fn with_playbooks(root: &TempDir) {
    let folder = root.path().join("orchestration/playbooks");
    fs::create_dir_all(&folder).expect("a folder");
    let used = |steps: Value| {
        let mut playbook = v3(json!({"inner": {"steps": steps}}));
        playbook["inputs"] = json!({"version": {"type": "string", "required": true}});
        playbook.to_string()
    };
    let deploy = used(json!([{"name": "d", "run": "0400", "with": {"v": "${{ inputs.version }}"}}]));
    fs::write(folder.join("deploy.json"), deploy).expect("a playbook");
    let mut spread = v3(json!({
        "make": {"steps": [{"name": "m", "run": "0100"}]},
        "each": {"needs": ["make"], "strategy": {"matrix": "${{ needs.make.outputs.lines }}"},
                 "steps": [{"name": "s", "run": "0400", "with": {"v": "${{ inputs.version }}"}}]}
    }));
    spread["inputs"] = json!({"version": {"type": "string", "required": true}});
    fs::write(folder.join("spread.json"), spread.to_string()).expect("a playbook");
}

#[test]
fn a_used_playbook_gets_values_and_even_its_name_from_the_run() {
    let root = project();
    with_playbooks(&root);
    let call = |uses: &str, version: &str| {
        v3(json!({
            "make": {"steps": [{"name": "m", "id": "m", "run": MAKE}]},
            "deploy": {"needs": ["make"], "uses": uses, "with": {"version": version}},
            "after": {"needs": ["deploy"], "steps": [{"name": "a", "run": "0200"}]}
        }))
    };
    let lines = json!({"v": "1.2", "book": "deploy"});
    let version = "${{ needs.make.outputs.lines.v }}";
    for uses in ["deploy", "${{ needs.make.outputs.lines.book }}"] {
        let played = run_with(&root, call(uses, version), json!({}), &lines, &[]);
        assert_eq!(statuses(&played), [("0100", Success), ("0400", Success), ("0200", Success)], "{uses}");
        assert_eq!(played.parameters[1]["v"], "1.2");
        let played = run_with(&root, call(uses, version), json!({}), &lines, &["0400"]);
        assert_eq!(played.statuses[2].1, Cancelled);
    }
    let played = run_with(&root, call("deploy", "${{ needs.make.outputs.nothing }}"), json!({}), &lines, &[]);
    assert_eq!(played.statuses[1].1, Failure);
    let unknown = planned(&root, call("deplay", version), json!({})).expect_err("an error");
    assert!(unknown.message.contains("deplay"), "{}", unknown.message);
    let gone = json!({"v": "1", "book": "deplay"});
    let played = run_with(&root, call("${{ needs.make.outputs.lines.book }}", "1"), json!({}), &gone, &[]);
    let error = played.errors[1].clone().unwrap_or_default();
    assert!(error.contains("deplay") && error.contains("deploy"), "{error}");
}

#[test]
fn a_step_that_uses_a_playbook_sees_the_steps_before_it() {
    let root = project();
    with_playbooks(&root);
    let playbook = v3(json!({
        "ship": {
            "strategy": {"matrix": {"os": ["a", "b"]}, "max-parallel": 1},
            "steps": [
                {"name": "m", "id": "m", "run": MAKE},
                {"name": "u", "id": "u", "uses": "deploy", "with": {"version": "${{ steps.m.outputs.lines.v }}-${{ matrix.os }}"}},
                {"name": "a", "run": "0200", "with": {"outcome": "${{ steps.u.outcome }}"}}
            ]
        }
    }));
    let played = run_with(&root, playbook, json!({}), &json!({"v": "1.2"}), &[]);
    let seen: Vec<&Value> = played.parameters.iter().filter_map(|values| values.get("v")).collect();
    assert_eq!(seen, ["1.2-a", "1.2-b"]);
    let outcomes: Vec<&Value> = played.parameters.iter().filter_map(|values| values.get("outcome")).collect();
    assert_eq!(outcomes, ["success", "success"]);
    assert_eq!(played.exit_code, 0);
}

#[test]
fn what_was_expanded_may_hold_what_has_to_be_expanded() {
    let root = project();
    with_playbooks(&root);
    let playbook = v3(json!({
        "make": {"steps": [{"name": "m", "run": MAKE}]},
        "outer": {"needs": ["make"], "strategy": {"matrix": "${{ needs.make.outputs.lines }}"},
                  "uses": "spread", "with": {"version": "${{ matrix.n }}.${{ needs.make.result }}"}},
        "after": {"needs": ["outer"], "steps": [{"name": "a", "run": "0200"}]}
    }));
    let played = run_with(&root, playbook, json!({"maxConcurrency": 4}), &json!({"n": [1, 2]}), &[]);
    assert_eq!(played.exit_code, 0, "{:?}", played.errors);
    let mut seen: Vec<String> = played
        .parameters
        .iter()
        .filter_map(|values| Some(format!("{} {}", values.get("v")?.as_str()?, values["n"])))
        .collect();
    seen.sort();
    assert_eq!(seen, ["1.success 1", "1.success 2", "2.success 1", "2.success 2"]);
    assert_eq!(played.started.last().map(String::as_str), Some("0200"));
}

#[test]
fn environment_and_inline_text_wait_for_their_values() {
    // cmd keeps the quotes, which there keep < and > from being signs.
    let (shell, words, expected) = match cfg!(windows) {
        true => ("cmd", "\"%LINE%\" %PLAIN%>seen", "v1.2 \"<v1.2>\" x"),
        false => ("bash", "\"$LINE\" $PLAIN > seen", "v1.2 <v1.2> x"),
    };
    let script = format!("echo ${{{{ steps.m.outputs.lines }}}} {words}");
    let root = project();
    let playbook = v3(json!({
        "make": {"steps": [
            {"name": "m", "id": "m", "run": MAKE},
            {"name": "t", "script": script, "shell": shell,
             "env": {"LINE": "<${{ steps.m.outputs.lines }}>", "PLAIN": "x"}}
        ]}
    }));
    let plan = planned(&root, playbook.clone(), json!({})).expect("a plan");
    let played = playing::play_jobs(&plan, |run, _| {
        run.output(0, "lines", json!("v1.2")).expect("an output");
        good()
    });
    assert_eq!(played.exit_code, 0, "{:?}", played.errors);
    let seen = std::fs::read_to_string(root.path().join("seen")).expect("what the shell wrote");
    assert_eq!(seen.trim_end(), expected);

    let played = run_with(&root, playbook, json!({}), &json!("$(rm -rf x)"), &[]);
    assert_eq!(played.statuses[1].1, Failure, "a value never becomes code");
}

#[test]
fn settings_may_come_from_the_run() {
    let root = project();
    let playbook = v3(json!({
        "make": {"steps": [{"name": "m", "run": MAKE}]},
        "build": {"needs": ["make"], "continue-on-error": "${{ needs.make.outputs.lines.may }}",
                  "steps": [{"name": "b", "run": "0400"}]},
        "after": {"needs": ["build"], "steps": [{"name": "a", "run": "0200"}]}
    }));
    for (may, status, exit_code) in [(true, Success, 0), (false, Cancelled, 1)] {
        let played = run_with(&root, playbook.clone(), json!({}), &json!({"may": may}), &["0400"]);
        assert_eq!((played.statuses[2].1, played.exit_code), (status, exit_code), "{may}");
    }
}

#[test]
fn the_plan_shows_what_is_waited_for_and_goes_to_the_caller_and_back() {
    let root = project();
    let plan = planned(&root, jobs(json!("${{ fromJSON(needs.make.outputs.lines) }}")), json!({}));
    let plan = plan.expect("a plan");
    assert_eq!(
        json!(plan.groups[1].deferred),
        json!({"matrix": "${{ fromJSON(needs.make.outputs.lines) }}"})
    );
    assert_eq!((plan.jobs[1].number.as_str(), plan.jobs[1].group), ("build-deferred", Some(1)));
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<aither_orchestration::plan::Plan>(&text).expect("a plan"), plan);
    let plain = planned(&root, jobs(json!({"n": [1]})), json!({})).expect("a plan");
    assert!(plain.request.is_none(), "only a plan that needs it carries what it was made from");

    let mut without = plan;
    without.request = None;
    let played = play(&without, |run, job, _, _| {
        run.output(job, "lines", json!("{}")).expect("an output");
        good()
    });
    assert_eq!(played.codes[1].as_deref(), Some("plan.no-request"), "{:?}", played.errors);
}

fn report(fails: bool) -> Report {
    if fails {
        bad()
    } else {
        good()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// The same playbook with its matrix written down and with its matrix found out.
    #[test]
    fn a_dynamic_matrix_ends_as_the_static_one(
        values in prop::collection::vec(0..3_u32, 1..5),
        others in prop::collection::vec("[ab]", 1..3),
        failing in prop::collection::vec(any::<bool>(), 16),
        fail_fast in any::<bool>(),
        most in prop::option::of(1..4_usize),
        tolerant in any::<bool>(),
        copies in any::<bool>(),
        condition in prop::option::of(prop_oneof![Just("always()"), Just("failure()"), Just("true")]),
    ) {
        let root = project();
        let matrix = json!({"n": values, "word": others});
        let mut outcomes = Vec::new();
        for written in [matrix.clone(), json!("${{ needs.make.outputs.lines }}")] {
            let mut playbook = jobs(written);
            let parts = &mut playbook["orchestration"]["jobs"];
            parts["build"]["strategy"]["fail-fast"] = json!(fail_fast);
            if let Some(most) = most {
                parts["build"]["strategy"]["max-parallel"] = json!(most);
            }
            if tolerant {
                parts["build"]["continue-on-error"] = json!("${{ matrix.n == 1 }}");
            }
            if let Some(condition) = condition {
                parts["after"]["if"] = json!(condition);
            }
            // What a failure in one copy leaves of the other is a question of time, so copies go on.
            let extra = json!({"matrix": {"os": ["x", "y"]}, "continueOnError": true});
            let extra = if copies { extra } else { json!({}) };
            let plan = planned(&root, playbook, extra).expect("a plan");
            let played = playing::play_jobs(&plan, |run, job| {
                let number = job["number"].as_str().expect("a number");
                if number.starts_with(MAKE) {
                    let at = job["job"].as_u64().expect("a position") as usize;
                    run.output(at, "lines", matrix.clone()).expect("an output");
                }
                let place = job["strategy"]["jobIndex"].as_u64().unwrap_or(0) as usize;
                report(number.starts_with("0400") && failing[place % failing.len()])
            });
            let scripts: Vec<(String, JobStatus)> = played
                .statuses
                .iter()
                .map(|(number, status)| (number.chars().take(4).collect(), *status))
                .collect();
            // Copies run side by side, so that only what was started is the same, not when.
            let mut started = played.matrix_ids;
            started.sort();
            outcomes.push((scripts, started, played.exit_code));
        }
        prop_assert_eq!(&outcomes[0], &outcomes[1]);
    }
}
