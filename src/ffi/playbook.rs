//! The exports about playbooks and conditions.

use super::{
    guard::{guarded, json, request, Failure},
    status::AitherStatus,
    text::AitherText,
};
use crate::{
    expression::{evaluate_text, Condition},
    plan::{Environment, Observer},
    playbook::{self, ParseRequest, Source},
    printable::printable,
};
use serde::Deserialize;
use serde_json::{json as object, Map, Value};
use std::path::PathBuf;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindRequest {
    root: PathBuf,
    #[serde(default)]
    name: Option<String>,
}

/// Finds a playbook by name, or all: {"root", "name"?} to {"playbooks": [{"name", "path"}]}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_playbook_find(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: FindRequest = unsafe { request(data, len) }?;
        let found = match &asked.name {
            Some(name) => vec![playbook::find(&asked.root, name).map_err(Failure::rejected)?],
            None => playbook::list_playbooks(&asked.root).map_err(Failure::rejected)?,
        };
        let playbooks: Vec<Value> = found
            .into_iter()
            .map(|found| object!({ "name": found.name, "path": found.path.to_string_lossy() }))
            .collect();
        Ok(Some(json(&object!({ "playbooks": playbooks }))))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaybookRequest {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    document: Option<Value>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    check: bool,
    #[serde(default = "yes")]
    stages: bool,
}

fn yes() -> bool {
    true
}

/// Reads a playbook: {"text" or "document", "path"?, "source"?, "check"?, "stages"?} to {"playbook",
/// "stageCount", "warnings": [{"path", "message", "line"}]}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_playbook_parse(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let PlaybookRequest { text, document, path, source, check, stages } = unsafe { request(data, len) }?;
        let parsed = ParseRequest { text, document, path, source };
        let mut playbook = playbook::parse(&parsed).map_err(Failure::rejected)?;
        let stage_count = playbook.stages.len();
        let mut warnings = playbook.warnings.clone();
        if check {
            warnings.extend(playbook::check(&playbook));
        }
        if !stages {
            // Most of a large playbook, and of no use to a caller that is about to plan it.
            playbook.stages.clear();
        }
        let line = |path: &str| playbook::locate(parsed.text.as_deref()?, path).map(|(line, _)| line);
        let warnings: Vec<Value> = warnings
            .iter()
            .map(|warning| {
                let (path, message) = (printable(&warning.path), printable(&warning.message));
                object!({ "path": path, "message": message, "line": line(&warning.path) })
            })
            .collect();
        Ok(Some(json(&object!({ "playbook": playbook, "stageCount": stage_count, "warnings": warnings }))))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpressionRequest {
    expression: String,
    #[serde(default)]
    variables: Map<String, Value>,
    #[serde(default)]
    environment: Option<Environment>,
    #[serde(default)]
    root: PathBuf,
}

/// Evaluates a condition or expression: {"expression", "variables"?, "environment"?, "root"?} to
/// {"value", "holds"}. The text is data: nothing is executed.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_expression_evaluate(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: ExpressionRequest = unsafe { request(data, len) }?;
        let observer = Observer::new(&asked.variables, asked.environment.as_ref(), &asked.root);
        let condition = Condition::parse(&asked.expression).map_err(Failure::rejected)?;
        let holds = condition.evaluate(&observer).map_err(Failure::rejected)?;
        let value = evaluate_text(&asked.expression, &observer).map_err(Failure::rejected)?;
        Ok(Some(json(&object!({ "value": value, "holds": holds }))))
    })
}
