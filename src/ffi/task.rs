//! Calls that may take long: started here, done on a thread of their own, waited for in short steps,
//! so that the caller's thread stays free to hear Ctrl+C.

use super::{
    guard::{guarded, json, request, Failure},
    status::AitherStatus,
    text::AitherText,
};
use crate::{
    cache::{
        artifact, prospects, timestamp, CacheRequest, Collected, Digest, Limits, Scanner, ScriptLine, Store,
        StoredRun,
    },
    error::{Diagnose, Problem},
    plan::{Environment, Plan},
    playbook::Upload,
};
use crossbeam_channel::{bounded, Receiver, RecvTimeoutError};
use once_cell::sync::Lazy;
use serde::Deserialize;
use serde_json::{json as object, Map, Value};
use std::{
    collections::HashMap,
    io,
    panic::{catch_unwind, AssertUnwindSafe},
    path::PathBuf,
    ptr,
    sync::{
        atomic::{AtomicU64, Ordering},
        Mutex, MutexGuard, PoisonError,
    },
    thread,
    time::Duration,
};

type Answer = Result<Value, Problem>;

static TASKS: Lazy<Mutex<HashMap<u64, Receiver<Answer>>>> = Lazy::new(Mutex::default);
static LAST_KEY: AtomicU64 = AtomicU64::new(0);

fn tasks() -> MutexGuard<'static, HashMap<u64, Receiver<Answer>>> {
    TASKS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Task {
    CacheTest {
        plan: Box<Plan>,
        #[serde(default)]
        cache: CacheRequest,
        #[serde(default)]
        environment: Option<Environment>,
    },
    CacheList {
        folder: PathBuf,
    },
    CacheSave {
        folder: PathBuf,
        key: Digest,
        scripts: Vec<ScriptLine>,
        #[serde(default)]
        variables: Map<String, Value>,
        success: bool,
        result: Map<String, Value>,
    },
    CacheCollect {
        folder: PathBuf,
        #[serde(default)]
        keys: Vec<Digest>,
        #[serde(rename = "olderThan", default)]
        older_than: Option<f64>,
        #[serde(rename = "maxSize", default)]
        max_size: Option<u64>,
        #[serde(default)]
        all: bool,
    },
    ArtifactPublish {
        root: PathBuf,
        folder: PathBuf,
        /// The key of the run that it belongs to, or else its id.
        #[serde(default)]
        run: Option<u64>,
        #[serde(rename = "runId", default)]
        run_id: String,
        upload: Upload,
    },
    ArtifactReceive {
        folder: PathBuf,
        /// The key of the run whose artifact it is, or its id; the newest of this name without either.
        #[serde(default)]
        run: Option<u64>,
        #[serde(rename = "runId", default)]
        run_id: Option<String>,
        name: String,
        destination: PathBuf,
    },
}

/// A failure of the cache as a whole; a damaged entry is none.
#[derive(Debug, thiserror::Error)]
#[error("the cache {folder}: {error}")]
struct CacheFailure {
    folder: String,
    error: io::Error,
}

impl Diagnose for CacheFailure {
    fn code(&self) -> &'static str {
        "cache.io"
    }

    fn hint(&self) -> Option<String> {
        Some("Check that the folder is yours and that there is room; deleting it is always safe.".into())
    }

    fn place(&self) -> Option<String> {
        Some(self.folder.clone())
    }
}

