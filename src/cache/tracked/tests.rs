//! The indices in `tests/fixtures/git-index` were written by git.

use super::*;
use std::path::PathBuf;

/// `git add -f` of a project whose `.gitignore` says `out/` and `*.log`.
const ALL: [&str; 6] = [".gitignore", "out/deep/kept.txt", "out/kept.txt", "src/a.ps1", "src/ü.txt", "x.log"];

fn fixture(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).expect("a fixture")
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/git-index")
}

fn paths(bytes: &[u8]) -> Vec<String> {
    let decoded = decode(bytes).expect("an index");
    decoded.paths.into_iter().map(|path| String::from_utf8(path).expect("text")).collect()
}

#[test]
fn every_version_and_both_kinds_of_names_are_read() {
    assert_eq!(paths(&fixture("v2.index")), ALL);
    assert_eq!(paths(&fixture("v4.index")), ALL);
    assert_eq!(paths(&fixture("sha256.index")), ALL);
    let meant: Vec<&str> = [&ALL[..4], &["src/meant.txt"], &ALL[4..]].concat();
    assert_eq!(
        paths(&fixture("v3.index")),
        meant,
        "an entry that is only meant to be added has longer flags"
    );
}

#[test]
fn a_split_index_counts_with_the_one_it_adds_to() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy =
        |from: &str, to: &str| fs::copy(fixtures().join(from), folder.path().join(to)).expect("a copy");
    let shared = decode(&fixture("split.index")).and_then(|index| index.shared).expect("a split index");
    copy("split.index", "index");
    assert!(Tracked::read(folder.path()).is_err(), "without the other half nobody knows");
    copy(&format!("sharedindex.{shared}"), &format!("sharedindex.{shared}"));
    let tracked = Tracked::read(folder.path()).expect("both halves");
    for path in ["out/kept.txt", "src/later.log"] {
        assert!(tracked.has(Path::new(path)), "{path}");
    }
}

#[test]
fn a_file_is_tracked_by_its_whole_path_and_a_folder_by_what_is_in_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(Tracked::read(folder.path()).expect("nothing is tracked"), Tracked::default());
    fs::write(folder.path().join("index"), fixture("v4.index")).expect("an index");
    let tracked = Tracked::read(folder.path()).expect("an index");
    for (path, file, below) in [
        ("out", false, true),
        ("out/kept.txt", true, false),
        ("out/deep", false, true),
        ("ou", false, false),
        ("out/kept", false, false),
        ("src/ü.txt", true, false),
        ("zz", false, false),
    ] {
        assert_eq!(
            (tracked.has(Path::new(path)), tracked.has_below(Path::new(path))),
            (file, below),
            "{path}"
        );
    }
}

#[test]
fn what_is_cut_off_or_of_another_version_is_no_index() {
    for name in ["v2.index", "v3.index", "v4.index", "sha256.index", "split.index"] {
        let bytes = fixture(name);
        // Where a cut falls between two extensions the rest is one less, and the paths are all there.
        let all = decode(&bytes).expect("an index").paths;
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_none_or(|cut| cut.paths == all), "{name} cut at {length}");
        }
        let other = [&bytes[..7], &[5], &bytes[8..]].concat();
        assert_eq!(decode(&other), None);
    }
}
