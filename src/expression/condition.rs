//! A condition: parsed once, judged when its time comes.

use super::{
    ast::Node,
    context::Context,
    error::ExpressionError,
    evaluate::{Evaluator, Found},
    parser::parse,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A condition that has been read and found to be one.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    node: Node,
}

impl Condition {
    /// Reads a condition, with or without `${{ }}` around it.
    ///
    /// # Errors
    /// [`ExpressionError`] for anything that is not of the language, a wrong literal regular
    /// expression included.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let node = parse(text, 0..text.len()).map_err(|fault| ExpressionError::new(text, fault))?;
        Ok(Self { text: text.to_owned(), node })
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds. `success()` is not implied here: see [`Condition::uses_status_function`].
    ///
    /// # Errors
    /// [`ExpressionError`] where a value cannot be worked with (fromJSON of what is no JSON), where
    /// it would take too much work, and for a property of a name that nothing has.
    pub fn evaluate(&self, context: &dyn Context) -> Result<bool, ExpressionError> {
        evaluated(&self.text, &self.node, context, |found| found.is_true())
    }

    /// Whether `success()`, `failure()`, `cancelled()` or `always()` stands anywhere in it; if none
    /// does, what it guards runs only when `success()` holds as well.
    pub fn uses_status_function(&self) -> bool {
        self.node.uses_status_function()
    }

    /// The roots of [`ROOTS`](super::ROOTS) that it may read: with `needs`, `jobs`, `stages` or `steps`
    /// among them it cannot be judged before these have run.
    pub fn roots(&self) -> BTreeSet<&'static str> {
        self.node.roots()
    }
}

/// The value of one expression, with or without `${{ }}` around it.
///
/// # Errors
/// As [`Condition::parse`] and [`Condition::evaluate`].
pub fn evaluate_text(expression: &str, context: &dyn Context) -> Result<Value, ExpressionError> {
    let Condition { text, node } = Condition::parse(expression)?;
    evaluated(&text, &node, context, |found| found.value.into_owned())
}

fn evaluated<T>(
    text: &str,
    node: &Node,
    context: &dyn Context,
    answer: impl FnOnce(Found<'_>) -> T,
) -> Result<T, ExpressionError> {
    let evaluator = Evaluator::new(context);
    evaluator.evaluate(node).map(answer).map_err(|fault| ExpressionError::new(text, fault))
}
