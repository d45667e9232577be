//! A playbook becomes groups of jobs: one group a stage, one copy of its scripts a combination.

use super::{
    graph,
    request::PlanRequest,
    script,
    variables::{early, lookup, merged, Observer},
    Group, Job, Level, Message, Plan, PlanError, RequestError,
};
use crate::{
    catalog::{self, Catalog, Number},
    expression::{has_template, interpolate},
    matrix::{self, Combination, Dimension},
    playbook::{Order, Playbook, Profile, Stage, Step, Work},
};
use serde_json::{Map, Value};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
};

/// Makes the plan of a playbook.
///
/// # Errors
/// [`RequestError`]; nothing was started or written.
pub(super) fn plan(request: &PlanRequest, playbook: &Playbook) -> Result<Plan, RequestError> {
    let profile = request.profile.as_deref().map(|name| find_profile(playbook, name)).transpose()?;
    let catalog = Catalog::open(&request.root)?;
    let limit = request.matrix_limit.unwrap_or(matrix::DEFAULT_LIMIT);
    let expansion = request.matrix.as_ref().map(|matrix| matrix::expand(matrix, limit)).transpose()?;
    let mut builder = Builder::new(request, &catalog, playbook, profile);
    let copies: Vec<Option<Combination>> = match &expansion {
        Some(expansion) => {
            builder.warn(expansion.warnings.iter().cloned());
            expansion.combinations.iter().cloned().map(Some).collect()
        }
        None => vec![None],
    };
    for copy in &copies {
        builder.add_copy(copy.as_ref())?;
    }
    builder.finish(expansion.map(|expansion| expansion.dimensions).unwrap_or_default(), copies.len())
}

fn find_profile<'a>(playbook: &'a Playbook, name: &str) -> Result<&'a Profile, RequestError> {
    playbook.profiles.iter().find(|profile| profile.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known = playbook.profiles.iter().map(|profile| profile.name.clone()).collect();
        RequestError::UnknownProfile { name: name.to_owned(), known }
    })
}

struct Builder<'a> {
    request: &'a PlanRequest,
    catalog: &'a Catalog,
    playbook: &'a Playbook,
    profile: Option<&'a Profile>,
    jobs: Vec<Job>,
    groups: Vec<Group>,
    dimensions: Vec<Dimension>,
    messages: Vec<Message>,
    /// How often each number has been given out.
    given: HashMap<String, usize>,
    /// The groups of the copy being built, by stage id.
    groups_of_copy: HashMap<String, usize>,
    /// The first job of the copy being built.
    copy_start: usize,
    /// The stage before, in the copy being built; copies of the whole playbook run side by side.
    previous: Option<usize>,
}

/// Where a stage's scripts get their values from, for one combination.
struct Frame<'a> {
    stage: &'a Stage,
    group: usize,
    combination: Option<Combination>,
    /// Values of every level below the step's own.
    under: Values,
    /// The caller's and the matrix's values, over everything.
    over: Map<String, Value>,
    parallel: bool,
    /// Jobs of this combination so far.
    jobs: Vec<usize>,
    /// Jobs that the next one waits for, in a stage whose scripts follow each other.
    last: Vec<usize>,
}

/// Values whose templates have been replaced, and the names of those that have to wait for the run.
#[derive(Clone, Default)]
struct Values {
    map: Map<String, Value>,
    late: Vec<String>,
}

impl Values {
    /// `over` put over these.
    fn under(&self, over: &Self) -> Self {
        let mut late = self.late.clone();
        late.retain(|name| lookup(&over.map, name).is_none());
        late.extend(over.late.iter().cloned());
        Self { map: merged(&self.map, &over.map), late }
    }
}

impl From<Map<String, Value>> for Values {
    /// Values that are data and hold no templates, whatever they look like.
    fn from(map: Map<String, Value>) -> Self {
        Self { map, late: Vec::new() }
    }
}

