//! A job's declared outputs, as they are when it has ended.

use super::{
    content,
    entry::{Body, StoredFile},
    patterns::Patterns,
    restore,
    scanner::Scanner,
    NotStored,
};
use std::fs;

/// The files that these patterns name.
///
/// # Errors
/// [`NotStored`] where a pattern matches nothing, or something that cannot be kept.
pub(super) fn collect(patterns: &[String], scanner: &Scanner) -> Result<Vec<StoredFile>, NotStored> {
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let patterns = Patterns::new(patterns).map_err(super::ScanError::from)?;
    let found = scanner.outputs(&patterns)?;
    for wanted in patterns.wanted() {
        if !found.iter().any(|(file, _)| wanted.matches(&file.name)) {
            return Err(NotStored::MissingOutput(wanted.text.clone()));
        }
    }
    let mut files = Vec::with_capacity(found.len());
    for (file, digest) in found {
        let refuse = |why: String| NotStored::Output { path: file.name.clone(), why };
        let body = if file.metadata.is_file() {
            Body::File {
                digest,
                size: file.metadata.len(),
                executable: content::is_executable(&file.metadata),
            }
        } else if file.metadata.file_type().is_symlink() {
            let target = fs::read_link(&file.path).map_err(|error| refuse(error.to_string()))?;
            let target =
                target.to_str().ok_or_else(|| refuse("the link's target is not Unicode".into()))?.to_owned();
            Body::Link { target }
        } else {
            return Err(refuse("it is neither a file nor a link".into()));
        };
        let stored = StoredFile { path: file.name.clone(), body };
        restore::check(scanner.root(), &stored).map_err(|refusal| refuse(refusal.to_string()))?;
        files.push(stored);
    }
    files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    files.dedup();
    Ok(files)
}
