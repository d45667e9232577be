//! `{{name}}`, `{{name:=default}}` and `${{ }}` inside texts.

use crate::world::World;
use aither_orchestration::{
    error::{Diagnose, Problem},
    expression::{has_template, interpolate, interpolate_value},
};
use serde_json::json;

#[test]
fn templates() {
    let cases = [
        // a template that is the whole text keeps its type
        ("{{count}}", json!(3)),
        ("{{skipTests}}", json!(false)),
        ("{{Features}}", json!(["OpenTofu", "Docker"])),
        ("{{none}}", json!(null)),
        ("{{unknown}}", json!(null)),
        ("${{ matrix.version }}", json!(7.0)),
        ("${{matrix.tags}}", json!(["a", "B"])),
        ("${{ null }}", json!(null)),
        ("${{ $count -eq 3 }}", json!(true)),
        // in a longer text values are text
        (" {{count}}", json!(" 3")),
        ("{{count}} of ${{ strategy.job-total }}", json!("3 of 4")),
        ("{{skipTests}}/{{autoFix}}", json!("false/true")),
        ("[{{none}}{{unknown}}]", json!("[]")),
        ("v{{whole}}, {{ratio}}", json!("v7, 3.5")),
        ("x{{Features}}", json!("x[\"OpenTofu\",\"Docker\"]")),
        ("x${{ matrix.fruit }}", json!("x{\"name\":\"apple\",\"sizes\":[1,2]}")),
        // names
        ("{{ MODE }}", json!("Full")),
        ("{{matrix.os}}!", json!("linux!")),
        ("{{user.name}}", json!("Ann")),
        ("{{user.roles.1}}", json!("dev")),
        ("{{matrix.nope.deeper}}", json!(null)),
        ("{{vars.mode}}-{{env.CI}}", json!("Full-true")),
        // defaults are kept as they are written
        ("{{unknown:=5}}", json!("5")),
        ("{{unknown:= a b }}", json!(" a b ")),
        ("{{ unknown :=x}}", json!("x")),
        ("{{mode:=x}}", json!("Full")),
        ("{{empty:=x}}", json!("")),
        ("{{none:=x}}", json!("x")),
        ("a{{unknown:=}}b", json!("ab")),
        ("{{unknown:=a:=b}}", json!("a:=b")),
        // one pass
        ("{{template}}", json!("{{mode}} ${{ matrix.os }}")),
        ("<{{template}}>", json!("<{{mode}} ${{ matrix.os }}>")),
        ("{{unknown:={{mode}}", json!("{{mode")),
        ("{{mode}}{{mode}}", json!("FullFull")),
        ("{{{mode}}}", json!("{Full}")),
        // what is no template stays
        ("plain", json!("plain")),
        ("", json!("")),
        ("{{", json!("{{")),
        ("{{mode", json!("{{mode")),
        ("mode}}", json!("mode}}")),
        ("{{}}", json!("{{}}")),
        ("{{.Names}}", json!("{{.Names}}")),
        ("{{ \"a\": 1 }}", json!("{{ \"a\": 1 }}")),
        ("{{#if x}}", json!("{{#if x}}")),
        ("{{0}}", json!("{{0}}")),
        ("{{mode..x}}", json!("{{mode..x}}")),
        ("{{ü}}{{mode}} 😀", json!("Full 😀")),
        ("$ {{mode}}", json!("$ Full")),
        ("$mode $(x) `y`; z", json!("$mode $(x) `y`; z")),
        // expressions
        ("a${{ matrix.os }}b", json!("alinuxb")),
        ("${{ '}}' }}", json!("}}")),
        ("x${{ 'it''s }}' }}y", json!("xit's }}y")),
        ("${{ format('{{{0}}}', 1) }}", json!("{1}")),
        ("${{ {{mode}} == Full }}", json!(true)),
        ("$${{ 1 }}", json!("$1")),
        ("${{ 1 }}${{ 2 }}", json!("12")),
        ("${{mode}}", json!("Full")),
    ];
    let world = World::default();
    for (text, expected) in &cases {
        let found = interpolate(text, &world).map_err(Problem::from);
        assert_eq!(found.as_ref(), Ok(expected), "{text}");
        assert_eq!(has_template(text), found.as_ref() != Ok(&json!(text)), "{text}");
    }
}

#[test]
fn templates_that_cannot_be_read() {
    let cases = [
        ("${{", "unclosed", 1),
        ("ab ${{ matrix.os", "unclosed", 4),
        ("ab ${{ matrix.os }", "unclosed", 4),
        ("ä ${{ 'x }}", "unclosed", 3),
        ("${{ }}", "empty", 4),
        ("ab ${{ rm -rf }}", "unknown-operator", 11),
        ("{{mode}} ${{ a; b }}", "character", 15),
        ("${{ 1 }} ${{ matirx.os }}", "unknown-name", 14),
        ("${{ $(whoami) }}", "code", 5),
    ];
    for (text, code, column) in cases {
        let error = interpolate(text, &World::default()).expect_err(text);
        assert_eq!((error.code(), error.column()), (format!("expression.{code}").as_str(), column), "{text}");
        assert!(has_template(text), "{text}");
    }
}

#[test]
fn every_text_inside_a_value_is_replaced() {
    let world = World::default();
    let value = json!({
        "env": {"OS": "${{ matrix.os }}", "{{mode}}": "{{mode}}"},
        "list": ["{{count}}", {"deep": ["x{{count}}"]}, 5, null, true],
    });
    let expected = json!({
        "env": {"OS": "linux", "{{mode}}": "Full"},
        "list": [3, {"deep": ["x3"]}, 5, null, true],
    });
    assert_eq!(interpolate_value(&value, &world), Ok(expected));

    let value = json!({"env": {"A": "x"}, "list": [1, {"deep": "abc ${{ 1 +"}]});
    let problem = Problem::from(interpolate_value(&value, &world).expect_err("an error"));
    assert_eq!(problem.code, "expression.unclosed");
    assert_eq!(problem.place.as_deref(), Some("list[1].deep, column 5"));
}
