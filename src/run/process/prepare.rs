//! A job becomes an order: the program, its arguments, environment and input, and the files of its
//! commands.

use super::{
    environment::{StepEnvironment, Variables},
    folder::StepFolder,
    order::{Order, StartFault},
    settings::ChildSettings,
    shell::{self, Shell},
};
use crate::{
    plan::{Environment, Job, Plan},
    run::engine::Run,
};
use serde_json::json;
use std::{
    collections::{hash_map::RandomState, HashMap},
    ffi::OsString,
    hash::{BuildHasher, Hasher},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// What a job's order is made of, beside the plan.
pub(super) struct Given<'a> {
    pub run: &'a Run,
    pub plan: &'a Plan,
    pub job: &'a Job,
    pub attempt: u32,
    pub settings: &'a ChildSettings,
    pub environment: Option<&'a Environment>,
    pub steps: StepEnvironment,
    /// Where programs were found before.
    pub programs: &'a Programs,
}

impl Given<'_> {
    /// Makes the order, and gives what the messages of its PowerShell begin with.
    /// The order's folder is filled in first, so that an error can name it.
    pub fn prepare(self, order: &mut Order, files: &mut StepFolder) -> Result<Option<String>, StartFault> {
        let job = self.job;
        order.folder = self.working_directory();

        let mut variables = Variables::of_caller(self.environment);
        variables.set_steps(&self.steps);
        variables.set_all(&job.env);
        variables.set("AITHERZERO_NONINTERACTIVE", "true");
        variables.set("AITHER_RUN_ID", self.run.id());
        variables.set("AITHER_JOB_NUMBER", job.number.as_str());
        variables.set("GITHUB_WORKSPACE", self.plan.root.as_os_str());
        variables.set("GITHUB_OUTPUT", files.output.as_os_str());
        variables.set("GITHUB_ENV", files.env.as_os_str());
        variables.set("GITHUB_PATH", files.path_file.as_os_str());
        variables.set("GITHUB_STEP_SUMMARY", files.summary.as_os_str());

        let shell = match &job.text {
            Some(_) => self.shell()?,
            None => None,
        };
        let mark = match (shell, &job.text) {
            (Some(shell), Some(text)) => {
                self.fill_shell(order, shell, text, variables.path(), files)?;
                None
            }
            _ => Some(self.fill_powershell(order)?),
        };
        order.environment = variables.into_list();
        Ok(mark)
    }

    fn working_directory(&self) -> PathBuf {
        let root = &self.plan.root;
        let usual = self.settings.location.as_deref().unwrap_or(root);
        let folder = match &self.job.working_directory {
            Some(folder) => root.join(folder),
            None => usual.to_owned(),
        };
        if folder.as_os_str().is_empty() {
            std::env::current_dir().unwrap_or_default()
        } else {
            folder
        }
    }

    fn shell(&self) -> Result<Option<Shell>, StartFault> {
        let name = self.job.shell.as_deref().unwrap_or_default();
        shell::find(name).map_err(|()| {
            let title = &self.job.name;
            StartFault::Missing(format!("{title} wants the shell '{name}'; known are {}.", shell::NAMES))
        })
    }

    fn fill_shell(
        &self,
        order: &mut Order,
        shell: Shell,
        text: &str,
        path: OsString,
        files: &mut StepFolder,
    ) -> Result<(), StartFault> {
        let names = shell.programs();
        order.program = self.programs.find(names, path).ok_or_else(|| {
            let name = names.first().copied().unwrap_or_default();
            StartFault::Missing(format!(
                "{} needs the program '{name}', which is not on PATH.",
                self.job.name
            ))
        })?;
        let name = format!("step.{}", shell.extension());
        let file = files.write_script(&name, text).map_err(private)?;
        order.arguments = shell.arguments().iter().map(OsString::from).collect();
        match shell {
            Shell::Cmd => order.verbatim = Some(shell::cmd_line(&file)),
            _ => order.arguments.push(file.into()),
        }
        Ok(())
    }

    /// PowerShell reads the job from its standard input, so that no value of it is on disk or on a
    /// command line, which every user of the machine can read.
    fn fill_powershell(&self, order: &mut Order) -> Result<String, StartFault> {
        let powershell = self.settings.powershell.as_ref().ok_or_else(|| {
            StartFault::Missing(format!(
                "{} is to run in a PowerShell of its own, but none was named when the run was started.",
                self.job.name
            ))
        })?;
        order.program.clone_from(&powershell.program);
        order.arguments = ["-NoLogo", "-NoProfile", "-NonInteractive"].iter().map(OsString::from).collect();
        if cfg!(windows) {
            order.arguments.extend(["-ExecutionPolicy", "Bypass"].iter().map(OsString::from));
        }
        order.arguments.push("-File".into());
        order.arguments.push(powershell.script.clone().into());
        let mark = mark();
        let surroundings = json!({
            "mark": mark,
            "name": self.job.name,
            "root": self.plan.root,
            "location": order.folder,
            "attempt": self.attempt,
            "session": powershell.session,
        });
        let job = self.run.job_text(crate::plan::JobIndex(self.job.job));
        // Characters beyond ASCII are escaped: which code page the other side reads is not known.
        let mut input = ascii(&format!("{{\"job\":{job},\"with\":{surroundings}}}"));
        input.push('\n');
        order.input = input.into_bytes();
        Ok(mark)
    }
}

pub(super) fn private(error: io::Error) -> StartFault {
    StartFault::System("The private folder of the job cannot be written", error)
}

/// Begins the lines that are messages. Random, so that no text of a script can be taken for one.
fn mark() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("\u{1e}aither-{:016x}{:016x}:", random(), random())
}

/// JSON without characters beyond ASCII, which stand in its strings only.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

/// Where the private folders of a run's jobs are: their paths begin so.
pub(super) fn folders(run_id: &str) -> PathBuf {
    std::env::temp_dir().join(format!("aither-{run_id}-"))
}

/// The next private folder of a run.
pub(super) fn folder(folders: &Path, count: usize) -> PathBuf {
    let mut path = folders.as_os_str().to_owned();
    path.push(count.to_string());
    path.into()
}

/// Programs that were looked for on a PATH. Every step of a shell looks for the same one.
#[derive(Debug, Default)]
pub(super) struct Programs(Mutex<HashMap<(&'static [&'static str], OsString), PathBuf>>);

impl Programs {
    fn find(&self, names: &'static [&'static str], path: OsString) -> Option<PathBuf> {
        let key = (names, path);
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&key) {
            return Some(found.clone());
        }
        let found = names.iter().find_map(|name| shell::locate(name, &key.1))?;
        known().insert(key, found.clone());
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_for_powershell_is_ascii_and_means_the_same() {
        let value = json!({"ä": "\u{1f600} plain \\ \"quoted\""});
        let text = ascii(&value.to_string());
        assert!(text.is_ascii());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
    }
}
