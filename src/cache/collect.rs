//! Takes away what is no longer used.

use super::{
    atomic::TEMPORARY,
    entry::{Metadata, StoredResult},
    lock::Lease,
    sealed, Digest, Store,
};
use serde::Serialize;
use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is collected.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Entries that were not used for so long.
    pub unused: Option<Duration>,
    /// The least recently used, until all together have no more bytes than this.
    pub bytes: Option<u64>,
    /// These, whenever they were used.
    pub keys: Vec<Digest>,
    /// Nothing that is younger than this.
    pub spared: Duration,
}

impl Default for Limits {
    /// SEMANTICS, "Cache": 7 days unused, 10 GiB, nothing younger than an hour.
    fn default() -> Self {
        Self {
            unused: Some(7 * DAY),
            bytes: Some(10 * 1024 * 1024 * 1024),
            keys: Vec::new(),
            spared: Duration::from_secs(60 * 60),
        }
    }
}

/// What was collected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// The keys of entries that are gone.
    pub removed: Vec<Digest>,
    /// How many entries are left.
    pub kept: usize,
    /// Bytes of the files that are gone.
    pub bytes: u64,
}

/// Something that goes when it was not used for long.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A job's or a run's result.
    Entry(Digest),
    /// A tool folder's cache, in this file.
    Folder(PathBuf),
}

/// One of them, as far as the collector has to know it.
pub(super) struct Old {
    pub what: What,
    pub used: SystemTime,
    pub size: u64,
    pub blobs: Vec<Digest>,
}

impl Store {
    /// Removes what the limits do not let stay, and what nothing refers to. Waits for whoever reads
    /// or writes, and keeps them waiting. Artifacts go by the days that they were published for, and
    /// their bytes do not count: they cannot be made anew by running a job again.
    ///
    /// # Errors
    /// What the system says of the lock or of a folder; what is in use elsewhere stays.
    pub fn collect(&self, limits: &Limits) -> io::Result<Collected> {
        if !self.folder().is_dir() {
            return Ok(Collected::default());
        }
        let _lock = self.exclude()?;
        let now = SystemTime::now();
        let age = |time: SystemTime| now.duration_since(time).unwrap_or_default();
        let mut collected = Collected::default();
        let mut old = self.known()?;
        // The least recently used first.
        old.extend(super::folder::known(self)?);
        old.sort_unstable_by(|one, other| (one.used, &one.what).cmp(&(other.used, &other.what)));
        let mut total: u64 = old.iter().map(|entry| entry.size).sum();
        let mut kept: HashSet<Digest> = HashSet::new();
        let mut blobs: HashSet<Digest> = super::artifact::blobs(self, now);
        for entry in old {
            let unused = limits.unused.is_some_and(|limit| age(entry.used) >= limit);
            let too_much = limits.bytes.is_some_and(|limit| total > limit);
            let is_named = matches!(&entry.what, What::Entry(key) if limits.keys.contains(key));
            let goes = is_named || ((unused || too_much) && age(entry.used) >= limits.spared);
            if !goes {
                blobs.extend(entry.blobs);
            } else {
                total = total.saturating_sub(entry.size);
            }
            match entry.what {
                What::Entry(key) if goes => {
                    // The metadata first: without it the rest is no entry any more.
                    for path in [self.metadata(&key), self.result(&key)] {
                        collected.bytes += remove(&path)?;
                    }
                    collected.removed.push(key);
                }
                What::Entry(key) => drop(kept.insert(key)),
                What::Folder(path) if goes => collected.bytes += remove(&path)?,
                What::Folder(_) => {}
            }
        }
        collected.kept = kept.len();
        let young = |item: &DirEntry| {
            let changed = item.metadata().and_then(|metadata| metadata.modified());
            changed.map_or(true, |changed| age(changed) < limits.spared)
        };
        for (folder, suffix) in [("metadata", ".meta.json"), ("results", ".json")] {
            for item in items(&self.folder().join(folder))? {
                let name = item.file_name();
                let key = name.to_str().and_then(|name| name.strip_suffix(suffix)?.parse::<Digest>().ok());
                let lost = key.is_some_and(|key| !kept.contains(&key));
                if (lost || is_temporary(&name)) && !young(&item) {
                    collected.bytes += remove(&item.path())?;
                }
            }
        }
        for item in blob_files(self.blobs.folder())? {
            let name = item.file_name();
            let digest = name.to_str().and_then(|name| name.parse::<Digest>().ok());
            let lost = digest.is_some_and(|digest| !blobs.contains(&digest));
            if (lost || is_temporary(&name)) && !young(&item) {
                collected.bytes += remove(&item.path())?;
            }
        }
        self.remove_free_locks()?;
        Ok(collected)
    }

