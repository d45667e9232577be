//! Whatever is written is answered, and what is answered agrees with a second reading.

use crate::world::{holds, World};
use aither_orchestration::{
    error::Problem,
    expression::{evaluate_text, interpolate, Condition},
};
use proptest::prelude::*;
use serde_json::{json, Value};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let _ = holds(&text);
        let _ = interpolate(&text, &World::default());
    }

    #[test]
    fn any_soup_of_tokens_is_answered(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..24)) {
        let text = tokens.join(" ");
        if let Err(error) = holds(&text) {
            prop_assert!(error.column() <= text.chars().count() + 1, "{}: {}", text, error);
        }
        let _ = holds(&tokens.concat());
        let _ = interpolate(&tokens.concat(), &World::default());
    }

    #[test]
    fn texts_without_braces_are_left_alone(text in "[^{]*") {
        prop_assert_eq!(interpolate(&text, &World::default()), Ok(json!(text)));
    }

    #[test]
    fn a_variables_value_is_never_read_as_code(value in any::<String>()) {
        let mut world = World::default();
        world.variables.insert("hostile".into(), json!(value));
        for text in ["{{hostile}} == 'no such text'", "$hostile -eq 'no such text'", "{{hostile}} -in 'no', 'such text'"] {
            prop_assert_eq!(Condition::parse(text).unwrap().evaluate(&world), Ok(false));
        }
        prop_assert_eq!(interpolate("{{hostile}}", &world), Ok(json!(&value)));
        prop_assert_eq!(interpolate("<{{hostile}}>", &world), Ok(json!(format!("<{value}>"))));
    }

    #[test]
    fn expressions_agree_with_the_oracle(tree in tree()) {
        let text = tree.expression(0);
        prop_assert_eq!(evaluate_text(&text, &World::default()).map_err(Problem::from), Ok(tree.value()), "{}", text);
    }

    #[test]
    fn comparisons_agree_with_the_oracle(logic in logic()) {
        let text = logic.powershell(false);
        prop_assert_eq!(holds(&text).map_err(Problem::from), Ok(logic.holds()), "{}", text);
    }
}

const TOKENS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "@(",
    "${{",
    "}}",
    "{{mode}}",
    "{{x:=y}}",
    "{{",
    ",",
    ".",
    "*",
    "!",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "-eq",
    "-ceq",
    "-in",
    "-contains",
    "-like",
    "-match",
    "-and",
    "-or",
    "-not",
    "-path",
    "-x",
    "'a'",
    "''",
    "\"b\"",
    "'[a'",
    "'(a+)+'",
    "1",
    "-2.5",
    "0x1F",
    "1e5",
    "$count",
    "$numbers",
    "$env:CI",
    "${mode}",
    "$x.y",
    "$IsLinux",
    "IsWindows",
    "true",
    "null",
    "matrix",
    "matrix.os",
    "needs.*",
    "foo",
    "os",
    "Test-Path",
    "contains(",
    "format(",
    "fromJSON(",
    "toJSON(",
    "success()",
    "hashFiles(",
    ";",
    "`",
    "$(",
    "|",
    "&",
    "=",
    "#",
    "é",
    "\0",
    "..",
];

/// Simple expressions with a second, slower reading of their meaning.
#[derive(Debug, Clone)]
enum Tree {
    Number(i8),
    Text(String),
    Flag(bool),
    Null,
    Not(Box<Tree>),
    Two(&'static str, Box<Tree>, Box<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        any::<i8>().prop_map(Tree::Number),
        "[a-c]{0,2}".prop_map(Tree::Text),
        "-?[0-9]".prop_map(Tree::Text),
        any::<bool>().prop_map(Tree::Flag),
        Just(Tree::Null),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        let operator = prop::sample::select(&["==", "!=", "<", "<=", ">", ">=", "&&", "||"][..]);
        prop_oneof![
            inner.clone().prop_map(|operand| Tree::Not(Box::new(operand))),
            (operator, inner.clone(), inner).prop_map(|(o, a, b)| Tree::Two(o, Box::new(a), Box::new(b))),
        ]
    })
}

