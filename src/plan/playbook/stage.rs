//! A stage, or a job of v3, becomes a group; each combination of its matrix a copy of what it does.

use super::{
    super::{
        variables::{early, is_late, merged},
        Group, RequestError, Strategy,
    },
    builder::Builder,
    line::Line,
    order::in_order,
    reuse::Call,
    scope::{Combined, Level, PassedOn, Scope},
    values::{at, is_true, truthy},
};
use crate::{
    matrix::{self, shown, Combination},
    playbook::{Order, Stage},
};
use serde_json::{Map, Value};

/// Where a stage stands among the groups.
#[derive(Default)]
pub(super) struct Place {
    pub within: Option<usize>,
    pub needs: Vec<usize>,
    pub after: Vec<usize>,
}

/// One combination of a stage.
pub(super) struct Frame<'s> {
    pub stage: &'s Stage,
    pub group: usize,
    /// The stage's own combination.
    pub copy: Option<Combined>,
    /// The levels below the steps' own.
    pub level: Level,
    /// Whether scripts run side by side.
    pub parallel: bool,
    /// Whether a step so far may have set environment variables for those behind it.
    pub sets_environment: bool,
    /// Jobs of this combination so far, but for those of playbooks that it uses.
    pub jobs: Vec<usize>,
    pub line: Line,
}

