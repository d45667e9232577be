//! The crates that Cargo.lock names.

/// A crate of the registry, at the version that the lock has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedCrate {
    pub name: String,
    pub version: String,
}

/// Every crate that comes from a registry; the project's own packages have no source.
pub fn crates(cargo_lock: &str) -> Vec<LockedCrate> {
    cargo_lock
        .split("[[package]]")
        .skip(1)
        .filter(|package| field(package, "source").is_some_and(|source| source.starts_with("registry+")))
        .filter_map(|package| {
            Some(LockedCrate { name: field(package, "name")?, version: field(package, "version")? })
        })
        .collect()
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
        let expected = LockedCrate { name: "serde".into(), version: "1.0.152".into() };
        assert_eq!(crates(lock), [expected]);
    }
}
