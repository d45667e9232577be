//! The native library: built for release, and placed in the module folder.

use crate::cargo::Cargo;
use crate::error::Error;
use crate::header;
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
    let folder = project.module().join("native").join(identifier);
    let bytes = fs::read(built).map_err(Error::file("reading", built))?;
    for (name, bytes) in with_built(project, name, bytes)? {
        let place = folder.join(name);
        if fs::read(&place).is_ok_and(|former| former == bytes) {
            continue;
        }
        stamp::replace(&place, &bytes).map_err(|error| match error {
            Error::File { doing, source } if cfg!(windows) => Error::File {
                doing: format!(
                    "{doing} (a PowerShell that has loaded the module holds it: close it, try again)"
                ),
                source,
            },
            other => other,
        })?;
    }
    Ok(())
}

/// The files to place for a library: itself, and beside it one that tells the module what was placed. As long as that
/// is so, an import need not look at the library.
pub fn with_built(project: &Project, name: &str, library: Vec<u8>) -> Result<[(String, Vec<u8>); 2], Error> {
    let built = built_as(project, &library)?;
    Ok([(name.to_owned(), library), (format!("{name}.built"), built)])
}

/// What that file says of a library.
fn built_as(project: &Project, library: &[u8]) -> Result<Vec<u8>, Error> {
    let path = project.header();
    let text = fs::read_to_string(&path).map_err(Error::file("reading", &path))?;
    let abi = header::interface(&text)
        .ok_or_else(|| Error::Invalid(format!("{} defines no {}", path.display(), header::INTERFACE)))?;
    Ok(format!("interface {abi}, {} bytes\n", library.len()).into_bytes())
}
