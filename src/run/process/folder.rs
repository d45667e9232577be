//! The private folder of a step: the text of its script and the files of its commands. Only this user
//! may look into it. A step gets files that nobody has written to: its own, or those that a step before
//! it has left as they were, since making six files costs as much as starting a small program.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The files of the commands, in a folder that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct StepFolder {
    path: PathBuf,
    pub output: PathBuf,
    pub env: PathBuf,
    pub path_file: PathBuf,
    pub summary: PathBuf,
    /// The text of the step, while there is one.
    script: Option<PathBuf>,
    /// How the files were when they were made.
    marks: [Mark; 4],
}

/// What tells a file that was left alone from any other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Mark {
    length: u64,
    #[cfg(unix)]
    inode: u64,
    #[cfg(unix)]
    mode: u32,
    #[cfg(unix)]
    links: u64,
}

impl StepFolder {
    /// Makes the folder and its files.
    ///
    /// # Errors
    /// What the system says, for example that it is there already.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        #[cfg_attr(not(unix), allow(unused_mut, reason = "only Unix has a mode to set"))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        let file = |name: &str| path.join(name);
        let (output, env, path_file, summary) = (file("output"), file("env"), file("path"), file("summary"));
        let mut folder =
            Self { path, output, env, path_file, summary, script: None, marks: Default::default() };
        for file in folder.files() {
            write(file, b"")?;
        }
        folder.marks = folder.marks_now()?;
        Ok(folder)
    }

    fn files(&self) -> [&Path; 4] {
        [&self.output, &self.env, &self.path_file, &self.summary]
    }

    fn marks_now(&self) -> io::Result<[Mark; 4]> {
        let mut marks = [Mark::default(); 4];
        for (mark, file) in marks.iter_mut().zip(self.files()) {
            *mark = mark_of(file)?;
        }
        Ok(marks)
    }

    /// Writes the text of the step and gives its path.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_script(&mut self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        write(&path, text.as_bytes())?;
        self.script = Some(path.clone());
        Ok(path)
    }

    /// The folder for another step, if this one has left its files alone. Its text is gone either way.
    pub fn reused(mut self) -> Option<Self> {
        if let Some(script) = self.script.take() {
            fs::remove_file(script).ok()?;
        }
        self.marks_now().is_ok_and(|marks| marks == self.marks).then_some(self)
    }
}

impl Drop for StepFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

fn mark_of(file: &Path) -> io::Result<Mark> {
    let found = fs::symlink_metadata(file)?;
    Ok(Mark {
        length: found.len(),
        #[cfg(unix)]
        inode: std::os::unix::fs::MetadataExt::ino(&found),
        #[cfg(unix)]
        mode: std::os::unix::fs::MetadataExt::mode(&found),
        #[cfg(unix)]
        links: std::os::unix::fs::MetadataExt::nlink(&found),
    })
}

/// The text of a file, or its size where that is more than `most`. Nothing where there is no file:
/// a step may remove its own.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Result<String, u64>> {
    let length = match fs::metadata(path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    if length == 0 {
        return Ok(Ok(String::new()));
    }
    if length > most {
        return Ok(Err(length));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(Ok(String::from_utf8_lossy(&bytes).into_owned()))
}
