//! What tests need from npm: fetched once, as a lock file pins it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of dependencies, named `name`, by the text of its `package.json` and of its `package-lock.json`. None where npm
/// can't have them; `purpose` is what is not judged then. In CI they must be had.
#[allow(clippy::print_stderr, reason = "a test that did not run says so")]
pub fn dependencies(name: &str, package: &str, lock: &str, purpose: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Written last, so what is there without it is half of it.
    let complete = folder.join("complete");
    if std::fs::read_to_string(&complete).is_ok_and(|text| text == lock) {
        return Some(folder);
    }
    std::fs::create_dir_all(&folder).expect("a folder");
    for (file, text) in [("package.json", package), ("package-lock.json", lock)] {
        std::fs::write(folder.join(file), text).expect("written");
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .output();
    let complaint = match npm {
        Ok(output) if output.status.success() => {
            std::fs::write(complete, lock).expect("written");
            return Some(folder);
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => format!("npm does not start: {error}"),
    };
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} can't be had: {complaint}");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {name} can't be had, so {purpose}: {complaint}");
    None
}
