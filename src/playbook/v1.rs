//! v1: flat JSON with a sequence, a list of stages, or a map of stages with an order.

use super::{
    at::At,
    element::elements,
    fields::Fields,
    options::{options, parallelism},
    sections::{self, profiles},
    stage::{stages, Ids, Kind},
    Format, Playbook, PlaybookError, Stage, Step, Work,
};

/// Reads a v1 document.
pub(super) fn read(mut fields: Fields) -> Playbook {
    let mut playbook = Playbook { format: Format::V1, ..Playbook::default() };
    identity(&mut playbook, &mut fields);
    sections::common(&mut playbook, &mut fields);
    playbook.variables = fields.object(&["variables"]).unwrap_or_default();
    playbook.execution_profile = fields.text(&["profile"]).filter(|name| !name.is_empty());
    playbook.env = fields.take(&["env"]).and_then(|at| at.scalars()).unwrap_or_default();
    parallelism(&mut playbook.options, &mut fields);
    if let Some(at) = fields.take(&["profiles"]) {
        playbook.profiles = profiles(&at);
    }
    if let Some(at) = fields.take(&["options"]) {
        options(&mut playbook, &at);
    }
    work(&mut playbook, &mut fields);
    order(&mut playbook, &mut fields);
    fields.finish();
    playbook
}

/// Name, description, version and what else describes a flat document.
pub(super) fn identity(playbook: &mut Playbook, fields: &mut Fields) {
    if let Some(mut section) = fields.take(&["metadata"]).and_then(|at| at.fields()) {
        playbook.metadata = sections::metadata(&mut section);
        playbook.metadata.extend(section.rest());
    }
    playbook.name = fields.label(&["name"]).unwrap_or_default();
    playbook.description = fields.text(&["description"]).unwrap_or_default();
    playbook.version = fields.label(&["version"]).unwrap_or_default();
    playbook.metadata.extend(sections::metadata(fields));
}

fn work(playbook: &mut Playbook, fields: &mut Fields) {
    let sequence = fields.take(&["sequence"]);
    if let Some(at) = fields.take(&["stages"]) {
        playbook.stages = stages(&at, Kind::Stage, &mut Ids::default());
    }
    let Some(at) = sequence else { return };
    let elements = elements(&at);
    if !playbook.stages.is_empty() {
        if !elements.is_empty() {
            fields.findings.not_honoured(at.path, "the stages say what runs");
        }
        return;
    }
    if !elements.is_empty() {
        playbook.stages.push(main_stage(playbook, &at, vec![step(&at, elements)]));
    }
}

fn step(at: &At, elements: Vec<String>) -> Step {
    Step {
        name: elements.join(", "),
        path: at.path.clone(),
        work: Work::Sequence { elements },
        ..Step::default()
    }
}

/// The one stage of a playbook without stages.
pub(super) fn main_stage(playbook: &Playbook, at: &At, steps: Vec<Step>) -> Stage {
    Stage {
        id: "main".into(),
        name: playbook.name.clone(),
        description: playbook.description.clone(),
        path: at.path.clone(),
        parallel: playbook.options.parallel,
        steps,
        ..Stage::default()
    }
}

/// `executionOrder` names the stages that run, in their order.
fn order(playbook: &mut Playbook, fields: &mut Fields) {
    let Some(at) = fields.take(&["executionOrder"]) else { return };
    let Some(names) = at.texts() else { return };
    let mut stages = std::mem::take(&mut playbook.stages);
    let known: Vec<String> = stages.iter().map(|stage| stage.id.clone()).collect();
    for name in names {
        let is_named =
            |stage: &Stage| stage.id.eq_ignore_ascii_case(&name) || stage.name.eq_ignore_ascii_case(&name);
        match stages.iter().position(is_named) {
            Some(index) => playbook.stages.push(stages.remove(index)),
            None if playbook.stages.iter().any(is_named) => {
                at.warn(format!("names '{name}' twice; it runs once"))
            }
            None => fields.findings.problem(PlaybookError::UnknownStage {
                path: at.path.clone(),
                name: name.clone(),
                known: known.clone(),
            }),
        }
    }
    for stage in stages {
        at.warn(format!("does not name the stage '{}', which does not run", stage.id));
    }
}
