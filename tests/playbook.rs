//! Playbooks of every format: what they become, and what is said about bad ones.

use aither_orchestration::{
    error::{Diagnose, Problem},
    playbook::{
        bind_inputs, check, detect, is_sequence, locate, parse, Chain, Format, Input, InputKind, Order,
        ParseRequest, Playbook, PlaybookError, Source, Step, Uses, Work, MOST_BYTES, MOST_LEVELS,
    },
};
use proptest::prelude::*;
use serde_json::{json, Map, Value};
use std::{fs, path::Path};

const FIXTURES: [(&str, Source); 7] = [
    ("v1-sequence.json", Source::Json),
    ("v1-stages.json", Source::Json),
    ("v1-map.json", Source::Json),
    ("v2.json", Source::Json),
    ("v3.json", Source::Json),
    ("list.json", Source::Psd1),
    ("scripts.json", Source::Psd1),
];

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/playbooks").join(name);
    serde_json::from_str(&fs::read_to_string(path).expect("a fixture")).expect("JSON")
}

fn document(document: Value, source: Source) -> Result<Playbook, PlaybookError> {
    let document = Some(document);
    parse(&ParseRequest { document, source, path: Some("some/where.json".into()), ..ParseRequest::default() })
}

fn text(text: &str) -> Result<Playbook, PlaybookError> {
    let text = Some(text.to_owned());
    parse(&ParseRequest { text, path: Some("books/one.json".into()), ..ParseRequest::default() })
}

fn load(name: &str) -> Playbook {
    let (_, source) = FIXTURES.iter().find(|(known, _)| *known == name).expect("a known fixture");
    document(fixture(name), *source).expect("a playbook")
}

fn stages(stages: Value) -> Playbook {
    document(json!({"metadata": {"name": "n"}, "orchestration": {"stages": stages}}), Source::Json)
        .expect("a playbook")
}

fn refusal(value: Value) -> PlaybookError {
    document(value, Source::Json).expect_err("an error")
}

fn elements(step: &Step) -> Vec<&str> {
    match &step.work {
        Work::Sequence { elements } => elements.iter().map(String::as_str).collect(),
        other => panic!("{other:?} is no sequence"),
    }
}

fn inline(step: &Step) -> &str {
    match &step.work {
        Work::Inline { text } => text,
        other => panic!("{other:?} is no text"),
    }
}

fn warnings(playbook: &Playbook) -> Vec<String> {
    playbook.warnings.iter().map(|warning| format!("{}: {}", warning.path, warning.message)).collect()
}

#[test]
fn formats_are_told_apart() {
    let table = [
        (json!({"metadata": {}, "orchestration": {"jobs": {}}}), Source::Json, Some(Format::V3)),
        (json!({"Metadata": {}, "Orchestration": {"Jobs": {}}}), Source::Psd1, Some(Format::V3)),
        (json!({"metadata": {}, "orchestration": {"stages": []}}), Source::Json, Some(Format::V2)),
        (json!({"metadata": {}, "orchestration": {}}), Source::Json, Some(Format::V2)),
        (json!({"metadata": {}, "orchestration": {"jobs": null}}), Source::Json, Some(Format::V2)),
        (json!({"name": "n", "sequence": ["0402"]}), Source::Json, Some(Format::V1)),
        (json!({"sequence": "0402"}), Source::Json, Some(Format::V1)),
        (json!({"stages": {}, "metadata": {}}), Source::Json, Some(Format::V1)),
        (json!({"Sequence": [{"Script": "0402"}]}), Source::Json, Some(Format::List)),
        (json!({"Sequence": ["0402"]}), Source::Psd1, Some(Format::List)),
        (json!({"Sequence": {"Script": "0402"}}), Source::Psd1, Some(Format::List)),
        (json!({"Scripts": []}), Source::Psd1, Some(Format::Scripts)),
        (json!({"name": "n"}), Source::Json, None),
        (json!({}), Source::Json, None),
    ];
    for (value, source, expected) in table {
        let object = value.as_object().expect("an object");
        assert_eq!(detect(object, source), expected, "{value}");
    }
}

#[test]
fn a_v1_sequence() {
    let playbook = load("v1-sequence.json");
    assert_eq!(
        (playbook.name.as_str(), playbook.format, playbook.order),
        ("tidy-up", Format::V1, Order::Stages)
    );
    assert_eq!(playbook.variables, *json!({"Broom": "wide", "Depth": 0}).as_object().unwrap());
    assert_eq!(playbook.execution_profile, None);
    let [stage] = playbook.stages.as_slice() else { panic!("one stage") };
    assert!(!stage.keeps_order);
    assert_eq!(elements(&stage.steps[0]), ["0101,0105", "0110-0119", "0120"]);
    assert_eq!(playbook.metadata["created"], json!("2025-06-01T08:00:00Z"));
    assert_eq!(warnings(&playbook), [""; 0]);
}