impl<'a> Builder<'a> {
    fn new(
        request: &'a PlanRequest,
        catalog: &'a Catalog,
        playbook: &'a Playbook,
        profile: Option<&'a Profile>,
    ) -> Self {
        let mut builder = Self {
            request,
            catalog,
            playbook,
            profile,
            jobs: Vec::new(),
            groups: Vec::new(),
            dimensions: Vec::new(),
            messages: Vec::new(),
            given: HashMap::new(),
            groups_of_copy: HashMap::new(),
            copy_start: 0,
            previous: None,
        };
        builder
            .warn(playbook.warnings.iter().map(|warning| format!("{}: {}", warning.path, warning.message)));
        builder
    }

    fn warn(&mut self, texts: impl Iterator<Item = String>) {
        self.messages.extend(texts.map(|text| Message { level: Level::Warning, text }));
    }

    fn say(&mut self, text: String) {
        self.messages.push(Message { level: Level::Verbose, text });
    }

    fn observer<'o>(
        &'o self,
        variables: &'o Map<String, Value>,
        combination: Option<&Combination>,
    ) -> Observer<'o> {
        let mut observer = Observer::new(variables, self.request.environment.as_ref(), &self.request.root);
        if let Some(combination) = combination {
            observer.roots.insert("matrix".into(), Value::Object(combination.values.clone()));
        }
        observer
    }

    /// Replaces the templates of a table's values.
    fn values(
        &self,
        table: &Map<String, Value>,
        context: &Observer<'_>,
        path: &str,
    ) -> Result<Values, RequestError> {
        let mut values = Values::default();
        for (name, value) in table {
            let (value, waits) =
                early(value, context).map_err(|error| at(error, &format!("{path}.{name}")))?;
            if waits {
                values.late.push(name.clone());
            }
            values.map.insert(name.clone(), value);
        }
        Ok(values)
    }

    /// Playbook defaults, then the profile's variables and overrides; templates see the caller's as well.
    fn base(&self, caller: &Map<String, Value>) -> Result<Values, RequestError> {
        let mut base = self.playbook.variables.clone();
        if let Some(profile) = self.profile {
            base = merged(&merged(&base, &profile.variables), &profile.overrides);
        }
        let seen = merged(&base, caller);
        self.values(&base, &self.observer(&seen, None), "variables")
    }

    /// One copy of the whole playbook, for one of the caller's combinations.
    fn add_copy(&mut self, combination: Option<&Combination>) -> Result<(), RequestError> {
        self.groups_of_copy.clear();
        self.copy_start = self.jobs.len();
        self.previous = None;
        let caller = match combination {
            Some(combination) => merged(&self.request.variables, &combination.values),
            None => self.request.variables.clone(),
        };
        let base = self.base(&caller)?;
        let profile = self.profile;
        for stage in in_order(self.playbook)?.into_iter().filter(|stage| selected(profile, stage)) {
            self.add_stage(stage, &base, &caller, combination)?;
        }
        Ok(())
    }

    fn add_stage(
        &mut self,
        stage: &'a Stage,
        base: &Values,
        caller: &Map<String, Value>,
        combination: Option<&Combination>,
    ) -> Result<(), RequestError> {
        let defaults = &self.playbook.defaults;
        let below = merged(&base.map, caller);
        let stage = &self.settled(stage, &self.observer(&below, combination))?;
        let under = self.stage_values(stage, base, caller, combination)?;
        let seen = merged(&under.map, caller);
        let group = self.groups.len();
        let id = match combination {
            Some(combination) => format!("{} ({})", stage.id, combination.id),
            None => stage.id.clone(),
        };
        let needs = self.needed_groups(stage)?;
        let after = match self.playbook.order {
            Order::Stages => self.previous.into_iter().collect(),
            Order::Needs => Vec::new(),
        };
        let tolerant = stage.continue_on_error.clone().or(defaults.continue_on_error.map(Value::Bool));
        let context = self.observer(&seen, None);
        let continue_on_error = match &tolerant {
            // An expression of the matrix is each combination's own.
            Some(Value::String(text)) if text.contains("matrix") => false,
            Some(value) => truthy(value, &context).map_err(|error| at(error, &stage.path))?,
            None => false,
        };
        self.groups.push(Group {
            id,
            name: stage.name.clone(),
            needs,
            after,
            condition: stage.condition.clone(),
            continue_on_error,
            fail_fast: stage
                .fail_fast
                .or_else(|| (stage.matrix.is_some() && self.fail_fast()).then_some(true)),
            max_parallel: stage.max_parallel,
            variables: seen,
            outputs: stage.outputs.clone(),
        });
        self.groups_of_copy.insert(stage.id.to_lowercase(), group);
        self.previous = Some(group);

        let copies = self.combinations(stage, &below)?;
        for copy in &copies {
            let both = joined(combination, copy.as_ref());
            let over = match copy {
                Some(copy) => merged(caller, &copy.values),
                None => caller.clone(),
            };
            let parallel = self.request.parallel.or(stage.parallel).or(self.playbook.options.parallel);
            let mut frame = Frame {
                stage,
                group,
                under: self.stage_values(stage, base, &over, both.as_ref())?,
                combination: both,
                over,
                parallel: parallel.unwrap_or(false),
                jobs: Vec::new(),
                last: Vec::new(),
            };
            if stage.jobs.is_empty() {
                self.add_steps(&mut frame, &stage.steps)?;
            } else {
                self.add_parallel_group(&mut frame)?;
            }
            self.connect_dependencies(&frame);
        }
        Ok(())
    }

    /// The values of a stage: below them the playbook's, and a v3 job's environment variables, which
    /// the original offers to scripts as values too.
    fn stage_values(
        &self,
        stage: &Stage,
        base: &Values,
        over: &Map<String, Value>,
        combination: Option<&Combination>,
    ) -> Result<Values, RequestError> {
        let below = merged(&base.map, over);
        let context = self.observer(&below, combination);
        let env =
            self.values(&merged(&self.playbook.env, &stage.env), &context, &format!("{}.env", stage.path))?;
        let own = self.values(&stage.variables, &context, &format!("{}.variables", stage.path))?;
        Ok(base.under(&env).under(&own))
    }

    /// The stage with the settings put in that were templates.
    fn settled(&self, stage: &Stage, context: &Observer<'_>) -> Result<Stage, RequestError> {
        let mut stage = stage.clone();
        for (name, text) in stage.templates.clone() {
            let path = format!("{}.{name}", stage.path);
            let (value, _) = early(&text, context).map_err(|error| at(error, &path))?;
            stage.settle(&name, &value)?;
        }
        for step in stage.steps.iter_mut() {
            for (name, text) in step.templates.clone() {
                let path = format!("{}.{name}", step.path);
                let (value, _) = early(&text, context).map_err(|error| at(error, &path))?;
                step.settle(&name, &value)?;
            }
        }
        Ok(stage)
    }

    /// The jobs of a v2 parallel group, each a little stage of its own.
    fn add_parallel_group(&mut self, frame: &mut Frame<'_>) -> Result<(), RequestError> {
        let side_by_side = self.request.parallel.or(frame.stage.parallel).unwrap_or(true);
        for inner in &frame.stage.jobs {
            let under = self.stage_values(inner, &frame.under, &frame.over, frame.combination.as_ref())?;
            let mut own = Frame {
                stage: inner,
                group: frame.group,
                combination: frame.combination.clone(),
                under,
                over: frame.over.clone(),
                parallel: inner.parallel.unwrap_or(false),
                jobs: Vec::new(),
                last: if side_by_side { Vec::new() } else { frame.last.clone() },
            };
            let first = self.jobs.len();
            self.add_steps(&mut own, &inner.steps)?;
            for job in &mut self.jobs[first..] {
                // A condition of the little stage is one of each of its jobs.
                job.when = job.when.take().or_else(|| inner.condition.clone());
            }
            frame.last = own.last;
            frame.jobs.extend(own.jobs);
        }
        Ok(())
    }

    fn add_steps(&mut self, frame: &mut Frame<'_>, steps: &[Step]) -> Result<(), RequestError> {
        for step in steps {
            match &step.work {
                Work::Nothing => self.say(format!("{} runs nothing.", step.path)),
                Work::Inline { text } => {
                    let job = self.inline(frame, step, text)?;
                    self.place(frame, vec![job], false);
                }
                Work::Sequence { elements } => {
                    let selection = catalog::resolve_known(self.catalog, elements)?;
                    for number in &selection.missing {
                        let reason =
                            format!("no script has the number {number} (in '{}')", self.catalog.searched());
                        self.warn(std::iter::once(format!("{}: {reason}.", step.path)));
                        let job =
                            Job { skip: Some(reason), ..self.job_of_step(frame, step, &number.to_string())? };
                        self.place(frame, vec![job], false);
                    }
                    self.catalog.read_headers(selection.scripts.iter().copied());
                    let mut jobs = Vec::new();
                    for script in script::in_order(self.catalog, &selection.scripts) {
                        let mut job = self.job_of_step(frame, step, &script.number.to_string())?;
                        script::describe(&mut job, script);
                        jobs.push(job);
                    }
                    let side_by_side = frame.parallel && step.parallel != Some(false);
                    self.place(frame, jobs, side_by_side);
                }
                Work::Uses(_) => return Err(RequestError::NotYet { path: step.path.clone(), what: "uses" }),
            }
        }
        Ok(())
    }

    /// Puts jobs into the plan: side by side, or each behind the one before it.
    fn place(&mut self, frame: &mut Frame<'_>, jobs: Vec<Job>, side_by_side: bool) {
        let mut placed = Vec::new();
        for mut job in jobs {
            job.job = self.jobs.len();
            let before = frame.last.clone();
            match self.playbook.order {
                Order::Needs => job.follows = before,
                Order::Stages => job.after = before,
            }
            self.name(&mut job, frame);
            frame.jobs.push(job.job);
            placed.push(job.job);
            if !side_by_side {
                frame.last = vec![job.job];
            }
            self.jobs.push(job);
        }
        if side_by_side && self.playbook.order == Order::Needs {
            frame.last = placed;
        }
    }

    /// A number of its own: `0402`, `0402-2` where it runs again, `0402-matrix-7` in a matrix.
    fn name(&mut self, job: &mut Job, frame: &Frame<'_>) {
        if frame.combination.is_some() {
            job.number = format!("{}-matrix-{}", job.script, job.job);
            return;
        }
        let count = self.given.entry(job.script.clone()).or_insert(0);
        *count += 1;
        job.number = if *count == 1 { job.script.clone() } else { format!("{}-{count}", job.script) };
    }

    fn inline(&self, frame: &Frame<'_>, step: &Step, text: &str) -> Result<Job, RequestError> {
        let position = frame.jobs.len() + 1;
        let id = step.id.clone().unwrap_or_else(|| position.to_string());
        let mut job = self.job_of_step(frame, step, &format!("{}.{id}", frame.stage.id))?;
        job.name = if step.name.is_empty() { job.script.clone() } else { step.name.clone() };
        if has_template(text) {
            // Put in as text, a value could become code.
            let what = "a template in inline text; read the value from a parameter or $env: instead";
            return Err(RequestError::NotYet { path: step.path.clone(), what });
        }
        let shell = step.shell.clone().or_else(|| self.playbook.defaults.shell.clone());
        job.text = Some(text.to_owned());
        job.shell = Some(shell.unwrap_or_else(|| "pwsh".into()));
        Ok(job)
    }

    /// What a step says of each of its jobs.
    fn job_of_step(&self, frame: &Frame<'_>, step: &Step, script: &str) -> Result<Job, RequestError> {
        let Frame { stage, combination, .. } = frame;
        let defaults = &self.playbook.defaults;
        let seen = merged(&frame.under.map, &frame.over);
        let context = self.observer(&seen, combination.as_ref());
        let own = self.values(&step.parameters, &context, &format!("{}.parameters", step.path))?;
        let values = frame.under.under(&own).under(&frame.over.clone().into());
        let table = merged(&merged(&self.playbook.env, &stage.env), &step.env);
        let env = self.values(&table, &context, &format!("{}.env", step.path))?;
        if let Some(name) = env.late.first() {
            let what = "an environment variable from another step's outputs";
            return Err(RequestError::NotYet { path: format!("{}.env.{name}", step.path), what });
        }
        let env = env.map;
        let own = step.continue_on_error.as_ref().or(stage.continue_on_error.as_ref());
        let continue_on_error = match own {
            Some(value) => truthy(value, &context).map_err(|error| at(error, &step.path))?,
            None => false,
        };
        let directory = step.working_directory.clone().or_else(|| defaults.working_directory.clone());
        let seconds = |value: u64| value as f64;
        Ok(Job {
            script: script.to_owned(),
            group: Some(frame.group),
            step: step.id.clone(),
            when: step.condition.clone(),
            late: values.late,
            // What a job does to the environment or the folder of the process would reach the others.
            alone: !env.is_empty() || directory.is_some() || (frame.parallel && step.parallel == Some(false)),
            env,
            working_directory: directory,
            matrix: combination.as_ref().map(|combination| combination.values.clone()),
            matrix_id: combination.as_ref().map(|combination| combination.id.clone()),
            parameters: values.map,
            continue_on_error,
            timeout: step.timeout.or(stage.timeout).or(defaults.timeout).map(seconds),
            retries: step.retries.or(stage.retries).or(defaults.retries).unwrap_or(0),
            retry_delay: step.retry_delay.or(stage.retry_delay).map_or(0.0, seconds),
            ..Job::default()
        })
    }

    /// Header dependencies: inside the combination, else on the nearest stage before that ran the script.
    fn connect_dependencies(&mut self, frame: &Frame<'_>) {
        for &at in &frame.jobs {
            let Some(script) =
                Number::parse(&self.jobs[at].script).and_then(|number| self.catalog.get(number))
            else {
                continue;
            };
            let mut needs = Vec::new();
            for entry in self.jobs[at].dependencies.clone() {
                let meant = self.catalog.dependencies(script, &entry);
                let before = needs.len();
                for number in &meant {
                    needs.extend(self.providers(frame, at, &number.to_string()));
                }
                if needs.len() == before {
                    let why = if meant.is_empty() { "matches no script" } else { "has not run before it" };
                    let name = self.jobs[at].name.clone();
                    self.say(format!("{name}: dependency '{entry}' {why} and is ignored."));
                }
            }
            needs.sort_unstable();
            needs.dedup();
            self.jobs[at].needs = needs;
        }
    }

    /// The jobs that stand for `script` to the job at `at`.
    fn providers(&self, frame: &Frame<'_>, at: usize, script: &str) -> Vec<usize> {
        let is_it = |job: &&Job| job.script == script && job.skip.is_none();
        let any_place = self.playbook.order == Order::Stages && !frame.stage.keeps_order;
        let own: Vec<usize> = frame
            .jobs
            .iter()
            .copied()
            .filter(|job| is_it(&&self.jobs[*job]) && (*job < at || any_place))
            .collect();
        if !own.is_empty() || self.playbook.order == Order::Needs {
            return own;
        }
        let first = frame.jobs.first().copied().unwrap_or(at);
        let before = self.jobs[self.copy_start..first]
            .iter()
            .filter(|job| job.group != Some(frame.group))
            .filter(is_it);
        let Some(group) = before.clone().next_back().map(|job| job.group) else { return Vec::new() };
        let of_group: Vec<&Job> = before.filter(|job| job.group == group).collect();
        let same: Vec<usize> = of_group
            .iter()
            .filter(|job| job.matrix_id == self.jobs[at].matrix_id)
            .map(|job| job.job)
            .collect();
        if same.is_empty() {
            of_group.iter().map(|job| job.job).collect()
        } else {
            same
        }
    }

    fn needed_groups(&self, stage: &Stage) -> Result<Vec<usize>, RequestError> {
        stage
            .needs
            .iter()
            .filter_map(|need| match self.groups_of_copy.get(&need.to_lowercase()) {
                Some(group) => Some(Ok(*group)),
                None => self.unknown_need(stage, need).map(Err),
            })
            .collect()
    }

    /// A need that the profile left out is not waited for; one that no job has is an error.
    fn unknown_need(&self, stage: &Stage, need: &str) -> Option<RequestError> {
        let known: Vec<String> = self.playbook.stages.iter().map(|other| other.id.clone()).collect();
        let exists = known.iter().any(|id| id.eq_ignore_ascii_case(need));
        (!exists).then(|| RequestError::UnknownNeed {
            path: stage.path.clone(),
            need: need.to_owned(),
            known,
        })
    }

    /// A stage's own matrix; what a profile overrides replaces the dimension's values.
    fn combinations(
        &mut self,
        stage: &Stage,
        base: &Map<String, Value>,
    ) -> Result<Vec<Option<Combination>>, RequestError> {
        let Some(matrix) = &stage.matrix else { return Ok(vec![None]) };
        let context = self.observer(base, None);
        let path = format!("{}.matrix", stage.path);
        let (matrix, waits) = early(matrix, &context).map_err(|error| at(error, &path))?;
        let Value::Object(mut matrix) = matrix else {
            let what =
                if waits { "a matrix from the outputs of another job" } else { "a matrix that is no object" };
            return Err(RequestError::NotYet { path, what });
        };
        let overrides = self.profile.map(|profile| &profile.overrides).into_iter().flatten();
        for (name, values) in overrides {
            if let Some(dimension) = matrix.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned() {
                matrix.insert(dimension, values.clone());
            }
        }
        let limit = self.request.matrix_limit.unwrap_or(matrix::DEFAULT_LIMIT);
        let expansion = matrix::expand(&matrix, limit)?;
        self.warn(expansion.warnings.into_iter());
        for dimension in expansion.dimensions {
            if !self.dimensions.contains(&dimension) {
                self.dimensions.push(dimension);
            }
        }
        Ok(expansion.combinations.into_iter().map(Some).collect())
    }

    fn fail_fast(&self) -> bool {
        let goes_on =
            self.request.continue_on_error || self.playbook.options.continue_on_error.unwrap_or(false);
        !goes_on
    }

    fn finish(self, mut dimensions: Vec<Dimension>, copies: usize) -> Result<Plan, RequestError> {
        if self.jobs.iter().all(|job| job.skip.is_some()) {
            return Err(RequestError::NothingToRun { playbook: self.playbook.name.clone() });
        }
        graph::check(&self.jobs, &self.groups)?;
        let options = &self.playbook.options;
        let of_playbook = options.max_concurrency.or_else(|| {
            self.playbook.concurrency.as_ref().and_then(|concurrency| concurrency.max_concurrency)
        });
        let most = self
            .request
            .max_concurrency
            .or(of_playbook)
            .or(self.request.default_max_concurrency)
            .unwrap_or(1);
        let scripts: BTreeSet<&String> = self.jobs.iter().map(|job| &job.script).collect();
        dimensions.extend(self.dimensions.iter().cloned());
        let combinations: BTreeSet<&String> =
            self.jobs.iter().filter_map(|job| job.matrix_id.as_ref()).collect();
        Ok(Plan {
            total: self.jobs.len(),
            root: self.request.root.clone(),
            max_concurrency: if self.request.parallel == Some(false) { 1 } else { most },
            fail_fast: self.fail_fast(),
            scripts: scripts.len(),
            dimensions,
            combinations: combinations.len().max(copies),
            conditions: self.request.conditions.clone(),
            success: self.playbook.success.clone(),
            timeout: options.timeout.map(|seconds| seconds as f64),
            groups: self.groups,
            messages: self.messages,
            jobs: self.jobs,
        })
    }
}

