//! A reader of documents: every field is asked for by name, everything else is pointed out.
//!
//! Names are compared without case, `-` and `_`: `continueOnError`, `ContinueOnError`,
//! `continue-on-error` and `continue_on_error` are one name. `null` is the same as no field at all.

use super::{at::At, PlaybookError, Warning};
use serde_json::{Map, Value};
use std::{cell::RefCell, collections::HashMap};

/// Past this a document's warnings and problems are only counted.
const MOST_FINDINGS: usize = 1_000;

/// How similar (0 to 1) a known name must be to be suggested.
const SIMILAR: f64 = 0.82;

/// Nobody mistypes a name this long; comparing it would only cost time.
const LONGEST_TYPO: usize = 60;

/// What reading a document found out about it.
#[derive(Default)]
pub(super) struct Findings {
    problems: RefCell<Vec<PlaybookError>>,
    warnings: RefCell<Vec<Warning>>,
    uncounted: RefCell<usize>,
}

impl Findings {
    pub(super) fn problem(&self, problem: PlaybookError) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MOST_FINDINGS {
            problems.push(problem);
        }
    }

    pub(super) fn warn(&self, path: impl Into<String>, message: impl Into<String>) {
        let mut warnings = self.warnings.borrow_mut();
        if warnings.len() < MOST_FINDINGS {
            warnings.push(Warning { path: path.into(), message: message.into() });
        } else {
            *self.uncounted.borrow_mut() += 1;
        }
    }

    pub(super) fn not_honoured(&self, path: impl Into<String>, reason: &str) {
        self.warn(path, format!("is not honoured: {reason}"));
    }

    fn is_full(&self) -> bool {
        self.warnings.borrow().len() >= MOST_FINDINGS
    }

    /// The warnings, or the problems if there is one.
    pub(super) fn into_result(self, file: Option<String>) -> Result<Vec<Warning>, PlaybookError> {
        let problems = self.problems.into_inner();
        if !problems.is_empty() {
            return Err(PlaybookError::Problems { file, problems });
        }
        let mut warnings = self.warnings.into_inner();
        match self.uncounted.into_inner() {
            0 => {}
            more => {
                warnings.push(Warning { path: String::new(), message: format!("and {more} more warnings") })
            }
        }
        Ok(warnings)
    }
}

/// How a message names a value.
pub(super) fn found(value: &Value) -> String {
    const SHOWN: usize = 60;
    match value {
        Value::Null => "null".into(),
        Value::Array(values) => format!("a list of {}", values.len()),
        Value::Object(_) => "an object".into(),
        Value::String(text) => match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{:?}…", &text[..end]),
            None => format!("{text:?}"),
        },
        other => other.to_string(),
    }
}

/// The path of a member.
pub(super) fn join(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && !key.contains(['.', '[', ']', '"']);
    match (path.is_empty(), plain) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{key:?}]"),
    }
}

/// The name that differs least from `name`, if one is similar.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > LONGEST_TYPO {
        return None;
    }
    let name = plain(name);
    known
        .into_iter()
        .map(|candidate| (plain(candidate), candidate))
        .filter(|(plain, _)| strsim::jaro_winkler(&name, plain) >= SIMILAR)
        .min_by_key(|(plain, _)| strsim::damerau_levenshtein(&name, plain))
        .map(|(_, candidate)| candidate)
}

/// Whether `plain(name)` is `wanted`, for names in ASCII and without building it.
fn is_plain(name: &str, wanted: &str) -> bool {
    let letters = name.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
    letters.map(|byte| byte.to_ascii_lowercase()).eq(wanted.bytes())
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The fields of an object, each to be taken by its name.
pub(super) struct Fields<'a> {
    pub(super) findings: &'a Findings,
    pub(super) path: String,
    entries: Vec<Entry<'a>>,
    known: Vec<&'static str>,
}

