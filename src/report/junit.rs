//! JUnit's XML, as Jenkins' schema has it: a suite a stage, a test case a job.

use super::{
    document::{Document, Task},
    text::{moment_utc, seconds, shortened},
    xml::Xml,
};
use crate::run::JobStatus;

/// The `message` attribute is for lists; the whole text stands in the element.
const LONGEST_MESSAGE: usize = 1_000;

/// The whole document.
pub fn render(document: &Document) -> String {
    let mut xml = Xml::new();
    let name = if document.playbook.is_empty() { "orchestration" } else { &document.playbook };
    let mut attributes = vec![("name", name.to_owned())];
    attributes.extend(counts(&document.jobs.iter().collect::<Vec<_>>()));
    attributes.push(("time", seconds(document.duration_ms)));
    xml.element("testsuites", &attributes, |xml| {
        for (id, (stage, jobs)) in document.by_stage().into_iter().enumerate() {
            suite(xml, document, id, stage, &jobs);
        }
    });
    xml.finish()
}

/// Failures are jobs that failed, errors those that ran out of time.
fn counts(jobs: &[&Task]) -> Vec<(&'static str, String)> {
    let count = |wanted: fn(JobStatus) -> bool| {
        jobs.iter().filter_map(|job| job.status).filter(|status| wanted(*status)).count().to_string()
    };
    vec![
        ("tests", jobs.len().to_string()),
        ("failures", count(|status| status == JobStatus::Failure)),
        ("errors", count(|status| status == JobStatus::TimedOut)),
    ]
}

fn suite(xml: &mut Xml, document: &Document, id: usize, stage: &str, jobs: &[&Task]) {
    let mut attributes = vec![("name", named(stage)), ("id", id.to_string())];
    attributes.extend(counts(jobs));
    let skipped = jobs.iter().filter(|job| is_skipped(job)).count();
    attributes.push(("skipped", skipped.to_string()));
    attributes.push(("time", seconds(jobs.iter().map(|job| job.duration_ms).sum())));
    let began = jobs.iter().filter_map(|job| job.started_at).min().unwrap_or(document.started_at);
    attributes.push(("timestamp", moment_utc(began).trim_end_matches('Z').to_owned()));
    xml.element("testsuite", &attributes, |xml| jobs.iter().for_each(|job| case(xml, job)));
}

fn case(xml: &mut Xml, job: &Task) {
    let attributes = [
        ("name", format!("[{}] {}", job.number, job.title())),
        ("classname", named(&job.stage)),
        ("time", seconds(job.duration_ms)),
    ];
    if job.status == Some(JobStatus::Success) && job.log.is_empty() {
        return xml.empty("testcase", &attributes);
    }
    xml.element("testcase", &attributes, |xml| {
        let why = job.why();
        let message = ("message", shortened(&why, LONGEST_MESSAGE));
        if job.is_failed() {
            let element = if job.status == Some(JobStatus::TimedOut) { "error" } else { "failure" };
            let kind = job.error_type.clone().unwrap_or_else(|| "exit code".to_owned());
            let place = job.error_at.as_deref().map(|at| format!("\nat {at}")).unwrap_or_default();
            let code = job.exit_code.map(|code| format!("\nexit code {code}")).unwrap_or_default();
            xml.text(element, &[message, ("type", kind)], &format!("{why}{place}{code}"));
        } else if is_skipped(job) {
            xml.empty("skipped", &[message]);
        }
        if !job.log.is_empty() {
            xml.text("system-out", &[], &job.log.join("\n"));
        }
    });
}

fn is_skipped(job: &Task) -> bool {
    matches!(job.status, None | Some(JobStatus::Skipped | JobStatus::Cancelled))
}

/// A suite has to have a name.
fn named(stage: &str) -> String {
    if stage.is_empty() { "Default" } else { stage }.to_owned()
}
