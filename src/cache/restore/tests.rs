use super::*;
use crate::cache::Digest;
use tempfile::TempDir;

struct Place {
    all: TempDir,
    blobs: Blobs,
    scanner: Scanner,
}

/// A project with a cache, in a folder with things outside of the project.
fn place() -> Place {
    let all = tempfile::tempdir().expect("a temporary folder");
    let root = all.path().join("project");
    fs::create_dir_all(root.join("sub")).expect("folders");
    fs::create_dir(all.path().join("outside")).expect("a folder");
    let blobs = Blobs::new(root.join(".orchestration-cache/artifacts"));
    let scanner = Scanner::new(&root, &root.join("index"));
    Place { all, blobs, scanner }
}

fn file(place: &Place, path: &str) -> StoredFile {
    let digest = place.blobs.put(b"contents").expect("a blob");
    StoredFile { path: path.to_owned(), body: Body::File { digest, size: 8, executable: false } }
}

fn link_to(path: &str, target: &str) -> StoredFile {
    StoredFile { path: path.to_owned(), body: Body::Link { target: target.to_owned() } }
}

fn outside(place: &Place) -> Vec<PathBuf> {
    let items = fs::read_dir(place.all.path().join("outside")).expect("the folder");
    items.map(|item| item.expect("an item").path()).collect()
}

#[test]
fn files_are_put_where_they_are_missing_or_different() {
    let place = place();
    let stored = [file(&place, "sub/deep/a.txt"), file(&place, "b.txt")];
    assert!(files(&place.blobs, &place.scanner, &stored).expect("restored"));
    let path = place.scanner.root().join("sub/deep/a.txt");
    assert_eq!(fs::read(&path).expect("a file"), b"contents");
    assert!(!files(&place.blobs, &place.scanner, &stored).expect("nothing to do"));
    fs::write(&path, b"CONTENTS").expect("a changed file");
    assert!(files(&place.blobs, &place.scanner, &stored).expect("restored"));
    assert_eq!(fs::read(&path).expect("a file"), b"contents");
}

#[test]
fn a_path_that_leaves_the_project_is_refused_before_anything_is_written() {
    for path in [
        "../outside/x",
        "sub/../../outside/x",
        "/etc/x",
        "//x",
        "sub//x",
        "./x",
        "sub/.",
        "..",
        "",
        "C:/x",
        "C:x",
        "sub\\..\\..\\x",
        "file:stream",
        "a\0b",
    ] {
        let place = place();
        let stored = [file(&place, "first.txt"), file(&place, path)];
        let refused = files(&place.blobs, &place.scanner, &stored);
        assert!(matches!(refused, Err(Refusal::Outside(_))), "{path:?}: {refused:?}");
        assert!(!place.scanner.root().join("first.txt").exists(), "{path:?}");
        assert_eq!(outside(&place), [""; 0].map(PathBuf::from));
    }
}

#[test]
fn nothing_is_restored_into_git_or_the_cache() {
    for path in [".git/config", "sub/.GIT/hooks/x", ".orchestration-cache/metadata/x"] {
        let place = place();
        let refused = files(&place.blobs, &place.scanner, &[file(&place, path)]);
        assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{path}: {refused:?}");
    }
}

#[test]
fn a_link_that_leads_out_is_refused() {
    for (path, target) in [
        ("a", "/etc/passwd"),
        ("a", "../outside"),
        ("sub/a", "../../x"),
        ("a", "sub/../../x"),
        ("a", ""),
        ("a", "C:/x"),
        ("a", "\\\\server\\share"),
    ] {
        let place = place();
        let refused = files(&place.blobs, &place.scanner, &[link_to(path, target)]);
        assert!(matches!(refused, Err(Refusal::Link { .. })), "{path} → {target}: {refused:?}");
    }
}

#[test]
fn a_damaged_blob_restores_nothing() {
    let place = place();
    let good = file(&place, "good.txt");
    let digest = place.blobs.put(b"other").expect("a blob");
    fs::write(place.blobs.path(&digest), b"othEr").expect("damage");
    let bad = StoredFile { path: "bad.txt".into(), body: Body::File { digest, size: 5, executable: false } };
    assert!(matches!(files(&place.blobs, &place.scanner, &[good, bad]), Err(Refusal::Io { .. })));
    assert!(!place.scanner.root().join("good.txt").exists());
    let left = fs::read_dir(place.scanner.root()).expect("the root").filter_map(Result::ok);
    assert_eq!(left.filter(|item| item.file_name().to_string_lossy().contains("tmp")).count(), 0);
    assert_ne!(digest, Digest::of(b"othEr"));
}

