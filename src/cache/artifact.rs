//! Artifacts: named sets of files that jobs hand on. Names are unique in a run, contents are blobs.

use super::{
    collect::items,
    content,
    entry::{Body, StoredFile},
    patterns::Patterns,
    restore, sealed, timestamp,
    walk::{self, Found},
    Digest, PatternError, Refusal, Scanner, Store, Unsealed,
};
use crate::{
    error::Diagnose,
    playbook::{IfNoFilesFound, Upload},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use thiserror::Error;

/// GitHub Actions keeps artifacts for so many days where nobody says otherwise.
pub const RETENTION_DAYS: u32 = 90;

/// What a name must not have, in GitHub Actions and here.
const FORBIDDEN: [char; 9] = ['"', ':', '<', '>', '|', '*', '?', '\\', '/'];

/// A kept artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Artifact {
    /// Its name.
    pub name: String,
    /// The run it belongs to.
    pub run_id: String,
    /// When it was kept: ISO 8601.
    pub timestamp: String,
    /// Seconds since 1970 after which it may be collected.
    pub expires: u64,
    /// Of all its files and their contents.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// Its files, below the folder that all of them are in.
    pub files: Vec<StoredFile>,
}

/// Why an artifact is not kept or not given.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// The name is empty or has forbidden characters.
    #[error("'{0}' is no name for an artifact")]
    Name(String),
    /// The run has one of this name.
    #[error("the run {run} has an artifact '{name}' already")]
    Taken {
        /// The name.
        name: String,
        /// The run.
        run: String,
    },
    /// Nothing matches.
    #[error("no file matches {0}")]
    NoFiles(String),
    /// There is no such artifact.
    #[error("there is no artifact '{name}'")]
    Unknown {
        /// The name.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// What was kept is damaged.
    #[error("the artifact '{name}' is of no use: {why}")]
    Damaged {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A pattern is refused.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A file cannot be kept or must not be put where it would go.
    #[error("the artifact '{name}': {refusal}")]
    Refused {
        /// The name.
        name: String,
        /// Why.
        refusal: Refusal,
    },
    /// The disk says no.
    #[error("the artifact '{name}': {error}")]
    Io {
        /// The name.
        name: String,
        /// What the system said.
        error: io::Error,
    },
}

impl Diagnose for ArtifactError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "artifact.name",
            Self::Taken { .. } => "artifact.taken",
            Self::NoFiles(_) => "artifact.no-files",
            Self::Unknown { .. } => "artifact.unknown",
            Self::Damaged { .. } => "artifact.damaged",
            Self::Pattern(_) => "artifact.pattern",
            Self::Refused { .. } => "artifact.refused",
            Self::Io { .. } => "artifact.io",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Name(_) => "A name has at least one character and none of \" : < > | * ? \\ /.".into(),
            Self::Taken { .. } => "Artifacts do not change: give this one another name.".into(),
            Self::NoFiles(_) => "Paths are relative to the project's root; hidden files are taken only on \
                                 request. Say ignore or warn where it may be empty."
                .into(),
            Self::Unknown { known, .. } if known.is_empty() => "No artifact has been published.".into(),
            Self::Unknown { known, .. } => format!("There are: {}.", known.join(", ")),
            Self::Damaged { .. } => "Publish it again.".into(),
            Self::Pattern(_) => "Write patterns relative to the project's root, for example out/**.".into(),
            Self::Refused { .. } => "Choose a folder inside the project that is no link out of it.".into(),
            Self::Io { .. } => "Check that there is room and that you may write there.".into(),
        })
    }
}

/// Keeps files under a name. None where nothing matches and that is fine.
///
/// # Errors
/// [`ArtifactError`]; nothing was kept.
pub fn publish(
    store: &Store,
    scanner: &Scanner,
    run: &str,
    upload: &Upload,
) -> Result<Option<Artifact>, ArtifactError> {
    let name = checked(&upload.name)?;
    let patterns = Patterns::new(&upload.path)?;
    let io = |error| ArtifactError::Io { name: name.to_owned(), error };
    let mut found = walk::matching(scanner.root(), &patterns).map_err(io)?;
    found.retain(|file| upload.include_hidden_files || !is_hidden(&file.name));
    if found.is_empty() {
        return match upload.if_no_files_found {
            IfNoFilesFound::Error => Err(ArtifactError::NoFiles(upload.path.join(", "))),
            _ => Ok(None),
        };
    }
    let _lock = store.share().map_err(io)?;
    let base = common_folder(&found, &patterns);
    let mut files = Vec::with_capacity(found.len());
    for file in &found {
        if !file.metadata.is_file() {
            let why = "only files are kept, no links, pipes or devices";
            let refusal = Refusal::Way { path: file.name.clone(), why: why.into() };
            return Err(ArtifactError::Refused { name: name.to_owned(), refusal });
        }
        let read = content::read(&file.path).map_err(io)?;
        store.blobs.put_file(&file.path, &read.digest, read.stamp.size).map_err(io)?;
        let path = file.name.strip_prefix(&base).unwrap_or(&file.name).to_owned();
        let executable = content::is_executable(&file.metadata);
        files.push(StoredFile {
            path,
            body: Body::File { digest: read.digest, size: read.stamp.size, executable },
        });
    }
    files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    files.dedup();
    let days = u64::from(upload.retention_days.unwrap_or(RETENTION_DAYS));
    let now = SystemTime::now();
    let listed =
        super::Manifest::new(files.iter().filter_map(|file| Some((file.path.as_str(), file.digest()?))));
    let artifact = Artifact {
        name: name.to_owned(),
        run_id: run.to_owned(),
        timestamp: timestamp::of(now),
        expires: seconds(now + Duration::from_secs(days * 24 * 60 * 60)),
        digest: listed.digest(),
        size: files.iter().map(StoredFile::size).sum(),
        files,
    };
    let path = file_of(store, run, name);
    let folder = path.parent().unwrap_or(&path);
    fs::create_dir_all(folder).map_err(io)?;
    let mut file = super::atomic::beside(&path).map_err(io)?;
    io::Write::write_all(&mut file, &sealed::seal(&artifact).map_err(io)?).map_err(io)?;
    // Names are unique in a run, also between two jobs that publish at once.
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(Some(artifact)),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(ArtifactError::Taken { name: name.to_owned(), run: run.to_owned() })
        }
        Err(failed) => Err(io(failed.error)),
    }
}

