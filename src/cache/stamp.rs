use std::{
    fs::Metadata,
    time::{SystemTime, UNIX_EPOCH},
};

/// A file that was changed more recently than this may change again without its times telling.
const SETTLING_NS: i64 = 2_000_000_000;

/// What tells without reading a file that it is still the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub size: u64,
    /// Nanoseconds since 1970 of the last change of the contents.
    pub modified: i64,
    /// Of the last change of anything (Unix), or of the file's making elsewhere.
    pub changed: i64,
    /// The file's number on its device, 0 where the system does not tell.
    pub inode: u64,
}

impl Stamp {
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    #[cfg(not(unix))]
    pub fn of(metadata: &Metadata) -> Self {
        let since = |time: std::io::Result<SystemTime>| time.map_or(0, nanoseconds_since_1970);
        Self {
            size: metadata.len(),
            modified: since(metadata.modified()),
            changed: since(metadata.created()),
            inode: 0,
        }
    }

    /// Whether the times are old enough, at `now`, for the next change to show in them.
    pub fn is_settled(&self, now: i64) -> bool {
        self.modified.max(self.changed).saturating_add(SETTLING_NS) <= now
    }
}

/// The moment now, in nanoseconds since 1970.
pub(super) fn now() -> i64 {
    nanoseconds_since_1970(SystemTime::now())
}

fn nanoseconds_since_1970(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_just_changed_is_not_settled() {
        let stamp = Stamp { size: 1, modified: 1_000_000_000, changed: 5_000_000_000, inode: 1 };
        assert!(!stamp.is_settled(6_999_999_999), "1.99 s after the later of the two");
        assert!(stamp.is_settled(7_000_000_000));
        let tomorrow = Stamp { modified: i64::MAX, ..stamp };
        assert!(!tomorrow.is_settled(7_000_000_000), "a time that is still to come tells nothing");
    }
}