impl Builder<'_> {
    /// Adds a stage and gives its group.
    pub(super) fn add_stage(
        &mut self,
        scope: &mut Scope,
        stage: &Stage,
        level: &Level,
        place: Place,
    ) -> Result<usize, RequestError> {
        let below = level.seen();
        let id = self.stage_group_id(stage, level, place.within);
        let waiting = self.late_parts(&id, stage)?;
        let context = self.observer(scope, &below, level.combination.as_ref());
        let stage = &self.settled(stage, &id, &context)?;
        let is_of_group = place.within != scope.within;
        let group = self.add_stage_group(scope, stage, level, place, id)?;
        scope.groups.insert(stage.id.to_lowercase(), group);
        if !waiting.is_empty() {
            self.note_provided(group, stage);
            if let (Some(uses), None) = (&stage.uses, &stage.matrix) {
                let passed_on = PassedOn::default();
                self.look_ahead(scope, level, &Call { uses, path: &stage.path, passed_on })?;
            }
            self.defer(group, waiting, level.combination.as_ref());
            return Ok(group);
        }
        for copy in self.combinations(scope, stage, level, group)? {
            let mut frame = self.frame(scope, stage, level, group, copy)?;
            if let Some(uses) = &stage.uses {
                let instance = self.instance_group(scope, &frame, stage)?;
                let passed_on = PassedOn {
                    timeout: stage.timeout,
                    retries: stage.retries,
                    retry_delay: stage.retry_delay,
                };
                self.note_unseen(stage);
                self.reuse(scope, &frame.level, Call { uses, path: &stage.path, passed_on }, instance)?;
            } else if stage.jobs.is_empty() {
                self.add_steps(scope, &mut frame, &stage.steps)?;
            } else {
                self.add_parallel_group(scope, &mut frame)?;
            }
            if !is_of_group {
                self.connect_dependencies(scope, &frame);
            }
        }
        Ok(group)
    }

    fn add_stage_group(
        &mut self,
        scope: &Scope,
        stage: &Stage,
        level: &Level,
        place: Place,
        id: String,
    ) -> Result<usize, RequestError> {
        let values = self.stage_values(scope, stage, level)?;
        let seen = merged(&values.map, &level.over);
        let tolerant = tolerant(scope, stage);
        let continue_on_error = match &tolerant {
            Some(_) if self.resolved(&id, "continueOnError").is_some() => {
                is_true(self.resolved(&id, "continueOnError").unwrap_or(&Value::Null))
            }
            // An expression of the matrix is each combination's own, one of the run is known later.
            Some(value) if is_late(value).unwrap_or(false) => false,
            Some(value) if is_of_matrix(value, stage) => false,
            Some(value) => {
                let context = self.observer(scope, &seen, level.combination.as_ref());
                truthy(value, &context, &format!("{}.continueOnError", stage.path))?
            }
            None => false,
        };
        let context = self.observer(scope, &seen, level.combination.as_ref());
        let concurrency = self.turns(stage.concurrency.as_ref(), &context, &stage.path)?;
        self.add_group(Group {
            id,
            key: Some(stage.id.clone()),
            name: stage.name.clone(),
            within: place.within,
            needs: place.needs,
            after: place.after,
            condition: stage.condition.clone(),
            continue_on_error,
            fail_fast: stage
                .fail_fast
                .or_else(|| (stage.matrix.is_some() && scope.fail_fast).then_some(true)),
            max_parallel: most_at_once(stage),
            concurrency,
            // Those of a matrix that uses a playbook have a group each.
            timeout: whole_timeout(scope, stage).filter(|_| stage.uses.is_none() || stage.matrix.is_none()),
            variables: seen,
            matrix: level.combination.as_ref().map(|combination| combination.values.clone()),
            matrix_id: level.combination.as_ref().map(|combination| combination.id.clone()),
            strategy: level.combination.as_ref().map(|combination| combination.strategy),
            outputs: stage.outputs.clone(),
            ..Group::default()
        })
    }

    fn stage_group_id(&self, stage: &Stage, level: &Level, within: Option<usize>) -> String {
        let id = self.group_id(within, &stage.id);
        match &level.combination {
            Some(combination) if within.is_none() => format!("{id} ({})", combination.id),
            _ => id,
        }
    }

    fn frame<'s>(
        &self,
        scope: &Scope,
        stage: &'s Stage,
        level: &Level,
        group: usize,
        copy: Option<Combined>,
    ) -> Result<Frame<'s>, RequestError> {
        let combination = joined(level.combination.as_ref(), copy.as_ref());
        let over = match &copy {
            Some(copy) => merged(&level.over, &copy.values),
            None => level.over.clone(),
        };
        let mut level = Level { under: level.under.clone(), over, combination };
        level.under = self.stage_values(scope, stage, &level)?;
        let parallel = self.request.parallel.or(stage.parallel).or(scope.playbook.options.parallel);
        let parallel = parallel.unwrap_or(false);
        Ok(Frame {
            stage,
            group,
            copy,
            level,
            parallel,
            sets_environment: false,
            jobs: Vec::new(),
            line: Line::default(),
        })
    }

    /// The group that a used playbook's groups stand in: the stage's own, or one for each combination.
    fn instance_group(
        &mut self,
        scope: &Scope,
        frame: &Frame<'_>,
        stage: &Stage,
    ) -> Result<usize, RequestError> {
        let Some(copy) = &frame.copy else { return Ok(frame.group) };
        let seen = frame.level.seen();
        let continue_on_error = match &stage.continue_on_error {
            Some(value) if is_of_matrix(value, stage) => {
                let context = self.observer(scope, &seen, Some(copy));
                truthy(value, &context, &format!("{}.continueOnError", stage.path))?
            }
            _ => false,
        };
        let combination = frame.level.combination.as_ref();
        self.add_group(Group {
            id: format!("{} ({})", self.groups[frame.group].id, copy.id),
            name: stage.name.clone(),
            within: Some(frame.group),
            continue_on_error,
            timeout: whole_timeout(scope, stage),
            variables: seen,
            matrix: combination.map(|combination| combination.values.clone()),
            matrix_id: combination.map(|combination| combination.id.clone()),
            strategy: combination.map(|combination| combination.strategy),
            ..Group::default()
        })
    }

    /// What a stage says that the playbook it uses does not see.
    fn note_unseen(&mut self, stage: &Stage) {
        let env: Vec<&str> = stage.env.keys().map(String::as_str).collect();
        if !env.is_empty() {
            let text = format!(
                "{}.env: the playbook that the stage uses does not see {}; pass it under 'with'.",
                stage.path,
                env.join(", ")
            );
            self.warn(std::iter::once(text));
        }
    }

    /// The jobs of a v2 parallel group, each a little stage of its own within the group.
    fn add_parallel_group(&mut self, scope: &mut Scope, frame: &mut Frame<'_>) -> Result<(), RequestError> {
        let side_by_side = self.request.parallel.or(frame.stage.parallel).unwrap_or(true);
        let first = self.jobs.len();
        let mut previous = None;
        for inner in in_order(&frame.stage.jobs).map_err(super::super::PlanError::Cycle)? {
            let inner = inherited(inner, frame.stage);
            let needs = self.needed_groups(scope, &inner)?;
            let after = previous.filter(|_| !side_by_side).into_iter().collect();
            let place = Place { within: Some(frame.group), needs, after };
            previous = Some(self.add_stage(scope, &inner, &frame.level, place)?);
        }
        frame.jobs = (first..self.jobs.len())
            .filter(|job| self.use_around(self.jobs[*job].group) == scope.within)
            .collect();
        Ok(())
    }

    /// The group that stands for the used playbook around a job's group.
    fn use_around(&self, group: Option<usize>) -> Option<usize> {
        let mut around = group;
        while let Some(group) = around.filter(|group| self.groups[*group].inputs.is_none()) {
            around = self.groups[group].within;
        }
        around
    }

    /// A stage's own matrix; what a profile overrides replaces the dimension's values.
    fn combinations(
        &mut self,
        scope: &Scope,
        stage: &Stage,
        level: &Level,
        group: usize,
    ) -> Result<Vec<Option<Combined>>, RequestError> {
        let Some(matrix) = &stage.matrix else { return Ok(vec![None]) };
        let seen = level.seen();
        let context = self.observer(scope, &seen, level.combination.as_ref());
        let path = format!("{}.matrix", stage.path);
        let matrix = match self.resolved(&self.groups[group].id, "matrix") {
            // What came out of the run is data, whatever it looks like.
            Some(matrix) => matrix.clone(),
            None => early(matrix, &context).map_err(|error| at(error, &path))?.0,
        };
        let Value::Object(mut matrix) = matrix else {
            return Err(RequestError::NoMatrix { path, found: shown(&matrix) });
        };
        replace_dimensions(&mut matrix, scope);
        let limit = self.request.matrix_limit.unwrap_or(matrix::DEFAULT_LIMIT);
        let expansion =
            matrix::expand(&matrix, limit).map_err(|error| RequestError::StageMatrix { path, error })?;
        self.warn(expansion.warnings.into_iter());
        for dimension in expansion.dimensions {
            if !self.dimensions.contains(&dimension) {
                self.dimensions.push(dimension);
            }
        }
        let job_total = expansion.combinations.len();
        let fail_fast = stage.fail_fast.unwrap_or(scope.fail_fast);
        let max_parallel = most_at_once(stage).unwrap_or(job_total);
        let combinations = expansion.combinations.into_iter().enumerate();
        Ok(combinations
            .map(|(job_index, Combination { id, values })| {
                let strategy = Strategy { job_index, job_total, fail_fast, max_parallel };
                Some(Combined { id, values, strategy })
            })
            .collect())
    }
}

