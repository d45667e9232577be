//! Which PowerShell runs the module: pwsh 7.4 or later, else what the .NET SDK can make.

use crate::error::Error;
use crate::host;
use crate::process;
use crate::project::Project;
use crate::setup::say;
use crate::stamp;
use crate::wine::{self, Wine};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{absolute, Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

/// The environment variable that names another PowerShell.
const OVERRIDE: &str = "AITHER_PWSH";

/// The oldest pwsh that the module supports.
const OLDEST: (u32, u32) = (7, 4);

/// How long pwsh may take to tell its version.
const VERSION_LIMIT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub struct PowerShell {
    program: PathBuf,
    /// Where the .NET runtime is, for a program that comes without one.
    runtime: Option<PathBuf>,
    /// What runs it, where it is a program for Windows and this is not.
    wine: Option<Wine>,
}

impl PowerShell {
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self::on_runtime(program, None)
    }

    pub fn on_runtime(program: impl Into<PathBuf>, runtime: Option<PathBuf>) -> Self {
        Self { program: program.into(), runtime, wine: None }
    }

    pub fn under(wine: &Wine, program: impl Into<PathBuf>) -> Self {
        Self { wine: Some(wine.clone()), ..Self::new(program) }
    }

    /// PowerShell with the module folder first on PSModulePath.
    pub fn command(&self, project: &Project) -> Command {
        let Some(wine) = &self.wine else { return self.command_here(project) };
        let mut command = wine.command(&self.program);
        command.env("PSModulePath", self.path(&project.modules()));
        // Nothing that needs the network, and no question about where a script comes from.
        command.env("POWERSHELL_TELEMETRY_OPTOUT", "1").env("POWERSHELL_UPDATECHECK", "Off");
        command.env("PSExecutionPolicyPreference", "Bypass");
        command
    }

    fn command_here(&self, project: &Project) -> Command {
        let mut command = process::command(&self.program);
        command.env("PSModulePath", module_path(project));
        if let Some(runtime) = self.runtime.as_ref().filter(|_| env::var_os("DOTNET_ROOT").is_none()) {
            command.env("DOTNET_ROOT", runtime);
        }
        command
    }

    /// PowerShell running a script of the repository, in the repository.
    pub fn script(&self, project: &Project, script: &str) -> Command {
        let mut command = self.command(project);
        command.args(["-NoProfile", "-NonInteractive", "-File"]).arg(self.path(&project.path(script)));
        command.current_dir(project.root());
        command
    }

    pub fn is_under_wine(&self) -> bool {
        self.wine.is_some()
    }

    /// A path as this PowerShell sees it.
    pub fn path(&self, path: &Path) -> OsString {
        match &self.wine {
            Some(_) => wine::windows_path(path).into(),
            None => path.into(),
        }
    }
}

fn module_path(project: &Project) -> OsString {
    let before = env::var_os("PSModulePath").unwrap_or_default();
    let folders = std::iter::once(project.modules())
        .chain(env::split_paths(&before).filter(|folder| !folder.as_os_str().is_empty()));
    env::join_paths(folders).unwrap_or_else(|_| project.modules().into_os_string())
}

/// Finds a PowerShell, or makes one where there is none.
pub fn ensure(project: &Project) -> Result<PowerShell, Error> {
    find_or(project, host::ensure)
}

/// The same, for measuring.
pub fn ensure_fast(project: &Project) -> Result<PowerShell, Error> {
    find_or(project, host::ensure_precompiled)
}

fn find_or(project: &Project, host: fn(&Project) -> Result<PowerShell, Error>) -> Result<PowerShell, Error> {
    if let Some(chosen) = env::var_os(OVERRIDE).filter(|value| !value.is_empty()) {
        return Ok(PowerShell::new(named(PathBuf::from(chosen))));
    }
    if let Some(pwsh) = process::find("pwsh") {
        let version = version(project, &pwsh)?;
        if is_supported(&version) {
            return Ok(PowerShell::new(pwsh));
        }
        let (major, minor) = OLDEST;
        say(&format!("{} is PowerShell {version}; {major}.{minor} or later is needed", pwsh.display()));
    }
    host(project)
}

/// A path stays good from every folder; a bare name is looked for on PATH.
fn named(program: PathBuf) -> PathBuf {
    let is_path = program.components().count() > 1;
    if is_path {
        absolute(&program).unwrap_or(program)
    } else {
        program
    }
}

fn version(project: &Project, pwsh: &Path) -> Result<String, Error> {
    let key = fs::metadata(pwsh).ok().map(|file| {
        let changed = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        stamp::key_of(&(pwsh, file.len(), changed))
    });
    if let Some(known) = key.as_ref().and_then(|key| stamp::read(project, "pwsh", key)) {
        return Ok(known);
    }
    let mut command = process::command(pwsh);
    command.args(["-NoProfile", "-NonInteractive", "-Command", "$PSVersionTable.PSVersion.ToString()"]);
    let finished = process::capture(&mut command, VERSION_LIMIT)?.success("pwsh, asked for its version,")?;
    let version = finished.stdout.trim().to_string();
    if let Some(key) = key {
        stamp::write(project, "pwsh", &key, &version)?;
    }
    Ok(version)
}

fn is_supported(version: &str) -> bool {
    let mut numbers = version.split(['.', '-']).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_supported;

    #[test]
    fn seven_four_and_later_are_supported() {
        for version in ["7.4.0", "7.5.1", "7.10.0", "8.0.0-preview.1", "7.4"] {
            assert!(is_supported(version), "{version}");
        }
        for version in ["5.1.22621.4391", "7.3.12", "", "seven"] {
            assert!(!is_supported(version), "{version}");
        }
    }
}
