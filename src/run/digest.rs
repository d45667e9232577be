//! What a job is made of, as one hash, by which a later run knows whether it is still the same.

use crate::{
    mask::Mask,
    plan::{Job, Plan},
    pool,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
};

/// Changes when what a digest covers does, so that no old one equals a new one.
const FORMAT: u32 = 1;

/// Hexadecimal digits of a digest: 128 bits.
const DIGITS: usize = 32;

/// The digest of every job: the bytes of its script or its text, its values, and what decides whether
/// it runs. A secret counts by its name alone. None where the script cannot be read.
pub(super) fn digests(plan: &Plan, mask: &Mask) -> Vec<Option<String>> {
    digests_of(&plan.jobs, &plan.conditions, mask)
}

/// The same of some jobs; `conditions` are the plan's.
pub(super) fn digests_of(jobs: &[Job], conditions: &Map<String, Value>, mask: &Mask) -> Vec<Option<String>> {
    let mut paths: Vec<&str> =
        jobs.iter().filter(|job| has_script(job)).map(|job| job.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    let hash = |path| (path, fs::read(path).ok().map(|bytes| blake3::hash(&bytes).to_hex().to_string()));
    let scripts: HashMap<&str, Option<String>> = pool::map(paths, hash).into_iter().collect();
    let conditions = sorted(&mask.object(conditions));
    let digest = |job: &Job| {
        let script = if has_script(job) { Some(scripts.get(job.path.as_str())?.as_deref()?) } else { None };
        Some(digest(job, script, &conditions, mask))
    };
    pool::map(jobs.iter().collect(), digest)
}

fn has_script(job: &Job) -> bool {
    job.text.is_none() && job.skip.is_none()
}

fn digest(job: &Job, script: Option<&str>, conditions: &Value, mask: &Mask) -> String {
    #[derive(Serialize)]
    struct Content<'a> {
        format: u32,
        script: Option<&'a str>,
        text: Option<&'a str>,
        shell: &'a Option<String>,
        directory: &'a Option<String>,
        parameters: Value,
        matrix: Option<Value>,
        env: Value,
        conditions: [&'a Option<String>; 2],
        seen: &'a Value,
        skip: &'a Option<String>,
    }
    let own = |object: &Map<String, Value>| sorted(&mask.object(object));
    let text = job.text.as_deref().map(|text| mask.text(text));
    let content = Content {
        format: FORMAT,
        script,
        text: text.as_deref(),
        shell: &job.shell,
        directory: &job.working_directory,
        parameters: own(&job.parameters),
        matrix: job.matrix.as_ref().map(own),
        env: own(&job.env),
        conditions: [&job.condition, &job.when],
        seen: conditions,
        skip: &job.skip,
    };
    // Plain data with text keys always has a JSON form.
    let bytes = serde_json::to_vec(&content).unwrap_or_default();
    blake3::hash(&bytes).to_hex()[..DIGITS].to_owned()
}

/// The object with all names in order, since the order in which they were written says nothing.
fn sorted(object: &Map<String, Value>) -> Value {
    let by_name: BTreeMap<&String, &Value> = object.iter().collect();
    let entries = by_name.into_iter().map(|(name, value)| (name.clone(), sorted_value(value)));
    Value::Object(entries.collect())
}

fn sorted_value(value: &Value) -> Value {
    match value {
        Value::Object(object) => sorted(object),
        Value::Array(items) => items.iter().map(sorted_value).collect(),
        plain => plain.clone(),
    }
}
