//! Stages and jobs: one reader for every format, as most fields are the same in all of them.

use super::{
    at::At,
    element::elements,
    fields::{join, Fields, Findings},
    item,
    keep::cache_rules,
    options::{concurrency, defaults},
    step::{self, Later},
    Stage, Step, Work,
};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Ids of stages that are unique in a playbook.
#[derive(Default)]
pub(super) struct Ids(HashSet<String>);

impl Ids {
    /// `wanted`, or `wanted (2)` and so on where that is taken.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        if self.0.insert(wanted.to_owned()) {
            return wanted.to_owned();
        }
        let unique = (2_u32..).map(|n| format!("{wanted} ({n})")).find(|id| self.0.insert(id.clone()));
        unique.unwrap_or_else(|| wanted.to_owned())
    }
}

/// What is different about the place where a stage stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A stage of v1 or v2.
    Stage,
    /// A job of a parallel group.
    GroupJob,
    /// A job of v3, whose `env` are variables of its scripts too (CONTRACT 4.3).
    Job,
}

/// Reads a list of stages, or a map of them, whose keys are their ids then.
pub(super) fn stages(at: &At, kind: Kind, ids: &mut Ids) -> Vec<Stage> {
    if at.value.is_object() {
        let members = at.members().unwrap_or_default();
        return members.iter().filter_map(|(key, member)| stage(member, Some(key), kind, ids)).collect();
    }
    match at.items() {
        Some(items) => items.iter().filter_map(|item| stage(item, None, kind, ids)).collect(),
        None => Vec::new(),
    }
}

/// Reads one stage; `key` is its id where it has one outside of itself.
pub(super) fn stage(at: &At, key: Option<&str>, kind: Kind, ids: &mut Ids) -> Option<Stage> {
    let mut fields = at.fields()?;
    let mut stage = Stage { path: at.path.clone(), ..Stage::default() };
    identity(&mut stage, &mut fields, key, ids);
    settings(&mut stage, &mut fields);
    surroundings(&mut stage, &mut fields, kind);
    matrix(&mut stage, &mut fields);
    group(&mut stage, &mut fields, kind, ids);
    work(&mut stage, &mut fields);
    fields.ignore(&["permissions"], "scripts run with the permissions of whoever starts them");
    fields.ignore(&["services", "container"], "jobs run on this machine, not in containers");
    fields.ignore(&["runsOn"], "jobs run on this machine");
    fields.finish();
    Some(stage)
}

fn identity(stage: &mut Stage, fields: &mut Fields, key: Option<&str>, ids: &mut Ids) {
    let name = fields.label(&["name"]);
    let own = fields.label(&["id"]);
    let wanted = key.map(str::to_owned).or(own).or_else(|| name.clone()).filter(|id| !id.is_empty());
    let wanted = wanted.unwrap_or_else(|| stage.path.rsplit('.').next().unwrap_or_default().to_owned());
    stage.id = ids.unique(&wanted);
    stage.name = name.unwrap_or(wanted);
    stage.description = fields.text(&["description"]).unwrap_or_default();
}

fn settings(stage: &mut Stage, fields: &mut Fields) {
    let mut later = Later::new(&mut stage.templates);
    stage.timeout = later.seconds(fields, &["timeout", "timeoutSeconds"]);
    stage.retries = later.whole(fields, &["retries", "retryCount", "maxRetries"], "attempts");
    stage.retry_delay = later.whole(fields, &["retryDelay"], "seconds");
    stage.parallel = later.flag(fields, &["parallel"]);
    stage.max_parallel = later.whole(fields, &["maxParallel", "maxConcurrency"], "jobs");
    stage.fail_fast = later.flag(fields, &["failFast"]);
    stage.continue_on_error = fields.take(&["continueOnError"]).and_then(|at| at.flag_or_template());
    stage.condition = fields.take(&["condition", "if"]).and_then(|at| at.condition());
    if let Some(needs) = fields.texts(&["needs", "dependsOn"]) {
        stage.needs = needs;
    }
    stage.isolation = fields.take(&["isolation"]).and_then(|at| step::isolation(&at));
    stage.concurrency = fields.take(&["concurrency"]).and_then(|at| concurrency(&at));
    stage.cache = fields.take(&["cache"]).and_then(|at| cache_rules(&at));
}

