//! The logs of a run's jobs. A job that writes nothing has no file, and few files are open at once,
//! however many jobs write.

use super::{
    folder::{create_private, private_file},
    log_file,
    name::log_name,
    recorder::Task,
};
use crossbeam_channel::{bounded, Sender};
use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, PoisonError},
};

/// So many bytes of logs may wait for the disk; who writes more waits.
const MOST_WAITING: usize = 8 * 1024 * 1024;

/// So many log files are open at once.
const MOST_OPEN: usize = 32;

/// The logs of one run, written to by the numbers of its jobs. Clones are the same logs.
///
/// What is written here reaches the disk as it is: secrets are to be masked before.
#[derive(Clone)]
pub struct Logbook {
    tasks: Sender<Task>,
    budget: Arc<Budget>,
}

/// Something to do with the log of a job.
pub(super) enum Page {
    /// Append these bytes, which are whole lines as the file has them.
    Append { number: String, bytes: Vec<u8> },
    /// The job has ended, so nothing more comes.
    Close { number: String },
    /// Answer the whole log.
    Read { number: String, answer: Sender<io::Result<Vec<u8>>> },
}

impl Page {
    pub fn bytes(&self) -> usize {
        match self {
            Self::Append { bytes, .. } => bytes.len(),
            Self::Close { .. } | Self::Read { .. } => 0,
        }
    }
}

impl Logbook {
    pub(super) fn new(tasks: Sender<Task>, budget: Arc<Budget>) -> Self {
        Self { tasks, budget }
    }

    /// Appends whole lines that a job wrote to a stream, 1 to 6. Waits while too much is waiting for
    /// the disk, so it is for threads that may wait, with no lock held.
    pub fn write(&self, number: &str, stream: u8, text: &str) {
        let mut bytes = Vec::with_capacity(text.len() + 16);
        log_file::encode(stream, text, &mut bytes);
        self.append(number, bytes);
    }

    /// Appends a word of the engine's own, for example that another attempt begins.
    pub fn mark(&self, number: &str, text: &str) {
        let mut bytes = Vec::with_capacity(text.len() + 3);
        log_file::encode(0, text, &mut bytes);
        self.send(Page::Append { number: number.to_owned(), bytes });
    }

    /// Appends a log as [`Logbook::contents`] gave it, of another run for example.
    pub fn replay(&self, number: &str, contents: Vec<u8>) {
        self.append(number, contents);
    }

    /// The whole log of a job as it is on disk, everything written so far included; empty of a job that
    /// wrote nothing. Waits for the disk.
    ///
    /// # Errors
    /// What the system says, also that the run is not recorded any more.
    pub fn contents(&self, number: &str) -> io::Result<Vec<u8>> {
        let (answer, answered) = bounded(1);
        self.send(Page::Read { number: number.to_owned(), answer });
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "the run is not recorded");
        answered.recv().map_err(|_| gone())?
    }

    /// The job has ended: its file need not stay open.
    pub fn close(&self, number: &str) {
        self.send(Page::Close { number: number.to_owned() });
    }

    fn append(&self, number: &str, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.budget.take(bytes.len());
            self.send(Page::Append { number: number.to_owned(), bytes });
        }
    }

    fn send(&self, page: Page) {
        let _ = self.tasks.send(Task::Page(page));
    }
}

/// How many bytes wait for the disk.
pub(super) struct Budget {
    /// None once nobody takes any.
    waiting: Mutex<Option<usize>>,
    room: Condvar,
}

impl Budget {
    pub fn new() -> Self {
        Self { waiting: Mutex::new(Some(0)), room: Condvar::new() }
    }

    /// Waits until there is room. A text that is larger than all the room waits for an empty one.
    fn take(&self, bytes: usize) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |waiting: &mut Option<usize>| {
            waiting.is_some_and(|waiting| waiting > 0 && waiting + bytes > MOST_WAITING)
        };
        let mut waiting = self.room.wait_while(waiting, full).unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = &mut *waiting {
            *waiting += bytes;
        }
    }

    pub fn give_back(&self, bytes: usize) {
        if bytes > 0 {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(waiting) = &mut *waiting {
                *waiting = waiting.saturating_sub(bytes);
            }
            drop(waiting);
            self.room.notify_all();
        }
    }

    /// Nobody writes any more, so nobody has to wait.
    pub fn close(&self) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.room.notify_all();
    }
}

/// The files behind a logbook, on the recorder's thread.
pub(super) struct Book {
    folder: PathBuf,
    made: bool,
    /// The open files, the one that was written to last at the end.
    open: VecDeque<(String, BufWriter<File>)>,
}

impl Book {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, made: false, open: VecDeque::new() }
    }

    pub fn take(&mut self, page: Page) -> io::Result<()> {
        match page {
            Page::Append { number, bytes } => self.file(number)?.write_all(&bytes),
            Page::Close { number } => match self.position(&number).and_then(|at| self.open.remove(at)) {
                Some((_, mut file)) => file.flush(),
                None => Ok(()),
            },
            Page::Read { number, answer } => {
                self.flush()?;
                let read = fs::read(self.folder.join(log_name(&number)));
                let read = read.or_else(|error| match error.kind() {
                    io::ErrorKind::NotFound => Ok(Vec::new()),
                    _ => Err(error),
                });
                // Who asked may have gone.
                let _ = answer.send(read);
                Ok(())
            }
        }
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.open.iter_mut().try_for_each(|(_, file)| file.flush())
    }

    fn position(&self, number: &str) -> Option<usize> {
        self.open.iter().rposition(|(open, _)| open == number)
    }

    fn file(&mut self, number: String) -> io::Result<&mut BufWriter<File>> {
        let known = self.position(&number).and_then(|at| self.open.remove(at));
        let entry = match known {
            Some(entry) => entry,
            None => {
                if !std::mem::replace(&mut self.made, true) {
                    create_private(&self.folder)?;
                }
                if self.open.len() >= MOST_OPEN {
                    if let Some((_, mut oldest)) = self.open.pop_front() {
                        oldest.flush()?;
                    }
                }
                let path = self.folder.join(log_name(&number));
                let file = private_file().append(true).create(true).open(path)?;
                (number, BufWriter::new(file))
            }
        };
        self.open.push_back(entry);
        let last = self.open.len() - 1;
        Ok(&mut self.open[last].1)
    }
}
