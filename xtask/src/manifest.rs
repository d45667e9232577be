//! What xtask reads in the two manifests: Cargo.toml and the module's .psd1.

/// The names of the packages that a Cargo.toml depends on directly, of every kind and for every
/// target, sorted, each once.
pub fn dependency_names(cargo_toml: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut table = Table::Other;
    let mut depth = 0;
    for line in cargo_toml.lines() {
        let line = without_comment(line).trim();
        if depth == 0 && line.starts_with('[') {
            table = Table::of(line);
            if let Table::Dependency(name) = &table {
                names.push(name.clone());
            }
            continue;
        }
        if depth == 0 {
            let Some((key, value)) = line.split_once('=') else { continue };
            match &table {
                Table::Dependencies => {
                    let key = key.trim().split('.').next().unwrap_or_default();
                    names.push(renamed(value).unwrap_or_else(|| unquoted(key)));
                }
                Table::Dependency(_) if key.trim() == "package" => {
                    names.pop();
                    names.push(unquoted(value));
                }
                _ => {}
            }
        }
        depth += opened(line);
    }
    names.sort();
    names.dedup();
    names
}

/// The version of the package that a Cargo.toml describes.
pub fn package_version(cargo_toml: &str) -> Option<String> {
    let mut in_package = false;
    cargo_toml.lines().map(|line| without_comment(line).trim()).find_map(|line| {
        if line.starts_with('[') {
            in_package = line == "[package]";
            return None;
        }
        let (key, value) = line.split_once('=')?;
        (in_package && key.trim() == "version").then(|| unquoted(value))
    })
}

/// The ModuleVersion of a PowerShell module manifest.
pub fn module_version(psd1: &str) -> Option<String> {
    psd1.lines().find_map(|line| {
        let (key, value) = line.split('#').next()?.split_once('=')?;
        key.trim().eq_ignore_ascii_case("ModuleVersion").then(|| unquoted(value))
    })
}

/// What a table's heading means for dependencies.
enum Table {
    /// `[dependencies]` and its kin: every key is a dependency.
    Dependencies,
    /// `[dependencies.name]` and its kin.
    Dependency(String),
    Other,
}

impl Table {
    fn of(heading: &str) -> Self {
        let parts = dotted(heading.trim_matches(|c| c == '[' || c == ']'));
        let kind = |part: &String| {
            matches!(part.as_str(), "dependencies" | "dev-dependencies" | "build-dependencies")
        };
        match parts.iter().rev().position(kind) {
            Some(0) => Self::Dependencies,
            Some(1) => parts.last().cloned().map_or(Self::Other, Self::Dependency),
            _ => Self::Other,
        }
    }
}

/// The parts of a dotted key, of which some may be quoted.
fn dotted(key: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for c in key.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '.') => parts.push(String::new()),
            _ => {
                if let Some(last) = parts.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    parts.iter().map(|part| part.trim().to_string()).collect()
}

/// The name in `{ package = "name", … }`.
fn renamed(value: &str) -> Option<String> {
    let after = value.split("package").nth(1)?.trim_start().strip_prefix('=')?;
    after.split('"').nth(1).map(str::to_string)
}

/// How many brackets a line opens and leaves open.
fn opened(line: &str) -> i32 {
    let mut quoted = false;
    line.chars().fold(0, |depth, c| {
        quoted ^= c == '"';
        match c {
            '[' | '{' if !quoted => depth + 1,
            ']' | '}' if !quoted => depth - 1,
            _ => depth,
        }
    })
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let end = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '#' && !quoted
    });
    end.map_or(line, |(at, _)| &line[..at])
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(|c| c == '"' || c == '\'').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO_TOML: &str = r##"
[package]
name = "x" # not a dependency = 1
version = "1.2.3"
version.workspace = false

[dependencies]
serde = { version = "1", features = [
    "derive", # [ in a comment
    "rc",
] }
once_cell = "1.17"
short.version = "1"
other = { package = "real_name", version = "1" }

[dependencies.long]
version = "2"
features = ["a"]

[dependencies.nick]
version = "2"
package = "full-name"

[target.'cfg(target.os = "windows")'.dependencies]
windows-sys = "0.48"

[build-dependencies]
cbindgen = "0.24"

[dev-dependencies]
serde = "1"
criterion = "0.3"

[profile.release]
lto = true

[[bench]]
name = "native"
"##;

    #[test]
    fn dependencies_of_every_kind_are_found_once() {
        let expected = [
            "cbindgen",
            "criterion",
            "full-name",
            "long",
            "once_cell",
            "real_name",
            "serde",
            "short",
            "windows-sys",
        ];
        assert_eq!(dependency_names(CARGO_TOML), expected);
    }

    #[test]
    fn the_version_is_the_package_tables() {
        assert_eq!(package_version(CARGO_TOML).as_deref(), Some("1.2.3"));
        assert_eq!(package_version("[dependencies]\nversion = \"1\"\n"), None);
    }

    #[test]
    fn the_module_version_is_read() {
        let psd1 = "@{\n    # ModuleVersion = '9'\n    ModuleVersion     = '0.1.0' # here\n}\n";
        assert_eq!(module_version(psd1).as_deref(), Some("0.1.0"));
        assert_eq!(module_version("@{}"), None);
    }
}
