//! From a text or a document to a playbook: which format it is, and what every format shares.

use super::{
    document,
    fields::{found, Fields, Findings},
    list, v1, v2, Format, Playbook, PlaybookError, Warning,
};
use crate::printable::make_printable;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What to read: a text, or a document that PowerShell has read from a psd1 file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ParseRequest {
    /// JSON text.
    pub text: Option<String>,
    /// The document itself; it wins over a text.
    pub document: Option<Value>,
    /// The file, for messages and for the name of a playbook that has none.
    pub path: Option<String>,
    /// What the file is written in.
    pub source: Source,
}

/// What a playbook's file is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// JSON.
    #[default]
    Json,
    /// A PowerShell data file.
    Psd1,
}

/// Reads a playbook of any format.
///
/// # Errors
/// [`PlaybookError`]: no JSON (with its position), no object, no known format, or
/// [`PlaybookError::Problems`] with everything that is wrong in it.
pub fn parse(request: &ParseRequest) -> Result<Playbook, PlaybookError> {
    let file = request.path.as_deref();
    let read;
    let (document, mut warnings): (&Value, Vec<Warning>) = match (&request.document, &request.text) {
        (Some(document), _) => (document, Vec::new()),
        (None, Some(text)) => {
            read = document::read(text, file)?;
            (&read.0, read.1)
        }
        (None, None) => return Err(PlaybookError::NothingGiven),
    };
    let Value::Object(object) = document else {
        return Err(PlaybookError::NotAnObject { file: file.map(str::to_owned), found: found(document) });
    };
    let Some(format) = detect(object, request.source) else {
        return Err(PlaybookError::UnknownFormat { file: file.map(str::to_owned), found: keys(object) });
    };

    let findings = Findings::default();
    let mut fields = Fields::new(&findings, object, String::new());
    fields.take(&["$schema"]);
    let mut playbook = match format {
        Format::V1 => v1::read(fields),
        Format::V2 | Format::V3 => v2::read(fields, format),
        Format::List | Format::Scripts => list::read(fields, format),
    };
    if playbook.name.is_empty() {
        playbook.name = file.map(file_name).unwrap_or_default();
        playbook.stages.iter_mut().filter(|stage| stage.name.is_empty()).for_each(|stage| {
            stage.name.clone_from(&playbook.name);
        });
    }
    if playbook.stages.is_empty() {
        findings.warn("", "the playbook names no script: there is nothing to run");
    }
    check_profiles(&playbook, &findings);
    warnings.extend(findings.into_result(file.map(str::to_owned))?);
    playbook.warnings = warnings;
    // Names are for people. What scripts and conditions get stays as it was written.
    let stages = playbook.stages.iter_mut().map(|stage| &mut stage.name);
    [&mut playbook.name, &mut playbook.description].into_iter().chain(stages).for_each(make_printable);
    Ok(playbook)
}

/// The format of a document (CONTRACT 4.2); `None` when it is no playbook.
pub fn detect(document: &Map<String, Value>, source: Source) -> Option<Format> {
    let orchestration = get(document, "orchestration");
    if let (Some(_), Some(orchestration)) = (get(document, "metadata"), orchestration) {
        let has = |name| orchestration.as_object().is_some_and(|object| get(object, name).is_some());
        return Some(if has("jobs") { Format::V3 } else { Format::V2 });
    }
    if let Some(sequence) = get(document, "sequence") {
        let of_items = match sequence {
            Value::Array(items) => items.iter().any(Value::is_object),
            other => other.is_object(),
        };
        let has_stages = get(document, "stages").is_some();
        let is_list = of_items || (source == Source::Psd1 && !has_stages);
        return Some(if is_list { Format::List } else { Format::V1 });
    }
    if get(document, "stages").is_some() {
        return Some(Format::V1);
    }
    if get(document, "scripts").is_some() {
        return Some(Format::Scripts);
    }
    // Without metadata it is still clear what is meant.
    orchestration.and_then(Value::as_object).map(|object| {
        if get(object, "jobs").is_some() {
            Format::V3
        } else {
            Format::V2
        }
    })
}

fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// The keys of a document, for a message.
fn keys(object: &Map<String, Value>) -> String {
    const MOST: usize = 8;
    if object.is_empty() {
        return "no key".into();
    }
    let shown: Vec<String> = object.keys().take(MOST).map(|key| key.chars().take(30).collect()).collect();
    let rest = if object.len() > MOST { ", …" } else { "" };
    format!("{}{rest}", shown.join(", "))
}

/// `playbooks/core/test-quick.json` is `test-quick`.
fn file_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

/// Profiles that select stages which do not exist are likely mistakes.
fn check_profiles(playbook: &Playbook, findings: &Findings) {
    let labels =
        || playbook.stages.iter().flat_map(|stage| &stage.steps).filter_map(|step| step.stage.as_deref());
    let names =
        || playbook.stages.iter().flat_map(|stage| [stage.id.as_str(), stage.name.as_str()]).chain(labels());
    for profile in &playbook.profiles {
        let named = profile.stages.iter().flatten().chain(&profile.exclude_stages);
        for name in named {
            if !names().any(|known| known.eq_ignore_ascii_case(name)) {
                let near = super::fields::nearest(name, names());
                let near = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
                findings.warn(
                    format!("profiles.{}", profile.name),
                    format!("names the stage '{name}', which does not exist{near}"),
                );
            }
        }
    }
}
