//! What a run came to, as text for people and for other programs.
//!
//! Every format is a pure function of one [`Document`]; only [`write`] touches the disk. Text that
//! came from scripts is foreign: secrets are masked and terminal escapes removed before any format
//! sees it, and each format escapes it by its own rules.

mod annotations;
mod clean;
mod document;
mod error;
mod file;
mod gantt;
mod html;
mod json;
mod junit;
mod markdown;
mod request;
mod summary;
mod text;
mod xml;

pub use document::{Document, ScriptText, Stage, Task};
pub use error::ReportError;
pub use request::{write, Format, Target, WriteRequest, Written};

/// The document in one of the formats.
pub fn render(document: &Document, format: Format) -> String {
    let document = clean::cleaned(document);
    match format {
        Format::Summary => summary::render(&document),
        Format::JUnit => junit::render(&document),
        Format::Json => json::render(&document),
        Format::Xml => xml::render(&document),
        Format::Annotations => annotations::render(&document),
        Format::StepOutputs => annotations::outputs(&document),
        Format::Html => html::render(&document),
    }
}
