//! Decides what starts, what stops and how each job ends. A pure state machine: a fact in, actions
//! out; no clock, no thread, no I/O.
//!
//! Jobs and groups (a stage, a job of a playbook) are nodes of one graph. A group has a gate in
//! front, where its condition is decided, and one behind, which settles when all its jobs have.

use super::{
    fact::{
        Action, Cause, Fact, Outcome, Past, Settled, Subject, UnexpectedFact, UnexpectedGrowth, Verdict, Why,
    },
    graph::{Edge, Graph, Link, Node, Part, Scope},
    slots::Slots,
};
use crate::plan::{JobIndex, Plan};
use std::{collections::VecDeque, fmt};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Deciding,
    Ready,
    Running,
    /// Asked to stop, because the run is ending or its time is over.
    Stopping {
        expired: bool,
    },
    Delayed,
    Settled,
}

/// How a node ended, as those behind it see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Good,
    /// Failed and tolerated: as good as good for those behind it.
    Tolerated,
    Failed,
    Cancelled(Why),
    Skipped(Cause),
}

/// What a node has heard from those in front of it.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    missing: u32,
    failed: bool,
    lost: Option<Ending>,
    /// The first member that failed, of a gate behind a group.
    failed_by: Option<JobIndex>,
    cancelled: Option<Why>,
    /// Whether any member did something, of a gate behind a group.
    any_ran: bool,
    skipped: Option<Cause>,
}

/// The state machine. See the module's text.
#[derive(Clone)]
pub struct Scheduler {
    graph: Graph,
    states: Vec<State>,
    heard: Vec<Heard>,
    /// How each node that is settled ended.
    endings: Vec<Option<Ending>>,
    attempts_left: Vec<u32>,
    slots: Slots,
    unsettled: usize,
    begun: bool,
    ended: bool,
    ending: Option<Why>,
    /// Groups that had to end before the run.
    ended_groups: Vec<Option<Why>>,
    /// Nodes that have heard from everyone in front of them.
    due: VecDeque<usize>,
}

/// What changes while the run goes on; the graph is the plan's and would drown it.
impl fmt::Debug for Scheduler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { graph: _, states, heard, attempts_left, slots, unsettled, begun, ended, ending, .. } =
            self;
        let state = (states, heard, attempts_left, slots, unsettled, begun, ended, ending);
        formatter.debug_tuple("Scheduler").field(&state).field(&self.ended_groups).field(&self.due).finish()
    }
}

impl Scheduler {
    /// A scheduler for a plan that [`crate::plan::check`] has accepted.
    pub fn new(plan: &Plan) -> Self {
        let (graph, links) = Graph::new(plan);
        let mut heard = vec![Heard::default(); graph.nodes.len()];
        links.iter().for_each(|link| heard[link.to].missing += 1);
        Self {
            states: vec![State::Waiting; graph.nodes.len()],
            heard,
            endings: vec![None; graph.nodes.len()],
            ended_groups: vec![None; plan.groups.len()],
            attempts_left: plan.jobs.iter().map(|job| job.retries).collect(),
            slots: Slots::new(&graph),
            unsettled: plan.jobs.len(),
            begun: false,
            ended: false,
            ending: None,
            due: VecDeque::new(),
            graph,
        }
    }

    /// How many jobs have been started and not yet finished.
    pub fn running(&self) -> usize {
        self.slots.running()
    }

    /// Whether the run has begun.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether what this group waits for is still to be decided.
    pub fn awaits(&self, group: usize) -> bool {
        self.is(self.graph.front(group), State::Deciding)
    }

    /// How many jobs have no final status yet.
    pub fn unsettled(&self) -> usize {
        self.unsettled
    }

    /// Whether a group waits for its decision; only then may it grow.
    pub fn is_deciding(&self, group: usize) -> bool {
        group < self.graph.within.len() && self.is(self.graph.front(group), State::Deciding)
    }

