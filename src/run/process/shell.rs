//! How the text of a step is run: as GitHub Actions calls each shell.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// A shell that is a program of its own. PowerShell's text goes by `job.ps1` instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    Bash,
    Sh,
    Cmd,
    Python,
    /// Windows PowerShell, on Windows, as its edition is called.
    Desktop,
}

/// Names a step may give, for messages.
pub(super) const NAMES: &str = "pwsh, powershell, bash, sh, cmd and python";

/// What a step's `shell` means: `Ok(None)` is PowerShell.
pub(super) fn find(name: &str) -> Result<Option<Shell>, ()> {
    Ok(Some(match name.trim().to_ascii_lowercase().as_str() {
        "bash" => Shell::Bash,
        "sh" => Shell::Sh,
        "cmd" => Shell::Cmd,
        "python" => Shell::Python,
        "powershell" if cfg!(windows) => Shell::Desktop,
        "" | "pwsh" | "powershell" => return Ok(None),
        _ => return Err(()),
    }))
}

impl Shell {
    /// The names its program may have, the first one is what people call it.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Bash => &["bash"],
            Self::Sh => &["sh"],
            Self::Cmd => &["cmd"],
            Self::Python => &["python", "python3"],
            Self::Desktop => &["powershell"],
        }
    }

    /// The end of the name of a file with its text; `cmd` goes by it.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Bash | Self::Sh => "sh",
            Self::Cmd => "cmd",
            Self::Python => "py",
            Self::Desktop => "ps1",
        }
    }

    /// Its arguments before the file. The first command that fails ends the text.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Bash => &["--noprofile", "--norc", "-e", "-o", "pipefail"],
            Self::Sh => &["-e"],
            Self::Cmd => &["/D", "/E:ON", "/V:OFF", "/S", "/C"],
            Self::Python => &[],
            Self::Desktop => &["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"],
        }
    }
}

/// The file that a program's name means on this path, as a shell would find it.
pub(super) fn locate(name: &str, path: &OsStr) -> Option<PathBuf> {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.flat_map(|folder| candidates(&folder, name)).find(|file| is_program(file))
}

#[cfg(windows)]
fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    ["exe", "com", "cmd", "bat"].iter().map(|end| folder.join(format!("{name}.{end}"))).collect()
}

#[cfg(not(windows))]
fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    vec![folder.join(name)]
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    file.is_file() && crate::ffi::system::is_executable(file)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// `cmd` takes quotes by rules of its own: `CALL "file"` within another pair.
pub(super) fn cmd_line(file: &Path) -> OsString {
    let mut line = OsString::from("\"CALL \"");
    line.push(file);
    line.push("\"\"");
    line
}
