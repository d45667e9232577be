//! Which files there are.

use super::{atomic::TEMPORARY, patterns::Patterns};
use ignore::{WalkBuilder, WalkState};
use std::{
    ffi::OsStr,
    fs::Metadata,
    io,
    path::{Path, PathBuf},
    sync::Mutex,
};
use walkdir::WalkDir;

/// What the engine and AitherZero write themselves, below the root.
const OWN_FOLDERS: [&str; 4] =
    [".orchestration-cache", ".orchestration-jobs", "logs", "reports/orchestration"];

/// So many threads walk at once; more wait for each other.
const WALKERS: usize = 8;

/// A file that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Below the root, with `/` between names.
    pub name: String,
    pub path: PathBuf,
    /// Of the file itself, also where it is a link.
    pub metadata: Metadata,
}

/// Every file below `root` that git would not ignore, those of the engine's own folders excepted;
/// in no order. Links are not followed.
///
/// # Errors
/// What the system says of a folder that cannot be read.
pub(super) fn project(root: &Path) -> io::Result<Vec<Found>> {
    let found = Mutex::new(Vec::new());
    let failed = Mutex::new(None);
    let own: Vec<PathBuf> = OWN_FOLDERS.iter().map(|name| root.join(name)).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(WALKERS);
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .threads(threads)
        .filter_entry(move |entry| {
            entry.file_name() != ".git" && !own.iter().any(|folder| entry.path() == folder)
        })
        .build_parallel();
    walk.run(|| {
        let mut batch = Batch { found: Vec::new(), all: &found };
        let failed = &failed;
        Box::new(move |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                // A file that goes away while it is looked for is not there.
                Err(error) if is_gone(&error) => return WalkState::Continue,
                Err(error) => return quit(failed, io::Error::other(error)),
            };
            if entry.file_type().is_none_or(|kind| kind.is_dir()) || is_temporary(entry.file_name()) {
                return WalkState::Continue;
            }
            match entry.metadata() {
                Ok(metadata) => batch.found.push(Found {
                    name: name_below(root, entry.path()),
                    path: entry.into_path(),
                    metadata,
                }),
                Err(error) if is_gone(&error) => {}
                Err(error) => return quit(failed, io::Error::other(error)),
            }
            WalkState::Continue
        })
    });
    match failed.into_inner().unwrap_or_default() {
        Some(error) => Err(error),
        None => Ok(found.into_inner().unwrap_or_default()),
    }
}

/// A file that is being restored, or that a restorer which was killed has left behind.
fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
}

fn is_gone(error: &ignore::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn quit(failed: &Mutex<Option<io::Error>>, error: io::Error) -> WalkState {
    if let Ok(mut failed) = failed.lock() {
        failed.get_or_insert(error);
    }
    WalkState::Quit
}

/// What one thread has found; handed over when its part of the walk ends.
struct Batch<'a> {
    found: Vec<Found>,
    all: &'a Mutex<Vec<Found>>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if let Ok(mut all) = self.all.lock() {
            all.append(&mut self.found);
        }
    }
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
    let mut found = Vec::new();
    for base in bases {
        let walk = WalkDir::new(root.join(base)).into_iter().filter_entry(|entry| {
            entry.depth() == 0 || (entry.file_name() != ".git" && entry.file_name() != OWN_FOLDERS[0])
        });
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if is_missing(&error) => continue,
                Err(error) => return Err(error.into()),
            };
            if entry.file_type().is_dir() || is_temporary(entry.file_name()) {
                continue;
            }
            let name = name_below(root, entry.path());
            if !patterns.matches(&name) {
                continue;
            }
            match entry.metadata() {
                Ok(metadata) => found.push(Found { name, path: entry.into_path(), metadata }),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(found)
}

fn is_missing(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// A path's name below the root; one that is not Unicode gets a name that no other has.
fn name_below(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut name = String::with_capacity(below.as_os_str().len());
    for part in below {
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
    }
    name
}
