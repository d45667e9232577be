use super::{graph, Job, Level, Message, Plan, PlanError};
use crate::{
    catalog::{self, Catalog, CatalogError, Number, Script, SequenceError},
    error::Diagnose,
    matrix::{self, Combination, Expansion, MatrixError},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::PathBuf};
use thiserror::Error;

/// What to plan: the scripts of a sequence, each combination of a matrix a copy of all of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanRequest {
    /// The project's root folder.
    pub root: PathBuf,
    /// The sequence, one or more elements.
    pub sequence: Vec<String>,
    /// Dimensions, `include` and `exclude`.
    #[serde(default)]
    pub matrix: Option<Map<String, Value>>,
    /// At most so many combinations; [`matrix::DEFAULT_LIMIT`] where absent.
    #[serde(default)]
    pub matrix_limit: Option<u64>,
    /// Values offered to every script; a combination's values go before these.
    #[serde(default)]
    pub variables: Map<String, Value>,
    /// At most so many jobs at once.
    #[serde(default = "one")]
    pub max_concurrency: usize,
    /// False counts as `max_concurrency` 1.
    #[serde(default = "yes")]
    pub parallel: bool,
    /// Whether the run goes on after a failure.
    #[serde(default)]
    pub continue_on_error: bool,
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

/// Why a request makes no plan.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The project's scripts cannot be listed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The sequence selects nothing that can be run.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// The matrix cannot be expanded.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The jobs make no graph.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl Diagnose for RequestError {
    fn code(&self) -> &'static str {
        self.inner().code()
    }

    fn hint(&self) -> Option<String> {
        self.inner().hint()
    }

    fn place(&self) -> Option<String> {
        self.inner().place()
    }
}

impl RequestError {
    fn inner(&self) -> &dyn Diagnose {
        match self {
            Self::Catalog(error) => error,
            Self::Sequence(error) => error,
            Self::Matrix(error) => error,
            Self::Plan(error) => error,
        }
    }
}

/// Makes the plan of a request.
///
/// # Errors
/// [`RequestError`]; nothing was started or written.
pub fn plan(request: &PlanRequest) -> Result<Plan, RequestError> {
    if request.max_concurrency == 0 {
        return Err(PlanError::NoConcurrency.into());
    }
    let limit = request.matrix_limit.unwrap_or(matrix::DEFAULT_LIMIT);
    let expansion = request.matrix.as_ref().map(|matrix| matrix::expand(matrix, limit)).transpose()?;
    let catalog = Catalog::open(&request.root)?;
    let scripts = catalog::resolve(&catalog, &request.sequence)?;
    catalog.read_headers(scripts.iter().copied());

    let mut messages = Vec::new();
    let needs = needs(&catalog, &scripts, &mut messages);
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
        for (position, script) in scripts.iter().enumerate() {
            let needs = needs[position].iter().map(|need| first + need).collect();
            jobs.push(job(request, script, first + position, needs, combination.as_ref()));
        }
    }
    graph::check(&jobs)?;
    Ok(Plan {
        total: jobs.len(),
        max_concurrency: if request.parallel { request.max_concurrency } else { 1 },
        fail_fast: !request.continue_on_error,
        scripts: scripts.len(),
        dimensions,
        combinations: copies,
        jobs,
        messages,
    })
}

/// For each selected script the positions of those it depends on; what an entry means that is not
/// in this run is said and left out.
fn needs(catalog: &Catalog, scripts: &[&Script], messages: &mut Vec<Message>) -> Vec<Vec<usize>> {
    let positions: BTreeMap<Number, usize> =
        scripts.iter().enumerate().map(|(position, script)| (script.number, position)).collect();
    scripts
        .iter()
        .map(|script| {
            let mut needs = Vec::new();
            for entry in &script.header().dependencies {
                let meant = catalog.dependencies(script, entry);
                let before = needs.len();
                needs.extend(meant.iter().filter_map(|number| positions.get(number).copied()));
                if needs.len() == before {
                    let why = if meant.is_empty() { "matches no script" } else { "is not part of this run" };
                    let text = format!("{}: dependency '{entry}' {why} and is ignored.", script.name);
                    messages.push(Message { level: Level::Verbose, text });
                }
            }
            needs.sort_unstable();
            needs.dedup();
            needs
        })
        .collect()
}

fn job(
    request: &PlanRequest,
    script: &Script,
    position: usize,
    needs: Vec<usize>,
    combination: Option<&Combination>,
) -> Job {
    let header = script.header();
    let number = match combination {
        Some(_) => format!("{}-matrix-{position}", script.number),
        None => script.number.to_string(),
    };
    Job {
        job: position,
        number,
        script: script.number.to_string(),
        name: script.name.clone(),
        path: script.path.to_string_lossy().into_owned(),
        stage: header.stage.clone().unwrap_or_else(|| "Default".into()),
        description: header.description.clone().unwrap_or_default(),
        dependencies: header.dependencies.clone(),
        condition: header.condition.clone(),
        tags: header.tags.clone(),
        needs,
        matrix: combination.map(|combination| combination.values.clone()),
        matrix_id: combination.map(|combination| combination.id.clone()),
        parameters: parameters(&request.variables, combination),
        continue_on_error: false,
    }
}

/// Variables overlaid with the combination's values; PowerShell's names have no case.
fn parameters(variables: &Map<String, Value>, combination: Option<&Combination>) -> Map<String, Value> {
    let Some(combination) = combination else { return variables.clone() };
    let hidden: Vec<String> = combination.values.keys().map(|name| name.to_lowercase()).collect();
    variables
        .iter()
        .filter(|(name, _)| !hidden.contains(&name.to_lowercase()))
        .chain(&combination.values)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
