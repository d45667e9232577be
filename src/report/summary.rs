//! The Markdown summary, with the sections that AitherZero's guide shows.

use super::{
    document::{Document, Task},
    gantt,
    markdown::{cell, fenced, indented, inline, value_cell},
    text::{clock, counted, moment, percent, shortened, span},
};
use crate::run::JobStatus;
use serde_json::Value;
use std::fmt::Write;

/// So many lines of a failed job's log are shown.
const TAIL_LINES: usize = 20;

/// A line of a log is cut to so many characters.
const LONGEST_LINE: usize = 500;

/// The variables may have so many characters as JSON.
const LONGEST_VARIABLES: usize = 20_000;

/// So many rows of a table are shown, failures first.
const MOST_ROWS: usize = 300;

/// The whole document.
pub fn render(document: &Document) -> String {
    let mut parts = vec![heading(document), results(document), variables(document)];
    parts.push("## Execution Details\n".to_owned());
    parts.push(closing(document));
    parts.extend(failures(document));
    parts.extend(combinations(document));
    parts.extend(jobs(document));
    parts.extend(outputs(document));
    parts.extend(texts(document));
    parts.extend(timeline(document));
    parts.join("\n")
}

fn heading(document: &Document) -> String {
    let status = if document.success { "✅ Success" } else { "❌ Failed" };
    let ended = document.started_at + document.duration_ms.max(0.0).round() as u64;
    let at = |milliseconds| moment(milliseconds, document.utc_offset_minutes);
    let lines = [
        ("Playbook", inline(&document.playbook)),
        ("Started", at(document.started_at)),
        ("Completed", at(ended)),
        ("Duration", clock(document.duration_ms)),
        ("Status", status.to_owned()),
    ];
    // Two blanks at a line's end are a line break; the last line needs none.
    let lines: Vec<String> =
        lines.iter().map(|(name, value)| format!("**{name}**: {value}").trim_end().to_owned()).collect();
    format!("# Orchestration Execution Summary\n\n{}\n", lines.join("  \n"))
}

fn results(document: &Document) -> String {
    let total = document.jobs.len();
    let mut rows = vec![
        ("Total Scripts", total.to_string()),
        ("Completed", format!("{} ✅", document.completed())),
        ("Failed", format!("{} ❌", document.failed())),
    ];
    let mut more = |name, count: usize, mark| {
        if count > 0 {
            rows.push((name, format!("{count} {mark}")));
        }
    };
    more("Skipped", document.count(|status| status == JobStatus::Skipped), "⊘");
    more("Cancelled", document.count(|status| status == JobStatus::Cancelled), "⊘");
    more("From Cache", document.cached(), "↻");
    rows.push(("Success Rate", percent(document.completed(), total)));
    if document.saved_ms > 0.0 {
        rows.push(("Time Saved", span(document.saved_ms)));
    }
    let rows: String = rows.iter().map(|(name, value)| format!("| {name} | {value} |\n")).collect();
    format!("## Results\n\n| Metric | Count |\n|--------|-------|\n{rows}")
}

fn variables(document: &Document) -> String {
    let json = serde_json::to_string_pretty(&document.variables).unwrap_or_default();
    format!("## Variables\n\n{}", fenced("json", &shortened(&json, LONGEST_VARIABLES)))
}

/// One sentence that says how it went.
fn closing(document: &Document) -> String {
    let (total, failed) = (document.jobs.len(), document.failed());
    let unfinished = document.count(|status| matches!(status, JobStatus::Skipped | JobStatus::Cancelled));
    let sentence = match (document.success, failed) {
        (true, 0) => "All stages completed successfully.".to_owned(),
        (true, _) => format!("The run succeeded; {} failed and was allowed to.", counted(failed, "script")),
        (false, 0) => format!("The run did not succeed (exit code {}).", document.exit_code),
        (false, _) => format!("{failed} of {} failed.", counted(total, "script")),
    };
    let rest = match unfinished {
        0 => String::new(),
        1 => " 1 script did not run to its end.".to_owned(),
        many => format!(" {many} scripts did not run to their end."),
    };
    format!("{sentence}{rest}\n")
}

fn failures(document: &Document) -> Option<String> {
    let failed: Vec<&Task> = document.jobs.iter().filter(|job| job.is_failed()).collect();
    if failed.is_empty() {
        return None;
    }
    let mut out = "### ❌ Failed Scripts\n\n".to_owned();
    for job in failed {
        let place = job.error_at.as_deref().map(|at| format!(" ({})", inline(at))).unwrap_or_default();
        let code = job.exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
        let attempts = if job.attempts > 1 { format!(", {} attempts", job.attempts) } else { String::new() };
        let _ = writeln!(out, "- **{}**: {}{place}", inline(&job.number), inline(&job.why()));
        let _ = writeln!(out, "\n  {}{code}{attempts}, {}", inline(&job.title()), span(job.duration_ms));
        out.push_str(&tail(job));
        out.push('\n');
    }
    out.pop();
    Some(out)
}

/// The end of a job's log, folded away; a part of the job's list item.
fn tail(job: &Task) -> String {
    if job.log.is_empty() {
        return String::new();
    }
    let first = job.log.len().saturating_sub(TAIL_LINES);
    let lines: Vec<String> = job.log[first..].iter().map(|line| shortened(line, LONGEST_LINE)).collect();
    let title = if first > 0 { format!("Last {TAIL_LINES} lines of the log") } else { "Log".to_owned() };
    let block = fenced("text", &lines.join("\n"));
    indented(&format!("\n<details><summary>{title}</summary>\n\n{block}\n</details>\n"), 2)
}

