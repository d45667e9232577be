//! The cache in front of and behind every job: whether it has to run at all, and what is kept of it.
//!
//! All of it happens on threads of the pool: reading, hashing and restoring files takes time, and
//! neither a caller nor the state's lock may wait for it.

use super::{
    chores::{has_chores, Prepared},
    engine::Run,
    fact::{Fact, Outcome},
    state::{Claim, Ended, State},
    EventKind, JobOutput, JobStatus, Report, ReportedError,
};
use crate::{
    cache::{
        self, CacheMode, CacheRequest, Digest, Entry, Finished, Identity, Lease, Miss, Need, NotCached,
        RunCache, ScriptLine, StoredResult, Values, View,
    },
    plan::{Environment, Group, JobIndex, Plan},
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    panic::{catch_unwind, AssertUnwindSafe},
    thread,
    time::{Duration, Instant},
};

/// A job that writes more than this is not stored.
const LOG_BYTES: usize = 16 * 1024 * 1024;

/// What the cache knows of the jobs of a run.
#[derive(Debug, Default)]
pub(super) struct Cached {
    /// What each job that has ended is, by its position.
    known: HashMap<usize, Known>,
    /// Jobs that run and may be stored when they end.
    pending: HashMap<usize, Pending>,
    /// How many jobs have been looked up, so that an answer that comes too late is known.
    lookups: u64,
}

/// What a job that has ended counts as in the keys of those that need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Its result is what this key says.
    Key(Digest),
    /// It never ran, which is always the same.
    Skipped,
    /// Nobody can say.
    No,
}

/// A job that runs because it was not found.
#[derive(Debug)]
struct Pending {
    identity: Identity,
    /// Held until it is stored: nobody else computes the same meanwhile.
    lease: Option<Lease>,
    /// Whether its result may be stored.
    stores: bool,
    log: Vec<(u8, String)>,
    log_bytes: usize,
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
        let Some(cache) = &self.cache else { return false };
        if cache.request.mode == CacheMode::Off && !has_chores(&self.plan().jobs[job.0]) {
            return false;
        }
        let Some(run) = self.this.upgrade() else { return false };
        state.cached.lookups += 1;
        let lookup = state.cached.lookups;
        state.claims[job.0] = Claim::LookedUp(lookup);
        rayon::spawn(move || run.answer(job, lookup, None));
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

    fn warn(&self, state: &mut State, job: JobIndex, warnings: Vec<String>) {
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
        let StoredResult { errors, outputs, log, text, objects, .. } = entry.result;
        state.cached.known.insert(job.0, Known::Key(key));
        for (stream, text) in log {
            self.emit(state, EventKind::JobLog { job: job.0, stream, text });
        }
        for (name, value) in outputs {
            self.emit(state, EventKind::JobOutput { job: job.0, name, value });
        }
        state.kept.insert(job.0, JobOutput { text, objects });
        let report = Report { errors, ..Report::default() };
        let ended = Ended { report: Some(report), duration: took, cached: true, ..Ended::default() };
        self.apply(state, Fact::Finished { job, outcome: Outcome::Success }, ended);
    }

    /// Keeps what a job wrote, where it may be stored.
    pub(super) fn keep_log(&self, state: &mut State, job: usize, stream: u8, text: &str) {
        let Some(pending) = state.cached.pending.get_mut(&job) else { return };
        pending.log_bytes += text.len();
        if pending.log_bytes > LOG_BYTES {
            pending.log = Vec::new();
            return;
        }
        match pending.log.last_mut() {
            Some((last, kept)) if *last == stream => kept.push_str(text),
            _ => pending.log.push((stream, text.to_owned())),
        }
    }

    /// A job has ended that was handed out. Where it may be stored this says so, and its end is told
    /// when that has been done.
    pub(super) fn store(
        &self,
        state: &mut State,
        job: JobIndex,
        outputs: Map<String, Value>,
        objects: Option<String>,
        ended: Ended,
    ) -> Option<Ended> {
        if let Some(cache) = &self.cache {
            cache.scanner.disturb();
        }
        let good = ended
            .report
            .as_ref()
            .is_some_and(|report| report.exit_code == 0 && report.error.is_none() && !report.stopped);
        let pending = state.cached.pending.remove(&job.0);
        if pending.is_none() && !(self.cache.is_some() && has_chores(&self.plan().jobs[job.0])) {
            return Some(ended);
        }
        let (Some(run), true) = (self.this.upgrade(), good) else { return Some(ended) };
        let text = state.kept.get(&job.0).map(|kept| kept.text.clone()).unwrap_or_default();
        let objects = objects.or_else(|| state.kept.get(&job.0).and_then(|kept| kept.objects.clone()));
        state.claims[job.0] = Claim::Storing;
        let result = StoredResult {
            number: self.plan().jobs[job.0].number.clone(),
            exit_code: 0,
            errors: ended.report.as_ref().map_or(0, |report| report.errors),
            duration_ms: ended.duration.as_secs_f64() * 1_000.0,
            outputs,
            text,
            objects,
            log: Vec::new(),
            files: Vec::new(),
        };
        rayon::spawn(move || run.close(job, pending, result, ended));
        None
    }

