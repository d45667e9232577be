//! The condition and `${{ }}` language: what holds, what is refused and where, what strangers may try.

#[path = "expression/errors.rs"]
mod errors;
#[path = "expression/hostile.rs"]
mod hostile;
#[path = "expression/properties.rs"]
mod properties;
#[path = "expression/tables.rs"]
mod tables;
#[path = "expression/templates.rs"]
mod templates;
#[path = "expression/world.rs"]
mod world;

use aither_orchestration::{
    error::Problem,
    expression::{evaluate_text, template_roots, Condition, Platform, Status},
};
use serde_json::json;
use tables::{EXPRESSIONS, PLAYBOOKS, POWERSHELL};
use world::{check, World};

#[test]
fn expressions_hold() {
    check(EXPRESSIONS);
}

#[test]
fn powershell_comparisons_hold() {
    check(POWERSHELL);
}

#[test]
fn playbook_conditions_hold() {
    check(PLAYBOOKS);
}

#[test]
fn status_functions_follow_the_status() {
    let rows = [
        // success, failure, cancelled, always, !cancelled
        (Status::Success, [true, false, false, true, true]),
        (Status::Failure, [false, true, false, true, true]),
        (Status::Cancelled, [false, false, true, true, false]),
        (Status::Skipped, [false, false, false, true, true]),
    ];
    for (status, expected) in rows {
        let world = World { status, ..World::default() };
        let texts = ["success()", "failure()", "cancelled()", "always()", "!cancelled()"];
        let found = texts.map(|text| Condition::parse(text).unwrap().evaluate(&world).unwrap());
        assert_eq!(found, expected, "{status:?}");
    }
}

#[test]
fn platforms() {
    for (platform, expected) in [
        (Platform::Windows, [true, false, false]),
        (Platform::Linux, [false, true, false]),
        (Platform::MacOs, [false, false, true]),
    ] {
        let world = World { platform, ..World::default() };
        let found = ["$IsWindows", "IsLinux -eq $true", "$ismacos"]
            .map(|text| Condition::parse(text).unwrap().evaluate(&world).unwrap());
        assert_eq!(found, expected, "{platform:?}");
    }
}

#[test]
fn what_a_condition_reads_is_known_before() {
    let cases: &[(&str, bool, &[&str])] = &[
        ("matrix.os == 'linux'", false, &["matrix"]),
        ("NEEDS.a.result == 'success' && always()", true, &["needs"]),
        ("$jobs.a.outputs.x -eq 1 -or {{stages.b.outputs.y}} == 2", false, &["jobs", "stages"]),
        ("$Environment -eq 'steps.a'", false, &[]),
        ("contains(toJSON(steps), matrix[env.X])", false, &["env", "matrix", "steps"]),
        ("-not (Failure())", true, &[]),
        ("'always()'", false, &[]),
    ];
    for (text, status, roots) in cases {
        let condition = Condition::parse(text).unwrap();
        assert_eq!(condition.uses_status_function(), *status, "{text}");
        assert_eq!(condition.roots().into_iter().collect::<Vec<_>>(), *roots, "{text}");
        assert_eq!(condition.text(), *text);
    }
    let roots =
        template_roots("a {{needs.b.outputs.c}} ${{ steps.d.outputs.e || matrix.os }} {{name}}").unwrap();
    assert_eq!(roots.into_iter().collect::<Vec<_>>(), ["matrix", "needs", "steps"]);
}

#[test]
fn values() {
    let pretty = "{\n  \"name\": \"apple\",\n  \"sizes\": [\n    1,\n    2\n  ]\n}";
    let cases = [
        ("matrix.os", json!("linux")),
        ("${{ matrix.version }}", json!(7.0)),
        ("matrix.tags", json!(["a", "B"])),
        ("'a' && 'b'", json!("b")),
        ("'' && 'b'", json!("")),
        ("'' || 'b'", json!("b")),
        ("matrix.debug && 1 || 2", json!(2)),
        ("null || false", json!(false)),
        ("1 == 1", json!(true)),
        ("!''", json!(true)),
        ("needs.*.result", json!(["success", "failure"])),
        ("matrix.fruit.*", json!(["apple", [1, 2]])),
        ("matrix.fruit.*.*", json!([1, 2])),
        ("needs.*.outputs.count", json!(["2"])),
        ("steps.*.outcome[0]", json!([])),
        ("toJSON(matrix.fruit)", json!(pretty)),
        ("toJSON(matrix.empty)", json!("[]")),
        ("toJSON(matrix.version)", json!("7")),
        ("toJSON('ä\"')", json!("\"ä\\\"\"")),
        ("toJSON(null)", json!("null")),
        ("fromJSON('[1, {\"a\": null}]')", json!([1, {"a": null}])),
        ("fromJSON('\"\\ud83d\\ude00\"')", json!("😀")),
        ("format('{0} {1} {2}', null, true, 1.50)", json!(" true 1.5")),
        ("join(fromJSON('[1, null, true, \"x\", [2]]'), '|')", json!("1||true|x|Array")),
        ("42", json!(42)),
        ("0x2A", json!(42)),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("1.5e3", json!(1500.0)),
        ("$numbers -gt 1", json!([2, 3])),
        ("$Features -like 'd*'", json!(["Docker"])),
        ("'b', 'a' -ne 'a'", json!(["b"])),
        ("@('a', 'b')", json!(["a", "b"])),
        ("@($numbers)", json!([1, 2, 3])),
        ("@($null)", json!([null])),
        ("$user.roles", json!(["admin", "dev"])),
        ("$true -and 5", json!(true)),
        ("{{count}}", json!(3)),
        ("{{unset:= x }}", json!(" x ")),
        ("{{none:=x}}", json!("x")),
        ("run.id", json!(42)),
        ("unknown", json!(null)),
    ];
    for (text, expected) in cases {
        assert_eq!(evaluate_text(text, &World::default()).map_err(Problem::from), Ok(expected), "{text}");
    }
}

#[test]
fn nothing_is_asked_of_the_disk_but_what_stands_there() {
    let world = World::default();
    for (text, _) in POWERSHELL {
        let _ = Condition::parse(text).map(|condition| condition.evaluate(&world));
    }
    let mut asked = world.asked_for.take();
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["exists.txt", "it's here", "missing.txt"]);
}
