//! One child from its start to its end on Windows, where pipes are read by a thread each.
//!
//! A process tree is ended by the system's own `taskkill`. That no process outlives a session that
//! was killed needs a job object, which is to come.

use super::{
    listener::Listener,
    order::{Order, StartFault},
    stop::{Haste, Stop},
    Ended, Patience,
};
use crate::ffi::system::Exit;
use crossbeam_channel::{bounded, never, select, Receiver, Sender};
use std::{
    io::{self, Read, Write},
    os::windows::process::CommandExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// So many bytes are read at once.
const READ_BYTES: usize = 64 * 1024;

/// CREATE_NEW_PROCESS_GROUP: Ctrl+C of the console does not reach it.
const NEW_GROUP: u32 = 0x0000_0200;

/// CREATE_NO_WINDOW.
const NO_WINDOW: u32 = 0x0800_0000;

enum Heard {
    Bytes(u8, Vec<u8>),
    End,
}

/// Runs an order from start to end.
pub(super) fn run(
    order: &Order,
    stop: &Stop,
    patience: &Patience,
    listener: &mut dyn Listener,
) -> Result<Ended, StartFault> {
    if !order.folder.is_dir() {
        return Err(StartFault::Folder(io::ErrorKind::NotFound.into()));
    }
    let mut child = order
        .command()
        .creation_flags(NEW_GROUP)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(StartFault::Program)?;
    let pid = child.id();
    // One piece may wait: a reader that is late makes the child wait.
    let (heard_in, heard) = bounded(1);
    if let Some(pipe) = child.stdout.take() {
        read(1, pipe, heard_in.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        read(2, pipe, heard_in.clone());
    }
    drop(heard_in);
    if let Some(mut pipe) = child.stdin.take() {
        let input = order.input.clone();
        thread::spawn(move || pipe.write_all(&input));
    }
    let (exit_in, exit) = bounded(1);
    thread::spawn(move || exit_in.send(child.wait()));
    let status = look_after(pid, &heard, &exit, stop, patience, listener);
    let exit_code = status.map_err(|error| StartFault::System("The job's process was lost", error))?;
    Ok(Ended { exit: Exit::Code(exit_code), stopped: stop.haste() != Haste::None })
}

fn read(stream: u8, mut pipe: impl Read + Send + 'static, heard: Sender<Heard>) {
    thread::spawn(move || {
        let mut buffer = vec![0; READ_BYTES];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if heard.send(Heard::Bytes(stream, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
        let _ = heard.send(Heard::End);
    });
}

fn look_after(
    pid: u32,
    heard: &Receiver<Heard>,
    exit: &Receiver<io::Result<std::process::ExitStatus>>,
    stop: &Stop,
    patience: &Patience,
    listener: &mut dyn Listener,
) -> io::Result<i32> {
    let (silent, ended_before) = (never(), never());
    let mut ended: Option<(io::Result<i32>, Instant)> = None;
    let mut kill_at: Option<Instant> = None;
    let mut killed = false;
    let mut open = 2;
    loop {
        let now = Instant::now();
        let haste = stop.haste();
        if haste == Haste::Asked && kill_at.is_none() {
            kill_tree(pid, false);
            kill_at = Some(now + patience.interrupt + patience.terminate);
        }
        let is_due = haste == Haste::Now || kill_at.is_some_and(|at| at <= now);
        if is_due && !killed {
            kill_tree(pid, true);
            killed = true;
        }
        if let Some((_, until)) = &ended {
            if open == 0 || haste != Haste::None || *until <= now {
                if open > 0 {
                    kill_tree(pid, true);
                }
                return ended.map_or(Ok(0), |(code, _)| code);
            }
        }
        let bytes = if listener.is_flooded() || open == 0 { &silent } else { heard };
        let exit = if ended.is_some() { &ended_before } else { exit };
        let due = [ended.as_ref().map(|(_, until)| *until), kill_at.filter(|_| !killed)];
        let until = due.into_iter().flatten().min().unwrap_or(now + Duration::from_secs(3_600));
        select! {
            recv(bytes) -> piece => match piece {
                Ok(Heard::Bytes(stream, bytes)) => listener.hear(stream, &bytes),
                Ok(Heard::End) => open -= 1,
                Err(_) => open = 0,
            },
            recv(exit) -> status => if let Ok(status) = status {
                let code = status.map(|status| status.code().unwrap_or(1));
                ended = Some((code, Instant::now() + patience.linger));
            } else if ended.is_none() {
                return Err(io::ErrorKind::BrokenPipe.into());
            },
            recv(stop.woken()) -> _ => {},
            default(until.saturating_duration_since(now)) => {},
        }
    }
}

/// Ends a process and all that it started; `force` does not ask.
fn kill_tree(pid: u32, force: bool) {
    let mut command = Command::new("taskkill");
    command.args(["/T", "/PID", &pid.to_string()]).creation_flags(NO_WINDOW);
    if force {
        command.arg("/F");
    }
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
