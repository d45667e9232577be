//! What counts as an input, and that no change of one is missed.

use aither_orchestration::cache::{differences, Digest, KeyDocument, Manifest, ScanError, Scanner, View};
use serde_json::{json, Value};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    files.iter().for_each(|(path, text)| write(folder.path(), path, text));
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("a file");
}

fn scanner(root: &Path) -> Scanner {
    Scanner::new(root, &root.join(".orchestration-cache/metadata/files.index"))
}

fn files(manifest: &Manifest) -> BTreeMap<String, Digest> {
    Manifest::files(manifest.bytes()).expect("a manifest")
}

fn names(manifest: &Manifest) -> Vec<String> {
    files(manifest).into_keys().collect()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| text.to_string()).collect()
}

#[test]
fn undeclared_is_every_file_that_git_would_not_ignore() {
    let folder = project(&[
        (".gitignore", "/out/\n*.log\n!keep.log\n"),
        ("src/.gitignore", "made/\n"),
        ("src/a.ps1", ""),
        ("src/made/b.ps1", ""),
        ("lib/made/c.ps1", ""),
        ("out/report.txt", ""),
        ("x.log", ""),
        ("keep.log", ""),
        (".hidden/d", ""),
        (".git/HEAD", ""),
        (".ignore", "src\n"),
        (".orchestration-cache/results/x", ""),
        ("logs/aitherzero.txt", ""),
        ("reports/orchestration/summary.md", ""),
        ("reports/other.md", ""),
        ("build/kept.txt", ""),
    ]);
    let manifest =
        scanner(folder.path()).inputs(None, &texts(&["build/**"]), View::Shared).expect("the inputs");
    let expected = [
        ".gitignore",
        ".hidden/d",
        ".ignore",
        "keep.log",
        "lib/made/c.ps1",
        "reports/other.md",
        "src/.gitignore",
        "src/a.ps1",
    ];
    assert_eq!(names(&manifest), expected);
}

/// A repository whose index was written by `git add -f`, though `.gitignore` names some of its files.
fn repository(index: &[u8]) -> TempDir {
    let folder = project(&[
        (".gitignore", "out/\n*.log\n"),
        ("out/kept.txt", "1"),
        ("out/deep/kept.txt", "2"),
        ("out/deep/made.txt", "3"),
        ("out/made/x.txt", "4"),
        ("src/a.ps1", "5"),
        ("x.log", "6"),
        ("y.log", "7"),
    ]);
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    fs::write(folder.path().join(".git/index"), index).expect("an index");
    folder
}

#[test]
fn what_git_ignores_and_tracks_all_the_same_is_an_input() {
    let folder = repository(include_bytes!("fixtures/git-index/v2.index"));
    let seen = |root: &Path| scanner(root).inputs(None, &[], View::Shared).expect("the inputs");
    let before = seen(folder.path());
    assert_eq!(names(&before), [".gitignore", "out/deep/kept.txt", "out/kept.txt", "src/a.ps1", "x.log"]);
    write(folder.path(), "out/deep/kept.txt", "22");
    assert_ne!(
        seen(folder.path()).digest(),
        before.digest(),
        "an edit of a tracked file is no secret of git's"
    );
    write(folder.path(), "out/deep/made.txt", "33");
    assert_eq!(names(&seen(folder.path())), names(&before));

    // A project in a folder of the repository is told by the repository's index.
    write(folder.path(), "out/.gitignore", "*.txt\n");
    assert_eq!(names(&seen(&folder.path().join("out"))), [".gitignore", "deep/kept.txt", "kept.txt"]);
}

#[test]
fn a_working_tree_whose_git_is_elsewhere_has_its_index_there() {
    let folder = repository(b"");
    let root = folder.path();
    fs::rename(root.join(".git"), root.join("src/made.log")).expect("another place");
    fs::write(root.join("src/made.log/index"), include_bytes!("fixtures/git-index/v4.index"))
        .expect("an index");
    write(root, "src/made.log/commondir", "../common.log\n");
    write(root, "src/common.log/info/exclude", "a.ps1\n");
    write(root, ".git", "gitdir: src/made.log\n");
    let manifest = scanner(root).inputs(None, &[], View::Shared).expect("the inputs");
    assert_eq!(names(&manifest), [".gitignore", "out/deep/kept.txt", "out/kept.txt", "src/a.ps1", "x.log"]);
}

