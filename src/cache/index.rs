//! The file-hash index: digests of files that need not be read again.

use super::{stamp::Stamp, stored_index::StoredIndex, Digest};
use std::{collections::HashMap, path::Path};

/// A file's stamp, and its digest at that time.
pub(super) type Known = (Stamp, Digest);

/// Digests by path below the project, with `/` between names.
#[derive(Debug, Default)]
pub(super) struct Index {
    stored: StoredIndex,
    /// What was learned since the file was read; none of a path that is to be forgotten.
    learned: HashMap<Box<str>, Option<Known>>,
    changed: bool,
}

impl Index {
    /// The index in this file. One that is missing, short, flipped or foreign is an empty one.
    pub fn load(path: &Path) -> Self {
        let stored = std::fs::read(path).ok().and_then(StoredIndex::new).unwrap_or_default();
        Self { stored, ..Self::default() }
    }

    /// The digest of a file whose stamp is still the same.
    pub fn get(&self, path: &str, stamp: &Stamp) -> Option<Digest> {
        self.known(path).filter(|(known, _)| known == stamp).map(|(_, digest)| digest)
    }

    /// Remembers a digest. `now` is the time before the file was read; a file that was changed less
    /// than two seconds before is not remembered.
    pub fn put(&mut self, path: &str, stamp: Stamp, digest: Digest, now: i64) {
        let known = stamp.is_settled(now).then_some((stamp, digest));
        if known.is_some() || self.known(path).is_some() {
            self.learned.insert(path.into(), known);
            self.changed = true;
        }
    }

    /// The file's new bytes, if there is anything new since the last time. Of two writers the last one
    /// wins; what the other knew is only read again.
    pub fn changes(&mut self) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let is_new =
            |path: &[u8]| std::str::from_utf8(path).is_ok_and(|path| self.learned.contains_key(path));
        let learned = self.learned.iter().filter_map(|(path, known)| Some((&**path, (*known)?)));
        Some(self.stored.with(is_new, learned))
    }

    fn known(&self, path: &str) -> Option<Known> {
        match self.learned.get(path) {
            Some(learned) => *learned,
            None => self.stored.get(path.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { size: 3, modified: 10, changed: 20, inode: 7 };

    /// One that was stored and read again.
    fn sample() -> Index {
        let mut index = Index::default();
        index.put("src/a.ps1", STAMP, Digest::of(b"a"), i64::MAX);
        index.put("ü", Stamp { size: 0, ..STAMP }, Digest::of(b""), i64::MAX);
        again(&mut index)
    }

    fn again(index: &mut Index) -> Index {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("index");
        std::fs::write(&path, index.changes().expect("something new")).expect("it is written");
        assert_eq!(index.changes(), None);
        Index::load(&path)
    }

    #[test]
    fn an_index_reads_back_with_what_was_learned_since() {
        let mut index = sample();
        assert_eq!(index.changes(), None, "nothing is new");
        let later = Stamp { modified: 30, ..STAMP };
        index.put("src/a.ps1", later, Digest::of(b"A"), i64::MAX);
        index.put("b", STAMP, Digest::of(b"b"), i64::MAX);
        let index = again(&mut index);
        assert_eq!(index.get("src/a.ps1", &later), Some(Digest::of(b"A")));
        assert_eq!(index.get("b", &STAMP), Some(Digest::of(b"b")));
        assert_eq!(index.get("ü", &Stamp { size: 0, ..STAMP }), Some(Digest::of(b"")));
    }

    #[test]
    fn a_changed_stamp_is_another_file() {
        assert_eq!(sample().get("src/a.ps1", &STAMP), Some(Digest::of(b"a")));
        for other in [
            Stamp { size: 4, ..STAMP },
            Stamp { modified: 11, ..STAMP },
            Stamp { changed: 21, ..STAMP },
            Stamp { inode: 8, ..STAMP },
        ] {
            assert_eq!(sample().get("src/a.ps1", &other), None);
        }
    }

    #[test]
    fn a_young_file_is_not_remembered_and_forgets_what_was_known_of_it() {
        let mut index = sample();
        let young = Stamp { size: 3, modified: 1_000, changed: 1_000, inode: 7 };
        index.put("src/a.ps1", young, Digest::of(b"b"), 1_500);
        assert_eq!(index.get("src/a.ps1", &young), None);
        assert_eq!(again(&mut index).get("src/a.ps1", &STAMP), None);
    }
}
