//! The scheduler on every graph of up to five jobs, in every order in which things can happen to it:
//! jobs that succeed, fail, stop or run out of time, delays that end, conditions that hold or not,
//! the caller's word and the run's time. Every state that can be reached is visited once.

use aither_orchestration::{
    plan::{JobIndex, Plan},
    run::{Action, Fact, Outcome, Scheduler, Settled, Subject, Verdict},
};
use rayon::prelude::*;
use serde_json::json;
use std::{
    collections::{hash_map::DefaultHasher, HashSet},
    fmt::{self, Write},
    hash::Hasher,
};

/// What is special about a job, beside what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trait {
    Plain,
    /// Its failure is passed over.
    Tolerated,
    /// It is tried twice.
    Retried,
    /// It has a condition.
    Conditional,
    /// It has a condition that asks for the status, so that it outlives a failure.
    Always,
    /// Nothing may run beside it.
    Alone,
}

const TRAITS: [Trait; 6] =
    [Trait::Plain, Trait::Tolerated, Trait::Retried, Trait::Conditional, Trait::Always, Trait::Alone];

/// Jobs that need each other as the bits of `edges` say; the one at `special` has the trait.
fn plan(jobs: usize, edges: u32, special: (usize, Trait), most: usize, fail_fast: bool) -> Plan {
    let mut bit = 0;
    let jobs: Vec<_> = (0..jobs)
        .map(|job| {
            let needs: Vec<usize> = (0..job)
                .filter(|_| {
                    bit += 1;
                    edges & (1 << (bit - 1)) != 0
                })
                .collect();
            let own = if special.0 == job { special.1 } else { Trait::Plain };
            let when = match own {
                Trait::Conditional => Some("$go -eq 1"),
                Trait::Always => Some("always()"),
                _ => None,
            };
            json!({
                "job": job, "number": job.to_string(), "name": "", "path": "", "needs": needs, "when": when,
                "continueOnError": own == Trait::Tolerated,
                "retries": u32::from(own == Trait::Retried),
                "alone": own == Trait::Alone,
            })
        })
        .collect();
    let plan = json!({"total": jobs.len(), "maxConcurrency": most, "failFast": fail_fast, "jobs": jobs});
    serde_json::from_value(plan).expect("a plan")
}

/// A set of at most eight jobs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Jobs(u8);

impl Jobs {
    fn contains(self, job: usize) -> bool {
        self.0 & (1 << job) != 0
    }

    /// Whether it was not in there.
    fn insert(&mut self, job: usize) -> bool {
        let new = !self.contains(job);
        self.0 |= 1 << job;
        new
    }

    fn remove(&mut self, job: usize) {
        self.0 &= !(1 << job);
    }

    fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn iter(self) -> impl Iterator<Item = usize> {
        (0..8).filter(move |job| self.contains(*job))
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

/// What a caller of the scheduler knows: everything it has been told to do.
#[derive(Debug, Clone, Default, Hash)]
struct World {
    running: Jobs,
    /// Running jobs whose time is over.
    expired: Jobs,
    /// Running jobs that have been asked to stop.
    stopping: Jobs,
    delayed: Jobs,
    deciding: Jobs,
    starts: Vec<u32>,
    good: Jobs,
    settled: Jobs,
    cancelled: bool,
    run_expired: bool,
    failed_fast: bool,
    ended: bool,
}

struct Explorer<'a> {
    plan: &'a Plan,
    seen: HashSet<u64>,
}

impl Explorer<'_> {
    /// Visits every state behind this one.
    fn explore(&mut self, scheduler: Scheduler, world: World) {
        let mut open = vec![(scheduler, world)];
        while let Some((scheduler, world)) = open.pop() {
            let facts = possible(&world);
            assert!(
                facts.iter().any(|fact| !matches!(fact, Fact::Cancel | Fact::RunExpired)),
                "nothing can happen any more and the run has not ended: {world:?} in {:?}",
                self.plan
            );
            for fact in facts {
                let (mut scheduler, mut world) = (scheduler.clone(), world.clone());
                self.step(&mut scheduler, &mut world, fact);
                if !world.ended && self.seen.insert(fingerprint(&scheduler, &world)) {
                    open.push((scheduler, world));
                }
            }
        }
    }

