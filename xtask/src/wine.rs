//! Wine: Windows programs on this machine, in a prefix of their own below target/.

use crate::cross;
use crate::debian;
use crate::error::Error;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::setup::say;
use crate::stamp;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const PACKAGES: [&str; 2] = ["wine64", "wine"];

/// Where Debian puts the 64-bit loader, which the program on PATH only looks for.
const LOADER: &str = "/usr/lib/wine/wine64";

/// A prefix that takes longer than this will never be made.
const BOOT_LIMIT: Duration = Duration::from_secs(300);

/// The programs and libraries that tests/wine has for what Wine lacks.
const CONSOLE: &str = "tests/wine/console.c";
const PRIMITIVES: &str = "tests/wine/bcryptprimitives.c";

/// The share of the drive C that a Windows has for its administrators, `\\localhost\C$`, where Wine looks for shares.
const SHARE: &str = "dosdevices/unc/localhost/C$";

#[derive(Clone, Debug)]
pub struct Wine {
    loader: PathBuf,
    prefix: PathBuf,
    /// Gives a program a console.
    console: PathBuf,
}

impl Wine {
    /// Installs Wine where it is missing and makes the prefix.
    pub fn ensure(project: &Project) -> Result<Self, Error> {
        debian::install_tools("Wine", &PACKAGES)?;
        let folder = project.path("target/wine");
        let wine = Self {
            loader: PathBuf::from(LOADER),
            prefix: folder.join("prefix"),
            console: folder.join("console.exe"),
        };
        let sources = [CONSOLE, PRIMITIVES].map(|source| fs::read(project.path(source)).unwrap_or_default());
        let key = stamp::key_of(&(wine.version()?, sources, SHARE));
        if stamp::read(project, "wine", &key).is_none() || !wine.prefix.is_dir() {
            say("making a prefix for Wine");
            wine.make(project)?;
            stamp::write(project, "wine", &key, "made")?;
        }
        Ok(wine)
    }

    fn version(&self) -> Result<String, Error> {
        let mut command = self.bare();
        let told = process::capture(command.arg("--version"), BOOT_LIMIT)?.success("wine --version")?;
        Ok(told.stdout)
    }

    fn make(&self, project: &Project) -> Result<(), Error> {
        if self.prefix.exists() {
            fs::remove_dir_all(&self.prefix).map_err(Error::file("removing", &self.prefix))?;
        }
        fs::create_dir_all(&self.prefix).map_err(Error::file("creating", &self.prefix))?;
        // Neither its .NET nor its browser, which it would ask to be allowed to download.
        let mut boot = self.bare();
        boot.args(["wineboot", "--init"]).env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        process::capture(&mut boot, BOOT_LIMIT)?.success("wineboot --init")?;
        // Without a device to ask for the name of a drive, Wine complains about each drive on standard error.
        for drive in ["c::", "z::"] {
            let device = self.prefix.join("dosdevices").join(drive);
            link("/dev/null", &device).map_err(Error::file("linking", &device))?;
        }
        let share = self.prefix.join(SHARE);
        fs::create_dir_all(share.with_file_name("")).map_err(Error::file("creating", &share))?;
        link("../../../drive_c", &share).map_err(Error::file("linking", &share))?;
        compile(&project.path(CONSOLE), &self.console, &[])?;
        let system = self.prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        compile(&project.path(PRIMITIVES), &system, &["-shared", "-ladvapi32"])?;
        let mut version = self.command(Path::new("winecfg.exe"));
        process::capture(version.args(["-v", "win10"]), BOOT_LIMIT)?.success("winecfg -v win10").map(drop)
    }

    /// A Windows program, with a console.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = self.bare();
        command.arg(&self.console).arg(program);
        command
    }

    /// The words before a program on a command line, as `command` has them.
    pub fn runner(&self) -> [String; 2] {
        [&self.loader, &self.console].map(|path| path.display().to_string())
    }

    /// What every program under Wine needs in its environment.
    pub fn settle(&self, command: &mut Command) {
        command.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env_remove("DISPLAY");
        // Without a locale Wine has only names in ASCII.
        command.env("LC_ALL", "C.UTF-8");
        // .NET's code pages cannot be mapped twice here.
        command.env("DOTNET_EnableWriteXorExecute", "0");
    }

    fn bare(&self) -> Command {
        let mut command = process::command(&self.loader);
        self.settle(&mut command);
        command
    }

    /// Ends what is left of this prefix's programs, and waits until nothing of it runs.
    pub fn end(&self) {
        for option in ["--kill", "--wait"] {
            let mut server = process::command("/usr/lib/wine/wineserver64");
            self.settle(&mut server);
            let _ = process::capture(server.arg(option), NO_LIMIT);
        }
    }
}

/// A path of this machine as Windows programs see it: Wine has the root as its drive Z.
pub fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

fn compile(source: &Path, program: &Path, options: &[&str]) -> Result<(), Error> {
    let mut compiler = process::command(cross::WINDOWS.c);
    compiler.args(["-O2", "-Wall", "-Wextra", "-Werror", "-o"]).arg(program).arg(source).args(options);
    let what = format!("compiling {}", source.display());
    process::capture(&mut compiler, NO_LIMIT)?.success(what).map(drop)
}

#[cfg(unix)]
fn link(original: &str, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

/// Wine is Unix's; elsewhere nothing comes here.
#[cfg(not(unix))]
fn link(_original: &str, _link: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::windows_path;
    use std::path::Path;

    #[test]
    fn the_root_is_a_drive() {
        assert_eq!(windows_path(Path::new("/srv/a b/c.ps1")), "Z:\\srv\\a b\\c.ps1");
    }
}
