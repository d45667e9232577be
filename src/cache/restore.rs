//! Puts stored files back, and nowhere else than where they may be.

use super::{
    atomic,
    blobs::Blobs,
    entry::{Body, StoredFile},
    scanner::Scanner,
};
use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};
use tempfile::NamedTempFile;
use thiserror::Error;

/// Folders that no file is restored into, at whatever depth.
const FORBIDDEN: [&str; 2] = [".git", super::FOLDER];

/// Why a file is not restored.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Its path is absolute, goes up, or names something that is no plain file name.
    #[error("'{0}' is not a path inside the project")]
    Outside(String),
    /// It is inside a folder of git's or the cache's.
    #[error("'{0}' is in a folder that nothing is restored into")]
    Forbidden(String),
    /// A folder on the way is a link out of the project, or no folder.
    #[error("'{path}' cannot be reached: {why}")]
    Way {
        /// The path.
        path: String,
        /// What is in the way.
        why: String,
    },
    /// It is a link that leaves the project.
    #[error("the link '{path}' leads out of the project, to '{target}'")]
    Link {
        /// The path.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// Something that is no file is in its place.
    #[error("'{0}' is a folder or a device here")]
    Occupied(String),
    /// A file cannot be written, or its contents are damaged.
    #[error("'{path}': {error}")]
    Io {
        /// The path.
        path: String,
        /// What the system, or the check of the contents, said.
        error: io::Error,
    },
}

/// Whether a file may be restored, as far as that can be told without the disk.
///
/// # Errors
/// [`Refusal`]
fn accept(file: &StoredFile) -> Result<(), Refusal> {
    let parts = parts(&file.path)?;
    if parts.iter().any(|part| FORBIDDEN.iter().any(|name| part.eq_ignore_ascii_case(name))) {
        return Err(Refusal::Forbidden(file.path.clone()));
    }
    if let Body::Link { target } = &file.body {
        let leaves = || Refusal::Link { path: file.path.clone(), target: target.clone() };
        let mut depth = parts.len() - 1;
        if target.is_empty() || target.contains(['\0', '\\', ':']) {
            return Err(leaves());
        }
        for part in Path::new(target).components() {
            match part {
                Component::Normal(_) => depth += 1,
                Component::CurDir => {}
                Component::ParentDir => depth = depth.checked_sub(1).ok_or_else(leaves)?,
                Component::RootDir | Component::Prefix(_) => return Err(leaves()),
            }
        }
    }
    Ok(())
}

/// Whether a file may be restored below `root`, as its folders are now.
///
/// # Errors
/// [`Refusal`]
pub(super) fn check(root: &Path, file: &StoredFile) -> Result<(), Refusal> {
    accept(file)?;
    let error = |error| Refusal::Io { path: file.path.clone(), error };
    check_way(&fs::canonicalize(root).map_err(error)?, &root.join(&file.path), file)
}

/// The names of a path. What is a separator, a drive or a stream on any system is refused on all; a name
/// that only Windows does not take, where it is not taken.
fn parts(path: &str) -> Result<Vec<&str>, Refusal> {
    let parts: Vec<&str> = path.split('/').collect();
    let odd = |part: &&str| {
        part.is_empty()
            || *part == "."
            || *part == ".."
            || part.contains(['\\', ':', '\0'])
            || (cfg!(windows) && !is_windows_name(part))
    };
    if parts.iter().any(odd) {
        return Err(Refusal::Outside(path.to_owned()));
    }
    Ok(parts)
}

/// Whether Windows makes a file of this name: it has names for devices, and drops points and spaces at
/// the end.
fn is_windows_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_numbered = |device: &str| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
    };
    let is_device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
        || is_numbered("com")
        || is_numbered("lpt");
    let is_odd = |character: char| character.is_control() || "<>\"|?*".contains(character);
    !is_device && !name.ends_with(['.', ' ']) && !name.contains(is_odd)
}

/// A file that is ready to be put in place.
enum Ready {
    File(NamedTempFile, PathBuf),
    Link(String, PathBuf),
}

