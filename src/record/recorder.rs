//! The one thread of a run that writes: lines of the journal and of logs, in the order they come.
//! What it has taken is on disk as soon as nothing more waits; nobody else ever waits for a disk, but
//! a job that writes its log faster than the disk takes it.

use super::{
    folder::{private_file, RunFolder, RunLock},
    logbook::{Book, Budget, Logbook, Page},
    retention::{sweep, Keep},
};
use crossbeam_channel::{unbounded, Receiver, Sender, TryRecvError};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    panic::{catch_unwind, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::SystemTime,
};

/// Writes one line, without its line end; on the thread.
pub type Line = Box<dyn FnOnce(&mut Vec<u8>) + Send>;

/// Something for the thread to do.
pub(super) enum Task {
    Line(Line),
    Page(Page),
    /// Everything before is to be on disk, and the run is over; then this.
    End(Box<dyn FnOnce() + Send>),
}

/// The thread's ear. Clones speak to the same thread, which ends with [`Recorder::end`] or the last
/// of them.
#[derive(Clone)]
pub struct Recorder {
    tasks: Sender<Task>,
}

impl Recorder {
    /// Starts the record of a run. `trouble` hears once, in words, that it cannot be written, and the
    /// run goes on without.
    ///
    /// # Errors
    /// What the system says when it gives no thread.
    pub fn start(
        root: &Path,
        id: &str,
        trouble: Box<dyn FnOnce(String) + Send>,
    ) -> io::Result<(Self, Logbook)> {
        let (tasks, received) = unbounded();
        let budget = Arc::new(Budget::new());
        let logbook = Logbook::new(tasks.clone(), Arc::clone(&budget));
        let place = Place { root: root.to_owned(), id: id.to_owned() };
        let writer =
            Writer { place, trouble: Some(trouble), budget, files: None, line: Vec::with_capacity(1_024) };
        thread::Builder::new().name("aither-recorder".into()).spawn(move || writer.work(&received))?;
        Ok((Self { tasks }, logbook))
    }

    /// Appends to the journal.
    pub fn write(&self, line: Line) {
        let _ = self.tasks.send(Task::Line(line));
    }

    /// The run is over: when everything is on disk and the run no longer held, `then` is called, on
    /// the thread.
    pub fn end(&self, then: Box<dyn FnOnce() + Send>) {
        if let Err(returned) = self.tasks.send(Task::End(then)) {
            // The thread is gone, and there is nothing left to wait for.
            if let Task::End(then) = returned.into_inner() {
                then();
            }
        }
    }
}

struct Place {
    root: PathBuf,
    id: String,
}

struct Files {
    journal: BufWriter<File>,
    book: Book,
    _lock: RunLock,
}

struct Writer {
    place: Place,
    trouble: Option<Box<dyn FnOnce(String) + Send>>,
    budget: Arc<Budget>,
    /// None before the first task, and once something went wrong.
    files: Option<Files>,
    line: Vec<u8>,
}

impl Writer {
    fn work(mut self, tasks: &Receiver<Task>) {
        match self.open() {
            Ok(files) => self.files = Some(files),
            Err(error) => self.give_up(&error),
        }
        let mut swept = false;
        loop {
            let task = match tasks.try_recv() {
                Ok(task) => task,
                Err(TryRecvError::Disconnected) => break,
                Err(TryRecvError::Empty) => {
                    self.attempt(|files| files.flush());
                    if !std::mem::replace(&mut swept, true) {
                        self.sweep();
                        continue;
                    }
                    match tasks.recv() {
                        Ok(task) => task,
                        Err(_) => break,
                    }
                }
            };
            match task {
                Task::Line(write) => {
                    self.line.clear();
                    let mut line = std::mem::take(&mut self.line);
                    // A defect in there costs the record; the run's last event still comes.
                    if catch_unwind(AssertUnwindSafe(|| write(&mut line))).is_err() {
                        self.give_up(&io::Error::other("the engine failed"));
                    }
                    line.push(b'\n');
                    self.attempt(|files| files.journal.write_all(&line));
                    self.line = line;
                }
                Task::Page(page) => {
                    let bytes = page.bytes();
                    self.attempt(|files| files.book.take(page));
                    self.budget.give_back(bytes);
                }
                Task::End(then) => {
                    self.attempt(|files| files.flush());
                    self.files = None;
                    then();
                    break;
                }
            }
        }
        // A run that was let go of before its end: what came of it is kept.
        self.attempt(|files| files.flush());
        self.budget.close();
    }

    fn open(&self) -> io::Result<Files> {
        let Place { root, id } = &self.place;
        let folder = RunFolder::create(root)?;
        // Held before it can be seen, so that no journal of a run that goes on is ever free.
        let lock = folder.hold(id)?;
        let journal = private_file().append(true).create_new(true).open(folder.journal(id))?;
        let book = Book::new(folder.logs(id));
        Ok(Files { journal: BufWriter::with_capacity(64 * 1024, journal), book, _lock: lock })
    }

    /// Does something with the files while there are any.
    fn attempt(&mut self, action: impl FnOnce(&mut Files) -> io::Result<()>) {
        let done = self.files.as_mut().map(action);
        if let Some(Err(error)) = done {
            self.give_up(&error);
        }
    }

    fn give_up(&mut self, error: &io::Error) {
        self.files = None;
        if let Some(trouble) = self.trouble.take() {
            let place = RunFolder::of(&self.place.root).journal(&self.place.id);
            trouble(format!(
                "the run is not recorded any further, so it cannot be resumed: {} cannot be written: {error}",
                place.display()
            ));
        }
    }

    /// Old runs go when there is nothing else to do. That one stays is no trouble of this run.
    fn sweep(&self) {
        if self.files.is_some() {
            let _ = sweep(&RunFolder::of(&self.place.root), Keep::default(), SystemTime::now());
        }
    }
}

impl Files {
    fn flush(&mut self) -> io::Result<()> {
        self.book.flush()?;
        // Last, so that the journal never tells of a job whose log is not there.
        self.journal.flush()
    }
}
