//! The scheduler alone: every promise it makes, on random graphs, limits and fates.

use aither_orchestration::{
    plan::{JobIndex, Plan},
    run::{Action, Cause, Fact, Outcome, Scheduler, Settled, Why},
};
use proptest::prelude::*;
use serde_json::json;

fn plan(needs: &[Vec<usize>], tolerated: &[bool], max_concurrency: usize, fail_fast: bool) -> Plan {
    let jobs: Vec<_> = needs
        .iter()
        .enumerate()
        .map(|(job, needs)| {
            let tolerated = tolerated.get(job).copied().unwrap_or(false);
            json!({"job": job, "number": job.to_string(), "name": "", "path": "", "needs": needs, "continueOnError": tolerated})
        })
        .collect();
    let plan =
        json!({"total": jobs.len(), "maxConcurrency": max_concurrency, "failFast": fail_fast, "jobs": jobs});
    serde_json::from_value(plan).expect("a plan")
}

fn apply(scheduler: &mut Scheduler, fact: Fact) -> Vec<Action> {
    let mut actions = Vec::new();
    scheduler.apply(fact, &mut actions).expect("a fact that fits");
    actions
}

fn finished(job: usize, outcome: Outcome) -> Fact {
    Fact::Finished { job: JobIndex(job), outcome }
}

fn start(job: usize) -> Action {
    Action::Start(JobIndex(job))
}

fn settle(job: usize, settled: Settled) -> Action {
    Action::Settle(JobIndex(job), settled)
}

#[test]
fn starts_in_plan_order_and_within_the_limit() {
    let mut scheduler = Scheduler::new(&plan(&[vec![], vec![], vec![0], vec![]], &[], 2, true));
    assert_eq!(apply(&mut scheduler, Fact::Begin), [start(0), start(1)]);
    assert_eq!(apply(&mut scheduler, finished(0, Outcome::Success)), [settle(0, Settled::Success), start(2)]);
    assert_eq!(apply(&mut scheduler, finished(1, Outcome::Success)), [settle(1, Settled::Success), start(3)]);
    assert_eq!(apply(&mut scheduler, finished(3, Outcome::Success)), [settle(3, Settled::Success)]);
    assert_eq!(
        apply(&mut scheduler, finished(2, Outcome::Success)),
        [settle(2, Settled::Success), Action::End]
    );
}

#[test]
fn a_failure_skips_what_needs_it_all_the_way_down() {
    let mut scheduler = Scheduler::new(&plan(&[vec![], vec![0], vec![1], vec![]], &[], 1, false));
    apply(&mut scheduler, Fact::Begin);
    assert_eq!(
        apply(&mut scheduler, finished(0, Outcome::Failure)),
        [
            settle(0, Settled::Failure),
            settle(1, Settled::Skipped(Cause::Need(JobIndex(0)))),
            settle(2, Settled::Skipped(Cause::Need(JobIndex(1)))),
            start(3)
        ]
    );
}

#[test]
fn fail_fast_stops_what_runs_and_cancels_what_waits() {
    let mut scheduler = Scheduler::new(&plan(&[vec![], vec![], vec![], vec![0]], &[], 2, true));
    apply(&mut scheduler, Fact::Begin);
    let why = Settled::Cancelled(Why::FailFast(JobIndex(0)));
    assert_eq!(
        apply(&mut scheduler, finished(0, Outcome::Failure)),
        [
            settle(0, Settled::Failure),
            settle(3, Settled::Skipped(Cause::Need(JobIndex(0)))),
            Action::Stop(JobIndex(1)),
            settle(2, why)
        ]
    );
    assert_eq!(apply(&mut scheduler, finished(1, Outcome::Stopped)), [settle(1, why), Action::End]);
}

#[test]
fn a_tolerated_failure_neither_ends_the_run_nor_skips_anything() {
    let mut scheduler = Scheduler::new(&plan(&[vec![], vec![0]], &[true], 1, true));
    apply(&mut scheduler, Fact::Begin);
    assert_eq!(apply(&mut scheduler, finished(0, Outcome::Failure)), [settle(0, Settled::Failure), start(1)]);
}

#[test]
fn a_job_that_was_stopped_by_nobody_has_failed() {
    let mut scheduler = Scheduler::new(&plan(&[vec![]], &[], 1, true));
    apply(&mut scheduler, Fact::Begin);
    assert_eq!(
        apply(&mut scheduler, finished(0, Outcome::Stopped)),
        [settle(0, Settled::Failure), Action::End]
    );
}

#[test]
fn facts_that_cannot_be_are_refused_without_effect() {
    let mut scheduler = Scheduler::new(&plan(&[vec![], vec![0]], &[], 1, true));
    let mut actions = Vec::new();
    for fact in [Fact::Cancel, finished(0, Outcome::Success)] {
        assert!(scheduler.apply(fact, &mut actions).is_err(), "before the beginning");
    }
    apply(&mut scheduler, Fact::Begin);
    for fact in [Fact::Begin, finished(1, Outcome::Success), finished(7, Outcome::Success)] {
        assert!(scheduler.apply(fact, &mut actions).is_err(), "{fact:?}");
    }
    assert!(actions.is_empty());
}

