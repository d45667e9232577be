//! What strangers may try: texts that want time, memory or stack.

use crate::world::{holds, World};
use aither_orchestration::{error::Diagnose, expression::interpolate};

/// Texts that want time, memory or stack.
fn hostile() -> Vec<(&'static str, String, &'static str)> {
    let megabyte = 1 << 20;
    let repeated = |part: &str, length: usize| part.repeat(length / part.len());
    let many = |part: &str| repeated(part, 60_000);
    vec![
        ("1 MB of (", "(".repeat(megabyte), "too-long"),
        ("1 MB of ()", repeated("()", megabyte), "too-long"),
        ("64 kB of (", "(".repeat(60_000), "too-deep"),
        ("balanced", format!("{}1{}", "(".repeat(30_000), ")".repeat(30_000)), "too-deep"),
        ("64 kB of !", "!".repeat(60_000), "too-deep"),
        ("100k of !", "!".repeat(100_000), "too-long"),
        ("-not", format!("{}1", many("-not ")), "too-deep"),
        ("indexes", format!("{}0", many("matrix[")), "too-deep"),
        ("index chain", format!("matrix{}", many("[0]")), "ok"),
        ("property chain", format!("matrix{}", many(".a")), "ok"),
        ("filters", format!("matrix{}", many(".*")), "ok"),
        ("calls", many("toJSON("), "too-deep"),
        ("arrays", many("@("), "too-deep"),
        ("nested ${{", many("${{"), "too-deep"),
        ("nested {{", many("{{"), "unclosed"),
        ("|| chain", format!("{}0", many("0||")), "ok"),
        ("&& chain", format!("{}1", many("1&&")), "ok"),
        ("== chain", format!("{}1", many("1==")), "ok"),
        ("-and -or chain", format!("{}1", many("1 -and 0 -or ")), "ok"),
        ("ladder", many("1||1&&1 -or 1==1<1 -eq ("), "too-deep"),
        ("commas", format!("1 -in {}1", many("1,")), "ok"),
        ("giant number", "9".repeat(60_000), "number"),
        ("giant exponent", "1e99999999999".into(), "number"),
        ("signs", many("-"), "character"),
        ("dots", many("."), "unexpected"),
        ("quotes", many("'"), "ok"),
        ("NULs", many("\0"), "character"),
        ("blanks", many(" "), "empty"),
        ("byte order marks", many("\u{feff}"), "character"),
        ("lone surrogates", "fromJSON('\"\\ud800\\ud800\"')".into(), "json"),
        ("deep JSON", format!("fromJSON('{}')", many("[")), "json"),
        ("backtracking", format!("'{}!' -match '^(a+)+$'", many("a")), "ok"),
        ("states", format!("'{}' -match '(a|b)*a(a|b){{20}}c'", "ab".repeat(5000)), "ok"),
        ("repetition", "'a' -match '((a{1000}){1000}){1000}'".into(), "pattern"),
        ("classes", r"'a' -match '(\w{50}\d{50}\s){50}'".into(), "pattern"),
        ("long pattern", format!("'a' -match '{}'", many("a?")), "pattern"),
        ("many patterns", format!("{}1", many(r"'a' -match '\w{5}' -or ")), "too-much-work"),
        ("wildcards", format!("'{}b' -like '{}c'", "a".repeat(30_000), "*a".repeat(15_000)), "ok"),
        (
            "wildcard segments",
            format!("'{}' -like '*{}b'", "a".repeat(40_000), "a".repeat(20_000)),
            "too-much-work",
        ),
        ("sets", format!("'{}' -like '*[{}]b'", "a".repeat(20_000), "b".repeat(40_000)), "too-much-work"),
        (
            "doubling",
            (0..40).fold("'x'".into(), |text, _| format!("format('{{0}}{{0}}{{0}}', {text})")),
            "too-large",
        ),
        (
            "big join",
            format!("join(fromJSON('[{}1]'), '{}')", "1,".repeat(10_000), "x".repeat(30_000)),
            "too-large",
        ),
        (
            "big texts again and again",
            format!("{}0", repeated("format('{0}{0}{0}{0}', toJSON(needs)) == 1 || ", 60_000)),
            "ok",
        ),
        (
            "huge texts again and again",
            format!(
                "{}0",
                format!("contains(format('{}', '{}'), '!') || ", "{0}".repeat(100), "x".repeat(10_000))
                    .repeat(3)
            ),
            "ok",
        ),
        (
            "huge texts more often",
            format!(
                "{}0",
                format!("contains(format('{}', '{}'), '!') || ", "{0}".repeat(800), "x".repeat(1000))
                    .repeat(15)
            ),
            "too-much-work",
        ),
        (
            "patterns as large as they may be",
            format!("{}1", r"'a' -notmatch '(a|b)*a(a|b){1999}c' -and ".repeat(10)),
            "ok",
        ),
        ("a pattern with many states", format!("'{}' -match '(a|b)*a(a|b){{1999}}c'", "ab".repeat(40)), "ok"),
        (
            "a pattern with too many states",
            format!("'{}' -match '(a|b)*a(a|b){{1999}}c'", many("ab")),
            "too-much-work",
        ),
        (
            "a long pattern on a long text",
            format!("'{}' -match '{}!'", "a".repeat(3000), "a?".repeat(480)),
            "ok",
        ),
        (
            "patterns that are slow to compile",
            format!("{}1", r"'a' -notmatch '\p{L}{3}\w{2}' -and ".repeat(10)),
            "ok",
        ),
        (
            "lists against lists",
            format!("(1,{}1) -in (2,{}2)", "1,".repeat(15_000), "2,".repeat(15_000)),
            "too-much-work",
        ),
        ("nested filters", format!("fromJSON('{}').*.*.*.*", many("{}").replace("{}", "[")), "json"),
        ("wide filters", format!("fromJSON('[{}1]'){}", "1,".repeat(15_000), ".*[0]".repeat(6000)), "ok"),
        ("one filter over and over", format!("{}0", many("needs.*.outputs.*==1||")), "ok"),
    ]
}

