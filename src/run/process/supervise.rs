//! One child from its start to its end: reads what it writes, feeds it, and climbs the ladder when it
//! is to stop. One thread waits for all of it at once.

use super::{
    listener::Listener,
    start::Child,
    stop::{Haste, Stop},
    Ended, Patience,
};
use crate::ffi::system::{
    await_end, end_descriptor, reap, set_nonblocking, signal_group, wait_for, Signal, Wait,
};
use std::{
    fs::File,
    io::{self, ErrorKind, Read, Write},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// So many bytes are read at once.
const READ_BYTES: usize = 64 * 1024;

/// More than a pipe holds: a child that has ended can have left no more behind.
const LAST_BYTES: usize = 1024 * 1024;

/// Looks after a child until it is gone, with every process of its group.
///
/// # Errors
/// What the system says; the group has been killed then too.
pub(super) fn supervise(
    child: Child,
    input: &[u8],
    stop: &Stop,
    patience: &Patience,
    listener: &mut dyn Listener,
) -> io::Result<Ended> {
    let pid = child.pid;
    let ended = AtomicBool::new(false);
    let descriptor = end_descriptor(pid);
    thread::scope(|scope| {
        if descriptor.is_none() {
            let wait = || {
                let _ = await_end(pid);
                ended.store(true, Ordering::SeqCst);
                stop.wake();
            };
            if let Err(error) = thread::Builder::new().name("aither-end".into()).spawn_scoped(scope, wait) {
                signal_group(pid, Signal::Kill);
                reap(pid)?;
                return Err(error);
            }
        }
        let mut supervision = Supervision {
            pid,
            pipes: [Some(child.output), Some(child.error)],
            input: (!input.is_empty()).then_some(child.input),
            rest: input,
            ladder: Ladder::default(),
            buffer: vec![0; READ_BYTES],
        };
        let looked = supervision.look_after(stop, patience, listener, || match &descriptor {
            Some(descriptor) => (Wait::read(descriptor), false),
            None => (Wait::nothing(), ended.load(Ordering::SeqCst)),
        });
        // The leader has not been reaped, so the group's number is nobody else's.
        signal_group(pid, Signal::Kill);
        supervision.hear_the_last(listener);
        let exit = reap(pid)?;
        looked.map(|()| Ended { exit, stopped: supervision.ladder.begun() })
    })
}

struct Supervision<'a> {
    pid: u32,
    pipes: [Option<File>; 2],
    input: Option<File>,
    rest: &'a [u8],
    ladder: Ladder,
    buffer: Vec<u8>,
}

