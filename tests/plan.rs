//! From a request to a graph of jobs.

use aither_orchestration::{
    error::Problem,
    plan::{check, plan, Job, Level, Plan, PlanError, PlanRequest},
};
use serde_json::{json, Value};
use std::fs;
use tempfile::TempDir;

fn project(scripts: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("automation-scripts");
    fs::create_dir(&folder).expect("a script folder");
    for (name, dependencies) in scripts {
        fs::write(folder.join(name), format!("# Dependencies: {dependencies}\n")).expect("a script");
    }
    root
}

fn planned(root: &TempDir, mut request: Value) -> Result<Plan, Problem> {
    request["root"] = json!(root.path());
    let request: PlanRequest = serde_json::from_value(request).expect("a request");
    plan(&request).map_err(Problem::from)
}

fn needs(plan: &Plan) -> Vec<(String, Vec<String>)> {
    let number = |position: &usize| plan.jobs[*position].number.clone();
    plan.jobs.iter().map(|job| (job.number.clone(), job.needs.iter().map(number).collect())).collect()
}

#[test]
fn dependencies_become_needs_inside_each_combination() {
    let root = project(&[
        ("0100_Install-Git.ps1", "None"),
        ("0200_Clone-Code.ps1", "Git"),
        ("0300_Count-Lines.ps1", "0200, 0100"),
    ]);
    let request = json!({"sequence": ["0100-0300"], "matrix": {"os": ["a", "b"]}, "maxConcurrency": 3});
    let plan = planned(&root, request).expect("a plan");
    let expected = [
        ("0100-matrix-0", vec![]),
        ("0200-matrix-1", vec!["0100-matrix-0"]),
        ("0300-matrix-2", vec!["0100-matrix-0", "0200-matrix-1"]),
        ("0100-matrix-3", vec![]),
        ("0200-matrix-4", vec!["0100-matrix-3"]),
        ("0300-matrix-5", vec!["0100-matrix-3", "0200-matrix-4"]),
    ];
    assert_eq!(json!(needs(&plan)), json!(expected));
    assert_eq!((plan.total, plan.scripts, plan.combinations, plan.max_concurrency), (6, 3, 2, 3));
    assert_eq!(plan.jobs[4].matrix_id.as_deref(), Some("os=b"));
}

#[test]
fn a_dependency_that_is_not_part_of_the_run_is_said_and_ignored() {
    let root = project(&[("0100_Install-Git.ps1", "None"), ("0200_Clone-Code.ps1", "Git, Node.js 18+")]);
    let plan = planned(&root, json!({"sequence": ["0200"]})).expect("a plan");
    assert!(plan.jobs[0].needs.is_empty());
    let texts: Vec<(Level, &str)> =
        plan.messages.iter().map(|message| (message.level, message.text.as_str())).collect();
    assert_eq!(texts.len(), 2);
    assert_eq!(
        texts[0],
        (Level::Verbose, "0200_Clone-Code.ps1: dependency 'Git' is not part of this run and is ignored.")
    );
    assert!(texts[1].1.contains("'Node.js 18+' matches no script"));
}

#[test]
fn a_cycle_is_printed() {
    let root = project(&[
        ("0100_A-One.ps1", "0300"),
        ("0200_B-Two.ps1", "0100"),
        ("0300_C-Three.ps1", "0200"),
        ("0400_D-Four.ps1", "0100"),
    ]);
    let problem = planned(&root, json!({"sequence": ["0000-9999"]})).expect_err("an error");
    assert_eq!(problem.code, "plan.cycle");
    assert!(
        problem.message.ends_with("0100_A-One → 0300_C-Three → 0200_B-Two → 0100_A-One"),
        "{}",
        problem.message
    );
}

#[test]
fn matrix_values_hide_variables_whatever_their_case_and_keep_their_types() {
    let root = project(&[("0100_A-One.ps1", "None")]);
    let request = json!({
        "sequence": ["0100"],
        "variables": {"Profile": "x", "keep": false, "none": null},
        "matrix": {"profile": ["7.4", 7.4, true]}
    });
    let plan = planned(&root, request).expect("a plan");
    let parameters: Vec<Value> = plan.jobs.iter().map(|job| json!(job.parameters)).collect();
    assert_eq!(
        json!(parameters),
        json!([
            {"keep": false, "none": null, "profile": "7.4"},
            {"keep": false, "none": null, "profile": 7.4},
            {"keep": false, "none": null, "profile": true}
        ])
    );
}

#[test]
fn sequential_is_one_at_a_time_and_continuing_is_not_fail_fast() {
    let root = project(&[("0100_A-One.ps1", "None")]);
    let request =
        json!({"sequence": ["0100"], "parallel": false, "maxConcurrency": 8, "continueOnError": true});
    let plan = planned(&root, request).expect("a plan");
    assert_eq!((plan.max_concurrency, plan.fail_fast), (1, false));
    assert_eq!(plan.jobs[0].number, "0100");
    assert_eq!(plan.jobs[0].matrix, None);
    assert_eq!(plan.jobs[0].stage, "Default");
}

#[test]
fn refusals_come_from_every_room() {
    let root = project(&[("0100_A-One.ps1", "None")]);
    let cases = [
        (json!({"sequence": ["9998"]}), "sequence.unknown-number"),
        (json!({"sequence": ["0100"], "matrix": {}}), "matrix.empty"),
        (json!({"sequence": ["0100"], "matrix": {"a": [1, 2]}, "matrixLimit": 1}), "matrix.too-many"),
        (json!({"sequence": ["0100"], "maxConcurrency": 0}), "plan.no-concurrency"),
    ];
    for (request, code) in cases {
        assert_eq!(planned(&root, request.clone()).expect_err("an error").code, code, "{request}");
    }
    let misspelt =
        serde_json::from_value::<PlanRequest>(json!({"root": "", "sequence": [], "maxConcurency": 1}));
    assert!(misspelt.expect_err("an error").to_string().contains("maxConcurency"));
}

#[test]
fn a_plan_survives_the_way_to_the_caller_and_back() {
    let root = project(&[("0100_A-One.ps1", "None"), ("0200_B-Two.ps1", "0100")]);
    let request = json!({"sequence": ["0100-0200"], "matrix": {"o": [{"b": 1, "a": [null]}]}});
    let plan = planned(&root, request).expect("a plan");
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
}

#[test]
fn a_plan_written_by_hand_is_checked() {
    let job = |job: usize, number: &str, needs: Value| -> Job {
        serde_json::from_value(
            json!({"job": job, "number": number, "name": "x.ps1", "path": "x", "needs": needs}),
        )
        .expect("a job")
    };
    assert_eq!(check(&[], &[]), Err(PlanError::NoJobs));
    assert_eq!(check(&[job(1, "a", json!([]))], &[]), Err(PlanError::Misplaced { position: 0, found: 1 }));
    assert_eq!(
        check(&[job(0, "a", json!([])), job(1, "a", json!([]))], &[]),
        Err(PlanError::SameNumber("a".into()))
    );
    assert_eq!(
        check(&[job(0, "a", json!([7]))], &[]),
        Err(PlanError::PointsNowhere { who: "a".into(), what: "job", position: 7, count: 1 })
    );
    assert!(matches!(check(&[job(0, "a", json!([0]))], &[]), Err(PlanError::Cycle(_))));
    let chain: Vec<Job> = (0..100_000)
        .map(|n| job(n, &n.to_string(), if n == 0 { json!([]) } else { json!([n - 1]) }))
        .collect();
    assert_eq!(check(&chain, &[]), Ok(()), "a long chain needs no deep stack");
}
