//! Why a job is not in the cache: what is different from the job in it that is most like it.

use super::{Digest, KeyDocument};
use crate::printable::make_printable;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// So many changed input files are named; the rest is counted.
const NAMED_INPUTS: usize = 10;
/// A value longer than this is cut.
const SHOWN: usize = 60;

/// The files of a manifest, where it is still there.
pub type Files = Option<BTreeMap<String, Digest>>;

/// In words what changed from `before` to `after`; empty for equal documents. `files` finds the files
/// of a manifest.
pub fn differences(
    before: &KeyDocument,
    after: &KeyDocument,
    files: impl Fn(Digest) -> Files,
) -> Vec<String> {
    let mut found = Vec::new();
    let plain = [
        ("engine", &before.engine, &after.engine),
        ("operating system", &before.system, &after.system),
        ("architecture", &before.architecture, &after.architecture),
        ("PowerShell", &before.powershell, &after.powershell),
        ("folder", &before.directory, &after.directory),
    ];
    for (what, old, new) in plain.into_iter().filter(|(_, old, new)| old != new) {
        found.push(format!("{what}: {old} → {new}"));
    }
    script(before, after, &mut found);
    let (old, new) = (before.matrix.as_ref(), after.matrix.as_ref());
    let empty = Map::new();
    let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
    values("matrix value", old, new, &mut found);
    if found.is_empty() && before.matrix.is_some() != after.matrix.is_some() {
        found.push("matrix: one of the two runs had none".into());
    }
    // A matrix's values are variables too, and are said once.
    let of_matrix = |map: &Map<String, Value>| -> Map<String, Value> {
        let matrix = |name: &String| old.contains_key(name) || new.contains_key(name);
        map.iter()
            .filter(|(name, _)| !matrix(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    values("variable", &of_matrix(&before.parameters), &of_matrix(&after.parameters), &mut found);
    values("environment variable", &before.environment, &after.environment, &mut found);
    values("env", &before.env, &after.env, &mut found);
    if before.configuration != after.configuration {
        found.push("configuration changed".into());
    }
    needs(before, after, &mut found);
    inputs(before, after, files, &mut found);
    if before.outputs != after.outputs {
        found.push("declared outputs changed".into());
    }
    found.iter_mut().for_each(make_printable);
    found
}

fn script(before: &KeyDocument, after: &KeyDocument, found: &mut Vec<String>) {
    match (&before.script, &after.script) {
        (Some(old), Some(new)) if (&old.number, &old.name) != (&new.number, &new.name) => {
            found.push(format!("script: {} → {}", old.name, new.name));
        }
        (Some(old), Some(new)) if old.digest != new.digest => found.push("script edited".into()),
        (Some(_), None) | (None, Some(_)) => {
            found.push("script in place of text, or text of a script".into())
        }
        _ => {}
    }
    if before.text != after.text {
        found.push("text edited".into());
    }
    if before.shell != after.shell {
        let name = |shell: &Option<String>| shell.clone().unwrap_or_else(|| "none".into());
        found.push(format!("shell: {} → {}", name(&before.shell), name(&after.shell)));
    }
}

fn values(what: &str, before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<String>) {
    for (name, old) in before {
        match after.get(name) {
            None => found.push(format!("{what} {name}: {} → not given", shown(old, old))),
            Some(new) if !same(old, new) => {
                found.push(format!("{what} {name}: {} → {}", shown(old, new), shown(new, old)));
            }
            Some(_) => {}
        }
    }
    for (name, new) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        found.push(format!("{what} {name}: not given → {}", shown(new, new)));
    }
}

/// As the key sees it: 1 and 1.0 are different numbers.
fn same(one: &Value, other: &Value) -> bool {
    let digest = |value: &Value| {
        let mut encoder = super::encode::Encoder::new("value");
        encoder.value(value);
        encoder.finish()
    };
    digest(one) == digest(other)
}

/// Text without quotes, unless what it is set against is no text.
fn shown(value: &Value, other: &Value) -> String {
    let text = match (value, other) {
        (Value::String(text), Value::String(_)) if !text.is_empty() => text.clone(),
        _ => value.to_string(),
    };
    if text.chars().count() > SHOWN {
        return text.chars().take(SHOWN).chain(['…']).collect();
    }
    text
}

fn needs(before: &KeyDocument, after: &KeyDocument, found: &mut Vec<String>) {
    let has = |document: &KeyDocument, key: Digest| document.needs.iter().any(|need| need.key == key);
    for need in after.needs.iter().filter(|need| !has(before, need.key)) {
        let known = before.needs.iter().any(|old| old.number == need.number);
        found.push(format!("dependency {} {}", need.number, if known { "changed" } else { "is new" }));
    }
    for need in &before.needs {
        if !has(after, need.key) && !after.needs.iter().any(|new| new.number == need.number) {
            found.push(format!("dependency {} is gone", need.number));
        }
    }
}

fn inputs(
    before: &KeyDocument,
    after: &KeyDocument,
    files: impl Fn(Digest) -> Files,
    found: &mut Vec<String>,
) {
    if before.inputs.patterns != after.inputs.patterns {
        found.push("declared inputs changed".into());
    }
    if before.inputs.digest == after.inputs.digest {
        return;
    }
    let (Some(old), Some(new)) = (files(before.inputs.digest), files(after.inputs.digest)) else {
        found.push("an input changed".into());
        return;
    };
    let changed = manifest_differences(&old, &new);
    let more = changed.len().saturating_sub(NAMED_INPUTS);
    found.extend(changed.into_iter().take(NAMED_INPUTS).map(|(name, how)| format!("input {name} {how}")));
    if more > 0 {
        found.push(format!("{more} more inputs changed"));
    }
}

/// Which files are different, and how: changed, removed or new.
pub(super) fn manifest_differences<'a>(
    before: &'a BTreeMap<String, Digest>,
    after: &'a BTreeMap<String, Digest>,
) -> Vec<(&'a str, &'static str)> {
    let gone = before.iter().filter_map(|(name, digest)| match after.get(name) {
        None => Some((name.as_str(), "was removed")),
        Some(new) if new != digest => Some((name.as_str(), "changed")),
        Some(_) => None,
    });
    let new = after.keys().filter(|name| !before.contains_key(*name)).map(|name| (name.as_str(), "is new"));
    let mut all: Vec<_> = gone.chain(new).collect();
    all.sort_unstable();
    all
}
