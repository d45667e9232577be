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
#[cfg(unix)]
pub(super) fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.persist(path).map(drop).map_err(|failed| failed.error)
}

/// Puts a finished temporary file in place of `path`. A file that somebody has open is not replaced
/// here, but it can be given another name: whoever reads it reads on, and for a moment nothing is in
/// its place, as before it was written.
#[cfg(not(unix))]
pub(super) fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    let mut file = file;
    for _ in 0..MOST_MOVES {
        let refused = match file.persist(path) {
            Ok(_) => return Ok(()),
            Err(refused) if refused.error.kind() == io::ErrorKind::PermissionDenied => refused,
            Err(failed) => return Err(failed.error),
        };
        if !move_away(path)? {
            return Err(refused.error);
        }
        file = refused.file;
    }
    file.persist(path).map(drop).map_err(|failed| failed.error)
}

/// So many files are moved out of the way that others put there meanwhile.
#[cfg(not(unix))]
const MOST_MOVES: usize = 16;

/// Gives the file in a place another name, by which it is removed; false where the place holds none
/// that can be moved.
#[cfg(not(unix))]
fn move_away(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Ok(metadata) if metadata.is_file() => {}
        _ => return Ok(false),
    }
    let aside = beside(path)?.into_temp_path();
    fs::remove_file(&aside)?;
    match fs::rename(path, &aside) {
        Ok(()) => Ok(true),
        Err(error) => Ok(error.kind() == io::ErrorKind::NotFound),
    }
}

/// Replaces the contents of `path` in one step.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    persist(file, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, io::Read};

    #[test]
    fn a_file_that_somebody_reads_is_replaced_and_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        write(&path, b"old contents").expect("a file");
        let mut readers: Vec<File> = Vec::new();
        for round in 0..3 {
            readers.push(File::open(&path).expect("a reader"));
            write(&path, format!("new contents {round}").as_bytes()).expect("replaced");
        }
        assert_eq!(fs::read(&path).expect("the file"), b"new contents 2");
        let mut seen = String::new();
        readers[0].read_to_string(&mut seen).expect("the old file");
        assert_eq!(seen, "old contents");
        drop(readers);
        let names = fs::read_dir(folder.path()).expect("the folder").count();
        assert_eq!(names, 1, "nothing is left beside it");
    }
}
