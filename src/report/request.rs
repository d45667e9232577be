//! What a caller asks for, and what it gets.

use super::{file, render, Document, ReportError};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The formats there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Markdown.
    Summary,
    /// JUnit's XML.
    #[serde(rename = "junit")]
    JUnit,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// Workflow commands of GitHub Actions.
    Annotations,
    /// What GitHub Actions reads from `$GITHUB_OUTPUT`.
    StepOutputs,
    /// One page for a browser.
    Html,
}

/// A report to be written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteRequest {
    /// Its format.
    pub format: Format,
    /// What it tells of.
    pub document: Document,
    /// Where it goes; the answer where absent.
    #[serde(default)]
    pub target: Option<Target>,
}

/// A file to be written: a path, or a folder and a name to begin with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    /// The file, in the place of one that is there.
    pub path: Option<PathBuf>,
    /// The folder of a file whose name no other has.
    pub folder: Option<PathBuf>,
    /// The name of that file, without an extension.
    pub stem: String,
    /// Its extension.
    pub extension: String,
}

/// Where the report is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Written {
    /// The file.
    Path(String),
    /// The text itself.
    Text(String),
}

/// Renders a report and puts it where it should go, whole or not at all.
///
/// # Errors
/// [`ReportError`] when the file cannot be written; nothing is left behind then.
pub fn write(request: &WriteRequest) -> Result<Written, ReportError> {
    let text = render(&request.document, request.format);
    let Some(target) = &request.target else { return Ok(Written::Text(text)) };
    let path = match (&target.path, &target.folder) {
        (Some(path), None) => {
            file::replace(path, &text)?;
            path.clone()
        }
        (None, Some(folder)) => file::unique(folder, &target.stem, &target.extension, &text)?,
        (None, None) => return Err(ReportError::UnclearTarget("neither")),
        (Some(_), Some(_)) => return Err(ReportError::UnclearTarget("both")),
    };
    Ok(Written::Path(path.to_string_lossy().into_owned()))
}
