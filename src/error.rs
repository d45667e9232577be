//! What a refused request looks like from outside: a code, a message, the fix, the place.
//!
//! Each room has an error enum of its own that implements [`Diagnose`]; at the boundary all of them
//! become one [`Problem`], the JSON that callers see.

use serde::Serialize;

/// An error that can say what to do about it.
pub trait Diagnose: std::error::Error {
    /// A stable `room.reason` in kebab case, for example `sequence.unknown-number`.
    fn code(&self) -> &'static str;

    /// How to fix it, in one sentence.
    fn hint(&self) -> Option<String> {
        None
    }

    /// Where it is: a file, a path in a document, a folder.
    fn place(&self) -> Option<String> {
        None
    }
}

/// The JSON form of every error: `{"code", "message", "hint", "where"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `room.reason`, stable.
    pub code: &'static str,
    /// What is wrong, naming the offending text.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
    /// Where it is.
    #[serde(rename = "where")]
    pub place: Option<String>,
}

impl<E: Diagnose> From<E> for Problem {
    fn from(error: E) -> Self {
        Self { code: error.code(), message: error.to_string(), hint: error.hint(), place: error.place() }
    }
}
