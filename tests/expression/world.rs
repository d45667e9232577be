//! The world the tests look at, and how they ask it.

use aither_orchestration::{
    error::Diagnose,
    expression::{Condition, Context, ExpressionError, Platform, Status},
};
use serde_json::{json, Map, Value};
use std::{borrow::Cow, cell::RefCell};

/// A small world. Names are looked up without case, as a real context must.
pub struct World {
    pub variables: Map<String, Value>,
    pub roots: Map<String, Value>,
    pub status: Status,
    pub platform: Platform,
    pub asked_for: RefCell<Vec<String>>,
}

impl Default for World {
    fn default() -> Self {
        let variables = json!({
            "Environment": "Production",
            "Features": ["OpenTofu", "Docker"],
            "skipTests": false,
            "skipQuality": "false",
            "autoFix": true,
            "mode": "Full",
            "region": "us-east",
            "count": 3,
            "port": "8080",
            "ratio": 3.5,
            "whole": 7.0,
            "empty": "",
            "none": null,
            "numbers": [1, 2, 3],
            "one": ["x"],
            "zeros": [0],
            "nothing": [],
            "user": {"Name": "Ann", "roles": ["admin", "dev"], "first-name": "Ann"},
            "people": [{"name": "a"}, {"name": "b"}],
            "evil": "' -or $true; Remove-Item -Recurse / #",
            "template": "{{mode}} ${{ matrix.os }}",
            "größe": 5,
        });
        let roots = json!({
            "matrix": {
                "os": "linux", "version": 7.0, "node-version": 18, "tags": ["a", "B"], "debug": false,
                "fruit": {"name": "apple", "sizes": [1, 2]}, "empty": [], "text": "it's", "nul": null
            },
            "strategy": {"job-index": 0, "job-total": 4, "fail-fast": true},
            "needs": {
                "build": {"result": "success", "outputs": {"list": "[\"x\",\"y\"]", "count": "2"}},
                "test": {"result": "failure", "outputs": {}}
            },
            "steps": {"a": {"outcome": "success"}, "b": {"outcome": "failure"}},
            "run": {"id": 42},
            "secrets": {"token": "hunter2"},
        });
        let (Value::Object(variables), Value::Object(roots)) = (variables, roots) else { unreachable!() };
        Self {
            variables,
            roots,
            status: Status::Success,
            platform: Platform::Linux,
            asked_for: RefCell::default(),
        }
    }
}

fn without_case<'m>(map: &'m Map<String, Value>, name: &str) -> Option<Cow<'m, Value>> {
    let same = |key: &str| {
        key.eq_ignore_ascii_case(name) || (!key.is_ascii() && key.to_lowercase() == name.to_lowercase())
    };
    map.iter().find(|(key, _)| same(key)).map(|(_, value)| Cow::Borrowed(value))
}

impl Context for World {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        without_case(&self.variables, name)
    }

    fn root(&self, name: &str) -> Option<Cow<'_, Value>> {
        without_case(&self.roots, name)
    }

    fn environment(&self, name: &str) -> Option<String> {
        match name {
            "CI" => Some("true".into()),
            "ProgramFiles(x86)" => Some("C:\\".into()),
            _ => None,
        }
    }

    fn platform(&self) -> Platform {
        self.platform
    }

    fn status(&self) -> Status {
        self.status
    }

    fn test_path(&self, path: &str) -> bool {
        self.asked_for.borrow_mut().push(path.to_owned());
        path == "exists.txt" || path == "it's here"
    }

    fn hash_files(&self, patterns: &[String]) -> Result<String, String> {
        match patterns {
            [single] if single == "missing" => Ok(String::new()),
            [single] if single == "broken" => Err("permission denied".into()),
            _ => Ok(patterns.join("+")),
        }
    }
}

pub fn holds(text: &str) -> Result<bool, ExpressionError> {
    Condition::parse(text)?.evaluate(&World::default())
}

pub fn check(cases: &[(&str, bool)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| match holds(text) {
            Ok(found) if found == *expected => None,
            Ok(found) => Some(format!("{text}\n    is {found}")),
            Err(error) => Some(format!("{text}\n    {error} [{}]", error.code())),
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
