//! What stands between operators: literals, variables, names and their properties, calls, groups.

use super::{
    ast::{Kind, Node, Step},
    context::Platform,
    error::{Fault, Reason},
    functions::Function,
    operator::Level,
    parser::{constant, is_test_path, no_bare_word, no_double_quotes, Lists, Parser},
    token::{shortened, Spelling, TokenKind},
};
use serde_json::Value;

const AN_OPERAND: &str = "a value";

impl Parser {
    pub(super) fn operand(&mut self) -> Result<Node, Fault> {
        let at = self.at();
        let kind = match self.peek() {
            TokenKind::Text(..)
            | TokenKind::Number(_)
            | TokenKind::Environment(_)
            | TokenKind::Placeholder(_) => return Ok(Node { kind: simple(self.take()), at }),
            TokenKind::Variable(_) => simple(self.take()),
            TokenKind::Name(name) => {
                let name = name.clone();
                self.name(name)?
            }
            TokenKind::OpenParenthesis => {
                self.group(|kind| matches!(kind, TokenKind::CloseParenthesis), "')'")?
            }
            TokenKind::OpenExpression => {
                self.group(|kind| matches!(kind, TokenKind::CloseExpression), "'}}'")?
            }
            TokenKind::OpenArray => return self.array(),
            _ => return Err(self.unexpected(AN_OPERAND)),
        };
        // Literals have no properties; anything else may.
        if matches!(kind, Kind::Literal(_) | Kind::Quoted(..) | Kind::Platform(_) | Kind::TestPath(_)) {
            return Ok(Node { kind, at });
        }
        self.path(Node { kind, at })
    }

    fn group(&mut self, closes: fn(&TokenKind) -> bool, closing: &'static str) -> Result<Kind, Fault> {
        self.take();
        if matches!(self.peek(), TokenKind::CloseExpression) {
            return Err(Reason::Empty.at(self.at()));
        }
        let inner = self.nested(Lists::Allowed, |parser| parser.binary(Level::Or))?;
        self.expect(closes, closing)?;
        Ok(inner.kind)
    }

    /// `@()`, `@('a')`, `@('a', 'b')`.
    fn array(&mut self) -> Result<Node, Fault> {
        let at = self.at();
        self.take();
        let inner = match self.peek() {
            TokenKind::CloseParenthesis => None,
            _ => {
                let inner = self.nested(Lists::Allowed, |parser| parser.binary(Level::Or))?;
                Some(Box::new(no_bare_word(inner)?))
            }
        };
        self.expect(|kind| matches!(kind, TokenKind::CloseParenthesis), "')'")?;
        Ok(Node { kind: Kind::Array(inner), at })
    }

    /// A bare name: a literal, a platform, a function, `Test-Path`, a root or a variable.
    fn name(&mut self, name: String) -> Result<Kind, Fault> {
        let at = self.at();
        self.take();
        if is_test_path(&name) {
            return self.test_path(at);
        }
        if matches!(self.peek(), TokenKind::OpenParenthesis) {
            return self.call(&name, at);
        }
        if let Some(value) = constant(&name) {
            return Ok(Kind::Literal(value));
        }
        if let Some(platform) = Platform::asked_by(&name) {
            return Ok(Kind::Platform(platform));
        }
        if let Some(function) = Function::named(&name) {
            // Read as a variable that is not set, `always` would mean never.
            return Err(Reason::NotCalled(function.name()).at(at));
        }
        let has_property = matches!(self.peek(), TokenKind::Dot | TokenKind::OpenBracket);
        if self.peek().begins_operand() || (name.contains('-') && !has_property) {
            return Err(Reason::Command(shortened(&name)).at(at));
        }
        Ok(Kind::Name(name))
    }

