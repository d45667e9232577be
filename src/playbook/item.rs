//! Items of script lists: a number, a file name, or a table about one script.

use super::{
    at::At,
    element::{first_number, is_sequence, script_file},
    fields::{found, Fields},
    step::{parameters, settings, title, uses},
    PlaybookError, Step, Uses, Work,
};
use serde_json::Value;

/// The items of a list, in the order written. A single value is a list of one.
pub(super) fn items(at: &At) -> Vec<Step> {
    let items = at.items_or_one();
    let mut steps: Vec<Step> = items.iter().filter_map(item).collect();
    exclude(&items, &mut steps);
    steps
}

/// An exclusion (`!0402`) in a list of texts acts on every other text of it.
fn exclude(items: &[At], steps: &mut Vec<Step>) {
    let excluded: Vec<String> = items
        .iter()
        .filter_map(|at| at.value.as_str())
        .filter(|text| text.trim_start().starts_with('!'))
        .map(str::to_owned)
        .collect();
    if excluded.is_empty() {
        return;
    }
    steps.retain(|step| match &step.work {
        Work::Sequence { elements } => !elements.iter().all(|element| excluded.contains(element)),
        _ => true,
    });
    for step in steps {
        if let Work::Sequence { elements } = &mut step.work {
            elements.extend(excluded.iter().cloned());
        }
    }
}

fn item(at: &At) -> Option<Step> {
    if at.value.is_object() {
        return table(at);
    }
    let elements = elements(at)?;
    let name = elements.join(", ");
    Some(Step { name, path: at.path.clone(), work: Work::Sequence { elements }, ..Step::default() })
}

/// A table about one script. All formats share its fields, so that one reader does for all.
fn table(at: &At) -> Option<Step> {
    let mut fields = at.fields()?;
    let mut step = Step { path: at.path.clone(), ..Step::default() };
    settings(&mut step, &mut fields);
    step.parameters = parameters(&mut fields, &["parameters", "params", "with"]);
    if let Some(required) = fields.flag(&["required"]) {
        step.continue_on_error.get_or_insert(Value::Bool(!required));
    }
    step.stage = fields.label(&["stage", "phase"]);
    step.group = fields.take(&["group"]).and_then(|at| group(&at));
    let name = fields.label(&["name"]);
    work(&mut step, &mut fields, name.as_deref(), at);
    step.name = name.unwrap_or_else(|| title(&step.work));
    fields.finish();
    Some(step)
}

fn group(at: &At) -> Option<i64> {
    at.value
        .as_i64()
        .or_else(|| at.value.as_str()?.trim().parse().ok())
        .or_else(|| at.wrong("a whole number"))
}

/// The script is named by `Script`, `ScriptPath`, `Number`, `id`, `path` or else by `Name`.
fn work(step: &mut Step, fields: &mut Fields, name: Option<&str>, at: &At) {
    if let Some(called) = fields.take(&["uses", "playbook"]) {
        let with = std::mem::take(&mut step.parameters);
        if let Some(called) = uses(&called, None) {
            step.work = Work::Uses(Uses { with, ..called });
        }
        return;
    }
    let path = fields.take(&["path"]).filter(|at| at.text().is_some());
    let id = fields.take(&["id"]);
    if let Some(script) = fields.take(&["script", "scriptPath", "number", "sequence"]) {
        step.id = id.and_then(|at| at.label());
        set(step, elements(&script));
        return;
    }
    // `id` is the number in lists that also give a path, and a step's id elsewhere.
    let numbered = id.as_ref().filter(|at| number(at.value).is_some());
    if let Some(script) = numbered.or(path.as_ref()) {
        set(step, elements(script));
        if numbered.is_none() {
            step.id = id.and_then(|at| at.label());
        }
        return;
    }
    step.id = id.and_then(|at| at.label());
    match name.and_then(|name| number(&Value::String(name.to_owned()))) {
        Some(number) => set(step, Some(vec![number])),
        None => at.findings.problem(PlaybookError::NoScript {
            path: at.path.clone(),
            found: match name {
                Some(name) => format!("its only name is {name:?}"),
                None => format!("it is {}", found(at.value)),
            },
        }),
    }
}

fn set(step: &mut Step, elements: Option<Vec<String>>) {
    if let Some(elements) = elements {
        step.work = Work::Sequence { elements };
    }
}

/// What a value that names a script means: a number, a file name, or an element of the language.
fn elements(at: &At) -> Option<Vec<String>> {
    if let Value::Array(_) = at.value {
        return at.items()?.iter().map(elements).collect::<Option<Vec<_>>>().map(|lists| lists.concat());
    }
    if let Some(number) = number(at.value) {
        return Some(vec![number]);
    }
    match at.value {
        Value::String(text) if is_sequence(text) => Some(vec![text.clone()]),
        Value::String(text) => {
            at.findings.problem(PlaybookError::NoScript {
                path: at.path.clone(),
                found: found(&Value::String(text.clone())),
            });
            None
        }
        _ => at.wrong("a script: '0402', '0402_Run-UnitTests.ps1' or 402"),
    }
}

/// The number of a script that a value names; `None` for what is more than a single number.
fn number(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            number.as_u64().filter(|number| *number <= 9999).map(|number| format!("{number:04}"))
        }
        Value::String(text) if is_sequence(text) => {
            let digits = text.trim();
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| format!("{digits:0>4}"))
        }
        Value::String(text) => script_file(text).or_else(|| first_number(text)),
        _ => None,
    }
}

/// Whether a stage's `script` names scripts, rather than being text for PowerShell.
pub(super) fn names_scripts(at: &At) -> bool {
    match at.value {
        Value::String(text) => is_sequence(text) || script_file(text).is_some(),
        _ => true,
    }
}
