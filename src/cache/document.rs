//! The key document: everything that must be equal for a job's result to be used again.

use super::{encode::Encoder, Digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Changes whenever the meaning of a key does, so that keys of different meanings never meet.
const FORMAT: &str = "aither-orchestration-job-1";

/// What a job's key covers (SEMANTICS, "Cache").
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyDocument {
    /// The engine's version.
    pub engine: String,
    /// The operating system, as Rust names it.
    pub system: String,
    /// The processor's architecture, as Rust names it.
    pub architecture: String,
    /// PowerShell's edition and major.minor version, `Core 7.4`.
    pub powershell: String,
    /// The script, none for text.
    pub script: Option<ScriptKey>,
    /// Text in place of a script.
    pub text: Option<String>,
    /// The shell of the text.
    pub shell: Option<String>,
    /// The values offered to the script, with their types.
    pub parameters: Map<String, Value>,
    /// The combination's values.
    pub matrix: Option<Map<String, Value>>,
    /// The environment variables that the job declares to depend on; null where one is not set.
    pub environment: Map<String, Value>,
    /// The environment variables that the job is given.
    pub env: Map<String, Value>,
    /// Where it runs, below the root where it is there.
    pub directory: String,
    /// The digest of the configuration, of a script that mentions it.
    pub configuration: Option<Digest>,
    /// The jobs it needs.
    pub needs: Vec<Need>,
    /// What it reads.
    pub inputs: InputsKey,
    /// What it declares to write.
    pub outputs: Vec<String>,
}

/// A script in a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptKey {
    /// The script's number.
    pub number: String,
    /// The file name.
    pub name: String,
    /// Of its bytes.
    pub digest: Digest,
}

/// A job that must have run before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Its number in the plan; for people, not part of the key.
    pub number: String,
    /// Its key.
    pub key: Digest,
}

/// The inputs in a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputsKey {
    /// The patterns; none for every file that git would not ignore.
    pub patterns: Option<Vec<String>>,
    /// Of the manifest.
    pub digest: Digest,
    /// How many files; for people, not part of the key.
    pub count: usize,
}

impl Default for InputsKey {
    fn default() -> Self {
        Self { patterns: None, digest: Digest::of(b""), count: 0 }
    }
}

impl KeyDocument {
    /// The key: the same in every process and on every system for equal documents.
    pub fn key(&self) -> Digest {
        let mut encoder = Encoder::new(FORMAT);
        for text in [&self.engine, &self.system, &self.architecture, &self.powershell, &self.directory] {
            encoder.text(text);
        }
        encoder.count(b'S', usize::from(self.script.is_some()));
        if let Some(script) = &self.script {
            encoder.text(&script.number);
            encoder.text(&script.name);
            encoder.optional(Some(script.digest.as_bytes()));
        }
        encoder.optional(self.text.as_deref().map(str::as_bytes));
        encoder.optional(self.shell.as_deref().map(str::as_bytes));
        encoder.object(&self.parameters);
        encoder.count(b'M', usize::from(self.matrix.is_some()));
        if let Some(matrix) = &self.matrix {
            encoder.object(matrix);
        }
        encoder.object(&self.environment);
        encoder.object(&self.env);
        encoder.optional(self.configuration.as_ref().map(|digest| &digest.as_bytes()[..]));
        // A job's position in the plan may change with the matrix, and its key stays the same.
        let mut needs: Vec<&Digest> = self.needs.iter().map(|need| &need.key).collect();
        needs.sort_unstable();
        encoder.count(b'N', needs.len());
        for need in needs {
            encoder.optional(Some(need.as_bytes()));
        }
        let patterns = |encoder: &mut Encoder, patterns: &[String]| {
            encoder.count(b'P', patterns.len());
            patterns.iter().for_each(|pattern| encoder.text(pattern));
        };
        encoder.count(b'I', usize::from(self.inputs.patterns.is_some()));
        patterns(&mut encoder, self.inputs.patterns.as_deref().unwrap_or_default());
        encoder.optional(Some(self.inputs.digest.as_bytes()));
        patterns(&mut encoder, &self.outputs);
        encoder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::HashSet;

    fn document() -> KeyDocument {
        KeyDocument {
            engine: "1".into(),
            system: "linux".into(),
            architecture: "x86_64".into(),
            powershell: "Core 7.4".into(),
            script: Some(ScriptKey {
                number: "0402".into(),
                name: "0402_A.ps1".into(),
                digest: Digest::of(b"s"),
            }),
            parameters: json!({"profile": "quick", "n": 1}).as_object().cloned().unwrap_or_default(),
            directory: ".".into(),
            ..KeyDocument::default()
        }
    }

    #[test]
    fn a_key_stays_the_same() {
        let expected = "1c5ed4aba58c667a12b5bda7e141e9b0667de156d494c99fbc283550a77b6d8c";
        assert_eq!(document().key().to_string(), expected, "a changed encoding needs a new FORMAT");
    }

    #[test]
    fn every_field_counts() {
        let object = |value: Value| value.as_object().cloned().unwrap_or_default();
        let script = |change: fn(&mut ScriptKey)| {
            let mut document = document();
            document.script.iter_mut().for_each(change);
            document
        };
        let all = [
            document(),
            KeyDocument { engine: "2".into(), ..document() },
            KeyDocument { system: "windows".into(), ..document() },
            KeyDocument { architecture: "aarch64".into(), ..document() },
            KeyDocument { powershell: "Core 7.5".into(), ..document() },
            KeyDocument { script: None, ..document() },
            script(|script| script.number = "0403".into()),
            script(|script| script.name = "0402_B.ps1".into()),
            script(|script| script.digest = Digest::of(b"t")),
            KeyDocument { text: Some("x".into()), ..document() },
            KeyDocument { shell: Some("x".into()), ..document() },
            KeyDocument { parameters: object(json!({"profile": "quick", "n": "1"})), ..document() },
            KeyDocument { parameters: object(json!({"profile": "quick", "n": 1.0})), ..document() },
            KeyDocument { parameters: object(json!({"profile": "quick"})), ..document() },
            KeyDocument { matrix: Some(Map::new()), ..document() },
            KeyDocument { matrix: Some(object(json!({"os": "a"}))), ..document() },
            KeyDocument { environment: object(json!({"CI": "1"})), ..document() },
            KeyDocument { environment: object(json!({"CI": null})), ..document() },
            KeyDocument { env: object(json!({"CI": "1"})), ..document() },
            KeyDocument { directory: "sub".into(), ..document() },
            KeyDocument { configuration: Some(Digest::of(b"c")), ..document() },
            KeyDocument { needs: vec![Need { number: "1".into(), key: Digest::of(b"n") }], ..document() },
            KeyDocument {
                inputs: InputsKey { patterns: Some(vec![]), ..InputsKey::default() },
                ..document()
            },
            KeyDocument {
                inputs: InputsKey { patterns: Some(vec!["a".into()]), ..InputsKey::default() },
                ..document()
            },
            KeyDocument {
                inputs: InputsKey { digest: Digest::of(b"i"), ..InputsKey::default() },
                ..document()
            },
            KeyDocument { outputs: vec!["a".into()], ..document() },
        ];
        let keys: HashSet<Digest> = all.iter().map(KeyDocument::key).collect();
        assert_eq!(keys.len(), all.len());
    }

    #[test]
    fn a_position_in_the_plan_does_not_count() {
        let need = |number: &str| KeyDocument {
            needs: vec![Need { number: number.into(), key: Digest::of(b"n") }],
            ..document()
        };
        assert_eq!(need("0100-matrix-0").key(), need("0100-matrix-3").key());
    }
}
