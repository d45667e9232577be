//! How a run as a whole behaves: options, configuration, defaults, concurrency.

use super::{at::At, fields::Fields, sections::profiles, Concurrency, Defaults, Options, Playbook};

/// `Options` of psd1 lists and v1; also reads profiles that stand in it.
pub(super) fn options(playbook: &mut Playbook, at: &At) {
    let Some(mut fields) = at.fields() else { return };
    let options = &mut playbook.options;
    parallelism(options, &mut fields);
    if let Some(stop) = fields.flag(&["stopOnError"]) {
        options.continue_on_error.get_or_insert(!stop);
    }
    set(&mut options.timeout, fields.take(&["timeout"]).and_then(|at| at.whole("seconds")));
    set(&mut options.generate_summary, fields.flag(&["generateSummary"]));
    set(&mut options.summary_path, fields.text(&["summaryPath"]));
    set(&mut options.summary_format, fields.text(&["summaryFormat"]));
    set(&mut options.capture_output, fields.flag(&["captureOutput"]));
    if let Some(at) = fields.take(&["profiles"]) {
        playbook.profiles.extend(profiles(&at));
    }
    fields.finish();
}

/// `Configuration` of script lists.
pub(super) fn configuration(options: &mut Options, at: &At) {
    let Some(mut fields) = at.fields() else { return };
    set(&mut options.parallel, fields.take(&["mode"]).and_then(|at| mode(&at)));
    parallelism(options, &mut fields);
    set(&mut options.timeout, fields.take(&["timeout"]).and_then(|at| at.whole("seconds")));
    fields.finish();
}

/// `Sequential` or `Parallel`: whether scripts run side by side.
pub(super) fn mode(at: &At) -> Option<bool> {
    match at.text()?.to_ascii_lowercase().as_str() {
        "parallel" => Some(true),
        "sequential" => Some(false),
        _ => at.wrong("Sequential or Parallel"),
    }
}

/// What every format can say about the run as a whole.
pub(super) fn parallelism(options: &mut Options, fields: &mut Fields) {
    set(&mut options.parallel, fields.flag(&["parallel"]));
    set(&mut options.max_concurrency, fields.take(&["maxConcurrency"]).and_then(|at| at.whole_as("jobs")));
    set(&mut options.continue_on_error, fields.flag(&["continueOnError"]));
    set(&mut options.fail_fast, fields.flag(&["failFast"]));
}

fn set<T>(field: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *field = value;
    }
}

/// `defaults` of v3, and its `run` section as GitHub has it.
pub(super) fn defaults(at: &At) -> Option<Defaults> {
    let mut fields = at.fields()?;
    let mut defaults = Defaults {
        continue_on_error: fields.flag(&["continueOnError"]),
        timeout: fields.take(&["timeout"]).and_then(|at| at.whole("seconds")),
        retries: fields.take(&["retries"]).and_then(|at| at.whole_as("attempts")),
        shell: fields.text(&["shell"]),
        working_directory: fields.text(&["workingDirectory"]),
    };
    if let Some(at) = fields.take(&["timeoutMinutes"]) {
        defaults.timeout = defaults.timeout.or(at.minutes());
    }
    if let Some(mut run) = fields.take(&["run"]).and_then(|at| at.fields()) {
        set(&mut defaults.shell, run.text(&["shell"]));
        set(&mut defaults.working_directory, run.text(&["workingDirectory"]));
        run.finish();
    }
    fields.finish();
    Some(defaults)
}

/// A group's name, or an object about the group.
pub(super) fn concurrency(at: &At) -> Option<Concurrency> {
    if at.value.is_string() {
        return Some(Concurrency { group: at.text(), ..Concurrency::default() });
    }
    let mut fields = at.fields()?;
    let concurrency = Concurrency {
        group: fields.text(&["group"]),
        cancel_in_progress: fields.flag(&["cancelInProgress"]).unwrap_or_default(),
        max_concurrency: fields.take(&["maxConcurrency"]).and_then(|at| at.whole_as("jobs")),
    };
    fields.finish();
    Some(concurrency)
}