#[test]
fn v1_stages_in_full() {
    let playbook = load("v1-stages.json");
    let requirements = &playbook.requirements;
    assert_eq!(requirements.power_shell.as_deref(), Some("7.2"));
    assert_eq!(requirements.modules, ["Oven"]);
    assert_eq!(requirements.tools, ["knife"]);
    assert_eq!(requirements.platforms, ["Linux"]);
    assert_eq!(requirements.permissions, ["kitchen"]);
    assert_eq!(playbook.metadata["estimatedDuration"], json!("3-4 hours"));
    assert_eq!(playbook.metadata["author"], json!("The baker"));
    assert_eq!(playbook.execution_profile.as_deref(), Some("Standard"));
    assert_eq!(playbook.env["KITCHEN"], json!("small"));

    let names: Vec<_> = playbook.profiles.iter().map(|profile| profile.name.as_str()).collect();
    assert_eq!(names, ["short", "full", "late"]);
    assert_eq!(playbook.profiles[0].exclude_stages, ["Second Rise"]);
    assert_eq!(
        playbook.profiles[1].stages.as_deref(),
        Some(["Mix".to_owned(), "Bake".to_owned()].as_slice())
    );
    assert_eq!(playbook.profiles[1].overrides["loaves"], json!(4));

    let options = &playbook.options;
    assert_eq!(options.parallel, Some(false));
    assert_eq!(options.max_concurrency, Some(3));
    assert_eq!(options.continue_on_error, Some(true));
    assert_eq!(options.timeout, Some(9000));
    assert_eq!((options.generate_summary, options.capture_output), (Some(true), Some(true)));
    assert_eq!(options.summary_path.as_deref(), Some("reports/bread.md"));
    assert_eq!(options.summary_format.as_deref(), Some("Markdown"));

    let ids: Vec<_> = playbook.stages.iter().map(|stage| stage.id.as_str()).collect();
    assert_eq!(ids, ["Mix", "Second Rise", "Bake", "Bake (2)"]);
    let [mix, rise, bake, lamp] = playbook.stages.as_slice() else { panic!("four stages") };
    assert_eq!((mix.path.as_str(), mix.timeout), ("stages[0]", Some(300)));
    assert_eq!(mix.continue_on_error, Some(json!(false)));
    assert_eq!(mix.variables["Bowl"], json!("{{flour}}"));
    assert_eq!(rise.condition.as_deref(), Some("{{hurry}} == false"));
    assert_eq!((rise.retries, rise.retry_delay), (Some(2), Some(5)));
    assert_eq!(elements(&rise.steps[0]), ["0202"]);
    assert_eq!(bake.parallel, Some(true));
    assert_eq!(bake.templates, *json!({"maxParallel": "{{loaves}}"}).as_object().unwrap());
    assert_eq!(lamp.name, "Bake");
    let texts: Vec<_> = lamp.steps.iter().map(inline).collect();
    assert_eq!(texts, ["'before'", "'lamp'", "'after'"]);
    assert_eq!(lamp.steps[1].shell.as_deref(), Some("pwsh"));

    let kinds: Vec<_> = playbook.post_actions.iter().map(|action| action.kind.as_str()).collect();
    assert_eq!(kinds, ["display", "openFile", "script", "script"]);
    assert_eq!(playbook.post_actions[1].condition.as_deref(), Some("fileExists"));
    assert_eq!(playbook.post_actions[2].work, Work::Sequence { elements: vec!["0290".into()] });
    assert_eq!(playbook.post_actions[2].parameters["Format"], json!("All"));
    assert_eq!(playbook.post_actions[3].work, Work::Inline { text: "Write-Host 'crumbs'".into() });

    let notifications = &playbook.notifications;
    let success = notifications.on_success.as_ref().unwrap();
    assert_eq!(
        (success.level.as_str(), success.channels.as_slice()),
        ("Success", ["console".into(), "log".into()].as_slice())
    );
    assert_eq!(notifications.on_failure.as_ref().unwrap().level, "Information");
    assert_eq!(notifications.on_warning.as_ref().unwrap().message, "The crust is dark");
    assert_eq!(playbook.pre_conditions[0].message, "There is no flour");
    assert_eq!(playbook.post_conditions[0].condition, "$loaves -gt 0");
    assert_eq!(playbook.reporting["outputPath"], json!("reports"));
    assert_eq!(warnings(&playbook).len(), 1, "{:?}", playbook.warnings);
    assert!(warnings(&playbook)[0].starts_with("integrations: is not honoured"));
}

#[test]
fn a_map_of_stages_with_an_order() {
    let playbook = load("v1-map.json");
    let ids: Vec<_> = playbook.stages.iter().map(|stage| stage.id.as_str()).collect();
    assert_eq!(ids, ["post", "write"]);
    let [post, write] = playbook.stages.as_slice() else { panic!("two stages") };
    assert_eq!(post.steps.iter().map(|step| elements(step)[0]).collect::<Vec<_>>(), ["0304", "0305"]);
    assert_eq!(write.name, "Write the letter");
    assert_eq!(elements(&write.steps[0]), ["0301"]);
    assert_eq!(write.steps[0].parameters, *json!({"Pages": 2, "Sign": true}).as_object().unwrap());
    assert_eq!(write.steps[0].continue_on_error, Some(json!(true)));
    assert_eq!(write.steps[0].path, "stages.write.scripts[0]");
    assert_eq!((elements(&write.steps[1]), write.steps[1].timeout), (vec!["0302"], Some(10)));
    assert!(warnings(&playbook)[0].contains("'forget'"));
}

#[test]
fn a_stage_that_the_order_misspells_is_an_error() {
    let mut value = fixture("v1-map.json");
    value["executionOrder"] = json!(["post", "wrote"]);
    let error = refusal(value);
    assert_eq!(error.code(), "playbook.unknown-stage");
    assert!(error.to_string().contains("'wrote'"), "{error}");
    assert!(error.hint().unwrap().contains("write, forget, post"), "{:?}", error.hint());
}

