//! A group whose jobs only the run can know: once the values that it waited for are there, the same
//! request is planned again with them, and what the group has become is put in its place.

use super::{request, Dimension, Environment, Group, Job, Level, Message, Plan, PlanRequest, RequestError};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What a group has become, in the positions of the plan that it is put into.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Growth {
    /// The group's position.
    pub group: usize,
    /// The group itself, as it is now.
    pub own: Group,
    /// Its jobs. The first has the position of the job that stood for them, the others come behind
    /// every job there was.
    pub jobs: Vec<Job>,
    /// The groups within it; they come behind every group there was.
    pub groups: Vec<Group>,
    /// The dimensions of its matrix that are new to the plan.
    pub dimensions: Vec<Dimension>,
    /// How many combinations the plan has with it.
    pub combinations: usize,
    /// How many jobs the plan has with it.
    pub total: usize,
    /// What the user should know of it.
    pub messages: Vec<Message>,
    /// The plan's.
    #[serde(skip)]
    pub(crate) conditions: Map<String, Value>,
    #[serde(skip)]
    first_group: usize,
    #[serde(skip)]
    request: Box<PlanRequest>,
}

impl Growth {
    /// The position of the job that stood for the group's jobs.
    pub fn placeholder(&self) -> usize {
        self.jobs.first().map_or(0, |job| job.job)
    }

    /// The group at a position of the plan, where it is one of these.
    pub(crate) fn group_at(&self, position: usize) -> Option<&Group> {
        if position == self.group {
            return Some(&self.own);
        }
        self.groups.get(position.checked_sub(self.first_group)?)
    }

    /// Puts it into the plan that it was made for.
    pub(crate) fn put_into(&self, plan: &mut Plan) {
        if let Some(first) = self.jobs.first() {
            plan.jobs[first.job] = first.clone();
            plan.jobs.extend(self.jobs.iter().skip(1).cloned());
        }
        plan.groups[self.group] = self.own.clone();
        plan.groups.extend(self.groups.iter().cloned());
        plan.dimensions.extend(self.dimensions.iter().cloned());
        plan.messages.extend(self.messages.iter().cloned());
        (plan.total, plan.combinations) = (self.total, self.combinations);
        plan.request = Some(self.request.clone());
    }
}

