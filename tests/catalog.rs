//! The sequence language on a folder of scripts, and against an oracle.

use aither_orchestration::{
    catalog::{resolve, Catalog, SequenceError},
    error::Diagnose,
};
use proptest::prelude::*;
use std::{collections::BTreeSet, fs};
use tempfile::TempDir;

/// Number, title, stage, tags.
const SCRIPTS: &[(&str, &str, &str, &str)] = &[
    ("0000", "Cleanup-Environment", "Prepare", ""),
    ("0201", "Install-Node", "Development", "development, node"),
    ("0207", "Install-Git", "Development", "git"),
    ("0208", "Install-Docker", "Development", "docker, containers"),
    ("0402", "Run-UnitTests", "Testing", "code-quality, ai"),
    ("0404", "Run-Analyzer", "CoreServices", "c++"),
    ("0405", "Validate-Manifests", "Core", "daily"),
    ("0501", "Get-SystemInfo", "AI & Documentation", "ai-powered"),
    ("9999", "Reset-Machine", "Maintenance", "x"),
];

fn project(folder: &str) -> (TempDir, Catalog) {
    let root = tempfile::tempdir().expect("a temporary folder");
    let scripts = root.path().join(folder);
    fs::create_dir_all(&scripts).expect("a script folder");
    for (number, title, stage, tags) in SCRIPTS {
        let text = format!("#Requires -Version 7.0\n# Stage: {stage}\n# Tags: {tags}\n");
        fs::write(scripts.join(format!("{number}_{title}.ps1")), text).expect("a script");
    }
    fs::write(scripts.join("0208_Install-Zebra.ps1"), "").expect("a second script of one number");
    fs::write(scripts.join("README.md"), "").expect("another file");
    fs::create_dir(scripts.join("0300_Folder.ps1")).expect("a folder");
    let catalog = Catalog::open(root.path()).expect("a catalog");
    (root, catalog)
}

fn numbers(catalog: &Catalog, sequence: &[&str]) -> Result<Vec<String>, SequenceError> {
    let sequence: Vec<String> = sequence.iter().map(|element| (*element).to_owned()).collect();
    resolve(catalog, &sequence)
        .map(|scripts| scripts.iter().map(|script| script.number.to_string()).collect())
}

#[test]
fn every_form_of_the_contract() {
    let (_root, catalog) = project("automation-scripts");
    let cases: &[(&[&str], &[&str])] = &[
        (&["0402"], &["0402"]),
        (&["402"], &["0402"]),
        (&["0"], &["0000"]),
        (&["401-404", "501"], &["0402", "0404", "0501"]),
        (&["0404,0402, 0402"], &["0402", "0404"]),
        (&["201", "207", "208"], &["0201", "0207", "0208"]),
        (&["02*,!0208"], &["0201", "0207"]),
        (&["2*"], &["0201", "0207", "0208"]),
        (&["020*"], &["0201", "0207", "0208"]),
        (&["04*", "!0402-0404"], &["0405"]),
        (&["!0404", "0402-0405"], &["0402", "0405"]),
        (&["0402-0404", "0405,!0402"], &["0402", "0404", "0405"]),
        (&["!0402,0404", "04*"], &["0405"]),
        (&["0000-9999,!04*"], &["0000", "0201", "0207", "0208", "0501", "9999"]),
        (&["*", "!0000-9998"], &["9999"]),
        (&["stage:Development"], &["0201", "0207", "0208"]),
        (&["stage:core"], &["0404", "0405"]),
        (&["stage:^Core$"], &["0405"]),
        (&["stage:AI & Documentation"], &["0501"]),
        (&["stage:Core,stage:Testing"], &["0402", "0404", "0405"]),
        (&["tag:ai"], &["0402", "0501"]),
        (&["tag:code"], &["0402"]),
        (&["tag:dai,0405"], &["0405"]),
        (&["tag:c++"], &["0404"]),
        (&["tag:git,tag:docker"], &["0207", "0208"]),
        (&["stage:Development,!tag:docker"], &["0201", "0207"]),
        (&["0402,!9998"], &["0402"]),
        (&[" 0402 - 0404 "], &["0402", "0404"]),
    ];
    for (sequence, expected) in cases {
        assert_eq!(
            numbers(&catalog, sequence).as_deref(),
            Ok(&expected.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()[..]),
            "{sequence:?}"
        );
    }
}

