//! Locks between processes. The system takes them from a holder that dies.

use fs2::FileExt;
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// The right to compute one key, given up when dropped.
#[derive(Debug)]
pub struct Lease {
    file: File,
    path: PathBuf,
}

impl Lease {
    /// The lease, or none while another holds it.
    pub(super) fn try_take(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = open(path)?;
            match file.try_lock_exclusive() {
                Ok(()) if is_still(&file, path) => return Ok(Some(Self { file, path: path.to_owned() })),
                // Its holder has removed the file between the opening and the locking.
                Ok(()) => {}
                Err(error) if error.kind() == fs2::lock_contended_error().kind() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for the lease as long as another holds it.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        loop {
            let file = open(path)?;
            match file.lock_exclusive() {
                Ok(()) if is_still(&file, path) => return Ok(Self { file, path: path.to_owned() }),
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // While it is still locked: whoever waits for it sees that the name is another file's now.
        #[cfg(unix)]
        let _ = fs::remove_file(&self.path);
        let _ = FileExt::unlock(&self.file);
        // The name of a file that is open may stay taken here; the collector removes it.
        #[cfg(not(unix))]
        let _ = &self.path;
    }
}

/// The lock of a whole store: many readers and writers, or one collector.
#[derive(Debug)]
pub(super) struct StoreLock(File);

impl StoreLock {
    /// For reading and writing entries. Waits for a collector.
    pub fn shared(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        FileExt::lock_shared(&file)?;
        Ok(Self(file))
    }

    /// For collecting. Waits for whoever reads or writes.
    pub fn exclusive(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        FileExt::lock_exclusive(&file)?;
        Ok(Self(file))
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        let _ = FileExt::unlock(&self.0);
    }
}

fn open(path: &Path) -> io::Result<File> {
    let create = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    match create() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            create()
        }
        other => other,
    }
}

/// Whether the name still belongs to the file that was opened.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(own), Ok(there)) => (own.dev(), own.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(file: &File, path: &Path) -> bool {
    use same_file::Handle;
    let own = file.try_clone().and_then(Handle::from_file);
    matches!((own, Handle::from_path(path)), (Ok(own), Ok(there)) if own == there)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    #[test]
    fn a_lease_is_held_by_one_and_leaves_no_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("locks/key");
        let first = Lease::try_take(&path).expect("a lock").expect("a lease");
        assert!(Lease::try_take(&path).expect("a lock").is_none());
        let (sender, taken) = mpsc::channel();
        let waiting = path.clone();
        let waiter = thread::spawn(move || {
            let lease = Lease::take(&waiting).expect("a lease");
            sender.send(()).expect("a receiver");
            drop(lease);
        });
        assert!(taken.try_recv().is_err());
        drop(first);
        taken.recv().expect("the second lease");
        waiter.join().expect("the waiter ends");
        #[cfg(unix)]
        assert!(!path.exists());
    }
}
