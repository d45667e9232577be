//! Workflow commands of GitHub Actions, by the rules of its documentation and of `actions/toolkit`
//! (`packages/core/src/command.ts`): data escapes `%`, CR and LF; properties `:` and `,` as well.

use super::document::{Document, Task};
use crate::run::JobStatus;
use serde_json::Value;
use std::fmt::Write;

/// A group with its log for every job that failed, and an annotation for it.
pub fn render(document: &Document) -> String {
    let mut out = String::new();
    for job in &document.jobs {
        let title = format!("[{}] {}", job.number, job.title());
        if job.is_failed() {
            if !job.log.is_empty() {
                let _ = writeln!(out, "::group::{}", data(&title));
                out.push_str(&quiet(&job.log.join("\n"), &document.run_id));
                out.push_str("::endgroup::\n");
            }
            let _ = writeln!(out, "::error {}::{}", place(document, job, &title), data(&job.why()));
        } else if let (Some(JobStatus::Skipped | JobStatus::Cancelled), Some(reason)) =
            (job.status, &job.reason)
        {
            let _ = writeln!(out, "::notice title={}::{}", property(&title), data(reason));
        }
    }
    out
}

/// `name<<delimiter` blocks for `$GITHUB_OUTPUT`: how the run went, and every output by its own name.
///
/// Where two jobs set one name, the later one of the plan is kept, as GitHub keeps the last.
pub fn outputs(document: &Document) -> String {
    let mut values = vec![
        ("success".to_owned(), document.success.to_string()),
        ("exit-code".into(), document.exit_code.to_string()),
        ("total".into(), document.jobs.len().to_string()),
        ("failed".into(), document.failed().to_string()),
        ("cached".into(), document.cached().to_string()),
    ];
    for (name, value) in document.jobs.iter().flat_map(|job| &job.outputs) {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match values.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, former)) => *former = value,
            None => values.push((name.clone(), value)),
        }
    }
    let mut out = String::new();
    for (name, value) in values {
        // GitHub takes no other names, and `=` or a line end would write another output.
        let name: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
        let delimiter = unforeseeable(&value, "ghadelimiter");
        let _ = writeln!(out, "{name}<<{delimiter}\n{value}\n{delimiter}");
    }
    out
}

/// Log lines that the runner does not read as commands.
fn quiet(text: &str, run_id: &str) -> String {
    let token = unforeseeable(&format!("{run_id}\n{text}"), "aither");
    format!("::stop-commands::{token}\n{text}\n::{token}::\n")
}

/// A word that does not occur in the text, and that the text cannot have known.
fn unforeseeable(text: &str, prefix: &str) -> String {
    format!("{prefix}_{}", &blake3::hash(text.as_bytes()).to_hex()[..32])
}

/// `file=…,line=…,title=…`: where the error is, as far as it is known.
fn place(document: &Document, job: &Task, title: &str) -> String {
    let path = job.path.replace('\\', "/");
    let root = document.root.replace('\\', "/");
    let relative = path.strip_prefix(&root).filter(|_| !root.is_empty()).map(|it| it.trim_start_matches('/'));
    let mut parts = Vec::new();
    if !path.is_empty() {
        parts.push(format!("file={}", property(relative.unwrap_or(&path))));
        // An error in another file is told in the message; its line would point nowhere in this one.
        let at = job.error_at.as_deref().and_then(|at| at.rsplit_once(':'));
        if let Some((_, line)) = at.filter(|(file, _)| path.ends_with(file)) {
            parts.push(format!("line={}", property(line)));
        }
    }
    parts.push(format!("title={}", property(title)));
    parts.join(",")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn commands_are_escaped_by_githubs_rules() {
        assert_eq!(data("50% of a:b,c\r\nd"), "50%25 of a:b,c%0D%0Ad");
        assert_eq!(property("50% of a:b,c\r\nd"), "50%25 of a%3Ab%2Cc%0D%0Ad");
    }

    #[test]
    fn a_failure_points_into_the_project() {
        let mut job = Task {
            number: "0402".into(),
            name: "0402_A.ps1".into(),
            path: "/p/automation-scripts/0402_A.ps1".into(),
            status: Some(JobStatus::Failure),
            error: Some("no\nluck".into()),
            error_at: Some("0402_A.ps1:7".into()),
            log: vec!["::error::forged".into()],
            ..Task::default()
        };
        let document =
            |job: &Task| Document { root: "/p".into(), jobs: vec![job.clone()], ..Document::default() };
        let text = render(&document(&job));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "::group::[0402] 0402_A.ps1");
        let token = lines[1].strip_prefix("::stop-commands::").unwrap();
        assert_eq!(lines[2..5], ["::error::forged", &format!("::{token}::"), "::endgroup::"]);
        assert_eq!(
            lines[5],
            "::error file=automation-scripts/0402_A.ps1,line=7,title=[0402] 0402_A.ps1::no%0Aluck"
        );
        job.error_at = Some("Other.psm1:7".into());
        assert!(!render(&document(&job)).contains("line="));
    }

    #[test]
    fn an_output_cannot_write_another() {
        let mut outputs_of = serde_json::Map::new();
        outputs_of.insert("a=b\nc".into(), json!("x\nghadelimiter_\ny"));
        let job = Task { outputs: outputs_of, ..Task::default() };
        let text = outputs(&Document { jobs: vec![job], ..Document::default() });
        let block = &text[text.find("a-b-c<<").unwrap()..];
        let lines: Vec<&str> = block.lines().collect();
        let delimiter = lines[0].strip_prefix("a-b-c<<").unwrap();
        assert_eq!(lines[1..], ["x", "ghadelimiter_", "y", delimiter]);
    }
}
