//! Why a document is no playbook, or cannot be used as one.

use super::reuse::MOST_LEVELS;
use crate::error::Diagnose;
use thiserror::Error;

/// How many problems of a document a message lists.
const MOST_LISTED: usize = 20;

const FORMATS: &str = "A playbook is JSON with \"sequence\" or \"stages\" (v1), with \"metadata\" and \
    \"orchestration.stages\" (v2) or \"orchestration.jobs\" (v3), or a psd1 table with \
    Sequence = @(@{ Script = '0402' }) or Scripts = @(@{ Number = '0402' }).";

/// Why a document is no playbook, or cannot be used as one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlaybookError {
    /// Neither a text nor a document was given.
    #[error("there is no playbook to read")]
    NothingGiven,
    /// Longer than a playbook may be.
    #[error("the playbook has {size} bytes; the most is {most}")]
    TooLarge {
        /// The file.
        file: Option<String>,
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// No JSON.
    #[error("line {line}, column {column}: {reason}: {excerpt}")]
    Broken {
        /// The file.
        file: Option<String>,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser says.
        reason: String,
        /// The text of the line, shortened.
        excerpt: String,
    },
    /// A document that is a list, a text, a number.
    #[error("a playbook must be an object, this document is {found}")]
    NotAnObject {
        /// The file.
        file: Option<String>,
        /// What it is.
        found: String,
    },
    /// An object that is none of the formats.
    #[error("this is none of the playbook formats: it has {found}, but no Sequence, Scripts, Stages or orchestration")]
    UnknownFormat {
        /// The file.
        file: Option<String>,
        /// Its keys, shortened.
        found: String,
    },
    /// A field with a value of another type, or out of its range.
    #[error("{path} must be {expected}, found {found}")]
    WrongType {
        /// The field.
        path: String,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// An item of a list that names no script.
    #[error("{path} names no script: {found}; write Script = '0402' or Script = '0402_Run-UnitTests.ps1'")]
    NoScript {
        /// The item.
        path: String,
        /// What it says.
        found: String,
    },
    /// A stage that does not exist is named where order matters.
    #[error("{path} names the stage '{name}', which does not exist")]
    UnknownStage {
        /// Where it is named.
        path: String,
        /// The name.
        name: String,
        /// The stages there are.
        known: Vec<String>,
    },
    /// Everything that is wrong with a document.
    #[error("{}", listed(problems))]
    Problems {
        /// The file.
        file: Option<String>,
        /// The problems in the order found; at least one.
        problems: Vec<PlaybookError>,
    },
    /// `with` passes something that the playbook has no input for.
    #[error("the playbook '{playbook}' has no input '{name}'")]
    UnknownInput {
        /// The playbook used.
        playbook: String,
        /// The name passed.
        name: String,
        /// The closest name it has.
        nearest: Option<String>,
    },
    /// A required input is not passed.
    #[error("the playbook '{playbook}' needs the input '{name}'")]
    MissingInput {
        /// The playbook used.
        playbook: String,
        /// The input.
        name: String,
    },
    /// An input of another type.
    #[error("the input '{name}' of the playbook '{playbook}' must be {expected}, found {found}")]
    InputType {
        /// The playbook used.
        playbook: String,
        /// The input.
        name: String,
        /// Its type.
        expected: &'static str,
        /// What was passed.
        found: String,
    },
    /// Playbooks that use each other too deep.
    #[error("playbooks use each other more than {MOST_LEVELS} levels deep: {}", chain.join(" → "))]
    TooDeep {
        /// From the outermost to the one refused.
        chain: Vec<String>,
    },
    /// Playbooks that use each other in a circle.
    #[error("playbooks use each other in a circle: {}", chain.join(" → "))]
    Loop {
        /// The circle; the first is also the last.
        chain: Vec<String>,
    },
}

fn listed(problems: &[PlaybookError]) -> String {
    if let [only] = problems {
        return only.to_string();
    }
    let mut text = format!("the playbook has {} problems:", problems.len());
    for problem in problems.iter().take(MOST_LISTED) {
        text.push_str("\n- ");
        text.push_str(&problem.to_string());
    }
    if problems.len() > MOST_LISTED {
        text.push_str(&format!("\n- and {} more", problems.len() - MOST_LISTED));
    }
    text
}

impl Diagnose for PlaybookError {
    fn code(&self) -> &'static str {
        match self {
            Self::NothingGiven => "playbook.nothing-given",
            Self::TooLarge { .. } => "playbook.too-large",
            Self::Broken { .. } => "playbook.broken-json",
            Self::NotAnObject { .. } => "playbook.not-an-object",
            Self::UnknownFormat { .. } => "playbook.unknown-format",
            Self::WrongType { .. } => "playbook.wrong-type",
            Self::NoScript { .. } => "playbook.no-script",
            Self::UnknownStage { .. } => "playbook.unknown-stage",
            Self::Problems { problems, .. } => match problems.split_first() {
                Some((first, rest)) if rest.iter().all(|other| other.code() == first.code()) => first.code(),
                _ => "playbook.invalid",
            },
            Self::UnknownInput { .. } => "playbook.unknown-input",
            Self::MissingInput { .. } => "playbook.missing-input",
            Self::InputType { .. } => "playbook.input-type",
            Self::TooDeep { .. } => "playbook.too-deep",
            Self::Loop { .. } => "playbook.loop",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NothingGiven => "Pass the text of the file, or the table read from it.".into(),
            Self::TooLarge { .. } => "Split it into several playbooks that use each other.".into(),
            Self::Broken { .. } => "Correct the JSON at that place; nothing was started.".into(),
            Self::NotAnObject { .. } | Self::UnknownFormat { .. } => FORMATS.into(),
            Self::WrongType { .. } => "Correct the value; nothing was started.".into(),
            Self::NoScript { .. } => "Every item needs the number of a script.".into(),
            Self::UnknownStage { known, .. } => format!("The stages are: {}.", known.join(", ")),
            Self::Problems { problems, .. } => match problems.as_slice() {
                [only] => return only.hint(),
                _ => "Correct them; nothing was started.".into(),
            },
            Self::UnknownInput { nearest, playbook, .. } => match nearest {
                Some(nearest) => format!("Did you mean '{nearest}'?"),
                None => format!("Declare it under \"inputs\" in '{playbook}', or remove it from 'with'."),
            },
            Self::MissingInput { name, .. } => format!("Pass it: with: {{ \"{name}\": … }}."),
            Self::InputType { .. } => "Correct the value under 'with'.".into(),
            Self::TooDeep { .. } => "Use the inner playbooks directly.".into(),
            Self::Loop { .. } => "Remove one of these uses.".into(),
        })
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Broken { file, line, column, .. } => Some(match file {
                Some(file) => format!("{file}:{line}:{column}"),
                None => format!("{line}:{column}"),
            }),
            Self::TooLarge { file, .. }
            | Self::NotAnObject { file, .. }
            | Self::UnknownFormat { file, .. } => file.clone(),
            Self::WrongType { path, .. } | Self::NoScript { path, .. } | Self::UnknownStage { path, .. } => {
                Some(path.clone())
            }
            Self::Problems { file, problems } => match (file, problems.as_slice()) {
                (Some(file), [only]) => {
                    Some(only.place().map_or_else(|| file.clone(), |place| format!("{file}: {place}")))
                }
                (Some(file), _) => Some(file.clone()),
                (None, [only]) => only.place(),
                (None, _) => None,
            },
            _ => None,
        }
    }
}
