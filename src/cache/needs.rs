//! Which jobs a job's key depends on.

use crate::plan::{Job, Plan};

/// The jobs whose keys are part of a job's: those it needs and, of a job whose inputs are not
/// declared, everything that its playbook puts before it.
pub fn needs(plan: &Plan, position: usize) -> Vec<usize> {
    let job = &plan.jobs[position];
    let mut needs = job.needs.clone();
    let declared = job.cache.as_ref().is_some_and(|rules| rules.inputs.is_some());
    let mut groups: Vec<usize> = job.needs_groups.clone();
    let mut around = job.group;
    while let Some(group) = around {
        let Some(at) = plan.groups.get(group) else { break };
        groups.extend(&at.needs);
        if !declared {
            groups.extend(at.after.iter().chain(&at.follows));
            needs.extend(at.after_jobs.iter().chain(&at.follows_jobs));
        }
        around = at.within;
    }
    if !declared {
        needs.extend(job.follows.iter().chain(&job.after));
        groups.extend(job.follows_groups.iter().chain(&job.after_groups));
    }
    groups.sort_unstable();
    groups.dedup();
    let inside = |job: &Job, group: usize| plan.around(job.group).any(|at| at == group);
    for group in groups {
        needs.extend((0..plan.jobs.len()).filter(|at| inside(&plan.jobs[*at], group)));
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}
