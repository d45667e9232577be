//! A parsed expression.

use super::{
    context::{known_root, Platform},
    functions::Function,
    operator::Operator,
    placeholder::Placeholder,
    token::{Quotes, Spelling},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A part of an expression and the byte it begins at.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

/// Operators of one level stand side by side in a chain, properties side by side in a path: only
/// brackets and negations nest, and the parser counts those.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Literal(Value),
    Quoted(Value, Quotes),
    /// `$name`
    Variable(String),
    /// `$env:NAME`
    Environment(String),
    /// A bare name: a root, or a variable as AitherZero's headers write it
    Name(String),
    Placeholder(Placeholder),
    /// `$IsWindows` or `IsWindows`
    Platform(Platform),
    /// `base.name[0].*`
    Path {
        base: Box<Node>,
        steps: Vec<Step>,
    },
    Call {
        function: Function,
        arguments: Vec<Node>,
    },
    TestPath(String),
    /// `'a', 'b'`, placed at its first comma
    List(Vec<Node>),
    /// `@(…)`
    Array(Option<Box<Node>>),
    Not(Box<Node>),
    /// Operands joined by operators of one level, read from the left
    Chain {
        first: Box<Node>,
        rest: Vec<(Operator, Node)>,
    },
}

/// One step of a path.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// `.name`
    Property(String),
    /// `[…]`
    Index(Node),
    /// `.*` or `[*]`
    Every,
}

impl Node {
    /// Whose rules say whether it is true, and how its properties are read.
    pub(super) fn spelling(&self) -> Spelling {
        match &self.kind {
            Kind::Literal(_) | Kind::Quoted(..) | Kind::Call { .. } => Spelling::Expression,
            Kind::Name(name) if known_root(name).is_some() => Spelling::Expression,
            Kind::Path { base, .. } => base.spelling(),
            Kind::Not(operand) => operand.spelling(),
            Kind::Chain { rest, .. } => match rest.first() {
                Some((Operator::Compare(..) | Operator::PowerShellAnd | Operator::PowerShellOr, _)) => {
                    Spelling::PowerShell
                }
                _ => Spelling::Expression,
            },
            _ => Spelling::PowerShell,
        }
    }

    /// Calls `look` for this node and every one below it.
    pub(super) fn visit(&self, look: &mut dyn FnMut(&Node)) {
        look(self);
        match &self.kind {
            Kind::Path { base, steps } => {
                base.visit(look);
                for step in steps {
                    if let Step::Index(index) = step {
                        index.visit(look);
                    }
                }
            }
            Kind::Call { arguments: nodes, .. } | Kind::List(nodes) => {
                nodes.iter().for_each(|node| node.visit(look));
            }
            Kind::Array(Some(node)) | Kind::Not(node) => node.visit(look),
            Kind::Chain { first, rest } => {
                first.visit(look);
                rest.iter().for_each(|(_, node)| node.visit(look));
            }
            _ => {}
        }
    }

    /// The known roots that evaluating this may read.
    pub(super) fn roots(&self) -> BTreeSet<&'static str> {
        let mut roots = BTreeSet::new();
        self.visit(&mut |node| {
            roots.extend(match &node.kind {
                Kind::Name(name) | Kind::Variable(name) => known_root(name),
                Kind::Placeholder(placeholder) => placeholder.path.first().and_then(|name| known_root(name)),
                _ => None,
            });
        });
        roots
    }

    /// Whether `success()`, `failure()`, `cancelled()` or `always()` stands anywhere in it.
    pub(super) fn uses_status_function(&self) -> bool {
        let mut found = false;
        self.visit(&mut |node| {
            found |= matches!(&node.kind, Kind::Call { function, .. } if function.reads_status());
        });
        found
    }
}
