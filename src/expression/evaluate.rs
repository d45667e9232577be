//! Gives an expression its value. Nothing is executed: names are looked up, values compared.

use super::{
    ast::{Kind, Node, Step},
    budget::Budget,
    context::{known_root, Context},
    error::{Fault, Reason},
    json,
    operator::Operator,
    placeholder::Placeholder,
    powershell,
    selection::Selection,
    token::{shortened, Spelling},
    value::{self, loosely_equal, same_text, text_of},
};
use serde_json::Value;
use std::borrow::Cow;

/// A value and the language whose rules say whether it is true.
pub(super) struct Found<'a> {
    pub(super) value: Cow<'a, Value>,
    spelling: Spelling,
}

impl Found<'_> {
    pub(super) fn is_true(&self) -> bool {
        match self.spelling {
            Spelling::Expression => value::is_true(&self.value),
            Spelling::PowerShell => powershell::is_true(&self.value),
        }
    }
}

/// What is read in place of a root.
#[derive(Clone, Copy)]
enum StandIn {
    Variables,
    Environment,
}

/// One evaluation: where names are looked up and how much work is left.
pub(super) struct Evaluator<'a> {
    context: &'a dyn Context,
    budget: Budget,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(context: &'a dyn Context) -> Self {
        Self { context, budget: Budget::new() }
    }

    /// The value of a node; the parser has bounded how deep this goes.
    pub(super) fn evaluate(&self, node: &'a Node) -> Result<Found<'a>, Fault> {
        let owned = |value: Value| Cow::Owned(value);
        self.budget.charge(0).map_err(|reason| reason.at(node.at))?;
        let value = match &node.kind {
            Kind::Literal(value) | Kind::Quoted(value, _) => Cow::Borrowed(value),
            Kind::Variable(name) => self.context.variable(name).unwrap_or(owned(Value::Null)),
            Kind::Environment(name) => owned(self.context.environment(name).into()),
            Kind::Name(name) => self.named(name).unwrap_or(owned(Value::Null)),
            Kind::Placeholder(placeholder) => self.placeholder(placeholder),
            Kind::Platform(platform) => owned((self.context.platform() == *platform).into()),
            Kind::Path { base, steps } => self.path(base, steps)?,
            Kind::Call { function, arguments } => {
                let values: Result<Vec<_>, Fault> =
                    arguments.iter().map(|argument| Ok(self.evaluate(argument)?.value)).collect();
                let answer = function.call(&values?, self.context, &self.budget);
                owned(answer.map_err(|reason| reason.at(node.at))?)
            }
            Kind::TestPath(path) => owned(self.context.test_path(path).into()),
            Kind::List(items) => owned(self.list(items)?),
            Kind::Array(None) => owned(Value::Array(Vec::new())),
            Kind::Array(Some(inner)) => {
                let inner = self.evaluate(inner)?.value;
                if inner.is_array() {
                    inner
                } else {
                    owned(Value::Array(vec![inner.into_owned()]))
                }
            }
            Kind::Not(operand) => owned((!self.evaluate(operand)?.is_true()).into()),
            Kind::Chain { first, rest } => return self.chain(first, rest),
        };
        Ok(Found { value, spelling: node.spelling() })
    }

    fn list(&self, items: &'a [Node]) -> Result<Value, Fault> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let value = self.evaluate(item)?.value;
            self.budget.charge_value(&value).map_err(|reason| reason.at(item.at))?;
            list.push(value.into_owned());
        }
        Ok(Value::Array(list))
    }

    /// A root before a variable: a playbook's variable must not hide what a job needs.
    fn named(&self, name: &str) -> Option<Cow<'a, Value>> {
        self.context.root(name).or_else(|| self.context.variable(name))
    }

    /// How `vars` and `env` are read where the context has no roots of these names.
    fn stand_in(&self, root: &str) -> Option<StandIn> {
        let found = match known_root(root)? {
            "vars" => StandIn::Variables,
            "env" => StandIn::Environment,
            _ => return None,
        };
        self.context.root(root).is_none().then_some(found)
    }

    fn entry(&self, of: StandIn, name: &str) -> Cow<'a, Value> {
        match of {
            StandIn::Variables => self.context.variable(name).unwrap_or(Cow::Owned(Value::Null)),
            StandIn::Environment => Cow::Owned(self.context.environment(name).into()),
        }
    }

    /// `{{name}}` looks for a variable, `{{root.name}}` for a root first. What is not there is the
    /// default, or null, which as text is empty.
    pub(super) fn placeholder(&self, placeholder: &'a Placeholder) -> Cow<'a, Value> {
        let null = || Cow::Owned(Value::Null);
        let found = match placeholder.path.as_slice() {
            [name] => self.context.variable(name).or_else(|| self.context.root(name)).unwrap_or_else(null),
            [root, rest @ ..] => {
                let (start, rest) = match (self.stand_in(root), rest) {
                    (Some(of), [name, rest @ ..]) => (self.entry(of, name), rest),
                    _ => (self.named(root).unwrap_or_else(null), rest),
                };
                let step = |at: Selection<'a>, name: &String| match name.parse::<u32>() {
                    Ok(index) => at.index(&index.into(), Spelling::Expression),
                    Err(_) => at.property(name, Spelling::Expression),
                };
                rest.iter().fold(Selection::One(start), step).into_value()
            }
            [] => null(),
        };
        match &placeholder.default {
            Some(default) if found.is_null() => Cow::Owned(default.as_str().into()),
            _ => found,
        }
    }

    fn path(&self, base: &'a Node, steps: &'a [Step]) -> Result<Cow<'a, Value>, Fault> {
        let spelling = base.spelling();
        let mut steps = steps;
        let start = match &base.kind {
            Kind::Name(name) => match (self.stand_in(name), steps) {
                (Some(of), [Step::Property(name), rest @ ..]) => {
                    steps = rest;
                    self.entry(of, name)
                }
                (Some(of), [Step::Index(index), rest @ ..]) => {
                    steps = rest;
                    self.entry(of, &text_of(&self.evaluate(index)?.value))
                }
                _ => match self.named(name) {
                    Some(value) => value,
                    None if known_root(name).is_some() => Cow::Owned(Value::Null),
                    None => return Err(Reason::UnknownName(shortened(name)).at(base.at)),
                },
            },
            // PowerShell's `$matrix.os` means the root unless a variable has that name.
            Kind::Variable(name) => self
                .context
                .variable(name)
                .or_else(|| self.context.root(name))
                .unwrap_or(Cow::Owned(Value::Null)),
            _ => self.evaluate(base)?.value,
        };
        let mut selection = Selection::One(start);
        for step in steps {
            self.budget.charge(selection.width()).map_err(|reason| reason.at(base.at))?;
            selection = match step {
                Step::Property(name) => selection.property(name, spelling),
                Step::Index(index) => selection.index(&self.evaluate(index)?.value, spelling),
                Step::Every => selection.every(),
            };
        }
        if let Selection::Many(values) = &selection {
            let charged = values.iter().try_for_each(|value| self.budget.charge_value(value));
            charged.map_err(|reason| reason.at(base.at))?;
        }
        Ok(selection.into_value())
    }

    /// Operands of one level. `&&` and `||` give the operand that decided, everything else a value
    /// of its own.
    fn chain(&self, first: &'a Node, rest: &'a [(Operator, Node)]) -> Result<Found<'a>, Fault> {
        let mut left = self.evaluate(first)?;
        let mut left_node = Some(first);
        for (operator, node) in rest {
            left = match operator {
                Operator::Or if left.is_true() => left,
                Operator::And if !left.is_true() => left,
                Operator::Or | Operator::And => self.evaluate(node)?,
                Operator::PowerShellOr => logical(left.is_true() || self.evaluate(node)?.is_true()),
                Operator::PowerShellAnd => logical(left.is_true() && self.evaluate(node)?.is_true()),
                _ => {
                    let right = self.evaluate(node)?.value;
                    let is_placeholder = |node: &Node| matches!(node.kind, Kind::Placeholder(_));
                    let texts = is_placeholder(node) || left_node.is_some_and(is_placeholder);
                    self.compare(*operator, &left.value, &right, texts)
                        .map_err(|reason| reason.at(node.at))?
                }
            };
            left_node = None;
        }
        Ok(left)
    }

    fn compare<'f>(
        &self,
        operator: Operator,
        left: &Value,
        right: &Value,
        texts: bool,
    ) -> Result<Found<'f>, Reason> {
        if let Operator::Compare(comparison, case) = operator {
            let value = powershell::compare(comparison, case, left, right, &self.budget)?;
            return Ok(Found { value: Cow::Owned(value), spelling: Spelling::PowerShell });
        }
        self.budget.charge_value(left)?;
        self.budget.charge_value(right)?;
        let equal = loosely_equal(left, right);
        let answer = match operator {
            // `{{name}} == word` compares what the template would write, so that 'false' is false.
            Operator::Equal | Operator::NotEqual if texts && !equal => {
                let same = same_text(&json::inline(left)?, &json::inline(right)?);
                same == (operator == Operator::Equal)
            }
            Operator::Equal => equal,
            Operator::NotEqual => !equal,
            Operator::Order(relation) => {
                let ordered = value::order(left, right).is_some_and(|ordering| relation.holds(ordering));
                // As in GitHub's runner, null >= null holds because they are equal.
                ordered || (equal && relation.holds(std::cmp::Ordering::Equal))
            }
            _ => false,
        };
        Ok(Found { value: Cow::Owned(answer.into()), spelling: Spelling::Expression })
    }
}

fn logical<'f>(value: bool) -> Found<'f> {
    Found { value: Cow::Owned(value.into()), spelling: Spelling::PowerShell }
}
