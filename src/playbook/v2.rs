//! v2: JSON with metadata and orchestration.stages.

use super::{
    fields::Fields,
    options::{concurrency, defaults, mode, parallelism},
    sections::{self, profiles},
    stage::{stages, Ids, Kind},
    Format, Order, Playbook,
};

/// Reads a v2 or v3 document; they differ in what `orchestration` holds.
pub(super) fn read(mut fields: Fields, format: Format) -> Playbook {
    let mut playbook = Playbook { format, ..Playbook::default() };
    if let Some(mut section) = fields.take(&["metadata"]).and_then(|at| at.fields()) {
        playbook.name = section.label(&["name"]).unwrap_or_default();
        playbook.description = section.text(&["description"]).unwrap_or_default();
        playbook.version = section.label(&["version"]).unwrap_or_default();
        playbook.metadata = sections::metadata(&mut section);
        section.warn_typos();
        playbook.metadata.extend(section.rest());
    }
    sections::common(&mut playbook, &mut fields);
    if let Some(mut section) = fields.take(&["orchestration"]).and_then(|at| at.fields()) {
        orchestration(&mut playbook, &mut section);
        section.finish();
    }
    fields.finish();
    playbook
}

fn orchestration(playbook: &mut Playbook, fields: &mut Fields) {
    playbook.variables = fields.object(&["defaultVariables", "variables"]).unwrap_or_default();
    playbook.env = fields.take(&["env"]).and_then(|at| at.scalars()).unwrap_or_default();
    if let Some(at) = fields.take(&["profiles"]) {
        playbook.profiles = profiles(&at);
    }
    if let Some(found) = fields.take(&["defaults"]).and_then(|at| defaults(&at)) {
        playbook.defaults = found;
    }
    playbook.concurrency = fields.take(&["concurrency"]).and_then(|at| concurrency(&at));
    playbook.options.parallel = fields.take(&["executionMode"]).and_then(|at| mode(&at));
    parallelism(&mut playbook.options, fields);
    playbook.options.timeout = fields.take(&["timeout"]).and_then(|at| at.whole("seconds"));
    if let Some(most) = playbook.concurrency.as_ref().and_then(|concurrency| concurrency.max_concurrency) {
        playbook.options.max_concurrency.get_or_insert(most);
    }
    if let Some(at) = fields.take(&["inputs"]) {
        playbook.inputs = sections::inputs(&at);
    }
    let mut ids = Ids::default();
    match playbook.format {
        Format::V3 => super::v3::jobs(playbook, fields, &mut ids),
        _ => {
            if let Some(at) = fields.take(&["stages"]) {
                playbook.stages = stages(&at, Kind::Stage, &mut ids);
            }
        }
    }
    consolidation(playbook, fields, &mut ids);
}

/// Stages that put the results of the others together, after them.
fn consolidation(playbook: &mut Playbook, fields: &mut Fields, ids: &mut Ids) {
    let wanted = fields.flag(&["consolidateResults"]).unwrap_or(true);
    let Some(mut section) = fields.take(&["consolidation"]).and_then(|at| at.fields()) else { return };
    let enabled = section.flag(&["enabled"]).unwrap_or(true);
    section.text(&["description"]);
    let mut last = section.take(&["stages"]).map(|at| stages(&at, Kind::Stage, ids)).unwrap_or_default();
    section.finish();
    if !wanted || !enabled {
        return;
    }
    if playbook.order == Order::Needs {
        let jobs: Vec<String> = playbook.stages.iter().map(|stage| stage.id.clone()).collect();
        last.iter_mut().for_each(|stage| stage.needs.extend(jobs.iter().cloned()));
    }
    playbook.stages.extend(last);
}