#[test]
fn v2_in_full() {
    let playbook = load("v2.json");
    assert_eq!((playbook.name.as_str(), playbook.version.as_str()), ("survey-coast", "1.2.0"));
    assert_eq!((playbook.format, playbook.order), (Format::V2, Order::Stages));
    assert_eq!(playbook.metadata["githubWorkflow"], json!("survey.yml"));
    assert_eq!(playbook.requirements.tools, ["git"]);
    assert_eq!(playbook.secrets, ["Token"]);
    let cache = playbook.cache.as_ref().unwrap();
    assert_eq!(cache.inputs.as_deref(), Some(["charts/**".to_owned()].as_slice()));
    assert_eq!(
        (cache.outputs.as_slice(), cache.env.as_slice()),
        (["reports/**".into()].as_slice(), ["TIDE".into()].as_slice())
    );

    let options = &playbook.options;
    assert_eq!((options.parallel, options.max_concurrency), (Some(true), Some(6)));
    assert_eq!((options.fail_fast, options.timeout), (Some(false), Some(3600)));
    assert_eq!(playbook.env["TIDE"], json!("low"));
    assert_eq!(playbook.defaults.retries, Some(1));
    assert_eq!(playbook.defaults.working_directory.as_deref(), Some("charts"));
    assert_eq!(playbook.variables["Depth"], json!(4));
    assert_eq!(playbook.profiles[0].overrides["Side"], json!(["east"]));

    let [sound, look, draw, compare, bind] = playbook.stages.as_slice() else { panic!("five stages") };
    assert_eq!(sound.matrix, Some(json!({"Side": ["east", "west"], "Turn": [1, 2]})));
    assert_eq!(sound.variables, *json!({"Line": "{{Depth}}"}).as_object().unwrap());
    assert_eq!(elements(&sound.steps[0]), ["0401", "0403"]);
    assert_eq!((sound.parallel, sound.timeout, sound.retries), (Some(true), Some(600), Some(2)));
    assert_eq!(sound.path, "orchestration.stages[0]");

    assert_eq!((look.parallel, look.max_parallel, look.fail_fast), (Some(true), Some(2), Some(true)));
    assert!(look.steps.is_empty());
    let jobs: Vec<_> = look.jobs.iter().map(|job| (job.id.as_str(), &job.variables["Kind"])).collect();
    assert_eq!(jobs, [("Birds", &json!("gull")), ("Boats", &json!("sloop"))]);
    assert_eq!(look.jobs[1].continue_on_error, Some(json!(true)));
    assert_eq!(look.jobs[1].path, "orchestration.stages[1].jobs[1]");

    assert_eq!((draw.matrix.as_ref(), draw.variables.len()), (None, 0));
    let uses =
        Uses { playbook: "core/compare".into(), with: json!({"Year": 1899}).as_object().unwrap().clone() };
    assert_eq!(compare.uses, Some(uses));
    assert_eq!(elements(&bind.steps[0]), ["0420"]);
    assert_eq!(bind.steps[0].parameters["Path"], json!("{{Depth}}"));
    assert_eq!(playbook.inputs[0].kind, InputKind::Number);
    assert!(playbook.inputs[0].required);
    assert_eq!(playbook.inputs[1].default, Some(json!("blue")));
    assert_eq!(warnings(&playbook), [""; 0]);
}

#[test]
fn v3_in_full() {
    let playbook = load("v3.json");
    assert_eq!((playbook.format, playbook.order), (Format::V3, Order::Needs));
    let concurrency = playbook.concurrency.as_ref().unwrap();
    assert_eq!(concurrency.group.as_deref(), Some("press-${{ inputs.edition }}"));
    assert!(concurrency.cancel_in_progress);
    assert_eq!(playbook.options.max_concurrency, Some(2));
    assert_eq!(playbook.defaults.shell.as_deref(), Some("pwsh"));
    assert_eq!(playbook.defaults.working_directory.as_deref(), Some("press"));
    assert_eq!(playbook.inputs[0].name, "edition");

    let [set, print, fold] = playbook.stages.as_slice() else { panic!("three jobs") };
    assert_eq!((set.id.as_str(), set.name.as_str()), ("set", "Set the type"));
    assert_eq!(set.env["FONT"], json!("Garamond"));
    assert_eq!(set.variables["FONT"], json!("Garamond"), "env of a job are variables of its scripts");
    assert_eq!(set.outputs["lines"], json!("${{ steps.count.outputs.lines }}"));
    let [count, ink, roll, checkout, proofread, each] = set.steps.as_slice() else { panic!("six steps") };
    assert_eq!((count.id.as_deref(), elements(count)), (Some("count"), vec!["0501-0503"]));
    assert_eq!(count.condition.as_deref(), Some("always()"));
    assert_eq!((count.timeout, count.retries), (Some(30), Some(3)));
    assert_eq!(count.outputs["lines"], json!("$result.Lines"));
    assert_eq!(count.parameters["Exact"], json!(true));
    assert_eq!(count.env["LAMP"], json!(1));
    assert_eq!(count.continue_on_error, Some(json!(true)));
    assert_eq!((inline(ink), ink.shell.as_deref()), ("Write-Host 'ink'", Some("bash")));
    assert_eq!(ink.working_directory.as_deref(), Some("ink"));
    assert_eq!((inline(roll), roll.timeout), ("'roll'", Some(120)));
    assert_eq!(inline(checkout), "'paper is here'");
    let with = json!({"pages": 4}).as_object().unwrap().clone();
    assert_eq!(proofread.work, Work::Uses(Uses { playbook: "core/proofread".into(), with }));
    assert!(proofread.parameters.is_empty());
    assert_eq!(elements(each), ["${{ matrix.number }}"]);

    assert_eq!(print.needs, ["set"]);
    assert_eq!(print.matrix.as_ref().unwrap()["include"], json!([{"paper": "pink"}]));
    assert_eq!((print.fail_fast, print.max_parallel, print.timeout), (Some(false), Some(2), Some(90)));
    assert_eq!(print.continue_on_error, Some(json!("${{ matrix.paper == 'pink' }}")));
    assert_eq!(fold.needs, ["set", "print"]);
    assert_eq!(fold.matrix, Some(json!("${{ fromJSON(jobs.set.outputs.lines) }}")));
    assert_eq!(fold.concurrency.as_ref().unwrap().group.as_deref(), Some("table"));
    assert_eq!(fold.uses.as_ref().unwrap().playbook, "fold-paper");

    let said = warnings(&playbook);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("orchestration.jobs.set.steps[3].uses: is not honoured"));
    assert!(said[1].starts_with("orchestration.jobs.print.permissions: is not honoured"));
}

