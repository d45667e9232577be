//! What is stored of a job.

use super::{Digest, KeyDocument};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `metadata/<key>.meta.json`: that there is a result, and of what. Written last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Metadata {
    /// The key, equal to the file's name.
    pub cache_key: Digest,
    /// When it was stored: ISO 8601 with offset and seven decimals.
    pub timestamp: String,
    /// The scripts that ran.
    pub scripts: Vec<ScriptLine>,
    /// The values they were given.
    pub variables: Map<String, Value>,
    /// Whether it succeeded; only successes of jobs are stored.
    pub success: bool,
    /// What the key was made of; none of a whole run (`Save-OrchestrationCache`).
    pub document: Option<KeyDocument>,
    /// The digest of `results/<key>.json`.
    pub result: Digest,
    /// Bytes of the result and of everything it refers to.
    pub size: u64,
}

/// A script as metadata names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScriptLine {
    /// The number.
    #[serde(default)]
    pub number: String,
    /// The file's name.
    #[serde(default)]
    pub name: String,
    /// Its path.
    #[serde(default)]
    pub path: String,
}

/// `results/<key>.json` of a job: what a hit replays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StoredResult {
    /// The job's number in the run that stored it.
    pub number: String,
    /// The script's exit code: 0.
    pub exit_code: i32,
    /// Non-terminating errors.
    pub errors: u64,
    /// How long it took when it ran, in milliseconds.
    pub duration_ms: f64,
    /// The outputs it set.
    pub outputs: Map<String, Value>,
    /// The lines of a program's standard output.
    pub text: String,
    /// The objects a PowerShell script put out, as CLIXML.
    pub objects: Option<String>,
    /// What it wrote: stream and text, oldest first.
    pub log: Vec<(u8, String)>,
    /// The files it declared to write.
    pub files: Vec<StoredFile>,
}

/// A file of a job's declared outputs, or of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StoredFile {
    /// Below the project's root, or the artifact's, with `/` between names.
    pub path: String,
    /// What it is.
    pub body: Body,
}

/// What a stored file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Body {
    /// A file with contents.
    #[serde(rename_all = "PascalCase")]
    File {
        /// The blob with its contents.
        digest: Digest,
        /// Its bytes.
        size: u64,
        /// Whether it may be run as a program.
        executable: bool,
    },
    /// A link.
    #[serde(rename_all = "PascalCase")]
    Link {
        /// Where it leads, relative.
        target: String,
    },
}

impl StoredFile {
    /// The blob it needs.
    pub fn digest(&self) -> Option<Digest> {
        match &self.body {
            Body::File { digest, .. } => Some(*digest),
            Body::Link { .. } => None,
        }
    }

    /// Its bytes.
    pub fn size(&self) -> u64 {
        match &self.body {
            Body::File { size, .. } => *size,
            Body::Link { target } => target.len() as u64,
        }
    }
}
