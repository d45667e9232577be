//! Room for what jobs write: who has to wait until there is some, and what is not kept for the result.

use super::{engine::Run, process::JobOutput, state::State, EventKind};
use std::{
    collections::HashMap,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

/// With so much text that the reader has not taken yet, jobs have to wait with theirs.
pub(super) const FLOOD_BYTES: usize = 8 * 1024 * 1024;

/// So long a worker waits for a reader that takes nothing. A caller that reads on the thread that writes must
/// not wait for itself for ever.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many bytes of what all jobs of a run put out stay in memory for its result; their logs have everything.
const KEPT_BYTES: usize = 128 * 1024 * 1024;

/// What jobs have put out that stays in memory, here or with the caller.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// By job.
    bytes: HashMap<usize, usize>,
    total: usize,
    /// Whether the user knows that something was left out.
    told: bool,
}

impl Room {
    /// Whether there is room for so many bytes of a job, which then has it in the place of what it had.
    fn take(&mut self, job: usize, bytes: usize) -> bool {
        self.total -= self.bytes.remove(&job).unwrap_or_default();
        let fits = self.total + bytes <= KEPT_BYTES;
        if fits && bytes > 0 {
            self.bytes.insert(job, bytes);
            self.total += bytes;
        }
        fits
    }

    /// The caller has taken what a job's process put out.
    pub fn leave(&mut self, job: usize) {
        self.total -= self.bytes.remove(&job).unwrap_or_default();
    }
}

impl JobOutput {
    /// How much room it takes.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.objects.as_ref().map_or(0, String::len)
    }
}

impl Run {
    /// Lets a worker wait while the reader has much to take, with the lock given back meanwhile.
    pub(super) fn wait_for_reader<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let heard = &self.heard;
        let waited = heard.wait_timeout_while(state, PATIENCE, |state| state.is_full());
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// A job has put out so much: it stays for the result while there is room, and is left out else.
    pub(super) fn make_room(&self, state: &mut State, job: usize, bytes: usize) {
        if state.room.take(job, bytes) {
            return;
        }
        state.kept.remove(&job);
        if !std::mem::replace(&mut state.room.told, true) {
            let most = KEPT_BYTES / (1024 * 1024);
            let message = format!(
                "the jobs have put out more than {most} MiB; where that has no room in the result, a job's Output \
                 is empty there and whole in its log"
            );
            self.emit(state, EventKind::RunWarning { message });
        }
        self.emit(state, EventKind::OutputNotKept { job });
    }
}