    /// Does what comes behind a job that has succeeded, and tells its end.
    fn close(&self, job: JobIndex, pending: Option<Pending>, result: StoredResult, mut ended: Ended) {
        let defect = |_| Err("what it leaves behind could not be kept".to_owned());
        let planned = &self.prepared_job(job);
        let away = match &self.cache {
            Some(cache) => {
                catch_unwind(AssertUnwindSafe(|| self.put_away(cache, planned))).unwrap_or_else(defect)
            }
            None => Ok(Vec::new()),
        };
        let (known, note) = match (&away, pending) {
            (Ok(_), Some(pending)) => catch_unwind(AssertUnwindSafe(|| self.keep(job, pending, result)))
                .unwrap_or_else(|_| (Known::No, Some("not stored: storing it failed".to_owned()))),
            _ => (Known::No, None),
        };
        let mut state = self.lock();
        state.cached.known.insert(job.0, known);
        if let Some(message) = note {
            self.emit(&mut state, EventKind::CacheNoted { job: job.0, message });
        }
        let outcome = match away {
            Ok(warnings) => {
                self.warn(&mut state, job, warnings);
                Outcome::Success
            }
            Err(why) => {
                let error = ReportedError::plain(format!("{}: {why}", planned.name));
                ended.report = Some(Report { exit_code: 1, error: Some(error), ..Report::default() });
                Outcome::Failure
            }
        };
        self.apply(&mut state, Fact::Finished { job, outcome }, ended);
    }

    /// Stores a job that has succeeded, if it is what its key says.
    fn keep(&self, job: JobIndex, pending: Pending, mut result: StoredResult) -> (Known, Option<String>) {
        let Pending { identity, lease, stores, log, log_bytes } = pending;
        let Some(cache) = &self.cache else { return (Known::No, None) };
        let planned = &self.prepared_job(job);
        if let Err(why) = cache.verify(&identity, planned) {
            return (Known::No, Some(format!("not stored: {why}")));
        }
        let known = Known::Key(identity.key);
        if !stores {
            return (known, None);
        }
        if log_bytes > LOG_BYTES {
            return (known, Some(format!("not stored: it wrote more than {LOG_BYTES} bytes")));
        }
        result.log = log;
        if let Some(why) = self.unfit(&identity, &result) {
            return (known, Some(format!("not stored: {why}")));
        }
        let script = ScriptLine {
            number: planned.script.clone(),
            name: planned.name.clone(),
            path: planned.path.clone(),
        };
        let finished =
            Finished { document: &identity.document, manifest: &identity.manifest, script, result };
        let stored = cache.store.store(finished, &cache.scanner);
        drop(lease);
        (known, stored.err().map(|why| format!("not stored: {why}")))
    }

    /// Why nothing of a result may reach the disk.
    fn unfit(&self, identity: &Identity, result: &StoredResult) -> Option<&'static str> {
        if result.objects.as_deref() == Some("") {
            return Some("what it puts out cannot be written");
        }
        // CLIXML's element for a SecureString.
        if result.objects.as_deref().is_some_and(|objects| objects.contains("<SS")) {
            return Some("it puts out a secret");
        }
        if self.mask.is_empty() {
            return None;
        }
        let texts = [serde_json::to_string(result), serde_json::to_string(&identity.document)];
        let secret = texts.iter().flatten().any(|text| self.mask.text(text) != text.as_str());
        secret.then_some("it holds a secret")
    }

    /// A job has its final status.
    pub(super) fn note_status(&self, state: &mut State, job: usize, status: JobStatus) {
        if self.cache.is_some() {
            state.cached.pending.remove(&job);
            let known = if status == JobStatus::Skipped { Known::Skipped } else { Known::No };
            state.cached.known.entry(job).or_insert(known);
        }
    }

    /// The run has ended: what was learned about files is kept for the next one.
    pub(super) fn close_cache(&self) {
        if let Some(cache) = &self.cache {
            cache.scanner.save();
        }
    }

    /// Takes away what was not used for long, once a day, where nobody waits for it.
    pub(super) fn collect(&self) {
        let Some(cache) = self.cache.as_ref().filter(|cache| cache.request.mode.writes()) else { return };
        let store = cache.store.clone();
        // Another day will do.
        let _ = thread::Builder::new().name("aither-collect".into()).spawn(move || store.collect_daily());
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
