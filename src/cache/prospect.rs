//! What a run would find in the cache, without running it.

use super::{needs, CacheRequest, Digest, KeyDocument, Miss, Need, RunCache, Values, View};
use crate::plan::{Environment, Job, Plan};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// What would become of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Expected {
    /// It would be replayed.
    Hit,
    /// It would run, and be stored.
    Miss,
    /// It would run, and not be stored.
    NotCached,
    /// It would be skipped.
    Skipped,
}

/// One job of a plan and its place in the cache.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prospect {
    /// The job's position.
    pub job: usize,
    /// Its number.
    pub number: String,
    /// What would become of it.
    pub status: Expected,
    /// Its key, where it has one.
    pub key: Option<Digest>,
    /// Of a miss, what changed since the entry that is most like it.
    pub changes: Vec<String>,
    /// Why it is not cached, or why its entry is of no use.
    pub reason: Option<String>,
    /// What its key is made of.
    pub document: Option<KeyDocument>,
}

/// Looks at every job of a plan that [`crate::plan::check`] has accepted. Writes nothing but the
/// file-hash index.
pub fn prospects(plan: &Plan, mut request: CacheRequest, environment: Option<&Environment>) -> Vec<Prospect> {
    request.secrets.extend_from_slice(&plan.secrets);
    let cache = RunCache::new(&plan.root, request, environment.cloned());
    let needed: Vec<Vec<usize>> = (0..plan.jobs.len()).map(|job| needs(plan, job)).collect();
    let mut missing: Vec<usize> = needed.iter().map(Vec::len).collect();
    let mut behind: HashMap<usize, Vec<usize>> = HashMap::new();
    for (job, needs) in needed.iter().enumerate() {
        needs.iter().for_each(|need| behind.entry(*need).or_default().push(job));
    }
    let mut ready: VecDeque<usize> = (0..plan.jobs.len()).filter(|job| missing[*job] == 0).collect();
    let mut found: Vec<Option<Prospect>> = vec![None; plan.jobs.len()];
    while let Some(job) = ready.pop_front() {
        found[job] = Some(prospect(plan, &cache, job, &needed[job], &found));
        for next in behind.remove(&job).unwrap_or_default() {
            missing[next] -= 1;
            if missing[next] == 0 {
                ready.push_back(next);
            }
        }
    }
    cache.scanner.save();
    found.into_iter().flatten().collect()
}

fn prospect(
    plan: &Plan,
    cache: &RunCache,
    position: usize,
    needed: &[usize],
    found: &[Option<Prospect>],
) -> Prospect {
    let job = &plan.jobs[position];
    let mut prospect = Prospect {
        job: position,
        number: job.number.clone(),
        status: Expected::NotCached,
        key: None,
        changes: Vec::new(),
        reason: None,
        document: None,
    };
    if let Some(reason) = &job.skip {
        return Prospect { status: Expected::Skipped, reason: Some(reason.clone()), ..prospect };
    }
    if is_deferred(plan, job) {
        prospect.reason =
            Some("its matrix comes from other jobs: which jobs it makes is known only when it runs".into());
        return prospect;
    }
    if !job.late.is_empty() {
        prospect.reason =
            Some("its values come from other jobs and are known only when they have ended".into());
        return prospect;
    }
    let mut needs = Vec::with_capacity(needed.len());
    for need in needed {
        let number = plan.jobs[*need].number.clone();
        match found[*need].as_ref().map(|need| (need.status, need.key)) {
            Some((_, Some(key))) => needs.push(Need { number, key }),
            Some((Expected::Skipped, _)) => needs.push(Need { number, key: Digest::of(b"skipped") }),
            _ => {
                prospect.reason = Some(super::NotCached::Need(number).to_string());
                return prospect;
            }
        }
    }
    let identity = match cache.identify(job, Values::planned(job), needs, View::Shared) {
        Ok(identity) => identity,
        Err(why) => {
            prospect.reason = Some(why.to_string());
            return prospect;
        }
    };
    prospect.key = Some(identity.key);
    match cache.store.find(&identity.key) {
        Ok(_) => prospect.status = Expected::Hit,
        Err(miss) => {
            prospect.status = Expected::Miss;
            match miss {
                Miss::Absent => prospect.changes = cache.explain(&identity.document, &identity.manifest),
                other => prospect.reason = Some(other.to_string()),
            }
        }
    }
    prospect.document = Some(identity.document);
    prospect
}

/// Whether a job only stands for those that a run will find out about.
fn is_deferred(plan: &Plan, job: &Job) -> bool {
    plan.around(job.group).any(|at| plan.groups[at].is_deferred())
}
