//! A project further down than the 260 characters that Windows once knew: its cache, records and logs are there all
//! the same.

mod cached;

use aither_orchestration::{
    catalog::Catalog,
    record::{read_log, Recorder, RunFolder},
};
use cached::Project;
use crossbeam_channel::bounded;
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The place of a project, longer than that without any of its files.
fn deep(folder: &Path) -> PathBuf {
    let root = (0..5).fold(folder.to_owned(), |path, at| path.join(format!("{at}-{}", "long".repeat(15))));
    fs::create_dir_all(&root).expect("folders");
    assert!(root.as_os_str().len() > 300);
    root
}

#[test]
fn a_result_is_stored_and_replayed() {
    // Wine 8 cannot tell the whole path of such a file, which the cache asks for.
    if env::var_os("WINEPREFIX").is_some() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = deep(folder.path());
    let project = Project::at(&root);
    project.write("src/a.txt", "a");
    project.write(&format!("src/{}/b.txt", "b".repeat(100)), "b");
    project.run("long").expect("it is stored");
    fs::remove_file(root.join("out/long.txt")).expect("the output goes");
    assert!(project.hit("long"), "{:?}", project.replay("long").err());
    assert!(root.join("out/long.txt").is_file());
    project.write("src/a.txt", "another");
    assert!(!project.hit("long"));
}

#[test]
fn scripts_are_found_and_logs_are_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = deep(folder.path());
    let scripts = root.join("automation-scripts");
    fs::create_dir(&scripts).expect("a folder");
    fs::write(scripts.join("0402_Run-UnitTests.ps1"), "# Stage: Testing\n").expect("a script");
    let catalog = Catalog::open(&root).expect("a catalog");
    assert_eq!(catalog.scripts().count(), 1);

    let id = "20261126-120000-00000000";
    let (recorder, logbook) =
        Recorder::start(&root, id, Box::new(|trouble| panic!("{trouble}"))).expect("a thread");
    logbook.write("0402", 1, "ran");
    let (done, finished) = bounded(1);
    recorder.end(Box::new(move || done.send(()).expect("a listener")));
    finished.recv_timeout(Duration::from_secs(300)).expect("an end");
    let log = read_log(&RunFolder::of(&root).log(id, "0402"), 0, usize::MAX).expect("a log");
    assert_eq!(log.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["ran"]);
}
