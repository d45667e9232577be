//! Which files there are.
//!
//! What is in a folder is asked for through the folder that is open, which spares the system finding
//! the way to each file again. Of many folders each is a task of the pool.

use super::{
    atomic::TEMPORARY,
    ignored::{Fate, Rules},
    patterns::Patterns,
};
use crate::pool;
use rayon::Scope;
use std::{
    ffi::OsStr,
    fs::{self, DirEntry, Metadata},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// What the engine and AitherZero write themselves, below the root.
const OWN_FOLDERS: [&str; 4] = [super::FOLDER, ".orchestration-jobs", "logs", "reports/orchestration"];

/// So many folders are listed before others are asked to help: waking them takes longer than that.
const ALONE: usize = 16;

/// git's own folder, or the file that says where it is.
pub(super) const GIT: &str = ".git";

/// A file that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Below the root, with `/` between names.
    pub name: String,
    pub path: PathBuf,
    /// Of the file itself, also where it is a link.
    pub metadata: Metadata,
}

/// Every file below `root` that git would not ignore or that it tracks, those of the engine's own
/// folders excepted; in no order. Links are not followed.
///
/// # Errors
/// What the system says of a folder that cannot be read, or of git's index.
pub(super) fn project(root: &Path) -> io::Result<Vec<Found>> {
    let walk = Walk::default();
    // Without links, as the rules of folders above it know it.
    if let Some(root) = walk.there(fs::canonicalize(root)) {
        let rules = Rules::above(&root);
        through(vec![(root, String::new(), rules)], &|(folder, name, rules)| {
            walk.project(&folder, &name, &rules)
        });
    }
    walk.finish()
}

/// Every file below `root` that the patterns match, whatever git thinks of it; the engine's own
/// cache excepted. A link is followed where a pattern names it, and is else a file of its own.
///
/// # Errors
/// What the system says of a folder that cannot be read.
pub(super) fn matching(root: &Path, patterns: &Patterns) -> io::Result<Vec<Found>> {
    let mut bases: Vec<&Path> = patterns.wanted().iter().map(|wanted| wanted.base.as_path()).collect();
    bases.sort_unstable();
    // What is below another base is found from there.
    bases.dedup_by(|below, base| below.starts_with(base));
    let walk = Walk::default();
    let mut folders = Vec::new();
    for base in bases {
        let path = root.join(base);
        let Some(metadata) = walk.there(fs::symlink_metadata(&path)) else { continue };
        let name = name_below(root, &path);
        let kind = metadata.file_type();
        if kind.is_dir() || kind.is_symlink() && fs::metadata(&path).is_ok_and(|behind| behind.is_dir()) {
            folders.push((path.clone(), name.clone()));
        }
        let wanted = !kind.is_dir() && path.file_name().is_some_and(|name| !is_temporary(name));
        if wanted && patterns.matches(&name) {
            walk.add(vec![Found { name, path, metadata }]);
        }
    }
    through(folders, &|(folder, name)| walk.matching(&folder, &name, patterns));
    walk.finish()
}

/// Lists folders, and the folders in them that this gives.
fn through<F: Send>(mut folders: Vec<F>, list: &(impl Fn(F) -> Vec<F> + Sync)) {
    for _ in 0..ALONE {
        let Some(folder) = folders.pop() else { return };
        folders.extend(list(folder));
    }
    if !folders.is_empty() {
        match pool::threads() {
            Ok(pool) => {
                pool.scope(|scope| folders.into_iter().for_each(|folder| spread(scope, folder, list)));
            }
            Err(_) => {
                while let Some(folder) = folders.pop() {
                    folders.extend(list(folder));
                }
            }
        }
    }
}

fn spread<'s, F: Send + 's>(scope: &Scope<'s>, folder: F, list: &'s (impl Fn(F) -> Vec<F> + Sync)) {
    scope.spawn(move |scope| list(folder).into_iter().for_each(|folder| spread(scope, folder, list)));
}

