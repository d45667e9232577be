use super::{encode::Encoder, Digest};
use crate::error::Diagnose;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fs, io, path::PathBuf};
use thiserror::Error;

/// Changes whenever the encoding does, so that keys of different encodings never meet.
const FORMAT: &str = "aither-orchestration-key-1";

/// What a key is made of.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// The scripts, in order.
    pub scripts: Vec<KeyScript>,
    /// The variables; the order of names does not matter, types do.
    #[serde(default)]
    pub variables: Map<String, Value>,
}

/// A script in a key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyScript {
    /// The number as text, for example `0402`.
    pub number: String,
    /// The file name, where known.
    #[serde(default)]
    pub name: Option<String>,
    /// The path, where known; the file's bytes are part of the key, the path itself is not, so that
    /// a key is the same in every checkout.
    #[serde(default)]
    pub path: Option<PathBuf>,
}

/// Why there is no key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// A script's bytes cannot be read.
    #[error("the script '{path}' cannot be read: {error}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Diagnose for KeyError {
    fn code(&self) -> &'static str {
        "cache.unreadable-script"
    }

    fn hint(&self) -> Option<String> {
        Some(
            "Check the path and that you may read the file, or leave Path out to key by number and name."
                .into(),
        )
    }

    fn place(&self) -> Option<String> {
        let Self::Unreadable { path, .. } = self;
        Some(path.display().to_string())
    }
}

/// What went into a key, with digests in place of contents.
#[derive(Debug, Clone, Serialize)]
pub struct KeyParts {
    /// The key.
    pub key: String,
    /// The encoding's name.
    pub format: &'static str,
    /// The scripts, in order.
    pub scripts: Vec<ScriptPart>,
    /// The variables.
    pub variables: Map<String, Value>,
}

/// A script as a part of a key.
#[derive(Debug, Clone, Serialize)]
pub struct ScriptPart {
    /// The number as text.
    pub number: String,
    /// The file name, where known.
    pub name: Option<String>,
    /// The digest of the file's bytes, where its path is known.
    pub digest: Option<Digest>,
}

impl KeyRequest {
    /// The key with what went into it.
    ///
    /// # Errors
    /// As [`KeyRequest::key`].
    pub fn explain(&self) -> Result<KeyParts, KeyError> {
        let parts = self.scripts.iter().map(|script| {
            let digest = script.contents()?.map(|bytes| Digest::of(&bytes));
            Ok(ScriptPart { number: script.number.clone(), name: script.name.clone(), digest })
        });
        Ok(KeyParts {
            key: self.key()?,
            format: FORMAT,
            scripts: parts.collect::<Result<_, KeyError>>()?,
            variables: self.variables.clone(),
        })
    }

    /// The key: 256 bits of BLAKE3 in lower-case hexadecimal, the same in every process and on
    /// every system.
    ///
    /// # Errors
    /// [`KeyError`] where a path is given that cannot be read.
    pub fn key(&self) -> Result<String, KeyError> {
        let mut encoder = Encoder::new(FORMAT);
        encoder.count(b'S', self.scripts.len());
        for script in &self.scripts {
            encoder.text(&script.number);
            encoder.optional(script.name.as_deref().map(str::as_bytes));
            encoder.optional(script.contents()?.as_deref());
        }
        encoder.object(&self.variables);
        Ok(encoder.finish().to_string())
    }
}

impl KeyScript {
    fn contents(&self) -> Result<Option<Vec<u8>>, KeyError> {
        let read = |path: &PathBuf| {
            fs::read(path).map_err(|error| KeyError::Unreadable { path: path.clone(), error })
        };
        self.path.as_ref().map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::HashSet;

    fn key(request: Value) -> String {
        serde_json::from_value::<KeyRequest>(request).expect("a request").key().expect("a key")
    }

    #[test]
    fn a_key_is_256_bits_and_stays_the_same() {
        let request = json!({"scripts": [{"number": "0402"}], "variables": {"profile": "quick"}});
        let expected = "e5d7fc408951e807b223ba586202eacd338c724c81e2fa7932b31fe05bf5775f";
        assert_eq!(key(request), expected, "a changed encoding needs a new FORMAT");
    }

    #[test]
    fn the_order_of_names_does_not_matter() {
        let one = json!({"scripts": [], "variables": {"a": 1, "b": {"x": 1, "y": 2}}});
        let other = json!({"scripts": [], "variables": {"b": {"y": 2, "x": 1}, "a": 1}});
        assert_eq!(key(one), key(other));
    }

    #[test]
    fn different_values_have_different_keys() {
        let variables = [
            json!({}),
            json!({"a": 1}),
            json!({"a": 1.0}),
            json!({"a": "1"}),
            json!({"a": true}),
            json!({"a": null}),
            json!({"a": [1]}),
            json!({"a": [[1]]}),
            json!({"a": []}),
            json!({"a": {}}),
            json!({"a": ["1", "2"]}),
            json!({"a": ["12"]}),
            json!({"ab": "c"}),
            json!({"a": "bc"}),
            json!({"a": 18_446_744_073_709_551_615_u64}),
            json!({"a": -1}),
        ];
        let keys: HashSet<String> =
            variables.iter().map(|variables| key(json!({"scripts": [], "variables": variables}))).collect();
        assert_eq!(keys.len(), variables.len());
    }

    #[test]
    fn a_scripts_bytes_are_part_of_the_key_and_its_folder_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let with = |name: &str, bytes: &str| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).expect("a script");
            key(json!({"scripts": [{"number": "0402", "path": path}]}))
        };
        assert_eq!(with("a.ps1", "exit 0"), with("b.ps1", "exit 0"));
        assert_ne!(with("a.ps1", "exit 0"), with("b.ps1", "exit 1"));
        let missing = KeyRequest {
            scripts: vec![KeyScript { path: Some(folder.path().join("none.ps1")), ..KeyScript::default() }],
            ..KeyRequest::default()
        };
        assert!(missing.key().is_err());
    }
}
