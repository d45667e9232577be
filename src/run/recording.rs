//! A run's side of its record: what is told when.

use super::{
    archive::{Archive, ArchiveError},
    clock::Clock,
    digest::digests,
    engine::Run,
    journal::{self, Header, JournalRequest, Summary, FORMAT},
    resume::{self, Resuming},
    signals::hand_out,
    Event, EventKind,
};
use crate::{
    mask::Mask,
    plan::{Group, Plan},
    record::{Logbook, Recorder},
};
use crossbeam_channel::{bounded, Sender};
use serde_json::{Map, Value};
use std::{collections::HashMap, io, path::Path, process, sync::Arc, time::Duration};

/// How long the end of a run that is let go of waits for the disk.
const MOMENT: Duration = Duration::from_millis(100);

/// The record of a run that is being written.
pub(super) struct Record {
    recorder: Recorder,
    logbook: Logbook,
}

impl Record {
    /// Begins the record; that it cannot be written is told as an event, where those are wanted.
    pub fn start(
        root: &Path,
        id: &str,
        clock: Clock,
        signals: &Sender<Option<Event>>,
        wanted: Option<&[String]>,
    ) -> io::Result<Self> {
        let signals = signals.clone();
        let wants = wanted.is_none_or(|wanted| wanted.iter().any(|name| name == "RunWarning"));
        let trouble = Box::new(move |message| {
            if wants {
                let kind = EventKind::RunWarning { message };
                let _ = signals.send(Some(Event::new(kind, clock.now())));
            }
        });
        let (recorder, logbook) = Recorder::start(root, id, trouble)?;
        Ok(Self { recorder, logbook })
    }

    pub fn logbook(&self) -> &Logbook {
        &self.logbook
    }

    /// The first two lines.
    pub fn begin(&self, run: &Arc<Run>, asked: JournalRequest, digests: Option<Vec<Option<String>>>) {
        let header = Header {
            kind: "RunHeader".into(),
            format: FORMAT,
            engine: env!("CARGO_PKG_VERSION").into(),
            run_id: run.id.clone(),
            started: run.clock.now(),
            root: run.plan().root.clone(),
            name: asked.name,
            asked: asked.asked,
            resumed_from: run.resumed_from().map(str::to_owned),
            process: process::id(),
            total: run.plan().jobs.len(),
        };
        self.recorder.write(journal::header(header, Arc::clone(&run.mask), run.secret_names.clone()));
        self.recorder.write(journal::jobs(Arc::clone(run), digests));
    }

    /// Something happened.
    pub fn tell(&self, event: &Event, mask: &Arc<Mask>) {
        if let Some(line) = journal::event(event, mask) {
            self.recorder.write(line);
        }
    }

    /// The last event; when all is on disk it is handed on.
    pub fn end(&self, event: Event, summary: Summary, told: Option<Sender<Option<Event>>>) {
        self.recorder.write(journal::last(event.clone(), summary));
        self.recorder.end(Box::new(move || hand_out(told, event)));
    }

    /// Nothing more comes, whether the run has ended or not.
    pub fn abandon(&self) {
        let (done, written) = bounded(1);
        self.recorder.end(Box::new(move || {
            let _ = done.send(());
        }));
        let _ = written.recv_timeout(MOMENT);
    }
}

/// What a run takes over from an earlier one.
#[derive(Default)]
pub(super) struct Resumed {
    /// The earlier run.
    pub from: Option<String>,
    /// The digests of this run's jobs, where they had to be made.
    pub digests: Option<Vec<Option<String>>>,
    /// The jobs that are done, with their outputs.
    pub kept: HashMap<usize, Map<String, Value>>,
    /// What is needed for jobs that are not known yet, where there are any.
    pub resuming: Option<Resuming>,
}

impl Resumed {
    /// # Errors
    /// [`ArchiveError`] when the run to resume is unknown or still running.
    pub fn of(request: &JournalRequest, plan: &Plan, mask: &Mask) -> Result<Self, ArchiveError> {
        let Some(id) = &request.resume else { return Ok(Self::default()) };
        let earlier = Archive::of(&plan.root).ended_run(id)?;
        let digests = digests(plan, mask);
        let kept = resume::kept(plan, &digests, &earlier);
        let from = Some(earlier.short.id.clone());
        let grows = plan.groups.iter().any(Group::is_deferred);
        let resuming = grows.then(|| Resuming::new(earlier, digests.clone()));
        Ok(Self { from, digests: Some(digests), kept, resuming })
    }
}