fn surroundings(stage: &mut Stage, fields: &mut Fields, kind: Kind) {
    stage.env = fields.take(&["env"]).and_then(|at| at.scalars()).unwrap_or_default();
    if kind == Kind::Job {
        stage.variables = stage.env.clone();
    }
    if let Some(variables) = fields.object(&["variables"]) {
        stage.variables.extend(variables);
    }
    stage.outputs = fields.take(&["outputs"]).and_then(|at| step::outputs(&at)).unwrap_or_default();
}

fn matrix(stage: &mut Stage, fields: &mut Fields) {
    if let Some(mut strategy) = fields.take(&["strategy"]).and_then(|at| at.fields()) {
        let mut later = Later::new(&mut stage.templates);
        if let Some(fail_fast) = later.flag(&mut strategy, &["failFast"]) {
            stage.fail_fast = Some(fail_fast);
        }
        if let Some(most) = later.whole(&mut strategy, &["maxParallel"], "jobs") {
            stage.max_parallel = Some(most);
        }
        stage.matrix = strategy.take(&["matrix"]).and_then(|at| dimensions(&at));
        strategy.finish();
    }
    if let Some(matrix) = fields.take(&["matrix"]).and_then(|at| dimensions(&at)) {
        stage.matrix.get_or_insert(matrix);
    }
    matrix_of_variables(stage, fields.findings);
}

/// `MatrixDimensions` and `EnableMatrix` among a stage's variables are its matrix (GUIDE).
fn matrix_of_variables(stage: &mut Stage, findings: &Findings) {
    let is_special =
        |key: &String| ["EnableMatrix", "MatrixDimensions"].iter().any(|name| key.eq_ignore_ascii_case(name));
    if !stage.variables.keys().any(is_special) {
        return;
    }
    let path = join(&stage.path, "variables");
    let mut take = |name: &str| {
        let (found, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut stage.variables)
            .into_iter()
            .partition(|(key, _)| key.eq_ignore_ascii_case(name));
        stage.variables = rest.into_iter().collect();
        found.into_iter().next().map(|(key, value)| (join(&path, &key), value))
    };
    let enabled = take("EnableMatrix").and_then(|(path, value)| At { findings, path, value: &value }.flag());
    let Some((path, value)) = take("MatrixDimensions").filter(|(_, value)| !value.is_null()) else {
        if enabled == Some(true) && stage.matrix.is_none() {
            findings
                .warn(path, "EnableMatrix is true, but there are no MatrixDimensions: there is no matrix");
        }
        return;
    };
    let found = dimensions(&At { findings, path: path.clone(), value: &value });
    match (enabled, &stage.matrix) {
        (Some(false), _) => {}
        (_, Some(_)) => findings.not_honoured(path, "the strategy has a matrix already"),
        (_, None) => stage.matrix = found,
    }
}

/// An object of dimensions, or an expression that gives one later.
fn dimensions(at: &At) -> Option<Value> {
    if at.is_template() || at.value.is_object() {
        return Some(at.value.clone());
    }
    at.wrong("an object of dimensions, or ${{ fromJSON(…) }}")
}

