//! The scheduler alone, with jobs that succeed as soon as they are started.

use aither_orchestration::run::{Action, Fact, Outcome, Scheduler};
use std::collections::VecDeque;

/// How many jobs settled.
pub fn play(mut scheduler: Scheduler) -> usize {
    let (mut facts, mut actions, mut settled) = (VecDeque::from([Fact::Begin]), Vec::new(), 0);
    while let Some(fact) = facts.pop_front() {
        actions.clear();
        if scheduler.apply(fact, &mut actions).is_err() {
            break;
        }
        for action in &actions {
            match action {
                Action::Start(job) => {
                    facts.push_back(Fact::Finished { job: *job, outcome: Outcome::Success })
                }
                Action::Settle(..) => settled += 1,
                _ => {}
            }
        }
    }
    settled
}
