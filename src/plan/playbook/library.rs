//! Playbooks that others use: found by name or path, read once.

use super::super::RequestError;
use crate::playbook::{self, parse, LookupError, ParseRequest, Playbook, Source, Stage, PLAYBOOK_FOLDERS};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

/// A playbook that was found and read.
#[derive(Clone)]
pub(super) struct Book {
    pub playbook: Rc<Playbook>,
    /// What it is called, however it was asked for.
    pub name: String,
    /// The folder of its file.
    pub folder: PathBuf,
}

/// The project's playbooks.
pub(super) struct Library<'a> {
    root: &'a Path,
    documents: &'a Map<String, Value>,
    read: HashMap<PathBuf, Book>,
    found: HashMap<(String, PathBuf), PathBuf>,
}

impl<'a> Library<'a> {
    pub fn new(root: &'a Path, documents: &'a Map<String, Value>) -> Self {
        Self { root, documents, read: HashMap::new(), found: HashMap::new() }
    }

    /// The name of a playbook's file: its path below the playbook folder without extension, else the path.
    pub fn name(&self, file: &Path) -> String {
        let file = if file.is_absolute() { file.to_owned() } else { self.root.join(file) };
        let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let file = whole(&file);
        let below = PLAYBOOK_FOLDERS
            .iter()
            .map(|folder| whole(&self.root.join(folder)))
            .find_map(|folder| file.strip_prefix(folder).map(Path::to_owned).ok());
        below.unwrap_or_else(|| file.clone()).with_extension("").to_string_lossy().replace('\\', "/")
    }

    /// The playbook that `name` means to a playbook in `folder`. `user` is the
    /// place that names it.
    ///
    /// # Errors
    /// None or several of the name, a psd1 that nobody has read, or a text that is no playbook.
    pub fn open(&mut self, name: &str, folder: &Path, user: &str) -> Result<(Book, Opened), RequestError> {
        let key = (name.to_owned(), folder.to_owned());
        let path = match self.found.get(&key) {
            Some(path) => path.clone(),
            None => {
                let path = self
                    .find(name, folder)
                    .map_err(|error| RequestError::Lookup { path: user.to_owned(), error })?;
                self.found.insert(key, path.clone());
                path
            }
        };
        if let Some(book) = self.read.get(&path) {
            return Ok((book.clone(), Opened::Before));
        }
        let name = self.name(&path);
        let mut playbook = self.parse(&path)?;
        for stage in &mut playbook.stages {
            name_paths(stage, &name);
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let book = Book { playbook: Rc::new(playbook), name, folder };
        self.read.insert(path, book.clone());
        Ok((book, Opened::Now))
    }

    fn find(&self, name: &str, folder: &Path) -> Result<PathBuf, LookupError> {
        let plain = name.trim().replace('\\', "/");
        let lower = plain.to_ascii_lowercase();
        let is_path = lower.ends_with(".json") || lower.ends_with(".psd1") || plain.starts_with('.');
        if is_path || Path::new(&plain).is_absolute() {
            let places = [folder.join(&plain), self.root.join(&plain)];
            let is_given = |path: &Path| self.documents.contains_key(&*path.to_string_lossy());
            if let Some(path) = places.into_iter().find(|path| path.is_file() || is_given(path)) {
                // One file has one path, however often it is reached through `..`.
                return Ok(fs::canonicalize(&path).ok().filter(|_| plain.contains("..")).unwrap_or(path));
            }
        }
        Ok(playbook::find(self.root, name)?.path)
    }

    fn parse(&self, path: &Path) -> Result<Playbook, RequestError> {
        let file = path.to_string_lossy().into_owned();
        let is_data = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("psd1"));
        let source = if is_data { Source::Psd1 } else { Source::Json };
        let document = self.documents.get(&file).cloned();
        let text = match &document {
            Some(_) => None,
            None if is_data => return Err(RequestError::Unread { path: file }),
            None => {
                let bytes =
                    fs::read(path).map_err(|error| RequestError::Unreadable { path: file.clone(), error })?;
                Some(String::from_utf8_lossy(&bytes).into_owned())
            }
        };
        Ok(parse(&ParseRequest { text, document, path: Some(file), source })?)
    }
}

/// Whether a playbook was read for this call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    Now,
    Before,
}

/// Puts the playbook's name in front of the paths in its document, as messages show them.
fn name_paths(stage: &mut Stage, name: &str) {
    stage.path = format!("{name}: {}", stage.path);
    for step in &mut stage.steps {
        step.path = format!("{name}: {}", step.path);
    }
    for job in &mut stage.jobs {
        name_paths(job, name);
    }
}
