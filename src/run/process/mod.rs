//! Jobs that run as children of this process: a bounded number of threads, each with one child at a
//! time.
//!
//! What is promised: a child leads a process group of its own; when it ends, or has to, the whole
//! group ends; when this process is gone, so is every group (a [`watchdog`] sees to that, on Windows
//! the system does).

mod commands;
mod environment;
mod folder;
mod lines;
mod listener;
mod order;
mod prepare;
mod record;
mod settings;
mod shell;
#[cfg(unix)]
mod start;
mod stop;
#[cfg(unix)]
mod supervise;
#[cfg(unix)]
mod watchdog;
#[cfg(windows)]
mod windows;

pub use listener::JobOutput;
pub use settings::{ChildSettings, Patience, PowerShell};

pub(super) use environment::{JobKey, StepEnvironment};
pub(super) use stop::{Haste, Stop};

use super::{engine::Run, Report, ReportedError};
use crate::{ffi::system::Exit, plan::JobIndex};
pub use commands::{pairs, CommandError};
use crossbeam_channel::{unbounded, Receiver, Sender};
use folder::StepFolder;
use listener::{Heard, JobListener};
#[cfg(unix)]
use once_cell::sync::OnceCell;
use order::{Order, StartFault};
use prepare::{Given, Programs};
use serde_json::Value;
use std::{
    io,
    panic::{catch_unwind, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Weak,
    },
    thread,
};

/// A child that a signal ended has this and its number as exit code, as shells have it.
const SIGNALLED: i32 = 128;

/// The exit code of a job whose program did not start, or whose commands are wrong.
const NOT_DONE: i32 = 1;

/// What the threads of a run have in common. It goes when the last of them does, and the watchdog
/// with it.
#[derive(Debug)]
struct Household {
    /// What the paths of all private folders begin with, and how many there have been.
    folders: PathBuf,
    count: AtomicUsize,
    programs: Programs,
    #[cfg(unix)]
    watchdog: OnceCell<watchdog::Watchdog>,
}

/// The threads that look after a run's children, one for each child that runs at once.
#[derive(Debug)]
pub(super) struct Children {
    queue: Sender<JobIndex>,
    waiting: Receiver<JobIndex>,
    threads: usize,
    household: Option<Arc<Household>>,
}

impl Children {
    /// No thread, until there is a job.
    pub fn new() -> Self {
        let (queue, waiting) = unbounded();
        Self { queue, waiting, threads: 0, household: None }
    }

    /// Takes a job; `busy` is how many of them there are now that have not ended.
    ///
    /// # Errors
    /// What the system says when it gives no thread, and there is none yet that could wait.
    pub fn add(&mut self, run: &Weak<Run>, id: &str, job: JobIndex, busy: usize) -> io::Result<()> {
        if self.threads < busy {
            let household = self.household.get_or_insert_with(|| Arc::new(Household::new(id))).clone();
            let (run, waiting) = (run.clone(), self.waiting.clone());
            let started = thread::Builder::new().name("aither-child".into()).spawn(move || {
                look_after(&run, &waiting, &household);
            });
            match started {
                Ok(_) => self.threads += 1,
                Err(error) if self.threads == 0 => return Err(error),
                Err(_) => {}
            }
        }
        // The receiver lives as long as this.
        let _ = self.queue.send(job);
        Ok(())
    }
}

impl Household {
    fn new(id: &str) -> Self {
        Self {
            folders: prepare::folders(id),
            count: AtomicUsize::new(0),
            programs: Programs::default(),
            #[cfg(unix)]
            watchdog: OnceCell::new(),
        }
    }
}

impl Household {
    /// A new private folder.
    fn folder(&self) -> io::Result<StepFolder> {
        // Before there is anything for it to remove. What keeps it from starting is told by `run`.
        #[cfg(unix)]
        let _ = self.watchdog();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        StepFolder::new(prepare::folder(&self.folders, count))
    }

    /// Started when it is asked for first; where that fails, the next job tries again.
    #[cfg(unix)]
    fn watchdog(&self) -> io::Result<&watchdog::Watchdog> {
        self.watchdog.get_or_try_init(|| watchdog::Watchdog::start(&self.folders))
    }
}

