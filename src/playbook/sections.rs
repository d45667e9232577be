//! Sections that several formats share.

use super::{
    at::At,
    element::{is_sequence, script_file},
    fields::Fields,
    keep::cache_rules,
    Artifacts, Input, InputKind, NamedCondition, Notification, Notifications, Playbook, PostAction, Profile,
    Requirements, SuccessCriteria, Work,
};
use serde_json::{Map, Value};

/// Fields that describe a playbook and ask for nothing.
const DESCRIPTION: [&str; 12] = [
    "author",
    "category",
    "tags",
    "estimatedDuration",
    "created",
    "modified",
    "lastUpdated",
    "license",
    "githubWorkflow",
    "convertedFrom",
    "convertedAt",
    "notes",
];

const FLAGS_OF_REPORTING: [&str; 7] = [
    "enabled",
    "summary",
    "includeMetrics",
    "includeLogs",
    "includeTimings",
    "includeArtifacts",
    "generateReport",
];

/// Sections that may stand at the top of any format.
pub(super) fn common(playbook: &mut Playbook, fields: &mut Fields) {
    if let Some(at) = fields.take(&["requirements"]) {
        requirements(playbook, &at);
    }
    if let Some(at) = fields.take(&["validation"]) {
        validation(playbook, &at);
    }
    if let Some(found) = fields.take(&["notifications"]).and_then(|at| notifications(&at)) {
        playbook.notifications = found;
    }
    playbook.reporting = fields.take(&["reporting"]).and_then(|at| reporting(&at)).unwrap_or_default();
    if let Some(actions) = fields.take(&["postActions"]).and_then(|at| at.items()) {
        playbook.post_actions = actions.iter().filter_map(post_action).collect();
    }
    if let Some(at) = fields.take(&["inputs"]) {
        playbook.inputs = inputs(&at);
    }
    playbook.secrets = fields.texts(&["secrets"]).unwrap_or_default();
    playbook.cache = fields.take(&["cache"]).and_then(|at| cache_rules(&at));
    fields.ignore(&["integrations"], "a run on your own machine uploads nothing");
    fields.ignore(&["performance", "optimizations"], "it describes the playbook and asks for nothing");
}

/// Types are looked at, the section stays as written.
fn reporting(at: &At) -> Option<Map<String, Value>> {
    let mut fields = at.fields()?;
    for name in FLAGS_OF_REPORTING {
        fields.flag(&[name]);
    }
    fields.texts(&["formats"]);
    for name in ["format", "outputPath", "reportPath", "reportFormat"] {
        fields.text(&[name]);
    }
    at.object().cloned()
}

/// What describes a playbook, as written; `fields` is the metadata, or a flat document.
pub(super) fn metadata(fields: &mut Fields) -> Map<String, Value> {
    let mut found = Map::new();
    for name in DESCRIPTION {
        let Some(at) = fields.take(&[name]) else { continue };
        let fits = if name == "tags" { at.texts().is_some() } else { at.label().is_some() };
        if fits {
            found.insert(name.to_owned(), at.value.clone());
        }
    }
    found
}

fn requirements(playbook: &mut Playbook, at: &At) {
    let Some(mut fields) = at.fields() else { return };
    let list = |found: Option<Vec<String>>| found.unwrap_or_default();
    playbook.requirements = Requirements {
        power_shell: fields.label(&[
            "minimumPowerShellVersion",
            "minimumVersion",
            "powerShellVersion",
            "powerShell",
        ]),
        modules: list(fields.texts(&["requiredModules", "modules"])),
        tools: list(fields.texts(&["requiredTools", "tools"])),
        platforms: list(fields.texts(&["platforms", "platform"])),
        permissions: list(fields.texts(&["permissions"])),
    };
    if let Some(duration) = fields.label(&["estimatedDuration"]) {
        playbook.metadata.entry("estimatedDuration").or_insert(Value::String(duration));
    }
    fields.ignore(
        &["concurrent", "threadSafe"],
        "whether scripts run side by side is said by stages and options",
    );
    fields.finish();
}

