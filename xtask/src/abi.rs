//! The C programs in tests/abi: each is compiled as C and as C++ against the header and the
//! built library, and run, on this system or on another.

use crate::checks::Outcome;
use crate::error::Error;
use crate::process;
use crate::project::Project;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long a compiler, or a program, may take.
const LIMIT: Duration = Duration::from_secs(120);

/// A language that the header has to work in.
struct Language {
    name: &'static str,
    /// The environment variable that names another compiler.
    variable: &'static str,
    compilers: &'static [&'static str],
    options: &'static [&'static str],
    install: &'static str,
}

const LANGUAGES: [Language; 2] = [
    Language {
        name: "C",
        variable: "CC",
        compilers: &["cc", "gcc", "clang"],
        options: &["-x", "c", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"],
        install: "a C compiler is missing: install cc (Debian: gcc; macOS: xcode-select --install; Windows: MinGW)",
    },
    Language {
        name: "C++",
        variable: "CXX",
        compilers: &["c++", "g++", "clang++"],
        options: &["-x", "c++", "-std=c++17", "-Wall", "-Wextra", "-Werror"],
        install:
            "a C++ compiler is missing: install c++ (Debian: g++; macOS: xcode-select --install; Windows: MinGW)",
    },
];

/// Where programs run: on this machine, or on another system that something stands in for.
pub trait Machine {
    /// The compilers of C and of C++, where they are not this machine's.
    fn compilers(&self) -> Option<[&str; 2]>;
    /// Whether it is Windows.
    fn is_windows(&self) -> bool;
    /// The command that runs a program there.
    fn command(&self, program: &Path) -> Command;
    /// Has a program there find the libraries of a folder.
    fn find_libraries(&self, command: &mut Command, folder: &Path);
}

/// This machine.
pub struct Here;

impl Machine for Here {
    fn compilers(&self) -> Option<[&str; 2]> {
        None
    }

    fn is_windows(&self) -> bool {
        cfg!(windows)
    }

    fn command(&self, program: &Path) -> Command {
        process::command(program)
    }

    /// Windows looks for a DLL on PATH; elsewhere the program remembers the folder.
    fn find_libraries(&self, command: &mut Command, folder: &Path) {
        if cfg!(windows) {
            let before = env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(folder.to_path_buf()).chain(env::split_paths(&before));
            if let Ok(path) = env::join_paths(folders) {
                command.env("PATH", path);
            }
        }
    }
}

impl Language {
    fn compiler(&self) -> Option<OsString> {
        let chosen = env::var_os(self.variable).filter(|value| !value.is_empty());
        chosen.or_else(|| {
            self.compilers.iter().find_map(|name| process::find(name)).map(PathBuf::into_os_string)
        })
    }
}

/// The programs with `filter` in their name, sorted.
pub fn programs(project: &Project, filter: Option<&str>) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(project.path("tests/abi")) else { return Vec::new() };
    let mut programs: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .filter(|path| filter.map_or(true, |text| stem(path).contains(text)))
        .collect();
    programs.sort();
    programs
}

/// Every program in every language, against the library; each pair is one test.
pub fn run(project: &Project, machine: &dyn Machine, programs: &[PathBuf], library: &Path) -> Outcome {
    let mut sum = Outcome::default();
    for (at, language) in LANGUAGES.iter().enumerate() {
        let compiler = match machine.compilers() {
            Some(compilers) => Some(OsString::from(compilers[at])),
            None => language.compiler(),
        };
        let Some(compiler) = compiler else {
            let mut missing = Outcome::default();
            programs.iter().for_each(|_| missing.add(Outcome::without_tool("")));
            missing.text = language.install.into();
            sum.add(missing);
            continue;
        };
        for source in programs {
            sum.add(one(project, machine, language, &compiler, source, library).into());
        }
    }
    sum
}

/// As many failures as there would have been tests.
pub fn all_failed(programs: &[PathBuf], why: &str) -> Outcome {
    let mut sum = Outcome::default();
    programs.iter().flat_map(|_| &LANGUAGES).for_each(|_| sum.add(Outcome::failed("")));
    sum.text = why.into();
    sum
}

fn one(
    project: &Project,
    machine: &dyn Machine,
    language: &Language,
    compiler: &OsString,
    source: &Path,
    library: &Path,
) -> Result<Outcome, Error> {
    let name = format!("{} as {}", stem(source), language.name);
    // Beside the library, so that the programs of two systems are not one file.
    let folder = folder_of(library).join("abi");
    fs::create_dir_all(&folder).map_err(Error::file("creating", &folder))?;
    let mut file = name.replace(' ', "-").replace('+', "p");
    if machine.is_windows() {
        file.push_str(".exe");
    }
    let program = folder.join(file);

    let mut compile = process::command(compiler);
    compile.args(language.options).arg("-I").arg(project.path("include")).arg(source);
    compile.args(["-x", "none"]).args(link_options(machine, library)).arg("-o").arg(&program);
    let compiled = process::capture(&mut compile, LIMIT)?;
    if !compiled.succeeded() {
        return Ok(Outcome::failed(format!("{name} did not compile\n{}", compiled.output)));
    }

    let mut run = machine.command(&program);
    run.current_dir(project.root());
    machine.find_libraries(&mut run, folder_of(library));
    let finished = process::capture(&mut run, LIMIT)?;
    Ok(match finished.code {
        Some(0) => Outcome::passed(),
        Some(code) => Outcome::failed(format!("{name} ended with {code}\n{}", finished.output)),
        None => Outcome::failed(format!("{name} was ended by a signal\n{}", finished.output)),
    })
}

/// The linker takes a DLL as it is; elsewhere the program has to remember the library's folder.
fn link_options(machine: &dyn Machine, library: &Path) -> Vec<OsString> {
    if machine.is_windows() {
        return vec![library.into()];
    }
    let mut rpath = OsString::from("-Wl,-rpath,");
    rpath.push(folder_of(library));
    vec!["-pthread".into(), library.into(), rpath]
}

fn folder_of(library: &Path) -> &Path {
    library.parent().unwrap_or(library)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
