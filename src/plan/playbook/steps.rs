//! Steps become jobs: the scripts of a sequence, or text for a shell.

use super::{
    super::{
        script,
        variables::{is_late, merged},
        Group, Job, RequestError,
    },
    builder::Builder,
    line::{put_group, put_job, Batch, Placed},
    reuse::Call,
    scope::{PassedOn, Scope},
    stage::{whole_timeout, Frame},
    values::{at, truthy, Values},
};
use crate::{
    catalog,
    expression::{interpolate_plain, interpolate_value, Context},
    playbook::{Isolation, Order, Stage, Step, StepArtifacts, Uses, Work},
};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::Value;

impl Builder<'_> {
    pub(super) fn add_steps(
        &mut self,
        scope: &Scope,
        frame: &mut Frame<'_>,
        steps: &[Step],
    ) -> Result<(), RequestError> {
        for (position, step) in steps.iter().enumerate() {
            let batch = batch(scope, frame, step, position);
            match &step.work {
                Work::Nothing => self.say(format!("{} runs nothing.", step.path)),
                Work::Inline { text } => {
                    let job = self.inline(scope, frame, step, text)?;
                    self.place(scope, frame, job, batch);
                }
                Work::Sequence { elements } => self.add_scripts(scope, frame, step, elements, batch)?,
                Work::Uses(uses) => self.add_use(scope, frame, step, uses, batch)?,
            }
        }
        Ok(())
    }

    fn add_scripts(
        &mut self,
        scope: &Scope,
        frame: &mut Frame<'_>,
        step: &Step,
        elements: &[String],
        batch: Batch,
    ) -> Result<(), RequestError> {
        let selection = catalog::resolve_known(self.catalog, elements)?;
        for number in &selection.missing {
            let reason = format!("no script has the number {number} (in '{}')", self.catalog.searched());
            self.warn(std::iter::once(format!("{}: {reason}.", step.path)));
            let job = self.job_of_step(scope, frame, step, &number.to_string())?;
            // There is no file, so what the playbook calls it is its name.
            self.place(scope, frame, Job { name: number.to_string(), skip: Some(reason), ..job }, batch);
        }
        self.catalog.read_headers(selection.scripts.iter().copied());
        for script in script::in_order(self.catalog, &selection.scripts) {
            let mut job = self.job_of_step(scope, frame, step, &script.number.to_string())?;
            script::describe(&mut job, script);
            self.place(scope, frame, job, batch);
        }
        Ok(())
    }

    /// A step that uses a playbook is a group within the stage's.
    fn add_use(
        &mut self,
        scope: &Scope,
        frame: &mut Frame<'_>,
        step: &Step,
        uses: &Uses,
        batch: Batch,
    ) -> Result<(), RequestError> {
        let variables = frame.level.seen();
        let combination = frame.level.combination.as_ref();
        let context = self.observer(scope, &variables, combination);
        let tolerant = step.continue_on_error.as_ref().or(frame.stage.continue_on_error.as_ref());
        let continue_on_error = match tolerant {
            Some(value) => truthy(value, &context, &format!("{}.continueOnError", step.path))?,
            None => false,
        };
        let name = step.id.as_ref().unwrap_or(&step.name);
        let id = self.group_id(Some(frame.group), name);
        let mut group = Group {
            id: frame.copy.as_ref().map_or_else(|| id.clone(), |copy| format!("{id} ({})", copy.id)),
            name: step.name.clone(),
            step: step.id.clone(),
            within: Some(frame.group),
            condition: step.condition.clone(),
            continue_on_error,
            matrix: combination.map(|combination| combination.values.clone()),
            matrix_id: combination.map(|combination| combination.id.clone()),
            strategy: combination.map(|combination| combination.strategy),
            outputs: step.outputs.clone(),
            ..Group::default()
        };
        group.variables = variables;
        put_group(&mut group, frame.line.wait(batch), scope.playbook.order);
        let group = self.add_group(group)?;
        frame.line.add(Placed::Group(group));
        if !step.env.is_empty() {
            let text = format!(
                "{}.env: the playbook that the step uses does not see it; pass it under 'with'.",
                step.path
            );
            self.warn(std::iter::once(text));
        }
        let stage = frame.stage;
        let passed_on = PassedOn {
            timeout: step.timeout.or(stage.timeout),
            retries: step.retries.or(stage.retries),
            retry_delay: step.retry_delay.or(stage.retry_delay),
        };
        self.reuse(scope, &frame.level, Call { uses, path: &step.path, passed_on }, group)
    }

    /// Puts a job into the plan, behind the batch before its own.
    fn place(&mut self, scope: &Scope, frame: &mut Frame<'_>, mut job: Job, batch: Batch) {
        // Behind what the script's own header says: the playbook speaks of all its scripts at once.
        if let Some(rules) = &scope.playbook.cache {
            job.cache = Some(job.cache.take().unwrap_or_default().over(rules));
        }
        job.job = self.jobs.len();
        put_job(&mut job, frame.line.wait(batch), scope.playbook.order);
        frame.line.add(Placed::Job(job.job));
        frame.jobs.push(job.job);
        self.name(&mut job);
        self.jobs.push(job);
    }

    /// Inline text with its templates replaced by plain values, or whether that has to wait for the
    /// run; a value must never become code.
    fn inline_text(
        &self,
        scope: &Scope,
        frame: &Frame<'_>,
        step: &Step,
        text: &str,
    ) -> Result<(String, bool), RequestError> {
        let whole = Value::String(text.to_owned());
        let path = format!("{}.script", step.path);
        if is_late(&whole).map_err(|error| at(error, &path))? {
            return Ok((text.to_owned(), true));
        }
        let seen = frame.level.seen();
        let context = self.observer(scope, &seen, frame.level.combination.as_ref());
        Ok((interpolate_plain(text, &context).map_err(|error| at(error, &path))?, false))
    }

    fn inline(
        &self,
        scope: &Scope,
        frame: &mut Frame<'_>,
        step: &Step,
        text: &str,
    ) -> Result<Job, RequestError> {
        let (text, late) = self.inline_text(scope, frame, step, text)?;
        let shell = step.shell.clone().or_else(|| scope.playbook.defaults.shell.clone());
        let shell = shell.unwrap_or_else(|| "pwsh".into());
        // Other programs, and the files of GitHub's commands, are for processes only.
        let must = !is_powershell(&shell) || asks_for(&text, &["OUTPUT", "ENV", "PATH", "STEP_SUMMARY"]);
        let isolated = (must || (step.shell.is_some() && said(step, frame.stage).is_none()))
            .then(|| Step { isolation: Some(Isolation::Process), ..step.clone() });
        let step = isolated.as_ref().unwrap_or(step);
        let position = frame.jobs.len() + 1;
        let id = step.id.clone().unwrap_or_else(|| position.to_string());
        let mut job = self.job_of_step(scope, frame, step, &format!("{}.{id}", frame.stage.id))?;
        frame.sets_environment |= asks_for(&text, &["ENV", "PATH"]);
        job.name = if step.name.is_empty() { job.script.clone() } else { step.name.clone() };
        job.late_text = late;
        job.text = Some(text);
        job.shell = Some(shell);
        Ok(job)
    }

    /// What a step says of each of its jobs.
    fn job_of_step(
        &self,
        scope: &Scope,
        frame: &Frame<'_>,
        step: &Step,
        script: &str,
    ) -> Result<Job, RequestError> {
        let Frame { stage, level, .. } = frame;
        let combination = level.combination.as_ref();
        let (defaults, passed_on) = (&scope.playbook.defaults, scope.passed_on);
        let seen = level.seen();
        let context = self.observer(scope, &seen, combination);
        let own = self.values(&step.parameters, &context, &format!("{}.parameters", step.path))?;
        let values = level.under.under(&own).under(&level.over.clone().into());
        let table = merged(&merged(&scope.playbook.env, &stage.env), &step.env);
        let env = self.values(&table, &context, &format!("{}.env", step.path))?;
        let Values { map: env, late: late_env } = env;
        let continue_on_error = match step.continue_on_error.as_ref().or(stage.continue_on_error.as_ref()) {
            Some(value) => truthy(value, &context, &format!("{}.continueOnError", step.path))?,
            None => false,
        };
        let directory = step.working_directory.clone().or_else(|| defaults.working_directory.clone());
        let own = !env.is_empty() || directory.is_some();
        let isolation = said(step, stage).unwrap_or(if own || frame.sets_environment {
            Isolation::Process
        } else {
            self.request.isolation
        });
        let of_stage = stage.timeout.filter(|_| whole_timeout(scope, stage).is_none());
        let timeout = step.timeout.or(of_stage).or(defaults.timeout).or(passed_on.timeout);
        let retries = step.retries.or(stage.retries).or(defaults.retries).or(passed_on.retries);
        let delay = step.retry_delay.or(stage.retry_delay).or(passed_on.retry_delay);
        let seconds = |value: u64| value as f64;
        let rules = [&step.cache, &stage.cache].into_iter().flatten();
        let rules = rules.cloned().reduce(|over, under| over.over(&under));
        let cache =
            rules.map(|rules| filled(&rules, &context, &format!("{}.cache", step.path))).transpose()?;
        let artifacts = (step.artifacts != StepArtifacts::default())
            .then(|| filled(&step.artifacts, &context, &format!("{}.artifacts", step.path)))
            .transpose()?;
        Ok(Job {
            script: script.to_owned(),
            cache,
            artifacts,
            group: Some(frame.group),
            step: step.id.clone(),
            when: step.condition.clone(),
            late: values.late,
            // What a job does to the environment or the folder of the session would reach the others.
            alone: (own && isolation == Isolation::Runspace)
                || (frame.parallel && step.parallel == Some(false)),
            isolation,
            late_env,
            env,
            working_directory: directory,
            matrix: combination.map(|combination| combination.values.clone()),
            matrix_id: combination.map(|combination| combination.id.clone()),
            strategy: combination.map(|combination| combination.strategy),
            parameters: values.map,
            continue_on_error,
            timeout: timeout.map(seconds),
            retries: retries.unwrap_or(0),
            retry_delay: delay.map_or(0.0, seconds),
            ..Job::default()
        })
    }
}

