use super::Job;
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
    /// `needs` points nowhere.
    #[error("job {number} needs job {need}, but the plan ends at {last}")]
    UnknownNeed {
        /// The job's number.
        number: String,
        /// The position needed.
        need: usize,
        /// The last position there is.
        last: usize,
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
            Self::UnknownNeed { .. } => "plan.unknown-need",
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

/// Checks that jobs stand where they say, have numbers of their own, need jobs that exist, and do
/// not wait for each other.
///
/// # Errors
/// [`PlanError`]; a cycle is printed with the scripts' numbers.
pub fn check(jobs: &[Job]) -> Result<(), PlanError> {
    let Some(last) = jobs.len().checked_sub(1) else { return Err(PlanError::NoJobs) };
    let mut numbers = std::collections::HashSet::with_capacity(jobs.len());
    for (position, job) in jobs.iter().enumerate() {
        if job.job != position {
            return Err(PlanError::Misplaced { position, found: job.job });
        }
        if !numbers.insert(job.number.as_str()) {
            return Err(PlanError::SameNumber(job.number.clone()));
        }
        if let Some(&need) = job.needs.iter().find(|need| **need > last) {
            return Err(PlanError::UnknownNeed { number: job.number.clone(), need, last });
        }
    }
    match cycle(jobs) {
        Some(cycle) => Err(PlanError::Cycle(shown(jobs, &cycle))),
        None => Ok(()),
    }
}

fn shown(jobs: &[Job], cycle: &[usize]) -> String {
    let name = |position: &usize| {
        let title = jobs[*position].name.trim_end_matches(".ps1");
        let number = &jobs[*position].number;
        if title.starts_with(number.as_str()) {
            title.to_owned()
        } else {
            format!("{number} ({title})")
        }
    };
    let around = cycle.iter().chain(cycle.first());
    around.map(name).collect::<Vec<_>>().join(" → ")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Unseen,
    Open,
    Done,
}

/// One cycle in the order in which its jobs need each other, by a depth-first walk with a stack of
/// its own, since a chain may be as long as the plan.
fn cycle(jobs: &[Job]) -> Option<Vec<usize>> {
    let mut visits = vec![Visit::Unseen; jobs.len()];
    for start in 0..jobs.len() {
        if visits[start] != Visit::Unseen {
            continue;
        }
        visits[start] = Visit::Open;
        let mut stack = vec![(start, 0_usize)];
        while let Some((job, next)) = stack.last_mut() {
            let Some(&need) = jobs[*job].needs.get(*next) else {
                visits[*job] = Visit::Done;
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