/// Plans a group anew with the values it was deferred for, by the paths in [`Group::deferred`].
///
/// # Errors
/// [`RequestError`]: the values make no matrix, name no playbook, or the like.
pub fn grow(
    plan: &Plan,
    group: usize,
    values: Map<String, Value>,
    environment: Option<&Environment>,
) -> Result<Growth, RequestError> {
    let Some(mut request) = plan.request.clone() else { return Err(RequestError::NoRequest) };
    let id = &plan.groups[group].id;
    let resolved = request.resolved.entry(id.clone()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(resolved) = resolved {
        resolved.extend(values);
    }
    request.environment = environment.cloned();
    let again = request::plan(&request)?;
    request.environment = None;
    let Some(at) = again.groups.iter().position(|group| &group.id == id) else {
        return Err(RequestError::NoRequest);
    };
    let placeholder = plan.jobs.iter().position(|job| job.group == Some(group)).unwrap_or_default();
    let places = Places::new(plan, &again, at, group, placeholder);
    let mut numbers: HashSet<String> = plan.jobs.iter().map(|job| job.number.clone()).collect();
    numbers.remove(&plan.jobs[placeholder].number);
    let mut jobs: Vec<Job> = places.jobs_within.iter().map(|job| places.job(&again.jobs[*job])).collect();
    if jobs.is_empty() {
        let skip = Some("there is nothing to run in it".to_owned());
        jobs.push(Job { skip, ..plan.jobs[placeholder].clone() });
    }
    for job in &mut jobs {
        name(job, &mut numbers);
        leave_out(job, &request.only);
    }
    let combinations: BTreeSet<&String> =
        plan.jobs.iter().chain(&jobs).filter_map(|job| job.matrix_id.as_ref()).collect();
    Ok(Growth {
        group,
        own: places.own(&plan.groups[group], &again.groups[at]),
        groups: places.groups_within.iter().map(|group| places.group(&again.groups[*group])).collect(),
        dimensions: again.dimensions.into_iter().filter(|new| !plan.dimensions.contains(new)).collect(),
        combinations: combinations.len().max(1),
        total: plan.jobs.len() + jobs.len() - 1,
        messages: new_warnings(plan, again.messages),
        jobs,
        conditions: plan.conditions.clone(),
        first_group: plan.groups.len(),
        request,
    })
}

/// A number of the job's own: by its position in a matrix, else the first that is free.
fn name(job: &mut Job, numbers: &mut HashSet<String>) {
    if job.matrix_id.is_some() && job.skip.is_none() {
        job.number = format!("{}-matrix-{}", job.script, job.job);
    }
    let wanted = job.number.clone();
    let mut count = 1;
    while !numbers.insert(job.number.clone()) {
        count += 1;
        job.number = format!("{wanted}-{count}");
    }
}

/// Scripts that the caller has left out are not run.
fn leave_out(job: &mut Job, only: &[String]) {
    let is_script = job.script.len() == 4 && job.script.bytes().all(|byte| byte.is_ascii_digit());
    if !only.is_empty() && is_script && !only.contains(&job.script) {
        job.skip = Some("the execution profile does not list it".into());
    }
}

fn new_warnings(plan: &Plan, messages: Vec<Message>) -> Vec<Message> {
    let is_new = |message: &Message| message.level == Level::Warning && !plan.messages.contains(message);
    messages.into_iter().filter(is_new).collect()
}

/// Where what was planned again stands in the plan that grows.
struct Places {
    jobs_within: Vec<usize>,
    groups_within: Vec<usize>,
    jobs: HashMap<usize, usize>,
    groups: HashMap<usize, usize>,
}

impl Places {
    fn new(plan: &Plan, again: &Plan, at: usize, group: usize, placeholder: usize) -> Self {
        let inside = |start: Option<usize>| again.around(start).any(|group| group == at);
        let groups_within: Vec<usize> =
            (0..again.groups.len()).filter(|group| *group != at && inside(Some(*group))).collect();
        let jobs_within: Vec<usize> =
            (0..again.jobs.len()).filter(|job| inside(again.jobs[*job].group)).collect();

        let known: HashMap<&str, usize> =
            plan.groups.iter().enumerate().map(|(at, group)| (group.id.as_str(), at)).collect();
        let mut groups: HashMap<usize, usize> = (0..again.groups.len())
            .filter_map(|group| Some((group, *known.get(again.groups[group].id.as_str())?)))
            .collect();
        groups.insert(at, group);
        groups.extend(groups_within.iter().enumerate().map(|(k, group)| (*group, plan.groups.len() + k)));

        let mut jobs: HashMap<usize, usize> = same_jobs(plan, again);
        let behind = plan.jobs.len();
        let place = |k: usize| if k == 0 { placeholder } else { behind + k - 1 };
        jobs.extend(jobs_within.iter().enumerate().map(|(k, job)| (*job, place(k))));
        Self { jobs_within, groups_within, jobs, groups }
    }

    fn job(&self, job: &Job) -> Job {
        Job {
            job: self.jobs.get(&job.job).copied().unwrap_or_default(),
            group: job.group.and_then(|group| self.groups.get(&group).copied()),
            needs: found(&self.jobs, &job.needs),
            follows: found(&self.jobs, &job.follows),
            after: found(&self.jobs, &job.after),
            needs_groups: found(&self.groups, &job.needs_groups),
            follows_groups: found(&self.groups, &job.follows_groups),
            after_groups: found(&self.groups, &job.after_groups),
            ..job.clone()
        }
    }

    fn group(&self, group: &Group) -> Group {
        Group {
            within: group.within.and_then(|around| self.groups.get(&around).copied()),
            needs: found(&self.groups, &group.needs),
            after: found(&self.groups, &group.after),
            follows: found(&self.groups, &group.follows),
            follows_jobs: found(&self.jobs, &group.follows_jobs),
            after_jobs: found(&self.jobs, &group.after_jobs),
            ..group.clone()
        }
    }

    /// The group that grows: what it waited for is behind it.
    fn own(&self, before: &Group, now: &Group) -> Group {
        Group {
            within: before.within,
            needs: before.needs.clone(),
            after: before.after.clone(),
            follows: before.follows.clone(),
            follows_jobs: before.follows_jobs.clone(),
            after_jobs: before.after_jobs.clone(),
            condition: before.condition.clone(),
            deferred: Map::new(),
            ..now.clone()
        }
    }
}

fn found(places: &HashMap<usize, usize>, old: &[usize]) -> Vec<usize> {
    old.iter().filter_map(|old| places.get(old).copied()).collect()
}

/// Jobs that both plans have: the same script of the same combination in the same group, counted.
fn same_jobs(plan: &Plan, again: &Plan) -> HashMap<usize, usize> {
    fn keys(plan: &Plan) -> HashMap<(&str, &str, &str, usize), usize> {
        let mut counts: HashMap<(&str, &str, &str), usize> = HashMap::new();
        let mut keys = HashMap::with_capacity(plan.jobs.len());
        for job in &plan.jobs {
            let group = job.group.map_or("", |group| plan.groups[group].id.as_str());
            let (script, matrix) = (job.script.as_str(), job.matrix_id.as_deref().unwrap_or_default());
            let count = counts.entry((group, script, matrix)).or_insert(0);
            *count += 1;
            keys.insert((group, script, matrix, *count), job.job);
        }
        keys
    }
    let known = keys(plan);
    keys(again).into_iter().filter_map(|(key, job)| Some((job, *known.get(&key)?))).collect()
}
