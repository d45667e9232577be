use super::{
    graph, playbook, script,
    shown::shown,
    variables::{merged, Environment},
    Job, Level, Message, Plan, PlanError, RequestError, Strategy,
};
use crate::{
    catalog::{self, Catalog},
    matrix::{self, Expansion},
    playbook::{Isolation, ParseRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// What to plan: the scripts of a sequence, each combination of a matrix a copy of all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanRequest {
    /// The project's root folder.
    pub root: PathBuf,
    /// The sequence, one or more elements; or else a playbook.
    #[serde(default)]
    pub sequence: Vec<String>,
    /// The playbook.
    #[serde(default)]
    pub playbook: Option<ParseRequest>,
    /// Documents of playbooks that are used, by path; needed for psd1 files, which only PowerShell reads.
    #[serde(default)]
    pub documents: Map<String, Value>,
    /// The playbook's profile.
    #[serde(default)]
    pub profile: Option<String>,
    /// Dimensions, `include` and `exclude`.
    #[serde(default)]
    pub matrix: Option<Map<String, Value>>,
    /// At most so many combinations; [`matrix::DEFAULT_LIMIT`] where absent.
    #[serde(default)]
    pub matrix_limit: Option<u64>,
    /// Values offered to every script; a combination's values go before these.
    #[serde(default)]
    pub variables: Map<String, Value>,
    /// Values that conditions see and scripts do not.
    #[serde(default)]
    pub conditions: Map<String, Value>,
    /// What `$env:NAME` reads.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// At most so many jobs at once, as the caller wants it.
    #[serde(default)]
    pub max_concurrency: Option<usize>,
    /// The same where neither the caller nor the playbook says; 1 where absent.
    #[serde(default)]
    pub default_max_concurrency: Option<usize>,
    /// Whether scripts run side by side, as the caller wants it. False counts as `max_concurrency` 1.
    #[serde(default)]
    pub parallel: Option<bool>,
    /// The same for a sequence whose caller does not say; true where absent.
    #[serde(default)]
    pub default_parallel: Option<bool>,
    /// Where jobs run that do not say and ask for nothing that decides it.
    #[serde(default)]
    pub isolation: Isolation,
    /// Whether the run goes on after a failure.
    #[serde(default)]
    pub continue_on_error: bool,
    /// The values that groups were deferred for, by group id and path: set while a plan runs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub resolved: Map<String, Value>,
    /// Only these scripts run, by number, of what is planned while it runs; all where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
}

/// Makes the plan of a request.
///
/// # Errors
/// [`RequestError`]; nothing was started or written.
pub fn plan(request: &PlanRequest) -> Result<Plan, RequestError> {
    if request.max_concurrency == Some(0) {
        return Err(PlanError::NoConcurrency.into());
    }
    match &request.playbook {
        Some(document) if request.sequence.is_empty() => {
            playbook::plan(request, crate::playbook::parse(document)?).map(shown)
        }
        None if !request.sequence.is_empty() => sequence_plan(request).map(shown),
        _ => Err(RequestError::NothingAsked),
    }
}

fn sequence_plan(request: &PlanRequest) -> Result<Plan, RequestError> {
    let limit = request.matrix_limit.unwrap_or(matrix::DEFAULT_LIMIT);
    let expansion = request.matrix.as_ref().map(|matrix| matrix::expand(matrix, limit)).transpose()?;
    let catalog = Catalog::open(&request.root)?;
    let scripts = catalog::resolve(&catalog, &request.sequence)?;
    catalog.read_headers(scripts.iter().copied());

    let mut messages = Vec::new();
    let needs = script::needs(&catalog, &scripts, &mut messages);
    let (dimensions, combinations) = match expansion {
        Some(Expansion { dimensions, combinations, warnings }) => {
            let warned = warnings.into_iter().map(|text| Message { level: Level::Warning, text });
            messages.splice(0..0, warned);
            (dimensions, combinations.into_iter().map(Some).collect())
        }
        None => (Vec::new(), vec![None]),
    };

    let copies = combinations.len();
    let mut jobs = Vec::with_capacity(scripts.len() * copies);
    for (copy, combination) in combinations.iter().enumerate() {
        let first = copy * scripts.len();
        let parameters = match combination {
            Some(combination) => merged(&request.variables, &combination.values),
            None => request.variables.clone(),
        };
        for (position, script) in scripts.iter().enumerate() {
            let at = first + position;
            let mut job = Job {
                job: at,
                number: script.number.to_string(),
                needs: needs[position].iter().map(|need| first + need).collect(),
                parameters: parameters.clone(),
                isolation: request.isolation,
                ..Job::default()
            };
            if let Some(combination) = combination {
                job.number = format!("{}-matrix-{at}", script.number);
                job.matrix = Some(combination.values.clone());
                job.matrix_id = Some(combination.id.clone());
                job.strategy = Some(Strategy {
                    job_index: copy,
                    job_total: copies,
                    fail_fast: !request.continue_on_error,
                    max_parallel: copies,
                });
            }
            script::describe(&mut job, script);
            jobs.push(job);
        }
    }
    graph::check(&jobs, &[])?;
    let parallel = request.parallel.or(request.default_parallel).unwrap_or(true);
    let most = request.max_concurrency.or(request.default_max_concurrency).unwrap_or(1);
    Ok(Plan {
        total: jobs.len(),
        root: request.root.clone(),
        max_concurrency: if parallel { most.max(1) } else { 1 },
        fail_fast: !request.continue_on_error,
        scripts: scripts.len(),
        dimensions,
        combinations: copies,
        jobs,
        conditions: request.conditions.clone(),
        messages,
        ..Plan::default()
    })
}