#[test]
fn a_folder_in_the_place_of_a_file_is_left_alone() {
    let place = place();
    let refused = files(&place.blobs, &place.scanner, &[file(&place, "sub")]);
    assert!(matches!(refused, Err(Refusal::Occupied(_))), "{refused:?}");
    let refused = files(&place.blobs, &place.scanner, &[file(&place, "first"), file(&place, "first/x")]);
    assert!(refused.is_err() || place.scanner.root().join("first").is_file());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{symlink, PermissionsExt};

    #[test]
    fn a_link_in_the_project_that_leads_out_is_no_way() {
        let place = place();
        let root = place.scanner.root();
        symlink(place.all.path().join("outside"), root.join("out")).expect("a link");
        symlink("/no/such/folder", root.join("nowhere")).expect("a link");
        symlink("../outside", root.join("sub/up")).expect("a link");
        for path in ["out/x", "nowhere/x", "out/deep/x"] {
            let refused = files(&place.blobs, &place.scanner, &[file(&place, path)]);
            assert!(matches!(refused, Err(Refusal::Way { .. })), "{path}: {refused:?}");
        }
        assert_eq!(outside(&place), [""; 0].map(PathBuf::from));
    }

    #[test]
    fn a_link_that_stays_in_the_project_is_a_way_but_not_into_git() {
        let place = place();
        let root = place.scanner.root();
        fs::create_dir(root.join(".git")).expect("a folder");
        symlink("sub", root.join("alias")).expect("a link");
        symlink(".git", root.join("hidden")).expect("a link");
        files(&place.blobs, &place.scanner, &[file(&place, "alias/x")]).expect("restored");
        assert!(root.join("sub/x").is_file());
        let refused = files(&place.blobs, &place.scanner, &[file(&place, "hidden/x")]);
        assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_replaced_and_not_written_through() {
        let place = place();
        let secret = place.all.path().join("outside/secret");
        fs::write(&secret, b"mine").expect("a file");
        symlink(&secret, place.scanner.root().join("a.txt")).expect("a link");
        assert!(files(&place.blobs, &place.scanner, &[file(&place, "a.txt")]).expect("restored"));
        assert_eq!(fs::read(&secret).expect("a file"), b"mine");
        assert!(fs::symlink_metadata(place.scanner.root().join("a.txt")).expect("a file").is_file());
    }

    #[test]
    fn a_device_or_a_pipe_is_left_alone() {
        let place = place();
        let pipe = place.scanner.root().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        let refused = files(&place.blobs, &place.scanner, &[file(&place, "pipe")]);
        assert!(matches!(refused, Err(Refusal::Occupied(_))), "{refused:?}");
    }

    #[test]
    fn links_and_the_right_to_run_come_back() {
        let place = place();
        let digest = place.blobs.put(b"#!/bin/sh").expect("a blob");
        let program =
            StoredFile { path: "run.sh".into(), body: Body::File { digest, size: 9, executable: true } };
        let stored = [program, link_to("sub/link", "../run.sh")];
        assert!(files(&place.blobs, &place.scanner, &stored).expect("restored"));
        let root = place.scanner.root();
        let mode = fs::metadata(root.join("sub/link")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
        assert!(!files(&place.blobs, &place.scanner, &stored).expect("nothing to do"));
    }
}

#[cfg(windows)]
mod windows {
    use super::*;

    #[test]
    fn a_name_that_windows_takes_for_a_device_is_refused() {
        let place = place();
        for path in ["con", "sub/NUL.txt", "COM1", "lpt9.log", "sub/aux .x", "end.", "end ", "a?b", "a\u{1}b"]
        {
            let refused = files(&place.blobs, &place.scanner, &[file(&place, path)]);
            assert!(matches!(refused, Err(Refusal::Outside(_))), "{path:?}: {refused:?}");
        }
        for path in ["console", "com", "com10", "nulls.txt", ".con", "a.con"] {
            files(&place.blobs, &place.scanner, &[file(&place, path)]).expect(path);
        }
    }

    #[test]
    fn the_right_to_run_is_no_property_of_a_file() {
        let place = place();
        let digest = place.blobs.put(b"@exit").expect("a blob");
        let body = Body::File { digest, size: 5, executable: true };
        let stored = [StoredFile { path: "run.cmd".into(), body }];
        assert!(files(&place.blobs, &place.scanner, &stored).expect("restored"));
        assert!(!files(&place.blobs, &place.scanner, &stored).expect("nothing to do"));
    }
}
