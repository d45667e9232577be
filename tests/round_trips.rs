//! What is written is read again as it was: playbooks, plans, journals, logs, lists of inputs.

mod recorded;

use aither_orchestration::{
    cache::{Digest, Manifest},
    plan::{plan, Plan, PlanRequest},
    playbook::{self, ParseRequest, Playbook, Source},
    run::{Archive, Report},
};
use proptest::prelude::*;
use recorded::{plan_of, play, project, request, start};
use serde_json::{json, Map, Value};
use std::{collections::BTreeMap, fs, path::Path};

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9_. -]{0,8}", "\\PC{0,6}", "[\\x00-\\x7f]{0,6}"]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Written and read with the nearest decimal number, which is the same number again.
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 1_024.0)),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((any_text(), inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_table() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(("[a-zA-Z][a-zA-Z0-9_-]{0,6}", any_value()), 0..3)
        .prop_map(|fields| fields.into_iter().collect())
}

/// A document of any of the formats, most of it as it should be.
fn any_playbook() -> impl Strategy<Value = Value> {
    let numbers = prop::collection::vec("0[1-4]0[0-3]|[1-9]{1,4}|04\\*|stage:[A-Z][a-z]{0,4}", 0..4);
    let flag = any::<Option<bool>>();
    (0..4_usize, numbers, any_table(), any_text(), any_text(), flag, any_value()).prop_map(
        |(format, numbers, variables, name, condition, flag, odd)| {
            let stage = json!({
                "name": name, "sequences": numbers, "variables": variables, "condition": condition,
                "continueOnError": flag, "odd": odd
            });
            match format {
                0 => json!({"Name": name, "Sequence": numbers, "Variables": variables, "Description": condition}),
                1 => json!({
                    "metadata": {"name": name, "version": "2.0.0"},
                    "orchestration": {"defaultVariables": variables, "stages": [stage, stage]}
                }),
                2 => json!({
                    "metadata": {"name": name, "version": "3.0.0"},
                    "orchestration": {"jobs": {
                        "one": {"name": name, "steps": [{"run": "0101", "with": variables, "if": condition}], "odd": odd},
                        "two": {"needs": ["one"], "steps": [{"run": numbers.first(), "continueOnError": flag}]}
                    }}
                }),
                _ => json!({"Name": name, "Sequence": numbers.iter().map(|number| json!({
                    "Script": number, "Parameters": variables, "ContinueOnError": flag
                })).collect::<Vec<_>>()}),
            }
        },
    )
}

fn parsed(text: Option<String>, document: Option<Value>) -> Result<Playbook, String> {
    let path = Some("p.json".to_owned());
    let request = ParseRequest { text, document, path, source: Source::Json };
    playbook::parse(&request).map_err(|error| error.to_string())
}

fn scripts(root: &Path) {
    let folder = root.join("automation-scripts");
    fs::create_dir(&folder).expect("a folder");
    for number in ["0101", "0102", "0200", "0402"] {
        fs::write(folder.join(format!("{number}_Do-It.ps1")), "# Stage: Build\n").expect("a script");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_playbook_reads_the_same_however_it_is_printed(document in any_playbook()) {
        let as_it_is = parsed(None, Some(document.clone()));
        for text in [document.to_string(), serde_json::to_string_pretty(&document).expect("JSON"), format!("\u{feff}{document}\n")] {
            prop_assert_eq!(&parsed(Some(text), None), &as_it_is);
        }
    }

    #[test]
    fn a_plan_reads_as_it_was_printed(document in any_playbook()) {
        let root = tempfile::tempdir().expect("a folder");
        scripts(root.path());
        let asked = json!({"root": root.path(), "playbook": {"text": document.to_string(), "path": "p.json"}, "environment": {}});
        let asked: PlanRequest = serde_json::from_value(asked).expect("a request");
        if let Ok(planned) = plan(&asked) {
            let printed = serde_json::to_string(&planned).expect("JSON");
            let read: Plan = serde_json::from_str(&printed).expect("a plan");
            prop_assert_eq!(serde_json::to_string(&read).expect("JSON"), printed);
        }
    }

    #[test]
    fn a_list_of_inputs_reads_as_it_was_written(names in prop::collection::btree_set("[a-z0-9ä./ -]{1,12}", 0..6)) {
        let files: BTreeMap<String, Digest> =
            names.into_iter().map(|name| (name.clone(), Digest::of(name.as_bytes()))).collect();
        let written = Manifest::new(files.iter().map(|(name, digest)| (name.as_str(), *digest)));
        prop_assert_eq!(Manifest::files(written.bytes()), Some(files));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_journal_and_a_log_read_as_they_were_written(
        outputs in any_table(),
        lines in prop::collection::vec((1..7_u8, "[^\\n\\r]{0,12}"), 0..6),
        name in any_text(),
    ) {
        let root = project(&["a"]);
        let plan = plan_of(root.path(), &[("a", &[])]);
        let run = start(request(&plan, json!({"name": name, "asked": {"outputs": outputs}})));
        play(&run, 1, |run, job, _| {
            for (stream, line) in &lines {
                run.log(job, *stream, &format!("{line}\n")).expect("a log");
            }
            for (name, value) in &outputs {
                run.output(job, name, value.clone()).expect("an output");
            }
            Report::default()
        });
        let archive = Archive::of(root.path());
        let recorded = archive.run("last").expect("a run");
        prop_assert_eq!(&recorded.jobs[0].result.outputs, &run.result().jobs[0].outputs);
        prop_assert_eq!(&recorded.asked["outputs"], &Value::Object(outputs));
        let read = archive.log(run.id(), "a", 0, usize::MAX).expect("a log").lines;
        let read: Vec<(u8, String)> = read.into_iter().map(|line| (line.stream, line.text)).collect();
        prop_assert_eq!(read, lines);
    }
}
