//! What every call says about how it went.

/// How a call went. The numbers never change meaning.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum AitherStatus {
    /// Done; the text, where there is one, is the answer.
    AITHER_OK = 0,
    /// Nothing more will come from this run. No text.
    AITHER_END = 1,
    /// Nothing came within the time given. No text.
    AITHER_TIMEOUT = 2,
    /// A pointer that must not be null was.
    AITHER_NULL_POINTER = 16,
    /// A text was not UTF-8.
    AITHER_INVALID_UTF8 = 17,
    /// Not JSON, an unknown field, or a field of the wrong type.
    AITHER_INVALID_REQUEST = 18,
    /// A well-formed request that cannot be honoured; the error's `code` says why.
    AITHER_REJECTED = 19,
    /// No run has this key.
    AITHER_UNKNOWN_RUN = 20,
    /// No live text has this key.
    AITHER_UNKNOWN_TEXT = 21,
    /// The call does not fit the state, for example a job finished twice.
    AITHER_INVALID_STATE = 22,
    /// A defect in the library. The call had no effect.
    AITHER_PANIC = 32,
}
