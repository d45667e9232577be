//! What a refused request looks like from outside: a code, a message, the fix, the place.
//!
//! Each room has an error enum of its own that implements [`Diagnose`]; at the boundary all of them
//! become one [`Problem`], the JSON that callers see.

use crate::printable::printable;
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

/// The known name that a misspelt one is nearest to, without case, if at most every second letter of
/// it differs.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance * 2 <= candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
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
        let shown = |text: String| printable(&text).into_owned();
        Self {
            code: error.code(),
            message: shown(error.to_string()),
            hint: error.hint().map(shown),
            place: error.place().map(shown),
        }
    }
}
