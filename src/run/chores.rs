//! What a step asks for beside its work: artifacts taken before it and kept after it, folders of tools
//! put back before it and kept after it. On threads of the pool.

use super::engine::Run;
use crate::{
    cache::{artifact, RunCache},
    plan::Job,
    playbook::{FolderCache, IfNoFilesFound, Upload},
};
use serde_json::{json, Value};

/// What the chores before a job come to.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Outputs of the step: `cache-hit` and `cache-matched-key`.
    pub outputs: Vec<(String, Value)>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Whether a job has any chores.
pub(super) fn has_chores(job: &Job) -> bool {
    job.artifacts.is_some() || folder(job).is_some()
}

fn folder(job: &Job) -> Option<&FolderCache> {
    job.cache.as_ref().and_then(|rules| rules.folder.as_ref())
}

fn uploads(job: &Job) -> &[Upload] {
    job.artifacts.as_ref().map_or(&[], |artifacts| &artifacts.upload)
}

impl Run {
    /// Takes the artifacts and puts the folders back that a job begins with.
    ///
    /// # Errors
    /// Why the job cannot run, in words.
    pub(super) fn prepare(&self, cache: &RunCache, job: &Job) -> Result<Prepared, String> {
        let mut prepared = Prepared::default();
        for download in job.artifacts.iter().flat_map(|artifacts| &artifacts.download) {
            let destination = match &download.path {
                Some(path) => cache.place(path).map_err(|error| error.to_string())?,
                None => cache.scanner.root().to_owned(),
            };
            artifact::receive(&cache.store, Some(self.id()), &download.name, &destination)
                .map_err(|error| error.to_string())?;
            cache.scanner.disturb();
        }
        if let Some(folder) = folder(job) {
            match folder.restore(&cache.store, &cache.scanner) {
                Ok(restored) => {
                    cache.scanner.disturb();
                    let matched = restored.matched.map_or(Value::Null, Value::String);
                    prepared.outputs.push(("cache-hit".into(), json!(restored.exact)));
                    prepared.outputs.push(("cache-matched-key".into(), matched));
                }
                Err(error) => {
                    // The step can do without: it makes its tools itself then.
                    prepared
                        .warnings
                        .push(format!("the folders of '{}' were not restored: {error}", folder.key));
                    prepared.outputs.push(("cache-hit".into(), json!(false)));
                }
            }
        }
        Ok(prepared)
    }

    /// Keeps the artifacts and folders that a job has left behind. Gives warnings.
    ///
    /// # Errors
    /// Why the job counts as failed, in words.
    pub(super) fn put_away(&self, cache: &RunCache, job: &Job) -> Result<Vec<String>, String> {
        let mut warnings = Vec::new();
        for upload in uploads(job) {
            let kept = artifact::publish(&cache.store, &cache.scanner, self.id(), upload)
                .map_err(|error| error.to_string())?;
            if kept.is_none() && upload.if_no_files_found == IfNoFilesFound::Warn {
                warnings.push(format!(
                    "no file matches {}: no artifact '{}'",
                    upload.path.join(", "),
                    upload.name
                ));
            }
        }
        if let Some(folder) = folder(job) {
            if let Err(error) = folder.save(&cache.store, &cache.scanner) {
                warnings.push(format!("the folders of '{}' were not kept: {error}", folder.key));
            }
        }
        Ok(warnings)
    }
}
