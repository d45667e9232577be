//! The text of a playbook becomes a document: size, position of errors, repeated keys, comments.

use super::{PlaybookError, Warning};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::{cell::RefCell, fmt};

/// The longest playbook, in bytes.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How much of a line a message shows.
const EXCERPT: usize = 80;

/// How many repeated keys are named.
const MOST_REPEATED: usize = 100;

/// Reads JSON. Comments and trailing commas are accepted with a warning, as PowerShell reads them.
pub(super) fn read(text: &str, file: Option<&str>) -> Result<(Value, Vec<Warning>), PlaybookError> {
    if text.len() > MOST_BYTES {
        return Err(PlaybookError::TooLarge {
            file: file.map(str::to_owned),
            size: text.len(),
            most: MOST_BYTES,
        });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    strict(text).or_else(|error| {
        let relaxed = without_extras(text).and_then(|plain| strict(&plain).ok());
        match relaxed {
            Some((value, mut warnings)) => {
                warnings.push(Warning {
                    path: String::new(),
                    message: "comments and trailing commas are no JSON; they are passed over".into(),
                });
                Ok((value, warnings))
            }
            None => Err(broken(text, file, &error)),
        }
    })
}

fn strict(text: &str) -> Result<(Value, Vec<Warning>), serde_json::Error> {
    let repeated = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Reader { repeated: &repeated }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    let warnings = repeated
        .into_inner()
        .into_iter()
        .map(|key| Warning {
            message: format!("the key '{key}' is written twice in one object; the last one counts"),
            path: key,
        })
        .collect();
    Ok((value, warnings))
}

fn broken(text: &str, file: Option<&str>, error: &serde_json::Error) -> PlaybookError {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let message = error.to_string();
    // serde_json appends the position, which is said already.
    let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
    PlaybookError::Broken {
        file: file.map(str::to_owned),
        line: error.line().max(1),
        column: error.column().max(1),
        reason: reason.to_owned(),
        excerpt: excerpt(line, error.column()),
    }
}

/// At most [`EXCERPT`] characters around a column, which serde_json counts in bytes.
fn excerpt(line: &str, column: usize) -> String {
    let before = line.char_indices().take_while(|(index, _)| *index < column).count();
    let start = before.saturating_sub(EXCERPT * 3 / 4);
    let shown: String = line.chars().skip(start).take(EXCERPT).collect();
    let left = if start > 0 { "…" } else { "" };
    let right = if line.chars().nth(start + EXCERPT).is_some() { "…" } else { "" };
    format!("{left}{}{right}", shown.trim())
}

/// The text with comments and trailing commas blanked; `None` when there are none. Blanks keep every
/// position.
fn without_extras(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = false;
    let mut comma = None;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => {
                comma = None;
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            (b'/', Some(b'/')) => {
                let end =
                    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |to| at + to);
                blank(&mut bytes[at..end]);
                changed = true;
                at = end;
            }
            (b'/', Some(b'*')) => {
                let end = bytes[at + 2..].windows(2).position(|pair| pair == b"*/")? + at + 4;
                blank(&mut bytes[at..end]);
                changed = true;
                at = end - 1;
            }
            (b',', _) => comma = Some(at),
            (b'}' | b']', _) => {
                if let Some(comma) = comma.take() {
                    bytes[comma] = b' ';
                    changed = true;
                }
            }
            (byte, _) if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at += 1;
    }
    changed.then(|| String::from_utf8(bytes).ok()).flatten()
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

/// Builds a [`Value`] as serde_json does, and notes keys that an object has twice.
#[derive(Clone, Copy)]
struct Reader<'a> {
    repeated: &'a RefCell<Vec<String>>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            let value = object.next_value_seed(self)?;
            if values.insert(key.clone(), value).is_some() {
                let mut repeated = self.repeated.borrow_mut();
                if repeated.len() < MOST_REPEATED {
                    repeated.push(key);
                }
            }
        }
        Ok(Value::Object(values))
    }
}