    /// Takes in what the plan has become where a group's placeholder stood: `plan` has the group's
    /// first job in the placeholder's place, and its other jobs and inner groups behind all there were.
    ///
    /// # Errors
    /// [`UnexpectedGrowth`] unless the group waits for its decision; nothing was changed.
    pub fn grow(&mut self, plan: &Plan, group: usize, placeholder: JobIndex) -> Result<(), UnexpectedGrowth> {
        let known = self.graph.jobs.get(placeholder.0).copied();
        let Some(node) = known.filter(|node| self.is(*node, State::Waiting) && self.is_deciding(group))
        else {
            return Err(UnexpectedGrowth(group));
        };
        let added = plan.jobs.len() - self.graph.jobs.len();
        let back = self.graph.back(group);
        let links = self.graph.grow(plan, group, placeholder.0);
        let nodes = self.graph.nodes.len();
        self.states.resize(nodes, State::Waiting);
        self.heard.resize(nodes, Heard::default());
        self.endings.resize(nodes, None);
        self.ended_groups.resize(plan.groups.len(), None);
        self.attempts_left.extend(plan.jobs[self.attempts_left.len()..].iter().map(|job| job.retries));
        self.attempts_left[placeholder.0] = plan.jobs[placeholder.0].retries;
        self.slots.grow(&self.graph);
        self.unsettled += added;
        self.heard[node] = Heard::default();
        self.heard[back].missing -= 1;
        for Link { to, .. } in &links {
            self.heard[*to].missing += 1;
        }
        for Link { from, to, edge } in links {
            // What is new hears at once from what has ended before it came.
            if let Some(ending) = self.endings[from] {
                self.hear(from, ending, to, edge);
            }
        }
        Ok(())
    }

    /// Takes a fact in and appends what is to be done to `actions`.
    ///
    /// # Errors
    /// [`UnexpectedFact`], for example for a job that is not running; nothing was changed.
    pub fn apply(&mut self, fact: Fact, actions: &mut Vec<Action>) -> Result<(), UnexpectedFact> {
        match fact {
            Fact::Begin if !self.begun => self.begin(),
            Fact::Decided { subject, verdict } => match self.node(subject) {
                Some(node) if self.is(node, State::Deciding) => self.decided(node, verdict, actions),
                _ => return Err(UnexpectedFact(fact)),
            },
            Fact::Finished { job, outcome } if self.is_running(job) => self.finished(job, outcome, actions),
            Fact::Expired(job) if self.job_is(job, State::Running) => {
                self.states[self.graph.jobs[job.0]] = State::Stopping { expired: true };
                actions.push(Action::Stop(job));
            }
            Fact::RetryDue(job) if self.job_is(job, State::Delayed) => {
                self.make_ready(self.graph.jobs[job.0])
            }
            Fact::RunExpired if self.begun => self.end_early(None, Why::RunTime, actions),
            Fact::Cancel if self.begun => self.end_early(None, Why::Caller, actions),
            Fact::CancelGroup(group) if self.may_be_taken(group) => {
                self.end_early(Some(group), Why::Taken(group), actions);
            }
            _ => return Err(UnexpectedFact(fact)),
        }
        self.go_on(actions);
        if self.unsettled == 0 && !self.ended {
            self.ended = true;
            actions.push(Action::End);
        }
        Ok(())
    }

    /// Whether another run can end this group: it goes on, and nothing has ended it yet.
    pub fn may_be_taken(&self, group: usize) -> bool {
        self.begun
            && self.ended_groups.get(group).is_some_and(Option::is_none)
            && !self.is(self.graph.back(group), State::Settled)
    }

    fn node(&self, subject: Subject) -> Option<usize> {
        match subject {
            Subject::Job(job) => self.graph.jobs.get(job.0).copied(),
            Subject::Group(group) => (group < self.graph.within.len()).then(|| self.graph.front(group)),
        }
    }

    fn is(&self, node: usize, state: State) -> bool {
        self.states.get(node) == Some(&state)
    }

    fn job_is(&self, job: JobIndex, state: State) -> bool {
        self.graph.jobs.get(job.0).is_some_and(|node| self.is(*node, state))
    }

    fn is_running(&self, job: JobIndex) -> bool {
        let state = self.graph.jobs.get(job.0).map(|node| self.states[*node]);
        matches!(state, Some(State::Running | State::Stopping { .. }))
    }

    fn begin(&mut self) {
        self.begun = true;
        self.due.extend((0..self.graph.nodes.len()).filter(|node| self.heard[*node].missing == 0));
    }

