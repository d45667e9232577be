//! Results that need not be computed again: keys, inputs, and the store of what jobs came to.
//!
//! A key covers everything a job depends on; what is stored under it is replayed only as long as it
//! is exactly what was stored. Deleting the folder, or any part of it, is always safe.

pub mod artifact;
mod atomic;
mod blobs;
mod collect;
mod content;
mod digest;
mod document;
mod encode;
mod entry;
mod explain;
pub mod folder;
mod ignored;
mod index;
mod job;
mod key;
mod lock;
mod manifest;
mod needs;
mod outputs;
mod patterns;
mod prospect;
mod request;
mod restore;
mod scanner;
mod sealed;
mod stamp;
mod store;
mod stored_index;
mod timestamp;
mod tracked;
mod walk;

pub use collect::{Collected, Limits};
pub use digest::{Digest, NoDigest};
pub use document::{InputsKey, KeyDocument, Need, ScriptKey};
pub use entry::{Body, Metadata, ScriptLine, StoredFile, StoredResult};
pub use explain::{differences, Files};
pub use job::{Identity, RunCache, Values};
pub use key::{KeyError, KeyParts, KeyRequest, KeyScript, ScriptPart};
pub use lock::Lease;
pub use manifest::Manifest;
pub use needs::needs;
pub use patterns::PatternError;
pub use prospect::{prospects, Expected, Prospect};
pub use request::{CacheMode, CacheRequest, NotCached};
pub use restore::Refusal;
pub use scanner::{ScanError, Scanner, View};
pub use sealed::Unsealed;
pub use store::{Entry, Finished, Listed, Miss, NotStored, Store, StoredRun, FOLDER};
pub use timestamp::of as timestamp;
