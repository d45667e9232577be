//! What jobs write: the tail that is kept for a failure, the events, the files.

use super::{engine::Run, secrets::heed_add_mask, EventKind, RunError};
use std::borrow::Cow;

/// So many of a job's last lines are kept for the report of a failure.
const TAIL_LINES: usize = 20;

/// A line kept for the report is cut to so many characters.
const TAIL_CHARACTERS: usize = 2_000;

/// A line that does not end is kept back to this length, in bytes, for the sake of secrets across its
/// pieces.
const LONGEST_OPEN_LINE: usize = 64 * 1024;

impl Run {
    /// Takes text that a job wrote. Waits where it comes faster than the disk takes it, so this is for
    /// threads that may wait.
    ///
    /// # Errors
    /// [`RunError`] when the job is not with a worker.
    pub fn log(&self, job: usize, stream: u8, text: &str) -> Result<(), RunError> {
        heed_add_mask(text, &self.mask);
        if self.mask.is_empty() {
            return self.tell_log(job, stream, text);
        }
        let ready = self.ready_lines(job, stream, text)?;
        if ready.is_empty() {
            return Ok(());
        }
        self.tell_log(job, stream, &self.mask.text(&ready))
    }

    /// The same for whole lines whose last comes without its end.
    pub(super) fn log_lines(&self, job: usize, stream: u8, text: &str) -> Result<(), RunError> {
        if self.mask.is_empty() {
            return self.log(job, stream, text);
        }
        self.log(job, stream, &format!("{text}\n"))
    }

    /// What of a text can be masked now: a line that goes on may hold the begin of a secret.
    fn ready_lines<'a>(&self, job: usize, stream: u8, text: &'a str) -> Result<Cow<'a, str>, RunError> {
        let mut state = self.lock();
        let open_lines = &mut state.claimed(job)?.open_lines;
        let mut whole = match open_lines.remove(&stream) {
            Some(begin) => Cow::Owned(begin + text),
            None => Cow::Borrowed(text),
        };
        let ended = whole.rfind('\n').map_or(0, |end| end + 1);
        let cut = if whole.len() - ended > LONGEST_OPEN_LINE {
            ended + self.mask.settled(&whole[ended..])
        } else {
            ended
        };
        if cut < whole.len() {
            open_lines.insert(stream, whole[cut..].to_owned());
            whole = match whole {
                Cow::Borrowed(text) => Cow::Borrowed(&text[..cut]),
                Cow::Owned(mut text) => {
                    text.truncate(cut);
                    Cow::Owned(text)
                }
            };
        }
        Ok(whole)
    }

    /// The job has ended, and with it every line.
    pub(super) fn close_lines(&self, job: usize) -> Result<(), RunError> {
        let open_lines = std::mem::take(&mut self.lock().claimed(job)?.open_lines);
        for (stream, line) in open_lines {
            self.tell_log(job, stream, &self.mask.text(&line))?;
        }
        Ok(())
    }

    fn tell_log(&self, job: usize, stream: u8, text: &str) -> Result<(), RunError> {
        let mut state = self.lock();
        // A child's thread sees to it that the child waits, and does not wait itself.
        if state.claimed(job)?.stop.is_none() && self.wants("JobLog") {
            state = self.wait_for_reader(state);
        }
        self.keep_log(&mut state, job, stream, text);
        let claimed = state.claimed(job)?;
        // Of a child only what is kept counts.
        if stream == 1 && claimed.stop.is_none() {
            claimed.put_out += text.len();
        }
        let last = text.lines().rev().take(TAIL_LINES).collect::<Vec<_>>();
        for line in last.into_iter().rev() {
            if claimed.tail.len() == TAIL_LINES {
                claimed.tail.pop_front();
            }
            claimed.tail.push_back(line.chars().take(TAIL_CHARACTERS).collect());
        }
        if self.wants("JobLog") {
            state.log_bytes += text.len();
            self.emit(&mut state, EventKind::JobLog { job, stream, text: text.to_owned() });
        }
        drop(state);
        if let Some(logbook) = self.logbook() {
            logbook.write(&self.plan().jobs[job].number, stream, text);
        }
        Ok(())
    }
}
