//! The matrix's rules: the documented examples, the errors, and an oracle written apart from it.

use aither_orchestration::{
    error::{Diagnose, Problem},
    expression::loosely_equal,
    matrix::{expand, MatrixError, DEFAULT_LIMIT},
};
use proptest::prelude::*;
use serde_json::{json, Map, Value};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn values(matrix: Value) -> Vec<Value> {
    let expansion = expand(&object(matrix), DEFAULT_LIMIT).expect("an expansion");
    expansion.combinations.into_iter().map(|combination| Value::Object(combination.values)).collect()
}

fn refusal(matrix: Value) -> MatrixError {
    expand(&object(matrix), DEFAULT_LIMIT).expect_err("an error")
}

#[test]
fn the_documented_include_example() {
    let found = values(json!({
        "fruit": ["apple", "pear"],
        "animal": ["cat", "dog"],
        "include": [
            {"color": "green"},
            {"color": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"}
        ]
    }));
    let expected = json!([
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"}
    ]);
    assert_eq!(json!(found), expected);
}

#[test]
fn the_documented_exclude_example() {
    let found = values(json!({
        "os": ["windows-latest", "macos-latest"],
        "version": [12, 14, 16],
        "environment": ["staging", "production"],
        "exclude": [
            {"os": "macos-latest", "version": 12, "environment": "production"},
            {"os": "windows-latest", "version": 16}
        ]
    }));
    assert_eq!(found.len(), 9);
    assert!(!found.iter().any(|one| one["os"] == "windows-latest" && one["version"] == 16));
}

#[test]
fn the_first_dimension_varies_slowest_and_ids_follow() {
    let expansion = expand(
        &object(json!({"profile": ["quick", "full"], "n": [1, 7.4], "flag": [true], "o": [{"a": [1]}]})),
        DEFAULT_LIMIT,
    )
    .expect("an expansion");
    let ids: Vec<&str> = expansion.combinations.iter().map(|combination| combination.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "profile=quick,n=1,flag=true,o={\"a\":[1]}",
            "profile=quick,n=7.4,flag=true,o={\"a\":[1]}",
            "profile=full,n=1,flag=true,o={\"a\":[1]}",
            "profile=full,n=7.4,flag=true,o={\"a\":[1]}",
        ]
    );
}

#[test]
fn ids_are_unique_even_where_values_repeat() {
    let expansion = expand(&object(json!({"a": ["x", "x", "x"]})), DEFAULT_LIMIT).expect("an expansion");
    let ids: Vec<&str> = expansion.combinations.iter().map(|combination| combination.id.as_str()).collect();
    assert_eq!(ids, ["a=x", "a=x (2)", "a=x (3)"]);
}

#[test]
fn only_include_makes_a_job_an_entry() {
    assert_eq!(
        json!(values(json!({"include": [{"a": 1}, {"b": 2}, {"a": 1}]}))),
        json!([{"a": 1}, {"b": 2}, {"a": 1}])
    );
}

#[test]
fn a_later_entry_overwrites_an_earlier_extra_and_never_a_dimension() {
    assert_eq!(
        json!(values(json!({"a": [1], "include": [{"x": 1}, {"X": 2}, {"A": 2}]}))),
        json!([{"a": 1, "x": 2}, {"a": 2}])
    );
}

#[test]
fn filters_compare_as_the_expression_language_does() {
    let found = values(json!({
        "os": ["Linux", "Windows"],
        "node": [{"version": 14, "env": "a"}, {"version": 16, "env": "b"}],
        "exclude": [{"OS": "linux", "node": {"version": "14"}}]
    }));
    assert_eq!(found.len(), 3, "without case, numbers by value, objects by the leaves named");
}

#[test]
fn a_value_that_is_no_list_is_one_value_and_a_warning() {
    let expansion = expand(&object(json!({"profile": "quick"})), DEFAULT_LIMIT).expect("an expansion");
    assert_eq!(expansion.combinations.len(), 1);
    assert_eq!(expansion.warnings.len(), 1);
    assert!(expansion.warnings[0].contains("profile = @('quick')"), "{}", expansion.warnings[0]);
}