impl Supervision<'_> {
    /// Until the child has ended, and with it what it left holding its pipes, or that has had its time.
    fn look_after(
        &mut self,
        stop: &Stop,
        patience: &Patience,
        listener: &mut dyn Listener,
        end: impl Fn() -> (Wait, bool),
    ) -> io::Result<()> {
        for pipe in self.pipes.iter().chain([&self.input]).flatten() {
            set_nonblocking(pipe)?;
        }
        let mut linger: Option<Instant> = None;
        loop {
            let now = Instant::now();
            if let Some(signal) = self.ladder.climb(stop.haste(), now, patience) {
                signal_group(self.pid, signal);
            }
            if let Some(until) = linger {
                if now >= until || self.ladder.begun() || self.pipes.iter().all(Option::is_none) {
                    return Ok(());
                }
            }
            let flooded = listener.is_flooded();
            let (end_wait, ended) = end();
            let ended = ended && linger.is_none();
            let pipe = |pipe: &Option<File>| match pipe {
                Some(pipe) if !flooded => Wait::read(pipe),
                _ => Wait::nothing(),
            };
            let mut waits = [
                if linger.is_some() { Wait::nothing() } else { end_wait },
                Wait::read(stop),
                self.input.as_ref().map_or_else(Wait::nothing, Wait::write),
                pipe(&self.pipes[0]),
                pipe(&self.pipes[1]),
            ];
            if !ended {
                let until = [self.ladder.due, linger].into_iter().flatten().min();
                wait_for(&mut waits, until.map(|until| until.saturating_duration_since(now)))?;
            }
            let [end_wait, woken, writable, pipes @ ..] = waits;
            if woken.ready {
                stop.quiet();
            }
            if writable.ready {
                self.feed();
            }
            for (at, wait) in pipes.iter().enumerate() {
                if wait.ready {
                    self.read(at, listener);
                }
            }
            if end_wait.ready || ended {
                linger = Some(now + patience.linger);
            }
        }
    }

    fn feed(&mut self) {
        let Some(input) = &mut self.input else { return };
        match input.write(self.rest) {
            Ok(count) => self.rest = &self.rest[count..],
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            // It reads no more; that is its own affair.
            Err(_) => self.rest = &[],
        }
        if self.rest.is_empty() {
            self.input = None;
        }
    }

    /// Reads once; gives how much.
    fn read(&mut self, at: usize, listener: &mut dyn Listener) -> usize {
        let Some(pipe) = &mut self.pipes[at] else { return 0 };
        match pipe.read(&mut self.buffer) {
            Ok(0) => self.pipes[at] = None,
            Ok(count) => {
                listener.hear(if at == 0 { 1 } else { 2 }, &self.buffer[..count]);
                return count;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.pipes[at] = None,
        }
        0
    }

    /// What a child that has ended has left in its pipes, and no more: another process may hold them.
    fn hear_the_last(&mut self, listener: &mut dyn Listener) {
        for at in 0..self.pipes.len() {
            let mut heard = 0;
            while heard < LAST_BYTES {
                match self.read(at, listener) {
                    0 => break,
                    count => heard += count,
                }
            }
        }
    }
}

/// Interrupt, terminate, kill (SEMANTICS "Cancelling a process").
#[derive(Debug, Default)]
struct Ladder {
    sent: Option<Signal>,
    /// When the next signal is due.
    due: Option<Instant>,
}

impl Ladder {
    fn begun(&self) -> bool {
        self.sent.is_some()
    }

    /// The signal to send now.
    fn climb(&mut self, haste: Haste, now: Instant, patience: &Patience) -> Option<Signal> {
        if haste == Haste::None || self.sent == Some(Signal::Kill) {
            return None;
        }
        let is_due = self.due.is_some_and(|due| due <= now);
        let (signal, wait): (Signal, Option<Duration>) = match self.sent {
            _ if haste == Haste::Now => (Signal::Kill, None),
            None => (Signal::Interrupt, Some(patience.interrupt)),
            Some(Signal::Interrupt) if is_due => (Signal::Terminate, Some(patience.terminate)),
            Some(Signal::Terminate) if is_due => (Signal::Kill, None),
            Some(_) => return None,
        };
        self.sent = Some(signal);
        self.due = wait.map(|wait| now + wait);
        Some(signal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_asks_then_insists_then_kills() {
        let patience = Patience::default();
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut ladder = Ladder::default();
        assert_eq!(ladder.climb(Haste::None, at(0.0), &patience), None);
        assert_eq!(ladder.climb(Haste::Asked, at(1.0), &patience), Some(Signal::Interrupt));
        assert_eq!(ladder.climb(Haste::Asked, at(8.4), &patience), None);
        assert_eq!(ladder.climb(Haste::Asked, at(8.5), &patience), Some(Signal::Terminate));
        assert_eq!(ladder.climb(Haste::Asked, at(10.9), &patience), None);
        assert_eq!(ladder.climb(Haste::Asked, at(11.0), &patience), Some(Signal::Kill));
        assert_eq!(ladder.climb(Haste::Now, at(12.0), &patience), None, "nothing is left to send");
        let mut hurried = Ladder::default();
        assert_eq!(hurried.climb(Haste::Asked, at(0.0), &patience), Some(Signal::Interrupt));
        assert_eq!(hurried.climb(Haste::Now, at(0.1), &patience), Some(Signal::Kill));
    }
}
