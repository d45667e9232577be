//! What is started for a job: a program with everything it is given.

use crate::run::ReportedError;
use std::{ffi::OsString, io, path::PathBuf};

/// A program, ready to be started.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The file of the program.
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// Arguments as `cmd` wants them: put behind the others as they are. Windows only.
    pub verbatim: Option<OsString>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    pub folder: PathBuf,
    /// What it reads from its standard input.
    pub input: Vec<u8>,
}

impl Order {
    /// The order for the standard library.
    #[cfg(not(target_os = "linux"))]
    pub fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        #[cfg(windows)]
        if let Some(verbatim) = &self.verbatim {
            use std::os::windows::process::CommandExt;
            command.raw_arg(verbatim);
        }
        command
    }
}

/// Why a job's program does not start.
#[derive(Debug)]
pub(super) enum StartFault {
    /// A text with a NUL in it.
    Nul,
    /// Its folder cannot be entered.
    Folder(io::Error),
    /// The program cannot be run.
    Program(io::Error),
    /// The system refuses something else that the job needs.
    System(&'static str, io::Error),
    /// The job asks for something that is not there.
    Missing(String),
}

impl StartFault {
    /// The job's error.
    pub fn report(&self, order: &Order) -> ReportedError {
        let (id, message) = match self {
            Self::Nul => (
                "Process.Nul",
                "A parameter, an environment variable or the folder holds a NUL character, which no program can be given."
                    .to_owned(),
            ),
            Self::Folder(error) if error.kind() == io::ErrorKind::NotFound => {
                ("Process.NoFolder", format!("The working directory {} does not exist.", order.folder.display()))
            }
            Self::Folder(error) => (
                "Process.NoFolder",
                format!("The working directory {} cannot be entered: {error}.", order.folder.display()),
            ),
            // The only thing that a system has for a moment too few of here is processes.
            Self::Program(error) if error.kind() == io::ErrorKind::WouldBlock => (
                "Process.NoMore",
                format!(
                    "{} cannot be started: the system gives no more processes ({error}). Close other programs, \
                     lower -MaxConcurrency, or raise the limit (ulimit -u).",
                    order.program.display()
                ),
            ),
            Self::Program(error) => {
                ("Process.NotStarted", format!("{} cannot be started: {error}.", order.program.display()))
            }
            Self::System(what, error) => ("Process.System", format!("{what}: {error}.")),
            Self::Missing(message) => ("Process.Missing", message.clone()),
        };
        ReportedError { message, kind: None, id: Some(id.to_owned()), at: None }
    }
}
