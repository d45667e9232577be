//! Why a request makes no plan.

use super::PlanError;
use crate::{
    catalog::{CatalogError, SequenceError},
    error::Diagnose,
    expression::ExpressionError,
    matrix::MatrixError,
    playbook::{LookupError, PlaybookError},
};
use std::io;
use thiserror::Error;

/// Why a request makes no plan.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The project's scripts cannot be listed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The sequence selects nothing that can be run.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// The matrix cannot be expanded.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The matrix of a stage or job of a playbook cannot be expanded.
    #[error("{path}: {error}")]
    StageMatrix {
        /// Where in the playbook.
        path: String,
        /// Why not.
        error: MatrixError,
    },
    /// The matrix of a stage or job of a playbook is something else.
    #[error("{path} is {found}, which is no matrix")]
    NoMatrix {
        /// Where in the playbook.
        path: String,
        /// What it is, shortened.
        found: String,
    },
    /// A plan with deferred groups that has lost what it was made from.
    #[error("the plan does not say what it was made from")]
    NoRequest,
    /// The jobs make no graph.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The playbook cannot be read.
    #[error(transparent)]
    Playbook(#[from] PlaybookError),
    /// A playbook that a stage or a step uses cannot be found.
    #[error("{path}: {error}")]
    Lookup {
        /// Where in the playbook that uses it.
        path: String,
        /// Why not.
        error: LookupError,
    },
    /// A playbook that a stage or a step uses cannot be used like this.
    #[error("{path}: {error}")]
    Use {
        /// Where in the playbook that uses it.
        path: String,
        /// Why not.
        error: PlaybookError,
    },
    /// A psd1 playbook that is used and not among the request's documents.
    #[error("the playbook '{path}' has to be read by PowerShell")]
    Unread {
        /// Its file.
        path: String,
    },
    /// The file of a playbook that is used cannot be read.
    #[error("the playbook '{path}' cannot be read: {error}")]
    Unreadable {
        /// Its file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// The playbook has a required input that no variable sets.
    #[error("the playbook '{playbook}' needs the input '{name}'")]
    NoInput {
        /// The playbook.
        playbook: String,
        /// The input.
        name: String,
    },
    /// Playbooks that use others come to more than a plan may have.
    #[error("the playbooks that use each other come to more than {most} stages")]
    TooManyGroups {
        /// The most there may be.
        most: usize,
    },
    /// A template of the playbook cannot be evaluated.
    #[error("{path}: {error}")]
    Expression {
        /// Where in the playbook.
        path: String,
        /// What is wrong with it.
        error: ExpressionError,
    },
    /// Neither a sequence nor a playbook, or both.
    #[error("a plan needs either a sequence or a playbook")]
    NothingAsked,
    /// The playbook has no such profile.
    #[error("Invalid playbook profile: {name}. Available profiles: {}", .known.join(", "))]
    UnknownProfile {
        /// The name.
        name: String,
        /// The profiles there are.
        known: Vec<String>,
    },
    /// A job needs one that does not exist.
    #[error("{path} needs '{need}', which is no job of the playbook")]
    UnknownNeed {
        /// Where in the playbook.
        path: String,
        /// What it needs.
        need: String,
        /// The jobs there are.
        known: Vec<String>,
    },
    /// No stage, or none that is left, runs anything.
    #[error("the playbook '{playbook}' has nothing to run")]
    NothingToRun {
        /// The playbook's name.
        playbook: String,
    },
    /// A template came to something that does not fit in its place.
    #[error("{path}: what its templates come to does not fit: {reason}")]
    Unfit {
        /// Where in the playbook.
        path: String,
        /// What does not fit.
        reason: String,
    },
}

impl Diagnose for RequestError {
    fn code(&self) -> &'static str {
        match self {
            Self::Catalog(error) => error.code(),
            Self::Sequence(error) => error.code(),
            Self::Matrix(error) => error.code(),
            Self::StageMatrix { error, .. } => error.code(),
            Self::NoMatrix { .. } => "matrix.not-object",
            Self::NoRequest => "plan.no-request",
            Self::Plan(error) => error.code(),
            Self::Playbook(error) => error.code(),
            Self::Lookup { error, .. } => error.code(),
            Self::Use { error, .. } => error.code(),
            Self::Unread { .. } => "playbook.unread",
            Self::Unreadable { .. } => "playbook.unreadable",
            Self::NoInput { .. } => "playbook.missing-input",
            Self::TooManyGroups { .. } => "plan.too-many-groups",
            Self::Expression { error, .. } => error.code(),
            Self::NothingAsked => "plan.nothing-asked",
            Self::UnknownProfile { .. } => "playbook.unknown-profile",
            Self::UnknownNeed { .. } => "playbook.unknown-need",
            Self::NothingToRun { .. } => "playbook.nothing-to-run",
            Self::Unfit { .. } => "playbook.unfit",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Catalog(error) => error.hint(),
            Self::Sequence(error) => error.hint(),
            Self::Matrix(error) => error.hint(),
            Self::StageMatrix { error, .. } => error.hint(),
            Self::NoMatrix { .. } => Some(
                "It must be an object of lists, such as {\"os\": [\"Linux\", \"Windows\"]}; an output that holds its JSON text is read by ${{ fromJSON(needs.job.outputs.name) }}."
                    .into(),
            ),
            Self::NoRequest => Some("Pass the answer of aither_plan unchanged.".into()),
            Self::Plan(error) => error.hint(),
            Self::Playbook(error) => error.hint(),
            Self::Lookup { error, .. } => error.hint(),
            Self::Use { error, .. } => error.hint(),
            Self::Unread { path } => {
                Some(format!("Ask again with its document under documents[\"{path}\"]."))
            }
            Self::Unreadable { .. } => Some("Check that the file is there and that you may read it.".into()),
            Self::NoInput { name, .. } => Some(format!("Pass it: -Variables @{{ {name} = … }}.")),
            Self::TooManyGroups { .. } => Some("Let fewer stages use other playbooks.".into()),
            Self::Expression { error, .. } => error.hint(),
            Self::NothingAsked => Some("Give one of the two.".into()),
            Self::UnknownProfile { known, .. } if known.is_empty() => {
                Some("The playbook has no profiles.".into())
            }
            Self::UnknownProfile { .. } => Some("Choose one of them, or leave the profile out.".into()),
            Self::UnknownNeed { known, .. } => Some(format!("The jobs are: {}.", known.join(", "))),
            Self::NothingToRun { .. } => {
                Some("Check its stages, the profile and the numbers of its scripts.".into())
            }
            Self::Unfit { .. } => Some("Names, keys and patterns are text.".into()),
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Catalog(error) => error.place(),
            Self::Sequence(error) => error.place(),
            Self::Matrix(error) => error.place(),
            // The matrix's own places begin with `matrix`, as the path ends.
            Self::StageMatrix { path, error } => {
                let inner = error.place().and_then(|place| place.strip_prefix("matrix").map(str::to_owned));
                Some(format!("{path}{}", inner.unwrap_or_default()))
            }
            Self::Plan(error) => error.place(),
            Self::Playbook(error) => error.place(),
            Self::Expression { path, .. }
            | Self::UnknownNeed { path, .. }
            | Self::NoMatrix { path, .. }
            | Self::Unfit { path, .. }
            | Self::Lookup { path, .. }
            | Self::Use { path, .. }
            | Self::Unread { path }
            | Self::Unreadable { path, .. } => Some(path.clone()),
            Self::NothingAsked
            | Self::NoRequest
            | Self::UnknownProfile { .. }
            | Self::NothingToRun { .. }
            | Self::NoInput { .. }
            | Self::TooManyGroups { .. } => None,
        }
    }
}
