//! A run takes in jobs that were not known when it started.

use super::{engine::Run, state::Claim, state::State, EventKind, ReportedError};
use crate::plan::{Growth, JobIndex};

impl Run {
    /// Puts what a group has become into plan, scheduler and result, and tells everyone.
    ///
    /// # Errors
    /// The group no longer waits for it: the run has ended it meanwhile. Nothing was changed.
    pub(super) fn grow(&self, state: &mut State, growth: Growth) -> Result<(), ReportedError> {
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
        for job in &growth.jobs {
            self.hide_evaluated(&job.parameters);
            self.hide_evaluated(&job.env);
        }
        self.emit(state, EventKind::JobsAdded(Box::new(growth)));
        Ok(())
    }
}
