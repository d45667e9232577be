//! The C boundary under misuse: eight threads make calls that a seed decides, with stale, doubled and foreign
//! keys, null pointers, broken UTF-8, changed requests and very large texts. Whatever comes in, a call
//! answers with a status that the header knows, never with AITHER_PANIC, and every text is what the
//! documentation says. `cargo xtask sanitize` runs a million calls under AddressSanitizer and Valgrind.
//!
//! AITHER_BOUNDARY_CALLS, _SEED and _LARGE (bytes) change how much is done.

#[path = "boundary/keys.rs"]
mod keys;
#[path = "random/mod.rs"]
mod random;
#[path = "boundary/texts.rs"]
mod texts;

use aither_orchestration::ffi::{
    calls::*, playbook::*, report::*, run::*, runs::*, status::AitherStatus, task::*, text::*,
};
use keys::{Keys, Owned};
use random::{setting, Random};
use std::{
    fs,
    path::Path,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use texts::{Given, Texts};

const THREADS: u64 = 8;
const EMPTY: AitherText = AitherText { data: ptr::null(), len: 0, key: 0 };

type Request = unsafe extern "C" fn(*const u8, usize, *mut AitherText) -> AitherStatus;

/// The calls that take a request and give a text, with what they like to hear.
const REQUESTS: &[(Request, &[&str])] = &[
    (aither_matrix_expand, texts::MATRIX),
    (aither_sequence_resolve, texts::SEQUENCE),
    (aither_cache_key, texts::KEY),
    (aither_cache_explain, texts::KEY),
    (aither_plan, texts::PLAN),
    (aither_playbook_find, texts::FIND),
    (aither_playbook_parse, texts::PLAYBOOK),
    (aither_expression_evaluate, texts::EXPRESSION),
    (aither_report_write, texts::REPORT),
    (aither_runs_list, texts::LIST),
    (aither_runs_show, texts::RECORDED),
    (aither_runs_log, texts::LOG),
];

/// As [`REQUESTS`]; whether they are honoured is a matter of what other threads' runs have come to.
const AT_TIMES: &[(Request, &[&str])] =
    &[(aither_runs_remove, texts::RECORDED), (aither_runs_resume, texts::RESUME)];

#[derive(Default)]
struct Shared {
    runs: Keys,
    tasks: Keys,
    texts: keys::Texts,
    /// How often a call of [`REQUESTS`], a start of a run and one of a task did what it was asked to.
    honoured: [AtomicUsize; REQUESTS.len() + 2],
}

struct Caller<'a> {
    random: Random,
    texts: Texts<'a>,
    shared: &'a Shared,
}

#[test]
fn no_call_does_more_than_answer() {
    let calls = setting("AITHER_BOUNDARY_CALLS", 8_000);
    let seed = setting("AITHER_BOUNDARY_SEED", 20_251_105);
    let large = setting("AITHER_BOUNDARY_LARGE", 1 << 20) as usize;
    let root = tempfile::tempdir().expect("a temporary folder");
    project(root.path());
    // A changed request may name a relative path; that, too, shall stay in the test's folder.
    std::env::set_current_dir(root.path()).expect("the test's folder");

    let shared = Shared::default();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (shared, root) = (&shared, root.path());
            scope.spawn(move || {
                let texts = Texts { root, large, large_every: (calls / 16).max(1) as usize };
                let random = Random::new(seed ^ (number << 32));
                let mut caller = Caller { random, texts, shared };
                (0..calls / THREADS).for_each(|_| caller.call());
            });
        }
    });

    shared.runs.take_all().into_iter().for_each(free_run);
    shared.tasks.take_all().into_iter().for_each(end_task);
    shared.texts.take_all().into_iter().for_each(free);
    // Calls that are always refused would show little.
    let honoured = shared.honoured.map(AtomicUsize::into_inner);
    assert!(honoured.iter().all(|count| *count > 0), "some call was never honoured: {honoured:?}");
    println!("{calls} calls with the seed {seed}, honoured {honoured:?}");
    // What was refused or went wrong before has not taken the rest along.
    let mut out = EMPTY;
    // SAFETY: `out` is valid for writing.
    assert_eq!(unsafe { aither_version(&mut out) }, AitherStatus::AITHER_OK);
    free(Owned(out));
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).expect("the project's folder");
}

fn project(root: &Path) {
    let scripts = root.join("automation-scripts");
    fs::create_dir(&scripts).expect("a folder");
    fs::write(scripts.join("0100_First.ps1"), "# Stage: Build\n# Tags: a\n").expect("a script");
    fs::write(scripts.join("0200_Second.ps1"), "# Dependencies: 0100\n").expect("a script");
}