/// At most so many of a stage's jobs at once.
fn most_at_once(stage: &Stage) -> Option<usize> {
    let most = stage.concurrency.as_ref().and_then(|concurrency| concurrency.max_concurrency);
    stage.max_parallel.or(most)
}

fn replace_dimensions(matrix: &mut Map<String, Value>, scope: &Scope) {
    for (name, values) in scope.profile.iter().flat_map(|profile| &profile.overrides) {
        if let Some(dimension) = matrix.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned() {
            matrix.insert(dimension, values.clone());
        }
    }
}

/// Whether a failure of the stage may be passed over, as it or the playbook's defaults say.
fn tolerant(scope: &Scope, stage: &Stage) -> Option<Value> {
    stage.continue_on_error.clone().or(scope.playbook.defaults.continue_on_error.map(Value::Bool))
}

/// Seconds for the stage as a whole, where it is a job of a v3 playbook, as GitHub counts them. What other
/// stages say is for each of their scripts.
pub(super) fn whole_timeout(scope: &Scope, stage: &Stage) -> Option<f64> {
    stage.timeout.filter(|_| scope.playbook.order == Order::Needs).map(|seconds| seconds as f64)
}

fn is_of_matrix(value: &Value, stage: &Stage) -> bool {
    stage.matrix.is_some() && value.as_str().is_some_and(|text| text.contains("matrix"))
}

/// A job of a parallel group; what it does not say, the group says.
fn inherited(inner: &Stage, group: &Stage) -> Stage {
    Stage {
        timeout: inner.timeout.or(group.timeout.filter(|_| !inner.templates.contains_key("timeout"))),
        isolation: inner.isolation.or(group.isolation),
        retries: inner.retries.or(group.retries),
        retry_delay: inner.retry_delay.or(group.retry_delay),
        env: merged(&group.env, &inner.env),
        keeps_order: inner.keeps_order || group.keeps_order,
        ..inner.clone()
    }
}

/// The combination of the matrices around and the stage's own as one.
fn joined(around: Option<&Combined>, own: Option<&Combined>) -> Option<Combined> {
    match (around, own) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (Some(around), Some(own)) => {
            let values = merged(&around.values, &own.values);
            let id = format!("{},{}", around.id, own.id);
            Some(Combined { id, values, strategy: own.strategy })
        }
    }
}
