//! Playbooks: one file a format, all of them turned into one [`Playbook`].
//!
//! A format's quirks stay in its own file. Whatever a document says is either honoured, which means
//! that it is in the model, or named in [`Playbook::warnings`] with its path.

mod at;
mod check;
mod document;
mod element;
mod error;
mod fields;
mod item;
mod keep;
mod list;
mod locate;
mod lookup;
mod model;
mod options;
mod parse;
mod reuse;
mod sections;
mod stage;
mod step;
mod v1;
mod v2;
mod v3;

pub use check::check;
pub use document::MOST_BYTES;
pub use element::is_sequence;
pub use error::PlaybookError;
pub use keep::*;
pub use locate::locate;
pub use lookup::{find, list as list_playbooks, Found, LookupError, PLAYBOOK_FOLDERS};
pub use model::*;
pub use parse::{detect, parse, ParseRequest, Source};
pub use reuse::{bind_inputs, Chain, MOST_LEVELS};
