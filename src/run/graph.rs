//! A plan as the scheduler sees it: jobs and the gates of groups, and who waits for whom.

use crate::{
    expression::Condition,
    plan::{Group, Job, JobIndex, Plan},
};

/// How a node depends on one in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// It must have succeeded.
    Needs,
    /// It must not have failed; skipped by its own condition is fine (steps of one job).
    Follows,
    /// It must have ended, however.
    After,
    /// The gate in front of the group: nothing passes a gate that did not open.
    Gate,
    /// From a job, or the gate behind a group, to the gate behind the group it is part of.
    Member,
    /// From the gate in front of a group to the one behind it.
    Through,
}

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Job(JobIndex),
    /// The gate in front of a group.
    Front(usize),
    /// The gate behind a group.
    Back(usize),
}

/// What a failure ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Run,
    Group(usize),
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub part: Part,
    /// Something has to be evaluated before it may go on.
    pub decides: bool,
    /// Its condition asks for the status, so a failure before it does not decide for it.
    pub survives: bool,
    /// Its failure counts as none for those behind it.
    pub tolerated: bool,
    /// What its failure ends.
    pub fail_fast: Option<Scope>,
    /// The group it ends with.
    pub group: Option<usize>,
    /// The groups whose limits count it, the innermost first.
    pub lanes: Vec<usize>,
    /// Nothing else may run beside it.
    pub alone: bool,
    /// The plan has nothing to run for it.
    pub planned_skip: bool,
    pub behind: Vec<(u32, Edge)>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    /// The node of each job.
    pub jobs: Vec<usize>,
    /// The gate in front of each group, and the one behind it.
    fronts: Vec<usize>,
    backs: Vec<usize>,
    /// How many jobs of a group may run at once.
    pub lanes: Vec<usize>,
    /// The group that each group stands in.
    pub within: Vec<Option<usize>>,
    pub max_concurrency: usize,
}

/// Who waits for whom, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub from: usize,
    pub to: usize,
    pub edge: Edge,
}

impl Graph {
    /// The graph of a plan, and every link in it.
    pub fn new(plan: &Plan) -> (Self, Vec<Link>) {
        let mut graph = Self { max_concurrency: plan.max_concurrency, ..Self::default() };
        let links = graph.extend(plan, None);
        (graph, links)
    }

    /// Adds the jobs and groups that the plan has and this graph has not, and puts the job `again`
    /// anew; gives the new links. Nodes that exist keep their numbers.
    fn extend(&mut self, plan: &Plan, again: Option<usize>) -> Vec<Link> {
        let new_jobs = self.jobs.len()..plan.jobs.len();
        let new_groups = self.fronts.len()..plan.groups.len();
        for at in new_jobs.clone() {
            self.jobs.push(self.nodes.len());
            self.nodes.push(job_node(plan, at));
        }
        for at in new_groups.clone() {
            self.fronts.push(self.nodes.len());
            self.nodes.push(gate(Part::Front(at), plan));
        }
        for at in new_groups.clone() {
            self.backs.push(self.nodes.len());
            self.nodes.push(gate(Part::Back(at), plan));
        }
        self.lanes.extend(plan.groups[new_groups.clone()].iter().map(room));
        self.within.extend(plan.groups[new_groups.clone()].iter().map(|group| group.within));
        let mut links = Vec::new();
        again.into_iter().chain(new_jobs).for_each(|at| self.link_job(&plan.jobs[at], at, &mut links));
        new_groups.for_each(|at| self.link_group(&plan.groups[at], at, &mut links));
        links
    }

    /// Takes in what a group's placeholder, the job `placeholder`, has become in the plan; gives the
    /// new links. The placeholder's own are gone: it waits for nobody, and nobody for it.
    pub fn grow(&mut self, plan: &Plan, group: usize, placeholder: usize) -> Vec<Link> {
        let (node, front, back) = (self.jobs[placeholder], self.fronts[group], self.backs[group]);
        self.nodes[front].behind.retain(|(to, _)| *to as usize != node);
        self.nodes[node] = job_node(plan, placeholder);
        for (gate_node, part) in [(front, Part::Front(group)), (back, Part::Back(group))] {
            let behind = std::mem::take(&mut self.nodes[gate_node].behind);
            self.nodes[gate_node] = Node { behind, ..gate(part, plan) };
        }
        self.lanes[group] = room(&plan.groups[group]);
        self.extend(plan, Some(placeholder))
    }

    fn link_job(&mut self, job: &Job, at: usize, links: &mut Vec<Link>) {
        let node = self.jobs[at];
        self.connect(self.of_jobs(&job.needs), node, Edge::Needs, links);
        self.connect(self.of_jobs(&job.follows), node, Edge::Follows, links);
        self.connect(self.of_jobs(&job.after), node, Edge::After, links);
        self.connect(self.of_backs(&job.needs_groups), node, Edge::Needs, links);
        self.connect(self.of_backs(&job.follows_groups), node, Edge::Follows, links);
        self.connect(self.of_backs(&job.after_groups), node, Edge::After, links);
        if let Some(group) = job.group {
            self.connect(vec![self.fronts[group]], node, Edge::Gate, links);
            self.connect(vec![node], self.backs[group], Edge::Member, links);
        }
    }

