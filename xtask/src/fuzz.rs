//! `cargo xtask fuzz`: libFuzzer on the targets of tests/fuzz.rs.

use crate::error::Error;
use crate::instrument;
use crate::process::{self, NO_LIMIT};
use crate::project::Project;
use crate::setup;
use crate::usage::Topic;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

/// Minutes for each target where none are asked for.
const MINUTES: u64 = 20;
/// What libFuzzer needs to see of the program.
const FLAGS: &str = "--cfg aither_libfuzzer -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";
/// An input that never ends (seconds by the clock; tests/fuzz.rs limits the processor's time), or takes more
/// memory (MB), counts as a defect.
const LIMITS: [&str; 3] = ["-timeout=300", "-rss_limit_mb=2048", "-max_len=16384"];

pub fn run(project: &Project, arguments: &[OsString]) -> Result<ExitCode, Error> {
    let (minutes, names) = arguments.split_at(arguments.len().min(1));
    let minutes = instrument::number(Topic::Fuzz, minutes, MINUTES)?;
    let targets = chosen(targets(project)?, names)?;
    let library = library()?;
    let cargo = setup::cargo(project)?;
    let host = instrument::host()?;
    let folder = project.path("target/fuzz");

    println!("building the targets with instrumentation");
    let mut build = cargo.apart("fuzz", "rustc");
    instrument::optimized_with_lines(&mut build);
    build.env("RUSTFLAGS", FLAGS).args(["--profile", "test", "--target", &host, "--test", "fuzz"]);
    build.args(["--message-format", "json-render-diagnostics", "--"]);
    build.arg(format!("-Clink-arg={}", library.display())).arg("-Clink-arg=-lstdc++");
    let built = process::capture(&mut build, NO_LIMIT)?.success("building the fuzz targets")?;
    let program = executable(&built.stdout)
        .ok_or_else(|| Error::Invalid("cargo names no program of tests/fuzz.rs".into()))?;

    let targets = Mutex::new(targets.into_iter());
    let failed = Mutex::new(Vec::new());
    let next = || targets.lock().ok().and_then(|mut targets| targets.next());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(target) = next() {
                    let line = match one(project, &folder, &program, &target, minutes) {
                        Ok(line) => line,
                        Err(error) => {
                            if let Ok(mut failed) = failed.lock() {
                                failed.push(target.clone());
                            }
                            error.to_string()
                        }
                    };
                    println!("{target:<11} {line}");
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("\n{} failed; the inputs are in {}", failed.join(", "), folder.join("crashes").display());
    eprintln!("put each into tests/seeds/<target>/ and mend what it shows");
    Ok(ExitCode::FAILURE)
}

/// Fuzzes one target and says what was done.
fn one(
    project: &Project,
    folder: &Path,
    program: &Path,
    target: &str,
    minutes: u64,
) -> Result<String, Error> {
    let corpus = folder.join("corpus").join(target);
    let crashes = folder.join("crashes");
    for folder in [&corpus, &crashes] {
        fs::create_dir_all(folder).map_err(Error::file("creating", folder))?;
    }
    let seeds = project.path("tests/seeds").join(target);
    let mut options: Vec<String> = LIMITS.map(str::to_owned).into();
    options.push(format!("-max_total_time={}", minutes * 60));
    options.push("-print_final_stats=1".into());
    options.push(format!("-artifact_prefix={}/{target}-", crashes.display()));
    options.extend([&corpus, &seeds].map(|folder| folder.display().to_string()));

    let mut fuzz = process::command(program);
    fuzz.args(["libfuzzer::run", "--exact", "--ignored", "--nocapture"]).current_dir(folder);
    fuzz.env("AITHER_FUZZ_TARGET", target).env("AITHER_FUZZ_OPTIONS", options.join("\n"));
    let finished = process::capture(&mut fuzz, NO_LIMIT)?;
    let stat = |name: &str| {
        let line = finished.output.lines().find(|line| line.contains(name)).unwrap_or_default();
        line.rsplit(' ').next().unwrap_or_default().to_owned()
    };
    let coverage =
        finished.output.lines().rev().find_map(|line| line.split_once(" cov: ")).map(|(_, rest)| rest);
    let coverage = coverage.and_then(|rest| rest.split(' ').next()).unwrap_or("?").to_owned();
    let (executed, pace) = (stat("stat::number_of_executed_units"), stat("stat::average_exec_per_sec"));
    let finished = finished.success(format!("fuzzing {target}"))?;
    // A test that was not there would have succeeded, too.
    if executed.is_empty() {
        return Err(Error::failed("libFuzzer", finished.output));
    }
    Ok(format!("{executed} inputs, {pace} a second, {coverage} edges reached, nothing found"))
}

/// The targets that are named, all of them where none is.
fn chosen(known: Vec<String>, names: &[OsString]) -> Result<Vec<String>, Error> {
    let names: Vec<String> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    match names.iter().find(|name| !known.contains(name)) {
        Some(unknown) => {
            let all = known.join(", ");
            Err(Error::misuse(Topic::Fuzz, format!("there is no target '{unknown}'; there are {all}")))
        }
        None if names.is_empty() => Ok(known),
        None => Ok(names),
    }
}

/// The targets, by the folders of their seeds.
fn targets(project: &Project) -> Result<Vec<String>, Error> {
    let folder = project.path("tests/seeds");
    let entries = fs::read_dir(&folder).map_err(Error::file("reading", &folder))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// The program in what cargo writes: the last path of an executable.
fn executable(messages: &str) -> Option<PathBuf> {
    let path = messages.lines().rev().find_map(|line| line.split_once("\"executable\":\""))?.1;
    path.split_once('"').map(|(path, _)| PathBuf::from(path))
}

/// libFuzzer without a `main` of its own, as clang brings it.
fn library() -> Result<PathBuf, Error> {
    if let Some(path) = env::var_os("AITHER_LIBFUZZER") {
        return Ok(path.into());
    }
    let name = format!("libclang_rt.fuzzer_no_main-{}.a", env::consts::ARCH);
    let below =
        |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = below("/usr/lib".into())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("llvm-")))
        .flat_map(|llvm| below(llvm.join("lib/clang")))
        .map(|version| version.join("lib/linux").join(&name))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| {
        Error::missing(
            "libFuzzer",
            "install clang's runtime (Debian: apt install libclang-rt-14-dev), or name the library in AITHER_LIBFUZZER",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_chosen_by_name() {
        let choose = |names: &[&str]| {
            let names: Vec<OsString> = names.iter().map(OsString::from).collect();
            chosen(vec!["cache".into(), "header".into()], &names).ok()
        };
        assert_eq!(choose(&[]), Some(vec!["cache".to_owned(), "header".to_owned()]));
        assert_eq!(choose(&["header"]), Some(vec!["header".to_owned()]));
        assert_eq!(choose(&["heder"]), None);
    }

    #[test]
    fn the_program_is_the_last_one_that_cargo_names() {
        let messages =
            "{\"reason\":\"x\",\"executable\":null}\n{\"executable\":\"/t/fuzz-1\",\"fresh\":true}\n{}";
        assert_eq!(executable(messages), Some(PathBuf::from("/t/fuzz-1")));
        assert_eq!(executable("{\"executable\":null}"), None);
    }
}
