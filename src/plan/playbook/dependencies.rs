//! Who has to succeed first: headers' dependencies and `needs`.

use super::{
    super::{Job, RequestError},
    builder::Builder,
    scope::Scope,
    stage::Frame,
};
use crate::{
    catalog::Number,
    playbook::{Order, Stage},
};

impl Builder<'_> {
    /// Header dependencies: inside the combination, else on the nearest stage before that ran the script.
    pub(super) fn connect_dependencies(&mut self, scope: &Scope, frame: &Frame<'_>) {
        for &at in &frame.jobs {
            let Some(script) =
                Number::parse(&self.jobs[at].script).and_then(|number| self.catalog.get(number))
            else {
                continue;
            };
            let (mut needs, mut groups) = (Vec::new(), Vec::new());
            for entry in self.jobs[at].dependencies.clone() {
                let meant = self.catalog.dependencies(script, &entry);
                let before = needs.len() + groups.len();
                for number in &meant {
                    for job in self.providers(scope, frame, at, &number.to_string()) {
                        // One that stands for a group's jobs is not yet any of them.
                        match self.jobs[job].group.filter(|group| self.provided.contains_key(group)) {
                            Some(group) => groups.push(group),
                            None => needs.push(job),
                        }
                    }
                }
                if needs.len() + groups.len() == before {
                    let why = if meant.is_empty() { "matches no script" } else { "has not run before it" };
                    let name = self.jobs[at].name.clone();
                    self.say(format!("{name}: dependency '{entry}' {why} and is ignored."));
                }
            }
            needs.sort_unstable();
            needs.dedup();
            groups.sort_unstable();
            groups.dedup();
            self.jobs[at].needs = needs;
            self.jobs[at].needs_groups = groups;
        }
    }

    /// The jobs that stand for `script` to the job at `at`.
    fn providers(&self, scope: &Scope, frame: &Frame<'_>, at: usize, script: &str) -> Vec<usize> {
        let provides = |job: &Job| {
            let of_group = job.group.and_then(|group| self.provided.get(&group));
            of_group.is_some_and(|scripts| scripts.contains(script))
        };
        let is_it = |job: &&Job| (job.script == script || provides(job)) && job.skip.is_none();
        let order = scope.playbook.order;
        let any_place = order == Order::Stages && !frame.stage.keeps_order;
        let own: Vec<&Job> = frame
            .jobs
            .iter()
            .map(|job| &self.jobs[*job])
            .filter(|job| is_it(job) && (job.job < at || any_place))
            .collect();
        if !own.is_empty() || order == Order::Needs {
            return self.of_combination(&own, at);
        }
        let first = frame.jobs.first().copied().unwrap_or(at);
        let before = self.jobs[scope.start..first]
            .iter()
            .filter(is_it)
            .filter(|job| !self.is_inside(job.group, frame.group));
        let Some(group) = before.clone().next_back().map(|job| job.group) else { return Vec::new() };
        let of_group: Vec<&Job> = before.filter(|job| job.group == group).collect();
        self.of_combination(&of_group, at)
    }

    /// Those of the same combination, else all.
    fn of_combination(&self, jobs: &[&Job], at: usize) -> Vec<usize> {
        let same = |job: &&&Job| job.matrix_id == self.jobs[at].matrix_id;
        let positions = |jobs: &mut dyn Iterator<Item = &&Job>| jobs.map(|job| job.job).collect::<Vec<_>>();
        let found = positions(&mut jobs.iter().filter(same));
        if found.is_empty() {
            positions(&mut jobs.iter())
        } else {
            found
        }
    }

    /// The groups of the stages that a stage needs.
    pub(super) fn needed_groups(&mut self, scope: &Scope, stage: &Stage) -> Result<Vec<usize>, RequestError> {
        let mut groups = Vec::new();
        for need in &stage.needs {
            match scope.groups.get(&need.to_lowercase()) {
                Some(group) => groups.push(*group),
                None => self.not_waited_for(scope, stage, need)?,
            }
        }
        Ok(groups)
    }

    /// A need that does not run, or runs later, is not waited for; one that no job has is an error.
    fn not_waited_for(&mut self, scope: &Scope, stage: &Stage, need: &str) -> Result<(), RequestError> {
        let all = || scope.playbook.stages.iter().flat_map(|stage| std::iter::once(stage).chain(&stage.jobs));
        if !all().any(|other| other.id.eq_ignore_ascii_case(need)) {
            return Err(RequestError::UnknownNeed {
                path: stage.path.clone(),
                need: need.to_owned(),
                known: all().map(|other| other.id.clone()).collect(),
            });
        }
        let text =
            format!("{} needs '{need}', which does not run before it and is not waited for.", stage.path);
        if scope.profile.is_some() {
            self.say(text);
        } else {
            self.warn(std::iter::once(text));
        }
        Ok(())
    }
}