    fn decided(&mut self, node: usize, verdict: Verdict, actions: &mut Vec<Action>) {
        match (verdict, self.graph.nodes[node].part) {
            (Verdict::Go, _) => self.proceed(node, actions),
            (Verdict::Skip, Part::Front(group)) => {
                self.settle(node, Ending::Skipped(Cause::GroupCondition(group)), actions);
            }
            (Verdict::Skip, _) => self.settle(node, Ending::Skipped(Cause::Condition), actions),
            (Verdict::Fail, _) => self.settle_failed(node, Settled::Failure, actions),
        }
    }

    fn finished(&mut self, job: JobIndex, outcome: Outcome, actions: &mut Vec<Action>) {
        let node = self.graph.jobs[job.0];
        self.slots.leave(node, &self.graph, |node| self.states[node] == State::Ready);
        let expired = self.states[node] == State::Stopping { expired: true };
        let settled = match (outcome, self.ending_of(node)) {
            (Outcome::Success, _) => return self.settle(node, Ending::Good, actions),
            (Outcome::Stopped, Some(Why::RunTime)) => Settled::TimedOut,
            (Outcome::Stopped, Some(why)) if !expired => {
                return self.settle(node, Ending::Cancelled(why), actions)
            }
            // Nobody asked for it to stop, so it did not do what it should.
            (Outcome::Stopped, _) if expired => Settled::TimedOut,
            _ => Settled::Failure,
        };
        if self.attempts_left[job.0] > 0 && self.ending_of(node).is_none() {
            self.attempts_left[job.0] -= 1;
            self.states[node] = State::Delayed;
            actions.push(Action::Delay(job));
        } else {
            self.settle_failed(node, settled, actions);
        }
    }

    /// A job is not tried again, however its attempt ends.
    pub fn forgo_retries(&mut self, job: JobIndex) {
        self.attempts_left[job.0] = 0;
    }

    /// Why this node has to end, if it has.
    fn ending_of(&self, node: usize) -> Option<Why> {
        let around = std::iter::successors(self.graph.nodes[node].group, |group| self.graph.within[*group]);
        self.ending.or(around.filter_map(|group| self.ended_groups[group]).next())
    }

    fn settle_failed(&mut self, node: usize, settled: Settled, actions: &mut Vec<Action>) {
        let Node { tolerated, fail_fast, part, .. } = self.graph.nodes[node];
        self.report(node, settled, actions);
        self.close(node, if tolerated { Ending::Tolerated } else { Ending::Failed }, actions);
        if let (Part::Job(job), Some(scope)) = (part, fail_fast) {
            self.fail_fast(scope, job, actions);
        }
    }

    fn settle(&mut self, node: usize, ending: Ending, actions: &mut Vec<Action>) {
        self.report(node, as_settled(ending), actions);
        self.close(node, ending, actions);
    }

    /// Gives a job its final status; a gate has none.
    fn report(&mut self, node: usize, settled: Settled, actions: &mut Vec<Action>) {
        if let Part::Job(job) = self.graph.nodes[node].part {
            self.unsettled -= 1;
            actions.push(Action::Settle(job, settled));
        }
    }

    /// Marks a node settled and tells those behind it, all the way down.
    fn close(&mut self, node: usize, ending: Ending, actions: &mut Vec<Action>) {
        self.states[node] = State::Settled;
        let mut failed = None;
        let mut closed = vec![(node, ending)];
        while let Some((node, ending)) = closed.pop() {
            self.endings[node] = Some(ending);
            if let Part::Back(group) = self.graph.nodes[node].part {
                actions.push(Action::Leave(group));
            }
            for position in 0..self.graph.nodes[node].behind.len() {
                let (next, edge) = self.graph.nodes[node].behind[position];
                let next = next as usize;
                if self.states[next] != State::Waiting {
                    continue;
                }
                self.hear(node, ending, next, edge);
                match self.lost(next) {
                    Some(lost) => {
                        self.states[next] = State::Settled;
                        self.report(next, as_settled(lost), actions);
                        let Node { part, fail_fast, .. } = self.graph.nodes[next];
                        if let (Part::Job(job), Ending::Failed, Some(scope)) = (part, lost, fail_fast) {
                            failed.get_or_insert((scope, job));
                        }
                        closed.push((next, lost));
                    }
                    None if self.heard[next].missing == 0 => self.due.push_back(next),
                    None => {}
                }
            }
        }
        if let Some((scope, job)) = failed {
            self.fail_fast(scope, job, actions);
        }
    }

