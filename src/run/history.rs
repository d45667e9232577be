//! What has happened so far, as the roots `needs`, `jobs`, `stages` and `steps` show it.

use super::{fact::Subject, outputs, GroupResult, JobResult, JobStatus, RunResult};
use crate::{
    expression::{interpolate, Context, Platform, Status},
    plan::{lookup, Group, Job, Plan, Strategy},
};
use serde_json::{json, Map, Value};
use std::{borrow::Cow, collections::HashSet};

/// What a subject sees of the past.
pub(super) struct History {
    /// The groups of its playbook that have ended, with `result` and `outputs`.
    pub groups: Value,
    /// The steps of its stage and combination that have ended, with `outcome`, `conclusion` and `outputs`.
    pub steps: Value,
}

impl History {
    pub fn new(plan: &Plan, result: &RunResult, subject: Subject) -> Self {
        let around = group_around(plan, subject);
        let matrix_id = match subject {
            Subject::Job(job) => &plan.jobs[job.0].matrix_id,
            Subject::Group(group) => &plan.groups[group].matrix_id,
        };
        let past = Past::new(plan, result);
        Self {
            groups: past.seen_by(use_around(plan, around), matrix_id.as_deref()),
            steps: past.steps(around, matrix_id.as_deref()),
        }
    }
}

/// What the groups that have ended came to, with their outputs as expressions see them.
pub(super) fn groups(plan: &Plan, result: &RunResult) -> Vec<GroupResult> {
    let past = Past::new(plan, result);
    let ended = |group| {
        let (_, result, outputs) = past.ended(group)?;
        Some(GroupResult { group, result, outputs: outputs.clone() })
    };
    (0..plan.groups.len()).filter_map(ended).collect()
}

/// The group whose steps a subject is among: a job's own, or the one around a group.
pub(super) fn group_around(plan: &Plan, subject: Subject) -> Option<usize> {
    match subject {
        Subject::Job(job) => plan.jobs[job.0].group,
        Subject::Group(group) => plan.groups[group].within,
    }
}

/// The group that stands for the used playbook around `group`; none in the outermost playbook.
pub(super) fn use_around(plan: &Plan, group: Option<usize>) -> Option<usize> {
    plan.around(group).find(|group| plan.groups[*group].inputs.is_some())
}

/// What has happened to groups.
struct Past<'a> {
    plan: &'a Plan,
    result: &'a RunResult,
    /// The jobs of each group and of those within it.
    members: Vec<Vec<&'a Job>>,
    /// The outputs of each group that has ended.
    outputs: Vec<Option<Map<String, Value>>>,
}

impl<'a> Past<'a> {
    fn new(plan: &'a Plan, result: &'a RunResult) -> Self {
        let mut members = vec![Vec::new(); plan.groups.len()];
        for job in &plan.jobs {
            plan.around(job.group).for_each(|group| members[group].push(job));
        }
        let mut past = Self { plan, result, members, outputs: vec![None; plan.groups.len()] };
        // What is within a group stands behind it and has its outputs first.
        for (at, group) in plan.groups.iter().enumerate().rev() {
            if past.results(at).all(|member| member.status.is_some()) {
                let outputs =
                    if group.outputs.is_empty() { past.merged(at) } else { past.declared(at, group) };
                past.outputs[at] = Some(outputs);
            }
        }
        past
    }

    fn results(&self, group: usize) -> impl Iterator<Item = &'a JobResult> + '_ {
        self.members[group].iter().map(|job| &self.result.jobs[job.job])
    }

    /// How a group ended before and after its continue-on-error, and its outputs.
    fn ended(&self, group: usize) -> Option<(&'static str, &'static str, &Map<String, Value>)> {
        let outputs = self.outputs[group].as_ref()?;
        // A failure that something within the group forgives is none of the group.
        let forgiven = |job: &Job| {
            job.continue_on_error
                || self
                    .plan
                    .around(job.group)
                    .take_while(|inner| *inner != group)
                    .any(|inner| self.plan.groups[inner].continue_on_error)
        };
        let statuses = self.members[group].iter().filter_map(|job| {
            let status = self.result.jobs[job.job].status?;
            Some(if status.is_failure() && forgiven(job) { JobStatus::Success } else { status })
        });
        let outcome = together(&statuses.collect::<Vec<_>>());
        let forgives = self.plan.groups[group].continue_on_error && outcome == JobStatus::Failure;
        let conclusion = if forgives { JobStatus::Success } else { outcome };
        Some((spelled(outcome), spelled(conclusion), outputs))
    }

