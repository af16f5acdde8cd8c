//! The example reports in `reports/example/`: made of stored results by the templates as they are now, and of the faulty source as it
//! is now. AIRPROOF_UPDATE=1 makes them anew.

#[path = "faulty/program.rs"]
#[allow(clippy::unwrap_used, reason = "tests")]
mod program;

use airproof::report::html::render;
use airproof::verdict::{Results, read};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/example");
const SUITE: &str = include_str!("../fixtures/connectors/faulty/airproof.yml");

/// What the source of the example does wrong.
const FAULTS: [&str; 12] = [
    "loss-tie-cut-in-two",
    "cursor-descends-between-states",
    "secret-in-a-log",
    "type-date-a-number",
    "log-as-plain-text",
    "status-started-twice",
    "check-says-it-twice",
    "schema-required-as-a-flag",
    "trace-time-in-seconds",
    "log-of-a-response",
    "record-of-another-stream",
    "control-without-time",
];

fn updates() -> bool {
    std::env::var_os("AIRPROOF_UPDATE").is_some()
}

fn stored(name: &str) -> (PathBuf, Results) {
    let file = Path::new(FOLDER).join(format!("{name}.json"));
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    (file, read(&bytes).expect("results"))
}

#[test]
fn the_pages_are_what_the_templates_make_of_the_results() {
    for name in ["source-shop", "source-faker"] {
        let (file, results) = stored(name);
        let (page, now) = (file.with_extension("html"), render(&results));
        // That of the faulty source is made with its results, by the other test.
        if updates() && name != "source-shop" {
            std::fs::write(&page, &now).expect("written");
        }
        let then = std::fs::read_to_string(&page).unwrap_or_default();
        assert!(then == now || updates(), "{} is not current: run this test with AIRPROOF_UPDATE=1", page.display());
    }
}

/// What was found, without what differs from run to run.
fn found(results: &Results) -> BTreeSet<(String, String)> {
    results.findings.iter().map(|finding| (finding.rule.clone(), finding.title.clone())).collect()
}

#[test]
fn the_faulty_source_is_found_out_as_the_example_says() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(program::program(), folder.path().join("source-shop")).expect("copied");
    let suite = SUITE.replace("target/debug/examples/faulty", "./source-shop");
    std::fs::write(folder.path().join("airproof.yml"), suite).expect("written");
    let run = Command::new(env!("CARGO_BIN_EXE_airproof"))
        .args(["test", "airproof.yml", "--report-dir", "report", "--format", "json"])
        .env("FAULT", FAULTS.join("+"))
        .current_dir(folder.path())
        .status();
    assert_eq!(run.expect("it runs").code(), Some(1));
    let made = std::fs::read(folder.path().join("report/results.json")).expect("results");
    let own = folder.path().canonicalize().expect("a folder");
    let text = String::from_utf8(made).expect("UTF-8").replace(&format!("{}/", own.display()), "");
    let file = Path::new(FOLDER).join("source-shop.json");
    if updates() {
        std::fs::write(&file, &text).expect("written");
        std::fs::write(file.with_extension("html"), render(&read(text.as_bytes()).expect("results"))).expect("written");
    }
    let now = read(text.as_bytes()).expect("results");
    assert_eq!(found(&now), found(&stored("source-shop").1), "run this test with AIRPROOF_UPDATE=1");
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "a path of this machine is in the example");
    assert_eq!(now.findings[0].rule, "EXP-02", "lost records are what is read first");
}
