//! `-match`: regular expressions of bounded size.

use super::{budget::Budget, error::Reason, operator::Case};
use regex::{Regex, RegexBuilder};

/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 1000;

/// Bytes that a compiled pattern may take; five times `\w` takes some 300 KiB.
const LARGEST: usize = 512 << 10;

/// A compiled pattern that knows its price.
pub(super) struct Pattern {
    regex: Regex,
    cost: usize,
}

impl Pattern {
    /// Compiles a pattern, and pays for it.
    pub(super) fn new(pattern: &str, case: Case, budget: &Budget) -> Result<Self, Reason> {
        if pattern.len() > LONGEST_PATTERN {
            return Err(Reason::Pattern(format!("it is longer than {LONGEST_PATTERN} bytes")));
        }
        budget.charge_pattern()?;
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(case == Case::Ignored)
            .size_limit(LARGEST)
            .dfa_size_limit(LARGEST)
            .build()
            .map_err(|error| Reason::Pattern(why(&error)))?;
        Ok(Self { regex, cost: written_out(pattern).saturating_mul(2) })
    }

    /// Whether it matches anywhere in the text.
    pub(super) fn is_match(&self, text: &str, budget: &Budget) -> Result<bool, Reason> {
        budget.charge(text.len().saturating_mul(self.cost))?;
        Ok(self.regex.is_match(text))
    }
}

/// At most how long the pattern is when its counted repetitions are written out, which is what
/// matching costs at worst for each byte of text. The engine needs no other bound: it never tries
/// anything twice.
fn written_out(pattern: &str) -> usize {
    let counts = pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(count, _)| {
        let numbers = count.split(',').map(|number| number.trim().parse::<usize>().unwrap_or(1));
        numbers.max().unwrap_or(1).max(1)
    });
    counts.fold(pattern.len().max(1), usize::saturating_mul)
}

/// The sentence without the picture of the pattern that goes before it.
fn why(error: &regex::Error) -> String {
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return "it is too large".into();
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