fn validation(playbook: &mut Playbook, at: &At) {
    let Some(mut fields) = at.fields() else { return };
    let conditions = |at: Option<At>| -> Vec<NamedCondition> {
        at.and_then(|at| at.items()).unwrap_or_default().iter().filter_map(named_condition).collect()
    };
    playbook.pre_conditions = conditions(fields.take(&["preConditions"]));
    playbook.post_conditions = conditions(fields.take(&["postConditions"]));
    fields.finish();
}

fn named_condition(at: &At) -> Option<NamedCondition> {
    if at.value.is_string() {
        let condition = at.text()?;
        return Some(NamedCondition { name: condition.clone(), condition, message: String::new() });
    }
    let mut fields = at.fields()?;
    let name = fields.label(&["name"]);
    let condition = fields.take(&["condition"]);
    let message = fields.text(&["message"]).unwrap_or_default();
    fields.finish();
    let Some(condition) = condition else {
        at.warn("has no condition: nothing is checked");
        return None;
    };
    let condition = condition.condition()?;
    Some(NamedCondition { name: name.unwrap_or_else(|| condition.clone()), condition, message })
}

fn notifications(at: &At) -> Option<Notifications> {
    let mut fields = at.fields()?;
    let mut notification = |name| fields.take(&[name]).and_then(|at| notification(&at));
    let found = Notifications {
        on_start: notification("onStart"),
        on_success: notification("onSuccess"),
        on_warning: notification("onWarning"),
        on_failure: notification("onFailure"),
    };
    fields.ignore(&["onStageComplete"], "there are messages at the start and the end of a run only");
    fields.finish();
    Some(found)
}

fn notification(at: &At) -> Option<Notification> {
    let usual = || vec!["console".to_owned(), "log".to_owned()];
    let level = || "Information".to_owned();
    if at.value.is_string() {
        return Some(Notification { message: at.text()?, level: level(), channels: usual() });
    }
    let mut fields = at.fields()?;
    let notification = Notification {
        message: fields.text(&["message"]).unwrap_or_default(),
        level: fields.text(&["level"]).unwrap_or_else(level),
        channels: fields.texts(&["channels"]).unwrap_or_else(usual),
    };
    fields.ignore(&["includeMetrics", "includeFailures", "enabled"], "a message is its text");
    fields.finish();
    Some(notification)
}

fn post_action(at: &At) -> Option<PostAction> {
    let mut fields = at.fields()?;
    let mut action = PostAction {
        description: fields.text(&["description", "name"]).unwrap_or_default(),
        message: fields.text(&["message"]),
        path: fields.text(&["path"]),
        condition: fields.take(&["condition", "if"]).and_then(|at| at.condition()),
        parameters: fields.object(&["parameters", "params", "with"]).unwrap_or_default(),
        continue_on_error: fields.flag(&["continueOnError"]),
        ..PostAction::default()
    };
    let kind = fields.take(&["type"]);
    let text = fields.take(&["command", "script", "inline"]);
    if let Some(text) = text {
        action.kind = "script".into();
        action.work = match text.value {
            Value::String(command) if !is_sequence(command) && script_file(command).is_none() => {
                Work::Inline { text: command.clone() }
            }
            _ => Work::Sequence { elements: super::element::elements(&text) },
        };
    }
    if let Some(kind) = kind {
        let named = kind.text()?;
        match named.to_ascii_lowercase().as_str() {
            "display" => action.kind = "display".into(),
            "openfile" => action.kind = "openFile".into(),
            "script" | "powershell" | "pwsh" | "command" => action.kind = "script".into(),
            _ => kind.findings.not_honoured(
                kind.path.clone(),
                &format!("'{named}' is no post-action; they are display, openFile and script"),
            ),
        }
    }
    fields.finish();
    (!action.kind.is_empty()).then_some(action)
}

