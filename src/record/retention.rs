//! How long runs are kept.

use super::{folder::RunFolder, name::started};
use std::{
    io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What is kept of a project's runs.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// The newest so many.
    pub newest: usize,
    /// And of them only those that are younger.
    pub younger_than: Duration,
}

impl Default for Keep {
    /// The newest 200 runs of the last 30 days.
    fn default() -> Self {
        Self { newest: 200, younger_than: Duration::from_secs(30 * 24 * 60 * 60) }
    }
}

/// Removes the runs that are not kept, never one that goes on. Answers their ids.
///
/// # Errors
/// The first that the system says; the other runs are removed all the same.
pub fn sweep(folder: &RunFolder, keep: Keep, now: SystemTime) -> io::Result<Vec<String>> {
    let oldest = now.checked_sub(keep.younger_than).unwrap_or(UNIX_EPOCH);
    let (mut removed, mut failure) = (Vec::new(), None);
    for (position, id) in folder.ids()?.into_iter().enumerate() {
        let too_old = started(&id).is_some_and(|started| started < oldest);
        if (position < keep.newest && !too_old) || folder.is_held(&id) {
            continue;
        }
        match folder.remove(&id) {
            Ok(()) => removed.push(id),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(removed), Err)
}
