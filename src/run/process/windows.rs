//! One child from its start to its end on Windows, where pipes are read by a thread each.
//!
//! A child and all that it starts are a job object of the system's: it is ended as one, and the
//! system ends it when this process is gone.

use super::{
    listener::Listener,
    order::{Order, StartFault},
    stop::{Haste, Stop},
    Ended, Patience,
};
use crate::ffi::system::{send_break, Exit, Group, CREATION_FLAGS};
use crossbeam_channel::{bounded, never, select, Receiver, Sender};
use std::{
    ffi::OsString,
    io::{self, Read, Write},
    os::windows::process::CommandExt,
    process::{ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// So many bytes are read at once.
const READ_BYTES: usize = 64 * 1024;

/// The exit code of a process that is ended because it has to.
const ENDED: u32 = 1;

/// Longer than any wait: whatever comes wakes the thread before.
const LONG: Duration = Duration::from_secs(3_600);

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
    if has_nul(order) {
        return Err(StartFault::Nul);
    }
    if !order.folder.is_dir() {
        return Err(StartFault::Folder(io::ErrorKind::NotFound.into()));
    }
    let group = Group::new().map_err(|error| StartFault::System("No job object can be made", error))?;
    let mut child = order
        .command()
        .creation_flags(CREATION_FLAGS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(StartFault::Program)?;
    if let Err(error) = group.begin(&child) {
        // It waits and belongs to nobody.
        let _ = child.kill();
        return Err(StartFault::System("The job's process cannot be put into a job object", error));
    }
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
    let mut supervision =
        Supervision { pid, group, heard, exit, ladder: Ladder::default(), open: 2, ended: None };
    let looked = supervision.look_after(stop, patience, listener);
    // Whatever it started and left.
    supervision.group.end(ENDED);
    let status = looked.map_err(|error| StartFault::System("The job's process was lost", error))?;
    let code = status.code().unwrap_or(ENDED as i32);
    Ok(Ended { exit: Exit::Code(code), stopped: supervision.ladder.begun() })
}

fn has_nul(order: &Order) -> bool {
    let variables = order.environment.iter().flat_map(|(name, value)| [name, value]);
    let mut texts = variables.chain(&order.arguments).chain(&order.verbatim).map(OsString::as_os_str);
    texts.any(|text| text.as_encoded_bytes().contains(&0))
        || order.folder.as_os_str().as_encoded_bytes().contains(&0)
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

struct Supervision {
    pid: u32,
    group: Group,
    heard: Receiver<Heard>,
    exit: Receiver<io::Result<ExitStatus>>,
    ladder: Ladder,
    /// How many pipes may still give something.
    open: usize,
    /// How it ended, and until when what it left may write.
    ended: Option<(ExitStatus, Instant)>,
}

impl Supervision {
    /// Until the child has ended, and with it what it left holding its pipes, or that has had its time.
    fn look_after(
        &mut self,
        stop: &Stop,
        patience: &Patience,
        listener: &mut dyn Listener,
    ) -> io::Result<ExitStatus> {
        let (silent, ended_before) = (never(), never());
        loop {
            let now = Instant::now();
            match self.ladder.climb(stop.haste(), now, patience) {
                // Without a console there is nothing to ask it with.
                Some(Rung::Break) if send_break(self.pid).is_err() => self.ladder.due = Some(now),
                Some(Rung::End) => self.group.end(ENDED),
                _ => {}
            }
            if let Some((status, until)) = self.ended {
                if self.open == 0 || self.ladder.begun() || until <= now {
                    self.group.end(ENDED);
                    self.hear_the_last(listener);
                    return Ok(status);
                }
            }
            let bytes = if listener.is_flooded() || self.open == 0 { &silent } else { &self.heard };
            let exit = if self.ended.is_some() { &ended_before } else { &self.exit };
            let due = [self.ended.map(|(_, until)| until), self.ladder.due];
            let wait = due.into_iter().flatten().min().map_or(LONG, |at| at.saturating_duration_since(now));
            select! {
                recv(bytes) -> piece => self.take(piece.ok(), listener),
                recv(exit) -> status => match status {
                    Ok(status) => self.ended = Some((status?, Instant::now() + patience.linger)),
                    Err(_) => return Err(io::ErrorKind::BrokenPipe.into()),
                },
                recv(stop.woken()) -> _ => {},
                default(wait) => {},
            }
        }
    }

    fn take(&mut self, piece: Option<Heard>, listener: &mut dyn Listener) {
        match piece {
            Some(Heard::Bytes(stream, bytes)) => listener.hear(stream, &bytes),
            Some(Heard::End) => self.open -= 1,
            None => self.open = 0,
        }
    }

    /// What a child that has ended has left in its pipes. With its group gone they end by themselves,
    /// unless another process has got hold of one: such a pipe is given up when it is silent.
    fn hear_the_last(&mut self, listener: &mut dyn Listener) {
        while self.open > 0 {
            match self.heard.recv_timeout(LAST_WAIT) {
                Ok(piece) => self.take(Some(piece), listener),
                Err(_) => return,
            }
        }
    }
}

/// How long a reader of a pipe, whose other end should be gone, may take to say so.
const LAST_WAIT: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rung {
    Break,
    End,
}

/// Ctrl+Break, then the end (SEMANTICS "Cancelling a process"): nothing here stands between the two,
/// so that the times of both waits are one.
#[derive(Debug, Default)]
struct Ladder {
    on: Option<Rung>,
    /// When the next rung is due.
    due: Option<Instant>,
}

impl Ladder {
    fn begun(&self) -> bool {
        self.on.is_some()
    }

    /// The rung to take now.
    fn climb(&mut self, haste: Haste, now: Instant, patience: &Patience) -> Option<Rung> {
        if haste == Haste::None || self.on == Some(Rung::End) {
            return None;
        }
        let is_due = self.due.is_some_and(|due| due <= now);
        let (rung, wait) = match self.on {
            _ if haste == Haste::Now => (Rung::End, None),
            None => (Rung::Break, Some(patience.interrupt + patience.terminate)),
            Some(Rung::Break) if is_due => (Rung::End, None),
            Some(_) => return None,
        };
        self.on = Some(rung);
        self.due = wait.map(|wait| now + wait);
        Some(rung)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_asks_then_ends() {
        let patience = Patience::default();
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut ladder = Ladder::default();
        assert_eq!(ladder.climb(Haste::None, at(0.0), &patience), None);
        assert_eq!(ladder.climb(Haste::Asked, at(1.0), &patience), Some(Rung::Break));
        assert_eq!(ladder.climb(Haste::Asked, at(10.9), &patience), None);
        assert_eq!(ladder.climb(Haste::Asked, at(11.0), &patience), Some(Rung::End));
        assert_eq!(ladder.climb(Haste::Now, at(12.0), &patience), None, "nothing is left to do");
        let mut hurried = Ladder::default();
        assert_eq!(hurried.climb(Haste::Asked, at(0.0), &patience), Some(Rung::Break));
        assert_eq!(hurried.climb(Haste::Now, at(0.1), &patience), Some(Rung::End));
    }
}
