//! Why a matrix cannot be expanded, and what to write instead.

use crate::error::{nearest, Diagnose};
use thiserror::Error;

/// Why a matrix cannot be expanded.
#[derive(Debug, Error, PartialEq)]
pub enum MatrixError {
    /// Neither a dimension nor an include entry.
    #[error("the matrix is empty: it has no dimension and no include entry")]
    Empty,
    /// A dimension's value is null.
    #[error("dimension '{0}' of the matrix is null")]
    NullDimension(String),
    /// A dimension has no value.
    #[error("dimension '{0}' of the matrix has no values")]
    EmptyDimension(String),
    /// Two names that differ only in case.
    #[error("the matrix names '{0}' and '{1}', which differ only in case")]
    SameName(String, String),
    /// `include` or `exclude` is not a list of objects.
    #[error("'{part}' of the matrix must be a list of objects, {found} is none")]
    NotEntries {
        /// `include` or `exclude`.
        part: &'static str,
        /// The value found, shortened.
        found: String,
    },
    /// An entry without any name.
    #[error("entry {index} of '{part}' is empty")]
    EmptyEntry {
        /// `include` or `exclude`.
        part: &'static str,
        /// Position in the list, from 1.
        index: usize,
    },
    /// An exclude entry names something that is no dimension.
    #[error("entry {index} of 'exclude' names '{name}', which is no dimension")]
    UnknownExclude {
        /// Position in the list, from 1.
        index: usize,
        /// The name.
        name: String,
        /// The dimensions there are.
        known: Vec<String>,
    },
    /// More combinations than the limit.
    #[error("the matrix would make {count} jobs{more}; the limit is {limit}")]
    TooMany {
        /// How many there would be.
        count: u128,
        /// Says so where `count` is only a bound.
        more: &'static str,
        /// The limit in force.
        limit: u64,
    },
    /// Every combination was excluded.
    #[error("the matrix has no jobs left: 'exclude' removed all {0} combinations")]
    NoneLeft(u128),
}

impl Diagnose for MatrixError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "matrix.empty",
            Self::NullDimension(_) => "matrix.null-dimension",
            Self::EmptyDimension(_) => "matrix.empty-dimension",
            Self::SameName(..) => "matrix.same-name",
            Self::NotEntries { .. } => "matrix.not-entries",
            Self::EmptyEntry { .. } => "matrix.empty-entry",
            Self::UnknownExclude { .. } => "matrix.unknown-exclude",
            Self::TooMany { .. } => "matrix.too-many",
            Self::NoneLeft(_) => "matrix.none-left",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "Name at least one dimension with a list of values: @{ os = @('Linux', 'Windows') }.".into(),
            Self::NullDimension(name) | Self::EmptyDimension(name) => {
                format!("Give it a list with at least one value, @{{ {name} = @('a', 'b') }}, or leave it out.")
            }
            Self::SameName(..) => "Names are compared without case; rename one of them.".into(),
            Self::NotEntries { part, .. } => format!("Write {part} = @(@{{ name = 'value' }}, @{{ … }})."),
            Self::EmptyEntry { .. } => "Give the entry at least one name, or remove it.".into(),
            Self::UnknownExclude { known, .. } if known.is_empty() => "Add a dimension, or remove the entry.".into(),
            Self::UnknownExclude { name, known, .. } => match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("Did you mean '{near}'? The dimensions are: {}.", known.join(", ")),
                None => format!("The dimensions are: {}.", known.join(", ")),
            },
            Self::TooMany { .. } => {
                "Use fewer values or dimensions, exclude combinations, or raise the limit (-Limit, matrixLimit).".into()
            }
            Self::NoneLeft(_) => "Remove an exclude entry, or add an include entry.".into(),
        })
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::NullDimension(name) | Self::EmptyDimension(name) => Some(format!("matrix.{name}")),
            Self::NotEntries { part, .. } => Some(format!("matrix.{part}")),
            Self::EmptyEntry { part, index } => Some(format!("matrix.{part}[{}]", index - 1)),
            Self::UnknownExclude { index, name, .. } => Some(format!("matrix.exclude[{}].{name}", index - 1)),
            _ => None,
        }
    }
}
