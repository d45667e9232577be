//! What conditions and late expressions see of a run.

use super::{
    scheduler::{Past, Subject},
    JobResult, JobStatus, ReportedError, RunResult,
};
use crate::{
    error::Diagnose,
    expression::{interpolate, interpolate_value, Condition, Context, ExpressionError, Platform, Status},
    plan::{environment_variable, hash_files, lookup, Environment, Job, Plan},
};
use serde_json::{json, Map, Value};
use std::borrow::Cow;

/// The past of a run as one subject's expressions see it.
pub(super) struct RunContext<'a> {
    plan: &'a Plan,
    subject: Subject,
    past: Past,
    variables: &'a Map<String, Value>,
    roots: Map<String, Value>,
    environment: Option<&'a Environment>,
}

/// What an evaluation came to.
pub(super) struct Decision {
    /// Whether every condition holds.
    pub holds: bool,
    /// A job's values, where they had to be evaluated.
    pub parameters: Option<Map<String, Value>>,
}

impl<'a> RunContext<'a> {
    pub fn new(
        run_id: &str,
        plan: &'a Plan,
        environment: Option<&'a Environment>,
        result: &'a RunResult,
        subject: Subject,
        past: Past,
    ) -> Self {
        let variables = match subject {
            Subject::Job(job) => &plan.jobs[job.0].parameters,
            Subject::Group(group) => &plan.groups[group].variables,
        };
        let mut roots = Map::new();
        roots.insert("run".into(), json!({ "id": run_id }));
        if let Subject::Job(job) = subject {
            let job = &plan.jobs[job.0];
            roots.insert("matrix".into(), job.matrix.clone().map_or(Value::Null, Value::Object));
            roots.insert("steps".into(), steps(plan, result, job));
        }
        if !plan.groups.is_empty() {
            let groups = groups(plan, result);
            for name in ["needs", "jobs", "stages"] {
                roots.insert(name.into(), groups.clone());
            }
        }
        Self { plan, subject, past, variables, roots, environment }
    }

    /// Evaluates the subject's conditions, and a job's values where they have to wait for the run.
    pub fn decide(&self) -> Result<Decision, ReportedError> {
        let (conditions, job): (Vec<&String>, _) = match self.subject {
            Subject::Group(group) => (self.plan.groups[group].condition.iter().collect(), None),
            Subject::Job(job) => {
                let job = &self.plan.jobs[job.0];
                (job.when.iter().chain(&job.condition).collect(), Some(job))
            }
        };
        for text in conditions {
            let holds = Condition::parse(text).and_then(|condition| condition.evaluate(self));
            if !holds.map_err(|error| self.fault("condition", &error))? {
                return Ok(Decision { holds: false, parameters: None });
            }
        }
        let parameters = match job {
            Some(job) if !job.late.is_empty() => {
                Some(self.evaluated(job).map_err(|error| self.fault("value", &error))?)
            }
            _ => None,
        };
        Ok(Decision { holds: true, parameters })
    }

    fn evaluated(&self, job: &Job) -> Result<Map<String, Value>, ExpressionError> {
        let evaluated = |(name, value): (&String, &Value)| {
            let value = if job.late.contains(name) { interpolate_value(value, self)? } else { value.clone() };
            Ok((name.clone(), value))
        };
        job.parameters.iter().map(evaluated).collect()
    }

    fn fault(&self, what: &str, error: &ExpressionError) -> ReportedError {
        let owner = match self.subject {
            Subject::Job(job) => self.plan.jobs[job.0].name.as_str(),
            Subject::Group(group) => self.plan.groups[group].id.as_str(),
        };
        let hint = error.hint().map(|hint| format!(" {hint}")).unwrap_or_default();
        ReportedError {
            message: format!("the {what} of {owner} cannot be evaluated: {error}.{hint}"),
            kind: None,
            id: Some(error.code().to_owned()),
            at: error.place(),
        }
    }
}

