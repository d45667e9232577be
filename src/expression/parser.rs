//! Operators and operands: one grammar for both spellings.

use super::{
    ast::{Kind, Node},
    budget::{Budget, DEEPEST, LONGEST_EXPRESSION},
    context::{known_root, Platform},
    error::{Fault, Reason},
    lexer::tokens,
    operator::{Case, Comparison, Level, Operator},
    pattern::Pattern,
    token::{shortened, Quotes, Token, TokenKind},
};
use serde_json::Value;
use std::{mem, ops::Range};

/// Parses `text[range]` as one expression; places in errors are those of the whole text.
pub(super) fn parse(text: &str, range: Range<usize>) -> Result<Node, Fault> {
    let start = range.start;
    if range.len() > LONGEST_EXPRESSION {
        return Err(Reason::TooLong(range.len()).at(start));
    }
    let tokens = tokens(text, range);
    let mut parser = Parser { tokens, next: 0, depth: 0, lists: Lists::Allowed, patterns: Budget::new() };
    if matches!(parser.peek(), TokenKind::End) {
        return Err(Reason::Empty.at(start));
    }
    let node = parser.binary(Level::Or)?;
    match parser.peek() {
        TokenKind::End if matches!(node.kind, Kind::List(_)) => {
            Err(Reason::Unexpected(",".into()).at(node.at))
        }
        TokenKind::End => Ok(node),
        _ => Err(parser.unexpected("an operator")),
    }
}

/// Whether a comma makes a list here, or separates the arguments of a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    Allowed,
    Refused,
}

pub(super) struct Parser {
    /// Never empty, and never read past the last one
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    lists: Lists,
    /// Pays for the regular expressions that are tried while parsing
    patterns: Budget,
}

impl Parser {
    pub(super) fn peek(&self) -> &TokenKind {
        &self.tokens[self.next].kind
    }

    /// The token after the next one.
    pub(super) fn peek_second(&self) -> &TokenKind {
        &self.tokens[(self.next + 1).min(self.tokens.len() - 1)].kind
    }

    pub(super) fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    pub(super) fn take(&mut self) -> TokenKind {
        if self.next + 1 < self.tokens.len() {
            self.next += 1;
            mem::replace(&mut self.tokens[self.next - 1].kind, TokenKind::End)
        } else {
            TokenKind::End
        }
    }

    /// The fault of a next token that does not belong here.
    pub(super) fn unexpected(&self, wanted: &'static str) -> Fault {
        match self.peek() {
            TokenKind::Bad(fault) => fault.clone(),
            TokenKind::End => Reason::UnexpectedEnd(wanted).at(self.at()),
            TokenKind::Dash(word) => Reason::UnknownOperator(format!("-{}", shortened(word))).at(self.at()),
            other => Reason::Unexpected(other.shown()).at(self.at()),
        }
    }

    pub(super) fn expect(
        &mut self,
        is_wanted: fn(&TokenKind) -> bool,
        wanted: &'static str,
    ) -> Result<(), Fault> {
        if is_wanted(self.peek()) {
            self.take();
            return Ok(());
        }
        Err(self.unexpected(wanted))
    }

    /// Reads something one level deeper, in which commas mean what `lists` says.
    pub(super) fn nested<T>(
        &mut self,
        lists: Lists,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.depth == DEEPEST {
            return Err(Reason::TooDeep.at(self.at()));
        }
        self.depth += 1;
        let outer = mem::replace(&mut self.lists, lists);
        let found = read(self);
        self.lists = outer;
        self.depth -= 1;
        found
    }

    /// Operands and the operators between them that bind at least as tightly as `loosest`.
    pub(super) fn binary(&mut self, loosest: Level) -> Result<Node, Fault> {
        let mut left = self.listed()?;
        while let TokenKind::Operator(operator) = *self.peek() {
            if operator.level() < loosest {
                break;
            }
            self.take();
            let right = self.right_of(&left, operator)?;
            left = self.joined(left, operator, right)?;
        }
        Ok(left)
    }

