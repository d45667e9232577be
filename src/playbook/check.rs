//! What the original's schema asks for, as warnings (CONTRACT 4.3). Loading never looks at it.

use super::{fields::join, Format, Notifications, Playbook, Stage, Step, Warning};
use once_cell::sync::Lazy;
use regex::Regex;
use serde_json::Value;

const CATEGORIES: [&str; 8] = [
    "development",
    "infrastructure",
    "testing",
    "deployment",
    "maintenance",
    "security",
    "analysis",
    "operations",
];
const PLATFORMS: [&str; 4] = ["Windows", "Linux", "macOS", "CrossPlatform"];
const LEVELS: [&str; 4] = ["Information", "Warning", "Error", "Success"];
const CHANNELS: [&str; 6] = ["console", "log", "email", "teams", "slack", "github"];
const REPORTS: [&str; 5] = ["HTML", "JSON", "Markdown", "XML", "CSV"];
const SHORTEST_JOB: u64 = 30;

static NAME: Lazy<Option<Regex>> = Lazy::new(|| Regex::new("^[a-z][a-z0-9-]*$").ok());
static VERSION: Lazy<Option<Regex>> = Lazy::new(|| Regex::new(r"^\d+\.\d+(\.\d+)?$").ok());
static DURATION: Lazy<Option<Regex>> =
    Lazy::new(|| Regex::new(r"^\d+(-\d+)?\s+(seconds?|minutes?|hours?)$").ok());
static ID: Lazy<Option<Regex>> = Lazy::new(|| Regex::new("^[a-zA-Z][a-zA-Z0-9_-]*$").ok());

/// Compares a playbook with the original's schema; every format is held to what applies to it.
pub fn check(playbook: &Playbook) -> Vec<Warning> {
    let mut checker = Checker { warnings: Vec::new() };
    checker.identity(playbook);
    checker.requirements(playbook);
    checker.defaults(playbook);
    for stage in &playbook.stages {
        checker.stage(stage, playbook.format);
    }
    checker.notifications(&playbook.notifications);
    checker.reporting(playbook);
    checker.warnings
}

struct Checker {
    warnings: Vec<Warning>,
}

impl Checker {
    fn warn(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.warnings.push(Warning { path: path.into(), message: message.into() });
    }

    fn identity(&mut self, playbook: &Playbook) {
        let prefix = match playbook.format {
            Format::V2 | Format::V3 => "metadata.",
            _ => "",
        };
        let path = |name: &str| format!("{prefix}{name}");
        if !matches(&NAME, &playbook.name) {
            let message = format!(
                "'{}' is not kebab-case: lower-case letters, digits and -, a letter first",
                playbook.name
            );
            self.warn(path("name"), message);
        }
        let length = playbook.description.chars().count();
        if !(10..=200).contains(&length) {
            self.warn(path("description"), format!("has {length} characters; 10 to 200 are usual"));
        }
        if playbook.version.is_empty() {
            self.warn(path("version"), "is missing; write for example \"1.0.0\"");
        } else if !matches(&VERSION, &playbook.version) {
            self.warn(path("version"), format!("'{}' is not of the form x.y or x.y.z", playbook.version));
        }
        let category = playbook.metadata.get("category").and_then(Value::as_str);
        match category {
            Some(category) => self.one_of(&path("category"), category, &CATEGORIES),
            None if prefix.is_empty() => {}
            None => {
                self.warn(path("category"), format!("is missing; it is one of {}", CATEGORIES.join(", ")))
            }
        }
        let duration = playbook.metadata.get("estimatedDuration").and_then(Value::as_str);
        if let Some(duration) = duration.filter(|duration| !matches(&DURATION, duration)) {
            self.warn(path("estimatedDuration"), format!("'{duration}' is not of the form '5-10 minutes'"));
        }
    }

    fn requirements(&mut self, playbook: &Playbook) {
        for platform in &playbook.requirements.platforms {
            self.one_of("requirements.platforms", platform, &PLATFORMS);
        }
        if let Some(version) = &playbook.requirements.power_shell {
            if !matches(&VERSION, version) {
                self.warn(
                    "requirements.minimumPowerShellVersion",
                    format!("'{version}' is not of the form x.y or x.y.z"),
                );
            }
        }
    }

    fn defaults(&mut self, playbook: &Playbook) {
        self.timeout("orchestration.defaults", playbook.defaults.timeout, SHORTEST_JOB);
        self.retries("orchestration.defaults", playbook.defaults.retries, 5);
    }

    fn stage(&mut self, stage: &Stage, format: Format) {
        if format == Format::V3 {
            self.timeout(&stage.path, stage.timeout, SHORTEST_JOB);
            if !matches(&ID, &stage.id) {
                self.warn(stage.path.clone(), format!("'{}' is no id: letters, digits, _ and -", stage.id));
            }
        } else {
            self.timeout(&stage.path, stage.timeout, 1);
        }
        if format == Format::V2 && stage.description.is_empty() {
            self.warn(stage.path.clone(), "has no description");
        }
        self.retries(&stage.path, stage.retries, 10);
        if stage.max_parallel == Some(0) {
            self.warn(join(&stage.path, "maxParallel"), "is 0; the least is 1");
        }
        stage.steps.iter().for_each(|step| self.step(step));
        stage.jobs.iter().for_each(|job| self.stage(job, format));
    }

    fn step(&mut self, step: &Step) {
        self.timeout(&step.path, step.timeout, 1);
        self.retries(&step.path, step.retries, 10);
        if let Some(id) = step.id.as_deref().filter(|id| !matches(&ID, id)) {
            self.warn(join(&step.path, "id"), format!("'{id}' is no id: letters, digits, _ and -"));
        }
    }

    fn timeout(&mut self, path: &str, timeout: Option<u64>, least: u64) {
        if let Some(timeout) = timeout.filter(|timeout| *timeout < least) {
            self.warn(join(path, "timeout"), format!("is {timeout} seconds; the least is {least}"));
        }
    }

    fn retries(&mut self, path: &str, retries: Option<u32>, most: u32) {
        if let Some(retries) = retries.filter(|retries| *retries > most) {
            self.warn(join(path, "retries"), format!("is {retries}; the most is {most}"));
        }
    }

    fn notifications(&mut self, notifications: &Notifications) {
        let all = [
            ("onStart", &notifications.on_start),
            ("onSuccess", &notifications.on_success),
            ("onWarning", &notifications.on_warning),
            ("onFailure", &notifications.on_failure),
        ];
        for (name, notification) in all {
            let Some(notification) = notification else { continue };
            let path = format!("notifications.{name}");
            self.one_of(&join(&path, "level"), &notification.level, &LEVELS);
            for channel in &notification.channels {
                self.one_of(&join(&path, "channels"), channel, &CHANNELS);
            }
            if notification.message.is_empty() {
                self.warn(join(&path, "message"), "is missing");
            }
        }
    }

    fn reporting(&mut self, playbook: &Playbook) {
        let formats = playbook.reporting.get("formats").and_then(Value::as_array);
        for format in formats.into_iter().flatten().filter_map(Value::as_str) {
            self.one_of("reporting.formats", format, &REPORTS);
        }
    }

    fn one_of(&mut self, path: &str, value: &str, known: &[&str]) {
        if !known.iter().any(|name| name.eq_ignore_ascii_case(value)) {
            self.warn(path, format!("'{value}' is none of {}", known.join(", ")));
        }
    }
}

fn matches(pattern: &Lazy<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
}