/// A row a combination, where there is a matrix.
fn combinations(document: &Document) -> Option<String> {
    let jobs: Vec<&Task> = document.jobs.iter().filter(|job| job.matrix.is_some()).collect();
    if jobs.is_empty() {
        return None;
    }
    let mut names: Vec<&String> = Vec::new();
    for values in jobs.iter().filter_map(|job| job.matrix.as_ref()) {
        names.extend(values.keys().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    }
    let titles: Vec<String> = names.iter().map(|name| cell(name)).collect();
    let mut out = format!(
        "### Matrix\n\n| Job | {} | Status | Duration |\n|---|{}---|---|\n",
        titles.join(" | "),
        "---|".repeat(names.len())
    );
    for job in limited(&jobs) {
        let values = names.iter().map(|name| {
            let value = job.matrix.as_ref().and_then(|values| values.get(*name));
            value.map_or_else(String::new, value_cell)
        });
        let values: Vec<String> = values.collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            cell(&job.number),
            values.join(" | "),
            status(job),
            span(job.duration_ms)
        );
    }
    out.push_str(&left_out(jobs.len()));
    Some(out)
}

/// A row a job, where a matrix does not already show them all.
fn jobs(document: &Document) -> Option<String> {
    let jobs: Vec<&Task> = document.jobs.iter().filter(|job| job.matrix.is_none()).collect();
    if jobs.is_empty() {
        return None;
    }
    let mut out =
        "### Scripts\n\n| Job | Script | Stage | Status | Duration |\n|---|---|---|---|---|\n".to_owned();
    for job in limited(&jobs) {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            cell(&job.number),
            cell(&job.name),
            cell(&job.stage),
            status(job),
            span(job.duration_ms)
        );
    }
    out.push_str(&left_out(jobs.len()));
    Some(out)
}

/// As many as a table may have, failures before the others, in plan order otherwise.
fn limited<'a>(jobs: &[&'a Task]) -> Vec<&'a Task> {
    if jobs.len() <= MOST_ROWS {
        return jobs.to_vec();
    }
    let (failed, others): (Vec<&Task>, Vec<&Task>) = jobs.iter().partition(|job| job.is_failed());
    failed.into_iter().chain(others).take(MOST_ROWS).collect()
}

fn left_out(jobs: usize) -> String {
    match jobs.saturating_sub(MOST_ROWS) {
        0 => String::new(),
        missing => format!("\n{missing} more rows are left out.\n"),
    }
}

fn status(job: &Task) -> String {
    let cached = job.saved_ms.map(|saved| format!(", saved {}", span(saved))).unwrap_or_default();
    match job.status {
        Some(JobStatus::Success) if job.cached => format!("↻ Cached{cached}"),
        Some(JobStatus::Success) => "✅ Success".to_owned(),
        Some(JobStatus::Failure) => "❌ Failed".to_owned(),
        Some(JobStatus::TimedOut) => "❌ Timed out".to_owned(),
        Some(JobStatus::Cancelled) => "⊘ Cancelled".to_owned(),
        Some(JobStatus::Skipped) => match &job.reason {
            Some(reason) => format!("⊘ Skipped: {}", cell(reason)),
            None => "⊘ Skipped".to_owned(),
        },
        None => "–".to_owned(),
    }
}

/// What the jobs set, by the stage or job that later ones know it under.
fn outputs(document: &Document) -> Option<String> {
    let mut rows = String::new();
    for (owner, values) in &document.outputs {
        let Value::Object(values) = values else { continue };
        for (name, value) in values {
            let _ = writeln!(rows, "| {} | {} | {} |", cell(owner), cell(name), value_cell(value));
        }
    }
    if rows.is_empty() {
        return None;
    }
    Some(format!("### Outputs\n\n| From | Name | Value |\n|---|---|---|\n{rows}"))
}

/// What scripts wrote for the summary is Markdown already and stands as it is, under the job's number.
fn texts(document: &Document) -> Option<String> {
    if document.texts.is_empty() {
        return None;
    }
    let mut out = "## From the scripts\n".to_owned();
    let mut owner = None;
    for text in &document.texts {
        if owner != Some(&text.number) {
            let job = document.jobs.iter().find(|job| job.number == text.number);
            let title =
                job.map_or_else(|| text.number.clone(), |job| format!("{} {}", job.number, job.title()));
            let _ = write!(out, "\n### {}\n", inline(&title));
        }
        owner = Some(&text.number);
        let _ = write!(out, "\n{}\n", closed(text.text.trim_end()));
    }
    Some(out)
}

/// A script's Markdown whose code block or folded part stays open would swallow what follows it.
fn closed(text: &str) -> String {
    let mut out = text.to_owned();
    let mut open: Option<&str> = None;
    for line in text.lines() {
        let line = line.trim_start();
        let fence = line.len() - line.trim_start_matches(['`', '~']).len();
        let is_fence = fence >= 3 && (line.starts_with("```") || line.starts_with("~~~"));
        match open {
            None if is_fence => open = Some(&line[..fence]),
            Some(begun) if is_fence && line.starts_with(begun) && line.trim_end().len() == fence => {
                open = None
            }
            _ => {}
        }
    }
    if let Some(fence) = open {
        out.push('\n');
        out.push_str(fence);
    }
    let lower = text.to_lowercase();
    let unclosed = lower.matches("<details").count().saturating_sub(lower.matches("</details>").count());
    for _ in 0..unclosed {
        out.push_str("\n\n</details>");
    }
    out
}

fn timeline(document: &Document) -> Option<String> {
    let chart = gantt::render(document)?;
    let left_out = match gantt::left_out(document) {
        0 => String::new(),
        missing => format!("\n{missing} more jobs ran.\n"),
    };
    Some(format!("## Timeline\n\n{}{left_out}", fenced("mermaid", &chart)))
}
