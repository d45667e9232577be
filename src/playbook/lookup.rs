//! Where playbooks are, and which file a name means.

use crate::error::Diagnose;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Where a project keeps its playbooks: AitherZero's layout and its newer one.
pub const PLAYBOOK_FOLDERS: [&str; 2] = ["orchestration/playbooks", "library/playbooks"];

const EXTENSIONS: [&str; 2] = ["json", "psd1"];

/// So deep below a playbook folder is looked.
const DEEPEST: usize = 16;

/// A playbook's file and the name it is called by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The path below the playbook folder without extension, with `/`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

/// Why a name means no playbook.
#[derive(Debug, Error)]
pub enum LookupError {
    /// No file has the name.
    #[error("Playbook not found: {name}")]
    NotFound {
        /// The name.
        name: String,
        /// Names that are near it.
        near: Vec<String>,
        /// The folders searched.
        searched: Vec<PathBuf>,
    },
    /// Several files have the name.
    #[error("'{name}' names {} playbooks: {}", .names.len(), .names.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// What each of them is called in full.
        names: Vec<String>,
    },
    /// A folder cannot be read.
    #[error("the playbook folder '{folder}' cannot be read: {error}")]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Diagnose for LookupError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "playbook.not-found",
            Self::Ambiguous { .. } => "playbook.ambiguous",
            Self::Unreadable { .. } => "playbook.unreadable",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near, searched, .. } if near.is_empty() => {
                let searched: Vec<String> =
                    searched.iter().map(|folder| folder.display().to_string()).collect();
                format!(
                    "Looked in {}; Get-OrchestrationPlaybook lists what there is.",
                    searched.join(" and ")
                )
            }
            Self::NotFound { near, .. } => format!("Did you mean {}?", near.join(" or ")),
            Self::Ambiguous { .. } => "Use one of the full names.".into(),
            Self::Unreadable { .. } => "Check that you may read it.".into(),
        })
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Unreadable { folder, .. } => Some(folder.display().to_string()),
            _ => None,
        }
    }
}

/// Every playbook of the project, by name.
///
/// # Errors
/// [`LookupError::Unreadable`]; a project without playbook folders has none.
pub fn list(root: &Path) -> Result<Vec<Found>, LookupError> {
    let mut found = Vec::new();
    for folder in PLAYBOOK_FOLDERS.map(|folder| root.join(folder)) {
        if folder.is_dir() {
            collect(&folder, &folder, 0, &mut found)?;
        }
    }
    found.sort();
    Ok(found)
}

fn collect(top: &Path, folder: &Path, depth: usize, found: &mut Vec<Found>) -> Result<(), LookupError> {
    let unreadable = |error| LookupError::Unreadable { folder: folder.to_owned(), error };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && depth < DEEPEST {
            collect(top, &path, depth + 1, found)?;
        } else if !kind.is_dir() && is_playbook(&path) {
            let stem = path.with_extension("");
            let name = stem.strip_prefix(top).unwrap_or(&stem).to_string_lossy().replace('\\', "/");
            found.push(Found { name, path });
        }
    }
    Ok(())
}

fn is_playbook(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// The playbook that a name means: its path below the folder, or its file's name wherever it is.
///
/// The one directly in the folder comes before those below; of one name as JSON and psd1, JSON.
///
/// # Errors
/// [`LookupError`], with the names that are near, or those that the name could mean.
pub fn find(root: &Path, name: &str) -> Result<Found, LookupError> {
    let wanted = name.trim().replace('\\', "/");
    let wanted = wanted.trim_start_matches("./").trim_matches('/');
    let wanted = EXTENSIONS
        .iter()
        .find_map(|extension| wanted.strip_suffix(&format!(".{extension}")))
        .unwrap_or(wanted)
        .to_lowercase();
    let mut all = list(root)?;
    // JSON sorts before psd1, so it is the one that stays.
    all.dedup_by(|later, kept| later.name == kept.name && later.path.parent() == kept.path.parent());
    if let Some(exact) = all.iter().find(|found| found.name.to_lowercase() == wanted) {
        return Ok(exact.clone());
    }
    let base = |found: &Found| found.name.rsplit('/').next().unwrap_or_default().to_lowercase();
    let mut named = all.iter().filter(|found| base(found) == wanted);
    match (named.next(), named.next()) {
        (Some(only), None) => Ok(only.clone()),
        (Some(_), Some(_)) => {
            let names =
                all.iter().filter(|found| base(found) == wanted).map(|found| found.name.clone()).collect();
            Err(LookupError::Ambiguous { name: name.to_owned(), names })
        }
        (None, _) => Err(LookupError::NotFound {
            name: name.to_owned(),
            near: near(&wanted, all.iter().map(base)),
            searched: PLAYBOOK_FOLDERS.iter().map(|folder| root.join(folder)).collect(),
        }),
    }
}

/// The three nearest names that are near at all.
fn near(wanted: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let mut ranked: Vec<(usize, String)> = names
        .map(|name| (strsim::damerau_levenshtein(wanted, &name), name))
        .filter(|(distance, name)| distance * 2 <= name.chars().count() || name.contains(wanted))
        .collect();
    ranked.sort();
    ranked.dedup();
    ranked.into_iter().take(3).map(|(_, name)| name).collect()
}
