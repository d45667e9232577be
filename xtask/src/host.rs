//! The test host in tests/host: PowerShell's engine for machines that have no pwsh.

use crate::error::Error;
use crate::platform;
use crate::powershell::PowerShell;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::setup::say;
use crate::stamp;
use std::fs;
use std::path::{Path, PathBuf};

/// How the host is built, and where.
struct Flavour {
    stamp: &'static str,
    folder: &'static str,
    step: &'static str,
    /// What `dotnet` is told: the verb and its own options.
    build: &'static [&'static str],
}

/// For tests: quick to build.
const PLAIN: Flavour = Flavour {
    stamp: "test-host",
    folder: "target/test-host",
    step: "building the PowerShell test host",
    build: &["build"],
};

/// For measuring: compiled ahead of time, as the PowerShell is that people have. A minute to build.
const PRECOMPILED: Flavour = Flavour {
    stamp: "test-host-precompiled",
    folder: "target/test-host-precompiled",
    step: "building the PowerShell test host once more, compiled ahead of time",
    build: &["publish", "-p:PublishReadyToRun=true", "-p:SelfContained=false"],
};

/// The test host, built unless it was built from these very sources.
pub fn ensure(project: &Project) -> Result<PowerShell, Error> {
    flavoured(project, &PLAIN)
}

/// The test host as it should be measured; the plain one where its compiler cannot be had.
pub fn ensure_precompiled(project: &Project) -> Result<PowerShell, Error> {
    flavoured(project, &PRECOMPILED).or_else(|error| {
        say(&format!("measuring on the plain test host, which starts slower: {error}"));
        ensure(project)
    })
}

fn flavoured(project: &Project, flavour: &Flavour) -> Result<PowerShell, Error> {
    let sources = project.path("tests/host");
    let dotnet = process::find("dotnet").ok_or_else(powershell_is_missing)?;
    let program = project.path(flavour.folder).join(platform::program_name("aither-test-host"));
    let host = PowerShell::on_runtime(&program, runtime_of(&dotnet));

    let key = stamp::key_of(&stamp::files_below(&sources, &["bin", "obj"])?);
    if stamp::read(project, flavour.stamp, &key).is_some() && program.is_file() {
        return Ok(host);
    }
    say(flavour.step);
    build(project, &dotnet, flavour)?;
    if !program.is_file() {
        let problem = format!("tests/host did not build {}", program.display());
        return Err(Error::Invalid(problem));
    }
    stamp::write(project, flavour.stamp, &key, "built")?;
    Ok(host)
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
    command.args(flavour.build).args([
        "tests/host/AitherTestHost.csproj",
        "-c",
        "Release",
        "-nologo",
        "-v",
        "quiet",
        "-clp:ErrorsOnly;NoSummary",
    ]);
    // Build servers would outlive the build and hold its output open.
    command.arg("--disable-build-servers").arg("-o").arg(&fresh).current_dir(project.root());
    command.env("DOTNET_CLI_TELEMETRY_OPTOUT", "1").env("DOTNET_NOLOGO", "1");
    let built = process::capture(&mut command, NO_LIMIT)?.success("building the test host (tests/host)");
    if let Err(error) = built {
        let _ = fs::remove_dir_all(&fresh);
        return Err(error);
    }
    if place.exists() {
        fs::rename(&place, &former).map_err(Error::file("moving away (does it run?)", &place))?;
    }
    fs::rename(&fresh, &place).map_err(Error::file("moving the test host to", &place))?;
    let _ = fs::remove_dir_all(&former); // on Windows a running host keeps it
    Ok(())
}

/// The folder of the runtime that belongs to a `dotnet`, which is often only a link to it.
fn runtime_of(dotnet: &Path) -> Option<PathBuf> {
    fs::canonicalize(dotnet).ok()?.parent().map(Path::to_path_buf)
}
