//! Texts across the boundary. What goes out stays owned by a table here and is known to the caller
//! by a key, so that freeing a text twice, or one that never was, is a status.

use super::status::AitherStatus;
use once_cell::sync::Lazy;
use std::{
    collections::HashMap,
    ptr,
    sync::{
        atomic::{AtomicU64, Ordering},
        Mutex, PoisonError,
    },
};

/// A text from the library: `len` bytes of UTF-8 at `data`, valid until it is freed with
/// aither_text_free. Zeroed where a call has no text.
#[repr(C)]
#[derive(Debug)]
pub struct AitherText {
    /// The first byte, null where there is no text.
    pub data: *const u8,
    /// How many bytes.
    pub len: usize,
    /// What the library knows the text by.
    pub key: u64,
}

static LIVE: Lazy<Mutex<HashMap<u64, Box<str>>>> = Lazy::new(Mutex::default);
static LAST_KEY: AtomicU64 = AtomicU64::new(0);

impl AitherText {
    const EMPTY: Self = Self { data: ptr::null(), len: 0, key: 0 };

    fn hand_out(text: String) -> Self {
        let text = text.into_boxed_str();
        let key = LAST_KEY.fetch_add(1, Ordering::Relaxed) + 1;
        // The bytes stay where they are when the box moves into the table.
        let out = Self { data: text.as_ptr(), len: text.len(), key };
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).insert(key, text);
        out
    }
}

/// Frees a text and zeroes it. Freeing a zeroed text, or null, does nothing; freeing one that is
/// not live, such as a copy of one freed before, is AITHER_UNKNOWN_TEXT.
///
/// # Safety
/// `text` is null or points to an aither_text.
#[no_mangle]
pub unsafe extern "C" fn aither_text_free(text: *mut AitherText) -> AitherStatus {
    super::guard::guarded(ptr::null_mut(), || {
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: not null, and the caller promises an aither_text there.
        let key = unsafe { ptr::replace(text, AitherText::EMPTY) }.key;
        if key != 0 && LIVE.lock().unwrap_or_else(PoisonError::into_inner).remove(&key).is_none() {
            return Err(super::guard::Failure::status(AitherStatus::AITHER_UNKNOWN_TEXT));
        }
        Ok(None)
    })
}

/// Stores `text` in `out`, an empty one for `None`.
///
/// # Safety
/// `out` is null, and then nothing happens, or is valid for writing.
pub(super) unsafe fn store(out: *mut AitherText, text: Option<String>) {
    if !out.is_null() {
        let text = text.map_or(AitherText::EMPTY, AitherText::hand_out);
        // SAFETY: not null, and the caller promises it is valid for writing.
        unsafe { out.write(text) };
    }
}

/// The caller's bytes; none where `len` is 0, whatever `data` is.
///
/// # Safety
/// `data` is null, or valid for reading `len` bytes for as long as the result is used.
pub(super) unsafe fn bytes<'a>(data: *const u8, len: usize) -> Result<&'a [u8], AitherStatus> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || len > isize::MAX as usize {
        return Err(AitherStatus::AITHER_NULL_POINTER);
    }
    // SAFETY: not null, of a size a slice may have, and the caller promises the rest.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}
