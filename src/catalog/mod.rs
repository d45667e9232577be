//! Script folders, header fields, and the sequence language that selects from them.
//!
//! A catalog is the list of a project's numbered scripts. It reads names when it is opened and a
//! script's header when somebody first asks for it; it runs nothing.

mod dependency;
mod header;
mod sequence;

pub(crate) use header::text;
pub use header::Header;
pub use sequence::{resolve, resolve_known, Known, SequenceError};

use crate::{error::Diagnose, pool};
use once_cell::sync::OnceCell;
use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Where a project keeps its numbered scripts: AitherZero's layout and its newer one.
pub const SCRIPT_FOLDERS: [&str; 2] = ["automation-scripts", "library/automation-scripts"];

/// A script's number; four digits wherever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u16);

impl Number {
    /// Reads one to four digits.
    pub fn parse(digits: &str) -> Option<Self> {
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok().map(Self)).flatten()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.0)
    }
}

/// One numbered script, `NNNN_Verb-Noun.ps1`.
#[derive(Debug)]
pub struct Script {
    /// The four digits of its name.
    pub number: Number,
    /// The file name, for example `0402_Run-UnitTests.ps1`.
    pub name: String,
    /// The whole path.
    pub path: PathBuf,
    header: OnceCell<Header>,
}

impl Script {
    /// The header, read on first use. A file that cannot be read has an empty one: running it is
    /// what reports the reason.
    pub fn header(&self) -> &Header {
        self.header.get_or_init(|| Header::read(&self.path).unwrap_or_default())
    }

    /// The part of the name after `NNNN_`, without the extension.
    fn title(&self) -> &str {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        stem.get(5..).unwrap_or_default()
    }
}

/// The numbered scripts of a project, ascending.
#[derive(Debug)]
pub struct Catalog {
    folders: Vec<PathBuf>,
    scripts: BTreeMap<Number, Script>,
}

/// Why a project's scripts cannot be listed.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// The project has no script folder.
    #[error("'{0}' has no script folder")]
    NoFolder(PathBuf),
    /// A script folder cannot be read.
    #[error("the script folder '{folder}' cannot be read: {error}")]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Diagnose for CatalogError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoFolder(_) => "catalog.no-folder",
            Self::Unreadable { .. } => "catalog.unreadable",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoFolder(_) => Some(format!(
                "Run from inside a project that has {} in it, or set AITHERZERO_ROOT to such a project.",
                SCRIPT_FOLDERS.map(|folder| format!("{folder}/")).join(" or ")
            )),
            Self::Unreadable { .. } => Some("Check that the folder exists and that you may read it.".into()),
        }
    }

    fn place(&self) -> Option<String> {
        let (Self::NoFolder(path) | Self::Unreadable { folder: path, .. }) = self;
        Some(path.display().to_string())
    }
}

impl Catalog {
    /// Lists the scripts of the project at `root`. Of several files with one number the first by
    /// name counts; of several folders the first in [`SCRIPT_FOLDERS`].
    ///
    /// # Errors
    /// [`CatalogError`] where there is no script folder or one cannot be read.
    pub fn open(root: &Path) -> Result<Self, CatalogError> {
        let folders: Vec<PathBuf> =
            SCRIPT_FOLDERS.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()).collect();
        if folders.is_empty() {
            return Err(CatalogError::NoFolder(root.to_owned()));
        }
        let mut scripts: BTreeMap<Number, Script> = BTreeMap::new();
        for folder in &folders {
            for script in list(folder)? {
                scripts.entry(script.number).or_insert(script);
            }
        }
        Ok(Self { folders, scripts })
    }

    /// The script with this number.
    pub fn get(&self, number: Number) -> Option<&Script> {
        self.scripts.get(&number)
    }

    /// All scripts, ascending by number.
    pub fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.scripts.values()
    }

    /// The folders searched, as text for messages.
    pub fn searched(&self) -> String {
        self.folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join("' and '")
    }

    /// Reads the headers of these scripts, several at a time.
    pub fn read_headers<'a>(&self, scripts: impl Iterator<Item = &'a Script>) {
        let unread: Vec<&Script> = scripts.filter(|script| script.header.get().is_none()).collect();
        pool::map(unread, |script| {
            script.header();
        });
    }
}

fn list(folder: &Path) -> Result<Vec<Script>, CatalogError> {
    let unreadable = |error| CatalogError::Unreadable { folder: folder.to_owned(), error };
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if let Some(number) = script_number(&name) {
            let path = entry.path();
            if path.is_file() {
                scripts.push(Script { number, name, path, header: OnceCell::new() });
            }
        }
    }
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scripts)
}

/// The number of `NNNN_*.ps1`, nothing for any other name.
fn script_number(name: &str) -> Option<Number> {
    let (digits, rest) = name.split_once('_')?;
    let (_, extension) = rest.rsplit_once('.')?;
    (digits.len() == 4 && extension.eq_ignore_ascii_case("ps1")).then(|| Number::parse(digits)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbered_scripts_have_a_number() {
        assert_eq!(script_number("0402_Run-UnitTests.ps1").map(|n| n.to_string()), Some("0402".into()));
        assert_eq!(script_number("0402_Run.PS1").map(|n| n.to_string()), Some("0402".into()));
        for name in
            ["402_Run.ps1", "0402-Run.ps1", "0402_Run.psm1", "x0402_Run.ps1", "0402_ps1", "+402_a.ps1"]
        {
            assert_eq!(script_number(name), None, "{name}");
        }
    }
}
