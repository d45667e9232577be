//! Debian's crates as the registry has them: a directory source of cargo's below target/, in which
//! every crate of Cargo.lock is Debian's by links and has the lock's checksum. Of many crates
//! Debian's own folder has none, or an invented one, and cargo would put that into the lock.

use crate::checksum;
use crate::debian;
use crate::error::Error;
use crate::lockfile::LockedCrate;
use crate::project::Project;
use crate::stamp;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The stamp that remembers what the folder was made of.
const STAMP: &str = "debian-crates.made";
const CROSS_STAMP: &str = "cross-crates.made";

/// The file of a directory source that holds a crate's checksums.
const CHECKSUMS: &str = ".cargo-checksum.json";

/// The folder for cargo's `directory`.
pub fn folder(project: &Project) -> PathBuf {
    project.state().join("debian-crates")
}

/// Makes the folder where it is not there, or was made of another lock or of other packages.
pub fn ensure(project: &Project, locked: &[LockedCrate]) -> Result<(), Error> {
    let (origin, folder) = (Path::new(debian::REGISTRY), folder(project));
    let crates = crates(origin, locked)?;
    let key = stamp::key_of(&crates);
    if folder.is_dir() && stamp::read(project, STAMP, &key).is_some() {
        return Ok(());
    }
    replace(&folder, &of(origin, crates))?;
    stamp::write(project, STAMP, &key, "whole")
}

/// The folder for cargo's `directory` where it builds the standard library too: Debian's crates as
/// above, and those that come with the sources of the standard library.
pub fn with_standard_library(project: &Project, vendored: &Path) -> Result<PathBuf, Error> {
    let (ours, folder) = (self::folder(project), project.state().join("cross-crates"));
    let mut both: Vec<(PathBuf, Crate)> = Vec::new();
    for origin in [ours.as_path(), vendored] {
        let known: HashSet<String> = both.iter().map(|(_, it)| it.folder.clone()).collect();
        let found = crates(origin, &[])?.into_iter().filter(|it| !known.contains(&it.folder));
        both.extend(found.map(|it| (origin.to_path_buf(), it)));
    }
    let key = stamp::key_of(&both);
    if !folder.is_dir() || stamp::read(project, CROSS_STAMP, &key).is_none() {
        replace(&folder, &both)?;
        stamp::write(project, CROSS_STAMP, &key, "whole")?;
    }
    Ok(folder)
}

/// Makes the folder beside its place and moves it there when it is whole, so that a run that is cut
/// off leaves nothing half-made to be used.
fn replace(folder: &Path, crates: &[(PathBuf, Crate)]) -> Result<(), Error> {
    let beside = |end: &str| folder.with_extension(format!("{}.{end}", std::process::id()));
    let (new, old) = (beside("new"), beside("old"));
    for left in [&new, &old].into_iter().filter(|it| it.exists()) {
        fs::remove_dir_all(left).map_err(Error::file("removing", left))?;
    }
    fs::create_dir_all(&new).map_err(Error::file("creating", &new))?;
    for (origin, it) in crates {
        it.lay(origin, &new).map_err(Error::file("linking a crate below", &new))?;
    }
    let replaced = fs::rename(folder, &old).is_ok();
    fs::rename(&new, folder).map_err(Error::file("replacing", folder))?;
    match replaced {
        true => fs::remove_dir_all(&old).map_err(Error::file("removing", &old)),
        false => Ok(()),
    }
}

/// Crates that are all in one folder.
fn of(origin: &Path, crates: Vec<Crate>) -> Vec<(PathBuf, Crate)> {
    crates.into_iter().map(|it| (origin.to_path_buf(), it)).collect()
}

/// A crate's folder among Debian's.
#[derive(Hash)]
struct Crate {
    folder: String,
    changed: Option<SystemTime>,
    /// The lock's; `None` where the lock does not say, so that Debian's stands.
    checksum: Option<String>,
}

