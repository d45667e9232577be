//! The key of a job of a plan, and whether the job can have one.

use super::{
    explain::manifest_differences, CacheRequest, Digest, InputsKey, KeyDocument, Manifest, Need, NotCached,
    Scanner, ScriptKey, Store, View, FOLDER,
};
use crate::{
    catalog,
    expression::{has_template, interpolate},
    plan::{environment_variable, Environment, Job, Observer},
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// How a caller marks a value that only PowerShell has.
const LIVE: &str = "$aither.live";

/// What a script says, in lower case, that publishes or receives an artifact.
const ARTIFACT: &str = "-orchestrationartifact";

/// What a job's key is made of, at one moment.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The document.
    pub document: KeyDocument,
    /// The document's key.
    pub key: Digest,
    /// The inputs.
    pub manifest: Arc<Manifest>,
}

/// The values that a job runs with.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// Offered to the script.
    pub parameters: &'a Map<String, Value>,
    /// Environment variables of its own.
    pub env: &'a Map<String, Value>,
    /// Text in place of a script.
    pub text: Option<&'a str>,
}

impl<'a> Values<'a> {
    /// Those that the plan has.
    pub fn planned(job: &'a Job) -> Self {
        Self { parameters: &job.parameters, env: &job.env, text: job.text.as_deref() }
    }
}

/// The cache as one run sees it.
#[derive(Debug)]
pub struct RunCache {
    /// What is wanted of it.
    pub request: CacheRequest,
    /// The entries.
    pub store: Store,
    /// The files.
    pub scanner: Scanner,
    root: PathBuf,
    environment: Option<Environment>,
    configuration: Digest,
    scripts: Mutex<HashMap<Digest, Arc<str>>>,
}

impl RunCache {
    /// The cache of a run of a plan with this root.
    pub fn new(root: &Path, request: CacheRequest, environment: Option<Environment>) -> Self {
        let store = Store::new(request.folder.clone().unwrap_or_else(|| root.join(FOLDER)));
        let mut encoder = super::encode::Encoder::new("aither-orchestration-configuration-1");
        encoder.value(&request.configuration);
        Self {
            scanner: Scanner::new(root, &store.index()),
            configuration: encoder.finish(),
            root: root.to_owned(),
            environment,
            scripts: Mutex::default(),
            store,
            request,
        }
    }

    /// What a job is, given the keys of the jobs it needs.
    ///
    /// # Errors
    /// [`NotCached`]
    pub fn identify(
        &self,
        job: &Job,
        values: Values<'_>,
        needs: Vec<Need>,
        view: View,
    ) -> Result<Identity, NotCached> {
        let rules = job.cache.clone().unwrap_or_default();
        if rules.off {
            return Err(NotCached::Declared);
        }
        if job.artifacts.as_ref().is_some_and(|artifacts| !artifacts.download.is_empty()) {
            return Err(NotCached::Artifact);
        }
        let (script, source) = self.script(job, values)?;
        if mentions(&source, ARTIFACT) {
            return Err(NotCached::Artifact);
        }
        let parameters = self.plain(values.parameters, &source)?;
        if let Some(secret) = values.env.keys().find(|name| self.is_secret(name)) {
            return Err(NotCached::Secret(secret.clone()));
        }
        let env_secret = |name: &&String| self.is_secret(name);
        if let Some(secret) = rules.env.iter().find(env_secret) {
            return Err(NotCached::Secret(secret.clone()));
        }
        let matrix = job.matrix.as_ref().map(|matrix| self.plain(matrix, &source)).transpose()?;
        let inputs = rules.inputs.as_ref().map(|list| self.filled(list, values.parameters)).transpose()?;
        let outputs = self.filled(&rules.outputs, values.parameters)?;
        let manifest = self.scanner.inputs(inputs.as_deref(), &outputs, view)?;
        let environment = rules.env.iter().map(|name| {
            let value = environment_variable(self.environment.as_ref(), name);
            (name.clone(), value.map_or(Value::Null, Value::String))
        });
        let document = KeyDocument {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            system: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            powershell: self.request.powershell.clone(),
            configuration: mentions(&source, "configuration").then_some(self.configuration),
            script,
            text: values.text.map(str::to_owned),
            shell: job.shell.clone(),
            parameters,
            matrix,
            environment: environment.collect(),
            env: values.env.clone(),
            directory: self.directory(job),
            needs,
            inputs: InputsKey { patterns: inputs, digest: manifest.digest(), count: manifest.count() },
            outputs,
        };
        Ok(Identity { key: document.key(), document, manifest })
    }

