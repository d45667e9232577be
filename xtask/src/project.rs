//! Where things are in the repository.

use crate::error::Error;
use std::env;
use std::path::{Path, PathBuf};

/// The module's name, which is its folder's and its manifest's too.
pub const MODULE: &str = "AitherZero.Orchestration";

/// The repository this xtask belongs to.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Finds the repository: the folder above the package that cargo runs, else above the current folder.
    pub fn locate() -> Result<Self, Error> {
        let started_by_cargo = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let start = match started_by_cargo {
            Some(package) => package,
            None => env::current_dir()
                .map_err(|source| Error::File { doing: "finding the current folder".into(), source })?,
        };
        start
            .ancestors()
            .find(|folder| folder.join("xtask").join("Cargo.toml").is_file())
            .map(|root| Self { root: root.to_path_buf() })
            .ok_or_else(|| Error::Invalid("run `cargo xtask` inside the repository".into()))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository, written with `/`.
    pub fn path(&self, relative: &str) -> PathBuf {
        relative.split('/').fold(self.root.clone(), |path, part| path.join(part))
    }

    pub fn target(&self) -> PathBuf {
        self.path("target")
    }

    /// What set-up remembers from one call to the next.
    pub fn state(&self) -> PathBuf {
        self.path("target/xtask-state")
    }

    pub fn header(&self) -> PathBuf {
        self.path("include/aither_orchestration.h")
    }

    /// The folder that goes on PSModulePath.
    pub fn modules(&self) -> PathBuf {
        self.path("powershell")
    }

    pub fn module(&self) -> PathBuf {
        self.modules().join(MODULE)
    }
}