    fn hear(&mut self, node: usize, ending: Ending, next: usize, edge: Edge) {
        let before_failed = self.heard[node].failed;
        let part = self.graph.nodes[node].part;
        let failed_by = self.heard[node].failed_by;
        let heard = &mut self.heard[next];
        heard.missing -= 1;
        // A step's success() is about its own job, so what was before the gate stays there.
        if edge != Edge::Gate {
            heard.failed |= before_failed || matches!(ending, Ending::Failed | Ending::Cancelled(_));
        }
        if edge == Edge::Through {
            match ending {
                Ending::Cancelled(why) => heard.cancelled = heard.cancelled.or(Some(why)),
                Ending::Skipped(cause) => heard.skipped = heard.skipped.or(Some(cause)),
                _ => {}
            }
        }
        if edge == Edge::Member {
            match (ending, part) {
                (Ending::Failed, Part::Job(job)) => {
                    heard.failed_by.get_or_insert(job);
                }
                (Ending::Failed, _) => heard.failed_by = heard.failed_by.or(failed_by),
                (Ending::Cancelled(why), _) => heard.cancelled = heard.cancelled.or(Some(why)),
                (Ending::Skipped(cause), _) => heard.skipped = heard.skipped.or(Some(cause)),
                _ => {}
            }
            heard.any_ran |= !matches!(ending, Ending::Skipped(_) | Ending::Cancelled(_));
        }
        let good = matches!(ending, Ending::Good | Ending::Tolerated);
        let own_skip =
            matches!(ending, Ending::Skipped(Cause::Condition | Cause::Planned | Cause::GroupCondition(_)));
        let passes = match edge {
            Edge::After | Edge::Member | Edge::Through => true,
            Edge::Follows => good || own_skip,
            Edge::Needs | Edge::Gate => good,
        };
        if !passes && heard.lost.is_none() {
            heard.lost = Some(match (edge, ending, part) {
                // What happened to the gate happens to the group.
                (Edge::Gate, Ending::Failed, _) => Ending::Failed,
                (Edge::Gate, ending, _) => ending,
                (_, Ending::Cancelled(why), _) if failed_by.is_none() => Ending::Cancelled(why),
                (_, _, Part::Job(job)) => Ending::Skipped(Cause::Need(job)),
                (_, _, Part::Front(group) | Part::Back(group)) => Ending::Skipped(Cause::GroupNeed(group)),
            });
        }
        if edge == Edge::Gate && !passes {
            // Not even a condition such as always() runs a step of a job that never began.
            heard.missing = 0;
            self.graph.nodes[next].survives = false;
        }
    }

    /// How a node ends that cannot go on, whatever it still has to hear.
    fn lost(&self, node: usize) -> Option<Ending> {
        let Node { survives, tolerated, .. } = self.graph.nodes[node];
        match self.heard[node].lost {
            Some(Ending::Failed) if tolerated => Some(Ending::Tolerated),
            lost => lost.filter(|_| !survives),
        }
    }

    /// Lets everything go on that can.
    fn go_on(&mut self, actions: &mut Vec<Action>) {
        loop {
            while let Some(node) = self.due.pop_front() {
                if self.states[node] == State::Waiting {
                    self.consider(node, actions);
                }
            }
            self.start_ready(actions);
            if self.due.is_empty() {
                break;
            }
        }
    }

    fn consider(&mut self, node: usize, actions: &mut Vec<Action>) {
        let Node { decides, planned_skip, part, .. } = self.graph.nodes[node];
        if planned_skip {
            self.settle(node, Ending::Skipped(Cause::Planned), actions);
        } else if decides {
            let subject = match part {
                Part::Job(job) => Subject::Job(job),
                Part::Front(group) | Part::Back(group) => Subject::Group(group),
            };
            self.states[node] = State::Deciding;
            let cancelled = matches!(self.ending_of(node), Some(Why::Caller | Why::RunTime | Why::Taken(_)));
            actions.push(Action::Decide(subject, Past { failed: self.heard[node].failed, cancelled }));
        } else {
            self.proceed(node, actions);
        }
    }