    /// The groups of the playbook that `used` stands for, by the names that it has for them.
    fn seen_by(&self, used: Option<usize>, matrix_id: Option<&str>) -> Value {
        let mut seen = Map::new();
        for (at, group) in self.plan.groups.iter().enumerate() {
            let Some(key) = &group.key else { continue };
            if use_around(self.plan, group.within) != used || !agree(group.matrix_id.as_deref(), matrix_id) {
                continue;
            }
            if let Some((_, result, outputs)) = self.ended(at) {
                let mut told = json!({ "result": result, "outputs": outputs });
                if self.members[at]
                    .iter()
                    .any(|job| job.group == Some(at) && job.matrix_id != group.matrix_id)
                {
                    told["combinations"] = self.combinations(at, group);
                }
                seen.insert(key.clone(), told);
            }
        }
        Value::Object(seen)
    }

    /// The steps of a group: jobs, and playbooks that are used.
    fn steps(&self, group: Option<usize>, matrix_id: Option<&str>) -> Value {
        let mut steps = Map::new();
        let jobs = self.plan.jobs.iter();
        for job in jobs.filter(|job| job.group == group && job.matrix_id.as_deref() == matrix_id) {
            let (Some(id), done) = (&job.step, &self.result.jobs[job.job]) else { continue };
            let Some(status) = done.status else { continue };
            let outcome = spelled(status);
            let conclusion = if job.continue_on_error && status.is_failure() { "success" } else { outcome };
            let outputs = &done.outputs;
            let step = json!({ "outcome": outcome, "conclusion": conclusion, "outputs": outputs });
            steps.insert(id.clone(), step);
        }
        for (at, step) in self.plan.groups.iter().enumerate() {
            let is_of = group.is_some() && step.within == group && step.matrix_id.as_deref() == matrix_id;
            let Some(id) = step.step.as_ref().filter(|_| is_of) else { continue };
            if let Some((outcome, conclusion, outputs)) = self.ended(at) {
                let step = json!({ "outcome": outcome, "conclusion": conclusion, "outputs": outputs });
                steps.insert(id.clone(), step);
            }
        }
        Value::Object(steps)
    }

    /// Every output of every member; of equal names the last to finish counts.
    fn merged(&self, group: usize) -> Map<String, Value> {
        let by_end = outputs::by_end(self.results(group));
        outputs::merged(by_end.into_iter().map(|member| member.outputs.clone()))
    }

    /// The outputs that a group maps by expressions: of its steps, or of the stages of the playbook
    /// that it uses; of a matrix those of each combination as one. One that cannot be evaluated is null.
    fn declared(&self, at: usize, group: &Group) -> Map<String, Value> {
        let of_combinations: Vec<&Job> = self.last_of_combinations(at);
        if of_combinations.is_empty() {
            return self.evaluated(at, group, (&group.matrix, &group.matrix_id, group.strategy));
        }
        outputs::merged(
            of_combinations
                .into_iter()
                .map(|job| self.evaluated(at, group, (&job.matrix, &job.matrix_id, job.strategy))),
        )
    }

