//! What runs leave on disk, below `<root>/.orchestration-cache/runs`: a journal of lines and the logs
//! of jobs. One thread a run does all the writing; nothing here knows what the lines say.
//!
//! ```text
//! runs/20261125-143022-1f3a61c2.jsonl    the journal
//! runs/20261125-143022-1f3a61c2.lock     held by the process that runs it
//! runs/20261125-143022-1f3a61c2/         logs of the jobs that wrote something
//!     0402-matrix-0.log
//! ```

mod folder;
mod log_file;
mod logbook;
mod name;
mod recorder;
mod retention;

pub(crate) use folder::private_file;
pub use folder::{project_cache, RunFolder, RunLock};
pub use log_file::{read_log, LogLine, LogPart};
pub use logbook::Logbook;
pub use name::{is_run_id, log_name, started};
pub use recorder::{Line, Recorder};
pub use retention::{sweep, Keep};