pub(super) fn inputs(at: &At) -> Vec<Input> {
    at.members().unwrap_or_default().iter().filter_map(|(name, at)| input(name, at)).collect()
}

fn input(name: &str, at: &At) -> Option<Input> {
    let mut fields = at.fields()?;
    let kind = fields.take(&["type"]).and_then(|at| match at.text()?.to_ascii_lowercase().as_str() {
        "string" => Some(InputKind::String),
        "number" => Some(InputKind::Number),
        "boolean" | "bool" => Some(InputKind::Boolean),
        _ => at.wrong("one of string, number and boolean"),
    });
    let kind = kind.unwrap_or_default();
    let default = fields.take(&["default"]).and_then(|at| {
        if at.is_template() {
            return Some(at.value.clone());
        }
        kind.convert(at.value).or_else(|| at.wrong(kind.name()))
    });
    let input = Input {
        name: name.to_owned(),
        kind,
        required: fields.flag(&["required"]).unwrap_or_default(),
        default,
        description: fields.text(&["description"]).unwrap_or_default(),
    };
    fields.finish();
    Some(input)
}

/// Profiles: a map of them, in the order written.
pub(super) fn profiles(at: &At) -> Vec<Profile> {
    at.members().unwrap_or_default().iter().filter_map(|(name, at)| profile(name, at)).collect()
}

fn profile(name: &str, at: &At) -> Option<Profile> {
    let mut fields = at.fields()?;
    let profile = Profile {
        name: name.to_owned(),
        description: fields.text(&["description"]).unwrap_or_default(),
        variables: fields.object(&["variables"]).unwrap_or_default(),
        overrides: fields.object(&["overrides"]).unwrap_or_default(),
        stages: fields.texts(&["stages", "includeStages"]),
        exclude_stages: fields.texts(&["excludeStages"]).unwrap_or_default(),
    };
    fields.finish();
    Some(profile)
}

/// `SuccessCriteria` of psd1 lists.
pub(super) fn success(at: &At) -> Option<SuccessCriteria> {
    let mut fields = at.fields()?;
    let criteria = SuccessCriteria {
        require_all: fields.flag(&["requireAllSuccess"]),
        minimum_count: fields.take(&["minimumSuccessCount"]).and_then(|at| at.whole_as("scripts")),
        minimum_rate: fields.take(&["minimumSuccessRate"]).and_then(|at| {
            let rate = at.number()?;
            if (0.0..=1.0).contains(&rate) {
                Some(rate)
            } else {
                at.wrong("a number from 0 to 1")
            }
        }),
        critical: fields
            .take(&["criticalScripts"])
            .map(|at| super::element::elements(&at))
            .unwrap_or_default(),
        allowed_failures: allowed(&mut fields),
    };
    fields.finish();
    Some(criteria)
}

fn allowed(fields: &mut Fields) -> Vec<String> {
    fields.take(&["allowedFailures"]).map(|at| super::element::elements(&at)).unwrap_or_default()
}

/// `Artifacts` and `PostExecution` of psd1 lists.
pub(super) fn artifacts(playbook: &mut Playbook, fields: &mut Fields) {
    if let Some(mut section) = fields.take(&["artifacts"]).and_then(|at| at.fields()) {
        playbook.artifacts = Artifacts {
            required: section.texts(&["required"]).unwrap_or_default(),
            optional: section.texts(&["optional"]).unwrap_or_default(),
            validate: false,
        };
        section.ignore(&["container"], "no image is built or published");
        section.finish();
    }
    if let Some(mut section) = fields.take(&["postExecution"]).and_then(|at| at.fields()) {
        playbook.artifacts.validate = section.flag(&["validateArtifacts"]).unwrap_or_default();
        let reason = "only ValidateArtifacts is; write a last item with a script that does it";
        let path = section.path.clone();
        for key in section.rest().keys() {
            section.findings.not_honoured(super::fields::join(&path, key), reason);
        }
    }
}