/// A random acyclic graph: each job may need any job before it; positions are then shuffled so that
/// needs point both ways.
fn graph(most: usize) -> impl Strategy<Value = Vec<Vec<usize>>> {
    (1..=most)
        .prop_flat_map(|count| {
            let needs = (0..count)
                .map(|job| prop::collection::vec(0..job.max(1), 0..=job.min(3)))
                .collect::<Vec<_>>();
            (needs, Just((0..count).collect::<Vec<usize>>()).prop_shuffle())
        })
        .prop_map(|(needs, places)| {
            let mut graph = vec![Vec::new(); places.len()];
            for (job, needs) in needs.into_iter().enumerate() {
                graph[places[job]] =
                    if job == 0 { Vec::new() } else { needs.into_iter().map(|need| places[need]).collect() };
            }
            graph
        })
}

/// What happens next, and to which of the running jobs.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Finish(prop::sample::Index, Outcome),
    Expire(prop::sample::Index),
    Cancel,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        12 => any::<prop::sample::Index>().prop_map(|which| Fate::Finish(which, Outcome::Success)),
        3 => any::<prop::sample::Index>().prop_map(|which| Fate::Finish(which, Outcome::Failure)),
        1 => any::<prop::sample::Index>().prop_map(Fate::Expire),
        1 => any::<prop::sample::Index>().prop_map(|which| Fate::Finish(which, Outcome::Stopped)),
        1 => Just(Fate::Cancel),
    ]
}

/// Plays a run to its end and checks every promise on the way.
struct Play<'a> {
    plan: &'a Plan,
    scheduler: Scheduler,
    running: Vec<usize>,
    stopping: Vec<usize>,
    settled: Vec<Option<Settled>>,
    failed_fast: bool,
    ended: bool,
}

impl Play<'_> {
    fn take(&mut self, fact: Fact) -> Result<(), TestCaseError> {
        let mut actions = Vec::new();
        prop_assert!(self.scheduler.apply(fact, &mut actions).is_ok());
        if let Fact::Finished { job, .. } = fact {
            self.running.retain(|running| *running != job.0);
        }
        for action in actions {
            prop_assert!(!self.ended, "nothing comes after the end");
            match action {
                Action::Start(JobIndex(job)) => {
                    prop_assert_eq!(self.settled[job], None);
                    prop_assert!(!self.running.contains(&job));
                    prop_assert!(!self.failed_fast, "nothing starts after a fail-fast or a cancel");
                    for need in &self.plan.jobs[job].needs {
                        let tolerated = self.plan.jobs[*need].continue_on_error;
                        let fine = match self.settled[*need] {
                            Some(Settled::Success) => true,
                            Some(Settled::Failure | Settled::TimedOut) => tolerated,
                            _ => false,
                        };
                        prop_assert!(fine, "job {} started before its need {}", job, need);
                    }
                    self.running.push(job);
                    self.stopping.retain(|stopping| *stopping != job);
                    prop_assert!(self.running.len() <= self.plan.max_concurrency);
                }
                Action::Stop(JobIndex(job)) => {
                    prop_assert!(self.running.contains(&job) && !self.stopping.contains(&job));
                    self.stopping.push(job);
                    self.failed_fast |= !matches!(fact, Fact::Expired(_));
                }
                Action::Settle(JobIndex(job), settled) => {
                    prop_assert_eq!(self.settled[job], None, "reported once");
                    self.settled[job] = Some(settled);
                    self.failed_fast |= matches!(settled, Settled::Cancelled(_));
                }
                Action::Decide(..) | Action::Delay(_) => {
                    prop_assert!(false, "nothing to decide or to repeat here")
                }
                Action::End => {
                    self.ended = true;
                    prop_assert!(self.settled.iter().all(Option::is_some), "every job is reported");
                }
            }
        }
        prop_assert_eq!(self.scheduler.running(), self.running.len());
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn keeps_its_promises(
        needs in graph(30),
        tolerated in prop::collection::vec(prop::bool::weighted(0.1), 30),
        max_concurrency in 1..6_usize,
        fail_fast in any::<bool>(),
        fates in prop::collection::vec(fate(), 40),
    ) {
        let plan = plan(&needs, &tolerated, max_concurrency, fail_fast);
        let mut play = Play {
            plan: &plan,
            scheduler: Scheduler::new(&plan),
            running: Vec::new(),
            stopping: Vec::new(),
            settled: vec![None; plan.jobs.len()],
            failed_fast: false,
            ended: false,
        };
        play.take(Fact::Begin)?;
        let mut fates = fates.into_iter();
        while !play.ended {
            prop_assert!(!play.running.is_empty(), "a run that has not ended has something running");
            match fates.next() {
                Some(Fate::Cancel) => play.take(Fact::Cancel)?,
                Some(Fate::Expire(which)) => {
                    let job = *which.get(&play.running);
                    if !play.stopping.contains(&job) {
                        play.take(Fact::Expired(JobIndex(job)))?;
                    }
                }
                Some(Fate::Finish(which, outcome)) => {
                    let job = *which.get(&play.running);
                    play.take(finished(job, outcome))?;
                }
                None => {
                    let job = play.running[0];
                    play.take(finished(job, Outcome::Success))?;
                }
            }
        }
        prop_assert!(play.running.is_empty());
    }
}
