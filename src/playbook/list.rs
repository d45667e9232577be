//! psd1 lists: `Sequence` or `Scripts`, items that run in the order written.

use super::{
    fields::Fields,
    item::items,
    options::{concurrency, configuration, defaults, options, parallelism},
    sections::{self, artifacts, profiles, success},
    v1::{identity, main_stage},
    Format, Playbook,
};

/// Reads a list, whichever of the two it is.
pub(super) fn read(mut fields: Fields, format: Format) -> Playbook {
    let mut playbook = Playbook { format, ..Playbook::default() };
    identity(&mut playbook, &mut fields);
    sections::common(&mut playbook, &mut fields);
    playbook.variables = fields.object(&["variables"]).unwrap_or_default();
    playbook.env = fields.take(&["env"]).and_then(|at| at.scalars()).unwrap_or_default();
    playbook.execution_profile = fields.text(&["profile"]).filter(|name| !name.is_empty());
    if let Some(at) = fields.take(&["profiles"]) {
        playbook.profiles = profiles(&at);
    }
    if let Some(at) = fields.take(&["configuration"]) {
        configuration(&mut playbook.options, &at);
    }
    parallelism(&mut playbook.options, &mut fields);
    if let Some(at) = fields.take(&["options"]) {
        options(&mut playbook, &at);
    }
    if let Some(found) = fields.take(&["defaults"]).and_then(|at| defaults(&at)) {
        playbook.defaults = found;
    }
    playbook.concurrency = fields.take(&["concurrency"]).and_then(|at| concurrency(&at));
    if let Some(found) = fields.take(&["successCriteria"]).and_then(|at| success(&at)) {
        playbook.success = found;
    }
    artifacts(&mut playbook, &mut fields);

    let (wanted, other) = match format {
        Format::Scripts => ("scripts", "sequence"),
        _ => ("sequence", "scripts"),
    };
    if let Some(at) = fields.take(&[wanted]) {
        let steps = items(&at);
        if !steps.is_empty() {
            let mut stage = main_stage(&playbook, &at, steps);
            stage.keeps_order = true;
            playbook.stages.push(stage);
        }
    }
    fields.ignore(&[other, "stages"], "the other list says what runs");
    fields.finish();
    playbook
}