    /// Removes the whole store: entries, blobs, artifacts, folder caches and the index; the folder
    /// itself stays with what is not the cache's.
    ///
    /// # Errors
    /// What the system says.
    pub fn clear(&self) -> io::Result<Collected> {
        if !self.folder().is_dir() {
            return Ok(Collected::default());
        }
        let _lock = self.exclude()?;
        let removed = self.entries()?.into_iter().map(|entry| entry.metadata.cache_key).collect();
        let mut collected = Collected { removed, ..Collected::default() };
        for name in ["metadata", "results", "artifacts"] {
            let folder = self.folder().join(name);
            collected.bytes += bytes_below(&folder);
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
        self.remove_free_locks()?;
        Ok(collected)
    }

    /// Every entry that can be read; what cannot is not known, and goes once it is old enough.
    fn known(&self) -> io::Result<Vec<Old>> {
        let entries = self.entries()?;
        Ok(entries
            .into_iter()
            .map(|listed| {
                let Metadata { cache_key, document, size, .. } = listed.metadata;
                let mut blobs: Vec<Digest> = document.iter().map(|document| document.inputs.digest).collect();
                if document.is_some() {
                    // A result that cannot be read needs no blobs: it is never a hit.
                    let result = sealed::read::<StoredResult>(&self.result(&cache_key));
                    let files = result.map(|result| result.files).unwrap_or_default();
                    blobs.extend(files.iter().filter_map(super::StoredFile::digest));
                }
                Old { what: What::Entry(cache_key), used: listed.last_used, size, blobs }
            })
            .collect())
    }

    /// Lock files that their holders have left behind by dying.
    fn remove_free_locks(&self) -> io::Result<()> {
        for item in items(&self.locks())? {
            let is_key = item.file_name().to_str().is_some_and(|name| name.parse::<Digest>().is_ok());
            if is_key {
                if let Ok(Some(lease)) = Lease::try_take(&item.path()) {
                    drop(lease);
                    #[cfg(not(unix))]
                    let _ = fs::remove_file(item.path());
                }
            }
        }
        Ok(())
    }
}

pub(super) fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
}

/// What is in a folder; nothing where it is not there.
pub(super) fn items(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
        Ok(items) => items.collect(),
    }
}

/// The files of the folders that are named by two digits, and what killed writers have left elsewhere.
fn blob_files(folder: &Path) -> io::Result<Vec<DirEntry>> {
    let mut files = Vec::new();
    for item in items(folder)? {
        let is_folder = item.file_type()?.is_dir();
        if is_folder && item.file_name().len() == 2 {
            files.extend(items(&item.path())?);
        } else if is_folder {
            files.extend(temporaries(&item.path())?);
        } else if is_temporary(&item.file_name()) {
            files.push(item);
        }
    }
    Ok(files)
}

/// Files that were still being written, at whatever depth.
fn temporaries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    let mut files = Vec::new();
    for item in items(folder)? {
        if item.file_type()?.is_dir() {
            files.extend(temporaries(&item.path())?);
        } else if is_temporary(&item.file_name()) {
            files.push(item);
        }
    }
    Ok(files)
}

/// Removes a file, says how many bytes it had, and leaves what is no file.
fn remove(path: &Path) -> io::Result<u64> {
    let size = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Ok(0),
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        other => other.map(|()| size),
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten();
    files.filter_map(|file| file.metadata().ok()).filter(|metadata| metadata.is_file()).map(|m| m.len()).sum()
}

/// When the store was last collected by itself: the time of this file.
fn stamp(store: &Store) -> PathBuf {
    store.locks().join("collected")
}

impl Store {
    /// Collects by the usual limits, if that has not been done for a day.
    ///
    /// # Errors
    /// As [`Store::collect`].
    pub fn collect_daily(&self) -> io::Result<Option<Collected>> {
        let path = stamp(self);
        let last = fs::metadata(&path).and_then(|metadata| metadata.modified());
        if last.is_ok_and(|last| last.elapsed().is_ok_and(|age| age < DAY)) {
            return Ok(None);
        }
        super::atomic::write(&path, b"")?;
        self.collect(&Limits::default()).map(Some)
    }
}
