//! The private folder of a step: the text of its script and the files of its commands. Only this user
//! may look into it, and it is gone before the step is reported.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// A folder that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct StepFolder(PathBuf);

impl StepFolder {
    /// Makes it.
    ///
    /// # Errors
    /// What the system says, for example that it is there already.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// Writes a new file into it and gives its path.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(bytes)?;
        Ok(path)
    }
}

impl Drop for StepFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The text of a file, or its size where that is more than `most`. Nothing where there is no file:
/// a step may remove its own.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Result<String, u64>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(String::new())),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    if length > most {
        return Ok(Err(length));
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(Ok(String::from_utf8_lossy(&bytes).into_owned()))
}
