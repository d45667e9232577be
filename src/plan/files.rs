//! `hashFiles` of the expression language.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};
use std::{fs::File, io, path::Path};
use walkdir::WalkDir;

/// SHA-256 of the SHA-256s of the matching files below `root`, in the order of their paths; empty
/// when nothing matches (GitHub Actions, "hashFiles"). A pattern that starts with `!` takes away.
///
/// # Errors
/// A pattern that cannot be read, or a file that cannot.
pub(crate) fn hash(root: &Path, patterns: &[String]) -> Result<String, String> {
    let (taken, wanted): (Vec<&str>, Vec<&str>) =
        patterns.iter().map(String::as_str).partition(|p| p.starts_with('!'));
    let wanted = globs(wanted.into_iter())?;
    let taken = globs(taken.into_iter().map(|pattern| &pattern[1..]))?;
    let mut all = Sha256::new();
    let mut found = false;
    // Links are not followed, so that a pattern cannot leave the project.
    for entry in
        WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| entry.file_name() != ".git")
    {
        let entry = entry.map_err(|error| format!("{error}"))?;
        let Ok(path) = entry.path().strip_prefix(root) else { continue };
        if entry.file_type().is_file() && wanted.is_match(path) && !taken.is_match(path) {
            found = true;
            let bytes = hash_file(entry.path())
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            all.update(bytes);
        }
    }
    Ok(if found { format!("{:x}", all.finalize()) } else { String::new() })
}

fn globs<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.trim_start_matches("./");
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        set.add(glob.map_err(|error| format!("the pattern '{pattern}' cannot be read: {error}"))?);
    }
    set.build().map_err(|error| error.to_string())
}

fn hash_file(path: &Path) -> io::Result<sha2::digest::Output<Sha256>> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize())
}
