//! Where names get their values: the only way out of this room.

use serde_json::Value;
use std::borrow::Cow;

/// The roots an expression may read properties of. A [`Context`] may know more.
pub const ROOTS: [&str; 14] = [
    "matrix", "strategy", "needs", "jobs", "stages", "steps", "inputs", "env", "vars", "secrets", "run",
    "job", "runner", "github",
];

/// The root of that name, without case, as [`ROOTS`] spells it.
pub(super) fn known_root(name: &str) -> Option<&'static str> {
    ROOTS.into_iter().find(|root| root.eq_ignore_ascii_case(name))
}

/// What a condition or a template can ask of the world.
///
/// Every name is asked for without case. Values that exist already are best returned borrowed: a
/// condition may read the same root many times.
pub trait Context {
    /// A playbook's or run's variable: `$name`, `{{name}}`, a bare name in a header, `vars.name`.
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// A root of an expression, one of [`ROOTS`] or the context's own. Without roots `vars` and
    /// `env`, `vars.name` reads [`Context::variable`] and `env.NAME` [`Context::environment`].
    fn root(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// An environment variable: `$env:NAME`.
    fn environment(&self, name: &str) -> Option<String>;

    /// The system the condition is judged on: `$IsWindows`, `$IsLinux`, `$IsMacOS`.
    fn platform(&self) -> Platform;

    /// How the run stands, for `success()`, `failure()` and `cancelled()`.
    fn status(&self) -> Status;

    /// Whether a file or folder exists: `Test-Path 'literal'`.
    fn test_path(&self, path: &str) -> bool;

    /// `hashFiles(…)`: SHA-256 of the files' SHA-256s as lower-case hex, empty when nothing matches.
    ///
    /// # Errors
    /// Why the files cannot be read, as one sentence.
    fn hash_files(&self, patterns: &[String]) -> Result<String, String>;
}

/// An operating system that PowerShell has a variable for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// `$IsWindows`
    Windows,
    /// `$IsLinux`, and every other Unix but macOS
    Linux,
    /// `$IsMacOS`
    MacOs,
}

impl Platform {
    /// The system this library was built for.
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }

    /// The platform that `IsWindows`, `IsLinux` or `IsMacOS` asks for.
    pub(super) fn asked_by(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "iswindows" => Some(Self::Windows),
            "islinux" => Some(Self::Linux),
            "ismacos" => Some(Self::MacOs),
            _ => None,
        }
    }
}

/// How everything a job or step waits for has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// All of it succeeded: `success()`.
    Success,
    /// Some ancestor failed: `failure()`.
    Failure,
    /// The run was cancelled: `cancelled()`.
    Cancelled,
    /// Nothing failed, but something it needs was skipped: only `always()` is true.
    Skipped,
}
