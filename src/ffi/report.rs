//! The export about reports.

use super::{
    guard::{guarded, json, request, Failure},
    status::AitherStatus,
    text::AitherText,
};
use crate::report::{self, WriteRequest};

/// Writes a report: {"format", "document", "target"?} to {"path": "…"}, or to {"text": "…"} where
/// there is no target. A file is there whole or not at all.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_report_write(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: WriteRequest = unsafe { request(data, len) }?;
        let written = report::write(&asked).map_err(Failure::rejected)?;
        Ok(Some(json(&written)))
    })
}
