//! What people see of a plan. Scripts and conditions get what was written; names go into our own messages,
//! where nothing may speak to a terminal.

use super::{Group, Job, Plan};
use crate::printable::make_printable;

pub(super) fn shown(mut plan: Plan) -> Plan {
    plan.jobs.iter_mut().for_each(job);
    plan.groups.iter_mut().for_each(group);
    plan.messages.iter_mut().for_each(|message| make_printable(&mut message.text));
    plan
}

fn job(job: &mut Job) {
    let Job { number, name, stage, description, matrix_id, skip, dependencies, .. } = job;
    [number, name, stage, description].into_iter().for_each(make_printable);
    [matrix_id, skip].into_iter().flatten().chain(dependencies).for_each(make_printable);
}

fn group(group: &mut Group) {
    let Group { id, name, matrix_id, .. } = group;
    [id, name].into_iter().for_each(make_printable);
    matrix_id.iter_mut().for_each(make_printable);
}