fn at(error: crate::expression::ExpressionError, path: &str) -> RequestError {
    RequestError::Expression { path: path.to_owned(), error }
}

fn truthy(value: &Value, context: &Observer<'_>) -> Result<bool, crate::expression::ExpressionError> {
    let value = match value {
        Value::String(text) => interpolate(text, context)?,
        other => other.clone(),
    };
    Ok(match value {
        Value::Bool(flag) => flag,
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => false,
    })
}

/// The stages so that each comes behind those it needs, whatever order they are written in.
fn in_order(playbook: &Playbook) -> Result<Vec<&Stage>, RequestError> {
    if playbook.order == Order::Stages {
        return Ok(playbook.stages.iter().collect());
    }
    let stages = &playbook.stages;
    let at: HashMap<String, usize> =
        stages.iter().enumerate().map(|(at, stage)| (stage.id.to_lowercase(), at)).collect();
    let needs: Vec<BTreeSet<usize>> = stages
        .iter()
        .map(|stage| stage.needs.iter().filter_map(|need| at.get(&need.to_lowercase()).copied()).collect())
        .collect();
    let mut dependents = vec![Vec::new(); stages.len()];
    for (stage, needs) in needs.iter().enumerate() {
        needs.iter().for_each(|need| dependents[*need].push(stage));
    }
    let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut free: BinaryHeap<Reverse<usize>> =
        (0..stages.len()).filter(|at| missing[*at] == 0).map(Reverse).collect();
    let mut ordered = Vec::with_capacity(stages.len());
    while let Some(Reverse(done)) = free.pop() {
        ordered.push(&stages[done]);
        for &dependent in &dependents[done] {
            missing[dependent] -= 1;
            if missing[dependent] == 0 {
                free.push(Reverse(dependent));
            }
        }
    }
    match missing.iter().position(|missing| *missing > 0) {
        None => Ok(ordered),
        Some(stuck) => Err(PlanError::Cycle(circle(stages, &needs, &missing, stuck)).into()),
    }
}

