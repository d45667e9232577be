//! Files that are there whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};
use tempfile::{Builder, NamedTempFile};

/// How the name of a file begins that is still being written.
pub(super) const TEMPORARY: &str = ".aither-tmp-";

/// A temporary file in the folder of `path`, which is made where it is missing. Dropped without
/// [`persist`], it is removed.
pub(super) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let create = || Builder::new().prefix(TEMPORARY).tempfile_in(folder);
    match create() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            create()
        }
        other => other,
    }
}

/// Puts a finished temporary file in place of `path`.
pub(super) fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.persist(path).map(drop).map_err(|failed| failed.error)
}

/// Replaces the contents of `path` in one step.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    persist(file, path)
}