/// Puts an artifact's files into a folder: that of this run or, where `run` is none, the newest of
/// this name.
///
/// # Errors
/// [`ArtifactError`]; no file was written.
pub fn receive(
    store: &Store,
    run: Option<&str>,
    name: &str,
    destination: &Path,
) -> Result<Artifact, ArtifactError> {
    let name = checked(name)?;
    let io = |error| ArtifactError::Io { name: name.to_owned(), error };
    let _lock = store.share().ok();
    let artifact = match run {
        Some(run) => match sealed::read::<Artifact>(&file_of(store, run, name)) {
            Ok(artifact) if artifact.name == name && artifact.run_id == run => artifact,
            Err(Unsealed::Absent) => {
                let known = list(store).into_iter().filter(|artifact| artifact.run_id == run);
                return Err(unknown(name, known.collect()));
            }
            Ok(_) => return Err(damaged(name, "it belongs elsewhere")),
            Err(error) => return Err(damaged(name, error)),
        },
        None => {
            let all = list(store);
            match all.iter().find(|artifact| artifact.name == name) {
                Some(newest) => newest.clone(),
                None => return Err(unknown(name, all)),
            }
        }
    };
    fs::create_dir_all(destination).map_err(io)?;
    // The destination is a root of its own: nothing of the artifact may go anywhere else.
    let scanner = Scanner::new(destination, &destination.join("no-index"));
    restore::files(&store.blobs, &scanner, &artifact.files)
        .map_err(|refusal| ArtifactError::Refused { name: name.to_owned(), refusal })?;
    Ok(artifact)
}

/// Every artifact that can be read, the newest first.
pub fn list(store: &Store) -> Vec<Artifact> {
    let mut all: Vec<Artifact> = files(store).filter_map(|path| sealed::read(&path).ok()).collect();
    all.sort_by(|one: &Artifact, other| {
        (&other.timestamp, &other.run_id).cmp(&(&one.timestamp, &one.run_id))
    });
    all
}

/// The blobs of artifacts that have not expired; the files of those that have are removed.
pub(super) fn blobs(store: &Store, now: SystemTime) -> HashSet<Digest> {
    let mut blobs = HashSet::new();
    for path in files(store) {
        let Ok(artifact) = sealed::read::<Artifact>(&path) else { continue };
        if artifact.expires <= seconds(now) {
            // One that cannot be removed keeps its blobs until it can.
            if fs::remove_file(&path).is_ok() {
                continue;
            }
        }
        blobs.extend(artifact.files.iter().filter_map(StoredFile::digest));
    }
    blobs
}

fn files(store: &Store) -> impl Iterator<Item = PathBuf> {
    let runs = items(&store.blobs.folder().join("runs")).unwrap_or_default();
    runs.into_iter().flat_map(|run| items(&run.path()).unwrap_or_default()).map(|item| item.path())
}

fn file_of(store: &Store, run: &str, name: &str) -> PathBuf {
    // Whatever characters and cases a run's or an artifact's name has, its file has a name of its own.
    let part = |text: &str| Digest::of(text.as_bytes()).to_string()[..32].to_owned();
    store.blobs.folder().join("runs").join(part(run)).join(format!("{}.json", part(name)))
}

fn checked(name: &str) -> Result<&str, ArtifactError> {
    let odd = |letter: char| FORBIDDEN.contains(&letter) || letter.is_control();
    if name.trim().is_empty() || name.contains(odd) {
        return Err(ArtifactError::Name(name.to_owned()));
    }
    Ok(name)
}

fn unknown(name: &str, known: Vec<Artifact>) -> ArtifactError {
    let mut known: Vec<String> = known.into_iter().map(|artifact| artifact.name).collect();
    known.sort_unstable();
    known.dedup();
    ArtifactError::Unknown { name: name.to_owned(), known }
}

fn damaged(name: &str, why: impl ToString) -> ArtifactError {
    ArtifactError::Damaged { name: name.to_owned(), why: why.to_string() }
}

fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.'))
}

/// The folder, with a `/` at its end, that the files' paths begin below: what all patterns have in
/// common before their first wildcard, as actions/upload-artifact has it.
fn common_folder(found: &[Found], patterns: &Patterns) -> String {
    let mut bases = patterns.wanted().iter().map(|wanted| {
        let base: Vec<String> = wanted.base.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let text = base.join("/");
        // A pattern that names one file begins in the file's folder.
        if found.iter().any(|file| file.name == text) {
            base[..base.len() - 1].to_vec()
        } else {
            base
        }
    });
    let first = bases.next().unwrap_or_default();
    let common = bases.fold(first, |common, base| {
        common.into_iter().zip(base).take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
    });
    common.iter().map(|part| format!("{part}/")).collect()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
