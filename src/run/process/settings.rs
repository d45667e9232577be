//! What a caller says about children.

use serde::{Deserialize, Deserializer};
use std::{path::PathBuf, time::Duration};

/// How children are run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChildSettings {
    /// Where jobs run that name no folder; the project's folder where absent.
    pub location: Option<PathBuf>,
    /// How PowerShell scripts run as processes; without it such jobs fail.
    pub powershell: Option<PowerShell>,
    /// How long a child may take to stop.
    pub patience: Patience,
}

/// How PowerShell scripts run as processes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PowerShell {
    /// A program that takes the arguments of `pwsh`.
    pub program: PathBuf,
    /// The script that runs a job. It reads the job as one line of JSON.
    pub script: PathBuf,
    /// Handed on to the script as it is.
    #[serde(default)]
    pub session: String,
}

/// The times of the ladder (SEMANTICS "Cancelling a process"), in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Patience {
    /// From the interrupt to the request to end.
    #[serde(deserialize_with = "seconds")]
    pub interrupt: Duration,
    /// From the request to end to the kill.
    #[serde(deserialize_with = "seconds")]
    pub terminate: Duration,
    /// How long what a child started may go on writing after the child itself has ended.
    #[serde(deserialize_with = "seconds")]
    pub linger: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            interrupt: Duration::from_millis(7_500),
            terminate: Duration::from_millis(2_500),
            linger: Duration::from_secs(1),
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
}