#[test]
fn what_means_nothing_is_an_error_that_names_it() {
    let (root, catalog) = project("automation-scripts");
    let cases: &[(&[&str], &str, &str)] = &[
        (&["9998"], "sequence.unknown-number", "9998"),
        (&["0402,403"], "sequence.unknown-number", "0403"),
        (&["0404-0402"], "sequence.reversed-range", "0404-0402"),
        (&["0402-"], "sequence.malformed", "0402-"),
        (&["04x"], "sequence.malformed", "04x"),
        (&["12345"], "sequence.malformed", "12345"),
        (&["0402*"], "sequence.malformed", "0402*"),
        (&["playbook:x"], "sequence.malformed", "playbook:x"),
        (&["Stage:Core"], "sequence.malformed", "Stage:Core"),
        (&["stage:"], "sequence.malformed", "stage:"),
        (&["٠٤٠٢"], "sequence.malformed", "٠٤٠٢"),
        (&["0402,,0404"], "sequence.empty-element", "0402,,0404"),
        (&[""], "sequence.empty-element", ""),
        (&["!"], "sequence.empty-element", ""),
        (&["0300"], "sequence.unknown-number", "0300"),
        (&["06*"], "sequence.nothing", "06*"),
        (&["0600-0610", "stage:None"], "sequence.nothing", "0600-0610 stage:None"),
        (&["!0402"], "sequence.nothing", "!0402"),
        (&["!0401,0401-0403"], "sequence.nothing", "!0401,0401-0403"),
    ];
    for (sequence, code, named) in cases {
        let error = numbers(&catalog, sequence).expect_err("an error");
        assert_eq!(error.code(), *code, "{sequence:?}");
        assert!(error.to_string().contains(named), "{error}");
        assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{sequence:?}");
    }
    for (sequence, told) in [
        ("stage:Nope", "The stages here: AI & Documentation, Core, "),
        ("tag:nope", "The tags here: "),
        ("06*", "Start-AitherZero.ps1 "),
    ] {
        let hint = numbers(&catalog, &[sequence]).expect_err("an error").hint().expect("a hint");
        assert!(hint.starts_with(told), "{hint}");
        assert_eq!(hint.contains("tags"), sequence.starts_with("tag"), "{hint}");
    }
    let error = numbers(&catalog, &["9998"]).expect_err("an error");
    let folder = root.path().join("automation-scripts").display().to_string();
    assert_eq!(error.place(), Some(folder.clone()));
    assert!(error.to_string().contains(&folder), "{error}");
}

#[test]
fn both_layouts_work_and_the_first_file_of_a_number_counts() {
    for layout in ["automation-scripts", "library/automation-scripts"] {
        let (_root, catalog) = project(layout);
        assert_eq!(numbers(&catalog, &["0000-9999"]).map(|found| found.len()), Ok(SCRIPTS.len()), "{layout}");
        assert_eq!(
            catalog.scripts().find(|script| script.name.contains("Zebra")).map(|script| &script.name),
            None
        );
    }
    let empty = tempfile::tempdir().expect("a temporary folder");
    let error = Catalog::open(empty.path()).expect_err("an error");
    assert_eq!(error.code(), "catalog.no-folder");
}

/// Terms of the language with what they mean by the book.
fn term() -> impl Strategy<Value = (String, BTreeSet<u16>)> {
    let known: Vec<u16> = SCRIPTS.iter().map(|(number, ..)| number.parse().expect("digits")).collect();
    let range = known.clone();
    let prefix = known.clone();
    prop_oneof![
        prop::sample::select(known).prop_map(|number| (format!("{number:04}"), BTreeSet::from([number]))),
        (0..600_u16, 0..600_u16).prop_map(move |(a, b)| {
            let (start, end) = (a.min(b), a.max(b));
            (
                format!("{start:04}-{end:04}"),
                range.iter().copied().filter(|n| (start..=end).contains(n)).collect(),
            )
        }),
        (0..100_u16).prop_map(move |two| {
            (format!("{two:02}*"), prefix.iter().copied().filter(|number| number / 100 == two).collect())
        }),
    ]
}

fn element() -> impl Strategy<Value = (Vec<(bool, String, BTreeSet<u16>)>, bool)> {
    let part = (any::<bool>(), term()).prop_map(|(excluded, (text, set))| (excluded, text, set));
    (prop::collection::vec(part, 1..4), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn agrees_with_the_oracle(elements in prop::collection::vec(element(), 1..4)) {
        let (_root, catalog) = project("automation-scripts");
        let mut sequence = Vec::new();
        let (mut included, mut excluded) = (BTreeSet::new(), BTreeSet::new());
        for (parts, whole_excluded) in elements {
            // One part alone has no list to be excluded from.
            let parts: Vec<_> = if parts.len() == 1 { vec![(false, parts[0].1.clone(), parts[0].2.clone())] } else { parts };
            let texts: Vec<String> =
                parts.iter().map(|(excluded, text, _)| format!("{}{text}", if *excluded { "!" } else { "" })).collect();
            // A list whose first part is an exclusion would read as one exclusion.
            let text = format!("{},{}", "0600-0601", texts.join(","));
            let set = |wanted: bool| -> BTreeSet<u16> {
                parts.iter().filter(|(excluded, ..)| *excluded == wanted).flat_map(|(_, _, set)| set.clone()).collect()
            };
            let meant: BTreeSet<u16> = set(false).difference(&set(true)).copied().collect();
            if whole_excluded {
                sequence.push(format!("!{text}"));
                excluded.extend(meant);
            } else {
                sequence.push(text);
                included.extend(meant);
            }
        }
        let expected: Vec<String> = included.difference(&excluded).map(|number| format!("{number:04}")).collect();
        let elements: Vec<&str> = sequence.iter().map(String::as_str).collect();
        match numbers(&catalog, &elements) {
            Ok(found) => prop_assert_eq!(found, expected),
            Err(error) => {
                prop_assert_eq!(error.code(), "sequence.nothing");
                prop_assert!(expected.is_empty());
            }
        }
    }

    #[test]
    fn never_panics(text in ".{0,40}") {
        let (_root, catalog) = project("automation-scripts");
        let _ = numbers(&catalog, &[&text]);
    }
}