/// One circle among jobs that wait for each other, found by walking from one that is stuck.
fn circle(stages: &[Stage], needs: &[BTreeSet<usize>], missing: &[usize], stuck: usize) -> String {
    let mut path = vec![stuck];
    while let Some(need) =
        path.last().and_then(|last| needs[*last].iter().copied().find(|need| missing[*need] > 0))
    {
        let seen = path.iter().position(|seen| *seen == need);
        path.push(need);
        if let Some(start) = seen {
            path.drain(..start);
            break;
        }
    }
    path.iter().map(|at| stages[*at].id.as_str()).collect::<Vec<_>>().join(" → ")
}

/// Whether a profile lets a stage run.
fn selected(profile: Option<&Profile>, stage: &Stage) -> bool {
    let named = |names: &[String]| {
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&stage.id) || name.eq_ignore_ascii_case(&stage.name))
    };
    profile.is_none_or(|profile| {
        profile.stages.as_ref().is_none_or(|stages| named(stages)) && !named(&profile.exclude_stages)
    })
}

/// The caller's combination and the stage's own as one.
fn joined(caller: Option<&Combination>, own: Option<&Combination>) -> Option<Combination> {
    match (caller, own) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (Some(caller), Some(own)) => {
            let values = merged(&caller.values, &own.values);
            Some(Combination { id: format!("{},{}", caller.id, own.id), values })
        }
    }
}
