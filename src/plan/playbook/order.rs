//! Which stages of a playbook run, and in which order.

use crate::playbook::{Profile, Stage};
use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
};

/// The stages so that each comes behind those it needs, whatever order they are written in.
///
/// # Errors
/// A circle, printed.
pub(super) fn in_order(stages: &[Stage]) -> Result<Vec<&Stage>, String> {
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
        Some(stuck) => Err(circle(stages, &needs, &missing, stuck)),
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

/// What a profile lets run of a stage. Items of a list are selected by their labels.
pub(super) fn selected<'s>(profile: Option<&Profile>, stage: &'s Stage) -> Option<Cow<'s, Stage>> {
    let Some(profile) = profile else { return Some(Cow::Borrowed(stage)) };
    let named = |names: &[String], name: &str| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    let stage_in = |names: &[String]| named(names, &stage.id) || named(names, &stage.name);
    if stage_in(&profile.exclude_stages) {
        return None;
    }
    let whole = profile.stages.as_ref().is_none_or(|stages| stage_in(stages));
    if !stage.steps.iter().any(|step| step.stage.is_some()) {
        return whole.then_some(Cow::Borrowed(stage));
    }
    let mut stage = stage.clone();
    stage.steps.retain(|step| {
        let label_in = |names: &[String]| step.stage.as_ref().is_some_and(|label| named(names, label));
        let wanted = whole || profile.stages.as_ref().is_some_and(|stages| label_in(stages));
        wanted && !label_in(&profile.exclude_stages)
    });
    (!stage.steps.is_empty()).then_some(Cow::Owned(stage))
}