struct Entry<'a> {
    plain: String,
    key: &'a str,
    value: &'a Value,
    taken: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(findings: &'a Findings, object: &'a Map<String, Value>, path: String) -> Self {
        let mut entries: Vec<Entry<'a>> = Vec::with_capacity(object.len());
        let mut seen: HashMap<String, &str> = HashMap::with_capacity(object.len());
        for (key, value) in object {
            let plain = plain(key);
            match seen.get(&plain) {
                Some(first) => findings.warn(
                    join(&path, key),
                    format!("is the same name as '{first}', which stands before it and counts"),
                ),
                None => {
                    seen.insert(plain.clone(), key);
                    entries.push(Entry { plain, key, value, taken: false });
                }
            }
        }
        Self { findings, path, entries, known: Vec::new() }
    }

    /// The field that has one of these names, the first of them that is there.
    pub(super) fn take(&mut self, names: &[&'static str]) -> Option<At<'a>> {
        self.known.extend(names);
        let mut taken: Option<At<'a>> = None;
        for name in names {
            let Some(entry) = self.entries.iter_mut().find(|entry| is_plain(name, &entry.plain)) else {
                continue;
            };
            entry.taken = true;
            if entry.value.is_null() {
                continue;
            }
            let path = join(&self.path, entry.key);
            match &taken {
                Some(first) => {
                    self.findings.not_honoured(path, &format!("'{}' says it already", first.path));
                }
                None => taken = Some(At { findings: self.findings, path, value: entry.value }),
            }
        }
        taken
    }

    /// Whether there is such a field, without taking it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| is_plain(name, &entry.plain) && !entry.value.is_null())
    }

    pub(super) fn text(&mut self, names: &[&'static str]) -> Option<String> {
        self.take(names)?.text()
    }

    pub(super) fn label(&mut self, names: &[&'static str]) -> Option<String> {
        self.take(names)?.label()
    }

    pub(super) fn flag(&mut self, names: &[&'static str]) -> Option<bool> {
        self.take(names)?.flag()
    }

    pub(super) fn object(&mut self, names: &[&'static str]) -> Option<Map<String, Value>> {
        self.take(names)?.object().cloned()
    }

    pub(super) fn texts(&mut self, names: &[&'static str]) -> Option<Vec<String>> {
        self.take(names)?.texts()
    }

    /// A field that is understood but has no effect here.
    pub(super) fn ignore(&mut self, names: &[&'static str], reason: &str) {
        for name in names {
            if let Some(at) = self.take(&[name]) {
                self.findings.not_honoured(at.path, reason);
            }
        }
    }

    /// Points out fields that look like mistyped names, where others are welcome.
    pub(super) fn warn_typos(&self) {
        for entry in self.entries.iter().filter(|entry| !entry.taken && !self.findings.is_full()) {
            if let Some(name) = nearest(entry.key, self.known.iter().copied()) {
                let message = format!("unknown field '{}'; did you mean '{name}'?", entry.key);
                self.findings.warn(join(&self.path, entry.key), message);
            }
        }
    }

    /// What nobody has taken, as written.
    pub(super) fn rest(&mut self) -> Map<String, Value> {
        let mut rest = Map::new();
        for entry in self.entries.iter_mut().filter(|entry| !entry.taken) {
            entry.taken = true;
            rest.insert(entry.key.to_owned(), entry.value.clone());
        }
        rest
    }

    /// Points out the fields that nobody has asked for. Keys such as `$schema`, `_comment` and `//`
    /// are notes of the author.
    pub(super) fn finish(self) {
        let unknown =
            self.entries.iter().filter(|entry| !entry.taken && !entry.key.starts_with(['$', '_', '/', '#']));
        for entry in unknown {
            let suggestion =
                if self.findings.is_full() { None } else { nearest(entry.key, self.known.iter().copied()) };
            let message = match suggestion {
                Some(name) => format!("unknown field '{}'; did you mean '{name}'?", entry.key),
                None => format!("unknown field '{}'; nothing is done with it", entry.key),
            };
            self.findings.warn(join(&self.path, entry.key), message);
        }
    }
}
