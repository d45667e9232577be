//! Entries on disk: blobs, then the result, then the metadata, which makes them an entry.

use super::{
    blobs::Blobs,
    entry::{Body, Metadata, ScriptLine, StoredFile, StoredResult},
    lock::{Lease, StoreLock},
    manifest::Manifest,
    restore::{self, Refusal},
    scanner::Scanner,
    sealed::{self, Unsealed},
    timestamp, Digest, KeyDocument,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};
use thiserror::Error;

/// The folder of a project's cache, below its root.
pub const FOLDER: &str = ".orchestration-cache";

/// One cache on disk.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    pub(super) blobs: Blobs,
}

/// Why a key has no usable entry.
#[derive(Debug, Error)]
pub enum Miss {
    /// It was never stored, or is gone.
    #[error("it is not in the cache")]
    Absent,
    /// A part of it is not what was written.
    #[error("the cache's {what} of it is of no use: {why}")]
    Damaged {
        /// metadata, result, or a file.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Its files would go where they must not.
    #[error("its files cannot be restored: {0}")]
    Refused(#[from] Refusal),
}

/// An entry that was found.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Of what it is.
    pub metadata: Metadata,
    /// What it replays.
    pub result: StoredResult,
}

/// A job that has succeeded, for storing.
#[derive(Debug)]
pub struct Finished<'a> {
    /// What its key was made of.
    pub document: &'a KeyDocument,
    /// Its inputs.
    pub manifest: &'a Manifest,
    /// Its script, where it has one.
    pub script: ScriptLine,
    /// What it came to; `files` are found here.
    pub result: StoredResult,
}

