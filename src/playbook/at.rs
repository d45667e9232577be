//! A value of a document and its path, read as what it must be.

use super::{
    fields::{found, join, Fields, Findings},
    PlaybookError,
};
use serde_json::{Map, Value};

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct At<'a> {
    pub(super) findings: &'a Findings,
    pub(super) path: String,
    pub(super) value: &'a Value,
}

impl<'a> At<'a> {
    /// Notes that the value is not what it must be.
    pub(super) fn wrong<T>(&self, expected: impl Into<String>) -> Option<T> {
        self.findings.problem(PlaybookError::WrongType {
            path: if self.path.is_empty() { "the document".to_owned() } else { self.path.clone() },
            expected: expected.into(),
            found: found(self.value),
        });
        None
    }

    pub(super) fn warn(&self, message: impl Into<String>) {
        self.findings.warn(self.path.clone(), message);
    }

    /// Whether it is a text that only variables turn into its value.
    pub(super) fn is_template(&self) -> bool {
        self.value.as_str().is_some_and(|text| text.contains("{{"))
    }

    pub(super) fn text(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            _ => self.wrong("text"),
        }
    }

    /// A text that people also write as a number, such as a version.
    pub(super) fn label(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => self.wrong("text"),
        }
    }

    /// A condition; `true` and `false` are conditions too.
    pub(super) fn condition(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => self.wrong("a condition, as text"),
        }
    }

    pub(super) fn flag(&self) -> Option<bool> {
        match self.value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => self.loosely("true").map(|()| true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => {
                self.loosely("false").map(|()| false)
            }
            _ => self.wrong("true or false"),
        }
    }

    /// True, false, or a template.
    pub(super) fn flag_or_template(&self) -> Option<Value> {
        if self.is_template() {
            return Some(self.value.clone());
        }
        self.flag().map(Value::Bool)
    }

    fn loosely(&self, plain: &str) -> Option<()> {
        self.warn(format!("is written as text; write {plain} without quotes"));
        Some(())
    }

    /// A whole number from 0, `what` it counts: `"seconds"`.
    pub(super) fn whole(&self, what: &str) -> Option<u64> {
        let number = match self.value {
            Value::Number(number) => number.as_u64().or_else(|| {
                let number = number.as_f64()?;
                // Exact below 2^53, far past any number of seconds or jobs.
                (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
            }),
            Value::String(text) => text.trim().parse().ok().filter(|_| self.loosely(text.trim()).is_some()),
            _ => None,
        };
        number.or_else(|| self.wrong(format!("a whole number of {what}, 0 or more")))
    }

    /// As [`At::whole`], within another type's range.
    pub(super) fn whole_as<T: TryFrom<u64>>(&self, what: &str) -> Option<T> {
        let number = self.whole(what)?;
        T::try_from(number).ok().or_else(|| self.wrong(format!("a smaller number of {what}")))
    }

    /// Seconds, written in minutes.
    pub(super) fn minutes(&self) -> Option<u64> {
        let seconds = (self.number()? * 60.0).ceil();
        // Past a century nobody means what is written.
        if (0.0..4e9).contains(&seconds) {
            return Some(seconds as u64);
        }
        self.wrong("a number of minutes, 0 or more")
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
        .or_else(|| self.wrong("a number"))
    }

    pub(super) fn object(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object().or_else(|| self.wrong("an object"))
    }

    pub(super) fn fields(&self) -> Option<Fields<'a>> {
        self.object().map(|object| Fields::new(self.findings, object, self.path.clone()))
    }

    /// The elements of a list.
    pub(super) fn items(&self) -> Option<Vec<At<'a>>> {
        let Value::Array(values) = self.value else { return self.wrong("a list") };
        Some(self.elements(values))
    }

    /// The elements of a list, or the one value that stands for a list of one.
    pub(super) fn items_or_one(&self) -> Vec<At<'a>> {
        match self.value {
            Value::Array(values) => self.elements(values),
            _ => vec![self.clone()],
        }
    }

    fn elements(&self, values: &'a [Value]) -> Vec<At<'a>> {
        let at =
            |(index, value)| At { findings: self.findings, path: format!("{}[{index}]", self.path), value };
        values.iter().enumerate().map(at).collect()
    }

    /// The members of an object, in the order written; null ones are left out.
    pub(super) fn members(&self) -> Option<Vec<(&'a str, At<'a>)>> {
        let object = self.object()?;
        let members = object.iter().filter(|(_, value)| !value.is_null());
        Some(
            members
                .map(|(key, value)| {
                    (key.as_str(), At { findings: self.findings, path: join(&self.path, key), value })
                })
                .collect(),
        )
    }

    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self.value {
            Value::Array(_) | Value::String(_) => {
                Some(self.items_or_one().iter().filter_map(At::text).collect())
            }
            _ => self.wrong("a list of texts"),
        }
    }

    /// Names to plain values: environment variables.
    pub(super) fn scalars(&self) -> Option<Map<String, Value>> {
        for (_, member) in self.members()? {
            if member.value.is_array() || member.value.is_object() {
                member.wrong::<()>("text, a number, true or false");
            }
        }
        self.object().cloned()
    }
}
