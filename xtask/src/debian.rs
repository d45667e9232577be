//! Debian's packages of crates: `librust-<name>-dev` puts a crate's sources into one folder that
//! cargo can read as a directory source.

use crate::crates::Needs;
use crate::error::Error;
use crate::lockfile::LockedCrate;
use crate::process::{self, NO_LIMIT};
use crate::setup::say;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Where Debian's packages put the crates. cargo reads them through [`crate::overlay`].
pub const REGISTRY: &str = "/usr/share/cargo/registry";

/// Whether this machine has Debian's package tools.
pub fn is_here() -> bool {
    process::find("apt-get").is_some() && process::find("apt-cache").is_some()
}

/// The crates that the project asks for and the folder does not have. A name that the lock does
/// not have yet is asked for without a version.
pub fn missing(needs: &Needs) -> Vec<LockedCrate> {
    let present = present();
    let locked = needs.locked.iter().filter(|it| !present.contains(&format!("{}-{}", it.name, it.version)));
    let unlocked = needs.direct.iter().filter(|name| {
        let is_it = |folder: &String| {
            folder.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_version)
        };
        !needs.locked.iter().any(|it| it.name == **name) && !present.iter().any(is_it)
    });
    let unlocked = unlocked.map(|name| LockedCrate::unlocked(name));
    locked.cloned().chain(unlocked).collect()
}

fn present() -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(Path::new(REGISTRY)) else { return BTreeSet::new() };
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Installs the packages of the crates that are missing, with one call of apt-get where the
/// package lists are up to date. Of a crate in `any_version` other versions will do.
pub fn install(missing: &[LockedCrate], any_version: &[String]) -> Result<(), Error> {
    if missing.is_empty() {
        return Ok(());
    }
    let mut updated = false;
    let mut packages = packages(missing, any_version, &candidates(missing)?);
    if packages.len() < missing.len() && is_root() {
        update()?;
        updated = true;
        packages = self::packages(missing, any_version, &candidates(missing)?);
    }
    if packages.is_empty() {
        return Ok(()); // cargo says which crate it does not find
    }
    if !is_root() {
        return Err(Error::missing(
            "a source of crates",
            format!("the crates registry is out of reach; connect to it, or, {}", as_root(&packages)),
        ));
    }
    let crates = if packages.len() == 1 { "crate" } else { "crates" };
    say(&format!("installing Debian's packages of {} {crates}", packages.len()));
    apt_install(&packages, updated)
}

/// Installs those of these packages that are not there: tools of another system's, for `what`.
pub fn install_tools(what: &str, packages: &[&str]) -> Result<(), Error> {
    let missing: Vec<String> =
        packages.iter().filter(|name| !is_installed(name)).map(ToString::to_string).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_here() {
        return Err(Error::missing(what, "it is made of Debian's packages; run this on Debian"));
    }
    if !is_root() {
        return Err(Error::missing(what, as_root(&missing)));
    }
    say(&format!("installing Debian's {}", missing.join(", ")));
    apt_install(&missing, false)
}

fn as_root(packages: &[String]) -> String {
    format!("as root, run `apt-get install --no-install-recommends {}`", packages.join(" "))
}

fn is_installed(package: &str) -> bool {
    let mut query = process::command("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    process::capture(&mut query, NO_LIMIT).is_ok_and(|finished| finished.stdout == "installed")
}

fn apt_install(packages: &[String], mut updated: bool) -> Result<(), Error> {
    let mut install = apt_get();
    install.args(["install", "-y", "--no-install-recommends"]).args(packages);
    loop {
        let finished = process::capture(&mut install, NO_LIMIT)?;
        if finished.succeeded() || updated {
            return finished.success(format!("apt-get install {}", packages.join(" "))).map(drop);
        }
        update()?;
        updated = true;
    }
}

fn update() -> Result<(), Error> {
    say("updating Debian's package lists");
    process::capture(apt_get().arg("update"), NO_LIMIT)?.success("apt-get update").map(drop)
}

fn apt_get() -> Command {
    let mut command = process::command("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-o", "DPkg::Lock::Timeout=300"]);
    command
}

fn is_root() -> bool {
    let mut id = process::command("id");
    process::capture(id.arg("-u"), NO_LIMIT).is_ok_and(|finished| finished.stdout.trim() == "0")
}

