//! Properties, elements and filters of values, which may be borrowed from the context or made here.

use super::{
    token::Spelling,
    value::{as_number, same_text, text_of},
};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What a path has selected so far: one value, or after a `*` everything it found.
pub(super) enum Selection<'a> {
    One(Cow<'a, Value>),
    Many(Vec<Cow<'a, Value>>),
}

impl<'a> Selection<'a> {
    /// How many values the next step has to look through.
    pub(super) fn width(&self) -> usize {
        let width = |value: &Value| match value {
            Value::Array(items) => items.len(),
            Value::Object(entries) => entries.len(),
            _ => 1,
        };
        match self {
            Self::One(value) => width(value),
            Self::Many(values) => values.iter().map(|value| 1 + width(value)).sum(),
        }
    }

    /// `.name`: of every value selected; what lacks it is null, or drops out of a filter.
    pub(super) fn property(self, name: &str, spelling: Spelling) -> Self {
        match self {
            Self::One(value) if spelling == Spelling::PowerShell => Self::One(member(value, name)),
            Self::One(value) => Self::One(entry(value, name).unwrap_or(Cow::Owned(Value::Null))),
            Self::Many(values) => {
                Self::Many(values.into_iter().filter_map(|value| entry(value, name)).collect())
            }
        }
    }

    /// `[index]`: the entry of an object, the element of a list.
    pub(super) fn index(self, index: &Value, spelling: Spelling) -> Self {
        let pick = |value: Cow<'a, Value>| match *value {
            Value::Array(_) => element(value, index, spelling),
            _ if index.is_array() || index.is_object() => None,
            _ => entry(value, &text_of(index)),
        };
        match self {
            Self::One(value) => Self::One(pick(value).unwrap_or(Cow::Owned(Value::Null))),
            Self::Many(values) => Self::Many(values.into_iter().filter_map(pick).collect()),
        }
    }

    /// `.*`: all entries of objects, all elements of lists.
    pub(super) fn every(self) -> Self {
        match self {
            Self::One(value) => Self::Many(children(value)),
            Self::Many(values) => Self::Many(values.into_iter().flat_map(children).collect()),
        }
    }

    /// The value an expression goes on with; what a filter found is a list.
    pub(super) fn into_value(self) -> Cow<'a, Value> {
        match self {
            Self::One(value) => value,
            Self::Many(values) => Cow::Owned(Value::Array(values.into_iter().map(Cow::into_owned).collect())),
        }
    }
}

/// The entry of that name, without case; one of exactly that name comes first.
fn entry<'a>(value: Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(Value::Object(entries)) => entries.get(key(entries, name)?).map(Cow::Borrowed),
        Cow::Owned(Value::Object(mut entries)) => {
            let key = key(&entries, name)?.to_owned();
            entries.remove(&key).map(Cow::Owned)
        }
        _ => None,
    }
}

fn key<'m>(entries: &'m Map<String, Value>, name: &'m str) -> Option<&'m str> {
    if entries.contains_key(name) {
        return Some(name);
    }
    entries.keys().map(String::as_str).find(|key| same_text(key, name))
}

fn element<'a>(list: Cow<'a, Value>, index: &Value, spelling: Spelling) -> Option<Cow<'a, Value>> {
    let length = list.as_array()?.len();
    let mut place = as_number(index).floor();
    if place < 0.0 && spelling == Spelling::PowerShell {
        // PowerShell counts negative indexes from the end.
        place += length as f64;
    }
    if !(0.0..length as f64).contains(&place) {
        return None;
    }
    let place = place as usize;
    match list {
        Cow::Borrowed(list) => list.get(place).map(Cow::Borrowed),
        Cow::Owned(Value::Array(mut items)) => Some(Cow::Owned(items.swap_remove(place))),
        Cow::Owned(_) => None,
    }
}

fn children(value: Cow<'_, Value>) -> Vec<Cow<'_, Value>> {
    match value {
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(entries)) => entries.values().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Array(items)) => items.into_iter().map(Cow::Owned).collect(),
        Cow::Owned(Value::Object(entries)) => {
            entries.into_iter().map(|(_, value)| Cow::Owned(value)).collect()
        }
        _ => Vec::new(),
    }
}

/// `$a.name` as PowerShell reads it: everything has a Count and a Length, and a property of a list
/// is that property of its elements.
fn member<'a>(value: Cow<'a, Value>, name: &str) -> Cow<'a, Value> {
    let counts = name.eq_ignore_ascii_case("count") || name.eq_ignore_ascii_case("length");
    let count = match &*value {
        Value::Null => 0,
        // .NET counts UTF-16 units.
        Value::String(text) if name.eq_ignore_ascii_case("length") => text.encode_utf16().count(),
        Value::Array(items) => items.len(),
        Value::Object(entries) if key(entries, name).is_none() => entries.len(),
        Value::Object(_) => return entry(value, name).unwrap_or(Cow::Owned(Value::Null)),
        _ => 1,
    };
    if counts {
        return Cow::Owned(count.into());
    }
    match &*value {
        Value::Array(_) => {
            let found = children(value).into_iter().filter_map(|item| entry(item, name));
            Cow::Owned(Value::Array(found.map(Cow::into_owned).collect()))
        }
        _ => Cow::Owned(Value::Null),
    }
}
