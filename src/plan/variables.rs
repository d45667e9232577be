//! Variables: names without case, higher levels over lower ones, templates put in early or late.

use super::files;
use crate::expression::{
    has_template, interpolate_value, template_roots, Context, ExpressionError, Platform, Status,
};
use serde_json::{Map, Value};
use std::{borrow::Cow, env, path::Path};

/// The roots that only a run can give a value.
const LATE_ROOTS: [&str; 5] = ["needs", "jobs", "stages", "steps", "run"];

/// The environment a caller sees. PowerShell keeps one of its own beside the system's, so it passes it on.
pub type Environment = Map<String, Value>;

/// `over` put over `under`; a name keeps the place and the spelling of the level that set it last.
pub(super) fn merged(under: &Map<String, Value>, over: &Map<String, Value>) -> Map<String, Value> {
    if over.is_empty() {
        return under.clone();
    }
    let hidden: Vec<String> = over.keys().map(|name| name.to_lowercase()).collect();
    let kept = under.iter().filter(|(name, _)| !hidden.contains(&name.to_lowercase()));
    kept.chain(over).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The value of a name, without case.
pub(crate) fn lookup<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// An environment variable as the caller sees it.
pub(crate) fn environment_variable(given: Option<&Environment>, name: &str) -> Option<String> {
    match given {
        Some(given) if cfg!(windows) => lookup(given, name).and_then(Value::as_str).map(str::to_owned),
        Some(given) => given.get(name).and_then(Value::as_str).map(str::to_owned),
        None => env::var(name).ok(),
    }
}

/// What expressions see apart from a run: variables, matrix, environment and disk, and nothing that
/// has happened.
pub struct Observer<'a> {
    pub(super) variables: &'a Map<String, Value>,
    pub(super) roots: Map<String, Value>,
    pub(super) environment: Option<&'a Environment>,
    pub(super) folder: &'a Path,
}

impl<'a> Observer<'a> {
    /// One that sees these variables, this environment and the files below `folder`.
    pub fn new(
        variables: &'a Map<String, Value>,
        environment: Option<&'a Environment>,
        folder: &'a Path,
    ) -> Self {
        Self { variables, roots: Map::new(), environment, folder }
    }
}

impl Context for Observer<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        lookup(self.variables, name).map(Cow::Borrowed)
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
        Status::Success
    }

    fn test_path(&self, path: &str) -> bool {
        self.folder.join(path).exists()
    }

    fn hash_files(&self, patterns: &[String]) -> Result<String, String> {
        files::hash(self.folder, patterns)
    }
}

/// Puts values into the templates of `value`, or says that they have to wait for the run.
pub(super) fn early(value: &Value, context: &Observer<'_>) -> Result<(Value, bool), ExpressionError> {
    if !any_template(value) {
        return Ok((value.clone(), false));
    }
    if is_late(value)? {
        return Ok((value.clone(), true));
    }
    Ok((interpolate_value(value, context)?, false))
}

fn any_template(value: &Value) -> bool {
    match value {
        Value::String(text) => has_template(text),
        Value::Array(items) => items.iter().any(any_template),
        Value::Object(entries) => entries.values().any(any_template),
        _ => false,
    }
}

pub(super) fn is_late(value: &Value) -> Result<bool, ExpressionError> {
    match value {
        Value::String(text) => {
            let asks_disk = text.to_ascii_lowercase().contains("hashfiles") || text.contains("Test-Path");
            Ok(asks_disk || template_roots(text)?.iter().any(|root| LATE_ROOTS.contains(root)))
        }
        Value::Array(items) => any_late(items.iter()),
        Value::Object(entries) => any_late(entries.values()),
        _ => Ok(false),
    }
}

fn any_late<'a>(values: impl Iterator<Item = &'a Value>) -> Result<bool, ExpressionError> {
    for value in values {
        if is_late(value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn higher_levels_hide_lower_ones_whatever_their_case() {
        let found = merged(&object(json!({"Profile": 1, "keep": 2})), &object(json!({"profile": null})));
        assert_eq!(Value::Object(found), json!({"keep": 2, "profile": null}));
    }

    #[test]
    fn templates_keep_types_and_wait_where_they_must() {
        let variables = object(json!({"n": 7.4, "list": [1]}));
        let context = Observer::new(&variables, None, Path::new(""));
        let done = |value: Value| early(&value, &context).expect("a value");
        assert_eq!(done(json!("{{n}}")), (json!(7.4), false));
        assert_eq!(done(json!({"a": ["{{list}}", "v{{n}}"]})), (json!({"a": [[1], "v7.4"]}), false));
        assert_eq!(done(json!("${{ steps.a.outputs.b }}")), (json!("${{ steps.a.outputs.b }}"), true));
    }
}
