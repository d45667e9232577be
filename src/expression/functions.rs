//! The functions an expression may call (GitHub Actions, "Expressions": Functions).

use super::{
    budget::{bounded, Budget},
    context::{Context, Status},
    error::Reason,
    json,
    value::{fold, loosely_equal, text_of},
};
use serde_json::Value;
use std::borrow::Cow;

/// A function by what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Contains,
    StartsWith,
    EndsWith,
    Format,
    Join,
    ToJson,
    FromJson,
    HashFiles,
    Success,
    Failure,
    Cancelled,
    Always,
}

/// What is known of a function before it is called.
struct Signature {
    function: Function,
    name: &'static str,
    least: usize,
    most: usize,
    example: &'static str,
}

const MANY: usize = usize::MAX;

#[rustfmt::skip]
const SIGNATURES: [Signature; 12] = [
    Signature { function: Function::Contains, name: "contains", least: 2, most: 2, example: "contains(matrix.os, 'windows')" },
    Signature { function: Function::StartsWith, name: "startsWith", least: 2, most: 2, example: "startsWith(matrix.os, 'win')" },
    Signature { function: Function::EndsWith, name: "endsWith", least: 2, most: 2, example: "endsWith(matrix.os, '-latest')" },
    Signature { function: Function::Format, name: "format", least: 1, most: MANY, example: "format('{0}-{1}', matrix.os, matrix.version)" },
    Signature { function: Function::Join, name: "join", least: 1, most: 2, example: "join(matrix.list, ', ')" },
    Signature { function: Function::ToJson, name: "toJSON", least: 1, most: 1, example: "toJSON(matrix)" },
    Signature { function: Function::FromJson, name: "fromJSON", least: 1, most: 1, example: "fromJSON(needs.plan.outputs.list)" },
    Signature { function: Function::HashFiles, name: "hashFiles", least: 1, most: MANY, example: "hashFiles('src/**')" },
    Signature { function: Function::Success, name: "success", least: 0, most: 0, example: "success()" },
    Signature { function: Function::Failure, name: "failure", least: 0, most: 0, example: "failure()" },
    Signature { function: Function::Cancelled, name: "cancelled", least: 0, most: 0, example: "cancelled()" },
    Signature { function: Function::Always, name: "always", least: 0, most: 0, example: "always()" },
];

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SIGNATURES.iter().map(|signature| signature.name)
}

/// How the function of that name is called.
pub(super) fn example(name: &str) -> &'static str {
    SIGNATURES.iter().find(|signature| signature.name == name).map_or("", |signature| signature.example)
}

impl Function {
    /// The function of that name, without case.
    pub(super) fn named(name: &str) -> Option<Self> {
        SIGNATURES
            .iter()
            .find(|signature| signature.name.eq_ignore_ascii_case(name))
            .map(|signature| signature.function)
    }

    /// Its name as it is best written.
    pub(super) fn name(self) -> &'static str {
        SIGNATURES.iter().find(|signature| signature.function == self).map_or("", |signature| signature.name)
    }

    /// Whether its answer depends on how the run stands.
    pub(super) fn reads_status(self) -> bool {
        matches!(self, Self::Success | Self::Failure | Self::Cancelled | Self::Always)
    }

    pub(super) fn check_arguments(self, given: usize) -> Result<(), Reason> {
        match SIGNATURES.iter().find(|signature| signature.function == self) {
            Some(&Signature { name, least, most, .. }) if given < least || given > most => {
                let takes = match (least, most) {
                    (_, 0) => "no arguments".into(),
                    (1, 1) => "1 argument".into(),
                    (least, most) if least == most => format!("{least} arguments"),
                    (1, MANY) => "at least 1 argument".into(),
                    (least, most) => format!("{least} or {most} arguments"),
                };
                Err(Reason::Arguments { name, takes, given })
            }
            _ => Ok(()),
        }
    }

    /// Calls it; the parser has counted the arguments.
    pub(super) fn call(
        self,
        arguments: &[Cow<'_, Value>],
        context: &dyn Context,
        budget: &Budget,
    ) -> Result<Value, Reason> {
        let null = Value::Null;
        let first = arguments.first().map_or(&null, AsRef::as_ref);
        let second = arguments.get(1).map(AsRef::as_ref);
        Ok(match self {
            Self::Contains => contains(first, second.unwrap_or(&null), budget)?.into(),
            Self::StartsWith => {
                let fits = |text: &str, part: &str| begins(text.chars(), part.chars());
                edge(first, second.unwrap_or(&null), fits, budget)?.into()
            }
            Self::EndsWith => {
                let fits = |text: &str, part: &str| begins(text.chars().rev(), part.chars().rev());
                edge(first, second.unwrap_or(&null), fits, budget)?.into()
            }
            Self::Format => format(&text_of(first), arguments.get(1..).unwrap_or_default(), budget)?.into(),
            Self::Join => join(first, second, budget)?.into(),
            Self::ToJson => {
                let text = json::pretty(first)?;
                budget.charge(text.len())?;
                text.into()
            }
            Self::FromJson => {
                let text = text_of(first);
                budget.charge(text.len().saturating_mul(4))?;
                serde_json::from_str(&text).map_err(|error| Reason::Json(error.to_string()))?
            }
            Self::HashFiles => {
                let patterns: Vec<String> =
                    arguments.iter().map(|value| text_of(value).into_owned()).collect();
                context.hash_files(&patterns).map_err(Reason::HashFiles)?.into()
            }
            Self::Success => (context.status() == Status::Success).into(),
            Self::Failure => (context.status() == Status::Failure).into(),
            Self::Cancelled => (context.status() == Status::Cancelled).into(),
            Self::Always => true.into(),
        })
    }
}

