//! What a child writes becomes the job's log and, where PowerShell runs in it, its messages.

use super::{
    lines::{Lines, LINE_BYTES},
    stop::Stop,
};
use crate::run::{engine::Run, Report, ReportedError};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// So many bytes of what a job writes are kept for the result; its log has everything.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

/// So many bytes of the objects that a job's script puts out are kept for the result.
const OBJECT_BYTES: usize = 64 * 1024 * 1024;

/// A message of a job's PowerShell may have so many bytes, as its outputs may (1 MiB, escaped).
const MESSAGE_BYTES: usize = 8 * 1024 * 1024;

/// What a job put out, for the result's `Output`.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct JobOutput {
    /// The lines of a program's standard output.
    pub text: String,
    /// The objects of a PowerShell script, as CLIXML; none of other jobs.
    pub objects: Option<String>,
}

/// What `Private/job.ps1` says, one a line, each behind the job's own mark.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Said {
    /// Whole lines of a stream.
    Log { stream: u8, text: String },
    /// An output of the job.
    Output { name: String, value: Value },
    /// The next piece of the objects' CLIXML.
    Objects(String),
    /// How the script ended. Last.
    Report(Report),
    /// The next piece of a message that is too long for a line.
    Part(String),
    /// The pieces so far are a message.
    Whole,
}

/// Who hears what a child writes.
pub(super) trait Listener {
    /// Takes bytes of a stream, 1 or 2 as in PowerShell.
    fn hear(&mut self, stream: u8, bytes: &[u8]);

    /// Whether it wants to hear no more for now; the child's [`Stop`] is woken when it does again.
    fn is_flooded(&mut self) -> bool;
}

/// Listens to one child.
pub(super) struct JobListener<'a> {
    lines: [Lines; 2],
    heard: Heard<'a>,
    stop: &'a Arc<Stop>,
}

/// What a job's child has said so far.
pub(super) struct Heard<'a> {
    run: &'a Run,
    job: usize,
    /// What a line of the child begins with that is a message and no text.
    mark: Option<String>,
    pub output: JobOutput,
    pub report: Option<Report>,
    /// An output that was refused.
    pub refused: Option<ReportedError>,
    cut: bool,
    /// Pieces of a message.
    parts: String,
}

impl<'a> JobListener<'a> {
    pub fn new(run: &'a Run, job: usize, mark: Option<String>, stop: &'a Arc<Stop>) -> Self {
        let output = JobOutput::default();
        let heard =
            Heard { run, job, mark, output, report: None, refused: None, cut: false, parts: String::new() };
        Self { lines: Default::default(), heard, stop }
    }

    /// The end: what was begun counts as a line.
    pub fn finish(self) -> Heard<'a> {
        let Self { lines, mut heard, .. } = self;
        for (mut lines, stream) in lines.into_iter().zip(1..) {
            lines.finish(|text| heard.take(stream, text));
        }
        heard
    }
}

impl Listener for JobListener<'_> {
    fn hear(&mut self, stream: u8, bytes: &[u8]) {
        let Self { lines, heard, .. } = self;
        let lines = if stream == 1 { &mut lines[0] } else { &mut lines[1] };
        lines.take(bytes, |text| heard.take(stream, text));
    }

    fn is_flooded(&mut self) -> bool {
        self.heard.run.is_flooded(self.stop)
    }
}

impl Heard<'_> {
    fn take(&mut self, stream: u8, text: &str) {
        let marked = self.mark.as_ref().filter(|mark| stream == 1 && text.contains(mark.as_str())).cloned();
        let Some(mark) = marked else {
            if stream == 1 && self.mark.is_none() {
                self.keep(text);
            }
            self.log(stream, text);
            return;
        };
        for line in text.split('\n') {
            // A program that the script calls may have left its line unfinished.
            let (plain, said) =
                line.split_once(&mark).map_or((line, None), |(plain, said)| (plain, Some(said)));
            if !plain.is_empty() || said.is_none() {
                self.log(stream, plain);
            }
            if let Some(said) = said {
                self.message(said);
            }
        }
    }

    fn message(&mut self, json: &str) {
        match serde_json::from_str(json) {
            Ok(Said::Part(piece)) if self.parts.len() + piece.len() <= MESSAGE_BYTES => {
                self.parts.push_str(&piece)
            }
            Ok(Said::Part(_)) => {}
            Ok(Said::Whole) => {
                let whole = std::mem::take(&mut self.parts);
                // One that was too long has lost its end and cannot be read.
                match serde_json::from_str(&whole) {
                    Ok(Said::Part(_) | Said::Whole) => {}
                    Ok(said) => self.said(said),
                    Err(error) => self.unreadable(&error),
                }
            }
            Ok(said) => self.said(said),
            Err(error) => self.unreadable(&error),
        }
    }

    /// What a job's PowerShell tries to say and cannot be read fails the job: an output may be missing.
    fn unreadable(&mut self, error: &serde_json::Error) {
        let message = format!("A message of the job's PowerShell cannot be read: {error}.");
        self.log(2, &message);
        self.refused.get_or_insert(ReportedError::plain(message));
    }

    fn said(&mut self, said: Said) {
        match said {
            Said::Part(_) | Said::Whole => {}
            Said::Log { stream, text } => self.log(stream.clamp(1, 6), &text),
            Said::Output { name, value } => self.set(&name, value),
            Said::Objects(piece) => {
                let objects = self.output.objects.get_or_insert_with(String::new);
                if !self.cut && objects.len() + piece.len() <= OBJECT_BYTES {
                    objects.push_str(&piece);
                } else if !self.cut {
                    self.cut = true;
                    self.output.objects = None;
                    self.warn_of_cut(OBJECT_BYTES);
                }
            }
            Said::Report(report) => self.report = Some(report),
        }
    }

    /// Sets an output of the job; one that is refused fails it.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Err(error) = self.run.output(self.job, name, value) {
            let message = format!("The output '{name}' was not set: {error}.");
            self.log(2, &message);
            let id = Some("Output.NotSet".into());
            self.refused.get_or_insert(ReportedError { message, kind: None, id, at: None });
        }
    }

    pub fn log(&self, stream: u8, text: &str) {
        // A piece of a line goes on in the next one, and a secret may lie across the two.
        let is_piece = text.len() + 4 > LINE_BYTES && !text.contains('\n');
        // Refused only when the run has been forgotten meanwhile.
        let _ = if is_piece {
            self.run.log(self.job, stream, text)
        } else {
            self.run.log_lines(self.job, stream, text)
        };
    }

    fn keep(&mut self, text: &str) {
        if self.cut {
            return;
        }
        if self.output.text.len() + text.len() < KEPT_BYTES {
            self.output.text.push_str(text);
            self.output.text.push('\n');
        } else {
            self.cut = true;
            self.warn_of_cut(KEPT_BYTES);
        }
    }

    fn warn_of_cut(&self, most: usize) {
        let most = most / (1024 * 1024);
        self.log(3, &format!("The job puts out more than {most} MiB; the result does not have all of it."));
    }
}
