//! Tells the scheduler what happened and does what it asks for.

use super::{
    clerk::{Alarm, Errand},
    context::{Decision, RunContext},
    engine::Run,
    fact::{Action, Cause, Fact, Outcome, Past, Settled, Subject, Verdict, Why},
    outputs,
    process::Haste,
    secrets::{masked_error, texts},
    state::{Claim, Ended, Part, State},
    EventKind, JobFinished, JobStatus, Report, ReportedError,
};
use crate::{
    plan::{JobIndex, Plan},
    playbook::Isolation,
};
use serde_json::{Map, Value};
use std::{
    collections::VecDeque,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
};

/// The delay before another attempt doubles so often at the most.
const LONGEST_DELAY_DOUBLINGS: u32 = 16;

/// The delay before another attempt grows no longer than this.
const LONGEST_DELAY_SECONDS: f64 = 300.0;

/// The exit code of a job that ran out of time, as `timeout` has it.
const TIMED_OUT: i32 = 124;

impl Run {
    /// Tells the scheduler a fact and does what it asks for.
    pub(super) fn apply(&self, state: &mut State, fact: Fact, ended: Ended) {
        let mut facts = VecDeque::from([(fact, ended)]);
        let mut actions = Vec::new();
        while let Some((fact, ended)) = facts.pop_front() {
            actions.clear();
            if state.scheduler.apply(fact, &mut actions).is_err() {
                continue;
            }
            let mut ended = Some(ended);
            for action in &actions {
                match *action {
                    Action::Decide(subject @ Subject::Job(job), _)
                        if state.done_before.contains_key(&job.0) =>
                    {
                        // It was decided in the run that has done it.
                        facts.push_back((Fact::Decided { subject, verdict: Verdict::Go }, Ended::default()));
                    }
                    Action::Decide(subject, past) => state.send(Errand::Decide(subject, past)),
                    Action::Delay(job) => {
                        let ended = ended.take().unwrap_or_default();
                        self.delay(state, job, ended);
                    }
                    Action::Start(job) => facts.extend(self.route(state, job)),
                    Action::Stop(job) if matches!(state.claims[job.0], Claim::Queued) => {
                        // Nobody has it yet, so there is nothing to wait for.
                        state.claims[job.0] = Claim::Done;
                        self.leave(state, job);
                        facts
                            .push_back((Fact::Finished { job, outcome: Outcome::Stopped }, Ended::default()));
                    }
                    Action::Stop(job) if matches!(state.claims[job.0], Claim::LookedUp(_)) => {
                        // Whoever looks it up finds that nobody wants to know any more.
                        state.claims[job.0] = Claim::Done;
                        facts
                            .push_back((Fact::Finished { job, outcome: Outcome::Stopped }, Ended::default()));
                    }
                    Action::Stop(job) => self.stop(state, job),
                    Action::Settle(job, settled) => {
                        // The fact's own job settles first; what it takes with it never ran.
                        let own = matches!(fact, Fact::Finished { job: finished, .. } if finished == job);
                        let ended = if own { ended.take().unwrap_or_default() } else { Ended::default() };
                        self.settle(state, job, settled, ended);
                    }
                    Action::Leave(group) => state.give_back(Some(group)),
                    Action::End => self.end(state),
                }
            }
        }
        self.note_peak(state);
    }

    /// Tells the reader when more workers are of use than ever before.
    pub(super) fn note_peak(&self, state: &mut State) {
        if state.for_workers > state.peak {
            state.peak = state.for_workers;
            if let Some(signals) = &state.signals {
                let _ = signals.send(None);
            }
        }
    }

    /// A job may start: the one place that decides who carries it out. Gives its end where nobody can.
    fn route(&self, state: &mut State, job: JobIndex) -> Option<(Fact, Ended)> {
        if state.done_before.contains_key(&job.0) {
            return Some((Fact::Finished { job, outcome: Outcome::Success }, self.take_over(state, job)));
        }
        self.emit(state, EventKind::JobQueued { job: job.0 });
        if self.look_up(state, job) {
            return None;
        }
        self.hand_out(state, job)
    }