/// A thread of a run, until the run needs none.
fn look_after(run: &Weak<Run>, waiting: &Receiver<JobIndex>, household: &Household) {
    let mut spare = None;
    while let Ok(job) = waiting.recv() {
        let Some(run) = run.upgrade() else { break };
        let claimed = Stop::new().map(Arc::new);
        match claimed {
            Ok(stop) => {
                if run.claim(job, Some(&stop)) {
                    let carried = || carry(&run, job, &stop, household, &mut spare);
                    // A defect in here must not keep the run waiting for the job for ever.
                    let report = catch_unwind(AssertUnwindSafe(carried)).unwrap_or_else(|_| defect());
                    let _ = run.finish_job(job.0, report);
                }
            }
            Err(error) => {
                if run.claim(job, None) {
                    let fault = StartFault::System("No descriptor is left for the job", error);
                    let _ = run.finish_job(job.0, failed(fault.report(&Order::default())));
                }
            }
        }
    }
}

/// Runs a job that this thread has claimed.
fn carry(
    run: &Run,
    job: JobIndex,
    stop: &Arc<Stop>,
    household: &Household,
    spare: &mut Option<StepFolder>,
) -> Report {
    let mut files = match spare.take().map_or_else(|| household.folder(), Ok) {
        Ok(files) => files,
        Err(error) => return failed(prepare::private(error).report(&Order::default())),
    };
    let report = carry_in(run, job, stop, household, &mut files);
    *spare = files.reused();
    report
}

/// Runs a job with these files, which nobody has written to.
fn carry_in(
    run: &Run,
    job: JobIndex,
    stop: &Arc<Stop>,
    household: &Household,
    files: &mut StepFolder,
) -> Report {
    let (plan, planned) = (run.plan(), &run.prepared_job(job));
    let key = environment::key(planned);
    let (attempt, steps) = run.before_child(job, key.as_ref());
    let given = Given {
        run,
        plan: &plan,
        job: planned,
        attempt,
        settings: &run.children,
        environment: run.environment.as_ref(),
        steps,
        programs: &household.programs,
    };
    let mut order = Order::default();
    let mark = match given.prepare(&mut order, files) {
        Ok(mark) => mark,
        Err(fault) => return failed(fault.report(&order)),
    };
    let is_powershell = mark.is_some();
    let mut listener = JobListener::new(run, job.0, mark, stop);
    let outcome = household.run(&order, stop, &run.children.patience, &mut listener);
    let mut heard = listener.finish();
    let ended = match outcome {
        Ok(ended) => ended,
        Err(fault) => return failed(fault.report(&order)),
    };
    let commands = obey(&mut heard, run, job, key, files);
    let Heard { output, report: said, refused, .. } = heard;
    run.keep_output(job, output);
    let said = said.or_else(|| is_powershell.then(lost));
    let report = report_of(&planned.name, ended, said);
    match refused.or(commands.err()) {
        Some(error) if report.error.is_none() && report.exit_code == 0 && !report.stopped => {
            Report { exit_code: NOT_DONE, error: Some(error), ..report }
        }
        _ => report,
    }
}

/// What is said of a job whose care has failed by a mistake of the engine's.
fn defect() -> Report {
    failed(ReportedError::plain("The engine failed while it looked after the job's process.".into()))
}

fn failed(error: ReportedError) -> Report {
    Report { exit_code: NOT_DONE, error: Some(error), ..Report::default() }
}

impl Household {
    /// Runs an order from start to end.
    #[cfg(unix)]
    fn run(
        &self,
        order: &Order,
        stop: &Stop,
        patience: &Patience,
        listener: &mut JobListener<'_>,
    ) -> Result<Ended, StartFault> {
        let watchdog = self
            .watchdog()
            .map_err(|error| StartFault::System("The watchdog over children cannot be started", error))?;
        let child = start::start(order, Some(watchdog))?;
        let pid = child.pid;
        let ended = supervise::supervise(child, &order.input, stop, patience, listener);
        watchdog.gone(pid);
        ended.map_err(|error| StartFault::System("The job's process cannot be looked after", error))
    }