fn group(stage: &mut Stage, fields: &mut Fields, kind: Kind, ids: &mut Ids) {
    let form = fields.take(&["type"]).and_then(|at| Some((at.text()?.to_ascii_lowercase(), at)));
    let parallel = match &form {
        Some((text, _)) if matches!(text.as_str(), "parallel" | "parallel-group") => Some(true),
        Some((text, _)) if matches!(text.as_str(), "sequential" | "sequence") => Some(false),
        Some((text, _)) if matches!(text.as_str(), "consolidation" | "standard" | "stage") => None,
        Some((text, at)) => {
            let message =
                format!("'{text}' is no type of stage; the types are parallel-group and sequential");
            fields.findings.not_honoured(at.path.clone(), &message);
            None
        }
        None => None,
    };
    if stage.parallel.is_none() && !stage.templates.contains_key("parallel") {
        stage.parallel = parallel.or_else(|| fields.has("jobs").then_some(true));
    }
    let Some(at) = fields.take(&["jobs"]) else { return };
    if kind == Kind::GroupJob {
        fields.findings.not_honoured(at.path, "a group cannot stand in a group");
        return;
    }
    stage.jobs = stages(&at, Kind::GroupJob, ids);
}

fn work(stage: &mut Stage, fields: &mut Fields) {
    let shell = fields.text(&["shell"]);
    let working_directory = fields.text(&["workingDirectory"]);
    let usual = fields.take(&["defaults"]).and_then(|at| defaults(&at)).unwrap_or_default();

    let mut steps = Vec::new();
    steps.extend(inline(fields, "preScript"));
    if let Some(at) = fields.take(&["sequences", "sequence"]) {
        let elements = elements(&at);
        if !elements.is_empty() {
            steps.push(Step {
                name: stage.name.clone(),
                path: at.path.clone(),
                work: Work::Sequence { elements },
                ..Step::default()
            });
        }
    }
    let parameters = fields.object(&["parameters", "params"]);
    if let Some(at) = fields.take(&["scripts", "script"]) {
        if item::names_scripts(&at) {
            steps.extend(item::items(&at));
        } else {
            steps.extend(step::inline(&at));
        }
    }
    if let Some(parameters) = parameters {
        for step in &mut steps {
            let own = std::mem::replace(&mut step.parameters, parameters.clone());
            step.parameters.extend(own);
        }
    }
    if let Some(at) = fields.take(&["inline"]) {
        steps.extend(at.items_or_one().iter().filter_map(step::inline));
    }
    if let Some(items) = fields.take(&["steps"]).and_then(|at| at.items()) {
        steps.extend(items.iter().filter_map(step::step));
    }
    steps.extend(inline(fields, "postScript"));
    for step in &mut steps {
        let pick = |own: &mut Option<String>, stage: &Option<String>, default: &Option<String>| {
            if own.is_none() {
                *own = stage.clone().or_else(|| default.clone());
            }
        };
        pick(&mut step.shell, &shell, &usual.shell);
        pick(&mut step.working_directory, &working_directory, &usual.working_directory);
    }
    stage.steps = steps;

    let with = fields.take(&["with"]);
    stage.uses = fields.take(&["uses"]).and_then(|at| step::uses(&at, with.as_ref()));
    let others = !stage.steps.is_empty() || !stage.jobs.is_empty();
    if stage.uses.is_some() && others {
        fields.findings.not_honoured(join(&stage.path, "uses"), "the stage has scripts of its own");
        stage.uses = None;
    }
    if !stage.jobs.is_empty() && !stage.steps.is_empty() {
        fields.findings.warn(
            stage.path.clone(),
            "has both jobs and scripts of its own; the scripts run as one more job of the group",
        );
        let own = Stage {
            id: format!("{} (scripts)", stage.id),
            name: stage.name.clone(),
            path: stage.path.clone(),
            steps: std::mem::take(&mut stage.steps),
            ..Stage::default()
        };
        stage.jobs.push(own);
    }
    if stage.steps.is_empty() && stage.jobs.is_empty() && stage.uses.is_none() {
        fields.findings.warn(stage.path.clone(), "names no script: it does nothing");
    }
}

/// A text that runs before or after everything else of a stage, alone.
fn inline(fields: &mut Fields, name: &'static str) -> Option<Step> {
    let at = fields.take(&[name])?;
    let text = at.text()?;
    Some(Step {
        name: name.to_owned(),
        path: at.path,
        work: Work::Inline { text },
        parallel: Some(false),
        parameters: Map::new(),
        ..Step::default()
    })
}
