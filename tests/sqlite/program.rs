//! The program of the SQLite destination.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The destination's program, made when it is asked for first: a test may be built without the examples.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_airproof")).parent().expect("it is in a folder");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--locked", "--example", "sqlite"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        // Who runs tests sets these. A library whose build looks at them would be built anew, and all that stands on it.
        let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in names.filter(|name| of_package(name)) {
            build.env_remove(name);
        }
        build.arg("--target-dir").arg(folder.parent().expect("it is in a folder"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs").success(), "the SQLite destination can't be built");
        folder.join("examples/sqlite")
    })
}