    /// Runs an order from start to end.
    #[cfg(windows)]
    fn run(
        &self,
        order: &Order,
        stop: &Stop,
        patience: &Patience,
        listener: &mut JobListener<'_>,
    ) -> Result<Ended, StartFault> {
        windows::run(order, stop, patience, listener)
    }
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ended {
    exit: Exit,
    /// Whether it was asked to.
    stopped: bool,
}

/// What the end of a child means for its job.
fn report_of(title: &str, ended: Ended, said: Option<Report>) -> Report {
    let exit_code = match ended.exit {
        Exit::Code(code) => code,
        Exit::Signal(number) => SIGNALLED + number,
    };
    if ended.stopped {
        return Report {
            exit_code,
            stopped: true,
            errors: said.map_or(0, |said| said.errors),
            ..Report::default()
        };
    }
    let error = match (ended.exit, said) {
        (Exit::Code(0), Some(said)) => return Report { stopped: false, ..said },
        (Exit::Code(0), None) => None,
        (Exit::Code(code), _) => Some(format!("Script exited with code: {code}")),
        (Exit::Signal(number), _) => Some(format!("{title} was ended by {}", signal_name(number))),
    };
    Report { exit_code, error: error.map(ReportedError::plain), ..Report::default() }
}

/// What is left to say of a PowerShell that ended without a report.
fn lost() -> Report {
    failed(ReportedError::plain("The script ended the PowerShell it ran in.".into()))
}

/// A signal as people know it, its number too.
fn signal_name(number: i32) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return format!("signal {number}"),
    };
    format!("signal {number} ({name})")
}

/// Does what a step has written into the files of its commands.
fn obey(
    heard: &mut Heard<'_>,
    run: &Run,
    job: JobIndex,
    key: Option<JobKey>,
    files: &StepFolder,
) -> Result<(), ReportedError> {
    let outputs = read("GITHUB_OUTPUT", &files.output, commands::pairs);
    let variables = read("GITHUB_ENV", &files.env, commands::pairs);
    let folders = read("GITHUB_PATH", &files.path_file, |text| Ok(commands::folders(text)));
    let summary = read("GITHUB_STEP_SUMMARY", &files.summary, |text| Ok(text.to_owned()));
    for (name, value) in outputs.as_ref().into_iter().flatten() {
        heard.set(name, Value::String(value.clone()));
    }
    let (reserved, variables): (Vec<_>, Vec<_>) =
        variables?.into_iter().partition(|(name, _)| environment::is_reserved(name));
    for (name, _) in reserved {
        heard.log(3, &format!("{name} cannot be set by GITHUB_ENV and stays as it is."));
    }
    run.after_child(key, variables, folders?);
    match summary {
        Ok(text) if text.is_empty() => {}
        Ok(text) => run.summarize(job, text),
        // As on GitHub: a summary that is too long is left out, and the step is what it was.
        Err(error) => heard.log(3, &error.message),
    }
    outputs.map(|_| ())
}

fn read<T>(
    variable: &str,
    file: &Path,
    parse: impl FnOnce(&str) -> Result<T, CommandError>,
) -> Result<T, ReportedError> {
    let problem = |message: String| ReportedError {
        message,
        kind: None,
        id: Some("Step.FileCommand".into()),
        at: Some(variable.to_owned()),
    };
    let text = folder::read(file, commands::FILE_BYTES)
        .map_err(|error| problem(format!("The file of {variable} cannot be read: {error}.")))?;
    text.map_err(|bytes| CommandError::TooLarge { bytes })
        .and_then(|text| parse(&text))
        .map_err(|error| problem(format!("What the step wrote to {variable} cannot be used: {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_says_how_it_came_about() {
        let report = |exit, stopped, said| report_of("Build", Ended { exit, stopped }, said);
        let message = |report: Report| report.error.map(|error| error.message);
        assert_eq!(message(report(Exit::Code(0), false, None)), None);
        let failed = report(Exit::Code(7), false, None);
        assert_eq!((failed.exit_code, message(failed).as_deref()), (7, Some("Script exited with code: 7")));
        let killed = report(Exit::Signal(9), false, None);
        assert_eq!(killed.exit_code, 137);
        assert_eq!(message(killed).as_deref(), Some("Build was ended by signal 9 (SIGKILL)"));
        let said = Report { exit_code: 3, errors: 2, ..Report::default() };
        assert_eq!(
            report(Exit::Code(0), false, Some(said.clone())).exit_code,
            3,
            "the script's own word counts"
        );
        assert!(report(Exit::Code(0), true, Some(said)).stopped);
    }
}
