//! Whatever happens to the files of a cache: never an error, never a wrong hit.

mod cached;
#[cfg(target_os = "linux")]
mod unprivileged;

use aither_orchestration::cache::Miss;
use cached::Project;
use std::{fs, path::Path};

/// A project with two stored jobs whose outputs are gone, so that a hit has to restore them.
fn stored() -> Project {
    let project = Project::new();
    for name in ["first", "second"] {
        project.run(name).expect("it is stored");
    }
    fs::remove_dir_all(project.root().join("out")).expect("the outputs go");
    project
}

fn without_outputs(project: &Project) {
    for name in ["first", "second"] {
        let _ = fs::remove_file(project.root().join(format!("out/{name}.txt")));
    }
}

/// A job whose entry was of no use runs and is stored anew, and is then a hit again.
fn recovers(project: &Project) {
    for name in ["first", "second"] {
        project.run(name).expect("it is stored again");
        assert!(project.hit(name), "{name}");
    }
}

#[test]
fn an_undamaged_entry_is_a_hit() {
    let project = stored();
    assert!(project.hit("first") && project.hit("second"));
    assert!(matches!(project.replay("third"), Err(Miss::Absent)));
}

#[test]
fn every_flip_of_every_file_is_a_miss_or_a_right_hit() {
    let project = stored();
    let (mut misses, mut flips) = (0, 0);
    for file in project.files() {
        let whole = fs::read(&file).expect("a file");
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(&file, &flipped).expect("damage");
            without_outputs(&project);
            flips += 1;
            for name in ["first", "second"] {
                misses += usize::from(!project.hit(name));
            }
        }
        fs::write(&file, whole).expect("repair");
    }
    assert!(project.hit("first") && project.hit("second"));
    // Only the index and the lists of inputs take no part in a hit.
    assert!(misses > flips / 2, "{misses} misses of {flips} flips");
}

#[test]
fn every_truncation_of_every_file_is_a_miss_or_a_right_hit() {
    let project = stored();
    for file in project.files() {
        let whole = fs::read(&file).expect("a file");
        for length in 0..whole.len() {
            fs::write(&file, &whole[..length]).expect("damage");
            without_outputs(&project);
            project.hit("first");
            project.hit("second");
        }
        fs::write(&file, [&whole[..], b"x"].concat()).expect("damage");
        project.hit("first");
        fs::write(&file, whole).expect("repair");
    }
    recovers(&project);
}

#[test]
fn any_part_may_be_deleted() {
    let files = stored().files().len();
    for subset in 1..1_u32 << files.min(7) {
        let project = stored();
        for (at, file) in project.files().iter().enumerate() {
            if subset & 1 << (at % 7) != 0 {
                fs::remove_file(file).expect("it goes");
            }
        }
        project.hit("first");
        project.hit("second");
        recovers(&project);
    }
    let project = stored();
    fs::remove_dir_all(project.cache()).expect("it goes");
    assert!(!project.hit("first"));
    recovers(&project);
}

#[test]
fn swapped_files_are_misses() {
    let project = stored();
    let files = project.files();
    for one in 0..files.len() {
        for other in 0..one {
            let (a, b) = (fs::read(&files[one]).expect("a file"), fs::read(&files[other]).expect("a file"));
            fs::write(&files[one], &b).expect("swap");
            fs::write(&files[other], &a).expect("swap");
            without_outputs(&project);
            project.hit("first");
            project.hit("second");
            fs::write(&files[one], &a).expect("repair");
            fs::write(&files[other], &b).expect("repair");
        }
    }
    assert!(project.hit("first") && project.hit("second"));
}

#[test]
fn a_foreign_file_in_the_place_of_any_is_a_miss() {
    for text in ["", "{}", "[]", "null", "{\"CacheKey\": \"x\"}", "\u{0}\u{1}", "{\n  \"A\": 1\n}\n"] {
        let project = stored();
        for file in project.files() {
            let whole = fs::read(&file).expect("a file");
            fs::write(&file, text).expect("damage");
            without_outputs(&project);
            project.hit("first");
            project.hit("second");
            fs::write(&file, whole).expect("repair");
        }
        recovers(&project);
    }
}

#[test]
fn foreign_files_beside_ours_do_no_harm() {
    let project = stored();
    for folder in ["", "metadata", "results", "artifacts", "artifacts/ab"] {
        let folder = project.cache().join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("notes.txt"), "mine").expect("a file");
        fs::write(folder.join("x.meta.json"), "mine").expect("a file");
    }
    assert!(project.hit("first") && project.hit("second"));
    assert_eq!(project.store.entries().expect("a list").len(), 2);
    project.store.collect(&Default::default()).expect("collected");
    assert!(
        project.cache().join("notes.txt").is_file() && project.cache().join("results/notes.txt").is_file()
    );
}

