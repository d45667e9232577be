//! PowerShell's comparisons: the left operand's type decides (about_Comparison_Operators).

use super::{
    budget::Budget,
    error::Reason,
    operator::{Case, Comparison, Relation},
    pattern::Pattern,
    value::{self, as_number, number_text, order_of_numbers, same_text},
    wildcard::is_like,
};
use serde_json::Value;
use std::{borrow::Cow, cmp::Ordering};

/// Truth as PowerShell has it: an empty list is not true, a list of one is what it holds.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Array(items) => match items.as_slice() {
            [] => false,
            [single] => is_true(single),
            _ => true,
        },
        other => value::is_true(other),
    }
}

/// The text PowerShell makes of a value; an object, which it would only name, is compact JSON.
pub(super) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => number_text(number).into(),
        Value::String(text) => text.into(),
        Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(" ").into(),
        Value::Object(_) => value.to_string().into(),
    }
}

/// What `left -comparison right` gives: true or false, or, for a list on the left, the elements
/// that compare so.
pub(super) fn compare(
    comparison: Comparison,
    case: Case,
    left: &Value,
    right: &Value,
    budget: &Budget,
) -> Result<Value, Reason> {
    budget.charge_value(left)?;
    budget.charge_value(right)?;
    let holds = |element: &Value, value: &Value| -> Result<bool, Reason> {
        // A long list costs as often as the other side is looked at again.
        budget.charge_value(value)?;
        Ok(equal(element, value, case))
    };
    match comparison {
        Comparison::Contains(sense) => Ok(sense.wants(any(left, |element| holds(element, right))?).into()),
        Comparison::In(sense) => Ok(sense.wants(any(right, |element| holds(element, left))?).into()),
        Comparison::Equal(sense) => filter(left, |element| Ok(sense.wants(holds(element, right)?))),
        Comparison::Order(relation) => filter(left, |element| {
            budget.charge_value(right)?;
            Ok(in_order(element, right, relation, case))
        }),
        Comparison::Like(sense) => {
            let wanted = text_of(right);
            filter(left, |element| Ok(sense.wants(is_like(&text_of(element), &wanted, case, budget)?)))
        }
        Comparison::Match(sense) => {
            let pattern = Pattern::new(&text_of(right), case, budget)?;
            filter(left, |element| Ok(sense.wants(pattern.is_match(&text_of(element), budget)?)))
        }
    }
}

/// Whether any element is wanted; a value that is no list is its own only element.
fn any(list: &Value, wanted: impl Fn(&Value) -> Result<bool, Reason>) -> Result<bool, Reason> {
    let items = match list {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    for item in items {
        if wanted(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn filter(left: &Value, wanted: impl Fn(&Value) -> Result<bool, Reason>) -> Result<Value, Reason> {
    let Value::Array(items) = left else { return Ok(wanted(left)?.into()) };
    let mut found = Vec::new();
    for item in items {
        if wanted(item)? {
            found.push(item.clone());
        }
    }
    Ok(Value::Array(found))
}

/// `-eq` between two values that are not filtered. Null equals null only.
fn equal(left: &Value, right: &Value, case: Case) -> bool {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => left == right,
        (Value::Bool(flag), _) => *flag == is_true(right),
        (Value::Number(_), Value::Array(_) | Value::Object(_)) => false,
        (Value::Number(_), _) => order_of_numbers(left, right) == Some(Ordering::Equal),
        (Value::String(text), _) if case == Case::Ignored => same_text(text, &text_of(right)),
        (Value::String(text), _) => *text == text_of(right),
        (Value::Array(_) | Value::Object(_), _) => left == right,
    }
}

/// Values that have no order are in none, where PowerShell raises an error.
fn in_order(left: &Value, right: &Value, relation: Relation, case: Case) -> bool {
    order(left, right, case).is_some_and(|ordering| relation.holds(ordering))
}

fn order(left: &Value, right: &Value, case: Case) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Null, other) => Some(against_null(other).reverse()),
        (other, Value::Null) => Some(against_null(other)),
        (Value::Bool(flag), _) => Some(flag.cmp(&is_true(right))),
        (Value::Number(_), Value::Array(_) | Value::Object(_)) => None,
        (Value::Number(_), _) => order_of_numbers(left, right),
        (Value::String(text), _) => Some(order_of_texts(text, &text_of(right), case)),
        (Value::Array(_) | Value::Object(_), _) => None,
    }
}

/// Null comes before everything but negative numbers.
fn against_null(other: &Value) -> Ordering {
    if other.is_number() && as_number(other) < 0.0 {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

/// Where case matters it only parts texts that are otherwise equal, small letters first.
fn order_of_texts(a: &str, b: &str, case: Case) -> Ordering {
    let ignoring = value::order_ignoring_case(a, b);
    match case {
        Case::Ignored => ignoring,
        Case::Minded => ignoring.then_with(|| b.cmp(a)),
    }
}
