//! Caches of tool folders: `cache: {key, restore-keys, paths}`, as actions/cache has them.

use super::{
    collect::{items, Old, What},
    lock::Lease,
    restore, sealed,
    store::touch,
    timestamp, Digest, Scanner, Store, StoredFile,
};
use super::{
    entry::Body,
    patterns::Patterns,
    walk, {content, PatternError, Refusal},
};
use crate::playbook::FolderCache;
use serde::{Deserialize, Serialize};
use std::{fs, io, path::PathBuf};
use thiserror::Error;

/// What came of looking for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// The key whose files were restored, none where there was none.
    pub matched: Option<String>,
    /// Whether it is exactly the key that was asked for.
    pub exact: bool,
}

/// Why a folder is not kept or not restored.
#[derive(Debug, Error)]
pub enum FolderError {
    /// A pattern is refused.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A file cannot be kept, or must not be restored.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The disk says no.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A kept folder, sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Kept {
    key: String,
    timestamp: String,
    /// Of the patterns: a key means something only together with what it was kept for.
    version: Digest,
    files: Vec<StoredFile>,
}

impl FolderCache {
    fn version(&self) -> Digest {
        let mut encoder = super::encode::Encoder::new("aither-orchestration-folder-1");
        encoder.count(b'P', self.paths.len());
        self.paths.iter().for_each(|path| encoder.text(path));
        encoder.finish()
    }

    fn file(&self, store: &Store) -> PathBuf {
        file(store, &self.key, &self.version())
    }

    /// Puts the files of the key back, or of the newest entry that the first matching one of
    /// `restore-keys` begins. A damaged entry is passed over.
    ///
    /// # Errors
    /// [`FolderError`] where the files may not be put where they belong.
    pub fn restore(&self, store: &Store, scanner: &Scanner) -> Result<Restored, FolderError> {
        let _lock = store.share().ok();
        let version = self.version();
        if let Ok(kept) = sealed::read::<Kept>(&self.file(store)) {
            if kept.key == self.key && kept.version == version {
                match restore::files(&store.blobs, scanner, &kept.files) {
                    Ok(_) => {
                        touch(&self.file(store));
                        return Ok(Restored { matched: Some(kept.key), exact: true });
                    }
                    Err(Refusal::Io { .. }) => {}
                    Err(refusal) => return Err(refusal.into()),
                }
            }
        }
        let mut all: Vec<Kept> = kept(store).into_iter().filter(|kept| kept.version == version).collect();
        all.sort_by(|one, other| (&other.timestamp, &other.key).cmp(&(&one.timestamp, &one.key)));
        for prefix in &self.restore_keys {
            for kept in all.iter().filter(|kept| kept.key.starts_with(prefix)) {
                match restore::files(&store.blobs, scanner, &kept.files) {
                    Ok(_) => {
                        touch(&file(store, &kept.key, &version));
                        return Ok(Restored { matched: Some(kept.key.clone()), exact: false });
                    }
                    Err(Refusal::Io { .. }) => {}
                    Err(refusal) => return Err(refusal.into()),
                }
            }
        }
        Ok(Restored::default())
    }

    /// Keeps the files, unless the key has an entry already. Says whether it did.
    ///
    /// # Errors
    /// [`FolderError`]; nothing is kept then.
    pub fn save(&self, store: &Store, scanner: &Scanner) -> Result<bool, FolderError> {
        let _lock = store.share()?;
        let path = self.file(store);
        // Of two that save the same key the second one finds it saved.
        let lease = Digest::of(path.as_os_str().as_encoded_bytes());
        let _lease = Lease::take(&store.locks().join(lease.to_string()))?;
        let usable = |kept: Kept| {
            kept.files.iter().filter_map(StoredFile::digest).all(|d| store.blobs.get(&d).is_ok())
        };
        if sealed::read::<Kept>(&path).is_ok_and(usable) {
            return Ok(false);
        }
        let mut files = Vec::new();
        for found in walk::matching(scanner.root(), &Patterns::new(&self.paths)?)? {
            let body = if found.metadata.is_file() {
                let read = content::read(&found.path)?;
                store.blobs.put_file(&found.path, &read.digest, read.stamp.size)?;
                let executable = content::is_executable(&found.metadata);
                Body::File { digest: read.digest, size: read.stamp.size, executable }
            } else if found.metadata.file_type().is_symlink() {
                let target = fs::read_link(&found.path)?;
                Body::Link { target: target.to_string_lossy().into_owned() }
            } else {
                continue;
            };
            let file = StoredFile { path: found.name, body };
            restore::check(scanner.root(), &file)?;
            files.push(file);
        }
        let kept =
            Kept { key: self.key.clone(), timestamp: timestamp::now(), version: self.version(), files };
        sealed::write(&path, &kept)?;
        Ok(true)
    }
}

fn folder(store: &Store) -> PathBuf {
    store.blobs.folder().join("folders")
}

fn file(store: &Store, key: &str, version: &Digest) -> PathBuf {
    let mut encoder = super::encode::Encoder::new("aither-orchestration-folder-1");
    encoder.text(key);
    encoder.optional(Some(version.as_bytes()));
    folder(store).join(format!("{}.json", encoder.finish()))
}

fn kept(store: &Store) -> Vec<Kept> {
    let items = items(&folder(store)).unwrap_or_default();
    items.into_iter().filter_map(|item| sealed::read(&item.path()).ok()).collect()
}

/// Every folder that is kept, for the collector. One that cannot be read is known by its file alone.
pub(super) fn known(store: &Store) -> io::Result<Vec<Old>> {
    let mut all = Vec::new();
    for item in items(&folder(store))? {
        let name = item.file_name();
        let digest = name.to_str().and_then(|name| name.strip_suffix(".json")?.parse::<Digest>().ok());
        let (Some(_), Ok(metadata)) = (digest, item.metadata()) else { continue };
        if !metadata.is_file() {
            continue;
        }
        let path = item.path();
        let files = sealed::read::<Kept>(&path).map(|kept| kept.files).unwrap_or_default();
        all.push(Old {
            used: metadata.modified()?,
            size: metadata.len() + files.iter().map(StoredFile::size).sum::<u64>(),
            blobs: files.iter().filter_map(StoredFile::digest).collect(),
            what: What::Folder(path),
        });
    }
    Ok(all)
}
