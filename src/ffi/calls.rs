//! The exports that need no run: a request in, an answer out.

use super::{
    guard::{guarded, json, request, Failure},
    status::AitherStatus,
    text::AitherText,
};
use crate::{
    cache::KeyRequest,
    catalog::{self, Catalog, Script},
    matrix,
    plan::{self, PlanRequest},
};
use serde::Deserialize;
use serde_json::{json as object, Map, Value};
use std::path::PathBuf;

/// The version of this interface. It changes when a call, a status or a shape does.
pub const AITHER_ABI_VERSION: u32 = 1;

/// The same number, to be found by its name without a call: what loads the library sees whether it can use it.
#[no_mangle]
#[allow(non_upper_case_globals)]
pub static aither_abi: u32 = AITHER_ABI_VERSION;

/// The version of the interface that the library has; must equal AITHER_ABI_VERSION of the header
/// the caller was made for.
#[no_mangle]
pub extern "C" fn aither_abi_version() -> u32 {
    AITHER_ABI_VERSION
}

/// Answers {"version", "abi"}.
///
/// # Safety
/// `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_version(out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        Ok(Some(json(&object!({ "version": env!("CARGO_PKG_VERSION"), "abi": AITHER_ABI_VERSION }))))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatrixRequest {
    matrix: Map<String, Value>,
    #[serde(default)]
    limit: Option<u64>,
}

/// Expands a matrix: {"matrix": {…}, "limit"?} to {"combinations": [{"id", "values"}], "warnings"}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_matrix_expand(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: MatrixRequest = unsafe { request(data, len) }?;
        let expansion = matrix::expand(&asked.matrix, asked.limit.unwrap_or(matrix::DEFAULT_LIMIT))
            .map_err(Failure::rejected)?;
        Ok(Some(json(&object!({ "combinations": expansion.combinations, "warnings": expansion.warnings }))))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SequenceRequest {
    root: PathBuf,
    sequence: Vec<String>,
}

/// Resolves a sequence: {"root", "sequence": ["…"]} to {"scripts": [Script], "folder"}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_sequence_resolve(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: SequenceRequest = unsafe { request(data, len) }?;
        let catalog = Catalog::open(&asked.root).map_err(Failure::rejected)?;
        let scripts = catalog::resolve(&catalog, &asked.sequence).map_err(Failure::rejected)?;
        catalog.read_headers(scripts.iter().copied());
        let scripts: Vec<Value> = scripts.into_iter().map(script).collect();
        Ok(Some(json(&object!({ "scripts": scripts, "folder": catalog.searched() }))))
    })
}

fn script(script: &Script) -> Value {
    let header = script.header();
    object!({
        "number": script.number.to_string(),
        "name": script.name,
        "path": script.path.to_string_lossy(),
        "stage": header.stage.as_deref().unwrap_or("Default"),
        "description": header.description.as_deref().unwrap_or_default(),
        "dependencies": header.dependencies,
        "condition": header.condition,
        "tags": header.tags,
    })
}

/// Makes a cache key: {"scripts": [{"number", "name"?, "path"?}], "variables"?} to {"key"}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_cache_key(data: *const u8, len: usize, out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: KeyRequest = unsafe { request(data, len) }?;
        Ok(Some(json(&object!({ "key": asked.key().map_err(Failure::rejected)? }))))
    })
}

/// Makes a cache key and says what went into it: as aither_cache_key, to {"key", "format", "scripts":
/// [{"number", "name", "digest"}], "variables"}.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_cache_explain(
    data: *const u8,
    len: usize,
    out: *mut AitherText,
) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: KeyRequest = unsafe { request(data, len) }?;
        Ok(Some(json(&asked.explain().map_err(Failure::rejected)?)))
    })
}

/// Makes a plan: a PlanRequest to a Plan. Starts and writes nothing.
///
/// # Safety
/// `data` is valid for reading `len` bytes; `out` is null or valid for writing.
#[no_mangle]
pub unsafe extern "C" fn aither_plan(data: *const u8, len: usize, out: *mut AitherText) -> AitherStatus {
    guarded(out, || {
        // SAFETY: the caller's promise about `data` and `len`.
        let asked: PlanRequest = unsafe { request(data, len) }?;
        Ok(Some(json(&plan::plan(&asked).map_err(Failure::rejected)?)))
    })
}
