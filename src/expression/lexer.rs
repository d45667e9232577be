//! Cuts a text into tokens. Both spellings share the tokens; the parser knows who is who.

use super::{
    error::{Fault, Reason},
    operator::{Operator, Relation},
    placeholder::placeholder_at,
    token::{shortened, Quotes, Spelling, Token, TokenKind},
    value::number_from_text,
};
use std::ops::Range;

/// The tokens of `text[range]`, the last of which is [`TokenKind::End`] or [`TokenKind::Bad`].
///
/// A character that belongs to no token ends the list rather than the reading: a parser that stops
/// earlier has found the better place to point at.
pub(super) fn tokens(text: &str, range: Range<usize>) -> Vec<Token> {
    let mut lexer = Lexer {
        text: text.get(..range.end).unwrap_or(text),
        at: range.start,
        tokens: Vec::new(),
        dollar: false,
    };
    loop {
        lexer.skip_blanks();
        let at = lexer.at;
        let kind = match lexer.token() {
            Ok(kind) => kind,
            Err(fault) => TokenKind::Bad(fault),
        };
        let last = matches!(kind, TokenKind::End | TokenKind::Bad(_));
        lexer.dollar = match kind {
            TokenKind::Variable(_) => true,
            TokenKind::Name(_) => lexer.dollar && lexer.follows_dot(),
            TokenKind::Dot => lexer.dollar,
            _ => false,
        };
        lexer.tokens.push(Token { kind, at });
        if last {
            return lexer.tokens;
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    /// Inside `$a.b.c`, whose names have no dashes: `$a.b-eq 1` is a comparison
    dollar: bool,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn follows_dot(&self) -> bool {
        matches!(self.tokens.last(), Some(Token { kind: TokenKind::Dot, .. }))
    }

    /// Takes everything up to the first character that is not wanted.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let taken = rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())].to_owned();
        self.at += taken.len();
        taken
    }

    fn token(&mut self) -> Result<TokenKind, Fault> {
        let Some(c) = self.peek() else { return Ok(TokenKind::End) };
        let rest = self.rest();
        for (symbol, kind) in [
            ("${{", TokenKind::OpenExpression),
            ("}}", TokenKind::CloseExpression),
            ("@(", TokenKind::OpenArray),
            ("==", TokenKind::Operator(Operator::Equal)),
            ("!=", TokenKind::Operator(Operator::NotEqual)),
            ("<=", TokenKind::Operator(Operator::Order(Relation::LessOrEqual))),
            (">=", TokenKind::Operator(Operator::Order(Relation::GreaterOrEqual))),
            ("<", TokenKind::Operator(Operator::Order(Relation::Less))),
            (">", TokenKind::Operator(Operator::Order(Relation::Greater))),
            ("&&", TokenKind::Operator(Operator::And)),
            ("||", TokenKind::Operator(Operator::Or)),
            ("!", TokenKind::Not(Spelling::Expression)),
            ("(", TokenKind::OpenParenthesis),
            (")", TokenKind::CloseParenthesis),
            ("[", TokenKind::OpenBracket),
            ("]", TokenKind::CloseBracket),
            (",", TokenKind::Comma),
            ("*", TokenKind::Star),
        ] {
            if rest.starts_with(symbol) {
                self.at += symbol.len();
                return Ok(kind);
            }
        }
        match c {
            '\'' | '"' => self.quoted(c),
            '$' => self.variable(),
            '{' if rest.starts_with("{{") => self.placeholder(),
            '.' if !self.number_follows() => self.dot(),
            '-' if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => Ok(self.dash()),
            '0'..='9' | '.' => self.number(),
            '-' | '+' if self.number_follows() => self.number(),
            _ if c.is_alphabetic() || c == '_' => Ok(TokenKind::Name(self.name())),
            _ => Err(Reason::Character(c).at(self.at)),
        }
    }

    /// `'it''s'` or `"plain"`; a doubled quote is one.
    fn quoted(&mut self, quote: char) -> Result<TokenKind, Fault> {
        let start = self.at;
        let quotes = if quote == '"' { Quotes::Double } else { Quotes::Single };
        let mut text = String::new();
        self.at += 1;
        loop {
            let part = self.take_while(|c| c != quote);
            if quotes == Quotes::Double {
                if let Some(place) = part.find(['$', '`']) {
                    let c = if part[place..].starts_with('$') { '$' } else { '`' };
                    return Err(Reason::Substitution(c).at(self.at - part.len() + place));
                }
            }
            text.push_str(&part);
            if self.peek().is_none() {
                return Err(Reason::UnclosedText.at(start));
            }
            self.at += 1;
            if self.peek() != Some(quote) {
                return Ok(TokenKind::Text(text, quotes));
            }
            text.push(quote);
            self.at += 1;
        }
    }

    /// `$name`, `${name}`, `$env:NAME`, `${env:NAME}`.
    fn variable(&mut self) -> Result<TokenKind, Fault> {
        let start = self.at;
        self.at += 1;
        let name = match self.peek() {
            Some('(') => return Err(Reason::Code("$(").at(start)),
            Some('{') => {
                self.at += 1;
                let name = self.take_while(|c| c != '}' && c != '{');
                if self.peek() != Some('}') {
                    return Err(Reason::Unclosed("${").at(start));
                }
                self.at += 1;
                name
            }
            _ => self.take_while(|c| c.is_alphanumeric() || c == '_' || c == ':'),
        };
        match name.split_once(':') {
            None if name.is_empty() => Err(Reason::Character('$').at(start)),
            None => Ok(TokenKind::Variable(name)),
            Some((scope, name)) if scope.eq_ignore_ascii_case("env") && !name.is_empty() => {
                Ok(TokenKind::Environment(name.to_owned()))
            }
            Some((scope, _)) => Err(Reason::Scope(format!("${}", shortened(scope))).at(start)),
        }
    }

    fn placeholder(&mut self) -> Result<TokenKind, Fault> {
        match placeholder_at(self.text, self.at) {
            Some((placeholder, end)) => {
                self.at = end;
                Ok(TokenKind::Placeholder(placeholder))
            }
            None if self.rest().contains("}}") => Err(Reason::Placeholder.at(self.at)),
            None => Err(Reason::Unclosed("{{").at(self.at)),
        }
    }

    fn dot(&mut self) -> Result<TokenKind, Fault> {
        if self.rest().starts_with("..") {
            return Err(Reason::Unexpected("..".into()).at(self.at));
        }
        self.at += 1;
        Ok(TokenKind::Dot)
    }

    fn dash(&mut self) -> TokenKind {
        self.at += 1;
        let word = self.take_while(|c| c.is_ascii_alphanumeric());
        match Operator::from_word(&word) {
            Some(operator) => TokenKind::Operator(operator),
            None if word.eq_ignore_ascii_case("not") => TokenKind::Not(Spelling::PowerShell),
            None => TokenKind::Dash(word),
        }
    }

    /// Whether a sign or a dot begins a number: an operand is due and a digit follows.
    fn number_follows(&self) -> bool {
        let operand_due = !self.tokens.last().is_some_and(|token| token.kind.ends_operand());
        let rest = self.rest().trim_start_matches(['+', '-']);
        let digits = rest.strip_prefix('.').unwrap_or(rest);
        // One sign and one dot at most; a longer run is no number and not worth looking past.
        self.rest().len() - digits.len() <= 2
            && operand_due
            && digits.starts_with(|c: char| c.is_ascii_digit())
    }

    fn number(&mut self) -> Result<TokenKind, Fault> {
        let start = self.at;
        self.at += 1;
        let mut before = ' ';
        let rest = self.rest();
        let hex = self.text[start..].starts_with("0x");
        let length = rest
            .find(|c: char| {
                let exponent = matches!(before, 'e' | 'E') && !hex && matches!(c, '+' | '-');
                before = c;
                !(c.is_alphanumeric() || c == '.' || c == '_' || exponent)
            })
            .unwrap_or(rest.len());
        self.at += length;
        let text = &self.text[start..self.at];
        let wrong = || Reason::Number(shortened(text)).at(start);
        number_from_text(text).map(TokenKind::Number).ok_or_else(wrong)
    }

    fn name(&mut self) -> String {
        let dashes = !(self.dollar && self.follows_dot());
        self.take_while(|c| c.is_alphanumeric() || c == '_' || (c == '-' && dashes))
    }
}
