//! Reports: well formed whatever scripts write, and the same text for the same run.

use aither_orchestration::{
    report::{render, write, Document, Format, ScriptText, Stage, Target, Task, WriteRequest, Written},
    run::JobStatus,
};
use pulldown_cmark::{Event as Mark, HeadingLevel, Options, Parser, Tag};
use quick_xml::{events::Event, Reader};
use serde_json::{json, Map, Value};
use std::{collections::BTreeSet, env, fs, path::Path};

/// Breaks whatever does not escape it.
const HOSTILE: &str = "a|b `c` ```d``` </details> <script>alert(1)</script> **e** _f_ [g](javascript:h) \
    # i $j$ \u{1b}[31mred\u{1b}[0m \u{0}\u{7} ä🎯 &amp; ]]> --> \\ \"k\" 'l' %m ::error::n sesame";

const SYSTEMS: [&str; 3] = ["linux", "windows", "macOS"];

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

/// Three failures of different kinds, twelve combinations, and hostile text in every field.
fn hostile() -> Document {
    let multiline = format!("first\r\nsecond {HOSTILE}\n\n# heading\n- item\n> quote\n```\nfence");
    let mut jobs: Vec<Task> = (0..12)
        .map(|k| {
            let values = json!({ "os": SYSTEMS[k / 4], "text|`": format!("{k} {HOSTILE}") });
            Task {
                number: format!("0402-matrix-{k}"),
                script: "0402".into(),
                name: "0402_Run-UnitTests.ps1".into(),
                path: "/project/automation-scripts/0402_Run-UnitTests.ps1".into(),
                stage: format!("Test {HOSTILE}"),
                status: Some(JobStatus::Success),
                exit_code: Some(0),
                started_at: Some(1_762_353_015_000 + k as u64 * 250),
                duration_ms: 1_250.0 + k as f64,
                attempts: 1,
                cached: k == 3,
                saved_ms: (k == 3).then_some(61_000.0),
                matrix_id: Some(format!("os=x,text|`={k} {HOSTILE}")),
                matrix: Some(object(values)),
                ..Task::default()
            }
        })
        .collect();
    jobs[1].status = Some(JobStatus::Failure);
    jobs[1].exit_code = Some(1);
    jobs[1].error = Some(format!("{multiline} {}", "x".repeat(1024 * 1024)));
    jobs[1].error_type = Some("System.Exception".into());
    jobs[1].error_at = Some("0402_Run-UnitTests.ps1:7".into());
    jobs[1].log = (1..=30).map(|line| format!("line {line} {HOSTILE}")).collect();
    jobs[1].attempts = 3;
    jobs[2].status = Some(JobStatus::Failure);
    jobs[2].exit_code = Some(3);
    jobs[2].log = vec!["```".into(), "~~~".into(), "y".repeat(100_000)];
    jobs[5].status = Some(JobStatus::TimedOut);
    jobs[5].exit_code = Some(124);
    jobs[5].error = Some(format!("it ran out of time after 600 s {HOSTILE}"));
    jobs.push(Task {
        number: "0500".into(),
        script: "0500".into(),
        name: format!("0500 {HOSTILE}"),
        stage: String::new(),
        status: Some(JobStatus::Skipped),
        reason: Some(format!("it needs 0402-matrix-1 {HOSTILE}")),
        needs: vec!["0402-matrix-1".into()],
        ..Task::default()
    });
    jobs[0].outputs =
        object(json!({ "version": "1.2.0", "list|": [1, HOSTILE], HOSTILE: multiline.clone() }));
    Document {
        playbook: format!("nightly {HOSTILE}"),
        run_id: "20251105-143015-00c0ffee".into(),
        success: false,
        exit_code: 1,
        started_at: 1_762_353_015_000,
        duration_ms: 327_000.0,
        saved_ms: 61_000.0,
        variables: object(
            json!({ "testRun": HOSTILE, "deep": { "a": { "b": { "c": [1.5, true, null] } } } }),
        ),
        outputs: object(
            json!({ HOSTILE: { "version": "1.2.0", "list|": [1, HOSTILE], HOSTILE: multiline } }),
        ),
        secrets: vec!["sesame".into()],
        root: "/project".into(),
        texts: vec![
            ScriptText {
                number: "0402-matrix-0".into(),
                text: "## Coverage\n\n| a | b |\n|---|---|\n| 1 | 2 |".into(),
            },
            ScriptText {
                number: "0402-matrix-0".into(),
                text: "<details>\n\n```\nnever closed, sesame".into(),
            },
        ],
        stages: vec![Stage { name: format!("Test {HOSTILE}"), needs: Vec::new() }],
        jobs,
        ..Document::default()
    }
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

#[test]
fn the_summary_of_a_hostile_run_is_as_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports/hostile.md");
    let text = render(&hostile(), Format::Summary);
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert!(text == committed, "the summary differs from {}; UPDATE_SNAPSHOTS=1 rewrites it", path.display());
}

