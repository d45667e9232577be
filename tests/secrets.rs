//! Secrets of a run, looked for in everything that it leaves and tells.

mod recorded;

use aither_orchestration::run::{Archive, Report, ReportedError};
use recorded::{executed, plan_of, play, project, request, start, wait_for_the_end};
use serde_json::{json, Value};
use std::{fs, path::Path};

const TOKEN: &str = "t0ken/With+Signs=";
const PASSWORD: &str = "pass \"word\" line 1\nsecond line of it";
const NAMED: &str = "named-secret-value";
const LATER: &str = "later-added-secret";

/// Every byte below a folder.
fn everything_below(folder: &Path) -> String {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("an entry"));
    let texts = files.filter(|entry| entry.file_type().is_file()).map(|entry| {
        let bytes = fs::read(entry.path()).expect("a file");
        format!("{}\n{}\n", entry.path().display(), String::from_utf8_lossy(&bytes))
    });
    texts.collect()
}

fn spellings() -> Vec<String> {
    let mut all = Vec::new();
    for secret in [TOKEN, NAMED, LATER, "pass \"word\" line 1", "second line of it"] {
        let quoted = json!(secret).to_string();
        all.extend([secret.to_owned(), quoted[1..quoted.len() - 1].to_owned(), base64::encode(secret)]);
        all.push(secret.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D").replace(' ', "%20"));
    }
    all
}

#[test]
fn no_secret_leaves_the_run() {
    let root = project(&["a", "b", "c"]);
    let mut plan = plan_of(root.path(), &[("a", &[]), ("b", &[0]), ("c", &[1])]);
    plan["jobs"][0]["parameters"] = json!({"ApiKey": {"deep": [NAMED]}, "plain": "kept"});
    plan["jobs"][0]["matrixId"] = json!(format!("key={NAMED}"));
    plan["jobs"][1]["text"] = json!(format!("curl -H {TOKEN}"));
    plan["jobs"][2]["condition"] = json!(format!("'{TOKEN}' -eq"));
    let mut asked =
        request(&plan, json!({"name": TOKEN, "asked": {"variables": {"apikey": NAMED, "t": TOKEN}}}));
    asked["secrets"] = json!({
        "values": [{"name": "token", "value": TOKEN}, {"name": "password", "value": PASSWORD}, {"name": "pin", "value": "42"}],
        "names": ["apikey"]
    });
    let run = start(asked);
    executed(&run, 1, |run, job, number| {
        run.log(job, 1, &format!("::add-mask::{LATER}\n{TOKEN} {NAMED} {LATER}\n{PASSWORD}\n"))
            .expect("a log");
        run.log(job, 6, &format!("basic {}\n", base64::encode(format!("user:{TOKEN}")))).expect("a log");
        run.log(job, 1, "in two: t0ken/Wi").expect("a log");
        run.log(job, 2, "between\n").expect("a log");
        run.log(job, 1, "th+Signs= pieces\n").expect("a log");
        run.log(job, 1, &format!("the end: {TOKEN}")).expect("a log");
        run.output(job, "token", json!({TOKEN: [PASSWORD, NAMED]})).expect("an output");
        run.output(job, "plain", json!("visible")).expect("an output");
        let error = ReportedError {
            message: format!("no {TOKEN}, {PASSWORD}"),
            kind: None,
            id: Some(NAMED.into()),
            at: Some(format!("{LATER}:1")),
        };
        Report { error: (number == "b").then_some(error), ..Report::default() }
    });
    let events = wait_for_the_end(&run);
    let written = everything_below(root.path().join(".orchestration-cache").as_path());
    assert!(written.contains("visible") && written.contains("***"), "{written}");
    assert!(written.contains("in two: *** pieces") && written.contains("the end: ***"), "{written}");
    for (what, text) in [("the record", &written), ("the events", &json!(events).to_string())] {
        for spelling in spellings() {
            assert!(!text.contains(&spelling), "'{spelling}' is in {what}:\n{text}");
        }
    }
    let shown = json!({"name": "a.ps1", "matrixId": "key=***"});
    let own: Vec<&Value> = events.iter().filter(|event| event["job"] == 0).collect();
    assert!(!own.is_empty() && own.iter().all(|event| event["shownAs"] == shown), "{own:?}");
    assert!(events.iter().all(|event| event["job"] == 0 || event.get("shownAs").is_none()));
    let short: Vec<&Value> = events.iter().filter(|event| event["kind"] == "RunWarning").collect();
    assert_eq!(short.len(), 1);
    assert!(short[0]["message"].as_str().is_some_and(|text| text.contains("'pin'") && !text.contains("42")));

    let result = run.result();
    assert_eq!(
        json!(result.jobs[0].outputs["token"]),
        json!({TOKEN: [PASSWORD, NAMED]}),
        "later jobs have it"
    );
    assert!(result.jobs[1].error.as_ref().is_some_and(|error| !error.message.contains(TOKEN)));
}

#[test]
fn a_job_whose_output_was_a_secret_is_done_again() {
    let root = project(&["a", "b"]);
    let plan = plan_of(root.path(), &[("a", &[]), ("b", &[])]);
    let secret = |journal| {
        let mut request = request(&plan, journal);
        request["secrets"] = json!({"values": [{"name": "token", "value": TOKEN}]});
        request
    };
    let first = start(secret(json!({})));
    play(&first, 1, |run, job, number| {
        let value = if number == "a" { TOKEN } else { "open" };
        run.output(job, "value", json!(value)).expect("an output");
        Report::default()
    });
    assert!(Archive::of(root.path()).run("last").expect("a run").jobs[0].masked);
    let second = start(secret(json!({"resume": "last"})));
    assert_eq!(play(&second, 1, |_, _, _| Report::default()), ["a"], "what it was is not known any more");
}

#[test]
fn a_changed_secret_changes_no_job() {
    let root = project(&["a"]);
    let mut plan = plan_of(root.path(), &[("a", &[])]);
    let mut with = |value: &str, journal: Value| {
        plan["jobs"][0]["parameters"] = json!({"token": value});
        let mut request = request(&plan, journal);
        request["secrets"] = json!({"names": ["Token"]});
        start(request)
    };
    play(&with("first secret", json!({})), 1, |_, _, _| Report::default());
    let second = with("second secret", json!({"resume": "last"}));
    assert_eq!(second.kept(), 1);
}

#[test]
fn a_line_without_end_is_masked_and_takes_no_more_room_than_it_needs() {
    let root = project(&["a"]);
    let plan = plan_of(root.path(), &[("a", &[])]);
    let mut asked = request(&plan, json!({}));
    asked["secrets"] = json!({"values": [{"name": "token", "value": TOKEN}]});
    let run = start(asked);
    play(&run, 1, |run, job, _| {
        for _ in 0..400 {
            // 1,017 bytes, so that secrets lie across every cut there is.
            run.log(job, 1, &format!("{}{TOKEN}", "x".repeat(1_000))).expect("a log");
        }
        Report::default()
    });
    let log = fs::read_to_string(aither_orchestration::record::RunFolder::of(root.path()).log(run.id(), "a"));
    let log = log.expect("a log");
    assert_eq!(log.matches("***").count(), 400);
    assert!(!log.contains("t0ken") && !log.contains("Signs"), "no piece of a secret is left");
}

#[cfg(unix)]
#[test]
fn a_child_is_masked_line_by_line_and_across_the_pieces_of_a_line() {
    let root = project(&[]);
    let mut plan = plan_of(root.path(), &[("a", &[])]);
    // The engine takes 256 KiB of a line at a time, and the secret lies across that.
    let text = format!("head -c 262140 /dev/zero | tr '\\0' x\necho '{TOKEN}'\necho one\necho two {TOKEN}");
    plan["jobs"][0]["text"] = json!(text);
    plan["jobs"][0]["shell"] = json!("sh");
    plan["jobs"][0]["isolation"] = json!("process");
    let mut asked = request(&plan, json!({}));
    asked["secrets"] = json!({"values": [{"name": "token", "value": TOKEN}]});
    let run = start(asked);
    wait_for_the_end(&run);
    let log = Archive::of(root.path()).log(run.id(), "a", 0, usize::MAX).expect("a log");
    let texts: Vec<&str> = log.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts.len(), 4, "a piece, its rest, and two lines");
    assert_eq!(texts[..2].concat(), format!("{}***", "x".repeat(262_140)));
    assert_eq!(texts[2..], ["one", "two ***"]);
}
