//! Starts a child as `posix_spawn` does, without copying the caller's memory, and does two things
//! that it cannot: the child dies with the thread that started it, and it is known to a watchdog
//! before its program begins.

use libc::{c_char, c_int, c_uint, c_void};
use std::{
    ffi::{CStr, CString},
    io, mem,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
    ptr,
};

/// Room for the few calls between the start and the program.
const STACK_BYTES: usize = 64 * 1024;

/// The exit code of a child whose program did not start. Nobody sees it: the error is told instead.
const NOT_STARTED: c_int = 127;

/// Descriptors from here on are no standard streams.
const FIRST_PRIVATE: c_uint = 3;

/// The highest signal there is.
const LAST_SIGNAL: c_int = 64;

/// What to start.
#[derive(Debug)]
pub struct Launch<'a> {
    /// The program's file.
    pub program: &'a CStr,
    /// Its arguments, the name it is called by first.
    pub arguments: &'a [CString],
    /// Its whole environment, `NAME=value`.
    pub environment: &'a [CString],
    /// Where it runs.
    pub folder: &'a CStr,
    /// A socket that is told `+PID` and a line end, in the child's own words.
    pub watchdog: Option<BorrowedFd<'a>>,
}

/// A child that runs, the leader of a process group of its own.
#[derive(Debug)]
pub struct Spawned {
    /// Its number, which is the group's too.
    pub pid: u32,
    /// What it reads.
    pub input: OwnedFd,
    /// What it writes.
    pub output: OwnedFd,
    /// What it writes about its troubles.
    pub error: OwnedFd,
}

/// Why a child was not started, and at which step.
#[derive(Debug)]
pub struct SpawnError {
    /// Whether it was the folder, and not the program.
    pub at_folder: bool,
    /// What the system said.
    pub error: io::Error,
}

impl From<io::Error> for SpawnError {
    fn from(error: io::Error) -> Self {
        Self { at_folder: false, error }
    }
}

/// What the child reads of its parent's memory, and where it says what went wrong.
struct Shared {
    program: *const c_char,
    arguments: *const *const c_char,
    environment: *const *const c_char,
    folder: *const c_char,
    streams: [c_int; 3],
    watchdog: c_int,
    parent: libc::pid_t,
    signals: libc::sigset_t,
    failed: c_int,
    at_folder: bool,
}

