use serde_json::Value;

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

fn same_text(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_uppercase() == b.to_uppercase())
}

fn as_integer(value: &Value) -> Option<i128> {
    match value {
        Value::Number(n) => n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from)),
        _ => None,
    }
}

/// The number a value counts as when types differ: null and '' are 0, true is 1, other text is
/// read as a number and is NaN where it is none.
fn as_number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) => text_as_number(text.trim()),
        Value::Array(_) | Value::Object(_) => f64::NAN,
    }
}

fn text_as_number(text: &str) -> f64 {
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
