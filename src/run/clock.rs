//! The time as a run tells it.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Asks the system for the time once; from then on its own time goes forward, whatever is done to the
/// system's. So nothing of a run is ever before what came before it, and nothing takes less than no time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    begun: u64,
    since: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Self { begun: unix_milliseconds(), since: Instant::now() }
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now(&self) -> u64 {
        self.begun + u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX / 2)
    }
}

/// The moment that the next run of this process has in its id, in milliseconds since 1970-01-01 UTC: behind
/// the one before it also where both begin at once or the system's time was set back, as ids sort by it.
pub(super) fn next_moment() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = unix_milliseconds();
    let later = |last: u64| Some(now.max(last + 1));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).unwrap_or_default();
    now.max(last + 1)
}

fn unix_milliseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
