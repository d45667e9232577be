//! How a run takes part in concurrency groups: as a whole, and with groups of its plan.

use super::{
    engine::Run,
    fact::{Fact, Subject, Verdict},
    state::{Ended, Part},
    turn::{self, Holder, Player, Turn},
    EventKind, ReportedError,
};
use crate::{
    cache,
    plan::{Plan, Turns},
};
use std::{
    io,
    path::Path,
    sync::{Arc, Weak},
};

/// Where the locks are, below the cache's folder.
const FOLDER: &str = "locks";

/// What waits for a turn: the whole run, or a group of its plan.
struct Seat {
    run: Weak<Run>,
    group: Option<usize>,
}

impl Run {
    fn turns(&self, group: Option<usize>) -> Option<Turns> {
        turns_of(&self.plan(), group).cloned()
    }

    /// Whether this has to wait for a turn. What stands within something that has the turn has it too.
    pub(super) fn takes_turn(&self, group: Option<usize>) -> bool {
        let plan = self.plan();
        let Some(own) = turns_of(&plan, group) else { return false };
        let within = group.and_then(|group| plan.groups[group].within);
        let around = plan.around(within).map(Some);
        let whole = group.map(|_| None);
        let mut outer = around.chain(whole).filter_map(|group| turns_of(&plan, group));
        let has_it = outer.any(|turns| turns.group.eq_ignore_ascii_case(&own.group));
        !has_it
    }

    /// Ends what has the turn, and nothing else of the run.
    fn cancel_group(&self, group: usize, reason: String) {
        let mut state = self.lock();
        if state.scheduler.may_be_taken(group) {
            state.taken_because.insert(group, reason);
            self.emit(&mut state, EventKind::GroupCancelled { group });
            self.apply(&mut state, Fact::CancelGroup(group), Ended::default());
        }
    }

    /// Starts to wait for a turn.
    pub(super) fn await_turn(self: &Arc<Self>, group: Option<usize>) {
        let Some(Turns { group: name, cancel_in_progress }) = self.turns(group) else { return };
        let folder = self.plan().root.join(cache::FOLDER).join(FOLDER);
        let seat = Seat { run: Arc::downgrade(self), group };
        if let Err(error) = turn::take(folder.clone(), name, cancel_in_progress, Holder::of(&self.id), seat) {
            Seat { run: Arc::downgrade(self), group }.fails(&folder, &error);
        }
    }
}

fn turns_of(plan: &Plan, group: Option<usize>) -> Option<&Turns> {
    match group {
        None => plan.concurrency.as_ref(),
        Some(group) => plan.groups[group].concurrency.as_ref(),
    }
}

impl Player for Seat {
    fn waits(&self, holder: Option<&Holder>) {
        let Some(run) = self.run.upgrade() else { return };
        let Some(turns) = run.turns(self.group) else { return };
        let kind = EventKind::TurnAwaited {
            concurrency: turns.group.clone(),
            group: self.group,
            held_by: holder.map(|holder| holder.run_id.clone()),
            process: holder.map(|holder| holder.process),
        };
        run.emit(&mut run.lock(), kind);
    }

    fn begins(&self, turn: Turn) -> bool {
        let Some(run) = self.run.upgrade() else { return false };
        let mut state = run.lock();
        let is_wanted = match self.group {
            None => !state.scheduler.has_begun(),
            Some(group) => state.scheduler.awaits(group),
        };
        if !is_wanted || state.signals.is_none() {
            // Cancelled meanwhile. Nobody listens yet, so there is nobody to tell.
            std::mem::forget(turn);
            return false;
        }
        state.turns.insert(self.group, turn);
        match self.group {
            None => run.begin(&mut state),
            Some(group) => {
                let fact = Fact::Decided { subject: Subject::Group(group), verdict: Verdict::Go };
                run.apply(&mut state, fact, Ended::default());
            }
        }
        true
    }

    fn fails(&self, path: &Path, error: &io::Error) {
        let Some(run) = self.run.upgrade() else { return };
        let message =
            format!("the lock of a concurrency group, {}, cannot be taken: {error}", path.display());
        let Some(group) = self.group else {
            return run.fail_because(message);
        };
        let mut state = run.lock();
        state.faults.insert(Part::Group(group), ReportedError::plain(message));
        let fact = Fact::Decided { subject: Subject::Group(group), verdict: Verdict::Fail };
        run.apply(&mut state, fact, Ended::default());
    }

    fn is_asked_to_end(&self, by: &Holder) {
        let Some(run) = self.run.upgrade() else { return };
        let Some(turns) = run.turns(self.group) else { return };
        let Holder { run_id, process } = by;
        let reason = format!(
            "run {run_id} (process {process}) cancelled it, which has its turn in the concurrency group '{}'",
            turns.group
        );
        match self.group {
            None => run.cancel_because(Some(reason)),
            Some(group) => run.cancel_group(group, reason),
        }
    }
}
