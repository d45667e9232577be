//! What a plan is put together in.

use super::{
    super::{
        graph, request::PlanRequest, variables::Observer, Group, Job, Level as Stream, Message, Plan,
        RequestError, Strategy, Turns,
    },
    library::Library,
    scope::{goes_on, Combined, Scope},
};
use crate::{catalog::Catalog, matrix::Dimension, playbook::Playbook};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Playbooks that use each other several times over multiply; a plan has at most so many groups.
const MOST_GROUPS: usize = 100_000;

/// A plan that grows.
pub(super) struct Builder<'a> {
    pub request: &'a PlanRequest,
    pub catalog: &'a Catalog,
    pub library: Library<'a>,
    pub jobs: Vec<Job>,
    pub groups: Vec<Group>,
    pub dimensions: Vec<Dimension>,
    pub messages: Vec<Message>,
    /// Names of secret variables.
    pub secrets: BTreeSet<String>,
    /// The scripts that deferred groups will run.
    pub provided: HashMap<usize, BTreeSet<String>>,
    /// The runs that the whole run takes turns with.
    pub concurrency: Option<Turns>,
    /// How often each number has been given out.
    given: HashMap<String, usize>,
}

impl<'a> Builder<'a> {
    pub fn new(request: &'a PlanRequest, catalog: &'a Catalog) -> Self {
        Self {
            request,
            catalog,
            library: Library::new(&request.root, &request.documents),
            jobs: Vec::new(),
            groups: Vec::new(),
            dimensions: Vec::new(),
            messages: Vec::new(),
            secrets: BTreeSet::new(),
            provided: HashMap::new(),
            concurrency: None,
            given: HashMap::new(),
        }
    }

    pub fn warn(&mut self, texts: impl Iterator<Item = String>) {
        self.messages.extend(texts.map(|text| Message { level: Stream::Warning, text }));
    }

    pub fn say(&mut self, text: String) {
        self.messages.push(Message { level: Stream::Verbose, text });
    }

    /// What templates see at one place of a playbook.
    pub fn observer<'o>(
        &'o self,
        scope: &Scope,
        variables: &'o Map<String, Value>,
        combination: Option<&Combined>,
    ) -> Observer<'o> {
        let mut observer = Observer::new(variables, self.request.environment.as_ref(), &self.request.root);
        if let Some(combination) = combination {
            observer.roots.insert("matrix".into(), Value::Object(combination.values.clone()));
        }
        let strategy = combination.map_or(Strategy::alone(scope.fail_fast), |one| one.strategy);
        observer.roots.insert("strategy".into(), strategy.context());
        if !scope.inputs.is_empty() {
            observer.roots.insert("inputs".into(), Value::Object(scope.inputs.clone()));
        }
        observer
    }

    /// Adds a group and gives its position.
    pub fn add_group(&mut self, group: Group) -> Result<usize, RequestError> {
        if self.groups.len() >= MOST_GROUPS {
            return Err(RequestError::TooManyGroups { most: MOST_GROUPS });
        }
        self.groups.push(group);
        Ok(self.groups.len() - 1)
    }

    /// The id of a group: `outer/inner` within another one.
    pub fn group_id(&self, within: Option<usize>, id: &str) -> String {
        within.map_or_else(|| id.to_owned(), |within| format!("{}/{id}", self.groups[within].id))
    }

    /// Whether a group is `outer` or stands within it.
    pub fn is_inside(&self, group: Option<usize>, outer: usize) -> bool {
        let mut around = group;
        while let Some(group) = around {
            if group == outer {
                return true;
            }
            around = self.groups[group].within;
        }
        false
    }

    /// Gives a job a number of its own: `0402`, `0402-2` where it runs again, `0402-matrix-7` in a matrix.
    pub fn name(&mut self, job: &mut Job) {
        if job.matrix_id.is_some() {
            job.number = format!("{}-matrix-{}", job.script, job.job);
            return;
        }
        let count = self.given.entry(job.script.clone()).or_insert(0);
        *count += 1;
        job.number = if *count == 1 { job.script.clone() } else { format!("{}-{count}", job.script) };
    }

    /// The plan, checked.
    pub fn finish(
        self,
        playbook: &Playbook,
        mut dimensions: Vec<Dimension>,
        copies: usize,
    ) -> Result<Plan, RequestError> {
        let is_deferred = self.groups.iter().any(|group| !group.deferred.is_empty());
        if self.jobs.iter().all(|job| job.skip.is_some()) {
            return Err(RequestError::NothingToRun { playbook: playbook.name.clone() });
        }
        graph::check(&self.jobs, &self.groups)?;
        let options = &playbook.options;
        let of_playbook = options
            .max_concurrency
            .or_else(|| playbook.concurrency.as_ref().and_then(|concurrency| concurrency.max_concurrency));
        let request = self.request;
        let most = request.max_concurrency.or(of_playbook).or(request.default_max_concurrency).unwrap_or(1);
        let scripts: BTreeSet<&String> = self.jobs.iter().map(|job| &job.script).collect();
        dimensions.extend(self.dimensions.iter().cloned());
        let combinations: BTreeSet<&String> =
            self.jobs.iter().filter_map(|job| job.matrix_id.as_ref()).collect();
        Ok(Plan {
            total: self.jobs.len(),
            root: request.root.clone(),
            max_concurrency: if request.parallel == Some(false) { 1 } else { most },
            fail_fast: !request.continue_on_error && !goes_on(options),
            scripts: scripts.len(),
            dimensions,
            combinations: combinations.len().max(copies),
            conditions: request.conditions.clone(),
            success: playbook.success.clone(),
            // The environment is the run's own.
            request: is_deferred.then(|| Box::new(PlanRequest { environment: None, ..request.clone() })),
            timeout: options.timeout.map(|seconds| seconds as f64),
            concurrency: self.concurrency,
            groups: self.groups,
            messages: self.messages,
            secrets: self.secrets.into_iter().collect(),
            jobs: self.jobs,
        })
    }
}
