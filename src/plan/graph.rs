use super::{Group, Job};
use crate::error::Diagnose;
use thiserror::Error;

/// A job's position in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobIndex(pub usize);

/// Why jobs make no graph that can be run.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PlanError {
    /// A run of no jobs.
    #[error("the plan has no jobs")]
    NoJobs,
    /// `maxConcurrency` is 0.
    #[error("maxConcurrency is 0, so no job could ever start")]
    NoConcurrency,
    /// A job's `job` is not its position.
    #[error("job {found} stands at position {position} of the plan")]
    Misplaced {
        /// The position in the list.
        position: usize,
        /// The `job` written there.
        found: usize,
    },
    /// Two jobs with one number.
    #[error("two jobs of the plan have the number {0}")]
    SameNumber(String),
    /// `needs`, `follows`, `after` or `group` points nowhere.
    #[error("'{who}' points to {what} {position}, but the plan has {count}")]
    PointsNowhere {
        /// A job's number or a group's id.
        who: String,
        /// `job` or `group`.
        what: &'static str,
        /// The position it points to.
        position: usize,
        /// How many there are.
        count: usize,
    },
    /// Jobs that wait for each other.
    #[error("the dependencies go in a circle: {0}")]
    Cycle(String),
}

impl Diagnose for PlanError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoJobs => "plan.no-jobs",
            Self::NoConcurrency => "plan.no-concurrency",
            Self::Misplaced { .. } => "plan.misplaced",
            Self::SameNumber(_) => "plan.same-number",
            Self::PointsNowhere { .. } => "plan.points-nowhere",
            Self::Cycle(_) => "plan.cycle",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::NoConcurrency => "Give 1 or more.",
                Self::Cycle(_) => "Remove one of these entries from a script's '# Dependencies:' line.",
                _ => "Pass the answer of aither_plan unchanged.",
            }
            .into(),
        )
    }
}

/// Checks that jobs stand where they say, have numbers of their own, point at jobs and groups that
/// exist, and do not wait for each other.
///
/// # Errors
/// [`PlanError`]; a cycle is printed with the scripts' names.
pub fn check(jobs: &[Job], groups: &[Group]) -> Result<(), PlanError> {
    if jobs.is_empty() {
        return Err(PlanError::NoJobs);
    }
    let mut numbers = std::collections::HashSet::with_capacity(jobs.len());
    for (position, job) in jobs.iter().enumerate() {
        if job.job != position {
            return Err(PlanError::Misplaced { position, found: job.job });
        }
        if !numbers.insert(job.number.as_str()) {
            return Err(PlanError::SameNumber(job.number.clone()));
        }
        let pointed = job.needs.iter().chain(&job.follows).chain(&job.after);
        points_into(pointed, &job.number, "job", jobs.len())?;
        let pointed =
            job.group.iter().chain(&job.needs_groups).chain(&job.follows_groups).chain(&job.after_groups);
        points_into(pointed, &job.number, "group", groups.len())?;
    }
    for group in groups {
        let pointed = group.needs.iter().chain(&group.after).chain(&group.follows).chain(&group.within);
        points_into(pointed, &group.id, "group", groups.len())?;
        points_into(group.follows_jobs.iter().chain(&group.after_jobs), &group.id, "job", jobs.len())?;
    }
    let in_front = in_front(jobs, groups);
    match cycle(&in_front) {
        Some(cycle) => Err(PlanError::Cycle(shown(jobs, groups, &cycle))),
        None => Ok(()),
    }
}

fn points_into<'a>(
    positions: impl IntoIterator<Item = &'a usize>,
    who: &str,
    what: &'static str,
    count: usize,
) -> Result<(), PlanError> {
    match positions.into_iter().find(|position| **position >= count) {
        Some(&position) => Err(PlanError::PointsNowhere { who: who.to_owned(), what, position, count }),
        None => Ok(()),
    }
}

/// For every job, then every group's begin, then every group's end, what it waits for.
pub(crate) fn in_front(jobs: &[Job], groups: &[Group]) -> Vec<Vec<usize>> {
    let begin = |group: usize| jobs.len() + group;
    let end = |group: usize| jobs.len() + groups.len() + group;
    let of_jobs = jobs.iter().map(|job| {
        let waits = job.needs.iter().chain(&job.follows).chain(&job.after).copied();
        let groups = job.needs_groups.iter().chain(&job.follows_groups).chain(&job.after_groups).copied();
        waits.chain(job.group.map(begin)).chain(groups.map(end)).collect()
    });
    let of_begins = groups.iter().map(|group| {
        let waits = group.needs.iter().chain(&group.after).chain(&group.follows).copied().map(end);
        let jobs = group.follows_jobs.iter().chain(&group.after_jobs).copied();
        waits.chain(jobs).chain(group.within.map(begin)).collect()
    });
    let mut all: Vec<Vec<usize>> = of_jobs.chain(of_begins).collect();
    all.resize(jobs.len() + 2 * groups.len(), Vec::new());
    for (position, job) in jobs.iter().enumerate() {
        if let Some(group) = job.group {
            all[end(group)].push(position);
        }
    }
    for (position, group) in groups.iter().enumerate() {
        all[end(position)].push(begin(position));
        if let Some(around) = group.within {
            all[end(around)].push(end(position));
        }
    }
    all
}

/// The cycle's scripts and groups, each once, and the first again.
fn shown(jobs: &[Job], groups: &[Group], cycle: &[usize]) -> String {
    let name = |node: &usize| match jobs.get(*node) {
        Some(job) => {
            let title = job.name.trim_end_matches(".ps1");
            let plain = title.is_empty() || !title.starts_with(job.number.as_str());
            if plain {
                format!("{} ({title})", job.number)
            } else {
                title.to_owned()
            }
        }
        None => groups[(node - jobs.len()) % groups.len()].id.clone(),
    };
    let mut names: Vec<String> = cycle.iter().map(name).collect();
    // A group's begin and end are one to the reader.
    names.dedup();
    if names.len() > 1 && names.first() == names.last() {
        names.pop();
    }
    names.extend(names.first().cloned());
    names.join(" → ")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Unseen,
    Open,
    Done,
}

/// One cycle in the order in which its nodes wait for each other, by a depth-first walk with a stack
/// of its own, since a chain may be as long as the plan.
fn cycle(in_front: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut visits = vec![Visit::Unseen; in_front.len()];
    for start in 0..in_front.len() {
        if visits[start] != Visit::Unseen {
            continue;
        }
        visits[start] = Visit::Open;
        let mut stack = vec![(start, 0_usize)];
        while let Some((node, next)) = stack.last_mut() {
            let Some(&need) = in_front[*node].get(*next) else {
                visits[*node] = Visit::Done;
                stack.pop();
                continue;
            };
            *next += 1;
            match visits[need] {
                Visit::Unseen => {
                    visits[need] = Visit::Open;
                    stack.push((need, 0));
                }
                Visit::Open => {
                    let from = stack.iter().position(|(open, _)| *open == need).unwrap_or_default();
                    return Some(stack[from..].iter().map(|(open, _)| *open).collect());
                }
                Visit::Done => {}
            }
        }
    }
    None
}
