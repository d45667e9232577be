//! What a playbook says of keeping files and results: cache rules, folder caches, artifacts.

use super::{at::At, fields::Fields};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a job's cache key covers besides the script and its values (SEMANTICS "Cache").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CacheRules {
    /// Patterns of files that it reads; `None` means every file of the project.
    pub inputs: Option<Vec<String>>,
    /// Patterns of files that it writes.
    pub outputs: Vec<String>,
    /// Names of environment variables that it depends on.
    pub env: Vec<String>,
    /// `cache: false`: its result is never stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
    /// `cache: {key, restore-keys, paths}`: folders that are put back before it and kept after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderCache>,
}

impl CacheRules {
    /// These rules, and where they say nothing those of `under`.
    pub fn over(self, under: &Self) -> Self {
        let mut env = self.env;
        env.extend(under.env.iter().filter(|name| !env.contains(name)).cloned().collect::<Vec<_>>());
        Self {
            inputs: self.inputs.or_else(|| under.inputs.clone()),
            outputs: if self.outputs.is_empty() { under.outputs.clone() } else { self.outputs },
            env,
            off: self.off || under.off,
            folder: self.folder.or_else(|| under.folder.clone()),
        }
    }
}

/// Folders of tools, as actions/cache keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FolderCache {
    /// The key; entries never change.
    pub key: String,
    /// Beginnings of keys that will do, in this order; of several matches the newest.
    #[serde(default)]
    pub restore_keys: Vec<String>,
    /// Patterns of what is kept, below the root.
    pub paths: Vec<String>,
}

/// What a step hands on, and what it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StepArtifacts {
    /// Kept when it has succeeded.
    pub upload: Vec<Upload>,
    /// Put in place before it runs.
    pub download: Vec<Download>,
}

/// What to do where the patterns match nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IfNoFilesFound {
    /// Say so and go on.
    #[default]
    Warn,
    /// Fail.
    Error,
    /// Go on.
    Ignore,
}

/// An artifact to be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Upload {
    /// The artifact's name.
    pub name: String,
    /// Patterns of files below the root.
    pub path: Vec<String>,
    /// What to do where they match nothing.
    #[serde(default)]
    pub if_no_files_found: IfNoFilesFound,
    /// Whether files and folders whose names begin with a dot are taken too.
    #[serde(default)]
    pub include_hidden_files: bool,
    /// How long it is kept.
    #[serde(default)]
    pub retention_days: Option<u32>,
}

/// An artifact that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Download {
    /// The artifact's name.
    pub name: String,
    /// The folder below the root to put its files into; the root where absent.
    #[serde(default)]
    pub path: Option<String>,
}

/// `cache: { inputs, outputs, env }`, `cache: { key, restore-keys, paths }`, or both; or `cache: false`.
pub(super) fn cache_rules(at: &At) -> Option<CacheRules> {
    if let Value::Bool(on) = at.value {
        return (!on).then(|| CacheRules { off: true, ..CacheRules::default() });
    }
    let mut fields = at.fields()?;
    let rules = CacheRules {
        inputs: fields.texts(&["inputs"]),
        outputs: fields.texts(&["outputs"]).unwrap_or_default(),
        env: fields.texts(&["env"]).unwrap_or_default(),
        off: false,
        folder: folder(at, &mut fields),
    };
    fields.finish();
    Some(rules)
}

fn folder(at: &At, fields: &mut Fields) -> Option<FolderCache> {
    let key = fields.text(&["key"]);
    let paths = fields.texts(&["paths", "path"]);
    let restore_keys = fields.texts(&["restoreKeys"]).unwrap_or_default();
    match (key, paths) {
        (Some(key), Some(paths)) => Some(FolderCache { key, restore_keys, paths }),
        (None, None) => None,
        (Some(_), None) => {
            at.warn("has a key but no paths: no folder is kept");
            None
        }
        (None, Some(_)) => {
            at.warn("has paths but no key: no folder is kept");
            None
        }
    }
}

/// `artifacts: { upload, download }` of a step, each one or a list.
pub(super) fn step_artifacts(at: &At) -> Option<StepArtifacts> {
    let mut fields = at.fields()?;
    let upload = fields.take(&["upload"]);
    let download = fields.take(&["download"]);
    let artifacts = StepArtifacts {
        upload: upload.iter().flat_map(At::items_or_one).filter_map(|at| self::upload(&at)).collect(),
        download: download.iter().flat_map(At::items_or_one).filter_map(|at| self::download(&at)).collect(),
    };
    fields.finish();
    Some(artifacts)
}

fn upload(at: &At) -> Option<Upload> {
    let mut fields = at.fields()?;
    let name = fields.label(&["name"]);
    let path = fields.texts(&["path", "paths"]);
    let otherwise =
        fields.take(&["ifNoFilesFound"]).and_then(|at| match at.text()?.to_ascii_lowercase().as_str() {
            "warn" => Some(IfNoFilesFound::Warn),
            "error" => Some(IfNoFilesFound::Error),
            "ignore" => Some(IfNoFilesFound::Ignore),
            _ => at.wrong("warn, error or ignore"),
        });
    let hidden = fields.flag(&["includeHiddenFiles"]);
    let days = fields.take(&["retentionDays"]).and_then(|at| at.whole_as("days"));
    fields.finish();
    let (Some(name), Some(path)) = (name, path) else {
        at.warn("needs a name and a path: nothing is uploaded");
        return None;
    };
    Some(Upload {
        name,
        path,
        if_no_files_found: otherwise.unwrap_or_default(),
        include_hidden_files: hidden.unwrap_or_default(),
        retention_days: days,
    })
}

fn download(at: &At) -> Option<Download> {
    let mut fields = at.fields()?;
    let name = fields.label(&["name"]);
    let path = fields.text(&["path", "destination"]);
    fields.finish();
    if name.is_none() {
        at.warn("needs a name: nothing is downloaded");
    }
    Some(Download { name: name?, path })
}
