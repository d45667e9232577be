//! Values of variables and settings, their templates replaced.

use super::{
    super::{
        variables::{early, is_late, lookup, merged, Observer},
        RequestError, Turns,
    },
    builder::Builder,
    scope::{Level, Scope},
};
use crate::{
    expression::{interpolate, ExpressionError},
    playbook::{Concurrency, Stage, Step},
};
use serde_json::{Map, Value};

/// Values whose templates have been replaced, and the names of those that have to wait for the run.
#[derive(Clone, Default)]
pub(super) struct Values {
    pub map: Map<String, Value>,
    pub late: Vec<String>,
}

impl Values {
    /// `over` put over these.
    pub fn under(&self, over: &Self) -> Self {
        let mut late = self.late.clone();
        late.retain(|name| lookup(&over.map, name).is_none());
        late.extend(over.late.iter().cloned());
        Self { map: merged(&self.map, &over.map), late }
    }
}

impl From<Map<String, Value>> for Values {
    /// Values that are data and hold no templates, whatever they look like.
    fn from(map: Map<String, Value>) -> Self {
        Self { map, late: Vec::new() }
    }
}

impl Builder<'_> {
    /// Replaces the templates of a table's values.
    pub(super) fn values(
        &self,
        table: &Map<String, Value>,
        context: &Observer<'_>,
        path: &str,
    ) -> Result<Values, RequestError> {
        let mut values = Values::default();
        for (name, value) in table {
            let (value, waits) =
                early(value, context).map_err(|error| at(error, &format!("{path}.{name}")))?;
            if waits {
                values.late.push(name.clone());
            }
            values.map.insert(name.clone(), value);
        }
        Ok(values)
    }

    /// The values of a stage: below them its playbook's, and a v3 job's environment variables, which
    /// the original offers to scripts as values too.
    pub(super) fn stage_values(
        &self,
        scope: &Scope,
        stage: &Stage,
        level: &Level,
    ) -> Result<Values, RequestError> {
        let below = level.seen();
        let context = self.observer(scope, &below, level.combination.as_ref());
        let env = merged(&scope.playbook.env, &stage.env);
        let env = self.values(&env, &context, &format!("{}.env", stage.path))?;
        let own = self.values(&stage.variables, &context, &format!("{}.variables", stage.path))?;
        Ok(level.under.under(&env).under(&own))
    }

    /// The stage with the settings put in that were templates. Those of its jobs are their own.
    pub(super) fn settled(
        &self,
        stage: &Stage,
        group: &str,
        context: &Observer<'_>,
    ) -> Result<Stage, RequestError> {
        let mut stage = stage.clone();
        for (name, text) in stage.templates.clone() {
            let path = format!("{}.{name}", stage.path);
            match self.resolved(group, &name) {
                Some(value) => stage.settle(&name, value)?,
                // The stage waits for it.
                None if is_late(&text).map_err(|error| at(error, &path))? => {}
                None => stage.settle(&name, &settled_value(&text, context, &path)?)?,
            }
        }
        for step in &mut stage.steps {
            settle_step(step, context)?;
        }
        Ok(stage)
    }
}

fn settle_step(step: &mut Step, context: &Observer<'_>) -> Result<(), RequestError> {
    for (name, text) in step.templates.clone() {
        let value = settled_value(&text, context, &format!("{}.{name}", step.path))?;
        step.settle(&name, &value)?;
    }
    Ok(())
}

fn settled_value(text: &Value, context: &Observer<'_>, path: &str) -> Result<Value, RequestError> {
    Ok(early(text, context).map_err(|error| at(error, path))?.0)
}

pub(super) fn at(error: ExpressionError, path: &str) -> RequestError {
    RequestError::Expression { path: path.to_owned(), error }
}

impl Builder<'_> {
    /// The group that something takes turns in, its name's templates replaced.
    pub(super) fn turns(
        &self,
        concurrency: Option<&Concurrency>,
        context: &Observer<'_>,
        path: &str,
    ) -> Result<Option<Turns>, RequestError> {
        let Some(Concurrency { group: Some(name), cancel_in_progress, .. }) = concurrency else {
            return Ok(None);
        };
        let path = format!("{path}.concurrency.group").trim_start_matches('.').to_owned();
        let (name, waits) = early(&Value::String(name.clone()), context).map_err(|error| at(error, &path))?;
        if waits {
            let reason = "the name of a concurrency group cannot wait for the outputs of another job".into();
            return Err(RequestError::Unfit { path, reason });
        }
        let group = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
        Ok((!group.is_empty()).then_some(Turns { group, cancel_in_progress: *cancel_in_progress }))
    }
}

/// Whether a setting that is a truth value, or an expression of one, is true.
pub(super) fn truthy(value: &Value, context: &Observer<'_>, path: &str) -> Result<bool, RequestError> {
    let value = match value {
        Value::String(text) => interpolate(text, context).map_err(|error| at(error, path))?,
        other => other.clone(),
    };
    Ok(is_true(&value))
}

/// Whether a value counts as true: text as it is written on a command line.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => false,
    }
}
