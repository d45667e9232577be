//! The threads that the whole library shares for what takes time: reading, hashing, restoring.
//!
//! They are started when they are needed first and stay. Where the system gives none, what can be done
//! on the caller's own thread is done there, and the next caller tries again.

use once_cell::sync::OnceCell;
use rayon::{prelude::*, ThreadPool, ThreadPoolBuilder};
use std::io;

static POOL: OnceCell<ThreadPool> = OnceCell::new();

/// The threads, as many as there are processors, or fewer where the system gives no more.
///
/// # Errors
/// What the system says when it does not give even one.
pub(crate) fn threads() -> io::Result<&'static ThreadPool> {
    POOL.get_or_try_init(|| {
        let named = |count| {
            ThreadPoolBuilder::new().thread_name(|at| format!("aither-pool-{at}")).num_threads(count).build()
        };
        // 0 is as many as usual.
        named(0).or_else(|_| named(1)).map_err(io::Error::other)
    })
}

/// What becomes of each of these, in their order, several at a time where that is possible.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, each: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    match threads() {
        Ok(pool) if items.len() > 1 => pool.install(|| items.into_par_iter().map(each).collect()),
        _ => items.into_iter().map(each).collect(),
    }
}