impl Task {
    fn run(self) -> Answer {
        match self {
            Self::CacheTest { plan, cache, environment } => {
                crate::plan::check(&plan.jobs, &plan.groups)?;
                Ok(object!({ "jobs": prospects(&plan, cache, environment.as_ref()) }))
            }
            Self::CacheList { folder } => {
                let store = Store::new(folder.clone());
                let entries = store.entries().map_err(failed(&folder))?.into_iter().map(|entry| {
                    object!({
                        "key": entry.metadata.cache_key,
                        "scripts": entry.metadata.scripts,
                        "variables": entry.metadata.variables,
                        "created": entry.metadata.timestamp,
                        "lastUsed": timestamp(entry.last_used),
                        "size": entry.metadata.size,
                        "success": entry.metadata.success,
                        "isJob": entry.metadata.document.is_some(),
                    })
                });
                Ok(object!({ "entries": entries.collect::<Vec<_>>() }))
            }
            Self::CacheSave { folder, key, scripts, variables, success, result } => {
                let run = StoredRun { key, scripts, variables, success, result };
                Store::new(folder.clone()).store_run(&run).map_err(failed(&folder))?;
                Ok(object!({ "key": key }))
            }
            Self::CacheCollect { folder, keys, older_than, max_size, all } => {
                let store = Store::new(folder.clone());
                let asked = Limits {
                    unused: older_than.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
                    bytes: max_size,
                    keys,
                    // What a user asks for is done, however young it is.
                    spared: Duration::ZERO,
                };
                let collected = if all { store.clear() } else { store.collect(&asked) };
                let Collected { removed, kept, bytes } = collected.map_err(failed(&folder))?;
                Ok(object!({ "removed": removed, "kept": kept, "bytes": bytes }))
            }
            Self::ArtifactPublish { root, folder, run, run_id, upload } => {
                let run_id = run.and_then(super::run::id_of).unwrap_or(run_id);
                let store = Store::new(folder);
                let scanner = Scanner::new(&root, &store.index());
                Ok(object!({ "artifact": artifact::publish(&store, &scanner, &run_id, &upload)? }))
            }
            Self::ArtifactReceive { folder, run, run_id, name, destination } => {
                let run_id = run.and_then(super::run::id_of).or(run_id);
                let store = Store::new(folder);
                let artifact = artifact::receive(&store, run_id.as_deref(), &name, &destination)?;
                Ok(object!({ "artifact": artifact }))
            }
        }
    }
}

fn failed(folder: &std::path::Path) -> impl FnOnce(io::Error) -> CacheFailure {
    let folder = folder.display().to_string();
    move |error| CacheFailure { folder, error }
}

/// Starts something that may take long and stores its key in `task`. The request is an object with
/// one field, whose name says what is to be done; docs/c-abi.md lists them. Every task is freed with
/// aither_task_free.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `task` is valid for writing; `out` is null or valid for
/// writing.
#[no_mangle]
pub unsafe extern "C" fn aither_task_start(
    data: *const u8,
    len: usize,
    task: *mut u64,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        if task.is_null() {
            return Err(Failure::null("task"));
        }
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: Task = unsafe { request(data, len) }?;
        let (sender, answer) = bounded(1);
        let work = move || {
            let done = catch_unwind(AssertUnwindSafe(|| asked.run()));
            // The caller may have freed the task; then nobody wants to know.
            let _ = sender.send(done.unwrap_or_else(|_| Err(Failure::defect())));
        };
        let started = thread::Builder::new().name("aither-task".into()).spawn(work);
        started.map_err(|error| Failure::rejected(NoThread(error)))?;
        let key = LAST_KEY.fetch_add(1, Ordering::Relaxed) + 1;
        tasks().insert(key, answer);
        // SAFETY: not null, and the caller promises it is valid for writing.
        unsafe { task.write(key) };
        Ok(None)
    })
}

#[derive(Debug, thiserror::Error)]
#[error("no thread could be started: {0}")]
struct NoThread(io::Error);

impl Diagnose for NoThread {
    fn code(&self) -> &'static str {
        "task.no-thread"
    }
}

/// Waits for a task: AITHER_OK with its answer, AITHER_REJECTED with its error, AITHER_TIMEOUT after
/// `timeout_ms`. The answer is handed out once.
///
/// # Safety
/// `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_task_wait(task: u64, timeout_ms: u32, out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        let answer = tasks().get(&task).cloned().ok_or_else(|| Failure::unknown_task(task))?;
        match answer.recv_timeout(Duration::from_millis(u64::from(timeout_ms))) {
            Ok(Ok(answer)) => Ok(Some(json(&answer))),
            Ok(Err(problem)) => Err(Failure::told(problem)),
            Err(RecvTimeoutError::Timeout) => Err(Failure::status(AitherStatus::AITHER_TIMEOUT)),
            Err(RecvTimeoutError::Disconnected) => Err(Failure::status(AitherStatus::AITHER_END)),
        }
    })
}

/// Forgets a task. One that goes on does so, and its answer is lost.
#[no_mangle]
pub extern "C" fn aither_task_free(task: u64) -> AitherStatus {
    guarded(ptr::null_mut(), || {
        tasks().remove(&task).ok_or_else(|| Failure::unknown_task(task))?;
        Ok(None)
    })
}
