//! The result as XML, and what every XML report shares.

use super::{
    document::{Document, Task},
    text::{moment_utc, seconds},
};
use quick_xml::{
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
    Writer,
};
use serde_json::{Map, Value};

/// Writes elements into memory, which cannot fail.
pub struct Xml {
    writer: Writer<Vec<u8>>,
}

impl Xml {
    /// A document that begins with its declaration.
    pub fn new() -> Self {
        let mut xml = Self { writer: Writer::new_with_indent(Vec::new(), b' ', 2) };
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    fn event(&mut self, event: Event) {
        // Writing to memory has no way to fail.
        let _ = self.writer.write_event(event);
    }

    /// An element with what `inside` writes into it; one without is empty.
    pub fn element(&mut self, name: &str, attributes: &[(&str, String)], inside: impl FnOnce(&mut Self)) {
        self.event(Event::Start(start(name, attributes)));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, String)]) {
        self.event(Event::Empty(start(name, attributes)));
    }

    /// An element that holds text.
    pub fn text(&mut self, name: &str, attributes: &[(&str, String)], text: &str) {
        self.event(Event::Start(start(name, attributes)));
        self.event(Event::Text(BytesText::new(text)));
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// The document's text.
    pub fn finish(self) -> String {
        let mut text = String::from_utf8(self.writer.into_inner()).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, String)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        // A parser would make a blank of a line end in an attribute; this says so openly.
        start.push_attribute((*name, value.replace(['\n', '\t'], " ").as_str()));
    }
    start
}

/// `<OrchestrationResult>`: docs/outputs.md has the shape.
pub fn render(document: &Document) -> String {
    let mut xml = Xml::new();
    let run = [
        ("runId", document.run_id.clone()),
        ("playbook", document.playbook.clone()),
        ("success", document.success.to_string()),
        ("exitCode", document.exit_code.to_string()),
        ("started", moment_utc(document.started_at)),
        ("duration", seconds(document.duration_ms)),
        ("total", document.jobs.len().to_string()),
        ("completed", document.completed().to_string()),
        ("failed", document.failed().to_string()),
        ("cached", document.cached().to_string()),
    ];
    xml.element("OrchestrationResult", &run, |xml| {
        xml.element("Variables", &[], |xml| values(xml, "Variable", &document.variables));
        xml.element("Jobs", &[], |xml| document.jobs.iter().for_each(|job| task(xml, job)));
    });
    xml.finish()
}

fn task(xml: &mut Xml, job: &Task) {
    let mut attributes = vec![
        ("number", job.number.clone()),
        ("script", job.script.clone()),
        ("name", job.name.clone()),
        ("stage", job.stage.clone()),
        ("status", job.status.map(|status| format!("{status:?}")).unwrap_or_default()),
        ("duration", seconds(job.duration_ms)),
        ("attempts", job.attempts.to_string()),
        ("cached", job.cached.to_string()),
    ];
    attributes.extend(job.exit_code.map(|code| ("exitCode", code.to_string())));
    attributes.extend(job.started_at.map(|at| ("started", moment_utc(at))));
    attributes.extend(job.matrix_id.clone().map(|id| ("matrixId", id)));
    xml.element("Job", &attributes, |xml| {
        if job.is_failed() {
            let at = job.error_at.clone().map(|at| vec![("at", at)]).unwrap_or_default();
            xml.text("Error", &at, &job.why());
        } else if let Some(reason) = &job.reason {
            xml.text("Reason", &[], reason);
        }
        if let Some(matrix) = &job.matrix {
            xml.element("Matrix", &[], |xml| values(xml, "Value", matrix));
        }
        if !job.outputs.is_empty() {
            xml.element("Outputs", &[], |xml| values(xml, "Output", &job.outputs));
        }
        if !job.log.is_empty() {
            xml.text("Log", &[], &job.log.join("\n"));
        }
    });
}

/// An element a value: text as it is, everything else as JSON with its type.
fn values(xml: &mut Xml, name: &str, values: &Map<String, Value>) {
    for (key, value) in values {
        let (kind, text) = match value {
            Value::String(text) => ("string", text.clone()),
            Value::Number(_) => ("number", value.to_string()),
            Value::Bool(_) => ("boolean", value.to_string()),
            Value::Null => ("null", String::new()),
            Value::Array(_) | Value::Object(_) => ("json", value.to_string()),
        };
        xml.text(name, &[("name", key.clone()), ("type", kind.to_owned())], &text);
    }
}
