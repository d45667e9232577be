//! The file-hash index: digests of files that need not be read again.

use super::{stamp::Stamp, Digest};
use std::{collections::HashMap, path::Path};

const MAGIC: &[u8; 8] = b"AITHIDX1";
/// Magic, and the checksum at the end.
const FRAME: usize = MAGIC.len() + 32;
/// What stands behind each path: size, two times, inode, digest.
const FIXED: usize = 8 * 4 + 32;

/// Digests by path below the project, with `/` between names.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: HashMap<Box<str>, (Stamp, Digest)>,
    changed: bool,
}

impl Index {
    /// The index in this file. One that is missing, short, flipped or foreign is an empty one.
    pub fn load(path: &Path) -> Self {
        let entries = std::fs::read(path).ok().and_then(|bytes| decode(&bytes)).unwrap_or_default();
        Self { entries, changed: false }
    }

    /// The digest of a file whose stamp is still the same.
    pub fn get(&self, path: &str, stamp: &Stamp) -> Option<Digest> {
        self.entries.get(path).filter(|(known, _)| known == stamp).map(|(_, digest)| *digest)
    }

    /// Remembers a digest. `now` is the time before the file was read; a file that was changed less
    /// than two seconds before is not remembered.
    pub fn put(&mut self, path: &str, stamp: Stamp, digest: Digest, now: i64) {
        if stamp.is_settled(now) {
            self.entries.insert(path.into(), (stamp, digest));
            self.changed = true;
        } else if self.entries.remove(path).is_some() {
            self.changed = true;
        }
    }

    /// The file's new bytes, if there is anything new since the last time. Of two writers the last one
    /// wins; what the other knew is only read again.
    pub fn changes(&mut self) -> Option<Vec<u8>> {
        std::mem::take(&mut self.changed).then(|| encode(&self.entries))
    }
}

fn encode(entries: &HashMap<Box<str>, (Stamp, Digest)>) -> Vec<u8> {
    let size: usize = entries.keys().map(|path| path.len() + 4 + FIXED).sum();
    let mut bytes = Vec::with_capacity(size + FRAME);
    bytes.extend_from_slice(MAGIC);
    for (path, (stamp, digest)) in entries {
        bytes.extend_from_slice(&(path.len() as u32).to_le_bytes());
        bytes.extend_from_slice(path.as_bytes());
        bytes.extend_from_slice(&stamp.size.to_le_bytes());
        bytes.extend_from_slice(&stamp.modified.to_le_bytes());
        bytes.extend_from_slice(&stamp.changed.to_le_bytes());
        bytes.extend_from_slice(&stamp.inode.to_le_bytes());
        bytes.extend_from_slice(digest.as_bytes());
    }
    let checksum = Digest::of(&bytes);
    bytes.extend_from_slice(checksum.as_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<HashMap<Box<str>, (Stamp, Digest)>> {
    if bytes.len() < FRAME || &bytes[..MAGIC.len()] != MAGIC {
        return None;
    }
    let (body, checksum) = bytes.split_at(bytes.len() - 32);
    if Digest::of(body).as_bytes() != checksum {
        return None;
    }
    let mut rest = &body[MAGIC.len()..];
    let mut entries = HashMap::with_capacity(rest.len() / (FIXED + 32));
    while !rest.is_empty() {
        let length = u32::from_le_bytes(take(&mut rest)?) as usize;
        if rest.len() < length {
            return None;
        }
        let (path, behind) = rest.split_at(length);
        rest = behind;
        let stamp = Stamp {
            size: u64::from_le_bytes(take(&mut rest)?),
            modified: i64::from_le_bytes(take(&mut rest)?),
            changed: i64::from_le_bytes(take(&mut rest)?),
            inode: u64::from_le_bytes(take(&mut rest)?),
        };
        let digest = Digest::new(take(&mut rest)?);
        entries.insert(std::str::from_utf8(path).ok()?.into(), (stamp, digest));
    }
    Some(entries)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Index {
        let mut index = Index::default();
        let stamp = Stamp { size: 3, modified: 10, changed: 20, inode: 7 };
        index.put("src/a.ps1", stamp, Digest::of(b"a"), i64::MAX);
        index.put("ü", Stamp { size: 0, ..stamp }, Digest::of(b""), i64::MAX);
        index
    }

    #[test]
    fn an_index_reads_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("index");
        let mut index = sample();
        std::fs::write(&path, index.changes().expect("something new")).expect("it is written");
        assert_eq!(index.changes(), None);
        assert_eq!(Index::load(&path).entries, sample().entries);
    }

    #[test]
    fn a_changed_stamp_is_another_file() {
        let stamp = Stamp { size: 3, modified: 10, changed: 20, inode: 7 };
        assert_eq!(sample().get("src/a.ps1", &stamp), Some(Digest::of(b"a")));
        for other in [
            Stamp { size: 4, ..stamp },
            Stamp { modified: 11, ..stamp },
            Stamp { changed: 21, ..stamp },
            Stamp { inode: 8, ..stamp },
        ] {
            assert_eq!(sample().get("src/a.ps1", &other), None);
        }
    }

    #[test]
    fn a_young_file_is_not_remembered_and_forgets_what_was_known_of_it() {
        let mut index = sample();
        let stamp = Stamp { size: 3, modified: 1_000, changed: 1_000, inode: 7 };
        index.put("src/a.ps1", stamp, Digest::of(b"b"), 1_500);
        assert_eq!(index.get("src/a.ps1", &stamp), None);
        assert!(!index.entries.contains_key("src/a.ps1"));
    }

    #[test]
    fn every_flip_and_every_truncation_is_an_empty_index() {
        let bytes = encode(&sample().entries);
        for at in 0..bytes.len() {
            assert_eq!(decode(&bytes[..at]), None, "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert_eq!(decode(&flipped), None, "flipped at {at}");
        }
        assert_eq!(decode(&[bytes.clone(), bytes].concat()), None);
    }
}
