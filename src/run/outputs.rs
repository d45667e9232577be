//! The outputs of a matrix: one set a combination, and all of them as one.

use super::JobResult;
use crate::plan::{JobIndex, Plan};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};

/// Sets of outputs as one, those that came first first: of equal names the last that is set to
/// something counts, as with GitHub Actions' matrix outputs.
pub(super) fn merged(in_order: impl IntoIterator<Item = Map<String, Value>>) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, value) in in_order.into_iter().flatten() {
        let says_nothing = value.is_null() || value == "";
        if !says_nothing || !all.contains_key(&name) {
            all.insert(name, value);
        }
    }
    all
}

/// Jobs by their end, those that have not ended first.
pub(super) fn by_end<'a>(jobs: impl Iterator<Item = &'a JobResult>) -> Vec<&'a JobResult> {
    let mut jobs: Vec<&JobResult> = jobs.collect();
    jobs.sort_by_key(|job| job.finished);
    jobs
}

/// Where the combinations of a group have set one output to different values, which of them the
/// merged outputs have.
///
/// A warning's text; none where they agree, or where the group has no matrix of its own.
pub(super) fn disagreement(plan: &Plan, jobs: &[JobResult], group: usize) -> Option<String> {
    let own = plan.jobs.iter().filter(|job| job.group == Some(group));
    let combinations: HashSet<&Option<String>> = own.clone().map(|job| &job.matrix_id).collect();
    if combinations.len() < 2 {
        return None;
    }
    let mut last: BTreeMap<&str, (&Value, JobIndex)> = BTreeMap::new();
    let mut differ: BTreeMap<&str, JobIndex> = BTreeMap::new();
    for job in by_end(own.map(|job| &jobs[job.job])) {
        for (name, value) in &job.outputs {
            let at = JobIndex(job.job);
            if let Some((before, earlier)) = last.insert(name, (value, at)) {
                let other = plan.jobs[earlier.0].matrix_id != plan.jobs[at.0].matrix_id;
                if differ.contains_key(name.as_str()) || (other && before != value) {
                    differ.insert(name, at);
                }
            }
        }
    }
    let winner = |at: JobIndex| plan.jobs[at.0].matrix_id.as_deref().unwrap_or_default();
    let told: Vec<String> =
        differ.iter().map(|(name, at)| format!("'{name}' is that of {}", winner(*at))).collect();
    (!told.is_empty()).then(|| {
        format!(
            "the combinations of {} set outputs to different values; of the merged ones, which are those of the last to finish, {}",
            plan.groups[group].id,
            told.join(", ")
        )
    })
}
