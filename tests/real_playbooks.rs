//! What the playbooks of AitherZero itself expand to, where they are at hand: `shared/` beside the
//! checkout, or the folder that AITHER_SHARED names. They are not ours to copy in here; what their
//! shapes mean is tested with fixtures of our own in `playbook.rs` and `playbook_run.rs`.

use aither_orchestration::plan::{plan, PlanRequest};
use serde_json::{json, Value};
use std::{env, fs, path::PathBuf};
use tempfile::TempDir;

/// Playbook, profile, and its groups: `id: numbers`, a `?` behind what has a condition, a `~` behind
/// what may fail, a `-` behind a number that is gone.
const TABLE: &[(&str, Option<&str>, &[&str])] = &[
    (
        "core/operations/ci-all-validations",
        None,
        &[
            "Syntax Validation: 0407",
            "Config Validation: 0413",
            "Config Synchronization~: 0003",
            "Manifest Validation: 0405",
            "Test Sync Validation~: 0426",
            "Workflow Health Check?~: 0440",
            "Quality Validation?~: 0404",
            "Install Testing Tools?: 0400",
            "Unit Tests?~: 0402",
        ],
    ),
    (
        "core/operations/ci-deploy-pr",
        Some("deploy"),
        &[
            "Deploy Container: 0850",
            "Validate Deployment: 0853",
            "Run Container Tests~: 0854",
            "Cleanup Environment~: 0851",
        ],
    ),
    (
        "core/operations/ci-documentation",
        Some("full"),
        &[
            "Generate Function Documentation~: 0733",
            "Generate Project Indexes~: 0745",
            "Build Complete Documentation~: 0746",
            "Prepare GitHub Pages~: 0515",
        ],
    ),
    (
        "core/operations/ci-pr-validation",
        Some("quick"),
        &[
            "Syntax Validation: 0407",
            "PSScriptAnalyzer~: 0410-",
            "Workflow Health Check?~: 0440",
            "Config Validation: 0413",
        ],
    ),
    ("core/operations/ci-publish-test-reports", None, &["Collect Test Results: 0450"]),
    (
        "core/operations/ci-quality-validation",
        None,
        &[
            "PSScriptAnalyzer Full Scan~: 0404",
            "Component Quality Validation~: 0420",
            "Documentation Structure?~: 0425",
        ],
    ),
    (
        "core/operations/ci-validate-config",
        None,
        &["Config Manifest Validation: 0413", "Config Synchronization?: 0003"],
    ),
    ("core/operations/ci-workflow-health", None, &["Workflow Health Check~: 0440"]),
    ("core/operations/mcp-server-setup", None, &["build: 0750", "demonstrate: 0752", "use_server: 0753"]),
    (
        "core/testing/test-comprehensive",
        None,
        &[
            "Syntax Validation: 0407",
            "Config Validation: 0413",
            "Manifest Validation: 0405",
            "Test Sync Check~: 0426",
            "Workflow Health Check~: 0440",
            "PSScriptAnalyzer~: 0404",
            "Install Testing Tools: 0400",
            "Unit Tests~: 0402",
            "Integration Tests~: 0403",
            "Component Quality~: 0420",
        ],
    ),
    ("core/testing/test-matrix-example", None, &["Matrix Testing: 0402 0402 0402 0402"]),
    ("core/testing/test-matrix-example", Some("quick"), &["Matrix Testing: 0402 0402"]),
    (
        "core/testing/test-quick",
        None,
        &["Syntax Validation: 0407", "Config Validation: 0413", "Manifest Validation: 0405"],
    ),
    (
        "core/testing/test-standard",
        None,
        &[
            "Syntax Validation: 0407",
            "Config Validation: 0413",
            "Manifest Validation: 0405",
            "Test Sync Check~: 0426",
            "Install Testing Tools: 0400",
            "Unit Tests~: 0402",
        ],
    ),
    ("documentation-tracking", None, &["validate: 0961", "track: 0960", "report: 0510 0512"]),
    ("documentation-tracking", Some("quick"), &["validate: 0961"]),
    (
        "testing/test-orchestrated",
        None,
        &[
            "Install Testing Tools: 0400",
            "Unit Tests~: 0402",
            "Integration Tests~: 0403",
            "Syntax Validation~: 0407",
            "Static Analysis~: 0404",
            "Quality Analysis~: 0420",
            "Security Scan~: 0523",
        ],
    ),
    (
        "testing/test-orchestrated",
        Some("quick"),
        &[
            "Install Testing Tools: 0400",
            "Unit Tests~: 0402",
            "Syntax Validation~: 0407",
            "Static Analysis~: 0404",
        ],
    ),
];

fn shared() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = env::var_os("AITHER_SHARED").map_or(beside, PathBuf::from).join("aitherzero");
    folder.join("scripts.json").is_file().then_some(folder)
}

/// A folder with scripts of the real numbers, names and headers.
fn tree(shared: &std::path::Path) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("automation-scripts");
    fs::create_dir(&folder).expect("a script folder");
    let facts: Value =
        serde_json::from_str(&fs::read_to_string(shared.join("scripts.json")).expect("the facts"))
            .expect("JSON");
    for script in facts["scripts"].as_array().expect("scripts") {
        let header: String = ["Stage", "Dependencies", "Condition", "Tags"]
            .iter()
            .filter_map(|key| script[key.to_lowercase()].as_str().map(|value| format!("# {key}: {value}\n")))
            .collect();
        fs::write(folder.join(script["file"].as_str().expect("a file")), header).expect("a script");
    }
    root
}

#[test]
fn the_real_playbooks_expand_to_what_their_text_means() {
    let Some(shared) = shared() else {
        eprintln!("the real playbooks are not at hand: nothing was checked");
        return;
    };
    let root = tree(&shared);
    for (name, profile, expected) in TABLE {
        let path = shared.join("playbooks").join(format!("{name}.json"));
        let text = fs::read_to_string(&path).expect("a playbook");
        let request =
            json!({"root": root.path(), "playbook": {"text": text, "path": path}, "profile": profile});
        let request: PlanRequest = serde_json::from_value(request).expect("a request");
        let plan = plan(&request).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found: Vec<String> = plan
            .groups
            .iter()
            .enumerate()
            .map(|(at, group)| {
                let jobs = plan.jobs.iter().filter(|job| job.group == Some(at));
                let numbers: Vec<String> = jobs
                    .map(|job| format!("{}{}", job.script, if job.skip.is_some() { "-" } else { "" }))
                    .collect();
                let condition = if group.condition.is_some() { "?" } else { "" };
                let tolerated = if group.continue_on_error { "~" } else { "" };
                format!("{}{condition}{tolerated}: {}", group.id, numbers.join(" "))
            })
            .collect();
        assert_eq!(found, *expected, "{name} {profile:?}");
        for (before, group) in plan.groups.windows(2).map(|pair| (&pair[0], &pair[1])) {
            assert!(!group.after.is_empty() || !group.needs.is_empty(), "{} before {}", before.id, group.id);
        }
    }
}
