//! What is refused, where the error points, and what it says.

use crate::world::holds;
use aither_orchestration::error::{Diagnose, Problem};

#[test]
fn errors_point_at_their_place() {
    let cases: &[(&str, &str, usize)] = &[
        ("", "empty", 1),
        ("   ", "empty", 1),
        ("${{ }}", "empty", 5),
        // code in every shape
        ("$true; Remove-Item -Recurse /", "character", 6),
        ("; Remove-Item", "character", 1),
        ("Remove-Item -Recurse", "command", 1),
        ("Get-Content 'x'", "command", 1),
        ("Invoke-Expression $evil", "command", 1),
        ("iex 'x'", "command", 1),
        ("rm -rf /", "unknown-operator", 4),
        ("rm -rf x", "unknown-operator", 4),
        ("$true\nRemove-Item x", "unexpected", 7),
        ("$(Remove-Item x)", "code", 1),
        ("$x -eq $(whoami)", "code", 8),
        ("\"$(whoami)\" -eq 'x'", "substitution", 2),
        ("\"a`nb\" -eq 'x'", "substitution", 3),
        ("\"$x\" -eq 'x'", "substitution", 2),
        ("`whoami`", "character", 1),
        ("& 'cmd'", "character", 1),
        ("$true & calc", "character", 7),
        ("$true | Out-Null", "character", 7),
        ("$x = 5", "character", 4),
        ("$x === 5", "character", 6),
        ("$x += 5", "character", 4),
        ("{ $true }", "character", 1),
        ("@{a=1}", "character", 1),
        ("@args", "character", 1),
        ("if ($true) { 1 }", "unknown-function", 1),
        ("1..5", "number", 1),
        ("$a..5", "unexpected", 3),
        ("$true # comment", "character", 7),
        ("<# x #> $true", "unexpected", 1),
        ("[System.IO.File]::Delete('x')", "unexpected", 1),
        ("$x.ToLower() -eq 'a'", "code", 11),
        ("$x.Delete()", "code", 10),
        ("$user::Name", "scope", 1),
        ("$x -is [string]", "unknown-operator", 4),
        ("$x -replace 'a','b'", "unknown-operator", 4),
        ("$x -f 1", "unknown-operator", 4),
        ("$global:x", "scope", 1),
        ("${script:x}", "scope", 1),
        ("$", "character", 1),
        ("$? -eq 1", "character", 1),
        ("${x", "unclosed", 1),
        ("a ? b : c", "character", 3),
        ("1 + 1", "character", 3),
        ("2 * 2", "unexpected", 3),
        ("7 % 2", "character", 3),
        ("a\\b", "character", 2),
        ("'a'\0", "character", 4),
        // grammar
        ("1 ==", "unexpected-end", 5),
        ("== 1", "unexpected", 1),
        ("(1", "unexpected-end", 3),
        ("1)", "unexpected", 2),
        ("(1))", "unexpected", 4),
        ("()", "unexpected", 2),
        ("1 2", "unexpected", 3),
        ("'a' 'b'", "unexpected", 5),
        ("matrix.", "unexpected-end", 8),
        ("matrix.'os'", "unexpected", 8),
        ("matrix[", "unexpected-end", 8),
        ("matrix[0", "unexpected-end", 9),
        ("matrix[0)", "unexpected", 9),
        ("'abc'.Length", "unexpected", 6),
        ("* == 1", "unexpected", 1),
        ("-and $true", "unexpected", 1),
        ("$a -eq", "unexpected-end", 7),
        ("$a -eq -and $b", "unexpected", 8),
        ("$a -1", "character", 4),
        ("! ", "unexpected-end", 3),
        ("'a', 'b'", "unexpected", 4),
        ("matrix.os == 'a', 'b'", "unexpected", 17),
        ("'open", "unclosed-text", 1),
        ("x == 'it's'", "unexpected", 10),
        ("\"open", "unclosed-text", 1),
        ("${{ true", "unexpected-end", 9),
        ("true }}", "unexpected", 6),
        // numbers
        ("1abc", "number", 1),
        ("0xZZ == 1", "number", 1),
        ("0o9", "number", 1),
        ("1e999", "number", 1),
        ("1.2.3", "number", 1),
        ("$x -lt 1kb", "number", 8),
        // names
        ("matrix.os == Linux", "bare-word", 14),
        ("$Environment -eq Production", "bare-word", 18),
        ("$x -in Features", "bare-word", 8),
        ("startsWith(matrix.os, windows)", "bare-word", 23),
        ("'a' -in b, c", "bare-word", 9),
        ("matrix[os]", "bare-word", 8),
        ("matirx.os == 'linux'", "unknown-name", 1),
        ("true && matirx.os", "unknown-name", 9),
        ("contians('a', 'b')", "unknown-function", 1),
        ("system('x')", "unknown-function", 1),
        ("always", "not-called", 1),
        ("matrix.os == 'x' || Success", "not-called", 21),
        ("matrix.os == \"linux\"", "double-quotes", 14),
        ("contains(\"a\", 'a')", "double-quotes", 10),
        ("matrix[\"os\"]", "double-quotes", 8),
        ("{{}} == 1", "placeholder", 1),
        ("{{ a b }} == 1", "placeholder", 1),
        ("{{a == 1", "unclosed", 1),
        // functions
        ("contains('a')", "arguments", 1),
        ("true && contains('a', 'b', 'c')", "arguments", 9),
        ("success(1)", "arguments", 1),
        ("always(true)", "arguments", 1),
        ("format()", "arguments", 1),
        ("join('a', 'b', 'c')", "arguments", 1),
        ("hashFiles()", "arguments", 1),
        ("contains('a' 'b')", "unexpected", 14),
        ("contains('a',)", "unexpected", 14),
        ("contains('a', 'b'", "unexpected-end", 18),
        ("fromJSON('{')", "json", 1),
        ("fromJSON('')", "json", 1),
        ("fromJSON('\"\\ud800\"')", "json", 1),
        ("1 == fromJSON('nope')", "json", 6),
        ("format('{1}', 'a')", "format", 1),
        ("format('{', 'a')", "format", 1),
        ("format('}', 'a')", "format", 1),
        ("format('{x}', 'a')", "format", 1),
        ("format('{0:N}', 'a')", "format", 1),
        ("format('{99999999999999999999}', 'a')", "format", 1),
        ("hashFiles('broken')", "hash-files", 1),
        // patterns
        ("'a' -match '('", "pattern", 12),
        ("'a' -match '(?=a)'", "pattern", 12),
        ("$true -or 'a' -match '['", "pattern", 22),
        ("'a' -like '[a'", "wildcard", 11),
        ("'a' -match $evil -and 'a' -match '\\'", "pattern", 34),
        // Test-Path takes a literal
        ("Test-Path", "test-path", 1),
        ("Test-Path $x", "test-path", 1),
        ("Test-Path ./x", "test-path", 1),
        ("Test-Path ('x')", "test-path", 1),
        ("Test-Path 'a', 'b'", "test-path", 1),
        ("Test-Path 'a' 'b'", "test-path", 1),
        ("$true -and Test-Path \"$x\"", "substitution", 23),
        // columns count characters
        ("'äöü' ;", "character", 7),
    ];
    let mut wrong = Vec::new();
    for (text, code, column) in cases {
        match holds(text) {
            Ok(found) => wrong.push(format!("{text:?} is {found}")),
            Err(error) => {
                let hint = error.hint().unwrap_or_default();
                if error.code() != format!("expression.{code}")
                    || error.column() != *column
                    || hint.is_empty()
                {
                    wrong.push(format!("{text:?}\n    {error} [{} {}] {hint}", error.code(), error.column()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn errors_say_how_to_write_it() {
    let problem = |text: &str| Problem::from(holds(text).expect_err("an error"));
    let found = problem("matirx.os == 'linux'");
    assert_eq!(
        found.message,
        "'matirx' is neither a root nor a variable, at column 1 of: matirx.os == 'linux'"
    );
    assert!(found.hint.unwrap().starts_with("Did you mean 'matrix'? Known are: matrix, strategy, "));
    assert_eq!(found.place.as_deref(), Some("column 1"));
    assert!(problem("contians('a', 'b')").hint.unwrap().starts_with("Did you mean 'contains'?"));
    assert!(problem("$a -equals 1").hint.unwrap().contains("-eq"));
    assert_eq!(
        problem("$Environment -eq Production").hint.unwrap(),
        "Write 'Production' for a text, $Production for a variable."
    );
    assert_eq!(
        problem("contains('a')").message,
        "contains takes 2 arguments, not 1, at column 1 of: contains('a')"
    );
    let everything = problem("$x; y").hint.unwrap();
    for part in ["$name", "matrix", "-notcontains", "hashFiles()", "Test-Path 'path'", "&&"] {
        assert!(everything.contains(part), "{part}: {everything}");
    }

    let long = format!("{} ; {}", "x".repeat(500), "y".repeat(500));
    let found = problem(&format!("'{long}' ; 'z'"));
    assert!(found.message.chars().count() < 250, "{}", found.message);
    assert!(found.message.contains("' ; 'z'"));
    let found = problem("'a' \n\u{1b}[31m");
    assert!(!found.message.contains(char::is_control), "{:?}", found.message);
}

#[test]
fn values_stay_out_of_messages() {
    for text in [
        "fromJSON(secrets.token)",
        "format(format('{0}{1}', secrets.token, '{'))",
        "'a' -match format('({0}', secrets.token)",
        "'a' -like format('[{0}', secrets.token)",
    ] {
        let problem = Problem::from(holds(text).expect_err("an error"));
        assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
    }
}