    /// Hands a job to those who carry it out. Gives its end where nobody can.
    pub(super) fn hand_out(&self, state: &mut State, job: JobIndex) -> Option<(Fact, Ended)> {
        state.claims[job.0] = Claim::Queued;
        match self.plan().jobs[job.0].isolation {
            Isolation::Runspace => {
                state.for_workers += 1;
                if let Some(queue) = &state.queue {
                    let _ = queue.send(job);
                }
                None
            }
            Isolation::Process => {
                state.for_children += 1;
                let busy = state.for_children;
                let error = state.children.as_mut()?.add(&self.this, &self.id, job, busy).err()?;
                state.claims[job.0] = Claim::Done;
                self.leave(state, job);
                let error = ReportedError::plain(format!("no thread could be started for the job: {error}"));
                let report = Report { exit_code: 1, error: Some(error), ..Report::default() };
                let ended = Ended { report: Some(report), ..Ended::default() };
                Some((Fact::Finished { job, outcome: Outcome::Failure }, ended))
            }
        }
    }

    /// A job is no longer queued or running.
    pub(super) fn leave(&self, state: &mut State, job: JobIndex) {
        match self.plan().jobs[job.0].isolation {
            Isolation::Runspace => state.for_workers -= 1,
            Isolation::Process => state.for_children -= 1,
        }
    }

    fn stop(&self, state: &mut State, job: JobIndex) {
        match &state.claims[job.0] {
            // It has ended and is only put away.
            Claim::Storing => {}
            Claim::Claimed(claimed) if claimed.stop.is_some() => {
                claimed.stop.iter().for_each(|stop| stop.request(Haste::Asked));
            }
            _ => self.emit(state, EventKind::JobStopRequested { job: job.0 }),
        }
    }

    /// Sets the outputs of a job that an earlier run has done.
    fn take_over(&self, state: &mut State, job: JobIndex) -> Ended {
        for (name, value) in state.done_before.get(&job.0).cloned().unwrap_or_default() {
            self.emit(state, EventKind::JobOutput { job: job.0, name, value });
        }
        Ended { report: Some(Report::default()), ..Ended::default() }
    }

    /// Waits before a job's next attempt, twice as long before each.
    fn delay(&self, state: &mut State, job: JobIndex, ended: Ended) {
        let attempt = state.attempts[job.0];
        let doublings = attempt.saturating_sub(1).min(LONGEST_DELAY_DOUBLINGS);
        let seconds =
            (self.plan().jobs[job.0].retry_delay * f64::from(1_u32 << doublings)).min(LONGEST_DELAY_SECONDS);
        state.claims[job.0] = Claim::Unclaimed;
        state.output_bytes -= ended.output_bytes;
        let error = ended.report.and_then(|report| report.error);
        if let Some(logbook) = self.logbook() {
            logbook.mark(&self.plan().jobs[job.0].number, &format!("attempt {}", attempt + 1));
        }
        self.emit(
            state,
            EventKind::JobRetried { job: job.0, attempt: attempt + 1, delay_ms: seconds * 1_000.0, error },
        );
        state.alarm(seconds, Alarm::Retry(job));
    }