/// What several tasks have found together, and the first thing that went wrong.
#[derive(Default)]
struct Walk {
    found: Mutex<Vec<Found>>,
    failed: Mutex<Option<io::Error>>,
}

impl Walk {
    fn finish(self) -> io::Result<Vec<Found>> {
        match self.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(self.found.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Finds the files of a folder, and gives the folders in it.
    fn project(&self, folder: &Path, name: &str, rules: &Rules) -> Vec<(PathBuf, String, Rules)> {
        let entries: Vec<_> = self.list(folder).into_iter().map(|entry| (entry.file_name(), entry)).collect();
        let has = |wanted: &str| entries.iter().any(|(name, _)| name == wanted);
        let rules = rules.inside(folder, has(GIT), has(".gitignore"));
        let (mut found, mut folders) = (Vec::with_capacity(entries.len()), Vec::new());
        for (file_name, entry) in entries {
            let Some(kind) = self.there(entry.file_type()) else { continue };
            if file_name == *GIT || is_temporary(&file_name) && !kind.is_dir() {
                continue;
            }
            let name = name_in(name, &file_name);
            if OWN_FOLDERS.contains(&name.as_str()) {
                continue;
            }
            let path = entry.path();
            let rules = match rules.of(&path, kind.is_dir()) {
                Ok(Fate::Kept) => rules.clone(),
                Ok(Fate::OnlyTracked) => rules.only_tracked(),
                Ok(Fate::Ignored) => continue,
                Err(error) => {
                    self.fail(error);
                    return Vec::new();
                }
            };
            if kind.is_dir() {
                folders.push((path, name, rules));
            } else if let Some(metadata) = self.there(entry.metadata()) {
                found.push(Found { name, path, metadata });
            }
        }
        self.add(found);
        folders
    }

    /// Finds the files of a folder that match, and gives the folders in it.
    fn matching(&self, folder: &Path, name: &str, patterns: &Patterns) -> Vec<(PathBuf, String)> {
        let entries = self.list(folder);
        let (mut found, mut folders) = (Vec::with_capacity(entries.len()), Vec::new());
        for entry in entries {
            let file_name = entry.file_name();
            if file_name == *GIT || file_name == *super::FOLDER {
                continue;
            }
            let Some(kind) = self.there(entry.file_type()) else { continue };
            let name = name_in(name, &file_name);
            if kind.is_dir() {
                folders.push((entry.path(), name));
            } else if !is_temporary(&file_name) && patterns.matches(&name) {
                if let Some(metadata) = self.there(entry.metadata()) {
                    found.push(Found { name, path: entry.path(), metadata });
                }
            }
        }
        self.add(found);
        folders
    }

    fn list(&self, folder: &Path) -> Vec<DirEntry> {
        let listed = fs::read_dir(folder).and_then(Iterator::collect);
        self.there(listed).unwrap_or_default()
    }

    /// What the system says of something. What went away while it was looked for is not there.
    fn there<T>(&self, said: io::Result<T>) -> Option<T> {
        match said {
            Ok(value) => return Some(value),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.fail(error),
        }
        None
    }

    fn fail(&self, error: io::Error) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    fn add(&self, mut found: Vec<Found>) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut found);
    }
}

/// A file that is being restored, or that a restorer which was killed has left behind.
fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
}

/// A path's name below the root.
fn name_below(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.iter().fold(String::new(), |name, part| name_in(&name, part))
}

/// The name of something in a folder with this name; one that is not Unicode gets a name that no
/// other has.
fn name_in(folder: &str, part: &OsStr) -> String {
    let mut name = String::with_capacity(folder.len() + 1 + part.len());
    name.push_str(folder);
    if !name.is_empty() {
        name.push('/');
    }
    match part.to_str() {
        Some(text) => name.push_str(text),
        None => {
            name.push_str(&part.to_string_lossy());
            name.push('\0');
            for byte in part.as_encoded_bytes() {
                name.push_str(&format!("{byte:02x}"));
            }
        }
    }
    name
}