/// A part of a playbook with the templates of its texts filled in.
fn filled<T: Serialize + DeserializeOwned>(
    part: &T,
    context: &dyn Context,
    path: &str,
) -> Result<T, RequestError> {
    let wrong =
        |error: serde_json::Error| RequestError::Unfit { path: path.to_owned(), reason: error.to_string() };
    let value = serde_json::to_value(part).map_err(wrong)?;
    let value = interpolate_value(&value, context).map_err(|error| at(error, path))?;
    serde_json::from_value(value).map_err(wrong)
}

/// Where a step is to run, as it or its stage says.
fn said(step: &Step, stage: &Stage) -> Option<Isolation> {
    step.isolation.or(stage.isolation)
}

fn is_powershell(shell: &str) -> bool {
    ["pwsh", "powershell"].iter().any(|name| shell.trim().eq_ignore_ascii_case(name))
}

/// Whether a text names one of the files of GitHub Actions' commands.
fn asks_for(text: &str, commands: &[&str]) -> bool {
    let upper = text.to_ascii_uppercase();
    commands.iter().any(|command| upper.contains(&format!("GITHUB_{command}")))
}

/// What runs beside a step: in a parallel stage all neighbours that may, but a v3 job's steps only
/// where the job itself says so; elsewhere neighbouring items of one group that may.
fn batch(scope: &Scope, frame: &Frame<'_>, step: &Step, position: usize) -> Batch {
    match (frame.parallel, step.parallel) {
        (true, Some(false)) => Batch::Alone,
        (true, _) if scope.playbook.order == Order::Needs && frame.stage.parallel != Some(true) => {
            Batch::Step(position)
        }
        (true, _) => Batch::Stage,
        (false, Some(true)) => step.group.map_or(Batch::Alone, Batch::Group),
        (false, _) => Batch::Alone,
    }
}
