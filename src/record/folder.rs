//! Where the records of runs are, and who holds one.

use super::name::{is_run_id, log_name};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The folder of everything that the engine keeps in a project, made if need be. Version control
/// never sees it: it brings a `.gitignore` of its own.
///
/// # Errors
/// What the system says.
pub fn project_cache(root: &Path) -> io::Result<PathBuf> {
    let folder = root.join(".orchestration-cache");
    fs::create_dir_all(&folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    Ok(folder)
}

/// The folder of a project's runs. Nothing is made before [`RunFolder::create`].
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// The runs of the project at `root`.
    pub fn of(root: &Path) -> Self {
        Self(root.join(".orchestration-cache").join("runs"))
    }

    /// Makes it, for its user alone.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(root: &Path) -> io::Result<Self> {
        project_cache(root)?;
        let folder = Self::of(root);
        create_private(&folder.0)?;
        Ok(folder)
    }

    /// The ids of all runs that have a journal, the newest first; ids sort by time.
    ///
    /// # Errors
    /// What the system says of a folder that is there and cannot be read.
    pub fn ids(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
            ids.extend(id.filter(|id| is_run_id(id)).map(str::to_owned));
        }
        ids.sort_unstable_by(|one, other| other.cmp(one));
        Ok(ids)
    }

    /// A run's journal.
    pub fn journal(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.jsonl"))
    }

    /// The folder of a run's logs.
    pub fn logs(&self, id: &str) -> PathBuf {
        self.0.join(id)
    }

    /// The log of a job.
    pub fn log(&self, id: &str, number: &str) -> PathBuf {
        self.logs(id).join(log_name(number))
    }

    fn lock_file(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.lock"))
    }

    /// Holds a run for as long as it goes on. The system lets go of it when the process ends, however.
    ///
    /// # Errors
    /// What the system says, also of an id that is taken.
    pub fn hold(&self, id: &str) -> io::Result<RunLock> {
        let path = self.lock_file(id);
        let file = private_file().write(true).create_new(true).open(&path)?;
        file.lock()?;
        Ok(RunLock { path, _file: file })
    }

    /// Whether a process holds the run.
    pub fn is_held(&self, id: &str) -> bool {
        let Ok(file) = File::open(self.lock_file(id)) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Removes everything of a run. Its journal goes last: what has none is no run any more.
    ///
    /// # Errors
    /// What the system says; what is already gone is none.
    pub fn remove(&self, id: &str) -> io::Result<()> {
        gone(fs::remove_dir_all(self.logs(id)))?;
        gone(fs::remove_file(self.lock_file(id)))?;
        gone(fs::remove_file(self.journal(id)))
    }
}

fn gone(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// A run that goes on. The file goes with it.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    _file: File,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // One that stays is held by nobody, and goes with its run.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes a folder that only its user may look into.
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// How to open a file that only its user may look into. Elsewhere than on Unix it has the rights that
/// its folder passes on.
pub(crate) fn private_file() -> OpenOptions {
    #[cfg_attr(not(unix), allow(unused_mut, reason = "only Unix has a mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