/// Starts a child with three pipes, in a group of its own, that is killed when this thread ends.
///
/// # Errors
/// Why the program did not start; no process is left.
pub fn spawn(launch: &Launch<'_>) -> Result<Spawned, SpawnError> {
    let (child_input, input) = pipe()?;
    let (output, child_output) = pipe()?;
    let (error, child_error) = pipe()?;
    let arguments = pointers(launch.arguments);
    let environment = pointers(launch.environment);
    let mut shared = Shared {
        program: launch.program.as_ptr(),
        arguments: arguments.as_ptr(),
        environment: environment.as_ptr(),
        folder: launch.folder.as_ptr(),
        streams: [child_input.as_raw_fd(), child_output.as_raw_fd(), child_error.as_raw_fd()],
        watchdog: launch.watchdog.map_or(-1, |socket| socket.as_raw_fd()),
        // SAFETY: touches no memory.
        parent: unsafe { libc::getpid() },
        // SAFETY: all zeros is a valid value of this plain structure.
        signals: unsafe { mem::zeroed() },
        failed: 0,
        at_folder: false,
    };
    let mut stack: Vec<u128> = Vec::with_capacity(STACK_BYTES / mem::size_of::<u128>());
    // SAFETY: the sets are valid for reading and writing. All signals are blocked while the child
    // shares this memory, so that no handler of this process runs in it; the pointers that it reads
    // stay valid, since CLONE_VFORK keeps this thread here until the child's program has begun or the
    // child has ended. The stack grows down from its end, which is aligned for any value.
    let pid = unsafe {
        let mut all: libc::sigset_t = mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut shared.signals);
        let top = stack.as_mut_ptr().add(stack.capacity());
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        let pid = libc::clone(begin, top.cast(), flags, ptr::addr_of_mut!(shared).cast());
        let failed = io::Error::last_os_error();
        libc::pthread_sigmask(libc::SIG_SETMASK, &shared.signals, ptr::null_mut());
        u32::try_from(pid).map_err(|_| failed)?
    };
    // SAFETY: the child writes it through the pointer it was given, which the compiler cannot see.
    let failed = unsafe { ptr::read_volatile(&shared.failed) };
    if failed != 0 {
        super::reap(pid)?;
        return Err(SpawnError { at_folder: shared.at_folder, error: io::Error::from_raw_os_error(failed) });
    }
    Ok(Spawned { pid, input, output, error })
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: two descriptors' room. Both are closed in every program that is started.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has just given them, and nobody else has them.
    Ok(unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

/// The child's first steps. It shares its parent's memory, so it allocates nothing, takes no lock and
/// never returns.
extern "C" fn begin(shared: *mut c_void) -> c_int {
    // SAFETY: the parent passes this and waits; see `spawn`.
    let shared = unsafe { &mut *shared.cast::<Shared>() };
    // SAFETY: system calls on descriptors and texts that the parent keeps alive.
    unsafe {
        reset_signals();
        libc::setpgid(0, 0);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        // The parent may have ended before the line above.
        if libc::getppid() != shared.parent {
            libc::_exit(NOT_STARTED);
        }
        if shared.watchdog >= 0 {
            register(shared.watchdog);
        }
        if libc::chdir(shared.folder) != 0 {
            shared.at_folder = true;
            return failed(shared);
        }
        if !take_streams(&shared.streams) {
            return failed(shared);
        }
        // What other parts of the session have left open is not the child's. An old system that cannot
        // do this leaves it as every program starter does.
        libc::syscall(libc::SYS_close_range, FIRST_PRIVATE, c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
        let none: libc::sigset_t = mem::zeroed();
        libc::pthread_sigmask(libc::SIG_SETMASK, &none, ptr::null_mut());
        libc::execve(shared.program, shared.arguments, shared.environment);
        failed(shared)
    }
}

/// Says why, to the parent that shares this memory.
unsafe fn failed(shared: &mut Shared) -> c_int {
    // SAFETY: this thread's own error number.
    let number = unsafe { *libc::__errno_location() };
    // SAFETY: a field of a live structure.
    unsafe { ptr::write_volatile(&mut shared.failed, number) };
    // SAFETY: ends the child alone.
    unsafe { libc::_exit(NOT_STARTED) }
}

/// Every handler of the parent's is gone, and what it ignores only for itself is not ignored. A hangup
/// that its caller wants ignored (`nohup`) stays so.
unsafe fn reset_signals() {
    for number in 1..=LAST_SIGNAL {
        // SAFETY: all zeros is a valid value of this plain structure: the default action.
        let default: libc::sigaction = unsafe { mem::zeroed() };
        // SAFETY: as above.
        let mut current: libc::sigaction = unsafe { mem::zeroed() };
        // SAFETY: both are valid; the few numbers that the C library keeps for itself are refused.
        unsafe {
            if libc::sigaction(number, ptr::null(), &mut current) != 0 {
                continue;
            }
            let keeps = current.sa_sigaction == libc::SIG_DFL
                || (current.sa_sigaction == libc::SIG_IGN && number == libc::SIGHUP);
            if !keeps {
                libc::sigaction(number, &default, ptr::null_mut());
            }
        }
    }
}

/// Puts the pipes in the places of standard input, output and error.
unsafe fn take_streams(streams: &[c_int; 3]) -> bool {
    // SAFETY: calls on descriptors only. A pipe that stands on one of the three places already is
    // moved out of the way first, since taking a place closes what was there.
    unsafe {
        let mut moved = *streams;
        for descriptor in &mut moved {
            if *descriptor <= libc::STDERR_FILENO {
                *descriptor = libc::fcntl(*descriptor, libc::F_DUPFD_CLOEXEC, libc::STDERR_FILENO + 1);
                if *descriptor < 0 {
                    return false;
                }
            }
        }
        (0..).zip(moved).all(|(place, descriptor)| libc::dup2(descriptor, place) >= 0)
    }
}

/// Tells the watchdog `+PID`.
unsafe fn register(socket: c_int) {
    let mut line = [0_u8; 16];
    let mut at = line.len() - 1;
    line[at] = b'\n';
    // SAFETY: touches no memory.
    let mut rest = unsafe { libc::getpid() };
    while rest > 0 {
        at -= 1;
        line[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    at -= 1;
    line[at] = b'+';
    // SAFETY: within the array. A watchdog that is gone is not waited for and raises no signal.
    unsafe { libc::send(socket, line.as_ptr().add(at).cast(), line.len() - at, libc::MSG_NOSIGNAL) };
}
