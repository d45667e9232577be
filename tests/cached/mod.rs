//! A project whose jobs' results are stored and replayed without a run around them.

#![allow(dead_code, reason = "each test file uses its part")]

use aither_orchestration::cache::{
    Digest, Entry, Finished, InputsKey, KeyDocument, Manifest, Miss, NotStored, Scanner, ScriptKey,
    ScriptLine, Store, StoredResult, View, FOLDER,
};
use serde_json::{json, Map, Value};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;

pub struct Project {
    folder: Option<TempDir>,
    root: PathBuf,
    pub store: Store,
    pub scanner: Scanner,
    /// By a job's name and its input: what is damaged in a cache is not in them.
    keys: Mutex<HashMap<(String, String), Digest>>,
}

impl Project {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut project = Self::at(folder.path());
        project.folder = Some(folder);
        project.write("src/a.txt", "a");
        project
    }

    /// The project that is at this place already.
    pub fn at(root: &Path) -> Self {
        let store = Store::new(root.join(FOLDER));
        let scanner = Scanner::new(root, &store.index());
        Self { folder: None, root: root.to_owned(), store, scanner, keys: Mutex::default() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn cache(&self) -> PathBuf {
        self.root.join(FOLDER)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
        self.scanner.disturb();
    }

    pub fn inputs(&self) -> Arc<Manifest> {
        self.scanner.inputs(Some(&["src/**".to_owned()]), &[], View::Fresh).expect("inputs")
    }

    /// The key document of job `name`, which writes `out/<name>.txt`.
    pub fn document(&self, name: &str) -> KeyDocument {
        let manifest = self.inputs();
        KeyDocument {
            engine: "1".into(),
            system: "any".into(),
            script: Some(ScriptKey {
                number: "0100".into(),
                name: name.into(),
                digest: Digest::of(b"script"),
            }),
            parameters: object(json!({"profile": "quick"})),
            inputs: InputsKey {
                patterns: Some(vec!["src/**".into()]),
                digest: manifest.digest(),
                count: manifest.count(),
            },
            outputs: vec![format!("out/{name}.txt")],
            ..KeyDocument::default()
        }
    }

    /// Does what job `name` does, and stores it.
    pub fn run(&self, name: &str) -> Result<Digest, NotStored> {
        self.write(&format!("out/{name}.txt"), &self.expected(name));
        self.store(name)
    }

    pub fn store(&self, name: &str) -> Result<Digest, NotStored> {
        let (document, manifest) = (self.document(name), self.inputs());
        let result = StoredResult {
            number: "0100".into(),
            outputs: object(json!({"value": self.expected(name)})),
            objects: Some("<Objs />".into()),
            log: vec![(1, format!("{name} says hello\n"))],
            ..StoredResult::default()
        };
        let script = ScriptLine { number: "0100".into(), name: name.into(), path: "x".into() };
        self.store.store(Finished { document: &document, manifest: &manifest, script, result }, &self.scanner)
    }

    pub fn expected(&self, name: &str) -> String {
        let input = fs::read_to_string(self.root.join("src/a.txt")).expect("the input");
        format!("{name} of {input}")
    }

    pub fn replay(&self, name: &str) -> Result<(Entry, bool), Miss> {
        let mut keys = self.keys.lock().expect("no test has failed with it");
        let known = keys.entry((name.to_owned(), self.expected(name)));
        let key = *known.or_insert_with(|| self.document(name).key());
        drop(keys);
        self.store.replay(&key, &self.scanner)
    }

    /// Replays, and checks that a hit is right in every part.
    pub fn hit(&self, name: &str) -> bool {
        match self.replay(name) {
            Err(_) => false,
            Ok((entry, _)) => {
                assert_eq!(entry.result.outputs, object(json!({"value": self.expected(name)})), "outputs");
                assert_eq!(entry.result.log, [(1, format!("{name} says hello\n"))], "log");
                assert_eq!(entry.result.objects.as_deref(), Some("<Objs />"), "objects");
                let file = fs::read_to_string(self.root.join(format!("out/{name}.txt"))).expect("the output");
                assert_eq!(file, self.expected(name), "the restored file");
                true
            }
        }
    }

    /// Every file of the cache but the locks.
    pub fn files(&self) -> Vec<PathBuf> {
        let all = walkdir::WalkDir::new(self.cache()).sort_by_file_name();
        all.into_iter()
            // Others may be at work: what goes away while it is looked for is not there.
            .filter_map(|item| item.ok().map(walkdir::DirEntry::into_path))
            .filter(|path| path.is_file() && !path.starts_with(self.cache().join("locks")))
            .collect()
    }

    /// Files that are still being written, or that a killed writer has left.
    pub fn temporary(&self) -> Vec<PathBuf> {
        let all =
            walkdir::WalkDir::new(&self.root).into_iter().map(|item| item.expect("an item").into_path());
        all.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains("tmp-")))
            .collect()
    }
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}