    fn settle(&self, state: &mut State, job: JobIndex, settled: Settled, ended: Ended) {
        state.claims[job.0] = Claim::Done;
        let plan = self.plan();
        let planned = &plan.jobs[job.0];
        let is_done_before = state.done_before.contains_key(&job.0);
        let (status, mut reason) = self.told(&plan, job, settled, is_done_before);
        if settled == Settled::Cancelled(Why::Caller) {
            reason = state.cancelled_because.clone().or(reason);
        }
        if let Settled::Cancelled(Why::Taken(group)) = settled {
            reason = state.taken_because.get(&group).cloned().or(reason);
        }
        let fault = state.faults.remove(&Part::Job(job.0)).or_else(|| {
            let of_group = plan.around(planned.group).find_map(|group| state.faults.get(&Part::Group(group)));
            of_group.filter(|_| status == JobStatus::Failure && ended.report.is_none()).cloned()
        });
        let exit_code = match (&ended.report, status) {
            (Some(_), JobStatus::TimedOut) => Some(TIMED_OUT),
            (Some(report), _) => Some(report.exit_code),
            (None, _) => fault.as_ref().map(|_| 1),
        };
        let timed_out = || {
            let told = ended.ran_out.map(|limit| limit.told(&plan, job));
            let of_run = || format!("{}: {}", planned.name, out_of_time(&plan));
            ReportedError::plain(told.unwrap_or_else(of_run))
        };
        let reported = ended.report.as_ref().and_then(|report| report.error.clone());
        let finished = JobFinished {
            job: job.0,
            status,
            exit_code,
            errors: ended.report.as_ref().map_or(0, |report| report.errors),
            error: if status == JobStatus::TimedOut { Some(timed_out()) } else { reported.or(fault) },
            reason,
            duration_ms: ended.duration.as_secs_f64() * 1_000.0,
            cached: ended.cached,
            saved_ms: ended.saved_ms,
            log_tail: if status.is_failure() { ended.tail } else { Vec::new() },
        };
        if let Some(logbook) = self.logbook() {
            logbook.close(&planned.number);
        }
        self.note_status(state, job.0, status);
        self.emit(state, EventKind::JobFinished(Box::new(finished)));
        if let Some(group) = planned.group.filter(|_| planned.matrix_id.is_some()) {
            self.note_end(state, &plan, group);
        }
    }

    /// Once the jobs of a matrix have ended, whether their outputs agree.
    fn note_end(&self, state: &mut State, plan: &Plan, group: usize) {
        let Some(left) = state.left.get_mut(group) else { return };
        *left -= 1;
        if *left > 0 {
            return;
        }
        if let Some(message) = outputs::disagreement(plan, state.fold.jobs(), group) {
            let message = self.mask.text(&message).into_owned();
            self.emit(state, EventKind::RunWarning { message });
        }
    }

    /// Evaluates what a subject waits for and tells the scheduler. On the clerk's thread.
    pub(super) fn decide(self: &Arc<Self>, subject: Subject, past: Past) {
        // Copying the result costs as much as the run has jobs; most conditions never ask.
        let result = || self.lock().fold.result();
        let plan = self.plan();
        let environment = self.environment.as_ref();
        let context = RunContext::new(&self.id, &plan, environment, &result, subject, past);
        // Also evaluated and planned without the lock: it may read scripts and playbooks.
        let evaluate = || {
            let decision = context.decide()?;
            let growth = decision.growth(&plan, subject, environment)?;
            Ok((growth.map(|growth| self.grown(growth)), decision))
        };
        // A defect in there must not keep the run waiting for its answer for ever.
        let decided = catch_unwind(AssertUnwindSafe(evaluate)).unwrap_or_else(|_| {
            Err(ReportedError::plain("The engine failed while it evaluated what this waits for.".into()))
        });
        drop(context);
        drop(plan);
        let mut state = self.lock();
        let decided = decided.and_then(|(growth, decision)| {
            growth.map_or(Ok(()), |growth| self.grow(&mut state, growth)).map(|()| decision)
        });
        let verdict = match decided {
            Ok(Decision::Skip) => Verdict::Skip,
            Ok(Decision::Prepared(prepared)) => {
                self.hide_evaluated(&prepared.parameters);
                self.hide_evaluated(&prepared.env);
                if let Subject::Job(job) = subject {
                    state.prepared.insert(job.0, *prepared);
                }
                Verdict::Go
            }
            Ok(Decision::Go | Decision::Known(_)) => Verdict::Go,
            Err(error) => {
                let part = match subject {
                    Subject::Job(job) => Part::Job(job.0),
                    Subject::Group(group) => Part::Group(group),
                };
                state.faults.insert(part, masked_error(error, &self.mask));
                Verdict::Fail
            }
        };
        if let (Subject::Group(group), Verdict::Go) = (subject, verdict) {
            if self.takes_turn(Some(group)) {
                drop(state);
                return self.await_turn(Some(group));
            }
        }
        self.apply(&mut state, Fact::Decided { subject, verdict }, Ended::default());
    }