    fn proceed(&mut self, node: usize, actions: &mut Vec<Action>) {
        match self.graph.nodes[node].part {
            Part::Job(_) => self.make_ready(node),
            Part::Front(_) => self.close(node, Ending::Good, actions),
            Part::Back(group) => self.close_group(node, group, actions),
        }
    }

    fn close_group(&mut self, node: usize, group: usize, actions: &mut Vec<Action>) {
        let Heard { failed_by, cancelled, any_ran, skipped, .. } = self.heard[node];
        let Node { tolerated, fail_fast, .. } = self.graph.nodes[node];
        let ending = match (failed_by, cancelled, skipped) {
            (Some(_), ..) if tolerated => Ending::Tolerated,
            (Some(_), ..) => Ending::Failed,
            (_, Some(why), _) => Ending::Cancelled(why),
            (.., Some(cause)) if !any_ran => Ending::Skipped(cause),
            _ => Ending::Good,
        };
        if ending == Ending::Tolerated {
            // failure() behind the group knows only of what was before it.
            self.heard[node].failed = self.heard[self.graph.front(group)].failed;
        }
        self.close(node, ending, actions);
        if let (Ending::Failed, Some(job), Some(scope)) = (ending, failed_by, fail_fast) {
            self.fail_fast(scope, job, actions);
        }
    }

    fn fail_fast(&mut self, scope: Scope, failed: JobIndex, actions: &mut Vec<Action>) {
        match scope {
            Scope::Run if self.ending.is_none() => self.end_early(None, Why::FailFast(failed), actions),
            Scope::Group(group) if self.ended_groups[group].is_none() => {
                self.end_early(Some(group), Why::FailFast(failed), actions);
            }
            _ => {}
        }
    }

    /// Ends a group, or the run: what waits is cancelled, what runs is stopped. What has a condition
    /// that asks for the status stays, with everything in it, to be decided when its turn comes.
    fn end_early(&mut self, group: Option<usize>, why: Why, actions: &mut Vec<Action>) {
        match group {
            None => self.ending = Some(why),
            Some(group) => self.ended_groups[group] = Some(why),
        }
        for node in 0..self.graph.nodes.len() {
            let Node { part, group: own, .. } = self.graph.nodes[node];
            // A gate behind a group settles with the group's jobs; no condition outlives the run's time.
            let spared =
                matches!(part, Part::Back(_)) || (why != Why::RunTime && self.survives(node, group, why));
            if spared || group.is_some_and(|group| !self.graph.is_inside(own, group)) {
                continue;
            }
            match self.states[node] {
                State::Waiting | State::Ready | State::Delayed | State::Deciding => {
                    self.settle(node, Ending::Cancelled(why), actions);
                }
                State::Running => {
                    self.states[node] = State::Stopping { expired: false };
                    actions.extend(self.graph.job(node).map(Action::Stop));
                }
                State::Stopping { .. } | State::Settled => {}
            }
        }
    }

    /// Whether a node's condition asks for the status, or that of a group around it does (inside the
    /// one that ends). The word of the caller, or of another run, ends also what such a condition has
    /// let begin.
    fn survives(&self, node: usize, ended: Option<usize>, why: Why) -> bool {
        let Node { survives, group, .. } = self.graph.nodes[node];
        let mut around = std::iter::successors(group, |group| self.graph.within[*group])
            .take_while(|group| Some(*group) != ended)
            .map(|group| self.graph.front(group));
        survives
            || around.any(|front| {
                let undecided = self.states[front] != State::Settled;
                let is_wish = matches!(why, Why::Caller | Why::Taken(_));
                self.graph.nodes[front].survives && (undecided || !is_wish)
            })
    }

    fn make_ready(&mut self, node: usize) {
        self.states[node] = State::Ready;
        self.slots.push(node);
    }

    fn start_ready(&mut self, actions: &mut Vec<Action>) {
        while let Some(node) = self.slots.take(&self.graph, |node| self.states[node] == State::Ready) {
            self.states[node] = State::Running;
            actions.extend(self.graph.job(node).map(Action::Start));
        }
    }
}

fn as_settled(ending: Ending) -> Settled {
    match ending {
        Ending::Good => Settled::Success,
        Ending::Tolerated | Ending::Failed => Settled::Failure,
        Ending::Cancelled(why) => Settled::Cancelled(why),
        Ending::Skipped(cause) => Settled::Skipped(cause),
    }
}
