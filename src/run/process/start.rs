//! Starting a child: three pipes, a process group of its own.

use super::order::{Order, StartFault};
use std::fs::File;

/// A child that runs.
#[derive(Debug)]
pub(super) struct Child {
    /// Its number, which is its group's too.
    pub pid: u32,
    pub input: File,
    pub output: File,
    pub error: File,
}

#[cfg(target_os = "linux")]
pub(super) fn start(
    order: &Order,
    watchdog: Option<&super::watchdog::Watchdog>,
) -> Result<Child, StartFault> {
    use crate::ffi::system::{spawn, Launch};
    use std::{
        ffi::{CString, OsStr},
        os::unix::ffi::OsStrExt,
    };
    let text = |text: &OsStr| CString::new(text.as_bytes()).map_err(|_| StartFault::Nul);
    let program = text(order.program.as_os_str())?;
    let folder = text(order.folder.as_os_str())?;
    let mut arguments = vec![program.clone()];
    for argument in &order.arguments {
        arguments.push(text(argument)?);
    }
    let mut environment = Vec::with_capacity(order.environment.len());
    for (name, value) in &order.environment {
        let mut entry = name.clone();
        entry.push("=");
        entry.push(value);
        environment.push(text(&entry)?);
    }
    let launch = Launch {
        program: &program,
        arguments: &arguments,
        environment: &environment,
        folder: &folder,
        watchdog: watchdog.map(super::watchdog::Watchdog::socket),
    };
    let spawned = spawn(&launch).map_err(|fault| {
        if fault.at_folder {
            StartFault::Folder(fault.error)
        } else {
            StartFault::Program(fault.error)
        }
    })?;
    Ok(Child {
        pid: spawned.pid,
        input: spawned.input.into(),
        output: spawned.output.into(),
        error: spawned.error.into(),
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn start(
    order: &Order,
    watchdog: Option<&super::watchdog::Watchdog>,
) -> Result<Child, StartFault> {
    use std::{
        os::{fd::OwnedFd, unix::process::CommandExt},
        process::Stdio,
    };
    if !order.folder.is_dir() {
        return Err(StartFault::Folder(std::io::ErrorKind::NotFound.into()));
    }
    let mut child = order
        .command()
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(StartFault::Program)?;
    if let Some(watchdog) = watchdog {
        watchdog.begun(child.id());
    }
    let lost = || StartFault::Program(std::io::ErrorKind::BrokenPipe.into());
    let input = OwnedFd::from(child.stdin.take().ok_or_else(lost)?);
    let output = OwnedFd::from(child.stdout.take().ok_or_else(lost)?);
    let error = OwnedFd::from(child.stderr.take().ok_or_else(lost)?);
    Ok(Child { pid: child.id(), input: input.into(), output: output.into(), error: error.into() })
}
