//! What a script's header says becomes part of its job.

use super::{Job, Level, Message};
use crate::{
    catalog::{Catalog, Number, Script},
    playbook::CacheRules,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// Copies what is known of a script into its job.
pub(super) fn describe(job: &mut Job, script: &Script) {
    let header = script.header();
    job.script = script.number.to_string();
    job.name.clone_from(&script.name);
    job.path = script.path.to_string_lossy().into_owned();
    job.stage = header.stage.clone().unwrap_or_else(|| "Default".into());
    job.description = header.description.clone().unwrap_or_default();
    job.dependencies.clone_from(&header.dependencies);
    job.condition.clone_from(&header.condition);
    job.tags.clone_from(&header.tags);
    let own = CacheRules {
        inputs: Some(header.inputs.clone()).filter(|inputs| !inputs.is_empty()),
        outputs: header.outputs.clone(),
        ..CacheRules::default()
    };
    if own != CacheRules::default() {
        // What a playbook says of the step is said with its own words and wins.
        job.cache = Some(job.cache.take().unwrap_or_default().over(&own));
    }
}

/// For each selected script the positions of those it depends on; what an entry means that is not
/// in this run is said and left out.
pub(super) fn needs(catalog: &Catalog, scripts: &[&Script], messages: &mut Vec<Message>) -> Vec<Vec<usize>> {
    let positions: BTreeMap<Number, usize> =
        scripts.iter().enumerate().map(|(position, script)| (script.number, position)).collect();
    scripts
        .iter()
        .map(|script| {
            let mut needs = Vec::new();
            for entry in &script.header().dependencies {
                let meant = catalog.dependencies(script, entry);
                let before = needs.len();
                needs.extend(meant.iter().filter_map(|number| positions.get(number).copied()));
                if needs.len() == before {
                    let why = if meant.is_empty() { "matches no script" } else { "is not part of this run" };
                    let text = format!("{}: dependency '{entry}' {why} and is ignored.", script.name);
                    messages.push(Message { level: Level::Verbose, text });
                }
            }
            needs.sort_unstable();
            needs.dedup();
            needs
        })
        .collect()
}

/// Scripts that run one after another, each behind those it depends on, else by number. What is in a
/// cycle keeps its place at the end; the plan's check names it.
pub(super) fn in_order<'a>(catalog: &Catalog, scripts: &[&'a Script]) -> Vec<&'a Script> {
    let needs = needs(catalog, scripts, &mut Vec::new());
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut free: BinaryHeap<Reverse<usize>> =
        (0..scripts.len()).filter(|at| missing[*at] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(scripts.len());
    while let Some(Reverse(done)) = free.pop() {
        order.push(done);
        for at in (0..scripts.len()).filter(|at| needs[*at].contains(&done)) {
            missing[at] -= 1;
            if missing[at] == 0 {
                free.push(Reverse(at));
            }
        }
    }
    order.extend((0..scripts.len()).filter(|at| missing[*at] > 0));
    order.into_iter().map(|at| scripts[at]).collect()
}
