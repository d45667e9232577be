//! Why a condition, an expression or a template cannot be read or evaluated.

use super::{
    budget::{DEEPEST, LONGEST_EXPRESSION, LONGEST_TEXT},
    context::ROOTS,
    functions, operator,
};
use crate::error::{nearest, Diagnose};
use std::fmt;
use thiserror::Error;

/// A refused text: what is wrong, where in it, and how to write it instead.
///
/// The message shows the text around the place; values never appear in it, since they may be secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError(Box<Refusal>);

/// In a box, since other rooms' errors hold it and results should stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    reason: Reason,
    excerpt: String,
    column: usize,
    path: Option<String>,
}

impl ExpressionError {
    pub(super) fn new(text: &str, fault: Fault) -> Self {
        let before = text.get(..fault.at).unwrap_or(text).chars().count();
        let excerpt = excerpt(text, before);
        Self(Box::new(Refusal { reason: fault.reason, excerpt, column: before + 1, path: None }))
    }

    /// Says in which value of a document the text stands.
    pub(super) fn inside(mut self, path: String) -> Self {
        self.0.path = (!path.is_empty()).then_some(path);
        self
    }

    /// The place in the text, in characters from 1.
    pub fn column(&self) -> usize {
        self.0.column
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { reason, excerpt, column, .. } = &*self.0;
        write!(f, "{reason}, at column {column} of: {excerpt}")
    }
}

impl std::error::Error for ExpressionError {}

impl Diagnose for ExpressionError {
    fn code(&self) -> &'static str {
        self.0.reason.code()
    }

    fn hint(&self) -> Option<String> {
        Some(self.0.reason.hint())
    }

    fn place(&self) -> Option<String> {
        Some(match &self.0.path {
            Some(path) => format!("{path}, column {}", self.0.column),
            None => format!("column {}", self.0.column),
        })
    }
}

