//! The file of the file-hash index, used as it was read: nothing is copied out of it.

use super::{index::Known, stamp::Stamp, Digest};
use std::hash::{DefaultHasher, Hasher};

const MAGIC: &[u8; 8] = b"AITHIDX1";
/// Magic, and the checksum at the end.
const FRAME: usize = MAGIC.len() + CHECKSUM;
const CHECKSUM: usize = 32;
/// What stands in front of each path: its length.
const LENGTH: usize = 4;
/// What stands behind each path: size, two times, inode, digest.
const FIXED: usize = 8 * 4 + 32;

/// The entries of an index that was read: the checked bytes, and where in them each path is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct StoredIndex {
    bytes: Vec<u8>,
    /// Where an entry begins, at the first free place from its path's hash on; 0 is a free place.
    places: Vec<u32>,
}

impl StoredIndex {
    /// The index in these bytes; none where they are short, flipped or foreign.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let body = bytes.len().checked_sub(CHECKSUM)?;
        let whole = bytes.len() >= FRAME && bytes.starts_with(MAGIC) && u32::try_from(body).is_ok();
        if !whole || Digest::of(&bytes[..body]).as_bytes()[..] != bytes[body..] {
            return None;
        }
        let mut entries = Vec::with_capacity(body / (FIXED + LENGTH + 32));
        let mut at = MAGIC.len();
        while at < body {
            let end = entry_end(&bytes, at)?;
            entries.push(at as u32);
            at = end;
        }
        // Half of the places stay free, so that a search is short.
        let mut index = Self { places: vec![0; (entries.len() * 2).next_power_of_two()], bytes };
        index.bytes.truncate(body);
        for entry in entries {
            let place = index.search(index.path(entry), |_| false);
            index.places[place] = entry;
        }
        Some(index)
    }

    /// What is stored of a path.
    pub fn get(&self, path: &[u8]) -> Option<Known> {
        if self.places.is_empty() {
            return None;
        }
        let entry = self.places[self.search(path, |entry| self.path(entry) == path)];
        self.known(entry, path).filter(|_| entry != 0)
    }

    /// The bytes of a file with these entries but for the paths that were learned anew, and with what
    /// was learned. In the order of their paths, so that what is asked for together stands together.
    pub fn with<'a>(
        &'a self,
        is_new: impl Fn(&[u8]) -> bool,
        learned: impl Iterator<Item = (&'a str, Known)>,
    ) -> Vec<u8> {
        let stored = self.places.iter().filter(|entry| **entry != 0).filter_map(|entry| {
            let path = self.path(*entry);
            Some((path, self.known(*entry, path)?)).filter(|(path, _)| !is_new(path))
        });
        let mut entries: Vec<(&[u8], Known)> =
            stored.chain(learned.map(|(path, known)| (path.as_bytes(), known))).collect();
        entries.sort_unstable_by_key(|(path, _)| *path);
        let mut bytes = Vec::with_capacity(self.bytes.len() + FRAME);
        bytes.extend_from_slice(MAGIC);
        for (path, (stamp, digest)) in entries {
            bytes.extend_from_slice(&(path.len() as u32).to_le_bytes());
            bytes.extend_from_slice(path);
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

    /// What stands behind an entry's path.
    fn known(&self, entry: u32, path: &[u8]) -> Option<Known> {
        let mut rest = self.bytes.get(entry as usize + LENGTH + path.len()..)?;
        let stamp = Stamp {
            size: u64::from_le_bytes(take(&mut rest)?),
            modified: i64::from_le_bytes(take(&mut rest)?),
            changed: i64::from_le_bytes(take(&mut rest)?),
            inode: u64::from_le_bytes(take(&mut rest)?),
        };
        Some((stamp, Digest::new(take(&mut rest)?)))
    }

    fn path(&self, entry: u32) -> &[u8] {
        let at = entry as usize;
        path_at(&self.bytes, at).unwrap_or_default()
    }

    /// The place of the entry that `is_it` says yes to, or the free one where it would be.
    fn search(&self, path: &[u8], is_it: impl Fn(u32) -> bool) -> usize {
        let mut hasher = DefaultHasher::new();
        hasher.write(path);
        let mask = self.places.len() - 1;
        let mut place = hasher.finish() as usize & mask;
        while self.places[place] != 0 && !is_it(self.places[place]) {
            place = (place + 1) & mask;
        }
        place
    }
}

fn path_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize;
    bytes.get(at + LENGTH..)?.get(..length)
}

/// Where the entry ends that begins here; none where it would go on behind the body.
fn entry_end(bytes: &[u8], at: usize) -> Option<usize> {
    let end = at + LENGTH + path_at(bytes, at)?.len() + FIXED;
    (end <= bytes.len() - CHECKSUM).then_some(end)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let stamp = Stamp { size: 3, modified: 10, changed: 20, inode: 7 };
        let entries = [("src/a.ps1", Digest::of(b"a")), ("ü", Digest::of(b"")), ("b", Digest::of(b"b"))];
        StoredIndex::default()
            .with(|_| false, entries.map(|(path, digest)| (path, (stamp, digest))).into_iter())
    }

    #[test]
    fn every_path_is_found_and_no_other() {
        let index = StoredIndex::new(sample()).expect("an index");
        assert_eq!(index.get(b"src/a.ps1").map(|(_, digest)| digest), Some(Digest::of(b"a")));
        assert_eq!(index.get("ü".as_bytes()).map(|(_, digest)| digest), Some(Digest::of(b"")));
        assert_eq!(index.get(b"b").map(|(stamp, _)| stamp.inode), Some(7));
        assert_eq!(index.get(b"src/a"), None);
        assert_eq!(StoredIndex::default().get(b"b"), None);
        let empty = StoredIndex::default().with(|_| false, std::iter::empty());
        assert_eq!(StoredIndex::new(empty).expect("an index").get(b"b"), None);
    }

    #[test]
    fn every_flip_and_every_truncation_is_no_index() {
        let bytes = sample();
        for at in 0..bytes.len() {
            assert_eq!(StoredIndex::new(bytes[..at].to_vec()), None, "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert_eq!(StoredIndex::new(flipped), None, "flipped at {at}");
        }
        assert_eq!(StoredIndex::new([bytes.clone(), bytes].concat()), None);
    }

    #[test]
    fn an_entry_that_ends_behind_the_body_is_no_entry() {
        let mut bytes = sample();
        bytes.truncate(bytes.len() - CHECKSUM - 1);
        let checksum = Digest::of(&bytes);
        bytes.extend_from_slice(checksum.as_bytes());
        assert_eq!(StoredIndex::new(bytes), None);
    }
}
