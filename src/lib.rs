//! The native engine of AitherZero.Orchestration.
//!
//! What the user writes becomes a plan, the plan becomes a stream of events, and everything the
//! user gets is read off that stream. Each module is a room; a room uses the rooms listed above it
//! and no other:
//!
//! - [`error`]: what a refused request looks like from outside
//! - `printable`: texts of others in our own messages, with nothing that a terminal obeys
//! - `pool`: the threads that all rooms share for what takes time
//! - [`catalog`]: script folders, header fields, the sequence language
//! - [`expression`]: conditions, `${{ }}` and templates; data, never code
//! - [`mask`]: secrets become `***`
//! - [`matrix`]: expansion of dimensions, `include` and `exclude`
//! - [`playbook`]: every format of playbook as one model
//! - [`plan`]: sequence, matrix and variables become a graph of jobs
//! - [`cache`]: keys, inputs, the store of results, artifacts
//! - [`record`]: what runs leave on disk, and the one thread that writes it
//! - [`run`]: a pure scheduler, the engine around it, the journal and the result; jobs are pulled, never pushed
//! - [`report`]: what a run came to, as text for people and for other programs
//! - [`ffi`]: the C boundary and all `unsafe`

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod cache;
pub mod catalog;
pub mod error;
pub mod expression;
pub mod ffi;
pub mod mask;
pub mod matrix;
pub mod plan;
pub mod playbook;
mod pool;
mod printable;
pub mod record;
pub mod report;
pub mod run;
