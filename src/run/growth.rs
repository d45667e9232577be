//! A run takes in jobs that were not known when it started.

use super::{digest::digests_of, engine::Run, state::Claim, state::State, EventKind, ReportedError};
use crate::plan::{Growth, JobIndex};

/// What a group has become, and the digests of its jobs in a run that resumes another.
pub(super) struct Grown {
    growth: Growth,
    digests: Option<Vec<Option<String>>>,
}

impl Run {
    /// Looks at what a group has become. Reads scripts.
    pub(super) fn grown(&self, growth: Growth) -> Grown {
        for job in &growth.jobs {
            self.hide_evaluated(&job.parameters);
            self.hide_evaluated(&job.env);
        }
        let digests =
            self.resumed_from().is_some().then(|| digests_of(&growth.jobs, &growth.conditions, &self.mask));
        Grown { growth, digests }
    }

    /// Puts what a group has become into plan, scheduler and result, and tells everyone.
    ///
    /// # Errors
    /// The group no longer waits for it: the run has ended it meanwhile. Nothing was changed.
    pub(super) fn grow(&self, state: &mut State, grown: Grown) -> Result<(), ReportedError> {
        let Grown { growth, digests } = grown;
        if !state.scheduler.is_deciding(growth.group) {
            return Err(ReportedError::plain("the group has ended before its jobs were known".into()));
        }
        let counted = self.plan().jobs[growth.placeholder()].matrix_id.is_some();
        self.change_plan(state, |plan| growth.put_into(plan));
        let plan = self.plan();
        let placeholder = JobIndex(growth.placeholder());
        state
            .scheduler
            .grow(&plan, growth.group, placeholder)
            .map_err(|error| ReportedError::plain(error.to_string()))?;
        state.claims.resize_with(plan.jobs.len(), || Claim::Unclaimed);
        state.attempts.resize(plan.jobs.len(), 0);
        state.left.resize(plan.groups.len(), 0);
        // The placeholder, which may have counted, has become the first of the new jobs.
        if counted {
            state.left[growth.group] -= 1;
        }
        for job in growth.jobs.iter().filter(|job| job.matrix_id.is_some()) {
            if let Some(group) = job.group {
                state.left[group] += 1;
            }
        }
        if let (Some(resuming), Some(digests)) = (&mut state.resuming, digests) {
            // What comes behind the group may be done as well, now that the group may be.
            for (job, outputs) in resuming.kept(&plan, &growth, digests) {
                if state.attempts[job] == 0 && matches!(state.claims[job], Claim::Unclaimed) {
                    state.done_before.entry(job).or_insert(outputs);
                }
            }
        }
        self.emit(state, EventKind::JobsAdded(Box::new(growth)));
        Ok(())
    }
}
