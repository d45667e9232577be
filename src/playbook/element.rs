//! What a playbook may write where scripts are named: numbers, file names, the sequence language.

use super::at::At;
use crate::catalog::Number;
use once_cell::sync::Lazy;
use regex::Regex;

/// `0402_Run-UnitTests.ps1`, with or without folders and extension.
static SCRIPT_FILE: Lazy<Option<Regex>> =
    Lazy::new(|| Regex::new(r"^(?:[^\r\n;|&]*[/\\])?(\d{4})_[\w.\-]*$").ok());

/// Four digits that are not part of more digits.
static FOUR_DIGITS: Lazy<Option<Regex>> = Lazy::new(|| Regex::new(r"\d{4}").ok());

/// A template of either spelling.
static TEMPLATE: Lazy<Option<Regex>> = Lazy::new(|| Regex::new(r"\$?\{\{[^{}\r\n]*\}\}").ok());

/// Whether a text is written in the sequence language: numbers, ranges, prefixes, `stage:`, `tag:`,
/// exclusions, and lists of them. A template may stand for any part of it, so that what `run` means
/// can be asked again once templates are replaced.
pub fn is_sequence(text: &str) -> bool {
    let replaced = TEMPLATE.as_ref().map_or_else(|| text.into(), |template| template.replace_all(text, "0"));
    let text = replaced.trim();
    !text.is_empty() && !text.contains(['\n', '\r']) && text.split(',').all(|part| is_term(part.trim()))
}

fn is_term(term: &str) -> bool {
    let term = term.strip_prefix('!').map_or(term, str::trim_start);
    let is_range = || {
        term.split_once('-').is_some_and(|(start, end)| {
            Number::parse(start.trim()).is_some() && Number::parse(end.trim()).is_some()
        })
    };
    let is_prefix = || {
        term.strip_suffix('*')
            .is_some_and(|digits| digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_named = || {
        ["stage:", "tag:"]
            .iter()
            .any(|kind| term.strip_prefix(kind).is_some_and(|name| !name.trim().is_empty()))
    };
    Number::parse(term).is_some() || is_range() || is_prefix() || is_named()
}

/// The number of a script file's name, with or without folders.
pub(super) fn script_file(text: &str) -> Option<String> {
    let captures = SCRIPT_FILE.as_ref()?.captures(text.trim())?;
    Some(captures.get(1)?.as_str().to_owned())
}

/// The first four digits in a row, as the newer engine finds a script's number.
pub(super) fn first_number(text: &str) -> Option<String> {
    FOUR_DIGITS.as_ref()?.find(text).map(|digits| digits.as_str().to_owned())
}

/// The elements of a sequence: texts as they stand, numbers padded, file names as their number.
pub(super) fn elements(at: &At) -> Vec<String> {
    at.items_or_one().iter().filter_map(element).collect()
}

/// One element of a sequence.
pub(super) fn element(at: &At) -> Option<String> {
    if let Some(number) = at.value.as_u64() {
        return match number {
            0..=9999 => Some(format!("{number:04}")),
            _ => at.wrong("a script's number, at most four digits"),
        };
    }
    match at.value.as_str() {
        Some(text) => Some(script_file(text).unwrap_or_else(|| text.to_owned())),
        None => at.wrong("a sequence: a number, a range, or a list of them"),
    }
}
