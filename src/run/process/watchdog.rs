//! A tiny process beside each run that has children. It knows their groups and ends them when the
//! session is gone, however that happened: its standard input then ends.

use crate::ffi::system::send;
use std::{
    io,
    net::Shutdown,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    path::Path,
    process::{Child, Command, Stdio},
};

/// Reads `+PID` and `-PID`, one a line. At the end it kills the groups that are left and removes the
/// folders of the run's jobs, whose paths begin with its first argument.
const PROGRAM: &str = r#"
trap '' INT TERM HUP QUIT
alive=' '
while read -r line; do
    pid=${line#?}
    case $line in
        +*) alive="$alive$pid " ;;
        -*) case $alive in *" $pid "*) alive="${alive%% "$pid" *} ${alive#* "$pid" }" ;; esac ;;
    esac
done
for pid in $alive; do kill -s KILL -- "-$pid"; done
rm -rf -- "$1"*
"#;

/// The process, and the line to it.
#[derive(Debug)]
pub(super) struct Watchdog {
    line: UnixStream,
    process: Child,
}

impl Watchdog {
    /// Starts one.
    ///
    /// # Errors
    /// What the system says when there is no `sh` or no room for it.
    pub fn start(folders: &Path) -> io::Result<Self> {
        let (line, other) = UnixStream::pair()?;
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(PROGRAM).arg("aither-watchdog").arg(folders);
        // Of its own group, so that neither Ctrl+C nor the end of the terminal's job reaches it.
        command.process_group(0).current_dir("/").env_clear().env("PATH", "/usr/bin:/bin");
        command.stdin(OwnedFd::from(other)).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn()?;
        Ok(Self { line, process })
    }

    /// Where children tell their own numbers.
    pub fn socket(&self) -> BorrowedFd<'_> {
        self.line.as_fd()
    }

    /// A child has begun that cannot tell so itself.
    #[cfg(not(target_os = "linux"))]
    pub fn begun(&self, pid: u32) {
        let _ = send(self.socket(), format!("+{pid}\n").as_bytes());
    }

    /// A child's group is gone, and its number may become another's.
    pub fn gone(&self, pid: u32) {
        let _ = send(self.socket(), format!("-{pid}\n").as_bytes());
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Its input ends although this descriptor is still open, so that it can be waited for.
        let _ = self.line.shutdown(Shutdown::Both);
        let _ = self.process.wait();
    }
}
