//! What is kept of a job that has succeeded, before its end is told.

use super::{
    caching::{Known, Pending},
    chores::has_chores,
    engine::Run,
    fact::{Fact, Outcome},
    state::{Claim, Ended, State},
    EventKind, JobStatus, Report, ReportedError,
};
use crate::{
    cache::{Finished, Identity, ScriptLine, StoredResult},
    plan::JobIndex,
};
use serde_json::{Map, Value};
use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    thread,
};

/// A job that writes more than this is not stored.
const LOG_BYTES: usize = 16 * 1024 * 1024;

impl Run {
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
        let (Some(run), Some(pool), true) = (self.this.upgrade(), self.pool, good) else {
            return Some(ended);
        };
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
        pool.spawn(move || run.close(job, pending, result, ended));
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