#[test]
fn mistakes_are_named_with_their_place_and_the_fix() {
    let cases = [
        (json!({}), "matrix.empty", None),
        (json!({"a": null}), "matrix.null-dimension", Some("matrix.a")),
        (json!({"a": []}), "matrix.empty-dimension", Some("matrix.a")),
        (json!({"a": [1], "A": [2]}), "matrix.same-name", None),
        (json!({"a": [1], "include": "x"}), "matrix.not-entries", Some("matrix.include")),
        (json!({"a": [1], "exclude": [1]}), "matrix.not-entries", Some("matrix.exclude")),
        (json!({"a": [1], "include": [{"b": 1}, {}]}), "matrix.empty-entry", Some("matrix.include[1]")),
        (json!({"a": [1], "exclude": [{}]}), "matrix.empty-entry", Some("matrix.exclude[0]")),
        (
            json!({"platform": [1], "exclude": [{"platfrom": 1}]}),
            "matrix.unknown-exclude",
            Some("matrix.exclude[0].platfrom"),
        ),
        (json!({"a": [1], "exclude": [{"a": 1}]}), "matrix.none-left", None),
    ];
    for (matrix, code, place) in cases {
        let problem = Problem::from(refusal(matrix.clone()));
        assert_eq!(problem.code, code, "{matrix}");
        assert_eq!(problem.place.as_deref(), place, "{matrix}");
        assert!(problem.hint.is_some_and(|hint| !hint.is_empty()), "{matrix}");
    }
    let hint = refusal(json!({"platform": [1], "exclude": [{"platfrom": 1}]})).hint();
    assert!(hint.is_some_and(|hint| hint.contains("'platform'")));
}

#[test]
fn the_limit_is_told_before_anything_is_built() {
    let wide: Vec<u32> = (0..1_000).collect();
    let billion = json!({"a": wide, "b": wide, "c": wide});
    assert_eq!(refusal(billion.clone()), MatrixError::TooMany { count: 1_000_000_000, more: "", limit: 256 });
    let mut excluded = object(billion);
    excluded.insert("exclude".into(), json!([{"a": 1}]));
    assert!(matches!(refusal(Value::Object(excluded)), MatrixError::TooMany { count: 1_000_000_000, .. }));

    let nine = object((0..9).map(|n| (format!("d{n}"), json!(wide))).collect());
    let eight = object((0..14).map(|n| (format!("d{n}"), json!(wide))).collect());
    assert!(
        matches!(expand(&nine, DEFAULT_LIMIT), Err(MatrixError::TooMany { count, .. }) if count == 10_u128.pow(27))
    );
    assert!(matches!(expand(&eight, DEFAULT_LIMIT), Err(MatrixError::TooMany { count: u128::MAX, .. })));
}

#[test]
fn the_limit_counts_what_is_left_and_what_is_included() {
    let numbers: Vec<u32> = (0..257).collect();
    assert_eq!(refusal(json!({"a": numbers})), MatrixError::TooMany { count: 257, more: "", limit: 256 });
    assert_eq!(values(json!({"a": numbers, "exclude": [{"a": 3}]})).len(), 256);
    let matrix = json!({"a": numbers, "exclude": [{"a": 3}], "include": [{"a": 3}]});
    assert!(matches!(refusal(matrix.clone()), MatrixError::TooMany { count: 257, .. }));
    assert_eq!(expand(&object(matrix), 257).expect("a raised limit").combinations.len(), 257);
}

/// The oracle: every combination as a plain list of pairs, every rule by the book, nothing clever.
mod oracle {
    use super::*;

    pub type Pairs = Vec<(String, Value)>;

