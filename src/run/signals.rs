//! What the reader of a run hears: events, in batches, and how far the run is.

use super::{
    engine::Run,
    event::{self, ShownAs},
    journal,
    state::State,
    Event, EventKind, Summary,
};
use crossbeam_channel::{RecvTimeoutError, Sender};
use serde::Serialize;
use std::time::{Duration, Instant};

/// So many events are handed out at once.
const EVENTS_AT_ONCE: usize = 1_024;

/// So long the reader is left alone with events that can wait, so that it wakes once for many short jobs.
const GATHER: Duration = Duration::from_millis(25);

/// What the reader gets that asks for events.
#[derive(Debug, Serialize)]
pub struct Signals {
    /// The events since the last call, oldest first.
    pub events: Vec<Event>,
    /// How many workers the run could use at most so far.
    pub workers: usize,
    /// How many jobs have their final status.
    pub done: usize,
    /// How many jobs there are.
    pub total: usize,
}

/// What a call for events comes to.
#[derive(Debug)]
pub enum NextEvents {
    /// At least one event, or a reason to look at the counts.
    Signals(Signals),
    /// The last event has been handed out.
    End,
    /// Nothing came in time.
    Timeout,
}

impl Run {
    /// Waits for events. Those that can wait come a moment later, together.
    ///
    /// One reader at a time: an event is handed out once.
    pub fn events(&self, timeout: Duration) -> NextEvents {
        let mut next = match self.signals.recv_timeout(timeout) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => return NextEvents::Timeout,
            Err(RecvTimeoutError::Disconnected) => return NextEvents::End,
        };
        let until = Instant::now() + GATHER.min(timeout);
        let (mut events, mut waits) = (Vec::new(), true);
        while let Some(signal) = next {
            waits &= signal.as_ref().is_some_and(|event: &Event| !event.kind.is_urgent());
            events.extend(signal);
            next = match events.len() {
                EVENTS_AT_ONCE.. => None,
                _ if waits => self.signals.recv_deadline(until).ok(),
                _ => self.signals.try_recv().ok(),
            };
        }
        let mut state = self.lock();
        state.heard(&events);
        let total = self.plan().jobs.len();
        let done = total - state.scheduler.unsettled();
        let workers = state.peak;
        drop(state);
        if self.wanted.iter().flatten().any(|name| name == "JobsSucceeded") {
            events = event::together(events);
        }
        NextEvents::Signals(Signals { events, workers, done, total })
    }

    pub(super) fn wants(&self, kind: &str) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name == kind))
    }

    pub(super) fn emit(&self, state: &mut State, kind: EventKind) {
        let event = Event::new(kind.printable(), self.clock.now());
        state.fold.apply(&event);
        if let Some(record) = &self.record {
            record.tell(&event, &self.mask);
        }
        if let (true, Some(signals)) = (self.wants(event.kind.name()), &state.signals) {
            let job = event.kind.job().filter(|_| !self.mask.is_empty());
            let shown_as = job.and_then(|job| ShownAs::of(&self.plan().jobs[job], &self.mask));
            // The receiver lives as long as the run.
            let _ = signals.send(Some(Event { shown_as, ..journal::masked(event, &self.mask).0 }));
        }
    }

    /// The last event, which is handed out when everything before it is on disk.
    pub(super) fn emit_last(&self, state: &mut State, kind: EventKind) {
        let event = Event::new(kind, self.clock.now());
        state.fold.apply(&event);
        let signals = state.signals.take();
        let told = signals.filter(|_| self.wants(event.kind.name()));
        match &self.record {
            Some(record) => record.end(event, Summary::from(&state.fold.result()), told),
            None => hand_out(told, event),
        }
    }
}

/// Tells the reader, who may have gone.
pub(super) fn hand_out(signals: Option<Sender<Option<Event>>>, event: Event) {
    if let Some(signals) = signals {
        let _ = signals.send(Some(event));
    }
}
