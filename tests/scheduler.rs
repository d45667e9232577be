//! The scheduler alone: every promise it makes, on random graphs, limits and fates.

use aither_orchestration::{
    plan::{Job, JobIndex, Plan},
    run::{Action, Cause, Fact, Outcome, Scheduler, Settled, Why},
};
use proptest::{prop_assert, prop_assert_eq, test_runner::TestCaseError};
use rayon::prelude::*;
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

/// What happens next, and to which of the running jobs.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Finish(usize, Outcome),
    Expire(usize),
    Cancel,
}

/// Fates without end, the same for the same seed (xorshift64*). One in `mild` is none of the good ones.
struct Fates {
    state: u64,
    mild: usize,
}

impl Fates {
    fn number(&mut self, below: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
    }

    fn next(&mut self, running: &[usize]) -> Fate {
        let job = running[self.number(running.len())];
        if self.number(self.mild) > 0 {
            return Fate::Finish(job, Outcome::Success);
        }
        match self.number(6) {
            0..=2 => Fate::Finish(job, Outcome::Failure),
            3 => Fate::Finish(job, Outcome::Stopped),
            4 => Fate::Expire(job),
            _ => Fate::Cancel,
        }
    }
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
                Action::Decide(..) | Action::Delay(_) | Action::Leave(_) => {
                    prop_assert!(false, "nothing to decide, to repeat or to leave here")
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

/// A random acyclic graph: each job may need any job before it; positions are then shuffled so that
/// needs point both ways.
fn graph(fates: &mut Fates, most: usize) -> Plan {
    let count = 1 + fates.number(most);
    let mut places: Vec<usize> = (0..count).collect();
    (1..count).for_each(|job| places.swap(job, fates.number(job + 1)));
    let mut jobs = vec![Job::default(); count];
    for job in 0..count {
        let needs = (0..fates.number(job.min(3) + 1)).map(|_| places[fates.number(job)]).collect();
        let continue_on_error = fates.number(10) == 0;
        jobs[places[job]] = Job { job: places[job], needs, continue_on_error, ..Job::default() };
    }
    let (max_concurrency, fail_fast) = (1 + fates.number(5), fates.number(2) == 0);
    Plan { total: count, max_concurrency, fail_fast, jobs, ..Plan::default() }
}

/// Plays one random graph with random fates.
fn play(seed: u64) -> Result<(), TestCaseError> {
    let mut fates = Fates { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, mild: 2 };
    fates.mild = [3, 20, 400][fates.number(3)];
    let most = if fates.number(50) == 0 { 200 } else { 12 };
    let plan = graph(&mut fates, most);
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
    while !play.ended {
        prop_assert!(!play.running.is_empty(), "a run that has not ended has something running");
        match fates.next(&play.running) {
            Fate::Cancel => play.take(Fact::Cancel)?,
            Fate::Expire(job) if play.stopping.contains(&job) => {}
            Fate::Expire(job) => play.take(Fact::Expired(JobIndex(job)))?,
            Fate::Finish(job, outcome) => play.take(finished(job, outcome))?,
        }
    }
    prop_assert!(play.running.is_empty());
    Ok(())
}

#[test]
fn keeps_its_promises_on_a_hundred_thousand_random_graphs() {
    (0..100_000).into_par_iter().for_each(|seed| {
        if let Err(broken) = play(seed) {
            panic!("seed {seed}: {broken}");
        }
    });
}
