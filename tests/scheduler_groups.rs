//! The scheduler on random groups within groups: every job settles once, nothing passes a gate that
//! did not open, limits hold, and the run ends.

use aither_orchestration::{
    plan::{check, JobIndex, Plan},
    run::{Action, Fact, Outcome, Scheduler, Settled, Subject, Verdict},
};
use proptest::{prelude::*, sample::Index};
use serde_json::{json, Value};

#[derive(Debug, Clone)]
struct Shape {
    within: Option<Index>,
    behind: Option<Index>,
    link: usize,
    condition: Option<&'static str>,
    tolerant: bool,
    fail_fast: Option<bool>,
    most: Option<usize>,
}

fn shape() -> impl Strategy<Value = Shape> {
    let condition = prop::option::weighted(
        0.4,
        prop_oneof![Just("true"), Just("always()"), Just("failure()"), Just("!cancelled()")],
    );
    (
        prop::option::weighted(0.6, any::<Index>()),
        prop::option::weighted(0.5, any::<Index>()),
        0..3_usize,
        condition,
        prop::bool::weighted(0.2),
        prop::option::weighted(0.4, any::<bool>()),
        prop::option::weighted(0.4, 1..3_usize),
    )
        .prop_map(|(within, behind, link, condition, tolerant, fail_fast, most)| Shape {
            within,
            behind,
            link,
            condition,
            tolerant,
            fail_fast,
            most,
        })
}

/// Groups point to groups before them only, and to siblings, as the planner has it.
fn plan(shapes: &[Shape], jobs: &[(Index, bool)], most: usize, fail_fast: bool) -> Plan {
    let mut groups: Vec<Value> = Vec::new();
    for (at, shape) in shapes.iter().enumerate() {
        let within = shape.within.filter(|_| at > 0).map(|index| index.index(at));
        let mut group = json!({
            "id": format!("g{at}"), "within": within, "condition": shape.condition,
            "continueOnError": shape.tolerant, "failFast": shape.fail_fast, "maxParallel": shape.most
        });
        let siblings: Vec<usize> =
            (0..at).filter(|other| groups[*other]["within"] == group["within"]).collect();
        if let (Some(behind), false) = (shape.behind, siblings.is_empty()) {
            group[["needs", "after", "follows"][shape.link]] = json!([behind.get(&siblings)]);
        }
        groups.push(group);
    }
    let jobs: Vec<Value> = jobs
        .iter()
        .enumerate()
        .map(|(at, (group, tolerated))| {
            json!({"job": at, "number": at.to_string(), "name": "", "path": "", "group": group.index(groups.len()), "continueOnError": tolerated})
        })
        .collect();
    let plan = json!({"total": jobs.len(), "maxConcurrency": most, "failFast": fail_fast, "jobs": jobs, "groups": groups});
    serde_json::from_value(plan).expect("a plan")
}

