//! The sequence language: what a user writes after `-Sequence` (CONTRACT 2).

use super::{Catalog, Header, Number, Script};
use crate::error::Diagnose;
use regex::{Regex, RegexBuilder};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Why a sequence selects nothing that can be run.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SequenceError {
    /// A number that no script has.
    #[error("no script has the number {number} (in '{folder}')")]
    UnknownNumber {
        /// The number.
        number: Number,
        /// Where it was looked for.
        folder: String,
    },
    /// A range whose end comes before its start.
    #[error("the range '{0}' runs backwards")]
    ReversedRange(String),
    /// An element without text, for example between two commas.
    #[error("the sequence '{0}' has an empty element")]
    EmptyElement(String),
    /// An element that is none of the language's forms.
    #[error("'{0}' means nothing in a sequence")]
    Malformed(String),
    /// Well-formed, but no script matches.
    #[error("No scripts match the specified sequence: {sequence}")]
    Nothing {
        /// What was asked for.
        sequence: String,
        /// Sentences about what the scripts have of the kinds that were asked for: stages, tags.
        there_are: String,
    },
}

impl Diagnose for SequenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownNumber { .. } => "sequence.unknown-number",
            Self::ReversedRange(_) => "sequence.reversed-range",
            Self::EmptyElement(_) => "sequence.empty-element",
            Self::Malformed(_) => "sequence.malformed",
            Self::Nothing { .. } => "sequence.nothing",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownNumber { number, .. } => {
                format!("Check the number, or write a range such as {number}-{number} to run what is there.")
            }
            Self::ReversedRange(range) => match range.split_once('-') {
                Some((start, end)) => format!("Write {}-{}.", end.trim(), start.trim()),
                None => "Write the smaller number first.".into(),
            },
            Self::EmptyElement(_) => "Remove the extra comma, or write a number there.".into(),
            Self::Malformed(_) => {
                "Write a number (0402), a range (0400-0410), a prefix (04*), stage:Name, tag:name, \
                                   an exclusion (!0408), or several of them with commas."
                    .into()
            }
            Self::Nothing { there_are, .. } => {
                format!("{there_are}Start-AitherZero.ps1 -Mode List and -DryRun show what there is.")
            }
        })
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::UnknownNumber { folder, .. } => Some(folder.clone()),
            _ => None,
        }
    }
}

/// Resolves a sequence to scripts, ascending by number, each once.
///
/// Every element of the array adds what it means; one that starts with `!` removes from everything.
/// Inside a comma list `!` removes from that list only. An exclusion beats an inclusion wherever it
/// stands.
///
/// # Errors
/// [`SequenceError`], naming the element at fault.
pub fn resolve<'a>(catalog: &'a Catalog, sequence: &[String]) -> Result<Vec<&'a Script>, SequenceError> {
    let selection = select(catalog, sequence, Unknown::Refused)?;
    let scripts: Vec<&Script> =
        selection.numbers().iter().filter_map(|number| catalog.get(*number)).collect();
    if scripts.is_empty() {
        let there_are = there_are(catalog, sequence);
        return Err(SequenceError::Nothing { sequence: sequence.join(" "), there_are });
    }
    Ok(scripts)
}

/// What a playbook's list selects: its scripts, and the numbers it names that no script has.
#[derive(Debug)]
pub struct Known<'a> {
    /// The scripts, ascending by number.
    pub scripts: Vec<&'a Script>,
    /// Ascending.
    pub missing: Vec<Number>,
}

/// Resolves a sequence whose author may name scripts that are gone; selecting nothing is no error.
///
/// # Errors
/// [`SequenceError`] for what is not of the language.
pub fn resolve_known<'a>(catalog: &'a Catalog, sequence: &[String]) -> Result<Known<'a>, SequenceError> {
    let selection = select(catalog, sequence, Unknown::Ignored)?;
    let numbers = selection.numbers();
    Ok(Known {
        scripts: numbers.iter().filter_map(|number| catalog.get(*number)).collect(),
        missing: numbers.iter().copied().filter(|number| catalog.get(*number).is_none()).collect(),
    })
}

fn select<'a>(
    catalog: &'a Catalog,
    sequence: &[String],
    unknown: Unknown,
) -> Result<Selection<'a>, SequenceError> {
    let mut selection = Selection::new(catalog);
    for element in sequence {
        let element = element.trim();
        match element.strip_prefix('!') {
            Some(excluded) => selection.excluded.extend(selection.list(excluded, Unknown::Ignored)?),
            None => selection.included.extend(selection.list(element, unknown)?),
        }
    }
    Ok(selection)
}

/// Whether a number that no script has is an error or simply matches nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Refused,
    Ignored,
}

struct Selection<'a> {
    catalog: &'a Catalog,
    included: BTreeSet<Number>,
    excluded: BTreeSet<Number>,
}

