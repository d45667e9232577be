//! What every format leaves out: secrets, and the escapes that terminals understand.

use super::{Document, ScriptText, Stage, Task};
use crate::mask::Mask;
use once_cell::sync::Lazy;
use regex::Regex;
use serde_json::{Map, Value};

/// CSI, OSC and the two-character sequences of ECMA-48.
static ESCAPES: Lazy<Option<Regex>> = Lazy::new(|| {
    Regex::new(r"(?:\x1b\[|\u{9b})[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]").ok()
});

/// The document without secrets and escapes, in every text of it.
pub fn cleaned(document: &Document) -> Document {
    let cleaner = Cleaner { mask: Mask::new(document.secrets.iter().map(String::as_str)) };
    Document {
        playbook: cleaner.text(&document.playbook),
        variables: cleaner.map(&document.variables),
        outputs: cleaner.map(&document.outputs),
        secrets: Vec::new(),
        texts: document
            .texts
            .iter()
            .map(|it| ScriptText { number: it.number.clone(), text: cleaner.text(&it.text) })
            .collect(),
        stages: document.stages.iter().map(|stage| cleaner.stage(stage)).collect(),
        jobs: document.jobs.iter().map(|job| cleaner.task(job)).collect(),
        ..document.clone()
    }
}

struct Cleaner {
    mask: Mask,
}

impl Cleaner {
    /// Escapes go first: one may stand in the middle of a secret.
    fn text(&self, text: &str) -> String {
        self.mask.text(&plain(text)).into_owned()
    }

    fn optional(&self, text: &Option<String>) -> Option<String> {
        text.as_deref().map(|text| self.text(text))
    }

    fn map(&self, map: &Map<String, Value>) -> Map<String, Value> {
        map.iter().map(|(name, value)| (self.text(name), self.value(value))).collect()
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(values) => values.iter().map(|value| self.value(value)).collect(),
            Value::Object(map) => match live_type(map) {
                Some(name) => Value::String(format!("({name})")),
                None => Value::Object(self.map(map)),
            },
            other => other.clone(),
        }
    }

    fn stage(&self, stage: &Stage) -> Stage {
        let needs = stage.needs.iter().map(|need| self.text(need)).collect();
        Stage { name: self.text(&stage.name), needs }
    }

    fn task(&self, job: &Task) -> Task {
        Task {
            number: self.text(&job.number),
            name: self.text(&job.name),
            stage: self.text(&job.stage),
            error: self.optional(&job.error),
            reason: self.optional(&job.reason),
            matrix: job.matrix.as_ref().map(|values| self.map(values)),
            matrix_id: self.optional(&job.matrix_id),
            outputs: self.map(&job.outputs),
            log: job.log.iter().map(|line| self.text(line)).collect(),
            ..job.clone()
        }
    }
}

/// The type of a live object, of which PowerShell could send no more than its name.
fn live_type(map: &Map<String, Value>) -> Option<&str> {
    map.get("$aither.live").filter(|_| map.len() == 1)?.as_str()
}

/// The text without escapes and control characters; a lone carriage return ends a line.
fn plain(text: &str) -> String {
    if !text.bytes().any(|byte| (byte < b' ' && byte != b'\n' && byte != b'\t') || byte >= 0x7f) {
        return text.to_owned();
    }
    let without = match ESCAPES.as_ref() {
        Some(escapes) => escapes.replace_all(text, ""),
        None => text.into(),
    };
    let one_kind = without.replace("\r\n", "\n").replace('\r', "\n");
    one_kind
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_terminal_stays() {
        assert_eq!(plain("\u{1b}[31;1mred\u{1b}[0m \u{1b}]0;title\u{7}x\u{1b}(B"), "red x");
        assert_eq!(plain("a\r\nb\rc\u{0}\u{8}\td"), "a\nb\nc\td");
        assert_eq!(plain("\u{9b}2Jä🎯\u{fffe}"), "ä🎯");
    }

    #[test]
    fn secrets_are_masked_wherever_they_stand_and_the_longest_first() {
        let mut document = Document { secrets: vec!["key".into(), "key-2".into()], ..Document::default() };
        document.variables.insert("a".into(), serde_json::json!({ "b": ["x key-2 y", 1] }));
        document.jobs.push(Task {
            error: Some("no key".into()),
            log: vec!["\u{1b}[1mke\u{1b}[0my".into()],
            ..Task::default()
        });
        let cleaned = cleaned(&document);
        assert_eq!(cleaned.variables["a"], serde_json::json!({ "b": ["x *** y", 1] }));
        assert_eq!(cleaned.jobs[0].error.as_deref(), Some("no ***"));
        assert_eq!(cleaned.jobs[0].log, ["***"]);
        assert!(cleaned.secrets.is_empty());
    }
}
