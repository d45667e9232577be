//! Process trees on Windows: job objects, which the system ends when their last handle closes, and
//! Ctrl+Break.

use std::{
    io, mem,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    process::Child,
    ptr,
};
use winapi::{
    shared::{
        minwindef::{DWORD, FALSE},
        ntdef::HANDLE,
    },
    um::{
        handleapi::INVALID_HANDLE_VALUE,
        jobapi2::{AssignProcessToJobObject, CreateJobObjectW, SetInformationJobObject, TerminateJobObject},
        processthreadsapi::{OpenThread, ResumeThread},
        tlhelp32::{CreateToolhelp32Snapshot, Thread32First, Thread32Next, TH32CS_SNAPTHREAD, THREADENTRY32},
        winbase::{CREATE_NEW_PROCESS_GROUP, CREATE_SUSPENDED},
        wincon::{GenerateConsoleCtrlEvent, CTRL_BREAK_EVENT},
        winnt::{
            JobObjectExtendedLimitInformation, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
            JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, THREAD_SUSPEND_RESUME,
        },
    },
};

/// How a child has to be created that [`Group::begin`] takes: waiting for it, and of a group of its own,
/// so that the console's Ctrl+C does not reach it and Ctrl+Break can be sent to it alone.
pub const CREATION_FLAGS: u32 = CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP;

/// What `ResumeThread` answers where it fails.
const NOT_RESUMED: DWORD = DWORD::MAX;

/// A process and all that it starts. The system ends what is left of it when this is dropped, also by
/// the end of this process, however that comes about.
#[derive(Debug)]
pub struct Group(OwnedHandle);

impl Group {
    /// A group of nobody yet. Its handle is not inherited: a child that had it would keep the group alive.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> io::Result<Self> {
        // SAFETY: both pointers may be null: the usual security, no name.
        let job = unsafe { CreateJobObjectW(ptr::null_mut(), ptr::null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the system has just given it, and nobody else has it.
        let group = Self(unsafe { OwnedHandle::from_raw_handle(job.cast()) });
        // SAFETY: all zeros is a valid value of this plain structure: no limit.
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = unsafe { mem::zeroed() };
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        let size = mem::size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as DWORD;
        // SAFETY: the pointer and the size are those of one live structure, of the kind that is named.
        let set = unsafe {
            let limits = ptr::addr_of_mut!(limits).cast();
            SetInformationJobObject(group.handle(), JobObjectExtendedLimitInformation, limits, size)
        };
        check(set).map(|()| group)
    }

    /// Takes a child that was created with [`CREATION_FLAGS`] and lets it begin.
    ///
    /// # Errors
    /// What the system says; the child has not begun then and waits.
    pub fn begin(&self, child: &Child) -> io::Result<()> {
        // SAFETY: both handles are live.
        check(unsafe { AssignProcessToJobObject(self.handle(), child.as_raw_handle().cast()) })?;
        resume(child.id())
    }

    /// Ends every process of it, with this exit code.
    pub fn end(&self, exit_code: u32) {
        // SAFETY: the handle is live. It fails only for one without the right to do so.
        unsafe { TerminateJobObject(self.handle(), exit_code) };
    }

    fn handle(&self) -> HANDLE {
        self.0.as_raw_handle().cast()
    }
}

/// Sends Ctrl+Break to a process group of this console.
///
/// # Errors
/// What the system says, for example that this process has no console.
pub fn send_break(group: u32) -> io::Result<()> {
    // SAFETY: touches no memory.
    check(unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, group) })
}

/// Lets the one thread of a process begin that was created suspended. The standard library keeps no
/// handle of it, so that it is looked for among all threads.
fn resume(process: u32) -> io::Result<()> {
    // SAFETY: touches no memory.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) };
    if snapshot == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has just given it, and nobody else has it.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(snapshot.cast()) };
    // SAFETY: all zeros is a valid value of this plain structure.
    let mut entry: THREADENTRY32 = unsafe { mem::zeroed() };
    entry.dwSize = mem::size_of::<THREADENTRY32>() as DWORD;
    // SAFETY: the handle is live, and the structure says its size.
    let mut found = unsafe { Thread32First(snapshot.as_raw_handle().cast(), &mut entry) };
    while found != FALSE {
        if entry.th32OwnerProcessID == process {
            return resume_thread(entry.th32ThreadID);
        }
        // SAFETY: as above.
        found = unsafe { Thread32Next(snapshot.as_raw_handle().cast(), &mut entry) };
    }
    Err(io::ErrorKind::NotFound.into())
}

fn resume_thread(number: u32) -> io::Result<()> {
    // SAFETY: touches no memory.
    let thread = unsafe { OpenThread(THREAD_SUSPEND_RESUME, FALSE, number) };
    if thread.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has just given it, and nobody else has it.
    let thread = unsafe { OwnedHandle::from_raw_handle(thread.cast()) };
    // SAFETY: the handle is live.
    match unsafe { ResumeThread(thread.as_raw_handle().cast()) } {
        NOT_RESUMED => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn check(succeeded: i32) -> io::Result<()> {
    if succeeded == FALSE {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
