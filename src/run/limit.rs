//! How long an attempt of a job may take: by its own timeout, and by those of the groups around it.

use crate::plan::{JobIndex, Plan};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// When the first job of a group was started, for each combination of a matrix by its id.
pub(super) type FirstStarts = HashMap<(usize, Option<String>), Instant>;

/// The time that an attempt of a job has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    /// When it is used up.
    pub at: Instant,
    /// The seconds that were given.
    seconds: f64,
    /// The group that has them for all of its jobs.
    group: Option<usize>,
}

impl Limit {
    /// The limit that comes first for a job that starts now. Remembers what starts with it.
    pub fn of(plan: &Plan, job: JobIndex, now: Instant, starts: &mut FirstStarts) -> Option<Self> {
        let planned = &plan.jobs[job.0];
        let own = planned.timeout.map(|seconds| Self { at: later(now, seconds), seconds, group: None });
        let around = plan.around(planned.group).enumerate().filter_map(|(depth, group)| {
            let seconds = plan.groups[group].timeout?;
            // A group's own jobs are those of all its combinations; one further out stands for one of them.
            let combination = planned.matrix_id.clone().filter(|_| depth == 0);
            let start = *starts.entry((group, combination)).or_insert(now);
            Some(Self { at: later(start, seconds), seconds, group: Some(group) })
        });
        around.chain(own).min_by_key(|limit| limit.at)
    }

    /// Whether another attempt would have no time left either.
    pub fn is_of_group(&self) -> bool {
        self.group.is_some()
    }

    /// In words, what has run out of it.
    pub fn told(&self, plan: &Plan, job: JobIndex) -> String {
        let (name, seconds) = (&plan.jobs[job.0].name, self.seconds);
        match self.group {
            None => format!("{name} ran out of time after {seconds} s"),
            Some(group) => {
                format!(
                    "{name} ran out of time: {} had {seconds} s for all of its steps",
                    plan.groups[group].id
                )
            }
        }
    }
}

/// A moment so many seconds later, the start itself for fewer than none; as far away as there are moments
/// where that is too far.
pub(super) fn later(start: Instant, seconds: f64) -> Instant {
    const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    start + Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(FAR).min(FAR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Group, Job};

    /// A group in a group with these timeouts, and in the inner one a job with its own in each of two
    /// combinations.
    fn plan(outer: Option<f64>, inner: Option<f64>, own: Option<f64>) -> Plan {
        let job = |id: &str| Job {
            name: "a.ps1".into(),
            group: Some(1),
            timeout: own,
            matrix_id: Some(id.into()),
            ..Job::default()
        };
        Plan {
            groups: vec![
                Group { id: "deploy".into(), timeout: outer, ..Group::default() },
                Group { id: "deploy/smoke".into(), timeout: inner, within: Some(0), ..Group::default() },
            ],
            jobs: vec![job("os=a"), job("os=b")],
            ..Plan::default()
        }
    }

    fn seconds_left(limit: Option<Limit>, now: Instant) -> Option<f64> {
        limit.map(|limit| limit.at.saturating_duration_since(now).as_secs_f64())
    }

    #[test]
    fn the_limit_that_comes_first_counts() {
        for (outer, inner, own, expected) in [
            (None, None, None, None),
            (None, None, Some(5.0), Some(5.0)),
            (Some(7.0), None, Some(5.0), Some(5.0)),
            (Some(3.0), Some(4.0), Some(5.0), Some(3.0)),
            (None, Some(4.0), None, Some(4.0)),
        ] {
            let now = Instant::now();
            let limit = Limit::of(&plan(outer, inner, own), JobIndex(0), now, &mut FirstStarts::new());
            assert_eq!(seconds_left(limit, now), expected, "{outer:?} {inner:?} {own:?}");
        }
    }

    #[test]
    fn a_groups_time_goes_on_from_its_first_job_and_is_each_combinations_own() {
        let plan = plan(None, Some(10.0), Some(6.0));
        let (begin, mut starts) = (Instant::now(), FirstStarts::new());
        let after = |seconds| begin + Duration::from_secs(seconds);
        let mut left = |job, now| {
            let limit = Limit::of(&plan, JobIndex(job), now, &mut starts);
            (seconds_left(limit, now), limit.map(|limit| limit.is_of_group()))
        };
        assert_eq!(left(0, begin), (Some(6.0), Some(false)));
        assert_eq!(left(0, after(7)), (Some(3.0), Some(true)));
        assert_eq!(left(1, after(7)), (Some(6.0), Some(false)));
        assert_eq!(left(0, after(30)), (Some(0.0), Some(true)));
    }

    #[test]
    fn groups_further_out_count_for_all_combinations_together() {
        let plan = plan(Some(10.0), None, None);
        let (begin, mut starts) = (Instant::now(), FirstStarts::new());
        Limit::of(&plan, JobIndex(0), begin, &mut starts);
        let now = begin + Duration::from_secs(4);
        let limit = Limit::of(&plan, JobIndex(1), now, &mut starts);
        assert_eq!(seconds_left(limit, now), Some(6.0));
        let told = limit.map(|limit| limit.told(&plan, JobIndex(1))).unwrap_or_default();
        assert_eq!(told, "a.ps1 ran out of time: deploy had 10 s for all of its steps");
    }

    #[test]
    fn a_time_without_end_is_no_defect_and_fewer_than_none_are_none() {
        let now = Instant::now();
        let left = |seconds| {
            let limit =
                Limit::of(&plan(None, None, Some(seconds)), JobIndex(0), now, &mut FirstStarts::new());
            seconds_left(limit, now).unwrap_or_default()
        };
        assert!(left(f64::MAX) > 1e9);
        assert_eq!((left(-1.0), left(0.0)), (0.0, 0.0));
    }
}
