//! The key of a job: what must be equal for a result to be used again.

mod key;

pub use key::{KeyError, KeyRequest, KeyScript};