fn is_collection(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

/// A text that holds another, without case, or a list that holds an element.
fn contains(whole: &Value, part: &Value, budget: &Budget) -> Result<bool, Reason> {
    budget.charge_value(whole)?;
    match whole {
        Value::Array(items) => {
            for item in items {
                budget.charge_value(part)?;
                if loosely_equal(part, item) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Object(_) => Ok(false),
        _ if is_collection(part) => Ok(false),
        _ => {
            budget.charge_value(part)?;
            let folded = |value| text_of(value).chars().map(fold).collect::<String>();
            Ok(folded(whole).contains(&folded(part)))
        }
    }
}

fn edge(
    whole: &Value,
    part: &Value,
    fits: impl Fn(&str, &str) -> bool,
    budget: &Budget,
) -> Result<bool, Reason> {
    if is_collection(whole) || is_collection(part) {
        return Ok(false);
    }
    budget.charge_value(part)?;
    Ok(fits(&text_of(whole), &text_of(part)))
}

fn begins(mut text: impl Iterator<Item = char>, part: impl Iterator<Item = char>) -> bool {
    part.map(fold).all(|wanted| text.next().map(fold) == Some(wanted))
}

/// Replaces `{0}`, `{1}` … by the arguments; `{{` and `}}` are braces.
fn format(template: &str, arguments: &[Cow<'_, Value>], budget: &Budget) -> Result<String, Reason> {
    let mut made = String::new();
    let mut rest = template;
    while let Some(place) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(place);
        made.push_str(before);
        rest = if let Some(after) = after.strip_prefix("{{") {
            made.push('{');
            after
        } else if let Some(after) = after.strip_prefix("}}") {
            made.push('}');
            after
        } else {
            let inside = after.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let (index, after) = inside.ok_or_else(|| Reason::Format("a brace stands alone".into()))?;
            if index.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Reason::Format("a number alone may stand between { and }".into()));
            }
            let argument = index.parse().ok().and_then(|index: usize| arguments.get(index));
            let argument = argument.ok_or_else(|| {
                Reason::Format("it asks for more arguments than there are (they count from {0})".into())
            })?;
            made.push_str(&text_of(argument));
            made = bounded(made)?;
            after
        };
    }
    made.push_str(rest);
    budget.charge(made.len() + template.len())?;
    bounded(made)
}

fn join(list: &Value, separator: Option<&Value>, budget: &Budget) -> Result<String, Reason> {
    let separator = match separator {
        Some(separator) if !is_collection(separator) => text_of(separator),
        _ => ",".into(),
    };
    let mut made = String::new();
    match list {
        Value::Array(items) => {
            budget.charge(items.len())?;
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    made.push_str(&separator);
                }
                made.push_str(&text_of(item));
                made = bounded(made)?;
            }
        }
        Value::Object(_) => {}
        single => made.push_str(&text_of(single)),
    }
    budget.charge(made.len())?;
    bounded(made)
}
