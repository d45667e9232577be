//! A target for each thing that is read and that somebody else may have written. A target takes any bytes;
//! it fails by a panic, either the library's or that of a promise that does not hold.

use aither_orchestration::{
    cache::{Digest, Manifest, Store},
    catalog::{self, Catalog, Header},
    expression::{evaluate_text, has_template, interpolate, interpolate_plain, template_roots, Condition},
    matrix,
    plan::{plan, Observer, PlanRequest},
    playbook::{self, ParseRequest, Source},
    run::{file_commands, read_journal},
};
use serde_json::{json, Map, Value};
use std::{
    cell::{OnceCell, RefCell},
    collections::HashSet,
    fs,
    path::Path,
};
use tempfile::TempDir;

/// A target by the name of its folder in tests/seeds.
pub struct Target {
    pub name: &'static str,
    pub read: fn(&[u8]),
}

pub const TARGETS: &[Target] = &[
    Target { name: "playbook", read: playbook },
    Target { name: "header", read: header },
    Target { name: "sequence", read: sequence },
    Target { name: "expression", read: expression },
    Target { name: "matrix", read: matrix },
    Target { name: "output", read: output },
    Target { name: "journal", read: journal },
    Target { name: "cache", read: cache },
];

/// As many combinations as a matrix may have here.
const MOST: u64 = 256;

thread_local! {
    static PROJECT: RefCell<Option<TempDir>> = const { RefCell::new(None) };
    static CATALOG: OnceCell<Catalog> = const { OnceCell::new() };
}

/// Removes this thread's project. At the thread's own end Windows would have it wait for itself.
#[allow(dead_code)] // libFuzzer never ends
pub fn end() {
    PROJECT.with(|project| project.borrow_mut().take());
}

/// Does something in a project with a few scripts, the same for all calls of a thread.
fn in_project(work: impl FnOnce(&Path)) {
    PROJECT.with(|project| {
        let mut project = project.borrow_mut();
        let root = project.get_or_insert_with(|| {
            let root = tempfile::tempdir().expect("a temporary folder");
            let scripts = root.path().join("automation-scripts");
            fs::create_dir(&scripts).expect("a folder");
            for (name, header) in [
                ("0100_Install-Tools.ps1", "# Stage: Prepare\n# Tags: a, b\n"),
                ("0200_Build-Code.ps1", "# Stage: Build\n# Dependencies: Tools\n"),
                ("0208_Install-Docker.ps1", "# Dependencies: 0200\n"),
                ("0402_Run-UnitTests.ps1", "# Stage: Testing\n# Tags: a\n"),
            ] {
                fs::write(scripts.join(name), header).expect("a script");
            }
            root
        });
        work(root.path());
    });
}

/// A playbook as JSON: what is read can be told again, has a line for each warning, and can be planned.
fn playbook(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let request = ParseRequest {
        text: Some(text.clone()),
        path: Some("p.json".into()),
        source: Source::Json,
        ..Default::default()
    };
    let Ok(parsed) = playbook::parse(&request) else { return };
    serde_json::to_string(&parsed).expect("a playbook has a JSON form");
    for warning in parsed.warnings.iter().chain(&playbook::check(&parsed)) {
        playbook::locate(&text, &warning.path);
    }
    in_project(|root| {
        let asked = json!({"root": root, "playbook": {"text": text, "path": "p.json"}, "matrixLimit": MOST, "environment": {}});
        let asked: PlanRequest = serde_json::from_value(asked).expect("a request");
        if let Ok(planned) = plan(&asked) {
            let told = serde_json::to_value(&planned).expect("a plan has a JSON form");
            serde_json::from_value::<aither_orchestration::plan::Plan>(told)
                .expect("a plan that is told can be read");
        }
    });
}

/// A script's header, from a file as it is there.
fn header(bytes: &[u8]) {
    in_project(|root| {
        let path = root.join("header.ps1");
        fs::write(&path, bytes).expect("a script");
        let read = Header::read(&path).expect("a header");
        assert_eq!(read, Header::read(&path).expect("a header"));
        if let Some(condition) = &read.condition {
            expression(condition.as_bytes());
        }
    });
}

