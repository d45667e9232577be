//! What files come to, for all jobs of a run: each is read once, and only if the index does not know it.

use super::{
    atomic, content,
    index::Index,
    patterns::Patterns,
    stamp::{now, Stamp},
    walk::{self, Found},
    Digest, Manifest, PatternError,
};
use crate::pool;
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
    },
};
use thiserror::Error;

/// Why inputs cannot be told.
#[derive(Debug, Error)]
pub enum ScanError {
    /// A pattern is refused.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// Below the root.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

/// Whether what was seen before may be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As long as nothing has run since.
    Shared,
    /// As it is now.
    Fresh,
}

/// Something seen, and the moment it was.
type Seen<T> = (u64, Arc<T>);
type Files = Vec<(String, Digest)>;

/// Looks at the files of one project.
#[derive(Debug)]
pub struct Scanner {
    root: PathBuf,
    index_path: PathBuf,
    index: RwLock<Index>,
    /// Grows whenever something may have changed files.
    moment: AtomicU64,
    /// The whole project, and the moment it was looked at.
    project: Mutex<Option<Seen<Files>>>,
    /// Manifests of the whole project without some outputs.
    manifests: Mutex<HashMap<Vec<String>, Seen<Manifest>>>,
}

impl Scanner {
    /// One for the project at `root`, with the index kept in this file.
    pub fn new(root: &Path, index: &Path) -> Self {
        Self {
            root: root.to_owned(),
            index_path: index.to_owned(),
            index: RwLock::new(Index::load(index)),
            moment: AtomicU64::new(0),
            project: Mutex::default(),
            manifests: Mutex::default(),
        }
    }

    /// The project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Says that files may have changed, for example because a job begins or ends.
    pub fn disturb(&self) {
        self.moment.fetch_add(1, Ordering::SeqCst);
    }

    /// The inputs that these patterns name, or every file of the project that git would not ignore;
    /// without what `outputs` name.
    ///
    /// # Errors
    /// [`ScanError`]
    pub fn inputs(
        &self,
        inputs: Option<&[String]>,
        outputs: &[String],
        view: View,
    ) -> Result<Arc<Manifest>, ScanError> {
        let without = Patterns::new(outputs)?;
        let Some(inputs) = inputs else { return self.undeclared(&without, outputs, view) };
        let found =
            walk::matching(&self.root, &Patterns::new(inputs)?).map_err(|error| self.failed(error))?;
        let found = found.into_iter().filter(|found| !without.matches(&found.name)).collect();
        let files = self.digests(found)?;
        Ok(Arc::new(Manifest::new(files.iter().map(|(name, digest)| (name.as_str(), *digest)))))
    }

    fn undeclared(
        &self,
        without: &Patterns,
        outputs: &[String],
        view: View,
    ) -> Result<Arc<Manifest>, ScanError> {
        // Whatever changes while the walk goes on makes a new moment, for which this walk is too old.
        let moment = self.moment.load(Ordering::SeqCst);
        if let (View::Shared, Some((then, manifest))) = (view, lock(&self.manifests).get(outputs)) {
            if *then == moment {
                return Ok(manifest.clone());
            }
        }
        let known = match (view, &*lock(&self.project)) {
            (View::Shared, Some((then, files))) if *then == moment => Some(files.clone()),
            _ => None,
        };
        let files = match known {
            Some(files) => files,
            None => {
                let found = walk::project(&self.root).map_err(|error| self.failed(error))?;
                let files = Arc::new(self.digests(found)?);
                *lock(&self.project) = Some((moment, files.clone()));
                files
            }
        };
        let kept = files.iter().filter(|(name, _)| !without.matches(name));
        let manifest = Arc::new(Manifest::new(kept.map(|(name, digest)| (name.as_str(), *digest))));
        lock(&self.manifests).insert(outputs.to_vec(), (moment, manifest.clone()));
        Ok(manifest)
    }

    /// The files there are that these patterns name, for keeping them: path, digest, what they are.
    pub(super) fn outputs(&self, patterns: &Patterns) -> Result<Vec<(Found, Digest)>, ScanError> {
        let found = walk::matching(&self.root, patterns).map_err(|error| self.failed(error))?;
        found
            .into_iter()
            .map(|found| {
                let digest = self.digest(&found)?;
                Ok((found, digest))
            })
            .collect()
    }

    /// The digest of one file, read only if the index does not know it.
    ///
    /// # Errors
    /// What the system says.
    pub fn file(&self, path: &Path) -> io::Result<Digest> {
        let metadata = std::fs::metadata(path)?;
        // Two roots may share an index, so what is outside of this one goes by its whole path.
        let name = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let stamp = Stamp::of(&metadata);
        if let Some(digest) = self.known().get(&name, &stamp) {
            return Ok(digest);
        }
        let read = content::read(path)?;
        self.learned().put(&name, read.stamp, read.digest, read.read_at);
        Ok(read.digest)
    }

    fn digest(&self, found: &Found) -> Result<Digest, ScanError> {
        let special = content::of_special(&found.path, &found.metadata);
        let digest = match special {
            Ok(Some(digest)) => Ok(digest),
            Ok(None) => self.file(&found.path),
            Err(error) => Err(error),
        };
        digest.map_err(|error| ScanError::Unreadable { path: found.name.clone(), error })
    }

    fn digests(&self, found: Vec<Found>) -> Result<Vec<(String, Digest)>, ScanError> {
        let mut known = Vec::with_capacity(found.len());
        let mut unknown = Vec::new();
        {
            let index = self.known();
            for file in found {
                let digest =
                    file.metadata.is_file().then(|| index.get(&file.name, &Stamp::of(&file.metadata)));
                match digest.flatten() {
                    Some(digest) => known.push((file.name, digest)),
                    None => unknown.push(file),
                }
            }
        }
        if unknown.is_empty() {
            return Ok(known);
        }
        let read = pool::map(unknown, read).into_iter().collect::<Result<Vec<_>, ScanError>>()?;
        let mut index = self.learned();
        for Read { name, digest, seen } in read.into_iter().flatten() {
            if let Some((stamp, at)) = seen {
                index.put(&name, stamp, digest, at);
            }
            known.push((name, digest));
        }
        Ok(known)
    }

    /// Writes the index, where it has something new. A failure costs only time.
    pub fn save(&self) {
        let changes = self.learned().changes();
        if let Some(bytes) = changes {
            // The index is a help: without it every file is read again.
            let _ = atomic::write(&self.index_path, &bytes);
        }
    }

    fn known(&self) -> RwLockReadGuard<'_, Index> {
        // What stands behind the locks is a memory of files, right whenever it is there.
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn learned(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: io::Error) -> ScanError {
        ScanError::Unreadable { path: self.root.display().to_string(), error }
    }
}

struct Read {
    name: String,
    digest: Digest,
    seen: Option<(Stamp, i64)>,
}

/// Reads a file; none where it went away meanwhile.
fn read(file: Found) -> Result<Option<Read>, ScanError> {
    let read_at = now();
    let read = match content::of_special(&file.path, &file.metadata) {
        Ok(Some(digest)) => Ok(Read { name: file.name.clone(), digest, seen: None }),
        Ok(None) => content::read(&file.path).map(|read| Read {
            name: file.name.clone(),
            digest: read.digest,
            seen: Some((read.stamp, read.read_at.min(read_at))),
        }),
        Err(error) => Err(error),
    };
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ScanError::Unreadable { path: file.name, error }),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What stands behind the locks is a memory of files, right whenever it is there.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