    /// Whether a job's inputs are still what its key says; else the first that is not.
    ///
    /// # Errors
    /// [`NotCached`]
    pub fn verify(&self, identity: &Identity, job: &Job) -> Result<(), NotCached> {
        let document = &identity.document;
        let now = self.scanner.inputs(document.inputs.patterns.as_deref(), &document.outputs, View::Fresh)?;
        if now.digest() != identity.manifest.digest() {
            let before = Manifest::files(identity.manifest.bytes()).unwrap_or_default();
            let after = Manifest::files(now.bytes()).unwrap_or_default();
            let changed = manifest_differences(&before, &after);
            let first = changed.first().map(|(name, how)| format!("{name} {how}"));
            return Err(NotCached::Changed(first.unwrap_or_default()));
        }
        if let Some(script) = &document.script {
            let digest = self.scanner.file(Path::new(&job.path)).map_err(NotCached::Script)?;
            if digest != script.digest {
                return Err(NotCached::Changed(script.name.clone()));
            }
        }
        Ok(())
    }

    /// What changed since the entry that is most like this job; empty where there is none.
    pub fn explain(&self, document: &KeyDocument, manifest: &Manifest) -> Vec<String> {
        let same = |other: &KeyDocument| match (&document.script, &other.script) {
            (Some(own), Some(other)) => own.number == other.number,
            (None, None) => true,
            _ => false,
        };
        let files = |digest: Digest| {
            if digest == manifest.digest() {
                return Manifest::files(manifest.bytes());
            }
            Manifest::files(&self.store.manifest(digest)?)
        };
        let entries = self.store.entries().unwrap_or_default();
        let known = entries.into_iter().filter_map(|entry| entry.metadata.document);
        // The newest of those with the fewest differences.
        known
            .filter(same)
            .map(|other| super::differences(&other, document, files))
            .min_by_key(Vec::len)
            .unwrap_or_default()
    }

    /// The script's place in the key, and the text that the job runs.
    fn script(&self, job: &Job, values: Values<'_>) -> Result<(Option<ScriptKey>, Arc<str>), NotCached> {
        if let Some(text) = values.text {
            return Ok((None, text.to_lowercase().into()));
        }
        let path = Path::new(&job.path);
        let digest = self.scanner.file(path).map_err(NotCached::Script)?;
        let known = self.scripts.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let source = match known {
            Some(source) => source,
            None => {
                let bytes = fs::read(path).map_err(NotCached::Script)?;
                let source: Arc<str> = catalog::text(&bytes).to_lowercase().into();
                let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
                scripts.insert(digest, source.clone());
                source
            }
        };
        let script = ScriptKey { number: job.script.clone(), name: job.name.clone(), digest };
        Ok((Some(script), source))
    }

    /// The values that may be in a key. One that is secret, or more than data, is left out where the
    /// script never mentions its name, since it is then not given to it.
    fn plain(&self, values: &Map<String, Value>, source: &str) -> Result<Map<String, Value>, NotCached> {
        let mut plain = Map::new();
        for (name, value) in values {
            let (secret, live) = (self.is_secret(name), is_live(value));
            if !secret && !live {
                plain.insert(name.clone(), value.clone());
            } else if mentions(source, &name.to_lowercase()) {
                let why = if secret { NotCached::Secret } else { NotCached::Live };
                return Err(why(name.clone()));
            }
        }
        Ok(plain)
    }

    fn is_secret(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.request.secrets.iter().any(|secret| secret.to_lowercase() == name)
    }

    /// Patterns with the job's values in place of their templates.
    fn filled(&self, patterns: &[String], values: &Map<String, Value>) -> Result<Vec<String>, NotCached> {
        let fill = |pattern: &String| {
            if !has_template(pattern) {
                return Ok(pattern.clone());
            }
            let failed = |reason: String| NotCached::Template { pattern: pattern.clone(), reason };
            let context = Observer::new(values, self.environment.as_ref(), &self.root);
            match interpolate(pattern, &context).map_err(|error| failed(error.to_string()))? {
                Value::String(text) => Ok(text),
                Value::Number(number) => Ok(number.to_string()),
                other => Err(failed(format!("it comes to {other}, which is no text"))),
            }
        };
        patterns.iter().map(fill).collect()
    }

    /// A folder below the root that a playbook names.
    ///
    /// # Errors
    /// Where it would be somewhere else.
    pub fn place(&self, path: &str) -> Result<PathBuf, super::PatternError> {
        super::patterns::Patterns::new(&[path.to_owned()])?;
        Ok(self.root.join(path))
    }

    fn directory(&self, job: &Job) -> String {
        let place = match &job.working_directory {
            Some(directory) => self.root.join(directory),
            None => self.request.location.clone().unwrap_or_else(|| self.root.clone()),
        };
        match place.strip_prefix(&self.root) {
            Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Ok(below) => below.to_string_lossy().replace('\\', "/"),
            Err(_) => place.to_string_lossy().into_owned(),
        }
    }
}

/// `source` is in lower case.
fn mentions(source: &str, name: &str) -> bool {
    source.contains(name)
}

fn is_live(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key(LIVE) || map.values().any(is_live),
        Value::Array(items) => items.iter().any(is_live),
        _ => false,
    }
}