    /// Values that had to wait for the run may be secret as well.
    pub(super) fn hide_evaluated(&self, values: &Map<String, Value>) {
        for (name, value) in values {
            if self.secret_names.contains(&name.to_lowercase()) {
                texts(value, &mut |text| self.mask.add([text.as_str()]));
            }
        }
    }

    /// A moment that was waited for has come. On the clerk's thread.
    pub(super) fn ring(&self, alarm: Alarm) {
        let mut state = self.lock();
        let fact = match alarm {
            Alarm::Job(job, attempt) if state.attempts[job.0] == attempt => {
                if let Claim::Claimed(claimed) = &mut state.claims[job.0] {
                    claimed.ran_out = true;
                    if claimed.limit.is_some_and(|limit| limit.is_of_group()) {
                        state.scheduler.forgo_retries(job);
                    }
                }
                Fact::Expired(job)
            }
            Alarm::Job(..) => return,
            Alarm::Retry(job) => Fact::RetryDue(job),
            Alarm::Run => Fact::RunExpired,
        };
        if matches!(fact, Fact::RunExpired) && state.scheduler.unsettled() > 0 {
            self.emit(&mut state, EventKind::RunExpired);
        }
        self.apply(&mut state, fact, Ended::default());
    }

    fn end(&self, state: &mut State) {
        let (status, exit_code) = state.fold.outcome();
        self.emit_last(state, EventKind::RunFinished { status, exit_code });
        self.collect();
        state.close();
    }

    /// A job's final status, and in words why it did not run to its end.
    fn told(
        &self,
        plan: &Plan,
        job: JobIndex,
        settled: Settled,
        is_done_before: bool,
    ) -> (JobStatus, Option<String>) {
        let number = |job: JobIndex| plan.jobs[job.0].number.as_str();
        let planned = &plan.jobs[job.0];
        let condition = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        match settled {
            Settled::Success => {
                let earlier = self.resumed_from().filter(|_| is_done_before);
                (JobStatus::Success, earlier.map(|id| format!("done by the run {id}")))
            }
            Settled::Failure => (JobStatus::Failure, None),
            Settled::TimedOut => (JobStatus::TimedOut, None),
            Settled::Skipped(cause) => {
                let reason = match cause {
                    Cause::Need(need) => format!("it needs {}, which did not succeed", number(need)),
                    Cause::GroupNeed(group) => {
                        format!("it needs {}, which did not succeed", plan.groups[group].id)
                    }
                    Cause::Condition => {
                        let text = planned.when.as_ref().or(planned.condition.as_ref());
                        format!("its condition does not hold: {}", condition(&text.cloned()))
                    }
                    Cause::GroupCondition(group) => {
                        let group = &plan.groups[group];
                        format!(
                            "the condition of {} does not hold: {}",
                            group.id,
                            condition(&group.condition)
                        )
                    }
                    Cause::Planned => planned.skip.clone().unwrap_or_default(),
                };
                (JobStatus::Skipped, Some(reason))
            }
            Settled::Cancelled(why) => {
                let reason = match why {
                    Why::FailFast(failed) => format!("{} failed and the run is fail-fast", number(failed)),
                    Why::Caller => "the run was cancelled".into(),
                    Why::RunTime => out_of_time(plan),
                    Why::Taken(group) => format!("another run has cancelled {}", plan.groups[group].id),
                };
                (JobStatus::Cancelled, Some(reason))
            }
        }
    }
}

fn out_of_time(plan: &Plan) -> String {
    let after = plan.timeout.map(|seconds| format!(" after {seconds} s"));
    format!("the run ran out of time{}", after.unwrap_or_default())
}
