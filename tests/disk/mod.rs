//! A disk that fails, or a process that is killed, at one chosen step: the calls by which the standard library
//! reaches files, defined anew for the test program. What is tested is the library as it is shipped.
//!
//! Only files below a folder of [`folder`] are concerned.

#![allow(dead_code, reason = "each test file uses its part")]
// The names and shapes are the C library's.
#![allow(clippy::missing_safety_doc, reason = "the C library's own functions")]

use libc::{c_char, c_int, c_long, c_void, mode_t, off_t, size_t, ssize_t, timespec, DIR};
use std::{
    ffi::CStr,
    fmt,
    sync::{
        atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering::SeqCst},
        Mutex, PoisonError,
    },
};
use tempfile::TempDir;

/// What the name of a folder begins with whose files are concerned.
const MARK: &str = "aither-steps-";

/// Descriptors up to here are told apart.
const DESCRIPTORS: usize = 4_096;

pub fn folder() -> TempDir {
    tempfile::Builder::new().prefix(MARK).tempdir().expect("a temporary folder")
}

/// The steps that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Steps {
    /// Whatever changes the disk.
    Changes = 1,
    /// Whatever reads it.
    Reads = 2,
}

/// What happens at the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Fault {
    /// The process is killed before it.
    KillBefore = 1,
    /// The process is killed in the middle of it, where it writes, or else behind it.
    KillWithin = 2,
    /// It fails once.
    Once = 3,
    /// It fails, and every further step of the same kind: of a write the first half is written.
    FromThen = 4,
}

static STEPS: AtomicI32 = AtomicI32::new(0);
static FAULT: AtomicI32 = AtomicI32::new(0);
static ERROR: AtomicI32 = AtomicI32::new(0);
static AT: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);
static TRACKED: [AtomicBool; DESCRIPTORS] = [const { AtomicBool::new(false) }; DESCRIPTORS];
static HIT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Has the step `at`, from 0, fail with the error number `error`.
pub fn arm(steps: Steps, at: usize, fault: Fault, error: c_int) {
    HIT.lock().unwrap_or_else(PoisonError::into_inner).clear();
    COUNT.store(0, SeqCst);
    AT.store(at, SeqCst);
    ERROR.store(error, SeqCst);
    FAULT.store(fault as i32, SeqCst);
    STEPS.store(steps as i32, SeqCst);
}

/// The calls that failed since [`arm`].
#[derive(Debug)]
pub struct Hits(Vec<String>);

impl Hits {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the calls was this one on a file whose path has this text in it.
    pub fn has(&self, call: &str, path: &str) -> bool {
        self.0.iter().any(|hit| hit.starts_with(call) && hit.contains(path))
    }
}

impl fmt::Display for Hits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.first() {
            Some(first) => write!(out, "{first} (and {} more)", self.0.len() - 1),
            None => out.write_str("nothing"),
        }
    }
}

/// All is well again; says what failed.
pub fn disarm() -> Hits {
    STEPS.store(0, SeqCst);
    Hits(std::mem::take(&mut HIT.lock().unwrap_or_else(PoisonError::into_inner)))
}

/// What a call is to do.
enum Verdict {
    Go,
    Fail,
    /// The first half, then the end of the process or an error.
    Half,
    KillBehind,
}

fn step(of: Steps, call: &str, path: &[u8]) -> Verdict {
    if STEPS.load(SeqCst) != of as i32 {
        return Verdict::Go;
    }
    let (count, at, fault) = (COUNT.fetch_add(1, SeqCst), AT.load(SeqCst), FAULT.load(SeqCst));
    let due = count == at || (count > at && fault == Fault::FromThen as i32);
    if !due {
        return Verdict::Go;
    }
    if fault == Fault::KillBefore as i32 {
        kill();
    }
    if fault == Fault::KillWithin as i32 {
        return if call == "write" { Verdict::Half } else { Verdict::KillBehind };
    }
    HIT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(format!("{call} {}", String::from_utf8_lossy(path)));
    if fault == Fault::FromThen as i32 && count == at && call == "write" {
        Verdict::Half
    } else {
        Verdict::Fail
    }
}

fn kill() -> ! {
    // SAFETY: ends this process.
    unsafe {
        libc::kill(libc::getpid(), libc::SIGKILL);
        libc::_exit(1)
    }
}

