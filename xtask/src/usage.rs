//! What each command says about itself.

use std::ffi::OsString;

/// A page of help: one for every command, and one for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    All,
    Test,
    Demo,
    Pwsh,
    Bench,
    Sanitize,
    Fuzz,
    Load,
    Package,
    Setup,
}

impl Topic {
    /// The command of that name; `None` where there is no such command.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "test" => Some(Self::Test),
            "demo" => Some(Self::Demo),
            "pwsh" => Some(Self::Pwsh),
            "bench" => Some(Self::Bench),
            "sanitize" => Some(Self::Sanitize),
            "fuzz" => Some(Self::Fuzz),
            "load" => Some(Self::Load),
            "package" => Some(Self::Package),
            "setup" => Some(Self::Setup),
            _ => None,
        }
    }

    /// Whether these arguments ask for the command's help. What follows `pwsh` belongs to
    /// PowerShell, so only a lone `--help` is meant for xtask there.
    pub fn wants_help(self, arguments: &[OsString]) -> bool {
        match self {
            Self::Pwsh => arguments.len() == 1 && arguments.iter().all(|argument| argument == "--help"),
            _ => arguments.iter().any(|argument| asks_for_help(&argument.to_string_lossy())),
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Self::All => {
                "\
usage: cargo xtask <command> [options]

  test [--filter TEXT]  every check and every test; the last line counts them
    --windows, --arm64  the tests of that system, on this one; --all for all of them
  demo                  the demonstration, examples/demo.ps1
  pwsh [arguments]      PowerShell with the module ready to import
  bench [name] [args]   the benchmarks: native, then PowerShell's
  sanitize [calls]      misuse of the C interface under AddressSanitizer and Valgrind
  fuzz [minutes]        libFuzzer on everything that is read from files
  load [count]          ten thousand jobs of a megabyte, ten thousand runs, a hundred at once
  package               the module, ready to ship, in target/package
  setup                 only what the other commands set up by themselves

`cargo xtask <command> --help` says more."
            }
            Self::Test => {
                "\
usage: cargo xtask test [--here] [--windows | --windows-core] [--arm64] [--all] [--filter TEXT]

Sets up what is missing, then runs: fmt, lock, clippy, header drift, export list, cargo test,
the C programs in tests/abi as C and as C++, and the Pester files in tests/pester.
A failure stops nothing. The last line is `N passed, N failed, N skipped`;
the exit code is 1 when anything failed or nothing ran.

  --here         this system, as without any of these three
  --windows      builds for Windows, and runs the Rust tests, the C programs and the
                 Pester files under Wine, with PowerShell for Windows
  --windows-core of that the build, its exports, the tests in the library and of processes and
                 files, the C programs, and four Pester files
  --arm64        builds for Linux on arm64, and runs the Rust tests and the C programs
                 under QEMU
  --all          this system, Windows and arm64; with more than one, each has its own sum, too
  --filter TEXT  only the checks, tests, programs and Pester files with TEXT in their name

What other systems need comes from Debian's packages (as root). docs/systems.md has more."
            }
            Self::Demo => {
                "\
usage: cargo xtask demo

Builds what is not built and runs examples/demo.ps1; its exit code is the demonstration's."
            }
            Self::Pwsh => {
                "\
usage: cargo xtask pwsh [arguments]

Starts PowerShell with powershell/ on PSModulePath, so that
`Import-Module AitherZero.Orchestration` works. Every argument goes to PowerShell unchanged.

  AITHER_PWSH  (environment) the PowerShell to start instead of the one on PATH"
            }
            Self::Bench => {
                "\
usage: cargo xtask bench [name] [arguments]

Without a name: everything that stands beside other programs or shows how cost grows, native and
in PowerShell, in about ten minutes; then it writes BENCHMARKS.md. Peers that are not installed are
named there as such; turborepo, nx, moon and wireit come from npm's registry.

With one: `cargo bench` of those with NAME in their name, criterion's among them; `plan` and `run`
are also benches/plan.ps1 and benches/run.ps1, which take the arguments that are left."
            }
            Self::Sanitize => {
                "\
usage: cargo xtask sanitize [calls]

Makes so many calls (1000000 where not said) of tests/boundary.rs from eight threads under
AddressSanitizer, and a fiftieth of them under Valgrind; a report of either fails. Linux only."
            }
            Self::Fuzz => {
                "\
usage: cargo xtask fuzz [minutes [target...]]

Fuzzes each target, or those named, of tests/fuzz.rs for so many minutes (20 where not said), as many at a time
as there are processors, from tests/seeds. What is learnt is kept in target/fuzz/corpus, an input
that fails in target/fuzz/crashes. Linux only.

  AITHER_LIBFUZZER  (environment) the library libclang_rt.fuzzer_no_main to link"
            }
            Self::Load => {
                "\
usage: cargo xtask load [count]

Runs tests/load.rs and tests/pester/Load.Tests.ps1 with so many jobs of 1 MiB each and so many runs one after another
(10000 where not said), and a hundredth of them at once in one session. Takes some minutes, and for the logs as many
GiB of the temporary folder as there are thousands of jobs, twice."
            }
            Self::Package => {
                "\
usage: cargo xtask package [--libraries FOLDER]

Builds the library for release and lays out target/package: the module folder,
native/<runtime identifier>/<library> for this system and, on Linux, for Windows and Linux on
arm64, as far as their tools can be had, and SHA256SUMS. The module's .psm1 has the commands' text in it. The version in Cargo.toml and the manifest's ModuleVersion must be the
same, and Test-ModuleManifest must find it.

  --libraries FOLDER  other systems' libraries too, each in a folder of its runtime identifier"
            }
            Self::Setup => {
                "\
usage: cargo xtask setup

Makes ready, once, what the other commands need: the crates (from the registry or, where it
is out of reach, from Debian's packages), a PowerShell (7.4 or later, else one from NuGet with
Pester, else the test host, both by the .NET SDK 10) and the native library in the module folder."
            }
        }
    }
}

/// Whether one argument is a request for help.
pub fn asks_for_help(argument: &str) -> bool {
    matches!(argument, "--help" | "-h")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn only_a_lone_help_after_pwsh_is_for_xtask() {
        assert!(Topic::Pwsh.wants_help(&arguments(&["--help"])));
        assert!(!Topic::Pwsh.wants_help(&arguments(&["-h"])));
        assert!(!Topic::Pwsh.wants_help(&arguments(&["-Command", "--help"])));
    }

    #[test]
    fn other_commands_take_help_anywhere() {
        assert!(Topic::Test.wants_help(&arguments(&["--filter", "x", "--help"])));
        assert!(!Topic::Test.wants_help(&arguments(&["--filter", "x"])));
    }

    #[test]
    fn an_unknown_command_has_no_topic() {
        assert_eq!(Topic::of("tset"), None);
        assert_eq!(Topic::of("test"), Some(Topic::Test));
    }
}
