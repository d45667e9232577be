//! Packages with 100 small inputs each, all of them cached: ours beside turborepo, nx, moon and wireit.

use crate::{
    fail,
    figures::{alternate, clocked, medians, Figure, Way},
    project::{run_all, Project},
    workspace::Workspace,
};

const ROUNDS: usize = 5;
const INPUTS: usize = 100;
/// At least five times faster than each, so than the best of them.
const MOST: f64 = 0.2;

pub fn compare(jobs: usize) {
    let project = Project::new(jobs, INPUTS, |_| Vec::new());
    run_all(&project);
    let workspace = Workspace::new(jobs, INPUTS);
    let peer = |with: fn(&Workspace, usize) -> Result<f64, String>| {
        workspace.as_ref().map_err(Clone::clone).and_then(|workspace| with(workspace, jobs))
    };
    let ours = || match clocked(|| run_all(&project)) {
        (time, found) if found == jobs => Ok(time),
        (_, found) => Err(format!("{found} of {jobs} jobs were replayed")),
    };
    let ways: Vec<Way<f64>> = vec![
        Box::new(ours),
        Box::new(|| peer(Workspace::turbo)),
        Box::new(|| peer(Workspace::nx)),
        Box::new(|| peer(Workspace::moon)),
        Box::new(|| peer(Workspace::wireit)),
    ];
    let found = medians(&alternate(ROUNDS, ways), |time| *time);
    let ours = found[0].clone().unwrap_or_else(|error| fail(&error));
    let work = format!("{jobs} jobs of {INPUTS} inputs, all found in the cache");
    let figure = Figure { work: &work, unit: "ms", ours };
    for (name, theirs) in
        ["turborepo (the time it prints)", "nx", "moon", "wireit"].into_iter().zip(&found[1..])
    {
        figure.beside(name, theirs, Some(MOST));
    }
}
