//! The cache in front of every job: whether it has to run at all. What is kept of it is in `storing`.
//!
//! All of it happens on threads of the pool: reading, hashing and restoring files takes time, and
//! neither a caller nor the state's lock may wait for it.

use super::{
    chores::{has_chores, Prepared},
    engine::Run,
    fact::{Fact, Outcome},
    state::{Claim, Ended, State},
    EventKind, JobOutput, Report, ReportedError,
};
use crate::{
    cache::{
        self, CacheMode, CacheRequest, Digest, Entry, Identity, Lease, Miss, Need, NotCached, RunCache,
        StoredResult, Values, View,
    },
    plan::{Environment, Group, JobIndex, Plan},
};
use std::{
    collections::HashMap,
    panic::{catch_unwind, AssertUnwindSafe},
    thread,
    time::{Duration, Instant},
};

/// What the cache knows of the jobs of a run.
#[derive(Debug, Default)]
pub(super) struct Cached {
    /// What each job that has ended is, by its position.
    pub(super) known: HashMap<usize, Known>,
    /// Jobs that run and may be stored when they end.
    pub(super) pending: HashMap<usize, Pending>,
    /// How many jobs have been looked up, so that an answer that comes too late is known.
    lookups: u64,
}

/// What a job that has ended counts as in the keys of those that need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Its result is what this key says.
    Key(Digest),
    /// It never ran, which is always the same.
    Skipped,
    /// Nobody can say.
    No,
}

/// A job that runs because it was not found.
#[derive(Debug)]
pub(super) struct Pending {
    pub identity: Identity,
    /// Held until it is stored: nobody else computes the same meanwhile.
    pub lease: Option<Lease>,
    /// Whether its result may be stored.
    pub stores: bool,
    pub log: Vec<(u8, String)>,
    pub log_bytes: usize,
}

/// What came of looking a job up.
enum Looked {
    Hit(Box<Entry>, Digest, Duration),
    /// What was learned of it, what is said of that, and what it begins with or why it cannot.
    Miss(Option<Box<Pending>>, Vec<String>, Result<Prepared, String>),
    /// It was found, and what it should leave behind could not be kept.
    Refused(String),
    /// Another process has the lease: somebody who may wait has to go on.
    Busy(Digest),
}

impl Run {
    /// Looks a job up that may start, instead of handing it out; false where nothing is cached.
    pub(super) fn look_up(&self, state: &mut State, job: JobIndex) -> bool {
        let (Some(cache), Some(pool)) = (&self.cache, self.pool) else { return false };
        if cache.request.mode == CacheMode::Off && !has_chores(&self.plan().jobs[job.0]) {
            return false;
        }
        let Some(run) = self.this.upgrade() else { return false };
        state.cached.lookups += 1;
        let lookup = state.cached.lookups;
        state.claims[job.0] = Claim::LookedUp(lookup);
        pool.spawn(move || run.answer(job, lookup, None));
        true
    }

    fn answer(&self, job: JobIndex, lookup: u64, lease: Option<(Digest, Lease)>) {
        let looked = catch_unwind(AssertUnwindSafe(|| self.look(job, lease)));
        // A defect in here must not keep the job from running.
        let looked = looked.unwrap_or_else(|_| miss("looking it up failed".into()));
        match looked {
            Looked::Busy(key) => self.wait(job, lookup, key),
            looked => self.answered(job, lookup, looked),
        }
    }

    fn answered(&self, job: JobIndex, lookup: u64, looked: Looked) {
        if let (Looked::Hit(entry, ..), Some(logbook)) = (&looked, self.logbook()) {
            for (stream, text) in &entry.result.log {
                logbook.write(&self.plan().jobs[job.0].number, *stream, text);
            }
        }
        let mut state = self.lock();
        if !matches!(state.claims[job.0], Claim::LookedUp(own) if own == lookup) {
            // It was cancelled meanwhile. What was found goes after the lock, a lease with it.
            drop(state);
            drop(looked);
            return;
        }
        match looked {
            Looked::Hit(entry, key, took) => self.replay(&mut state, job, *entry, key, took),
            Looked::Refused(why) => self.refuse(&mut state, job, why),
            Looked::Miss(_, notes, Err(why)) => {
                for message in notes {
                    self.emit(&mut state, EventKind::CacheNoted { job: job.0, message });
                }
                self.refuse(&mut state, job, why);
            }
            Looked::Miss(pending, notes, Ok(prepared)) => {
                for (name, value) in prepared.outputs {
                    self.emit(&mut state, EventKind::JobOutput { job: job.0, name, value });
                }
                self.warn(&mut state, job, prepared.warnings);
                for message in notes {
                    self.emit(&mut state, EventKind::CacheNoted { job: job.0, message });
                }
                if let Some(pending) = pending {
                    state.cached.pending.insert(job.0, *pending);
                }
                if let Some(cache) = &self.cache {
                    cache.scanner.disturb();
                }
                let refused = self.hand_out(&mut state, job);
                if let Some((fact, ended)) = refused {
                    self.apply(&mut state, fact, ended);
                }
                self.note_peak(&mut state);
            }
            // Whoever waits for it answers.
            Looked::Busy(_) => {}
        }
    }

