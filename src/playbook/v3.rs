//! v3: JSON with metadata and orchestration.jobs, ordered by `needs`.

use super::{
    fields::Fields,
    stage::{stages, Ids, Kind},
    Order, Playbook,
};

/// Reads the jobs, in the order written.
pub(super) fn jobs(playbook: &mut Playbook, fields: &mut Fields, ids: &mut Ids) {
    playbook.order = Order::Needs;
    if let Some(at) = fields.take(&["jobs"]) {
        playbook.stages = stages(&at, Kind::Job, ids);
    }
    fields.ignore(&["stages"], "there are jobs, and a playbook has either jobs or stages");
}