#[test]
fn a_hostile_summary_has_the_structure_of_a_harmless_one() {
    let text = render(&hostile(), Format::Summary);
    assert!(text.len() < 200_000, "{} bytes", text.len());
    assert!(!text.contains("sesame") && !text.contains('\u{1b}') && !text.contains('\u{0}'));
    let (mut headings, mut inside, mut fences) = (Vec::new(), None, Vec::new());
    let mut details = 0;
    for mark in Parser::new_ext(&text, options()) {
        match mark {
            Mark::Start(Tag::Heading(level, ..)) => inside = Some((level, String::new())),
            Mark::End(Tag::Heading(..)) => headings.extend(inside.take()),
            Mark::Text(text) | Mark::Code(text) => {
                if let Some((_, heading)) = &mut inside {
                    heading.push_str(&text);
                }
            }
            Mark::Start(Tag::CodeBlock(kind)) => fences.push(format!("{kind:?}")),
            Mark::Start(Tag::Link(_, to, _)) => panic!("a link to {to}"),
            Mark::Html(html) => {
                let html = html.trim();
                details += html.matches("<details>").count();
                details -= html.matches("</details>").count();
                let rest = html.replace("<summary>Last 20 lines of the log</summary>", "");
                let rest = rest.replace("<summary>Log</summary>", "");
                let rest =
                    ["<br>", "<details>", "</details>"].iter().fold(rest, |rest, tag| rest.replace(tag, ""));
                assert_eq!(rest.trim(), "", "HTML of others");
            }
            _ => {}
        }
    }
    assert_eq!(details, 0);
    let of_ours: Vec<(HeadingLevel, &str)> =
        headings.iter().map(|(level, text)| (*level, text.as_str())).collect();
    let expected = [
        (HeadingLevel::H1, "Orchestration Execution Summary"),
        (HeadingLevel::H2, "Results"),
        (HeadingLevel::H2, "Variables"),
        (HeadingLevel::H2, "Execution Details"),
        (HeadingLevel::H3, "❌ Failed Scripts"),
        (HeadingLevel::H3, "Matrix"),
        (HeadingLevel::H3, "Scripts"),
        (HeadingLevel::H3, "Outputs"),
        (HeadingLevel::H2, "From the scripts"),
    ];
    assert_eq!(of_ours[..expected.len()], expected);
    assert_eq!(
        of_ours[of_ours.len() - 2..],
        [(HeadingLevel::H2, "Coverage"), (HeadingLevel::H2, "Timeline")]
    );
    assert_eq!(of_ours.len(), expected.len() + 3);
    // Variables, the logs of two failures, the script's own, the timeline.
    assert_eq!(fences.len(), 5, "{fences:?}");
    assert!(fences[4].contains("mermaid"));
}

