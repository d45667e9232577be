//! The pieces a text is cut into.

use super::{
    error::Fault,
    operator::{Comparison, Operator, Relation},
    placeholder::Placeholder,
};
use serde_json::Number;

/// A piece of text and the byte it begins at.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: usize,
}

/// Which quotes a text was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    Single,
    Double,
}

/// Which language a piece comes from; it decides what is true and how lists are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// GitHub's expressions
    Expression,
    PowerShell,
}

#[derive(Debug)]
pub(super) enum TokenKind {
    Text(String, Quotes),
    Number(Number),
    /// A bare name: a root, a function, a header's variable, a property
    Name(String),
    /// `$name`
    Variable(String),
    /// `$env:NAME`
    Environment(String),
    /// `{{name}}`
    Placeholder(Placeholder),
    Operator(Operator),
    /// `!` or `-not`
    Not(Spelling),
    /// A dash and a word that is no operator: a parameter, or a mistake
    Dash(String),
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    /// `@(`
    OpenArray,
    /// `${{`
    OpenExpression,
    /// `}}`
    CloseExpression,
    Comma,
    Dot,
    Star,
    /// Where the text ends
    End,
    /// Where the text stops making sense; nothing follows
    Bad(Fault),
}

impl TokenKind {
    /// Whether it ends an operand, so that an operator may follow and a sign may not.
    pub(super) fn ends_operand(&self) -> bool {
        self.begins_operand()
            || matches!(
                self,
                Self::CloseParenthesis | Self::CloseBracket | Self::CloseExpression | Self::Star
            )
    }

    /// Whether it is an operand by itself; after a name, that is how a command is written.
    pub(super) fn begins_operand(&self) -> bool {
        matches!(
            self,
            Self::Text(..)
                | Self::Number(_)
                | Self::Name(_)
                | Self::Variable(_)
                | Self::Environment(_)
                | Self::Placeholder(_)
        )
    }

    /// The token as a message names it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text, _) | Self::Name(text) => shortened(text),
            Self::Number(number) => number.to_string(),
            Self::Variable(name) => format!("${}", shortened(name)),
            Self::Environment(name) => format!("$env:{}", shortened(name)),
            Self::Placeholder(_) => "{{…}}".into(),
            Self::Operator(operator) => shown_operator(*operator).into(),
            Self::Not(Spelling::Expression) => "!".into(),
            Self::Not(Spelling::PowerShell) => "-not".into(),
            Self::Dash(word) => format!("-{}", shortened(word)),
            Self::OpenParenthesis => "(".into(),
            Self::CloseParenthesis => ")".into(),
            Self::OpenBracket => "[".into(),
            Self::CloseBracket => "]".into(),
            Self::OpenArray => "@(".into(),
            Self::OpenExpression => "${{".into(),
            Self::CloseExpression => "}}".into(),
            Self::Comma => ",".into(),
            Self::Dot => ".".into(),
            Self::Star => "*".into(),
            Self::End | Self::Bad(_) => "the end".into(),
        }
    }
}

/// A piece of the text short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn shown_operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Or => "||",
        Operator::And => "&&",
        Operator::PowerShellOr => "-or",
        Operator::PowerShellAnd => "-and",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Order(Relation::Less) => "<",
        Operator::Order(Relation::LessOrEqual) => "<=",
        Operator::Order(Relation::Greater) => ">",
        Operator::Order(Relation::GreaterOrEqual) => ">=",
        Operator::Compare(Comparison::Equal(_), _) => "-eq",
        Operator::Compare(Comparison::Order(_), _) => "-lt",
        Operator::Compare(Comparison::Like(_), _) => "-like",
        Operator::Compare(Comparison::Match(_), _) => "-match",
        Operator::Compare(Comparison::In(_), _) => "-in",
        Operator::Compare(Comparison::Contains(_), _) => "-contains",
    }
}