/// The text around a place, on one line.
fn excerpt(text: &str, place: usize) -> String {
    const BEFORE: usize = 40;
    const AFTER: usize = 60;
    let start = place.saturating_sub(BEFORE);
    let mut shown = String::from(if start > 0 { "…" } else { "" });
    let mut rest = text.chars().skip(start);
    shown.extend(rest.by_ref().take(place - start + AFTER).map(printable));
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters would move the cursor of the terminal that shows the message.
fn printable(c: char) -> char {
    if c.is_control() {
        '·'
    } else {
        c
    }
}

/// A reason and the byte it applies to, before the text is attached.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) reason: Reason,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Reason {
    #[error("there is nothing to evaluate")]
    Empty,
    #[error("the expression has {0} bytes; the limit is {LONGEST_EXPRESSION}")]
    TooLong(usize),
    #[error("the expression is nested deeper than {DEEPEST} levels")]
    TooDeep,
    #[error("'{}' is not allowed", printable(*.0))]
    Character(char),
    #[error("'{0}' is not expected here")]
    Unexpected(String),
    #[error("the expression ends where {0} should follow")]
    UnexpectedEnd(&'static str),
    #[error("the quoted text is not closed")]
    UnclosedText,
    #[error("'{0}' is not closed")]
    Unclosed(&'static str),
    #[error("'{0}' inside double quotes is not replaced")]
    Substitution(char),
    #[error("'{0}' would run code, which an expression cannot")]
    Code(&'static str),
    #[error("'{0}' is no number")]
    Number(String),
    #[error("'{0}:' is no place for a variable")]
    Scope(String),
    #[error("what stands between {{{{ and }}}} is no name")]
    Placeholder,
    #[error("'{0}' is no operator")]
    UnknownOperator(String),
    #[error("'{0}' is no function")]
    UnknownFunction(String),
    #[error("'{0}' is a function and is not called")]
    NotCalled(&'static str),
    #[error("{name} takes {takes}, not {given}")]
    Arguments { name: &'static str, takes: String, given: usize },
    #[error("'{0}' is neither a root nor a variable")]
    UnknownName(String),
    #[error("'{0}' stands where a value is expected")]
    BareWord(String),
    #[error("'{0}' looks like a command, and commands are not run")]
    Command(String),
    #[error("Test-Path takes one quoted path")]
    TestPath,
    #[error("double quotes do not belong here")]
    DoubleQuotes,
    #[error("the regular expression is not valid: {0}")]
    Pattern(String),
    #[error("the wildcard pattern has a '[' that is not closed")]
    Wildcard,
    #[error("the text given to fromJSON is not JSON: {0}")]
    Json(String),
    #[error("the text given to format is not valid: {0}")]
    Format(String),
    #[error("the result is longer than {LONGEST_TEXT} bytes")]
    TooLarge,
    #[error("the value put in here could be read as code or as several words")]
    NotPlain,
    #[error("evaluating it takes too much work")]
    TooMuchWork,
    #[error("the files cannot be hashed: {0}")]
    HashFiles(String),
}

impl Reason {
    pub(super) fn at(self, at: usize) -> Fault {
        Fault { at, reason: self }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "expression.empty",
            Self::TooLong(_) => "expression.too-long",
            Self::TooDeep => "expression.too-deep",
            Self::Character(_) => "expression.character",
            Self::Unexpected(_) => "expression.unexpected",
            Self::UnexpectedEnd(_) => "expression.unexpected-end",
            Self::UnclosedText => "expression.unclosed-text",
            Self::Unclosed(_) => "expression.unclosed",
            Self::Substitution(_) => "expression.substitution",
            Self::Code(_) => "expression.code",
            Self::Number(_) => "expression.number",
            Self::Scope(_) => "expression.scope",
            Self::Placeholder => "expression.placeholder",
            Self::UnknownOperator(_) => "expression.unknown-operator",
            Self::UnknownFunction(_) => "expression.unknown-function",
            Self::NotCalled(_) => "expression.not-called",
            Self::Arguments { .. } => "expression.arguments",
            Self::UnknownName(_) => "expression.unknown-name",
            Self::BareWord(_) => "expression.bare-word",
            Self::Command(_) => "expression.command",
            Self::TestPath => "expression.test-path",
            Self::DoubleQuotes => "expression.double-quotes",
            Self::Pattern(_) => "expression.pattern",
            Self::Wildcard => "expression.wildcard",
            Self::Json(_) => "expression.json",
            Self::Format(_) => "expression.format",
            Self::TooLarge => "expression.too-large",
            Self::NotPlain => "expression.not-plain",
            Self::TooMuchWork => "expression.too-much-work",
            Self::HashFiles(_) => "expression.hash-files",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Empty => "Write a condition, or remove the empty one.".into(),
            Self::TooLong(_) => "Move the work into a script and test its output.".into(),
            Self::TooDeep => "Remove parentheses, or split it into several conditions.".into(),
            Self::Character('=') => "Compare with == or -eq; nothing can be assigned.".into(),
            Self::Character('&') => "Write && or -and.".into(),
            Self::Character('|') => "Write || or -or; there are no pipelines.".into(),
            Self::UnclosedText => {
                "Close it with the quote it began with; '' inside single quotes is one '.".into()
            }
            Self::Unclosed("{{") => "Write {{name}} or {{name:=default}}.".into(),
            Self::Unclosed(opening) => format!("Add {}.", if *opening == "${{" { "}}" } else { "}" }),
            Self::Substitution(_) => {
                "Write the text in single quotes, or compare with the variable itself.".into()
            }
            Self::Number(_) => "Write it as 42, -1.5, 1e3, 0x2A or 0o52, or in single quotes as text.".into(),
            Self::Scope(_) => "Write $name for a variable and $env:NAME for the environment.".into(),
            Self::Placeholder => "Write {{name}}, {{matrix.name}} or {{name:=default}}.".into(),
            Self::UnknownOperator(word) => near(word, operator::words()),
            Self::UnknownFunction(name) => near(name, functions::names()),
            Self::NotCalled(name) => {
                format!("For example: {}; ${name} is a variable.", functions::example(name))
            }
            Self::Arguments { name, .. } => format!("For example: {}.", functions::example(name)),
            Self::UnknownName(name) => near(name, ROOTS.into_iter()),
            Self::BareWord(word) => format!("Write '{word}' for a text, ${word} for a variable."),
            Self::Command(_) => {
                "Only Test-Path 'path' is known; quote a text, write $name for a variable.".into()
            }
            Self::TestPath => "Write Test-Path 'path', with -Path or -LiteralPath if you like.".into(),
            Self::DoubleQuotes => "Write it in single quotes, as expressions want it.".into(),
            Self::Pattern(_) => {
                "Patterns have no look-around and no back-references, and are bounded in size.".into()
            }
            Self::Wildcard => "Write `[ for the character itself, or close the set.".into(),
            Self::Json(_) => "Give it a text that toJSON could have made.".into(),
            Self::Format(_) => "Write {0}, {1} … for the arguments, {{ and }} for braces.".into(),
            Self::NotPlain => {
                "Only letters, digits and _ . / : @ + , - are put into the text of a script; pass it by env and read that."
                    .into()
            }
            Self::TooLarge | Self::TooMuchWork => "Compare something smaller, such as one output.".into(),
            Self::HashFiles(_) => "Check the patterns given to hashFiles.".into(),
            Self::Character(_) | Self::Unexpected(_) | Self::UnexpectedEnd(_) | Self::Code(_) => allowed(),
        }
    }
}

/// Everything the language has.
fn allowed() -> String {
    format!(
        "Allowed are literals, $name, $env:NAME, {{{{name}}}}, {}.… , parentheses, ! == != < <= > >= && ||, {}, {}, and Test-Path 'path'.",
        ROOTS.join(".…, "),
        operator::words().collect::<Vec<_>>().join(" "),
        functions::names().map(|name| format!("{name}()")).collect::<Vec<_>>().join(" "),
    )
}

/// The nearest of the known names, and all of them.
fn near(name: &str, known: impl Iterator<Item = &'static str>) -> String {
    let known: Vec<_> = known.collect();
    let wanted: String = name.chars().take(40).collect();
    match nearest(&wanted, known.iter().copied()) {
        Some(nearest) => format!("Did you mean '{nearest}'? Known are: {}.", known.join(", ")),
        None => format!("Known are: {}.", known.join(", ")),
    }
}