/// The steps before, with `outcome`, `conclusion` and `outputs`; of the same combination only.
fn steps(plan: &Plan, result: &RunResult, of: &Job) -> Value {
    let same = |job: &&Job| job.group == of.group && job.matrix_id == of.matrix_id;
    let mut steps = Map::new();
    for job in plan.jobs.iter().filter(same) {
        let (Some(id), done) = (&job.step, &result.jobs[job.job]) else { continue };
        let Some(status) = done.status else { continue };
        let outcome = spelled(status);
        let conclusion = if job.continue_on_error && status.is_failure() { "success" } else { outcome };
        let outputs = done.outputs.clone();
        steps.insert(id.clone(), json!({ "outcome": outcome, "conclusion": conclusion, "outputs": outputs }));
    }
    Value::Object(steps)
}

/// The groups that have ended, with `result` and `outputs`.
fn groups(plan: &Plan, result: &RunResult) -> Value {
    let mut all = Map::new();
    for (at, group) in plan.groups.iter().enumerate() {
        let members: Vec<&JobResult> =
            plan.jobs.iter().filter(|job| job.group == Some(at)).map(|job| &result.jobs[job.job]).collect();
        let statuses: Option<Vec<JobStatus>> = members.iter().map(|member| member.status).collect();
        let Some(statuses) = statuses else { continue };
        let ended = if group.continue_on_error && statuses.iter().any(|status| status.is_failure()) {
            "success"
        } else {
            spelled(together(&statuses))
        };
        let outputs = if group.outputs.is_empty() { merged(&members) } else { declared(plan, result, at) };
        all.insert(group.id.clone(), json!({ "result": ended, "outputs": outputs }));
    }
    Value::Object(all)
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

/// Every output of every member; of equal names the last to finish counts.
fn merged(members: &[&JobResult]) -> Map<String, Value> {
    let mut by_end: Vec<&&JobResult> = members.iter().collect();
    by_end.sort_by(|a, b| {
        let end = |job: &JobResult| job.started_at.map(|at| at as f64 + job.duration_ms);
        end(a).partial_cmp(&end(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    by_end.into_iter().flat_map(|member| member.outputs.clone()).collect()
}

/// The outputs that a group maps by expressions of its steps. One that cannot be evaluated is null.
fn declared(plan: &Plan, result: &RunResult, group: usize) -> Map<String, Value> {
    let Some(last) = plan.jobs.iter().rfind(|job| job.group == Some(group)) else { return Map::new() };
    let mut roots = Map::new();
    roots.insert("steps".into(), steps(plan, result, last));
    roots.insert("matrix".into(), last.matrix.clone().map_or(Value::Null, Value::Object));
    let group = &plan.groups[group];
    let subject = Subject::Job(crate::plan::JobIndex(last.job));
    let context = RunContext {
        plan,
        subject,
        past: Past::default(),
        variables: &group.variables,
        roots,
        environment: None,
    };
    group
        .outputs
        .iter()
        .map(|(name, value)| {
            let found = value.as_str().map_or_else(|| Ok(value.clone()), |text| interpolate(text, &context));
            (name.clone(), found.unwrap_or_default())
        })
        .collect()
}

fn spelled(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Success => "success",
        JobStatus::Failure | JobStatus::TimedOut => "failure",
        JobStatus::Cancelled => "cancelled",
        JobStatus::Skipped => "skipped",
    }
}

impl Context for RunContext<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        lookup(self.variables, name).or_else(|| lookup(&self.plan.conditions, name)).map(Cow::Borrowed)
    }

    fn root(&self, name: &str) -> Option<Cow<'_, Value>> {
        lookup(&self.roots, name).map(Cow::Borrowed)
    }

    fn environment(&self, name: &str) -> Option<String> {
        environment_variable(self.environment, name)
    }

    fn platform(&self) -> Platform {
        Platform::current()
    }

    fn status(&self) -> Status {
        match self.past {
            Past { cancelled: true, .. } => Status::Cancelled,
            Past { failed: true, .. } => Status::Failure,
            Past { .. } => Status::Success,
        }
    }

    fn test_path(&self, path: &str) -> bool {
        self.plan.root.join(path).exists()
    }

    fn hash_files(&self, patterns: &[String]) -> Result<String, String> {
        hash_files(&self.plan.root, patterns)
    }
}