/// Every crate that Debian has here, sorted.
fn crates(origin: &Path, locked: &[LockedCrate]) -> Result<Vec<Crate>, Error> {
    let sums: HashMap<String, &str> = locked
        .iter()
        .filter(|it| checksum::is_sum(&it.checksum))
        .map(|it| (format!("{}-{}", it.name, it.version), it.checksum.as_str()))
        .collect();
    let mut crates = Vec::new();
    if !origin.exists() {
        return Ok(crates); // cargo says which crate it does not find
    }
    for entry in fs::read_dir(origin).map_err(Error::file("reading", origin))? {
        let entry = entry.map_err(Error::file("reading", origin))?;
        let folder = entry.file_name().to_string_lossy().into_owned();
        let changed = entry.metadata().and_then(|it| it.modified()).ok();
        let checksum = sums.get(&folder).map(ToString::to_string);
        crates.push(Crate { folder, changed, checksum });
    }
    crates.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(crates)
}

impl Crate {
    /// Puts the crate into a directory source: as it is, or under the lock's checksum. Without
    /// sums of its files cargo checks none of them: Debian's patches change some.
    fn lay(&self, origin: &Path, source: &Path) -> io::Result<()> {
        let (origin, place) = (origin.join(&self.folder), source.join(&self.folder));
        let Some(checksum) = &self.checksum else { return link(&origin, &place) };
        fs::create_dir(&place)?;
        for entry in fs::read_dir(&origin)? {
            let entry = entry?;
            if entry.file_name() != CHECKSUMS {
                link(&entry.path(), &place.join(entry.file_name()))?;
            }
        }
        fs::write(place.join(CHECKSUMS), format!("{{\"package\":\"{checksum}\",\"files\":{{}}}}"))
    }
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

/// Debian is Unix; elsewhere nothing comes here.
#[cfg(not(unix))]
fn link(_original: &Path, _link: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const DEBIAN: &str = r#"{"package":"Could not get crate checksum","files":{}}"#;

    fn locked(name: &str, checksum: &str) -> LockedCrate {
        LockedCrate { version: "1.0.0".into(), checksum: checksum.into(), ..LockedCrate::unlocked(name) }
    }

    #[test]
    fn a_locked_crate_is_debians_under_the_locks_checksum() {
        let top = std::env::temp_dir().join(format!("xtask-overlay-{}", std::process::id()));
        let (origin, folder) = (top.join("debian"), top.join("crates"));
        for name in ["known-1.0.0", "unsure-1.0.0", "new-2.0.0"] {
            fs::create_dir_all(origin.join(name).join("src")).expect("a crate");
            fs::write(origin.join(name).join("src/lib.rs"), name).expect("its source");
            fs::write(origin.join(name).join(CHECKSUMS), DEBIAN).expect("its checksum");
        }
        let sum = "0123456789abcdef".repeat(4);
        let lock = [locked("known", &sum), locked("unsure", "Could not get crate checksum")];
        let crates = of(&origin, crates(&origin, &lock).expect("Debian's crates"));

        // The second time replaces what is there, whatever it is.
        for _ in 0..2 {
            replace(&folder, &crates).expect("a folder");
            for (_, it) in &crates {
                let source = fs::read_to_string(folder.join(&it.folder).join("src/lib.rs"));
                assert_eq!(source.expect("a source"), it.folder);
            }
            let checksums = |name: &str| fs::read_to_string(folder.join(name).join(CHECKSUMS)).expect(name);
            assert_eq!(checksums("known-1.0.0"), format!("{{\"package\":\"{sum}\",\"files\":{{}}}}"));
            assert_eq!(checksums("unsure-1.0.0"), DEBIAN);
            assert_eq!(checksums("new-2.0.0"), DEBIAN);
            fs::remove_dir_all(folder.join("known-1.0.0")).expect("half a folder");
        }
        assert_eq!(fs::read_dir(&top).expect("the folder").count(), 2, "nothing is left beside");
        let kept = fs::read_to_string(origin.join("known-1.0.0").join(CHECKSUMS)).expect("Debian's");
        assert_eq!(kept, DEBIAN);
        fs::remove_dir_all(&top).expect("to clean up");
    }
}
