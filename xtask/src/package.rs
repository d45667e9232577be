//! `cargo xtask package`: what is shipped: the module, and beside it the drop-in and the launcher that
//! `Install-AitherOrchestration` puts into a checkout.

use crate::checksum::Summer;
use crate::error::Error;
use crate::manifest;
use crate::project::{Project, MODULE};
use crate::setup;
use crate::stamp;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What stands beside the module.
const BESIDE: [&str; 2] = ["OrchestrationEngine.psm1", "Start-AitherZero.ps1"];

/// The list of sums, as `sha256sum --check` reads it.
const SUMS: &str = "SHA256SUMS";

pub fn run(project: &Project) -> Result<ExitCode, Error> {
    let summer = Summer::find()?;
    let version = version(project)?;
    let cargo = setup::cargo(project)?;
    setup::library(project, &cargo)?;

    let package = project.path("target/package");
    if package.exists() {
        fs::remove_dir_all(&package).map_err(Error::file("clearing", &package))?;
    }
    let mut files = stamp::files_below(&project.module(), &[])?
        .into_iter()
        .map(|(relative, bytes)| (Path::new(MODULE).join(relative), bytes))
        .collect::<Vec<_>>();
    for name in BESIDE {
        let path = project.path("powershell").join(name);
        files.push((PathBuf::from(name), fs::read(&path).map_err(Error::file("reading", &path))?));
    }
    let mut sums = String::new();
    for (relative, bytes) in files {
        let place = package.join(&relative);
        stamp::replace(&place, &bytes)?;
        sums.push_str(&format!("{}  {}\n", summer.sum(&place)?, with_slashes(&relative)));
    }
    stamp::replace(&package.join(SUMS), sums.as_bytes())?;

    println!("{MODULE} {version}: {} files and {SUMS} in {}", sums.lines().count(), package.display());
    for library in sums.lines().filter(|line| line.contains("/native/")) {
        println!("  {library}");
    }
    Ok(ExitCode::SUCCESS)
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
