//! A key stands for the values that went into it: written in whatever order they have the same one, and no
//! two different ones share it.

use aither_orchestration::cache::{KeyRequest, KeyScript};
use proptest::prelude::*;
use serde_json::{json, Map, Value};

fn key(variables: &Value) -> String {
    let Value::Object(variables) = variables.clone() else { panic!("{variables} is no object") };
    let scripts = vec![KeyScript { number: "0402".into(), ..KeyScript::default() }];
    KeyRequest { scripts, variables }.key().expect("a key").to_string()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e9..1.0e9).prop_map(Value::from),
        "[a-c0-9,:\"{}\\[\\] ]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-cA]{0,2}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_variables() -> impl Strategy<Value = Value> {
    prop::collection::vec(("[a-c]{1,2}", any_value()), 0..4)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

/// The same with the fields of every object the other way round.
fn turned(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(turned).collect(),
        Value::Object(fields) => {
            let turned: Map<String, Value> =
                fields.iter().rev().map(|(name, value)| (name.clone(), turned(value))).collect();
            Value::Object(turned)
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_order_of_fields_does_not_count(variables in any_variables()) {
        prop_assert_eq!(key(&variables), key(&turned(&variables)));
    }

    #[test]
    fn different_values_have_different_keys(one in any_variables(), other in any_variables()) {
        prop_assert_eq!(one == other, key(&one) == key(&other), "{} and {}", one, other);
    }

    #[test]
    fn a_value_moved_is_another_value(value in any_value()) {
        // Where encodings lack lengths or types, these run into each other.
        let places = [
            json!({"a": value}), json!({"a": [value]}), json!({"a": [[value]]}), json!({"a": {"a": value}}),
            json!({"aa": value}), json!({"a": [value, null]}), json!({"a": value, "b": null}),
            json!({"a": value.to_string()}),
        ];
        let keys: std::collections::BTreeSet<String> = places.iter().map(key).collect();
        prop_assert_eq!(keys.len(), places.iter().map(Value::to_string).collect::<std::collections::BTreeSet<_>>().len());
    }
}
