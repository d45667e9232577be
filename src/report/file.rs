//! Reports on disk: whole or not at all, and never in the place of another run's.

use super::ReportError;
use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// So many names are tried in a folder before giving up.
const MOST_NAMES: usize = 1_000;

/// Writes a file, in the place of one that is there.
pub fn replace(path: &Path, text: &str) -> Result<(), ReportError> {
    let wrong = |source| ReportError::Unwritable { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let ready = prepared(folder, text).map_err(wrong)?;
    ready.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}

/// Writes a file whose name no other has: `stem.extension`, `stem-2.extension`, and so on.
pub fn unique(folder: &Path, stem: &str, extension: &str, text: &str) -> Result<PathBuf, ReportError> {
    let wrong = |path: &Path, source| ReportError::Unwritable { path: path.to_owned(), source };
    let mut ready = prepared(folder, text).map_err(|source| wrong(folder, source))?;
    for number in 1..=MOST_NAMES {
        let name = match number {
            1 => format!("{stem}.{extension}"),
            _ => format!("{stem}-{number}.{extension}"),
        };
        let path = folder.join(name);
        match ready.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => ready = taken.file,
            Err(other) => return Err(wrong(&path, other.error)),
        }
    }
    Err(ReportError::NoName { folder: folder.to_owned(), stem: stem.to_owned(), tried: MOST_NAMES })
}

/// A temporary file beside the place it is for, with the text on disk.
fn prepared(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    open_to_readers(&file)?;
    Ok(file)
}

/// A temporary file is its owner's alone; a report is for everybody who may read the folder.
#[cfg(unix)]
fn open_to_readers(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_readers(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}