    fn step(&self, scheduler: &mut Scheduler, world: &mut World, fact: Fact) {
        let mut actions = Vec::new();
        let told = scheduler.apply(fact, &mut actions);
        assert!(told.is_ok(), "{fact:?} fits {world:?} in {:?}", self.plan);
        match fact {
            Fact::Finished { job, .. } => {
                world.running.remove(job.0);
                world.expired.remove(job.0);
                world.stopping.remove(job.0);
            }
            Fact::Expired(job) => drop(world.expired.insert(job.0)),
            Fact::RetryDue(job) => world.delayed.remove(job.0),
            Fact::Decided { subject: Subject::Job(job), .. } => world.deciding.remove(job.0),
            Fact::Cancel => world.cancelled = true,
            Fact::RunExpired => world.run_expired = true,
            _ => {}
        }
        for action in actions {
            self.check(world, fact, action);
        }
        if world.cancelled || world.run_expired {
            let free = world.running.without(world.stopping).len();
            let survivors = self.plan.jobs.iter().filter(|job| job.when.is_some()).count();
            assert!(free <= survivors, "what runs is asked to stop: {world:?} in {:?}", self.plan);
        }
        assert_eq!(scheduler.running(), world.running.len());
    }

    fn check(&self, world: &mut World, fact: Fact, action: Action) {
        macro_rules! ensure {
            ($holds:expr, $promise:literal) => {
                let holds = $holds;
                assert!(holds, "{}: {action:?} after {fact:?}, {world:?} in {:?}", $promise, self.plan)
            };
        }
        ensure!(!world.ended, "nothing comes after the end");
        match action {
            Action::Start(JobIndex(job)) => {
                let planned = &self.plan.jobs[job];
                let survives = planned.when.as_deref() == Some("always()");
                ensure!(
                    !world.settled.contains(job) && !world.running.contains(job),
                    "a job starts when it is free"
                );
                let needs_met = planned.needs.iter().all(|need| match survives {
                    true => world.settled.contains(*need),
                    false => world.good.contains(*need),
                });
                ensure!(needs_met, "nothing starts before its needs");
                ensure!(
                    survives || !(world.failed_fast || world.cancelled),
                    "nothing starts after a fail-fast"
                );
                ensure!(!world.run_expired, "nothing starts after the run's time");
                let alone = |job: usize| self.plan.jobs[job].alone;
                ensure!(world.running.is_empty() || !planned.alone, "alone is alone");
                ensure!(!world.running.iter().any(alone), "nothing beside what is alone");
                world.running.insert(job);
                world.starts[job] += 1;
                ensure!(world.running.len() <= self.plan.max_concurrency, "the limit holds");
                ensure!(world.starts[job] <= planned.retries + 1, "no more attempts than there are");
            }
            Action::Stop(JobIndex(job)) => {
                ensure!(
                    world.running.contains(job) && !world.stopping.contains(job),
                    "a job is stopped once"
                );
                world.stopping.insert(job);
            }
            Action::Delay(JobIndex(job)) => {
                ensure!(
                    !world.settled.contains(job) && !world.running.contains(job),
                    "what waits does not run"
                );
                world.delayed.insert(job);
            }
            Action::Decide(Subject::Job(JobIndex(job)), _) => {
                ensure!(!world.settled.contains(job), "what is over is not decided");
                world.deciding.insert(job);
            }
            Action::Decide(Subject::Group(_), _) | Action::Leave(_) => panic!("there are no groups"),
            Action::Settle(JobIndex(job), settled) => {
                ensure!(!world.running.contains(job), "what is over does not run");
                ensure!(world.settled.insert(job), "every job is reported once");
                world.delayed.remove(job);
                world.deciding.remove(job);
                let tolerated = self.plan.jobs[job].continue_on_error;
                let failed = matches!(settled, Settled::Failure | Settled::TimedOut);
                if settled == Settled::Success || (failed && tolerated) {
                    world.good.insert(job);
                }
                world.failed_fast |= failed && !tolerated && self.plan.fail_fast;
            }
            Action::End => {
                ensure!(world.settled.len() == self.plan.jobs.len(), "every job is reported");
                ensure!(world.running.is_empty(), "nothing runs after the end");
                world.ended = true;
            }
        }
    }
}