#[test]
fn where_nobody_knows_what_git_tracks_there_are_no_inputs() {
    let folder = repository(b"no index");
    let inputs = scanner(folder.path()).inputs(None, &[], View::Shared);
    let said = inputs.expect_err("no inputs").to_string();
    assert!(said.contains("which ignored files git tracks is not known"), "{said}");
    assert!(scanner(folder.path()).inputs(Some(&texts(&["src"])), &[], View::Shared).is_ok());
}

#[test]
fn declared_is_what_the_patterns_name_also_where_git_ignores_it() {
    let folder = project(&[
        (".gitignore", "out/\n"),
        ("src/a.ps1", ""),
        ("src/deep/b.ps1", ""),
        ("src/deep/b.txt", ""),
        ("out/made.json", ""),
        ("read.md", ""),
        ("sub/read.md", ""),
        ("src/draft/c.ps1", ""),
    ]);
    let patterns = texts(&["src/**/*.ps1", "*.md", "out", "!src/draft/**", "missing/**"]);
    let manifest = scanner(folder.path()).inputs(Some(&patterns), &[], View::Shared).expect("the inputs");
    assert_eq!(names(&manifest), ["out/made.json", "read.md", "src/a.ps1", "src/deep/b.ps1"]);
    let refused = scanner(folder.path()).inputs(Some(&texts(&["../x"])), &[], View::Shared);
    assert!(matches!(refused, Err(ScanError::Pattern(_))));
}

#[test]
fn touching_is_no_change_and_a_change_is_seen_however_well_it_is_hidden() {
    let folder = project(&[("src/a.ps1", "aaaa"), ("src/b.ps1", "bbbb")]);
    let path = folder.path().join("src/a.ps1");
    let old = SystemTime::now() - Duration::from_secs(3600);
    let set =
        |time| File::options().write(true).open(&path).expect("a file").set_modified(time).expect("a time");
    set(old);
    let first = scanner(folder.path());
    let before = first.inputs(None, &[], View::Shared).expect("the inputs").digest();
    first.save();

    set(SystemTime::now());
    let second = scanner(folder.path());
    assert_eq!(second.inputs(None, &[], View::Shared).expect("the inputs").digest(), before, "touched");
    second.save();

    // The same size and the same time of change as before.
    fs::write(&path, "AAAA").expect("a change");
    set(old);
    let third = scanner(folder.path()).inputs(None, &[], View::Shared).expect("the inputs");
    assert_ne!(third.digest(), before, "changed behind its times");

    fs::write(&path, "aaaa").expect("the old contents");
    assert_eq!(scanner(folder.path()).inputs(None, &[], View::Shared).expect("the inputs").digest(), before);
    fs::rename(&path, folder.path().join("src/c.ps1")).expect("a new name");
    assert_ne!(scanner(folder.path()).inputs(None, &[], View::Shared).expect("the inputs").digest(), before);
}

#[test]
fn what_was_seen_is_used_again_until_something_may_have_changed() {
    let folder = project(&[("a", "1")]);
    let scanner = scanner(folder.path());
    let before = scanner.inputs(None, &[], View::Shared).expect("the inputs").digest();
    fs::write(folder.path().join("a"), "2").expect("a change");
    let seen = |view| scanner.inputs(None, &[], view).expect("the inputs").digest();
    assert_eq!(seen(View::Shared), before);
    let fresh = seen(View::Fresh);
    assert_ne!(fresh, before);
    fs::write(folder.path().join("a"), "3").expect("a change");
    scanner.disturb();
    assert!(![before, fresh].contains(&seen(View::Shared)));
}

#[test]
fn a_damaged_index_only_costs_time() {
    let folder = project(&[("a", "1"), ("b/c", "2")]);
    let first = scanner(folder.path());
    let expected = first.inputs(None, &[], View::Shared).expect("the inputs").digest();
    for damage in ["", "x", "AITHIDX1"] {
        write(folder.path(), ".orchestration-cache/metadata/files.index", damage);
        let scanner = scanner(folder.path());
        assert_eq!(scanner.inputs(None, &[], View::Shared).expect("the inputs").digest(), expected);
        scanner.save();
    }
}

