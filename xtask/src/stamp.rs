//! What set-up has done, so that the next call need not do it again: small text files in the
//! state folder, each keyed by the content it was made for.

use crate::error::Error;
use crate::project::Project;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// The value that the stamp `name` holds for `key`; `None` where it was made for another key.
pub fn read(project: &Project, name: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(project.state().join(name)).ok()?;
    let (found, value) = text.split_once('\n')?;
    (found == key).then(|| value.trim_end().to_string())
}

/// Remembers `value` for `key` in the stamp `name`.
pub fn write(project: &Project, name: &str, key: &str, value: &str) -> Result<(), Error> {
    let path = project.state().join(name);
    replace(&path, format!("{key}\n{value}\n").as_bytes())
}

/// Writes a file beside its place and moves it there, so that no reader sees half of it and
/// nobody who has the old one open is disturbed.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::file("creating", folder))?;
    }
    let mut name = path.as_os_str().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(name);
    fs::write(&beside, bytes).map_err(Error::file("writing", &beside))?;
    fs::rename(&beside, path).map_err(|source| {
        let _ = fs::remove_file(&beside);
        Error::file("replacing", path)(source)
    })
}

/// A key for this content. It is compared only with keys of the same xtask, so that std's own
/// hash is enough.
pub fn key_of(content: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Every file below `folder` but those in folders named in `except`, sorted, with its bytes.
pub fn files_below(folder: &Path, except: &[&str]) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).map_err(Error::file("reading", &next))? {
            let path = entry.map_err(Error::file("reading", &next))?.path();
            if path.is_dir() {
                let excepted = except.iter().any(|name| path.file_name().is_some_and(|found| found == *name));
                if !excepted {
                    folders.push(path);
                }
            } else {
                let bytes = fs::read(&path).map_err(Error::file("reading", &path))?;
                let relative = path.strip_prefix(folder).unwrap_or(&path).to_path_buf();
                files.push((relative, bytes));
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn the_key_follows_the_content() {
        assert_eq!(key_of(&"a"), key_of(&"a"));
        assert_ne!(key_of(&"a"), key_of(&"b"));
    }
}
