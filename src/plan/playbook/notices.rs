//! What a playbook says that is read and not honoured yet. Never silent: each is one message.

use super::super::{Level, Message};
use crate::playbook::{Playbook, Stage};

/// So many places of one kind are named.
const MOST_PLACES: usize = 3;

/// The messages about the outermost playbook.
pub(super) fn of(playbook: &Playbook) -> Vec<Message> {
    let mut notices = Notices(Vec::new());
    let artifacts = &playbook.artifacts;
    if !artifacts.required.is_empty() || !artifacts.optional.is_empty() || artifacts.validate {
        notices.warn(&["artifacts"], "artifacts are neither kept nor checked yet");
    }
    notices.of_stages(playbook);
    notices.0
}

/// The messages about a playbook that another one uses: what concerns a whole run is the outermost's.
pub(super) fn of_used(playbook: &Playbook, name: &str) -> Vec<Message> {
    let mut notices = Notices(Vec::new());
    let path = |section: &str| format!("{name}: {section}");
    let messages = &playbook.notifications;
    let relied_on = [
        (!playbook.pre_conditions.is_empty(), "preConditions"),
        (!playbook.post_conditions.is_empty(), "postConditions"),
        (playbook.options.timeout.is_some(), "timeout"),
        (playbook.success != Default::default(), "successCriteria"),
        (!playbook.post_actions.is_empty(), "postActions"),
        (playbook.requirements != Default::default(), "requirements"),
        (playbook.artifacts != Default::default(), "artifacts"),
    ];
    let places: Vec<String> =
        relied_on.iter().filter(|(there, _)| *there).map(|(_, section)| path(section)).collect();
    notices.warn(&places, "this counts only where the playbook is run itself, not where another one uses it");
    let harmless = [
        (messages != &Default::default(), "notifications"),
        (!playbook.reporting.is_empty(), "reporting"),
        (!playbook.profiles.is_empty(), "profiles"),
        (playbook.execution_profile.is_some(), "profile"),
        (playbook.options.generate_summary == Some(true), "generateSummary"),
    ];
    let places: Vec<String> =
        harmless.iter().filter(|(there, _)| *there).map(|(_, section)| path(section)).collect();
    notices.say(&places, "this counts only where the playbook is run itself, not where another one uses it");
    notices.of_stages(playbook);
    notices.0
}

struct Notices(Vec<Message>);

impl Notices {
    fn warn(&mut self, places: &[impl AsRef<str>], text: &str) {
        self.add(Level::Warning, places, text);
    }

    fn say(&mut self, places: &[impl AsRef<str>], text: &str) {
        self.add(Level::Verbose, places, text);
    }

    fn add(&mut self, level: Level, places: &[impl AsRef<str>], text: &str) {
        if places.is_empty() {
            return;
        }
        let named: Vec<&str> = places.iter().take(MOST_PLACES).map(AsRef::as_ref).collect();
        let more = match places.len().saturating_sub(MOST_PLACES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        self.0.push(Message { level, text: format!("{}{more}: {text}.", named.join(", ")) });
    }

    /// Outputs of steps, wherever they stand.
    fn of_stages(&mut self, playbook: &Playbook) {
        let mut stages: Vec<&Stage> = playbook.stages.iter().collect();
        stages.extend(playbook.stages.iter().flat_map(|stage| &stage.jobs));
        let steps = || stages.iter().flat_map(|stage| &stage.steps);

        let outputs: Vec<String> = steps()
            .filter(|step| !step.outputs.is_empty() && !matches!(step.work, crate::playbook::Work::Uses(_)))
            .map(|step| format!("{}.outputs", step.path))
            .collect();
        self.warn(
            &outputs,
            "a script sets its outputs itself; what the step says of them is not followed yet",
        );
    }
}
