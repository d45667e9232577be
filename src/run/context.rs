//! What conditions and late expressions see of a run.

use super::{
    fact::{Past, Subject},
    history::{self, History},
    ReportedError, RunResult,
};
use crate::{
    error::Diagnose,
    expression::{
        interpolate_plain, interpolate_value, Condition, Context, ExpressionError, Platform, Status,
    },
    plan::{self, environment_variable, hash_files, lookup, Environment, Group, Growth, Job, Plan, Strategy},
};
use serde_json::{json, Map, Value};
use std::{borrow::Cow, cell::OnceCell};

/// The past of a run as one subject's expressions see it.
pub(super) struct RunContext<'a> {
    plan: &'a Plan,
    past: Past,
    subject: Subject,
    variables: &'a Map<String, Value>,
    roots: Map<String, Value>,
    /// What most conditions do not ask for, made where one does.
    history: OnceCell<History>,
    result: &'a dyn Fn() -> RunResult,
    environment: Option<&'a Environment>,
}

/// What an evaluation came to.
pub(super) enum Decision {
    /// A condition does not hold.
    Skip,
    /// Every condition holds.
    Go,
    /// They hold, and this is what a job's late values are.
    Prepared(Box<Prepared>),
    /// They hold, and this is what a group's jobs waited for.
    Known(Map<String, Value>),
}

/// What a job gets whose expressions had to wait for the run.
pub(super) struct Prepared {
    pub parameters: Map<String, Value>,
    pub env: Map<String, Value>,
    pub text: Option<String>,
}

impl Decision {
    /// What the plan becomes where a group's jobs are known only now.
    pub fn growth(
        &self,
        plan: &Plan,
        subject: Subject,
        environment: Option<&Environment>,
    ) -> Result<Option<Growth>, ReportedError> {
        match (self, subject) {
            (Self::Known(values), Subject::Group(group)) => {
                let growth = plan::grow(plan, group, values.clone(), environment);
                growth.map(Some).map_err(|error| {
                    let place = error.place();
                    let hint = error.hint().map(|hint| format!(" {hint}")).unwrap_or_default();
                    let message = format!("{} cannot be expanded: {error}.{hint}", plan.groups[group].id);
                    ReportedError { message, kind: None, id: Some(error.code().to_owned()), at: place }
                })
            }
            _ => Ok(None),
        }
    }
}

impl<'a> RunContext<'a> {
    pub fn new(
        run_id: &str,
        plan: &'a Plan,
        environment: Option<&'a Environment>,
        result: &'a dyn Fn() -> RunResult,
        subject: Subject,
        past: Past,
    ) -> Self {
        let (variables, matrix, strategy) = match subject {
            Subject::Job(job) => {
                let Job { parameters, matrix, strategy, .. } = &plan.jobs[job.0];
                (parameters, matrix, strategy)
            }
            Subject::Group(group) => {
                let Group { variables, matrix, strategy, .. } = &plan.groups[group];
                (variables, matrix, strategy)
            }
        };
        let mut roots = Map::new();
        roots.insert("run".into(), json!({ "id": run_id }));
        roots.insert("matrix".into(), matrix.clone().map_or(Value::Null, Value::Object));
        let strategy = strategy.unwrap_or(Strategy::alone(plan.fail_fast));
        roots.insert("strategy".into(), strategy.context());
        let use_around = history::use_around(plan, history::group_around(plan, subject));
        // The inputs of the outermost playbook are variables of the run.
        let inputs = use_around.and_then(|group| plan.groups[group].inputs.as_ref()).unwrap_or(variables);
        roots.insert("inputs".into(), Value::Object(inputs.clone()));
        Self { plan, past, subject, variables, roots, history: OnceCell::new(), result, environment }
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
                return Ok(Decision::Skip);
            }
        }
        match self.subject {
            Subject::Job(_) => match job.filter(|job| job.is_late()) {
                Some(job) => {
                    let prepared = self.prepared(job).map_err(|error| self.fault("value", &error))?;
                    Ok(Decision::Prepared(Box::new(prepared)))
                }
                None => Ok(Decision::Go),
            },
            Subject::Group(group) if self.plan.groups[group].deferred.is_empty() => Ok(Decision::Go),
            Subject::Group(group) => self.known(&self.plan.groups[group].deferred),
        }
    }

    fn prepared(&self, job: &Job) -> Result<Prepared, ExpressionError> {
        let text = match &job.text {
            Some(text) if job.late_text => Some(interpolate_plain(text, self)?),
            text => text.clone(),
        };
        let parameters = self.evaluated(&job.parameters, &job.late)?;
        Ok(Prepared { parameters, env: self.evaluated(&job.env, &job.late_env)?, text })
    }

    fn evaluated(
        &self,
        values: &Map<String, Value>,
        late: &[String],
    ) -> Result<Map<String, Value>, ExpressionError> {
        let evaluated = |(name, value): (&String, &Value)| {
            let value = if late.contains(name) { interpolate_value(value, self)? } else { value.clone() };
            Ok((name.clone(), value))
        };
        values.iter().map(evaluated).collect()
    }

    fn known(&self, deferred: &Map<String, Value>) -> Result<Decision, ReportedError> {
        let known = |(path, value): (&String, &Value)| {
            let value = interpolate_value(value, self).map_err(|error| self.fault(path, &error))?;
            Ok((path.clone(), value))
        };
        deferred.iter().map(known).collect::<Result<_, _>>().map(Decision::Known)
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

impl Context for RunContext<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        lookup(self.variables, name).or_else(|| lookup(&self.plan.conditions, name)).map(Cow::Borrowed)
    }

    fn root(&self, name: &str) -> Option<Cow<'_, Value>> {
        let of_run = lookup(&self.roots, name);
        of_run
            .or_else(|| {
                let history =
                    || self.history.get_or_init(|| History::new(self.plan, &(self.result)(), self.subject));
                match name {
                    "needs" | "jobs" | "stages" if !self.plan.groups.is_empty() => Some(&history().groups),
                    "steps" => Some(&history().steps),
                    _ => None,
                }
            })
            .map(Cow::Borrowed)
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
