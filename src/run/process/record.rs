//! What a run keeps of its children beside their logs and outputs.

use super::{
    environment::{JobKey, StepEnvironment},
    listener::JobOutput,
    stop::Stop,
};
use crate::{
    plan::JobIndex,
    run::{engine::Run, EventKind},
};
use std::sync::Arc;

impl Run {
    /// The attempt that begins, and what earlier steps of its job have set.
    pub(super) fn before_child(&self, job: JobIndex, key: Option<&JobKey>) -> (u32, StepEnvironment) {
        let state = self.lock();
        let steps = key.and_then(|key| state.step_environments.get(key)).cloned().unwrap_or_default();
        (state.attempts[job.0], steps)
    }

    /// What a step has set for the later ones of its job.
    pub(super) fn after_child(
        &self,
        key: Option<JobKey>,
        variables: Vec<(String, String)>,
        folders: Vec<String>,
    ) {
        let Some(key) = key.filter(|_| !variables.is_empty() || !folders.is_empty()) else { return };
        let mut state = self.lock();
        let steps = state.step_environments.entry(key).or_default();
        steps.variables.extend(variables);
        steps.folders.extend(folders);
    }

    /// A step's summary, as Markdown.
    pub(super) fn summarize(&self, job: JobIndex, text: String) {
        self.emit(&mut self.lock(), EventKind::JobSummary { job: job.0, text });
    }

    /// What a job has put out, for [`Run::take_output`].
    pub(super) fn keep_output(&self, job: JobIndex, mut output: JobOutput) {
        // It grew piece by piece, and stays for the rest of the run.
        output.text.shrink_to_fit();
        output.objects.iter_mut().for_each(String::shrink_to_fit);
        let mut state = self.lock();
        // Of a run that has been forgotten nobody will ask for it.
        if state.children.is_some() && output != JobOutput::default() {
            if let Ok(claimed) = state.claimed(job.0) {
                claimed.put_out = output.bytes();
            }
            state.kept.insert(job.0, output);
        }
    }

    /// Whether a child has to wait with what it writes; it is woken when it need not any more.
    pub(super) fn is_flooded(&self, stop: &Arc<Stop>) -> bool {
        self.lock().is_flooded(stop)
    }
}
