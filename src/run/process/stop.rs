//! How the engine asks the thread that looks after a child to end it.

use std::sync::atomic::{AtomicU8, Ordering};

#[cfg(unix)]
use std::{
    io::{self, Read},
    os::{
        fd::{AsFd, AsRawFd, RawFd},
        unix::net::UnixStream,
    },
};

/// How soon a child has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::run) enum Haste {
    /// It may go on.
    None,
    /// The ladder: it is asked first.
    Asked,
    /// At once.
    Now,
}

/// A request that can be made from any thread, at any time, also before the child is there.
#[derive(Debug)]
pub(in crate::run) struct Stop {
    haste: AtomicU8,
    #[cfg(unix)]
    waker: UnixStream,
    #[cfg(unix)]
    woken: UnixStream,
    #[cfg(not(unix))]
    waker: crossbeam_channel::Sender<()>,
    #[cfg(not(unix))]
    woken: crossbeam_channel::Receiver<()>,
}

impl Stop {
    /// A child that may go on.
    ///
    /// # Errors
    /// What the system says when it has no descriptors left.
    #[cfg(unix)]
    pub fn new() -> io::Result<Self> {
        let (waker, woken) = UnixStream::pair()?;
        waker.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        Ok(Self { haste: AtomicU8::new(0), waker, woken })
    }

    /// A child that may go on.
    ///
    /// # Errors
    /// None here.
    #[cfg(not(unix))]
    pub fn new() -> std::io::Result<Self> {
        let (waker, woken) = crossbeam_channel::bounded(1);
        Ok(Self { haste: AtomicU8::new(0), waker, woken })
    }

    /// Asks, or asks more urgently.
    pub fn request(&self, haste: Haste) {
        self.haste.fetch_max(haste as u8, Ordering::SeqCst);
        self.wake();
    }

    /// What has been asked for.
    pub fn haste(&self) -> Haste {
        match self.haste.load(Ordering::SeqCst) {
            0 => Haste::None,
            1 => Haste::Asked,
            _ => Haste::Now,
        }
    }

    /// Lets the thread look at everything again.
    #[cfg(unix)]
    pub fn wake(&self) {
        // A full socket has woken it already.
        let _ = crate::ffi::system::send(self.waker.as_fd(), &[1]);
    }

    /// Lets the thread look at everything again.
    #[cfg(not(unix))]
    pub fn wake(&self) {
        let _ = self.waker.try_send(());
    }

    /// Forgets that it was woken.
    #[cfg(unix)]
    pub fn quiet(&self) {
        let mut bytes = [0; 64];
        while (&self.woken).read(&mut bytes).is_ok_and(|count| count > 0) {}
    }

    /// Receives something when it is woken.
    #[cfg(not(unix))]
    pub fn woken(&self) -> &crossbeam_channel::Receiver<()> {
        &self.woken
    }
}

#[cfg(unix)]
impl AsRawFd for Stop {
    fn as_raw_fd(&self) -> RawFd {
        self.woken.as_raw_fd()
    }
}