impl Caller<'_> {
    fn call(&mut self) {
        match self.random.below(100) {
            0..=4 => self.start_run(),
            5..=34 => self.use_run(),
            35..=36 => self.start_task(),
            37..=41 => self.use_task(),
            42..=44 => self.misuse_text(),
            45 => {
                assert_eq!(aither_abi_version(), AITHER_ABI_VERSION);
                // SAFETY: `out` is null or valid for writing.
                self.answered(|out| unsafe { aither_version(out) });
            }
            _ => {
                let which = self.random.below(REQUESTS.len() + AT_TIMES.len());
                let (call, right) = REQUESTS.iter().chain(AT_TIMES).nth(which).copied().expect("a call");
                let given = self.texts.of(&mut self.random, right);
                // SAFETY: the pointers are what the call asks for.
                let status = self.answered(|out| given.pass(|data, len| unsafe { call(data, len, out) }));
                if which < REQUESTS.len() {
                    self.count(which, status);
                }
            }
        }
    }

    fn count(&self, which: usize, status: AitherStatus) {
        if status == AitherStatus::AITHER_OK {
            self.shared.honoured[which].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn say(&mut self, call: impl FnOnce(*mut AitherText) -> AitherStatus) {
        self.answered(call);
    }

    /// Makes a call with or without a place for its text, and looks at what it says.
    fn answered(&mut self, call: impl FnOnce(*mut AitherText) -> AitherStatus) -> AitherStatus {
        if self.random.once_in(20) {
            let status = call(ptr::null_mut());
            assert_ne!(status, AitherStatus::AITHER_PANIC);
            return status;
        }
        // What was there before is none of the call's business.
        let mut out = AitherText { data: ptr::NonNull::dangling().as_ptr(), len: usize::MAX, key: u64::MAX };
        let status = call(&mut out);
        check(status, &out);
        if out.key == 0 {
            return status;
        }
        if self.random.once_in(4) {
            self.shared.texts.add(Owned(out));
        } else {
            free(Owned(out));
        }
        if let Some(text) = self.shared.texts.surplus(&mut self.random) {
            free(text);
        }
        status
    }

    fn start_run(&mut self) {
        let given = self.texts.of(&mut self.random, texts::RUN);
        let mut run = 0;
        let place = if self.random.once_in(20) { ptr::null_mut() } else { ptr::addr_of_mut!(run) };
        // SAFETY: the pointers are what the call asks for, or null.
        let status =
            self.answered(|out| given.pass(|data, len| unsafe { aither_run_start(data, len, place, out) }));
        assert_eq!(status == AitherStatus::AITHER_OK, run != 0, "{status:?}");
        self.count(REQUESTS.len(), status);
        if run != 0 {
            if let Some(old) = self.shared.runs.add(&mut self.random, run) {
                free_run(old);
            }
        }
    }

    fn use_run(&mut self) {
        let run = self.shared.runs.any(&mut self.random);
        let job = match self.random.below(8) {
            0 => u64::MAX,
            1 => self.random.any(),
            _ => self.random.below(4) as u64,
        };
        let random = &mut self.random;
        // SAFETY (all below): the pointers are what the call asks for.
        match random.below(10) {
            0 | 1 => {
                let wait = *random.pick(&[0, 0, 0, 1, i64::MAX]);
                // Nobody shall wait for a job that never comes.
                let run = if wait > 1 { 0 } else { run };
                self.answered(|out| unsafe { aither_run_next_job(run, wait, out) });
            }
            2 => {
                let stream = random.any() as u8;
                let lines = self.texts.of(random, texts::LINES);
                self.answered(|out| {
                    lines.pass(|data, len| unsafe { aither_run_log(run, job, stream, data, len, out) })
                });
            }
            3 => {
                let name = self.texts.of(random, &["sum", ""]);
                let value = self.texts.of(random, &["42", "{\"a\": [null]}"]);
                self.answered(|out| {
                    name.pass(|name, name_len| {
                        value.pass(|value, len| unsafe {
                            aither_run_output(run, job, name, name_len, value, len, out)
                        })
                    })
                });
            }
            4 | 5 => {
                let report = self.texts.of(random, texts::OUTCOME);
                self.answered(|out| {
                    report.pass(|data, len| unsafe { aither_run_finish_job(run, job, data, len, out) })
                });
            }
            6 => self.say(|out| unsafe { aither_run_events(run, 0, out) }),
            7 => self.say(|out| unsafe { aither_run_result(run, out) }),
            8 => self.say(|out| unsafe { aither_run_job_output(run, job, out) }),
            _ if random.once_in(2) => self.say(|out| unsafe { aither_run_cancel(run, out) }),
            _ => free_run(run),
        }
    }

    fn start_task(&mut self) {
        let given = self.texts.of(&mut self.random, texts::TASK);
        let mut task = 0;
        let place = if self.random.once_in(20) { ptr::null_mut() } else { ptr::addr_of_mut!(task) };
        // SAFETY: the pointers are what the call asks for, or null.
        let status =
            self.answered(|out| given.pass(|data, len| unsafe { aither_task_start(data, len, place, out) }));
        assert_eq!(status == AitherStatus::AITHER_OK, task != 0, "{status:?}");
        self.count(REQUESTS.len() + 1, status);
        if task != 0 {
            if let Some(old) = self.shared.tasks.add(&mut self.random, task) {
                end_task(old);
            }
        }
    }

    fn use_task(&mut self) {
        let task = self.shared.tasks.any(&mut self.random);
        if self.random.once_in(8) {
            let status = aither_task_free(task);
            assert!(matches!(status, AitherStatus::AITHER_OK | AitherStatus::AITHER_UNKNOWN_RUN));
        } else {
            // SAFETY: `out` is null or valid for writing.
            self.answered(|out| unsafe { aither_task_wait(task, 0, out) });
        }
    }

    /// Frees copies, zeroed texts and ones that never were.
    fn misuse_text(&mut self) {
        let mut out = EMPTY;
        // SAFETY: `out` is valid for writing, and every text below is one.
        unsafe {
            assert_eq!(aither_version(&mut out), AitherStatus::AITHER_OK);
            let mut copy = AitherText { data: out.data, len: out.len, key: out.key };
            assert_eq!(aither_text_free(&mut out), AitherStatus::AITHER_OK);
            assert_eq!(aither_text_free(&mut out), AitherStatus::AITHER_OK, "a zeroed text");
            assert_eq!(aither_text_free(&mut copy), AitherStatus::AITHER_UNKNOWN_TEXT);
            let mut never = AitherText { data: ptr::null(), len: 7, key: self.random.any() | 1 << 63 };
            assert_eq!(aither_text_free(&mut never), AitherStatus::AITHER_UNKNOWN_TEXT);
            assert_eq!(aither_text_free(ptr::null_mut()), AitherStatus::AITHER_OK);
        }
    }
}

impl Given {
    fn pass(&self, call: impl FnOnce(*const u8, usize) -> AitherStatus) -> AitherStatus {
        match self {
            Self::Bytes(bytes) => call(bytes.as_ptr(), bytes.len()),
            Self::Null(len) => call(ptr::null(), *len),
        }
    }
}

/// A status goes with the text that docs/c-abi.md says.
fn check(status: AitherStatus, text: &AitherText) {
    if text.key == 0 {
        assert!(text.data.is_null() && text.len == 0, "{status:?} left {text:?}");
        assert!(
            matches!(
                status,
                AitherStatus::AITHER_OK | AitherStatus::AITHER_END | AitherStatus::AITHER_TIMEOUT
            ),
            "{status:?} without a word"
        );
        return;
    }
    // SAFETY: a text that has a key is so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(text.data, text.len) };
    let words = std::str::from_utf8(bytes).expect("UTF-8");
    assert_ne!(status, AitherStatus::AITHER_PANIC, "{words}");
    if status != AitherStatus::AITHER_OK {
        let problem: serde_json::Value = serde_json::from_str(words).expect("JSON");
        assert!(problem["code"].is_string() && problem["message"].is_string(), "{words}");
    }
}

fn free_run(run: u64) {
    // Another thread may have freed it.
    let status = aither_run_free(run);
    assert!(matches!(status, AitherStatus::AITHER_OK | AitherStatus::AITHER_UNKNOWN_RUN), "{status:?}");
}

fn free(Owned(mut text): Owned) {
    // SAFETY: a text of the library.
    assert_eq!(unsafe { aither_text_free(&mut text) }, AitherStatus::AITHER_OK);
}

/// Waits for a task and forgets it, so that none outlives the folder that it works in.
fn end_task(task: u64) {
    let mut out = EMPTY;
    // SAFETY: `out` is valid for writing.
    let status = unsafe { aither_task_wait(task, 60_000, &mut out) };
    assert_ne!(status, AitherStatus::AITHER_TIMEOUT, "a task hangs");
    free(Owned(out));
    aither_task_free(task);
}
