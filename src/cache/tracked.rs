//! Which files git tracks: the paths in its index (`gitformat-index`).

use std::{fs, io, path::Path};

/// What an entry has in front of its object's name: times, device, inode, mode, owner, size.
const STAT: usize = 40;
/// Where in it the mode stands.
const MODE: usize = 24;
/// An entry has a second pair of bytes of flags.
const EXTENDED: u16 = 0x4000;
/// The length of a path that is longer than the flags can say.
const LONG: usize = 0xfff;
/// The bytes of an object's name: SHA-1's, SHA-256's.
const NAMES: [usize; 2] = [20, 32];

/// The paths of a repository's index, below its folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tracked {
    paths: Vec<Vec<u8>>,
}

impl Tracked {
    /// The paths in the index of the repository whose `.git` is here. No index tracks nothing.
    ///
    /// # Errors
    /// What the system says, and an index of a form that is not known.
    pub fn read(git: &Path) -> io::Result<Self> {
        let bytes = match fs::read(git.join("index")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            read => read?,
        };
        let index = decode(&bytes).ok_or_else(unknown)?;
        let mut paths = index.paths;
        if let Some(shared) = index.shared {
            // What was taken away since is in there too; that more counts than should is no harm.
            let shared = fs::read(git.join(format!("sharedindex.{shared}")))?;
            paths.extend(decode(&shared).ok_or_else(unknown)?.paths);
        }
        let mut paths: Vec<Vec<u8>> = paths.into_iter().map(as_compared).collect();
        paths.sort_unstable();
        Ok(Self { paths })
    }

    /// Whether this file is tracked.
    pub fn has(&self, path: &Path) -> bool {
        self.paths.binary_search(&written(path)).is_ok()
    }

    /// Whether anything in this folder is tracked.
    pub fn has_below(&self, folder: &Path) -> bool {
        let mut folder = written(folder);
        folder.push(b'/');
        let at = self.paths.partition_point(|path| *path < folder);
        self.paths.get(at).is_some_and(|path| path.starts_with(&folder))
    }
}

fn unknown() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is no index of a form that is known (versions 2 to 4)")
}

/// A path as the index writes it.
fn written(path: &Path) -> Vec<u8> {
    let parts: Vec<&[u8]> = path.iter().map(|part| part.as_encoded_bytes()).collect();
    as_compared(parts.join(&b'/'))
}

/// Names that differ in their case are one file on most disks of these systems.
fn as_compared(mut path: Vec<u8>) -> Vec<u8> {
    if cfg!(any(windows, target_os = "macos")) {
        path.make_ascii_lowercase();
    }
    path
}

/// What is read of an index.
#[derive(Debug, Default, PartialEq, Eq)]
struct Decoded {
    paths: Vec<Vec<u8>>,
    /// The name of the index that this one adds to, of one that is split.
    shared: Option<String>,
}

/// An index, whichever names its objects have. Only one of the two fits to the last byte.
fn decode(bytes: &[u8]) -> Option<Decoded> {
    NAMES.iter().find_map(|length| decode_with(bytes, *length))
}

fn decode_with(bytes: &[u8], name: usize) -> Option<Decoded> {
    let end = bytes.len().checked_sub(name)?;
    let version = number(bytes, 4)?;
    if bytes.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let mut index = Decoded::default();
    let mut at = 12;
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..number(bytes, 8)? {
        let begin = at;
        let mode = number(bytes, at + MODE)?;
        at += STAT + name;
        let flags = u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
        at += 2;
        if flags & EXTENDED != 0 {
            at += 2;
        }
        if version == 4 {
            let kept = path.len().checked_sub(varint(bytes, &mut at)?)?;
            path.truncate(kept);
        } else {
            path.clear();
        }
        let rest = bytes.get(at..end)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        path.extend_from_slice(&rest[..length]);
        at += length + 1;
        if version < 4 {
            // One to eight zeros, so that an entry's length is a multiple of eight.
            at = begin + (at - begin).next_multiple_of(8);
        }
        let said = usize::from(flags) & LONG;
        if said != path.len().min(LONG) || !matches!(mode >> 12, 0o04 | 0o10 | 0o12 | 0o16) {
            return None;
        }
        // An entry of a split index without a path takes another's place.
        if !path.is_empty() {
            index.paths.push(path.clone());
        }
    }
    while at < end {
        let length = usize::try_from(number(bytes, at + 4)?).ok()?;
        let contents = bytes.get(at + 8..at + 8 + length)?;
        if bytes.get(at..at + 4)? == b"link" {
            let shared = contents.get(..name)?;
            // A split index that stands alone names nothing.
            let is_alone = shared.iter().all(|byte| *byte == 0);
            index.shared = (!is_alone).then(|| shared.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        at += 8 + length;
    }
    (at == end).then_some(index)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A number as version 4 writes how much of the path before is dropped.
fn varint(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut next = || {
        let byte = *bytes.get(*at)?;
        *at += 1;
        Some(byte)
    };
    let mut byte = next()?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = next()?;
        value = value.checked_add(1)?.checked_mul(128)? + usize::from(byte & 0x7f);
    }
    Some(value)
}

#[cfg(test)]
mod tests;