    fn link_group(&mut self, group: &Group, at: usize, links: &mut Vec<Link>) {
        let (front, back) = (self.fronts[at], self.backs[at]);
        self.connect(self.of_backs(&group.needs), front, Edge::Needs, links);
        self.connect(self.of_backs(&group.follows), front, Edge::Follows, links);
        self.connect(self.of_backs(&group.after), front, Edge::After, links);
        self.connect(self.of_jobs(&group.follows_jobs), front, Edge::Follows, links);
        self.connect(self.of_jobs(&group.after_jobs), front, Edge::After, links);
        self.connect(vec![front], back, Edge::Through, links);
        if let Some(around) = group.within {
            self.connect(vec![self.fronts[around]], front, Edge::Gate, links);
            self.connect(vec![back], self.backs[around], Edge::Member, links);
        }
    }

    pub fn front(&self, group: usize) -> usize {
        self.fronts[group]
    }

    pub fn back(&self, group: usize) -> usize {
        self.backs[group]
    }

    /// The job that a node stands for.
    pub fn job(&self, node: usize) -> Option<JobIndex> {
        match self.nodes[node].part {
            Part::Job(job) => Some(job),
            Part::Front(_) | Part::Back(_) => None,
        }
    }

    fn of_jobs(&self, jobs: &[usize]) -> Vec<usize> {
        jobs.iter().map(|job| self.jobs[*job]).collect()
    }

    fn of_backs(&self, groups: &[usize]) -> Vec<usize> {
        groups.iter().map(|group| self.backs[*group]).collect()
    }

    /// Whether a group is `outer` or stands within it.
    pub fn is_inside(&self, group: Option<usize>, outer: usize) -> bool {
        std::iter::successors(group, |group| self.within[*group]).any(|group| group == outer)
    }

    /// Puts `to` behind each of `from`, once.
    fn connect(&mut self, mut from: Vec<usize>, to: usize, edge: Edge, links: &mut Vec<Link>) {
        from.sort_unstable();
        from.dedup();
        for from in from {
            self.nodes[from].behind.push((to as u32, edge));
            links.push(Link { from, to, edge });
        }
    }
}

/// How many of a group's jobs may run at once.
fn room(group: &Group) -> usize {
    group.max_parallel.unwrap_or(usize::MAX).max(1)
}

/// What a failure of something in `group` ends: the first group around it that has a mind of its own
/// ends or goes on, one that tolerates failures keeps them to itself, and else it is the run.
fn scope_of_failure(plan: &Plan, group: Option<usize>) -> Option<Scope> {
    let mut around = group;
    while let Some(at) = around {
        match &plan.groups[at] {
            Group { fail_fast: Some(own), .. } => return own.then_some(Scope::Group(at)),
            Group { continue_on_error: true, .. } => return None,
            Group { within, .. } => around = *within,
        }
    }
    plan.fail_fast.then_some(Scope::Run)
}

fn job_node(plan: &Plan, at: usize) -> Node {
    let job = &plan.jobs[at];
    let conditions = [&job.condition, &job.when];
    Node {
        part: Part::Job(JobIndex(at)),
        decides: job.is_late() || conditions.iter().any(|condition| condition.is_some()),
        survives: conditions.into_iter().flatten().any(|condition| asks_for_status(condition)),
        tolerated: job.continue_on_error,
        fail_fast: scope_of_failure(plan, job.group).filter(|_| !job.continue_on_error),
        group: job.group,
        lanes: plan.around(job.group).filter(|group| plan.groups[*group].max_parallel.is_some()).collect(),
        alone: job.alone,
        planned_skip: job.skip.is_some(),
        behind: Vec::new(),
    }
}

fn gate(part: Part, plan: &Plan) -> Node {
    let front = matches!(part, Part::Front(_));
    let at = match part {
        Part::Front(at) | Part::Back(at) => at,
        Part::Job(job) => job.0,
    };
    let group = &plan.groups[at];
    let condition = group.condition.as_ref().filter(|_| front);
    // A group that ends by itself fails what is around it when it has; any other has failed it before.
    let fails_others = !front && group.fail_fast.is_some() && !group.continue_on_error;
    Node {
        part,
        decides: front && group.is_decided(),
        survives: condition.is_some_and(|condition| asks_for_status(condition)),
        tolerated: !front && group.continue_on_error,
        fail_fast: scope_of_failure(plan, group.within).filter(|_| fails_others),
        group: Some(at),
        lanes: Vec::new(),
        alone: false,
        planned_skip: false,
        behind: Vec::new(),
    }
}

/// A condition that cannot be read is decided, and fails, only where an implied success() lets it.
fn asks_for_status(condition: &str) -> bool {
    Condition::parse(condition).is_ok_and(|condition| condition.uses_status_function())
}