#[test]
fn a_folder_where_a_file_should_be_is_a_miss_and_not_a_hindrance() {
    for at in 0..stored().files().len() {
        let project = stored();
        let file = project.files()[at].clone();
        fs::remove_file(&file).expect("it goes");
        fs::create_dir(&file).expect("a folder");
        fs::write(file.join("inside"), "x").expect("a file");
        without_outputs(&project);
        for name in ["first", "second"] {
            project.hit(name);
            // What is not ours is not removed; the job has run all the same, and the reason is said.
            if let Err(refused) = project.run(name) {
                assert!(refused.to_string().starts_with("the cache cannot be written"), "{refused}");
            }
            project.hit(name);
        }
        assert!(file.join("inside").is_file());
        assert_eq!(project.temporary(), [""; 0].map(Path::new));
    }
}

#[test]
fn a_file_where_the_cache_or_a_folder_of_it_should_be_is_no_hindrance() {
    for place in ["", "metadata", "results", "artifacts", "locks"] {
        let project = Project::new();
        fs::create_dir_all(project.cache()).expect("a folder");
        if place.is_empty() {
            fs::remove_dir(project.cache()).expect("it goes");
        }
        let path = if place.is_empty() { project.cache() } else { project.cache().join(place) };
        fs::write(path, "x").expect("a file");
        assert!(!project.hit("first"));
        let refused = project.run("first").expect_err("there is no room for it");
        assert!(refused.to_string().starts_with("the cache cannot be written"), "{place}: {refused}");
        assert!(!project.hit("first"));
        project.scanner.save();
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use std::{
        path::PathBuf,
        process::{Command, Stdio},
    };

    fn done(program: &str, arguments: &[&str]) -> bool {
        let run = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    }

    /// A disk of the test's own in `at`; needs the right to mount.
    struct Disk(PathBuf);

    impl Disk {
        fn mount(at: &Path, options: &str) -> Option<Self> {
            fs::create_dir_all(at).expect("a folder");
            let text = at.to_str().expect("Unicode");
            done("mount", &["-t", "tmpfs", "-o", options, "tmpfs", text]).then(|| Self(at.to_owned()))
        }

        fn remount(&self, options: &str) {
            let text = self.0.to_str().expect("Unicode");
            assert!(done("mount", &["-o", &format!("remount,{options}"), text]));
        }
    }

    impl Drop for Disk {
        fn drop(&mut self) {
            done("umount", &["-l", self.0.to_str().unwrap_or_default()]);
        }
    }

    #[test]
    fn a_full_disk_keeps_what_is_there_and_says_why() {
        let project = Project::new();
        let Some(disk) = Disk::mount(&project.cache(), "size=64k,nr_inodes=64") else {
            eprintln!("not tried: this user may not mount a disk");
            return;
        };
        project.run("first").expect("there is room");
        let filler = project.cache().join("filler");
        let _ = fs::write(&filler, vec![b'x'; 256 * 1024]);
        let refused = project.run("second").expect_err("the disk is full");
        assert!(refused.to_string().starts_with("the cache cannot be written"), "{refused}");
        without_outputs(&project);
        assert!(!project.hit("second"));
        assert!(project.hit("first"), "what was stored before");
        assert_eq!(project.temporary(), [""; 0].map(Path::new));
        fs::remove_file(&filler).expect("it goes");
        recovers(&project);
        drop(disk);
    }

    #[test]
    fn a_cache_that_cannot_be_written_still_gives_hits() {
        let project = Project::new();
        let Some(disk) = Disk::mount(&project.cache(), "size=1m") else {
            eprintln!("not tried: this user may not mount a disk");
            return;
        };
        project.run("first").expect("it is stored");
        disk.remount("ro");
        without_outputs(&project);
        assert!(project.hit("first"));
        assert!(!project.hit("second"));
        let refused = project.run("second").expect_err("nothing can be written");
        assert!(refused.to_string().starts_with("the cache cannot be written"), "{refused}");
        project.scanner.save();
        disk.remount("rw");
        recovers(&project);
    }

    #[test]
    fn no_permission_is_a_miss() {
        if std::env::var_os("AITHER_TEST_WITHOUT_RIGHTS").is_some() {
            let project = Project::at(Path::new(&std::env::var_os("AITHER_TEST_ROOT").expect("a root")));
            assert!(!project.hit("first"), "its files may not be read");
            let refused = project.store("first").expect_err("nothing may be written");
            assert!(refused.to_string().starts_with("the cache cannot be written"), "{refused}");
            return;
        }
        let project = Project::new();
        project.run("first").expect("it is stored");
        for path in walkdir::WalkDir::new(project.cache()).contents_first(true).into_iter().flatten() {
            let mode = if path.file_type().is_dir() { "555" } else { "000" };
            assert!(done("chmod", &[mode, path.path().to_str().expect("Unicode")]));
        }
        assert!(done("chmod", &["755", project.root().to_str().expect("Unicode")]));
        let variables =
            [("AITHER_TEST_WITHOUT_RIGHTS", Path::new("1")), ("AITHER_TEST_ROOT", project.root())];
        let tried = unprivileged::run(project.root(), "linux::no_permission_is_a_miss", &variables);
        done("chmod", &["-R", "755", project.root().to_str().expect("Unicode")]);
        assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stdout));
    }
}
