//! What the collector takes, and what it leaves.

use aither_orchestration::{
    cache::{artifact, Limits, Scanner, Store, FOLDER},
    playbook::{FolderCache, IfNoFilesFound, Upload},
};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Project {
    folder: TempDir,
    store: Store,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::new(folder.path().join(FOLDER));
        Self { folder, store }
    }

    fn scanner(&self) -> Scanner {
        Scanner::new(self.folder.path(), &self.store.index())
    }

    /// Keeps a folder with one file of so many bytes.
    fn keep(&self, key: &str, bytes: usize) -> FolderCache {
        let path = format!("tools/{key}/data");
        let file = self.folder.path().join(&path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
        fs::write(&file, vec![key.as_bytes()[0]; bytes]).expect("a file");
        let cache = FolderCache {
            key: key.to_owned(),
            restore_keys: Vec::new(),
            paths: vec![format!("tools/{key}")],
        };
        assert!(cache.save(&self.store, &self.scanner()).expect("it is kept"));
        fs::remove_file(file).expect("it goes");
        cache
    }

    fn is_there(&self, cache: &FolderCache) -> bool {
        let exact = cache.restore(&self.store, &self.scanner()).expect("a look").exact;
        assert_eq!(exact, self.folder.path().join(&cache.paths[0]).join("data").exists());
        exact
    }

    fn files(&self) -> Vec<PathBuf> {
        let all = walkdir::WalkDir::new(self.store.folder().join("artifacts")).into_iter();
        all.map(|entry| entry.expect("an entry"))
            .filter(|entry| entry.file_type().is_file())
            .map(walkdir::DirEntry::into_path)
            .collect()
    }

    /// Makes everything that is there so old, and says which files that are.
    fn age(&self, age: Duration) {
        self.files().iter().for_each(|file| set(file, age));
    }
}

fn set(file: &Path, age: Duration) {
    let opened = File::options().append(true).open(file).expect("a file");
    opened.set_modified(SystemTime::now() - age).expect("a time");
}

#[test]
fn a_tool_folder_goes_a_week_after_it_was_last_restored() {
    let project = Project::new();
    let (used, unused) = (project.keep("used", 100), project.keep("other", 100));
    project.age(8 * DAY);
    assert!(project.is_there(&used), "restoring it is using it");
    fs::remove_dir_all(project.folder.path().join("tools")).expect("it goes");
    let before = project.files().len();
    let collected = project.store.collect(&Limits::default()).expect("collected");
    assert!(collected.bytes > 100, "{collected:?}");
    assert_eq!(project.files().len(), before - 2, "its list and its contents are gone");
    assert!(project.is_there(&used) && !project.is_there(&unused));
}

#[test]
fn the_least_recently_used_tool_folder_goes_beyond_the_limit_of_bytes() {
    let project = Project::new();
    let first = project.keep("first", 10_000);
    project.age(3 * DAY);
    let second = project.keep("second", 10_000);
    for file in project.files() {
        let age = file.metadata().and_then(|metadata| metadata.modified()).expect("a time").elapsed();
        if age.is_ok_and(|age| age < DAY) {
            set(&file, 2 * DAY);
        }
    }
    let limits = Limits { bytes: Some(15_000), ..Limits::default() };
    project.store.collect(&limits).expect("collected");
    assert!(!project.is_there(&first) && project.is_there(&second));
}

#[test]
fn artifacts_stay_for_their_days_whatever_the_limit_of_bytes_is() {
    let project = Project::new();
    fs::write(project.folder.path().join("report.txt"), "a report").expect("a file");
    let upload = Upload {
        name: "report".into(),
        path: vec!["report.txt".into()],
        if_no_files_found: IfNoFilesFound::Error,
        include_hidden_files: false,
        retention_days: Some(30),
    };
    artifact::publish(&project.store, &project.scanner(), "run", &upload).expect("published");
    let folder = project.keep("tool", 100);
    project.age(8 * DAY);
    project.store.collect(&Limits { bytes: Some(1), ..Limits::default() }).expect("collected");
    assert!(!project.is_there(&folder));
    let place = project.folder.path().join("in");
    artifact::receive(&project.store, Some("run"), "report", &place).expect("it is still there");
    assert_eq!(fs::read_to_string(place.join("report.txt")).expect("a file"), "a report");
}