#[cfg(unix)]
#[test]
fn links_count_by_where_they_lead_and_pipes_are_never_opened() {
    use std::os::unix::fs::symlink;
    let folder = project(&[("a", "1"), ("dir/x", "1")]);
    let elsewhere = project(&[("data", "1")]);
    let root = folder.path();
    symlink("a", root.join("to-file")).expect("a link");
    symlink("nowhere", root.join("to-nothing")).expect("a link");
    symlink(elsewhere.path().join("data"), root.join("outside")).expect("a link");
    symlink(".", root.join("dir/loop")).expect("a link");
    let made = std::process::Command::new("mkfifo").arg(root.join("pipe")).status().expect("mkfifo");
    assert!(made.success());
    let seen = || scanner(root).inputs(None, &[], View::Fresh).expect("the inputs");
    let before = seen();
    assert_eq!(names(&before), ["a", "dir/loop", "dir/x", "outside", "pipe", "to-file", "to-nothing"]);
    write(elsewhere.path(), "data", "2");
    let after = seen();
    assert_ne!(
        files(&after)["outside"],
        files(&before)["outside"],
        "what a link leads to is read through it"
    );
    fs::remove_file(root.join("to-nothing")).expect("it goes");
    symlink("elsewhere", root.join("to-nothing")).expect("a link");
    assert_ne!(files(&seen())["to-nothing"], files(&before)["to-nothing"]);
    let declared = scanner(root).inputs(Some(&texts(&["dir/**"])), &[], View::Fresh).expect("the inputs");
    assert_eq!(names(&declared), ["dir/loop", "dir/x"]);
}

#[test]
fn a_difference_is_named() {
    let document = |change: Value| -> KeyDocument {
        let mut document = json!({
            "engine": "1", "system": "linux", "architecture": "x", "powershell": "Core 7.4",
            "script": {"number": "0402", "name": "0402_A.ps1", "digest": Digest::of(b"s")},
            "text": null, "shell": null, "parameters": {"profile": "quick", "n": 1, "os": "a"},
            "matrix": {"os": "a"}, "environment": {"CI": null}, "env": {}, "directory": ".",
            "configuration": null, "needs": [{"number": "0100", "key": Digest::of(b"n")}],
            "inputs": {"patterns": null, "digest": Digest::of(b"old"), "count": 2}, "outputs": []
        });
        for (name, value) in change.as_object().expect("an object") {
            document[name] = value.clone();
        }
        serde_json::from_value(document).expect("a document")
    };
    let (a, b, c) = (Digest::of(b"a"), Digest::of(b"b"), Digest::of(b"c"));
    let old: BTreeMap<String, Digest> = [("src/a".into(), a), ("src/b".into(), b)].into();
    let new: BTreeMap<String, Digest> = [("src/a".into(), c), ("src/c".into(), c)].into();
    let known = |digest: Digest| match digest {
        digest if digest == Digest::of(b"old") => Some(old.clone()),
        digest if digest == Digest::of(b"new") => Some(new.clone()),
        _ => None,
    };
    let said = |change: Value| differences(&document(json!({})), &document(change), known);
    let parameters =
        |profile: Value, n: Value| json!({"parameters": {"profile": profile, "n": n, "os": "a"}});
    assert_eq!(said(json!({})), [""; 0]);
    assert_eq!(said(parameters(json!("full"), json!(1))), ["variable profile: quick → full"]);
    assert_eq!(said(parameters(json!("quick"), json!("1"))), ["variable n: 1 → \"1\""]);
    assert_eq!(said(parameters(json!("quick"), json!(1.0))), ["variable n: 1 → 1.0"]);
    assert_eq!(
        said(json!({"parameters": {"profile": "quick", "n": 1, "os": "b"}, "matrix": {"os": "b"}})),
        ["matrix value os: a → b"]
    );
    assert_eq!(
        said(json!({"script": {"number": "0402", "name": "0402_A.ps1", "digest": c}})),
        ["script edited"]
    );
    assert_eq!(said(json!({"environment": {"CI": "1"}})), ["environment variable CI: null → \"1\""]);
    assert_eq!(said(json!({"needs": [{"number": "0100", "key": c}]})), ["dependency 0100 changed"]);
    assert_eq!(said(json!({"needs": []})), ["dependency 0100 is gone"]);
    assert_eq!(said(json!({"powershell": "Core 7.5"})), ["PowerShell: Core 7.4 → Core 7.5"]);
    let inputs = |digest: Digest| json!({"inputs": {"patterns": null, "digest": digest, "count": 2}});
    assert_eq!(
        said(inputs(Digest::of(b"new"))),
        ["input src/a changed", "input src/b was removed", "input src/c is new"]
    );
    assert_eq!(said(inputs(Digest::of(b"gone"))), ["an input changed"]);
}
