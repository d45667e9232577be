//! What of an earlier run is not done again.

use super::{archive::RecordedRun, JobStatus};
use crate::{
    plan::{in_front, Growth, Plan},
    playbook::Isolation,
};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// An earlier run, for as long as there are jobs that are not known yet.
pub(super) struct Resuming {
    earlier: RecordedRun,
    /// Of the jobs that are known.
    digests: Vec<Option<String>>,
}

impl Resuming {
    pub fn new(earlier: RecordedRun, digests: Vec<Option<String>>) -> Self {
        Self { earlier, digests }
    }

    /// The jobs that are done of a plan that has grown, with the digests of what it has grown by.
    pub fn kept(
        &mut self,
        plan: &Plan,
        growth: &Growth,
        digests: Vec<Option<String>>,
    ) -> HashMap<usize, Map<String, Value>> {
        self.digests.resize(plan.jobs.len(), None);
        for (job, digest) in growth.jobs.iter().zip(digests) {
            self.digests[job.job] = digest;
        }
        kept(plan, &self.digests, &self.earlier)
    }
}

/// The jobs of a plan that an earlier run has done, with the outputs they had there.
///
/// A job is done when it succeeded there, is made of the same, and everything before it is done or was
/// skipped by a rule of its own; so whatever follows a job that runs again runs again. Steps that are
/// children hand environment variables on to the next ones, which nobody writes down, so of a group of
/// them all are done or none.
pub(super) fn kept(
    plan: &Plan,
    digests: &[Option<String>],
    earlier: &RecordedRun,
) -> HashMap<usize, Map<String, Value>> {
    let mut again = HashSet::new();
    loop {
        let kept = kept_without(plan, digests, earlier, &again);
        let torn = torn_groups(plan, &kept);
        let of_torn = kept.keys().filter(|job| torn.contains(&plan.jobs[**job].group));
        let before = again.len();
        again.extend(of_torn.copied());
        if again.len() == before {
            return kept;
        }
    }
}

/// Groups with a child that are not done as a whole.
fn torn_groups(plan: &Plan, kept: &HashMap<usize, Map<String, Value>>) -> HashSet<Option<usize>> {
    let in_group = || plan.jobs.iter().filter(|job| job.group.is_some());
    let of_children: HashSet<Option<usize>> =
        in_group().filter(|job| job.isolation == Isolation::Process).map(|job| job.group).collect();
    in_group()
        .filter(|job| of_children.contains(&job.group) && job.skip.is_none() && !kept.contains_key(&job.job))
        .map(|job| job.group)
        .collect()
}

/// The same, with jobs that are to run `again` whatever became of them.
fn kept_without(
    plan: &Plan,
    digests: &[Option<String>],
    earlier: &RecordedRun,
    again: &HashSet<usize>,
) -> HashMap<usize, Map<String, Value>> {
    let recorded: HashMap<&str, usize> =
        earlier.jobs.iter().enumerate().map(|(at, job)| (job.plan.number.as_str(), at)).collect();
    let in_front = in_front(&plan.jobs, &plan.groups);
    let mut sound: Vec<Option<bool>> = vec![None; in_front.len()];
    let mut kept = HashMap::new();
    // Depth first with a stack of its own, since a chain may be as long as the plan.
    for start in 0..in_front.len() {
        let mut stack = vec![start];
        while let Some(&node) = stack.last() {
            if sound[node].is_some() {
                stack.pop();
                continue;
            }
            let before = stack.len();
            stack.extend(in_front[node].iter().copied().filter(|other| sound[*other].is_none()));
            if stack.len() > before {
                continue;
            }
            stack.pop();
            let mut good = in_front[node].iter().all(|other| sound[*other] == Some(true));
            if let (true, Some(job)) = (good, plan.jobs.get(node)) {
                let same = |at: &usize| {
                    let digest = earlier.jobs[*at].plan.digest.as_ref();
                    digest.is_some() && digest == digests[node].as_ref()
                };
                let done =
                    recorded.get(job.number.as_str()).filter(|at| same(at)).map(|at| &earlier.jobs[*at]);
                good = match done.map(|job| (job, job.result.status)) {
                    Some((job, Some(JobStatus::Success))) if !job.masked && !again.contains(&node) => {
                        kept.insert(node, job.result.outputs.clone());
                        true
                    }
                    Some((_, Some(JobStatus::Skipped))) => true,
                    _ => false,
                };
            }
            sound[node] = Some(good);
        }
    }
    kept
}
