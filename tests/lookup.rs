//! Which file a playbook's name means.

use aither_orchestration::{
    error::Diagnose,
    playbook::{find, list_playbooks, LookupError},
};
use std::fs;
use tempfile::TempDir;

fn project(files: &[&str]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "{}").expect("a playbook");
    }
    root
}

fn found(root: &TempDir, name: &str) -> Result<String, LookupError> {
    find(root.path(), name).map(|found| found.name)
}

#[test]
fn a_name_is_a_path_below_the_folder_or_a_files_name_anywhere() {
    let root = project(&[
        "orchestration/playbooks/top.json",
        "orchestration/playbooks/core/testing/test-quick.json",
        "orchestration/playbooks/core/top.json",
        "orchestration/playbooks/core/notes.txt",
        "library/playbooks/run-tests.psd1",
    ]);
    let cases = [
        ("top", "top"),
        ("core/top", "core/top"),
        ("test-quick", "core/testing/test-quick"),
        ("Test-Quick", "core/testing/test-quick"),
        ("core/testing/test-quick", "core/testing/test-quick"),
        ("core\\testing\\test-quick.json", "core/testing/test-quick"),
        ("./top.json", "top"),
        ("run-tests", "run-tests"),
        ("run-tests.psd1", "run-tests"),
    ];
    for (name, expected) in cases {
        assert_eq!(found(&root, name).ok().as_deref(), Some(expected), "{name}");
    }
    let names: Vec<String> =
        list_playbooks(root.path()).expect("a list").into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["core/testing/test-quick", "core/top", "run-tests", "top"]);
}

#[test]
fn two_playbooks_of_one_name_are_an_error_that_lists_them() {
    let root = project(&["orchestration/playbooks/a/same.json", "orchestration/playbooks/b/same.psd1"]);
    let error = found(&root, "same").expect_err("an error");
    assert_eq!(error.code(), "playbook.ambiguous");
    assert!(error.to_string().contains("a/same, b/same"), "{error}");
    assert_eq!(found(&root, "b/same").ok().as_deref(), Some("b/same"));
}

#[test]
fn of_one_name_in_two_formats_json_counts() {
    let root = project(&["orchestration/playbooks/x.psd1", "orchestration/playbooks/x.json"]);
    let path = find(root.path(), "x").expect("a playbook").path;
    assert_eq!(path.extension().and_then(|extension| extension.to_str()), Some("json"));
}

#[test]
fn an_unknown_name_says_what_is_near() {
    let root = project(&["orchestration/playbooks/test-quick.json", "orchestration/playbooks/deploy.json"]);
    let error = found(&root, "test-qiuck").expect_err("an error");
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("playbook.not-found", "Playbook not found: test-qiuck")
    );
    assert_eq!(error.hint().as_deref(), Some("Did you mean test-quick?"));
    let nowhere = project(&[]);
    let error = found(&nowhere, "x").expect_err("an error");
    assert!(error.hint().is_some_and(|hint| hint.contains("library")), "{error:?}");
    assert!(list_playbooks(nowhere.path()).expect("a list").is_empty());
}
