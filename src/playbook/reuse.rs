//! Playbooks that use playbooks: what they pass, and how deep it may go.

use super::{
    fields::{found, nearest},
    Input, InputKind, Playbook, PlaybookError, Stage, Step,
};
use serde_json::{Map, Number, Value};

/// How many levels playbooks may be nested in the outermost one.
pub const MOST_LEVELS: usize = 10;

impl InputKind {
    /// What a value of this type is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
        }
    }

    /// The value as this type; texts that write a number or a truth value are converted.
    pub fn convert(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::String, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_)) => Some(value.clone()),
            (Self::String, Value::Number(number)) => Some(Value::String(number.to_string())),
            (Self::String, Value::Bool(flag)) => Some(Value::String(flag.to_string())),
            (Self::Number, Value::String(text)) => number(text.trim()),
            (Self::Boolean, Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Some(Value::Bool(true)),
                "false" | "no" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
            (Self::Boolean, Value::Number(number)) => match number.as_u64() {
                Some(1) => Some(Value::Bool(true)),
                Some(0) => Some(Value::Bool(false)),
                _ => None,
            },
            _ => None,
        }
    }
}

fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    Number::from_f64(text.parse().ok()?).map(Value::Number)
}

/// The values of a playbook's inputs for one call: what `with` passes, and defaults for the rest.
/// Templates in `with` must have been replaced.
///
/// A playbook without `inputs` takes what it has variables for. `with.variables`, a table, passes
/// variables freely.
///
/// # Errors
/// An unknown input, a missing required one, or one of another type; all name it.
pub fn bind_inputs(
    playbook: &Playbook,
    with: &Map<String, Value>,
) -> Result<Map<String, Value>, PlaybookError> {
    let mut bound = Map::new();
    for input in &playbook.inputs {
        match with.iter().find(|(name, _)| name.eq_ignore_ascii_case(&input.name)) {
            Some((_, value)) => bound.insert(input.name.clone(), typed(playbook, input, value)?),
            None => match &input.default {
                Some(default) => bound.insert(input.name.clone(), default.clone()),
                None if input.required => {
                    return Err(PlaybookError::MissingInput {
                        playbook: playbook.name.clone(),
                        name: input.name.clone(),
                    });
                }
                None => None,
            },
        };
    }
    for (name, value) in with {
        if playbook.inputs.iter().any(|input| input.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        match value {
            Value::Object(variables) if name.eq_ignore_ascii_case("variables") => {
                for (name, value) in variables {
                    bound.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
            _ => {
                let known = variable(playbook, name).ok_or_else(|| unknown(playbook, name))?;
                bound.insert(known.to_owned(), value.clone());
            }
        }
    }
    Ok(bound)
}

fn typed(playbook: &Playbook, input: &Input, value: &Value) -> Result<Value, PlaybookError> {
    input.kind.convert(value).ok_or_else(|| PlaybookError::InputType {
        playbook: playbook.name.clone(),
        name: input.name.clone(),
        expected: input.kind.name(),
        found: found(value),
    })
}

/// The variable of a playbook that declares no inputs.
fn variable<'a>(playbook: &'a Playbook, name: &str) -> Option<&'a str> {
    if !playbook.inputs.is_empty() {
        return None;
    }
    playbook.variables.keys().map(String::as_str).find(|known| known.eq_ignore_ascii_case(name))
}

fn unknown(playbook: &Playbook, name: &str) -> PlaybookError {
    let inputs = playbook.inputs.iter().map(|input| input.name.as_str());
    let variables = playbook.variables.keys().map(String::as_str).filter(|_| playbook.inputs.is_empty());
    PlaybookError::UnknownInput {
        playbook: playbook.name.clone(),
        name: name.to_owned(),
        nearest: nearest(name, inputs.chain(variables)).map(str::to_owned),
    }
}

/// The playbooks that a nested one is in, the outermost first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain(Vec<String>);

impl Chain {
    /// The chain of a playbook that nobody uses. Names are best the paths of files, which are the same
    /// however a playbook is called.
    pub fn new(playbook: impl Into<String>) -> Self {
        Self(vec![playbook.into()])
    }

    /// The chain inside `playbook`, used by the last of this one.
    ///
    /// # Errors
    /// [`PlaybookError::Loop`] when it is in the chain already, [`PlaybookError::TooDeep`] when it
    /// would be nested more than [`MOST_LEVELS`] levels.
    pub fn enter(&self, playbook: impl Into<String>) -> Result<Self, PlaybookError> {
        let playbook = playbook.into();
        let mut chain = self.0.clone();
        let start = chain.iter().position(|name| same_playbook(name, &playbook));
        chain.push(playbook);
        match start {
            Some(start) => Err(PlaybookError::Loop { chain: chain.split_off(start) }),
            None if chain.len() > MOST_LEVELS + 1 => Err(PlaybookError::TooDeep { chain }),
            None => Ok(Self(chain)),
        }
    }

    /// How many levels deep it is; 0 for the outermost.
    pub fn level(&self) -> usize {
        self.0.len() - 1
    }

    /// The names, the outermost first.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// Names are looked up without case, with and without an extension.
fn same_playbook(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(name: &str) -> String {
    let name = name.trim().replace('\\', "/").to_lowercase();
    let name = name.strip_prefix("./").unwrap_or(&name);
    name.strip_suffix(".json").or_else(|| name.strip_suffix(".psd1")).unwrap_or(name).to_owned()
}

impl Stage {
    /// Puts in the value of a setting that was a template ([`Stage::templates`]) once it is known.
    ///
    /// # Errors
    /// A value that the setting cannot have.
    pub fn settle(&mut self, name: &str, value: &Value) -> Result<(), PlaybookError> {
        self.templates.remove(name);
        let path = format!("{}.{name}", self.path);
        match name {
            "maxParallel" => self.max_parallel = Some(whole(path, value)?),
            "failFast" => self.fail_fast = Some(flag(path, value)?),
            _ => {
                let Self { timeout, retries, retry_delay, parallel, .. } = self;
                Common { timeout, retries, retry_delay, parallel }.settle(name, path, value)?;
            }
        }
        Ok(())
    }
}

impl Step {
    /// As [`Stage::settle`].
    ///
    /// # Errors
    /// A value that the setting cannot have.
    pub fn settle(&mut self, name: &str, value: &Value) -> Result<(), PlaybookError> {
        self.templates.remove(name);
        let path = format!("{}.{name}", self.path);
        let Self { timeout, retries, retry_delay, parallel, .. } = self;
        Common { timeout, retries, retry_delay, parallel }.settle(name, path, value)
    }
}

/// The settings that a stage and a step both have.
struct Common<'s> {
    timeout: &'s mut Option<u64>,
    retries: &'s mut Option<u32>,
    retry_delay: &'s mut Option<u64>,
    parallel: &'s mut Option<bool>,
}

impl Common<'_> {
    fn settle(self, name: &str, path: String, value: &Value) -> Result<(), PlaybookError> {
        match name {
            "timeout" => *self.timeout = Some(whole(path, value)?),
            "timeoutMinutes" => *self.timeout = Some(whole::<u64>(path, value)?.saturating_mul(60)),
            "retries" => *self.retries = Some(whole(path, value)?),
            "retryDelay" => *self.retry_delay = Some(whole(path, value)?),
            "parallel" => *self.parallel = Some(flag(path, value)?),
            _ => {}
        }
        Ok(())
    }
}

fn flag(path: String, value: &Value) -> Result<bool, PlaybookError> {
    match InputKind::Boolean.convert(value) {
        Some(Value::Bool(flag)) => Ok(flag),
        _ => Err(wrong(path, "true or false", value)),
    }
}

fn whole<T: TryFrom<u64>>(path: String, value: &Value) -> Result<T, PlaybookError> {
    let number = match InputKind::Number.convert(value) {
        // Exact below 2^53, far past any number of seconds or jobs.
        Some(Value::Number(number)) => number.as_u64().or_else(|| {
            number
                .as_f64()
                .filter(|number| *number >= 0.0 && number.fract() == 0.0)
                .map(|number| number as u64)
        }),
        _ => None,
    };
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| wrong(path, "a whole number, 0 or more", value))
}

fn wrong(path: String, expected: &str, value: &Value) -> PlaybookError {
    PlaybookError::WrongType { path, expected: expected.to_owned(), found: found(value) }
}
