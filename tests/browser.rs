//! The HTML report in a browser, as whoever opens it meets it. Without Chromium these tests say SKIPPED; in CI they fail.

mod npm;
mod sample;

#[path = "browser/access.rs"]
mod access;
#[path = "browser/devtools.rs"]
mod devtools;
#[path = "browser/filtering.rs"]
mod filtering;
#[path = "browser/hostile.rs"]
mod hostile;
#[path = "browser/looks.rs"]
mod looks;
#[path = "browser/speed.rs"]
mod speed;

use airproof::report::html::render;
use airproof::verdict::Results;
use devtools::Browser;
use std::path::{Path, PathBuf};

/// The report of these results as a file.
fn report(name: &str, results: &Results) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{name}.html"));
    std::fs::write(&file, render(results)).expect("written");
    file
}

/// A browser that has opened the report of these results.
fn opened(name: &str, results: &Results, fragment: &str) -> Option<Browser> {
    let mut browser = Browser::start()?;
    browser.open(&report(name, results), fragment);
    Some(browser)
}