/// Elements of a sequence, one a line: what they select is there, once each and in order.
fn sequence(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let elements: Vec<String> = text.split('\n').map(str::to_owned).collect();
    CATALOG.with(|catalog| {
        let catalog = catalog.get_or_init(|| {
            let mut opened = None;
            in_project(|root| opened = Catalog::open(root).ok());
            opened.expect("a catalog")
        });
        if let Ok(scripts) = catalog::resolve(catalog, &elements) {
            let numbers: Vec<_> = scripts.iter().map(|script| script.number.to_string()).collect();
            assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
            // A list of its numbers is the same sequence.
            let again = catalog::resolve(catalog, &numbers).map(|scripts| scripts.len());
            assert!(numbers.is_empty() || again.is_ok_and(|count| count == numbers.len()));
        }
        let _ = catalog::resolve_known(catalog, &elements);
    });
}

/// A condition, and the same text as a template.
fn expression(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let variables = json!({"a": 1, "list": [1, "x", null], "map": {"k": {"v": true}}, "text": "$(evil)"});
    let Value::Object(variables) = variables else { unreachable!() };
    let environment = [("HOME".to_owned(), Value::from("/"))].into_iter().collect();
    let world = Observer::new(&variables, Some(&environment), Path::new("nowhere"));
    if let Ok(condition) = Condition::parse(&text) {
        let first = condition.evaluate(&world).ok();
        assert_eq!(first, condition.evaluate(&world).ok());
        assert_eq!(condition.text(), Condition::parse(condition.text()).expect("read before").text());
    }
    let _ = evaluate_text(&text, &world);
    let _ = template_roots(&text);
    let _ = interpolate(&text, &world);
    let plain = interpolate_plain(&text, &world);
    if !text.contains('{') {
        assert!(!has_template(&text));
        assert_eq!(plain.ok().as_deref(), Some(&*text));
    }
}

/// A matrix request: never more combinations than asked for, and each with an id of its own.
fn matrix(bytes: &[u8]) {
    let Ok(asked) = serde_json::from_slice::<Map<String, Value>>(bytes) else { return };
    let Ok(expansion) = matrix::expand(&asked, MOST) else { return };
    let combinations = &expansion.combinations;
    assert!(combinations.len() as u64 <= MOST);
    let ids: HashSet<&str> = combinations.iter().map(|combination| combination.id.as_str()).collect();
    assert_eq!(ids.len(), combinations.len(), "an id twice");
}

/// A step's output file: what is read, written in the long form, reads the same.
fn output(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(pairs) = file_commands(&text) else { return };
    let mut written = String::new();
    for (name, value) in &pairs {
        let mut delimiter = "END".to_owned();
        while value.split('\n').any(|line| line == delimiter) {
            delimiter.push('_');
        }
        // The long form has no way to write these names, and none of a line that ends with a return.
        let unwritable = name.contains('<') || name.starts_with('\u{feff}');
        if unwritable || value.ends_with('\r') || value.contains("\r\n") {
            return;
        }
        written.push_str(&format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"));
    }
    assert_eq!(file_commands(&written).as_deref(), Ok(&*pairs), "{written:?}");
}

/// A journal, of a run that has ended and of one that goes on.
fn journal(bytes: &[u8]) {
    for held in [false, true] {
        if let Ok(run) = read_journal(bytes, "20251105-120000-00000000", held) {
            serde_json::to_string(&run).expect("a recorded run has a JSON form");
        }
    }
}

/// An entry of the cache, as it is and with a checksum that is right; and a list of inputs.
fn cache(bytes: &[u8]) {
    if let Some(files) = Manifest::files(bytes) {
        let again = Manifest::new(files.iter().map(|(name, digest)| (name.as_str(), *digest)));
        assert_eq!(Manifest::files(again.bytes()).as_ref(), Some(&files));
    }
    in_project(|root| {
        let key = Digest::of(b"some job");
        let folder = root.join(".orchestration-cache");
        let store = Store::new(folder.clone());
        let sealed = sealed(bytes);
        for bytes in [bytes, &sealed] {
            for place in [format!("metadata/{key}.meta.json"), format!("results/{key}.json")] {
                let path = folder.join(place);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, bytes).expect("a file");
            }
            assert!(store.find(&key).is_err(), "an entry that was not stored");
            store.entries().expect("a list");
        }
    });
}

/// A text that ends as our JSON does, with the checksum that a whole file has.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let checksum = Digest::of(bytes).to_string();
    let open = bytes.strip_suffix(b"\n}").unwrap_or(bytes);
    [open, b",\n  \"Checksum\": \"", checksum.as_bytes(), b"\"\n}\n"].concat()
}
