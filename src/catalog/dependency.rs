use super::{Catalog, Number, Script};

impl Catalog {
    /// The scripts that one entry of `script`'s `Dependencies:` means.
    ///
    /// An entry names a number (`0400`, `0400 (Testing Tools)`), a script's title (the part after
    /// `NNNN_`), the noun of one, or text contained in a title. The first of these that matches
    /// anything decides, all its matches count, and never the script itself (CONTRACT 0,
    /// "Dependencies"). The whole catalog is asked rather than the scripts of a run, so that an entry
    /// means the same whatever was selected.
    pub fn dependencies(&self, script: &Script, entry: &str) -> Vec<Number> {
        if let Some(number) = leading_number(entry) {
            return self
                .get(number)
                .filter(|found| found.number != script.number)
                .map(|found| found.number)
                .into_iter()
                .collect();
        }
        let wanted = entry.to_lowercase();
        let rules: [fn(&str, &str) -> bool; 3] = [
            |title, wanted| title == wanted,
            |title, wanted| title.split_once('-').is_some_and(|(_, noun)| noun == wanted),
            |title, wanted| title.contains(wanted),
        ];
        rules
            .iter()
            .map(|rule| {
                self.scripts()
                    .filter(|candidate| candidate.number != script.number)
                    .filter(|candidate| rule(&candidate.title().to_lowercase(), &wanted))
                    .map(|candidate| candidate.number)
                    .collect::<Vec<_>>()
            })
            .find(|matches| !matches.is_empty())
            .unwrap_or_default()
    }
}

/// The number an entry starts with: digits alone, or four digits and a remark.
fn leading_number(entry: &str) -> Option<Number> {
    let digits = entry.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    let rest = &entry[digits.len()..];
    let remark = digits.len() == 4 && rest.starts_with(|c: char| c.is_whitespace() || c == '(' || c == '_');
    if rest.is_empty() || remark {
        Number::parse(digits)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn catalog(names: &[&str]) -> Catalog {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path().join("automation-scripts");
        fs::create_dir(&folder).expect("a script folder");
        for name in names {
            fs::write(folder.join(name), "").expect("a script");
        }
        Catalog::open(root.path()).expect("a catalog")
    }

    fn meant(catalog: &Catalog, script: &str, entry: &str) -> Vec<String> {
        let script = catalog.get(Number::parse(script).expect("a number")).expect("a script");
        catalog.dependencies(script, entry).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let catalog = catalog(&[
            "0008_Install-OpenTofu.ps1",
            "0009_Initialize-OpenTofu.ps1",
            "0207_Install-Git.ps1",
            "0209_Install-7Zip.ps1",
            "0400_Install-TestingTools.ps1",
            "0470_Orchestrate-SimpleTesting.ps1",
            "0700_Setup-GitEnvironment.ps1",
            "0741_Generate-AICommitMessage.ps1",
        ]);
        assert_eq!(meant(&catalog, "0741", "Git"), ["0207"], "a noun, not text contained in another");
        assert_eq!(meant(&catalog, "0741", "install-git"), ["0207"], "a title");
        assert_eq!(meant(&catalog, "0009", "OpenTofu"), ["0008"], "never the script itself");
        assert_eq!(meant(&catalog, "0741", "OpenTofu"), ["0008", "0009"], "all matches count");
        assert_eq!(meant(&catalog, "0741", "Testing"), ["0400", "0470"], "text contained");
        assert_eq!(meant(&catalog, "0741", "0400 (Testing Tools)"), ["0400"]);
        assert_eq!(meant(&catalog, "0741", "8"), ["0008"]);
        assert_eq!(meant(&catalog, "0741", "7Zip"), ["0209"], "a digit in front makes no number");
        assert!(meant(&catalog, "0741", "Node.js 18+").is_empty());
        assert!(meant(&catalog, "0400", "0400").is_empty());
        assert!(meant(&catalog, "0400", "9998").is_empty());
    }
}
