//! What git ignores, folder by folder, and what it tracks all the same.

use super::{tracked::Tracked, walk::GIT};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

/// What becomes of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// git would not ignore it, or tracks it.
    Kept,
    /// A folder that git would ignore, with something in it that git tracks.
    OnlyTracked,
    /// git would ignore it.
    Ignored,
}

/// The rules that hold in one folder: its own `.gitignore`, then those of the folders above it up to
/// the repository's, then the repository's `info/exclude`, then the user's own. The first that says
/// anything decides (`gitignore`, "DESCRIPTION").
#[derive(Debug, Clone)]
pub(super) struct Rules {
    nearest: Option<Arc<Folder>>,
    repository: Option<Arc<Repository>>,
    users: Arc<Gitignore>,
    /// Whether a folder above is ignored, and all in it that is not tracked.
    is_ignored: bool,
}

/// A folder's `.gitignore`.
#[derive(Debug)]
struct Folder {
    own: Gitignore,
    above: Option<Arc<Folder>>,
}

/// A repository that the walk is in.
#[derive(Debug)]
struct Repository {
    folder: PathBuf,
    /// Where git keeps what it knows of this working tree.
    git: PathBuf,
    exclude: Gitignore,
    /// Read when something is ignored for the first time.
    tracked: OnceLock<Result<Tracked, String>>,
}

impl Rules {
    /// The rules that the folders above `root` make, which is a path without links. Those of
    /// folders above the repository's do not count.
    pub fn above(root: &Path) -> Self {
        let users = Arc::new(Gitignore::global().0);
        let mut rules = Self { nearest: None, repository: None, users, is_ignored: false };
        if root.join(GIT).exists() {
            return rules;
        }
        let is_repository = |folder: &&Path| folder.join(GIT).exists();
        let parents: Vec<&Path> = root.ancestors().skip(1).collect();
        let top = parents.iter().position(is_repository);
        for (at, folder) in parents.iter().enumerate().take(top.map_or(usize::MAX, |top| top + 1)).rev() {
            rules = rules.inside(folder, top == Some(at), folder.join(".gitignore").exists());
        }
        rules
    }

    /// The rules of a folder in one that has these, given whether it has a `.git` and a `.gitignore`.
    pub fn inside(&self, folder: &Path, has_git: bool, has_rules: bool) -> Self {
        let mut rules = self.clone();
        if has_git {
            // Another repository, whose files the outer one says nothing about.
            rules.nearest = None;
            rules.is_ignored = false;
            rules.repository = Repository::of(folder).map(Arc::new);
        }
        if has_rules {
            let own = read(folder, &folder.join(".gitignore"));
            rules.nearest = Some(Arc::new(Folder { own, above: rules.nearest }));
        }
        rules
    }

    /// The rules of a folder that is ignored.
    pub fn only_tracked(&self) -> Self {
        Self { is_ignored: true, ..self.clone() }
    }

    /// What becomes of something in the folder.
    ///
    /// # Errors
    /// Where git's index is needed and cannot be read: nobody knows then what is tracked.
    pub fn of(&self, path: &Path, is_folder: bool) -> io::Result<Fate> {
        if !self.is_ignored && !self.ignores(path, is_folder) {
            return Ok(Fate::Kept);
        }
        let Some(repository) = &self.repository else { return Ok(Fate::Ignored) };
        let tracked = repository.tracked()?;
        let way = path.strip_prefix(&repository.folder).unwrap_or(path);
        Ok(match is_folder {
            true if tracked.has_below(way) => Fate::OnlyTracked,
            false if tracked.has(way) => Fate::Kept,
            _ => Fate::Ignored,
        })
    }

    fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let folders = std::iter::successors(self.nearest.as_deref(), |folder| folder.above.as_deref());
        let own = folders.map(|folder| &folder.own);
        let exclude = self.repository.iter().map(|repository| &repository.exclude);
        own.chain(exclude)
            .chain([&*self.users])
            .map(|rules| rules.matched(path, is_folder))
            .find(|said| !said.is_none())
            .is_some_and(|said| said.is_ignore())
    }
}

impl Repository {
    /// The repository whose working tree this folder is; none where its `.git` leads nowhere.
    fn of(folder: &Path) -> Option<Self> {
        let git = follow(folder, &folder.join(GIT), "gitdir: ")?;
        // A linked working tree shares `info` with the repository that it belongs to.
        let common = follow(&git, &git.join("commondir"), "").unwrap_or_else(|| git.clone());
        let exclude = read(folder, &common.join("info/exclude"));
        Some(Self { folder: folder.to_owned(), git, exclude, tracked: OnceLock::new() })
    }

    fn tracked(&self) -> io::Result<&Tracked> {
        let read = || Tracked::read(&self.git).map_err(|error| error.to_string());
        let index = self.git.join("index");
        self.tracked.get_or_init(read).as_ref().map_err(|why| {
            io::Error::other(format!(
                "which ignored files git tracks is not known, {}: {why}",
                index.display()
            ))
        })
    }
}

/// The folder that `path` is, or that the file there names behind `key`, seen from `folder`.
fn follow(folder: &Path, path: &Path, key: &str) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.to_owned());
    }
    let text = std::fs::read_to_string(path).ok()?;
    let target = folder.join(text.strip_prefix(key)?.trim_end_matches(['\r', '\n']));
    target.is_dir().then_some(target)
}

/// The rules in a file, as they hold below `folder`. A line that is no pattern says nothing, as with git.
fn read(folder: &Path, file: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    builder.add(file);
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
