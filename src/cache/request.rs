//! What is asked of the cache, and why a job has no place in it.

use super::ScanError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use thiserror::Error;

/// What a run does with the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CacheMode {
    /// Looks results up and stores new ones.
    #[default]
    ReadWrite,
    /// Looks results up and stores nothing.
    ReadOnly,
    /// Runs every job and stores its result.
    WriteOnly,
    /// Neither.
    Off,
}

impl CacheMode {
    /// Whether results are looked up.
    pub fn reads(self) -> bool {
        matches!(self, Self::ReadWrite | Self::ReadOnly)
    }

    /// Whether results are stored.
    pub fn writes(self) -> bool {
        matches!(self, Self::ReadWrite | Self::WriteOnly)
    }
}

/// What a caller says of the cache.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CacheRequest {
    /// What is done with it.
    #[serde(default)]
    pub mode: CacheMode,
    /// The cache's folder; `.orchestration-cache` below the plan's root where absent.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// PowerShell's edition and major.minor version, `Core 7.4`.
    #[serde(default)]
    pub powershell: String,
    /// What scripts get that take the configuration.
    #[serde(default)]
    pub configuration: Value,
    /// The folder that scripts run in; the root where absent.
    #[serde(default)]
    pub location: Option<PathBuf>,
    /// Names of variables whose values must never reach the disk.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Whether a miss is told with what changed, which takes reading every entry.
    #[serde(default)]
    pub explain: bool,
}

/// Why a job has no key: it runs, and nothing of it is stored.
#[derive(Debug, Error)]
pub enum NotCached {
    /// Its playbook says so.
    #[error("its playbook says that it is not cached")]
    Declared,
    /// It takes an artifact, which no key covers, or its script publishes one, which nothing would replay.
    #[error("it takes or publishes an artifact, which belongs to one run")]
    Artifact,
    /// It is given a secret.
    #[error("it is given the secret '{0}'")]
    Secret(String),
    /// It is given a value that is more than data.
    #[error("it is given '{0}', whose value is no plain data")]
    Live(String),
    /// What it needs has no key.
    #[error("it needs {0}, whose result is not known to be what a key says")]
    Need(String),
    /// Its script cannot be read.
    #[error("its script cannot be read: {0}")]
    Script(std::io::Error),
    /// A pattern has a template that cannot be filled in.
    #[error("the pattern '{pattern}' cannot be filled in: {reason}")]
    Template {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// Its inputs cannot be told.
    #[error("its inputs cannot be told: {0}")]
    Inputs(#[from] ScanError),
    /// What it read is not what its key says.
    #[error("an input changed while it ran: {0}")]
    Changed(String),
}