    /// Waits for another holder of the key on a thread of its own, since the pool's must not wait.
    fn wait(&self, job: JobIndex, lookup: u64, key: Digest) {
        let Some(cache) = &self.cache else { return };
        let (store, run) = (cache.store.clone(), self.this.clone());
        let waiting = thread::Builder::new().name("aither-lease".into()).spawn(move || {
            let lease = store.lease(&key);
            // A run that is gone wants no answer, and its lease goes to the next one.
            let Some(run) = run.upgrade() else { return };
            match lease {
                Ok(lease) => run.answer(job, lookup, Some((key, lease))),
                Err(error) => run.answered(job, lookup, miss(unlocked(&error))),
            }
        });
        if let Err(error) = waiting {
            // Better twice than never.
            self.answered(job, lookup, miss(unlocked(&error)));
        }
    }

    /// Looks a job up and, where it has to run, does what it begins with.
    fn look(&self, job: JobIndex, lease: Option<(Digest, Lease)>) -> Looked {
        let Some(cache) = &self.cache else { return Looked::Miss(None, Vec::new(), Ok(Prepared::default())) };
        let planned = &self.prepared_job(job);
        let looked = match cache.request.mode {
            CacheMode::Off => Looked::Miss(None, Vec::new(), Ok(Prepared::default())),
            _ => self.find(job, lease),
        };
        match looked {
            Looked::Miss(pending, notes, _) => Looked::Miss(pending, notes, self.prepare(cache, planned)),
            Looked::Hit(entry, key, took) => match self.put_away(cache, planned) {
                Ok(_) => Looked::Hit(entry, key, took),
                Err(why) => Looked::Refused(why),
            },
            other => other,
        }
    }

    fn find(&self, job: JobIndex, lease: Option<(Digest, Lease)>) -> Looked {
        let began = Instant::now();
        let uncached = |why: NotCached| miss(format!("not cached: {why}"));
        let Some(cache) = &self.cache else { return Looked::Miss(None, Vec::new(), Ok(Prepared::default())) };
        let needs = match self.needed(job) {
            Ok(needs) => needs,
            Err(why) => return uncached(why),
        };
        let planned = &self.prepared_job(job);
        let values = Values::planned(planned);
        // Whoever has waited looks again: what was there before may have changed since.
        let view = if lease.is_some() { View::Fresh } else { View::Shared };
        let identity = match cache.identify(planned, values, needs, view) {
            Ok(identity) => identity,
            Err(why) => return uncached(why),
        };
        if planned.cache.as_ref().is_some_and(|rules| rules.folder.is_some()) {
            // It has a key for those that need it, and runs: its folders have a cache of their own.
            let pending = Pending { identity, lease: None, stores: false, log: Vec::new(), log_bytes: 0 };
            return Looked::Miss(Some(Box::new(pending)), Vec::new(), Ok(Prepared::default()));
        }
        let key = identity.key;
        let mode = cache.request.mode;
        let mut damage = None;
        let mut replay = || match cache.store.replay(&key, &cache.scanner) {
            Ok((entry, wrote)) => {
                if wrote {
                    cache.scanner.disturb();
                }
                Some(Looked::Hit(Box::new(entry), key, began.elapsed()))
            }
            Err(Miss::Absent) => None,
            Err(miss) => {
                damage = Some(miss.to_string());
                None
            }
        };
        if let Some(hit) = mode.reads().then(&mut replay).flatten() {
            return hit;
        }
        let mut lease = lease.filter(|(held, _)| *held == key).map(|(_, lease)| lease);
        let mut notes = Vec::new();
        if mode.writes() && lease.is_none() {
            match cache.store.try_lease(&key) {
                Ok(None) => return Looked::Busy(key),
                Ok(taken) => lease = taken,
                Err(error) => notes.push(unlocked(&error)),
            }
            // Whoever had the lease until now may have stored it.
            if let Some(hit) = mode.reads().then(&mut replay).flatten() {
                return hit;
            }
        }
        if let Some(damage) = damage {
            notes.push(damage);
        } else if mode.reads() && cache.request.explain {
            let changes = cache.explain(&identity.document, &identity.manifest);
            let because =
                if changes.is_empty() { String::new() } else { format!(": {}", changes.join(", ")) };
            notes.push(format!("not in the cache{because}"));
        }
        let stores = mode.writes();
        let pending = Pending { identity, lease, stores, log: Vec::new(), log_bytes: 0 };
        Looked::Miss(Some(Box::new(pending)), notes, Ok(Prepared::default()))
    }