#[test]
fn a_list_in_full() {
    let playbook = load("list.json");
    assert_eq!((playbook.format, playbook.name.as_str()), (Format::List, "walk-dog"));
    let [stage] = playbook.stages.as_slice() else { panic!("one stage") };
    assert!(stage.keeps_order);
    assert_eq!(stage.parallel, Some(false));
    let order: Vec<_> = stage.steps.iter().map(|step| elements(step)[0]).collect();
    assert_eq!(order, ["0601", "0603", "0602", "0604", "0605", "0606", "0607-0609"]);
    let [lead, door, rain, park, ..] = stage.steps.as_slice() else { panic!("steps") };
    assert_eq!((lead.timeout, lead.retries), (Some(60), Some(1)));
    assert_eq!(lead.continue_on_error, Some(json!(false)));
    assert_eq!((lead.description.as_str(), &lead.parameters["Colour"]), ("Find the lead", &json!("red")));
    assert_eq!((door.timeout, door.continue_on_error.as_ref()), (Some(5), Some(&json!(true))));
    assert_eq!((door.stage.as_deref(), &door.parameters["Wide"]), (Some("door"), &json!(true)));
    assert_eq!((rain.parallel, rain.group), (Some(true), Some(1)));
    assert_eq!(rain.condition.as_deref(), Some("$Rain -eq $false"));
    assert_eq!(park.retries, Some(2));
    assert_eq!(lead.path, "Sequence[0]");

    assert_eq!(playbook.options.continue_on_error, Some(true));
    assert_eq!(playbook.options.summary_format.as_deref(), Some("JSON"));
    assert_eq!(playbook.success.require_all, Some(false));
    assert_eq!(playbook.success.minimum_count, Some(3));
    assert_eq!(playbook.success.critical, ["0601", "0602"]);
    assert_eq!(playbook.success.allowed_failures, ["0605"]);
    assert_eq!(playbook.pre_conditions[0].name, "Dog");
    assert_eq!(playbook.notifications.on_start.as_ref().unwrap().message, "Leash!");
    assert_eq!(playbook.artifacts.required, ["reports/walk.md"]);
    assert!(playbook.artifacts.validate);
    assert_eq!(playbook.profiles[0].exclude_stages, ["door"]);
    assert_eq!(warnings(&playbook).len(), 1, "{:?}", playbook.warnings);
    assert!(warnings(&playbook)[0].starts_with("PostExecution.CreateIndex"));
}

#[test]
fn a_script_list_in_full() {
    let playbook = load("scripts.json");
    assert_eq!(playbook.format, Format::Scripts);
    assert_eq!(playbook.options.parallel, Some(false));
    assert_eq!(playbook.options.continue_on_error, Some(true));
    assert_eq!(playbook.options.timeout, Some(600));
    let steps = &playbook.stages[0].steps;
    assert_eq!(steps.iter().map(|step| elements(step)[0]).collect::<Vec<_>>(), ["0701", "0703", "0702"]);
    assert_eq!(steps[0].continue_on_error, Some(json!(false)));
    assert_eq!(steps[1].continue_on_error, Some(json!(true)), "Required = $false");
    assert_eq!((steps[1].name.as_str(), steps[1].stage.as_deref()), ("Fetch-Post", Some("Mend")));
    assert_eq!(playbook.success.minimum_rate, Some(0.5));
    assert_eq!(warnings(&playbook), [""; 0]);
}

#[test]
fn spellings_of_a_script() {
    let table = [
        (json!("0402"), "0402"),
        (json!(402), "0402"),
        (json!("402"), "0402"),
        (json!("0402_Run-UnitTests.ps1"), "0402"),
        (json!("./automation-scripts/0402_Run-UnitTests.ps1"), "0402"),
        (json!("library\\automation-scripts\\0402_Run-UnitTests"), "0402"),
        (json!("run 0402 please"), "0402"),
        (json!("0401-0404"), "0401-0404"),
        (json!("stage:Core"), "stage:Core"),
        (json!("{{number}}"), "{{number}}"),
    ];
    for (script, expected) in table {
        let value = json!({"Sequence": [{"Script": script}]});
        let playbook = document(value, Source::Psd1).expect("a playbook");
        assert_eq!(elements(&playbook.stages[0].steps[0]), [expected], "{script}");
    }
    for script in [json!("Run-UnitTests"), json!(""), json!(12345), json!(true), json!({}), json!(-1)] {
        let error = refusal(json!({"Sequence": [{"Script": "0401"}, {"Script": script}]}));
        assert!(error.to_string().contains("Sequence[1].Script"), "{script}: {error}");
    }
    let error = refusal(json!({"Sequence": [{"Description": "nothing"}]}));
    assert!(error.to_string().contains("Sequence[0] names no script"), "{error}");
    assert!(error.to_string().contains("Script = '0402'"), "{error}");
}

#[test]
fn an_exclusion_in_a_list_acts_on_the_others() {
    let playbook = document(json!({"Sequence": ["0401-0404", "!0402", "0407"]}), Source::Psd1).unwrap();
    let steps = &playbook.stages[0].steps;
    assert_eq!(steps.len(), 2);
    assert_eq!(elements(&steps[0]), ["0401-0404", "!0402"]);
    assert_eq!(elements(&steps[1]), ["0407", "!0402"]);
}