/// Puts the files below the scanner's root that are missing or different. All of them are checked,
/// and their contents with them, before the first is put in place. Says whether there was any.
pub(super) fn files(blobs: &Blobs, scanner: &Scanner, files: &[StoredFile]) -> Result<bool, Refusal> {
    let Some(first) = files.first() else { return Ok(false) };
    let io = |file: &StoredFile| {
        let path = file.path.clone();
        move |error| Refusal::Io { path, error }
    };
    let root = fs::canonicalize(scanner.root()).map_err(io(first))?;
    let mut ready = Vec::new();
    for file in files {
        accept(file)?;
        let path = scanner.root().join(&file.path);
        check_way(&root, &path, file)?;
        let there = match fs::symlink_metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(io(file)(error)),
        };
        if there.as_ref().is_some_and(|there| !there.is_file() && !there.file_type().is_symlink()) {
            return Err(Refusal::Occupied(file.path.clone()));
        }
        match &file.body {
            Body::File { digest, size, executable } => {
                let same = there.as_ref().is_some_and(|there| {
                    there.is_file()
                        && there.len() == *size
                        && (cfg!(not(unix)) || super::content::is_executable(there) == *executable)
                        && scanner.file(&path).is_ok_and(|own| own == *digest)
                });
                if !same {
                    let copy = blobs.copy_beside(digest, &path).map_err(io(file))?;
                    allow(&copy, there.as_ref(), *executable).map_err(io(file))?;
                    ready.push((file, Ready::File(copy, path)));
                }
            }
            Body::Link { target } => {
                let same = fs::read_link(&path).is_ok_and(|own| own == Path::new(target));
                if !same {
                    ready.push((file, Ready::Link(target.clone(), path)));
                }
            }
        }
    }
    let any = !ready.is_empty();
    for (file, ready) in ready {
        match ready {
            Ready::File(copy, path) => atomic::persist(copy, &path),
            Ready::Link(target, path) => link(&target, &path),
        }
        .map_err(io(file))?;
    }
    Ok(any)
}

/// Every folder on the way that is there must be one, and in the project whatever links lead to it.
fn check_way(root: &Path, path: &Path, file: &StoredFile) -> Result<(), Refusal> {
    let refuse = |why: String| Refusal::Way { path: file.path.clone(), why };
    for folder in path.ancestors().skip(1) {
        match fs::canonicalize(folder) {
            Ok(real) if !real.starts_with(root) => {
                return Err(refuse(format!("{} leads out of the project", folder.display())));
            }
            Ok(real) if !real.is_dir() => {
                return Err(refuse(format!("{} is no folder", folder.display())));
            }
            Ok(real) => {
                // By another name the forbidden folders are still what they are.
                let below = real.strip_prefix(root).unwrap_or(&real);
                let forbidden =
                    below.iter().any(|part| FORBIDDEN.iter().any(|name| part.eq_ignore_ascii_case(name)));
                return if forbidden { Err(Refusal::Forbidden(file.path.clone())) } else { Ok(()) };
            }
            // A link that leads nowhere is there too, and a folder must not be made through it.
            Err(_) if fs::symlink_metadata(folder).is_ok() => {
                return Err(refuse(format!("{} leads nowhere", folder.display())));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(refuse(error.to_string())),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn allow(copy: &NamedTempFile, there: Option<&fs::Metadata>, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let before = there.filter(|there| there.is_file()).map(|there| there.permissions().mode() & 0o777);
    let mode = match (before, executable) {
        (Some(mode), false) => mode & !0o111,
        (Some(mode), true) => mode | 0o100,
        (None, false) => 0o644,
        (None, true) => 0o755,
    };
    copy.as_file().set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn allow(_: &NamedTempFile, _: Option<&fs::Metadata>, _: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Made beside it and renamed over it, so that there is never nothing in its place.
    let place = atomic::beside(path)?.into_temp_path();
    fs::remove_file(&place)?;
    std::os::unix::fs::symlink(target, &place)?;
    place.persist(path).map_err(|failed| failed.error)
}

#[cfg(not(unix))]
fn link(target: &str, _: &Path) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        format!("links to '{target}' are not made on this system"),
    ))
}

#[cfg(test)]
mod tests;
