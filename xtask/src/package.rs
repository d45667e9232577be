//! `cargo xtask package`: what is shipped: the module with the libraries of every system, and beside it the
//! drop-in and the launcher that `Install-AitherOrchestration` puts into a checkout.

use crate::checksum::Summer;
use crate::cross::{Cross, System, LINUX_ARM64, WINDOWS};
use crate::error::Error;
use crate::library;
use crate::manifest;
use crate::merge;
use crate::platform;
use crate::powershell;
use crate::process::{self, NO_LIMIT};
use crate::project::{Project, MODULE};
use crate::setup::{self, say};
use crate::stamp;
use crate::usage::Topic;
use std::collections::BTreeMap;
use std::env::consts::OS;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What stands beside the module.
const BESIDE: [&str; 2] = ["OrchestrationEngine.psm1", "Start-AitherZero.ps1"];

/// The systems whose libraries Linux builds too. macOS builds its own.
const OTHERS: [&System; 2] = [&WINDOWS, &LINUX_ARM64];

/// The folder of the libraries in the module, a folder for each system.
const NATIVE: &str = "native";

/// The list of sums, as `sha256sum --check` reads it.
const SUMS: &str = "SHA256SUMS";

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let more = more_libraries(arguments)?;
    let summer = Summer::find()?;
    let version = version(project)?;

    let mut files = BTreeMap::new();
    for (relative, bytes) in stamp::files_below(&project.module(), &[NATIVE])? {
        files.insert(Path::new(MODULE).join(relative), bytes);
    }
    files.insert(Path::new(MODULE).join(format!("{MODULE}.psm1")), merge::script(project)?.into_bytes());
    for name in BESIDE {
        let path = project.path("powershell").join(name);
        files.insert(PathBuf::from(name), read(&path)?);
    }
    let native = Path::new(MODULE).join(NATIVE);
    if let Some(folder) = &more {
        for (relative, bytes) in stamp::files_below(folder, &[])? {
            files.insert(native.join(relative), bytes);
        }
    }
    let mut left_out = Vec::new();
    for (identifier, library) in libraries(project, &mut left_out)? {
        let folder = native.join(identifier);
        let bytes = read(&library)?;
        let name = library.file_name().unwrap_or_default().to_string_lossy();
        let both = library::with_built(project, &name, bytes)?;
        files.extend(both.map(|(name, bytes)| (folder.join(name), bytes)));
    }

    let package = project.path("target/package");
    if package.exists() {
        fs::remove_dir_all(&package).map_err(Error::file("clearing", &package))?;
    }
    let mut sums = String::new();
    for (relative, bytes) in &files {
        let place = package.join(relative);
        stamp::replace(&place, bytes)?;
        sums.push_str(&format!("{}  {}\n", summer.sum(&place)?, with_slashes(relative)));
    }
    stamp::replace(&package.join(SUMS), sums.as_bytes())?;
    check_manifest(project, &package.join(MODULE).join(format!("{MODULE}.psd1")), &version)?;

    println!("{MODULE} {version}: {} files and {SUMS} in {}", files.len(), package.display());
    for library in sums.lines().filter(|line| line.contains("/native/")) {
        println!("  {library}");
    }
    for (identifier, why) in left_out {
        println!("  left out: {identifier}: {why}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder after `--libraries`.
fn more_libraries(arguments: &[OsString]) -> Result<Option<PathBuf>, Error> {
    match arguments {
        [] => Ok(None),
        [option, folder] if option == "--libraries" => {
            let folder = PathBuf::from(folder);
            match folder.is_dir() {
                true => Ok(Some(folder)),
                false => Err(Error::misuse(
                    Topic::Package,
                    format!("--libraries: {} is no folder", folder.display()),
                )),
            }
        }
        [option] if option == "--libraries" => {
            Err(Error::misuse(Topic::Package, "--libraries wants a folder"))
        }
        [option, ..] => {
            let problem = format!("there is no option '{}' here", option.to_string_lossy());
            Err(Error::misuse(Topic::Package, problem))
        }
    }
}

/// The libraries that this machine builds, each with its system's identifier. A system whose tools cannot be
/// had is left out; that its library does not build is an error.
fn libraries(
    project: &Project,
    left_out: &mut Vec<(&'static str, Error)>,
) -> Result<Vec<(&'static str, PathBuf)>, Error> {
    let cargo = setup::cargo(project)?;
    let own = platform::runtime_identifier()?;
    let built = library::build(project, &cargo, || say("building the native library"))?;
    let mut libraries = vec![(own, built)];
    if OS == "linux" {
        for system in OTHERS.into_iter().filter(|system| system.identifier != own) {
            match Cross::ensure(project, system) {
                Ok(cross) => {
                    say(&format!("building the native library for {}", system.name));
                    libraries.push((system.identifier, cross.library()?));
                }
                Err(why) => left_out.push((system.identifier, why)),
            }
        }
    }
    Ok(libraries)
}

/// PowerShell finds the manifest as it should be, with the version that all else has.
fn check_manifest(project: &Project, manifest: &Path, version: &str) -> Result<(), Error> {
    let powershell = powershell::ensure(project)?;
    let mut command = powershell.command(project);
    command.args(["-NoProfile", "-NonInteractive", "-Command"]);
    let path = manifest.display().to_string().replace('\'', "''");
    command.arg(format!(
        "$ErrorActionPreference = 'Stop'; (Test-ModuleManifest -Path '{path}').Version.ToString()"
    ));
    let told = process::capture(&mut command, NO_LIMIT)?.success("Test-ModuleManifest")?;
    match told.stdout.trim() {
        found if found == version => Ok(()),
        found => Err(Error::Invalid(format!("Test-ModuleManifest says version {found}, not {version}"))),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(Error::file("reading", path))
}

/// The one version: Cargo.toml has it, and the module's manifest agrees.
fn version(project: &Project) -> Result<String, Error> {
    let cargo_toml = project.path("Cargo.toml");
    let psd1 = project.module().join(format!("{MODULE}.psd1"));
    let read = |path: &PathBuf| fs::read_to_string(path).map_err(Error::file("reading", path));
    let ours = manifest::package_version(&read(&cargo_toml)?)
        .ok_or_else(|| Error::Invalid("Cargo.toml has no version".into()))?;
    match manifest::module_version(&read(&psd1)?) {
        Some(theirs) if theirs == ours => Ok(ours),
        Some(theirs) => Err(Error::Invalid(format!(
            "Cargo.toml's version is {ours} and {MODULE}.psd1's ModuleVersion {theirs}: make ModuleVersion {ours}"
        ))),
        None => Err(Error::Invalid(format!("{MODULE}.psd1 has no ModuleVersion: make it {ours}"))),
    }
}

fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_option_is_a_folder_that_is_there() {
        let read = |words: &[&str]| more_libraries(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(read(&[]).expect("none"), None);
        let here = std::env::temp_dir();
        let folder = here.display().to_string();
        assert_eq!(read(&["--libraries", &folder]).expect("a folder"), Some(here));
        for wrong in
            [&["--libraries"][..], &["--libraries", "no/such/folder"], &["x"], &["--libraries", "a", "b"]]
        {
            assert!(matches!(read(wrong), Err(Error::Misuse { .. })), "{wrong:?}");
        }
    }
}
