//! What the operating system and the processor decide.

use crate::error::Error;
use std::env::consts::{ARCH, DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX, OS};

/// .NET's runtime identifier of this machine, the name of the library's folder in the module.
pub fn runtime_identifier() -> Result<&'static str, Error> {
    identifier_of(OS, ARCH)
        .ok_or_else(|| Error::Invalid(format!("there is no runtime identifier for {OS} on {ARCH}")))
}

fn identifier_of(os: &str, arch: &str) -> Option<&'static str> {
    match (os, arch) {
        ("linux", "x86_64") => Some("linux-x64"),
        ("linux", "aarch64") => Some("linux-arm64"),
        ("windows", "x86_64") => Some("win-x64"),
        ("windows", "aarch64") => Some("win-arm64"),
        ("macos", "x86_64") => Some("osx-x64"),
        ("macos", "aarch64") => Some("osx-arm64"),
        _ => None,
    }
}

/// The file name of the native library.
pub fn library_name() -> String {
    format!("{DLL_PREFIX}aither_orchestration{DLL_SUFFIX}")
}

/// The file name of a program.
pub fn program_name(stem: &str) -> String {
    format!("{stem}{EXE_SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::identifier_of;

    #[test]
    fn every_supported_system_has_its_identifier() {
        assert_eq!(identifier_of("linux", "x86_64"), Some("linux-x64"));
        assert_eq!(identifier_of("windows", "aarch64"), Some("win-arm64"));
        assert_eq!(identifier_of("macos", "aarch64"), Some("osx-arm64"));
        assert_eq!(identifier_of("plan9", "x86_64"), None);
    }
}
