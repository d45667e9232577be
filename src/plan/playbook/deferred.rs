//! Stages, jobs and calls of playbooks that need a value which only the run can know.

use super::{
    super::{variables::is_late, Job, RequestError},
    builder::Builder,
    scope::Combined,
    values::at,
};
use crate::{
    catalog,
    playbook::{Stage, Uses, Work},
    printable::printable,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

impl Builder<'_> {
    /// What a group was deferred for, where the run has found it out.
    pub(super) fn resolved(&self, group: &str, path: &str) -> Option<&Value> {
        // By the id that people see, as the plan has it.
        self.request.resolved.get(&*printable(group))?.get(path)
    }

    /// The parts of a stage that wait for the run before anything of it can be planned, by path.
    pub(super) fn late_parts(&self, group: &str, stage: &Stage) -> Result<Map<String, Value>, RequestError> {
        let mut parts: Vec<(String, Value)> =
            stage.templates.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        parts.extend(stage.continue_on_error.iter().map(|value| ("continueOnError".into(), value.clone())));
        match (&stage.matrix, &stage.uses) {
            (Some(matrix), _) => parts.push(("matrix".into(), matrix.clone())),
            // With a matrix each combination passes values of its own.
            (None, Some(uses)) => parts.extend(call_parts(uses)),
            (None, None) => {}
        }
        self.waiting(group, &stage.path, parts)
    }

    /// As [`Builder::late_parts`], of a call of another playbook.
    pub(super) fn late_call(
        &self,
        group: &str,
        path: &str,
        uses: &Uses,
    ) -> Result<Map<String, Value>, RequestError> {
        self.waiting(group, path, call_parts(uses))
    }

    fn waiting(
        &self,
        group: &str,
        place: &str,
        parts: Vec<(String, Value)>,
    ) -> Result<Map<String, Value>, RequestError> {
        let mut waiting = Map::new();
        for (path, value) in parts {
            let late = is_late(&value).map_err(|error| at(error, &format!("{place}.{path}")))?;
            if late && self.resolved(group, &path).is_none() {
                waiting.insert(path, value);
            }
        }
        Ok(waiting)
    }

    /// Lets a group wait: one job stands for all that it will have.
    pub(super) fn defer(&mut self, group: usize, parts: Map<String, Value>, combination: Option<&Combined>) {
        let position = self.jobs.len();
        let of_group = &mut self.groups[group];
        of_group.deferred.extend(parts);
        let name = if of_group.name.is_empty() { &of_group.id } else { &of_group.name };
        let job = Job {
            job: position,
            number: format!("{}-deferred", of_group.id),
            name: name.clone(),
            group: Some(group),
            parameters: of_group.variables.clone(),
            matrix: combination.map(|combination| combination.values.clone()),
            matrix_id: combination.map(|combination| combination.id.clone()),
            strategy: combination.map(|combination| combination.strategy),
            ..Job::default()
        };
        self.jobs.push(job);
    }

    /// Notes the scripts that a stage will run, for those behind it that depend on them.
    pub(super) fn note_provided(&mut self, group: usize, stage: &Stage) {
        let mut provided = BTreeSet::new();
        let steps = stage.steps.iter().chain(stage.jobs.iter().flat_map(|job| &job.steps));
        for step in steps {
            if let Work::Sequence { elements } = &step.work {
                // What is wrong with them is said when they are planned.
                let scripts = catalog::resolve_known(self.catalog, elements).map(|found| found.scripts);
                provided.extend(scripts.into_iter().flatten().map(|script| script.number.to_string()));
            }
        }
        self.provided.insert(group, provided);
    }
}

fn call_parts(uses: &Uses) -> Vec<(String, Value)> {
    let with = uses.with.iter().map(|(name, value)| (format!("with.{name}"), value.clone()));
    std::iter::once(("uses".to_owned(), Value::String(uses.playbook.clone()))).chain(with).collect()
}
