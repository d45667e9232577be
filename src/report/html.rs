//! One page for a browser: the graph of jobs, the timeline, the logs. Nothing in it comes from
//! elsewhere, and nothing in it runs.

mod graph;
mod prose;
mod timeline;

use super::{
    document::{Document, Task},
    text::{clock, moment, percent, span},
};
use crate::run::JobStatus;
use quick_xml::escape::escape;
use serde_json::{Map, Value};
use std::fmt::Write;

const STYLE: &str = include_str!("html/page.css");

/// The whole page.
pub fn render(document: &Document) -> String {
    let name = if document.playbook.is_empty() { "Orchestration run" } else { &document.playbook };
    let mut body = heading(document, name);
    body.push_str(&section("Jobs and what they need", &graph::render(document)));
    body.push_str(&section("Timeline", &timeline::render(document)));
    body.push_str(&section("Logs", &jobs(document)));
    if !document.outputs.is_empty() {
        body.push_str(&section("Outputs", &outputs(&document.outputs)));
    }
    if !document.texts.is_empty() {
        body.push_str(&section("From the scripts", &prose::render(document)));
    }
    if !document.variables.is_empty() {
        let json = serde_json::to_string_pretty(&document.variables).unwrap_or_default();
        body.push_str(&section("Variables", &format!("<pre>{}</pre>", escape(&json))));
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{} – {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape(name),
        if document.success { "success" } else { "failed" },
    )
}

fn section(title: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!("<section>\n<h2>{title}</h2>\n{content}\n</section>\n")
}

fn heading(document: &Document, name: &str) -> String {
    let (class, word) = if document.success { ("good", "Success") } else { ("bad", "Failed") };
    let mut facts = vec![
        ("Jobs", document.jobs.len().to_string()),
        ("Completed", document.completed().to_string()),
        ("Failed", document.failed().to_string()),
    ];
    let mut more = |name, count: usize| {
        if count > 0 {
            facts.push((name, count.to_string()));
        }
    };
    more("Skipped", document.count(|status| status == JobStatus::Skipped));
    more("Cancelled", document.count(|status| status == JobStatus::Cancelled));
    more("From cache", document.cached());
    facts.push(("Success rate", percent(document.completed(), document.jobs.len())));
    facts.push(("Duration", clock(document.duration_ms)));
    if document.saved_ms > 0.0 {
        facts.push(("Time saved", span(document.saved_ms)));
    }
    facts.push(("Exit code", document.exit_code.to_string()));
    let facts: String = facts
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", escape(value)))
        .collect();
    format!(
        "<header>\n<h1>{} <span class=\"badge {class}\">{word}</span></h1>\n<p>{} · run {}</p>\n<dl>\n{facts}</dl>\n\
         </header>\n",
        escape(name),
        moment(document.started_at, document.utc_offset_minutes),
        escape(&document.run_id),
    )
}

/// Every job with its error, outputs and log; those that failed are open.
fn jobs(document: &Document) -> String {
    document.jobs.iter().map(job).collect()
}

fn job(job: &Task) -> String {
    let mut inside = String::new();
    let why = job.why();
    if !why.is_empty() {
        let place = job.error_at.as_deref().map(|at| format!(" ({at})")).unwrap_or_default();
        let _ = writeln!(inside, "<p class=\"why\">{}</p>", escape(&format!("{why}{place}")));
    }
    if let Some(code) = job.exit_code.filter(|code| *code != 0) {
        let _ = writeln!(inside, "<p>Exit code {code}.</p>");
    }
    if job.attempts > 1 {
        let _ = writeln!(inside, "<p>{} attempts.</p>", job.attempts);
    }
    if !job.outputs.is_empty() {
        inside.push_str(&table(&["Output", "Value"], rows(&job.outputs)));
    }
    if !job.log.is_empty() {
        let _ = writeln!(inside, "<pre>{}</pre>", escape(&job.log.join("\n")));
    }
    if inside.is_empty() {
        inside.push_str("<p>No log.</p>\n");
    }
    let took = if job.started_at.is_some() { span(job.duration_ms) } else { String::new() };
    format!(
        "<details id=\"{}\"{}>\n<summary><span class=\"mark {}\">{}</span> <b>{}</b> {} <i>{}</i></summary>\n{inside}\
         </details>\n",
        anchor(job),
        if job.is_failed() { " open" } else { "" },
        class(job),
        mark(job),
        escape(&job.number),
        escape(&job.title()),
        took,
    )
}

fn outputs(outputs: &Map<String, Value>) -> String {
    let mut all = Vec::new();
    for (owner, values) in outputs {
        let Value::Object(values) = values else { continue };
        all.extend(rows(values).into_iter().map(|row| [vec![owner.clone()], row].concat()));
    }
    table(&["From", "Name", "Value"], all)
}

fn rows(values: &Map<String, Value>) -> Vec<Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    values.iter().map(|(name, value)| vec![name.clone(), text(value)]).collect()
}

fn table(titles: &[&str], rows: Vec<Vec<String>>) -> String {
    let line = |cells: Vec<String>, tag: &str| -> String {
        let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let head = line(titles.iter().map(|title| (*title).to_owned()).collect(), "th");
    let body: String = rows.into_iter().map(|row| line(row, "td")).collect();
    format!("<table>\n{head}{body}</table>\n")
}

/// The fragment of a job's log: its number, of which only what is safe in a link stays.
fn anchor(job: &Task) -> String {
    let kept = job.number.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' });
    format!("job-{}", kept.collect::<String>())
}

fn class(job: &Task) -> &'static str {
    match job.status {
        Some(JobStatus::Success) if job.cached => "cached",
        Some(JobStatus::Success) => "good",
        Some(JobStatus::Failure | JobStatus::TimedOut) => "bad",
        _ => "idle",
    }
}

fn mark(job: &Task) -> char {
    match class(job) {
        "good" => '✓',
        "bad" => '✗',
        "cached" => '↻',
        _ => '⊘',
    }
}

/// So much of a text as fits beside a drawing.
fn label(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return escape(text).into_owned();
    }
    let start: String = text.chars().take(most - 1).collect();
    format!("{}…", escape(start.trim_end()))
}
