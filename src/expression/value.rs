//! What is equal to what, what comes before what, what is true: the rules of expressions.

use serde_json::{Number, Value};
use std::{borrow::Cow, cmp::Ordering};

/// Equality as the expression operator `==` defines it (GitHub Actions, "Expressions": strings
/// ignore case, values of different types are compared as numbers, NaN equals nothing).
///
/// Lists and objects are equal here when they are the same JSON; the operator itself compares them
/// by identity, which plain data does not have.
pub fn loosely_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(a), Value::String(b)) => same_text(a, b),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => left == right,
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        _ => match (as_integer(left), as_integer(right)) {
            // Integers above 2^53 are compared exactly rather than through a float.
            (Some(a), Some(b)) => a == b,
            _ => as_number(left) == as_number(right),
        },
    }
}

pub(super) fn same_text(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_uppercase() == b.to_uppercase())
}

/// The order that `<` and `>` see: texts by character without case, numbers by value, nothing else.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => Some(order_ignoring_case(a, b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Null, Value::Null) => None,
        _ => order_of_numbers(left, right),
    }
}

/// The order of two values as numbers; none where one of them is no number.
pub(super) fn order_of_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (as_integer(left), as_integer(right)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => as_number(left).partial_cmp(&as_number(right)),
    }
}

/// Truth as expressions have it: false, 0, '' and null are not true, everything else is.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// The text that functions see: lists and objects are only named, as in GitHub's runner.
pub(super) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Number(number) => number_text(number).into(),
        Value::String(text) => text.into(),
        Value::Array(_) => "Array".into(),
        Value::Object(_) => "Object".into(),
    }
}

/// A number as JSON has it, without the `.0` of a whole one: 7.0 is the text `7`.
pub(super) fn number_text(number: &Number) -> String {
    let text = number.to_string();
    match text.strip_suffix(".0") {
        Some("-0") => "0".into(),
        Some(whole) => whole.into(),
        None => text,
    }
}

/// The number a literal stands for: whole ones exactly, `0x2A`, `0o52`, `1.5`, `1e3`.
pub(super) fn number_from_text(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    let number = text_as_number(text);
    let is_prefixed = text.starts_with("0x") || text.starts_with("0o");
    if is_prefixed && number.is_finite() {
        // At most 32 bits, so nothing is lost.
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}

/// One character without its case. A character whose upper case is several stays itself.
pub(super) fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

pub(super) fn order_ignoring_case(a: &str, b: &str) -> Ordering {
    a.chars().map(fold).cmp(b.chars().map(fold))
}

fn as_integer(value: &Value) -> Option<i128> {
    match value {
        Value::Number(n) => n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from)),
        _ => None,
    }
}

/// The number a value counts as when types differ: null and '' are 0, true is 1, other text is
/// read as a number and is NaN where it is none.
pub(super) fn as_number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) => text_as_number(text.trim()),
        Value::Array(_) | Value::Object(_) => f64::NAN,
    }
}

pub(super) fn text_as_number(text: &str) -> f64 {
    if text.is_empty() {
        return 0.0;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).map_or(f64::NAN, f64::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u32::from_str_radix(digits, 8).map_or(f64::NAN, f64::from);
    }
    // Rust also reads words such as "inf" and "nan"; the language knows only "Infinity".
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    match text {
        "Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ if plain => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn follows_the_operator() {
        let cases = [
            (json!("Linux"), json!("LINUX"), true),
            (json!("Ä"), json!("ä"), true),
            (json!("7.0"), json!(7), true),
            (json!("7.0"), json!("7"), false),
            (json!(7), json!(7.0), true),
            (json!(null), json!(0), true),
            (json!(null), json!(""), true),
            (json!(false), json!(null), true),
            (json!(true), json!("1"), true),
            (json!(true), json!("true"), false),
            (json!("nan"), json!("nan"), true),
            (json!("nan"), json!(1), false),
            (json!("inf"), json!(1), false),
            (json!("0x10"), json!(16), true),
            (json!("abc"), json!(0), false),
            (json!([1]), json!([1]), true),
            (json!([1]), json!(1), false),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), false),
        ];
        for (left, right, expected) in cases {
            assert_eq!(loosely_equal(&left, &right), expected, "{left} == {right}");
            assert_eq!(loosely_equal(&right, &left), expected, "{right} == {left}");
        }
    }
}