    /// A job that may start cannot.
    fn refuse(&self, state: &mut State, job: JobIndex, why: String) {
        let error = ReportedError::plain(format!("{}: {why}", self.plan().jobs[job.0].name));
        let report = Report { exit_code: 1, error: Some(error), ..Report::default() };
        let ended = Ended { report: Some(report), ..Ended::default() };
        self.apply(state, Fact::Finished { job, outcome: Outcome::Failure }, ended);
    }

    pub(super) fn warn(&self, state: &mut State, job: JobIndex, warnings: Vec<String>) {
        for warning in warnings {
            self.emit(state, EventKind::JobLog { job: job.0, stream: 3, text: format!("{warning}\n") });
        }
    }

    /// The keys of what a job needs.
    fn needed(&self, job: JobIndex) -> Result<Vec<Need>, NotCached> {
        let plan = self.plan();
        let needed = cache::needs(&plan, job.0);
        let state = self.lock();
        let needs = needed.into_iter().map(|need| {
            let number = plan.jobs[need].number.clone();
            match state.cached.known.get(&need) {
                Some(Known::Key(key)) => Ok(Need { number, key: *key }),
                Some(Known::Skipped) => Ok(Need { number, key: Digest::of(b"skipped") }),
                Some(Known::No) | None => Err(NotCached::Need(number)),
            }
        });
        needs.collect()
    }

    /// Tells of a job that was found as if it had run.
    fn replay(&self, state: &mut State, job: JobIndex, entry: Entry, key: Digest, took: Duration) {
        let StoredResult { errors, outputs, log, text, objects, duration_ms, .. } = entry.result;
        state.cached.known.insert(job.0, Known::Key(key));
        for (stream, text) in log {
            self.emit(state, EventKind::JobLog { job: job.0, stream, text });
        }
        for (name, value) in outputs {
            self.emit(state, EventKind::JobOutput { job: job.0, name, value });
        }
        let output = JobOutput { text, objects };
        let bytes = output.bytes();
        state.kept.insert(job.0, output);
        self.make_room(state, job.0, bytes);
        let report = Report { errors, ..Report::default() };
        let saved_ms = Some((duration_ms - took.as_secs_f64() * 1_000.0).max(0.0));
        let ended =
            Ended { report: Some(report), duration: took, cached: true, saved_ms, ..Ended::default() };
        self.apply(state, Fact::Finished { job, outcome: Outcome::Success }, ended);
    }
}

fn miss(note: String) -> Looked {
    Looked::Miss(None, vec![note], Ok(Prepared::default()))
}

fn unlocked(error: &std::io::Error) -> String {
    format!("the cache cannot be locked: {error}")
}

/// The cache of a run that wants one, or whose steps keep files.
pub(super) fn of(
    request: Option<CacheRequest>,
    plan: &Plan,
    environment: Option<&Environment>,
    secrets: &[String],
) -> Option<RunCache> {
    let off = CacheRequest { mode: CacheMode::Off, ..CacheRequest::default() };
    let mut request = request.unwrap_or(off);
    request.secrets.extend_from_slice(secrets);
    // Nobody knows yet what the jobs of a deferred group will ask for.
    let may_have_chores = plan.jobs.iter().any(has_chores) || plan.groups.iter().any(Group::is_deferred);
    if request.mode == CacheMode::Off && !may_have_chores {
        return None;
    }
    Some(RunCache::new(&plan.root, request, environment.cloned()))
}
