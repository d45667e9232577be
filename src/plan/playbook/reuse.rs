//! A playbook that a stage or a step uses: its stages stand within the caller's group.

use super::{
    super::{
        variables::{early, lookup, merged, Observer},
        RequestError,
    },
    builder::Builder,
    library::{Book, Opened},
    notices,
    scope::{goes_on, Level, PassedOn, Scope},
    values::at,
};
use crate::playbook::{bind_inputs, Input, PlaybookError, Uses};
use serde_json::{Map, Value};
use std::{collections::HashMap, rc::Rc};

/// A call of another playbook.
pub(super) struct Call<'c> {
    pub uses: &'c Uses,
    /// The caller's path in its document.
    pub path: &'c str,
    pub passed_on: PassedOn,
}

impl Builder<'_> {
    /// Puts the stages of the playbook that is called into the group `within`.
    pub(super) fn reuse(
        &mut self,
        scope: &Scope,
        level: &Level,
        call: Call<'_>,
        within: usize,
    ) -> Result<(), RequestError> {
        let id = self.groups[within].id.clone();
        let waiting = self.late_call(&id, call.path, call.uses)?;
        if !waiting.is_empty() {
            self.look_ahead(scope, level, &call)?;
            self.defer(within, waiting, level.combination.as_ref());
            return Ok(());
        }
        let (with, Book { playbook, name, folder }) = self.called(scope, level, &call, &id)?;
        let refused = |error: PlaybookError| RequestError::Use { path: format!("{}.uses", call.path), error };
        let chain = scope.chain.enter(name.as_str()).map_err(refused)?;
        let bound = bind_inputs(&playbook, &with).map_err(refused)?;
        let is_given = |name: &str| {
            lookup(&with, name).is_some()
                || lookup(&with, "variables")
                    .and_then(Value::as_object)
                    .is_some_and(|table| lookup(table, name).is_some())
        };
        let (given, defaults): (Map<String, Value>, Map<String, Value>) =
            bound.into_iter().partition(|(name, _)| is_given(name));
        let fail_fast = scope.fail_fast && !goes_on(&playbook.options);
        let mut inner = Scope {
            playbook: Rc::clone(&playbook),
            profile: None,
            chain,
            folder,
            within: Some(within),
            level: Level {
                over: level.over.clone(),
                combination: level.combination.clone(),
                ..Level::default()
            },
            inputs: Map::new(),
            passed_on: call.passed_on.or(scope.passed_on),
            fail_fast,
            groups: HashMap::new(),
            start: self.jobs.len(),
        };
        self.fill(&mut inner, &merged(&playbook.variables, &defaults), &given)?;
        for input in &playbook.inputs {
            typed(&mut inner.inputs, input);
        }
        self.settle_use(scope, &inner, within);
        let turns = {
            let seen = inner.level.seen();
            let context = self.observer(&inner, &seen, inner.level.combination.as_ref());
            self.turns(playbook.concurrency.as_ref(), &context, &name)?
        };
        let group = &mut self.groups[within];
        group.concurrency = group.concurrency.take().or(turns);
        self.add_playbook(&mut inner)?;
        if self.jobs.len() == inner.start {
            return Err(RequestError::NothingToRun { playbook: name });
        }
        Ok(())
    }

    /// What is called, and the values passed, templates replaced where the caller stands.
    fn called(
        &mut self,
        scope: &Scope,
        level: &Level,
        call: &Call<'_>,
        group: &str,
    ) -> Result<(Map<String, Value>, Book), RequestError> {
        let seen = level.seen();
        let context = self.observer(scope, &seen, level.combination.as_ref());
        let path = format!("{}.uses", call.path);
        let wanted = match self.resolved(group, "uses") {
            Some(wanted) => wanted.clone(),
            None => named(call, &context)?.0,
        };
        let mut with = self.values(&call.uses.with, &context, &format!("{}.with", call.path))?;
        for name in std::mem::take(&mut with.late) {
            if let Some(value) = self.resolved(group, &format!("with.{name}")) {
                with.map.insert(name, value.clone());
            }
        }
        let book = self.open(scope, &wanted, &path)?;
        Ok((with.map, book))
    }

    /// Says what is wrong with a call that waits for the run as soon as it can be said: a playbook
    /// that is not there, or a circle.
    pub(super) fn look_ahead(
        &mut self,
        scope: &Scope,
        level: &Level,
        call: &Call<'_>,
    ) -> Result<(), RequestError> {
        let seen = level.seen();
        let (wanted, waits) = named(call, &self.observer(scope, &seen, level.combination.as_ref()))?;
        if waits {
            return Ok(());
        }
        let path = format!("{}.uses", call.path);
        let book = self.open(scope, &wanted, &path)?;
        let circle = scope.chain.enter(book.name.as_str());
        circle.map(drop).map_err(|error| RequestError::Use { path, error })
    }

    fn open(&mut self, scope: &Scope, wanted: &Value, path: &str) -> Result<Book, RequestError> {
        let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
        let (book, opened) = self.library.open(&wanted, &scope.folder, path)?;
        if opened == Opened::Now {
            let name = &book.name;
            let warnings = &book.playbook.warnings;
            self.warn(
                warnings.iter().map(|warning| format!("{name}: {}: {}", warning.path, warning.message)),
            );
            self.messages.extend(notices::of_used(&book.playbook, name));
            self.secrets.extend(book.playbook.secrets.iter().cloned());
        }
        Ok(book)
    }

    /// What the group of a used playbook takes from that.
    fn settle_use(&mut self, scope: &Scope, inner: &Scope, within: usize) {
        let playbook = &inner.playbook;
        let around = self.groups[within].within;
        let around_decides = around.is_some_and(|around| self.groups[around].fail_fast.is_some());
        let group = &mut self.groups[within];
        group.inputs = Some(inner.inputs.clone());
        let most = playbook.concurrency.as_ref().and_then(|concurrency| concurrency.max_concurrency);
        group.max_parallel = group.max_parallel.or(playbook.options.max_concurrency).or(most);
        group.fail_fast = group.fail_fast.or(match (scope.fail_fast, inner.fail_fast) {
            // A failure ends the playbook, and what is around it at once unless that is of another mind.
            (true, true) => (group.continue_on_error || around_decides).then_some(true),
            (true, false) => Some(false),
            (false, _) => None,
        });
    }
}

/// The name of the playbook that is called, or whether only the run will know it.
fn named(call: &Call<'_>, context: &Observer<'_>) -> Result<(Value, bool), RequestError> {
    let path = format!("{}.uses", call.path);
    early(&Value::String(call.uses.playbook.clone()), context).map_err(|error| at(error, &path))
}

/// An input that the caller of the run has overridden has its type nevertheless.
fn typed(inputs: &mut Map<String, Value>, input: &Input) {
    if let Some(value) = inputs.get_mut(&input.name) {
        if let Some(converted) = input.kind.convert(value) {
            *value = converted;
        }
    }
}
