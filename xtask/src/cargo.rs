//! Calling cargo on the project's package and on xtask's own.

use crate::crates::CrateSource;
use crate::process;
use crate::project::Project;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The cargo that runs us, with the source that the crates come from.
#[derive(Clone, Debug)]
pub struct Cargo {
    root: PathBuf,
    target: PathBuf,
    source_options: Vec<String>,
}

impl Cargo {
    pub fn new(project: &Project, source: CrateSource) -> Self {
        Self {
            root: project.root().to_path_buf(),
            target: project.target(),
            source_options: source.cargo_options(project),
        }
    }

    /// `cargo <subcommand>` on the project's package, ready for more options.
    pub fn root(&self, subcommand: &str) -> Command {
        self.in_target_folder(subcommand, &self.target)
    }

    /// As `root`, with what is built in a folder of its own below target, so that other flags do not
    /// have everything built anew.
    pub fn apart(&self, folder: &str, subcommand: &str) -> Command {
        self.in_target_folder(subcommand, &self.target.join(folder))
    }

    fn in_target_folder(&self, subcommand: &str, target: &Path) -> Command {
        let mut command = bare(subcommand);
        command.args(&self.source_options);
        command.arg("--target-dir").arg(target).current_dir(&self.root);
        command
    }
}

/// `cargo <subcommand>` on the package of xtask itself, which needs no crates.
pub fn on_xtask(project: &Project, subcommand: &str) -> Command {
    let mut command = bare(subcommand);
    command.arg("--manifest-path").arg(project.path("xtask/Cargo.toml"));
    command.arg("--target-dir").arg(project.path("target/xtask")).current_dir(project.root());
    command
}

/// `cargo <subcommand>` and nothing else.
pub fn bare(subcommand: &str) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = process::command(program);
    command.arg(subcommand);
    command
}
