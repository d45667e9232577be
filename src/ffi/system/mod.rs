//! What children need of the system and the standard library does not give. `run/process` calls it;
//! it stands here because every `unsafe` does.

#[cfg(target_os = "linux")]
mod spawn;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub use spawn::{spawn, Launch};
#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal. Unix only.
    #[cfg_attr(windows, allow(dead_code, reason = "there are no signals"))]
    Signal(i32),
}