/// Everything that can happen in this state of the world.
fn possible(world: &World) -> Vec<Fact> {
    let mut facts = Vec::new();
    for job in world.running.iter() {
        for outcome in [Outcome::Success, Outcome::Failure, Outcome::Stopped] {
            facts.push(Fact::Finished { job: JobIndex(job), outcome });
        }
        if !world.stopping.contains(job) {
            facts.push(Fact::Expired(JobIndex(job)));
        }
    }
    facts.extend(world.delayed.iter().map(|job| Fact::RetryDue(JobIndex(job))));
    for job in world.deciding.iter() {
        for verdict in [Verdict::Go, Verdict::Skip, Verdict::Fail] {
            facts.push(Fact::Decided { subject: Subject::Job(JobIndex(job)), verdict });
        }
    }
    if !world.cancelled {
        facts.push(Fact::Cancel);
    }
    if !world.run_expired {
        facts.push(Fact::RunExpired);
    }
    facts
}

/// States that look the same to the last field are one state.
fn fingerprint(scheduler: &Scheduler, world: &World) -> u64 {
    struct Sink(DefaultHasher);
    impl Write for Sink {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut sink = Sink(DefaultHasher::new());
    write!(sink, "{scheduler:?}").expect("a hash takes every text");
    std::hash::Hash::hash(world, &mut sink.0);
    sink.0.finish()
}

/// How many states each plan has; every one of them was checked.
fn explore_all(plans: &[Plan]) -> usize {
    plans
        .par_iter()
        .map(|plan| {
            let (mut scheduler, mut explorer) =
                (Scheduler::new(plan), Explorer { plan, seen: HashSet::new() });
            let mut world = World { starts: vec![0; plan.jobs.len()], ..World::default() };
            explorer.step(&mut scheduler, &mut world, Fact::Begin);
            explorer.explore(scheduler, world);
            explorer.seen.len()
        })
        .sum()
}

/// Every graph of so many jobs in which no edge says what two others say.
fn graphs(jobs: usize) -> impl Iterator<Item = u32> {
    let bit = |from: usize, to: usize| 1_u32 << (to * (to - 1) / 2 + from);
    (0..1_u32 << (jobs * (jobs - 1) / 2)).filter(move |edges| {
        let has = |from: usize, to: usize| edges & bit(from, to) != 0;
        let mut reached = vec![vec![false; jobs]; jobs];
        for to in 0..jobs {
            for from in (0..to).rev() {
                let around = (from + 1..to).any(|between| reached[from][between] && has(between, to));
                if around && has(from, to) {
                    return false;
                }
                reached[from][to] = around || has(from, to);
            }
        }
        true
    })
}

#[test]
fn every_order_of_events_of_up_to_three_jobs_with_every_trait() {
    let mut plans = Vec::new();
    for jobs in 1..=3 {
        for edges in 0..1_u32 << (jobs * (jobs - 1) / 2) {
            for (at, own) in (0..jobs).flat_map(|at| TRAITS.map(|own| (at, own))) {
                for (most, fail_fast) in [(1, true), (2, true), (2, false), (3, true), (3, false)] {
                    plans.push(plan(jobs, edges, (at, own), most, fail_fast));
                }
            }
        }
    }
    let states = explore_all(&plans);
    assert!(states > 50_000, "{states}");
}

#[test]
fn every_order_of_events_of_four_jobs_with_traits_at_either_end() {
    let mut plans = Vec::new();
    for edges in graphs(4) {
        for (at, own) in [0, 3].into_iter().flat_map(|at| TRAITS.map(|own| (at, own))) {
            plans.push(plan(4, edges, (at, own), 2, true));
        }
    }
    let states = explore_all(&plans);
    assert!(states > 50_000, "{states}");
}

#[test]
fn every_order_of_events_of_five_jobs() {
    let plans: Vec<Plan> = graphs(5)
        .flat_map(|edges| [(2, true), (3, false)].map(|(most, fail_fast)| (edges, most, fail_fast)))
        .map(|(edges, most, fail_fast)| plan(5, edges, (0, Trait::Plain), most, fail_fast))
        .collect();
    let states = explore_all(&plans);
    assert!(states > 50_000, "{states}");
}
