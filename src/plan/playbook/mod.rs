//! A playbook becomes groups of jobs: one group a stage, one copy of its scripts a combination. A
//! playbook that another one uses becomes groups within the group of the stage or step that uses it.

mod builder;
mod deferred;
mod dependencies;
mod library;
mod line;
mod notices;
mod order;
mod reuse;
mod scope;
mod stage;
mod steps;
mod values;

use super::{request::PlanRequest, Plan, RequestError, Strategy};
use crate::{
    catalog::Catalog,
    matrix::{self, Combination},
    playbook::{Playbook, Profile},
};
use builder::Builder;
use scope::{goes_on, Combined};
use std::rc::Rc;

/// Makes the plan of a playbook.
///
/// # Errors
/// [`RequestError`]; nothing was started or written.
pub(super) fn plan(request: &PlanRequest, playbook: Playbook) -> Result<Plan, RequestError> {
    let profile = request.profile.as_deref().map(|name| find_profile(&playbook, name)).transpose()?.cloned();
    let catalog = Catalog::open(&request.root)?;
    let limit = request.matrix_limit.unwrap_or(matrix::DEFAULT_LIMIT);
    let expansion = request.matrix.as_ref().map(|matrix| matrix::expand(matrix, limit)).transpose()?;
    let playbook = Rc::new(playbook);
    let mut builder = Builder::new(request, &catalog);
    builder.warn(playbook.warnings.iter().map(|warning| format!("{}: {}", warning.path, warning.message)));
    builder.messages.extend(notices::of(&playbook));
    builder.secrets.extend(playbook.secrets.iter().cloned());
    let copies: Vec<Option<Combined>> = match &expansion {
        Some(expansion) => {
            builder.warn(expansion.warnings.iter().cloned());
            let job_total = expansion.combinations.len();
            let fail_fast = !request.continue_on_error && !goes_on(&playbook.options);
            let strategy = |job_index| Strategy { job_index, job_total, fail_fast, max_parallel: job_total };
            let combinations = expansion.combinations.iter().cloned().enumerate();
            combinations
                .map(|(at, Combination { id, values })| Some(Combined { id, values, strategy: strategy(at) }))
                .collect()
        }
        None => vec![None],
    };
    for copy in &copies {
        let mut scope = builder.outermost(&playbook, profile.as_ref(), copy.as_ref())?;
        if builder.concurrency.is_none() {
            let seen = scope.level.seen();
            let context = builder.observer(&scope, &seen, None);
            builder.concurrency = builder.turns(playbook.concurrency.as_ref(), &context, "")?;
        }
        builder.add_playbook(&mut scope)?;
    }
    let dimensions = expansion.map(|expansion| expansion.dimensions).unwrap_or_default();
    builder.finish(&playbook, dimensions, copies.len())
}

fn find_profile<'a>(playbook: &'a Playbook, name: &str) -> Result<&'a Profile, RequestError> {
    playbook.profiles.iter().find(|profile| profile.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known = playbook.profiles.iter().map(|profile| profile.name.clone()).collect();
        RequestError::UnknownProfile { name: name.to_owned(), known }
    })
}