#[test]
fn hostile_texts_end_in_an_answer_or_an_error() {
    for (name, text, expected) in hostile() {
        let found = match holds(&text) {
            Ok(_) => "ok".to_owned(),
            Err(error) => {
                assert!(error.to_string().len() < 1000, "{name}: {error}");
                error.code().to_owned()
            }
        };
        let expected = if expected == "ok" { "ok".into() } else { format!("expression.{expected}") };
        assert_eq!(found, expected, "{name}");
    }
}

const HOSTILE_PARTS: [&str; 12] =
    ["{{", "}}", "${{", "{{a:=", "{{mode", "{{ ", "${{ '", "{{mode}}", "{{unknown}}", "{", "$", "{{a:=}"];

#[test]
fn hostile_templates_end_in_an_answer_or_an_error() {
    let world = World::default();
    for part in HOSTILE_PARTS {
        let text = part.repeat((1 << 20) / part.len());
        let found = interpolate(&text, &world);
        assert_eq!(found.is_err(), part.starts_with("${{"), "{part}");
    }
    let error = interpolate(&"{{Features}}".repeat(80_000), &world).expect_err("too large");
    assert_eq!(error.code(), "expression.too-large");
}

#[test]
fn a_small_stack_is_enough() {
    // Everything that nests, as deep as it may, unoptimised and with Windows' smallest stack.
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(50), close.repeat(50));
    let texts = [
        deep("(", ")"),
        deep("!", ""),
        deep("join(", ")"),
        format!("{}1{}", "1||1&&1 -or 1==1<1 -eq (".repeat(7), ")".repeat(7)),
        deep("matrix[", "]"),
        deep("@(", ")"),
    ];
    let worker = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for text in &texts {
            holds(text).map_err(|error| panic!("{error}")).ok();
        }
    });
    worker.expect("a thread").join().expect("no overflow");
}