#[test]
fn every_row_of_a_table_has_the_cells_of_its_head() {
    let text = render(&hostile(), Format::Summary);
    let (mut head, mut cells, mut rows, mut tables) = (0, 0, 0, 0);
    for mark in Parser::new_ext(&text, options()) {
        match mark {
            Mark::Start(Tag::TableHead | Tag::TableRow) => cells = 0,
            Mark::Start(Tag::TableCell) => cells += 1,
            Mark::End(Tag::TableHead) => (head, tables) = (cells, tables + 1),
            Mark::End(Tag::TableRow) => {
                rows += 1;
                assert_eq!(cells, head);
            }
            _ => {}
        }
    }
    // The parser pads and cuts rows, so the text itself is counted too.
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut wanted = None;
    let mut in_fence = false;
    for line in text.lines() {
        in_fence ^= line.trim_start().starts_with("```");
        match (line.starts_with('|') && !in_fence, wanted) {
            (true, None) => wanted = Some(bars(line)),
            (true, Some(count)) => assert_eq!(bars(line), count, "{line}"),
            (false, _) => wanted = None,
        }
    }
    // Results, matrix, scripts, outputs, and the one that a script wrote.
    assert_eq!((tables, rows), (5, 7 + 12 + 1 + 3 + 1));
}

