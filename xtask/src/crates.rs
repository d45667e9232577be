//! Where cargo gets the crates: the crates registry or, where it is out of reach, Debian's
//! packages of the same crates.

use crate::cargo;
use crate::debian;
use crate::error::Error;
use crate::lockfile::{self, LockedCrate};
use crate::manifest;
use crate::overlay;
use crate::process::{self, Finished};
use crate::project::Project;
use crate::setup::say;
use crate::stamp;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How long all crates together may take to arrive.
const FETCH_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The stamp that remembers the source, for one content of Cargo.lock.
const STAMP: &str = "crates";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrateSource {
    Registry,
    Debian,
}

impl CrateSource {
    /// What cargo has to be told to use this source.
    pub fn cargo_options(self, project: &Project) -> Vec<String> {
        match self {
            Self::Registry => Vec::new(),
            Self::Debian => from_folder(&overlay::folder(project)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Debian => "debian",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Registry, Self::Debian].into_iter().find(|source| source.name() == name)
    }
}

/// What cargo has to be told to find every crate in a folder.
pub fn from_folder(folder: &Path) -> Vec<String> {
    vec![
        "--offline".into(),
        "--config".into(),
        "source.crates-io.replace-with=\"debian\"".into(),
        "--config".into(),
        format!("source.debian.directory={:?}", folder.display().to_string()),
    ]
}

/// The crates that the project asks for.
#[derive(Debug)]
pub struct Needs {
    /// Everything in Cargo.lock; empty where there is no lock yet.
    pub locked: Vec<LockedCrate>,
    /// The names in Cargo.toml.
    pub direct: Vec<String>,
    key: String,
}

impl Needs {
    fn read(project: &Project) -> Result<Self, Error> {
        let manifest = project.path("Cargo.toml");
        let manifest = fs::read_to_string(&manifest).map_err(Error::file("reading", &manifest))?;
        let lock = fs::read_to_string(project.path("Cargo.lock")).unwrap_or_default();
        let direct = manifest::dependency_names(&manifest);
        let key = stamp::key_of(&(&lock, &direct));
        Ok(Self { locked: lockfile::crates(&lock), direct, key })
    }
}

/// Finds a source that has every crate, and remembers it until Cargo.lock changes.
pub fn ensure(project: &Project) -> Result<CrateSource, Error> {
    let needs = Needs::read(project)?;
    if let Some(source) = remembered(project, &needs) {
        if source == CrateSource::Debian {
            overlay::ensure(project, &needs.locked)?;
        }
        return Ok(source);
    }
    let source = choose(project, &needs)?;
    let key = Needs::read(project)?.key; // cargo may have completed the lock
    stamp::write(project, STAMP, &key, source.name())?;
    Ok(source)
}

fn remembered(project: &Project, needs: &Needs) -> Option<CrateSource> {
    let source = CrateSource::of(&stamp::read(project, STAMP, &needs.key)?)?;
    let complete = source == CrateSource::Registry || debian::missing(needs).is_empty();
    complete.then_some(source)
}

fn choose(project: &Project, needs: &Needs) -> Result<CrateSource, Error> {
    let probe = fetch(project, CrateSource::Registry, Patience::Probe)?;
    if probe.succeeded() {
        return Ok(CrateSource::Registry);
    }
    if probe.output.contains("failed to parse manifest") {
        return Err(Error::failed("reading Cargo.toml", probe.output));
    }
    if debian::is_here() {
        return from_debian(project, needs).map(|()| CrateSource::Debian);
    }
    let patient = fetch(project, CrateSource::Registry, Patience::Usual)?;
    if patient.succeeded() {
        return Ok(CrateSource::Registry);
    }
    let fix = "the crates registry is out of reach; connect to it, or run on Debian, whose packages stand in";
    Err(Error::missing("a source of crates", format!("{fix}\n{}", patient.output.trim_end())))
}

/// Installs Debian's packages until cargo finds every crate in them.
fn from_debian(project: &Project, needs: &Needs) -> Result<(), Error> {
    say("the crates registry is out of reach; Debian's packages stand in");
    debian::install(&debian::missing(needs), &needs.direct)?;
    let mut asked_for = BTreeSet::new();
    loop {
        overlay::ensure(project, &needs.locked)?;
        let fetched = fetch(project, CrateSource::Debian, Patience::Probe)?;
        if fetched.succeeded() {
            return Ok(());
        }
        // Without a lock that names them, crates that only a feature needs come to light one by one.
        match not_found(&fetched.output) {
            Some(name) if asked_for.insert(name.clone()) => {
                debian::install(&[LockedCrate::unlocked(&name)], &[name])?;
            }
            _ => {
                let fix = format!(
                    "the crates registry is out of reach, and Debian's packages do not have every crate; connect \
                     to the registry, or put the crate into {}",
                    debian::REGISTRY
                );
                return Err(Error::missing(
                    "a source of crates",
                    format!("{fix}\n{}", fetched.output.trim_end()),
                ));
            }
        }
    }
}

/// The crate that cargo says it does not find.
fn not_found(output: &str) -> Option<String> {
    let (_, after) = output.split_once("no matching package named `")?;
    after.split_once('`').map(|(name, _)| name.to_string())
}

/// How long cargo tries a network that does not answer.
#[derive(Clone, Copy)]
enum Patience {
    Probe,
    Usual,
}

/// Gets every crate of the lock; a lock that does not fit the manifests is completed: it was not
/// written for a new Cargo.toml, nor for a dependency that Debian has patched out or moved on.
fn fetch(project: &Project, source: CrateSource, patience: Patience) -> Result<Finished, Error> {
    let command = |locked: Option<&str>| -> Command {
        let mut command = cargo::bare("fetch");
        command.args(locked).args(source.cargo_options(project)).current_dir(project.root());
        if let Patience::Probe = patience {
            command.env("CARGO_NET_RETRY", "0").env("CARGO_HTTP_TIMEOUT", "10");
        }
        command
    };
    let mut announced = false;
    let finished = process::watch(&mut command(Some("--locked")), FETCH_LIMIT, |piece| {
        if !announced && piece.contains("Downloading") {
            announced = true;
            say("downloading crates");
        }
    })?;
    if !finished.output.contains("--locked was passed") {
        return Ok(finished);
    }
    say("Cargo.lock does not fit the crates' manifests yet; cargo completes it");
    process::capture(&mut command(None), FETCH_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::{not_found, CrateSource, Project};

    #[test]
    fn a_source_is_known_by_its_name() {
        for source in [CrateSource::Registry, CrateSource::Debian] {
            assert_eq!(CrateSource::of(source.name()), Some(source));
        }
        assert_eq!(CrateSource::of("elsewhere"), None);
    }

    #[test]
    fn the_crate_that_is_not_found_is_named() {
        let output = "error: no matching package named `quick-error` found\nlocation searched: …";
        assert_eq!(not_found(output).as_deref(), Some("quick-error"));
        assert_eq!(not_found("error: something else"), None);
    }

    #[test]
    fn the_registry_needs_no_options() {
        let project = Project::locate().expect("the repository");
        assert!(CrateSource::Registry.cargo_options(&project).is_empty());
        assert!(CrateSource::Debian.cargo_options(&project).contains(&"--offline".to_string()));
    }
}