unsafe fn fail<T: From<i8>>() -> T {
    // SAFETY: this thread's own error number.
    unsafe { *libc::__errno_location() = ERROR.load(SeqCst) };
    T::from(-1)
}

fn concerns(path: &[u8]) -> bool {
    path.windows(MARK.len()).any(|part| part == MARK.as_bytes())
}

/// The path of a descriptor, into this room.
fn path_of(descriptor: c_int, room: &mut [u8; 512]) -> &[u8] {
    let mut link = [0_u8; 32];
    let mut cursor = std::io::Cursor::new(&mut link[..]);
    let _ = std::io::Write::write_fmt(&mut cursor, format_args!("/proc/self/fd/{descriptor}\0"));
    // SAFETY: both rooms are as long as said, and the link ends with a NUL.
    let length = unsafe { libc::readlink(link.as_ptr().cast(), room.as_mut_ptr().cast(), room.len()) };
    &room[..usize::try_from(length).unwrap_or(0)]
}

fn tracked(descriptor: c_int) -> bool {
    usize::try_from(descriptor).ok().and_then(|at| TRACKED.get(at)).is_some_and(|mark| mark.load(SeqCst))
}

fn track(descriptor: c_int, is: bool) {
    if let Some(mark) = usize::try_from(descriptor).ok().and_then(|at| TRACKED.get(at)) {
        mark.store(is, SeqCst);
    }
}

/// A call on a path that is one step.
macro_rules! on_path {
    ($of:expr, $name:literal, $path:expr, $call:expr) => {{
        // SAFETY: the caller's promise.
        let path = unsafe { CStr::from_ptr($path) }.to_bytes();
        let verdict = if concerns(path) { step($of, $name, path) } else { Verdict::Go };
        judged!(verdict, $call)
    }};
}

/// A call on a descriptor that is one step.
macro_rules! on_descriptor {
    ($of:expr, $name:literal, $descriptor:expr, $call:expr) => {{
        let mut room = [0; 512];
        let verdict = if tracked($descriptor) {
            step($of, $name, path_of($descriptor, &mut room))
        } else {
            Verdict::Go
        };
        judged!(verdict, $call)
    }};
}

macro_rules! judged {
    ($verdict:expr, $call:expr) => {
        match $verdict {
            // SAFETY: this thread's own error number.
            Verdict::Fail => unsafe { fail() },
            Verdict::Go => $call,
            Verdict::Half | Verdict::KillBehind => {
                $call;
                kill()
            }
        }
    };
}

#[no_mangle]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    let of = if flags & (libc::O_CREAT | libc::O_ACCMODE) == 0 { Steps::Reads } else { Steps::Changes };
    let open = || unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) as c_int };
    let descriptor = on_path!(of, "open", path, open());
    // SAFETY: the caller's promise.
    track(descriptor, concerns(unsafe { CStr::from_ptr(path) }.to_bytes()));
    descriptor
}

#[no_mangle]
pub unsafe extern "C" fn close(descriptor: c_int) -> c_int {
    track(descriptor, false);
    // SAFETY: the caller's promise.
    unsafe { libc::syscall(libc::SYS_close, descriptor) as c_int }
}

#[no_mangle]
pub unsafe extern "C" fn write(descriptor: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
    let write =
        |length: size_t| unsafe { libc::syscall(libc::SYS_write, descriptor, bytes, length) as ssize_t };
    let mut room = [0; 512];
    if !tracked(descriptor) {
        return write(length);
    }
    match step(Steps::Changes, "write", path_of(descriptor, &mut room)) {
        Verdict::Go => write(length),
        // SAFETY: as above.
        Verdict::Fail => unsafe { fail() },
        Verdict::Half if FAULT.load(SeqCst) == Fault::FromThen as i32 && length > 1 => write(length / 2),
        // SAFETY: as above.
        Verdict::Half if FAULT.load(SeqCst) == Fault::FromThen as i32 => unsafe { fail() },
        Verdict::Half | Verdict::KillBehind => {
            write(length / 2);
            kill()
        }
    }
}

