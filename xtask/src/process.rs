//! Running other programs.

use crate::error::Error;
use std::env;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// Variables that `cargo run` sets for xtask alone and that no child should see.
const CARGO_RUN_VARIABLES: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// Longer than any program here may take.
pub const NO_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// A command without what `cargo run` put into the environment.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if CARGO_RUN_VARIABLES.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// The program of that name on PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    let name = if Path::new(name).extension().is_some() {
        name.to_string()
    } else {
        crate::platform::program_name(name)
    };
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&name)).find(|path| path.is_file())
}

/// A program that has ended, with what it wrote.
#[derive(Debug)]
pub struct Finished {
    /// `None` where a signal or the time limit ended it.
    pub code: Option<i32>,
    pub stdout: String,
    /// Both streams, in the order in which they came.
    pub output: String,
}

impl Finished {
    pub fn succeeded(&self) -> bool {
        self.code == Some(0)
    }

    /// The program's output where it succeeded, an error of this name where it did not.
    pub fn success(self, what: impl Into<String>) -> Result<Self, Error> {
        if self.succeeded() {
            Ok(self)
        } else {
            Err(Error::failed(what, self.output))
        }
    }
}

/// Runs a command to its end, or kills it at the limit, and keeps what it writes.
pub fn capture(command: &mut Command, limit: Duration) -> Result<Finished, Error> {
    watch(command, limit, |_| {})
}

/// As `capture`; every piece of output is shown to `on_output` as it comes.
pub fn watch(
    command: &mut Command,
    limit: Duration,
    mut on_output: impl FnMut(&str),
) -> Result<Finished, Error> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(starting(command))?;

    let (sender, pieces) = mpsc::channel();
    forward(child.stdout.take(), Stream::Out, sender.clone());
    forward(child.stderr.take(), Stream::Err, sender);

    let deadline = Instant::now() + limit;
    let (mut stdout, mut output) = (Vec::new(), Vec::new());
    let mut in_time = true;
    loop {
        match pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((stream, piece)) => {
                on_output(&String::from_utf8_lossy(&piece));
                if matches!(stream, Stream::Out) {
                    stdout.extend_from_slice(&piece);
                }
                output.extend_from_slice(&piece);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                in_time = false;
                break;
            }
        }
    }
    let code = if in_time {
        wait(&mut child, command)?
    } else {
        stop(&mut child);
        output.extend_from_slice(format!("\nstopped after {} s\n", limit.as_secs()).as_bytes());
        None
    };
    Ok(Finished { code, stdout: text(&stdout), output: text(&output) })
}

/// Runs a command on this terminal; its exit code becomes xtask's.
pub fn hand_over(command: &mut Command) -> Result<ExitCode, Error> {
    let status = command.status().map_err(starting(command))?;
    Ok(exit_code(status.code()))
}

/// An exit code of another program as our own; a program that a signal ended failed.
pub fn exit_code(code: Option<i32>) -> ExitCode {
    match code {
        Some(0) => ExitCode::SUCCESS,
        Some(code) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        None => ExitCode::FAILURE,
    }
}

/// For `map_err`: the command could not be started.
pub fn starting(command: &Command) -> impl Fn(io::Error) -> Error {
    let program = command.get_program().to_string_lossy().into_owned();
    move |source| Error::File { doing: format!("starting {program}"), source }
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

fn forward(source: Option<impl Read + Send + 'static>, stream: Stream, sender: Sender<(Stream, Vec<u8>)>) {
    let Some(mut source) = source else { return };
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(read @ 1..) = source.read(&mut buffer) {
            if sender.send((stream, buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
}

fn wait(child: &mut Child, command: &Command) -> Result<Option<i32>, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    child
        .wait()
        .map(|status| status.code())
        .map_err(|source| Error::File { doing: format!("waiting for {program}"), source })
}

/// Ends a child that is over its time; that it has already ended is no error.
fn stop(child: &mut Child) {
    if child.kill().is_ok() {
        let _ = child.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = command("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_are_kept_and_only_one_is_stdout() {
        let finished = capture(&mut shell("echo out; echo err >&2; exit 3"), NO_LIMIT).expect("sh");
        assert_eq!(finished.code, Some(3));
        assert_eq!(finished.stdout, "out\n");
        assert!(finished.output.contains("err\n"));
    }

    #[test]
    fn a_program_over_its_time_is_stopped() {
        let finished = capture(&mut shell("exec sleep 60"), Duration::from_millis(50)).expect("sh");
        assert_eq!(finished.code, None);
        assert!(finished.output.contains("stopped after"));
    }
}