    pub fn expand(matrix: &Map<String, Value>) -> Vec<Pairs> {
        let dimensions: Vec<(&String, &Vec<Value>)> = matrix
            .iter()
            .filter(|(name, _)| *name != "include" && *name != "exclude")
            .filter_map(|(name, values)| values.as_array().map(|values| (name, values)))
            .collect();
        let mut base: Vec<Pairs> = if dimensions.is_empty() { vec![] } else { vec![vec![]] };
        for (name, values) in &dimensions {
            base = base
                .into_iter()
                .flat_map(|pairs| {
                    values.iter().map(move |value| {
                        let mut longer = pairs.clone();
                        longer.push(((*name).clone(), value.clone()));
                        longer
                    })
                })
                .collect();
        }
        for entry in list(matrix, "exclude") {
            base.retain(|pairs| !entry.iter().all(|(name, value)| has(pairs, name, value)));
        }
        let is_dimension = |name: &str| dimensions.iter().any(|(dimension, _)| *dimension == name);
        let mut all: Vec<(bool, Pairs)> = base.into_iter().map(|pairs| (true, pairs)).collect();
        for entry in list(matrix, "include") {
            let mut used = false;
            for (original, pairs) in &mut all {
                let fits = entry
                    .iter()
                    .filter(|(name, _)| is_dimension(name))
                    .all(|(name, value)| has(pairs, name, value));
                if *original && fits {
                    used = true;
                    for (name, value) in entry.iter().filter(|(name, _)| !is_dimension(name)) {
                        pairs.retain(|(other, _)| other != name);
                        pairs.push((name.clone(), value.clone()));
                    }
                }
            }
            if !used {
                all.push((false, entry.into_iter().collect()));
            }
        }
        all.into_iter().map(|(_, pairs)| sorted(pairs)).collect()
    }

    fn list(matrix: &Map<String, Value>, part: &str) -> Vec<Map<String, Value>> {
        matrix.get(part).and_then(Value::as_array).into_iter().flatten().cloned().map(object).collect()
    }

    fn has(pairs: &[(String, Value)], name: &str, value: &Value) -> bool {
        pairs.iter().any(|(other, found)| other == name && loosely_equal(value, found))
    }

    pub fn sorted(mut pairs: Pairs) -> Pairs {
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..3_i64).prop_map(|number| json!(number)),
        "[ab]{1}".prop_map(|text| json!(text)),
        (0..3_i64).prop_map(|number| json!(number.to_string())),
        any::<bool>().prop_map(|flag| json!(flag)),
    ]
}

fn entry(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(names), value()), 1..4).prop_map(|pairs| {
        Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    })
}

fn any_matrix() -> impl Strategy<Value = Map<String, Value>> {
    const DIMENSIONS: &[&str] = &["d0", "d1", "d2", "d3"];
    const NAMES: &[&str] = &["d0", "d1", "d2", "d3", "x0", "x1"];
    (
        prop::collection::vec(prop::collection::vec(value(), 1..4), 0..4),
        prop::collection::vec(entry(DIMENSIONS), 0..4),
        prop::collection::vec(entry(NAMES), 0..5),
    )
        .prop_map(|(dimensions, exclude, include)| {
            let mut matrix = Map::new();
            for (position, values) in dimensions.iter().enumerate() {
                matrix.insert(format!("d{position}"), json!(values));
            }
            let known = |entry: &Value| {
                entry.as_object().is_some_and(|entry| entry.keys().all(|name| matrix.contains_key(name)))
            };
            let exclude: Vec<Value> = exclude.into_iter().filter(known).collect();
            matrix.insert("exclude".into(), json!(exclude));
            matrix.insert("include".into(), json!(include));
            matrix
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn agrees_with_the_oracle(matrix in any_matrix()) {
        let expected = oracle::expand(&matrix);
        match expand(&matrix, 10_000) {
            Ok(expansion) => {
                let found: Vec<oracle::Pairs> = expansion
                    .combinations
                    .iter()
                    .map(|combination| oracle::sorted(combination.values.clone().into_iter().collect()))
                    .collect();
                prop_assert_eq!(found, expected);
                let ids: std::collections::HashSet<&str> =
                    expansion.combinations.iter().map(|combination| combination.id.as_str()).collect();
                prop_assert_eq!(ids.len(), expansion.combinations.len());
            }
            Err(MatrixError::Empty | MatrixError::NoneLeft(_)) => prop_assert!(expected.is_empty()),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