fn around(plan: &Plan, job: usize) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(plan.jobs[job].group, |group| plan.groups[*group].within)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn groups_within_groups_keep_their_promises(
        shapes in prop::collection::vec(shape(), 1..10),
        jobs in prop::collection::vec((any::<Index>(), prop::bool::weighted(0.1)), 1..20),
        most in 1..5_usize,
        fail_fast in any::<bool>(),
        fates in prop::collection::vec((any::<Index>(), 0..12_u8), 60),
    ) {
        let plan = plan(&shapes, &jobs, most, fail_fast);
        prop_assert_eq!(check(&plan.jobs, &plan.groups), Ok(()));
        let mut scheduler = Scheduler::new(&plan);
        let mut running: Vec<usize> = Vec::new();
        let mut settled: Vec<Option<Settled>> = vec![None; plan.jobs.len()];
        let mut shut = vec![false; plan.groups.len()];
        let mut facts = vec![Fact::Begin];
        let mut fates = fates.into_iter();
        let mut ended = false;
        let mut left = vec![false; plan.groups.len()];
        while !ended {
            let fact = match facts.pop() {
                Some(fact) => fact,
                None => {
                    prop_assert!(!running.is_empty(), "a run that has not ended has something running");
                    match fates.next() {
                        Some((_, 0)) => Fact::Cancel,
                        Some((which, 11)) => Fact::CancelGroup(which.index(plan.groups.len())),
                        Some((which, fate)) => {
                            let job = JobIndex(*which.get(&running));
                            let outcome = if fate < 4 { Outcome::Failure } else { Outcome::Success };
                            Fact::Finished { job, outcome }
                        }
                        None => Fact::Finished { job: JobIndex(running[0]), outcome: Outcome::Success },
                    }
                }
            };
            if let Fact::Finished { job, .. } = fact {
                running.retain(|other| *other != job.0);
            }
            let mut actions = Vec::new();
            let taken = match fact {
                Fact::CancelGroup(group) => scheduler.may_be_taken(group).then_some(group),
                _ => None,
            };
            let outside: Vec<bool> = settled.iter().map(Option::is_some).collect();
            if scheduler.apply(fact, &mut actions).is_err() {
                // What was asked for may be over before it is answered.
                prop_assert!(matches!(fact, Fact::Decided { .. } | Fact::CancelGroup(_)), "it fits");
                prop_assert!(taken.is_none());
                continue;
            }
            let of = |job: usize, group: usize| around(&plan, job).any(|one| one == group);
            // One that has failed already ends as a failure, which may end others.
            let has_failed = |group: &usize| {
                (0..plan.jobs.len()).any(|job| of(job, *group) && settled[job] == Some(Settled::Failure))
            };
            if let Some(group) = taken.filter(|group| !has_failed(group)) {
                for action in &actions {
                    if let Action::Stop(job) = action {
                        prop_assert!(of(job.0, group), "only its own are stopped");
                    }
                    if let Action::Settle(job, how) = action {
                        prop_assert!(!outside[job.0]);
                        prop_assert!(!matches!(how, Settled::Success | Settled::Failure));
                    }
                }
            }
            for action in actions {
                match action {
                    Action::Start(job) => {
                        prop_assert!(settled[job.0].is_none());
                        prop_assert!(!around(&plan, job.0).any(|group| shut[group]), "a gate that did not open");
                        running.push(job.0);
                        for group in around(&plan, job.0) {
                            let inside = running.iter().filter(|job| around(&plan, **job).any(|one| one == group));
                            let limit = plan.groups[group].max_parallel.unwrap_or(usize::MAX);
                            prop_assert!(inside.count() <= limit);
                        }
                        prop_assert!(running.len() <= most);
                    }
                    Action::Settle(job, how) => {
                        prop_assert!(settled[job.0].replace(how).is_none(), "settled once");
                    }
                    Action::Decide(subject, past) => {
                        let verdict = match fates.next() {
                            Some((_, 1)) => Verdict::Fail,
                            Some((_, 2..=4)) => Verdict::Skip,
                            _ if past.cancelled => Verdict::Skip,
                            _ => Verdict::Go,
                        };
                        if let (Subject::Group(group), true) = (subject, verdict != Verdict::Go) {
                            shut[group] = true;
                        }
                        facts.push(Fact::Decided { subject, verdict });
                    }
                    Action::Stop(job) => facts.push(Fact::Finished { job, outcome: Outcome::Stopped }),
                    Action::Delay(_) => prop_assert!(false, "nothing is retried"),
                    Action::Leave(group) => {
                        prop_assert!(!std::mem::replace(&mut left[group], true), "left once");
                        let inside = |job: &usize| around(&plan, *job).any(|one| one == group);
                        prop_assert!(!running.iter().any(inside), "nothing of it runs any more");
                    }
                    Action::End => ended = true,
                }
            }
        }
        prop_assert!(running.is_empty());
        prop_assert!(settled.iter().all(Option::is_some));
    }
}
