//! Writes `include/aither_orchestration.h` from the exports in `src/ffi`.
//!
//! The header is committed; it is rewritten only when its text changes, so that an unchanged
//! interface leaves the file's time alone and `cargo xtask test` can tell drift by its bytes.

use std::{env, error::Error, fs, path::PathBuf};

const FFI_SOURCES: &[&str] = &[
    "src/ffi/status.rs",
    "src/ffi/text.rs",
    "src/ffi/calls.rs",
    "src/ffi/playbook.rs",
    "src/ffi/run.rs",
    "src/ffi/runs.rs",
    "src/ffi/task.rs",
    "src/ffi/report.rs",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");

    let mut builder =
        cbindgen::Builder::new().with_config(cbindgen::Config::from_file(root.join("cbindgen.toml"))?);
    for source in FFI_SOURCES {
        println!("cargo:rerun-if-changed={source}");
        builder = builder.with_src(root.join(source));
    }

    let mut header = Vec::new();
    builder.generate()?.write(&mut header);

    let path = root.join("include/aither_orchestration.h");
    println!("cargo:rerun-if-changed={}", path.display());
    if fs::read(&path).ok().as_deref() != Some(header.as_slice()) {
        fs::write(&path, header)?;
    }
    Ok(())
}
