//! The environment of a job's child.

use crate::plan::{Environment, Job};
use serde_json::{Map, Value};
use std::ffi::{OsStr, OsString};

/// What earlier steps of a job have set for the later ones (`GITHUB_ENV`, `GITHUB_PATH`).
#[derive(Debug, Default, Clone)]
pub(in crate::run) struct StepEnvironment {
    pub variables: Vec<(String, String)>,
    /// Folders put in front of PATH, the last one first.
    pub folders: Vec<String>,
}

/// Which job of the playbook a step belongs to: its group, and the combination of its matrix.
pub(in crate::run) type JobKey = (usize, Option<String>);

/// The key of a job's step; none where steps of its own are all it has.
pub(super) fn key(job: &Job) -> Option<JobKey> {
    job.group.map(|group| (group, job.matrix_id.clone()))
}

/// Variables that a step cannot set for others.
pub(super) fn is_reserved(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.starts_with("GITHUB_") || upper.starts_with("RUNNER_") || upper == "NODE_OPTIONS"
}

/// Names and values, a later one over an earlier one of its name.
#[derive(Debug)]
pub(super) struct Variables(Vec<(OsString, OsString)>);

impl Variables {
    /// The caller's environment, or else the library's own.
    pub fn of_caller(given: Option<&Environment>) -> Self {
        Self(match given {
            Some(given) => given.iter().map(|(name, value)| (name.into(), text(value).into())).collect(),
            None => std::env::vars_os().collect(),
        })
    }

    /// What earlier steps have set.
    pub fn set_steps(&mut self, steps: &StepEnvironment) {
        for (name, value) in &steps.variables {
            self.set(name, value);
        }
        if !steps.folders.is_empty() {
            let mut folders: Vec<OsString> = steps.folders.iter().rev().map(OsString::from).collect();
            folders.extend(std::env::split_paths(&self.path()).map(OsString::from));
            if let Ok(path) = std::env::join_paths(folders) {
                self.set("PATH", path);
            }
        }
    }

    /// What the playbook says.
    pub fn set_all(&mut self, env: &Map<String, Value>) {
        for (name, value) in env {
            self.set(name, text(value));
        }
    }

    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| is_same(known, name)) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.into(), value)),
        }
    }

    /// Where programs are.
    pub fn path(&self) -> OsString {
        let found = self.0.iter().find(|(name, _)| is_same(name, "PATH"));
        found.map_or_else(OsString::new, |(_, path)| path.clone())
    }

    /// Every name and value that a program can be given.
    pub fn into_list(self) -> Vec<(OsString, OsString)> {
        self.0
    }
}

fn is_same(known: &OsStr, name: &str) -> bool {
    if cfg!(windows) {
        known.eq_ignore_ascii_case(name)
    } else {
        known == name
    }
}

/// A value as text: true and false in lower case, numbers as they are written, null as nothing.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
