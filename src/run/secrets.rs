//! Which values of a run are secret.

use super::{ReportedError, StartRequest};
use crate::{
    mask::{is_too_short, Mask},
    plan::{environment_variable, lookup, Environment, Plan},
    printable::printable,
};
use serde::Deserialize;
use serde_json::Value;

/// The line of a log by which a job says that a value is secret, as in GitHub Actions.
const ADD_MASK: &str = "::add-mask::";

/// What is secret. Never written anywhere.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Values, with the names they are told by.
    #[serde(default)]
    pub values: Vec<NamedSecret>,
    /// Names of variables and environment variables, without case; their values are secret wherever
    /// the plan has them.
    #[serde(default)]
    pub names: Vec<String>,
}

/// A secret value.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedSecret {
    /// The variable's name, for messages.
    pub name: String,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values = self.values.iter().map(|secret| secret.name.as_str());
        formatter.debug_list().entries(values).entries(&self.names).finish()
    }
}

/// The mask of a run, and the names of secrets that are too short to be masked.
pub(super) fn mask_of(request: &StartRequest) -> (Mask, Vec<String>) {
    let StartRequest { plan, environment, secrets, .. } = request;
    let mut found: Vec<(String, String)> =
        secrets.values.iter().map(|secret| (secret.name.clone(), secret.value.clone())).collect();
    for name in secrets.names.iter().chain(&plan.secrets) {
        named(name, plan, environment.as_ref(), &mut |text| found.push((name.clone(), text)));
    }
    let mask = Mask::new(found.iter().map(|(_, value)| value.as_str()));
    let mut short: Vec<String> =
        found.into_iter().filter(|(_, value)| is_too_short(value)).map(|(name, _)| name).collect();
    short.sort_unstable();
    short.dedup();
    (mask, short)
}

/// Every value that a plan has under a name.
fn named(name: &str, plan: &Plan, environment: Option<&Environment>, found: &mut dyn FnMut(String)) {
    let of_jobs =
        plan.jobs.iter().flat_map(|job| [Some(&job.parameters), Some(&job.env), job.matrix.as_ref()]);
    let of_groups = plan.groups.iter().flat_map(|group| [Some(&group.variables), group.inputs.as_ref()]);
    for table in of_jobs.chain(of_groups).flatten().chain([&plan.conditions]) {
        if let Some(value) = lookup(table, name) {
            texts(value, found);
        }
    }
    if let Some(value) = environment_variable(environment, name) {
        found(value);
    }
}

/// Every text in a value; numbers as they are written.
pub(super) fn texts(value: &Value, found: &mut dyn FnMut(String)) {
    match value {
        Value::String(text) => found(text.clone()),
        Value::Number(number) => found(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(object) => object.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Masks from now on what a job's log says is secret.
pub(super) fn heed_add_mask(text: &str, mask: &Mask) {
    if text.contains(ADD_MASK) {
        let values: Vec<String> =
            text.lines().filter_map(|line| line.trim_start().strip_prefix(ADD_MASK)).map(unescaped).collect();
        mask.add(values.iter().map(String::as_str));
    }
}

/// The escapes of a workflow command's value.
fn unescaped(value: &str) -> String {
    value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

/// A worker's error without secrets, and without what a terminal would obey.
pub(super) fn masked_error(error: ReportedError, mask: &Mask) -> ReportedError {
    let own = |text: String| printable(&mask.text(&text)).into_owned();
    ReportedError {
        message: own(error.message),
        kind: error.kind,
        id: error.id.map(own),
        at: error.at.map(own),
    }
}