impl Tree {
    /// Written with as few parentheses as GitHub's precedence allows.
    fn expression(&self, tightness: u8) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => format!("'{text}'"),
            Self::Flag(flag) => flag.to_string(),
            Self::Null => "null".into(),
            Self::Not(operand) => format!("!{}", operand.expression(5)),
            Self::Two(operator, left, right) => {
                let own = match *operator {
                    "||" => 1,
                    "&&" => 2,
                    "==" | "!=" => 3,
                    _ => 4,
                };
                let text = format!("{} {operator} {}", left.expression(own), right.expression(own + 1));
                if own < tightness {
                    format!("({text})")
                } else {
                    text
                }
            }
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::Text(text) => json!(text),
            Self::Flag(flag) => json!(flag),
            Self::Null => Value::Null,
            Self::Not(operand) => json!(!truthy(&operand.value())),
            Self::Two(operator, left, right) => {
                let (a, b) = (left.value(), right.value());
                match *operator {
                    "&&" => {
                        if truthy(&a) {
                            b
                        } else {
                            a
                        }
                    }
                    "||" => {
                        if truthy(&a) {
                            a
                        } else {
                            b
                        }
                    }
                    "==" => json!(same(&a, &b)),
                    "!=" => json!(!same(&a, &b)),
                    "<" => json!(less(&a, &b)),
                    ">" => json!(less(&b, &a)),
                    "<=" => json!(less(&a, &b) || same(&a, &b)),
                    _ => json!(less(&b, &a) || same(&a, &b)),
                }
            }
        }
    }
}

fn truthy(value: &Value) -> bool {
    !(value.is_null() || *value == json!(false) || *value == json!(0) || *value == json!(""))
}

/// None is NaN.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Null => Some(0),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::String(text) if text.is_empty() => Some(0),
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b,
        _ => number(a).is_some() && number(a) == number(b),
    }
}

fn less(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a < b,
        (Value::Null, Value::Null) => false,
        _ => matches!((number(a), number(b)), (Some(a), Some(b)) if a < b),
    }
}

/// Comparisons of numbers and of texts under PowerShell's logic.
#[derive(Debug, Clone)]
enum Logic {
    Numbers(i8, &'static str, i8),
    Texts(String, &'static str, String),
    Member(i8, Vec<i8>),
    Not(Box<Logic>),
    Two(&'static str, Box<Logic>, Box<Logic>),
}

fn logic() -> impl Strategy<Value = Logic> {
    let operators = &["-eq", "-ne", "-gt", "-ge", "-lt", "-le"][..];
    let leaf = prop_oneof![
        (any::<i8>(), prop::sample::select(operators), any::<i8>())
            .prop_map(|(a, o, b)| Logic::Numbers(a, o, b)),
        ("[a-c]{0,2}", prop::sample::select(operators), "[a-cA-C]{0,2}")
            .prop_map(|(a, o, b)| Logic::Texts(a, o, b)),
        (-3..3_i8, prop::collection::vec(-3..3_i8, 1..4)).prop_map(|(a, list)| Logic::Member(a, list)),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        let operator = prop::sample::select(&["-and", "-or"][..]);
        prop_oneof![
            inner.clone().prop_map(|operand| Logic::Not(Box::new(operand))),
            (operator, inner.clone(), inner).prop_map(|(o, a, b)| Logic::Two(o, Box::new(a), Box::new(b))),
        ]
    })
}

impl Logic {
    /// Written with parentheses only where reading from the left would get it wrong.
    fn powershell(&self, is_right: bool) -> String {
        match self {
            Self::Numbers(a, operator, b) => format!("{a} {operator} {b}"),
            Self::Texts(a, operator, b) => format!("'{a}' {operator} '{b}'"),
            Self::Member(a, list) => {
                format!("{a} -in {}", list.iter().map(i8::to_string).collect::<Vec<_>>().join(", "))
            }
            Self::Not(operand) => format!("-not ({})", operand.powershell(false)),
            Self::Two(operator, left, right) => {
                let text = format!("{} {operator} {}", left.powershell(false), right.powershell(true));
                if is_right {
                    format!("({text})")
                } else {
                    text
                }
            }
        }
    }

    fn holds(&self) -> bool {
        fn compared<T: Ord>(a: &T, operator: &str, b: &T) -> bool {
            match operator {
                "-eq" => a == b,
                "-ne" => a != b,
                "-gt" => a > b,
                "-ge" => a >= b,
                "-lt" => a < b,
                _ => a <= b,
            }
        }
        match self {
            Self::Numbers(a, operator, b) => compared(a, operator, b),
            Self::Texts(a, operator, b) => compared(a, operator, &b.to_lowercase()),
            Self::Member(a, list) => list.contains(a),
            Self::Not(operand) => !operand.holds(),
            Self::Two("-and", left, right) => left.holds() && right.holds(),
            Self::Two(_, left, right) => left.holds() || right.holds(),
        }
    }
}
