//! What the .NET SDK makes on machines that have no pwsh: pwsh itself, with Pester, from NuGet (tests/pwsh), or the
//! test host (tests/host), where NuGet has no pwsh for the machine or cannot be reached.

use crate::error::Error;
use crate::platform;
use crate::powershell::PowerShell;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::setup::say;
use crate::stamp;
use crate::wine::Wine;
use std::fs;
use std::path::{Path, PathBuf};

/// How a PowerShell is built, and where.
struct Flavour {
    stamp: &'static str,
    /// Where its sources are.
    sources: &'static str,
    /// The project among them.
    project: &'static str,
    program: &'static str,
    folder: &'static str,
    step: &'static str,
    /// What `dotnet` is told: the verb and its own options.
    build: &'static [&'static str],
}

/// What the stamp says of a flavour that cannot be had here: asking NuGet in vain takes long.
const FAILED: &str = "failed";

/// The real one, as people have it, and the real Pester in its modules.
const PWSH: Flavour = Flavour {
    stamp: "pwsh-from-nuget",
    sources: "tests/pwsh",
    project: "tests/pwsh/pwsh.csproj",
    program: "pwsh",
    folder: "target/pwsh",
    step: "fetching pwsh and Pester from NuGet",
    build: &["publish"],
};

/// The same for Windows, with the .NET it needs, for Wine.
const PWSH_FOR_WINDOWS: Flavour = Flavour {
    stamp: "pwsh-for-windows",
    program: "pwsh.exe",
    folder: "target/pwsh-win-x64",
    step: "fetching pwsh for Windows from NuGet",
    build: &["publish", "-r", "win-x64", "-p:SelfContained=true"],
    ..PWSH
};

const TEST_HOST: Flavour = Flavour {
    stamp: "test-host",
    sources: "tests/host",
    project: "tests/host/AitherTestHost.csproj",
    program: "aither-test-host",
    folder: "target/test-host",
    step: "building the PowerShell test host",
    build: &["build"],
};

/// For measuring: compiled ahead of time, as pwsh is. A minute to build.
const TEST_HOST_PRECOMPILED: Flavour = Flavour {
    stamp: "test-host-precompiled",
    folder: "target/test-host-precompiled",
    step: "building the PowerShell test host once more, compiled ahead of time",
    build: &["publish", "-p:PublishReadyToRun=true", "-p:SelfContained=false"],
    ..TEST_HOST
};

/// pwsh from NuGet, else the test host; built unless it was built from these very sources.
pub fn ensure(project: &Project) -> Result<PowerShell, Error> {
    first_of(project, &[&PWSH, &TEST_HOST])
}

/// pwsh for Windows, under this Wine.
pub fn ensure_under(project: &Project, wine: &Wine) -> Result<PowerShell, Error> {
    let dotnet = process::find("dotnet").ok_or_else(powershell_is_missing)?;
    flavoured(project, &dotnet, &PWSH_FOR_WINDOWS)?;
    let program = project.path(PWSH_FOR_WINDOWS.folder).join(PWSH_FOR_WINDOWS.program);
    Ok(PowerShell::under(wine, program))
}

/// A PowerShell as it should be measured; one that starts slower where its compiler cannot be had.
pub fn ensure_precompiled(project: &Project) -> Result<PowerShell, Error> {
    first_of(project, &[&PWSH, &TEST_HOST_PRECOMPILED, &TEST_HOST])
}

fn first_of(project: &Project, flavours: &[&Flavour]) -> Result<PowerShell, Error> {
    let dotnet = process::find("dotnet").ok_or_else(powershell_is_missing)?;
    let (last, before) = flavours.split_last().ok_or_else(powershell_is_missing)?;
    for flavour in before {
        match flavoured(project, &dotnet, flavour) {
            Ok(powershell) => return Ok(powershell),
            Err(error) => say(&format!("no {}, so the next best is taken: {error}", flavour.folder)),
        }
    }
    flavoured(project, &dotnet, last)
}

fn flavoured(project: &Project, dotnet: &Path, flavour: &Flavour) -> Result<PowerShell, Error> {
    let sources = project.path(flavour.sources);
    let program = project.path(flavour.folder).join(platform::program_name(flavour.program));
    let powershell = PowerShell::on_runtime(&program, runtime_of(dotnet));

    let key = stamp::key_of(&stamp::files_below(&sources, &["bin", "obj"])?);
    match stamp::read(project, flavour.stamp, &key).as_deref() {
        Some(FAILED) => {
            let stamp = project.state().join(flavour.stamp);
            return Err(Error::Invalid(format!(
                "it failed before (remove {} to try again)",
                stamp.display()
            )));
        }
        Some(_) if program.is_file() => return Ok(powershell),
        _ => say(flavour.step),
    }
    if let Err(error) = build(project, dotnet, flavour) {
        stamp::write(project, flavour.stamp, &key, FAILED)?;
        return Err(error);
    }
    if !program.is_file() {
        let problem = format!("{} did not build {}", flavour.sources, program.display());
        return Err(Error::Invalid(problem));
    }
    stamp::write(project, flavour.stamp, &key, "built")?;
    Ok(powershell)
}

fn powershell_is_missing() -> Error {
    Error::missing(
        "PowerShell",
        "install pwsh 7.4 or later (https://aka.ms/powershell) or the .NET SDK 10 (https://dot.net)",
    )
}

/// Builds into a folder of its own and moves it into place: a host that runs keeps its files.
fn build(project: &Project, dotnet: &Path, flavour: &Flavour) -> Result<(), Error> {
    let beside = |what: &str| project.path(&format!("{}.{}.{what}", flavour.folder, std::process::id()));
    let (fresh, former, place) = (beside("new"), beside("old"), project.path(flavour.folder));

    let mut command = process::command(dotnet);
    command.args(flavour.build).arg(flavour.project);
    command.args(["-c", "Release", "-nologo", "-v", "quiet", "-clp:ErrorsOnly;NoSummary"]);
    // Build servers would outlive the build and hold its output open.
    command.arg("--disable-build-servers").arg("-o").arg(&fresh).current_dir(project.root());
    command.env("DOTNET_CLI_TELEMETRY_OPTOUT", "1").env("DOTNET_NOLOGO", "1");
    let built = process::capture(&mut command, NO_LIMIT)?.success(flavour.step);
    if let Err(error) = built {
        let _ = fs::remove_dir_all(&fresh);
        return Err(error);
    }
    if place.exists() {
        fs::rename(&place, &former).map_err(Error::file("moving away (does it run?)", &place))?;
    }
    fs::rename(&fresh, &place).map_err(Error::file("moving the new PowerShell to", &place))?;
    let _ = fs::remove_dir_all(&former); // on Windows a running host keeps it
    Ok(())
}

/// The folder of the runtime that belongs to a `dotnet`, which is often only a link to it.
fn runtime_of(dotnet: &Path) -> Option<PathBuf> {
    fs::canonicalize(dotnet).ok()?.parent().map(Path::to_path_buf)
}