#[test]
fn what_is_written_in_the_sequence_language() {
    for yes in [
        "0402",
        "402",
        "0401-0404",
        "0401, 0402",
        "04*",
        "*",
        "stage:Core",
        "tag:ci",
        "!0402",
        "0401-0404,!0402",
        "{{n}}",
        "04{{n}}",
        "stage:{{name}}",
        "${{ matrix.n }}",
    ] {
        assert!(is_sequence(yes), "{yes}");
    }
    for no in [
        "",
        "Get-Date",
        "0402; Remove-Item x",
        "04021",
        "echo 0402",
        "0401\n0402",
        "0401,",
        "$x",
        "stage:",
        "{{n}} | iex",
        "0402_Run.ps1",
    ] {
        assert!(!is_sequence(no), "{no}");
    }
}

#[test]
fn profiles_that_name_no_stage_are_warned_about() {
    let value = json!({
        "metadata": {}, "orchestration": {
            "stages": [{"name": "Unit Tests", "sequences": ["0402"]}],
            "profiles": {"quick": {"excludeStages": ["Unit Test", "Docs"]}}
        }
    });
    let playbook = document(value, Source::Json).unwrap();
    let said = warnings(&playbook);
    assert_eq!(said.len(), 2);
    assert!(said[0].contains("'Unit Test'") && said[0].contains("did you mean 'Unit Tests'?"), "{said:?}");
    assert!(said[1].contains("'Docs'") && !said[1].contains("did you mean"), "{said:?}");
}

#[test]
fn a_matrix_of_the_variables() {
    let playbook = stages(json!([
        {"name": "a", "sequences": ["0402"], "variables": {"MatrixDimensions": {"x": [1]}, "y": 2}},
        {"name": "b", "sequences": ["0402"], "variables": {"EnableMatrix": true}},
        {"name": "c", "sequences": ["0402"], "variables": {"MatrixDimensions": {"x": [1]}}, "strategy": {"matrix": {"z": [3]}}},
        {"name": "d", "sequences": ["0402"], "variables": {"enablematrix": "false", "matrixdimensions": {"x": [1]}}}
    ]));
    assert_eq!(playbook.stages[0].matrix, Some(json!({"x": [1]})));
    assert_eq!(playbook.stages[0].variables, *json!({"y": 2}).as_object().unwrap());
    assert_eq!(playbook.stages[1].matrix, None);
    assert_eq!(playbook.stages[2].matrix, Some(json!({"z": [3]})));
    assert_eq!((playbook.stages[3].matrix.as_ref(), playbook.stages[3].variables.len()), (None, 0));
    assert_eq!(playbook.warnings.len(), 3, "{:?}", playbook.warnings);
}

#[test]
fn settings_may_be_templates() {
    let mut playbook = stages(json!([{
        "name": "a", "sequences": ["0402"], "timeout": "{{limit}}", "retries": "{{n}}", "parallel": "{{side}}",
        "maxConcurrency": "{{most}}", "strategy": {"failFast": "${{ x }}"}
    }]));
    let stage = &mut playbook.stages[0];
    let mut names: Vec<_> = stage.templates.keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["failFast", "maxParallel", "parallel", "retries", "timeout"]);
    stage.settle("timeout", &json!(30)).unwrap();
    stage.settle("retries", &json!("2")).unwrap();
    stage.settle("parallel", &json!("true")).unwrap();
    stage.settle("maxParallel", &json!(4.0)).unwrap();
    stage.settle("failFast", &json!(false)).unwrap();
    assert_eq!((stage.timeout, stage.retries, stage.parallel), (Some(30), Some(2), Some(true)));
    assert_eq!((stage.max_parallel, stage.fail_fast), (Some(4), Some(false)));
    assert!(stage.templates.is_empty());
    let error = stage.settle("timeout", &json!("soon")).unwrap_err();
    assert!(error.to_string().contains("orchestration.stages[0].timeout"), "{error}");
}

#[test]
fn broken_json_has_a_position() {
    let error = text("{\n  \"name\": \"x\",\n  \"sequence\": [\"0402\" \"0403\"]\n}").unwrap_err();
    let problem = Problem::from(error);
    assert_eq!(problem.code, "playbook.broken-json");
    assert_eq!(problem.place.as_deref(), Some("books/one.json:3:23"));
    assert!(problem.message.contains("line 3, column 23"), "{}", problem.message);
    assert!(problem.message.contains("\"sequence\": [\"0402\" \"0403\"]"), "{}", problem.message);
}

#[test]
fn a_long_broken_line_is_shortened() {
    let error = text(&format!("{{\"name\": \"{}\", !}}", "ä".repeat(50_000))).unwrap_err();
    assert!(error.to_string().chars().count() < 250, "{error}");
    assert!(error.to_string().contains('…') && error.to_string().contains('!'), "{error}");
}

#[test]
fn texts_that_are_no_playbook() {
    for (source, code) in [
        ("", "playbook.broken-json"),
        ("   ", "playbook.broken-json"),
        ("[1]", "playbook.not-an-object"),
        ("\"0402\"", "playbook.not-an-object"),
        ("null", "playbook.not-an-object"),
        ("{}", "playbook.unknown-format"),
        ("{\"name\": \"x\", \"steps\": []}", "playbook.unknown-format"),
        ("{} x", "playbook.broken-json"),
        ("{\"a\": 1e999}", "playbook.broken-json"),
    ] {
        let error = text(source).unwrap_err();
        assert_eq!(error.code(), code, "{source}: {error}");
        assert!(error.place().is_some_and(|place| place.starts_with("books/one.json")), "{source}");
    }
    let hint = text("{}").unwrap_err().hint().unwrap();
    for word in ["Sequence", "Script = ", "Scripts", "orchestration.stages", "orchestration.jobs"] {
        assert!(hint.contains(word), "{hint}");
    }
    assert_eq!(parse(&ParseRequest::default()).unwrap_err().code(), "playbook.nothing-given");
}

