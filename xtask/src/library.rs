//! The native library: built for release, and placed in the module folder.

use crate::cargo::Cargo;
use crate::error::Error;
use crate::platform;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::stamp;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the library for release and calls `on_start` where there is something to build, which
/// cargo alone decides.
pub fn build(project: &Project, cargo: &Cargo, on_start: impl Fn()) -> Result<PathBuf, Error> {
    let mut started = false;
    let mut command = cargo.root("build");
    process::watch(command.arg("--release"), NO_LIMIT, |piece| {
        if !started && piece.contains("Compiling ") {
            started = true;
            on_start();
        }
    })?
    .success("cargo build --release")?;

    let built = project.path("target/release").join(platform::library_name());
    if built.is_file() {
        Ok(built)
    } else {
        Err(Error::Invalid(format!("cargo built no {}; is build.target set?", built.display())))
    }
}

/// Copies the built library into the module folder where its bytes are others than there.
pub fn place(project: &Project, built: &Path) -> Result<(), Error> {
    place_for(project, built, platform::runtime_identifier()?, &platform::library_name())
}

/// The same for a system of this runtime identifier, where the library has this name.
pub fn place_for(project: &Project, built: &Path, identifier: &str, name: &str) -> Result<(), Error> {
    let place = project.module().join("native").join(identifier).join(name);
    let bytes = fs::read(built).map_err(Error::file("reading", built))?;
    if fs::read(&place).is_ok_and(|former| former == bytes) {
        return Ok(());
    }
    stamp::replace(&place, &bytes).map_err(|error| match error {
        Error::File { doing, source } if cfg!(windows) => Error::File {
            doing: format!("{doing} (a PowerShell that has loaded the module holds it: close it, try again)"),
            source,
        },
        other => other,
    })
}