#[no_mangle]
pub unsafe extern "C" fn read(descriptor: c_int, bytes: *mut c_void, length: size_t) -> ssize_t {
    let read = || unsafe { libc::syscall(libc::SYS_read, descriptor, bytes, length) as ssize_t };
    on_descriptor!(Steps::Reads, "read", descriptor, read())
}

#[no_mangle]
pub unsafe extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    let make =
        || unsafe { libc::syscall(libc::SYS_mkdirat, libc::AT_FDCWD, path, c_long::from(mode)) as c_int };
    on_path!(Steps::Changes, "mkdir", path, make())
}

#[no_mangle]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let here = c_long::from(libc::AT_FDCWD);
    let rename = || unsafe { libc::syscall(libc::SYS_renameat2, here, from, here, to, 0) as c_int };
    on_path!(Steps::Changes, "rename", to, rename())
}

#[no_mangle]
pub unsafe extern "C" fn link(from: *const c_char, to: *const c_char) -> c_int {
    let here = c_long::from(libc::AT_FDCWD);
    let link = || unsafe { libc::syscall(libc::SYS_linkat, here, from, here, to, 0) as c_int };
    on_path!(Steps::Changes, "link", to, link())
}

#[no_mangle]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    let unlink = || unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, path, 0) as c_int };
    on_path!(Steps::Changes, "unlink", path, unlink())
}

#[no_mangle]
pub unsafe extern "C" fn rmdir(path: *const c_char) -> c_int {
    let remove =
        || unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, path, libc::AT_REMOVEDIR) as c_int };
    on_path!(Steps::Changes, "rmdir", path, remove())
}

#[no_mangle]
pub unsafe extern "C" fn unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int {
    let mut room = [0; 512];
    let of = path_of(folder, &mut room);
    let verdict = if concerns(of) { step(Steps::Changes, "unlinkat", of) } else { Verdict::Go };
    let unlink = || unsafe { libc::syscall(libc::SYS_unlinkat, folder, path, flags) as c_int };
    judged!(verdict, unlink())
}

#[no_mangle]
pub unsafe extern "C" fn ftruncate64(descriptor: c_int, length: off_t) -> c_int {
    let cut = || unsafe { libc::syscall(libc::SYS_ftruncate, descriptor, length) as c_int };
    on_descriptor!(Steps::Changes, "ftruncate", descriptor, cut())
}

#[no_mangle]
pub unsafe extern "C" fn futimens(descriptor: c_int, times: *const timespec) -> c_int {
    let none = std::ptr::null::<c_char>();
    let touch = || unsafe { libc::syscall(libc::SYS_utimensat, descriptor, none, times, 0) as c_int };
    on_descriptor!(Steps::Changes, "futimens", descriptor, touch())
}

#[no_mangle]
pub unsafe extern "C" fn fsync(descriptor: c_int) -> c_int {
    let sync = || unsafe { libc::syscall(libc::SYS_fsync, descriptor) as c_int };
    on_descriptor!(Steps::Changes, "fsync", descriptor, sync())
}

#[no_mangle]
pub unsafe extern "C" fn fchmod(descriptor: c_int, mode: mode_t) -> c_int {
    let change = || unsafe { libc::syscall(libc::SYS_fchmod, descriptor, c_long::from(mode)) as c_int };
    on_descriptor!(Steps::Changes, "fchmod", descriptor, change())
}

#[no_mangle]
pub unsafe extern "C" fn flock(descriptor: c_int, operation: c_int) -> c_int {
    let lock = || unsafe { libc::syscall(libc::SYS_flock, descriptor, operation) as c_int };
    on_descriptor!(Steps::Changes, "flock", descriptor, lock())
}

#[no_mangle]
pub unsafe extern "C" fn opendir(path: *const c_char) -> *mut DIR {
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(path) }.to_bytes();
    if concerns(name) && matches!(step(Steps::Reads, "opendir", name), Verdict::Fail) {
        // SAFETY: this thread's own error number.
        unsafe { *libc::__errno_location() = ERROR.load(SeqCst) };
        return std::ptr::null_mut();
    }
    // SAFETY: the C library's own function of this name and shape.
    unsafe {
        let next = libc::dlsym(libc::RTLD_NEXT, c"opendir".as_ptr());
        let next: unsafe extern "C" fn(*const c_char) -> *mut DIR = std::mem::transmute(next);
        next(path)
    }
}