#[test]
fn deep_nesting_is_refused() {
    let error =
        text(&format!("{{\"sequence\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000))).unwrap_err();
    assert_eq!(error.code(), "playbook.broken-json");
    assert!(error.to_string().contains("recursion limit"), "{error}");
}

#[test]
fn comments_and_trailing_commas_are_passed_over() {
    let playbook = text(
        "\u{feff}{ // a note\n \"sequence\": [\"0402\", /* two */ \"0403\",],\n \"name\": \"a//b\", }\n",
    )
    .unwrap();
    assert_eq!((playbook.name.as_str(), playbook.stages.len()), ("a//b", 1));
    assert_eq!(playbook.warnings.len(), 1);
    let error = text("{ // a note\n \"sequence\": [\"0402\" }").unwrap_err();
    assert!(error.to_string().starts_with("line "), "{error}");
}

#[test]
fn repeated_keys_are_warned_about() {
    let playbook =
        text(r#"{"sequence": ["0402"], "Name": "a", "name": "b", "variables": {"x": 1, "x": 2}}"#).unwrap();
    let said = warnings(&playbook).join("\n");
    assert!(said.contains("'x' is written twice"), "{said}");
    assert!(said.contains("name: is the same name as 'Name'"), "{said}");
    assert_eq!((playbook.name.as_str(), &playbook.variables["x"]), ("a", &json!(2)));
}

#[test]
fn keys_are_read_in_any_case_and_spelling() {
    let playbook = stages(
        json!([{"NAME": "a", "Sequences": ["0402"], "continue-on-error": true, "max_parallel": 2, "timeout-minutes": 1}]),
    );
    let stage = &playbook.stages[0];
    assert_eq!((stage.name.as_str(), stage.continue_on_error.as_ref()), ("a", Some(&json!(true))));
    assert_eq!((stage.max_parallel, stage.timeout), (Some(2), Some(60)));
    assert!(playbook.warnings.is_empty(), "{:?}", playbook.warnings);
}

#[test]
fn unknown_fields_are_named_with_the_nearest() {
    let value = json!({
        "metadata": {"name": "n", "descriptoin": "d", "ours": 1},
        "orchestration": {
            "stages": [{"name": "a", "sequences": ["0402"], "timout": 5, "retry": 1, "zebra": 2, "_note": "mine"}],
            "profils": {}
        },
        "notificatons": {}
    });
    let playbook = document(value, Source::Json).unwrap();
    let mut said = warnings(&playbook);
    said.sort();
    assert_eq!(
        said,
        [
            "metadata.descriptoin: unknown field 'descriptoin'; did you mean 'description'?",
            "notificatons: unknown field 'notificatons'; did you mean 'notifications'?",
            "orchestration.profils: unknown field 'profils'; did you mean 'profiles'?",
            "orchestration.stages[0].retry: unknown field 'retry'; did you mean 'retries'?",
            "orchestration.stages[0].timout: unknown field 'timout'; did you mean 'timeout'?",
            "orchestration.stages[0].zebra: unknown field 'zebra'; nothing is done with it",
        ]
    );
}

#[test]
fn loosely_written_values_are_accepted_with_a_warning() {
    let playbook = stages(
        json!([{"name": "a", "sequences": [402], "timeout": "300", "parallel": "true", "retries": 1.0}]),
    );
    let stage = &playbook.stages[0];
    assert_eq!((stage.timeout, stage.parallel, stage.retries), (Some(300), Some(true), Some(1)));
    assert_eq!(elements(&stage.steps[0]), ["0402"]);
    assert_eq!(playbook.warnings.len(), 2, "{:?}", playbook.warnings);
}

#[test]
fn every_problem_is_reported() {
    let error = refusal(json!({
        "metadata": {"name": []},
        "orchestration": {"stages": [
            {"name": "a", "sequences": ["0402"], "timeout": "abc", "parallel": 3},
            {"name": "b", "sequences": {"x": 1}, "retries": -1},
            "c"
        ]}
    }));
    let message = error.to_string();
    for expected in [
        "metadata.name must be text, found a list of 0",
        "orchestration.stages[0].timeout must be a whole number of seconds, 0 or more, found \"abc\"",
        "orchestration.stages[0].parallel must be true or false, found 3",
        "orchestration.stages[1].sequences must be a sequence",
        "orchestration.stages[1].retries must be a whole number",
        "orchestration.stages[2] must be an object, found \"c\"",
    ] {
        assert!(message.contains(expected), "{expected} in\n{message}");
    }
    let PlaybookError::Problems { problems, .. } = &error else { panic!("problems") };
    assert_eq!((problems.len(), error.code()), (6, "playbook.wrong-type"));
    assert_eq!(error.place().as_deref(), Some("some/where.json"));

    let many: Vec<Value> = (0..50).map(|_| json!({"sequences": true})).collect();
    let message = refusal(json!({"metadata": {}, "orchestration": {"stages": many}})).to_string();
    assert!(message.ends_with("and 30 more"), "{message}");
}

/// Tables whose contents are the user's own, and fields that are named in a warning anyway.
const FREE: [&str; 14] = [
    "variables",
    "defaultVariables",
    "Parameters",
    "Params",
    "params",
    "parameters",
    "with",
    "overrides",
    "matrix",
    "MatrixDimensions",
    "integrations",
    "permissions",
    "default",
    "CreateIndex",
];

/// Every place in a document, but for what [`FREE`] holds.
fn places(value: &Value, path: &str, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, member) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let pointer = format!("{pointer}/{key}");
                let is_free = FREE.iter().any(|name| name.eq_ignore_ascii_case(key));
                let takes_anything = ["integrations", "permissions", "default", "CreateIndex", "$schema"];
                // `requirements.permissions` is a list of texts, a job's are not looked at.
                if !takes_anything.contains(&key.as_str()) {
                    found.push((path.clone(), pointer.clone()));
                }
                if !is_free {
                    places(member, &path, &pointer, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let (path, pointer) = (format!("{path}[{index}]"), format!("{pointer}/{index}"));
                found.push((path.clone(), pointer.clone()));
                places(item, &path, &pointer, found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_wrong_type_in_any_field_is_an_error_that_names_it() {
    let mut tried = 0;
    for (name, source) in FIXTURES {
        let whole = fixture(name);
        let mut found = Vec::new();
        places(&whole, "", "", &mut found);
        for (path, pointer) in found {
            let mut broken = whole.clone();
            *broken.pointer_mut(&pointer).expect("a place") = json!([[true]]);
            let error = match document(broken, source) {
                Err(error) => error,
                Ok(_) => panic!("{name}: a wrong type at {path} is accepted"),
            };
            let PlaybookError::Problems { problems, .. } = &error else {
                // Without its main part a document is of no format.
                assert_eq!(error.code(), "playbook.unknown-format", "{name} {path}");
                continue;
            };
            let named = problems.iter().any(|problem| problem.to_string().starts_with(path.as_str()));
            assert!(named, "{name}: {path} is not named by {error}");
            tried += 1;
        }
    }
    assert!(tried > 250, "{tried}");
}

#[test]
fn ten_thousand_stages_are_read_quickly() {
    let many: Vec<Value> = (0..10_000)
        .map(|n| {
            json!({"name": format!("Stage {n}"), "description": "One of many", "sequences": ["0402"],
                   "variables": {"All": true}, "continueOnError": false, "timeout": 180, "tpyo": 1})
        })
        .collect();
    let source = json!({"metadata": {"name": "many"}, "orchestration": {"stages": many}}).to_string();
    let playbook = text(&source).unwrap();
    assert_eq!(playbook.stages.len(), 10_000);
    assert_eq!(playbook.warnings.len(), 1_001, "a thousand and how many more");
}

#[test]
fn a_playbook_that_is_too_large_is_refused() {
    let mut source = String::from("{\"sequence\": [\"0402\"], \"description\": \"");
    source.extend(std::iter::repeat_n('x', MOST_BYTES));
    source.push_str("\"}");
    let error = text(&source).unwrap_err();
    assert_eq!(error.code(), "playbook.too-large");
}

#[test]
fn names_come_from_the_file_where_there_is_none() {
    let playbook = text("{\"sequence\": [\"0402\"]}").unwrap();
    assert_eq!((playbook.name.as_str(), playbook.stages[0].name.as_str()), ("one", "one"));
}

#[test]
fn a_playbook_without_scripts_is_warned_about() {
    for value in [
        json!({"sequence": []}),
        json!({"metadata": {}, "orchestration": {}}),
        json!({"metadata": {}, "orchestration": {"jobs": {}}}),
    ] {
        let playbook = document(value, Source::Json).unwrap();
        assert!(warnings(&playbook).iter().any(|text| text.contains("nothing to run")), "{playbook:?}");
    }
}

#[test]
fn the_schema_check() {
    assert_eq!(check(&load("v3.json")), []);
    let value = json!({
        "metadata": {"name": "-Bad name", "description": "short", "version": "one", "category": "fun",
                     "estimatedDuration": "Variable"},
        "requirements": {"platforms": ["Amiga"]},
        "orchestration": {
            "defaults": {"timeout": 5, "retries": 6},
            "jobs": {"1st": {"timeout": 10, "steps": [{"id": "a b", "run": "0402", "timeout": 0, "retries": 11}]}}
        },
        "notifications": {"onStart": {"message": "", "level": "Loud", "channels": ["fax"]}},
        "reporting": {"formats": ["Stone"]}
    });
    let found = check(&document(value, Source::Json).unwrap());
    let paths: Vec<_> = found.iter().map(|warning| warning.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "metadata.name",
            "metadata.description",
            "metadata.version",
            "metadata.category",
            "metadata.estimatedDuration",
            "requirements.platforms",
            "orchestration.defaults.timeout",
            "orchestration.defaults.retries",
            "orchestration.jobs.1st.timeout",
            "orchestration.jobs.1st",
            "orchestration.jobs.1st.steps[0].timeout",
            "orchestration.jobs.1st.steps[0].retries",
            "orchestration.jobs.1st.steps[0].id",
            "notifications.onStart.level",
            "notifications.onStart.channels",
            "notifications.onStart.message",
            "reporting.formats",
        ]
    );
}

#[test]
fn places_are_found_in_the_text() {
    let source = "{\n  \"a\": [1, {\"b\\\"c\": \"]\"}],\n  \"d.e\": {\"f\": [\n    true\n  ]}\n}";
    let table = [
        ("", Some((1, 1))),
        ("a", Some((2, 8))),
        ("a[1]", Some((2, 12))),
        ("[\"d.e\"].f[0]", Some((4, 5))),
        ("a[2]", None),
        ("b", None),
        ("a.b", None),
        ("a[", None),
    ];
    for (path, expected) in table {
        assert_eq!(locate(source, path), expected, "{path}");
    }
}

fn input(name: &str, kind: InputKind, required: bool, default: Option<Value>) -> Input {
    Input { name: name.into(), kind, required, default, description: String::new() }
}

fn with(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

#[test]
fn inputs_are_typed() {
    let playbook = Playbook {
        name: "inner".into(),
        inputs: vec![
            input("Target", InputKind::String, true, None),
            input("Count", InputKind::Number, false, Some(json!(3))),
            input("Fast", InputKind::Boolean, false, None),
        ],
        ..Playbook::default()
    };
    let bind = |value| bind_inputs(&playbook, &with(value));
    assert_eq!(bind(json!({"Target": "x"})).unwrap(), with(json!({"Target": "x", "Count": 3})));
    assert_eq!(
        bind(json!({"target": 7, "Count": "2.5", "Fast": "Yes"})).unwrap(),
        with(json!({"Target": "7", "Count": 2.5, "Fast": true}))
    );
    assert_eq!(
        bind(json!({"Target": "x", "variables": {"Depth": 1}})).unwrap(),
        with(json!({"Target": "x", "Count": 3, "Depth": 1}))
    );

    let missing = bind(json!({"Count": 1})).unwrap_err();
    assert_eq!(missing.to_string(), "the playbook 'inner' needs the input 'Target'");
    let unknown = bind(json!({"Target": "x", "Cuont": 1})).unwrap_err();
    assert_eq!(unknown.to_string(), "the playbook 'inner' has no input 'Cuont'");
    assert_eq!(unknown.hint().as_deref(), Some("Did you mean 'Count'?"));
    for wrong in
        [json!({"Target": []}), json!({"Target": "x", "Count": "many"}), json!({"Target": "x", "Fast": 2})]
    {
        assert_eq!(bind(wrong.clone()).unwrap_err().code(), "playbook.input-type", "{wrong}");
    }
}

#[test]
fn a_playbook_without_inputs_takes_its_variables() {
    let playbook =
        Playbook { name: "inner".into(), variables: with(json!({"Depth": 1})), ..Playbook::default() };
    assert_eq!(bind_inputs(&playbook, &with(json!({"depth": [2]}))).unwrap(), with(json!({"Depth": [2]})));
    assert_eq!(
        bind_inputs(&playbook, &with(json!({"Depht": 2}))).unwrap_err().code(),
        "playbook.unknown-input"
    );
}

#[test]
fn a_default_of_another_type_is_an_error() {
    let error = refusal(json!({"sequence": "0402", "inputs": {"n": {"type": "number", "default": "many"}}}));
    assert_eq!(error.to_string(), "inputs.n.default must be a number, found \"many\"");
    let error = refusal(json!({"sequence": "0402", "inputs": {"n": {"type": "date"}}}));
    assert!(error.to_string().contains("one of string, number and boolean"), "{error}");
}

#[test]
fn playbooks_may_be_nested_ten_levels() {
    let mut chain = Chain::new("0");
    for level in 1..=MOST_LEVELS {
        chain = chain.enter(level.to_string()).expect("a level");
        assert_eq!(chain.level(), level);
    }
    let error = chain.enter("11").unwrap_err();
    assert_eq!(error.code(), "playbook.too-deep");
    assert!(error.to_string().ends_with("9 → 10 → 11"), "{error}");
}

#[test]
fn a_circle_of_playbooks_is_printed() {
    let chain = Chain::new("outer").enter("a.json").unwrap().enter("core\\b").unwrap();
    let error = chain.enter("./A").unwrap_err();
    assert_eq!(error.to_string(), "playbooks use each other in a circle: a.json → core\\b → ./A");
    let error = Chain::new("a").enter("b").unwrap().enter("a").unwrap_err();
    assert_eq!(error.to_string(), "playbooks use each other in a circle: a → b → a");
}

/// Any JSON, with the names that playbooks have among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["0402", "{{x}}", "0401-0404", "a@b", "true", "300", "Parallel", "!0402"])
            .prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "metadata",
        "orchestration",
        "stages",
        "jobs",
        "sequence",
        "Sequence",
        "Scripts",
        "scripts",
        "steps",
        "variables",
        "MatrixDimensions",
        "EnableMatrix",
        "timeout",
        "timeout-minutes",
        "run",
        "uses",
        "with",
        "script",
        "name",
        "id",
        "path",
        "needs",
        "strategy",
        "matrix",
        "profiles",
        "options",
        "inputs",
        "type",
        "default",
        "outputs",
        "value",
        "executionOrder",
        "consolidation",
        "SuccessCriteria",
        "condition",
        "MinimumSuccessRate",
        "notifications",
        "onStart",
        "requirements",
        "postActions",
        "inline",
        "env",
        "group",
    ]);
    leaf.prop_recursive(6, 120, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|members| {
                Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_document_is_too_strange(value in any_json(), psd1 in any::<bool>()) {
        let source = if psd1 { Source::Psd1 } else { Source::Json };
        let playbook = document(value.clone(), source);
        let wrapped = document(json!({"metadata": value, "orchestration": value, "stages": value}), source);
        for playbook in [playbook, wrapped].into_iter().flatten() {
            check(&playbook);
            let _ = serde_json::to_string(&playbook);
            let _ = bind_inputs(&playbook, &Map::new());
        }
    }

    #[test]
    fn no_text_is_too_strange(source in "[\\[\\]{}\",:/*a0\\\\ \n\u{feff}ä]{0,60}") {
        let _ = text(&source);
        let _ = locate(&source, &source);
    }

    #[test]
    fn a_place_is_found_wherever_there_is_one(value in any_json()) {
        let source = serde_json::to_string_pretty(&value).unwrap();
        let mut found = Vec::new();
        places(&value, "", "", &mut found);
        for (path, pointer) in found {
            let (line, column) = locate(&source, &path).expect("a place");
            let rest: String = source.lines().nth(line - 1).unwrap().chars().skip(column - 1).collect();
            let expected = value.pointer(&pointer).unwrap().to_string();
            let first = expected.chars().next().unwrap();
            prop_assert!(rest.starts_with(first), "{path}: {rest} is not {expected}");
        }
    }
}
