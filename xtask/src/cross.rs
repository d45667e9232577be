//! Building for another system on this one.
//!
//! Where rustup has the target's standard library, the usual toolchain builds. Else Debian's packages of
//! a Rust that comes with the sources of its standard library do (`rustc-web`, `cargo-web`,
//! `rust-web-src`), and build that too.

use crate::cargo;
use crate::crates::{self, CrateSource};
use crate::debian;
use crate::error::Error;
use crate::instrument;
use crate::overlay;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A system that is not this one.
#[derive(Debug)]
pub struct System {
    /// As people call it.
    pub name: &'static str,
    /// As Rust does.
    pub triple: &'static str,
    /// As .NET does: the library's folder in the module.
    pub identifier: &'static str,
    /// The file name of the library.
    pub library: &'static str,
    /// The compilers, of which the first one links too.
    pub c: &'static str,
    pub cpp: &'static str,
    /// Lists the library's exports, with these options.
    pub exports: &'static [&'static str],
    /// Debian's packages of the compilers.
    compilers: &'static [&'static str],
    /// How much our own code is optimized for tests.
    own_opt_level: u8,
}

pub const WINDOWS: System = System {
    name: "Windows",
    triple: "x86_64-pc-windows-gnu",
    identifier: "win-x64",
    library: "aither_orchestration.dll",
    c: "x86_64-w64-mingw32-gcc",
    cpp: "x86_64-w64-mingw32-g++",
    exports: &["x86_64-w64-mingw32-objdump", "-p"],
    compilers: &["gcc-mingw-w64-x86-64-win32", "g++-mingw-w64-x86-64-win32"],
    // To optimize it takes five minutes more, and the tests three less.
    own_opt_level: 0,
};

pub const LINUX_ARM64: System = System {
    name: "Linux on arm64",
    triple: "aarch64-unknown-linux-gnu",
    identifier: "linux-arm64",
    library: "libaither_orchestration.so",
    c: "aarch64-linux-gnu-gcc",
    cpp: "aarch64-linux-gnu-g++",
    exports: &["aarch64-linux-gnu-nm", "-D", "--defined-only"],
    compilers: &["gcc-aarch64-linux-gnu", "g++-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
    // QEMU takes twenty times as long for everything.
    own_opt_level: 1,
};

const RUST: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Where Debian's packages put Rust and the sources of its standard library.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const VENDORED: &str = "/usr/lib/rustlib/src/rust/library/vendor";

/// A cargo that builds for a system.
#[derive(Debug)]
pub struct Cross {
    pub system: &'static System,
    root: PathBuf,
    target: PathBuf,
    toolchain: Toolchain,
    options: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Toolchain {
    Usual,
    Debian,
}

impl Cross {
    /// Sets up what is missing.
    pub fn ensure(project: &Project, system: &'static System) -> Result<Self, Error> {
        debian_compilers(system)?;
        let source = crates::ensure(project)?;
        let toolchain = if usual_has(system) { Toolchain::Usual } else { Toolchain::Debian };
        let mut options = source.cargo_options(project);
        if toolchain == Toolchain::Debian {
            debian::install_tools(&format!("a Rust for {}", system.name), &RUST)?;
            if source == CrateSource::Debian {
                let folder = overlay::with_standard_library(project, Path::new(VENDORED))?;
                options = crates::from_folder(&folder);
            }
            options.push("-Zbuild-std=std,panic_unwind,test".into());
        }
        let target = project.path("target/cross");
        Ok(Self { system, root: project.root().to_path_buf(), target, toolchain, options })
    }

    /// `cargo <subcommand>` for the system, ready for more options.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = match self.toolchain {
            Toolchain::Usual => cargo::bare(subcommand),
            Toolchain::Debian => {
                let mut command = process::command(DEBIAN_CARGO);
                command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1").arg(subcommand);
                // The usual toolchain's, set by its cargo.
                for name in ["CARGO", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"] {
                    command.env_remove(name);
                }
                command
            }
        };
        command.args(&self.options).args(["--target", self.system.triple]);
        command.arg("--target-dir").arg(&self.target).current_dir(&self.root);
        command.args(["--config", &format!("target.{}.linker={:?}", self.system.triple, self.system.c)]);
        // Debian's winapi comes without its copies of the system's import libraries; MinGW has them.
        command.env("WINAPI_NO_BUNDLED_LIBRARIES", "1");
        command
    }

    /// The same for tests, with every assertion. What others have written is built once, and optimized.
    pub fn for_tests(&self, subcommand: &str) -> Command {
        let mut command = self.cargo(subcommand);
        instrument::optimized(&mut command);
        for profile in ["dev", "test"] {
            let level = self.system.own_opt_level;
            let own = format!("profile.{profile}.package.aither-orchestration.opt-level={level}");
            command.args(["--config", &own]);
        }
        command
    }

    /// The library, for tests.
    pub fn library_for_tests(&self) -> Result<PathBuf, Error> {
        let mut command = self.for_tests("build");
        process::capture(&mut command, NO_LIMIT)?.success(self.building())?;
        self.built("debug")
    }

    /// The library as it is shipped.
    pub fn library(&self) -> Result<PathBuf, Error> {
        let mut command = self.cargo("build");
        process::capture(command.arg("--release"), NO_LIMIT)?.success(self.building())?;
        self.built("release")
    }

    fn building(&self) -> String {
        format!("building the library for {}", self.system.name)
    }

    fn built(&self, profile: &str) -> Result<PathBuf, Error> {
        let built = self.target.join(self.system.triple).join(profile).join(self.system.library);
        if built.is_file() {
            Ok(built)
        } else {
            Err(Error::Invalid(format!("cargo built no {}", built.display())))
        }
    }
}

fn debian_compilers(system: &System) -> Result<(), Error> {
    if process::find(system.c).is_some() && process::find(system.cpp).is_some() {
        return Ok(());
    }
    debian::install_tools(&format!("a compiler for {}", system.name), system.compilers)
}

/// Whether the usual toolchain has the system's standard library.
fn usual_has(system: &System) -> bool {
    let mut rustc = process::command("rustc");
    let told = process::capture(rustc.args(["--print", "sysroot"]), NO_LIMIT);
    told.is_ok_and(|told| {
        let library = Path::new(told.stdout.trim()).join("lib/rustlib").join(system.triple).join("lib");
        told.succeeded() && library.is_dir()
    })
}