#[test]
fn the_guides_example_reads_as_the_guide_shows_it() {
    let job = |number: usize| Task {
        number: format!("04{number:02}"),
        name: format!("04{number:02}_A.ps1"),
        status: Some(JobStatus::Success),
        exit_code: Some(0),
        ..Task::default()
    };
    let document = Document {
        playbook: "ci-all-validations".into(),
        success: true,
        started_at: 1_762_353_015_000,
        duration_ms: 327_000.0,
        variables: object(json!({ "verbose": false, "failFast": false, "skipWorkflowCheck": true })),
        jobs: (0..9).map(job).collect(),
        ..Document::default()
    };
    let expected = "# Orchestration Execution Summary\n\n\
        **Playbook**: ci-all-validations  \n**Started**: 2025-11-05 14:30:15  \n\
        **Completed**: 2025-11-05 14:35:42  \n**Duration**: 00:05:27  \n**Status**: ✅ Success\n\n\
        ## Results\n\n| Metric | Count |\n|--------|-------|\n| Total Scripts | 9 |\n| Completed | 9 ✅ |\n\
        | Failed | 0 ❌ |\n| Success Rate | 100% |\n\n\
        ## Variables\n\n```json\n{\n  \"verbose\": false,\n  \"failFast\": false,\n  \"skipWorkflowCheck\": true\n}\n```\n\n\
        ## Execution Details\n\nAll stages completed successfully.\n";
    let text = render(&document, Format::Summary);
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn a_failure_always_has_a_text_and_its_exit_code() {
    let mut document = Document::default();
    document.jobs.push(Task {
        number: "0402".into(),
        name: "0402_A.ps1".into(),
        status: Some(JobStatus::Failure),
        exit_code: Some(3),
        ..Task::default()
    });
    let text = render(&document, Format::Summary);
    assert!(text.contains("- **0402**: Script exited with code: 3\n"), "{text}");
    assert!(text.contains("exit code 3, "), "{text}");
    assert!(text.contains("1 of 1 script failed."), "{text}");
}

#[test]
fn a_run_of_nothing_divides_by_nothing() {
    let text = render(&Document::default(), Format::Summary);
    assert!(text.contains("| Success Rate | 0% |"));
    for format in [Format::JUnit, Format::Json, Format::Xml, Format::Annotations, Format::Html] {
        render(&Document::default(), format);
    }
}

/// An element: its name, its attributes, and the name of the element around it.
type Element = (String, Vec<(String, String)>, String);

/// What a schema says of an element: its name, parents, required and optional attributes.
type Rule<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

/// The elements in the order of their starts; checks that they are balanced.
fn elements(xml: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(xml);
    let (mut found, mut open) = (Vec::new(), Vec::<String>::new());
    loop {
        let event =
            reader.read_event().unwrap_or_else(|error| panic!("{error} at {}", reader.buffer_position()));
        match event {
            Event::Start(start) | Event::Empty(start) if !xml.is_empty() => {
                let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
                let attribute = |it: quick_xml::events::attributes::Attribute| {
                    let key = String::from_utf8(it.key.as_ref().to_vec()).unwrap();
                    (key, it.unescape_value().unwrap().into_owned())
                };
                let attributes = start.attributes().map(|it| attribute(it.unwrap())).collect();
                found.push((name.clone(), attributes, open.last().cloned().unwrap_or_default()));
                if xml[..reader.buffer_position()].ends_with("/>") {
                    continue;
                }
                open.push(name);
            }
            Event::End(_) => assert!(open.pop().is_some()),
            Event::Text(text) => drop(text.unescape().unwrap()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
    found
}

#[test]
fn junit_has_the_elements_and_attributes_of_jenkins_schema() {
    // https://github.com/jenkinsci/xunit-plugin, junit-10.xsd: element, parents, required and optional attributes.
    let schema: [Rule; 7] = [
        ("testsuites", &[""], &[], &["name", "time", "tests", "failures", "disabled", "errors"]),
        (
            "testsuite",
            &["testsuites"],
            &["name", "tests"],
            &["failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"],
        ),
        ("testcase", &["testsuite"], &["name"], &["classname", "assertions", "time", "status"]),
        ("failure", &["testcase"], &[], &["type", "message"]),
        ("error", &["testcase"], &[], &["type", "message"]),
        ("skipped", &["testcase"], &[], &["type", "message"]),
        ("system-out", &["testcase", "testsuite"], &[], &[]),
    ];
    let document = hostile();
    let xml = render(&document, Format::JUnit);
    assert!(xml.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()));
    let found = elements(&xml);
    for (name, attributes, parent) in &found {
        let (_, parents, required, optional) = schema
            .iter()
            .find(|(known, ..)| known == name)
            .unwrap_or_else(|| panic!("<{name}> is not in the schema"));
        assert!(parents.contains(&parent.as_str()), "<{name}> in <{parent}>");
        let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
        assert!(required.iter().all(|it| names.contains(it)), "<{name}>: {names:?}");
        assert!(names.iter().all(|it| required.contains(it) || optional.contains(it)), "<{name}>: {names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
    let count = |wanted: &str| found.iter().filter(|(name, ..)| name == wanted).count();
    assert_eq!(count("testcase"), document.jobs.len());
    assert_eq!((count("failure"), count("error"), count("skipped")), (2, 1, 1));
    let suites = found.iter().find(|(name, ..)| name == "testsuites").unwrap();
    for (name, value) in [("tests", "13"), ("failures", "2"), ("errors", "1")] {
        assert!(suites.1.contains(&(name.into(), value.into())), "{:?}", suites.1);
    }
}

#[test]
fn xml_json_and_annotations_are_well_formed_and_keep_secrets() {
    let document = hostile();
    let found = elements(&render(&document, Format::Xml));
    assert_eq!(found.iter().filter(|(name, ..)| name == "Job").count(), 13);
    let json: Value = serde_json::from_str(&render(&document, Format::Json)).unwrap();
    assert_eq!(json["Jobs"].as_array().unwrap().len(), 13);
    assert_eq!((&json["Failed"], &json["Jobs"][5]["Status"]), (&json!(3), &json!("TimedOut")));
    let annotations = render(&document, Format::Annotations);
    assert_eq!(annotations.lines().filter(|line| line.starts_with("::error file=")).count(), 3);
    for format in [Format::Xml, Format::Json, Format::Annotations, Format::StepOutputs, Format::Html] {
        assert!(!render(&document, format).contains("sesame"), "{format:?}");
    }
}

#[test]
fn the_page_brings_nothing_from_elsewhere_and_runs_nothing() {
    let page = render(&hostile(), Format::Html);
    let lower = page.to_lowercase();
    for forbidden in [
        "<script",
        "<img",
        "<iframe",
        "<link",
        "src=",
        "url(",
        "@import",
        "javascript:",
        " onload",
        "http://",
    ] {
        assert!(!lower.replace("&lt;", "").contains(forbidden) || forbidden == "javascript:", "{forbidden}");
    }
    assert!(!lower.contains("href=\"javascript"));
    // Every link leads to a job of the page.
    for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let target = link.strip_prefix('#').unwrap_or_else(|| panic!("{link}"));
        assert!(target.is_empty() || page.contains(&format!("id=\"{target}\"")), "{link}");
    }
    let count = |text: &str| page.matches(text).count();
    for tag in ["svg", "details", "section", "table", "pre", "summary", "g", "a", "text", "div"] {
        let opened = count(&format!("<{tag}>")) + count(&format!("<{tag} "));
        assert_eq!(opened, count(&format!("</{tag}>")), "{tag}");
    }
    assert_eq!(count("<svg"), 2);
}

#[test]
fn two_reports_of_one_name_are_two_files() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target {
        folder: Some(folder.path().join("reports/orchestration")),
        stem: "summary-2025-11-05-143022".into(),
        extension: "md".into(),
        ..Target::default()
    };
    let request =
        WriteRequest { format: Format::Summary, document: Document::default(), target: Some(target) };
    let paths: Vec<String> = (0..3)
        .map(|_| match write(&request).unwrap() {
            Written::Path(path) => path,
            Written::Text(text) => panic!("{text}"),
        })
        .collect();
    let names: Vec<&str> = paths.iter().map(|path| path.rsplit(['/', '\\']).next().unwrap()).collect();
    let stem = "summary-2025-11-05-143022";
    assert_eq!(names, [format!("{stem}.md"), format!("{stem}-2.md"), format!("{stem}-3.md")]);
    let left = fs::read_dir(folder.path().join("reports/orchestration")).unwrap().count();
    assert_eq!(left, 3, "temporary files stay behind");
}

#[test]
fn a_report_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let path = folder.path().join("file/report.json");
    let target = Some(Target { path: Some(path), ..Target::default() });
    let request = WriteRequest { format: Format::Json, document: Document::default(), target };
    let error = write(&request).unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// In every format, as it is, as JSON and web pages spell it, in base64 and in a URL; the texts that carry
/// it are of every kind: names, values, errors, logs, Markdown of scripts.
#[test]
fn no_format_shows_a_secret_in_any_spelling() {
    const SECRET: &str = "s3cret/With+Signs=&\"<q>";
    let quoted = json!(SECRET).to_string();
    let spellings = [
        SECRET.to_owned(),
        quoted[1..quoted.len() - 1].to_owned(),
        base64::encode(SECRET),
        base64::encode_config(SECRET, base64::URL_SAFE_NO_PAD),
        percent_encoding::utf8_percent_encode(SECRET, percent_encoding::NON_ALPHANUMERIC).to_string(),
    ];
    let told = spellings.join(" and ");
    let mut document = hostile();
    document.secrets = vec![SECRET.into()];
    document.playbook = told.clone();
    document.variables = object(json!({ "v": { "deep": [told] }, SECRET: 1 }));
    document.outputs = object(json!({ "Build": { "o": told } }));
    document.texts = vec![ScriptText { number: "0402-matrix-0".into(), text: format!("# {told}") }];
    document.stages = vec![Stage { name: told.clone(), needs: Vec::new() }];
    for job in &mut document.jobs {
        job.name = told.clone();
        job.stage = told.clone();
        job.error = job.error.as_ref().map(|_| told.clone());
        job.reason = job.reason.as_ref().map(|_| told.clone());
        job.log = vec![told.clone()];
        job.matrix_id = Some(told.clone());
        job.outputs = object(json!({ "o": told }));
    }
    let formats = [
        Format::Summary,
        Format::JUnit,
        Format::Xml,
        Format::Json,
        Format::Annotations,
        Format::StepOutputs,
        Format::Html,
    ];
    for format in formats {
        let text = render(&document, format);
        assert!(text.contains("***") || format == Format::StepOutputs, "{format:?} tells nothing of it");
        // What a format itself escapes is looked for in its own spelling, too.
        let escaped = SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let in_quotes = escaped.replace('"', "&quot;");
        for spelling in spellings.iter().chain([&escaped, &in_quotes]) {
            assert!(!text.contains(spelling.as_str()), "'{spelling}' is in {format:?}:\n{text}");
        }
        // The longest piece without a sign, so that no other escape hides it.
        assert!(!text.contains("s3cret"), "{format:?}:\n{text}");
    }
}
