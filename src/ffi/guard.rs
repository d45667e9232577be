//! What every export's body stands in.

use super::{
    status::AitherStatus,
    text::{self, AitherText},
};
use crate::error::{Diagnose, Problem};
use serde::{de::DeserializeOwned, Serialize};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A call that does not answer: the status, and the error text where there is something to say.
pub(super) struct Failure {
    status: AitherStatus,
    problem: Option<Problem>,
}

impl Failure {
    /// A status that needs no words, or whose call has nowhere to put them.
    pub(super) fn status(status: AitherStatus) -> Self {
        Self { status, problem: None }
    }

    fn described(status: AitherStatus, code: &'static str, message: String, hint: &str) -> Self {
        let problem = Problem { code, message, hint: Some(hint.to_owned()), place: None };
        Self { status, problem: Some(problem) }
    }

    /// A null pointer where `what` should be.
    pub(super) fn null(what: &str) -> Self {
        let message = format!("{what} is null");
        Self::described(
            AitherStatus::AITHER_NULL_POINTER,
            "abi.null-pointer",
            message,
            "Pass a valid pointer.",
        )
    }

    /// A key that no run has.
    pub(super) fn unknown_run(key: u64) -> Self {
        let message = format!("no run has the key {key}");
        let hint = "Pass the key that aither_run_start gave, before aither_run_free.";
        Self::described(AitherStatus::AITHER_UNKNOWN_RUN, "abi.unknown-run", message, hint)
    }

    /// A key that no task has.
    pub(super) fn unknown_task(key: u64) -> Self {
        let message = format!("no task has the key {key}");
        let hint = "Pass the key that aither_task_start gave, before aither_task_free.";
        Self::described(AitherStatus::AITHER_UNKNOWN_RUN, "abi.unknown-task", message, hint)
    }

    /// A request that is well-formed and that a task could not honour.
    pub(super) fn told(problem: Problem) -> Self {
        Self { status: AitherStatus::AITHER_REJECTED, problem: Some(problem) }
    }

    /// What a task answers that met a defect.
    pub(super) fn defect() -> Problem {
        panic_problem(&"a task ended early")
    }

    /// A request that is well-formed and cannot be honoured.
    pub(super) fn rejected(error: impl Diagnose) -> Self {
        Self { status: AitherStatus::AITHER_REJECTED, problem: Some(error.into()) }
    }

    /// A call that does not fit the run's state.
    pub(super) fn state(error: impl Diagnose) -> Self {
        Self { status: AitherStatus::AITHER_INVALID_STATE, problem: Some(error.into()) }
    }
}

/// Runs the body of an export: its answer or its error becomes the text in `out`, and a panic
/// becomes AITHER_PANIC. `Ok(None)` is AITHER_OK without a text.
///
/// `out` must be null or valid for writing.
pub(super) fn guarded(
    out: *mut AitherText,
    body: impl FnOnce() -> Result<Option<String>, Failure>,
) -> AitherStatus {
    let body = || {
        #[cfg(feature = "test-panics")]
        super::injected::strike();
        body()
    };
    let (status, text) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(answer)) => (AitherStatus::AITHER_OK, answer),
        Ok(Err(Failure { status, problem })) => (status, problem.map(|problem| json(&problem))),
        Err(payload) => (AitherStatus::AITHER_PANIC, Some(json(&panic_problem(payload.as_ref())))),
    };
    // SAFETY: the exports promise that `out` is null or valid for writing.
    unsafe { text::store(out, text) };
    status
}

fn panic_problem(payload: &(dyn std::any::Any + Send)) -> Problem {
    let told = payload.downcast_ref::<&str>().copied();
    let told = told.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    Problem {
        code: "abi.panic",
        message: format!("a defect in the native engine: {told}"),
        hint: Some("Please report this with what you called.".into()),
        place: None,
    }
}

/// An answer as JSON text.
pub(super) fn json(answer: &impl Serialize) -> String {
    // Plain data with text keys always has a JSON form.
    serde_json::to_string(answer).unwrap_or_else(|error| unreachable!("{error}"))
}

/// The caller's text.
///
/// # Safety
/// `data` is null, or valid for reading `len` bytes for as long as the result is used.
pub(super) unsafe fn utf8<'a>(data: *const u8, len: usize, what: &str) -> Result<&'a str, Failure> {
    // SAFETY: as this function's.
    let bytes = unsafe { text::bytes(data, len) }.map_err(|_| Failure::null(what))?;
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("{what} is not UTF-8 at byte {}", error.valid_up_to());
        Failure::described(
            AitherStatus::AITHER_INVALID_UTF8,
            "abi.invalid-utf8",
            message,
            "Encode it as UTF-8.",
        )
    })
}

/// The caller's request.
///
/// # Safety
/// As [`utf8`].
pub(super) unsafe fn request<T: DeserializeOwned>(data: *const u8, len: usize) -> Result<T, Failure> {
    // SAFETY: as this function's.
    let text = unsafe { utf8(data, len, "the request") }?;
    parse(text, "the request")
}

/// JSON of the caller.
pub(super) fn parse<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let message = format!("{what} cannot be read: {error}");
        let hint = "docs/c-abi.md has the shape of every request.";
        Failure::described(AitherStatus::AITHER_INVALID_REQUEST, "abi.invalid-request", message, hint)
    })
}