/// The version that apt would install, of every package that may hold one of these crates.
fn candidates(crates: &[LockedCrate]) -> Result<HashMap<String, String>, Error> {
    let mut policy = process::command("apt-cache");
    policy.env("LC_ALL", "C").arg("policy").args(crates.iter().flat_map(package_names));
    let finished = process::capture(&mut policy, NO_LIMIT)?.success("apt-cache policy")?;
    Ok(parse_policy(&finished.stdout))
}

/// The package of each missing crate: the one that has the locked version or, where any version
/// will do, the first that apt knows: cargo then says what does not fit.
fn packages(
    missing: &[LockedCrate],
    any_version: &[String],
    candidates: &HashMap<String, String>,
) -> Vec<String> {
    let package = |wanted: &LockedCrate| {
        let names = package_names(wanted);
        let fits =
            |name: &&String| candidates.get(*name).is_some_and(|have| upstream(have) == wanted.version);
        let exact = names.iter().find(fits);
        let any =
            || names.iter().find(|name| any_version.contains(&wanted.name) && candidates.contains_key(*name));
        exact.or_else(any).cloned()
    };
    missing.iter().filter_map(package).collect::<BTreeSet<String>>().into_iter().collect()
}

/// The packages that may hold a crate: the newest's, and the one of an older series.
fn package_names(wanted: &LockedCrate) -> Vec<String> {
    let name = wanted.name.replace('_', "-").to_lowercase();
    let mut numbers = wanted.version.split('.');
    let series = match (numbers.next(), numbers.next()) {
        (Some("0"), Some(minor)) => Some(format!("0.{minor}")),
        (Some(major), Some(_)) => Some(major.to_string()),
        _ => None,
    };
    let newest = format!("librust-{name}-dev");
    std::iter::once(newest).chain(series.map(|series| format!("librust-{name}-{series}-dev"))).collect()
}

/// The crate's version in a Debian version such as `1:2.3.4+dfsg-5+b1`.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version.rsplit_once('-').map_or(version, |(upstream, _)| upstream);
    version.split('+').next().unwrap_or(version)
}

/// Package and candidate version, for every package in `apt-cache policy`'s answer that has one.
fn parse_policy(answer: &str) -> HashMap<String, String> {
    let mut package = "";
    let mut candidates = HashMap::new();
    for line in answer.lines() {
        if let Some(name) = line.strip_suffix(':').filter(|name| !name.starts_with(' ')) {
            package = name;
        } else if let Some(version) = line.trim().strip_prefix("Candidate: ").filter(|it| *it != "(none)") {
            candidates.insert(package.to_string(), version.to_string());
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(name: &str, version: &str) -> LockedCrate {
        LockedCrate { version: version.into(), ..LockedCrate::unlocked(name) }
    }

    const POLICY: &str = "\
librust-serde-derive-dev:
  Installed: (none)
  Candidate: 1.0.152-1+b1
  Version table:
     1.0.152-1+b1 500
librust-cfg-if-dev:
  Installed: 1.0.0-1
  Candidate: 1.0.0-1
librust-cfg-if-0.1-dev:
  Installed: (none)
  Candidate: 0.1.10-2
librust-windows-dev:
  Installed: (none)
  Candidate: (none)
";

    #[test]
    fn candidates_are_read() {
        let candidates = parse_policy(POLICY);
        assert_eq!(candidates.get("librust-serde-derive-dev").map(String::as_str), Some("1.0.152-1+b1"));
        assert_eq!(candidates.len(), 3);
    }

    #[test]
    fn the_package_with_the_locked_version_is_chosen() {
        let missing =
            [locked("serde_derive", "1.0.152"), locked("cfg-if", "0.1.10"), locked("cfg-if", "1.0.0")];
        let expected = ["librust-cfg-if-0.1-dev", "librust-cfg-if-dev", "librust-serde-derive-dev"];
        assert_eq!(packages(&missing, &[], &parse_policy(POLICY)), expected);
    }

    #[test]
    fn another_version_is_chosen_only_where_any_will_do() {
        let missing = [locked("serde_derive", "1.0.999")];
        let candidates = parse_policy(POLICY);
        assert!(packages(&missing, &[], &candidates).is_empty());
        assert_eq!(packages(&missing, &["serde_derive".into()], &candidates), ["librust-serde-derive-dev"]);
    }

    #[test]
    fn debian_adds_to_versions() {
        assert_eq!(upstream("1.0.152-2"), "1.0.152");
        assert_eq!(upstream("1:2.3.4+dfsg-5+b1"), "2.3.4");
        assert_eq!(upstream("1.0"), "1.0");
    }
}
