//! JSON files with a checksum as their last field: whole and unchanged, or not read at all.

use super::{atomic, Digest};
use serde::{de::DeserializeOwned, Serialize};
use std::{fs, io, path::Path};
use thiserror::Error;

/// What stands in front of the checksum, and behind it.
const BEFORE: &str = ",\n  \"Checksum\": \"";
const BEHIND: &str = "\"\n}\n";
/// No file of ours is longer; a foreign one is not read into memory.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Why a file is not read.
#[derive(Debug, Error)]
pub enum Unsealed {
    /// There is none.
    #[error("it is not there")]
    Absent,
    /// The system does not give it.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    /// It is not what was written.
    #[error("it is damaged")]
    Damaged,
}

/// The bytes of a file for this value, which must be an object with at least one field.
///
/// # Errors
/// Where the value has no JSON form.
pub(super) fn seal(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_string_pretty(value)?;
    let checksum = Digest::of(text.as_bytes());
    text.truncate(text.len() - "\n}".len());
    text.push_str(BEFORE);
    text.push_str(&checksum.to_string());
    text.push_str(BEHIND);
    Ok(text.into_bytes())
}

/// The value of a sealed file's bytes.
pub(super) fn unseal<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    let at = text.rfind(BEFORE)?;
    let checksum: Digest = text[at + BEFORE.len()..].strip_suffix(BEHIND)?.parse().ok()?;
    let whole = [&text[..at], "\n}"].concat();
    if Digest::of(whole.as_bytes()) != checksum {
        return None;
    }
    serde_json::from_str(&whole).ok()
}

/// Reads a sealed file.
///
/// # Errors
/// [`Unsealed`]; never a value that was not sealed.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Unsealed> {
    let metadata = fs::symlink_metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unsealed::Absent,
        _ => Unsealed::Unreadable(error),
    })?;
    // A pipe would be waited for, and a link may lead anywhere.
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(Unsealed::Damaged);
    }
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unsealed::Absent,
        _ => Unsealed::Unreadable(error),
    })?;
    unseal(&bytes).ok_or(Unsealed::Damaged)
}

/// Writes a sealed file in one step.
pub(super) fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let bytes = seal(value)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("it would have {} bytes, more than {LONGEST}", bytes.len())));
    }
    atomic::write(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, Value};

    #[test]
    fn a_sealed_value_reads_back_and_a_changed_one_does_not() {
        let value = json!({"A": "x,\n  \"Checksum\": \"y", "B": {"Checksum": 1}});
        let bytes = seal(&value).expect("bytes");
        assert_eq!(unseal::<Value>(&bytes), Some(value));
        assert!(serde_json::from_slice::<Value>(&bytes).is_ok(), "the file is JSON");
        for at in 0..bytes.len() {
            assert_eq!(unseal::<Value>(&bytes[..at]), None, "cut at {at}");
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert_eq!(unseal::<Value>(&flipped), None, "bit {bit} of byte {at}");
            }
        }
    }
}