/// Why a finished job is not stored.
#[derive(Debug, Error)]
pub enum NotStored {
    /// A pattern of its outputs matches nothing.
    #[error("its declared output '{0}' is not there")]
    MissingOutput(String),
    /// An output is no file, or a link that must not be restored.
    #[error("its output {path} cannot be kept: {why}")]
    Output {
        /// Below the root.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The outputs cannot be read.
    #[error(transparent)]
    Scan(#[from] super::ScanError),
    /// The disk does not take it.
    #[error("the cache cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl Store {
    /// The store in this folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { blobs: Blobs::new(folder.join("artifacts")), folder }
    }

    /// The store's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the file-hash index is kept.
    pub fn index(&self) -> PathBuf {
        self.folder.join("metadata").join("files.index")
    }

    pub(super) fn metadata(&self, key: &Digest) -> PathBuf {
        self.folder.join("metadata").join(format!("{key}.meta.json"))
    }

    pub(super) fn result(&self, key: &Digest) -> PathBuf {
        self.folder.join("results").join(format!("{key}.json"))
    }

    pub(super) fn locks(&self) -> PathBuf {
        self.folder.join("locks")
    }

    pub(super) fn share(&self) -> io::Result<StoreLock> {
        StoreLock::shared(&self.locks().join("store"))
    }

    pub(super) fn exclude(&self) -> io::Result<StoreLock> {
        StoreLock::exclusive(&self.locks().join("store"))
    }

    /// The right to compute a key, or none while another process or job has it.
    ///
    /// # Errors
    /// What the system says.
    pub fn try_lease(&self, key: &Digest) -> io::Result<Option<Lease>> {
        Lease::try_take(&self.locks().join(key.to_string()))
    }

    /// Waits for the right to compute a key.
    ///
    /// # Errors
    /// What the system says.
    pub fn lease(&self, key: &Digest) -> io::Result<Lease> {
        Lease::take(&self.locks().join(key.to_string()))
    }

    /// The entry of a key, everything but its files' contents checked.
    ///
    /// # Errors
    /// [`Miss`]; nothing that was not stored under exactly this key is ever an entry.
    pub fn find(&self, key: &Digest) -> Result<Entry, Miss> {
        let damaged = |what| {
            move |error: Unsealed| match error {
                Unsealed::Absent => Miss::Damaged { what, why: "it is not there".into() },
                other => Miss::Damaged { what, why: other.to_string() },
            }
        };
        let metadata: Metadata = match sealed::read(&self.metadata(key)) {
            Err(Unsealed::Absent) => return Err(Miss::Absent),
            read => read.map_err(damaged("metadata"))?,
        };
        let foreign = |what| Miss::Damaged { what, why: "it belongs to another key".into() };
        let own = metadata.document.as_ref().is_some_and(|document| document.key() == *key);
        if metadata.cache_key != *key || !own || !metadata.success {
            return Err(foreign("metadata"));
        }
        let (digest, result) = self.read_result(key).map_err(damaged("result"))?;
        if digest != metadata.result {
            return Err(foreign("result"));
        }
        Ok(Entry { metadata, result })
    }

    fn read_result(&self, key: &Digest) -> Result<(Digest, StoredResult), Unsealed> {
        let path = self.result(key);
        if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Unsealed::Damaged);
        }
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Unsealed::Absent,
            _ => Unsealed::Unreadable(error),
        })?;
        let result = sealed::unseal(&bytes).ok_or(Unsealed::Damaged)?;
        Ok((Digest::of(&bytes), result))
    }

    /// Finds an entry and puts its files where they belong, if they are not there already. Says
    /// whether any file was written.
    ///
    /// # Errors
    /// [`Miss`]; no file was written then.
    pub fn replay(&self, key: &Digest, scanner: &Scanner) -> Result<(Entry, bool), Miss> {
        if !self.folder.is_dir() {
            return Err(Miss::Absent);
        }
        // Where the lock cannot be had, for example on a disk that is read-only, nobody can collect.
        let _lock = self.share().ok();
        let entry = self.find(key)?;
        let wrote = restore::files(&self.blobs, scanner, &entry.result.files)?;
        touch(&self.metadata(key));
        Ok((entry, wrote))
    }

    /// Stores a job that has succeeded, with its declared outputs.
    ///
    /// # Errors
    /// [`NotStored`]; the entry is then as it was before.
    pub fn store(&self, finished: Finished<'_>, scanner: &Scanner) -> Result<Digest, NotStored> {
        let Finished { document, manifest, script, mut result } = finished;
        let key = document.key();
        let _lock = self.share()?;
        result.files = super::outputs::collect(&document.outputs, scanner)?;
        for file in &result.files {
            if let Body::File { digest, size, .. } = &file.body {
                self.blobs.put_file(&scanner.root().join(&file.path), digest, *size)?;
            }
        }
        self.blobs.put(manifest.bytes())?;
        let bytes = sealed::seal(&result)?;
        super::atomic::write(&self.result(&key), &bytes)?;
        let files: u64 = result.files.iter().map(StoredFile::size).sum();
        let metadata = Metadata {
            cache_key: key,
            timestamp: timestamp::now(),
            scripts: vec![script],
            variables: document.parameters.clone(),
            success: true,
            document: Some(document.clone()),
            result: Digest::of(&bytes),
            size: bytes.len() as u64 + manifest.bytes().len() as u64 + files,
        };
        sealed::write(&self.metadata(&key), &metadata)?;
        Ok(key)
    }

    /// Stores what a whole run came to (`Save-OrchestrationCache`); it is kept for looking at and is
    /// never a hit of a job.
    ///
    /// # Errors
    /// What the system says.
    pub fn store_run(&self, run: &StoredRun) -> io::Result<()> {
        let _lock = self.share()?;
        let bytes = sealed::seal(&run.result)?;
        super::atomic::write(&self.result(&run.key), &bytes)?;
        let metadata = Metadata {
            cache_key: run.key,
            timestamp: timestamp::now(),
            scripts: run.scripts.clone(),
            variables: run.variables.clone(),
            success: run.success,
            document: None,
            result: Digest::of(&bytes),
            size: bytes.len() as u64,
        };
        sealed::write(&self.metadata(&run.key), &metadata)
    }

    /// The text of a manifest that a key document names.
    pub fn manifest(&self, digest: Digest) -> Option<Vec<u8>> {
        self.blobs.get(&digest).ok()
    }

    /// Everything that is stored, the damaged and foreign passed over; most recently used first.
    ///
    /// # Errors
    /// What the system says of a folder that is there and cannot be read.
    pub fn entries(&self) -> io::Result<Vec<Listed>> {
        let mut entries = Vec::new();
        let folder = match fs::read_dir(self.folder.join("metadata")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(entries),
            other => other?,
        };
        for item in folder {
            let item = item?;
            let name = item.file_name();
            let key = name.to_str().and_then(|name| name.strip_suffix(".meta.json"));
            let Some(key) = key.and_then(|key| key.parse::<Digest>().ok()) else { continue };
            let Ok(metadata) = sealed::read::<Metadata>(&item.path()) else { continue };
            if metadata.cache_key != key {
                continue;
            }
            let Ok(last_used) = item.metadata().and_then(|metadata| metadata.modified()) else { continue };
            entries.push(Listed { metadata, last_used });
        }
        entries.sort_unstable_by_key(|entry| (std::cmp::Reverse(entry.last_used), entry.metadata.cache_key));
        Ok(entries)
    }
}

/// Remembers that what this file stands for was used.
pub(super) fn touch(path: &Path) {
    // What has no new time is only collected earlier.
    let opened = File::options().append(true).open(path);
    let _ = opened.and_then(|file| file.set_modified(SystemTime::now()));
}

/// An entry as a list has it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Of what it is.
    pub metadata: Metadata,
    /// When it was last stored or replayed.
    pub last_used: SystemTime,
}

/// A whole run's result, for [`Store::store_run`].
#[derive(Debug, Clone, Serialize)]
pub struct StoredRun {
    /// The key.
    pub key: Digest,
    /// What ran.
    pub scripts: Vec<ScriptLine>,
    /// The variables.
    pub variables: Map<String, Value>,
    /// Whether all went well.
    pub success: bool,
    /// The result object.
    pub result: Map<String, Value>,
}