    /// The job of each combination of a group's own matrix that ended last, by their ends.
    fn last_of_combinations(&self, at: usize) -> Vec<&'a Job> {
        let own = self.members[at].iter().filter(|job| job.group == Some(at));
        let by_end = outputs::by_end(own.map(|job| &self.result.jobs[job.job]));
        let mut seen = HashSet::new();
        let mut last: Vec<&Job> = by_end
            .into_iter()
            .rev()
            .map(|done| &self.plan.jobs[done.job])
            .filter(|job| seen.insert(&job.matrix_id))
            .collect();
        last.reverse();
        last
    }

    /// What a group's outputs are for one combination.
    fn evaluated(&self, at: usize, group: &Group, place: Place<'_>) -> Map<String, Value> {
        let (matrix, matrix_id, strategy) = place;
        let mut roots = Map::new();
        roots.insert("steps".into(), self.steps(Some(at), matrix_id.as_deref()));
        roots.insert("matrix".into(), matrix.clone().map_or(Value::Null, Value::Object));
        let strategy = strategy.unwrap_or(Strategy::alone(self.plan.fail_fast));
        roots.insert("strategy".into(), strategy.context());
        if group.inputs.is_some() {
            let inner = self.seen_by(Some(at), matrix_id.as_deref());
            for name in ["needs", "jobs", "stages"] {
                roots.insert(name.into(), inner.clone());
            }
        }
        let context = Outputs { variables: &group.variables, roots };
        let evaluated = |value: &Value| match value.as_str() {
            Some(text) => interpolate(text, &context).unwrap_or_default(),
            None => value.clone(),
        };
        group.outputs.iter().map(|(name, value)| (name.clone(), evaluated(value))).collect()
    }

    /// What each combination of a group came to: its id and values, result and outputs, in plan order.
    fn combinations(&self, at: usize, group: &Group) -> Value {
        let mut last = self.last_of_combinations(at);
        last.sort_by_key(|job| job.job);
        let one = |job: &&Job| {
            let own: Vec<&&Job> =
                self.members[at].iter().filter(|member| member.matrix_id == job.matrix_id).collect();
            let statuses: Vec<JobStatus> =
                own.iter().filter_map(|job| self.result.jobs[job.job].status).collect();
            let set = if group.outputs.is_empty() {
                let by_end = outputs::by_end(own.iter().map(|job| &self.result.jobs[job.job]));
                outputs::merged(by_end.into_iter().map(|done| done.outputs.clone()))
            } else {
                self.evaluated(at, group, (&job.matrix, &job.matrix_id, job.strategy))
            };
            json!({
                "id": job.matrix_id, "matrix": job.matrix, "result": spelled(together(&statuses)), "outputs": set
            })
        };
        last.iter().map(one).collect()
    }
}

/// A combination: its values, its id and its place.
type Place<'p> = (&'p Option<Map<String, Value>>, &'p Option<String>, Option<Strategy>);

/// Whether two combinations are of one copy: one of them is the other one, or has more to it.
fn agree(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
    };
    begins(one, other) || begins(other, one)
}

fn together(statuses: &[JobStatus]) -> JobStatus {
    let any = |wanted: fn(JobStatus) -> bool| statuses.iter().any(|status| wanted(*status));
    if any(JobStatus::is_failure) {
        JobStatus::Failure
    } else if any(|status| status == JobStatus::Cancelled) {
        JobStatus::Cancelled
    } else if !statuses.is_empty() && statuses.iter().all(|status| *status == JobStatus::Skipped) {
        JobStatus::Skipped
    } else {
        JobStatus::Success
    }
}

fn spelled(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Success => "success",
        JobStatus::Failure | JobStatus::TimedOut => "failure",
        JobStatus::Cancelled => "cancelled",
        JobStatus::Skipped => "skipped",
    }
}

/// What the outputs that a group declares are evaluated in.
struct Outputs<'a> {
    variables: &'a Map<String, Value>,
    roots: Map<String, Value>,
}

impl Context for Outputs<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        lookup(self.variables, name).map(Cow::Borrowed)
    }

    fn root(&self, name: &str) -> Option<Cow<'_, Value>> {
        lookup(&self.roots, name).map(Cow::Borrowed)
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }

    fn platform(&self) -> Platform {
        Platform::current()
    }

    fn status(&self) -> Status {
        Status::Success
    }

    fn test_path(&self, _: &str) -> bool {
        false
    }

    fn hash_files(&self, _: &[String]) -> Result<String, String> {
        Err("an output cannot hash files".into())
    }
}
