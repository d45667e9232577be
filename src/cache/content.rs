//! What a file's contents come to, and whether they stood still while they were read.

use super::{
    stamp::{self, Stamp},
    Digest,
};
use std::{
    fs::{self, File, FileType, Metadata},
    io::{self, Read},
    path::Path,
};

/// Large enough for few calls, small enough to stay in the processor's cache.
const BUFFER: usize = 256 * 1024;
/// A file that changes while it is read is read so often at the most.
const ATTEMPTS: usize = 3;

/// A file that was read, and what it was like when it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content {
    pub digest: Digest,
    pub stamp: Stamp,
    /// The time before it was read.
    pub read_at: i64,
}

thread_local! {
    static BYTES: std::cell::RefCell<Vec<u8>> = std::cell::RefCell::new(vec![0; BUFFER]);
}

/// Reads a file and its digest.
///
/// # Errors
/// What the system says, and an error of kind `Other` for a file that does not stand still.
pub(super) fn read(path: &Path) -> io::Result<Content> {
    for _ in 0..ATTEMPTS {
        let read_at = stamp::now();
        let mut file = File::open(path)?;
        let before = Stamp::of(&file.metadata()?);
        let digest = digest(&mut file)?;
        // By its name, so that a file which was replaced meanwhile shows too.
        let after = Stamp::of(&fs::metadata(path)?);
        if before == after {
            return Ok(Content { digest, stamp: after, read_at });
        }
    }
    Err(io::Error::other("it changes while it is read"))
}

fn digest(file: &mut File) -> io::Result<Digest> {
    BYTES.with(|buffer| {
        let mut buffer = buffer.borrow_mut();
        let mut hasher = blake3::Hasher::new();
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(hasher.finalize().into()),
                Ok(length) => drop(hasher.update(&buffer[..length])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    })
}

/// What stands for something that has no contents of its own: a link for where it leads, anything
/// else (a pipe, a device) for being what it is. Such things are never opened.
pub(super) fn of_special(path: &Path, metadata: &Metadata) -> io::Result<Option<Digest>> {
    let kind = metadata.file_type();
    if kind.is_file() || kind.is_dir() {
        return Ok(None);
    }
    if !kind.is_symlink() {
        return Ok(Some(Digest::of(format!("special {}", special_name(kind)).as_bytes())));
    }
    let target = fs::read_link(path)?;
    let mut text = b"link ".to_vec();
    text.extend_from_slice(target.as_os_str().as_encoded_bytes());
    // A script that reads the link reads the file behind it.
    if fs::metadata(path).is_ok_and(|behind| behind.is_file()) {
        text.push(0);
        text.extend_from_slice(read(path)?.digest.as_bytes());
    }
    Ok(Some(Digest::of(&text)))
}

#[cfg(unix)]
fn special_name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_fifo() => "pipe",
        kind if kind.is_socket() => "socket",
        kind if kind.is_block_device() => "block device",
        kind if kind.is_char_device() => "character device",
        _ => "something else",
    }
}

#[cfg(not(unix))]
fn special_name(_: FileType) -> &'static str {
    "something else"
}

/// Whether a file may be run as a program.
#[cfg(unix)]
pub(super) fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

/// Whether a file may be run as a program: not a property of a file here.
#[cfg(not(unix))]
pub(super) fn is_executable(_: &Metadata) -> bool {
    false
}