impl<'a> Selection<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, included: BTreeSet::new(), excluded: BTreeSet::new() }
    }

    fn numbers(&self) -> BTreeSet<Number> {
        self.included.difference(&self.excluded).copied().collect()
    }

    /// A comma list, with exclusions of its own.
    fn list(&self, text: &str, unknown: Unknown) -> Result<BTreeSet<Number>, SequenceError> {
        if !text.contains(',') {
            return self.term(text.trim(), text, unknown);
        }
        let mut included = BTreeSet::new();
        let mut excluded = BTreeSet::new();
        for part in text.split(',').map(str::trim) {
            match part.strip_prefix('!') {
                Some(rest) => excluded.extend(self.term(rest.trim(), text, Unknown::Ignored)?),
                None => included.extend(self.term(part, text, unknown)?),
            }
        }
        Ok(included.difference(&excluded).copied().collect())
    }

    fn term(&self, term: &str, whole: &str, unknown: Unknown) -> Result<BTreeSet<Number>, SequenceError> {
        if term.is_empty() {
            return Err(SequenceError::EmptyElement(whole.to_owned()));
        }
        if let Some(number) = Number::parse(term) {
            if self.catalog.get(number).is_none() && unknown == Unknown::Refused {
                return Err(SequenceError::UnknownNumber { number, folder: self.catalog.searched() });
            }
            return Ok(BTreeSet::from([number]));
        }
        if let Some((start, end)) = range(term) {
            if start > end {
                return Err(SequenceError::ReversedRange(term.to_owned()));
            }
            return Ok(self.matching(|script| (start..=end).contains(&script.number)));
        }
        if let Some(prefix) = prefix(term) {
            return Ok(self.matching(|script| script.name.starts_with(&prefix)));
        }
        let malformed = || SequenceError::Malformed(term.to_owned());
        match term.split_once(':').map(|(kind, text)| (kind, text.trim())) {
            Some(("stage", stage)) if !stage.is_empty() => {
                let pattern = pattern(stage, "").ok_or_else(malformed)?;
                Ok(self.described(|script| {
                    script.header().stage.as_deref().is_some_and(|name| pattern.is_match(name))
                }))
            }
            Some(("tag", tag)) if !tag.is_empty() => {
                let pattern = pattern(tag, r"\b").ok_or_else(malformed)?;
                Ok(self.described(|script| script.header().tags.iter().any(|name| pattern.is_match(name))))
            }
            _ => Err(malformed()),
        }
    }

    fn matching(&self, wanted: impl Fn(&Script) -> bool) -> BTreeSet<Number> {
        self.catalog.scripts().filter(|script| wanted(script)).map(|script| script.number).collect()
    }

    fn described(&self, wanted: impl Fn(&Script) -> bool) -> BTreeSet<Number> {
        self.catalog.read_headers(self.catalog.scripts());
        self.matching(wanted)
    }
}

/// So many names are told at most.
const MOST_NAMES: usize = 24;

/// The stages, where a sequence asks for one, and the tags, where it asks for one.
fn there_are(catalog: &Catalog, sequence: &[String]) -> String {
    let asks_for = |kind: &str| sequence.iter().any(|element| element.contains(kind));
    let mut sentences = String::new();
    if asks_for("stage:") {
        sentences += &sentence("stages", names(catalog, |header| header.stage.as_slice()));
    }
    if asks_for("tag:") {
        sentences += &sentence("tags", names(catalog, |header| &header.tags));
    }
    sentences
}

/// The names that headers have, each once whatever its case, in alphabetical order.
fn names(catalog: &Catalog, of: impl Fn(&Header) -> &[String]) -> Vec<String> {
    catalog.read_headers(catalog.scripts());
    let all = catalog.scripts().flat_map(|script| of(script.header()));
    let names: BTreeMap<String, &String> = all.map(|name| (name.to_lowercase(), name)).collect();
    names.into_values().cloned().collect()
}

fn sentence(kind: &str, mut names: Vec<String>) -> String {
    if names.is_empty() {
        return format!("No script here has {kind}. ");
    }
    if names.len() > MOST_NAMES {
        names.truncate(MOST_NAMES);
        names.push("…".into());
    }
    format!("The {kind} here: {}. ", names.join(", "))
}

fn range(term: &str) -> Option<(Number, Number)> {
    let (start, end) = term.split_once('-')?;
    Some((Number::parse(start.trim())?, Number::parse(end.trim())?))
}

/// `*` is everything, `2*` is `02*` as in the original, `020*` is the ten numbers from 0200.
fn prefix(term: &str) -> Option<String> {
    let digits = term.strip_suffix('*')?;
    let plain = digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| if digits.len() == 1 { format!("0{digits}") } else { digits.to_owned() })
}

/// The original reads a name as a regular expression without case and without anchors, a tag as
/// whole words; a name that is no expression (`c++`) is taken as it stands.
fn pattern(text: &str, edge: &str) -> Option<Regex> {
    let build = |source: &str| RegexBuilder::new(source).case_insensitive(true).build().ok();
    build(&format!("{edge}(?:{text}){edge}")).or_else(|| build(&regex::escape(text)))
}
