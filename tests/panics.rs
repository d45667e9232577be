//! A defect in any call is AITHER_PANIC with an error that says so; the same call works the next time, and
//! nothing was done. Run with the feature `test-panics`, as `cargo xtask test` does.

use aither_orchestration::ffi::{
    calls::*, injected, playbook::*, report::*, run::*, runs::*, status::AitherStatus, task::*, text::*,
};
use std::{collections::BTreeSet, fs, path::Path, ptr};

type Call = Box<dyn Fn(&mut AitherText) -> AitherStatus>;
type Request = unsafe extern "C" fn(*const u8, usize, *mut AitherText) -> AitherStatus;

/// A run that no call finds; a call that gets so far has not panicked.
const NONE: u64 = u64::MAX;

fn of(call: Request) -> Call {
    // SAFETY: two bytes, and a text that can be written.
    Box::new(move |out| unsafe { call(b"{}".as_ptr(), 2, out) })
}

/// Every export that is guarded.
fn exports() -> Vec<(&'static str, Call)> {
    let mut exports: Vec<(&'static str, Call)> = vec![
        ("aither_matrix_expand", of(aither_matrix_expand)),
        ("aither_sequence_resolve", of(aither_sequence_resolve)),
        ("aither_cache_key", of(aither_cache_key)),
        ("aither_cache_explain", of(aither_cache_explain)),
        ("aither_plan", of(aither_plan)),
        ("aither_playbook_find", of(aither_playbook_find)),
        ("aither_playbook_parse", of(aither_playbook_parse)),
        ("aither_expression_evaluate", of(aither_expression_evaluate)),
        ("aither_report_write", of(aither_report_write)),
        ("aither_runs_list", of(aither_runs_list)),
        ("aither_runs_show", of(aither_runs_show)),
        ("aither_runs_log", of(aither_runs_log)),
        ("aither_runs_remove", of(aither_runs_remove)),
        ("aither_runs_resume", of(aither_runs_resume)),
    ];
    // SAFETY (all below): the pointers are valid for what the calls do with them.
    let mut add = |name, call: Call| exports.push((name, call));
    add("aither_version", Box::new(|out| unsafe { aither_version(out) }));
    add("aither_text_free", Box::new(|_| unsafe { aither_text_free(ptr::null_mut()) }));
    add("aither_run_start", Box::new(|out| unsafe { aither_run_start(b"{}".as_ptr(), 2, &mut 0, out) }));
    add("aither_run_next_job", Box::new(|out| unsafe { aither_run_next_job(NONE, 0, out) }));
    add("aither_run_log", Box::new(|out| unsafe { aither_run_log(NONE, 0, 1, b"{}".as_ptr(), 2, out) }));
    add(
        "aither_run_output",
        Box::new(|out| unsafe { aither_run_output(NONE, 0, b"{}".as_ptr(), 2, b"{}".as_ptr(), 2, out) }),
    );
    add(
        "aither_run_finish_job",
        Box::new(|out| unsafe { aither_run_finish_job(NONE, 0, b"{}".as_ptr(), 2, out) }),
    );
    add("aither_run_events", Box::new(|out| unsafe { aither_run_events(NONE, 0, out) }));
    add("aither_run_cancel", Box::new(|out| unsafe { aither_run_cancel(NONE, out) }));
    add("aither_run_result", Box::new(|out| unsafe { aither_run_result(NONE, out) }));
    add("aither_run_job_output", Box::new(|out| unsafe { aither_run_job_output(NONE, 0, out) }));
    add("aither_run_free", Box::new(|_| aither_run_free(NONE)));
    add("aither_task_start", Box::new(|out| unsafe { aither_task_start(b"{}".as_ptr(), 2, &mut 0, out) }));
    add("aither_task_wait", Box::new(|out| unsafe { aither_task_wait(NONE, 0, out) }));
    add("aither_task_free", Box::new(|_| aither_task_free(NONE)));
    exports
}

#[test]
fn a_panic_in_a_call_is_a_status() {
    for (name, call) in exports() {
        let mut out = AitherText { data: ptr::null(), len: 0, key: 0 };
        injected::panic_next();
        assert_eq!(call(&mut out), AitherStatus::AITHER_PANIC, "{name}");
        if out.key != 0 {
            // SAFETY: a text that has a key is so many bytes.
            let words = unsafe { std::slice::from_raw_parts(out.data, out.len) };
            let problem: serde_json::Value = serde_json::from_slice(words).expect("JSON");
            assert_eq!(problem["code"], "abi.panic", "{name}");
            assert!(problem["message"].as_str().is_some_and(|text| text.contains("injected")), "{name}");
            // SAFETY: a text of the library.
            assert_eq!(unsafe { aither_text_free(&mut out) }, AitherStatus::AITHER_OK);
        } else {
            assert!(name.ends_with("_free"), "{name} says nothing");
        }
        assert_ne!(call(&mut out), AitherStatus::AITHER_PANIC, "{name}, the next time");
        // SAFETY: a text of the library, or an empty one.
        unsafe { aither_text_free(&mut out) };
    }
}

#[test]
fn every_export_is_among_them() {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/aither_orchestration.h");
    let header = fs::read_to_string(header).expect("the header");
    let declared: BTreeSet<&str> = header
        .lines()
        .filter_map(|line| line.strip_prefix("aither_status ")?.split_once('('))
        .map(|(name, _)| name)
        .collect();
    let listed: BTreeSet<&str> = exports().iter().map(|(name, _)| *name).collect();
    assert_eq!(declared, listed);
}
