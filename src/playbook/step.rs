//! Steps of jobs and stages.

use super::{
    at::At,
    element::{element, is_sequence, script_file},
    fields::Fields,
    keep::{cache_rules, step_artifacts},
    Isolation, Step, Uses, Work,
};
use serde_json::{Map, Value};

/// Reads settings whose value may be a template; those are put aside for later.
pub(super) struct Later<'t> {
    templates: &'t mut Map<String, Value>,
}

impl<'t> Later<'t> {
    pub(super) fn new(templates: &'t mut Map<String, Value>) -> Self {
        Self { templates }
    }

    fn now<'a>(&mut self, fields: &mut Fields<'a>, names: &[&'static str]) -> Option<At<'a>> {
        let at = fields.take(names)?;
        if at.is_template() {
            self.templates.insert(names.first()?.to_string(), at.value.clone());
            return None;
        }
        Some(at)
    }

    pub(super) fn flag(&mut self, fields: &mut Fields, names: &[&'static str]) -> Option<bool> {
        self.now(fields, names)?.flag()
    }

    pub(super) fn whole<T: TryFrom<u64>>(
        &mut self,
        fields: &mut Fields,
        names: &[&'static str],
        what: &str,
    ) -> Option<T> {
        self.now(fields, names)?.whole_as(what)
    }

    /// Seconds, or minutes in a field `timeout-minutes`.
    pub(super) fn seconds(&mut self, fields: &mut Fields, names: &[&'static str]) -> Option<u64> {
        let minutes = self.now(fields, &["timeoutMinutes"]);
        let seconds = self.now(fields, names).and_then(|at| at.whole("seconds"));
        match (seconds, minutes) {
            (Some(_), Some(minutes)) => {
                fields.findings.not_honoured(minutes.path, "the timeout in seconds says it already");
                seconds
            }
            (None, Some(minutes)) => minutes.minutes(),
            (seconds, None) => seconds,
        }
    }
}

/// Reads a step of v3.
pub(super) fn step(at: &At) -> Option<Step> {
    let mut fields = at.fields()?;
    let mut step = Step { path: at.path.clone(), ..Step::default() };
    step.id = fields.label(&["id"]);
    let name = fields.label(&["name"]);
    settings(&mut step, &mut fields);
    step.parameters = parameters(&mut fields, &["with", "parameters", "params"]);
    work(&mut step, &mut fields);
    step.name = name.or_else(|| step.id.clone()).unwrap_or_else(|| title(&step.work));
    fields.finish();
    Some(step)
}

/// What steps and items have in common.
pub(super) fn settings(step: &mut Step, fields: &mut Fields) {
    let mut later = Later::new(&mut step.templates);
    step.timeout = later.seconds(fields, &["timeout", "timeoutSeconds"]);
    step.retries = later.whole(fields, &["retries", "retryCount", "maxRetries"], "attempts");
    step.retry_delay = later.whole(fields, &["retryDelay"], "seconds");
    step.parallel = later.flag(fields, &["parallel", "allowParallel"]);
    step.continue_on_error = fields.take(&["continueOnError"]).and_then(|at| at.flag_or_template());
    step.condition = fields.take(&["if", "condition"]).and_then(|at| at.condition());
    step.description = fields.text(&["description"]).unwrap_or_default();
    step.env = fields.take(&["env"]).and_then(|at| at.scalars()).unwrap_or_default();
    step.shell = fields.text(&["shell"]);
    step.isolation = fields.take(&["isolation"]).and_then(|at| isolation(&at));
    step.working_directory = fields.text(&["workingDirectory"]);
    step.outputs = fields.take(&["outputs"]).and_then(|at| outputs(&at)).unwrap_or_default();
    step.cache = fields.take(&["cache"]).and_then(|at| cache_rules(&at));
    step.artifacts = fields.take(&["artifacts"]).and_then(|at| step_artifacts(&at)).unwrap_or_default();
}

/// `Runspace` or `Process`: where a job runs.
pub(super) fn isolation(at: &At) -> Option<Isolation> {
    match at.text()?.to_ascii_lowercase().as_str() {
        "runspace" => Some(Isolation::Runspace),
        "process" => Some(Isolation::Process),
        _ => at.wrong("Runspace or Process"),
    }
}

/// Values for a script; a step's `variables` are the same thing.
pub(super) fn parameters(fields: &mut Fields, names: &[&'static str]) -> Map<String, Value> {
    let mut values = fields.object(&["variables"]).unwrap_or_default();
    values.extend(fields.object(names).unwrap_or_default());
    values
}

/// Of `run`, `uses` and `script` the first that can be done here counts.
fn work(step: &mut Step, fields: &mut Fields) {
    let run = fields.take(&["run"]);
    let called = fields.take(&["uses"]);
    let script = fields.take(&["script"]);
    let mut work = None;
    if let Some(at) = &run {
        work = running(at);
    }
    if let Some(at) = called {
        if work.is_some() || run.is_some() {
            fields.findings.not_honoured(at.path, "the step has 'run'");
        } else if let Some(uses) = uses(&at, None) {
            work = Some(call(uses, &mut step.parameters));
        }
    }
    if let Some(at) = script {
        if work.is_some() || run.is_some() {
            fields.findings.not_honoured(at.path, "the step has other work");
        } else {
            work = at.text().map(|text| Work::Inline { text });
        }
    }
    if work.is_none() && !fields.has("run") && !fields.has("uses") && !fields.has("script") {
        fields.findings.warn(step.path.clone(), "has none of run, uses and script: it does nothing");
    }
    step.work = work.unwrap_or_default();
}

/// A number or a script file under `uses` is a script; anything else is a playbook.
fn call(uses: Uses, parameters: &mut Map<String, Value>) -> Work {
    if let Some(number) = script_file(&uses.playbook) {
        return Work::Sequence { elements: vec![number] };
    }
    if is_sequence(&uses.playbook) && !uses.playbook.contains("{{") {
        return Work::Sequence { elements: vec![uses.playbook] };
    }
    Work::Uses(Uses { with: std::mem::take(parameters), ..uses })
}

/// Scripts when it is written in the sequence language, else text for a shell.
fn running(at: &At) -> Option<Work> {
    if at.value.is_array() || at.value.is_u64() {
        return Some(Work::Sequence { elements: super::element::elements(at) });
    }
    let text = at.text()?;
    if is_sequence(&text) || script_file(&text).is_some() {
        return element(at).map(|element| Work::Sequence { elements: vec![element] });
    }
    Some(Work::Inline { text })
}

/// A playbook to call. GitHub's own actions are not playbooks.
pub(super) fn uses(at: &At, with: Option<&At>) -> Option<Uses> {
    let playbook = at.text()?;
    let is_action =
        playbook.contains('@') || playbook.starts_with("actions/") || playbook.starts_with("docker://");
    if is_action {
        at.findings.not_honoured(
            at.path.clone(),
            "it is an action of GitHub; write 'script' or 'run' for what it should do here",
        );
        return None;
    }
    if playbook.trim().is_empty() {
        return at.wrong("the name of a playbook");
    }
    let with = with.and_then(|at| at.object().cloned()).unwrap_or_default();
    Some(Uses { playbook, with })
}

/// Outputs as a map, or as a list of `{name, value}`.
pub(super) fn outputs(at: &At) -> Option<Map<String, Value>> {
    if at.value.is_object() {
        return at.scalars();
    }
    let mut outputs = Map::new();
    for item in at.items()? {
        let Some(mut fields) = item.fields() else { continue };
        let name = fields.text(&["name"]);
        let value = fields.take(&["value"]);
        match (name, value) {
            (Some(_), Some(value)) if value.value.is_array() || value.value.is_object() => {
                value.wrong::<()>("text, a number, true or false");
            }
            (Some(name), Some(value)) => {
                outputs.insert(name, value.value.clone());
            }
            (None, _) => item.warn("an output without a name is passed over"),
            (Some(name), None) => item.warn(format!("the output '{name}' has no value")),
        }
        fields.finish();
    }
    Some(outputs)
}

/// Text for PowerShell, plain or as `{description, type, script}`.
pub(super) fn inline(at: &At) -> Option<Step> {
    if at.value.is_string() {
        let text = at.text()?;
        let name = "inline".to_owned();
        return Some(Step { name, path: at.path.clone(), work: Work::Inline { text }, ..Step::default() });
    }
    let mut fields = at.fields()?;
    let mut step = Step { path: at.path.clone(), ..Step::default() };
    settings(&mut step, &mut fields);
    let language = fields.text(&["type"]);
    if step.shell.is_none() {
        step.shell =
            language.map(|name| if name.eq_ignore_ascii_case("powershell") { "pwsh".into() } else { name });
    }
    step.name = fields.label(&["name"]).unwrap_or_else(|| step.description.clone());
    match fields.take(&["script", "inline", "run"]).and_then(|at| at.text()) {
        Some(text) => step.work = Work::Inline { text },
        None => at.warn("has no script: it does nothing"),
    }
    fields.finish();
    Some(step)
}

/// A name for a step that has none.
pub(super) fn title(work: &Work) -> String {
    match work {
        Work::Nothing => "nothing".into(),
        Work::Sequence { elements } => elements.join(", "),
        Work::Inline { text } => text.trim().lines().next().unwrap_or_default().chars().take(60).collect(),
        Work::Uses(uses) => uses.playbook.clone(),
    }
}
