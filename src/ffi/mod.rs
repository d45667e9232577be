//! The C boundary: every `unsafe` of the library, and no logic.
//!
//! [`status`] has the numbers, [`text`] the texts that cross in both directions, [`calls`] and
//! [`playbook`] the exports without a run, [`run`] those of a run, [`runs`] those of what is recorded
//! of runs, [`task`] those that may take long, [`report`] the one about reports. Every export stands in
//! a guard which catches panics.
//! [`system`] is no part of the interface: it is what `run/process` needs of the system.

#![allow(unsafe_code)]

pub mod calls;
mod guard;
#[cfg(feature = "test-panics")]
pub mod injected;
pub mod playbook;
pub mod report;
pub mod run;
pub mod runs;
pub mod status;
pub(crate) mod system;
pub mod task;
pub mod text;
