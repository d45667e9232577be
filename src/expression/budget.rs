//! How much one text may cost. Conditions come from files that strangers write, so every loop whose
//! length they choose is paid for here.

use super::error::Reason;
use serde_json::Value;
use std::cell::Cell;

/// Longest condition or `${{ }}` expression, in bytes (GitHub's own limit is 21,000 characters).
pub(super) const LONGEST_EXPRESSION: usize = 64 << 10;
/// Deepest nesting of operators, parentheses, negations, calls, indexes and lists: GitHub's own
/// limit, and in a release build 128 KiB of stack.
pub(super) const DEEPEST: usize = 50;
/// Longest text an expression or a template may make, in bytes.
pub(super) const LONGEST_TEXT: usize = 1 << 20;
/// Bytes that one evaluation may look at; some 30 ms.
const WORK: usize = 8 << 20;
/// Regular expressions one text may hold; building one costs far more than reading it.
const PATTERNS: usize = 10;
/// What is left of the work that one evaluation may do.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) fn new() -> Self {
        Self(Cell::new(WORK))
    }

    /// Pays for looking at so many bytes.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), Reason> {
        let left = self.0.get().checked_sub(bytes.saturating_add(1)).ok_or(Reason::TooMuchWork)?;
        self.0.set(left);
        Ok(())
    }

    /// Pays for looking at everything inside a value.
    pub(super) fn charge_value(&self, value: &Value) -> Result<(), Reason> {
        match value {
            Value::String(text) => self.charge(text.len()),
            Value::Array(items) => {
                self.charge(0)?;
                items.iter().try_for_each(|item| self.charge_value(item))
            }
            Value::Object(entries) => {
                self.charge(0)?;
                entries.iter().try_for_each(|(key, item)| {
                    self.charge(key.len())?;
                    self.charge_value(item)
                })
            }
            _ => self.charge(0),
        }
    }

    /// Pays for building a regular expression.
    pub(super) fn charge_pattern(&self) -> Result<(), Reason> {
        self.charge(WORK / (PATTERNS + 1))
    }
}

/// Refuses a text that an expression made too long.
pub(super) fn bounded(text: String) -> Result<String, Reason> {
    if text.len() > LONGEST_TEXT {
        return Err(Reason::TooLarge);
    }
    Ok(text)
}
