//! Descriptors, signals and ends of children on Unix.

use super::Exit;
use libc::{c_int, pid_t};
use std::{
    io, mem,
    os::fd::{AsRawFd, BorrowedFd, RawFd},
    time::Duration,
};

/// A signal that the ladder sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGKILL.
    Kill,
}

/// Something to wait for.
#[derive(Debug, Clone, Copy)]
pub struct Wait {
    descriptor: RawFd,
    writable: bool,
    /// Whether it has come: there is something to read or to write, or the other end is gone.
    pub ready: bool,
}

impl Wait {
    /// For something to read, or the end of it.
    pub fn read(descriptor: &impl AsRawFd) -> Self {
        Self { descriptor: descriptor.as_raw_fd(), writable: false, ready: false }
    }

    /// For room to write.
    pub fn write(descriptor: &impl AsRawFd) -> Self {
        Self { descriptor: descriptor.as_raw_fd(), writable: true, ready: false }
    }

    /// For nothing; keeps a place in the list.
    pub fn nothing() -> Self {
        Self { descriptor: -1, writable: false, ready: false }
    }
}

/// Waits until one of `waits` is ready or the time is over.
///
/// # Errors
/// What the system says, except that it was interrupted, which counts as nothing ready.
pub fn wait_for(waits: &mut [Wait], timeout: Option<Duration>) -> io::Result<()> {
    let mut polled: Vec<libc::pollfd> = waits
        .iter()
        .map(|wait| libc::pollfd {
            fd: wait.descriptor,
            events: if wait.writable { libc::POLLOUT } else { libc::POLLIN },
            revents: 0,
        })
        .collect();
    let milliseconds = timeout.map_or(-1, |timeout| {
        // Rounded up, so that a deadline has passed when its wait is over.
        c_int::try_from(timeout.as_micros().div_ceil(1_000)).unwrap_or(c_int::MAX)
    });
    // SAFETY: the pointer and the length are those of one live vector.
    let count = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, milliseconds) };
    if count < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    for (wait, polled) in waits.iter_mut().zip(&polled) {
        wait.ready = count > 0 && polled.revents != 0;
    }
    Ok(())
}

/// Makes reads and writes of a descriptor return at once.
///
/// # Errors
/// What the system says.
pub fn set_nonblocking(descriptor: &impl AsRawFd) -> io::Result<()> {
    let descriptor = descriptor.as_raw_fd();
    // SAFETY: two calls on an open descriptor that touch no memory.
    let result = unsafe {
        let flags = libc::fcntl(descriptor, libc::F_GETFL);
        if flags < 0 {
            flags
        } else {
            libc::fcntl(descriptor, libc::F_SETFL, flags | libc::O_NONBLOCK)
        }
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Sends a signal to every process of the group that the child `leader` leads. The child must not
/// have been reaped: until then its number is nobody else's.
pub fn signal_group(leader: u32, signal: Signal) {
    let number = match signal {
        Signal::Interrupt => libc::SIGINT,
        Signal::Terminate => libc::SIGTERM,
        Signal::Kill => libc::SIGKILL,
    };
    if let Ok(group) = pid_t::try_from(leader) {
        if group > 1 {
            // SAFETY: touches no memory. That no process is left to hear it is no error.
            unsafe { libc::kill(-group, number) };
        }
    }
}

/// Waits until the child has ended and leaves it to be reaped.
///
/// # Errors
/// What the system says, for example that it is no child.
pub fn await_end(child: u32) -> io::Result<()> {
    loop {
        // SAFETY: all zeros is a valid value of this plain structure.
        let mut info: libc::siginfo_t = unsafe { mem::zeroed() };
        // SAFETY: the structure is valid for writing.
        let result = unsafe {
            libc::waitid(libc::P_PID, child as libc::id_t, &mut info, libc::WEXITED | libc::WNOWAIT)
        };
        if result == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Reaps a child, waiting for its end.
///
/// # Errors
/// What the system says, for example that it is no child.
pub fn reap(child: u32) -> io::Result<Exit> {
    let mut status: c_int = 0;
    loop {
        // SAFETY: the status is valid for writing.
        if unsafe { libc::waitpid(child as pid_t, &mut status, 0) } >= 0 {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(if libc::WIFSIGNALED(status) {
        Exit::Signal(libc::WTERMSIG(status))
    } else {
        Exit::Code(libc::WEXITSTATUS(status))
    })
}

/// A descriptor that becomes readable when the child ends; none where the system has no such thing.
#[cfg(target_os = "linux")]
pub fn end_descriptor(child: u32) -> Option<std::os::fd::OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: touches no memory.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, child as pid_t, 0) };
    let descriptor = RawFd::try_from(descriptor).ok().filter(|descriptor| *descriptor >= 0)?;
    // SAFETY: the system has just given it, and nobody else has it.
    Some(unsafe { std::os::fd::OwnedFd::from_raw_fd(descriptor) })
}

/// A descriptor that becomes readable when the child ends; none where the system has no such thing.
#[cfg(not(target_os = "linux"))]
pub fn end_descriptor(_child: u32) -> Option<std::os::fd::OwnedFd> {
    None
}

/// Writes as much as there is room for, without a signal where the other end is gone.
///
/// # Errors
/// What the system says, [`io::ErrorKind::WouldBlock`] when there is no room.
pub fn send(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    #[cfg(target_os = "linux")]
    let flags = libc::MSG_NOSIGNAL;
    // The standard library has set SO_NOSIGPIPE on its sockets there.
    #[cfg(not(target_os = "linux"))]
    let flags = 0;
    // SAFETY: pointer and length are those of one live slice.
    let sent = unsafe { libc::send(socket.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// A program's path can be run by this user.
pub fn is_executable(path: &std::path::Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let Ok(path) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: a text that ends in NUL.
    unsafe { libc::access(path.as_ptr(), libc::X_OK) == 0 }
}
