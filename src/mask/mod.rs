//! Secrets become `***` in whatever leaves the engine.
//!
//! A secret is masked as it is, line by line, and in the forms that texts usually carry it in: JSON,
//! URL and base64, where it may be in the middle of something longer.

mod forms;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use serde_json::{Map, Value};
use std::{
    borrow::Cow,
    collections::HashSet,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

/// What stands in a secret's place, as in GitHub Actions.
pub const MASKED: &str = "***";

/// A secret of fewer characters is not masked: it would be found everywhere.
pub const SHORTEST: usize = 3;

/// The secrets of a run. Values can be added while others are being masked.
#[derive(Default)]
pub struct Mask {
    patterns: RwLock<Arc<Patterns>>,
    /// As they were given.
    secrets: RwLock<Vec<String>>,
}

#[derive(Default)]
struct Patterns {
    /// In the order they came, for the automaton is built anew when one is added.
    texts: Vec<String>,
    known: HashSet<String>,
    longest: usize,
    automaton: Option<AhoCorasick>,
}

impl fmt::Debug for Mask {
    /// How many patterns there are, and none of them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Mask({} patterns)", self.patterns().texts.len())
    }
}

impl Mask {
    /// A mask of these secrets; those that are too short are left out, see [`is_too_short`].
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mask = Self::default();
        mask.add(secrets);
        mask
    }

    /// Masks these, too, from now on.
    pub fn add<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        let given: Vec<&str> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        for secret in &given {
            if !secrets.iter().any(|known| known == secret) {
                secrets.push((*secret).to_owned());
            }
        }
        drop(secrets);
        let found: Vec<String> = given.into_iter().flat_map(forms::of).collect();
        let mut patterns = self.patterns.write().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<String> = found.into_iter().filter(|form| !patterns.known.contains(form)).collect();
        if !new.is_empty() {
            *patterns = Arc::new(patterns.with(new));
        }
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.patterns().automaton.is_none()
    }

    /// The secrets themselves, for a caller that writes reports of its own.
    pub fn secrets(&self) -> Vec<String> {
        self.secrets.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The text without secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.patterns().mask(text)
    }

    /// The value without secrets: in texts, in the names of objects, in numbers as they are written.
    pub fn value(&self, value: &Value) -> Value {
        self.patterns().value(value)
    }

    /// The object without secrets.
    pub fn object(&self, object: &Map<String, Value>) -> Map<String, Value> {
        self.patterns().object(object)
    }

    /// How much of a text that goes on elsewhere may be let go: no secret that begins before that
    /// place ends behind it, whatever follows. Always between two characters.
    pub fn settled(&self, text: &str) -> usize {
        let patterns = self.patterns();
        let mut end = text.len().saturating_sub(patterns.longest.saturating_sub(1));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        for (from, to) in patterns.spans(text) {
            if from < end && end < to {
                end = from;
            }
        }
        end
    }

    fn patterns(&self) -> Arc<Patterns> {
        Arc::clone(&self.patterns.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a secret has too few characters to be masked. An empty one is none.
pub fn is_too_short(secret: &str) -> bool {
    let characters = secret.trim().chars().count();
    characters > 0 && characters < SHORTEST
}

impl Patterns {
    fn with(&self, new: Vec<String>) -> Self {
        let mut texts = self.texts.clone();
        let mut known = self.known.clone();
        for text in new {
            if known.insert(text.clone()) {
                texts.push(text);
            }
        }
        let automaton = AhoCorasickBuilder::new().dfa(false).build(&texts);
        let longest = texts.iter().map(String::len).max().unwrap_or_default();
        Self { texts, known, longest, automaton: Some(automaton) }
    }

    /// Where secrets are, those that overlap or touch as one.
    fn spans(&self, text: &str) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = self
            .automaton
            .iter()
            .flat_map(|automaton| automaton.find_overlapping_iter(text))
            .map(|found| (found.start(), found.end()))
            .collect();
        found.sort_unstable();
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for (from, to) in found {
            match spans.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => spans.push((from, to)),
            }
        }
        spans
    }

    fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let spans = self.spans(text);
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        let mut at = 0;
        for (from, to) in spans {
            masked.push_str(&text[at..from]);
            masked.push_str(MASKED);
            at = to;
        }
        masked.push_str(&text[at..]);
        Cow::Owned(masked)
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.mask(text).into_owned()),
            Value::Number(number) => match self.mask(&number.to_string()) {
                Cow::Borrowed(_) => value.clone(),
                Cow::Owned(masked) => Value::String(masked),
            },
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(object) => Value::Object(self.object(object)),
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn object(&self, object: &Map<String, Value>) -> Map<String, Value> {
        object.iter().map(|(name, value)| (self.mask(name).into_owned(), self.value(value))).collect()
    }
}

#[cfg(test)]
mod tests;
