//! One use of a playbook: the outermost one, or one that a stage or a step uses.

use super::{
    super::{
        variables::{lookup, merged},
        PlanError, RequestError, Strategy,
    },
    builder::Builder,
    order::{in_order, selected},
    stage::Place,
    values::Values,
};
use crate::playbook::{Chain, Options, Order, Playbook, PlaybookError, Profile};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    rc::Rc,
};

/// The combination of every matrix around as one, and the place in the innermost of them.
#[derive(Clone)]
pub(super) struct Combined {
    pub id: String,
    pub values: Map<String, Value>,
    pub strategy: Strategy,
}

/// The levels of variables at one place of a playbook.
#[derive(Clone, Default)]
pub(super) struct Level {
    /// Values of every level below the next one.
    pub under: Values,
    /// The caller's and the matrices' values, over everything.
    pub over: Map<String, Value>,
    /// The combination of every matrix around.
    pub combination: Option<Combined>,
}

impl Level {
    /// Every value seen here.
    pub fn seen(&self) -> Map<String, Value> {
        merged(&self.under.map, &self.over)
    }
}

/// Settings that a stage or step passes on to the playbook that it uses, where that says nothing.
#[derive(Clone, Copy, Default)]
pub(super) struct PassedOn {
    pub timeout: Option<u64>,
    pub retries: Option<u32>,
    pub retry_delay: Option<u64>,
}

impl PassedOn {
    /// These, and where they are silent those from further out.
    pub fn or(self, outer: Self) -> Self {
        Self {
            timeout: self.timeout.or(outer.timeout),
            retries: self.retries.or(outer.retries),
            retry_delay: self.retry_delay.or(outer.retry_delay),
        }
    }
}

/// One use of a playbook. See the module's text.
pub(super) struct Scope {
    pub playbook: Rc<Playbook>,
    pub profile: Option<Profile>,
    /// The playbooks around it and itself.
    pub chain: Chain,
    /// The folder of its file, where playbooks that it names by path are.
    pub folder: PathBuf,
    /// The group that stands for it, unless it is the outermost.
    pub within: Option<usize>,
    pub level: Level,
    pub inputs: Map<String, Value>,
    pub passed_on: PassedOn,
    /// Whether a failure inside ends it.
    pub fail_fast: bool,
    /// Its groups, by stage id in lower case.
    pub groups: HashMap<String, usize>,
    /// Its first job.
    pub start: usize,
}

/// Whether a playbook's options say that it goes on after a failure.
pub(super) fn goes_on(options: &Options) -> bool {
    options.continue_on_error == Some(true)
        || (options.fail_fast == Some(false) && options.continue_on_error != Some(false))
}

impl Builder<'_> {
    /// One copy of the outermost playbook, for one of the caller's combinations.
    pub(super) fn outermost(
        &mut self,
        playbook: &Rc<Playbook>,
        profile: Option<&Profile>,
        combination: Option<&Combined>,
    ) -> Result<Scope, RequestError> {
        let request = self.request;
        let over = match combination {
            Some(combination) => merged(&request.variables, &combination.values),
            None => request.variables.clone(),
        };
        let mut base = playbook.variables.clone();
        if let Some(profile) = profile {
            base = merged(&merged(&base, &profile.variables), &profile.overrides);
        }
        for (name, default) in unset_inputs(playbook, &base, &over)? {
            base.insert(name, default);
        }
        let file = request.playbook.as_ref().and_then(|asked| asked.path.as_deref());
        let name = file.map_or_else(|| playbook.name.clone(), |file| self.library.name(Path::new(file)));
        let folder = file.and_then(|file| Path::new(file).parent()).unwrap_or(Path::new(""));
        let mut scope = Scope {
            playbook: Rc::clone(playbook),
            profile: profile.cloned(),
            chain: Chain::new(name),
            folder: request.root.join(folder),
            within: None,
            level: Level { under: Values::default(), over, combination: combination.cloned() },
            inputs: Map::new(),
            passed_on: PassedOn::default(),
            fail_fast: !request.continue_on_error && !goes_on(&playbook.options),
            groups: HashMap::new(),
            start: self.jobs.len(),
        };
        self.fill(&mut scope, &base, &Map::new())?;
        Ok(scope)
    }

    /// Puts the values of a playbook's own variables in: templates in `base` are replaced, `given` is data.
    pub(super) fn fill(
        &self,
        scope: &mut Scope,
        base: &Map<String, Value>,
        given: &Map<String, Value>,
    ) -> Result<(), RequestError> {
        let seen = merged(&merged(base, given), &scope.level.over);
        scope.inputs = inputs(&scope.playbook, given, &seen);
        let context = self.observer(scope, &seen, scope.level.combination.as_ref());
        let under = self.values(base, &context, "variables")?.under(&given.clone().into());
        scope.inputs = inputs(&scope.playbook, given, &merged(&under.map, &scope.level.over));
        scope.level.under = under;
        Ok(())
    }

    /// Every stage of a playbook that its profile selects, each behind those before it or that it needs.
    pub(super) fn add_playbook(&mut self, scope: &mut Scope) -> Result<(), RequestError> {
        let playbook = Rc::clone(&scope.playbook);
        let level = scope.level.clone();
        let stages = match playbook.order {
            Order::Stages => playbook.stages.iter().collect(),
            Order::Needs => in_order(&playbook.stages).map_err(PlanError::Cycle)?,
        };
        let profile = scope.profile.clone();
        let mut previous = None;
        for stage in stages.into_iter().filter_map(|stage| selected(profile.as_ref(), stage)) {
            let needs = self.needed_groups(scope, &stage)?;
            let after = previous.filter(|_| playbook.order == Order::Stages).into_iter().collect();
            let place = Place { within: scope.within, needs, after };
            previous = Some(self.add_stage(scope, &stage, &level, place)?);
        }
        Ok(())
    }
}

/// The values of what a playbook declares as inputs, or is given.
fn inputs(playbook: &Playbook, given: &Map<String, Value>, seen: &Map<String, Value>) -> Map<String, Value> {
    let names = playbook.inputs.iter().map(|input| &input.name).chain(given.keys());
    names.filter_map(|name| Some((name.clone(), lookup(seen, name)?.clone()))).collect()
}

/// The defaults of the outermost playbook's inputs that no level of variables sets.
fn unset_inputs(
    playbook: &Playbook,
    base: &Map<String, Value>,
    over: &Map<String, Value>,
) -> Result<Map<String, Value>, RequestError> {
    let mut unset = Map::new();
    for input in &playbook.inputs {
        if let Some(value) = lookup(over, &input.name) {
            if input.kind.convert(value).is_none() {
                return Err(PlaybookError::InputType {
                    playbook: playbook.name.clone(),
                    name: input.name.clone(),
                    expected: input.kind.name(),
                    found: value.to_string(),
                }
                .into());
            }
        } else if lookup(base, &input.name).is_none() {
            match &input.default {
                Some(default) => drop(unset.insert(input.name.clone(), default.clone())),
                None if input.required => {
                    return Err(RequestError::NoInput {
                        playbook: playbook.name.clone(),
                        name: input.name.clone(),
                    })
                }
                None => {}
            }
        }
    }
    Ok(unset)
}
