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

#[derive(Debug, Clone)]
pub(super) struct Graph {
    /// The jobs in plan order, then every group's front, then every group's back.
    pub nodes: Vec<Node>,
    pub jobs: usize,
    pub groups: usize,
    /// How many jobs of a group may run at once.
    pub lanes: Vec<usize>,
    /// The group that each group stands in.
    pub within: Vec<Option<usize>>,
    pub max_concurrency: usize,
}

impl Graph {
    pub fn new(plan: &Plan) -> Self {
        let (jobs, groups) = (plan.jobs.len(), plan.groups.len());
        let mut nodes: Vec<Node> =
            plan.jobs.iter().enumerate().map(|(at, job)| job_node(plan, at, job)).collect();
        nodes.extend(plan.groups.iter().enumerate().map(|(at, group)| gate(Part::Front(at), group, plan)));
        nodes.extend(plan.groups.iter().enumerate().map(|(at, group)| gate(Part::Back(at), group, plan)));
        let lanes = plan.groups.iter().map(|group| group.max_parallel.unwrap_or(usize::MAX).max(1)).collect();
        let within = plan.groups.iter().map(|group| group.within).collect();
        let mut graph = Self { nodes, jobs, groups, lanes, within, max_concurrency: plan.max_concurrency };
        for (at, job) in plan.jobs.iter().enumerate() {
            graph.connect(&job.needs, at, Edge::Needs);
            graph.connect(&job.follows, at, Edge::Follows);
            graph.connect(&job.after, at, Edge::After);
            graph.connect(&graph.backs(&job.follows_groups), at, Edge::Follows);
            graph.connect(&graph.backs(&job.after_groups), at, Edge::After);
            if let Some(group) = job.group {
                graph.connect(&[graph.front(group)], at, Edge::Gate);
                graph.connect(&[at], graph.back(group), Edge::Member);
            }
        }
        for (at, group) in plan.groups.iter().enumerate() {
            let (front, back) = (graph.front(at), graph.back(at));
            graph.connect(&graph.backs(&group.needs), front, Edge::Needs);
            graph.connect(&graph.backs(&group.follows), front, Edge::Follows);
            graph.connect(&graph.backs(&group.after), front, Edge::After);
            graph.connect(&group.follows_jobs, front, Edge::Follows);
            graph.connect(&group.after_jobs, front, Edge::After);
            graph.connect(&[front], back, Edge::Through);
            if let Some(around) = group.within {
                graph.connect(&[graph.front(around)], front, Edge::Gate);
                graph.connect(&[back], graph.back(around), Edge::Member);
            }
        }
        graph
    }

    pub fn front(&self, group: usize) -> usize {
        self.jobs + group
    }

    pub fn back(&self, group: usize) -> usize {
        self.jobs + self.groups + group
    }

    fn backs(&self, groups: &[usize]) -> Vec<usize> {
        groups.iter().map(|group| self.back(*group)).collect()
    }

    /// Whether a group is `outer` or stands within it.
    pub fn is_inside(&self, group: Option<usize>, outer: usize) -> bool {
        std::iter::successors(group, |group| self.within[*group]).any(|group| group == outer)
    }

    /// How many nodes each node waits for.
    pub fn missing(&self) -> Vec<u32> {
        let mut missing = vec![0; self.nodes.len()];
        for (to, _) in self.nodes.iter().flat_map(|node| &node.behind) {
            missing[*to as usize] += 1;
        }
        missing
    }

    /// Puts `to` behind each of `from`, once.
    fn connect(&mut self, from: &[usize], to: usize, edge: Edge) {
        let mut from = from.to_vec();
        from.sort_unstable();
        from.dedup();
        for node in from {
            self.nodes[node].behind.push((to as u32, edge));
        }
    }
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

fn job_node(plan: &Plan, at: usize, job: &Job) -> Node {
    let around = std::iter::successors(job.group, |group| plan.groups[*group].within);
    let conditions = [&job.condition, &job.when];
    Node {
        part: Part::Job(JobIndex(at)),
        decides: !job.late.is_empty() || conditions.iter().any(|condition| condition.is_some()),
        survives: conditions.into_iter().flatten().any(|condition| asks_for_status(condition)),
        tolerated: job.continue_on_error,
        fail_fast: scope_of_failure(plan, job.group).filter(|_| !job.continue_on_error),
        group: job.group,
        lanes: around.filter(|group| plan.groups[*group].max_parallel.is_some()).collect(),
        alone: job.alone,
        planned_skip: job.skip.is_some(),
        behind: Vec::new(),
    }
}

fn gate(part: Part, group: &Group, plan: &Plan) -> Node {
    let front = matches!(part, Part::Front(_));
    let condition = group.condition.as_ref().filter(|_| front);
    let at = match part {
        Part::Front(at) | Part::Back(at) => at,
        Part::Job(job) => job.0,
    };
    // A group that ends by itself fails what is around it when it has; any other has failed it before.
    let fails_others = !front && group.fail_fast.is_some() && !group.continue_on_error;
    Node {
        part,
        decides: condition.is_some(),
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