    fn test_path(&mut self, at: usize) -> Result<Kind, Fault> {
        let is_parameter = |word: &str| ["path", "literalpath"].iter().any(|p| word.eq_ignore_ascii_case(p));
        if matches!(self.peek(), TokenKind::Dash(word) if is_parameter(word)) {
            self.take();
        }
        match self.peek() {
            TokenKind::Text(..) => {}
            TokenKind::Bad(fault) => return Err(fault.clone()),
            _ => return Err(Reason::TestPath.at(at)),
        }
        let path = self.take();
        match (path, self.peek()) {
            (TokenKind::Text(path, _), next)
                if !next.begins_operand() && !matches!(next, TokenKind::Comma) =>
            {
                Ok(Kind::TestPath(path))
            }
            _ => Err(Reason::TestPath.at(at)),
        }
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Kind, Fault> {
        let function =
            Function::named(name).ok_or_else(|| Reason::UnknownFunction(shortened(name)).at(at))?;
        self.take();
        let mut arguments = Vec::new();
        while !matches!(self.peek(), TokenKind::CloseParenthesis) {
            if !arguments.is_empty() {
                self.expect(|kind| matches!(kind, TokenKind::Comma), "',' or ')'")?;
            }
            let argument = self.nested(Lists::Refused, |parser| parser.binary(Level::Or))?;
            no_double_quotes(&argument)?;
            arguments.push(no_bare_word(argument)?);
        }
        self.take();
        function.check_arguments(arguments.len()).map_err(|reason| reason.at(at))?;
        Ok(Kind::Call { function, arguments })
    }

    /// `.name`, `['name']`, `[0]`, `.*` after what has properties.
    fn path(&mut self, base: Node) -> Result<Node, Fault> {
        let mut steps = Vec::new();
        loop {
            match self.peek() {
                TokenKind::Dot => {
                    self.take();
                    steps.push(self.property()?);
                }
                TokenKind::OpenBracket => {
                    self.take();
                    steps.push(self.index(base.spelling())?);
                }
                TokenKind::OpenParenthesis => return Err(Reason::Code("(").at(self.at())),
                _ if steps.is_empty() => return Ok(base),
                _ => {
                    let at = base.at;
                    return Ok(Node { kind: Kind::Path { base: Box::new(base), steps }, at });
                }
            }
        }
    }

    fn property(&mut self) -> Result<Step, Fault> {
        match self.peek() {
            TokenKind::Star => {
                self.take();
                Ok(Step::Every)
            }
            TokenKind::Name(name) => {
                let name = name.clone();
                self.take();
                Ok(Step::Property(name))
            }
            _ => Err(self.unexpected("the name of a property")),
        }
    }

    fn index(&mut self, spelling: Spelling) -> Result<Step, Fault> {
        if matches!(self.peek(), TokenKind::Star) {
            self.take();
            self.expect(|kind| matches!(kind, TokenKind::CloseBracket), "']'")?;
            return Ok(Step::Every);
        }
        let index = self.nested(Lists::Refused, |parser| parser.binary(Level::Or))?;
        if spelling == Spelling::Expression {
            no_double_quotes(&index)?;
        }
        let index = no_bare_word(index)?;
        self.expect(|kind| matches!(kind, TokenKind::CloseBracket), "']'")?;
        Ok(Step::Index(index))
    }
}

/// The node of a token that is an operand by itself.
fn simple(token: TokenKind) -> Kind {
    match token {
        TokenKind::Text(text, quotes) => Kind::Quoted(Value::String(text), quotes),
        TokenKind::Number(number) => Kind::Literal(Value::Number(number)),
        TokenKind::Environment(name) => Kind::Environment(name),
        TokenKind::Placeholder(placeholder) => Kind::Placeholder(placeholder),
        TokenKind::Variable(name) => match (constant(&name), Platform::asked_by(&name)) {
            (Some(value), _) => Kind::Literal(value),
            (None, Some(platform)) => Kind::Platform(platform),
            (None, None) => Kind::Variable(name),
        },
        _ => Kind::Literal(Value::Null),
    }
}