    /// An operand, or several with commas between them.
    fn listed(&mut self) -> Result<Node, Fault> {
        let first = self.unary()?;
        if self.lists == Lists::Refused || !matches!(self.peek(), TokenKind::Comma) {
            return Ok(first);
        }
        let at = self.at();
        let mut items = vec![no_bare_word(first)?];
        while matches!(self.peek(), TokenKind::Comma) {
            self.take();
            items.push(no_bare_word(self.unary()?)?);
        }
        Ok(Node { kind: Kind::List(items), at })
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        if !matches!(self.peek(), TokenKind::Not(_)) {
            return self.operand();
        }
        let at = self.at();
        self.take();
        let operand = self.nested(self.lists, Self::unary)?;
        no_double_quotes(&operand)?;
        Ok(Node { kind: Kind::Not(Box::new(operand)), at })
    }

    /// What stands right of an operator. A bare word there is a text after `{{name}} ==`, as the
    /// playbooks write it, and a forgotten quote after any other comparison.
    fn right_of(&mut self, left: &Node, operator: Operator) -> Result<Node, Fault> {
        let alone = !matches!(
            self.peek_second(),
            TokenKind::Dot | TokenKind::OpenBracket | TokenKind::OpenParenthesis
        );
        if let TokenKind::Name(word) = self.peek() {
            let (at, word) = (self.at(), word.clone());
            let means_itself =
                constant(&word).is_some() || Platform::asked_by(&word).is_some() || is_test_path(&word);
            if alone && operator.equates() && matches!(left.kind, Kind::Placeholder(_)) {
                self.take();
                let value = constant(&word).unwrap_or(Value::String(word));
                return Ok(Node { kind: Kind::Literal(value), at });
            }
            if alone && operator.compares() && !means_itself {
                return Err(Reason::BareWord(shortened(&word)).at(at));
            }
        }
        // Six levels of operators nest without a single bracket, so they count as well.
        self.nested(self.lists, |parser| parser.binary(operator.level().tighter()))
    }

    fn joined(&mut self, left: Node, operator: Operator, right: Node) -> Result<Node, Fault> {
        if let Operator::Compare(comparison, _) = operator {
            if let (Comparison::Match(_), Kind::Quoted(Value::String(text), _)) = (comparison, &right.kind) {
                // A wrong pattern is better found before the run than in the middle of it.
                Pattern::new(text, Case::Ignored, &self.patterns).map_err(|reason| reason.at(right.at))?;
            }
        } else {
            let placeholder =
                [&left, &right].into_iter().any(|node| matches!(node.kind, Kind::Placeholder(_)));
            for node in [&left, &right] {
                if let (Kind::List(_), Level::Equality | Level::Order) = (&node.kind, operator.level()) {
                    return Err(Reason::Unexpected(",".into()).at(node.at));
                }
                if !placeholder {
                    no_double_quotes(node)?;
                }
            }
        }
        Ok(match left.kind {
            Kind::Chain { first, mut rest }
                if rest.first().is_some_and(|(other, _)| other.level() == operator.level()) =>
            {
                rest.push((operator, right));
                Node { kind: Kind::Chain { first, rest }, at: left.at }
            }
            kind => {
                let at = left.at;
                let first = Box::new(Node { kind, at });
                Node { kind: Kind::Chain { first, rest: vec![(operator, right)] }, at }
            }
        })
    }
}

/// `true`, `false` and `null`, in any case.
pub(super) fn constant(name: &str) -> Option<Value> {
    match name.to_ascii_lowercase().as_str() {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" => Some(Value::Null),
        _ => None,
    }
}

pub(super) fn is_test_path(name: &str) -> bool {
    name.eq_ignore_ascii_case("Test-Path")
}

/// Refuses a bare name where a variable is not expected: it is a forgotten quote, and reading it
/// as a variable that is not set would make the condition false without a word.
pub(super) fn no_bare_word(node: Node) -> Result<Node, Fault> {
    match &node.kind {
        Kind::Name(name) if known_root(name).is_none() => Err(Reason::BareWord(shortened(name)).at(node.at)),
        _ => Ok(node),
    }
}

/// Double quotes are PowerShell's; expressions have only single ones.
pub(super) fn no_double_quotes(node: &Node) -> Result<(), Fault> {
    match node.kind {
        Kind::Quoted(_, Quotes::Double) => Err(Reason::DoubleQuotes.at(node.at)),
        _ => Ok(()),
    }
}
