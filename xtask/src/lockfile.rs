//! The crates that Cargo.lock names.

use crate::checksum;
use std::collections::HashMap;

/// A crate of the registry, at the version that the lock has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedCrate {
    pub name: String,
    pub version: String,
    /// The SHA-256 sum of the registry's `.crate` file; empty where the lock has none.
    pub checksum: String,
}

impl LockedCrate {
    /// A crate that no lock has yet: of whatever version and checksum.
    pub fn unlocked(name: &str) -> Self {
        Self { name: name.into(), version: String::new(), checksum: String::new() }
    }
}

/// Every crate that comes from a registry; the project's own packages have no source.
pub fn crates(cargo_lock: &str) -> Vec<LockedCrate> {
    cargo_lock
        .split("[[package]]")
        .skip(1)
        .filter(|package| field(package, "source").is_some_and(|source| source.starts_with("registry+")))
        .filter_map(|package| {
            let (name, version) = (field(package, "name")?, field(package, "version")?);
            Some(LockedCrate { name, version, checksum: field(package, "checksum").unwrap_or_default() })
        })
        .collect()
}

/// A line for every crate whose checksum cannot be the registry's: no SHA-256 sum, or another
/// crate's too.
pub fn doubtful(crates: &[LockedCrate]) -> Vec<String> {
    let mut owners = HashMap::new();
    let mut lines = Vec::new();
    for LockedCrate { name, version, checksum } in crates {
        if !checksum::is_sum(checksum) {
            lines.push(format!("{name} {version} has the checksum \"{checksum}\", which is no SHA-256 sum"));
        } else if let Some(owner) = owners.insert(checksum, name) {
            lines.push(format!("{name} {version} has the checksum of {owner}"));
        }
    }
    lines
}

fn field(package: &str, name: &str) -> Option<String> {
    package.lines().find_map(|line| {
        let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?;
        Some(value.trim().trim_matches('"').to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crates_of_a_registry_are_named() {
        let lock = r#"
version = 3

[[package]]
name = "own"
version = "0.1.0"
dependencies = [
 "serde",
]

[[package]]
name = "serde"
version = "1.0.152"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "bb7d"
"#;
        let expected =
            LockedCrate { name: "serde".into(), version: "1.0.152".into(), checksum: "bb7d".into() };
        assert_eq!(crates(lock), [expected]);
    }

    #[test]
    fn a_checksum_that_is_none_or_anothers_is_doubtful() {
        let of = |name: &str, checksum: String| LockedCrate { checksum, ..LockedCrate::unlocked(name) };
        let crates = [
            of("good", "a".repeat(64)),
            of("none", String::new()),
            of("words", "Could not get crate checksum".into()),
            of("twin", "a".repeat(64)),
        ];
        let lines = doubtful(&crates);
        assert_eq!(lines.len(), 3, "{lines:?}");
        for (line, name) in lines.iter().zip(["none", "words", "twin"]) {
            assert!(line.starts_with(name), "{line}");
        }
    }
}
