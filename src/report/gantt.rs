//! The timeline of a run as a Mermaid gantt, which GitHub draws.

use super::{
    document::{Document, Task},
    text::shortened,
};
use crate::run::JobStatus;

/// Beyond so many bars nobody can read one.
const MOST_JOBS: usize = 100;

/// The longest text beside a bar.
const LONGEST_LABEL: usize = 60;

/// The chart's source; nothing where no job ran.
pub fn render(document: &Document) -> Option<String> {
    let ran = |job: &&Task| job.started_at.is_some();
    if document.jobs.iter().filter(ran).count() == 0 {
        return None;
    }
    let mut lines = vec!["gantt".to_owned(), "    dateFormat x".into(), "    axisFormat %H:%M:%S".into()];
    let mut left = MOST_JOBS;
    for (stage, jobs) in document.by_stage() {
        let jobs: Vec<&Task> = jobs.into_iter().filter(|job| ran(job)).take(left).collect();
        if jobs.is_empty() {
            continue;
        }
        left -= jobs.len();
        lines.push(format!("    section {}", label(stage)));
        lines.extend(jobs.into_iter().map(bar));
    }
    Some(lines.join("\n"))
}

/// How many jobs that ran are not in the chart.
pub fn left_out(document: &Document) -> usize {
    document.jobs.iter().filter(|job| job.started_at.is_some()).count().saturating_sub(MOST_JOBS)
}

fn bar(job: &Task) -> String {
    let state = match job.status {
        Some(JobStatus::Success) => "done, ",
        Some(JobStatus::Failure | JobStatus::TimedOut) => "crit, ",
        _ => "",
    };
    let started = job.started_at.unwrap_or_default();
    let title = match &job.matrix_id {
        Some(id) => format!("{} {id}", job.number),
        None => format!("{} {}", job.number, job.name),
    };
    // A bar of no length is not drawn.
    let length = (job.duration_ms.max(0.0).round() as u64).max(1);
    format!("    {} :{state}{started}, {length}ms", label(&title))
}

/// Text that Mermaid reads as a name: it has no escapes, so what means something to it goes.
fn label(text: &str) -> String {
    let kept: String =
        text.chars().map(|c| if c.is_alphanumeric() || " _-.=+()/".contains(c) { c } else { ' ' }).collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    let words = if words.is_empty() { "unnamed".to_owned() } else { words.join(" ") };
    shortened(&words, LONGEST_LABEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_nothing_that_mermaid_reads() {
        assert_eq!(label("a:b;c#d,e \"f\" `g`\n%%h"), "a b c d e f g h");
        assert_eq!(label(":::"), "unnamed");
    }

    #[test]
    fn a_run_in_which_nothing_ran_has_no_chart() {
        let document = Document { jobs: vec![Task::default()], ..Document::default() };
        assert_eq!(render(&document), None);
    }
}
